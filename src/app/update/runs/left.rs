//! What the last sitting left: runs that waited, and those that were in the middle.
//!
//! Nothing of it begins by itself, since a run pays.

use crate::app::effects::Effect;
use crate::app::effects::runs::{ResumeWishes, RunWork, RunsEffect};
use crate::app::state::{AppState, Moment, NoticeKind};
use crate::domain::RunId;
use crate::store::waiting::{Waiting, WaitingRun, WaitingWork};

/// Looks for it, in a project that was just opened to be written.
pub(super) fn look(state: &AppState) -> Vec<Effect> {
    let project = state.project.as_ref().filter(|project| !project.read_only);
    let find = |root: &std::path::PathBuf| Effect::Runs(RunsEffect::FindLeft(root.clone()));
    project
        .map(|project| vec![find(&project.root), Effect::Runs(RunsEffect::List)])
        .unwrap_or_default()
}

/// It was found.
pub(super) fn found(state: &mut AppState, waiting: Waiting) {
    let is_this = state.project.as_ref().is_some_and(|project| project.root == waiting.root);
    if !is_this || state.runs.left.is_known {
        return;
    }
    let left = &mut state.runs.left;
    left.is_known = true;
    left.on.clone_from(&waiting.on);
    left.waiting.clone_from(&waiting.runs);
    left.let_be.clone_from(&waiting.let_be);
    state.runs.kept = Some(waiting);
}

/// Begins one that waited, with the documents as they are now.
pub(super) fn begin(state: &mut AppState, place: usize, at: Moment) -> Vec<Effect> {
    let Some(waiting) = state.runs.left.waiting.get(place).cloned() else { return Vec::new() };
    let WaitingRun { name, work } = waiting;
    let effects = match work {
        WaitingWork::New(choices) => {
            let Some(project) = &state.project else { return Vec::new() };
            let Some(plan) = super::draft::plan_of(project, &choices, false) else {
                let text = format!("{name} names a document that is not there any more");
                state.notify(NoticeKind::Warning, text, at);
                return Vec::new();
            };
            super::enqueue(state, name, RunWork::New(Box::new(plan)), Some(*choices), at).1
        }
        WaitingWork::Resume { run, cap } => {
            let wishes = ResumeWishes { cap, ..ResumeWishes::default() };
            super::resume(state, run, wishes, at)
        }
    };
    state.runs.left.waiting.remove(place);
    effects
}

/// Forgets one that waited.
pub(super) fn forget(state: &mut AppState, place: usize) {
    if place < state.runs.left.waiting.len() {
        let gone = state.runs.left.waiting.remove(place);
        state.announce(format!("{} is forgotten", gone.name));
    }
}

/// An interrupted run is not asked about again; it stays in the list and can be resumed there.
pub(super) fn let_be(state: &mut AppState, run: RunId) {
    state.announce(format!("{run} stays as it is"));
    let left = &mut state.runs.left;
    left.on.take_if(|on| *on == run);
    if !left.let_be.contains(&run) {
        left.let_be.push(run);
    }
}

/// Has what waits kept, where it is not what was kept last.
pub(super) fn keep(state: &mut AppState) -> Vec<Effect> {
    let Some(project) = &state.project else { return Vec::new() };
    let runs = &state.runs;
    if project.read_only || !runs.left.is_known {
        return Vec::new();
    }
    let mut now = Waiting::none(project.root.clone());
    let on = runs.active.as_ref().filter(|active| !active.is_pilot);
    now.on = on.and_then(|active| active.run.clone()).or_else(|| runs.left.on.clone());
    // A run that is over is not in the middle any more.
    now.on.take_if(|on| {
        let known = runs.all().iter().find(|run| &run.record.id == on);
        !runs.is_active(on) && known.is_some_and(|run| runs.resumable(run).is_none())
    });
    now.runs.clone_from(&runs.left.waiting);
    now.runs.extend(runs.waiting.iter().filter_map(|waiting| {
        let work = match &waiting.work {
            RunWork::New(_) => WaitingWork::New(Box::new(waiting.choices.clone()?)),
            RunWork::Resume { run, wishes } => {
                WaitingWork::Resume { run: run.clone(), cap: wishes.cap }
            }
        };
        Some(WaitingRun { name: waiting.name.clone(), work })
    }));
    now.let_be.clone_from(&runs.left.let_be);
    if state.runs.kept.as_ref() == Some(&now) {
        return Vec::new();
    }
    state.runs.kept = Some(now.clone());
    vec![Effect::Runs(RunsEffect::Keep(Box::new(now)))]
}
