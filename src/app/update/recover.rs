//! Drafts: what is in memory only is kept soon, and what a crash left behind comes back when the
//! user wants it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::edit::{self, What};
use crate::app::effects::Effect;
use crate::app::effects::home::HomeEffect;
use crate::app::state::{
    AppState, Document, DocumentId, JudgeField, Moment, NoticeKind, SaveState, Target,
};

/// From a keystroke to its draft; with the write, a crash loses less than a second.
pub(super) const DRAFT_AFTER_MILLIS: u64 = 400;

/// Keeps what differs from the files, a little after it was typed; at once where it can't be
/// saved. Once everything is saved, what was kept is removed.
pub(super) fn keep_drafts(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let (Some(root), Some(project)) = (state.home.keeping.root.clone(), &state.project) else {
        return Vec::new();
    };
    let ids = project.unsaved.union(&project.saving);
    let mut now: BTreeMap<DocumentId, Document> =
        ids.map(|id| (id.clone(), project.documents.get(id))).collect();
    // What the user has not yet decided on stays with what was typed since.
    for (id, document) in state.home.recovered.iter().flat_map(|found| &found.documents) {
        now.entry(id.clone()).or_insert_with(|| document.clone());
    }
    let stuck = matches!(state.save, SaveState::Failed { .. }) || !state.conflicts.is_empty();
    let typed = !project.unsaved.is_empty() || !project.saving.is_empty();
    let drafts = &mut state.home.drafts;
    if now.is_empty() {
        drafts.due = None;
        drafts.kept.clear();
        if !std::mem::take(&mut drafts.is_there) {
            return Vec::new();
        }
        return vec![Effect::Home(HomeEffect::KeepDrafts { root, at, documents: Vec::new() })];
    }
    // Recovered edits that nobody has touched are in their file already.
    if same(&now, &drafts.kept) || (!typed && drafts.kept.is_empty()) {
        drafts.due = None;
        return Vec::new();
    }
    match drafts.due {
        Some(due) if at < due && !stuck => Vec::new(),
        None if !stuck => {
            let due = at.plus_millis(DRAFT_AFTER_MILLIS);
            drafts.due = Some(due);
            vec![Effect::WakeAt(due)]
        }
        Some(_) | None => {
            drafts.due = None;
            drafts.is_there = true;
            drafts.kept.clone_from(&now);
            let documents = now.into_iter().collect();
            vec![Effect::Home(HomeEffect::KeepDrafts { root, at, documents })]
        }
    }
}

/// Whether both hold the same values: by identity, since values are never changed in place.
fn same(one: &BTreeMap<DocumentId, Document>, other: &BTreeMap<DocumentId, Document>) -> bool {
    one.len() == other.len()
        && one.iter().all(|(id, value)| other.get(id).is_some_and(|two| is_same(value, two)))
}

fn is_same(one: &Document, other: &Document) -> bool {
    fn arcs<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
        match (one, other) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
    match (one, other) {
        (Document::Setup(one), Document::Setup(other)) => Arc::ptr_eq(one, other),
        (Document::Constitution(one), Document::Constitution(other)) => {
            arcs(one.as_ref(), other.as_ref())
        }
        (Document::Rubric(one), Document::Rubric(other)) => arcs(one.as_ref(), other.as_ref()),
        (Document::Prompts(one), Document::Prompts(other)) => arcs(one.as_ref(), other.as_ref()),
        (Document::Judge(one), Document::Judge(other)) => arcs(one.as_ref(), other.as_ref()),
        (
            Document::Setup(_)
            | Document::Constitution(_)
            | Document::Rubric(_)
            | Document::Prompts(_)
            | Document::Judge(_),
            _,
        ) => false,
    }
}

/// Puts recovered edits in place, each as one edit that can be undone.
pub(super) fn keep(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(recovered) = state.home.recovered.take() else { return Vec::new() };
    state.sheet = None;
    let count = recovered.documents.len();
    let mut effects = Vec::new();
    for (id, document) in recovered.documents {
        let label = format!("Recover {id}");
        let what = What { label, target: target(&id), joins: false };
        effects.extend(edit::put(state, id, document, what, at));
    }
    super::go::mend_selection(state);
    effects.push(Effect::ForgetFieldUndo);
    effects.extend(edit::save_unsaved(state));
    let changes = if count == 1 { "change" } else { "changes" };
    state.notify(NoticeKind::Done, format!("Kept {count} recovered {changes}"), at);
    effects
}

/// Drops recovered edits; the files stay as they are.
pub(super) fn discard(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if state.home.recovered.take().is_none() {
        return Vec::new();
    }
    state.sheet = None;
    state.notify(NoticeKind::Done, "Discarded what was recovered; the files stay as they are", at);
    Vec::new()
}

fn target(id: &DocumentId) -> Target {
    match id {
        DocumentId::Setup => Target::Models,
        DocumentId::Constitution(stem) => Target::Constitution(stem.clone()),
        DocumentId::Rubric(stem) => Target::Rubric(stem.clone()),
        DocumentId::Prompts(stem) => {
            Target::Prompt { set: stem.clone(), id: crate::domain::PromptId::default() }
        }
        DocumentId::Judge(stem) => Target::Judge { stem: stem.clone(), field: JudgeField::Name },
    }
}
