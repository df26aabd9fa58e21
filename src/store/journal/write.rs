//! What the writer does: one function for each thing that can be kept, inside its transaction.

use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::known::half;
use super::pack::{self, Text};
use super::record::{
    CallId, CallState, NewCall, NewRun, Outcome, RunKind, RunRecord, RunState, Use, failure_name,
    unparsed,
};
use super::{changes, hands, money};
use crate::domain::{CallKey, FailureKind, Part, PromptId, Row, RunId, Usage};

/// One thing to keep.
pub(super) enum Change {
    /// A new run.
    CreateRun(NewRun),
    /// A run begins again.
    ReopenRun(RunId, u64),
    /// A run ended without a word; one that ended properly stays so.
    AbandonRun(RunId),
    /// A run ends.
    FinishRun(RunId, RunState, String),
    /// A request is about to be sent.
    Intent(Box<Intent>),
    /// A request was not sent after all.
    Withdraw(CallId),
    /// A request has an outcome.
    Settle(CallId, Box<Settled>),
    /// A row is there.
    PutRow(Box<PutRow>),
    /// Rows are kept out of exports, or let in again.
    DropRows { run: RunId, prompts: Vec<PromptId>, is_dropped: bool },
    /// A person's text for a part of a row; `None`: the model's again.
    EditRow { run: RunId, prompt: PromptId, part: Part, text: Option<String> },
    /// A run asks models whose price is unknown.
    MarkUnpriced(RunId, Vec<String>),
    /// A run goes by something else from now on.
    PutTerms(RunId, serde_json::Value),
    /// A document is named.
    PutVersion { kind: String, stem: String, name: String, text: String },
}

/// A request about to be sent, as it is written; made where it is asked, not by the writer.
pub(super) struct Intent {
    pub(super) run: RunId,
    prompt: PromptId,
    pub(super) key: CallKey,
    model: String,
    attempt: u32,
    asked: Text,
    worst_cost: f64,
    sent_ms: i64,
}

impl Intent {
    pub(super) fn of(new: NewCall) -> Result<Self, Refusal> {
        Ok(Self {
            asked: Text::of_call(&new.call)?,
            prompt: new.call.prompt.clone(),
            run: new.run,
            key: new.key,
            model: new.model,
            attempt: new.attempt,
            worst_cost: new.worst_cost,
            sent_ms: now_ms(),
        })
    }
}

/// What became of a request, as it is written.
pub(super) struct Settled {
    pub(super) state: CallState,
    answer: Option<Text>,
    failure: Option<String>,
    usage: Usage,
    cost: f64,
    settled_ms: i64,
    /// For the day that it can't be written.
    pub(super) outcome: Outcome,
}

impl Settled {
    pub(super) fn of(outcome: Outcome) -> Result<Self, Refusal> {
        let (state, failure, usage, cost) = match &outcome {
            Outcome::Replied { reply, cost, .. } => (CallState::Replied, None, reply.usage, *cost),
            Outcome::Failed { failure, cost, .. } => {
                // A call that was stopped halfway may have been paid for: nobody knows.
                let state = match failure.kind {
                    FailureKind::Cancelled => CallState::Unknown,
                    _ => CallState::Failed,
                };
                (state, Some(serde_json::to_string(failure)?), Usage::default(), *cost)
            }
        };
        let answer = Text::of_outcome(&outcome)?;
        Ok(Self { state, answer, failure, usage, cost, settled_ms: now_ms(), outcome })
    }
}

/// A row, as it is written.
pub(super) struct PutRow {
    run: RunId,
    position: u64,
    prompt: PromptId,
    failure: Option<String>,
    unparsed: u64,
    /// How many of its answers are refusals.
    refused: i64,
    body: Body,
    /// Call, purpose, whether it was in the journal already.
    uses: Vec<(CallId, String, bool)>,
}

impl PutRow {
    pub(super) fn of(run: &RunId, position: u64, row: &Row, uses: &[Use]) -> Result<Self, Refusal> {
        let uses = uses
            .iter()
            .map(|used| Ok((used.call, serde_json::to_string(&used.purpose)?, used.replayed)));
        Ok(Self {
            run: run.clone(),
            position,
            prompt: row.prompt.id.clone(),
            failure: row.failure.as_ref().map(|failure| failure_name(failure.failure.kind)),
            unparsed: unparsed(row),
            refused: row.refused.len() as i64,
            body: Body::of(&serde_json::to_vec(row)?)?,
            uses: uses.collect::<Result<_, Refusal>>()?,
        })
    }
}

/// What keeping it yields.
pub(super) enum Kept {
    /// Nothing to tell.
    Done,
    /// The new run.
    Run(Box<RunRecord>),
    /// The new call.
    Call(CallId),
    /// The version's hash.
    Hash(String),
}

/// Why one thing can't be kept.
pub(super) enum Refusal {
    /// SQLite's reason.
    Sql(rusqlite::Error),
    /// The value can't be written as JSON.
    Json(serde_json::Error),
    /// zstd's reason.
    Io(std::io::Error),
    /// It names a run that is not there.
    NoRun(RunId),
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Keeps one thing; the caller commits.
pub(super) fn apply(db: &Connection, change: &Change) -> Result<Kept, Refusal> {
    match change {
        Change::CreateRun(new) => create_run(db, new),
        Change::ReopenRun(run, rows_total) => {
            let id = run_number(db, run)?;
            db.prepare_cached(
                "UPDATE runs SET state = 'running', message = '', finished_ms = NULL, \
                 rows_total = ?2 WHERE id = ?1",
            )?
            .execute(params![id, *rows_total as i64])?;
            leave_open_calls(db, id)?;
            Ok(Kept::Done)
        }
        Change::AbandonRun(run) => {
            let id = run_number(db, run)?;
            db.prepare_cached(
                "UPDATE runs SET state = 'interrupted' WHERE id = ?1 AND state = 'running'",
            )?
            .execute([id])?;
            leave_open_calls(db, id)?;
            Ok(Kept::Done)
        }
        Change::FinishRun(run, state, message) => {
            let id = run_number(db, run)?;
            db.prepare_cached(
                "UPDATE runs SET state = ?2, message = ?3, finished_ms = ?4 WHERE id = ?1",
            )?
            .execute(params![id, state.to_string(), message, now_ms()])?;
            Ok(Kept::Done)
        }
        Change::Intent(new) => intent(db, new),
        Change::Withdraw(call) => {
            let asked: Option<i64> = db
                .prepare_cached(
                    "DELETE FROM calls WHERE id = ?1 AND state = 'sent' RETURNING asked",
                )?
                .query_row([call.0], |row| row.get(0))
                .optional()?
                .flatten();
            db.prepare_cached("DELETE FROM texts WHERE id = ?1")?.execute([asked])?;
            Ok(Kept::Done)
        }
        Change::Settle(call, outcome) => settle(db, *call, outcome),
        Change::PutRow(row) => put_row(db, row),
        Change::DropRows { run, prompts, is_dropped } => {
            hands::drop_rows(db, run, prompts, *is_dropped)
        }
        Change::EditRow { run, prompt, part, text } => {
            hands::edit_row(db, run, prompt, *part, text.as_deref())
        }
        Change::MarkUnpriced(run, models) => money::mark_unpriced(db, run, models),
        Change::PutTerms(run, what) => changes::note(db, run, what),
        Change::PutVersion { kind, stem, name, text } => {
            let body = put_body(db, text.as_bytes())?;
            db.prepare_cached(
                "INSERT INTO versions (kind, stem, name, body, at_ms) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![kind, stem, name, body, now_ms()])?;
            Ok(Kept::Hash(blake3::hash(text.as_bytes()).to_hex().to_string()))
        }
    }
}

/// Calls of a run that nobody waits for any more: nobody knows what became of them.
fn leave_open_calls(db: &Connection, run: i64) -> Result<(), Refusal> {
    db.prepare_cached("UPDATE calls SET state = 'unknown' WHERE run = ?1 AND state = 'sent'")?
        .execute([run])?;
    Ok(())
}

fn create_run(db: &Connection, new: &NewRun) -> Result<Kept, Refusal> {
    let frozen = put_body(db, &serde_json::to_vec(&new.frozen)?)?;
    let started_ms = now_ms();
    let title = title_of(new);
    db.prepare_cached(
        "INSERT INTO runs (kind, recipe, state, rows_total, frozen, started_ms, title) \
         VALUES (?1, ?2, 'running', ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        new.kind.to_string(),
        new.recipe,
        new.rows_total as i64,
        frozen,
        started_ms,
        title
    ])?;
    Ok(Kept::Run(Box::new(RunRecord {
        id: run_name(db.last_insert_rowid()),
        kind: new.kind,
        recipe: new.recipe.clone(),
        title,
        state: RunState::Running,
        message: String::new(),
        rows_total: new.rows_total,
        started_ms,
        finished_ms: None,
    })))
}

/// What a run is about: the prompt tried, else the documents it runs under.
fn title_of(new: &NewRun) -> String {
    let text = |pointer: &str| {
        let value = new.frozen.pointer(pointer).and_then(serde_json::Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    if new.kind == RunKind::Try {
        let said = text("/prompts/0/messages/0/content");
        let words: Vec<&str> = said.split_whitespace().take(12).collect();
        return words.join(" ");
    }
    if new.kind == RunKind::Compare {
        let side = |name: &str| text(&format!("/compare/about/{name}/label"));
        return format!("{} vs {}", side("a"), side("b"));
    }
    if new.kind == RunKind::Judge && !text("/judging/name").is_empty() {
        return format!("{} on {}", text("/judging/name"), text("/judging/set"));
    }
    if new.kind == RunKind::Probe {
        return text("/models/judge/entry/name");
    }
    let names = [text("/constitution/name"), text("/rubric/name")];
    let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
    names.join(" · ")
}

fn intent(db: &Connection, new: &Intent) -> Result<Kept, Refusal> {
    let run = run_number(db, &new.run)?;
    let asked = put_text(db, &new.asked)?;
    db.prepare_cached(
        "INSERT INTO calls (run, prompt, key, model, attempt, state, asked, cost, sent_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, 'sent', ?6, ?7, ?8)",
    )?
    .execute(params![
        run,
        new.prompt.as_str(),
        new.key.0,
        new.model,
        new.attempt,
        asked,
        new.worst_cost,
        new.sent_ms
    ])?;
    Ok(Kept::Call(CallId(db.last_insert_rowid())))
}

fn settle(db: &Connection, call: CallId, settled: &Settled) -> Result<Kept, Refusal> {
    let answer = settled.answer.as_ref().map(|text| put_text(db, text)).transpose()?;
    let usage = settled.usage;
    db.prepare_cached(
        "UPDATE calls SET state = ?2, answer = ?3, failure = ?4, prompt_tokens = ?5, \
         cached_tokens = ?6, cache_write_tokens = ?7, completion_tokens = ?8, \
         reasoning_tokens = ?9, cost = ?10, settled_ms = ?11 WHERE id = ?1",
    )?
    .execute(params![
        call.0,
        settled.state.as_str(),
        answer,
        settled.failure,
        usage.prompt_tokens as i64,
        usage.cached_tokens as i64,
        usage.cache_write_tokens as i64,
        usage.completion_tokens as i64,
        usage.reasoning_tokens as i64,
        settled.cost,
        settled.settled_ms
    ])?;
    Ok(Kept::Done)
}

/// Half of a call's key, for one that the writer no longer expected.
pub(super) fn key_of(db: &Connection, call: CallId) -> Option<u64> {
    db.prepare_cached("SELECT key FROM calls WHERE id = ?1")
        .and_then(|mut query| query.query_row([call.0], |row| row.get::<_, String>(0)))
        .ok()
        .map(|key| half(&key))
}

fn put_row(db: &Connection, row: &PutRow) -> Result<Kept, Refusal> {
    let run = run_number(db, &row.run)?;
    let prompt = row.prompt.as_str();
    let body = row.body.put(db)?;
    db.prepare_cached(
        "INSERT INTO rows (run, position, prompt, failure, unparsed, body, refused) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (run, position) DO UPDATE SET \
         prompt = excluded.prompt, failure = excluded.failure, unparsed = excluded.unparsed, \
         body = excluded.body, refused = excluded.refused",
    )?
    .execute(params![
        run,
        row.position as i64,
        prompt,
        row.failure,
        row.unparsed as i64,
        body,
        row.refused
    ])?;
    db.prepare_cached("DELETE FROM uses WHERE run = ?1 AND prompt = ?2")?
        .execute(params![run, prompt])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO uses (run, prompt, nth, call, purpose, replayed) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (nth, (call, purpose, replayed)) in (0_i64..).zip(&row.uses) {
        insert.execute(params![run, prompt, nth, call.0, purpose, replayed])?;
    }
    Ok(Kept::Done)
}

/// Keeps what a call asked or was answered; returns its number.
fn put_text(db: &Connection, text: &Text) -> Result<i64, Refusal> {
    db.prepare_cached("INSERT INTO texts (size, data) VALUES (?1, ?2)")?
        .execute(params![text.size as i64, text.data])?;
    Ok(db.last_insert_rowid())
}

/// A long text that is kept once, packed where it is made.
pub(super) struct Body {
    hash: blake3::Hash,
    size: usize,
    data: Vec<u8>,
}

impl Body {
    pub(super) fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        let data = pack::always_packed(bytes)?;
        Ok(Self { hash: blake3::hash(bytes), size: bytes.len(), data })
    }

    /// Stores it unless it is there; returns its number.
    fn put(&self, db: &Connection) -> Result<i64, Refusal> {
        let hash = self.hash.as_bytes().as_slice();
        let known = db
            .prepare_cached("SELECT id FROM bodies WHERE hash = ?1")?
            .query_row([hash], |row| row.get(0))
            .optional()?;
        if let Some(id) = known {
            return Ok(id);
        }
        db.prepare_cached("INSERT INTO bodies (hash, size, data) VALUES (?1, ?2, ?3)")?
            .execute(params![hash, self.size as i64, self.data])?;
        Ok(db.last_insert_rowid())
    }
}

/// Stores a long text once; returns its number.
pub(super) fn put_body(db: &Connection, bytes: &[u8]) -> Result<i64, Refusal> {
    Body::of(bytes)?.put(db)
}

/// `R-0007` from 7.
pub(super) fn run_name(number: i64) -> RunId {
    RunId(format!("R-{number:04}"))
}

/// 7 from `R-0007`, where there is such a run.
pub(super) fn run_number(db: &Connection, run: &RunId) -> Result<i64, Refusal> {
    parse_run(run)
        .and_then(|number| {
            db.prepare_cached("SELECT id FROM runs WHERE id = ?1")
                .and_then(|mut query| query.query_row([number], |row| row.get(0)).optional())
                .transpose()
        })
        .ok_or_else(|| Refusal::NoRun(run.clone()))?
        .map_err(Refusal::Sql)
}

/// The number in a run's name.
pub(super) fn parse_run(run: &RunId) -> Option<i64> {
    run.as_str().strip_prefix("R-")?.parse().ok()
}

/// Milliseconds since 1970 by this machine's clock, which may be wrong: shown, never ordered by.
pub(super) fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
