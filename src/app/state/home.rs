//! Home, settings, recovery and logs: what the window knows of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::AppState;
use super::documents::{Document, DocumentId};
use super::import::ImportReview;
use super::place::Area;
use super::session::Moment;
use crate::app::command::Command;
use crate::store::sample;
use crate::store::settings::{Known, Step};

/// Home, settings, recovery and logs.
#[derive(Debug, Clone, Default)]
pub struct HomeState {
    /// The page of Settings that is shown.
    pub page: SettingsPage,
    /// Projects opened lately, the latest first; the open one is the first of them.
    pub recents: Vec<Recent>,
    /// What was found out about the open project; `None`: not looked yet.
    pub facts: Option<Facts>,
    /// Next steps that the user does not want to see now.
    pub skipped: BTreeSet<NextStep>,
    /// Newcomer's steps just done, until the settings have them.
    pub done: BTreeSet<Step>,
    /// The area of work last shown: not Home and not Settings.
    pub work: Option<Area>,
    /// Keeping where the user is.
    pub keeping: Keeping,
    /// Keeping what is not yet in its file.
    pub drafts: DraftState,
    /// What a crash left behind, until the user has chosen.
    pub recovered: Option<Recovered>,
    /// What is about to be imported.
    pub import: Option<ImportReview>,
    /// A command that waits until the user has said whether its hosts may be sent to.
    pub held: Option<Held>,
    /// What takes how much room; `None`: not measured yet.
    pub storage: Option<Storage>,
    /// The program's log, as far as it is shown.
    pub log: LogState,
    /// A crash report that nobody has seen yet.
    pub crash: Option<CrashReport>,
    /// The recent project that is being located anew.
    pub locating: Option<PathBuf>,
    /// The area and page for which the newest look was had.
    pub looked_at: Option<(Area, SettingsPage)>,
    /// The project whose journal is damaged, until it is salvaged.
    pub damaged: Option<PathBuf>,
    /// Whether a failed save has kept the window from closing once; the next time it closes.
    pub quit_refused: bool,
}

/// How many newcomer's cards there are.
pub const CARDS: u8 = 4;

/// A page of Settings; the list shows them in this order.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    strum::EnumIter,
    strum::Display,
)]
pub enum SettingsPage {
    /// Who answers, where, with which key.
    #[default]
    Models,
    /// Theme, sizes, motion.
    Appearance,
    /// What leaves this machine, and when it is asked.
    Privacy,
    /// All shortcuts.
    Keys,
    /// What is kept where.
    Storage,
    /// What the program did.
    Logs,
}

/// A line of the recent projects.
#[derive(Debug, Clone, PartialEq)]
pub struct Recent {
    /// Its folder.
    pub root: PathBuf,
    /// What is remembered of it.
    pub known: Known,
    /// Whether a project is there.
    pub is_there: bool,
}

impl Recent {
    /// What people call it.
    pub fn name(&self) -> String {
        if !self.known.name.trim().is_empty() {
            return self.known.name.clone();
        }
        self.root.file_name().map_or_else(
            || self.root.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        )
    }
}

/// What was found out about the open project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts {
    /// Whether it is the sample project.
    pub is_sample: bool,
    /// Runs in its journal, Try's included.
    pub runs: u64,
    /// Of them those over a prompt set.
    pub full_runs: u64,
    /// Rows without a failure.
    pub rows: u64,
    /// When the newest run ended, in milliseconds since 1970; 0: none did.
    pub last_run_ms: u64,
    /// When the newest export was written, likewise; 0: none was.
    pub last_export_ms: u64,
}

/// What there is to do next, in the order in which it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter)]
pub enum NextStep {
    /// Open or make a project.
    OpenProject,
    /// Choose what becomes of recovered edits.
    Recovered,
    /// Run a first prompt.
    RunPrompt,
    /// Import prompts of one's own.
    ImportPrompts,
    /// Connect another model than the starter.
    ConnectModel,
    /// Label what is left of a set that was begun.
    Label,
    /// Export rows that were not yet exported.
    Export,
}

/// What is offered as the next step; `None`: nothing is.
///
/// Each offer comes from what is there: no number is guessed.
pub fn next_step(state: &AppState) -> Option<NextStep> {
    use strum::IntoEnumIterator as _;
    NextStep::iter().find(|step| !state.home.skipped.contains(step) && is_due(state, *step))
}

fn is_due(state: &AppState, step: NextStep) -> bool {
    let Some(documents) = state.documents() else { return step == NextStep::OpenProject };
    let facts = state.home.facts;
    match step {
        NextStep::OpenProject => false,
        NextStep::Recovered => state.home.recovered.is_some(),
        NextStep::RunPrompt => {
            let has_prompts = documents.prompt_sets.values().any(|set| !set.prompts.is_empty());
            let can_run = has_prompts && !documents.constitutions.is_empty();
            can_run && facts.is_some_and(|facts| facts.runs == 0) && state.trial.trials.is_empty()
        }
        NextStep::ImportPrompts => {
            let ours = |stem: &String| sample::PROMPT_SETS.iter().any(|(known, _)| known == stem);
            documents.prompt_sets.keys().all(ours)
        }
        NextStep::ConnectModel => documents.setup.models.is_empty(),
        NextStep::Label => begun_set(state).is_some(),
        NextStep::Export => {
            facts.is_some_and(|facts| facts.rows > 0 && facts.last_run_ms > facts.last_export_ms)
        }
    }
}

/// The label set that was begun and is not done, by stem, with its labels and items; that with
/// most labels, where there are several.
pub fn begun_set(state: &AppState) -> Option<(&str, u64, u64)> {
    let all = state
        .judges
        .all()
        .map(|(stem, book)| (stem.as_str(), book.sums.labels, book.items.len() as u64));
    all.filter(|(_, labels, items)| *labels > 0 && labels < items).max_by_key(|one| one.1)
}

/// Keeping where the user is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Keeping {
    /// The open project's folder in full; `None` before it is known what is remembered of it.
    pub root: Option<PathBuf>,
    /// What is kept already.
    pub kept: Known,
    /// What shall be kept next, and when.
    pub due: Option<(Known, Moment)>,
    /// When a document was last changed.
    pub edited: Moment,
    /// When the project was opened.
    pub opened: Moment,
}

/// Keeping what is not yet in its file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DraftState {
    /// The values kept already.
    pub kept: BTreeMap<DocumentId, Document>,
    /// When they are next kept.
    pub due: Option<Moment>,
    /// Whether there is a file.
    pub is_there: bool,
}

/// What a crash left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Recovered {
    /// When the newest of the edits was made.
    pub at: Moment,
    /// The documents as they were in the window, which differ from their files.
    pub documents: Vec<(DocumentId, Document)>,
}

/// A command that waits for the user's leave.
#[derive(Debug, Clone)]
pub struct Held {
    /// The command.
    pub command: Box<Command>,
    /// The hosts that it would send to, and have not been allowed.
    pub hosts: Vec<String>,
}

/// What takes how much room, and where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Storage {
    /// Each place.
    pub places: Vec<StoragePlace>,
}

/// A place on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoragePlace {
    /// What it holds: `Journal`.
    pub name: &'static str,
    /// In a sentence, what that is for.
    pub what: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes; `None`: it is not there.
    pub bytes: Option<u64>,
}

/// The program's log, as far as it is shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LogState {
    /// How many lines there have been; the next look waits for more.
    pub seen: u64,
    /// The lines that are still there, oldest first.
    pub lines: Arc<Vec<LogLine>>,
    /// Whether somebody waits for more.
    pub is_watched: bool,
}

/// How grave a log line is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter, strum::Display,
)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Needs a look.
    Warning,
    /// What happened.
    Info,
    /// For finding faults.
    Debug,
}

/// A line of the log, without keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When.
    pub at: Moment,
    /// How grave.
    pub level: LogLevel,
    /// Which part of the program says it.
    pub place: String,
    /// What.
    pub text: String,
}

/// A crash report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrashReport {
    /// Its file.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
    /// Whether the program goes on: a job on another thread failed, the window did not.
    pub goes_on: bool,
}
