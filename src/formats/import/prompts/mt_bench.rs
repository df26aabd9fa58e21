//! MT-bench questions (lm-sys/FastChat, `data/mt_bench/question.jsonl`).

use serde_json::{Value, json};

use super::{Collector, Confidence, Format, Imported, Problem, PromptSet, Source};
use crate::domain::{Prompt, PromptId};
use crate::formats::lenient;

/// `{"question_id", "category", "turns": [s, s], "reference"?}`.
pub(super) struct MtBench;

impl Format<PromptSet> for MtBench {
    fn id(&self) -> &'static str {
        "mt-bench"
    }
    fn title(&self) -> &'static str {
        "MT-bench questions (JSON lines)"
    }
    fn doc(&self) -> &'static str {
        "Questions of several turns.\n\nThe first turn becomes the prompt; the later ones, which \
         need an answer before them, are kept as the column “later_turns”. The first reference \
         becomes the reference."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["jsonl", "json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(text) = source.readable() else { return Confidence::No };
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let record: Option<Value> = serde_json::from_str(first).ok();
        match record.and_then(|record| record.get("turns")?.get(0).cloned()) {
            Some(Value::String(_)) => Confidence::Sure,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<PromptSet>, Problem> {
        let mut collector = Collector::new();
        let mut later = 0_usize;
        for (line, record) in lenient::records(source.text()?)? {
            let place = format!("line {line}");
            let turns = record.get("turns").and_then(Value::as_array).cloned().unwrap_or_default();
            let Some(first) = turns.first().and_then(Value::as_str) else {
                collector.drop(place, "it has no turns");
                continue;
            };
            let mut prompt = Prompt::of_text("", first);
            let id = record.get("question_id").and_then(lenient::scalar);
            prompt.id = PromptId(id.unwrap_or_default());
            prompt.tags.extend(record.get("category").and_then(lenient::scalar));
            let reference =
                record.get("reference").and_then(|list| list.get(0)).and_then(Value::as_str);
            prompt.reference =
                reference.filter(|text| !text.trim().is_empty()).map(ToOwned::to_owned);
            if turns.len() > 1 {
                later += 1;
                prompt.extra.insert("later_turns".to_owned(), json!(turns[1..]));
            }
            collector.prompt(place, prompt);
        }
        let mut imported = collector.finish(self.id(), source)?;
        if later > 0 {
            imported = imported.note(format!(
                "{later} questions have later turns, which need an answer before them: the first \
                 turn is the prompt, the others are kept beside it."
            ));
        }
        Ok(imported)
    }
}
