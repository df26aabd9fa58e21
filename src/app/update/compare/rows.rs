//! The rows of the comparison shown: which are listed, which is selected, and their numbers.

use std::sync::Arc;

use crate::app::command::CompareRows;
use crate::app::effects::Effect;
use crate::app::effects::compare::{CompareEffect, MeasurePlan};
use crate::app::state::compare::{Look, Only, Own, Record, Shown, TextTest, ordered};
use crate::app::state::{AppState, Moment};

/// The widest tie band.
const WIDEST: f64 = 0.45;

/// Puts a comparison on the screen, with all its rows listed.
pub(super) fn show(state: &mut AppState, shown: Shown) {
    let look = &mut state.compare.look;
    look.slice = None;
    look.only = Only::All;
    look.search.clear();
    state.compare.shown = Some(shown);
}

/// Takes new rows in, in place of older ones of the same prompt.
pub(super) fn put(state: &mut AppState, records: Vec<Arc<Record>>) -> Vec<Effect> {
    let Some(shown) = &mut state.compare.shown else { return Vec::new() };
    let all = Arc::make_mut(&mut shown.records);
    for record in records {
        match all.binary_search_by_key(&record.position, |known| known.position) {
            Ok(place) => all[place] = record,
            Err(place) => all.insert(place, record),
        }
    }
    changed(state)
}

/// Rows, band or tests changed: all is listed and measured anew.
pub(super) fn changed(state: &mut AppState) -> Vec<Effect> {
    if let Some(shown) = &mut state.compare.shown {
        shown.revision += 1;
    }
    list(state);
    measure(state)
}

/// Filters or order changed.
fn list(state: &mut AppState) {
    let Some(shown) = &mut state.compare.shown else { return };
    shown.order = ordered(&shown.records, &state.compare.look);
    if shown.current().is_none() && !shown.is_open {
        shown.selected = None;
    }
}

/// Measures the newest revision, one after the other.
pub(super) fn measure(state: &mut AppState) -> Vec<Effect> {
    let Some(shown) = &mut state.compare.shown else { return Vec::new() };
    if shown.measuring.is_some() {
        return Vec::new();
    }
    shown.measuring = Some(shown.revision);
    vec![Effect::Compare(CompareEffect::Measure(Box::new(MeasurePlan {
        run: shown.past.run.clone(),
        revision: shown.revision,
        records: Arc::clone(&shown.records),
        band: state.compare.look.band,
        tests: state.compare.tests.clone(),
        seed: shown.past.about.seed,
    })))]
}

/// The next (1) or previous (-1) row of those listed.
pub(crate) fn step(state: &mut AppState, by: i32) {
    let Some(shown) = &mut state.compare.shown else { return };
    let Some(last) = shown.order.len().checked_sub(1) else { return };
    let nth = match shown.current() {
        Some((nth, _)) => nth.saturating_add_signed(by as isize).min(last),
        None if by < 0 => last,
        None => 0,
    };
    shown.selected = shown.nth(nth).map(|record| record.position);
}

pub(super) fn carry_out(state: &mut AppState, command: CompareRows, at: Moment) -> Vec<Effect> {
    let look = &mut state.compare.look;
    match command {
        CompareRows::Band(band) => {
            look.band = if band.is_finite() { band.clamp(0.0, WIDEST) } else { look.band };
            return changed(state);
        }
        CompareRows::SliceBy(by) => {
            look.by = by;
            return Vec::new();
        }
        CompareRows::Slice(slice) => look.slice = slice,
        CompareRows::Only(only) => look.only = only,
        CompareRows::Search(text) => look.search = text,
        CompareRows::Sort(sort) => look.sort = sort,
        CompareRows::ClearFilters => clear(look),
        CompareRows::Select(position) => {
            if let Some(shown) = &mut state.compare.shown {
                shown.selected = Some(position);
            }
            return Vec::new();
        }
        CompareRows::Open => {
            open(state);
            return Vec::new();
        }
        CompareRows::Close => {
            if let Some(shown) = &mut state.compare.shown {
                shown.is_open = false;
            }
            return Vec::new();
        }
        CompareRows::Own(own) => return decide(state, own, at),
        CompareRows::Swap => {
            look.swapped = !look.swapped;
            return Vec::new();
        }
        CompareRows::Grey => {
            look.greyed = !look.greyed;
            return Vec::new();
        }
        CompareRows::HideJudge => {
            look.judge_hidden = !look.judge_hidden;
            return Vec::new();
        }
        CompareRows::AddTest(pattern) => return add_test(state, &pattern),
        CompareRows::RemoveTest(place) => {
            if place < state.compare.tests.len() {
                state.compare.tests.remove(place);
            }
            return tests_changed(state);
        }
    }
    list(state);
    if let Some(shown) = &state.compare.shown {
        let words = format!("{} rows", shown.order.len());
        state.announce(words);
    }
    Vec::new()
}

fn clear(look: &mut Look) {
    look.slice = None;
    look.only = Only::All;
    look.search.clear();
}

/// The reader's own verdict on the row selected; the same again takes it back.
fn decide(state: &mut AppState, own: Own, at: Moment) -> Vec<Effect> {
    let is_kept = state.project.as_ref().is_some_and(|project| !project.read_only);
    let Some(shown) = state.compare.shown.as_mut().filter(|_| is_kept) else { return Vec::new() };
    let Some((_, record)) = shown.current() else { return Vec::new() };
    let prompt = record.pair.prompt.clone();
    let own = (shown.own.get(&prompt) != Some(&own)).then_some(own);
    let said = if let Some(own) = own {
        shown.own.insert(prompt.clone(), own);
        format!("You: {}", own.word())
    } else {
        shown.own.remove(&prompt);
        "Your verdict is taken back".to_owned()
    };
    let run = shown.past.run.clone();
    state.announce(said);
    let mut effects = super::super::judges::label_pair(state, &run, &prompt, own, at);
    effects.push(Effect::Compare(CompareEffect::KeepOwn { run, prompt, own }));
    effects
}

fn open(state: &mut AppState) {
    let Some(shown) = &mut state.compare.shown else { return };
    if shown.current().is_none() {
        shown.selected = shown.nth(0).map(|record| record.position);
    }
    shown.is_open = shown.selected.is_some();
}

fn add_test(state: &mut AppState, pattern: &str) -> Vec<Effect> {
    let pattern = pattern.trim().to_owned();
    let is_known = state.compare.tests.iter().any(|test| test.pattern == pattern);
    if pattern.is_empty() || is_known || regex::Regex::new(&pattern).is_err() {
        return Vec::new();
    }
    state.compare.tests.push(TextTest { pattern });
    tests_changed(state)
}

fn tests_changed(state: &mut AppState) -> Vec<Effect> {
    let mut effects = changed(state);
    let is_kept = state.project.as_ref().is_some_and(|project| !project.read_only);
    if is_kept {
        effects.push(Effect::Compare(CompareEffect::KeepTests(state.compare.tests.clone())));
    }
    effects
}
