//! Lines in, lines out: each judged as it comes, written in the order of the input.
//!
//! Lines are judged in small runs of their own, two at a time, with a journal in memory each: what
//! is done is written at once and need not be kept, so that memory stays bounded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use super::failure::Failure;
use super::lines::{self, Item, Line};
use super::progress::Shown;
use super::{canaries, interrupt, out};
use crate::domain::{Prompt, Row};
use crate::engine::{
    Cancel, EngineEvent, Events, Plan, RowMethod, RunEnd, RunProgress, StopReason, run_with,
};
use crate::methods::canary::Meter;
use crate::store::Journal;

/// Lines of one run.
const BATCH: usize = 128;
/// Runs at once: while one waits for its last lines, the next is at work.
const AT_ONCE: usize = 2;

/// Makes a line's fields of its row.
pub type Write = Arc<dyn Fn(&Row) -> serde_json::Map<String, Value> + Send + Sync>;

/// What is done with each line.
pub struct Work {
    /// Fits a line to the command, or says what is wrong with it.
    pub fit: fn(Item) -> Result<Item, String>,
    /// A plan without prompts.
    pub plan: Plan,
    /// Makes a row of each.
    pub method: Arc<dyn RowMethod>,
    /// What is written of a row, without its id and failure.
    pub write: Write,
    /// Whether all is written as one JSON value at the end.
    pub as_one: bool,
}

/// Reads, judges and writes.
///
/// # Errors
///
/// At the end, where lines could not be read or judged (all others are done); or it was stopped.
pub async fn run(input: &Path, work: Work) -> Result<(), Failure> {
    let lines = lines::open(input)?;
    let cancel = Cancel::new();
    let mut reader = Reader { lines, fit: work.fit, waiting: None, bad: 0, read: 0 };
    let shared = Arc::new(Shared { state: Mutex::default(), changed: Notify::new() });
    let mut done = tokio::select! {
        done = all(&mut reader, &work, &shared, &cancel) => done?,
        () = interrupt::twice(&cancel) => {
            return Err(Failure::stopped("stopped at once; what is written is complete", ""));
        }
    };
    let canaries = shared.state.lock().unwrap_or_else(PoisonError::into_inner).canaries;
    if work.as_one {
        let mut all = json!({
            "results": done.results,
            "lines": reader.read,
            "bad_lines": reader.bad,
            "failed": done.failed,
        });
        if let (Value::Object(fields), true) = (&mut all, canaries.all() > 0) {
            fields.insert("canaries".to_owned(), canaries::json(&canaries));
        }
        out::json(&all)?;
    }
    if let Some(words) = canaries::words(&canaries) {
        out::say(&format!("canaries: {words}"));
    }
    match done.stopped.take() {
        Some(reason) => Err(Failure::stopped(reason.message(), reason.hint())),
        None if reader.bad + done.failed > 0 => Err(Failure::bad(
            format!(
                "of {} lines, {} could not be read and {} not be judged; all others are done",
                reader.read, reader.bad, done.failed
            ),
            "each is told of above, or has an “error” in its line",
        )),
        None => Ok(()),
    }
}

/// What came of all lines.
#[derive(Default)]
struct Done {
    results: Vec<Value>,
    failed: u64,
    stopped: Option<StopReason>,
}

/// What the runs share with the one who writes.
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// By place in the input.
    ready: BTreeMap<u64, (Value, bool)>,
    /// The sums of each run.
    sums: BTreeMap<u64, RunProgress>,
    /// How the judge did on its canaries.
    canaries: Meter,
}

async fn all(
    reader: &mut Reader,
    work: &Work,
    shared: &Arc<Shared>,
    cancel: &Cancel,
) -> Result<Done, Failure> {
    let shown = Shown::start(None);
    let newest = shown.newest();
    let mut running = FuturesUnordered::new();
    let mut done = Done::default();
    let (mut is_over, mut next, mut begun) = (false, 0, 0);
    loop {
        tokio::select! {
            batch = reader.batch(), if !is_over && running.len() < AT_ONCE => match batch {
                Some(items) if items.is_empty() => {}
                Some(items) => {
                    let first = begun;
                    begun += items.len() as u64;
                    running.push(one_run(first, items, work, shared, cancel.clone()));
                }
                None => is_over = true,
            },
            Some(ended) = running.next(), if !running.is_empty() => {
                if let RunEnd::Stopped(reason) = ended? {
                    done.stopped.get_or_insert(reason);
                    is_over = true;
                }
            }
            () = shared.changed.notified() => {}
            () = cancel.cancelled(), if !is_over => is_over = true,
        }
        next = write(shared, next, &mut done, work.as_one)?;
        newest.send_replace(sums(shared, reader.read));
        if is_over && running.is_empty() {
            break;
        }
    }
    // After a stop there are gaps; what lies behind them was judged as well.
    write_all(shared, &mut done, work.as_one)?;
    if cancel.is_cancelled() {
        done.stopped.get_or_insert(StopReason::Cancelled);
    }
    Ok(done)
}

/// Judges some lines.
fn one_run<'a>(
    first: u64,
    items: Vec<Item>,
    work: &Work,
    shared: &Arc<Shared>,
    cancel: Cancel,
) -> BoxFuture<'a, Result<RunEnd, Failure>> {
    let prompts: Vec<Prompt> = items.iter().map(|item| item.prompt.clone()).collect();
    let plan = Plan { prompts: prompts.into(), ..work.plan.clone() };
    let (method, write) = (Arc::clone(&work.method), Arc::clone(&work.write));
    let shared = Arc::clone(shared);
    let events: Events = Arc::new(move |event| {
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            EngineEvent::RowDone { position, row } => {
                let Some(item) = items.get(position as usize) else { return };
                state.ready.insert(first + position, result(item, &row, &write));
                if let Some(canary) = &row.canary {
                    state.canaries.count(canary);
                }
            }
            EngineEvent::Progress(progress) => {
                state.sums.insert(first, progress);
            }
            _ => return,
        }
        drop(state);
        shared.changed.notify_one();
    });
    Box::pin(async move {
        let journal = Journal::open_in_memory()?;
        Ok(run_with(plan, journal, events, cancel, method).await?.end)
    })
}

/// A line's result, and whether it failed.
fn result(item: &Item, row: &Row, write: &Write) -> (Value, bool) {
    let mut fields = serde_json::Map::new();
    fields.insert("id".to_owned(), item.id.clone());
    fields.extend(write(row));
    if let Some(failure) = &row.failure {
        let error = json!({
            "kind": failure.failure.kind,
            "at": failure.at,
            "message": out::redacted(&failure.failure.message),
            "hint": failure.failure.hint,
        });
        fields.insert("error".to_owned(), error);
        out::say(&format!("line {}: {}: {}", item.line, failure.at, failure.failure));
    }
    (Value::Object(fields), row.failure.is_some())
}

/// Writes what is ready from a place on without a gap; returns the next place.
fn write(shared: &Shared, mut next: u64, done: &mut Done, as_one: bool) -> Result<u64, Failure> {
    loop {
        let ready = {
            let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.ready.remove(&next)
        };
        let Some(ready) = ready else { return Ok(next) };
        next += 1;
        take(ready, done, as_one)?;
    }
}

fn write_all(shared: &Shared, done: &mut Done, as_one: bool) -> Result<(), Failure> {
    let rest = {
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.ready)
    };
    rest.into_values().try_for_each(|ready| take(ready, done, as_one))
}

fn take((value, has_failed): (Value, bool), done: &mut Done, as_one: bool) -> Result<(), Failure> {
    done.failed += u64::from(has_failed);
    if as_one {
        done.results.push(value);
        return Ok(());
    }
    out::json_line(&value)
}

fn sums(shared: &Shared, read: u64) -> RunProgress {
    let state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
    let mut all = RunProgress { rows_total: read, ..RunProgress::default() };
    for one in state.sums.values() {
        all.rows_done += one.rows_done;
        all.rows_failed += one.rows_failed;
        all.calls += one.calls;
        all.replayed += one.replayed;
        all.usage += one.usage;
        all.refusals += one.refusals;
        all.unparsed += one.unparsed;
        all.cost += one.cost;
        all.cost_assumed += one.cost_assumed;
        all.unreported += one.unreported;
        all.price_unknown |= one.price_unknown;
    }
    all
}

/// Gathers lines for a run, and tells of those that can't be read.
struct Reader {
    lines: mpsc::Receiver<Line>,
    fit: fn(Item) -> Result<Item, String>,
    /// Read already, for the next run.
    waiting: Option<Item>,
    bad: u64,
    read: u64,
}

impl Reader {
    /// The lines that are there, at least one that was read; `None` at the input's end. A run has
    /// each id once, so a second one of the same id waits for the next run.
    async fn batch(&mut self) -> Option<Vec<Item>> {
        let mut items: Vec<Item> = Vec::new();
        let mut ids = BTreeSet::new();
        let first = if let Some(item) = self.waiting.take() {
            Some(item)
        } else {
            // Nothing is awaited after this, so that nothing read is lost.
            let line = self.lines.recv().await?;
            self.item(line)
        };
        if let Some(item) = first {
            ids.insert(item.prompt.id.clone());
            items.push(item);
        }
        while items.len() < BATCH
            && let Ok(line) = self.lines.try_recv()
        {
            let Some(item) = self.item(line) else { continue };
            if !ids.insert(item.prompt.id.clone()) {
                self.waiting = Some(item);
                break;
            }
            items.push(item);
        }
        Some(items)
    }

    fn item(&mut self, (number, text): Line) -> Option<Item> {
        self.read += 1;
        let item = text.and_then(|text| Item::of_line(number, &text)).and_then(self.fit);
        match item {
            Ok(item) => Some(item),
            Err(why) => {
                self.bad += 1;
                out::say(&format!("line {number}: {why}"));
                None
            }
        }
    }
}
