//! How a journal is opened and closed, and what is known about its file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, Weak};

use tokio::sync::watch;

use super::check::{Checkup, Health};
use super::guard::Guard;
use super::notice::Notice;
use super::writer::Writer;
use super::{Inner, Journal, backup, read, replace, rescue, schema};
use crate::store::{StoreError, unpoisoned, volume};

/// Journals open for writing in this process, so that opening one again shares its writer.
static OPEN: LazyLock<Mutex<BTreeMap<PathBuf, Weak<Inner>>>> = LazyLock::new(Mutex::default);

/// Connections that are kept at rest.
const READERS: usize = 4;

impl Journal {
    /// Opens a journal to write, and makes it where there is none. What a program that ended
    /// halfway left open becomes `unknown` (calls) and `interrupted` (runs). Opening it again in
    /// the same process shares the writer.
    ///
    /// Only who holds the project's lock may call it.
    ///
    /// # Errors
    ///
    /// [`StoreError::JournalNewer`], [`StoreError::JournalDamaged`], or SQLite's refusal.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = absolute(path);
        let mut open = unpoisoned(&OPEN);
        if let Some(inner) = open.get(&path).and_then(Weak::upgrade) {
            return Ok(Self { inner });
        }
        replace::finish(&path)?;
        let backup = backup::before_migration(&path)?;
        let mut connection = schema::open_writer(&path)?;
        let mut inner = Inner::new(path.clone());
        inner.notices.extend(backup);
        inner.notices.extend(rescue::take_back(&mut connection, &rescue::folders(&path)));
        let guard = Guard::new(&path, Arc::clone(&inner.reading), Arc::clone(&inner.rescued));
        let known = Arc::clone(&inner.known);
        inner.writer = Some(Writer::start(connection, &path, guard, known)?);
        inner.checkup = Mutex::new(Some(Checkup::start(&path, inner.health.clone())));
        let inner = Arc::new(inner);
        open.retain(|_, other| other.strong_count() > 0);
        open.insert(path, Arc::downgrade(&inner));
        Ok(Self { inner })
    }

    /// Opens a journal that somebody else writes; every change is refused. Where there is none,
    /// it is empty.
    ///
    /// # Errors
    ///
    /// As [`Journal::open`].
    pub fn open_read_only(path: &Path) -> Result<Self, StoreError> {
        let path = absolute(path);
        let mut inner = Inner::new(path);
        inner.readers = Mutex::new(schema::open_reader(&inner.path)?.into_iter().collect());
        Ok(Self { inner: Arc::new(inner) })
    }

    /// A journal that is gone when its last clone is: for what is asked once.
    ///
    /// # Errors
    ///
    /// SQLite's refusal, or the writer's thread can't be started.
    pub fn open_in_memory() -> Result<Self, StoreError> {
        let path = PathBuf::from(":memory:");
        let mut inner = Inner { is_in_memory: true, ..Inner::new(path) };
        let known = Arc::clone(&inner.known);
        let connection = schema::open_memory()?;
        inner.writer = Some(Writer::start(connection, &inner.path, Guard::of_nothing(), known)?);
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Whether it is open for writing in this process.
    pub fn is_open(path: &Path) -> bool {
        unpoisoned(&OPEN).get(&absolute(path)).is_some_and(|inner| inner.strong_count() > 0)
    }

    /// What a user should know about how it was opened.
    pub fn notices(&self) -> Vec<Notice> {
        self.inner.notices.clone()
    }

    /// What is known about its file; damage is looked for in the background soon after it was
    /// opened to write.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.inner.health.subscribe()
    }

    /// What to say where paid replies could not be kept and lie beside the journal now.
    pub fn rescued(&self) -> Option<StoreError> {
        unpoisoned(&self.inner.rescued).clone()
    }

    /// Makes sure that the disk has room for that many more calls, and for the replies on their
    /// way when it is full all the same.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoRoom`]: nothing should be begun.
    pub async fn room(&self, calls: u64) -> Result<(), StoreError> {
        if self.inner.is_in_memory || self.is_read_only() {
            return Ok(());
        }
        let bytes_each = self.read(bytes_per_call).await?;
        let path = &self.inner.path;
        volume::room(path, volume::free(path), calls.saturating_mul(bytes_each))?;
        // Nobody has to wait for it.
        let path = path.clone();
        drop(tokio::task::spawn_blocking(move || rescue::reserve(&path)));
        Ok(())
    }
}

impl Inner {
    /// Of a journal that is not written so far.
    fn new(path: PathBuf) -> Self {
        Self {
            path,
            readers: Mutex::default(),
            checkup: Mutex::default(),
            writer: None,
            is_in_memory: false,
            reading: Arc::default(),
            health: watch::Sender::new(Health::Unknown),
            notices: Vec::new(),
            rescued: Arc::default(),
            known: Arc::default(),
        }
    }

    pub(super) fn reader(&self) -> Result<rusqlite::Connection, StoreError> {
        if let Some(connection) = unpoisoned(&self.readers).pop() {
            return Ok(connection);
        }
        match schema::open_reader(&self.path)? {
            Some(connection) => Ok(connection),
            // Nobody has written yet: an empty one answers the same.
            None => schema::open_memory(),
        }
    }

    pub(super) fn put_back(&self, connection: rusqlite::Connection) {
        // An empty one in memory has no file and must not be asked again.
        let has_file = connection.path().is_some_and(|path| !path.is_empty());
        let mut readers = unpoisoned(&self.readers);
        if has_file && readers.len() < READERS {
            readers.push(connection);
        }
    }
}

fn absolute(path: &Path) -> PathBuf {
    // The file may not be there yet; its folder is.
    let (folder, name) = (path.parent(), path.file_name());
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (std::fs::canonicalize(folder), name) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Bytes of the file for each call so far; a usual number where there are few.
fn bytes_per_call(db: &rusqlite::Connection) -> Result<u64, read::Unread> {
    /// A call with its request, reply and share of its row (chosen by eye).
    const USUAL: u64 = 8192;
    /// Calls after which the mean says something.
    const ENOUGH: u64 = 200;
    let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0));
    let calls = number("SELECT coalesce(max(id), 0) FROM calls")?.cast_unsigned();
    let pages = number("SELECT page_count FROM pragma_page_count")?;
    let size = number("SELECT page_size FROM pragma_page_size")?;
    let bytes = pages.saturating_mul(size).cast_unsigned();
    Ok(if calls < ENOUGH { USUAL } else { (bytes / calls).clamp(1024, 1 << 20) })
}
