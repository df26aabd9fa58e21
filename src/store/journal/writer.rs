//! The one thread that writes. What waits in its queue is committed together, and acknowledged
//! only then; a lone change is committed at once.
//!
//! A commit costs the same whether it holds one change or two hundred, so where others are likely
//! to come within a few milliseconds they are waited for ([`Pace`]).

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::guard::{Guard, Waiting, is_of_storage};
use super::known::{Known, half};
use super::record::{CallId, CallState};
use super::write::{self, Change, Kept, Refusal};
use crate::domain::RunId;
use crate::store::{StoreError, unpoisoned};

/// The most changes of one commit.
const GROUP: usize = 256;
/// The longest that a change waits for others before the commit, where calls take long.
const GROUP_WAIT: Duration = Duration::from_millis(4);

/// A question to a journal in memory, which only the writer's connection can see.
pub(super) type Question = Box<dyn FnOnce(&Connection) + Send>;

enum Job {
    Keep { change: Change, done: oneshot::Sender<Result<Kept, StoreError>> },
    Ask(Question),
}

/// What waits for the writer. Nobody is held back here: who hands in a change waits for it, so
/// there are never more than there are calls and rows at work.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Jobs>,
    come: Condvar,
}

#[derive(Default)]
struct Jobs {
    jobs: Vec<Job>,
    /// With so many jobs the writer is to be woken; 0: it is at work and looks by itself.
    wake_at: usize,
    is_closed: bool,
}

impl Queue {
    fn put(&self, job: Job) -> Result<(), StoreError> {
        let mut waiting = unpoisoned(&self.waiting);
        if waiting.is_closed {
            return Err(StoreError::Closed);
        }
        waiting.jobs.push(job);
        let wakes = waiting.wake_at > 0 && waiting.jobs.len() >= waiting.wake_at;
        if wakes {
            waiting.wake_at = 0;
        }
        drop(waiting);
        if wakes {
            self.come.notify_one();
        }
        Ok(())
    }

    fn close(&self) {
        unpoisoned(&self.waiting).is_closed = true;
        self.come.notify_all();
    }

    /// Waits for the next jobs, and where it pays for more to commit with them; `None`: no more
    /// will come.
    fn take(&self, pace: &Pace) -> Option<Vec<Job>> {
        let mut waiting = unpoisoned(&self.waiting);
        while waiting.jobs.is_empty() {
            if waiting.is_closed {
                return None;
            }
            waiting.wake_at = 1;
            waiting = self.come.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let until = Instant::now() + pace.wait();
        loop {
            let worth = pace.worth_waiting_for(&waiting.jobs).min(GROUP);
            let left = until.saturating_duration_since(Instant::now());
            if waiting.jobs.len() >= worth || left.is_zero() || waiting.is_closed {
                break;
            }
            waiting.wake_at = worth;
            let waited = self.come.wait_timeout(waiting, left);
            waiting = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        waiting.wake_at = 0;
        let group = waiting.jobs.len().min(GROUP);
        Some(waiting.jobs.drain(..group).collect())
    }
}

/// Hands changes to the writer's thread; dropping it lets the thread finish its queue and end.
pub(super) struct Writer {
    queue: Arc<Queue>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread; it adds to `known` what it commits.
    pub(super) fn start(
        connection: Connection,
        path: &Path,
        guard: Guard,
        known: Arc<Known>,
    ) -> Result<Self, StoreError> {
        let queue = Arc::<Queue>::default();
        let served = Arc::clone(&queue);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || serve(Keeper::new(connection, guard, known), &served))
            .map_err(|error| StoreError::io("start the writer of", path, error))?;
        Ok(Self { queue, thread: Mutex::new(Some(thread)) })
    }

    /// Keeps a change; returns after its commit.
    pub(super) async fn keep(&self, change: Change) -> Result<Kept, StoreError> {
        let (done, kept) = oneshot::channel();
        self.queue.put(Job::Keep { change, done })?;
        kept.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Leaves a change without waiting.
    pub(super) fn leave(&self, change: Change) {
        let (done, _nobody_waits) = oneshot::channel();
        self.queue.put(Job::Keep { change, done }).ok();
    }

    /// Puts a question to the writer's own connection.
    pub(super) fn ask(&self, question: Question) -> Result<(), StoreError> {
        self.queue.put(Job::Ask(question))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Closing the queue ends the thread once it has committed what waits.
        self.queue.close();
        if let Some(thread) = unpoisoned(&self.thread).take() {
            thread.join().ok();
        }
    }
}

/// Closes the queue even where the thread breaks down, so that nobody waits for ever.
struct Served<'a>(&'a Queue);

impl Drop for Served<'_> {
    fn drop(&mut self) {
        self.0.close();
        unpoisoned(&self.0.waiting).jobs.clear();
    }
}

fn serve(mut keeper: Keeper, queue: &Queue) {
    let served = Served(queue);
    while let Some(jobs) = queue.take(&keeper.pace) {
        keeper.pace.took(jobs.len());
        let mut group = Vec::with_capacity(jobs.len());
        for job in jobs {
            match job {
                Job::Keep { change, done } => group.push((change, done)),
                Job::Ask(question) => {
                    // It must see all that was asked for before it.
                    keeper.commit(std::mem::take(&mut group));
                    question(&keeper.connection);
                }
            }
        }
        keeper.commit(group);
    }
    drop(served);
    keeper.guard.after_commit(&mut keeper.connection);
    // The last connection folds the write-ahead log into the file.
    if let Err((_connection, error)) = keeper.connection.close() {
        tracing::warn!("the journal was not closed cleanly: {error}");
    }
}

/// How many changes came of late, and from how many calls more can.
#[derive(Default)]
struct Pace {
    /// Changes so far, each counting less the longer ago it came.
    recent: f64,
    last: Option<Instant>,
    /// Calls that are sent and not settled.
    open: usize,
    /// How long a call takes from its intent to its outcome, of late.
    call: Duration,
}

impl Pace {
    /// The part of a call's own time that it may be held up: its intent holds a place that others
    /// wait for.
    const HELD_UP: u32 = 50;
    /// How long ago a change counts about a third.
    const MEMORY: Duration = Duration::from_millis(20);

    fn answered(&mut self, after: Duration) {
        /// How much the newest call says (chosen by eye).
        const NEWEST: f64 = 0.1;
        self.call = self.call.mul_f64(1.0 - NEWEST) + after.mul_f64(NEWEST);
    }

    fn wait(&self) -> Duration {
        GROUP_WAIT.min(self.call / Self::HELD_UP)
    }

    fn recent(&self, now: Instant) -> f64 {
        let since = self.last.map_or(Duration::ZERO, |last| now.saturating_duration_since(last));
        self.recent * (-since.as_secs_f64() / Self::MEMORY.as_secs_f64()).exp()
    }

    fn took(&mut self, jobs: usize) {
        let now = Instant::now();
        self.recent = self.recent(now) + jobs as f64;
        self.last = Some(now);
    }

    /// How many jobs to wait for: with as many as calls can still bring, or at once where none is
    /// likely to come in time.
    fn worth_waiting_for(&self, jobs: &[Job]) -> usize {
        let likely = self.recent(Instant::now()) * self.wait().div_duration_f64(Self::MEMORY);
        if likely < 1.0 {
            return 1;
        }
        let settling =
            jobs.iter().filter(|job| matches!(job, Job::Keep { change: Change::Settle(..), .. }));
        jobs.len() + self.open.saturating_sub(settling.count())
    }
}

/// A call that is sent and not settled.
struct Open {
    run: RunId,
    /// Half of its key.
    key: u64,
    since: Instant,
}

/// The connection that writes, and what it has learned.
struct Keeper {
    connection: Connection,
    guard: Guard,
    known: Arc<Known>,
    pace: Pace,
    /// Calls that are sent and not settled.
    open: HashMap<CallId, Open>,
}

impl Keeper {
    fn new(connection: Connection, guard: Guard, known: Arc<Known>) -> Self {
        Self { connection, guard, known, pace: Pace::default(), open: HashMap::new() }
    }

    fn commit(&mut self, group: Vec<Waiting>) {
        if group.is_empty() {
            return;
        }
        let committed = match self.all_at_once(&group) {
            Ok(kept) => Ok(kept.into_iter().map(Ok).collect()),
            Err(Refusal::Sql(error)) if is_of_storage(&error) => Err(error),
            // One that is refused must take no other with it.
            Err(_refused) => self.one_by_one(&group),
        };
        let results = match committed {
            Ok(results) => results,
            Err(error) => return self.guard.refuse(&self.connection, group, error),
        };
        self.learn(&group, &results);
        // Before anybody hears of it, so that who waits sees what was rescued, too.
        let taken_back = self.guard.after_commit(&mut self.connection);
        self.known.add(taken_back.into_iter());
        for ((_, done), result) in group.into_iter().zip(results) {
            // Who no longer waits does not mind.
            done.send(result).ok();
        }
    }

    /// Before anybody is told: who is told may be gone, but the reply is paid for.
    fn learn(&mut self, group: &[Waiting], results: &[Result<Kept, StoreError>]) {
        let mut replied = Vec::new();
        for ((change, _), result) in group.iter().zip(results) {
            match (change, result) {
                (Change::Intent(new), Ok(Kept::Call(id))) => {
                    let (run, key) = (new.run.clone(), half(&new.key.0));
                    self.open.insert(*id, Open { run, key, since: Instant::now() });
                }
                (Change::Settle(id, settled), Ok(_)) => {
                    let open = self.open.remove(id);
                    if let Some(open) = &open {
                        self.pace.answered(open.since.elapsed());
                    }
                    if settled.state == CallState::Replied {
                        let key = open.map(|open| open.key);
                        replied.extend(key.or_else(|| write::key_of(&self.connection, *id)));
                    }
                }
                (Change::Withdraw(id), Ok(_)) => drop(self.open.remove(id)),
                // Whoever waited for its calls is gone.
                (
                    Change::ReopenRun(run, ..)
                    | Change::AbandonRun(run)
                    | Change::FinishRun(run, ..),
                    _,
                ) => self.open.retain(|_, open| open.run != *run),
                _ => {}
            }
        }
        self.pace.open = self.open.len();
        self.known.add(replied.into_iter());
    }

    fn all_at_once(&mut self, group: &[Waiting]) -> Result<Vec<Kept>, Refusal> {
        let tx =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let mut kept = Vec::with_capacity(group.len());
        for (change, _) in group {
            kept.push(write::apply(&tx, change)?);
        }
        tx.commit()?;
        Ok(kept)
    }

    fn one_by_one(&mut self, group: &[Waiting]) -> rusqlite::Result<Vec<Result<Kept, StoreError>>> {
        let mut results = Vec::with_capacity(group.len());
        let mut tx =
            self.connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (change, _) in group {
            let point = tx.savepoint()?;
            let result = match write::apply(&point, change) {
                Err(Refusal::Sql(error)) if is_of_storage(&error) => return Err(error),
                result => result,
            };
            if result.is_ok() {
                point.commit()?;
            } else {
                drop(point);
            }
            results.push(result.map_err(of_refusal));
        }
        tx.commit()?;
        Ok(results)
    }
}

/// A refusal as it is told.
pub(super) fn of_refusal(refusal: Refusal) -> StoreError {
    match refusal {
        Refusal::Sql(error) => StoreError::Journal { doing: "be written", source: Arc::new(error) },
        Refusal::Json(error) => {
            StoreError::Record { what: "record".to_owned(), reason: error.to_string() }
        }
        Refusal::Io(error) => {
            StoreError::Record { what: "body".to_owned(), reason: error.to_string() }
        }
        Refusal::NoRun(run) => StoreError::Record {
            what: format!("run {run}"),
            reason: "there is no such run".to_owned(),
        },
    }
}
