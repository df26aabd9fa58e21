//! Try: prompts, and one chain at a time.

use std::sync::Arc;

use super::edit::{self, What};
use crate::app::command::TryCommand;
use crate::app::effects::{Effect, TrialPlan};
use crate::app::message::TrialNews;
use crate::app::state::{
    AppState, CallState, Document, DocumentId, LiveCall, Moment, NoticeKind, Sheet, Target, Trial,
    TrialStatus,
};
use crate::domain::{
    CallFailure, FailureKind, Message, Method, Prompt, PromptId, PromptSet, Purpose, Recipe, Row,
    Speaker,
};

/// The most rounds that Try offers.
const MOST_ROUNDS: u32 = 6;

pub(super) fn carry_out(state: &mut AppState, command: TryCommand, at: Moment) -> Vec<Effect> {
    match command {
        TryCommand::Run => {
            let seed = seed(state);
            run(state, seed, at)
        }
        TryCommand::RunOtherSeed => {
            let seed = seed(state).wrapping_add(1);
            state.trial.seed = Some(seed);
            run(state, seed, at)
        }
        TryCommand::Stop => stop(state),
        TryCommand::Score(score) => {
            state.trial.score = score;
            Vec::new()
        }
        TryCommand::Rounds(rounds) => {
            state.trial.rounds = rounds.clamp(1, MOST_ROUNDS);
            Vec::new()
        }
        TryCommand::Seed(seed) => {
            state.trial.seed = Some(seed);
            Vec::new()
        }
        TryCommand::AddPrompt(text) => add_prompt(state, text, at),
        TryCommand::EditPrompt(id, text) => {
            change_set(state, format!("Edit prompt {id}"), Some(&id), true, at, |set| {
                if let Some(prompt) = set.prompts.iter_mut().find(|prompt| prompt.id == id) {
                    set_text(prompt, text);
                }
            })
        }
        TryCommand::DeletePrompt(id) => delete_prompt(state, &id, at),
    }
}

fn seed(state: &AppState) -> u64 {
    let project = state.documents().map_or(0, |documents| documents.setup.seed);
    state.trial.seed.unwrap_or(project)
}

fn run(state: &mut AppState, seed: u64, at: Moment) -> Vec<Effect> {
    if let Err(reason) = crate::app::menu_command::runnable(state) {
        state.notify(NoticeKind::Warning, reason, at);
        return Vec::new();
    }
    let (Some(prompt), Some(constitution), Some(documents)) =
        (state.prompt().cloned(), state.constitution().cloned(), state.documents())
    else {
        return Vec::new();
    };
    let setup = Arc::clone(&documents.setup);
    let score = state.trial.score;
    let rubric = state.rubric().filter(|_| score).cloned();
    let method = if score { Method::ChainScore } else { Method::Critique };
    let mut recipe = state
        .project
        .as_ref()
        .and_then(|project| project.recipes.values().find(|recipe| recipe.method == method))
        .map_or_else(|| Recipe::built_in(method), |recipe| (**recipe).clone());
    recipe.rounds = state.trial.rounds();
    recipe.constitution.clone_from(&state.selection.constitution);
    recipe.rubric.clone_from(&state.selection.rubric);
    recipe.prompts.clone_from(&state.selection.prompts);
    state.history.seal();
    let number = state.number();
    let key = (state.selection.prompts.clone(), prompt.id.clone());
    state.trial.trials.insert(
        key.clone(),
        Trial {
            number,
            seed,
            constitution: Some(Arc::clone(&constitution)),
            rubric: rubric.clone(),
            calls: Vec::new(),
            row: None,
            status: TrialStatus::Running("Asking the model".to_owned()),
        },
    );
    state.trial.running = Some((number, key));
    state.announce("Running");
    // Whoever reads the journal later must find the documents as they were on disk, too.
    let mut effects = edit::save_unsaved(state);
    effects.push(Effect::RunTrial(Box::new(TrialPlan {
        number,
        recipe,
        prompt,
        constitution,
        rubric,
        seed,
        setup,
    })));
    effects
}

fn stop(state: &mut AppState) -> Vec<Effect> {
    let Some((number, key)) = state.trial.running.take() else { return Vec::new() };
    if let Some(trial) = state.trial.trials.get_mut(&key) {
        trial.status = TrialStatus::Stopped;
        let stopped = CallFailure::new(FailureKind::Cancelled, "stopped", "");
        for call in &mut trial.calls {
            if matches!(call.state, CallState::Running | CallState::Retrying(_)) {
                call.state = CallState::Failed { call: None, failure: stopped.clone() };
            }
        }
    }
    state.announce("Stopped; what is there is kept");
    vec![Effect::StopTrial(number)]
}

/// News of a chain; news of one that is not the newest for its prompt is left aside.
pub(super) fn news(state: &mut AppState, number: u64, news: TrialNews, at: Moment) -> Vec<Effect> {
    let running = state.trial.running.as_ref().is_some_and(|(running, _)| *running == number);
    let Some(trial) = state.trial.trials.values_mut().find(|trial| trial.number == number) else {
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
        TrialNews::Row(row) => {
            take_row(trial, row);
        }
        TrialNews::Failed(failure) => {
            trial.status = TrialStatus::Failed { at: "start".to_owned(), failure: failure.clone() };
            let text = format!("The chain did not run: {}", failure.message);
            if running {
                state.trial.running = None;
            }
            state.fail(text, failure.hint, at);
        }
        TrialNews::Finished(_) => {
            let said = match trial.status {
                TrialStatus::Running(_) => {
                    trial.status = TrialStatus::Done;
                    "Done"
                }
                TrialStatus::Done => "Done",
                TrialStatus::Failed { .. } => "The chain failed",
                TrialStatus::Stopped => "Stopped",
            };
            if running {
                state.trial.running = None;
            }
            // The run can be exported now.
            state.export.runs = None;
            state.announce(said);
            if state.sheet == Some(Sheet::Export) {
                return vec![Effect::ListRuns];
            }
        }
    }
    Vec::new()
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

fn set_text(prompt: &mut Prompt, text: String) {
    match prompt.messages.iter_mut().rev().find(|message| message.role == Speaker::User) {
        Some(message) => message.content = text,
        None => prompt.messages.push(Message::user(text)),
    }
}

fn change_set(
    state: &mut AppState,
    label: String,
    prompt: Option<&PromptId>,
    joins: bool,
    at: Moment,
    change: impl FnOnce(&mut PromptSet),
) -> Vec<Effect> {
    let stem = state.selection.prompts.clone();
    let Some(set) = state.prompts() else { return Vec::new() };
    let mut set = (**set).clone();
    change(&mut set);
    let id = prompt.cloned().unwrap_or_default();
    let what = What { label, target: Target::Prompt { set: stem.clone(), id }, joins };
    edit::put(state, DocumentId::Prompts(stem), Document::Prompts(Some(Arc::new(set))), what, at)
}

fn add_prompt(state: &mut AppState, text: String, at: Moment) -> Vec<Effect> {
    if state.prompts().is_none() {
        return first_prompt(state, text, at);
    }
    let Some(set) = state.prompts() else { return Vec::new() };
    let mut n = set.prompts.len() + 1;
    let id = loop {
        let id = PromptId(format!("p{n}"));
        if set.prompts.iter().all(|prompt| prompt.id != id) {
            break id;
        }
        n += 1;
    };
    let place = state
        .selection
        .prompt
        .as_ref()
        .and_then(|id| set.prompts.iter().position(|prompt| &prompt.id == id))
        .map_or(set.prompts.len(), |place| place + 1);
    let new = Prompt::of_text(id.0.clone(), text);
    let effects = change_set(state, format!("Add prompt {id}"), Some(&id), false, at, |set| {
        set.prompts.insert(place, new);
    });
    state.selection.prompt = Some(id.clone());
    let set = state.selection.prompts.clone();
    state.request_focus(Target::Prompt { set, id });
    effects
}

fn first_prompt(state: &mut AppState, text: String, at: Moment) -> Vec<Effect> {
    let stem = "prompts".to_owned();
    let id = PromptId("p1".to_owned());
    let set = PromptSet { name: stem.clone(), prompts: vec![Prompt::of_text("p1", text)] };
    let target = Target::Prompt { set: stem.clone(), id };
    let what = What { label: "Add prompt p1".to_owned(), target: target.clone(), joins: false };
    let value = Document::Prompts(Some(Arc::new(set)));
    let effects = edit::put(state, DocumentId::Prompts(stem), value, what, at);
    super::go::select(state, &target);
    super::go::mend_selection(state);
    state.request_focus(target);
    effects
}

fn delete_prompt(state: &mut AppState, id: &PromptId, at: Moment) -> Vec<Effect> {
    let Some(set) = state.prompts() else { return Vec::new() };
    let Some(place) = set.prompts.iter().position(|prompt| &prompt.id == id) else {
        return Vec::new();
    };
    let next = set.prompts.get(place + 1).or(place.checked_sub(1).and_then(|n| set.prompts.get(n)));
    let next = next.map(|prompt| prompt.id.clone());
    let effects = change_set(state, format!("Delete prompt {id}"), Some(id), false, at, |set| {
        set.prompts.remove(place);
    });
    state.selection.prompt = next;
    super::go::mend_selection(state);
    state.notify(NoticeKind::Done, format!("Deleted prompt {id}: Undo brings it back"), at);
    effects
}
