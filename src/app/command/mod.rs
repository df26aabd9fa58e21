//! What a user can have the program do, with all that it takes.
//!
//! Views put commands into the [`Outbox`](super::outbox::Outbox); `app/update/<topic>.rs` carries
//! them out. The list of those without data (menus, shortcuts) is
//! [`MenuCommand`](super::menu_command::MenuCommand).
#![warn(clippy::wildcard_enum_match_arm)]

mod cases;
mod compare;
mod constitution;
mod data;
mod home;
mod judges;
mod library;
mod lists;
mod rubric;
mod runs;
mod trial;

use std::path::PathBuf;

use secrecy::SecretString;

pub use cases::CasesCommand;
pub use compare::{Chart, CompareCommand, CompareRows, TableForm};
pub use constitution::{ConstitutionChange, ConstitutionCommand, PrincipleChange};
pub use data::{CopyAs, DataCommand};
pub use home::HomeCommand;
pub use judges::{GuideChange, JudgeChange, JudgesCommand, LabelCommand, ReportCommand};
pub use library::LibraryCommand;
pub use lists::ListsCommand;
pub use rubric::{CriterionChange, RubricChange, RubricCommand};
pub use runs::RunsCommand;
pub use trial::{ReactCommand, TryCommand};

use super::state::export::{ExportSource, FileKind};
use super::state::{Area, PathPurpose, Sheet, Target, ThemeChoice};
use crate::domain::{
    CriterionId, LabelForm, ModelEntry, ModelRole, PrincipleId, PromptId, Spending,
};

/// What a user can have the program do.
#[derive(Debug, Clone)]
pub enum Command {
    /// Look elsewhere: areas, selections, sheets, notices.
    Go(GoCommand),
    /// Change a constitution.
    Constitution(ConstitutionCommand),
    /// Change a rubric.
    Rubric(RubricCommand),
    /// Filter, sort, fold and pick in the lists of both.
    Lists(ListsCommand),
    /// Run the pinned cases of a principle.
    Cases(CasesCommand),
    /// Take back the newest document edit.
    Undo,
    /// Do the last undone edit again.
    Redo,
    /// Let no further keystroke join the last edit, and save soon: a field lost focus.
    EndEdit,
    /// Open, make, save, close.
    Project(ProjectCommand),
    /// Run a chain on one prompt.
    Try(TryCommand),
    /// Export rows.
    Export(ExportCommand),
    /// Models, keys, roles.
    Models(ModelsCommand),
    /// Theme, zoom, reading size.
    Look(LookCommand),
    /// Home, settings, recovery, logs.
    Home(HomeCommand),
    /// Compare two sides.
    Compare(CompareCommand),
    /// Label sets, labelling, and how judges do against people.
    Judges(JudgesCommand),
    /// Runs of many rows.
    Runs(RunsCommand),
    /// Rows of a run as a dataset.
    Data(DataCommand),
    /// Palette, find, history, versions, glossary.
    Library(LibraryCommand),
    /// Put text on the clipboard.
    Copy(String),
}

/// Look elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub enum GoCommand {
    /// Show an area.
    Area(Area),
    /// Show a thing, focus it and flash it.
    To(Target),
    /// Focus the filter of the area shown.
    Filter,
    /// Select a constitution, by stem.
    Constitution(String),
    /// Select a principle; `None`: the constitution's own page.
    Principle(Option<PrincipleId>),
    /// Select a rubric, by stem.
    Rubric(String),
    /// Select a criterion; `None`: the rubric's own page.
    Criterion(Option<CriterionId>),
    /// Select a prompt set, by stem.
    PromptSet(String),
    /// Select a prompt.
    Prompt(PromptId),
    /// Select the next (1) or previous (-1) item of the area.
    Step(i32),
    /// Show a model.
    Model(Option<String>),
    /// Open a sheet.
    Open(Sheet),
    /// Close the sheet on top.
    CloseSheet,
    /// Dismiss a notice, by number.
    Dismiss(u64),
}

/// Open, make, save, close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProjectCommand {
    /// Ask for a path by native dialog, else by a sheet of our own.
    AskPath(PathPurpose),
    /// Open the project in this folder.
    Open(PathBuf),
    /// Make a project with the sample's documents in this folder and open it.
    Create(PathBuf),
    /// Open the sample project, making it where it is not there yet.
    OpenSample,
    /// Import a file: constitution, rubric or prompts, by what is in it.
    Import(PathBuf),
    /// Save now.
    Save,
    /// Keep what is in the window; the file's own version is kept beside it.
    KeepMine,
    /// Take what the file says.
    TakeTheirs,
    /// Close the window, after saving.
    Quit,
}

/// Export rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportCommand {
    /// Choose the rows.
    Source(ExportSource),
    /// Choose the format, by name.
    Format(String),
    /// Choose the file's kind.
    Kind(FileKind),
    /// Choose how a preference's probability becomes a label.
    Labels(LabelForm),
    /// Choose the folder; empty: the project's `exports/`.
    Folder(String),
    /// Whether configuration and data card are written, too.
    WithConfiguration(bool),
    /// Whether answers that were cut off are exported, too.
    KeepCutOff(bool),
    /// Put the probabilities through the map of this judge, by stem; `None`: leave them.
    Recalibrate(Option<String>),
    /// Write it.
    Write,
}

/// Models, keys, roles.
#[derive(Debug, Clone)]
pub enum ModelsCommand {
    /// Begin adding a model.
    BeginNew,
    /// Begin adding a model with these values: one that a server lists.
    BeginFrom(ModelEntry),
    /// Begin changing a model, by name.
    BeginEdit(String),
    /// The values typed so far.
    Draft(ModelEntry),
    /// Keep the values typed.
    KeepDraft,
    /// Leave them.
    DropDraft,
    /// Take a model out of the project (undoable).
    Delete(String),
    /// Let a model play a role.
    Role(ModelRole, String),
    /// What may be spent, and what people would be paid.
    Spending(Spending),
    /// Keep a key: in the system's keychain, or (`false`) until the window closes.
    KeepKey {
        /// The model's name.
        model: String,
        /// The key; never printed.
        key: SecretString,
        /// Whether the keychain keeps it.
        in_keychain: bool,
    },
    /// Forget a model's key.
    ForgetKey(String),
    /// Find out what a model can do.
    Probe(String),
    /// Look for model servers on this computer.
    FindServers,
    /// Fetch the starter model now.
    Fetch,
    /// Stop fetching; what came is kept.
    StopFetch,
}

/// Theme, zoom, reading size, motion, keys.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LookCommand {
    /// Which colours.
    Theme(ThemeChoice),
    /// Everything's size by steps (1: larger).
    Zoom(i32),
    /// Everything's size as at first.
    ZoomReset,
    /// The size of prompts and replies by steps.
    Reading(i32),
    /// Whether nothing moves by itself.
    ReducedMotion(bool),
    /// Whether single letters are shortcuts while no text is being typed.
    SingleKeys(bool),
}
