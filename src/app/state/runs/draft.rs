//! The sheet of a new run: what is chosen, and what a pilot found.

use std::collections::BTreeMap;

use super::SampleRow;
use crate::app::message::Failure;
use crate::domain::{ModelRole, RunId};

/// Rows of a pilot.
pub const LEAST_PILOT: u32 = 10;

/// The sheet of a new run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewRun {
    /// What is chosen.
    pub settings: RunSettings,
    /// The last pilot, with what was chosen when it was started.
    pub pilot: Option<Pilot>,
}

/// What is chosen for a new run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunSettings {
    /// The recipe, by stem or a method's name.
    pub recipe: String,
    /// The prompt set, by stem.
    pub prompts: String,
    /// Only the first so many prompts; 0: all.
    pub limit: u32,
    /// The constitution, by stem.
    pub constitution: String,
    /// The rubric, by stem.
    pub rubric: String,
    /// Which model does what, by name.
    pub models: BTreeMap<ModelRole, String>,
    /// Who writes the pairs' two answers, by name; empty: the writer. `None`: as the recipe says.
    pub candidates: Option<[String; 2]>,
    /// Critique–revision rounds, 1..=6.
    pub rounds: u32,
    /// The seed.
    pub seed: u64,
    /// Rows at work at once, 1..=64.
    pub at_once: u32,
    /// US dollars at most; `None`: no limit.
    pub cap: Option<f64>,
    /// Per cent of rows that may fail before it stops; `None`: any.
    pub failures: Option<u32>,
}

/// A pilot of a new run.
#[derive(Debug, Clone, PartialEq)]
pub struct Pilot {
    /// Names its job.
    pub number: u64,
    /// What was chosen then; another choice makes it stale.
    pub settings: RunSettings,
    /// How far it is.
    pub state: PilotState,
}

/// How far a pilot is.
#[derive(Debug, Clone, PartialEq)]
pub enum PilotState {
    /// Under way, or waiting for the run that is on.
    Running,
    /// Done.
    Done(PilotFacts),
    /// It did not come to an end.
    Failed(Failure),
}

/// What a pilot found.
#[derive(Debug, Clone, PartialEq)]
pub struct PilotFacts {
    /// Its run.
    pub run: RunId,
    /// Rows made.
    pub rows: u64,
    /// Rows that failed.
    pub failed: u64,
    /// Verdicts that could not be read.
    pub unparsed: u64,
    /// Rows with an answer that was cut off at its longest length.
    pub cut_off: u64,
    /// Calls a row, those answered from the journal included.
    pub calls_per_row: f64,
    /// US dollars a row, least and most: the mean with two standard errors to either side.
    pub cost_per_row: (f64, f64),
    /// Whether a model has no price, so that the cost is too low.
    pub is_price_unknown: bool,
    /// Its first rows.
    pub sample: Vec<SampleRow>,
}

impl RunSettings {
    /// How many rows the run has, of a set of so many prompts.
    pub fn rows(&self, prompts: usize) -> u64 {
        let all = prompts as u64;
        if self.limit == 0 { all } else { all.min(u64::from(self.limit)) }
    }
}

impl NewRun {
    /// What a pilot found for just what is chosen now; how many rows and what they may cost or
    /// fail does not matter to it.
    pub fn facts(&self) -> Option<&PilotFacts> {
        let pilot = self.pilot.as_ref()?;
        let PilotState::Done(facts) = &pilot.state else { return None };
        let free = |settings: &RunSettings| RunSettings {
            limit: 0,
            cap: None,
            failures: None,
            at_once: 0,
            ..settings.clone()
        };
        (free(&pilot.settings) == free(&self.settings)).then_some(facts)
    }
}
