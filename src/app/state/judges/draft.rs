//! A label set that is being made.

use crate::domain::{LabelTask, PrincipleId, PromptId, RunId};

/// A label set that is being made.
#[derive(Debug, Clone, PartialEq)]
pub struct SetDraft {
    /// What it is called.
    pub name: String,
    /// What is asked.
    pub task: LabelTask,
    /// Where its items come from.
    pub source: ItemSource,
    /// By what they are judged.
    pub aspect: AspectChoice,
    /// The most items; 0: all.
    pub limit: usize,
    /// Share of the prompts that are gold, in percent.
    pub gold: u32,
    /// Share of the items that come a second time, in percent.
    pub repeats: u32,
}

impl Default for SetDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            task: LabelTask::Pairwise,
            source: ItemSource::Nothing,
            aspect: AspectChoice::AllInAll,
            limit: 60,
            gold: 50,
            repeats: 10,
        }
    }
}

/// Where the items of a new set come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ItemSource {
    /// Not chosen yet.
    #[default]
    Nothing,
    /// The rows of a run or comparison.
    Run {
        /// Which.
        run: RunId,
        /// Only these prompts; empty: all.
        only: Vec<PromptId>,
    },
}

/// What the items of a new set are judged by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AspectChoice {
    /// All in all.
    #[default]
    AllInAll,
    /// Each principle of a constitution, by stem: one item for each.
    Principles(String),
    /// Each criterion of a rubric, by stem: one item for each.
    Criteria(String),
    /// A principle of a constitution, by stem.
    Principle(String, PrincipleId),
    /// A criterion of a rubric, by stem.
    Criterion(String, crate::domain::CriterionId),
}
