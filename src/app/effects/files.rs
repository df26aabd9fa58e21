//! Effects on the project's files: open, make, save, settings. One at a time, and they may wait.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Effect;
use super::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure, SaveOutcome, SavedDocument};
use crate::app::state::documents::{Setup, UnreadableFile};
use crate::app::state::{Document, DocumentId, Documents, ProjectState};
use crate::domain::Severity;
use crate::store::sample::{Sample, init, put_recording};
use crate::store::{DocumentKind, Project, ProjectFile, StoreError, atomic};

/// Carries one of these effects out.
pub fn carry(desk: &Desk, effect: Effect) {
    match effect {
        Effect::Open(root) => open(desk, root, false),
        Effect::Create(root) => create(desk, root, false),
        Effect::OpenSample => match Desk::sample_folder() {
            Ok(root) if root.join(crate::store::project::PROJECT_FILE).is_file() => {
                open(desk, root, false);
            }
            Ok(root) => create(desk, root, true),
            Err(failure) => desk.link.send(Event::Failed(failure)),
        },
        Effect::Save { documents, force } => save(desk, documents, force),
        Effect::SaveSettings(mine) => desk.change_settings(|kept| mine.put_into(kept)),
        Effect::Home(effect) => super::home::carry_in_order(desk, effect),
        Effect::Runs(effect) => super::runs::carry_in_order(desk, effect),
        _ => {}
    }
}

/// Opens a project folder and puts it on the desk.
pub fn open(desk: &Desk, root: PathBuf, first_time: bool) {
    // The same folder again: its lock must be given back first.
    desk.clear(&root);
    let opened = Project::open(&root)
        .and_then(|project| project.open_journal().map(|journal| (project, journal)));
    let mut opened_root = None;
    let mut opened_journal = None;
    let mut damage = None;
    let result = match opened {
        Ok((project, journal)) => {
            let state = state_of(&project);
            // Another window that has the project open keeps drafts of its own there.
            let recovered = if project.read_only {
                None
            } else {
                super::drafts::find(desk, &root, &state.documents)
            };
            let full = std::path::absolute(&root).unwrap_or_else(|_| root.clone());
            let known = desk.settings().projects.get(&full).cloned();
            desk.put(project, journal.clone());
            opened_journal = Some(journal);
            opened_root = Some((full, recovered, known));
            Ok(Box::new(state))
        }
        Err(StoreError::NotAProject { .. }) => Err(Failure::new(
            "no project is in this folder (it has no file preamble.ron)",
            "open another folder, or make a project with New project… in the File menu",
        )),
        Err(error) => {
            let failure = failure_of("the project can't be opened", &error);
            damage = Some(error);
            Err(failure)
        }
    };
    let there = root.clone();
    desk.link.send(Event::Opened { root, result, first_time });
    if let Some(journal) = opened_journal {
        super::journal::tell(desk, &there, &journal);
    }
    if let Some(error) = damage {
        super::journal::tell_damage(desk, &there, &error);
    }
    if let Some((root, recovered, known)) = opened_root {
        super::home::remember(desk, &root, recovered, known);
    }
}

fn create(desk: &Desk, root: PathBuf, first_time: bool) {
    // Only the sample comes with what was recorded: in a project of the user's own, the journal
    // holds what the user ran.
    let recorded = |made| if first_time { put_recording(&root).map(|()| made) } else { Ok(made) };
    match init(&root, Sample::Starter).and_then(recorded) {
        Ok(_) => open(desk, root, first_time),
        Err(error) => {
            let result = Err(failure_of("the project can't be made", &error));
            desk.link.send(Event::Opened { root, result, first_time });
        }
    }
}

/// The store's project as the window edits it.
fn state_of(project: &Project) -> ProjectState {
    let documents = Documents {
        setup: Arc::new(setup_of(&project.file)),
        constitutions: project.constitutions.clone(),
        rubrics: project.rubrics.clone(),
        prompt_sets: project.prompt_sets.clone(),
        judges: project.judges.clone(),
    };
    let unreadable = project
        .problems
        .iter()
        .filter(|file| file.problem.severity == Severity::Error && !is_loaded(project, &file.path))
        .map(|file| UnreadableFile {
            path: file.path.strip_prefix(&project.root).unwrap_or(&file.path).to_owned(),
            problem: file.problem.clone(),
        })
        .collect();
    ProjectState {
        root: project.root.clone(),
        documents,
        recipes: project.recipes.clone(),
        templates: project.templates.clone(),
        unreadable,
        read_only: project.read_only,
        ..ProjectState::default()
    }
}

/// Whether a file's document was read all the same: then its screen shows what is wrong.
fn is_loaded(project: &Project, path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str());
    match folder {
        Some("constitutions") => project.constitutions.contains_key(stem),
        Some("rubrics") => project.rubrics.contains_key(stem),
        Some("prompts") => project.prompt_sets.contains_key(stem),
        Some("recipes") => project.recipes.contains_key(stem),
        Some("judges") => project.judges.contains_key(stem),
        _ => false,
    }
}

/// A project's file as the window edits it.
pub fn setup_of(file: &ProjectFile) -> Setup {
    Setup {
        name: file.name.clone(),
        constitution: file.constitution.clone(),
        rubric: file.rubric.clone(),
        prompts: file.prompts.clone(),
        seed: file.seed,
        models: file.models.clone(),
        roles: file.roles.clone(),
        spending: file.spending.clone(),
    }
}

/// The window's setup as the store writes it.
pub fn file_of(setup: &Setup) -> ProjectFile {
    ProjectFile {
        format: crate::domain::FORMAT,
        name: setup.name.clone(),
        constitution: setup.constitution.clone(),
        rubric: setup.rubric.clone(),
        prompts: setup.prompts.clone(),
        seed: setup.seed,
        models: setup.models.clone(),
        roles: setup.roles.clone(),
        spending: setup.spending.clone(),
    }
}

fn save(desk: &Desk, documents: Vec<(DocumentId, Document)>, force: bool) {
    let saved = match desk.project() {
        Ok((project, _)) => documents
            .into_iter()
            .map(|(id, document)| {
                let outcome = save_one(&project, &id, &document, force);
                if matches!(outcome, SaveOutcome::Saved(_)) {
                    keep_on_desk(desk, &id, &document);
                }
                SavedDocument { id, outcome }
            })
            .collect(),
        Err(failure) => documents
            .into_iter()
            .map(|(id, _)| SavedDocument { id, outcome: SaveOutcome::Failed(failure.clone()) })
            .collect(),
    };
    desk.link.send(Event::Saved(saved));
}

/// What was saved is what runs and reports go by from now on.
fn keep_on_desk(desk: &Desk, id: &DocumentId, document: &Document) {
    match (id, document) {
        (_, Document::Setup(setup)) => desk.put_file(file_of(setup)),
        (DocumentId::Judge(stem), Document::Judge(judge)) => desk.put_judge(stem, judge.clone()),
        _ => {}
    }
}

fn save_one(project: &Project, id: &DocumentId, document: &Document, force: bool) -> SaveOutcome {
    let (kind, stem) = place(id);
    if force && let Err(error) = keep_theirs(project, kind, stem) {
        return SaveOutcome::Failed(failure_of("what is on disk can't be kept", &error));
    }
    let saved = match document {
        Document::Setup(setup) => project.save_project_file(&file_of(setup)).map(Some),
        Document::Constitution(Some(value)) => project.save_constitution(stem, value).map(Some),
        Document::Rubric(Some(value)) => project.save_rubric(stem, value).map(Some),
        Document::Prompts(Some(set)) => project.save_prompt_set(stem, set).map(Some),
        Document::Judge(Some(value)) => project.save_judge(stem, value).map(Some),
        Document::Constitution(None)
        | Document::Rubric(None)
        | Document::Prompts(None)
        | Document::Judge(None) => remove(project, kind, stem).map(|()| None),
    };
    match saved {
        Ok(saved) => SaveOutcome::Saved(saved.and_then(|saved| saved.kept_comments_in)),
        Err(StoreError::Conflict { .. }) => match theirs(project, id) {
            Ok(theirs) => SaveOutcome::Conflict(theirs),
            Err(failure) => SaveOutcome::Failed(failure),
        },
        Err(error) => SaveOutcome::Failed(failure_of(&format!("{id} was not saved"), &error)),
    }
}

/// A document's kind and stem in the store.
pub fn place(id: &DocumentId) -> (DocumentKind, &str) {
    match id {
        DocumentId::Setup => (DocumentKind::Project, "preamble"),
        DocumentId::Constitution(stem) => (DocumentKind::Constitution, stem),
        DocumentId::Rubric(stem) => (DocumentKind::Rubric, stem),
        DocumentId::Prompts(stem) => (DocumentKind::PromptSet, stem),
        DocumentId::Judge(stem) => (DocumentKind::Judge, stem),
    }
}

/// Takes a document's file out; one that was never written is no error.
fn remove(project: &Project, kind: DocumentKind, stem: &str) -> Result<(), StoreError> {
    if !project.path_of(kind, stem).exists() {
        return Ok(());
    }
    project.remove(kind, stem).map(|_| ())
}

/// Keeps what somebody else wrote beside the file, and lets the next save win.
fn keep_theirs(project: &Project, kind: DocumentKind, stem: &str) -> Result<(), StoreError> {
    let path = project.path_of(kind, stem);
    if let Ok(bytes) = std::fs::read(&path) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("document");
        let mut n = 1_u32;
        let kept = loop {
            let kept = path.with_file_name(format!("{name}.theirs-{n}"));
            if !kept.exists() {
                break kept;
            }
            n += 1;
        };
        atomic::write(&kept, &bytes)?;
    }
    project.accept_on_disk(kind, stem)
}

/// What the file of a document says now.
fn theirs(project: &Project, id: &DocumentId) -> Result<Document, Failure> {
    let now = Project::look(&project.root)
        .map_err(|error| failure_of("what is on disk can't be read", &error))?;
    let documents = state_of(&now).documents;
    let (kind, stem) = place(id);
    let path = project.path_of(kind, stem);
    let document = documents.get(id);
    let is_missing = matches!(
        document,
        Document::Constitution(None)
            | Document::Rubric(None)
            | Document::Prompts(None)
            | Document::Judge(None)
    );
    if is_missing && path.exists() {
        let why = now
            .problems
            .iter()
            .find(|file| file.path == path)
            .map_or_else(|| "it can't be read".to_owned(), ToString::to_string);
        return Err(Failure::new(
            format!("{id} was changed by another program and can't be read: {why}"),
            "mend or remove the file, then save again; your version is kept in this window",
        ));
    }
    // The next save is measured against what was just read.
    project
        .accept_on_disk(kind, stem)
        .map_err(|error| failure_of("what is on disk can't be read", &error))?;
    Ok(document)
}
