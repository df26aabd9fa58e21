//! One writer for each project.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::{StoreError, unpoisoned};

/// The file whose lock says who writes; empty, and left behind on purpose: deleting it would let
/// two programs lock two files of one name.
pub const LOCK_FILE: &str = ".preamble.lock";

/// The locks that this process has: asking the system again would find them taken.
static OURS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The right to write a project. The system releases it when the process ends, however it ends,
/// so there is no stale lock.
#[derive(Debug)]
pub struct ProjectLock {
    // Held for its lock.
    _file: File,
    path: PathBuf,
}

impl ProjectLock {
    /// Takes the lock, or `None` where somebody else has it or the folder can't be written.
    ///
    /// # Errors
    ///
    /// The file system can't lock for another reason.
    pub fn take(root: &Path) -> Result<Option<Self>, StoreError> {
        let path = root.join(LOCK_FILE);
        let file = match File::options().create(true).truncate(false).write(true).open(&path) {
            Ok(file) => file,
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(StoreError::io("create the lock", &path, error)),
        };
        match file.try_lock() {
            Ok(()) => {
                unpoisoned(&OURS).insert(one_name(&path));
                Ok(Some(Self { _file: file, path }))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path, error)),
        }
    }

    /// The lock's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The right to write for as long as the value lives: this process has it already (`None`), or
    /// takes it now.
    ///
    /// # Errors
    ///
    /// [`StoreError::ReadOnly`] where another program has it, and those of [`ProjectLock::take`].
    pub fn for_a_change(root: &Path) -> Result<Option<Self>, StoreError> {
        if unpoisoned(&OURS).contains(&one_name(&root.join(LOCK_FILE))) {
            return Ok(None);
        }
        match Self::take(root)? {
            Some(lock) => Ok(Some(lock)),
            // Another thread may have taken it since.
            None if unpoisoned(&OURS).contains(&one_name(&root.join(LOCK_FILE))) => Ok(None),
            None => Err(StoreError::ReadOnly { root: root.to_owned() }),
        }
    }
}

impl Drop for ProjectLock {
    fn drop(&mut self) {
        unpoisoned(&OURS).remove(&one_name(&self.path));
    }
}

/// A path as all who mean it write it.
fn one_name(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_gets_none_until_the_first_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let first = ProjectLock::take(folder.path()).unwrap();
        assert!(first.is_some());
        assert!(ProjectLock::take(folder.path()).unwrap().is_none());
        drop(first);
        assert!(ProjectLock::take(folder.path()).unwrap().is_some());
    }

    #[test]
    fn a_change_needs_the_right_and_does_not_ask_for_it_twice() {
        let folder = tempfile::tempdir().unwrap();
        let own = ProjectLock::take(folder.path()).unwrap();
        assert!(ProjectLock::for_a_change(&folder.path().join(".")).unwrap().is_none());
        drop(own);
        let for_now = ProjectLock::for_a_change(folder.path()).unwrap();
        assert!(for_now.is_some());
        drop(for_now);
        // As another program has it.
        let theirs = File::options().write(true).open(folder.path().join(LOCK_FILE)).unwrap();
        theirs.try_lock().unwrap();
        let error = ProjectLock::for_a_change(folder.path()).unwrap_err();
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    }
}
