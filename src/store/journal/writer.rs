//! The one thread that writes. What waits in its queue is committed together, and acknowledged
//! only then; a lone change is committed at once.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::guard::{Guard, Waiting, is_of_storage};
use super::write::{self, Change, Kept, Refusal};
use crate::store::{StoreError, unpoisoned};

/// Changes that may wait; more makes the engine wait (back-pressure).
const QUEUE: usize = 256;
/// The most changes of one commit.
const GROUP: usize = 64;
/// The longest that a change waits for others before the commit.
const GROUP_WAIT: Duration = Duration::from_millis(20);

/// A question to a journal in memory, which only the writer's connection can see.
pub(super) type Question = Box<dyn FnOnce(&Connection) + Send>;

enum Job {
    Keep { change: Change, done: oneshot::Sender<Result<Kept, StoreError>> },
    Ask(Question),
}

/// Hands changes to the writer's thread; dropping it lets the thread finish its queue and end.
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(
        connection: Connection,
        path: &Path,
        guard: Guard,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || serve(connection, queue, guard))
            .map_err(|error| StoreError::io("start the writer of", path, error))?;
        Ok(Self { jobs: Some(jobs), thread: Mutex::new(Some(thread)) })
    }

    /// Keeps a change; returns after its commit.
    pub(super) async fn keep(&self, change: Change) -> Result<Kept, StoreError> {
        let (done, kept) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        if jobs.send(Job::Keep { change, done }).await.is_err() {
            return Err(StoreError::Closed);
        }
        kept.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Leaves a change without waiting; where the queue is full it is left out.
    pub(super) fn leave(&self, change: Change) {
        let (done, _nobody_waits) = oneshot::channel();
        if let Some(jobs) = &self.jobs {
            jobs.try_send(Job::Keep { change, done }).ok();
        }
    }

    /// Puts a question to the writer's own connection.
    pub(super) async fn ask(&self, question: Question) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(Job::Ask(question)).await.map_err(|_gone| StoreError::Closed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Closing the queue ends the thread once it has committed what waits.
        self.jobs = None;
        if let Some(thread) = unpoisoned(&self.thread).take() {
            thread.join().ok();
        }
    }
}

fn serve(mut connection: Connection, mut queue: mpsc::Receiver<Job>, mut guard: Guard) {
    while let Some(first) = queue.blocking_recv() {
        let mut group = Vec::new();
        let mut next = Some(first);
        let begun = Instant::now();
        while let Some(job) = next {
            match job {
                Job::Keep { change, done } => group.push((change, done)),
                Job::Ask(question) => {
                    // It must see all that was asked for before it.
                    commit(&mut connection, &mut guard, std::mem::take(&mut group));
                    question(&connection);
                }
            }
            let is_full = group.len() >= GROUP || begun.elapsed() >= GROUP_WAIT;
            next = if is_full { None } else { queue.try_recv().ok() };
        }
        commit(&mut connection, &mut guard, group);
    }
    guard.after_commit(&mut connection);
    // The last connection folds the write-ahead log into the file.
    if let Err((_connection, error)) = connection.close() {
        tracing::warn!("the journal was not closed cleanly: {error}");
    }
}

fn commit(connection: &mut Connection, guard: &mut Guard, group: Vec<Waiting>) {
    if group.is_empty() {
        return;
    }
    let mut results = Vec::with_capacity(group.len());
    let committed = (|| -> rusqlite::Result<()> {
        let mut tx =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (change, _) in &group {
            // One change that is refused takes back only itself.
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
        tx.commit()
    })();
    match committed {
        Ok(()) => {
            // Before anybody hears of it, so that who waits sees what was rescued, too.
            guard.after_commit(connection);
            for ((_, done), result) in group.into_iter().zip(results) {
                // Who no longer waits does not mind.
                done.send(result).ok();
            }
        }
        Err(error) => guard.refuse(connection, group, error),
    }
}

fn of_refusal(refusal: Refusal) -> StoreError {
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
