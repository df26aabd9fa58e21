//! All measures of a judge's pairs together.

use super::super::bootstrap::Clusters;
use super::super::estimate::{Measured, Unknown};
use super::format_failures::{FormatFailures, format_failures};
use super::length::{LengthBias, LengthRow, length_bias};
use super::position::{BothOrders, Position, position};
use super::self_preference::{OwnPair, SelfPreference, self_preference};
use super::style::{Style, StyleBias, style_bias};

/// One of a pair's two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

/// A pair as the panel sees it; what is not known is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelRow {
    /// The prompt.
    pub item: String,
    /// P(A is better) with A shown first, 0..=1; `None` where it could not be read.
    pub p_ab: Option<f64>,
    /// The same with B shown first.
    pub p_ba: Option<f64>,
    /// The lowest answer mass of its calls, where known.
    pub mass: Option<f64>,
    /// P(B is better) by people: 0, ½ or 1, or a share.
    pub human_b: Option<f64>,
    /// What A and B look like.
    pub styles: Option<(Style, Style)>,
    /// Which of them is by the judge's own model or family, where exactly one is.
    pub own: Option<Side>,
}

impl PanelRow {
    /// P(B is better), both orders averaged; `None` unless both could be read.
    pub fn judge_b(&self) -> Option<f64> {
        Some(1.0 - f64::midpoint(self.p_ab?, self.p_ba?))
    }

    fn own_pair(&self) -> Option<OwnPair> {
        let own = self.own?;
        let is_own =
            |p_b: f64| ((p_b - 0.5).abs() > 1e-9).then_some((p_b > 0.5) == (own == Side::B));
        Some(OwnPair { judge_own: is_own(self.judge_b()?)?, human_own: is_own(self.human_b?)? })
    }
}

/// A judge's bias panel. A part is `Err` where its data do not fit together.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Panel {
    /// Whether place decides.
    pub position: Measured<Position>,
    /// Whether length does.
    pub length: Measured<LengthBias>,
    /// Whether the judge is milder with its own.
    pub self_preference: Measured<SelfPreference>,
    /// Whether length and markdown decide more than with people.
    pub style: Measured<StyleBias>,
    /// Whether it answers in the form asked for.
    pub format: FormatFailures,
}

/// Measures a judge's pairs; each part takes the rows that have what it needs.
pub fn panel(rows: &[PanelRow], seed: u64) -> Panel {
    let pick = |keep: &dyn Fn(&PanelRow) -> bool| -> Vec<&PanelRow> {
        rows.iter().filter(|row| keep(row)).collect()
    };
    let clusters = |rows: &[&PanelRow]| Clusters::by(rows.iter().map(|row| &row.item));
    let read = pick(&|row| row.judge_b().is_some());
    let orders: Vec<BothOrders> = read
        .iter()
        .filter_map(|row| Some(BothOrders { p_ab: row.p_ab?, p_ba: row.p_ba? }))
        .collect();
    let with_style = pick(&|row| row.judge_b().is_some() && row.styles.is_some());
    let lengths: Vec<LengthRow> = with_style
        .iter()
        .filter_map(|row| {
            let (a, b) = row.styles?;
            Some(LengthRow {
                judge_b: row.judge_b()?,
                human_b: row.human_b,
                len_a: f64::from(a.words),
                len_b: f64::from(b.words),
            })
        })
        .collect();
    let own = pick(&|row| row.own_pair().is_some());
    let own_pairs: Vec<OwnPair> = own.iter().filter_map(|row| row.own_pair()).collect();
    let masses: Vec<f64> = rows.iter().filter_map(|row| row.mass).collect();
    let unread =
        rows.iter().map(|row| u64::from(row.p_ab.is_none()) + u64::from(row.p_ba.is_none())).sum();
    Panel {
        position: position(&orders, &clusters(&read), seed),
        length: length_bias(&lengths, &clusters(&with_style), seed),
        self_preference: self_preference(&own_pairs, &clusters(&own), seed),
        style: style_of(&with_style, seed),
        format: format_failures(2 * rows.len() as u64, unread, &masses),
    }
}

/// Style against people where enough pairs have a label, of the judge alone otherwise.
fn style_of(rows: &[&PanelRow], seed: u64) -> Measured<StyleBias> {
    let labelled: Vec<&PanelRow> =
        rows.iter().copied().filter(|row| row.human_b.is_some()).collect();
    let fit = |rows: &[&PanelRow], people: Option<&[f64]>| {
        let differences: Vec<[f64; 4]> =
            rows.iter().filter_map(|row| row.styles.map(|(a, b)| a.difference(&b))).collect();
        let judge: Vec<f64> = rows.iter().filter_map(|row| row.judge_b()).collect();
        let clusters = Clusters::by(rows.iter().map(|row| &row.item));
        style_bias(&differences, &judge, people, &clusters, seed)
    };
    let people: Vec<f64> = labelled.iter().filter_map(|row| row.human_b).collect();
    match fit(&labelled, Some(&people)) {
        Err(Unknown::TooFew { .. }) => fit(rows, None),
        measured => measured,
    }
}
