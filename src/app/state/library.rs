//! Palette, find everywhere, history, versions and glossary: what the window knows of it.

use std::collections::BTreeMap;

use super::{Area, Document, DocumentId, Moment, Selection, Target};
use crate::app::menu_command::MenuCommand;
use crate::domain::{CriterionId, PrincipleId, PromptId, RunId};
use crate::methods::changes::Counts;
use crate::store::journal::RunKind;

/// Palette, find everywhere, history, versions and glossary.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LibraryState {
    /// What the palette shows.
    pub palette: PaletteState,
    /// What was chosen in the palette in this sitting, the newest first.
    pub recents: Vec<PaletteItem>,
    /// The project's runs, the newest first, as read when the palette was opened last.
    pub runs: Vec<RunTitle>,
    /// What find everywhere shows.
    pub find: FindState,
    /// The named versions of each document that has any, the newest first.
    pub versions: BTreeMap<DocumentId, Vec<KeptVersion>>,
    /// What the document shown has changed since its newest version; see [`ShownVersion`].
    pub shown: Option<ShownVersion>,
    /// Places looked at.
    pub places: Places,
    /// The newest request to go to another pane: its number, and by how many panes.
    pub pane: (u64, i32),
    /// The number of the newest request to open a menu of ways to copy.
    pub copy: u64,
    /// US dollars that the project's calls have cost so far, where prices are known.
    pub spent: Option<f64>,
}

/// Something that the palette finds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PaletteItem {
    /// A command of the table.
    Command(MenuCommand),
    /// A principle.
    Principle {
        /// The constitution's stem.
        stem: String,
        /// Which.
        id: PrincipleId,
    },
    /// A criterion.
    Criterion {
        /// The rubric's stem.
        stem: String,
        /// Which.
        id: CriterionId,
    },
    /// A prompt.
    Prompt {
        /// The prompt set's stem.
        set: String,
        /// Which.
        id: PromptId,
    },
    /// A constitution, by stem.
    Constitution(String),
    /// A rubric, by stem.
    Rubric(String),
    /// A prompt set, by stem.
    PromptSet(String),
    /// A run.
    Run(RunId),
    /// A model, by name.
    Model(String),
    /// A term of the glossary or a topic of the guide, by name.
    Term(&'static str),
}

impl PaletteItem {
    /// The word for its kind, as printed before a group.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Command(_) => "Command",
            Self::Principle { .. } => "Principle",
            Self::Criterion { .. } => "Criterion",
            Self::Prompt { .. } => "Prompt",
            Self::Constitution(_) | Self::Rubric(_) | Self::PromptSet(_) => "Document",
            Self::Run(_) => "Run",
            Self::Model(_) => "Model",
            Self::Term(_) => "Help",
        }
    }
}

/// A line of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaletteHit {
    /// What it stands for.
    pub item: PaletteItem,
    /// What it is called.
    pub title: String,
    /// Where it is, or what it does.
    pub detail: String,
    /// The letters of the title that matched, by place in characters.
    pub places: Vec<usize>,
    /// How well it fits.
    pub score: i32,
}

/// Lines of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaletteGroup {
    /// What is printed before them: `Principle`, `Recent`.
    pub name: &'static str,
    /// The best of them, the best first.
    pub hits: Vec<PaletteHit>,
    /// How many fit in all.
    pub total: usize,
}

/// What the palette shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaletteState {
    /// What was typed.
    pub typed: String,
    /// Names the newest question; answers to older ones are dropped. Changes with the groups.
    pub number: u64,
    /// The groups, the best first.
    pub groups: Vec<PaletteGroup>,
    /// Whether prompts are still being looked through.
    pub looking: bool,
}

/// A run as the palette lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunTitle {
    /// Which.
    pub id: RunId,
    /// What it was for.
    pub kind: RunKind,
    /// `R-0007 critique`.
    pub title: String,
    /// When and how far: `22 Nov 14:02, done`.
    pub detail: String,
}

/// What find everywhere finds texts in, in the order listed.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, strum::EnumIter, strum::Display,
)]
pub enum FoundKind {
    /// Principles, prefaces, worked examples.
    Principles,
    /// Criteria with their levels.
    Criteria,
    /// Prompts.
    Prompts,
    /// Drafts, revisions and judged responses in the journal.
    Responses,
    /// Critiques in the journal.
    Critiques,
}

/// Where a text was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundPlace {
    /// In a document.
    Document(Target),
    /// In a row of a run.
    Row {
        /// The run.
        run: RunId,
        /// Whether it tried one prompt: Try shows it, else Data.
        is_try: bool,
        /// The row's place among the run's prompts.
        position: u64,
        /// The prompt.
        prompt: PromptId,
    },
}

/// A text that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it was found in.
    pub kind: FoundKind,
    /// Where.
    pub place: FoundPlace,
    /// The place in words: `General, P3 Say what is unsure`.
    pub title: String,
    /// A few words before, on one line.
    pub before: String,
    /// What matched first.
    pub hit: String,
    /// A few words after.
    pub after: String,
    /// How often it matches in this text.
    pub times: u64,
}

/// What find everywhere shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FindState {
    /// What is looked for.
    pub wanted: Wanted,
    /// What is wrong with it; empty where nothing is.
    pub error: String,
    /// The search on its way.
    pub job: Option<u64>,
    /// Names the newest search; news of older ones is dropped.
    pub number: u64,
    /// Texts found, as they came, at most so many of each kind.
    pub found: Vec<Found>,
    /// How many texts match, by kind.
    pub counts: BTreeMap<FoundKind, u64>,
    /// Rows of the journal looked through so far.
    pub rows: u64,
    /// What could not be read; empty where everything was.
    pub failed: String,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The text or expression.
    pub text: String,
    /// Whether it is a regular expression.
    pub is_regex: bool,
    /// Whether capitals count.
    pub match_case: bool,
}

/// A named version of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptVersion {
    /// BLAKE3 of its text.
    pub hash: String,
    /// Counts from 1, the oldest first.
    pub number: usize,
    /// What people call it; may be empty.
    pub name: String,
    /// What people say about it; may be empty.
    pub note: String,
    /// When it was kept.
    pub at: Moment,
    /// The document as it was; `None`: its text can't be read.
    pub document: Option<Document>,
}

impl KeptVersion {
    /// `v3`, with its name where it has one.
    pub fn title(&self) -> String {
        if self.name.is_empty() {
            format!("v{}", self.number)
        } else {
            format!("v{} {}", self.number, self.name)
        }
    }
}

/// The newest version of the document shown, and what changed since.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownVersion {
    /// The document.
    pub id: DocumentId,
    /// Its newest version's number; `None`: it has none yet.
    pub number: Option<usize>,
    /// What changed since then.
    pub counts: Counts,
    /// The value that the counts were made from.
    pub of: Document,
}

/// Where the user was: an area and what was selected in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The area.
    pub area: Area,
    /// What was selected in all areas.
    pub selection: Selection,
}

/// Places looked at, for going back and forward.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// Those before, the newest last.
    pub back: Vec<Place>,
    /// Those that going back left, the nearest last.
    pub forward: Vec<Place>,
    /// When the newest of them was left.
    pub left_at: Moment,
}
