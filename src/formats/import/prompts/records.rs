//! JSON lines or a JSON array of objects, or of texts.

use serde_json::Value;

use super::{Collector, Confidence, Format, Imported, Problem, PromptSet, Source};
use crate::formats::{import::refuse, lenient};

/// Objects with a prompt in one of the usual columns.
pub(super) struct Records;

impl Format<PromptSet> for Records {
    fn id(&self) -> &'static str {
        "json"
    }
    fn title(&self) -> &'static str {
        "JSON lines or a JSON array"
    }
    fn doc(&self) -> &'static str {
        "Objects with a prompt, messages, question, instruction, input or the like.\n\nPreamble's own \
         prompt sets, TRL, Alpaca, ShareGPT, OpenAI and most data sets. Texts alone are prompts as \
         well. Columns that are not understood are kept."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["jsonl", "ndjson", "json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(text) = source.readable() else { return Confidence::No };
        match text.trim_start().chars().next() {
            Some('{' | '[') if source.ends_with(self.endings()) => Confidence::Sure,
            Some('{') => Confidence::Likely,
            Some('[') if source.json().is_some() => Confidence::Likely,
            _ if source.ends_with(&["jsonl", "ndjson"]) => Confidence::Likely,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<PromptSet>, Problem> {
        let collector = Collector::new();
        let records = lenient::records(source.text()?)?;
        // One object that is no record but wraps a list of them.
        if let [(_, Value::Object(only))] = records.as_slice()
            && !super::PROMPT_COLUMNS.iter().any(|column| only.contains_key(*column))
            && let Some(Value::Array(items)) = ["data", "rows", "prompts", "instances", "examples"]
                .iter()
                .find_map(|k| only.get(*k))
        {
            let inner = items.iter().cloned().enumerate().map(|(n, value)| (n + 1, value));
            return gather(inner, collector, source, self.id());
        }
        if let [(_, only)] = records.as_slice()
            && !only.is_object()
            && !only.is_string()
        {
            return Err(refuse::unknown_json(only, "prompt set", "use a list of objects"));
        }
        gather(records.into_iter(), collector, source, self.id())
    }
}

fn gather(
    records: impl Iterator<Item = (usize, Value)>,
    mut collector: Collector,
    source: &Source<'_>,
    id: &'static str,
) -> Result<Imported<PromptSet>, Problem> {
    for (number, value) in records {
        let place = format!("record {number}");
        match value {
            Value::Object(fields) => collector.record(place, fields),
            Value::String(text) => {
                collector.prompt(place, crate::domain::Prompt::of_text("", text));
            }
            other => {
                let why = format!("it is {}, neither an object nor a text", lenient::kind(&other));
                collector.drop(place, why);
            }
        }
    }
    collector.finish(id, source)
}
