//! Looks through a journal for damage, in the background, once it is open.
//!
//! The opening itself must stay quick, and a damaged page is noticed when it is read; this finds
//! the others, before hours of work are added to a file that is going bad.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::watch;

use super::schema;
use crate::store::{StoreError, unpoisoned};

/// How long the journal is open before it is looked through: the first frame comes first, and a
/// command that only lists runs is over by then.
const PATIENCE: Duration = Duration::from_millis(1500);

/// What is known about a journal's file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Health {
    /// Nothing so far.
    #[default]
    Unknown,
    /// It was looked through and is whole.
    Sound,
    /// It is damaged; this is what was found first.
    Damaged(String),
}

/// The look through a journal; dropping it ends it.
pub(super) struct Checkup {
    stop: Option<SyncSender<()>>,
    at_work: Arc<Mutex<AtWork>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct AtWork {
    is_over: bool,
    interrupt: Option<InterruptHandle>,
}

impl Checkup {
    /// Begins soon; tells what it found.
    pub(super) fn start(path: &Path, health: watch::Sender<Health>) -> Self {
        let (stop, stopped) = sync_channel(1);
        let at_work = Arc::<Mutex<AtWork>>::default();
        let (path, theirs): (PathBuf, _) = (path.to_owned(), Arc::clone(&at_work));
        let work = move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let found = look(&path, &theirs);
            unpoisoned(&theirs).interrupt = None;
            if let Some(found) = found {
                health.send_replace(found);
            }
        };
        // Where no thread can be had, damage is noticed when it is read.
        let thread = std::thread::Builder::new().name("journal-check".to_owned()).spawn(work).ok();
        Self { stop: Some(stop), at_work, thread }
    }
}

impl Drop for Checkup {
    fn drop(&mut self) {
        self.stop = None;
        {
            let mut at_work = unpoisoned(&self.at_work);
            at_work.is_over = true;
            if let Some(interrupt) = &at_work.interrupt {
                interrupt.interrupt();
            }
        }
        // Its connection must be closed before the writer's.
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// `None`: it was interrupted, or something else than damage kept it from looking.
fn look(path: &Path, at_work: &Mutex<AtWork>) -> Option<Health> {
    let db = match schema::plain_reader(path) {
        Ok(db) => db,
        Err(StoreError::JournalDamaged { what, .. }) => return Some(Health::Damaged(what)),
        Err(_) => return None,
    };
    {
        let mut at_work = unpoisoned(at_work);
        if at_work.is_over {
            return None;
        }
        at_work.interrupt = Some(db.get_interrupt_handle());
    }
    let health = of_answer(quick_check(&db));
    if let Some(Health::Damaged(what)) = &health {
        tracing::error!("the journal is damaged ({what}): {}", path.display());
    }
    health
}

/// Looks through a whole journal now, and waits for it.
///
/// # Errors
///
/// It can't be opened or read for another reason than damage.
pub fn check(path: &Path) -> Result<Health, StoreError> {
    let db = match schema::plain_reader(path) {
        Ok(db) => db,
        Err(StoreError::JournalDamaged { what, .. }) => return Ok(Health::Damaged(what)),
        Err(error) => return Err(error),
    };
    match schema::version(&db, path) {
        Ok(_) => {}
        Err(StoreError::JournalDamaged { what, .. }) => return Ok(Health::Damaged(what)),
        Err(error) => return Err(error),
    }
    let answer = quick_check(&db);
    if let Err(error) = &answer
        && of_error(error).is_none()
    {
        let source = Arc::new(answer.err().unwrap_or(rusqlite::Error::InvalidQuery));
        return Err(StoreError::Journal { doing: "be read", source });
    }
    Ok(of_answer(answer).unwrap_or_default())
}

/// What SQLite finds wrong, the first few things; `ok` alone where nothing is.
fn quick_check(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut query = db.prepare("PRAGMA quick_check(8)")?;
    let found = query.query_map([], |row| row.get(0))?;
    found.collect()
}

fn of_answer(answer: rusqlite::Result<Vec<String>>) -> Option<Health> {
    match answer {
        Ok(lines) if lines == ["ok"] => Some(Health::Sound),
        Ok(lines) => {
            // “*** in database main ***” and the like say nothing.
            let lines: Vec<&str> = lines
                .iter()
                .flat_map(|line| line.lines())
                .filter(|line| !line.starts_with("***"))
                .take(3)
                .collect();
            Some(Health::Damaged(lines.join("; ")))
        }
        Err(error) => of_error(&error),
    }
}

fn of_error(error: &rusqlite::Error) -> Option<Health> {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            Some(Health::Damaged(error.to_string()))
        }
        _ => None,
    }
}
