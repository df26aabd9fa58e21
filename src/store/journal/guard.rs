//! What the writer does beside writing: what it could not keep is rescued, and the log is kept
//! short.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;

use super::rescue::{self, Rescue};
use super::watch::{Readers, Watch};
use super::write::{Change, Kept};
use crate::store::StoreError;

/// A change and who waits for its commit.
pub(super) type Waiting = (Change, oneshot::Sender<Result<Kept, StoreError>>);

/// The writer's care.
pub(super) struct Guard {
    rescue: Rescue,
    watch: Watch,
}

impl Guard {
    /// For the journal at a path; `told` has what [`super::Journal::rescued`] answers.
    pub(super) fn new(
        path: &Path,
        readers: Arc<Readers>,
        told: Arc<Mutex<Option<StoreError>>>,
    ) -> Self {
        Self { rescue: Rescue::new(rescue::folders(path), told), watch: Watch::new(path, readers) }
    }

    /// For a journal in memory, which has neither a log nor a place beside it.
    pub(super) fn of_nothing() -> Self {
        let (readers, told) = (Arc::default(), Arc::default());
        Self { rescue: Rescue::new(Vec::new(), told), watch: Watch::new(Path::new(""), readers) }
    }

    /// After each commit, before anything else is begun. Gives half of the keys of replies that
    /// were rescued and are in the journal now.
    pub(super) fn after_commit(&mut self, db: &mut Connection) -> Vec<u64> {
        let taken = self.rescue.after_commit(db);
        self.watch.after_commit(db);
        taken
    }

    /// Tells all of a group that it can't be kept; outcomes of calls are rescued first.
    pub(super) fn refuse(&mut self, db: &Connection, group: Vec<Waiting>, error: rusqlite::Error) {
        let source = Arc::new(error);
        let (mut outcomes, mut told, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (change, done) in group {
            match change {
                Change::Settle(call, settled) => {
                    outcomes.push((call, settled.outcome));
                    told.push(done);
                }
                _ => others.push(done),
            }
        }
        let refused = StoreError::Journal { doing: "be written", source: Arc::clone(&source) };
        let rescued = self.rescue.keep(db, outcomes, &source);
        for done in told {
            done.send(Err(rescued.clone())).ok();
        }
        for done in others {
            done.send(Err(refused.clone())).ok();
        }
    }
}

/// Whether an error says that nothing can be written at all, not that one change is amiss.
pub(super) fn is_of_storage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::OutOfMemory
        )
    )
}
