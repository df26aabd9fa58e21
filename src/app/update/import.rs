//! Importing what was read, after the user has seen it.

use std::path::PathBuf;
use std::sync::Arc;

use super::edit::{self, What};
use crate::app::effects::Effect;
use crate::app::effects::home::HomeEffect;
use crate::app::state::documents::free_stem;
use crate::app::state::import::{
    Content, ImportItem, ImportKind, ImportReview, ImportTarget, Large, Refused,
};
use crate::app::state::{AppState, Area, Document, DocumentId, Moment, NoticeKind, Sheet, Target};
use crate::domain::{Constitution, PromptId, PromptSet, Rubric};
use crate::formats::import::Part;

/// Files were read: they are shown before anything is imported.
pub(super) fn read(state: &mut AppState, mut review: ImportReview, at: Moment) {
    if review.items.is_empty() && review.refused.iter().all(|refused| refused.large.is_none()) {
        for Refused { source, why, hint, .. } in review.refused {
            state.fail(format!("Not imported: {source}: {why}"), hint, at);
        }
        // Another part of it may be chosen.
        for refused in state.home.import.iter_mut().flat_map(|review| &mut review.refused) {
            refused.large.iter_mut().for_each(|large| large.is_reading = false);
        }
        return;
    }
    for item in &mut review.items {
        item.target = usual_target(state, item);
    }
    // A second drop adds to the first.
    if let Some(mut before) = state.home.import.take() {
        let is_there =
            |path: &PathBuf| review.items.iter().any(|it| it.path.as_ref() == Some(path));
        // A part of it is read now.
        before.refused.retain(|refused| {
            let is_read = refused.large.is_some_and(|large| large.is_reading);
            !(is_read && refused.path.as_ref().is_some_and(is_there))
        });
        before.items.append(&mut review.items);
        before.refused.append(&mut review.refused);
        review = before;
    }
    state.home.import = Some(review);
    state.sheet = Some(Sheet::ImportReview);
}

/// A list pasted into a document that is shown goes there; all else is a document of its own.
fn usual_target(state: &AppState, item: &ImportItem) -> ImportTarget {
    if item.path.is_some() {
        return ImportTarget::New;
    }
    let shown = match (state.area, item.kind) {
        (Area::Constitution, ImportKind::Principles) if state.constitution().is_some() => {
            &state.selection.constitution
        }
        (Area::Rubric, ImportKind::Rubric) if state.rubric().is_some() => &state.selection.rubric,
        (Area::Try, ImportKind::Prompts) if state.prompts().is_some() => &state.selection.prompts,
        _ => return ImportTarget::New,
    };
    ImportTarget::Existing(shown.clone())
}

fn with(state: &mut AppState, place: usize, change: impl FnOnce(&mut ImportItem)) {
    let items = state.home.import.as_mut().map(|review| &mut review.items);
    if let Some(item) = items.and_then(|items| items.get_mut(place)) {
        change(item);
    }
}

pub(super) fn kind(state: &mut AppState, place: usize, kind: ImportKind) {
    with(state, place, |item| {
        if item.readings.contains_key(&kind) {
            item.kind = kind;
            item.target = ImportTarget::New;
        }
    });
}

pub(super) fn target(state: &mut AppState, place: usize, target: ImportTarget) {
    with(state, place, |item| item.target = target);
}

/// How many rows are to be taken of a file that is too large.
pub(super) fn rows(state: &mut AppState, place: usize, rows: usize) {
    if let Some((_, large)) = large(state, place) {
        large.take = rows;
    }
}

/// Reads a part of a file that is too large.
pub(super) fn part(state: &mut AppState, place: usize, part: Part) -> Vec<Effect> {
    let Some((path, large)) = large(state, place).filter(|(_, large)| !large.is_reading) else {
        return Vec::new();
    };
    large.is_reading = true;
    state.announce("Reading a part of it");
    vec![Effect::Home(HomeEffect::ReadPart { path, part })]
}

fn large(state: &mut AppState, place: usize) -> Option<(PathBuf, &mut Large)> {
    let refused = state.home.import.as_mut()?.refused.get_mut(place)?;
    Some((refused.path.clone()?, refused.large.as_mut()?))
}

pub(super) fn take(state: &mut AppState, place: usize, take: bool) {
    with(state, place, |item| item.take = take);
}

/// Imports what is chosen, each file as one edit that can be undone.
pub(super) fn import(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if crate::app::menu_command::editable(state).is_err() {
        return Vec::new();
    }
    let Some(review) = state.home.import.take() else { return Vec::new() };
    state.sheet = None;
    let summary = review.summary(counted);
    let mut effects = Vec::new();
    for item in review.items.into_iter().filter(|item| item.take) {
        effects.extend(import_one(state, item, at));
    }
    if !summary.is_empty() {
        state.notify(NoticeKind::Done, format!("Imported {summary}"), at);
    }
    effects
}

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn import_one(state: &mut AppState, mut item: ImportItem, at: Moment) -> Vec<Effect> {
    let kind = item.kind;
    let Some(reading) = item.readings.remove(&kind) else { return Vec::new() };
    let document = match reading.content {
        Content::Document(document) => document,
        Content::Labels(labels) => {
            return super::judges::import(labels, &reading.name, &item.target);
        }
    };
    match (document, item.target) {
        (Document::Constitution(Some(value)), ImportTarget::New) => {
            let label = "Import constitution";
            super::items::add_document(state, (*value).clone(), label, at)
        }
        (Document::Rubric(Some(value)), ImportTarget::New) => {
            super::items::add_document(state, (*value).clone(), "Import rubric", at)
        }
        (Document::Prompts(Some(set)), ImportTarget::New) => {
            new_prompts(state, &set, &reading.name, at)
        }
        (Document::Constitution(Some(value)), ImportTarget::Existing(stem)) => {
            add_principles(state, stem, &value, at)
        }
        (Document::Rubric(Some(value)), ImportTarget::Existing(stem)) => {
            add_criteria(state, stem, &value, at)
        }
        (Document::Prompts(Some(set)), ImportTarget::Existing(stem)) => {
            add_prompts(state, stem, &set, at)
        }
        (
            Document::Setup(_)
            | Document::Constitution(None)
            | Document::Rubric(None)
            | Document::Prompts(None)
            // No file is read as a judge.
            | Document::Judge(_),
            _,
        ) => Vec::new(),
    }
}

fn new_prompts(state: &mut AppState, set: &PromptSet, name: &str, at: Moment) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let stem = free_stem(&documents.prompt_sets, name);
    let mut set = set.clone();
    set.name.clone_from(&stem);
    put_prompts(state, stem, set, None, "Import prompts".to_owned(), at)
}

/// Puts a prompt set in place and shows `first` of it (the first of all where it is not named).
fn put_prompts(
    state: &mut AppState,
    stem: String,
    set: PromptSet,
    first: Option<PromptId>,
    label: String,
    at: Moment,
) -> Vec<Effect> {
    let first = first.or_else(|| set.prompts.first().map(|prompt| prompt.id.clone()));
    let target = Target::Prompt { set: stem.clone(), id: first.unwrap_or_default() };
    let what = What { label, target: target.clone(), joins: false };
    let value = Document::Prompts(Some(Arc::new(set)));
    let effects = edit::put(state, DocumentId::Prompts(stem), value, what, at);
    super::go::select(state, &target);
    super::go::mend_selection(state);
    effects
}

fn add_prompts(state: &mut AppState, stem: String, new: &PromptSet, at: Moment) -> Vec<Effect> {
    let before = state.documents().and_then(|documents| documents.prompt_sets.get(&stem).cloned());
    let Some(before) = before else { return Vec::new() };
    let mut set = (*before).clone();
    let mut taken: std::collections::BTreeSet<String> =
        set.prompts.iter().map(|prompt| prompt.id.0.clone()).collect();
    let mut first = None;
    let mut n = set.prompts.len();
    for prompt in &new.prompts {
        let mut prompt = prompt.clone();
        while taken.contains(&prompt.id.0) {
            n += 1;
            prompt.id = PromptId(format!("p{n}"));
        }
        taken.insert(prompt.id.0.clone());
        first.get_or_insert_with(|| prompt.id.clone());
        set.prompts.push(prompt);
    }
    let label = format!("Import {}", counted(new.prompts.len() as u64, "prompt", "prompts"));
    put_prompts(state, stem, set, first, label, at)
}

fn add_principles(
    state: &mut AppState,
    stem: String,
    new: &Constitution,
    at: Moment,
) -> Vec<Effect> {
    let before = state.documents().and_then(|all| all.constitutions.get(&stem).cloned());
    let Some(before) = before else { return Vec::new() };
    let mut after = (*before).clone();
    let mut first = None;
    for principle in &new.principles {
        let mut principle = principle.clone();
        principle.id = after.free_id();
        first.get_or_insert_with(|| principle.id.clone());
        after.principles.push(principle);
    }
    let Some(id) = first else { return Vec::new() };
    let count = counted(new.principles.len() as u64, "principle", "principles");
    let target = Target::Principle { stem: stem.clone(), id, field: None };
    let what = What { label: format!("Import {count}"), target: target.clone(), joins: false };
    let document = DocumentId::Constitution(stem);
    let effects = edit::put(state, document, edit::of_constitution(after), what, at);
    super::go::select(state, &target);
    super::go::mend_selection(state);
    effects
}

fn add_criteria(state: &mut AppState, stem: String, new: &Rubric, at: Moment) -> Vec<Effect> {
    let before = state.documents().and_then(|all| all.rubrics.get(&stem).cloned());
    let Some(before) = before else { return Vec::new() };
    let mut after = (*before).clone();
    let mut first = None;
    for criterion in &new.criteria {
        let mut criterion = criterion.clone();
        criterion.id = after.free_id();
        first.get_or_insert_with(|| criterion.id.clone());
        after.criteria.push(criterion);
    }
    let Some(id) = first else { return Vec::new() };
    let count = counted(new.criteria.len() as u64, "criterion", "criteria");
    let target = Target::Criterion { stem: stem.clone(), id, field: None };
    let what = What { label: format!("Import {count}"), target: target.clone(), joins: false };
    let effects = edit::put(state, DocumentId::Rubric(stem), edit::of_rubric(after), what, at);
    super::go::select(state, &target);
    super::go::mend_selection(state);
    effects
}
