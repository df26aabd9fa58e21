//! Running a judge on a label set: what it takes, the run, and its end.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::refuse;
use super::{lines, read};
use crate::app::effects::Effect;
use crate::app::effects::judges::{JudgesEffect, JudgingPlan};
use crate::app::state::judges::{Part, RunDraft, Running, Selected};
use crate::app::state::{AppState, Moment, Sheet};
use crate::domain::{JudgeSetup, Severity, Split};
use crate::engine::RunProgress;

/// Whether the judge shown can be run on the set that it is held against.
///
/// # Errors
///
/// Why not, in words.
pub fn can_run(state: &AppState) -> Result<(), &'static str> {
    let project = state.project.as_ref().ok_or("No project is open")?;
    if project.read_only {
        return Err("The project is open in another window, which alone may run the judge");
    }
    let Selected::Judge(judge) = &state.judges.selected else {
        return Err("Look at a judge in Judges first");
    };
    let report = &state.judges.report;
    state.judges.book(&report.against).ok_or("Make a label set first")?;
    let is_faulty = |one: &Arc<JudgeSetup>| {
        one.problems().iter().any(|problem| problem.severity == Severity::Error)
    };
    if state.judge(judge).is_some_and(is_faulty) {
        return Err("Something is wrong with the judge: its settings say what");
    }
    if report.running.is_some() {
        return Err("A judge is running already; stop it first");
    }
    Ok(())
}

pub(super) fn begin(state: &mut AppState, split: Option<Split>, at: Moment) -> Vec<Effect> {
    if let Err(reason) = can_run(state) {
        return refuse(state, reason, at);
    }
    let Selected::Judge(judge) = state.judges.selected.clone() else { return Vec::new() };
    let set = state.judges.report.against.clone();
    let cap = state.documents().and_then(|documents| documents.setup.spending.per_run);
    let changes = BTreeSet::new();
    let draft = RunDraft { number: 0, judge, set, split, changes, cap, takes: None };
    state.sheet = Some(Sheet::Judging);
    self::draft(state, draft)
}

/// Counts what it takes, where that may have changed.
pub(super) fn draft(state: &mut AppState, mut draft: RunDraft) -> Vec<Effect> {
    let before = state.judges.report.draft.take();
    let is_same = before.as_ref().is_some_and(|before| {
        let same = (&before.judge, &before.set) == (&draft.judge, &draft.set);
        same && before.split == draft.split && before.number != 0
    });
    if is_same {
        // What each way of asking once more takes is counted already.
        draft.takes = before.and_then(|before| before.takes);
        state.judges.report.draft = Some(draft);
        return Vec::new();
    }
    let mut effects = Vec::new();
    if let Some(before) = before.filter(|before| before.takes.is_none() && before.number != 0) {
        effects.push(Effect::Judges(JudgesEffect::Stop(before.number)));
    }
    draft.number = state.number();
    draft.takes = None;
    let Some(documents) = state.documents() else { return effects };
    let plan = JudgingPlan::new(draft.number, draft.clone(), documents);
    effects.push(Effect::Judges(JudgesEffect::Count(Box::new(plan))));
    state.judges.report.draft = Some(draft);
    effects
}

pub(super) fn run(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if let Err(reason) = can_run(state) {
        return refuse(state, reason, at);
    }
    let Some(draft) = state.judges.report.draft.take() else { return Vec::new() };
    let number = state.number();
    let Some(documents) = state.documents() else { return Vec::new() };
    let plan = JudgingPlan::new(number, draft.clone(), documents);
    state.judges.report.running = Some(Running {
        number,
        judge: draft.judge,
        set: draft.set,
        progress: RunProgress::default(),
        is_stopping: false,
    });
    state.sheet = None;
    state.announce("The judge is asked");
    vec![Effect::Judges(JudgesEffect::Run(Box::new(plan)))]
}

pub(super) fn ended(
    state: &mut AppState,
    number: u64,
    result: Result<Option<crate::app::message::Failure>, crate::app::message::Failure>,
    at: Moment,
) -> Vec<Effect> {
    let report = &mut state.judges.report;
    let Some(running) = report.running.take_if(|running| running.number == number) else {
        return Vec::new();
    };
    // The run can be exported and looked at now.
    state.export.runs = None;
    match result {
        Ok(None) if running.is_stopping => state.announce("Stopped; what is there is kept"),
        Ok(None) => state.announce("The judge is done"),
        Ok(Some(failure)) => {
            let text = format!("The judge stopped: {}", failure.message);
            state.fail(text, failure.hint, at);
        }
        Err(failure) => state.fail(failure.message, failure.hint, at),
    }
    let mut effects = lines(state);
    if state.judges.report.part == Part::Dev {
        effects.extend(read(state));
    }
    effects
}
