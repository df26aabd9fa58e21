//! HH-RLHF's dialogues in one text (anthropics/hh-rlhf): `\n\nHuman: …\n\nAssistant: …`.

use serde_json::{Map, Value};

use super::{Collector, Confidence, Format, Imported, Problem, PromptSet, Source};
use crate::domain::{Message, Prompt, Speaker};
use crate::formats::lenient;

/// Records whose `chosen`, `prompt` or `transcript` is such a text.
pub(super) struct Dialogues;

const COLUMNS: [&str; 3] = ["chosen", "transcript", "prompt"];

impl Format<PromptSet> for Dialogues {
    fn id(&self) -> &'static str {
        "hh"
    }
    fn title(&self) -> &'static str {
        "Human and Assistant dialogues (HH-RLHF)"
    }
    fn doc(&self) -> &'static str {
        "Dialogues in one text, turns introduced by “Human:” and “Assistant:”.\n\nThe dialogue up \
         to the last answer becomes the prompt; of preference pairs, what both have in common. The \
         answers are not taken."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["jsonl", "json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(text) = source.readable() else { return Confidence::No };
        let first = text.trim_start().trim_start_matches('[').trim_start();
        let record = serde_json::Deserializer::from_str(first).into_iter::<Value>().next();
        match record {
            Some(Ok(Value::Object(fields))) if dialogue(&fields).is_some() => Confidence::Sure,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<PromptSet>, Problem> {
        let mut collector = Collector::new();
        let mut diverging = 0_usize;
        for (line, record) in lenient::records(source.text()?)? {
            let place = format!("record {line}");
            let Value::Object(fields) = record else {
                collector.drop(place, "it is no object");
                continue;
            };
            let Some(text) = dialogue(&fields) else {
                collector.drop(place, "it holds no dialogue of Human and Assistant");
                continue;
            };
            let mut messages = turns(text);
            if let Some(rejected) = lenient::text_of(&fields, "rejected") {
                let common = messages
                    .iter()
                    .zip(&turns(rejected))
                    .take_while(|(chosen, rejected)| chosen == rejected)
                    .count();
                diverging += usize::from(common + 1 < messages.len());
                messages.truncate(common);
            }
            while messages.last().is_some_and(|last| last.role == Speaker::Assistant) {
                messages.pop();
            }
            if messages.is_empty() {
                collector.drop(place, "both dialogues differ from the first turn on");
            } else {
                collector.prompt(place, Prompt { messages, ..Prompt::of_text("", "") });
            }
        }
        let mut imported = collector.finish(self.id(), source)?;
        if diverging > 0 {
            imported = imported.note(format!(
                "{diverging} pairs differ before their last answer: what they have in common was taken."
            ));
        }
        Ok(imported)
    }
}

fn dialogue(fields: &Map<String, Value>) -> Option<&str> {
    COLUMNS
        .iter()
        .filter_map(|column| lenient::text_of(fields, column))
        .find(|text| text.trim_start().starts_with("Human:") && text.contains("\n\nAssistant:"))
}

/// The turns of a dialogue in one text.
pub(in crate::formats::import) fn turns(text: &str) -> Vec<Message> {
    let marks = [("\n\nHuman:", Speaker::User), ("\n\nAssistant:", Speaker::Assistant)];
    let text = format!("\n\n{}", text.trim_start());
    let mut starts: Vec<(usize, usize, Speaker)> = marks
        .iter()
        .flat_map(|(mark, role)| text.match_indices(mark).map(|(at, m)| (at, at + m.len(), *role)))
        .collect();
    starts.sort_unstable_by_key(|(at, _, _)| *at);
    let ends = starts.iter().skip(1).map(|(at, _, _)| *at).chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|((_, from, role), to)| {
            Message::new(*role, text.get(*from..to).unwrap_or_default().trim())
        })
        .collect()
}
