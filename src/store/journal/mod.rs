//! The journal: every call that was paid for, every row, every run, every named version.
//!
//! One thread owns the only connection that writes; it commits in groups, and an answer comes
//! back only after its commit. Readers have connections of their own that can't write.
//! Start with [`Journal`]; `schema` has the tables, `writer` the thread, `read` the queries.

mod read;
mod record;
mod schema;
mod write;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, Weak};

pub use record::{
    CallId, CallState, Counts, NewCall, NewRun, Outcome, RowEntry, RunKind, RunRecord, RunState,
    StoredCall, StoredReply, Use, Version,
};

use super::StoreError;
use crate::domain::{CallKey, PromptId, Row, RunId};
use writer::Writer;

/// The journal of one project; cheap to clone, shared by all that write to it.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}
