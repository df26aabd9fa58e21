//! Verdicts: what a judge said, and whether it could be read.
//!
//! A verdict that can't be read is a state of its own, never a number.
#![warn(clippy::wildcard_enum_match_arm)]

use serde::{Deserialize, Serialize};

use super::ids::{CriterionId, PrincipleId};
use super::recipe::JudgeProtocol;

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

/// A judge's verdict on a pair under one principle, both orders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
}

impl PrincipleVerdict {
    /// The mean of both orders; `None` unless both could be read.
    pub fn p_a(&self) -> Option<f64> {
        Some(f64::midpoint(self.p_ab?, self.p_ba?))
    }
}

/// A judge's verdict on a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
}

impl PairVerdict {
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
