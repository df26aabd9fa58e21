//! Writes that happen whole or not at all.

use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

use super::StoreError;

/// How a temporary file's name begins and ends.
const PREFIX: &str = ".preamble-";
const SUFFIX: &str = ".tmp";

/// Writes a file so that a crash leaves either the old bytes or the new ones, never a mixture:
/// a temporary file in the same folder, synced, renamed over the old one, the folder synced.
///
/// Folders on the way are created. On Unix the old file's permissions are kept.
///
/// # Errors
///
/// What the file system refused; the old file is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let folder = folder_of(path);
    std::fs::create_dir_all(folder)
        .map_err(|error| StoreError::io("create the folder", folder, error))?;
    let fail = |error| StoreError::io("write", path, error);
    let mut temporary =
        tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder).map_err(fail)?;
    temporary.write_all(bytes).map_err(fail)?;
    keep_permissions(path, temporary.as_file()).map_err(fail)?;
    temporary.as_file().sync_all().map_err(fail)?;
    temporary.persist(path).map_err(|error| fail(error.error))?;
    sync_folder(folder).map_err(fail)
}

/// Removes what a write into this file's folder left behind that a crash cut off; for folders that
/// nobody else writes to meanwhile. What can't be removed stays.
pub fn sweep(path: &Path) {
    let Ok(entries) = std::fs::read_dir(folder_of(path)) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
            std::fs::remove_file(entry.path()).ok();
        }
    }
}

/// Gives a file that was made beside its place its name: synced, renamed, the folder synced. What
/// had the name before is gone.
///
/// # Errors
///
/// What the file system refused; what had the name before is then as it was.
pub fn keep_made(made: &Path, path: &Path) -> Result<(), StoreError> {
    let fail = |error| StoreError::io("write", path, error);
    // Windows syncs only what may be written.
    let file = std::fs::File::options().read(true).write(true).open(made).map_err(fail)?;
    file.sync_all().map_err(fail)?;
    drop(file);
    std::fs::rename(made, path).map_err(fail)?;
    sync_folder(folder_of(path)).map_err(fail)
}

/// What a file was when it was read or written: enough to notice that somebody else wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    hash: blake3::Hash,
}

impl Stamp {
    /// The stamp of a file that was just read or written with these bytes.
    pub fn of(path: &Path, bytes: &[u8]) -> Self {
        let modified = std::fs::metadata(path).and_then(|data| data.modified()).ok();
        Self { modified, length: bytes.len() as u64, hash: blake3::hash(bytes) }
    }

    /// Whether these are the bytes that were seen. Time and length are not asked: equal ones can
    /// hide a quick second write.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.length && blake3::hash(bytes) == self.hash
    }

    /// Whether the file may have changed, judged by time and length only: cheap enough to ask
    /// whenever the window regains focus.
    pub fn may_have_changed(&self, path: &Path) -> bool {
        std::fs::metadata(path)
            .map_or(true, |data| data.len() != self.length || data.modified().ok() != self.modified)
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn keep_permissions(path: &Path, file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    // A new file gets what a plain create would give, not the temporary file's 0600.
    let permissions = match std::fs::metadata(path) {
        Ok(data) => data.permissions(),
        Err(_) => std::fs::Permissions::from_mode(0o644),
    };
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn keep_permissions(_path: &Path, _file: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    // Elsewhere a folder can't be opened as a file; the rename itself is journalled.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_whole_file_and_leaves_nothing_else_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep").join("file.txt");
        write(&path, b"one, and rather long").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_refused_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        std::fs::create_dir(&path).unwrap();
        std::fs::File::create(path.join("inside")).unwrap();
        let error = write(&path, b"new").unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert!(path.join("inside").exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file");
    }

    #[test]
    fn a_stamp_notices_other_bytes_even_of_equal_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, b"abc").unwrap();
        let stamp = Stamp::of(&path, b"abc");
        assert!(stamp.holds(&std::fs::read(&path).unwrap()));
        assert!(!stamp.may_have_changed(&path));
        write(&path, b"abd").unwrap();
        assert!(!stamp.holds(&std::fs::read(&path).unwrap()));
        std::fs::remove_file(&path).unwrap();
        assert!(stamp.may_have_changed(&path));
    }
}
