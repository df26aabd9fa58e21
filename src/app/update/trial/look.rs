//! How chains are looked at: which one, in which view, which edit is explained.

use strum::IntoEnumIterator as _;

use super::{key, shown};
use crate::app::effects::Effect;
use crate::app::state::AppState;
use crate::app::state::trial::{PromptKey, TryMode};
use crate::methods::attribution::attribute;

pub(super) fn mode(state: &mut AppState, mode: TryMode) -> Vec<Effect> {
    state.trial.look.mode = mode;
    if mode != TryMode::Raw {
        return Vec::new();
    }
    match shown(state).map(|trial| trial.number) {
        Some(number) => super::recall::fetch_calls(state, number),
        None => Vec::new(),
    }
}

pub(super) fn next_mode(state: &mut AppState) -> Vec<Effect> {
    let all: Vec<TryMode> = TryMode::iter().collect();
    let place = all.iter().position(|mode| *mode == state.trial.look.mode).unwrap_or_default();
    let next = all[(place + 1) % all.len()];
    mode(state, next)
}

pub(super) fn grey_shared(state: &mut AppState, grey: bool) -> Vec<Effect> {
    state.trial.look.grey_shared = grey;
    if grey {
        // There it can be seen.
        state.trial.look.mode = TryMode::Answers;
    }
    Vec::new()
}

pub(super) fn step_chain(state: &mut AppState, by: i32) -> Vec<Effect> {
    let Some(key) = key(state) else { return Vec::new() };
    let all = state.trial.chains(&key);
    let shown = state.trial.trials.get(&key).map(|trial| trial.number);
    let Some(place) = all.iter().position(|trial| Some(trial.number) == shown) else {
        return Vec::new();
    };
    let next = place.saturating_add_signed(by as isize).min(all.len() - 1);
    let (number, label) = (all[next].number, all[next].label());
    state.trial.show(number);
    state.announce(label);
    Vec::new()
}

/// Takes a chain off the screen; another of the prompt's is shown instead.
pub(super) fn forget(state: &mut AppState, number: u64) -> Vec<Effect> {
    let Some(key) = key(state) else { return Vec::new() };
    let is_running = state.trial.running.as_ref().is_some_and(|(running, _)| *running == number);
    if is_running || state.trial.waiting.iter().any(|(_, plan)| plan.number == number) {
        return Vec::new();
    }
    take_away(state, &key, number);
    Vec::new()
}

/// Takes a chain out of the state.
pub(super) fn take_away(state: &mut AppState, key: &PromptKey, number: u64) {
    let trials = &mut state.trial;
    if let Some(others) = trials.others.get_mut(key) {
        others.retain(|trial| trial.number != number);
    }
    if trials.trials.get(key).is_some_and(|trial| trial.number == number) {
        trials.trials.remove(key);
        let newest = trials.chains(key).last().map(|trial| trial.number);
        if let Some(others) = trials.others.get_mut(key)
            && let Some(place) = others.iter().position(|trial| Some(trial.number) == newest)
        {
            let trial = others.remove(place);
            trials.trials.insert(key.clone(), trial);
        }
    }
}

pub(super) fn edit(state: &mut AppState, edit: Option<usize>) -> Vec<Effect> {
    let number = shown(state).map(|trial| trial.number);
    state.trial.look.edit = number.zip(edit);
    Vec::new()
}

pub(super) fn step_edit(state: &mut AppState, by: i32) -> Vec<Effect> {
    let Some(trial) = shown(state) else { return Vec::new() };
    let count = attribute(&trial.texts()).edits.len();
    let number = trial.number;
    if count == 0 {
        state.announce("The last answer is the draft, word for word");
        return Vec::new();
    }
    let now = state.trial.look.edit.filter(|(of, _)| *of == number).map(|(_, edit)| edit);
    let next = match now {
        Some(edit) => (edit as i64 + i64::from(by)).rem_euclid(count as i64) as usize,
        None if by < 0 => count - 1,
        None => 0,
    };
    if state.trial.look.mode != TryMode::Final {
        state.trial.look.mode = TryMode::Final;
    }
    state.trial.look.edit = Some((number, next));
    state.announce(format!("Edit {} of {count}", next + 1));
    Vec::new()
}
