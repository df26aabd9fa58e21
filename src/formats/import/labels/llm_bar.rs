//! `LLMBar` (princeton-nlp/LLMBar), and what it made of `FairEval`, `LLMEval²` and MT-bench.

use serde_json::Value;

use super::gather::{Gather, Said};
use super::{
    Confidence, Format, Imported, ImportedLabels, NOBODY_NAMED, Problem, Source, sure_with,
};
use crate::domain::{LabelAnswer, LabelTask, Prompt};
use crate::formats::lenient;

/// `input`, `output_1`, `output_2` and `label`, 1 or 2.
pub(super) struct LlmBar;

impl Format<ImportedLabels> for LlmBar {
    fn id(&self) -> &'static str {
        "llmbar"
    }
    fn title(&self) -> &'static str {
        "LLMBar and FairEval"
    }
    fn doc(&self) -> &'static str {
        "Pairs with one label each: 1 for the first output, 2 for the second.\n\nThe labeller is \
         called “imported”: experts in LLMBar, the majority of people in FairEval."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json", "jsonl"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        sure_with(source, &["input", "output_1", "output_2", "label"])
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        let mut gather = Gather::new();
        for (number, value) in lenient::records(source.text()?)? {
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            let answer = match value.get("label").and_then(Value::as_i64) {
                Some(1) => LabelAnswer::A,
                Some(2) => LabelAnswer::B,
                _ => {
                    let label = value.get("label").unwrap_or(&Value::Null);
                    let what = format!("“label” is {label}");
                    let hint = "1 is the first output, 2 the second";
                    return Err(lenient::at_line(number, what, hint));
                }
            };
            let prompt = Prompt::of_text("", text("input"));
            let item = Gather::bare(prompt, text("output_1"), Some(text("output_2")));
            gather.item(&format!("record {number}"), item, vec![Said::of(NOBODY_NAMED, answer)]);
        }
        let hint = "use a dataset.json with input, output_1, output_2 and label";
        gather.finish(self.id(), source, LabelTask::Pairwise, hint)
    }
}
