//! The journal's tables, how they came to be, and how a connection is set up.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};

use crate::store::StoreError;

/// Marks the file as a Preamble journal: the letters `Prmb`.
pub(super) const APPLICATION_ID: i64 = 0x5072_6d62;

/// Every SQLite from 3.7.0 to 3.51.2 can corrupt a WAL database when two connections checkpoint
/// at once (sqlite.org/wal.html, “the WAL-reset bug”).
const OLDEST_SQLITE: i32 = 3_051_003;

/// Bytes of a page: rows here are long texts (measured best of 4096, 8192 and 16384).
pub(super) const PAGE_SIZE: i64 = 8192;

type Migration = fn(&Transaction<'_>) -> rusqlite::Result<()>;

/// Each brings the tables from the version before to its own (index + 1).
const MIGRATIONS: &[Migration] =
    &[first_tables, hands_and_titles, texts_of_calls, unpriced_models, refusals, changes_of_runs];

/// The newest version of the tables.
pub(super) fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

fn first_tables(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "
        -- Long texts, each stored once: zstd, named by the BLAKE3 of what they hold.
        CREATE TABLE bodies (
            id INTEGER PRIMARY KEY,
            hash BLOB NOT NULL UNIQUE,
            size INTEGER NOT NULL,
            data BLOB NOT NULL
        );
        CREATE TABLE runs (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            recipe TEXT NOT NULL,
            state TEXT NOT NULL,
            message TEXT NOT NULL DEFAULT '',
            rows_total INTEGER NOT NULL,
            frozen INTEGER NOT NULL REFERENCES bodies(id),
            started_ms INTEGER NOT NULL,
            finished_ms INTEGER
        );
        CREATE TABLE rows (
            run INTEGER NOT NULL REFERENCES runs(id),
            position INTEGER NOT NULL,
            prompt TEXT NOT NULL,
            failure TEXT,
            unparsed INTEGER NOT NULL,
            body INTEGER NOT NULL REFERENCES bodies(id),
            PRIMARY KEY (run, position)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX rows_by_prompt ON rows(run, prompt);
        -- Which replies a row was made of, in the order asked.
        CREATE TABLE uses (
            run INTEGER NOT NULL REFERENCES runs(id),
            prompt TEXT NOT NULL,
            nth INTEGER NOT NULL,
            call INTEGER NOT NULL REFERENCES calls(id),
            purpose TEXT NOT NULL,
            replayed INTEGER NOT NULL,
            PRIMARY KEY (run, prompt, nth)
        ) WITHOUT ROWID;
        CREATE TABLE versions (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            stem TEXT NOT NULL,
            name TEXT NOT NULL,
            body INTEGER NOT NULL REFERENCES bodies(id),
            at_ms INTEGER NOT NULL,
            UNIQUE (kind, stem, body, name)
        );
        ",
    )?;
    // One line for each request sent. `sent` is committed before the request goes out.
    tx.execute_batch(&calls_table("calls", "NOT NULL", ""))?;
    tx.execute_batch("CREATE INDEX calls_by_key ON calls(key) WHERE state = 'replied';")?;
    tx.execute_batch(CALLS_INDEXES)
}

/// The table of calls, whatever its name: of what it asked a version says whether it must be there,
/// and a version adds columns at the end.
fn calls_table(name: &str, call: &str, more: &str) -> String {
    format!(
        "CREATE TABLE {name} (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs(id),
            prompt TEXT NOT NULL,
            key TEXT NOT NULL,
            model TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            state TEXT NOT NULL,
            call INTEGER {call} REFERENCES bodies(id),
            reply INTEGER REFERENCES bodies(id),
            raw INTEGER REFERENCES bodies(id),
            failure TEXT,
            prompt_tokens INTEGER NOT NULL DEFAULT 0,
            cached_tokens INTEGER NOT NULL DEFAULT 0,
            completion_tokens INTEGER NOT NULL DEFAULT 0,
            cost REAL NOT NULL,
            sent_ms INTEGER NOT NULL,
            settled_ms INTEGER{more}
        );"
    )
}

/// What every version's table of calls is looked up by, beside the key.
const CALLS_INDEXES: &str = "
    CREATE INDEX calls_by_row ON calls(run, prompt);
    CREATE INDEX calls_open ON calls(id) WHERE state = 'sent';
";

/// Version 2: what people decide about rows, and what runs are about.
fn hands_and_titles(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "
        -- What a run is about, in a few words; empty for runs made before this column.
        ALTER TABLE runs ADD COLUMN title TEXT NOT NULL DEFAULT '';
        -- Rows that a person keeps out of exports.
        CREATE TABLE drops (
            run INTEGER NOT NULL REFERENCES runs(id),
            prompt TEXT NOT NULL,
            at_ms INTEGER NOT NULL,
            PRIMARY KEY (run, prompt)
        ) WITHOUT ROWID;
        -- Texts that a person wrote over a row's, all of them: the newest of a part counts, an
        -- empty body gives the model's text back. Nothing is ever taken out.
        CREATE TABLE edits (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs(id),
            prompt TEXT NOT NULL,
            part TEXT NOT NULL,
            body INTEGER REFERENCES bodies(id),
            at_ms INTEGER NOT NULL
        );
        CREATE INDEX edits_by_row ON edits(run, prompt, part);
        ",
    )
}

/// Version 3: what a call asked and was answered lies beside it, found by number alone.
///
/// A call's texts are hardly ever another call's, too, and finding out cost more than keeping
/// them: an index over hashes is written to all over for each call. The index by key has the
/// first half of a key's digits or less, for the same reason; the rest is compared.
fn texts_of_calls(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "
        -- What calls asked (the call as JSON) and were answered (the length of the reply's JSON in
        -- 4 bytes, least first; that JSON; the body as it came). Zstd with a checksum, or as it is
        -- where it does not begin with zstd's magic number.
        CREATE TABLE texts (
            id INTEGER PRIMARY KEY,
            size INTEGER NOT NULL,
            data BLOB NOT NULL
        );
        DROP INDEX calls_by_key;
        DROP INDEX calls_by_row;
        DROP INDEX calls_open;
        ",
    )?;
    // `call`, `reply` and `raw` are those of versions 1 and 2; since then there are `asked` and
    // `answer`.
    let more = ",
            cache_write_tokens INTEGER NOT NULL DEFAULT 0,
            reasoning_tokens INTEGER NOT NULL DEFAULT 0,
            asked INTEGER REFERENCES texts(id),
            answer INTEGER REFERENCES texts(id)";
    tx.execute_batch(&calls_table("calls_3", "", more))?;
    tx.execute_batch(
        "
        INSERT INTO calls_3 SELECT id, run, prompt, key, model, attempt, state, call, reply, raw,
            failure, prompt_tokens, cached_tokens, completion_tokens, cost, sent_ms, settled_ms,
            0, 0, NULL, NULL FROM calls;
        DROP TABLE calls;
        ALTER TABLE calls_3 RENAME TO calls;
        CREATE INDEX calls_by_key ON calls(substr(key, 1, 16)) WHERE state = 'replied';
        ",
    )?;
    tx.execute_batch(CALLS_INDEXES)
}

/// Version 4: the models of a run whose price was unknown, so that their calls are not taken for
/// free.
fn unpriced_models(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch(
        "
        CREATE TABLE unpriced (
            run INTEGER NOT NULL REFERENCES runs(id),
            model TEXT NOT NULL,
            PRIMARY KEY (run, model)
        ) WITHOUT ROWID;
        ",
    )
}

/// Version 5: What a row's answers refuse, so that a run's refusals are counted without reading its rows.
/// Rows made before this column count as none.
fn refusals(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("ALTER TABLE rows ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;")
}

/// Version 6: what a run was told after it began, as a JSON list, oldest first; see `changes`.
fn changes_of_runs(tx: &Transaction<'_>) -> rusqlite::Result<()> {
    tx.execute_batch("ALTER TABLE runs ADD COLUMN changes TEXT NOT NULL DEFAULT '[]';")
}

/// Opens the connection that writes, makes or migrates the tables, and settles what a program
/// that ended halfway left open.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    new_enough_sqlite(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|error| damaged(path, error))?;
    prepare_writer(&mut connection).map_err(|error| damaged(path, error))?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// A journal in memory, for what is asked once and kept nowhere.
pub(super) fn open_memory() -> Result<Connection, StoreError> {
    let path = Path::new(":memory:");
    new_enough_sqlite(path)?;
    let mut connection = Connection::open_in_memory().map_err(|error| damaged(path, error))?;
    harden(&connection).map_err(|error| damaged(path, error))?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

/// Opens a connection that can't write. `None`: there is no journal yet.
pub(super) fn open_reader(path: &Path) -> Result<Option<Connection>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    new_enough_sqlite(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| damaged(path, error))?;
    harden(&connection).map_err(|error| damaged(path, error))?;
    let found = version(&connection, path)?;
    if found > newest() {
        return Err(StoreError::JournalNewer { path: path.to_owned(), found, known: newest() });
    }
    if found == 0 {
        return Ok(None);
    }
    if found < newest() {
        return Err(StoreError::JournalDamaged {
            path: path.to_owned(),
            what: format!(
                "it has the older format {found}, which only the window or program that writes \
                 the project can bring up to date"
            ),
        });
    }
    Ok(Some(connection))
}

/// Opens a connection that can't write to a journal of whatever version.
pub(super) fn plain_reader(path: &Path) -> Result<Connection, StoreError> {
    new_enough_sqlite(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| damaged(path, error))?;
    harden(&connection).map_err(|error| damaged(path, error))?;
    Ok(connection)
}

/// Makes an empty journal with the tables of a version, for what is salvaged from another.
pub(super) fn make(path: &Path, version: i64) -> Result<Connection, StoreError> {
    let refused = |error| damaged(path, error);
    let mut connection = Connection::open(path).map_err(refused)?;
    prepare_writer(&mut connection).map_err(refused)?;
    bring_up(&mut connection, 0, version).map_err(refused)?;
    Ok(connection)
}

fn new_enough_sqlite(path: &Path) -> Result<(), StoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(StoreError::JournalDamaged {
            path: path.to_owned(),
            what: format!(
                "not opened: this program was built with SQLite {}, which can corrupt it; 3.51.3 \
                 or newer is needed",
                rusqlite::version()
            ),
        });
    }
    Ok(())
}

fn prepare_writer(connection: &mut Connection) -> rusqlite::Result<()> {
    // Only has an effect before the first table is made.
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // macOS: a plain fsync there does not reach the disk.
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    harden(connection)
}

fn harden(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// The tables' version; refuses a database of another program.
pub(super) fn version(connection: &Connection, path: &Path) -> Result<i64, StoreError> {
    let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = read("application_id").map_err(|error| damaged(path, error))?;
    let version = read("user_version").map_err(|error| damaged(path, error))?;
    let is_empty = connection
        .query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get::<_, bool>(0))
        .map_err(|error| damaged(path, error))?;
    if application != APPLICATION_ID && !(is_empty && application == 0) {
        return Err(StoreError::JournalDamaged {
            path: path.to_owned(),
            what: "a database of another program".to_owned(),
        });
    }
    Ok(version)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = version(connection, path)?;
    if found > newest() {
        return Err(StoreError::JournalNewer { path: path.to_owned(), found, known: newest() });
    }
    if found < newest() {
        bring_up(connection, found, newest()).map_err(|error| damaged(path, error))?;
        let checks = connection.pragma_update(None, "foreign_keys", true);
        checks.map_err(|error| damaged(path, error))?;
    }
    let left_open = || -> rusqlite::Result<()> {
        connection.execute("UPDATE calls SET state = 'unknown' WHERE state = 'sent'", [])?;
        connection.execute("UPDATE runs SET state = 'interrupted' WHERE state = 'running'", [])?;
        Ok(())
    };
    left_open().map_err(|error| damaged(path, error))
}

/// Brings the tables from one version to another, all the way or not at all; references are not
/// checked from then on.
fn bring_up(connection: &mut Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    let [from, to] = [from, to].map(|version| usize::try_from(version).unwrap_or_default());
    // A table that is made anew is gone for a moment while others refer to it. It has no effect
    // inside a transaction, so it is switched here.
    connection.pragma_update(None, "foreign_keys", false)?;
    let tx = connection.transaction()?;
    for migration in MIGRATIONS.iter().take(to).skip(from) {
        migration(&tx)?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", to as i64)?;
    tx.commit()
}

/// What a failed opening means: not a database, damaged, or the file system's refusal.
pub(super) fn damaged(path: &Path, error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(
            rusqlite::ErrorCode::NotADatabase
            | rusqlite::ErrorCode::DatabaseCorrupt
            | rusqlite::ErrorCode::Unknown,
        ) => StoreError::JournalDamaged { path: path.to_owned(), what: error.to_string() },
        _ => StoreError::Journal { doing: "be opened", source: Arc::new(error) },
    }
}
