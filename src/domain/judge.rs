//! A judge: one model or several, and how they are asked.

use serde::{Deserialize, Serialize};

use super::label::LabelAnswer;
use super::problem::Problem;
use super::recalibration::Recalibration;
use super::recipe::{Delimiters, JudgeProtocol, Method};

mod asked_as;
mod check;

pub use asked_as::AskedAs;

/// Share of pairs that have a canary beside them unless told otherwise (judgement: of 500 pairs
/// ten, which tells a judge that looks from one that does not, for a fiftieth of the price).
pub const CANARIES: f64 = 0.02;

/// How several models' probabilities become one.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::Display,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
pub enum PanelRule {
    /// Their mean.
    #[default]
    #[strum(to_string = "Mean")]
    Mean,
    /// The side of more than half of them.
    #[strum(to_string = "Majority")]
    Majority,
    /// A side that all take, else one half.
    #[strum(to_string = "Unanimous")]
    Unanimous,
    /// A side that at least one takes and none opposes, else one half.
    #[strum(to_string = "Any")]
    Any,
    /// Their mean, each by its weight.
    #[strum(to_string = "Weighted")]
    Weighted,
}

/// What a judge is told and how its answer is read.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::Display,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
pub enum JudgeForm {
    /// The project's own templates.
    #[default]
    #[strum(to_string = "Usual")]
    Usual,
    /// The prompt and answer format that Prometheus models were trained on.
    #[strum(to_string = "Prometheus")]
    Prometheus,
}

/// A labelled pair that is shown to the judge before its question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeExample {
    /// What was asked of the model.
    pub prompt: String,
    /// The first answer.
    pub a: String,
    /// The second answer.
    pub b: String,
    /// What they were judged by; empty: all in all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub principle: String,
    /// Which was better by people.
    pub answer: LabelAnswer,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The label set and item that it comes from, so that its prompt is not reported on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from: String,
}

/// A judge, as `judges/<stem>.ron` has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeSetup {
    /// The version of the file's shape; see [`super::FORMAT`].
    pub format: u32,
    /// What people call it.
    pub name: String,
    /// Its models, by the project's names or as specifications; one or several. Empty: the
    /// project's judge.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// How several become one.
    #[serde(default)]
    pub rule: PanelRule,
    /// The weight of each model, in their order, for [`PanelRule::Weighted`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// The first model answers alone, and the others are asked only where its P(A is better) lies
    /// within this of one half, 0..=0.5; `None`: all are always asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_alone: Option<f64>,
    /// How it is asked.
    #[serde(default)]
    pub protocol: JudgeProtocol,
    /// What it is told.
    #[serde(default)]
    pub form: JudgeForm,
    /// Whether it writes a reason before its verdict.
    #[serde(default = "yes")]
    pub reason_first: bool,
    /// Whether it reads its own reason and verdict again and may change them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refine: bool,
    /// Votes in each order where there are no log-probabilities, 1 or more.
    #[serde(default = "two")]
    pub votes: u32,
    /// Principles drawn for each pair that names none, 1 or more.
    #[serde(default = "two")]
    pub principles_per_pair: u32,
    /// Whether it may answer that neither is better; for pairs shown side by side.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ties: bool,
    /// Share of pairs, 0..=1, that have one beside them of which everybody knows which is
    /// better, to see whether the judge looks at all.
    #[serde(default = "canaries")]
    pub canaries: f64,
    /// Shown before the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<JudgeExample>,
    /// What its probabilities mean by people's labels, where that was fitted; applied to exports
    /// that choose it, never to what the journal keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recalibration: Option<Recalibration>,
}

/// How one model is asked as a judge: settled by what it is when a plan is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manner {
    /// The form of the question; [`JudgeProtocol::Auto`] counts as pairwise.
    pub protocol: JudgeProtocol,
    /// What stands around the texts; [`Delimiters::Auto`] counts as quoted.
    pub delimiters: Delimiters,
    /// Whether a reason before its verdict helps it; it is asked for one where the judge wants one.
    pub reasons: bool,
}

impl From<JudgeProtocol> for Manner {
    /// Quoted lines, with a reason where the judge wants one.
    fn from(protocol: JudgeProtocol) -> Self {
        Self { protocol, delimiters: Delimiters::Quoted, reasons: true }
    }
}

impl JudgeSetup {
    /// A judge of the project's own model with the usual settings.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            format: super::FORMAT,
            name: name.into(),
            models: Vec::new(),
            rule: PanelRule::default(),
            weights: Vec::new(),
            first_alone: None,
            protocol: JudgeProtocol::default(),
            form: JudgeForm::default(),
            reason_first: true,
            refine: false,
            votes: two(),
            principles_per_pair: two(),
            ties: false,
            canaries: CANARIES,
            examples: Vec::new(),
            recalibration: None,
        }
    }

    /// What is wrong with it, worst first; empty when nothing is.
    pub fn problems(&self) -> Vec<Problem> {
        check::problems(self)
    }

    /// What of it a method's judge can't do; empty when nothing is.
    pub fn problems_in(&self, method: Method) -> Vec<Problem> {
        check::problems_in(self, method)
    }
}

fn canaries() -> f64 {
    CANARIES
}

fn yes() -> bool {
    true
}

fn two() -> u32 {
    2
}
