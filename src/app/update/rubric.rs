//! Changing rubrics.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::edit::{self, What};
use super::items::{self, Items};
use crate::app::command::{CriterionChange, RubricChange, RubricCommand};
use crate::app::effects::Effect;
use crate::app::state::documents::Documents;
use crate::app::state::{AppState, Area, CriterionField, Document, DocumentId, Moment, Target};
use crate::domain::{Criterion, CriterionId, Gate, Rubric, Scale};

impl Items for Rubric {
    type Item = Criterion;
    type Id = CriterionId;

    const KIND: &'static str = "rubric";
    const NOUN: [&'static str; 2] = ["criterion", "criteria"];

    fn name(&mut self) -> &mut String {
        &mut self.name
    }
    fn all(&self) -> &[Criterion] {
        &self.criteria
    }
    fn all_mut(&mut self) -> &mut Vec<Criterion> {
        &mut self.criteria
    }
    fn id(item: &Criterion) -> &CriterionId {
        &item.id
    }
    fn set_id(item: &mut Criterion, id: CriterionId) {
        item.id = id;
    }
    fn free_id(&self) -> CriterionId {
        self.free_id()
    }
    fn label(item: &Criterion) -> String {
        item.name.clone()
    }
    fn as_copy(item: &mut Criterion) {
        item.name = format!("{} (copy)", item.name);
    }
    fn among(documents: &Documents) -> &BTreeMap<String, Arc<Self>> {
        &documents.rubrics
    }
    fn document(stem: String) -> DocumentId {
        DocumentId::Rubric(stem)
    }
    fn value(of: Option<Arc<Self>>) -> Document {
        Document::Rubric(of)
    }
    fn stem(state: &AppState) -> String {
        state.selection.rubric.clone()
    }
    fn show(state: &mut AppState, stem: &str) {
        state.area = Area::Rubric;
        stem.clone_into(&mut state.selection.rubric);
        Self::select(state, None, BTreeSet::new());
    }
    fn selected(state: &AppState) -> Option<CriterionId> {
        state.selection.criterion.clone()
    }
    fn select(state: &mut AppState, shown: Option<CriterionId>, also: BTreeSet<CriterionId>) {
        state.selection.criterion = shown;
        state.selection.picked_criteria = also;
    }
    fn page(stem: String) -> Target {
        Target::Rubric(stem)
    }
    fn row(stem: String, id: CriterionId) -> Target {
        Target::Criterion { stem, id, field: None }
    }
    fn first_field(stem: String, id: CriterionId) -> Target {
        Target::Criterion { stem, id, field: Some(CriterionField::Name) }
    }
}

pub(super) fn carry_out(state: &mut AppState, command: RubricCommand, at: Moment) -> Vec<Effect> {
    type Own = Rubric;
    match command {
        RubricCommand::New(name) => items::add_document(state, Own::named(name), "New rubric", at),
        RubricCommand::Duplicate(stem) => items::copy_document::<Own>(state, &stem, at),
        RubricCommand::Delete(stem) => items::delete_document::<Own>(state, &stem, at),
        RubricCommand::MakeDefault(stem) => {
            let label = format!("Use {stem} by default");
            super::project::change_setup(state, label, Target::Rubric(stem.clone()), at, |s| {
                s.rubric.clone_from(&stem);
            })
        }
        RubricCommand::Change { stem, change } => change_document(state, stem, change, at),
        RubricCommand::AddCriterion => {
            let scale = neighbour_scale(state);
            items::add::<Own>(state, Criterion { scale, ..Criterion::default() }, "Add", at)
        }
        RubricCommand::DuplicateCriterion(id) => items::duplicate::<Own>(state, &[id], at),
        RubricCommand::DuplicateCriteria(ids) => items::duplicate::<Own>(state, &ids, at),
        RubricCommand::DeleteCriterion(id) => items::delete::<Own>(state, &[id], at),
        RubricCommand::DeleteCriteria(ids) => items::delete::<Own>(state, &ids, at),
        RubricCommand::MoveCriterion(id, by) => items::shift::<Own>(state, &[id], by, at),
        RubricCommand::MoveCriteria(ids, by) => items::shift::<Own>(state, &ids, by, at),
        RubricCommand::PlaceCriteria { ids, before } => {
            items::place::<Own>(state, &ids, before.as_ref(), at)
        }
        RubricCommand::CriterionTo(id, position) => {
            items::position::<Own>(state, &id, position, at)
        }
        RubricCommand::Criterion { id, change } => change_criterion(state, id, change, at),
    }
}

fn get(state: &AppState, stem: &str) -> Option<Arc<Rubric>> {
    state.documents()?.rubrics.get(stem).cloned()
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
