//! What the state wants done, and the one place that does it.
//!
//! An [`Effect`] is data; [`runner`] carries it out on threads of its own and sends what came of
//! it back as an [`Event`](super::message::Event).

pub mod cases;
pub mod compare;
pub mod data;
pub mod desk;
pub mod drafts;
pub mod export;
pub mod files;
pub mod home;
pub mod import;
pub mod journal;
pub mod judges;
pub mod library;
pub mod models;
pub mod notify;
pub mod runner;
pub mod runs;
pub mod trial;

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use super::state::documents::{Document, DocumentId};
use super::state::export::{ExportSource, FileKind, JudgeMap};
use super::state::{Moment, PathPurpose, Settings};
use crate::domain::{
    ChainStart, Constitution, LabelForm, ModelEntry, Prompt, Recipe, Rubric, Variant,
};

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Open the project in this folder.
    Open(PathBuf),
    /// Make a project with the sample's documents in this folder, and open it.
    Create(PathBuf),
    /// Open the sample project in the user's data folder, making it where it is not there.
    OpenSample,
    /// Write these documents; `force` overwrites what somebody else wrote, keeping it beside.
    Save {
        /// The documents' values.
        documents: Vec<(DocumentId, Document)>,
        /// Whether to overwrite what somebody else wrote.
        force: bool,
    },
    /// Send a tick at that time.
    WakeAt(Moment),
    /// Ask for a path by native dialog.
    AskPath(PathPurpose),
    /// Run a chain.
    RunTrial(Box<TrialPlan>),
    /// Stop the chain on its way.
    StopTrial(u64),
    /// Chains of the journal, and principles from reactions.
    Try(trial::TryEffect),
    /// Read the project's runs.
    ListRuns,
    /// Find out what an export would write.
    PreviewExport(Box<ExportPlan>),
    /// Write an export.
    WriteExport(Box<ExportPlan>),
    /// Look whether the starter model is there.
    LookForEmbedded,
    /// Fetch the starter model.
    FetchEmbedded,
    /// Stop fetching it.
    StopFetch,
    /// Look for model servers on this computer.
    FindServers,
    /// Look where each model's key comes from.
    LookForKeys(Vec<ModelEntry>),
    /// Keep a key.
    KeepKey {
        /// The model.
        model: ModelEntry,
        /// The key; never printed.
        key: SecretString,
        /// Whether the keychain keeps it.
        in_keychain: bool,
    },
    /// Forget a key.
    ForgetKey(ModelEntry),
    /// Find out what a model can do.
    Probe(ModelEntry),
    /// Home, settings, recovery and logs.
    Home(home::HomeEffect),
    /// Pinned cases of principles.
    Cases(cases::CasesEffect),
    /// Comparisons of two sides on the same prompts.
    Compare(compare::CompareEffect),
    /// Label sets, labelling, and how judges do against people.
    Judges(judges::JudgesEffect),
    /// Runs of many rows.
    Runs(runs::RunsEffect),
    /// Rows of a run as a dataset.
    Data(data::DataEffect),
    /// Palette, find everywhere, history, versions and glossary.
    Library(library::LibraryEffect),
    /// Keep the settings.
    SaveSettings(Box<Settings>),
    /// Put text on the clipboard.
    Copy(String),
    /// Forget the undo history of the text field that has focus: its text changed from outside.
    ForgetFieldUndo,
    /// Put the window and its panels where they are at first.
    ResetWindow,
    /// Have the system point to the window, where it has no focus.
    AskAttention,
    /// Tell who looks at another window, by the desktop's notification or by pointing to this
    /// one; never with a prompt's text.
    TellAway {
        /// What it is about.
        title: String,
        /// What happened.
        body: String,
        /// Whether the desktop's notifications may be used.
        by_desktop: bool,
    },
    /// Close the window.
    Close,
}

/// All that a chain takes.
#[derive(Debug, Clone, PartialEq)]
pub struct TrialPlan {
    /// Names the chain in its events.
    pub number: u64,
    /// What to do.
    pub recipe: Recipe,
    /// On what.
    pub prompt: Prompt,
    /// Under what.
    pub constitution: Arc<Constitution>,
    /// Scored by what, where scored.
    pub rubric: Option<Arc<Rubric>>,
    /// The seed.
    pub seed: u64,
    /// The project's models and roles.
    pub setup: Arc<super::state::documents::Setup>,
    /// How it differs from what the documents ask for.
    pub variant: Variant,
    /// What it goes on from; `None`: it begins with a draft.
    pub start: Option<Arc<ChainStart>>,
}

/// All that an export takes.
#[derive(Debug, Clone)]
pub struct ExportPlan {
    /// Names a preview.
    pub number: u64,
    /// The rows.
    pub source: ExportSource,
    /// The format's name.
    pub format: String,
    /// The file's kind.
    pub kind: FileKind,
    /// How a preference's probability becomes a label.
    pub labels: LabelForm,
    /// The folder; empty: the project's `exports/`.
    pub folder: String,
    /// Whether configuration and data card are written, too.
    pub with_configuration: bool,
    /// Whether answers that were cut off are exported, too.
    pub keep_cut_off: bool,
    /// The judge whose map the probabilities are put through, by stem.
    pub recalibrate: Option<String>,
    /// The maps that judges have.
    pub maps: Vec<JudgeMap>,
}
