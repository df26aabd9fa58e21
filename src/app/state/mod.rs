//! What the window knows: plain values, changed only by [`update`](crate::app::update::update).
//!
//! Nothing here is drawn, read from a disk or waited for. A view gets `&AppState`; what a view
//! alone needs (a scroll position, a half-typed filter) is the view's own.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::history::History;
use super::menu_command::MenuCommand;

pub mod cases;
pub mod compare;
pub mod data;
pub mod documents;
pub mod export;
pub mod home;
pub mod import;
pub mod judges;
pub mod library;
pub mod lists;
pub mod models;
mod own_judge;
pub mod place;
pub mod runs;
pub mod session;
pub mod trial;

pub use cases::CasesState;
pub use compare::CompareState;
pub use data::DataState;
pub use documents::{Document, DocumentId, Documents, ProjectState};
pub use export::{ExportOutcome, ExportPreview, ExportSource, ExportState, FileKind};
pub use home::{HomeState, NextStep, SettingsPage};
pub use judges::JudgesState;
pub use library::LibraryState;
pub use lists::{ListLook, ListsState, Sort};
pub use models::{EmbeddedState, KeySource, ModelsState, ProbeLine, ProbeState};
pub use own_judge::OwnJudge;
pub use place::{Area, CriterionField, JudgeField, PrincipleField, RunLimit, Target};
pub use runs::RunsState;
pub use session::{
    Conflict, Moment, Notice, NoticeKind, SaveState, Settings, ThemeChoice, WindowPlace,
};
pub use trial::{
    CallState, CopyForm, LiveCall, ReactState, StepPart, Trial, TrialStatus, TryMode, TryState,
};

/// Everything that the window shows.
#[derive(Debug, Clone, Default)]
pub struct AppState {
    /// The open project; `None` before the first one is open.
    pub project: Option<ProjectState>,
    /// Undo and redo of document edits.
    pub history: History,
    /// The area shown.
    pub area: Area,
    /// What is selected in each area.
    pub selection: Selection,
    /// Whether and when everything was last saved.
    pub save: SaveState,
    /// Documents that changed on disk while edits of them were unsaved.
    pub conflicts: Vec<Conflict>,
    /// Messages to the user, newest last; errors stay until dismissed.
    pub notices: Vec<Notice>,
    /// The number of the next notice, request or announcement.
    pub next_number: u64,
    /// The Try area.
    pub trial: TryState,
    /// How the lists of principles and criteria are looked at.
    pub lists: ListsState,
    /// Pinned cases and what became of them.
    pub cases: CasesState,
    /// Home, recovery and logs.
    pub home: HomeState,
    /// The Compare area.
    pub compare: CompareState,
    /// The Judges area.
    pub judges: JudgesState,
    /// The Runs area.
    pub runs: RunsState,
    /// The Data area.
    pub data: DataState,
    /// Palette, find, history, versions, glossary.
    pub library: LibraryState,
    /// The export sheet.
    pub export: ExportState,
    /// Models, keys and what they can do.
    pub models: ModelsState,
    /// Theme, zoom and reading size.
    pub settings: Settings,
    /// The sheet or dialog on top, if any.
    pub sheet: Option<Sheet>,
    /// What views shall focus, by number: a view acts once on a number it has not seen.
    pub focus: Option<Request>,
    /// What views shall scroll to and flash, by number.
    pub flash: Option<Request>,
    /// What a screen reader shall say next, by number.
    pub announcement: (u64, String),
    /// Folder being opened, if any.
    pub opening: Option<PathBuf>,
    /// What opens another project as soon as everything is saved.
    pub then_open: Option<crate::app::effects::Effect>,
    /// Whether the window shall close as soon as everything is saved.
    pub closing: Closing,
}

/// How far closing the window has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Closing {
    /// Nobody asked.
    #[default]
    No,
    /// Waits for the last save.
    Saving,
    /// May close now.
    Now,
}

/// What is selected, by area; a stem is a document's file name without its ending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// The constitution shown, by stem.
    pub constitution: String,
    /// The principle shown; `None` shows the constitution's own page.
    pub principle: Option<crate::domain::PrincipleId>,
    /// All principles picked, where there are several; the one shown is among them.
    pub picked_principles: BTreeSet<crate::domain::PrincipleId>,
    /// The rubric shown, by stem.
    pub rubric: String,
    /// The criterion shown; `None` shows the rubric's own page.
    pub criterion: Option<crate::domain::CriterionId>,
    /// All criteria picked, where there are several; the one shown is among them.
    pub picked_criteria: BTreeSet<crate::domain::CriterionId>,
    /// The prompt set shown, by stem.
    pub prompts: String,
    /// The prompt shown in Try.
    pub prompt: Option<crate::domain::PromptId>,
    /// The model shown in Models, by name.
    pub model: Option<String>,
}

/// A sheet or dialog that lies over the area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sheet {
    /// Export of a run's rows.
    Export,
    /// Keys of this screen.
    Keys,
    /// About the program.
    About,
    /// A path is asked for, because no native dialog answered.
    Path(PathPurpose),
    /// A document on disk and in the window differ: choose.
    Conflict,
    /// Commands, principles, prompts, runs and help, by a few letters.
    Palette,
    /// Find a text in everything that the project has.
    FindEverywhere,
    /// All edits, to go back to one.
    History,
    /// All notices.
    Notices,
    /// The named versions of a document.
    Versions,
    /// Keep the documents as a named version.
    SaveVersion,
    /// What a term means; empty: all terms.
    Glossary(String),
    /// React to a response: praise, complain, rewrite.
    React,
    /// Many prompts pasted at once.
    PastePrompts,
    /// A new run of many rows.
    NewRun,
    /// A new label set.
    NewLabelSet,
    /// Who labels.
    Labeller,
    /// A judging of a label set.
    Judging,
    /// A new judge.
    NewJudge,
    /// Lines of text that become principles.
    PasteLines,
    /// What a file or a pasted text holds, before it is imported.
    ImportReview,
    /// Edits that a crash left behind: keep, show, discard.
    Recovered,
    /// Whether hosts that were never sent to may be.
    FirstSend,
}

/// What a path is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathPurpose {
    /// Open an existing project folder.
    OpenProject,
    /// Make a new project folder.
    NewProject,
    /// Find a recent project that is not where it was.
    Locate,
    /// Import a file into the project.
    Import,
    /// Where an export goes.
    Export,
}

/// Something a view shall do once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Grows with each request.
    pub number: u64,
    /// What it is about.
    pub target: Target,
}

impl AppState {
    /// A fresh number for a notice, request or announcement.
    pub fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    /// US dollars that the project's calls have cost so far, those of the run that is on included.
    pub fn spent(&self) -> Option<f64> {
        let active = self.runs.active.as_ref();
        let since = active.map_or(0.0, |active| (active.progress.cost - active.added_up).max(0.0));
        self.library.spent.map(|spent| spent + since)
    }

    /// Has a screen reader say it.
    pub fn announce(&mut self, text: impl Into<String>) {
        self.announcement = (self.number(), text.into());
    }

    /// Has the view that shows `target` focus it.
    pub fn request_focus(&mut self, target: Target) {
        let number = self.number();
        self.focus = Some(Request { number, target });
    }

    /// Has the view that shows `target` scroll to it and flash it.
    pub fn request_flash(&mut self, target: Target) {
        let number = self.number();
        self.flash = Some(Request { number, target });
    }

    /// Adds a message to the user.
    pub fn notify(&mut self, kind: NoticeKind, text: impl Into<String>, at: Moment) {
        self.add_notice(kind, text.into(), String::new(), at);
    }

    /// Adds an error with a way to mend it; it stays until dismissed.
    pub fn fail(&mut self, text: impl Into<String>, hint: impl Into<String>, at: Moment) {
        self.add_notice(NoticeKind::Error, text.into(), hint.into(), at);
    }

    /// Adds a message to the user with something that can be done about it at once.
    pub fn notify_with(
        &mut self,
        kind: NoticeKind,
        text: impl Into<String>,
        action: MenuCommand,
        at: Moment,
    ) {
        self.add_notice(kind, text.into(), String::new(), at);
        if let Some(notice) = self.notices.last_mut() {
            notice.action = Some(action);
        }
    }

    /// The newest notice of the same words takes the older one's place.
    fn add_notice(&mut self, kind: NoticeKind, text: String, hint: String, at: Moment) {
        /// The oldest are dropped beyond this many, those of things done first.
        const KEPT: usize = 200;
        let number = self.number();
        let action = usual_action(&text, &hint);
        let undone = action == Some(MenuCommand::Undo);
        let edit = self.history.current().filter(|_| undone).map(|entry| entry.number);
        self.announce(if hint.is_empty() { text.clone() } else { format!("{text}. {hint}") });
        self.notices.retain(|notice| notice.text != text);
        self.notices.push(Notice { number, kind, text, hint, at, shown: true, action, edit });
        if self.notices.len() > KEPT {
            let done = self.notices.iter().position(|one| !one.kind.is_to_look_at());
            self.notices.remove(done.unwrap_or(0));
        }
    }

    /// How many notices somebody should look at.
    pub fn notices_to_look_at(&self) -> usize {
        self.notices.iter().filter(|notice| notice.kind.is_to_look_at()).count()
    }

    /// The document that the area shown is about: the one that versions are named after.
    pub fn document_shown(&self) -> Option<DocumentId> {
        let documents = self.documents()?;
        match self.area {
            Area::Rubric => {
                let stem = &self.selection.rubric;
                documents.rubrics.get(stem).map(|_| DocumentId::Rubric(stem.clone()))
            }
            Area::Constitution | Area::Try | Area::Compare => {
                let stem = &self.selection.constitution;
                documents.constitutions.get(stem).map(|_| DocumentId::Constitution(stem.clone()))
            }
            Area::Home | Area::Judges | Area::Runs | Area::Data | Area::Settings => None,
        }
    }

    /// The documents of the open project.
    pub fn documents(&self) -> Option<&Documents> {
        self.project.as_ref().map(|project| &project.documents)
    }

    /// A judge of the project, by stem.
    pub fn judge(&self, stem: &str) -> Option<&std::sync::Arc<crate::domain::JudgeSetup>> {
        self.documents()?.judges.get(stem)
    }

    /// All judges of the project by stem; none before one is open.
    pub fn all_judges(
        &self,
    ) -> impl Iterator<Item = (&String, &std::sync::Arc<crate::domain::JudgeSetup>)> {
        self.documents().into_iter().flat_map(|documents| &documents.judges)
    }

    /// The principles that commands are about, in the document's order: those picked, else the
    /// one shown.
    pub fn chosen_principles(&self) -> Vec<crate::domain::PrincipleId> {
        let Some(constitution) = self.constitution() else { return Vec::new() };
        let Selection { principle, picked_principles: picked, .. } = &self.selection;
        let all = constitution.principles.iter().map(|one| &one.id);
        all.filter(|id| picked.contains(id) || principle.as_ref() == Some(id)).cloned().collect()
    }

    /// The criteria that commands are about, in the document's order: those picked, else the one
    /// shown.
    pub fn chosen_criteria(&self) -> Vec<crate::domain::CriterionId> {
        let Some(rubric) = self.rubric() else { return Vec::new() };
        let Selection { criterion, picked_criteria: picked, .. } = &self.selection;
        let all = rubric.criteria.iter().map(|one| &one.id);
        all.filter(|id| picked.contains(id) || criterion.as_ref() == Some(id)).cloned().collect()
    }

    /// The constitution shown.
    pub fn constitution(&self) -> Option<&std::sync::Arc<crate::domain::Constitution>> {
        self.documents()?.constitutions.get(&self.selection.constitution)
    }

    /// The rubric shown.
    pub fn rubric(&self) -> Option<&std::sync::Arc<crate::domain::Rubric>> {
        self.documents()?.rubrics.get(&self.selection.rubric)
    }

    /// The prompt set shown in Try.
    pub fn prompts(&self) -> Option<&std::sync::Arc<crate::domain::PromptSet>> {
        self.documents()?.prompt_sets.get(&self.selection.prompts)
    }

    /// The prompt shown in Try.
    pub fn prompt(&self) -> Option<&crate::domain::Prompt> {
        let id = self.selection.prompt.as_ref()?;
        self.prompts()?.prompts.iter().find(|prompt| &prompt.id == id)
    }
}

/// What a notice's words offer: they say so themselves.
fn usual_action(text: &str, hint: &str) -> Option<MenuCommand> {
    if text.contains("Undo brings") {
        return Some(MenuCommand::Undo);
    }
    let in_settings = ["in Settings", "in Models", "open Settings", "Open Settings"];
    in_settings.iter().any(|words| hint.contains(words)).then_some(MenuCommand::ShowSettings)
}
