//! What the engine tells while it runs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::pulse::RunPulse;
use crate::domain::{Call, CallFailure, FailureKind, PromptId, Purpose, Reply, Row, RunId, Usage};

/// Where events go; called from the engine's threads, so it must not wait.
pub type Events = Arc<dyn Fn(EngineEvent) + Send + Sync>;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum EngineEvent {
    /// The run is in the journal, and its rows begin.
    RunStarted {
        /// Its name.
        run: RunId,
    },
    /// A call is sent. Not told for calls that the journal answers.
    CallStarted {
        /// The row that asks.
        row: PromptId,
        /// What it is for.
        purpose: Purpose,
    },
    /// A piece of the answer.
    Text {
        /// The row that asked.
        row: PromptId,
        /// What it is for.
        purpose: Purpose,
        /// What came.
        piece: String,
    },
    /// An attempt failed, and another follows: text that came so far is void.
    Retrying {
        /// The row that asked.
        row: PromptId,
        /// What it is for.
        purpose: Purpose,
        /// What went wrong.
        failure: CallFailure,
        /// How long is waited.
        wait: Duration,
    },
    /// A call is over.
    CallDone {
        /// The row that asked.
        row: PromptId,
        /// What it is for.
        purpose: Purpose,
        /// What was asked.
        call: Arc<Call>,
        /// What came back.
        outcome: Result<Arc<Reply>, CallFailure>,
        /// Whether the reply was there already and cost nothing.
        replayed: bool,
    },
    /// A row is committed.
    RowDone {
        /// Its place among the run's prompts, from 0.
        position: u64,
        /// The row.
        row: Arc<Row>,
    },
    /// The sums changed.
    Progress(RunProgress),
    /// How fast it goes and what it waits for; told once a second while the run is on.
    Pulse(RunPulse),
}

/// A run's sums so far. Rows count from the run's beginning, calls since it was started or resumed.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct RunProgress {
    /// Rows that the run has when done.
    pub rows_total: u64,
    /// Rows committed, failed ones included, and with them those that were kept before.
    pub rows_done: u64,
    /// Rows that were there without a failure when the run was resumed; they are not made again.
    pub rows_kept: u64,
    /// Rows that ended with a named failure.
    pub rows_failed: u64,
    /// Requests sent.
    pub calls: u64,
    /// Calls answered from the journal or by an equal call in flight.
    pub replayed: u64,
    /// Tokens of the requests sent.
    pub usage: Usage,
    /// Rows whose answer refuses; see [`Row::refused`].
    pub refusals: u64,
    /// Verdicts that could not be read.
    pub unparsed: u64,
    /// US dollars of the requests sent by this run, earlier sessions included.
    pub cost: f64,
    /// Of the cost of the requests sent since it was started or resumed, what is assumed: the worst
    /// case of calls that may have been paid for and whose tokens nobody reported.
    pub cost_assumed: f64,
    /// Replies without a count of tokens.
    pub unreported: u64,
    /// US dollars of all the project's runs today.
    pub spent_today: f64,
    /// Whether some model has no price, so that `cost` is too low.
    pub price_unknown: bool,
    /// Requests answered by “slow down”; they use up no call's attempts.
    pub slow_downs: u64,
    /// Attempts that failed and were followed by another, by kind; “slow down” apart.
    pub retries: BTreeMap<FailureKind, u64>,
}
