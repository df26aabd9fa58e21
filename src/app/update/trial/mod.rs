//! Try: prompts, their chains, and reactions to them.

mod copy;
mod look;
mod news;
mod prompts;
pub(in crate::app) mod react;
mod recall;
mod run;

#[cfg(test)]
mod tests;

use crate::app::command::TryCommand;
use crate::app::effects::Effect;
use crate::app::effects::trial::TryEvent;
use crate::app::state::trial::PromptKey;
use crate::app::state::{AppState, Moment, Trial};
pub(super) use news::news;

pub(super) fn carry_out(state: &mut AppState, command: TryCommand, at: Moment) -> Vec<Effect> {
    match command {
        TryCommand::Run => run::run(state, at),
        TryCommand::RunOtherSeed => run::other_seed(state, at),
        TryCommand::RefreshStale => run::refresh_stale(state, at),
        TryCommand::Samples => run::samples(state, at),
        TryCommand::Ablate(principle) => run::ablate(state, &principle, at),
        TryCommand::Branch { part, text } => run::branch(state, part, &text, at),
        TryCommand::Stop => run::stop(state),
        TryCommand::Score(score) => {
            state.trial.score = score;
            Vec::new()
        }
        TryCommand::Rounds(rounds) => {
            state.trial.rounds = rounds.clamp(1, run::MOST_ROUNDS);
            Vec::new()
        }
        TryCommand::Seed(seed) => {
            state.trial.seed = Some(seed);
            Vec::new()
        }
        TryCommand::LockSeed(locked) => {
            state.trial.seed_free = !locked;
            let words =
                if locked { "Every run keeps the seed" } else { "Every run takes the next seed" };
            state.announce(words);
            Vec::new()
        }
        TryCommand::Show(number) => {
            state.trial.show(number);
            Vec::new()
        }
        TryCommand::StepChain(by) => look::step_chain(state, by),
        TryCommand::Forget(number) => look::forget(state, number),
        TryCommand::FetchCalls(number) => recall::fetch_calls(state, number),
        TryCommand::Mode(mode) => look::mode(state, mode),
        TryCommand::NextMode => look::next_mode(state),
        TryCommand::ChangesOnly(only) => {
            state.trial.look.changes_only = only;
            Vec::new()
        }
        TryCommand::GreyShared(grey) => look::grey_shared(state, grey),
        TryCommand::Edit(edit) => look::edit(state, edit),
        TryCommand::StepEdit(by) => look::step_edit(state, by),
        TryCommand::Copy(form) => copy::copy(state, form, at),
        TryCommand::Pin(principle) => prompts::pin(state, principle, at),
        TryCommand::AddPrompt(text) => prompts::add(state, vec![text], at),
        TryCommand::AddPrompts(texts) => {
            state.sheet = None;
            prompts::add(state, texts, at)
        }
        TryCommand::EditPrompt(id, text) => prompts::edit(state, &id, text, at),
        TryCommand::DeletePrompt(id) => prompts::delete(state, &id, at),
        TryCommand::React(command) => react::carry_out(state, command, at),
    }
}

pub(super) fn take_in(state: &mut AppState, event: TryEvent, at: Moment) -> Vec<Effect> {
    match event {
        TryEvent::Recalled { root, result } => recall::recalled(state, &root, result, at),
        TryEvent::Calls { number, result } => recall::calls(state, number, result, at),
        TryEvent::Suggested { number, result } => react::suggested(state, number, result),
    }
    Vec::new()
}

/// Names the prompt shown.
fn key(state: &AppState) -> Option<PromptKey> {
    Some((state.selection.prompts.clone(), state.selection.prompt.clone()?))
}

/// The chain shown.
fn shown(state: &AppState) -> Option<&Trial> {
    state.trial.trials.get(&key(state)?)
}
