//! What a user should know about a journal that was opened.

use std::path::PathBuf;

/// Something that was done, or is doubtful, at the opening of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Its tables are newer now; a copy of the old ones is kept.
    BackedUp {
        /// The format of before.
        version: i64,
        /// The copy.
        path: PathBuf,
    },
    /// Replies that could not be kept when they came are in it now.
    TakenBack {
        /// How many calls got their outcome.
        calls: u64,
        /// The file that they were in.
        path: PathBuf,
    },
    /// Replies that could not be kept when they came still can't be.
    NotTakenBack {
        /// The file that they are in.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl Notice {
    /// What can be done about it; may be empty.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::BackedUp { .. } => {
                "to go back to an older version of Preamble, put the copy in its place"
            }
            Self::TakenBack { .. } => "",
            Self::NotTakenBack { .. } => "the file is left as it is; each line of it is one reply",
        }
    }

    /// Whether it wants something of the user.
    pub fn is_warning(&self) -> bool {
        matches!(self, Self::NotTakenBack { .. })
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BackedUp { version, path } => {
                let path = path.display();
                write!(
                    f,
                    "The journal was brought up to date; as it was (format {version}): {path}"
                )
            }
            Self::TakenBack { calls, path } => {
                let words = if *calls == 1 { "1 outcome" } else { &format!("{calls} outcomes") };
                let path = path.display();
                write!(
                    f,
                    "{words} that the disk had no room for are in the journal now (were in {path})"
                )
            }
            Self::NotTakenBack { path, reason } => {
                let path = path.display();
                write!(
                    f,
                    "Paid replies are beside the journal and can't be taken into it ({reason}): {path}"
                )
            }
        }
    }
}
