//! Chains from the journal, shown without any call.

use std::path::Path;

use crate::app::effects::Effect;
use crate::app::effects::trial::TryEffect;
use crate::app::message::Failure;
use crate::app::state::trial::{LiveCall, RecalledChains};
use crate::app::state::{AppState, Moment, Trial};

/// The journal's chains are there: what was run meanwhile stays in front of them.
pub(super) fn recalled(
    state: &mut AppState,
    root: &Path,
    result: Result<Vec<RecalledChains>, Failure>,
    at: Moment,
) {
    if state.project.as_ref().is_none_or(|project| project.root != root) {
        return;
    }
    let all = match result {
        Ok(all) => all,
        Err(failure) => {
            state.fail(failure.message, failure.hint, at);
            return;
        }
    };
    for RecalledChains { key, shown, others } in all {
        let shown = Trial { number: state.number(), ..shown };
        if state.trial.trials.contains_key(&key) {
            state.trial.put_beside(key.clone(), shown);
        } else {
            state.trial.trials.insert(key.clone(), shown);
        }
        for other in others {
            let other = Trial { number: state.number(), ..other };
            state.trial.put_beside(key.clone(), other);
        }
        // What an experiment is compared with is not recorded: it is the one shown.
        let shown = state.trial.trials.get(&key).map(|trial| trial.number);
        for other in state.trial.others.get_mut(&key).into_iter().flatten() {
            if other.recorded.is_some() && other.variant.is_experiment() {
                other.of = shown;
            }
        }
    }
}

/// Asks for the calls behind a recorded chain, once.
pub(super) fn fetch_calls(state: &mut AppState, number: u64) -> Vec<Effect> {
    let Some(trial) = state.trial.find_mut(number) else { return Vec::new() };
    let (Some(recorded), Some(row)) = (&mut trial.recorded, &trial.row) else {
        return Vec::new();
    };
    if std::mem::replace(&mut recorded.calls_read, true) {
        return Vec::new();
    }
    vec![Effect::Try(TryEffect::ReadCalls {
        number,
        run: recorded.run.clone(),
        prompt: row.prompt.id.clone(),
    })]
}

pub(super) fn calls(
    state: &mut AppState,
    number: u64,
    result: Result<Vec<LiveCall>, Failure>,
    at: Moment,
) {
    match result {
        Ok(calls) => {
            if let Some(trial) = state.trial.find_mut(number) {
                trial.calls = calls;
            }
        }
        Err(failure) => state.fail(failure.message, failure.hint, at),
    }
}
