//! Whether what made a chain has changed since.

use std::collections::BTreeMap;

use super::{Trial, TrialStatus};
use crate::app::state::AppState;
use crate::domain::{Constitution, Principle, PrincipleId, Prompt, PromptId, Rubric, Variant};

/// Why a chain no longer shows what the documents do, in a few words (`P3 changed`); `None` where
/// it does.
///
/// A principle's text counts where the chain used it; what changes the draw (a weight, a principle
/// more or fewer) counts always. Cases, notes and names never do.
pub fn stale(state: &AppState, prompt: &Prompt, trial: &Trial) -> Option<String> {
    let documents = state.documents()?;
    if let Some(then) = &trial.prompt
        && then.messages != prompt.messages
    {
        return Some("the prompt changed".to_owned());
    }
    if let Some(then) = &trial.constitution
        && let Some(now) = documents.constitutions.get(&state.selection.constitution)
        && !std::sync::Arc::ptr_eq(then, now)
        && let Some(why) = constitution_changed(then, now, trial)
    {
        return Some(why);
    }
    if let (Some(then), Some(now)) = (&trial.rubric, state.rubric())
        && !std::sync::Arc::ptr_eq(then, now)
    {
        return rubric_changed(then, now);
    }
    None
}

/// The prompts of the set shown whose chain is done and stale, in the set's order.
pub fn stale_prompts(state: &AppState) -> Vec<PromptId> {
    let Some(set) = state.prompts() else { return Vec::new() };
    let stem = &state.selection.prompts;
    let done: BTreeMap<&PromptId, &Trial> = state
        .trial
        .trials
        .iter()
        .filter(|((set, _), trial)| set == stem && trial.status == TrialStatus::Done)
        .map(|((_, id), trial)| (id, trial))
        .collect();
    if done.is_empty() {
        return Vec::new();
    }
    let is_stale = |prompt: &&Prompt| {
        done.get(&prompt.id).is_some_and(|trial| stale(state, prompt, trial).is_some())
    };
    set.prompts.iter().filter(is_stale).map(|prompt| prompt.id.clone()).collect()
}

fn constitution_changed(then: &Constitution, now: &Constitution, trial: &Trial) -> Option<String> {
    let used = |id: &PrincipleId| {
        trial.chain().is_none_or(|chain| chain.steps.iter().any(|step| step.principle == *id))
    };
    if then.name != now.name {
        return Some(format!("made under {}", then.name));
    }
    if then.preface != now.preface {
        return Some("the preface changed".to_owned());
    }
    let is_candidate = |principle: &Principle| match &trial.variant {
        Variant::With { text } => *text == principle.text,
        Variant::Plain | Variant::Sample | Variant::Branch | Variant::Without { .. } => false,
    };
    let is_left_out = |id: &PrincipleId| match &trial.variant {
        Variant::Without { principle } => principle == id,
        Variant::Plain | Variant::Sample | Variant::Branch | Variant::With { .. } => false,
    };
    let can_be_drawn = |p: &Principle| p.enabled && p.weight > 0.0 && !p.text.trim().is_empty();
    for principle in now.principles.iter().filter(|p| !is_left_out(&p.id)) {
        match then.principle(&principle.id) {
            Some(before) => {
                let drawn_otherwise = can_be_drawn(before) != can_be_drawn(principle)
                    || can_be_drawn(principle)
                        && before.weight.to_bits() != principle.weight.to_bits();
                let reads_otherwise = before.text != principle.text
                    || before.critique_request != principle.critique_request
                    || before.revision_request != principle.revision_request;
                if drawn_otherwise || reads_otherwise && used(&principle.id) {
                    return Some(format!("{} changed", principle.id));
                }
            }
            None if can_be_drawn(principle) => return Some(format!("{} is new", principle.id)),
            None => {}
        }
    }
    let gone = then.principles.iter().find(|principle| {
        can_be_drawn(principle)
            && now.principle(&principle.id).is_none()
            && !is_candidate(principle)
            && !is_left_out(&principle.id)
    });
    gone.map(|principle| format!("{} is gone", principle.id))
}

fn rubric_changed(then: &Rubric, now: &Rubric) -> Option<String> {
    if then.name != now.name {
        return Some(format!("scored by {}", then.name));
    }
    for criterion in &now.criteria {
        match then.criterion(&criterion.id) {
            Some(before) if before == criterion => {}
            Some(_) => return Some(format!("{} changed", criterion.id)),
            None => return Some(format!("{} is new", criterion.id)),
        }
    }
    if let Some(gone) = then.criteria.iter().find(|c| now.criterion(&c.id).is_none()) {
        return Some(format!("{} is gone", gone.id));
    }
    (then.aggregation != now.aggregation).then(|| "the aggregation changed".to_owned())
}
