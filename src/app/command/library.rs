//! Commands: palette, find everywhere, history, versions and glossary.

use crate::app::state::DocumentId;
use crate::app::state::library::{Found, PaletteItem, Wanted};

/// Palette, find everywhere, history, versions and glossary.
#[derive(Debug, Clone, PartialEq)]
pub enum LibraryCommand {
    /// Something was typed in the palette.
    Typed(String),
    /// A line of the palette was chosen.
    Choose(PaletteItem),
    /// Look through every text of the project.
    Find(Wanted),
    /// Stop looking; what was found stays.
    StopFind,
    /// Show the place where a text was found.
    OpenFound(Box<Found>),
    /// Go to where that edit was the last one; `None`: before the first.
    GoToEdit(Option<u64>),
    /// Keep these documents as they are now, as versions of that name.
    SaveVersion {
        /// Which.
        documents: Vec<DocumentId>,
        /// What people will call it; may be empty.
        name: String,
        /// What people should know about it; may be empty.
        note: String,
    },
    /// Put a version in its document's place (undoable).
    RestoreVersion {
        /// The document.
        document: DocumentId,
        /// The version's hash.
        hash: String,
    },
    /// Go back to the place looked at before.
    Back,
    /// Go forward again.
    Forward,
    /// Focus the pane so many panes further (negative: back).
    Pane(i32),
    /// Open the menu of ways to copy what is shown.
    CopyAs,
    /// Nothing on the screen can be copied in a form of choice.
    NothingToCopy,
    /// Take a notice's message off the screen; the list of notices keeps it.
    HideToast(u64),
    /// Take all notices off their list.
    DismissAll,
}
