//! Runs a plan: rows concurrently, sums, reasons to stop.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::ask::{RunAsk, Shared};
use super::awake::Awake;
use super::budget::{Budget, Cap};
use super::cancel::Cancel;
use super::compare::CompareMethod;
use super::day::DayLedger;
use super::event::{EngineEvent, Events, RunProgress};
use super::flight::Flights;
use super::judging::JudgingMethod;
use super::limiter::RunSeats;
use super::models::Model;
use super::patience;
use super::plan::Plan;
use super::rejections::Rejections;
use super::rows;
use super::tell::Tell;
use super::terms::Noted;
use crate::domain::{CallFailure, FailureKind, Prompt, Provenance, Row, RowFailure, RunId};
use crate::methods::run_row::{Beside, RowParts, RowTask, run_row_by};
use crate::methods::{Ask, refused};
use crate::store::journal::{RunState, unparsed};
use crate::store::{Journal, StoreError, unpoisoned};

/// What is done for each prompt.
pub trait RowMethod: Send + Sync {
    /// Makes one row; a failure is part of the row.
    fn row<'a>(&'a self, plan: &'a Plan, ask: &'a RunAsk, prompt: &'a Prompt)
    -> BoxFuture<'a, Row>;
}

/// Why a run stopped before its last row.
#[derive(Debug, Clone, PartialEq)]
pub enum StopReason {
    /// The user stopped it.
    Cancelled,
    /// A key is missing or refused, or the account is out of money.
    Refused(CallFailure),
    /// The same refusal came again and again.
    Rejections {
        /// How often.
        count: u32,
        /// The refusal.
        failure: CallFailure,
    },
    /// More rows failed than may.
    TooManyFailures {
        /// Failed rows.
        failed: u64,
        /// Rows done.
        done: u64,
    },
    /// More rows were refused an answer than may.
    TooManyRefusals {
        /// Rows whose answer refuses.
        refused: u64,
        /// Rows done.
        done: u64,
    },
    /// The next call could have cost more than is left.
    Budget {
        /// Which limit.
        cap: Cap,
        /// US dollars that it allows.
        limit: f64,
        /// US dollars spent of it.
        spent: f64,
    },
    /// A limit is set, and a model's price is unknown, so that it could not be kept.
    Unpriced {
        /// The model, as the project calls it.
        model: String,
    },
    /// A call cost more than it could have, so that no limit can be kept.
    Overrun {
        /// The model, as the project calls it.
        model: String,
        /// US dollars that the call could cost at most.
        most: f64,
        /// US dollars that it cost.
        cost: f64,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEnd {
    /// Every row is there.
    Done,
    /// It stopped; all that was done is kept, and the same plan run again goes on.
    Stopped(StopReason),
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    /// Which run.
    pub run: RunId,
    /// How it ended.
    pub end: RunEnd,
    /// Its sums.
    pub progress: RunProgress,
}

/// What keeps a run from going on at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The journal can't keep what is paid for, so nothing more is sent.
    #[error("the run stopped because the journal can't be written: {0}")]
    Store(#[from] StoreError),
}

impl StopReason {
    /// Why, in one line.
    pub fn message(&self) -> String {
        match self {
            Self::Cancelled => "stopped by the user".to_owned(),
            Self::Refused(failure) => format!("the provider refused: {}", failure.message),
            Self::Rejections { count, failure } => {
                format!("the same refusal {count} times in a row: {}", failure.message)
            }
            Self::TooManyFailures { failed, done } => format!("{failed} of {done} rows failed"),
            Self::TooManyRefusals { refused, done } => {
                format!("{refused} of {done} rows hold a refusal instead of an answer")
            }
            Self::Budget { cap: Cap::Run, limit, spent } => {
                format!("the run’s limit of {limit} USD is reached ({spent:.4} USD spent)")
            }
            Self::Budget { cap: Cap::Day, limit, spent } => format!(
                "the project’s limit of {limit} USD a day is reached ({spent:.4} USD spent today)"
            ),
            Self::Unpriced { model } => {
                format!("the price of {model} is unknown, so a spending limit could not be kept")
            }
            Self::Overrun { model, most, cost } => format!(
                "a call to {model} cost {cost:.6} USD, which by its prices and the longest answer \
                 asked for could be {most:.6} USD at most"
            ),
        }
    }

    /// How to mend it.
    pub fn hint(&self) -> &str {
        match self {
            Self::Cancelled => "resume the run to go on where it stopped",
            Self::Refused(failure) | Self::Rejections { failure, .. } => &failure.hint,
            Self::TooManyFailures { .. } => {
                "look at the failed rows; mend what they name, then resume the run"
            }
            Self::TooManyRefusals { .. } => {
                "look at a few of them; choose another model for the role that refuses, change \
                 the prompts, or resume with a higher limit"
            }
            Self::Budget { cap: Cap::Run, .. } => "raise the limit and resume the run",
            Self::Budget { cap: Cap::Day, .. } => {
                "raise the limit per day, or resume the run tomorrow"
            }
            Self::Unpriced { .. } => {
                "give the model’s prices (0 where it is free), or take the limits away"
            }
            Self::Overrun { .. } => {
                "compare the model’s prices with the provider’s, and whether it keeps to the \
                 longest answer; then resume the run"
            }
        }
    }
}

impl RowMethod for RecipeMethod {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let pens = plan.candidates.as_ref().map(|pens| pens.asks(ask));
            let judges = plan.panel.as_ref().map(|panel| panel.asks(ask));
            let beside = (pens.as_deref(), judges.as_deref());
            let parts = row_parts(plan, ask, beside, prompt).await;
            Row {
                chain: parts.chain,
                pair: parts.pair,
                scores: parts.scores,
                ranked: parts.ranked,
                votes: parts.votes,
                failure: parts.failure,
                whole: parts.whole,
                canary: parts.canary,
                ..Row::empty(prompt)
            }
        })
    }
}

/// Does what the plan's recipe says.
pub struct RecipeMethod;

/// What the plan's recipe makes of one of its prompts, whoever answers; `pens` answer for the
/// candidates and `judges` for the judge's models, where the plan has any.
pub(super) async fn row_parts<A: Ask, C: Ask>(
    plan: &Plan,
    ask: &A,
    (pens, judges): (Option<&[C]>, Option<&[C]>),
    prompt: &Prompt,
) -> RowParts {
    let task = RowTask {
        prompt,
        recipe: &plan.recipe,
        constitution: plan.constitution.as_deref(),
        rubric: plan.rubric.as_deref(),
        templates: &plan.templates,
        seed: plan.seed,
        protocol: plan.recipe.protocol,
        start: plan.start.as_deref(),
    };
    let candidates = plan.candidates.as_ref().zip(pens);
    let candidates = candidates.map(|(named, asks)| named.candidates(asks));
    let jury = plan.panel.as_ref().zip(judges).map(|(panel, asks)| panel.jury(asks));
    run_row_by(ask, Beside { candidates, jury: jury.as_ref() }, &task).await
}

/// Runs a plan by its recipe's method, or as the comparison or judging that it is; see [`run_with`].
///
/// # Errors
///
/// As [`run_with`].
pub async fn run(
    mut plan: Plan,
    journal: Journal,
    events: Events,
    cancel: Cancel,
) -> Result<RunSummary, EngineError> {
    plan.retry = patience::retry(plan.retry, patience::factor());
    let method: Arc<dyn RowMethod> = match (&plan.compare, &plan.judging) {
        (Some(_), _) => Arc::new(CompareMethod),
        (None, Some(_)) => Arc::new(JudgingMethod),
        (None, None) => Arc::new(RecipeMethod),
    };
    run_with(plan, journal, events, cancel, method).await
}

/// Runs a plan: one row for each prompt, several at once, each committed when it is there.
///
/// Running the same plan again (with [`Plan::run`] set) goes on where it stopped: what the journal
/// has costs nothing. Dropping the future stops at once; what was committed is kept.
///
/// # Errors
///
/// The journal can't be read or written; then nothing more was sent.
pub async fn run_with(
    plan: Plan,
    journal: Journal,
    events: Events,
    cancel: Cancel,
    method: Arc<dyn RowMethod>,
) -> Result<RunSummary, EngineError> {
    let rows_total = plan.prompts.len() as u64;
    if !plan.replay_only {
        journal.room(rows_total.saturating_mul(CALLS_A_ROW)).await?;
    }
    let (run, mut terms) = if let Some(run) = &plan.run {
        let mut terms = Noted::read(&journal, run, &plan).await?;
        journal.reopen_run(run, rows_total).await?;
        terms.note(&journal, run, &plan).await?;
        (run.clone(), terms)
    } else {
        let terms = Noted::new(&plan);
        (journal.create_run(plan.new_run()).await?.id, terms)
    };
    // What is there stays as it is: only rows that are missing or failed are made.
    let good = journal.good_rows(&run).await?;
    let rows_kept = good.positions.len() as u64;
    let open = OpenRun { journal: journal.clone(), run: run.clone(), is_over: false };
    journal.mark_unpriced(&run, plan.unpriced().map(identity).collect()).await?;
    let spent = journal.cost(&run).await?;
    let day = DayLedger::of(&journal);
    day.today().await?;
    events(EngineEvent::RunStarted { run: run.clone() });
    let most_rejections = plan.retry.max_identical_rejections;
    let seats = RunSeats::new(plan.controls.clone());
    plan.prepare_models();
    for model in plan.lanes() {
        // Whoever starts or resumes a run believes that what closed it is mended.
        model.endpoint.open();
    }
    let shared = Arc::new(Shared {
        budget: Budget::new(plan.controls.clone(), spent, day),
        plan: Arc::new(plan),
        run: run.clone(),
        journal,
        events,
        flights: Flights::default(),
        halt: Cancel::new(),
        gate: cancel.clone(),
        stopped: Mutex::default(),
        progress: Mutex::new(RunProgress {
            rows_total,
            rows_done: rows_kept,
            rows_kept,
            unparsed: good.unparsed,
            refusals: good.refused,
            ..RunProgress::default()
        }),
        tell: Tell::new(),
        rejections: Rejections::new(most_rejections),
        seats,
        awake: Awake::default(),
    });
    shared.count(|_| ());
    tokio::select! {
        () = rows::all_rows(&shared, &cancel, &method, &good.positions) => {}
        () = shared.tell.later(|| shared.tell_progress()) => {}
        () = terms.keep(&shared) => {}
    }
    // One that came with the last row.
    if let Err(error) = terms.note(&shared.journal, &shared.run, &shared.plan).await {
        shared.storage(error);
    }
    shared.tell_progress();
    open.close(&shared).await
}

fn identity(model: &Arc<Model>) -> String {
    model.provider.identity().to_owned()
}

/// Calls of a row, to judge whether the disk has room for a run (a chain with two revisions).
const CALLS_A_ROW: u64 = 6;

pub(super) async fn one_row(
    shared: &Arc<Shared>,
    method: &dyn RowMethod,
    position: usize,
    provenance: &Provenance,
) {
    let Some(prompt) = shared.plan.prompts.get(position) else { return };
    let ask = RunAsk::new(Arc::clone(shared), position as u64);
    let made = AssertUnwindSafe(method.row(&shared.plan, &ask, prompt)).catch_unwind().await;
    // A fault in a method costs its row, never the run.
    let mut row = made.unwrap_or_else(|panic| Row {
        failure: Some(RowFailure {
            at: shared.plan.recipe.method.to_string(),
            failure: CallFailure::new(
                FailureKind::Method,
                format!("the method broke down: {}", said(&*panic)),
                "this is a fault of Preamble’s; please report it with the prompt",
            ),
        }),
        ..Row::empty(prompt)
    });
    let made_of = ask.made_of();
    row.usage = made_of.usage;
    row.refused = refused::in_row(&row, &made_of.filtered);
    row.provenance = provenance.clone();
    if is_unfinished(&row) {
        return;
    }
    let position = position as u64;
    let row = Arc::new(row);
    let kept = shared.journal.put_row(&shared.run, position, Arc::clone(&row), made_of.uses).await;
    if let Err(error) = kept {
        shared.storage(error);
        return;
    }
    let (has_failed, has_refused) = (row.failure.is_some(), !row.refused.is_empty());
    let unparsed = unparsed(&row);
    (shared.events)(EngineEvent::RowDone { position, row });
    shared.count(|progress| {
        progress.rows_done += 1;
        progress.rows_failed += u64::from(has_failed);
        progress.refusals += u64::from(has_refused);
        progress.unparsed += unparsed;
    });
    if has_failed || has_refused {
        too_many(shared);
    }
}

/// Whether a row has no end yet because the run stopped: it is made again on resume.
fn is_unfinished(row: &Row) -> bool {
    row.failure.as_ref().is_some_and(|failure| {
        matches!(
            failure.failure.kind,
            FailureKind::Cancelled | FailureKind::Storage | FailureKind::Budget | FailureKind::Auth
        )
    })
}

/// Stops the run once it can't end within what may fail or refuse, or a fair part of it has done
/// so already.
fn too_many(shared: &Shared) {
    /// Rows after which the share so far says something (chosen by eye).
    const FAIR_PART: u64 = 20;
    let limits = shared.plan.controls.limits();
    let progress = unpoisoned(&shared.progress).clone();
    let (done, total) = (progress.rows_done, progress.rows_total);
    let is_over = |rows: u64, allowed: Option<f64>| {
        allowed.is_some_and(|allowed| {
            let is_certain = rows as f64 > allowed * total as f64;
            let is_likely = done >= FAIR_PART && rows as f64 > allowed * done as f64;
            is_certain || is_likely
        })
    };
    if is_over(progress.rows_failed, limits.max_failures) {
        shared.stop(StopReason::TooManyFailures { failed: progress.rows_failed, done });
    } else if is_over(progress.refusals, limits.max_refusals) {
        shared.stop(StopReason::TooManyRefusals { refused: progress.refusals, done });
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}

/// A run that is on; dropped before its end, it is marked as interrupted.
struct OpenRun {
    journal: Journal,
    run: RunId,
    is_over: bool,
}

impl OpenRun {
    async fn close(mut self, shared: &Shared) -> Result<RunSummary, EngineError> {
        self.is_over = true;
        let progress = unpoisoned(&shared.progress).clone();
        let (reason, storage) = {
            let mut stopped = unpoisoned(&shared.stopped);
            (stopped.reason.take(), stopped.storage.take())
        };
        if let Some(error) = storage {
            // What was paid for and could not be kept: where it is matters most.
            let error = self.journal.rescued().unwrap_or(error);
            // Most likely this fails for the same reason; the next opening marks it then.
            let state = RunState::Interrupted;
            self.journal.finish_run(&self.run, state, &error.to_string()).await.ok();
            return Err(error.into());
        }
        let end = match reason {
            Some(reason) if progress.rows_done < progress.rows_total => RunEnd::Stopped(reason),
            _ => RunEnd::Done,
        };
        // Where only some rows were to be made, others may be missing still.
        let to_do = progress.rows_total.saturating_sub(progress.rows_done);
        let (state, message) = match &end {
            RunEnd::Done if to_do > 0 => {
                (RunState::Stopped, format!("failed rows were made again, {to_do} are still to do"))
            }
            RunEnd::Done => (RunState::Done, String::new()),
            RunEnd::Stopped(StopReason::Cancelled) => {
                (RunState::Cancelled, StopReason::Cancelled.message())
            }
            RunEnd::Stopped(reason) => (RunState::Stopped, reason.message()),
        };
        self.journal.finish_run(&self.run, state, &message).await?;
        Ok(RunSummary { run: self.run.clone(), end, progress })
    }
}

impl Drop for OpenRun {
    fn drop(&mut self) {
        if !self.is_over {
            self.journal.abandon_run(&self.run);
        }
    }
}
