//! Named versions of documents.

use std::sync::Arc;

use super::super::edit::{self, What};
use crate::app::effects::Effect;
use crate::app::effects::library::LibraryEffect;
use crate::app::message::Failure;
use crate::app::state::library::{KeptVersion, ShownVersion};
use crate::app::state::{AppState, Document, DocumentId, Moment, NoticeKind, Target};
use crate::methods::changes::{self, Change, Counts};

/// The documents that have versions.
pub(super) fn all_documents(state: &AppState) -> Vec<DocumentId> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let constitutions = documents.constitutions.keys().cloned().map(DocumentId::Constitution);
    constitutions.chain(documents.rubrics.keys().cloned().map(DocumentId::Rubric)).collect()
}

pub(super) fn read(state: &mut AppState, kept: Vec<(DocumentId, Vec<KeptVersion>)>) {
    state.library.versions.extend(kept);
    state.library.shown = None;
}

pub(super) fn save(
    state: &mut AppState,
    documents: Vec<DocumentId>,
    name: String,
    note: String,
) -> Vec<Effect> {
    state.history.seal();
    let Some(all) = state.documents() else { return Vec::new() };
    let documents: Vec<(DocumentId, Document)> =
        documents.into_iter().map(|id| (id.clone(), all.get(&id))).collect();
    state.sheet = None;
    let mut effects = edit::save_unsaved(state);
    if !documents.is_empty() {
        effects.push(Effect::Library(LibraryEffect::KeepVersions { documents, name, note }));
    }
    effects
}

pub(super) fn kept(
    state: &mut AppState,
    result: Result<Vec<(DocumentId, Vec<KeptVersion>)>, Failure>,
    name: &str,
    at: Moment,
) {
    let kept = match result {
        Ok(kept) => kept,
        Err(failure) => {
            state.fail(failure.message, failure.hint, at);
            return;
        }
    };
    let numbers: Vec<String> = kept
        .iter()
        .filter_map(|(id, versions)| {
            Some(format!("v{} of {}", versions.first()?.number, name_of(state, id)))
        })
        .collect();
    read(state, kept);
    let name = name.trim();
    let named = if name.is_empty() { String::new() } else { format!(" as “{name}”") };
    state.notify(NoticeKind::Done, format!("Kept {}{named}", numbers.join(" and ")), at);
}

pub(super) fn restore(
    state: &mut AppState,
    document: DocumentId,
    hash: &str,
    at: Moment,
) -> Vec<Effect> {
    let versions = state.library.versions.get(&document);
    let Some(version) = versions.and_then(|all| all.iter().find(|one| one.hash == hash)) else {
        return Vec::new();
    };
    let Some(value) = version.document.clone() else {
        state.fail("This version can't be read any more, so it can't be brought back", "", at);
        return Vec::new();
    };
    let title = version.title();
    let target = match &document {
        DocumentId::Constitution(stem) => Target::Constitution(stem.clone()),
        DocumentId::Rubric(stem) => Target::Rubric(stem.clone()),
        DocumentId::Setup | DocumentId::Prompts(_) | DocumentId::Judge(_) => return Vec::new(),
    };
    let name = name_of(state, &document);
    state.history.seal();
    let before = state.history.current().map(|entry| entry.number);
    let what = What { label: format!("Restore {title}"), target: target.clone(), joins: false };
    let effects = edit::put(state, document, value, what, at);
    state.sheet = None;
    if state.history.current().map(|entry| entry.number) == before {
        state.announce(format!("{name} is {title} already"));
        return effects;
    }
    super::super::go::select(state, &target);
    super::super::go::mend_selection(state);
    state.request_flash(target);
    let text = format!("{name} is {title} again: Undo brings back what it was");
    state.notify(NoticeKind::Done, text, at);
    let mut all = vec![Effect::ForgetFieldUndo];
    all.extend(effects);
    all
}

/// What people call a document.
fn name_of(state: &AppState, id: &DocumentId) -> String {
    let documents = state.documents();
    let name = documents.and_then(|documents| match id {
        DocumentId::Constitution(stem) => Some(documents.constitutions.get(stem)?.name.clone()),
        DocumentId::Rubric(stem) => Some(documents.rubrics.get(stem)?.name.clone()),
        DocumentId::Setup | DocumentId::Prompts(_) | DocumentId::Judge(_) => None,
    });
    name.unwrap_or_else(|| id.to_string())
}

/// What changed between two values of a document; nothing where they are of two kinds.
pub fn changes_between(before: &Document, after: &Document) -> Vec<Change> {
    match (before, after) {
        (Document::Constitution(Some(before)), Document::Constitution(Some(after))) => {
            changes::of_constitution(before, after)
        }
        (Document::Rubric(Some(before)), Document::Rubric(Some(after))) => {
            changes::of_rubric(before, after)
        }
        _ => Vec::new(),
    }
}

/// Counts what the document shown has changed since its newest version, where it is not counted
/// yet.
pub(in super::super) fn count_changes(state: &mut AppState) {
    let Some(id) = state.document_shown() else {
        state.library.shown = None;
        return;
    };
    let Some(of) = state.documents().map(|documents| documents.get(&id)) else { return };
    if state.library.shown.as_ref().is_some_and(|known| known.id == id && same(&known.of, &of)) {
        return;
    }
    let newest = state.library.versions.get(&id).and_then(|versions| versions.first());
    let counts = newest
        .and_then(|version| version.document.as_ref())
        .map(|before| Counts::of(&changes_between(before, &of)))
        .unwrap_or_default();
    let number = newest.map(|version| version.number);
    state.library.shown = Some(ShownVersion { id, number, counts, of });
}

/// Whether two values are the very same one.
fn same(a: &Document, b: &Document) -> bool {
    match (a, b) {
        (Document::Constitution(Some(a)), Document::Constitution(Some(b))) => Arc::ptr_eq(a, b),
        (Document::Rubric(Some(a)), Document::Rubric(Some(b))) => Arc::ptr_eq(a, b),
        _ => false,
    }
}
