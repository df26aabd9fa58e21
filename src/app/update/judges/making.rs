//! Making a label set from the rows of a run.

use super::{labelling, may_label, refuse};
use crate::app::effects::Effect;
use crate::app::effects::judges::{JudgesEffect, MakePlan};
use crate::app::effects::runs::RunsEffect;
use crate::app::state::documents::free_stem;
use crate::app::state::judges::{AspectChoice, Book, ItemSource, Selected, SetDraft};
use crate::app::state::runs::RunList;
use crate::app::state::{AppState, Area, Moment, NoticeKind, Sheet};
use crate::domain::{Aspect, LabelSet, PromptId, RunId, Scale};
use crate::store::labels::LabelBook;

/// Shows the sheet; `source` names the run whose rows are meant.
pub(super) fn begin(
    state: &mut AppState,
    source: Option<(RunId, Vec<PromptId>)>,
    at: Moment,
) -> Vec<Effect> {
    if let Err(reason) = may_label(state) {
        return refuse(state, reason, at);
    }
    let mut draft = SetDraft::default();
    if let Some((run, only)) = source {
        draft.name = name_of(state, &run);
        draft.limit = if only.is_empty() { draft.limit } else { 0 };
        draft.source = ItemSource::Run { run, only };
    }
    state.judges.draft = draft;
    state.sheet = Some(Sheet::NewLabelSet);
    // The runs to choose from.
    if state.runs.list == RunList::Unknown {
        state.runs.list = RunList::Reading;
    }
    vec![Effect::Runs(RunsEffect::List)]
}

/// A name for a set made from a run: the comparison's sides, else the run's own name.
fn name_of(state: &AppState, run: &RunId) -> String {
    let compared = state.compare.past_of(run);
    compared.map_or_else(
        || run.0.clone(),
        |past| format!("{} vs {}", past.about.a.label, past.about.b.label),
    )
}

/// Why the set can't be made as it is drafted.
///
/// # Errors
///
/// The reason, in words.
pub fn can_make(state: &AppState) -> Result<(), &'static str> {
    may_label(state)?;
    let draft = &state.judges.draft;
    if draft.source == ItemSource::Nothing {
        return Err("Choose a run or comparison first");
    }
    if draft.name.trim().is_empty() {
        return Err("Name the set first");
    }
    Ok(())
}

pub(super) fn make(state: &mut AppState, label: bool, at: Moment) -> Vec<Effect> {
    if let Err(reason) = can_make(state) {
        return refuse(state, reason, at);
    }
    let draft = state.judges.draft.clone();
    let ItemSource::Run { run, only } = draft.source else { return Vec::new() };
    let mut set = LabelSet::named(draft.name.trim(), draft.task);
    set.gold = f64::from(draft.gold.min(100)) / 100.0;
    set.repeats = f64::from(draft.repeats.min(100)) / 100.0;
    set.seed = state.documents().map_or(0, |documents| documents.setup.seed);
    let none = std::collections::BTreeMap::new();
    let stem = free_stem(state.judges.books.as_ref().unwrap_or(&none), &set.name);
    let aspect = aspect_of(state, &draft.aspect);
    state.judges.then_label = label;
    state.sheet = None;
    let plan = MakePlan { stem, set, run, only, aspect, limit: draft.limit };
    vec![Effect::Judges(JudgesEffect::Make(Box::new(plan)))]
}

/// What the items are judged by, as it reads now.
fn aspect_of(state: &AppState, choice: &AspectChoice) -> Option<Aspect> {
    let documents = state.documents()?;
    match choice {
        AspectChoice::AllInAll => None,
        AspectChoice::Principle(stem, id) => {
            let principle = documents.constitutions.get(stem)?.principle(id)?;
            let text = principle.text.clone();
            Some(Aspect { id: id.0.clone(), text, levels: Vec::new() })
        }
        AspectChoice::Criterion(stem, id) => {
            let criterion = documents.rubrics.get(stem)?.criterion(id)?;
            let levels = levels_of(&criterion.scale);
            let text = match criterion.description.trim() {
                "" => criterion.name.clone(),
                text => text.to_owned(),
            };
            Some(Aspect { id: id.0.clone(), text, levels })
        }
    }
}

/// The names of a criterion's levels, lowest first.
fn levels_of(scale: &Scale) -> Vec<String> {
    match scale {
        Scale::Levels { anchors, .. } => anchors.clone(),
        Scale::Points(_) => vec!["not met".to_owned(), "met".to_owned()],
    }
}

/// The set is there.
pub(super) fn made(state: &mut AppState, book: LabelBook, at: Moment) -> Vec<Effect> {
    let stem = book.stem.clone();
    let items = book.items.len() as u64;
    let name = book.set.name.clone();
    state.judges.books.get_or_insert_default().insert(stem.clone(), Book::of(book));
    state.judges.selected = Selected::Set(stem.clone());
    state.judges.item = None;
    let text = format!(
        "The label set “{name}” has {}",
        crate::app::widgets::number::counted(items, "item", "items")
    );
    state.notify(NoticeKind::Done, text, at);
    if std::mem::take(&mut state.judges.then_label) {
        return labelling::begin(state, &stem, at);
    }
    state.area = Area::Judges;
    Vec::new()
}

/// It could not be made: what was drafted is shown again.
pub(super) fn failed(state: &mut AppState) -> Vec<Effect> {
    state.judges.then_label = false;
    state.sheet = Some(Sheet::NewLabelSet);
    Vec::new()
}
