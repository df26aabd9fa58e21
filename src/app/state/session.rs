//! What belongs to this sitting rather than to the project: time, saving, notices, settings.

use super::documents::{Document, DocumentId};
use crate::app::menu_command::MenuCommand;

/// A point in time: milliseconds since the Unix epoch. It always comes with a message; the
/// state never looks at a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Moment(pub u64);

impl Moment {
    /// Milliseconds from `earlier` to this; 0 when it is not earlier.
    pub fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This, later by some milliseconds.
    pub fn plus_millis(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

/// Whether everything typed is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SaveState {
    /// Nothing was changed yet.
    #[default]
    Clean,
    /// Something changed; a save follows within a second.
    Dirty {
        /// The last change.
        since: Moment,
    },
    /// A save is on its way.
    Saving,
    /// Everything is saved.
    Saved {
        /// When.
        at: Moment,
    },
    /// The last save failed; what was typed is kept in memory.
    Failed {
        /// What happened.
        message: String,
        /// How to mend it.
        hint: String,
    },
}

/// A document that was changed on disk by someone else.
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// Which one.
    pub id: DocumentId,
    /// What the file says now.
    pub theirs: Document,
}

/// How loud a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// It worked.
    Done,
    /// To know; counted at the bell until dismissed.
    Warning,
    /// Something failed; counted at the bell until dismissed.
    Error,
}

impl NoticeKind {
    /// How long it lies over the screen, in milliseconds; the list of notices keeps it longer.
    pub fn shown_millis(self) -> u64 {
        match self {
            Self::Done => 6_000,
            // There is more to read.
            Self::Warning | Self::Error => 12_000,
        }
    }

    /// Whether somebody should look at it.
    pub fn is_to_look_at(self) -> bool {
        self != Self::Done
    }
}

/// A message to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Names it.
    pub number: u64,
    /// How loud it is.
    pub kind: NoticeKind,
    /// What happened.
    pub text: String,
    /// How to mend it; may be empty.
    pub hint: String,
    /// When.
    pub at: Moment,
    /// Whether it lies over the screen now.
    pub shown: bool,
    /// What can be done about it at once.
    pub action: Option<MenuCommand>,
    /// The edit that it tells of, where [`MenuCommand::Undo`] is offered: only as long as it is
    /// the newest.
    pub edit: Option<u64>,
}

/// Which colours.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    strum::EnumIter,
    strum::Display,
    serde::Serialize,
    serde::Deserialize,
)]
pub enum ThemeChoice {
    /// As the system's.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How the window looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Which colours.
    pub theme: ThemeChoice,
    /// Everything's size: 1 is 100 %; 0.5..=3.
    pub zoom: f32,
    /// The size of prompts and replies, in points: 13..=20.
    pub reading_size: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { theme: ThemeChoice::System, zoom: 1.0, reading_size: 15.0 }
    }
}
