//! Making a label set from the rows of a run.

use std::fmt::Write as _;
use std::sync::Arc;

use super::{labelling, may_label, refuse};
use crate::app::effects::Effect;
use crate::app::effects::judges::{JudgesEffect, MadeSet, MakePlan, PairLabel};
use crate::app::effects::runs::RunsEffect;
use crate::app::state::compare::Own;
use crate::app::state::documents::free_stem;
use crate::app::state::import::ImportTarget;
use crate::app::state::judges::{AspectChoice, Book, ItemSource, Selected, SetDraft};
use crate::app::state::runs::RunList;
use crate::app::state::{AppState, Area, Moment, NoticeKind, Sheet};
use crate::domain::{Aspect, FirstShown, Label, LabelSet, LabelTask, PromptId, RunId};
use crate::formats::import::ImportedLabels;
use crate::methods::labelling::make::{aspect_of, aspects_of_constitution, aspects_of_rubric};

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
    let aspects = aspects_of(state, &draft.aspect, draft.task);
    state.judges.then_label = label;
    state.sheet = None;
    let plan = MakePlan { stem, set, run, only, aspects, limit: draft.limit };
    vec![Effect::Judges(JudgesEffect::Make(Box::new(plan)))]
}

/// What the items are judged by, as it reads now.
fn aspects_of(state: &AppState, choice: &AspectChoice, task: LabelTask) -> Vec<Aspect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let principles = |stem: &String| documents.constitutions.get(stem);
    let criteria = |stem: &String| {
        documents.rubrics.get(stem).map(|one| aspects_of_rubric(one, task)).unwrap_or_default()
    };
    match choice {
        AspectChoice::AllInAll => Vec::new(),
        AspectChoice::Principles(stem) => {
            principles(stem).map(|one| aspects_of_constitution(one)).unwrap_or_default()
        }
        AspectChoice::Principle(stem, id) => {
            let one = principles(stem).and_then(|one| one.principle(id));
            one.map(aspect_of).into_iter().collect()
        }
        AspectChoice::Criteria(stem) => criteria(stem),
        AspectChoice::Criterion(stem, id) => {
            criteria(stem).into_iter().filter(|aspect| aspect.id == id.0).collect()
        }
    }
}

/// A verdict of one's own on a comparison's pair as a label, in the set that is named after the
/// comparison: only where the judge is hidden, since a label is given without its verdict in sight.
pub(in crate::app::update) fn label_pair(
    state: &AppState,
    run: &RunId,
    prompt: &PromptId,
    own: Option<Own>,
    at: Moment,
) -> Vec<Effect> {
    let labeller = state.settings.labeller.trim();
    if !state.compare.look.judge_hidden || labeller.is_empty() || may_label(state).is_err() {
        return Vec::new();
    }
    let mut set = LabelSet::named(name_of(state, run), LabelTask::Pairwise);
    set.seed = state.documents().map_or(0, |documents| documents.setup.seed);
    let first = if state.compare.look.swapped { FirstShown::Right } else { FirstShown::Left };
    let label = Label {
        item: String::new(),
        labeller: labeller.to_owned(),
        answer: own.map(Own::answer),
        sure: None,
        comment: String::new(),
        first: Some(first),
        again: false,
        guide: 0,
        aspect: String::new(),
        seconds: None,
        at: labelling::time_of(at),
    };
    let plan = MakePlan {
        stem: format!("compare-{}", run.0.to_lowercase()),
        set,
        run: run.clone(),
        only: Vec::new(),
        aspects: Vec::new(),
        limit: 0,
    };
    let pair = PairLabel { plan, prompt: prompt.clone(), label };
    vec![Effect::Judges(JudgesEffect::LabelPair(Box::new(pair)))]
}

/// Labels of a file: into a set of their own, or one that is there.
pub(in crate::app::update) fn import(
    labels: Arc<ImportedLabels>,
    name: &str,
    target: &ImportTarget,
) -> Vec<Effect> {
    let into = match target {
        ImportTarget::New => None,
        ImportTarget::Existing(stem) => Some(stem.clone()),
    };
    vec![Effect::Judges(JudgesEffect::TakeIn { into, name: name.to_owned(), labels })]
}

/// The set is there.
pub(super) fn made(state: &mut AppState, set: MadeSet, at: Moment) -> Vec<Effect> {
    let MadeSet { book, left_out } = set;
    let stem = book.stem.clone();
    let items = book.items.len() as u64;
    let name = book.set.name.clone();
    state.judges.books.get_or_insert_default().insert(stem.clone(), Book::of(book));
    state.judges.selected = Selected::Set(stem.clone());
    state.judges.item = None;
    let mut text = format!(
        "The label set “{name}” has {}",
        crate::app::widgets::number::counted(items, "item", "items")
    );
    for (why, n) in left_out {
        write!(text, "; {n} left out: {why}").ok();
    }
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
    // What came from a file was not drafted here.
    if state.judges.draft.source != ItemSource::Nothing {
        state.sheet = Some(Sheet::NewLabelSet);
    }
    Vec::new()
}
