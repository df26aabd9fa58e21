//! Where judge and people take different sides.

use super::item::{EVEN, ReportItem, Said, Unit, value_of};
use crate::domain::{Certainty, LabelAnswer, PromptId, Split};

/// A prompt's beginning in the list, in characters.
const EXCERPT: usize = 200;

/// An item on which judge and people take different sides.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Disagreement {
    /// The item.
    pub item: String,
    /// Its prompt.
    pub prompt: PromptId,
    /// Its principle or criterion.
    pub aspect: Option<String>,
    /// Which part of the set it is in.
    pub split: Split,
    /// Whether its labels are stale.
    pub stale: bool,
    /// The beginning of the prompt's text.
    pub excerpt: String,
    /// What people come to.
    pub people: LabelAnswer,
    /// What each labeller said, and how sure they are.
    pub labels: Vec<(String, LabelAnswer, Option<Certainty>)>,
    /// What the judge comes to.
    pub judge: LabelAnswer,
    /// What it said.
    pub said: Said,
    /// The probability that it gives to the side it takes, ½..=1; of scores how far it is from the
    /// people's mean, in levels.
    pub confidence: f64,
    /// How much of the probability the order moves, p_ab − p_ba; `None` where there is no order.
    pub gap: Option<f64>,
    /// Whether the winner changes with the order.
    pub flipped: bool,
    /// Confidence × disagreement, 0..=1: what the list is sorted by.
    pub weight: f64,
    /// Why, in the judge's words.
    pub reason: String,
}

/// Items on which both take a side and it is not the same, or levels that differ; the most telling
/// first.
///
/// The weight is confidence × disagreement: how far the judge's probability and the people's share
/// are apart (of levels: by how much of the scale), times how sure the judge is, times how sure
/// the people said they are.
pub(super) fn disagreements(items: &[&ReportItem], unit: Unit) -> Vec<Disagreement> {
    let mut all: Vec<Disagreement> =
        items.iter().filter_map(|item| disagreement(item, unit)).collect();
    all.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.item.cmp(&b.item)));
    all
}

fn disagreement(item: &ReportItem, unit: Unit) -> Option<Disagreement> {
    let (judge, people) = (item.judge_value()?, item.people_value()?);
    if unit.category(judge)? == unit.category(people)? {
        return None;
    }
    let judged = item.judge.as_ref()?;
    let apart = (judge - people).abs();
    let (confidence, weight) = match unit {
        Unit::Probability => (judge.max(1.0 - judge), (2.0 * judge - 1.0).abs() * apart),
        Unit::Levels(levels) => (apart, apart / (levels - 1) as f64),
    };
    let (gap, flipped) = match judged.said {
        Said::Pair { p_ab: Some(ab), p_ba: Some(ba), .. } => {
            (Some(ab - ba), (ab - 0.5) * (ba - 0.5) < -EVEN)
        }
        _ => (None, false),
    };
    Some(Disagreement {
        item: item.item.clone(),
        prompt: item.prompt.clone(),
        aspect: item.aspect.clone(),
        split: item.split,
        stale: item.stale,
        excerpt: item.prompt_text.trim().chars().take(EXCERPT).collect(),
        people: item.people_answer()?,
        labels: item
            .people
            .iter()
            .filter(|(_, answer, _)| value_of(*answer).is_some())
            .cloned()
            .collect(),
        judge: judged.said.answer()?,
        said: judged.said,
        confidence,
        gap,
        flipped,
        weight: weight * item.certainty(),
        reason: judged.reason.clone(),
    })
}
