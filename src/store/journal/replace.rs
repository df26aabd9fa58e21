//! Puts a salvaged journal in a damaged one's place.
//!
//! The damaged one is kept beside it with its log. The new one is whole before anything is moved,
//! and what a kill leaves halfway is finished at the next opening: at every moment either of the
//! two is `journal.sqlite`.

use std::path::{Path, PathBuf};

use super::pages::log_of;
use super::salvage::{Salvaged, beside, salvage};
use crate::store::{StoreError, atomic};

/// A damaged journal that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// What is in the new one.
    pub salvaged: Salvaged,
    /// Where the damaged one is.
    pub damaged: PathBuf,
}

/// Salvages a journal into a new one and puts it in its place. Nobody may have it open, and only
/// who holds the project's lock may call it.
///
/// # Errors
///
/// As [`salvage`]; the damaged journal is then where it was.
pub fn replace(path: &Path) -> Result<Replaced, StoreError> {
    if super::Journal::is_open(path) {
        let root = path.parent().unwrap_or(path).to_owned();
        return Err(StoreError::ReadOnly { root });
    }
    let new = new_of(path);
    // One that is there was finished and not yet moved: it may be older than the journal.
    super::salvage::remove_journal(&new)?;
    let salvaged = salvage(path, &new)?;
    let damaged = put_in_place(path, &new)?;
    Ok(Replaced { salvaged, damaged })
}

/// Finishes what a kill left halfway.
pub(super) fn finish(path: &Path) -> Result<(), StoreError> {
    let new = new_of(path);
    if new.exists() { put_in_place(path, &new).map(drop) } else { Ok(()) }
}

fn new_of(path: &Path) -> PathBuf {
    path.with_extension("salvaged.sqlite")
}

fn put_in_place(path: &Path, new: &Path) -> Result<PathBuf, StoreError> {
    let damaged = free_name(path);
    // A second name first: the journal keeps its own until the new one takes it.
    if path.exists() {
        link(path, &damaged)?;
    }
    let log = log_of(path);
    if log.exists() {
        link(&log, &log_of(&damaged))?;
        // The new journal must never be read with the old one's log.
        remove(&log)?;
    }
    if beside(path, "-shm").exists() {
        remove(&beside(path, "-shm"))?;
    }
    atomic::keep_made(new, path)?;
    Ok(damaged)
}

/// Gives a file a second name; copies it where the file system has none.
fn link(from: &Path, to: &Path) -> Result<(), StoreError> {
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let half_made = beside(to, ".tmp");
    std::fs::copy(from, &half_made).map_err(|error| StoreError::io("copy", from, error))?;
    atomic::keep_made(&half_made, to)
}

fn remove(path: &Path) -> Result<(), StoreError> {
    std::fs::remove_file(path).map_err(|error| StoreError::io("remove", path, error))
}

/// `journal.damaged-20261122-1.sqlite`, or the next number that is free.
fn free_name(path: &Path) -> PathBuf {
    let day = chrono::Local::now().format("%Y%m%d");
    let mut n = 1_u32;
    loop {
        let name = path.with_extension(format!("damaged-{day}-{n}.sqlite"));
        if !name.exists() && !log_of(&name).exists() {
            return name;
        }
        n += 1;
    }
}
