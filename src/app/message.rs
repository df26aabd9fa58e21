//! Everything that can change the state: commands of the user's, and what came of effects.

use std::path::PathBuf;
use std::sync::Arc;

use super::command::Command;
use super::effects::cases::CasesEvent;
use super::effects::compare::CompareEvent;
use super::effects::data::DataEvent;
use super::effects::home::HomeEvent;
use super::effects::judges::JudgesEvent;
use super::effects::library::LibraryEvent;
use super::effects::runs::RunsEvent;
use super::effects::trial::TryEvent;
use super::state::documents::{Document, DocumentId, ProjectState};
use super::state::export::{ExportPreview, RunLine};
use super::state::models::{EmbeddedState, FoundServer, KeySource, ProbeLine};
use super::state::{Moment, PathPurpose};
use crate::domain::{Call, CallFailure, Purpose, Reply, Row, RunId};

/// Everything that can change the state.
#[derive(Debug, Clone)]
pub struct Message {
    /// When.
    pub at: Moment,
    /// What.
    pub body: Body,
}

/// What a [`Message`] says.
#[derive(Debug, Clone)]
pub enum Body {
    /// The user asked for something.
    Command(Command),
    /// Something came of an effect.
    Event(Box<Event>),
}

/// What happened, in words for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was tried and what happened.
    pub message: String,
    /// How to mend it; may be empty.
    pub hint: String,
}

impl Failure {
    /// A failure with a way to mend it.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

/// Something that came of an effect.
#[derive(Debug, Clone)]
pub enum Event {
    /// A time that was waited for has come.
    Tick,
    /// A project was opened (or could not be).
    Opened {
        /// Its folder.
        root: PathBuf,
        /// What is in it.
        result: Result<Box<ProjectState>, Failure>,
        /// Whether it is the sample, opened for the first time.
        first_time: bool,
    },
    /// A save ended.
    Saved(Vec<SavedDocument>),
    /// A native dialog answered; `None`: cancelled, or there is no dialog.
    PathChosen {
        /// What for.
        purpose: PathPurpose,
        /// The path.
        path: Option<PathBuf>,
        /// Whether a dialog was there at all.
        dialog: bool,
    },
    /// News of a chain on its way.
    Trial {
        /// Which.
        number: u64,
        /// What.
        news: TrialNews,
    },
    /// Chains of the journal, and principles from reactions.
    Try(TryEvent),
    /// The project's runs were read.
    RunList(Result<Vec<RunLine>, Failure>),
    /// A preview of an export.
    ExportPreview {
        /// Which preview.
        number: u64,
        /// What it would write.
        result: Result<ExportPreview, Failure>,
    },
    /// An export ended.
    Exported(Result<(Vec<PathBuf>, u64), Failure>),
    /// The starter model's state changed.
    Embedded(EmbeddedState),
    /// Model servers on this computer.
    Servers(Vec<FoundServer>),
    /// Where each model's key comes from.
    Keys(Vec<(String, KeySource)>),
    /// A key was kept or forgotten, or could not be.
    KeyKept {
        /// The model's name.
        model: String,
        /// Where it is now.
        result: Result<KeySource, Failure>,
    },
    /// A probe ended.
    Probed {
        /// The model's name.
        model: String,
        /// What it found.
        result: Result<Vec<ProbeLine>, Failure>,
    },
    /// Home, settings, recovery and logs.
    Home(HomeEvent),
    /// Pinned cases of principles.
    Cases(CasesEvent),
    /// Comparisons of two sides on the same prompts.
    Compare(CompareEvent),
    /// Label sets, labelling, and how judges do against people.
    Judges(JudgesEvent),
    /// Runs of many rows.
    Runs(RunsEvent),
    /// Rows of a run as a dataset.
    Data(DataEvent),
    /// Palette, find everywhere, history, versions and glossary.
    Library(LibraryEvent),
    /// Something that the user should know.
    Note(String),
    /// Something failed that no other event names.
    Failed(Failure),
}

/// What became of one document of a save.
#[derive(Debug, Clone)]
pub struct SavedDocument {
    /// Which.
    pub id: DocumentId,
    /// What became of it.
    pub outcome: SaveOutcome,
}

/// What became of a save of one document.
#[derive(Debug, Clone)]
pub enum SaveOutcome {
    /// It is on disk; where the old file had comments, it was kept there.
    Saved(Option<PathBuf>),
    /// Somebody else changed the file; nothing was written.
    Conflict(Document),
    /// It could not be written.
    Failed(Failure),
}

/// News of a chain.
#[derive(Debug, Clone)]
pub enum TrialNews {
    /// What is waited for before the first call.
    Preparing(String),
    /// A call was started.
    CallStarted(Purpose),
    /// Text of a call came.
    Text(Purpose, String),
    /// An attempt failed and another follows: the call's text so far is void.
    Retrying {
        /// Which call.
        purpose: Purpose,
        /// Why, and how long is waited, in words.
        why: String,
    },
    /// A call ended.
    CallDone {
        /// What was asked, where it got that far.
        call: Arc<Call>,
        /// What came.
        outcome: Result<Arc<Reply>, CallFailure>,
        /// Whether it came from the journal.
        replayed: bool,
    },
    /// The row is there, failed or not.
    Row(Arc<Row>),
    /// The run ended without a row.
    Failed(CallFailure),
    /// Everything is over; the run is in the journal.
    Finished(Option<RunId>),
}
