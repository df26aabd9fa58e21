//! What all formats ask of a row before they take anything of it.

use crate::domain::{Chain, Half, Message, Prompt, Row, Speaker};

/// HealthBench and other evaluation sets carry a canary so that nobody trains on them.
const CANARY: &str = "SHOULD NEVER APPEAR IN TRAINING CORPORA";

/// The conversation to train on with a row's chain (or single answer), or with its pair; or why
/// it can't be. Where a row has both, one that failed does not keep the other back.
pub(super) fn prompt_of(row: &Row, half: Half) -> Result<&[Message], &'static str> {
    if row.has_failed(half) {
        return Err("the row failed before it was done");
    }
    trainable(&row.prompt)
}

/// A prompt's conversation, or why it can't be trained on.
pub(super) fn trainable(prompt: &Prompt) -> Result<&[Message], &'static str> {
    let ends_well = prompt.messages.last().is_some_and(|message| {
        matches!(message.role, Speaker::User | Speaker::Tool) && !message.content.trim().is_empty()
    });
    if !ends_well {
        return Err("the prompt does not end with a user's message");
    }
    let canary = |text: &str| text.contains(CANARY);
    if prompt.messages.iter().any(|message| canary(&message.content))
        || prompt.extra.contains_key("canary")
    {
        return Err("the prompt is of an evaluation set (it carries a canary)");
    }
    Ok(&prompt.messages)
}

/// The answer of a row with one answer.
pub(super) struct Response<'r> {
    /// `draft`, `revision 2`, `response`.
    pub(super) name: String,
    pub(super) text: &'r str,
    pub(super) cut_off: bool,
}

/// The last answer of a chain and whether it was cut off.
pub(super) fn last(chain: &Chain) -> Response<'_> {
    // A step that found nothing passes the answer before it on.
    match chain.steps.iter().rev().find(|step| !step.found_nothing) {
        Some(step) => Response {
            name: format!("revision {}", step.round),
            text: step.revision.trim(),
            cut_off: step.cut_off,
        },
        None => Response {
            name: "draft".to_owned(),
            text: chain.draft.trim(),
            cut_off: chain.draft_cut_off,
        },
    }
}

/// The one answer that a row trains towards, or why it has none.
pub(super) fn answer(row: &Row) -> Result<Response<'_>, &'static str> {
    let response = if let Some(chain) = &row.chain {
        last(chain)
    } else if let [only] = row.scores.as_slice() {
        Response { name: only.name.clone(), text: only.text.trim(), cut_off: only.cut_off }
    } else if row.pair.is_some() {
        return Err("it is a pair, which has no single answer: export it as preference pairs");
    } else {
        return Err("it has no answer");
    };
    if response.text.is_empty() { Err("the answer is empty") } else { Ok(response) }
}

/// Why a row with an answer that was cut off gives no record.
pub const CUT_OFF: &str = "an answer was cut off at its longest length";

/// The ids of the principles drawn for a row's chain or for its pair, in order.
pub(super) fn principles(row: &Row, half: Half) -> String {
    let mut ids: Vec<&str> = Vec::new();
    let chain = row.chain.iter().flat_map(|chain| &chain.steps).map(|step| step.principle.as_str());
    let pair = row
        .pair
        .iter()
        .flat_map(|pair| &pair.verdict.principles)
        .map(|verdict| verdict.principle.as_str());
    let mut push = |id| {
        if !ids.contains(&id) {
            ids.push(id);
        }
    };
    match half {
        Half::Chain => chain.for_each(&mut push),
        Half::Pair => pair.for_each(&mut push),
    }
    ids.join(", ")
}

/// The constitution's content hash; empty where none was used.
pub(super) fn constitution(row: &Row) -> &str {
    row.provenance.constitution.as_deref().unwrap_or_default()
}
