//! Changing constitutions.

use std::sync::Arc;

use super::edit::{self, What};
use crate::app::command::{ConstitutionChange, ConstitutionCommand, PrincipleChange};
use crate::app::effects::Effect;
use crate::app::state::documents::free_stem;
use crate::app::state::{
    AppState, Area, Document, DocumentId, Moment, NoticeKind, PrincipleField, Target,
};
use crate::domain::{Constitution, Principle, PrincipleId};

pub(super) fn carry_out(
    state: &mut AppState,
    command: ConstitutionCommand,
    at: Moment,
) -> Vec<Effect> {
    match command {
        ConstitutionCommand::New(name) => {
            add_document(state, Constitution::named(name), "New constitution", at)
        }
        ConstitutionCommand::Duplicate(stem) => {
            let Some(original) = get(state, &stem) else { return Vec::new() };
            let mut copy = (*original).clone();
            copy.name = format!("{} (copy)", copy.name);
            add_document(state, copy, "Duplicate constitution", at)
        }
        ConstitutionCommand::Delete(stem) => delete_document(state, stem, at),
        ConstitutionCommand::MakeDefault(stem) => {
            let label = format!("Use {stem} by default");
            super::project::change_setup(
                state,
                label,
                Target::Constitution(stem.clone()),
                at,
                |s| {
                    s.constitution.clone_from(&stem);
                },
            )
        }
        ConstitutionCommand::Change { stem, change } => change_document(state, stem, change, at),
        ConstitutionCommand::AddPrinciple => add(state, Principle::default(), "Add", at),
        ConstitutionCommand::AddLines(text) => add_lines(state, &text, at),
        ConstitutionCommand::DuplicatePrinciple(id) => {
            let Some(mut copy) = principle(state, &id) else { return Vec::new() };
            if !copy.title.is_empty() {
                copy.title = format!("{} (copy)", copy.title);
            }
            state.selection.principle = Some(id.clone());
            add(state, copy, &format!("Duplicate {id} as"), at)
        }
        ConstitutionCommand::DeletePrinciple(id) => delete(state, &id, at),
        ConstitutionCommand::MovePrinciple(id, by) => shift(state, &id, by, at),
        ConstitutionCommand::Principle { id, change } => change_principle(state, id, change, at),
    }
}

fn get(state: &AppState, stem: &str) -> Option<Arc<Constitution>> {
    state.documents()?.constitutions.get(stem).cloned()
}

fn principle(state: &AppState, id: &PrincipleId) -> Option<Principle> {
    state.constitution()?.principle(id).cloned()
}

/// Adds a whole constitution under a free stem and shows it.
pub(super) fn add_document(
    state: &mut AppState,
    constitution: Constitution,
    label: &str,
    at: Moment,
) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let stem = free_stem(&documents.constitutions, &constitution.name);
    let what =
        What { label: label.to_owned(), target: Target::Constitution(stem.clone()), joins: false };
    let id = DocumentId::Constitution(stem.clone());
    let effects = edit::put(state, id, edit::of_constitution(constitution), what, at);
    if get(state, &stem).is_some() {
        state.area = Area::Constitution;
        state.selection.constitution.clone_from(&stem);
        state.selection.principle = None;
        state.request_focus(Target::Constitution(stem));
    }
    effects
}

fn delete_document(state: &mut AppState, stem: String, at: Moment) -> Vec<Effect> {
    let Some(constitution) = get(state, &stem) else { return Vec::new() };
    let label = format!("Delete constitution {}", edit::shortened(&constitution.name));
    let target = Target::Constitution(stem.clone());
    let what = What { label: label.clone(), target, joins: false };
    let id = DocumentId::Constitution(stem);
    let effects = edit::put(state, id, Document::Constitution(None), what, at);
    super::go::mend_selection(state);
    state.notify(NoticeKind::Done, format!("{label}: Undo brings it back"), at);
    effects
}

fn change_document(
    state: &mut AppState,
    stem: String,
    change: ConstitutionChange,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let part = match change {
        ConstitutionChange::Name(text) => {
            after.name = text;
            "name"
        }
        ConstitutionChange::Description(text) => {
            after.description = text;
            "description"
        }
        ConstitutionChange::Preface(text) => {
            after.preface = text;
            "preface"
        }
    };
    let label = format!("Edit {part} of {}", edit::shortened(&before.name));
    let what = What { label, target: Target::Constitution(stem.clone()), joins: true };
    edit::put(state, DocumentId::Constitution(stem), edit::of_constitution(after), what, at)
}

/// Where a new principle goes: after the selected one, else at the end.
fn place(constitution: &Constitution, selected: Option<&PrincipleId>) -> usize {
    selected
        .and_then(|id| constitution.principles.iter().position(|p| &p.id == id))
        .map_or(constitution.principles.len(), |place| place + 1)
}

fn add(state: &mut AppState, mut new: Principle, verb: &str, at: Moment) -> Vec<Effect> {
    let stem = state.selection.constitution.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    new.id = after.free_id();
    let place = place(&after, state.selection.principle.as_ref());
    if new.tags.is_empty()
        && let Some(neighbour) = place.checked_sub(1).and_then(|n| after.principles.get(n))
        && let Some(group) = neighbour.tags.first()
    {
        // It is added within its neighbour's group, where the user is looking.
        new.tags = vec![group.clone()];
    }
    let id = new.id.clone();
    after.principles.insert(place, new);
    let what = What {
        label: format!("{verb} {id}"),
        target: Target::Principle { stem: stem.clone(), id: id.clone(), field: None },
        joins: false,
    };
    let document = DocumentId::Constitution(stem.clone());
    let effects = edit::put(state, document, edit::of_constitution(after), what, at);
    if principle(state, &id).is_some() {
        state.selection.principle = Some(id.clone());
        state.announce(format!("Added {id} at position {}", place + 1));
        let field = Some(PrincipleField::Text);
        state.request_focus(Target::Principle { stem, id, field });
    }
    effects
}

/// Adds a principle of that text after the selected one, and selects it.
pub(super) fn add_text(state: &mut AppState, text: String, at: Moment) -> Vec<Effect> {
    add(state, Principle { text, ..Principle::default() }, "Add", at)
}

fn add_lines(state: &mut AppState, text: &str, at: Moment) -> Vec<Effect> {
    let stem = state.selection.constitution.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let first = place(&after, state.selection.principle.as_ref());
    let mut added = 0_usize;
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['-', '*', '•', '–']).trim_start();
        if line.is_empty() {
            continue;
        }
        let new = Principle { id: after.free_id(), text: line.to_owned(), ..Principle::default() };
        after.principles.insert(first + added, new);
        added += 1;
    }
    if added == 0 {
        return Vec::new();
    }
    let what = What {
        label: format!("Add {added} principles"),
        target: Target::Constitution(stem.clone()),
        joins: false,
    };
    state.announce(format!("Added {added} principles"));
    edit::put(state, DocumentId::Constitution(stem), edit::of_constitution(after), what, at)
}

fn delete(state: &mut AppState, id: &PrincipleId, at: Moment) -> Vec<Effect> {
    let stem = state.selection.constitution.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let Some(place) = before.principles.iter().position(|p| &p.id == id) else {
        return Vec::new();
    };
    let mut after = (*before).clone();
    let gone = after.principles.remove(place);
    let next = after.principles.get(place).or(after.principles.last()).map(|p| p.id.clone());
    let label = format!("Delete {id}");
    let what = What {
        label: label.clone(),
        target: Target::Principle { stem: stem.clone(), id: id.clone(), field: None },
        joins: false,
    };
    let document = DocumentId::Constitution(stem.clone());
    let effects = edit::put(state, document, edit::of_constitution(after), what, at);
    if principle(state, id).is_none() {
        state.selection.principle.clone_from(&next);
        if let Some(next) = next {
            state.request_focus(Target::Principle { stem, id: next, field: None });
        }
        state.announce(format!("Deleted {id}"));
        let text =
            format!("Deleted {id} “{}”: Undo brings it back", edit::shortened(&gone.label()));
        state.notify(NoticeKind::Done, text, at);
    }
    effects
}

fn shift(state: &mut AppState, id: &PrincipleId, by: i32, at: Moment) -> Vec<Effect> {
    let stem = state.selection.constitution.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let Some(from) = after.principles.iter().position(|p| &p.id == id) else {
        return Vec::new();
    };
    let count = after.principles.len();
    let to = from.saturating_add_signed(by as isize).min(count - 1);
    if from == to {
        state.announce(if by < 0 { "It is the first" } else { "It is the last" });
        return Vec::new();
    }
    let moved = after.principles.remove(from);
    after.principles.insert(to, moved);
    let target = Target::Principle { stem: stem.clone(), id: id.clone(), field: None };
    let what = What { label: format!("Move {id}"), target: target.clone(), joins: true };
    let document = DocumentId::Constitution(stem);
    let effects = edit::put(state, document, edit::of_constitution(after), what, at);
    state.selection.principle = Some(id.clone());
    state.request_focus(target);
    state.announce(format!("{id} moved to position {} of {count}", to + 1));
    effects
}

fn change_principle(
    state: &mut AppState,
    id: PrincipleId,
    change: PrincipleChange,
    at: Moment,
) -> Vec<Effect> {
    let stem = state.selection.constitution.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let Some(principle) = after.principles.iter_mut().find(|p| p.id == id) else {
        return Vec::new();
    };
    let (verb, field, joins) = apply(principle, change);
    let what = What {
        label: format!("{verb} of {id}"),
        target: Target::Principle { stem: stem.clone(), id, field: Some(field) },
        joins,
    };
    edit::put(state, DocumentId::Constitution(stem), edit::of_constitution(after), what, at)
}

/// Applies a change; gives what it is called, the field, and whether it may join the one before.
fn apply(
    principle: &mut Principle,
    change: PrincipleChange,
) -> (&'static str, PrincipleField, bool) {
    match change {
        PrincipleChange::Title(text) => {
            principle.title = text;
            ("Edit title", PrincipleField::Title, true)
        }
        PrincipleChange::Text(text) => {
            principle.text = text;
            ("Edit text", PrincipleField::Text, true)
        }
        PrincipleChange::CritiqueRequest(text) => {
            principle.critique_request = text;
            ("Edit critique request", PrincipleField::CritiqueRequest, true)
        }
        PrincipleChange::RevisionRequest(text) => {
            principle.revision_request = text;
            ("Edit revision request", PrincipleField::RevisionRequest, true)
        }
        PrincipleChange::ComparisonQuestion(text) => {
            principle.comparison_question = text;
            ("Edit comparison question", PrincipleField::ComparisonQuestion, true)
        }
        PrincipleChange::Tags(tags) => {
            principle.tags = tags;
            ("Edit tags", PrincipleField::Tags, true)
        }
        PrincipleChange::Weight(weight) => {
            principle.weight = weight;
            ("Change weight", PrincipleField::Weight, true)
        }
        PrincipleChange::Priority(priority) => {
            principle.priority = priority;
            ("Change priority", PrincipleField::Priority, false)
        }
        PrincipleChange::Enabled(enabled) => {
            principle.enabled = enabled;
            let verb = if enabled { "Enabling" } else { "Disabling" };
            (verb, PrincipleField::Enabled, false)
        }
        PrincipleChange::Cases(cases) => {
            principle.cases = cases;
            ("Edit cases", PrincipleField::Cases, true)
        }
        PrincipleChange::Notes(text) => {
            principle.notes = text;
            ("Edit notes", PrincipleField::Notes, true)
        }
    }
}
