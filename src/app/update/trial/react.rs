//! Reactions: what a user says of a response, the candidates that follow, and what becomes of
//! them. The constitution changes only when the user adds one.

use super::{key, shown};
use crate::app::command::ReactCommand;
use crate::app::effects::Effect;
use crate::app::effects::trial::{SuggestPlan, TryEffect};
use crate::app::state::trial::{About, ReactState, Suggesting};
use crate::app::state::{AppState, Moment, NoticeKind, PrincipleField, Sheet, Target};
use crate::app::update::{constitution, go};
use crate::domain::{CallFailure, Method, PrincipleId};
use crate::methods::react::{Reaction, Suggested};

pub(super) fn carry_out(state: &mut AppState, command: ReactCommand, at: Moment) -> Vec<Effect> {
    match command {
        ReactCommand::Begin(reaction) => begin(state, reaction, at),
        ReactCommand::Reopen => {
            if state.trial.react.is_some() {
                state.sheet = Some(Sheet::React);
            }
            Vec::new()
        }
        ReactCommand::Said(said) => {
            if let Some(react) = &mut state.trial.react {
                if !react.own_edited && react.reaction != Reaction::Rewrite {
                    react.candidates[0].clone_from(&said);
                }
                react.said = said;
            }
            Vec::new()
        }
        ReactCommand::Rewrite(text) => {
            if let Some(react) = &mut state.trial.react {
                react.rewrite = text;
            }
            Vec::new()
        }
        ReactCommand::Suggest => suggest(state, at),
        ReactCommand::StopSuggesting => stop(state),
        ReactCommand::Choose(place) => {
            if let Some(react) = &mut state.trial.react {
                react.chosen = place.min(react.candidates.len().saturating_sub(1));
            }
            Vec::new()
        }
        ReactCommand::Candidate(place, text) => {
            if let Some(react) = &mut state.trial.react
                && let Some(candidate) = react.candidates.get_mut(place)
            {
                *candidate = text;
                react.chosen = place;
                react.own_edited |= place == 0;
            }
            Vec::new()
        }
        ReactCommand::Try => try_candidate(state, at),
        ReactCommand::Add => add(state, at),
        ReactCommand::EditNearest(id) => edit_nearest(state, id, at),
        ReactCommand::Drop => {
            let effects = stop(state);
            state.trial.react = None;
            if state.sheet == Some(Sheet::React) {
                state.sheet = None;
            }
            effects
        }
    }
}

fn begin(state: &mut AppState, reaction: Reaction, at: Moment) -> Vec<Effect> {
    let (Some(key), Some(trial)) = (key(state), shown(state)) else { return Vec::new() };
    let Some(chain) = trial.chain() else {
        state.notify(NoticeKind::Warning, "There is no whole answer to react to yet", at);
        return Vec::new();
    };
    let about = About { key, trial: trial.number, response: chain.last().to_owned() };
    let is_open = |react: &ReactState| react.about == about && react.reaction == reaction;
    if !state.trial.react.as_ref().is_some_and(is_open) {
        let effects = stop(state);
        let rewrite = match reaction {
            Reaction::Rewrite => about.response.clone(),
            Reaction::Praise | Reaction::Complaint => String::new(),
        };
        state.trial.react = Some(ReactState {
            reaction,
            about,
            rewrite,
            candidates: vec![String::new()],
            ..ReactState::default()
        });
        state.sheet = Some(Sheet::React);
        return effects;
    }
    state.sheet = Some(Sheet::React);
    Vec::new()
}

/// What the model needs to be asked for candidates.
///
/// # Errors
///
/// Why it can't be.
pub(in crate::app) fn can_suggest(state: &AppState) -> Result<(), &'static str> {
    let react = state.trial.react.as_ref().ok_or("React to an answer first")?;
    crate::app::menu_command::editable(state)?;
    state.constitution().ok_or("The project has no constitution")?;
    let says_nothing = match react.reaction {
        Reaction::Praise | Reaction::Complaint => react.said.trim().is_empty(),
        Reaction::Rewrite => react.rewrite.trim() == react.about.response.trim(),
    };
    if says_nothing {
        return Err(match react.reaction {
            Reaction::Praise => "Say what is right first",
            Reaction::Complaint => "Say what is wrong first",
            Reaction::Rewrite => "Rewrite the answer first",
        });
    }
    Ok(())
}

fn suggest(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if let Err(reason) = can_suggest(state) {
        state.notify(NoticeKind::Warning, reason, at);
        return Vec::new();
    }
    let effects = stop(state);
    let mut recipe = super::run::recipe_of(state, Method::Critique);
    "react".clone_into(&mut recipe.name);
    recipe.constitution.clone_from(&state.selection.constitution);
    let (Some(react), Some(constitution), Some(documents)) =
        (&state.trial.react, state.constitution(), state.documents())
    else {
        return effects;
    };
    let (set, id) = &react.about.key;
    let prompt =
        documents.prompt_sets.get(set).and_then(|s| s.prompts.iter().find(|p| p.id == *id));
    let Some(prompt) = prompt.cloned() else { return effects };
    let plan = SuggestPlan {
        number: state.next_number + 1,
        recipe,
        prompt,
        constitution: std::sync::Arc::clone(constitution),
        response: react.about.response.clone(),
        reaction: react.reaction,
        said: react.said.clone(),
        rewrite: react.rewrite.clone(),
        seed: documents.setup.seed,
        setup: std::sync::Arc::clone(&documents.setup),
    };
    let number = state.number();
    if let Some(react) = &mut state.trial.react {
        react.suggesting = Suggesting::Running(number);
    }
    state.announce("Writing candidate principles");
    let mut effects = effects;
    effects.push(Effect::Try(TryEffect::Suggest(Box::new(plan))));
    effects
}

fn stop(state: &mut AppState) -> Vec<Effect> {
    let Some(react) = &mut state.trial.react else { return Vec::new() };
    let Suggesting::Running(number) = react.suggesting else { return Vec::new() };
    react.suggesting = Suggesting::NotYet;
    vec![Effect::Try(TryEffect::StopSuggesting(number))]
}

/// The model wrote candidates, or could not.
pub(super) fn suggested(state: &mut AppState, number: u64, result: Result<Suggested, CallFailure>) {
    let Some(react) = &mut state.trial.react else { return };
    if react.suggesting != Suggesting::Running(number) {
        return;
    }
    let said = match result {
        Ok(suggested) => {
            react.candidates.truncate(1);
            react.candidates.extend(suggested.candidates.iter().cloned());
            let count = suggested.candidates.len();
            react.chosen = usize::from(count > 0);
            react.suggesting = Suggesting::Done(suggested);
            match count {
                0 => "The model wrote no principle that can be used".to_owned(),
                1 => "1 candidate principle".to_owned(),
                n => format!("{n} candidate principles"),
            }
        }
        Err(failure) => {
            let said = format!("No candidates: {}", failure.message);
            react.suggesting = Suggesting::Failed(failure);
            said
        }
    };
    state.announce(said);
}

fn candidate(state: &mut AppState, at: Moment) -> Option<String> {
    let text = state.trial.react.as_ref().map(|react| react.candidate().to_owned());
    let text = text.filter(|text| !text.is_empty());
    if text.is_none() {
        state.notify(NoticeKind::Warning, "The candidate is empty", at);
    }
    text
}

fn try_candidate(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(text) = candidate(state, at) else { return Vec::new() };
    if let Some(react) = &state.trial.react {
        let (set, id) = react.about.key.clone();
        state.selection.prompts = set;
        state.selection.prompt = Some(id);
    }
    let (number, effects) = super::run::with_candidate(state, &text, at);
    if number.is_some() {
        if let Some(react) = &mut state.trial.react {
            react.tried = number;
        }
        state.sheet = None;
    }
    effects
}

fn add(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(text) = candidate(state, at) else { return Vec::new() };
    let mut effects = stop(state);
    let before = state.history.depth();
    effects.extend(constitution::add_text(state, text, at));
    if state.history.depth() == before {
        return effects;
    }
    state.trial.react = None;
    state.sheet = None;
    let id = state.selection.principle.clone().unwrap_or_default();
    let name = state.constitution().map_or_else(String::new, |c| c.name.clone());
    let text = format!("Added {id} to “{name}”. Run the prompt again to see it at work");
    state.notify(NoticeKind::Done, text, at);
    effects
}

fn edit_nearest(state: &mut AppState, id: PrincipleId, at: Moment) -> Vec<Effect> {
    let text = state.trial.react.as_ref().map(|react| react.candidate().to_owned());
    let mut effects = stop(state);
    state.trial.react = None;
    state.sheet = None;
    let stem = state.selection.constitution.clone();
    let target = Target::Principle { stem, id, field: Some(PrincipleField::Text) };
    effects.extend(go::carry_out(state, crate::app::command::GoCommand::To(target)));
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        state.notify(NoticeKind::Done, "The candidate is on the clipboard, to paste from", at);
        effects.push(Effect::Copy(text));
    }
    effects
}
