//! The report of a judge: what it says beside what people say, with all that is known of where it
//! goes wrong.
//!
//! One pure function of [`ReportItem`]s, [`judge_report`]; it never asks a model and never reads a
//! file. Rows that can't be used are counted by the reason, never taken as agreement or as
//! disagreement. Two judges are compared by [`compare_judges`].

mod calibrated;
mod compared;
mod disagreement;
mod item;
mod measured;
mod more;
#[cfg(test)]
mod tests;
mod weighed;
pub mod words;

use super::MIN_ITEMS;
use super::agreement::{AltTest, Group, JudgeAgreement, Repeats};
use super::bias::{FormatFailures, Panel, Robustness, SelfPreference};
use super::binomial::wilson;
use super::estimate::{Estimate, Measured, enough};
use crate::domain::LabelTask;

pub use calibrated::{Calibration, CorrectedOf, CorrectedRate, Repair};
pub use compared::{
    JudgesCompared, KappaDifference, ModelsTogether, compare_judges, compare_models,
};
pub use disagreement::Disagreement;
pub(super) use item::Unit;
pub use item::{AskedAgain, ItemJudged, ReportItem, Said, SaidTwice};
pub use measured::judge_report;
pub use more::MoreLabels;
pub use weighed::{ModelWeights, model_weights};

/// How many items there are of which kind. A row is counted once among `agreement`'s or under the
/// first reason why it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Counts {
    /// Items in all.
    pub items: u64,
    /// Left out since the judge was shown their prompt as an example.
    pub examples: u64,
    /// With a label that says something.
    pub labelled: u64,
    /// Of which people only said that they can't tell, or that it does not apply.
    pub unsure: u64,
    /// Labelled, but under an older guide or text of the principle.
    pub stale: u64,
    /// Of which the judge's verdict could be read.
    pub judged: u64,
    /// Of which it could not.
    pub unread: u64,
    /// For which a call failed.
    pub failed: u64,
    /// Which the judge was not asked about.
    pub not_asked: u64,
    /// Labelled now and judged, but people take no side.
    pub people_even: u64,
    /// The same, but the judge takes none.
    pub judge_even: u64,
    /// Gold items.
    pub gold: u64,
    /// Items for development.
    pub dev: u64,
}

/// How far scores are apart.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ScoreAgreement {
    /// Spearman's ρ of the judge's and the people's mean levels.
    pub spearman: Measured,
    /// The mean of how many levels they are apart.
    pub apart: Measured,
}

/// People among themselves.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct People {
    /// The labellers, by name, each with how many items they labelled.
    pub labellers: Vec<(String, u64)>,
    /// Krippendorff's α, where there are several.
    pub alpha: Option<Measured>,
    /// Whether the judge may take the place of one of them, where there are several.
    pub alt_test: Option<Measured<AltTest>>,
    /// Whether they say the same when an item comes again; `None` where none did.
    pub repeats: Option<Measured<Repeats>>,
}

/// What is known of a judge.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct JudgeReport {
    /// What was asked.
    pub task: LabelTask,
    /// How many items of which kind.
    pub counts: Counts,
    /// Agreement with people, where both take a side and the labels are not stale.
    pub agreement: JudgeAgreement,
    /// How often the judge says what people say, one that takes no side being half right, 0..=1;
    /// items on which people take no side are left out.
    pub right: Measured,
    /// Further numbers of scores.
    pub scores: Option<ScoreAgreement>,
    /// Agreement by principle or criterion. Where items name none, the verdict under each principle
    /// that the judge was asked about stands beside what people said all in all.
    pub by_principle: Vec<Group>,
    /// Agreement by tag of the prompts.
    pub by_tag: Vec<Group>,
    /// Agreement on gold and on development items, where there are both.
    pub by_split: Vec<Group>,
    /// Agreement with labels made under an older guide; `None` where there is none.
    pub stale: Option<JudgeAgreement>,
    /// Place, length, kin and style, of pairs.
    pub panel: Option<Panel>,
    /// Of single answers that fail by people: how often the judge passes its own kind's, and the
    /// others'.
    pub false_passes: Option<Measured<SelfPreference>>,
    /// Whether it answers in the form asked for.
    pub format: FormatFailures,
    /// Whether verdicts stay when they should.
    pub robustness: Robustness,
    /// Whether its probabilities mean what they say; `None` for scores.
    pub calibration: Option<Calibration>,
    /// The rate that its verdicts give with its errors taken out; `None` where there is no rate.
    pub corrected: Option<CorrectedRate>,
    /// How its models err together, where it has several.
    pub independence: Option<ModelsTogether>,
    /// The share of built-in canary items whose bad answer it passed; `None` where none was asked
    /// about.
    pub canaries: Option<Measured>,
    /// People among themselves.
    pub people: People,
    /// What κ's interval would be with more labels; empty where there is no interval yet.
    pub more_labels: Vec<MoreLabels>,
    /// Where judge and people take different sides, the most telling first.
    pub disagreements: Vec<Disagreement>,
}

/// The share of canaries whose bad answer was passed, with Wilson's interval; “too few” under
/// [`MIN_ITEMS`].
///
/// # Errors
///
/// [`super::Unknown::TooFew`].
pub fn canaries(asked: u64, passed: u64) -> Measured {
    enough(asked as usize, MIN_ITEMS)?;
    let value = passed.min(asked) as f64 / asked as f64;
    Ok(Estimate { value, interval: wilson(value, asked), n: asked })
}
