//! The sheet of a new run: what is chosen, and what a pilot found.

use super::SampleRow;
use crate::app::message::Failure;
use crate::domain::RunId;
use crate::engine::DryCount;
pub use crate::store::waiting::RunChoices as RunSettings;

/// Rows of a pilot.
pub const LEAST_PILOT: u32 = 10;

/// The sheet of a new run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewRun {
    /// What is chosen.
    pub settings: RunSettings,
    /// The last pilot, with what was chosen when it was started.
    pub pilot: Option<Pilot>,
    /// How much of it the journal has.
    pub dry: Option<Dry>,
}

/// What is asked of the journal about what is chosen, before anything is paid.
#[derive(Debug, Clone, PartialEq)]
pub struct Dry {
    /// Names the question.
    pub number: u64,
    /// What was chosen when it was put.
    pub settings: RunSettings,
    /// What came of it; `None`: it is being counted.
    pub count: Option<Result<DryCount, Failure>>,
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
    /// Rows a second for each row at work; `None` where the journal answered many calls, which
    /// says nothing of how fast the others come.
    pub rows_per_second: Option<f64>,
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

/// What is chosen but for what changes no call: how many rows, how fast, when it stops.
fn asked(settings: &RunSettings) -> RunSettings {
    RunSettings {
        limit: 0,
        at_once: 0,
        per_minute: None,
        retries: 0,
        cap: None,
        cap_per_day: None,
        failures: None,
        refusals: None,
        ..settings.clone()
    }
}

impl NewRun {
    /// What a pilot found for just what is chosen now; how many rows and what they may cost or
    /// fail does not matter to it.
    pub fn facts(&self) -> Option<&PilotFacts> {
        let pilot = self.pilot.as_ref()?;
        let PilotState::Done(facts) = &pilot.state else { return None };
        (asked(&pilot.settings) == asked(&self.settings)).then_some(facts)
    }

    /// How much of what is chosen now the journal has, once that was counted.
    pub fn counted(&self) -> Option<&Result<DryCount, Failure>> {
        let dry = self.dry.as_ref()?;
        self.is_asked(dry).then_some(dry.count.as_ref())?
    }

    /// Whether it is being counted.
    pub fn is_counting(&self) -> bool {
        self.dry.as_ref().is_some_and(|dry| dry.count.is_none() && self.is_asked(dry))
    }

    /// Whether a question was about what is chosen now.
    pub fn is_asked(&self, dry: &Dry) -> bool {
        dry.settings.limit == self.settings.limit && asked(&dry.settings) == asked(&self.settings)
    }
}
