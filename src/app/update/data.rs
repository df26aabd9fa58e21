//! Rows of a run as a dataset: which are shown, and what a person decides about them.

mod copy;

use std::sync::Arc;

use crate::app::command::DataCommand;
use crate::app::effects::Effect;
use crate::app::effects::data::{DataEffect, DataEvent};
use crate::app::state::data::{
    Bulk, DataFilter, DataState, Flags, Found, Reading, RowDetail, RowFacts, SearchState,
    quality_of, view_of,
};
use crate::app::state::runs::Kinds;
use crate::app::state::{AppState, Area, ExportSource, Moment, NoticeKind, Sheet};
use crate::app::widgets::number::counted;
use crate::domain::{Part, PromptId, RunId};

pub(super) fn carry_out(state: &mut AppState, command: DataCommand, at: Moment) -> Vec<Effect> {
    match command {
        DataCommand::Run(run) => return show_run(state, run),
        DataCommand::Filter(filter) => return sift_by(state, *filter),
        DataCommand::Select(position) => return select(state, position),
        DataCommand::Keep { position, is_kept } => return keep(state, position, is_kept, at),
        DataCommand::KeepAll => return keep_all(state, at),
        DataCommand::BeginEdit(part) => {
            if let Some(position) = state.data.selected
                && may_change(state, at)
            {
                state.data.editing = Some((position, part));
            }
        }
        DataCommand::EndEdit => state.data.editing = None,
        DataCommand::Edit { position, part, text } => return edit(state, position, part, text, at),
        DataCommand::Copy(form) => {
            if let Some(detail) = state.data.shown() {
                let text = copy::row_as(detail, form);
                state.announce(format!("Copied as {form}"));
                return vec![Effect::Copy(text)];
            }
        }
        DataCommand::OpenPrompt => open_prompt(state, at),
        DataCommand::Export => {
            state.sheet = Some(Sheet::Export);
            return super::export::begin(state);
        }
    }
    Vec::new()
}

pub(super) fn take_in(state: &mut AppState, event: DataEvent, at: Moment) -> Vec<Effect> {
    let data = &mut state.data;
    match event {
        DataEvent::Rows { number, rows, is_last } => {
            if data.number == number {
                return read(data, rows, is_last);
            }
        }
        DataEvent::Unread { number, failure } => {
            if data.number == number {
                data.reading = Reading::Failed(failure);
            }
        }
        DataEvent::Found { number, rows, hits, is_last } => {
            let Some(found) = data.found.as_mut().filter(|found| found.number == number) else {
                return Vec::new();
            };
            found.rows.extend(rows);
            found.hits += hits;
            if is_last {
                found.state = SearchState::Done;
                let words = counted(found.rows.len() as u64, "row has it", "rows have it");
                state.announce(words);
            }
            sift(&mut state.data);
        }
        DataEvent::BadSearch { number, why } => {
            if let Some(found) = data.found.as_mut().filter(|found| found.number == number) {
                found.state = SearchState::Bad(why);
            }
        }
        DataEvent::Seen { run, detail } => {
            if data.run.as_ref() == Some(&run) {
                seen(data, *detail);
            }
        }
        DataEvent::NotKept { run, failure } => {
            state.fail(failure.message, failure.hint, at);
            // What is on screen may be ahead of the journal.
            if state.data.run.as_ref() == Some(&run) {
                return show_again(state);
            }
        }
    }
    Vec::new()
}

/// Another project is there.
pub(super) fn project_opened(state: &mut AppState) {
    state.data = DataState::default();
}

/// The runs were read: where none is shown yet, the newest with rows is.
pub(super) fn runs_listed(state: &mut AppState) -> Vec<Effect> {
    if state.area != Area::Data {
        return Vec::new();
    }
    let is_there = |run: &RunId| state.runs.all().iter().any(|one| &one.record.id == run);
    if state.data.run.as_ref().is_some_and(is_there) {
        return Vec::new();
    }
    let with_rows = state.runs.all().iter().filter(|run| run.rows > 0);
    let newest = with_rows
        .clone()
        .find(|run| Kinds::Sets.has(run.record.kind))
        .or_else(|| with_rows.clone().next());
    match newest.map(|run| run.record.id.clone()) {
        Some(run) => show_run(state, run),
        None => Vec::new(),
    }
}

/// A run is over: where its rows are shown, there are more of them.
pub(super) fn run_ended(state: &mut AppState, run: &RunId) -> Vec<Effect> {
    if state.data.run.as_ref() == Some(run) { show_again(state) } else { Vec::new() }
}

/// Reads the rows shown again, where they are shown.
pub(super) fn refresh(state: &mut AppState) -> Vec<Effect> {
    if state.area == Area::Data { show_again(state) } else { Vec::new() }
}

/// Shows a run's rows.
pub(super) fn show_run(state: &mut AppState, run: RunId) -> Vec<Effect> {
    let before = std::mem::take(&mut state.data);
    state.data.run = Some(run);
    begin_reading(state, &before)
}

/// Reads the rows anew; filter and selection stay.
fn show_again(state: &mut AppState) -> Vec<Effect> {
    if state.data.run.is_none() {
        return Vec::new();
    }
    let before = std::mem::take(&mut state.data);
    state.data.run.clone_from(&before.run);
    state.data.filter = before.filter.clone();
    state.data.selected = before.selected;
    state.data.detail.clone_from(&before.detail);
    let mut effects = begin_reading(state, &before);
    let filter = std::mem::take(&mut state.data.filter);
    effects.extend(sift_by(state, filter));
    effects
}

fn begin_reading(state: &mut AppState, before: &DataState) -> Vec<Effect> {
    let Some(run) = state.data.run.clone() else { return Vec::new() };
    let number = state.number();
    state.data.number = number;
    state.data.reading = Reading::On;
    let mut effects = Vec::new();
    if before.reading == Reading::On {
        effects.push(Effect::Data(DataEffect::Stop(before.number)));
    }
    effects.extend(stop_search(before.found.as_ref()));
    effects.push(Effect::Data(DataEffect::Read { number, run }));
    effects
}

fn stop_search(found: Option<&Found>) -> Option<Effect> {
    let found = found.filter(|found| found.state == SearchState::On)?;
    Some(Effect::Data(DataEffect::Stop(found.number)))
}

fn read(data: &mut DataState, rows: Vec<RowFacts>, is_last: bool) -> Vec<Effect> {
    for row in &rows {
        data.tags.extend(row.tags.iter().cloned());
        data.shape.has_pairs |= row.flags.has(Flags::PAIR);
        data.shape.has_values |= row.value.is_some();
        data.shape.is_judged |= row.flags.has(Flags::JUDGED);
    }
    Arc::make_mut(&mut data.facts).extend(rows);
    if is_last {
        data.reading = Reading::Done;
        data.quality = quality_of(&data.facts);
    }
    sift(data);
    if data.selected.is_none()
        && let Some(first) = data.facts.first()
    {
        let position = first.position;
        data.selected = Some(position);
        return look(data, position);
    }
    Vec::new()
}

fn look(data: &DataState, position: u64) -> Vec<Effect> {
    let Some(run) = data.run.clone() else { return Vec::new() };
    vec![Effect::Data(DataEffect::Look { run, position })]
}

/// Works out which rows are shown.
fn sift(data: &mut DataState) {
    // A search that can't be done leaves nothing out.
    let found = data.found.as_ref().filter(|found| !matches!(found.state, SearchState::Bad(_)));
    data.view = view_of(&data.facts, &data.filter, found);
}

pub(super) fn sift_by(state: &mut AppState, filter: DataFilter) -> Vec<Effect> {
    let number = state.number();
    let data = &mut state.data;
    let is_new_search =
        data.filter.search != filter.search || data.filter.is_regex != filter.is_regex;
    data.filter = filter;
    let mut effects = Vec::new();
    if is_new_search {
        effects.extend(stop_search(data.found.as_ref()));
        let what = data.filter.search.clone();
        data.found = None;
        if !what.trim().is_empty()
            && let Some(run) = data.run.clone()
        {
            data.found = Some(Found { number, rows: Vec::new(), hits: 0, state: SearchState::On });
            let is_regex = data.filter.is_regex;
            effects.push(Effect::Data(DataEffect::Search { number, run, what, is_regex }));
        }
    }
    sift(data);
    effects
}

fn select(state: &mut AppState, position: u64) -> Vec<Effect> {
    let data = &mut state.data;
    data.selected = Some(position);
    data.editing.take_if(|(row, _)| *row != position);
    look(data, position)
}

/// Selects the next or previous row of those shown.
pub(super) fn step(state: &mut AppState, by: i32) -> Vec<Effect> {
    let data = &state.data;
    let Some(last) = data.view.len().checked_sub(1) else { return Vec::new() };
    let place = match data.selected_in_view() {
        Some(place) => place.saturating_add_signed(by as isize).min(last),
        None => 0,
    };
    let position = data.facts[data.view[place] as usize].position;
    select(state, position)
}

/// Whether decisions can be kept; says so where not.
fn may_change(state: &mut AppState, at: Moment) -> bool {
    match crate::app::menu_command::editable(state) {
        Ok(()) => true,
        Err(reason) => {
            state.notify(NoticeKind::Warning, reason, at);
            false
        }
    }
}

fn keep(state: &mut AppState, position: u64, is_kept: bool, at: Moment) -> Vec<Effect> {
    if !may_change(state, at) {
        return Vec::new();
    }
    let data = &mut state.data;
    let (Some(place), Some(run)) = (data.place_of(position), data.run.clone()) else {
        return Vec::new();
    };
    let id = data.facts[place].id.clone();
    data.last_bulk = None;
    mark(data, std::iter::once(place), !is_kept);
    let said = if is_kept { "Kept" } else { "Dropped" };
    state.announce(format!("{said} {id}"));
    vec![Effect::Data(DataEffect::Drop { run, prompts: vec![id], is_dropped: !is_kept })]
}

/// Drops all rows that are let through, or where none is left to drop keeps them; right after, it
/// takes back just what it changed.
fn keep_all(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if !may_change(state, at) {
        return Vec::new();
    }
    let data = &mut state.data;
    let Some(run) = data.run.clone() else { return Vec::new() };
    let is_dropped = |place: u32| data.facts[place as usize].flags.has(Flags::DROPPED);
    let back = data.last_bulk.take().filter(|bulk| Arc::ptr_eq(&bulk.view, &data.view));
    let is_back = back.is_some();
    let (places, drops): (Vec<usize>, bool) = if let Some(bulk) = &back {
        let changed: std::collections::BTreeSet<&PromptId> = bulk.prompts.iter().collect();
        let places = data.view.iter().map(|place| *place as usize);
        let places = places.filter(|place| changed.contains(&data.facts[*place].id)).collect();
        (places, !bulk.is_dropped)
    } else {
        let drops = data.view.iter().any(|place| !is_dropped(*place));
        let places = data.view.iter().filter(|place| is_dropped(**place) != drops);
        (places.map(|place| *place as usize).collect(), drops)
    };
    if places.is_empty() {
        return Vec::new();
    }
    let prompts: Vec<PromptId> = places.iter().map(|place| data.facts[*place].id.clone()).collect();
    let view = Arc::clone(&data.view);
    mark(data, places.into_iter(), drops);
    // The view stays as it is until something else changes it, so that this can be taken back.
    data.view = Arc::clone(&view);
    if !is_back {
        data.last_bulk = Some(Bulk { is_dropped: drops, prompts: prompts.clone(), view });
    }
    let rows = counted(prompts.len() as u64, "row", "rows");
    let text = match (drops, is_back) {
        (true, false) => format!("{rows} dropped. Ctrl+A again takes that back"),
        (false, false) => format!("{rows} kept. Ctrl+A again takes that back"),
        (true, true) => format!("{rows} dropped again"),
        (false, true) => format!("{rows} kept again"),
    };
    state.notify(NoticeKind::Done, text, at);
    vec![Effect::Data(DataEffect::Drop { run, prompts, is_dropped: drops })]
}

fn mark(data: &mut DataState, places: impl Iterator<Item = usize>, is_dropped: bool) {
    let facts = Arc::make_mut(&mut data.facts);
    for place in places {
        facts[place].flags = facts[place].flags.with(Flags::DROPPED, is_dropped);
    }
    data.quality = quality_of(facts);
    // A row that was just decided about stays in sight, whatever is shown.
}

fn edit(
    state: &mut AppState,
    position: u64,
    part: Part,
    text: Option<String>,
    at: Moment,
) -> Vec<Effect> {
    if !may_change(state, at) {
        return Vec::new();
    }
    let data = &mut state.data;
    let (Some(place), Some(run)) = (data.place_of(position), data.run.clone()) else {
        return Vec::new();
    };
    data.editing.take_if(|editing| *editing == (position, part));
    let prompt = data.facts[place].id.clone();
    let said = match text {
        Some(_) => format!("Your text of {prompt} is exported; the model's stays in the journal"),
        None => format!("The model's text of {prompt} is exported again"),
    };
    state.announce(said);
    vec![Effect::Data(DataEffect::Edit { run, position, prompt, part, text })]
}

fn seen(data: &mut DataState, detail: RowDetail) {
    if let Some(place) = data.place_of(detail.position) {
        let fresh = RowFacts::of(detail.position, &detail.row);
        if data.facts[place] != fresh {
            Arc::make_mut(&mut data.facts)[place] = fresh;
            data.quality = quality_of(&data.facts);
        }
    }
    if data.selected == Some(detail.position) {
        data.detail = Some(Arc::new(detail));
    }
}

/// Shows the prompt of the row looked at in Try.
fn open_prompt(state: &mut AppState, at: Moment) {
    let Some(id) = state.data.selected_facts().map(|facts| facts.id.clone()) else { return };
    let Some(documents) = state.documents() else { return };
    let has = |set: &crate::domain::PromptSet| set.prompts.iter().any(|one| one.id == id);
    let shown = state.selection.prompts.clone();
    let sets = &documents.prompt_sets;
    let found = if sets.get(&shown).is_some_and(|set| has(set)) {
        Some(shown)
    } else {
        sets.iter().find(|(_, set)| has(set)).map(|(stem, _)| stem.clone())
    };
    if let Some(stem) = found {
        state.selection.prompts = stem;
        state.selection.prompt = Some(id);
        state.area = Area::Try;
        state.announce(Area::Try.to_string());
    } else {
        let text = format!("No prompt set has the prompt {id} any more");
        state.notify(NoticeKind::Warning, text, at);
    }
}

/// What the export sheet begins with when it is opened over the rows of a run.
pub(super) fn export_source(state: &AppState) -> Option<ExportSource> {
    let run = state.data.run.clone().filter(|_| state.area == Area::Data)?;
    Some(ExportSource::Run(run))
}

#[cfg(test)]
mod tests;
