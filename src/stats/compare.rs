//! All numbers of a comparison of two sides on the same prompts.

use std::collections::BTreeMap;

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation as _;

use super::bootstrap::{Interval, bootstrap_mean};
use super::holm::holm;
use super::length::{LengthControlled, length_controlled};
use super::win_rate::{
    Difference, Outcome, PairedDifference, WinRate, paired_difference, win_rate,
};
use crate::domain::{JudgeProtocol, PrincipleId, PromptId, Row};

/// Within this of one half a verdict is a tie unless the user says otherwise: no signal either way
/// (judgement; the band in which preference pairs are dropped, too).
pub const TIE_BAND: f64 = 0.05;

/// Bars of the histogram of P(B is better).
pub const BINS: usize = 20;

/// What is known of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Judgement {
    /// The judge's verdict.
    Judged {
        /// P(B is better), both orders averaged, 0..=1.
        p_b: f64,
        /// Whether the winner changes with the order; never for a judge of single answers.
        flipped: bool,
        /// How often the answer shown first was chosen, of both orders: 0, ½ or 1; `None` for a
        /// judge of single answers, and where an order was undecided.
        first: Option<f64>,
    },
    /// Both answers are the same, word for word: a tie, and no judge was asked.
    SameText,
    /// The judge's verdict could not be read.
    Unparsed,
    /// An answer or the verdict is missing because a call failed.
    Failed,
}

impl Judgement {
    /// P(B is better), where there is a number.
    pub fn p_b(&self) -> Option<f64> {
        match self {
            Self::Judged { p_b, .. } => Some(*p_b),
            Self::SameText => Some(0.5),
            Self::Unparsed | Self::Failed => None,
        }
    }

    /// Whether the winner changes with the order in which the answers are shown.
    pub fn is_flipped(&self) -> bool {
        matches!(self, Self::Judged { flipped: true, .. })
    }
}

/// Two answers to one prompt, as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The prompt.
    pub prompt: PromptId,
    /// Its topics.
    pub tags: Vec<String>,
    /// What is known of it.
    pub judgement: Judgement,
    /// P(B is better) under each principle that could be read.
    pub principles: Vec<(PrincipleId, f64)>,
    /// Words of A's and B's answer; `None` where one is missing.
    pub words: Option<(u32, u32)>,
    /// Whether each has a list.
    pub lists: (bool, bool),
    /// Single verdicts that could not be read.
    pub unread: u32,
    /// The failure's name, where it failed: `rate_limited`.
    pub failure: Option<String>,
}

impl Pair {
    /// A comparison's row as numbers.
    pub fn of_row(row: &Row) -> Self {
        let mut pair = Self {
            prompt: row.prompt.id.clone(),
            tags: row.prompt.tags.clone(),
            judgement: Judgement::Failed,
            principles: Vec::new(),
            words: None,
            lists: (false, false),
            unread: 0,
            failure: row.failure.as_ref().map(|failure| failure.failure.kind.to_string()),
        };
        let Some(both) = &row.pair else { return pair };
        pair.words = Some((words(&both.a), words(&both.b)));
        pair.lists = (has_list(&both.a), has_list(&both.b));
        pair.unread = both.verdict.principles.iter().map(|one| one.unparsed.len() as u32).sum();
        if row.failure.is_some() {
            // A verdict under some of the principles only must not stand for all.
            return pair;
        }
        if both.a == both.b {
            pair.judgement = Judgement::SameText;
            return pair;
        }
        pair.principles = both
            .verdict
            .principles
            .iter()
            .filter_map(|one| Some((one.principle.clone(), 1.0 - one.p_a()?)))
            .collect();
        pair.judgement = match both.verdict.p_a {
            None => Judgement::Unparsed,
            Some(p_a) => Judgement::Judged {
                p_b: 1.0 - p_a,
                flipped: both.verdict.flipped().unwrap_or(false),
                first: match both.verdict.protocol {
                    JudgeProtocol::Auto | JudgeProtocol::Pairwise => {
                        first_chosen(both.verdict.p_ab, both.verdict.p_ba)
                    }
                    JudgeProtocol::PointwiseYesNo | JudgeProtocol::PointwiseScale => None,
                },
            },
        };
        pair
    }
}

/// The share of both orders in which the answer shown first was chosen; both are P(A is better),
/// with A and with B shown first.
fn first_chosen(p_ab: Option<f64>, p_ba: Option<f64>) -> Option<f64> {
    let (ab, ba) = (p_ab?, p_ba?);
    let is_half = |p: f64| (p - 0.5).abs() < 1e-9;
    if is_half(ab) || is_half(ba) {
        return None;
    }
    Some(f64::midpoint(f64::from(u8::from(ab > 0.5)), f64::from(u8::from(ba < 0.5))))
}

/// Words by Unicode's rules, so that Chinese counts, too.
pub fn words(text: &str) -> u32 {
    u32::try_from(text.unicode_words().count()).unwrap_or(u32::MAX)
}

/// Whether a text has a list: at least two lines that begin with a bullet or a number.
pub fn has_list(text: &str) -> bool {
    text.lines().filter(|line| is_item(line)).take(2).count() == 2
}

pub(super) fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    let bullet = ["- ", "* ", "• ", "+ "].iter().any(|mark| line.starts_with(mark));
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = (1..=3).contains(&digits)
        && [". ", ") "].iter().any(|mark| line[digits..].starts_with(mark));
    bullet || numbered
}

/// How many pairs are in which state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PairCounts {
    /// Rows there are.
    pub rows: u64,
    /// Judged, or the same text.
    pub with_outcome: u64,
    /// The same text on both sides.
    pub same_text: u64,
    /// Verdicts that could not be read.
    pub unparsed: u64,
    /// Pairs with a failed call, by the failure's name.
    pub failed: BTreeMap<String, u64>,
    /// Judged pairs whose winner changes with the order.
    pub flipped: u64,
    /// Judged pairs that were shown in two orders.
    pub in_both_orders: u64,
}

impl PairCounts {
    /// Pairs with a failed call.
    pub fn failures(&self) -> u64 {
        self.failed.values().sum()
    }
}

/// A win rate on a part of the prompts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slice {
    /// The tag or principle.
    pub name: String,
    /// The win rate there.
    pub rate: WinRate,
    /// What can be said of it, after allowing for how many slices were looked at (Holm).
    pub difference: Difference,
}

/// All numbers of a comparison.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Measures {
    /// Within this of one half a verdict is a tie.
    pub band: f64,
    /// How many pairs are in which state.
    pub counts: PairCounts,
    /// B's win rate; `None` where no pair has an outcome.
    pub overall: Option<WinRate>,
    /// The same with the answers' lengths taken out; `None` under 100 pairs.
    pub length_controlled: Option<LengthControlled>,
    /// Pairs by P(B is better): [`BINS`] bars of the same width from 0 to 1; pairs of the same
    /// text are not among them.
    pub histogram: Vec<u64>,
    /// By tag, most pairs first.
    pub by_tag: Vec<Slice>,
    /// By principle that the judge was asked about, most pairs first.
    pub by_principle: Vec<Slice>,
    /// Words of the answers.
    pub words: Option<PairedDifference>,
    /// Share of answers with a list.
    pub lists: Option<PairedDifference>,
    /// How often the answer shown first was chosen, and its interval; `None` for a judge of single
    /// answers. Without a liking for the first it is one half.
    pub first_shown: Option<(f64, Option<Interval>, u64)>,
}

/// Measures a comparison; `seed` is that of the bootstrap.
pub fn measure<'p>(pairs: impl IntoIterator<Item = &'p Pair>, band: f64, seed: u64) -> Measures {
    let pairs: Vec<&Pair> = pairs.into_iter().collect();
    let with_outcome: Vec<(&Pair, f64)> =
        pairs.iter().filter_map(|pair| Some((*pair, pair.judgement.p_b()?))).collect();
    let outcomes: Vec<Outcome> =
        with_outcome.iter().map(|(_, p_b)| Outcome::of(*p_b, band)).collect();
    let written: Vec<&Pair> = pairs.iter().copied().filter(|pair| pair.words.is_some()).collect();
    let lengths: Vec<(f64, f64)> = with_outcome.iter().map(|(pair, _)| lengths_of(pair)).collect();
    let values: Vec<f64> = outcomes.iter().map(|outcome| outcome.value()).collect();
    let lists: Vec<(f64, f64)> = written
        .iter()
        .map(|pair| (f64::from(u8::from(pair.lists.0)), f64::from(u8::from(pair.lists.1))))
        .collect();
    let words: Vec<(f64, f64)> = written.iter().map(|pair| lengths_of(pair)).collect();
    Measures {
        band,
        counts: counts(&pairs),
        overall: win_rate(&outcomes, seed),
        length_controlled: length_controlled(&values, &lengths, seed),
        histogram: histogram(&pairs),
        by_tag: slices(
            with_outcome
                .iter()
                .flat_map(|(pair, p_b)| pair.tags.iter().map(|tag| (tag.as_str(), *p_b))),
            band,
            seed,
        ),
        by_principle: slices(
            pairs
                .iter()
                .flat_map(|pair| pair.principles.iter().map(|(id, p_b)| (id.as_str(), *p_b))),
            band,
            seed,
        ),
        words: paired_difference(&words, seed),
        lists: paired_difference(&lists, seed),
        first_shown: first_shown(&pairs, seed),
    }
}

fn lengths_of(pair: &Pair) -> (f64, f64) {
    pair.words.map_or((0.0, 0.0), |(a, b)| (f64::from(a), f64::from(b)))
}

fn counts(pairs: &[&Pair]) -> PairCounts {
    let mut counts = PairCounts { rows: pairs.len() as u64, ..PairCounts::default() };
    for pair in pairs {
        match &pair.judgement {
            Judgement::Judged { flipped, first, .. } => {
                counts.with_outcome += 1;
                counts.flipped += u64::from(*flipped);
                counts.in_both_orders += u64::from(first.is_some());
            }
            Judgement::SameText => {
                counts.with_outcome += 1;
                counts.same_text += 1;
            }
            Judgement::Unparsed => counts.unparsed += 1,
            Judgement::Failed => {
                let name = pair.failure.clone().unwrap_or_else(|| "failed".to_owned());
                *counts.failed.entry(name).or_default() += 1;
            }
        }
    }
    counts
}

fn histogram(pairs: &[&Pair]) -> Vec<u64> {
    let mut bars = vec![0; BINS];
    for pair in pairs {
        if let Judgement::Judged { p_b, .. } = pair.judgement {
            let bar = (p_b * BINS as f64).floor().clamp(0.0, (BINS - 1) as f64) as usize;
            bars[bar] += 1;
        }
    }
    bars
}

fn slices<'n>(named: impl Iterator<Item = (&'n str, f64)>, band: f64, seed: u64) -> Vec<Slice> {
    let mut by_name: BTreeMap<&str, Vec<Outcome>> = BTreeMap::new();
    for (name, p_b) in named {
        by_name.entry(name).or_default().push(Outcome::of(p_b, band));
    }
    let mut rates: Vec<(&str, WinRate)> = by_name
        .into_iter()
        .filter_map(|(name, outcomes)| Some((name, win_rate(&outcomes, seed)?)))
        .collect();
    rates.sort_by(|(a, x), (b, y)| y.n.cmp(&x.n).then_with(|| a.cmp(b)));
    // Only those with enough prompts are looked at, so only they count as looks.
    let looked_at: Vec<usize> = (0..rates.len())
        .filter(|place| rates[*place].1.difference() != Difference::TooFew)
        .collect();
    let p_values: Vec<f64> =
        looked_at.iter().map(|place| rates[*place].1.p_value.unwrap_or(1.0)).collect();
    let adjusted: BTreeMap<usize, f64> = looked_at.into_iter().zip(holm(&p_values)).collect();
    rates
        .into_iter()
        .enumerate()
        .map(|(place, (name, rate))| Slice {
            name: name.to_owned(),
            rate,
            difference: rate.difference_at(adjusted.get(&place).copied()),
        })
        .collect()
}

fn first_shown(pairs: &[&Pair], seed: u64) -> Option<(f64, Option<Interval>, u64)> {
    let shares: Vec<f64> = pairs
        .iter()
        .filter_map(|pair| match pair.judgement {
            Judgement::Judged { first, .. } => first,
            Judgement::SameText | Judgement::Unparsed | Judgement::Failed => None,
        })
        .collect();
    if shares.is_empty() {
        return None;
    }
    let mean = shares.iter().sum::<f64>() / shares.len() as f64;
    Some((mean, bootstrap_mean(&shares, seed), shares.len() as u64))
}
