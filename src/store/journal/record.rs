//! What the journal holds, as values.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{
    Call, CallFailure, CallKey, FailureKind, ModelRole, PromptId, Purpose, Reply, Row, RunId, Usage,
};

/// Names a call within its journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub i64);

/// What a run was started for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RunKind {
    /// A recipe over a prompt set.
    Run,
    /// A prompt tried in the window.
    Try,
    /// Responses scored from outside.
    Score,
    /// Pairs judged from outside.
    Judge,
    /// Two sides on the same prompts, judged pair by pair.
    Compare,
    /// A recipe over the first few prompts, to see what the whole set would cost and yield.
    Pilot,
    /// A model asked what it can do: it has calls and no rows.
    Probe,
}

/// How far a run is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RunState {
    /// It runs now.
    Running,
    /// Every row is there (some may have failed by name).
    Done,
    /// The user stopped it; it can be resumed.
    Cancelled,
    /// A limit stopped it: budget, failures, refused key; it can be resumed.
    Stopped,
    /// The program ended while it ran; it can be resumed.
    Interrupted,
}

impl RunState {
    /// Whether running it again would do something that is still to do.
    pub fn is_resumable(self) -> bool {
        matches!(self, Self::Cancelled | Self::Stopped | Self::Interrupted)
    }
}

/// A run to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    /// What it is for.
    pub kind: RunKind,
    /// The recipe's name.
    pub recipe: String,
    /// How many rows it will have.
    pub rows_total: u64,
    /// All that the run was started with (recipe, documents in full, models without keys, seed,
    /// program version), as JSON.
    pub frozen: serde_json::Value,
}

/// A run as the journal knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its name, such as `R-0007`.
    pub id: RunId,
    /// What it is for.
    pub kind: RunKind,
    /// The recipe's name.
    pub recipe: String,
    /// What it is about, in a few words: its documents, or the prompt tried; may be empty.
    #[serde(default)]
    pub title: String,
    /// How far it is.
    pub state: RunState,
    /// Why it stopped, in one line; empty where there is nothing to say.
    pub message: String,
    /// How many rows it has when done.
    pub rows_total: u64,
    /// Milliseconds since 1970 by this machine's clock.
    pub started_ms: i64,
    /// When it ended, likewise.
    pub finished_ms: Option<i64>,
}

/// A run's sums. Calls are those that this run sent, not those it found in the journal.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Rows stored, failed ones included.
    pub rows: u64,
    /// Rows that ended with a named failure.
    pub rows_failed: u64,
    /// Failed rows by failure name, sorted.
    pub failures: std::collections::BTreeMap<String, u64>,
    /// Rows whose answer refuses; see [`Row::refused`].
    #[serde(default)]
    pub rows_refused: u64,
    /// Requests sent.
    pub calls: u64,
    /// Requests that brought a reply.
    pub calls_replied: u64,
    /// Requests that failed.
    pub calls_failed: u64,
    /// Requests whose outcome is unknown, because the program ended meanwhile: they may be paid
    /// for a second time when they are asked again.
    pub calls_unknown: u64,
    /// Calls of stored rows that were answered from the journal.
    pub replayed: u64,
    /// Tokens of the requests sent.
    pub usage: Usage,
    /// US dollars, unknown outcomes at their worst case; models without a price count 0.
    pub cost: f64,
    /// Of the cost, what follows from the tokens that providers reported.
    pub cost_reported: f64,
    /// Of the cost, what is assumed: the worst case of calls that may have been paid for and
    /// whose tokens nobody reported.
    pub cost_assumed: f64,
    /// Calls behind the cost assumed.
    pub calls_assumed: u64,
    /// Replies without a count of tokens.
    pub calls_unreported: u64,
    /// Calls of models whose price was unknown: they are in no cost.
    pub calls_unpriced: u64,
    /// Verdicts in stored rows that could not be read.
    pub unparsed: u64,
}

/// A run with the sums that a list shows.
#[derive(Debug, Clone, PartialEq)]
pub struct RunOverview {
    /// The run.
    pub record: RunRecord,
    /// Rows stored, failed ones included.
    pub rows: u64,
    /// Rows that ended with a named failure.
    pub rows_failed: u64,
    /// Requests sent.
    pub calls: u64,
    /// US dollars, unknown outcomes at their worst case.
    pub cost: f64,
}

/// A run's rows that did not fail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GoodRows {
    /// Their places among the run's prompts, ascending.
    pub positions: Vec<u64>,
    /// Verdicts in them that could not be read.
    pub unparsed: u64,
    /// Of them, those whose answer refuses.
    pub refused: u64,
}

/// A call about to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCall {
    /// The run that asks.
    pub run: RunId,
    /// Its key.
    pub key: CallKey,
    /// The model's identity.
    pub model: String,
    /// What is asked.
    pub call: Arc<Call>,
    /// Which attempt at this call, from 1.
    pub attempt: u32,
    /// US dollars it can cost at most; 0 where the price is unknown.
    pub worst_cost: f64,
}

/// What became of a call that was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was answered.
    Replied {
        /// The reply, read.
        reply: Arc<Reply>,
        /// The body as it came.
        raw: Vec<u8>,
        /// US dollars.
        cost: f64,
    },
    /// It was not.
    Failed {
        /// Why.
        failure: CallFailure,
        /// The refusal's body, keys taken out.
        raw: Vec<u8>,
        /// US dollars; the worst case where it may have been paid for.
        cost: f64,
    },
}

/// A reply that was paid for.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReply {
    /// Which call brought it.
    pub call: CallId,
    /// The reply.
    pub reply: Reply,
    /// The body as it came.
    pub raw: Vec<u8>,
}

/// How far a call is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CallState {
    /// Sent, or about to be; no outcome yet.
    Sent,
    /// Answered.
    Replied,
    /// Failed by name.
    Failed,
    /// The program ended before the outcome was known.
    Unknown,
}

impl CallState {
    /// Its name, as it is kept.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Replied => "replied",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// A call as the journal knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCall {
    /// Its number.
    pub id: CallId,
    /// The run that sent it (which may be an earlier one where the row was answered from the
    /// journal).
    pub run: RunId,
    /// The row that sent it.
    pub prompt: PromptId,
    /// What it was for.
    pub purpose: Purpose,
    /// Which of the models.
    pub role: ModelRole,
    /// The model's identity.
    pub model: String,
    /// Its key.
    pub key: CallKey,
    /// How far it is.
    pub state: CallState,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// What was asked, in full.
    pub call: Call,
    /// The reply, where there is one.
    pub reply: Option<Reply>,
    /// The failure, where there is one.
    pub failure: Option<CallFailure>,
    /// Whether the row found it in the journal instead of sending it.
    pub replayed: bool,
    /// US dollars.
    pub cost: f64,
}

/// One reply that a row used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The call that brought it.
    pub call: CallId,
    /// What the row used it for.
    pub purpose: Purpose,
    /// Whether it was in the journal already.
    pub replayed: bool,
}

/// One row of a run, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct RowEntry {
    /// Its place among the run's prompts, from 0; pages are asked for after a place.
    pub position: u64,
    /// The row.
    pub row: Row,
}

/// A named snapshot of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// BLAKE3 of its text, hexadecimal.
    pub hash: String,
    /// What people call it; may be empty.
    pub name: String,
    /// When it was kept, milliseconds since 1970.
    pub at_ms: i64,
}

/// The name of a failure, as it is counted and shown.
pub(super) fn failure_name(kind: FailureKind) -> String {
    kind.to_string()
}

/// How many of a row's verdicts could not be read.
pub fn unparsed(row: &Row) -> u64 {
    let in_scores = row.scores.iter().map(|scored| scored.score.unparsed.len());
    let in_pair = row.pair.iter().flat_map(|pair| &pair.verdict.principles);
    let in_pair = in_pair.map(|principle| principle.unparsed.len());
    in_scores.chain(in_pair).sum::<usize>() as u64
}
