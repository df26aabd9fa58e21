//! Drafts: edits that are in memory and not yet in their files, kept where a crash can't reach
//! them.
//!
//! One file a project, in the user's state folder and never in the project: the texts that the
//! next save would write. It is written whole or not at all, soon after a keystroke, and removed
//! when everything is saved; one that is still there when a project is opened was left by a crash.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{DocumentKind, StoreError, atomic, settings};
use crate::formats;

/// The text that a document would have been saved with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// What kind of document.
    pub kind: DocumentKind,
    /// Its file's stem.
    pub stem: String,
    /// The file's text; `None`: the document was deleted.
    pub text: Option<String>,
}

/// What was in memory only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drafts {
    /// The version of the file's shape; see [`crate::domain::FORMAT`].
    pub format: u32,
    /// The project's folder.
    pub root: PathBuf,
    /// When the newest edit was made, in milliseconds since 1970.
    pub at_ms: u64,
    /// The documents.
    pub documents: Vec<Draft>,
}

/// The folder of all drafts; `None` where the system has none for a program's state.
pub fn folder() -> Option<PathBuf> {
    settings::state_folder().map(|folder| folder.join("drafts"))
}

/// Keeps drafts in a folder, in the place of the project's older ones.
///
/// # Errors
///
/// The file system's refusal.
pub fn keep(folder: &Path, drafts: &Drafts) -> Result<(), StoreError> {
    let path = file(folder, &drafts.root);
    let text = formats::document::to_ron(drafts).map_err(|problem| {
        let path = path.clone();
        StoreError::Document(Box::new(super::FileProblem { path, problem }))
    })?;
    atomic::write(&path, text.as_bytes())
}

/// The drafts of a project; `None` where there are none. Those that can't be read are kept beside,
/// so that what can be saved of them by hand is not lost.
///
/// # Errors
///
/// The file system's refusal, or the drafts can't be read.
pub fn find(folder: &Path, root: &Path) -> Result<Option<Drafts>, StoreError> {
    let path = file(folder, root);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(StoreError::io("read", &path, error)),
    };
    let text = String::from_utf8_lossy(&bytes);
    match formats::document::parse::<Drafts>(&text, "drafts") {
        // Two folders of one name in the table would be a wonder; a copied state folder is not.
        Ok(drafts) if same(&drafts.root, root) => Ok(Some(drafts)),
        Ok(_) => Ok(None),
        Err(problem) => {
            let kept = super::save::free_beside(&path);
            std::fs::rename(&path, &kept).map_err(|error| StoreError::io("move", &path, error))?;
            Err(StoreError::Document(Box::new(super::FileProblem { path: kept, problem })))
        }
    }
}

/// Removes the drafts of a project; none is no error.
///
/// # Errors
///
/// The file system's refusal.
pub fn remove(folder: &Path, root: &Path) -> Result<(), StoreError> {
    let path = file(folder, root);
    match std::fs::remove_file(&path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io("remove", &path, error)),
    }
}

/// The file of a project: named by its folder's path, which a file's name can't hold.
pub(super) fn file(folder: &Path, root: &Path) -> PathBuf {
    let root = absolute(root);
    let hash = blake3::hash(root.as_os_str().as_encoded_bytes()).to_hex();
    folder.join(format!("{}.ron", &hash.as_str()[..32]))
}

fn absolute(root: &Path) -> PathBuf {
    std::path::absolute(root).unwrap_or_else(|_| root.to_owned())
}

fn same(one: &Path, other: &Path) -> bool {
    absolute(one) == absolute(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafts(root: &str, text: &str) -> Drafts {
        Drafts {
            format: crate::domain::FORMAT,
            root: root.into(),
            at_ms: 12,
            documents: vec![
                Draft {
                    kind: DocumentKind::Constitution,
                    stem: "general".to_owned(),
                    text: Some(text.to_owned()),
                },
                Draft { kind: DocumentKind::Rubric, stem: "gone".to_owned(), text: None },
            ],
        }
    }

    #[test]
    fn drafts_come_back_until_they_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new("/projects/one");
        assert_eq!(find(folder.path(), root).unwrap(), None);
        let first = drafts("/projects/one", "(name: \"a \\\" b\",\n text: r#\"漢\"#)\n");
        keep(folder.path(), &first).unwrap();
        let second = drafts("/projects/one", "two");
        keep(folder.path(), &second).unwrap();
        keep(folder.path(), &drafts("/projects/two", "other")).unwrap();
        assert_eq!(find(folder.path(), root).unwrap(), Some(second));
        remove(folder.path(), root).unwrap();
        remove(folder.path(), root).unwrap();
        assert_eq!(find(folder.path(), root).unwrap(), None);
        assert!(find(folder.path(), Path::new("/projects/two")).unwrap().is_some());
    }

    #[test]
    fn texts_come_back_to_the_letter() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["", "\r\n", "a\tb\u{0}c", "\"#\"##", "العربية 👩‍👩‍👧\n", "{\"id\": \"a\"}\n"]
        {
            let one = drafts("/p", text);
            keep(folder.path(), &one).unwrap();
            assert_eq!(find(folder.path(), Path::new("/p")).unwrap(), Some(one), "{text:?}");
        }
    }

    #[test]
    fn broken_drafts_are_said_once_and_kept_beside() {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new("/p");
        atomic::write(&file(folder.path(), root), b"(format: 1, root:").unwrap();
        assert!(find(folder.path(), root).is_err());
        assert_eq!(find(folder.path(), root).unwrap(), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
