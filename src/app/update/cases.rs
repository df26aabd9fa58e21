//! Pinned cases: which are run when, and what comes of them.

use std::sync::Arc;

use super::edit;
use crate::app::command::{CasesCommand, ConstitutionCommand, PrincipleChange};
use crate::app::effects::Effect;
use crate::app::effects::cases::{CasesEffect, CasesEvent, CasesPlan};
use crate::app::state::cases::{self, CaseKey, Running, Scored, Standing};
use crate::app::state::{AppState, Area, Moment, NoticeKind};
use crate::domain::{Case, Method, Principle, PrincipleId, Purpose, Recipe, Row};

/// From the last stroke to the run that follows by itself.
const RERUN_AFTER_MILLIS: u64 = 2_000;

pub(super) fn carry_out(state: &mut AppState, command: CasesCommand, at: Moment) -> Vec<Effect> {
    match command {
        CasesCommand::RunStale => run(state, &Which::Stale, at),
        CasesCommand::Run(None) => run(state, &Which::All, at),
        CasesCommand::Run(Some(place)) => run(state, &Which::One(place), at),
        CasesCommand::Stop => stop(state),
        CasesCommand::RerunOnEdit(on) => {
            state.cases.rerun_on_edit = on;
            state.cases.due = None;
            if on { after_edit(state, at) } else { Vec::new() }
        }
        CasesCommand::Score(on) => {
            state.cases.score = on;
            Vec::new()
        }
        CasesCommand::Pin(id, prompt) => pin(state, &id, prompt, at),
        CasesCommand::Unpin(id, place) => change(state, id, at, |cases| {
            if place < cases.len() {
                cases.remove(place);
            }
        }),
        CasesCommand::Move(id, place, by) => change(state, id, at, |cases| {
            let to = place.saturating_add_signed(by as isize).min(cases.len().saturating_sub(1));
            if place < cases.len() {
                let case = cases.remove(place);
                cases.insert(to, case);
            }
        }),
    }
}

pub(super) fn take_in(state: &mut AppState, event: CasesEvent, at: Moment) -> Vec<Effect> {
    match event {
        CasesEvent::Doing { number, purpose } => {
            if let Some(running) = of_number(state, number) {
                doing(&purpose).clone_into(&mut running.doing);
            }
        }
        CasesEvent::Preparing { number, what } => {
            if let Some(running) = of_number(state, number) {
                running.doing = what;
            }
        }
        CasesEvent::Row { number, row } => take_row(state, number, row),
        CasesEvent::Finished { number } => {
            if of_number(state, number).is_some() {
                state.cases.running = None;
                let words = summary(state).unwrap_or_else(|| "Cases done".to_owned());
                state.announce(words);
            }
            state.export.runs = None;
        }
        CasesEvent::Failed { number, failure } => {
            if of_number(state, number).is_some() {
                state.cases.running = None;
                let text = format!("The cases did not run: {}", failure.message);
                state.fail(text, failure.hint, at);
            }
        }
        CasesEvent::Read { root, outcomes, scored } => {
            if state.project.as_ref().is_some_and(|project| project.root == root) {
                take_past(state, outcomes, scored);
            }
        }
    }
    Vec::new()
}

fn of_number(state: &mut AppState, number: u64) -> Option<&mut Running> {
    state.cases.running.as_mut().filter(|running| running.number == number)
}

fn doing(purpose: &Purpose) -> &'static str {
    match purpose {
        Purpose::Draft { .. } => "Drafting",
        Purpose::Critique { .. } => "Criticising",
        Purpose::Revision { .. } => "Revising",
        Purpose::Criterion { .. } | Purpose::Reason { .. } => "Scoring",
        Purpose::Comparison { .. } => "Comparing",
        Purpose::Suggestion { .. } | Purpose::Votes { .. } | Purpose::Probe => "Asking",
    }
}

/// What the journal has is read once the area that shows it is entered, and again each time: runs
/// may have been added.
pub(super) fn read_past(state: &mut AppState, before: Area) -> Vec<Effect> {
    let is_shown = matches!(state.area, Area::Constitution | Area::Rubric);
    if state.project.is_none() || !is_shown || (state.area == before && state.cases.was_read) {
        return Vec::new();
    }
    state.cases.was_read = true;
    vec![Effect::Cases(CasesEffect::Read)]
}

/// What the journal has from before; what came since the project was opened is newer.
fn take_past(state: &mut AppState, outcomes: Vec<Arc<Row>>, scored: Vec<Scored>) {
    state.cases.scored = scored;
    let mut past = std::collections::BTreeMap::<CaseKey, cases::Outcomes>::new();
    for row in outcomes {
        if let Some(key) = cases::key_of(&row) {
            past.entry(key).or_default().take(row);
        }
    }
    for (key, outcomes) in past {
        state.cases.outcomes.entry(key).or_insert(outcomes);
    }
}

fn take_row(state: &mut AppState, number: u64, row: Arc<Row>) {
    let Some(key) = cases::key_of(&row) else { return };
    if let Some(running) = of_number(state, number) {
        running.left.retain(|left| left != &key);
    }
    // A row that was committed counts, even when its job was stopped meanwhile.
    state.cases.outcomes.entry(key).or_default().take(row);
}

/// `3 changed, 1 same, 1 failed` for the principle shown.
fn summary(state: &AppState) -> Option<String> {
    let constitution = state.constitution()?;
    let principle = constitution.principle(state.selection.principle.as_ref()?)?;
    let mark = cases::mark_of(constitution, principle);
    let words = state.cases.sums(&state.selection.constitution, principle, &mark).to_string();
    (!words.is_empty()).then_some(words)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Stale,
    All,
    One(usize),
}

fn run(state: &mut AppState, which: &Which, at: Moment) -> Vec<Effect> {
    if let Err(reason) = cases::runnable(state) {
        state.notify(NoticeKind::Warning, reason, at);
        return Vec::new();
    }
    let Some((plan, keys, mark)) = plan(state, which) else {
        state.announce("No case is stale");
        return Vec::new();
    };
    state.history.seal();
    state.cases.due = None;
    let number = plan.number;
    let total = keys.len();
    let doing = "Asking the model".to_owned();
    state.cases.running = Some(Running { number, left: keys, mark, total, doing });
    let words =
        if total == 1 { "Running 1 case".to_owned() } else { format!("Running {total} cases") };
    state.announce(words);
    // Whoever reads the journal later must find the documents as they were on disk, too.
    let mut effects = edit::save_unsaved(state);
    effects.push(Effect::Cases(CasesEffect::Run(Box::new(plan))));
    effects
}

/// What to run; `None` where nothing is to be run.
fn plan(state: &mut AppState, which: &Which) -> Option<(CasesPlan, Vec<CaseKey>, String)> {
    let stem = state.selection.constitution.clone();
    let constitution = Arc::clone(state.constitution()?);
    let principle = constitution.principle(state.selection.principle.as_ref()?)?.clone();
    let mark = cases::mark_of(&constitution, &principle);
    let mut prompts = Vec::new();
    let mut keys: Vec<CaseKey> = Vec::new();
    for (place, case) in principle.cases.iter().enumerate() {
        let key = (stem.clone(), principle.id.clone(), case.prompt.clone());
        let standing = state.cases.standing(&key, &mark);
        let is_wanted = match which {
            Which::All => true,
            Which::One(one) => *one == place,
            Which::Stale => {
                matches!(standing, Standing::New | Standing::Stale | Standing::Failed(_))
            }
        };
        // A run has one row a prompt: the same prompt pinned twice is run once.
        if is_wanted && !case.prompt.trim().is_empty() && !keys.contains(&key) {
            prompts.push(cases::prompt_of(&stem, &principle.id, case));
            keys.push(key);
        }
    }
    if prompts.is_empty() {
        return None;
    }
    let project = state.project.as_ref()?;
    let score = state.cases.score;
    let method = if score { Method::ChainScore } else { Method::Critique };
    let of_project = project.recipes.values().find(|recipe| recipe.method == method);
    let mut recipe = of_project.map_or_else(|| Recipe::built_in(method), |one| (**one).clone());
    cases::RECIPE.clone_into(&mut recipe.name);
    // Under one principle a second round would only ask the same again.
    recipe.rounds = 1;
    let setup = Arc::clone(&project.documents.setup);
    let rubric = state.rubric().filter(|_| score).cloned();
    let constitution = Arc::new(cases::alone(&constitution, &principle));
    let seed = setup.seed;
    let number = state.number();
    Some((CasesPlan { number, recipe, prompts, constitution, rubric, seed, setup }, keys, mark))
}

fn stop(state: &mut AppState) -> Vec<Effect> {
    state.cases.due = None;
    let Some(running) = state.cases.running.take() else { return Vec::new() };
    state.announce("Stopped; what is there is kept");
    vec![Effect::Cases(CasesEffect::Stop(running.number))]
}

/// After a document edit: where cases run by themselves, they do so two seconds after the last
/// stroke, and those on their way for older words are stopped.
pub(super) fn after_edit(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if !state.cases.rerun_on_edit || state.area != Area::Constitution {
        return Vec::new();
    }
    let Some((mark, _)) = shown(state) else { return Vec::new() };
    let is_older = state.cases.running.as_ref().is_some_and(|running| running.mark != mark);
    let mut effects = if is_older { stop(state) } else { Vec::new() };
    if state.cases.due.as_ref().is_some_and(|(_, due)| *due == mark) {
        return effects;
    }
    let to_run = shown(state).map_or(0, |(_, to_run)| to_run);
    if to_run == 0 || cases::may_run_unasked(state).is_err() {
        state.cases.due = None;
        return effects;
    }
    let when = at.plus_millis(RERUN_AFTER_MILLIS);
    state.cases.due = Some((when, mark));
    effects.push(Effect::WakeAt(when));
    effects
}

/// The mark of the principle shown, and how many of its cases wait to be run.
fn shown(state: &AppState) -> Option<(String, usize)> {
    let constitution = state.constitution()?;
    let principle = constitution.principle(state.selection.principle.as_ref()?)?;
    let mark = cases::mark_of(constitution, principle);
    let sums = state.cases.sums(&state.selection.constitution, principle, &mark);
    Some((mark, sums.to_run))
}

/// Runs what is due; called with every tick.
pub(super) fn run_if_due(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some((when, mark)) = state.cases.due.clone() else { return Vec::new() };
    if at < when {
        return Vec::new();
    }
    state.cases.due = None;
    let is_shown = shown(state).is_some_and(|(now, to_run)| now == mark && to_run > 0);
    if !is_shown || cases::runnable(state).is_err() || cases::may_run_unasked(state).is_err() {
        return Vec::new();
    }
    run(state, &Which::Stale, at)
}

fn principle(state: &AppState, id: &PrincipleId) -> Option<Principle> {
    state.constitution()?.principle(id).cloned()
}

fn pin(state: &mut AppState, id: &PrincipleId, prompt: String, at: Moment) -> Vec<Effect> {
    let Some(there) = principle(state, id) else { return Vec::new() };
    if !prompt.trim().is_empty() && there.cases.iter().any(|case| case.prompt == prompt) {
        state.announce("It is pinned already");
        return Vec::new();
    }
    let effects = change(state, id.clone(), at, |cases| {
        cases.push(Case { prompt, expect: String::new() });
    });
    state.announce(format!("Pinned to {id}"));
    effects
}

fn change(
    state: &mut AppState,
    id: PrincipleId,
    at: Moment,
    change: impl FnOnce(&mut Vec<Case>),
) -> Vec<Effect> {
    let Some(mut there) = principle(state, &id) else { return Vec::new() };
    change(&mut there.cases);
    state.history.seal();
    let change = PrincipleChange::Cases(there.cases);
    let effects =
        super::constitution::carry_out(state, ConstitutionCommand::Principle { id, change }, at);
    state.history.seal();
    effects
}

#[cfg(test)]
#[path = "cases_tests.rs"]
mod tests;
