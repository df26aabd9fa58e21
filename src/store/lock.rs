//! One writer for each project.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::StoreError;

/// The file whose lock says who writes; empty, and left behind on purpose: deleting it would let
/// two programs lock two files of one name.
pub const LOCK_FILE: &str = ".preamble.lock";

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
            Ok(()) => Ok(Some(Self { _file: file, path })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path, error)),
        }
    }

    /// The lock's file.
    pub fn path(&self) -> &Path {
        &self.path
    }
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
}
