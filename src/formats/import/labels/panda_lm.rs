//! `PandaLM`'s test set (WeOpenML/PandaLM): three people a pair.

use serde_json::Value;

use super::gather::{Gather, Said};
use super::{Confidence, Format, Imported, ImportedLabels, Problem, Source, sure_with};
use crate::domain::{LabelAnswer, LabelTask, Prompt};
use crate::formats::lenient;

/// Instruction, input, two responses and `annotator1` to `annotator3`.
pub(super) struct PandaLm;

impl Format<ImportedLabels> for PandaLm {
    fn id(&self) -> &'static str {
        "pandalm"
    }
    fn title(&self) -> &'static str {
        "PandaLM's test set"
    }
    fn doc(&self) -> &'static str {
        "Pairs with three people's labels: 1 and 2 for the better response, 0 for a tie.\n\nEach \
         annotator becomes a labeller; `cmp_key` names the two models, `motivation_app` becomes a \
         tag."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json", "jsonl"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        sure_with(source, &["response1", "response2", "annotator1"])
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        let mut gather = Gather::new();
        for (number, value) in lenient::records(source.text()?)? {
            let place = format!("record {number}");
            // An answer of one word such as “False” is a boolean in the file.
            let scalar = |name: &str| value.get(name).and_then(lenient::scalar).unwrap_or_default();
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            let question = match (text("instruction"), text("input")) {
                (instruction, "") => instruction.to_owned(),
                (instruction, input) => format!("{instruction}\n\n{input}"),
            };
            let mut prompt = Prompt::of_text("", question);
            prompt
                .tags
                .extend(Some(text("motivation_app").to_owned()).filter(|tag| !tag.is_empty()));
            let (a, b) = (scalar("response1"), scalar("response2"));
            let mut item = Gather::bare(prompt, &a, Some(&b));
            // A name with an underscore of its own leaves open where the second one begins.
            if let Some((a, b)) = text("cmp_key").split_once('_').filter(|(_, b)| !b.contains('_'))
            {
                (item.a_model, item.b_model) = (a.to_owned(), b.to_owned());
            }
            let Some(fields) = value.as_object() else {
                gather.drop(&place, "it is no object");
                continue;
            };
            let mut said = Vec::new();
            for (name, label) in fields.iter().filter(|(name, _)| name.starts_with("annotator")) {
                let answer = match label.as_i64() {
                    Some(0) => LabelAnswer::Tie,
                    Some(1) => LabelAnswer::A,
                    Some(2) => LabelAnswer::B,
                    _ if label.is_null() => continue,
                    _ => {
                        let what = format!("“{name}” is {label}");
                        let hint = "0 is a tie, 1 the first response, 2 the second";
                        return Err(lenient::at_line(number, what, hint));
                    }
                };
                said.push(Said::of(name, answer));
            }
            gather.item(&place, item, said);
        }
        gather.finish(self.id(), source, LabelTask::Pairwise, "use testset-v1.json")
    }
}
