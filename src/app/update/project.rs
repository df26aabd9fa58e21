//! Opening, making, importing, saving, closing; and the project file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::edit::{self, What};
use crate::app::command::ProjectCommand;
use crate::app::effects::Effect;
use crate::app::effects::home::HomeEffect;
use crate::app::message::Failure;
use crate::app::state::documents::Setup;
use crate::app::state::{
    AppState, Area, Closing, Document, DocumentId, Moment, NoticeKind, PathPurpose, ProjectState,
    SaveState, Selection, Sheet, Target, TryState,
};

pub(super) fn carry_out(state: &mut AppState, command: ProjectCommand, at: Moment) -> Vec<Effect> {
    match command {
        ProjectCommand::AskPath(purpose) => vec![Effect::AskPath(purpose)],
        ProjectCommand::Open(path) => {
            state.sheet = None;
            state.opening = Some(path.clone());
            after_saving(state, Effect::Open(path))
        }
        ProjectCommand::Create(path) => {
            state.sheet = None;
            state.opening = Some(path.clone());
            after_saving(state, Effect::Create(path))
        }
        ProjectCommand::OpenSample => after_saving(state, Effect::OpenSample),
        ProjectCommand::Import(path) => {
            state.sheet = None;
            vec![Effect::Home(HomeEffect::Read { paths: vec![path], area: state.area })]
        }
        ProjectCommand::Save => {
            state.history.seal();
            let effects = edit::save_unsaved(state);
            if effects.is_empty() && state.conflicts.is_empty() {
                state.announce("Everything is saved");
            } else if !state.conflicts.is_empty() {
                state.sheet = Some(Sheet::Conflict);
            }
            effects
        }
        ProjectCommand::KeepMine => edit::keep_mine(state),
        ProjectCommand::TakeTheirs => edit::take_theirs(state, at),
        ProjectCommand::Quit => quit(state),
    }
}

/// What is unsaved is saved first: another project is opened only when that went well.
pub(super) fn after_saving(state: &mut AppState, then: Effect) -> Vec<Effect> {
    if !state.conflicts.is_empty() {
        state.opening = None;
        state.sheet = Some(Sheet::Conflict);
        return Vec::new();
    }
    let mut effects = edit::save_unsaved(state);
    if state.save == SaveState::Saving {
        state.then_open = Some(then);
    } else {
        effects.push(then);
    }
    effects
}

fn quit(state: &mut AppState) -> Vec<Effect> {
    if !state.conflicts.is_empty() {
        state.sheet = Some(Sheet::Conflict);
        return Vec::new();
    }
    if state.home.quit_refused
        && matches!(state.save, SaveState::Failed { .. })
        && state.home.drafts.is_there
    {
        // What is unsaved is kept as drafts and offered when the project is opened again.
        state.closing = Closing::Now;
        return vec![Effect::Close];
    }
    let mut effects = edit::save_unsaved(state);
    if state.save == SaveState::Saving {
        state.closing = Closing::Saving;
    } else {
        state.closing = Closing::Now;
        effects.push(Effect::Close);
    }
    effects
}

pub(super) fn opened(
    state: &mut AppState,
    root: &Path,
    result: Result<Box<ProjectState>, Failure>,
    first_time: bool,
    at: Moment,
) -> Vec<Effect> {
    state.opening = None;
    let project = match result {
        Ok(project) => *project,
        Err(failure) => {
            let text = format!("{}: {}", failure.message, root.display());
            state.fail(text, failure.hint, at);
            return Vec::new();
        }
    };
    for file in &project.unreadable {
        let text = format!(
            "{} can't be read, so it is not shown here and stays as it is: {}{}",
            file.path.display(),
            match file.problem.position {
                Some((line, column)) => format!("line {line}, column {column}: "),
                None => String::new(),
            },
            file.problem.what
        );
        state.fail(text, file.problem.hint.clone(), at);
    }
    if project.read_only {
        state.notify(
            NoticeKind::Warning,
            "This project is open in another window, so it can be read here and not changed",
            at,
        );
    }
    let models = project.documents.setup.all_models();
    state.project = Some(project);
    state.history.clear();
    state.conflicts.clear();
    state.save = SaveState::Clean;
    state.selection = Selection::default();
    state.trial = TryState { score: true, ..TryState::default() };
    state.lists = crate::app::state::ListsState::default();
    state.cases = crate::app::state::CasesState::default();
    state.export = crate::app::state::ExportState {
        with_configuration: true,
        ..crate::app::state::ExportState::default()
    };
    state.models.probes.clear();
    state.models.draft = None;
    state.sheet = None;
    if first_time {
        state.area = Area::Try;
    }
    super::go::mend_selection(state);
    super::data::project_opened(state);
    let mut effects = vec![Effect::LookForEmbedded, Effect::LookForKeys(models)];
    effects.push(Effect::Try(crate::app::effects::trial::TryEffect::Recall));
    effects.extend(super::runs::project_opened(state));
    effects.extend(super::compare::opened(state));
    effects.extend(super::library::project_opened(state));
    effects.extend(super::judges::opened(state));
    effects
}

pub(super) fn path_chosen(
    state: &mut AppState,
    purpose: PathPurpose,
    path: Option<PathBuf>,
    dialog: bool,
) -> Vec<Effect> {
    if purpose != PathPurpose::Locate || (path.is_none() && dialog) {
        state.home.locating = None;
    }
    let Some(path) = path else {
        if !dialog {
            // No native dialog on this system: a field of our own.
            state.sheet = Some(Sheet::Path(purpose));
        }
        return Vec::new();
    };
    match purpose {
        PathPurpose::OpenProject | PathPurpose::Locate => {
            state.opening = Some(path.clone());
            after_saving(state, Effect::Open(path))
        }
        PathPurpose::NewProject => {
            state.opening = Some(path.clone());
            after_saving(state, Effect::Create(path))
        }
        PathPurpose::Import => {
            vec![Effect::Home(HomeEffect::Read { paths: vec![path], area: state.area })]
        }
        PathPurpose::Export => {
            state.export.folder = path.display().to_string();
            Vec::new()
        }
    }
}

/// Changes the project file (undoable).
pub(super) fn change_setup(
    state: &mut AppState,
    label: String,
    target: Target,
    at: Moment,
    change: impl FnOnce(&mut Setup),
) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let mut setup = (*documents.setup).clone();
    change(&mut setup);
    let what = What { label, target, joins: false };
    edit::put(state, DocumentId::Setup, Document::Setup(Arc::new(setup)), what, at)
}

pub(super) fn note(state: &mut AppState, text: String, at: Moment) -> Vec<Effect> {
    state.notify(NoticeKind::Done, text, at);
    Vec::new()
}

/// Takes notices off the screen after a while; their list keeps them.
pub(super) fn let_notices_go(state: &mut AppState, at: Moment) {
    for notice in &mut state.notices {
        notice.shown &= at.millis_since(notice.at) < notice.kind.shown_millis();
    }
}
