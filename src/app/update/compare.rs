//! Comparisons of two sides on the same prompts.

mod copy;
mod rows;
mod setup;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub(super) use rows::step;
pub(super) use setup::enter;

use crate::app::command::CompareCommand;
use crate::app::effects::Effect;
use crate::app::effects::compare::{CompareEffect, CompareEvent, RowsRead};
use crate::app::message::Failure;
use crate::app::state::compare::{PastComparison, Record, Running, Shown};
use crate::app::state::{AppState, Area, Moment, NoticeKind};
use crate::domain::RunId;
use crate::engine::RunProgress;
use crate::store::journal::RunState;

/// Another project is open: where Compare is shown, its comparisons are read.
pub(super) fn opened(state: &mut AppState) -> Vec<Effect> {
    // What runs on the project before keeps what it has; it can go on when that one is open again.
    let mut effects = stop(state);
    state.compare = crate::app::state::CompareState::default();
    if state.area == Area::Compare {
        effects.push(Effect::Compare(CompareEffect::List));
    }
    effects
}

pub(super) fn carry_out(state: &mut AppState, command: CompareCommand, at: Moment) -> Vec<Effect> {
    match command {
        CompareCommand::New => setup::begin_new(state),
        CompareCommand::Begin { a, b } => setup::begin(state, a, b),
        CompareCommand::Ablate { stem, principle } => setup::ablate(state, stem, principle),
        CompareCommand::Change(wishes) => setup::change(state, *wishes),
        CompareCommand::Cancel => {
            state.compare.is_setting_up = false;
            Vec::new()
        }
        CompareCommand::Run => setup::run(state, at),
        CompareCommand::Stop => stop(state),
        CompareCommand::GoOn => go_on(state, at),
        CompareCommand::Show(run) => show(state, &run),
        CompareCommand::CopySummary => copy::summary(state),
        CompareCommand::CopyTable(form) => copy::table(state, form),
        CompareCommand::CopyChart(chart) => copy::chart(state, chart),
        CompareCommand::Rows(command) => rows::carry_out(state, command, at),
    }
}

pub(super) fn take_in(state: &mut AppState, event: CompareEvent, at: Moment) -> Vec<Effect> {
    match event {
        CompareEvent::Listed(Ok((past, tests))) => {
            state.compare.failure = None;
            state.compare.tests = tests;
            let newest = past.first().map(|past| past.run.clone());
            state.compare.past = Some(past);
            match (newest, &state.compare.shown) {
                (Some(run), None) => show(state, &run),
                _ => Vec::new(),
            }
        }
        CompareEvent::Listed(Err(failure)) => {
            state.compare.past = Some(Vec::new());
            state.compare.failure = Some(failure);
            Vec::new()
        }
        CompareEvent::Versions { stem, versions } => {
            state.compare.versions.insert(stem, versions);
            Vec::new()
        }
        CompareEvent::Read { run, result } => read(state, &run, result, at),
        CompareEvent::Started { number, past, most_calls } => {
            if let Some(running) = &mut state.compare.running {
                running.most_calls = most_calls;
            }
            started(state, number, *past)
        }
        CompareEvent::Rows { number, records, progress } => news(state, number, records, *progress),
        CompareEvent::Ended { number, result } => ended(state, number, result, at),
        CompareEvent::Measured { run, revision, measures, texts } => {
            let Some(shown) = state.compare.shown.as_mut().filter(|shown| shown.past.run == run)
            else {
                return Vec::new();
            };
            shown.measures = measures;
            shown.texts = texts;
            shown.measuring = None;
            if shown.revision == revision { Vec::new() } else { rows::measure(state) }
        }
    }
}

/// Why a comparison can't be run now.
pub(crate) fn runnable(state: &AppState) -> Result<(), &'static str> {
    let project = state.project.as_ref().ok_or("No project is open")?;
    if project.read_only {
        return Err("The project is open in another window; compare there");
    }
    if state.compare.running.is_some() {
        return Err("A comparison is running already; stop it first");
    }
    Ok(())
}

fn begin_job(state: &mut AppState, run: Option<RunId>) -> u64 {
    let number = state.number();
    state.compare.running = Some(Running {
        number,
        run,
        progress: RunProgress::default(),
        most_calls: 0,
        is_stopping: false,
    });
    number
}

fn stop(state: &mut AppState) -> Vec<Effect> {
    let Some(running) = &mut state.compare.running else { return Vec::new() };
    running.is_stopping = true;
    let number = running.number;
    state.announce("Stopping; what is there is kept");
    vec![Effect::Compare(CompareEffect::Stop(number))]
}

fn go_on(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if let Err(reason) = runnable(state) {
        state.notify(NoticeKind::Warning, reason, at);
        return Vec::new();
    }
    let Some(run) = state.compare.shown.as_ref().map(|shown| shown.past.run.clone()) else {
        return Vec::new();
    };
    let number = begin_job(state, Some(run.clone()));
    state.announce("Going on");
    vec![Effect::Compare(CompareEffect::GoOn { number, run })]
}

/// Shows a past comparison; its rows are read from the journal.
fn show(state: &mut AppState, run: &RunId) -> Vec<Effect> {
    state.compare.is_setting_up = false;
    if state.compare.shown.as_ref().is_some_and(|shown| shown.past.run == *run) {
        return Vec::new();
    }
    state.compare.reading = Some(run.clone());
    vec![Effect::Compare(CompareEffect::Read(run.clone()))]
}

fn read(
    state: &mut AppState,
    run: &RunId,
    result: Result<RowsRead, Failure>,
    at: Moment,
) -> Vec<Effect> {
    // Another one was chosen meanwhile.
    if state.compare.reading.as_ref() != Some(run) {
        return Vec::new();
    }
    state.compare.reading = None;
    match result {
        Ok((records, own)) => {
            let Some(past) = state.compare.past_of(run).cloned() else { return Vec::new() };
            rows::show(state, Shown { records: Arc::new(records), own, ..Shown::new(past) });
            rows::changed(state)
        }
        Err(failure) => {
            state.fail(failure.message, failure.hint, at);
            Vec::new()
        }
    }
}

fn started(state: &mut AppState, number: u64, past: PastComparison) -> Vec<Effect> {
    let Some(running) = state.compare.running.as_mut().filter(|running| running.number == number)
    else {
        return Vec::new();
    };
    running.run = Some(past.run.clone());
    running.progress.rows_total = past.rows_total;
    let known = state.compare.past.get_or_insert_default();
    match known.iter_mut().find(|known| known.run == past.run) {
        Some(known) => {
            known.state = RunState::Running;
            known.message.clear();
        }
        None => known.insert(0, past.clone()),
    }
    state.compare.reading = None;
    match state.compare.shown.as_mut().filter(|shown| shown.past.run == past.run) {
        Some(shown) => {
            shown.past.state = RunState::Running;
            shown.past.message.clear();
        }
        None => rows::show(state, Shown::new(past)),
    }
    Vec::new()
}

fn news(
    state: &mut AppState,
    number: u64,
    records: Vec<Arc<Record>>,
    progress: RunProgress,
) -> Vec<Effect> {
    let Some(running) = state.compare.running.as_mut().filter(|running| running.number == number)
    else {
        return Vec::new();
    };
    running.progress = progress;
    // Another comparison may be shown meanwhile: these rows are in the journal.
    if records.is_empty() || !state.compare.shows_running() {
        return Vec::new();
    }
    rows::put(state, records)
}

fn ended(
    state: &mut AppState,
    number: u64,
    result: Result<(RunState, Failure), Failure>,
    at: Moment,
) -> Vec<Effect> {
    let Some(running) = state.compare.running.take_if(|running| running.number == number) else {
        return Vec::new();
    };
    let (end, why) = match result {
        Ok((end, why)) => (end, why),
        Err(failure) => {
            state.fail(failure.message.clone(), failure.hint.clone(), at);
            if running.run.is_none() {
                // It never began: what was set up is shown again.
                state.compare.is_setting_up = true;
                return Vec::new();
            }
            (RunState::Interrupted, failure)
        }
    };
    let run = running.run;
    let is_it = |past: &PastComparison| Some(&past.run) == run.as_ref();
    let known = state.compare.past.iter_mut().flatten().find(|past| is_it(past));
    let shown = state.compare.shown.as_mut().map(|shown| &mut shown.past);
    for past in known.into_iter().chain(shown.filter(|past| is_it(past))) {
        past.state = end;
        past.message.clone_from(&why.message);
    }
    // The run can be exported now.
    state.export.runs = None;
    match end {
        RunState::Done => state.announce("The comparison is done"),
        RunState::Cancelled => state.announce("Stopped; what is there is kept"),
        RunState::Stopped => {
            let text = format!("The comparison stopped: {}", why.message);
            state.fail(text, why.hint, at);
        }
        RunState::Running | RunState::Interrupted => {}
    }
    Vec::new()
}
