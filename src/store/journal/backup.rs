//! A copy of the journal before a newer version of Preamble changes its tables, and copies made
//! on purpose. Copying the file by hand would leave out what is still in the log beside it.

use std::path::Path;

use rusqlite::Connection;

use super::notice::Notice;
use super::salvage::{beside, remove_journal};
use super::schema;
use crate::store::{StoreError, atomic};

/// Copies a journal of older tables that has anything in it, and says where the copy lies; refuses
/// one of newer tables before anything is changed. The copy is there, whole, before the first
/// change: a kill leaves the old journal, or the copy and the new one.
pub(super) fn before_migration(path: &Path) -> Result<Option<Notice>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    roll_back(path)?;
    let db = schema::plain_reader(path)?;
    let (found, newest) = (schema::version(&db, path)?, schema::newest());
    if found > newest {
        let path = path.to_owned();
        return Err(StoreError::JournalNewer { path, found, known: newest });
    }
    if found == 0 || found == newest || is_empty(&db).map_err(|e| schema::damaged(path, e))? {
        return Ok(None);
    }
    let copy = path.with_extension(format!("v{found}.backup.sqlite"));
    copy_of(&db, path, &copy)?;
    Ok(Some(Notice::BackedUp { version: found, path: copy }))
}

/// Has SQLite undo what a kill cut off before the file had its write-ahead log: a new journal or a
/// copy that is opened for the first time. Who may only read can't, and would be refused for ever.
fn roll_back(path: &Path) -> Result<(), StoreError> {
    if !beside(path, "-journal").exists() {
        return Ok(());
    }
    let undo = || -> rusqlite::Result<()> {
        let db = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        db.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
    };
    undo().map_err(|error| schema::damaged(path, error))
}

/// Copies a journal as its last commit left it into a new file, without what was deleted.
///
/// # Errors
///
/// [`StoreError::Exists`], [`StoreError::JournalDamaged`], or the file system's refusal; there is
/// no half copy then.
pub fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    if to.exists() {
        return Err(StoreError::Exists { what: "a file", path: to.to_owned() });
    }
    let db = schema::plain_reader(from)?;
    schema::version(&db, from)?;
    copy_of(&db, from, to)
}

fn copy_of(db: &Connection, from: &Path, to: &Path) -> Result<(), StoreError> {
    let half_made = beside(to, ".tmp");
    remove_journal(&half_made)?;
    let name = half_made
        .to_str()
        .ok_or_else(|| StoreError::BadName { stem: half_made.to_string_lossy().into_owned() })?;
    if let Err(error) = db.execute("VACUUM INTO ?1", [name]) {
        remove_journal(&half_made).ok();
        return Err(schema::damaged(from, error));
    }
    atomic::keep_made(&half_made, to)
}

fn is_empty(db: &Connection) -> rusqlite::Result<bool> {
    db.query_row("SELECT NOT EXISTS (SELECT 1 FROM bodies)", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::super::Journal;
    use super::super::tests::on_disk;
    use super::*;

    /// A journal of an old version with a run in it.
    fn old(path: &Path, version: i64) {
        let db = schema::make(path, version).unwrap();
        db.execute_batch(
            "INSERT INTO bodies (id, hash, size, data) VALUES (1, x'00', 2, x'28b52ffd20021100007b7d');
             INSERT INTO runs (kind, recipe, state, rows_total, frozen, started_ms) \
             VALUES ('run', 'critique', 'done', 5, 1, 7);",
        )
        .unwrap();
    }

    #[tokio::test]
    async fn every_past_version_opens_and_its_copy_is_kept_and_restorable() {
        for version in 1..schema::newest() {
            let (folder, path) = on_disk();
            old(&path, version);
            let copy = folder.path().join(format!("journal.v{version}.backup.sqlite"));
            // A copy that a kill left half made is in nobody's way.
            atomic::write(&beside(&copy, ".tmp"), b"half").unwrap();
            let notices = {
                let journal = Journal::open(&path).unwrap();
                assert_eq!(journal.runs().await.unwrap().len(), 1, "version {version}");
                journal.notices()
            };
            assert_eq!(notices, [Notice::BackedUp { version, path: copy.clone() }]);
            assert!(notices[0].to_string().contains("backup.sqlite"));
            assert!(!beside(&copy, ".tmp").exists());
            // The old program could open it, and this one again.
            let restored = folder.path().join("restored.sqlite");
            std::fs::copy(&copy, &restored).unwrap();
            let db = schema::plain_reader(&restored).unwrap();
            assert_eq!(schema::version(&db, &restored).unwrap(), version);
            drop(db);
            let journal = Journal::open(&restored).unwrap();
            assert_eq!(journal.runs().await.unwrap()[0].recipe, "critique");
            // Once up to date there is nothing more to copy.
            assert!(Journal::open(&path).unwrap().notices().is_empty());
        }
    }

    #[test]
    fn what_a_kill_cut_off_before_there_was_a_log_is_undone() {
        let folder = tempfile::tempdir().unwrap();
        let (path, copy) = (folder.path().join("one.sqlite"), folder.path().join("two.sqlite"));
        old(&path, 2);
        let mut db = Connection::open(&path).unwrap();
        db.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1;").unwrap();
        let tx = db.transaction().unwrap();
        // More than the cache holds, so that some of it is in the file already.
        for n in 10..200_i64 {
            tx.execute(
                "INSERT INTO bodies (id, hash, size, data) VALUES (?1, ?2, 1, zeroblob(5000))",
                (n, n.to_le_bytes()),
            )
            .unwrap();
        }
        for end in ["", "-journal"] {
            std::fs::copy(beside(&path, end), beside(&copy, end)).unwrap();
        }
        let read_only = schema::plain_reader(&copy).and_then(|db| schema::version(&db, &copy));
        assert!(read_only.is_err(), "there is nothing to undo, so nothing was tried");
        assert!(before_migration(&copy).unwrap().is_some());
        let db = schema::plain_reader(&copy).unwrap();
        let bodies: i64 =
            db.query_row("SELECT count(*) FROM bodies", [], |row| row.get(0)).unwrap();
        assert_eq!(bodies, 1);
    }

    #[test]
    fn an_empty_old_journal_and_a_new_one_are_not_copied() {
        let (folder, path) = on_disk();
        drop(schema::make(&path, 1).unwrap());
        assert!(Journal::open(&path).unwrap().notices().is_empty());
        assert!(Journal::open(&path).unwrap().notices().is_empty());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_newer_journal_is_refused_and_not_touched() {
        let (folder, path) = on_disk();
        let db = schema::make(&path, 1).unwrap();
        // Not even the way it is journalled is changed.
        db.pragma_update(None, "journal_mode", "DELETE").unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
        drop(db);
        let before = std::fs::read(&path).unwrap();
        let error = Journal::open(&path).err().unwrap();
        assert!(matches!(error, StoreError::JournalNewer { found: 99, .. }), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_copy_has_what_is_still_in_the_log() {
        let (folder, path) = on_disk();
        let journal = Journal::open(&path).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let run = super::super::tests::new_run();
        let id = runtime.block_on(journal.create_run(run)).unwrap().id;
        let copied = folder.path().join("copy.sqlite");
        copy(&path, &copied).unwrap();
        assert!(matches!(copy(&path, &copied), Err(StoreError::Exists { .. })));
        let other = Journal::open_read_only(&copied).unwrap();
        assert!(runtime.block_on(other.run(&id)).unwrap().is_some());
    }
}
