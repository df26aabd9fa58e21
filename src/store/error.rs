//! What can go wrong while keeping things.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something could not be kept, or not be read back; each variant wants another treatment.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("can't {doing} {}: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `create the folder`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: Arc<std::io::Error>,
    },
    /// The file on disk is not the one that was read: somebody else wrote it since.
    #[error("{} changed on disk since it was opened", path.display())]
    Conflict {
        /// The file.
        path: PathBuf,
        /// What it holds now; `None`: it was deleted.
        on_disk: Option<String>,
    },
    /// Another window or program writes this project; this one may only read.
    #[error("the project is open for writing elsewhere: {}", root.display())]
    ReadOnly {
        /// The project's folder.
        root: PathBuf,
    },
    /// A document can't be read or written.
    #[error("{0}")]
    Document(Box<super::project::FileProblem>),
    /// The folder has no `preamble.ron`.
    #[error("this is not a Preamble project (no preamble.ron): {}", root.display())]
    NotAProject {
        /// The folder.
        root: PathBuf,
    },
    /// There is something already where a new thing should be.
    #[error("{what} already exists: {}", path.display())]
    Exists {
        /// What was to be made.
        what: &'static str,
        /// Where.
        path: PathBuf,
    },
    /// A name can't be a file's name.
    #[error("“{stem}” can't be used as a file name")]
    BadName {
        /// The name.
        stem: String,
    },
    /// A newer version of Preamble wrote the journal.
    #[error(
        "the journal was written by a newer version of Preamble (format {found}; this one knows \
         up to {known}): {}", path.display()
    )]
    JournalNewer {
        /// The journal.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest that this version knows.
        known: i64,
    },
    /// The file is not a journal, or it is damaged.
    #[error("the journal is damaged or not a journal ({what}): {}", path.display())]
    JournalDamaged {
        /// The journal.
        path: PathBuf,
        /// What was found.
        what: String,
    },
    /// The journal could not be written or read.
    #[error("the journal could not {doing}: {source}")]
    Journal {
        /// What was tried.
        doing: &'static str,
        /// SQLite's reason.
        source: Arc<rusqlite::Error>,
    },
    /// The journal could not be written, and what was paid for meanwhile is in a file of its own.
    #[error(
        "the journal could not be written: {source}; {calls} paid replies are kept in {}",
        path.display()
    )]
    Rescued {
        /// How many calls.
        calls: u64,
        /// The file.
        path: PathBuf,
        /// SQLite's reason.
        source: Arc<rusqlite::Error>,
    },
    /// The disk has too little room for what is about to be begun.
    #[error(
        "the disk has {} free, and this may need {}: {}", megabytes(*free), megabytes(*needed),
        path.display()
    )]
    NoRoom {
        /// The journal.
        path: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that are wanted.
        needed: u64,
    },
    /// What the journal holds can't be understood.
    #[error("the journal's {what} can't be read: {reason}")]
    Record {
        /// Which record.
        what: String,
        /// Why.
        reason: String,
    },
    /// The journal's writer has ended.
    #[error("the journal is closed")]
    Closed,
    /// The system's keychain refused.
    #[error("the system's keychain {0}")]
    Keychain(String),
}

impl StoreError {
    /// A file system's refusal.
    pub fn io(doing: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io { doing, path: path.to_owned(), source: Arc::new(source) }
    }

    /// How to mend it; may be empty.
    pub fn hint(&self) -> &str {
        match self {
            Self::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    "check who owns the folder and whether it may be written"
                }
                std::io::ErrorKind::StorageFull => "free some space on the disk and try again",
                std::io::ErrorKind::NotFound => "check the path",
                _ => "",
            },
            Self::Conflict { .. } => {
                "look at what is there now, then reload it or save over it on purpose"
            }
            Self::ReadOnly { .. } => "close the other window or program, then open it again",
            Self::Document(problem) => &problem.problem.hint,
            Self::NotAProject { .. } => "make one there with `preamble init`",
            Self::Exists { .. } => "choose another name, or an empty folder",
            Self::BadName { .. } => {
                "use letters, digits, “-”, “_” and “.”, and don't begin with a dot"
            }
            Self::JournalNewer { .. } => "open it with the newer version; it is left as it is",
            Self::JournalDamaged { .. } => {
                "it is left as it is: salvage what is whole (`preamble journal salvage DIR`), or \
                 restore journal.sqlite from a backup together with its -wal file"
            }
            Self::Rescued { .. } => {
                "free some space on the disk, then open the project again: they are taken into \
                 the journal then, and nothing is paid for twice"
            }
            Self::NoRoom { .. } => "free some space on the disk, or run fewer prompts",
            Self::Journal { source, .. } => match source.sqlite_error_code() {
                Some(rusqlite::ErrorCode::DiskFull) => {
                    "free some space on the disk; everything acknowledged is kept"
                }
                Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::CannotOpen) => {
                    "check whether the folder may be written"
                }
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
                    "the journal is damaged: salvage what is whole (`preamble journal salvage DIR`)"
                }
                _ => "check the disk; everything acknowledged is kept",
            },
            Self::Record { .. } => "the run can be repeated; what else it holds is unharmed",
            Self::Closed => "open the project again",
            Self::Keychain(_) => "set the key as an environment variable instead",
        }
    }
}

/// Bytes in words.
fn megabytes(bytes: u64) -> String {
    match bytes >> 20 {
        megabytes @ 0..10_000 => format!("{megabytes} MB"),
        more => format!("{} GB", more >> 10),
    }
}
