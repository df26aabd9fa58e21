//! What all document edits share: a snapshot for undo, and a save that follows by itself.

use std::sync::Arc;

use crate::app::effects::Effect;
use crate::app::history::{Edit, Entry};
use crate::app::message::{SaveOutcome, SavedDocument};
use crate::app::state::{
    AppState, Closing, Conflict, Document, DocumentId, Moment, NoticeKind, SaveState, Sheet, Target,
};

/// From the first unsaved change to its save; a crash loses at most this and the write.
pub(super) const SAVE_AFTER_MILLIS: u64 = 900;

/// What an edit is called and where it is.
pub(super) struct What {
    /// `Edit text of P3`.
    pub(super) label: String,
    /// What to flash on undo.
    pub(super) target: Target,
    /// Whether it may join the edit before: typing, dragging.
    pub(super) joins: bool,
}

/// Puts a new value in a document's place: recorded for undo, saved soon.
pub(super) fn put(
    state: &mut AppState,
    id: DocumentId,
    after: Document,
    what: What,
    at: Moment,
) -> Vec<Effect> {
    let Some(project) = &mut state.project else { return Vec::new() };
    if project.read_only {
        state.fail(
            "The project is open in another window, so this one can't change it",
            "Close the other window, then open the project again",
            at,
        );
        return Vec::new();
    }
    let before = project.documents.get(&id);
    if before == after {
        return Vec::new();
    }
    project.documents.put(&id, after.clone());
    let What { label, target, joins } = what;
    let edit = Edit { label, target, document: id.clone(), before, after, joins };
    state.history.record(edit, at);
    mark_unsaved(state, id, at)
}

/// Notes that a document differs from its file, and has a tick come when a save is due.
pub(super) fn mark_unsaved(state: &mut AppState, id: DocumentId, at: Moment) -> Vec<Effect> {
    let Some(project) = &mut state.project else { return Vec::new() };
    project.unsaved.insert(id);
    match state.save {
        SaveState::Dirty { .. } | SaveState::Saving => Vec::new(),
        SaveState::Clean | SaveState::Saved { .. } | SaveState::Failed { .. } => {
            state.save = SaveState::Dirty { since: at };
            vec![Effect::WakeAt(at.plus_millis(SAVE_AFTER_MILLIS))]
        }
    }
}

/// Saves, when the first unsaved change is old enough.
pub(super) fn save_if_due(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let SaveState::Dirty { since } = state.save else { return Vec::new() };
    if at.millis_since(since) < SAVE_AFTER_MILLIS {
        return vec![Effect::WakeAt(since.plus_millis(SAVE_AFTER_MILLIS))];
    }
    save_unsaved(state)
}

/// Saves whatever is unsaved, now; a save on its way is followed by another when it ends.
pub(super) fn save_unsaved(state: &mut AppState) -> Vec<Effect> {
    if state.save == SaveState::Saving {
        return Vec::new();
    }
    let Some(project) = &mut state.project else { return Vec::new() };
    let conflicts = &state.conflicts;
    let ids: Vec<DocumentId> = project
        .unsaved
        .iter()
        .filter(|id| !conflicts.iter().any(|conflict| &conflict.id == *id))
        .cloned()
        .collect();
    if ids.is_empty() {
        return Vec::new();
    }
    let mut documents = Vec::new();
    for id in ids {
        project.unsaved.remove(&id);
        project.saving.insert(id.clone());
        documents.push((id.clone(), project.documents.get(&id)));
    }
    state.save = SaveState::Saving;
    vec![Effect::Save { documents, force: false }]
}

/// A save ended.
pub(super) fn saved(
    state: &mut AppState,
    documents: Vec<SavedDocument>,
    at: Moment,
) -> Vec<Effect> {
    let mut failed = None;
    for SavedDocument { id, outcome } in documents {
        let Some(project) = &mut state.project else { return Vec::new() };
        project.saving.remove(&id);
        match outcome {
            SaveOutcome::Saved(None) => {}
            SaveOutcome::Saved(Some(kept)) => {
                let kept = kept.file_name().unwrap_or_default().display();
                let text = format!(
                    "{id} is saved without the comments it had. The file as it was, comments and \
                     all, is now {kept} in the same folder."
                );
                // It stays until it is closed: a file of the user's has another name now.
                state.notify(NoticeKind::Warning, text, at);
            }
            SaveOutcome::Conflict(theirs) => {
                project.unsaved.insert(id.clone());
                state.conflicts.retain(|conflict| conflict.id != id);
                state.conflicts.push(Conflict { id, theirs });
                state.sheet = Some(Sheet::Conflict);
                // A window that would close now would lose one of the two versions.
                state.closing = Closing::No;
                state.then_open = None;
                state.opening = None;
            }
            SaveOutcome::Failed(failure) => {
                project.unsaved.insert(id);
                failed = Some(failure);
            }
        }
    }
    let Some(project) = &state.project else { return Vec::new() };
    if let Some(failure) = failed {
        state.save =
            SaveState::Failed { message: failure.message.clone(), hint: failure.hint.clone() };
        let mut hint = failure.hint;
        if state.closing == Closing::Saving {
            // The window must not be a prison: what can't be saved is kept as drafts.
            state.home.quit_refused = true;
            let way = "quit again to close all the same: unsaved edits are kept on this computer \
                       and offered when the project is opened next";
            hint = if hint.is_empty() { way.to_owned() } else { format!("{hint}; or {way}") };
        }
        state.closing = Closing::No;
        state.then_open = None;
        state.opening = None;
        state.fail(failure.message, hint, at);
        return Vec::new();
    }
    let waiting =
        project.unsaved.iter().any(|id| !state.conflicts.iter().any(|conflict| &conflict.id == id));
    if waiting {
        state.save = SaveState::Dirty { since: at };
        if state.closing == Closing::Saving || state.then_open.is_some() {
            return save_unsaved(state);
        }
        return vec![Effect::WakeAt(at.plus_millis(SAVE_AFTER_MILLIS))];
    }
    state.save = SaveState::Saved { at };
    state.home.quit_refused = false;
    state.announce("Saved");
    if state.closing == Closing::Saving {
        state.closing = Closing::Now;
        return vec![Effect::Close];
    }
    state.then_open.take().into_iter().collect()
}

/// Takes the newest edit back, goes there and flashes it.
pub(super) fn undo(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(entry) = state.history.undo() else {
        state.announce("Nothing to undo");
        return Vec::new();
    };
    let value = entry.before.clone();
    state.announce(format!("Undid: {}", entry.label));
    restore(state, entry, value, at)
}

/// Does the last undone edit again, goes there and flashes it.
pub(super) fn redo(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(entry) = state.history.redo() else {
        state.announce("Nothing to redo");
        return Vec::new();
    };
    let value = entry.after.clone();
    state.announce(format!("Did again: {}", entry.label));
    restore(state, entry, value, at)
}

fn restore(state: &mut AppState, entry: Entry, value: Document, at: Moment) -> Vec<Effect> {
    if let Some(project) = &mut state.project {
        project.documents.put(&entry.document, value);
    }
    super::go::select(state, &entry.target);
    super::go::mend_selection(state);
    state.request_flash(entry.target);
    let mut effects = vec![Effect::ForgetFieldUndo];
    if let DocumentId::Judge(stem) = &entry.document {
        effects.extend(super::judges::restored(state, stem));
    }
    effects.extend(mark_unsaved(state, entry.document, at));
    effects
}

/// Goes to where that edit was the last one, on whatever branch it is; `None`: before the first.
pub(super) fn go_to(state: &mut AppState, number: Option<u64>, at: Moment) -> Vec<Effect> {
    if state.project.as_ref().is_some_and(|project| project.read_only) {
        return Vec::new();
    }
    let steps = state.history.go_to(number);
    let mut effects = Vec::new();
    for (entry, value) in steps {
        for effect in restore(state, entry, value, at) {
            if !matches!(effect, Effect::ForgetFieldUndo) || effects.is_empty() {
                effects.push(effect);
            }
        }
    }
    let words = match state.history.undo_label() {
        Some(label) => format!("Went to: {label}"),
        None => "Went to before the first edit".to_owned(),
    };
    state.announce(words);
    effects
}

/// Keeps the window's version of all conflicting documents.
pub(super) fn keep_mine(state: &mut AppState) -> Vec<Effect> {
    let conflicts = std::mem::take(&mut state.conflicts);
    state.sheet = None;
    let Some(project) = &mut state.project else { return Vec::new() };
    let mut documents = Vec::new();
    for conflict in conflicts {
        project.unsaved.remove(&conflict.id);
        project.saving.insert(conflict.id.clone());
        documents.push((conflict.id.clone(), project.documents.get(&conflict.id)));
    }
    if documents.is_empty() {
        return Vec::new();
    }
    state.save = SaveState::Saving;
    vec![Effect::Save { documents, force: true }]
}

/// Takes what the files say for all conflicting documents.
pub(super) fn take_theirs(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let conflicts = std::mem::take(&mut state.conflicts);
    state.sheet = None;
    let Some(project) = &mut state.project else { return Vec::new() };
    let mut judges = Vec::new();
    for Conflict { id, theirs } in conflicts {
        if let DocumentId::Judge(stem) = &id {
            judges.push(stem.clone());
        }
        project.unsaved.remove(&id);
        project.documents.put(&id, theirs);
        state.history.forget(&id);
    }
    if project.unsaved.is_empty() && state.save != SaveState::Saving {
        state.save = SaveState::Saved { at };
    }
    super::go::mend_selection(state);
    let mut effects = vec![Effect::ForgetFieldUndo];
    for stem in judges {
        effects.extend(super::judges::restored(state, &stem));
    }
    effects
}

/// The text of `text` cut for a label, with an ellipsis where it was cut.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 32;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(MOST - 1).collect();
    cut.push('…');
    cut
}

/// A constitution as a document's value.
pub(super) fn of_constitution(value: crate::domain::Constitution) -> Document {
    Document::Constitution(Some(Arc::new(value)))
}

/// A rubric as a document's value.
pub(super) fn of_rubric(value: crate::domain::Rubric) -> Document {
    Document::Rubric(Some(Arc::new(value)))
}
