//! Commands: home, settings, recovery and logs.

use std::path::PathBuf;

use crate::app::state::home::{NextStep, SettingsPage};
use crate::app::state::import::{ImportKind, ImportTarget};
use crate::formats::import::Part;
use crate::store::settings::WindowPlace;

/// Home, settings, recovery and logs.
#[derive(Debug, Clone, PartialEq)]
pub enum HomeCommand {
    /// Show a page of Settings.
    Page(SettingsPage),
    /// Go on where work stopped: in the open project, else in the one open last.
    Continue,
    /// Do what is offered as the next step.
    Do(NextStep),
    /// Do not offer it now.
    Skip(NextStep),
    /// Find a recent project that is not where it was.
    Locate(PathBuf),
    /// Take a project off the recent ones; its files stay.
    Forget(PathBuf),
    /// Show the next newcomer's card.
    NextCard,
    /// Show no more of them.
    HideCards,
    /// Show them from the first.
    ShowCards,
    /// Read files or folders, to be reviewed before they are imported.
    Review(Vec<PathBuf>),
    /// Likewise a pasted text.
    ReviewText(String),
    /// Take one of those reviewed, by its place, for something else.
    ImportKind(usize, ImportKind),
    /// Let one of those reviewed go somewhere else.
    ImportTarget(usize, ImportTarget),
    /// Whether one of those reviewed is imported.
    ImportTake(usize, bool),
    /// How many rows are to be taken of one of those that are too large, by its place.
    ImportRows(usize, usize),
    /// Read that part of it.
    ImportPart(usize, Part),
    /// Import what was reviewed.
    Import,
    /// Keep the edits that a crash left behind.
    KeepRecovered,
    /// Discard them.
    DiscardRecovered,
    /// Let the hosts that were asked about be sent to, and do what waits for it.
    AllowHosts,
    /// Send nothing.
    RefuseHosts,
    /// Whether the window asks before it first sends anything to a host.
    AskBeforeHosts(bool),
    /// Whether the desktop tells of a run's end while another window is looked at.
    TellWhenAway(bool),
    /// Ask again before a host is sent to.
    ForgetHost(String),
    /// The window was moved or sized.
    WindowAt(WindowPlace),
    /// Put the window and its panels where they are at first.
    ResetWindow,
    /// Put version, system, settings and the log on the clipboard, without keys.
    CopyDiagnostics,
    /// Put what is whole of the damaged journal into a new one.
    SalvageJournal,
    /// Open a folder in the system's file manager.
    OpenFolder(PathBuf),
    /// The crash report was seen.
    DismissCrash,
}
