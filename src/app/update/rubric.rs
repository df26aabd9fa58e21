//! Changing rubrics.

use std::sync::Arc;

use super::edit::{self, What};
use crate::app::command::{CriterionChange, RubricChange, RubricCommand};
use crate::app::effects::Effect;
use crate::app::state::documents::free_stem;
use crate::app::state::{
    AppState, Area, CriterionField, Document, DocumentId, Moment, NoticeKind, Target,
};
use crate::domain::{Criterion, CriterionId, Gate, Rubric, Scale};

pub(super) fn carry_out(state: &mut AppState, command: RubricCommand, at: Moment) -> Vec<Effect> {
    match command {
        RubricCommand::New(name) => add_document(state, Rubric::named(name), "New rubric", at),
        RubricCommand::Duplicate(stem) => {
            let Some(original) = get(state, &stem) else { return Vec::new() };
            let mut copy = (*original).clone();
            copy.name = format!("{} (copy)", copy.name);
            add_document(state, copy, "Duplicate rubric", at)
        }
        RubricCommand::Delete(stem) => delete_document(state, stem, at),
        RubricCommand::MakeDefault(stem) => {
            let label = format!("Use {stem} by default");
            super::project::change_setup(state, label, Target::Rubric(stem.clone()), at, |s| {
                s.rubric.clone_from(&stem);
            })
        }
        RubricCommand::Change { stem, change } => change_document(state, stem, change, at),
        RubricCommand::AddCriterion => {
            let scale = neighbour_scale(state);
            add(state, Criterion { scale, ..Criterion::default() }, "Add", at)
        }
        RubricCommand::DuplicateCriterion(id) => {
            let Some(mut copy) = criterion(state, &id) else { return Vec::new() };
            copy.name = format!("{} (copy)", copy.name);
            state.selection.criterion = Some(id.clone());
            add(state, copy, &format!("Duplicate {id} as"), at)
        }
        RubricCommand::DeleteCriterion(id) => delete(state, &id, at),
        RubricCommand::MoveCriterion(id, by) => shift(state, &id, by, at),
        RubricCommand::Criterion { id, change } => change_criterion(state, id, change, at),
    }
}

fn get(state: &AppState, stem: &str) -> Option<Arc<Rubric>> {
    state.documents()?.rubrics.get(stem).cloned()
}

fn criterion(state: &AppState, id: &CriterionId) -> Option<Criterion> {
    state.rubric()?.criterion(id).cloned()
}

/// A new criterion has the kind of scale that its neighbour has, without the words.
fn neighbour_scale(state: &AppState) -> Scale {
    let Some(rubric) = state.rubric() else { return Scale::default() };
    let neighbour = state
        .selection
        .criterion
        .as_ref()
        .and_then(|id| rubric.criterion(id))
        .or(rubric.criteria.last());
    match neighbour.map(|criterion| &criterion.scale) {
        Some(Scale::Points(_)) => Scale::Points(1.0),
        Some(Scale::Levels { lowest, anchors }) => {
            Scale::Levels { lowest: *lowest, anchors: vec![String::new(); anchors.len()] }
        }
        None => Scale::default(),
    }
}

/// Adds a whole rubric under a free stem and shows it.
pub(super) fn add_document(
    state: &mut AppState,
    rubric: Rubric,
    label: &str,
    at: Moment,
) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let stem = free_stem(&documents.rubrics, &rubric.name);
    let what = What { label: label.to_owned(), target: Target::Rubric(stem.clone()), joins: false };
    let id = DocumentId::Rubric(stem.clone());
    let effects = edit::put(state, id, edit::of_rubric(rubric), what, at);
    if get(state, &stem).is_some() {
        state.area = Area::Rubric;
        state.selection.rubric.clone_from(&stem);
        state.selection.criterion = None;
        state.request_focus(Target::Rubric(stem));
    }
    effects
}

fn delete_document(state: &mut AppState, stem: String, at: Moment) -> Vec<Effect> {
    let Some(rubric) = get(state, &stem) else { return Vec::new() };
    let label = format!("Delete rubric {}", edit::shortened(&rubric.name));
    let what = What { label: label.clone(), target: Target::Rubric(stem.clone()), joins: false };
    let effects = edit::put(state, DocumentId::Rubric(stem), Document::Rubric(None), what, at);
    super::go::mend_selection(state);
    state.notify(NoticeKind::Done, format!("{label}: Undo brings it back"), at);
    effects
}

fn change_document(
    state: &mut AppState,
    stem: String,
    change: RubricChange,
    at: Moment,
) -> Vec<Effect> {
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let (part, joins) = match change {
        RubricChange::Name(text) => {
            after.name = text;
            ("Edit name", true)
        }
        RubricChange::Description(text) => {
            after.description = text;
            ("Edit description", true)
        }
        RubricChange::Aggregation(aggregation) => {
            after.aggregation = aggregation;
            ("Change aggregation", false)
        }
    };
    let label = format!("{part} of {}", edit::shortened(&before.name));
    let what = What { label, target: Target::Rubric(stem.clone()), joins };
    edit::put(state, DocumentId::Rubric(stem), edit::of_rubric(after), what, at)
}

fn add(state: &mut AppState, mut new: Criterion, verb: &str, at: Moment) -> Vec<Effect> {
    let stem = state.selection.rubric.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    new.id = after.free_id();
    let id = new.id.clone();
    let place = state
        .selection
        .criterion
        .as_ref()
        .and_then(|id| after.criteria.iter().position(|c| &c.id == id))
        .map_or(after.criteria.len(), |place| place + 1);
    after.criteria.insert(place, new);
    let what = What {
        label: format!("{verb} {id}"),
        target: Target::Criterion { stem: stem.clone(), id: id.clone(), field: None },
        joins: false,
    };
    let document = DocumentId::Rubric(stem.clone());
    let effects = edit::put(state, document, edit::of_rubric(after), what, at);
    if criterion(state, &id).is_some() {
        state.selection.criterion = Some(id.clone());
        state.announce(format!("Added {id} at position {}", place + 1));
        let field = Some(CriterionField::Name);
        state.request_focus(Target::Criterion { stem, id, field });
    }
    effects
}

fn delete(state: &mut AppState, id: &CriterionId, at: Moment) -> Vec<Effect> {
    let stem = state.selection.rubric.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let Some(place) = before.criteria.iter().position(|c| &c.id == id) else {
        return Vec::new();
    };
    let mut after = (*before).clone();
    let gone = after.criteria.remove(place);
    let next = after.criteria.get(place).or(after.criteria.last()).map(|c| c.id.clone());
    let what = What {
        label: format!("Delete {id}"),
        target: Target::Criterion { stem: stem.clone(), id: id.clone(), field: None },
        joins: false,
    };
    let document = DocumentId::Rubric(stem.clone());
    let effects = edit::put(state, document, edit::of_rubric(after), what, at);
    if criterion(state, id).is_none() {
        state.selection.criterion.clone_from(&next);
        if let Some(next) = next {
            state.request_focus(Target::Criterion { stem, id: next, field: None });
        }
        state.announce(format!("Deleted {id}"));
        let text = format!("Deleted {id} “{}”: Undo brings it back", edit::shortened(&gone.name));
        state.notify(NoticeKind::Done, text, at);
    }
    effects
}

fn shift(state: &mut AppState, id: &CriterionId, by: i32, at: Moment) -> Vec<Effect> {
    let stem = state.selection.rubric.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let Some(from) = after.criteria.iter().position(|c| &c.id == id) else {
        return Vec::new();
    };
    let count = after.criteria.len();
    let to = from.saturating_add_signed(by as isize).min(count - 1);
    if from == to {
        state.announce(if by < 0 { "It is the first" } else { "It is the last" });
        return Vec::new();
    }
    let moved = after.criteria.remove(from);
    after.criteria.insert(to, moved);
    let target = Target::Criterion { stem: stem.clone(), id: id.clone(), field: None };
    let what = What { label: format!("Move {id}"), target: target.clone(), joins: true };
    let effects = edit::put(state, DocumentId::Rubric(stem), edit::of_rubric(after), what, at);
    state.selection.criterion = Some(id.clone());
    state.request_focus(target);
    state.announce(format!("{id} moved to position {} of {count}", to + 1));
    effects
}

fn change_criterion(
    state: &mut AppState,
    id: CriterionId,
    change: CriterionChange,
    at: Moment,
) -> Vec<Effect> {
    let stem = state.selection.rubric.clone();
    let Some(before) = get(state, &stem) else { return Vec::new() };
    let mut after = (*before).clone();
    let Some(criterion) = after.criteria.iter_mut().find(|c| c.id == id) else {
        return Vec::new();
    };
    let (verb, field, joins) = apply(criterion, change);
    let what = What {
        label: format!("{verb} of {id}"),
        target: Target::Criterion { stem: stem.clone(), id, field: Some(field) },
        joins,
    };
    edit::put(state, DocumentId::Rubric(stem), edit::of_rubric(after), what, at)
}

/// Applies a change; gives what it is called, the field, and whether it may join the one before.
fn apply(
    criterion: &mut Criterion,
    change: CriterionChange,
) -> (&'static str, CriterionField, bool) {
    match change {
        CriterionChange::Name(text) => {
            criterion.name = text;
            ("Edit name", CriterionField::Name, true)
        }
        CriterionChange::Description(text) => {
            criterion.description = text;
            ("Edit description", CriterionField::Description, true)
        }
        CriterionChange::Scale(scale) => {
            criterion.gate = gate_for(&scale, criterion.gate);
            criterion.scale = scale;
            ("Change scale", CriterionField::Scale, false)
        }
        CriterionChange::Anchor(level, text) => {
            if let Scale::Levels { anchors, .. } = &mut criterion.scale
                && let Some(anchor) = anchors.get_mut(level)
            {
                *anchor = text;
            }
            ("Edit anchor", CriterionField::Anchor(level), true)
        }
        CriterionChange::Points(points) => {
            criterion.scale = Scale::Points(points);
            ("Change points", CriterionField::Scale, true)
        }
        CriterionChange::Weight(weight) => {
            criterion.weight = weight;
            ("Change weight", CriterionField::Weight, true)
        }
        CriterionChange::Gate(gate) => {
            criterion.gate = gate;
            ("Change gate", CriterionField::Gate, false)
        }
    }
}

/// A gate that fits the scale: a gate of levels means nothing for points, and the other way.
fn gate_for(scale: &Scale, gate: Gate) -> Gate {
    match (scale.range(), gate) {
        (_, Gate::Off) => Gate::Off,
        (None, Gate::AtLeast(_) | Gate::Met) => Gate::Met,
        (Some((lowest, highest)), Gate::AtLeast(level)) => {
            Gate::AtLeast(level.clamp(lowest.saturating_add(1).min(highest), highest))
        }
        (Some((_, highest)), Gate::Met) => Gate::AtLeast(highest),
    }
}
