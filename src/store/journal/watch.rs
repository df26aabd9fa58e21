//! Keeps the write-ahead log from growing without end.
//!
//! The writer folds it into the file as it goes. A reader that stays in the middle of a question
//! holds the log where it is: one left open for 8 s made it grow to 705 MB in a measurement. No
//! question here does that; should one ever, the log says which.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::pages::log_of;
use crate::store::unpoisoned;

/// The log is folded and cut once it is longer, in bytes.
const LONGEST: u64 = 64 << 20;
/// Between two tries, since a try that fails waits for the readers.
const BETWEEN: Duration = Duration::from_secs(5);
/// How long a try waits for readers. Each commit waits meanwhile.
const WAIT: Duration = Duration::from_millis(100);
/// How long commits wait for others, usually.
const USUAL_WAIT: Duration = Duration::from_secs(5);

/// Questions being answered now.
#[derive(Default)]
pub(super) struct Readers {
    next: AtomicU64,
    open: Mutex<BTreeMap<u64, (&'static str, Instant)>>,
}

/// A question being answered; over when dropped.
pub(super) struct Reading<'a> {
    readers: &'a Readers,
    number: u64,
}

impl Readers {
    /// Notes that a question begins; `what` names it.
    pub(super) fn begin(&self, what: &'static str) -> Reading<'_> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        unpoisoned(&self.open).insert(number, (what, Instant::now()));
        Reading { readers: self, number }
    }

    /// The question that is being answered for longest.
    fn longest(&self) -> Option<(&'static str, Duration)> {
        let open = unpoisoned(&self.open);
        let (what, since) = open.values().min_by_key(|(_, since)| *since)?;
        Some((what, since.elapsed()))
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        unpoisoned(&self.readers.open).remove(&self.number);
    }
}

/// The writer's eye on the log.
pub(super) struct Watch {
    log: PathBuf,
    readers: Arc<Readers>,
    longest: u64,
    tried: Option<Instant>,
}

impl Watch {
    pub(super) fn new(path: &Path, readers: Arc<Readers>) -> Self {
        Self { log: log_of(path), readers, longest: LONGEST, tried: None }
    }

    /// Cuts the log where it has grown too long; only the writer may call it. Returns who kept it
    /// from doing so.
    pub(super) fn after_commit(&mut self, db: &Connection) -> Option<String> {
        let length = std::fs::metadata(&self.log).map_or(0, |data| data.len());
        let is_soon = self.tried.is_some_and(|tried| tried.elapsed() < BETWEEN);
        if length <= self.longest || is_soon {
            return None;
        }
        self.tried = Some(Instant::now());
        db.busy_timeout(WAIT).ok();
        let is_held =
            db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        db.busy_timeout(USUAL_WAIT).ok();
        let megabytes = length >> 20;
        let why = match is_held {
            Ok(0) => return None,
            Ok(_) => match self.readers.longest() {
                Some((what, since)) => format!("held for {:.1} s by {what}", since.as_secs_f64()),
                None => "held by another program that reads the journal".to_owned(),
            },
            Err(error) => error.to_string(),
        };
        tracing::warn!("the journal's log has {megabytes} MB and can't be folded: {why}");
        Some(why)
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::super::tests::on_disk;
    use super::*;

    #[test]
    fn a_long_log_is_cut_and_who_holds_it_is_named() {
        let (_folder, path) = on_disk();
        let db = schema::open_writer(&path).unwrap();
        db.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        let readers = Arc::<Readers>::default();
        let mut watch = Watch::new(&path, Arc::clone(&readers));
        watch.longest = 100_000;
        let fill = || {
            db.execute(
                "INSERT INTO bodies (hash, size, data) VALUES (randomblob(32), 0, randomblob(200000))",
                [],
            )
            .unwrap();
        };
        let length = || std::fs::metadata(log_of(&path)).unwrap().len();
        fill();
        // A reader in the middle of a question.
        let other = schema::plain_reader(&path).unwrap();
        other.execute_batch("BEGIN").unwrap();
        other.query_row("SELECT count(*) FROM bodies", [], |row| row.get::<_, i64>(0)).unwrap();
        let reading = readers.begin("rows");
        fill();
        let why = watch.after_commit(&db).expect("it is held");
        assert!(why.contains("rows"), "{why}");
        assert!(length() > 200_000);
        drop(reading);
        other.execute_batch("COMMIT").unwrap();
        assert_eq!(watch.after_commit(&db), None, "not again so soon");
        assert!(length() > 200_000);
        watch.tried = None;
        assert_eq!(watch.after_commit(&db), None);
        assert_eq!(length(), 0);
    }
}
