//! Runs of many rows: work outside the state, and what comes of it.

mod detail;
mod dry;
mod keep;
mod live;
mod start;

use std::sync::Arc;

use super::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure};
use crate::app::state::documents::Setup;
use crate::app::state::runs::{
    FailureGroup, PilotFacts, RunDetail, SampleRow, Slept, Trends, Wait,
};
use crate::domain::{Constitution, PromptSet, Recipe, Rubric, RunId};
use crate::engine::pulse::RunPulse;
use crate::engine::{DryCount, Limits, RunProgress};
use crate::methods::DiffSpan;
use crate::store::journal::RunOverview;
use crate::store::waiting::Waiting;

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum RunsEffect {
    /// Read the project's runs.
    List,
    /// Read all that is shown of one.
    Look(RunId),
    /// Hold a run's configuration against another's.
    Compare {
        /// The run looked at: after.
        run: RunId,
        /// The other: before.
        other: RunId,
    },
    /// Begin a job.
    Begin {
        /// Names it.
        number: u64,
        /// What is done.
        work: RunWork,
    },
    /// Hold a job.
    Pause(u64),
    /// Let it go on.
    GoOn(u64),
    /// Stop it.
    Stop(u64),
    /// Have it keep to other limits.
    Change {
        /// Which job.
        number: u64,
        /// The limits.
        limits: Limits,
    },
    /// Find out what a run's rows show over time.
    Trends(RunId),
    /// Count how much of a plan the journal has, unless it is stopped meanwhile.
    Dry {
        /// Names the question, and stops it.
        number: u64,
        /// The plan.
        plan: Box<RunPlan>,
    },
    /// Look what the last sitting left in a project.
    FindLeft(std::path::PathBuf),
    /// Keep what waits.
    Keep(Box<Waiting>),
}

impl RunsEffect {
    /// Whether it has to come after what was asked for before it, as all writes of files do.
    pub fn is_in_order(&self) -> bool {
        matches!(self, Self::Keep(_))
    }
}

/// What a job does.
#[derive(Debug, Clone, PartialEq)]
pub enum RunWork {
    /// A new run.
    New(Box<RunPlan>),
    /// A run that stopped goes on, or its failed rows are tried again.
    Resume {
        /// Which.
        run: RunId,
        /// The limits to go on with, where others were chosen.
        wishes: ResumeWishes,
    },
}

/// Other limits for going on with a run; what is `None` stays as it was when the run began.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ResumeWishes {
    /// US dollars that it may cost in all.
    pub cap: Option<f64>,
    /// US dollars that all runs may cost on one day.
    pub cap_per_day: Option<f64>,
    /// The share of rows, 0..=1, that may fail.
    pub failures: Option<f64>,
    /// The share of rows, 0..=1, whose answer may be a refusal.
    pub refusals: Option<f64>,
}

/// All that a new run takes.
#[derive(Debug, Clone, PartialEq)]
pub struct RunPlan {
    /// What is done with each prompt.
    pub recipe: Recipe,
    /// On what.
    pub prompts: Arc<PromptSet>,
    /// Only the first so many; 0: all.
    pub limit: u32,
    /// Under what, where the method needs it.
    pub constitution: Option<Arc<Constitution>>,
    /// Scored by what, where the method needs it.
    pub rubric: Option<Arc<Rubric>>,
    /// The project's models and roles, with the roles chosen for this run.
    pub setup: Arc<Setup>,
    /// The seed.
    pub seed: u64,
    /// What it keeps to.
    pub limits: Limits,
    /// How often a failed call is tried again.
    pub retries: u32,
    /// Whether it is a pilot.
    pub is_pilot: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum RunsEvent {
    /// The project's runs, newest first.
    Listed(Result<Vec<RunOverview>, Failure>),
    /// All that is shown of a run.
    Seen(RunId, Result<Box<RunDetail>, Failure>),
    /// Two configurations, held against each other.
    Compared {
        /// The run looked at.
        run: RunId,
        /// The other.
        other: RunId,
        /// What differs.
        result: Result<Vec<DiffSpan>, Failure>,
    },
    /// A job's sums so far.
    Progress {
        /// Which job.
        number: u64,
        /// What there is.
        news: Box<Progress>,
    },
    /// What a run's rows show over time.
    Trended(RunId, Result<Box<Trends>, Failure>),
    /// How much of a plan the journal has.
    Counted {
        /// Which question.
        number: u64,
        /// What came of it; `None`: it was stopped.
        result: Option<Result<DryCount, Failure>>,
    },
    /// What the last sitting left.
    Left(Box<Waiting>),
    /// Nobody could be told by the desktop.
    Untold,
    /// A job is over.
    Ended {
        /// Which.
        number: u64,
        /// How.
        result: Box<Result<Ending, Failure>>,
    },
}

/// A job's sums, and what came since the last ones.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// Its run, once the engine has named it.
    pub run: Option<RunId>,
    /// Rows that the journal had of it before.
    pub kept: u64,
    /// The sums.
    pub sums: RunProgress,
    /// The newest rows, oldest first.
    pub rows: Vec<SampleRow>,
    /// Attempts that were tried again, by what they said, all so far.
    pub retries: std::collections::BTreeMap<String, u64>,
    /// Failed rows by what they say, all so far.
    pub failures: Vec<FailureGroup>,
    /// What it keeps to now.
    pub limits: Option<Limits>,
    /// What its rows of this sitting show over time.
    pub trends: Trends,
    /// One row in so many is told of.
    pub every: u64,
    /// What it waits for.
    pub wait: Option<Wait>,
    /// How fast it goes now, told once a second.
    pub pulse: Option<RunPulse>,
    /// The last time that the computer slept meanwhile.
    pub slept: Option<Slept>,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// Its run.
    pub run: RunId,
    /// Why it stopped before its last row, and how to mend it; `None`: it is done.
    pub stopped: Option<Failure>,
    /// Whether the user stopped it.
    pub by_user: bool,
    /// Its sums.
    pub sums: RunProgress,
    /// What a pilot found.
    pub pilot: Option<PilotFacts>,
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: RunsEffect) {
    let event = match effect {
        RunsEffect::List => RunsEvent::Listed(list(&desk).await),
        RunsEffect::Look(run) => {
            let result = detail::look(&desk, &run).await.map(Box::new);
            RunsEvent::Seen(run, result)
        }
        RunsEffect::Compare { run, other } => {
            let result = detail::compare(&desk, &run, &other).await;
            RunsEvent::Compared { run, other, result }
        }
        RunsEffect::Begin { number, work } => {
            let result = Box::new(start::begin(&desk, number, work).await);
            RunsEvent::Ended { number, result }
        }
        RunsEffect::Pause(number) => return desk.jobs.pause(number),
        RunsEffect::GoOn(number) => return desk.jobs.go_on(number),
        RunsEffect::Stop(number) => return desk.jobs.cancel(number),
        RunsEffect::Change { number, limits } => return desk.jobs.change(number, limits),
        RunsEffect::Trends(run) => {
            let result = detail::trends(&desk, &run).await.map(Box::new);
            RunsEvent::Trended(run, result)
        }
        RunsEffect::Dry { number, plan } => {
            let result = dry::count(&desk, number, *plan).await;
            RunsEvent::Counted { number, result }
        }
        RunsEffect::FindLeft(root) => {
            let there = Arc::clone(&desk);
            let found = tokio::task::spawn_blocking(move || keep::find(&there, root)).await;
            let Ok(Some(waiting)) = found else { return };
            RunsEvent::Left(Box::new(waiting))
        }
        RunsEffect::Keep(_) => return,
    };
    desk.link.send(Event::Runs(event));
}

/// Carries one of the effects out that are done one after the other; it may wait.
pub fn carry_in_order(desk: &Desk, effect: RunsEffect) {
    if let RunsEffect::Keep(waiting) = effect {
        keep::keep(desk, &waiting);
    }
}

async fn list(desk: &Desk) -> Result<Vec<RunOverview>, Failure> {
    let (_, journal) = desk.project()?;
    journal.overview().await.map_err(|error| failure_of("runs can't be read", &error))
}
