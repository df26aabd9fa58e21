//! The sheet of a new run: what is chosen, and what a pilot found.

use super::SampleRow;
use crate::app::message::Failure;
use crate::domain::RunId;
pub use crate::engine::Estimate as Forecast;
use crate::engine::estimate::SEED;
use crate::engine::{DryCount, Pace, PilotRow, from_pilot};
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
    /// What the rows to come will take, by the pilot; `None`: there is no pilot of just this, or
    /// too short a one.
    pub forecast: Option<Forecast>,
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
    /// Its rows with what is behind each, from which [`from_pilot`] foretells the others.
    pub measured: Vec<PilotRow>,
    /// Requests that it sent.
    pub sent: u64,
    /// Seconds that it took.
    pub seconds: f64,
    /// Rows that it had at work at once, 1 or more.
    pub rows_at_once: u64,
    /// Whether a model has no price, so that the cost is too low.
    pub is_price_unknown: bool,
    /// Its first rows.
    pub sample: Vec<SampleRow>,
}

impl PilotFacts {
    /// What so many more rows will take with what is chosen, as the command line says it, too.
    fn forecast(&self, rows: u64, settings: &RunSettings) -> Option<Forecast> {
        let pace = Pace {
            calls: self.sent,
            seconds: self.seconds,
            rows_at_once: self.rows_at_once,
            at_once: u64::from(settings.at_once),
            per_minute: settings.per_minute,
        };
        from_pilot(&self.measured, rows, pace, SEED)
    }
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

    /// How many rows are still to be made, of a run of so many: those that the journal has whole
    /// cost nothing; until that is counted, the pilot's.
    pub fn rows_to_come(&self, rows: u64) -> u64 {
        let there = match (self.counted(), self.facts()) {
            (Some(Ok(counted)), _) => counted.rows_whole,
            (_, Some(facts)) => facts.rows.saturating_sub(facts.failed),
            (_, None) => 0,
        };
        rows.saturating_sub(there)
    }

    /// Foretells anew what the rows to come will take, of a set of so many prompts.
    pub fn foretell(&mut self, prompts: usize) {
        let rows = self.rows_to_come(self.settings.rows(prompts));
        self.forecast = self.facts().and_then(|facts| facts.forecast(rows, &self.settings));
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
