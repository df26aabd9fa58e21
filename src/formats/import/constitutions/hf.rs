//! The shape of Hugging Face's Constitutional AI recipe
//! (huggingface/llm-swarm, `examples/constitutional-ai/constitution_anthropic.json`).

use serde_json::Value;

use super::{Confidence, Constitution, FROM_REQUESTS, Format, Imported, Problem, Source};
use super::{of_principles, of_requests};
use crate::domain::{Example, Message, Principle, PrincipleId};
use crate::formats::{import::refuse, lenient};

/// `{"constitutions": [{"critic", "revision"}], "system_chat": [[…]]}`.
pub(super) struct HuggingFace;

impl Format<Constitution> for HuggingFace {
    fn id(&self) -> &'static str {
        "hf-recipe"
    }
    fn title(&self) -> &'static str {
        "Hugging Face's Constitutional AI recipe (JSON)"
    }
    fn doc(&self) -> &'static str {
        "Critique and revision requests with few-shot conversations.\n\nEach pair becomes a \
         principle; each conversation of prompt, answer, critique and revision becomes an example."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.json() {
            Some(value) if value.get("constitutions").is_some_and(Value::is_array) => {
                Confidence::Sure
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let value: Value = serde_json::from_str(source.text()?)
            .map_err(|error| lenient::json_problem(&error, 0))?;
        let Some(Value::Array(pairs)) = value.get("constitutions") else {
            return Err(refuse::unknown_json(&value, "recipe", "it needs a list “constitutions”"));
        };
        let mut dropped = Vec::new();
        let mut principles: Vec<Principle> = Vec::new();
        for (index, pair) in pairs.iter().enumerate() {
            let field = |name: &str| pair.get(name).and_then(Value::as_str).unwrap_or_default();
            let (critic, revision) = (field("critic"), field("revision"));
            if critic.trim().is_empty() && revision.trim().is_empty() {
                let place = format!("constitutions[{index}]");
                dropped.push((place, "it has neither “critic” nor “revision”".to_owned()));
            } else {
                principles.push(of_requests("", critic, revision));
            }
        }
        let mut value_of = of_principles(source, principles)?;
        let chats = value.get("system_chat").and_then(Value::as_array).cloned().unwrap_or_default();
        for (index, chat) in chats.iter().enumerate() {
            match lenient::messages(chat).and_then(|chat| example(&chat, &value_of.principles)) {
                Ok(example) => value_of.examples.push(example),
                Err(why) => dropped.push((format!("system_chat[{index}]"), why)),
            }
        }
        let mut imported = Imported::of(self.id(), value_of).note(FROM_REQUESTS);
        if !imported.value.examples.is_empty() {
            let count = imported.value.examples.len();
            imported = imported.note(format!("{count} few-shot conversations became examples."));
        }
        imported.dropped = dropped;
        Ok(imported)
    }
}

/// Prompt, draft, critique request, critique, revision request, revision.
fn example(chat: &[Message], principles: &[Principle]) -> Result<Example, String> {
    let [prompt, draft, request, critique, _, revision] = chat else {
        return Err(format!("it has {} messages, not 6", chat.len()));
    };
    let principle = principles
        .iter()
        .enumerate()
        .find(|(_, principle)| principle.critique_request.trim() == request.content.trim())
        .map_or_else(PrincipleId::default, |(_, principle)| principle.id.clone());
    Ok(Example {
        prompt: prompt.content.clone(),
        principle,
        draft: draft.content.clone(),
        critique: critique.content.clone(),
        revision: revision.content.clone(),
    })
}
