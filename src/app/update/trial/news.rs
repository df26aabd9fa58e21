//! What a chain on its way tells.

use std::sync::Arc;

use super::run::{drop_waiting, next};
use crate::app::effects::Effect;
use crate::app::message::TrialNews;
use crate::app::state::trial::{PromptKey, is_repeated};
use crate::app::state::{AppState, CallState, LiveCall, Moment, Sheet, Trial, TrialStatus};
use crate::domain::{Purpose, Row};

/// News of a chain; news of one that is no longer known is left aside.
pub(in crate::app::update) fn news(
    state: &mut AppState,
    number: u64,
    news: TrialNews,
    at: Moment,
) -> Vec<Effect> {
    let running = state.trial.running.as_ref().is_some_and(|(running, _)| *running == number);
    let Some(trial) = state.trial.find_mut(number) else {
        return Vec::new();
    };
    match news {
        TrialNews::Preparing(what) => {
            if running {
                trial.status = TrialStatus::Running(what);
            }
        }
        TrialNews::CallStarted(purpose) => {
            if running {
                live(trial, purpose);
            }
        }
        TrialNews::Text(purpose, piece) => {
            if running {
                let call = live(trial, purpose);
                call.state = CallState::Running;
                call.text.push_str(&piece);
            }
        }
        TrialNews::Retrying { purpose, why } => {
            if running {
                let call = live(trial, purpose);
                call.text.clear();
                call.state = CallState::Retrying(why);
            }
        }
        TrialNews::CallDone { call, outcome, replayed } => {
            let live = live(trial, call.purpose.clone());
            live.state = match outcome {
                Ok(reply) => {
                    live.text.clone_from(&reply.text);
                    CallState::Done { call, reply, replayed }
                }
                Err(failure) => CallState::Failed { call: Some(call), failure },
            };
        }
        TrialNews::Row(row) => take_row(trial, row),
        TrialNews::Failed(failure) => {
            trial.status = TrialStatus::Failed { at: "start".to_owned(), failure: failure.clone() };
            let text = format!("The chain did not run: {}", failure.message);
            if running {
                // What keeps one from starting keeps the others, too.
                state.trial.running = None;
                drop_waiting(state);
            }
            state.fail(text, failure.hint, at);
        }
        TrialNews::Finished(_) => return finished(state, number, running),
    }
    Vec::new()
}

fn finished(state: &mut AppState, number: u64, running: bool) -> Vec<Effect> {
    let Some(trial) = state.trial.find_mut(number) else { return Vec::new() };
    let said = match trial.status {
        TrialStatus::Running(_) => {
            trial.status = TrialStatus::Done;
            "Done"
        }
        TrialStatus::Done => "Done",
        TrialStatus::Failed { .. } => "The chain failed",
        TrialStatus::Stopped => "Stopped",
    };
    let ended = trial.clone();
    let key = running.then(|| state.trial.running.take()).flatten().map(|(_, key)| key);
    if let Some(key) = key {
        drop_repeated(state, &key, &ended);
    }
    // The run can be exported now.
    state.export.runs = None;
    state.announce(said);
    let mut effects = next(state);
    if state.sheet == Some(Sheet::Export) {
        effects.push(Effect::ListRuns);
    }
    effects
}

/// Takes away older chains of which the one that ended says all.
fn drop_repeated(state: &mut AppState, key: &PromptKey, ended: &Trial) {
    let is_done = ended.row.as_ref().is_some_and(|row| row.failure.is_none());
    if !is_done {
        return;
    }
    let waiting: Vec<u64> = state.trial.waiting.iter().map(|(_, plan)| plan.number).collect();
    if let Some(others) = state.trial.others.get_mut(key) {
        others.retain(|older| {
            older.number == ended.number
                || waiting.contains(&older.number)
                || !is_repeated(ended, older)
        });
    }
}

fn take_row(trial: &mut Trial, row: Arc<Row>) {
    if trial.status != TrialStatus::Stopped {
        trial.status = match &row.failure {
            Some(failure) => {
                TrialStatus::Failed { at: failure.at.clone(), failure: failure.failure.clone() }
            }
            None => TrialStatus::Done,
        };
    }
    trial.row = Some(row);
}

/// The call of that purpose; a new one where it was not started yet.
fn live(trial: &mut Trial, purpose: Purpose) -> &mut LiveCall {
    let known = trial.calls.iter().position(|call| call.purpose == purpose);
    let place = known.unwrap_or_else(|| {
        trial.calls.push(LiveCall { purpose, text: String::new(), state: CallState::Running });
        trial.calls.len() - 1
    });
    &mut trial.calls[place]
}
