//! Verdicts: what a judge said, and whether it could be read.
//!
//! A verdict that can't be read is a state of its own, never a number.
#![warn(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::ids::{CriterionId, PrincipleId};
use super::label::LabelAnswer;
use super::recipe::JudgeProtocol;
use super::row::RowFailure;

/// How a number was got out of a judge's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reading {
    /// From log-probabilities: Σ p·s over the levels.
    Expected {
        /// The expected value, in the scale's unit.
        value: f64,
        /// Level and its normalised probability, lowest first.
        distribution: Vec<(f64, f64)>,
        /// Probability of any of the levels, 0..=1; low: not answered in this form.
        mass: f64,
    },
    /// From the text: a level or letter was named.
    Parsed {
        /// The value named, in the scale's unit.
        value: f64,
    },
    /// From the text of several samples.
    Sampled {
        /// The mean, in the scale's unit.
        value: f64,
        /// How many samples could be read.
        votes: u32,
        /// How many could not.
        unread: u32,
    },
    /// Nothing could be read.
    Unparsed {
        /// What the judge wrote.
        text: String,
    },
}

impl Reading {
    /// The value, where there is one.
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Expected { value, .. } | Self::Parsed { value } | Self::Sampled { value, .. } => {
                Some(*value)
            }
            Self::Unparsed { .. } => None,
        }
    }

    /// The probability of any of the answers, where it is known.
    pub fn mass(&self) -> Option<f64> {
        match self {
            Self::Expected { mass, .. } => Some(*mass),
            Self::Parsed { .. } | Self::Sampled { .. } | Self::Unparsed { .. } => None,
        }
    }
}

/// A judge's verdict on one criterion of one response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriterionVerdict {
    /// The criterion.
    pub criterion: CriterionId,
    /// The level (for levels) or the probability that it is met, 0..=1 (for points).
    pub reading: Reading,
    /// The value as a unit score 0..=1, higher is better (a fault that is met scores 0).
    pub unit: Option<f64>,
    /// Why, in the judge's words; written before the verdict where asked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A response's reward under a rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The reward; `None` when any criterion with a weight could not be read.
    pub reward: Option<f64>,
    /// One verdict a criterion, in the rubric's order.
    pub criteria: Vec<CriterionVerdict>,
    /// Criteria whose gate failed, which made the reward 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates_failed: Vec<CriterionId>,
    /// Criteria whose verdict could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unparsed: Vec<CriterionId>,
}

/// Which text words were quoted from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Passage {
    /// The pair's first response, wherever it was shown.
    A,
    /// Its second.
    B,
    /// The prompt: as it is where it is one user's message, else all of its messages as one text.
    Message,
}

/// Where quoted words stand: bytes `start..end` of a text as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Which text.
    pub passage: Passage,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Words that a judge's reason puts into quotation marks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotation {
    /// The words as the judge wrote them.
    pub words: String,
    /// Where they stand first in each text that has them; empty: in none, so the judge quotes what
    /// nobody wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<Place>,
}

/// What a judge said before it read its own verdict again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FirstSaid {
    /// P(A is better) with A shown first, 0..=1.
    pub p_ab: Option<f64>,
    /// P(A is better) with B shown first, 0..=1.
    pub p_ba: Option<f64>,
    /// Why, in its words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// A judge's verdict on a pair under one principle, both orders.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PrincipleVerdict {
    /// The principle asked about.
    pub principle: PrincipleId,
    /// P(A is better) with A shown first, 0..=1; for pointwise protocols there is no order, and
    /// both are the same number.
    pub p_ab: Option<f64>,
    /// P(A is better) with B shown first, 0..=1.
    pub p_ba: Option<f64>,
    /// The lowest answer mass of its calls, where known.
    pub mass: Option<f64>,
    /// What the judge wrote where it could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unparsed: Vec<String>,
    /// Whether the probabilities are estimated from sampled votes instead of log-probabilities.
    #[serde(default)]
    pub estimated: bool,
    /// Why, in the judge's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The mean probability of “tie” over its answers, 0..=1, where it may say so; one half of it
    /// counts for either side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie: Option<f64>,
    /// What its reasons quote, each words once, and where that stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Quotation>,
    /// What it said at first, where it was asked to read its verdict again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Box<FirstSaid>>,
}

impl PrincipleVerdict {
    /// The words that its reasons quote and that stand in none of the texts.
    pub fn invented(&self) -> impl Iterator<Item = &str> {
        self.spans.iter().filter(|span| span.at.is_empty()).map(|span| span.words.as_str())
    }

    /// The mean of both orders; `None` unless both could be read.
    pub fn p_a(&self) -> Option<f64> {
        Some(f64::midpoint(self.p_ab?, self.p_ba?))
    }
}

/// What one of several judges said of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgeSaid {
    /// Its model's name.
    pub model: String,
    /// Its verdict; where it failed, what it had said by then.
    pub verdict: PairVerdict,
    /// Why it has no whole verdict; it is then not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<RowFailure>,
}

/// What one of several judges made of a response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgeScore {
    /// Its model's name.
    pub model: String,
    /// Its score; where it failed, of the criteria that it had judged by then.
    pub score: Option<Score>,
    /// Why it has no whole score; it is then not counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<RowFailure>,
}

/// What a model made of a judge's verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetaVerdict {
    /// P(the verdict is right), 0..=1; `None` where it could not be read.
    pub p_right: Option<f64>,
    /// The answer mass, where known.
    pub mass: Option<f64>,
    /// Whether it is estimated from votes.
    pub estimated: bool,
    /// Why, in the model's words.
    pub reason: String,
    /// What could not be read.
    pub unparsed: Vec<String>,
}

/// A judge's verdict on a pair.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PairVerdict {
    /// P(A is better), the mean over the principles that could be read; `None` where none could.
    pub p_a: Option<f64>,
    /// The same with A shown first.
    pub p_ab: Option<f64>,
    /// The same with B shown first.
    pub p_ba: Option<f64>,
    /// How the judge was asked.
    pub protocol: JudgeProtocol,
    /// Each principle's verdict, in the order drawn.
    pub principles: Vec<PrincipleVerdict>,
    /// Where several models may judge: what each said that was asked, in the judge's order; the
    /// numbers above are then what the judge's rule makes of them. Empty where one model judges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judges: Vec<JudgeSaid>,
}

/// Who is better by a P(A is better) of `p`, 0..=1: a tie within `band` of one half, and exactly at
/// it. The band's own edge is outside.
pub fn better_side(p: f64, band: f64) -> LabelAnswer {
    // Sums of decimals miss the edge by a hair.
    let is_tie = (p - 0.5).abs() < (band - 1e-9).max(1e-12);
    match (is_tie, p > 0.5) {
        (true, _) => LabelAnswer::Tie,
        (false, true) => LabelAnswer::A,
        (false, false) => LabelAnswer::B,
    }
}

impl PairVerdict {
    /// Who is better: a tie where P(A is better) is within `band` of one half, and exactly at it;
    /// `None` where it could not be read.
    pub fn side(&self, band: f64) -> Option<LabelAnswer> {
        Some(better_side(self.p_a?, band))
    }

    /// P(tie), 0..=1, where the judge may say so: the mean over the principles that could be read,
    /// of several judges over those that count. Half of it is in `p_a`, so it is cut to what that
    /// leaves room for. `None` where none may say so.
    pub fn tie(&self) -> Option<f64> {
        let p_a = self.p_a?;
        let ties: Vec<Option<f64>> = if self.judges.is_empty() {
            let read = self.principles.iter().filter(|one| one.p_a().is_some());
            read.map(|one| one.tie).collect()
        } else {
            let count = self.judges.iter().filter(|said| said.failure.is_none());
            count.map(|said| said.verdict.tie()).collect()
        };
        if ties.iter().all(Option::is_none) {
            return None;
        }
        let mean = ties.iter().map(|tie| tie.unwrap_or(0.0)).sum::<f64>() / ties.len() as f64;
        Some(mean.clamp(0.0, 2.0 * p_a.min(1.0 - p_a)))
    }

    /// The judges that failed.
    pub fn failed_judges(&self) -> impl Iterator<Item = (&str, &RowFailure)> {
        self.judges.iter().filter_map(|said| Some((said.model.as_str(), said.failure.as_ref()?)))
    }

    /// p_ab − p_ba: how much A gains by being shown first; 0 for pointwise protocols.
    pub fn order_gap(&self) -> Option<f64> {
        Some(self.p_ab? - self.p_ba?)
    }

    /// Whether the winner changes with the order.
    pub fn flipped(&self) -> Option<bool> {
        let (ab, ba) = (self.p_ab?, self.p_ba?);
        Some((ab > 0.5 && ba < 0.5) || (ab < 0.5 && ba > 0.5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_one_half_is_a_tie() {
        let side = |p_a, band| PairVerdict { p_a, ..PairVerdict::default() }.side(band);
        for (p, band, expected) in [
            (Some(0.5), 0.0, Some(LabelAnswer::Tie)),
            (Some(0.51), 0.0, Some(LabelAnswer::A)),
            (Some(0.549), 0.05, Some(LabelAnswer::Tie)),
            (Some(0.55), 0.05, Some(LabelAnswer::A)),
            (Some(0.45), 0.05, Some(LabelAnswer::B)),
            (None, 0.05, None),
        ] {
            assert_eq!(side(p, band), expected, "{p:?} {band}");
        }
    }

    #[test]
    fn ties_are_a_mean_that_leaves_room_for_the_sides() {
        let under = |p_ab, tie| PrincipleVerdict {
            p_ab: Some(p_ab),
            p_ba: Some(p_ab),
            tie,
            ..PrincipleVerdict::default()
        };
        let verdict =
            |p_a, principles| PairVerdict { p_a: Some(p_a), principles, ..PairVerdict::default() };
        let said = verdict(0.6, vec![under(0.7, Some(0.2)), under(0.5, Some(0.6))]);
        assert!((said.tie().unwrap() - 0.4).abs() < 1e-12);
        assert_eq!(verdict(0.7, vec![under(0.7, None)]).tie(), None, "it could not say so");
        assert_eq!(PairVerdict { p_a: None, ..said.clone() }.tie(), None);
        assert!((verdict(0.9, vec![under(0.9, Some(0.6))]).tie().unwrap() - 0.2).abs() < 1e-12);
        let failed = PairVerdict::default();
        let judge = |verdict, failure| JudgeSaid { model: "m".to_owned(), verdict, failure };
        let why = RowFailure {
            at: "comparison".to_owned(),
            failure: crate::domain::CallFailure::new(
                crate::domain::FailureKind::Timeout,
                "slow",
                "",
            ),
        };
        let judges = vec![judge(said, None), judge(failed, Some(why))];
        let panel = PairVerdict { p_a: Some(0.5), judges, ..PairVerdict::default() };
        assert!((panel.tie().unwrap() - 0.4).abs() < 1e-12, "who failed does not count");
    }

    #[test]
    fn verdicts_of_before_are_read_as_they_were() {
        let old = r#"{"p_a":0.5,"p_ab":0.4,"p_ba":0.6,"protocol":"Pairwise","principles":[
            {"principle":"P1","p_ab":0.4,"p_ba":0.6,"mass":0.9,"estimated":false}]}"#;
        let verdict: PairVerdict = serde_json::from_str(old).unwrap();
        assert!(verdict.judges.is_empty() && verdict.principles[0].spans.is_empty());
        let again = serde_json::to_string(&verdict).unwrap();
        for new in ["judges", "spans", "tie", "first"] {
            assert!(!again.contains(new), "{new} is not written where there is none: {again}");
        }
    }
}
