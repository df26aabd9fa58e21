//! `AlpacaEval`'s annotations (`tatsu-lab/alpaca_eval`): a model's preferences, not people's.

use serde_json::Value;

use super::gather::{Gather, Said};
use super::{
    Confidence, Format, Imported, ImportedLabels, NOBODY_NAMED, Problem, Source, sure_with,
};
use crate::domain::{LabelAnswer, LabelTask, Prompt};
use crate::formats::lenient;

/// `instruction`, `output_1`, `output_2` and `preference`, 1 to 2.
pub(super) struct AlpacaEval;

impl Format<ImportedLabels> for AlpacaEval {
    fn id(&self) -> &'static str {
        "alpaca-eval"
    }
    fn title(&self) -> &'static str {
        "AlpacaEval's annotations"
    }
    fn doc(&self) -> &'static str {
        "Pairs with a preference from 1 (the first output) to 2 (the second).\n\nThe annotator is a \
         model, unless its name begins with “human”: its labels are kept apart from people's. A \
         number between 1 and 2 becomes the nearer side and is kept as a comment; what the \
         annotator wrote is left out."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json", "jsonl"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        sure_with(source, &["output_1", "output_2", "preference"])
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        let mut gather = Gather::new();
        let mut between = 0_usize;
        for (number, value) in lenient::records(source.text()?)? {
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
            let question = match (text("instruction"), text("input")) {
                (instruction, "") => instruction.to_owned(),
                (instruction, input) => format!("{instruction}\n\n{input}"),
            };
            let mut prompt = Prompt::of_text("", question);
            prompt.tags.extend(Some(text("dataset").to_owned()).filter(|tag| !tag.is_empty()));
            let mut item = Gather::bare(prompt, text("output_1"), Some(text("output_2")));
            item.a_model = text("generator_1").to_owned();
            item.b_model = text("generator_2").to_owned();
            let annotator = match text("annotator") {
                "" => NOBODY_NAMED,
                annotator => annotator,
            };
            let mut said = Vec::new();
            match value.get("preference") {
                None | Some(Value::Null) => {}
                Some(preference) => {
                    let known = preference.as_f64().filter(|p| (1.0..=2.0).contains(p));
                    let Some(p) = known else {
                        let what = format!("“preference” is {preference}");
                        let hint = "it is a number from 1 (the first output) to 2 (the second)";
                        return Err(lenient::at_line(number, what, hint));
                    };
                    let mut one = Said::of(annotator, side(p));
                    if ![1.0, 1.5, 2.0].contains(&p) {
                        between += 1;
                        one.comment = format!("preference {p}");
                    }
                    said.push(one);
                }
            }
            if !annotator.to_lowercase().starts_with("human") {
                gather.model(annotator);
            }
            gather.item(&format!("record {number}"), item, said);
        }
        if between > 0 {
            gather.note(format!(
                "{between} preferences lie between the sides: the nearer one was taken, and the \
                 number kept as a comment."
            ));
        }
        gather.finish(self.id(), source, LabelTask::Pairwise, "use an annotations.json")
    }
}

fn side(preference: f64) -> LabelAnswer {
    match preference.total_cmp(&1.5) {
        std::cmp::Ordering::Less => LabelAnswer::A,
        std::cmp::Ordering::Equal => LabelAnswer::Tie,
        std::cmp::Ordering::Greater => LabelAnswer::B,
    }
}
