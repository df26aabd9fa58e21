//! Runs of many rows: what the window knows of it.
//!
//! The journal has the runs; here is the list as it was read last, the one looked at, the one
//! that is on, and those that wait for it. One is on at a time.

mod draft;
mod ended;
mod pace;
mod sample;
mod trend;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub use draft::{Dry, Forecast, LEAST_PILOT, NewRun, Pilot, PilotFacts, PilotState, RunSettings};
pub use ended::{Remedy, WhyStopped};
pub use pace::{Estimate, Pace, duration};
pub use sample::{SampleRow, beginning};
pub use trend::{Marks, Series, Trends};

use super::Moment;
use crate::app::effects::runs::{ResumeWishes, RunWork};
use crate::app::message::Failure;
use crate::domain::RunId;
use crate::engine::pulse::RunPulse;
use crate::engine::{Limits, RunProgress, TermsChange};
use crate::methods::DiffSpan;
use crate::store::journal::{Counts, RunKind, RunOverview, RunRecord, RunState, Unknown};
use crate::store::waiting;

/// How many rows of a run that is on are shown as they come.
pub const SAMPLE: usize = 12;

/// Runs of many rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunsState {
    /// The project's runs, newest first.
    pub list: RunList,
    /// Which kinds are listed.
    pub kinds: Kinds,
    /// What the list is searched for.
    pub filter: String,
    /// The places in the list that fit kinds and filter.
    pub shown: Arc<[usize]>,
    /// The run looked at.
    pub selected: Option<RunId>,
    /// What is known of it, once it was read.
    pub detail: Option<Arc<RunDetail>>,
    /// Its configuration against another's.
    pub diff: Option<ConfigurationDiff>,
    /// The run that is on.
    pub active: Option<ActiveRun>,
    /// What waits for it, in order.
    pub waiting: Vec<WaitingRun>,
    /// How the last run ended, until Runs is looked at: who was away finds it in the status bar.
    pub ended: Option<String>,
    /// The sheet of a new run.
    pub draft: Option<NewRun>,
    /// What the rows of a run that is over show over time, once they were read.
    pub trends: Option<(RunId, Arc<Trends>)>,
    /// What of the run that is on is being changed.
    pub adjusting: Option<Adjusting>,
    /// Other limits that were chosen to go on with a run, until it goes on: for its button, its key
    /// and the list alike.
    pub wishes: Option<(RunId, ResumeWishes)>,
    /// What the last sitting left, which the user has not decided on yet.
    pub left: Left,
    /// What was kept last of all this, so that it is written when it changes.
    pub kept: Option<waiting::Waiting>,
}

/// What of the run that is on can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjusting {
    /// How fast it goes.
    Rate,
    /// What it may cost and when it stops.
    Limits,
}

/// What the last sitting left.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Left {
    /// Whether it was looked for: before that nothing is kept in its place.
    pub is_known: bool,
    /// The run that was on when the window went.
    pub on: Option<RunId>,
    /// Runs that waited.
    pub waiting: Vec<waiting::WaitingRun>,
    /// Interrupted runs that the user does not want to be asked about.
    pub let_be: Vec<RunId>,
    /// Whether the strip that tells of it was put away.
    pub is_hidden: bool,
}

/// The project's runs as they were read last.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum RunList {
    /// Not read yet.
    #[default]
    Unknown,
    /// Being read for the first time.
    Reading,
    /// Newest first.
    There(Arc<Vec<RunOverview>>),
    /// They can't be read.
    Failed(Failure),
}

/// Which kinds of runs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kinds {
    /// Those over prompt sets and files.
    #[default]
    Sets,
    /// Prompts tried one by one, and tests of models.
    Tries,
    /// All.
    All,
}

impl Kinds {
    /// Whether a kind is listed.
    pub fn has(self, kind: RunKind) -> bool {
        match self {
            Self::Sets => !matches!(kind, RunKind::Try | RunKind::Probe),
            Self::Tries => matches!(kind, RunKind::Try | RunKind::Probe),
            Self::All => true,
        }
    }
}

/// What a run is called in lists and titles.
pub fn name_of(record: &RunRecord) -> String {
    let what = match record.kind {
        RunKind::Run => record.recipe.clone(),
        RunKind::Pilot => format!("pilot of {}", record.recipe),
        RunKind::Try => "tried".to_owned(),
        RunKind::Score => "scored from outside".to_owned(),
        RunKind::Judge => "judged from outside".to_owned(),
        RunKind::Compare => "comparison".to_owned(),
        RunKind::Probe => "test of a model".to_owned(),
    };
    if record.title.is_empty() { what } else { format!("{what} · {}", record.title) }
}

/// All that is shown of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDetail {
    /// The run.
    pub record: RunRecord,
    /// Its sums.
    pub counts: Counts,
    /// Its failed rows by what they say, the most frequent first.
    pub failures: Vec<FailureGroup>,
    /// Its last rows.
    pub sample: Vec<SampleRow>,
    /// What it was started with, as text: models without keys, prompts counted.
    pub configuration: String,
    /// What it kept to last, the limit per day being the project's as it is now; `None`: the
    /// journal has no such plan.
    pub limits: Option<Limits>,
    /// What of that was changed since it began, oldest first.
    pub changes: Vec<TermsChange>,
    /// Which prices are other now than when it was last on; going on with it counts with these.
    pub price_news: Vec<String>,
    /// Whether a model that answers has no price, so that the cost is too low.
    pub is_price_unknown: bool,
    /// The judge of its own that it has, in a line.
    pub judge: Option<String>,
    /// What may have been paid without a reply to show for it.
    pub unknown: Unknown,
}

/// Failed rows that say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureGroup {
    /// What kind: `timeout`, `rejected`.
    pub kind: String,
    /// What happened.
    pub message: String,
    /// How to mend it; may be empty.
    pub hint: String,
    /// How many rows.
    pub rows: u64,
    /// The first few prompts, by id.
    pub prompts: Vec<String>,
}

/// Two configurations, line by line where they differ.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigurationDiff {
    /// The run looked at.
    pub run: RunId,
    /// The run it is held against.
    pub other: RunId,
    /// The other's text (before) and this one's (after); `None` while it is worked out.
    pub spans: Option<Result<Arc<Vec<DiffSpan>>, Failure>>,
}

/// How the run that is on is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hold {
    /// It goes on.
    #[default]
    Going,
    /// No new call is sent until it is told to go on.
    Paused,
    /// It stops: calls in flight still land.
    Stopping,
}

/// The run that is on.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveRun {
    /// Names the job.
    pub number: u64,
    /// Its name in the journal, once it has one.
    pub run: Option<RunId>,
    /// What it is called.
    pub name: String,
    /// Whether it is a pilot, whose end is told in the sheet.
    pub is_pilot: bool,
    /// Rows that the journal had when it began.
    pub kept_before: u64,
    /// Its sums.
    pub progress: RunProgress,
    /// US dollars of its cost that are in the project's sum already.
    pub added_up: f64,
    /// How fast it goes.
    pub pace: Pace,
    /// How it is held.
    pub hold: Hold,
    /// Attempts that failed and were tried again, by what they said.
    pub retries: BTreeMap<String, u64>,
    /// Failed rows by what they say.
    pub failures: Vec<FailureGroup>,
    /// The newest rows, newest first.
    pub sample: VecDeque<SampleRow>,
    /// What it keeps to now; `None`: it is being prepared.
    pub limits: Option<Limits>,
    /// What its rows show over time, those of this sitting.
    pub trends: Trends,
    /// One row in so many is shown as they come.
    pub every: u64,
    /// What it waits for.
    pub wait: Option<Wait>,
    /// How fast it goes now.
    pub pulse: Option<RunPulse>,
    /// The last time that the computer slept while it was on.
    pub slept: Option<Slept>,
    /// When it began.
    pub begun: Moment,
}

/// Why a run does not send anything just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// Until when, by the provider's limit; `None`: until the user mends it.
    pub until: Option<Moment>,
    /// What the other side said; may be empty.
    pub why: String,
    /// How to mend it; may be empty.
    pub hint: String,
}

/// A sleep of the computer in the middle of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slept {
    /// When it woke.
    pub woke: Moment,
    /// For how long it slept, in milliseconds.
    pub millis: u64,
}

impl ActiveRun {
    /// Rows that are kept whatever happens now; those that failed are made again on resume.
    pub fn kept(&self) -> u64 {
        self.kept_of(&self.progress)
    }

    /// The same by other sums of it.
    pub fn kept_of(&self, sums: &RunProgress) -> u64 {
        sums.rows_done.saturating_sub(sums.rows_failed).max(self.kept_before)
    }

    /// Whole per cent done, 0..=100.
    pub fn percent(&self) -> u64 {
        self.progress.rows_done * 100 / self.progress.rows_total.max(1)
    }

    /// US dollars for a row so far, and for one that did not fail.
    pub fn cost_per_row(&self) -> Option<(f64, f64)> {
        let sums = &self.progress;
        cost_per_row(sums.cost, sums.rows_done, sums.rows_failed)
            .filter(|_| is_own_work(sums.calls, sums.replayed))
    }

    /// US dollars that it may cost.
    pub fn cap(&self) -> Option<f64> {
        self.limits?.max_cost
    }

    /// How long it still takes, where that can be said.
    pub fn estimate(&self) -> Option<Estimate> {
        let left = self.progress.rows_total.saturating_sub(self.progress.rows_done);
        self.pace.estimate(left).filter(|_| self.hold == Hold::Going)
    }

    /// What it is called, with its name in the journal.
    pub fn title(&self) -> String {
        match &self.run {
            Some(run) => format!("{run} {}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Whether most of a run's calls were its own: where the journal answered many, what it paid says
/// nothing of what a row costs.
pub fn is_own_work(sent: u64, replayed: u64) -> bool {
    replayed * 4 < sent
}

/// US dollars for a row, and for one that did not fail; `None` before one is there.
pub fn cost_per_row(cost: f64, rows: u64, failed: u64) -> Option<(f64, f64)> {
    let good = rows.saturating_sub(failed);
    (cost > 0.0 && good > 0).then(|| (cost / rows as f64, cost / good as f64))
}

/// A run that waits until the one before it is over.
#[derive(Debug, Clone, PartialEq)]
pub struct WaitingRun {
    /// Names the job.
    pub number: u64,
    /// What it is called.
    pub name: String,
    /// What is to be done.
    pub work: RunWork,
    /// What was chosen for a new run, so that it can be chosen again at the next start; `None`:
    /// there is nothing to choose, or it is a pilot, which nobody misses.
    pub choices: Option<RunSettings>,
}

impl RunsState {
    /// The run that is on, in one line for the status bar: what, how far, how long; else how the
    /// last one ended, as long as nobody has looked.
    pub fn in_words(&self) -> Option<String> {
        use crate::app::widgets::number::count;
        let Some(active) = &self.active else { return self.ended.clone() };
        let progress = &active.progress;
        let mut words = match progress.rows_total {
            0 => format!("{}: preparing", active.title()),
            total => format!(
                "{}: {} of {} rows, {} %",
                active.title(),
                count(progress.rows_done),
                count(total),
                active.percent()
            ),
        };
        match active.hold {
            Hold::Paused => words.push_str(", paused"),
            Hold::Stopping => words.push_str(", stopping"),
            Hold::Going => {
                if let Some(estimate) = active.estimate() {
                    words.push_str(", ");
                    words.push_str(&estimate.in_words());
                }
            }
        }
        if !self.waiting.is_empty() {
            words.push_str(" · waiting: ");
            words.push_str(&count(self.waiting.len() as u64));
        }
        Some(words)
    }

    /// Runs that the last sitting left in the middle, newest first, but for those to be let be.
    pub fn interrupted(&self) -> Vec<&RunOverview> {
        let is_left = |run: &&RunOverview| {
            let was_on = self.left.on.as_ref() == Some(&run.record.id);
            let state = run.record.state;
            (state == RunState::Interrupted || (was_on && state.is_resumable()))
                && !self.left.let_be.contains(&run.record.id)
                && self.resumable(run).is_some()
        };
        self.all().iter().filter(is_left).collect()
    }

    /// How far the run that is on has come, in per cent, for the window's title.
    pub fn percent(&self) -> Option<u64> {
        self.active.as_ref().map(ActiveRun::percent)
    }

    /// The runs as they were read last; none before.
    pub fn all(&self) -> &[RunOverview] {
        match &self.list {
            RunList::There(all) => all,
            RunList::Unknown | RunList::Reading | RunList::Failed(_) => &[],
        }
    }

    /// The run looked at, as the list has it.
    pub fn selected(&self) -> Option<&RunOverview> {
        let id = self.selected.as_ref()?;
        self.all().iter().find(|run| &run.record.id == id)
    }

    /// Whether a run is the one that is on.
    pub fn is_active(&self, run: &RunId) -> bool {
        self.active.as_ref().is_some_and(|active| active.run.as_ref() == Some(run))
    }

    /// Whether a run would do something when it is started again, and what to call that.
    pub fn resumable(&self, run: &RunOverview) -> Option<String> {
        use crate::app::widgets::number::count;
        // What came from outside was not made by a recipe over prompts, and a try is run again
        // where it was tried.
        let is_ours = matches!(run.record.kind, RunKind::Run | RunKind::Pilot);
        if self.is_active(&run.record.id) || !is_ours {
            return None;
        }
        if run.record.state.is_resumable() {
            let left = run.record.rows_total.saturating_sub(run.rows);
            return Some(match left {
                0 => "Resume".to_owned(),
                left => format!("Resume ({} left)", count(left)),
            });
        }
        let is_done = run.record.state == RunState::Done && run.rows_failed > 0;
        is_done.then(|| format!("Retry {} failed", count(run.rows_failed)))
    }
}
