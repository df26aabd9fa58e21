//! Prompts of the set shown: added, pasted, edited, deleted, pinned.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::command::{ConstitutionCommand, PrincipleChange};
use crate::app::effects::Effect;
use crate::app::state::{AppState, Document, DocumentId, Moment, NoticeKind, Target};
use crate::app::update::edit::{self, What};
use crate::domain::{Case, Message, PrincipleId, Prompt, PromptId, PromptSet, Speaker};

pub(super) fn edit(state: &mut AppState, id: &PromptId, text: String, at: Moment) -> Vec<Effect> {
    change_set(state, format!("Edit prompt {id}"), Some(id), true, at, |set| {
        if let Some(prompt) = set.prompts.iter_mut().find(|prompt| prompt.id == *id) {
            set_text(prompt, text);
        }
    })
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

/// Adds prompts after the one selected (one entry of the history) and selects the first.
pub(super) fn add(state: &mut AppState, texts: Vec<String>, at: Moment) -> Vec<Effect> {
    if texts.is_empty() {
        return Vec::new();
    }
    let Some(set) = state.prompts() else { return first_prompts(state, texts, at) };
    let taken: BTreeSet<&str> = set.prompts.iter().map(|prompt| prompt.id.as_str()).collect();
    let mut n = set.prompts.len();
    let mut new = Vec::with_capacity(texts.len());
    for text in texts {
        let id = loop {
            n += 1;
            let id = format!("p{n}");
            if !taken.contains(id.as_str()) {
                break id;
            }
        };
        new.push(Prompt::of_text(id, text));
    }
    let place = state
        .selection
        .prompt
        .as_ref()
        .and_then(|id| set.prompts.iter().position(|prompt| &prompt.id == id))
        .map_or(set.prompts.len(), |place| place + 1);
    let id = new[0].id.clone();
    let (label, count) = (label_of(&new), new.len());
    let effects = change_set(state, label, Some(&id), false, at, |set| {
        set.prompts.splice(place..place, new);
    });
    state.selection.prompt = Some(id.clone());
    let set = state.selection.prompts.clone();
    if count == 1 {
        state.request_focus(Target::Prompt { set, id });
    } else {
        state.announce(format!("Added {count} prompts"));
        state.notify(NoticeKind::Done, format!("Added {count} prompts"), at);
    }
    effects
}

fn label_of(new: &[Prompt]) -> String {
    match new {
        [only] => format!("Add prompt {}", only.id),
        many => format!("Add {} prompts", many.len()),
    }
}

fn first_prompts(state: &mut AppState, texts: Vec<String>, at: Moment) -> Vec<Effect> {
    let stem = "prompts".to_owned();
    let prompts: Vec<Prompt> = texts
        .into_iter()
        .enumerate()
        .map(|(n, text)| Prompt::of_text(format!("p{}", n + 1), text))
        .collect();
    let label = label_of(&prompts);
    let id = PromptId("p1".to_owned());
    let set = PromptSet { name: stem.clone(), prompts };
    let target = Target::Prompt { set: stem.clone(), id };
    let what = What { label, target: target.clone(), joins: false };
    let value = Document::Prompts(Some(Arc::new(set)));
    let effects = edit::put(state, DocumentId::Prompts(stem), value, what, at);
    crate::app::update::go::select(state, &target);
    crate::app::update::go::mend_selection(state);
    state.request_focus(target);
    effects
}

/// Pins the prompt shown to a principle's cases.
pub(super) fn pin(state: &mut AppState, id: PrincipleId, at: Moment) -> Vec<Effect> {
    let text = state.prompt().map(|prompt| prompt.text().to_owned());
    let principle = state.constitution().and_then(|constitution| constitution.principle(&id));
    let (Some(text), Some(principle)) = (text, principle) else { return Vec::new() };
    if principle.cases.iter().any(|case| case.prompt.trim() == text.trim()) {
        let words = format!("This prompt is a case of {id} already");
        state.notify(NoticeKind::Done, words, at);
        return Vec::new();
    }
    let mut cases = principle.cases.clone();
    cases.push(Case { prompt: text, expect: String::new() });
    let words = format!("Pinned to {id} as case {}", cases.len());
    let command = ConstitutionCommand::Principle { id, change: PrincipleChange::Cases(cases) };
    let effects = crate::app::update::constitution::carry_out(state, command, at);
    state.notify(NoticeKind::Done, words, at);
    effects
}

pub(super) fn delete(state: &mut AppState, id: &PromptId, at: Moment) -> Vec<Effect> {
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
    crate::app::update::go::mend_selection(state);
    state.notify(NoticeKind::Done, format!("Deleted prompt {id}: Undo brings it back"), at);
    effects
}
