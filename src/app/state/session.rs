//! What belongs to this sitting rather than to the project: time, saving, notices, settings.

use std::collections::BTreeSet;

use super::documents::{Document, DocumentId};
use crate::app::menu_command::MenuCommand;
use crate::store::settings::{self, Step};

pub use crate::store::settings::{ThemeChoice, WindowPlace};

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

/// What the user likes: kept on this machine, never in a project.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// Which colours.
    pub theme: ThemeChoice,
    /// Everything's size: 1 is 100 %; 0.5..=3.
    pub zoom: f32,
    /// The size of prompts and replies, in points: 13..=20.
    pub reading_size: f32,
    /// Whether nothing moves by itself.
    pub reduced_motion: bool,
    /// Whether single letters are shortcuts while no text is being typed.
    pub single_keys: bool,
    /// Whether the window asks before it first sends anything to a host.
    pub ask_before_hosts: bool,
    /// Whether the desktop tells of a run's end while another window is looked at.
    pub tell_when_away: bool,
    /// Hosts that may be sent to without asking.
    pub hosts: BTreeSet<String>,
    /// The newcomer's card to show next, from 0.
    pub cards: u8,
    /// What a newcomer has done.
    pub started: BTreeSet<Step>,
    /// Who labels on this computer; empty: nobody said so yet.
    pub labeller: String,
    /// Where the window was; `None`: wherever the system puts it.
    pub window: Option<WindowPlace>,
}

impl Default for Settings {
    fn default() -> Self {
        Self::of(&settings::Settings::default())
    }
}

impl Settings {
    /// The settings as they are kept.
    pub fn of(kept: &settings::Settings) -> Self {
        Self {
            theme: kept.theme,
            zoom: kept.zoom,
            reading_size: kept.reading_size.clamp(13.0, 20.0),
            reduced_motion: kept.reduced_motion,
            single_keys: kept.single_keys,
            ask_before_hosts: kept.ask_before_hosts,
            tell_when_away: kept.tell_when_away,
            hosts: kept.hosts.clone(),
            cards: kept.cards,
            started: kept.started.clone(),
            labeller: kept.labeller.clone(),
            window: kept.window,
        }
    }

    /// Puts them where they are kept; what else is there stays.
    pub fn put_into(self, kept: &mut settings::Settings) {
        kept.theme = self.theme;
        kept.zoom = self.zoom;
        kept.reading_size = self.reading_size;
        kept.reduced_motion = self.reduced_motion;
        kept.single_keys = self.single_keys;
        kept.ask_before_hosts = self.ask_before_hosts;
        kept.tell_when_away = self.tell_when_away;
        kept.hosts = self.hosts;
        kept.cards = self.cards;
        kept.started = self.started;
        kept.labeller = self.labeller;
        kept.window = self.window;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_go_there_and_back_and_leave_the_rest() {
        let mut kept = settings::Settings { recents: vec!["/a".into()], ..Default::default() };
        let mine = Settings {
            theme: ThemeChoice::HighContrast,
            zoom: 1.4,
            single_keys: false,
            hosts: BTreeSet::from(["h".to_owned()]),
            cards: 3,
            labeller: "Ada".to_owned(),
            started: BTreeSet::from([Step::Chain]),
            ..Settings::default()
        };
        mine.clone().put_into(&mut kept);
        assert_eq!(Settings::of(&kept), mine);
        assert_eq!(kept.recents.len(), 1);
    }
}
