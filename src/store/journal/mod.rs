//! The journal: every call that was paid for, every row, every run, every named version.
//!
//! One thread owns the only connection that writes; it commits in groups, and an answer comes
//! back only after its commit. Readers have connections of their own that can't write.
//! Start with [`Journal`]; `schema` has the tables, `writer` the thread, `read` the queries.
//! What keeps it whole: `backup` (before tables change), `check` (damage, in the background),
//! `pages`, `salvage`, `mend` and `replace` (a damaged file), `rescue` (a full disk), `watch` (the
//! log's length), `unknown` (what may have been paid twice).

mod backup;
mod changes;
mod check;
mod guard;
mod hands;
mod known;
mod mend;
mod money;
mod notice;
mod open;
mod pack;
mod pages;
mod read;
mod record;
mod replace;
mod rescue;
mod salvage;
mod schema;
mod unknown;
mod watch;
mod write;
mod writer;

#[cfg(test)]
mod rescue_tests;
#[cfg(test)]
mod salvage_tests;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use backup::copy;
pub use changes::RunChange;
pub use check::{Health, check};
pub use money::SpentDay;
pub use notice::Notice;
pub use record::{
    CallId, CallState, Counts, GoodRows, NewCall, NewRun, Outcome, RowEntry, RunKind, RunOverview,
    RunRecord, RunState, StoredCall, StoredReply, Use, Version, unparsed,
};
pub use replace::{Replaced, replace};
pub use salvage::{Salvaged, SalvagedTable, salvage};
pub use unknown::{CallSum, Unknown};

use super::StoreError;
use crate::domain::{CallKey, PromptId, Row, RunId};
use check::Checkup;
use known::Known;
use watch::Readers;
use write::{Change, Kept};
use writer::{Writer, of_refusal};

/// The journal of one project; cheap to clone, shared by all that write to it.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    /// Connections at rest; each question takes one or opens another. They are closed before the
    /// writer's: only the last connection folds the write-ahead log into the file, and a copy of
    /// the file alone is then whole.
    readers: Mutex<Vec<rusqlite::Connection>>,
    /// Likewise closed before the writer's.
    checkup: Mutex<Option<Checkup>>,
    writer: Option<Writer>,
    is_in_memory: bool,
    known: Arc<Known>,
    /// Questions being answered.
    reading: Arc<Readers>,
    health: tokio::sync::watch::Sender<Health>,
    notices: Vec<Notice>,
    /// What to say of replies that are beside the journal.
    rescued: Arc<Mutex<Option<StoreError>>>,
}

impl Journal {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Whether it is gone when its last clone is.
    pub fn is_in_memory(&self) -> bool {
        self.inner.is_in_memory
    }

    /// Whether every change is refused.
    pub fn is_read_only(&self) -> bool {
        self.inner.writer.is_none()
    }

    /// The reply that was paid for under a key.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn lookup(&self, key: &CallKey) -> Result<Option<StoredReply>, StoreError> {
        // Who writes knows all keys, and most are not there; what another process writes, only
        // the file knows.
        if self.inner.writer.is_some() {
            self.inner.known.load(self.read(read::replied_keys)).await?;
            if !self.inner.known.may_have(key) {
                return Ok(None);
            }
        }
        let key = key.clone();
        self.read(move |db| read::lookup(db, &key)).await
    }

    /// Keeps that a request is about to be sent; returns after the commit.
    ///
    /// # Errors
    ///
    /// The journal can't be written: nothing may be sent.
    pub async fn intent(&self, call: NewCall) -> Result<CallId, StoreError> {
        let intent = write::Intent::of(call).map_err(of_refusal)?;
        match self.keep(Change::Intent(Box::new(intent))).await? {
            Kept::Call(id) => Ok(id),
            _ => Err(mismatch()),
        }
    }

    /// Keeps what became of a request; returns after the commit.
    ///
    /// # Errors
    ///
    /// The journal can't be written: the reply must not be used as if it were kept.
    pub async fn settle(&self, call: CallId, outcome: Outcome) -> Result<(), StoreError> {
        let settled = write::Settled::of(outcome).map_err(of_refusal)?;
        self.keep(Change::Settle(call, Box::new(settled))).await.map(drop)
    }

    /// Takes an intent back: its request was not sent after all. Returns after the commit.
    ///
    /// # Errors
    ///
    /// The journal can't be written: the call counts as one whose outcome nobody knows.
    pub async fn withdraw(&self, call: CallId) -> Result<(), StoreError> {
        self.keep(Change::Withdraw(call)).await.map(drop)
    }

    /// Makes a run.
    ///
    /// # Errors
    ///
    /// The journal can't be written.
    pub async fn create_run(&self, run: NewRun) -> Result<RunRecord, StoreError> {
        match self.keep(Change::CreateRun(run)).await? {
            Kept::Run(record) => Ok(*record),
            _ => Err(mismatch()),
        }
    }

    /// Marks a run as running again.
    ///
    /// # Errors
    ///
    /// There is no such run, or the journal can't be written.
    pub async fn reopen_run(&self, run: &RunId, rows_total: u64) -> Result<(), StoreError> {
        self.keep(Change::ReopenRun(run.clone(), rows_total)).await.map(drop)
    }

    /// Ends a run; `message` says why it stopped and is empty where it is done.
    ///
    /// # Errors
    ///
    /// There is no such run, or the journal can't be written.
    pub async fn finish_run(
        &self,
        run: &RunId,
        state: RunState,
        message: &str,
    ) -> Result<(), StoreError> {
        self.keep(Change::FinishRun(run.clone(), state, message.to_owned())).await.map(drop)
    }

    /// Marks a run as interrupted without waiting for the commit: for when nobody is left to wait.
    pub fn abandon_run(&self, run: &RunId) {
        if let Some(writer) = &self.inner.writer {
            writer.leave(Change::AbandonRun(run.clone()));
        }
    }

    /// All runs, newest first.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn runs(&self) -> Result<Vec<RunRecord>, StoreError> {
        self.read(read::runs).await
    }

    /// One run; `None` where there is none of that name.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn run(&self, run: &RunId) -> Result<Option<RunRecord>, StoreError> {
        let run = run.clone();
        self.read(move |db| read::run(db, &run)).await
    }

    /// What a run was started with, as JSON; `None` where there is no such run.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn frozen(&self, run: &RunId) -> Result<Option<serde_json::Value>, StoreError> {
        let run = run.clone();
        self.read(move |db| read::frozen(db, &run)).await
    }

    /// Keeps a row in place of an earlier one of the same position, with the replies it was
    /// made of.
    ///
    /// # Errors
    ///
    /// There is no such run, or the journal can't be written.
    pub async fn put_row(
        &self,
        run: &RunId,
        position: u64,
        row: impl Borrow<Row>,
        uses: Vec<Use>,
    ) -> Result<(), StoreError> {
        let row = write::PutRow::of(run, position, row.borrow(), &uses).map_err(of_refusal)?;
        self.keep(Change::PutRow(Box::new(row))).await.map(drop)
    }

    /// A page of a run's rows in the order of its prompts: at most `limit` of those after a
    /// position.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn rows(
        &self,
        run: &RunId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<RowEntry>, StoreError> {
        let run = run.clone();
        self.read(move |db| read::rows(db, &run, after, limit)).await
    }

    /// The row of a prompt, where it is there already.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn row(
        &self,
        run: &RunId,
        prompt: &PromptId,
    ) -> Result<Option<RowEntry>, StoreError> {
        let (run, prompt) = (run.clone(), prompt.clone());
        self.read(move |db| read::row(db, &run, &prompt)).await
    }

    /// A run's sums.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn counts(&self, run: &RunId) -> Result<Counts, StoreError> {
        let run = run.clone();
        self.read(move |db| read::counts(db, &run)).await
    }

    /// US dollars that a run has cost so far; calls of unknown outcome count their worst case.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn cost(&self, run: &RunId) -> Result<f64, StoreError> {
        let run = run.clone();
        self.read(move |db| read::cost(db, &run)).await
    }

    /// US dollars that all calls of the project have cost so far; calls of unknown outcome count
    /// their worst case, models without a price nothing.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn spent(&self) -> Result<f64, StoreError> {
        self.read(read::spent).await
    }

    /// The calls behind a row, in the order asked, replayed ones and failed attempts included.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn calls(
        &self,
        run: &RunId,
        prompt: &PromptId,
    ) -> Result<Vec<StoredCall>, StoreError> {
        let (run, prompt) = (run.clone(), prompt.clone());
        self.read(move |db| read::calls(db, &run, &prompt)).await
    }

    /// Keeps a document's text under a name (which may be empty); returns its hash, the BLAKE3
    /// of the text. The same text under the same name is kept once.
    ///
    /// # Errors
    ///
    /// The journal can't be written.
    pub async fn put_version(
        &self,
        kind: &str,
        stem: &str,
        name: &str,
        text: &str,
    ) -> Result<String, StoreError> {
        let [kind, stem, name, text] = [kind, stem, name, text].map(str::to_owned);
        match self.keep(Change::PutVersion { kind, stem, name, text }).await? {
            Kept::Hash(hash) => Ok(hash),
            _ => Err(mismatch()),
        }
    }

    /// A document's kept versions, newest first.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn versions(&self, kind: &str, stem: &str) -> Result<Vec<Version>, StoreError> {
        let (kind, stem) = (kind.to_owned(), stem.to_owned());
        self.read(move |db| read::versions(db, &kind, &stem)).await
    }

    /// A version's text by its hash.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub async fn version_text(&self, hash: &str) -> Result<Option<String>, StoreError> {
        let hash = hash.to_owned();
        self.read(move |db| read::version_text(db, &hash)).await
    }

    async fn keep(&self, change: Change) -> Result<Kept, StoreError> {
        let Some(writer) = &self.inner.writer else {
            let root = self.inner.path.parent().unwrap_or(&self.inner.path).to_owned();
            return Err(StoreError::ReadOnly { root });
        };
        // What was paid for is kept wherever it can be; nothing else is added to a damaged file.
        if let Health::Damaged(what) = &*self.inner.health.borrow()
            && !matches!(change, Change::Settle(..))
        {
            let path = self.inner.path.clone();
            return Err(StoreError::JournalDamaged { path, what: what.clone() });
        }
        writer.keep(change).await
    }

    /// Puts a question on a thread that may block, with a connection that can't write.
    async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&rusqlite::Connection) -> Result<T, read::Unread> + Send + 'static,
    ) -> Result<T, StoreError> {
        let what = name_of(&question);
        if self.inner.is_in_memory {
            let writer = self.inner.writer.as_ref().ok_or(StoreError::Closed)?;
            let (answer, answered) = tokio::sync::oneshot::channel();
            let ask = move |db: &rusqlite::Connection| {
                answer.send(question(db)).ok();
            };
            writer.ask(Box::new(ask))?;
            return answered.await.map_err(|_gone| StoreError::Closed)?.map_err(of_unread);
        }
        let inner = Arc::clone(&self.inner);
        let work = move || {
            let connection = inner.reader()?;
            let reading = inner.reading.begin(what);
            let answer = question(&connection).map_err(of_unread);
            drop(reading);
            inner.put_back(connection);
            answer
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(answer) => answer,
            Err(_panicked) => Err(StoreError::Closed),
        }
    }
}

fn of_unread(unread: read::Unread) -> StoreError {
    match unread {
        read::Unread::Sql(error) => {
            StoreError::Journal { doing: "be read", source: Arc::new(error) }
        }
        read::Unread::Record(what, reason) => StoreError::Record { what, reason },
    }
}

/// The name of the method that puts a question, for the log.
fn name_of<T>(_question: &T) -> &'static str {
    let name = std::any::type_name::<T>().trim_end_matches("::{{closure}}");
    name.rsplit("::").next().unwrap_or(name)
}

/// The writer answers each change with its own kind of result; anything else is a fault of ours.
fn mismatch() -> StoreError {
    StoreError::Record { what: "answer".to_owned(), reason: "it is of another kind".to_owned() }
}
