//! Anthropic's HH-RLHF: `chosen` and `rejected`, each a whole dialogue.

use serde_json::Value;

use super::gather::{Gather, Said};
use super::{
    Confidence, Format, Imported, ImportedLabels, NOBODY_NAMED, Problem, Source, first_record,
};
use crate::domain::{LabelAnswer, LabelItem, LabelTask, Message, Prompt, Speaker};
use crate::formats::import::prompts::turns;
use crate::formats::lenient;

/// Dialogues in one text.
pub(super) struct Hh;

impl Format<ImportedLabels> for Hh {
    fn id(&self) -> &'static str {
        "hh"
    }
    fn title(&self) -> &'static str {
        "Chosen and rejected dialogues (HH-RLHF)"
    }
    fn doc(&self) -> &'static str {
        "Two dialogues in one text each, turns introduced by “Human:” and “Assistant:”.\n\nWhat \
         both have in common is the prompt, what follows are the answers. Which of them comes \
         first is drawn by the pair, since here it would always be the chosen one. The labeller is \
         called “imported”."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["jsonl", "json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let is_dialogue =
            |text: &str| text.trim_start().starts_with("Human:") && text.contains("\n\nAssistant:");
        let has = first_record(source).is_some_and(|fields| {
            ["chosen", "rejected"]
                .iter()
                .all(|name| lenient::text_of(&fields, name).is_some_and(is_dialogue))
        });
        if has { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        let mut gather = Gather::new();
        let mut longer = 0_usize;
        for (number, value) in lenient::records(source.text()?)? {
            let place = format!("record {number}");
            let text = |name: &str| value.get(name).and_then(Value::as_str);
            let (Some(chosen), Some(rejected)) = (text("chosen"), text("rejected")) else {
                gather.drop(&place, "it has no texts “chosen” and “rejected”");
                continue;
            };
            let (chosen, rejected) = (turns(chosen), turns(rejected));
            let common =
                chosen.iter().zip(&rejected).take_while(|(one, other)| one == other).count();
            let (messages, rest) = chosen.split_at(common);
            let other = &rejected[common..];
            if messages.last().is_none_or(|last| last.role != Speaker::User) {
                gather.drop(&place, "the dialogues differ elsewhere than in an answer");
                continue;
            }
            longer += usize::from(rest.len() > 1 || other.len() > 1);
            let prompt = Prompt { messages: messages.to_vec(), ..Prompt::of_text("", "") };
            let (item, answer) = drawn(prompt, &joined(rest), &joined(other));
            gather.item(&place, item, vec![Said::of(NOBODY_NAMED, answer)]);
        }
        if longer > 0 {
            gather.note(format!(
                "{longer} pairs differ before their last answer: all turns from there on are the \
                 answers."
            ));
        }
        gather
            .note("Which answer comes first was drawn by the pair: the file has the better first.");
        let hint = "use HH-RLHF's files, with “chosen” and “rejected” in each line";
        gather.finish(self.id(), source, LabelTask::Pairwise, hint)
    }
}

/// The turns from where the dialogues part; the first one's speaker is known.
pub(super) fn joined(turns: &[Message]) -> String {
    let mut text = String::new();
    for (index, turn) in turns.iter().enumerate() {
        if index > 0 {
            let who = if turn.role == Speaker::User { "Human" } else { "Assistant" };
            text.extend(["\n\n", who, ": "]);
        }
        text.push_str(&turn.content);
    }
    text
}

/// An item of a better and a worse answer, which of them is first drawn by the texts, and the label
/// that says so.
pub(super) fn drawn(prompt: Prompt, better: &str, worse: &str) -> (LabelItem, LabelAnswer) {
    let mut hasher = blake3::Hasher::new();
    // In an order that does not depend on which is better.
    let (one, other) = if better <= worse { (better, worse) } else { (worse, better) };
    for part in [prompt.text(), one, other] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let swap = hasher.finalize().as_bytes()[0] & 1 == 1;
    let (a, b) = if swap { (other, one) } else { (one, other) };
    let answer = if a == better { LabelAnswer::A } else { LabelAnswer::B };
    (Gather::bare(prompt, a, Some(b)), answer)
}
