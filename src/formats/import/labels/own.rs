//! Preamble's own files: `items.jsonl`, a labeller's file, or both in one.

use serde_json::Value;

use super::gather::Gather;
use super::{Confidence, Format, Imported, ImportedLabels, Problem, Source, first_record};
use crate::domain::{LabelAnswer, LabelItem, LabelTask};
use crate::formats::{labels, lenient};

/// Lines that are items or labels.
pub(super) struct Own;

impl Format<ImportedLabels> for Own {
    fn id(&self) -> &'static str {
        "preamble"
    }
    fn title(&self) -> &'static str {
        "Preamble's items and labels"
    }
    fn doc(&self) -> &'static str {
        "JSON lines as in a project's labels folder: items, a labeller's labels, or both.\n\nA file \
         of labels alone belongs to a set that is there: name it. Everything is taken as it is."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["jsonl"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let Some(fields) = first_record(source) else { return Confidence::No };
        let line = Value::Object(fields).to_string();
        let is_item = labels::item_of(&line).is_ok_and(|item| !item.id.is_empty());
        if is_item || labels::label_of(&line).is_ok() { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<ImportedLabels>, Problem> {
        let mut gather = Gather::new();
        let mut task = None;
        for (number, value) in lenient::records(source.text()?)? {
            let wrong = |why: String| {
                let hint = "each line is an item {\"id\", \"prompt\", \"a\", …} or a label \
                            {\"item\", \"labeller\", \"answer\", …}";
                lenient::at_line(number, why, hint)
            };
            let line = value.to_string();
            if value.get("labeller").is_some() {
                let label = labels::label_of(&line).map_err(wrong)?;
                task = task.or_else(|| label.answer.and_then(task_of_answer));
                gather.whole_label(label);
            } else {
                let item = labels::item_of(&line).map_err(wrong)?;
                task = task.or_else(|| task_of_item(&item));
                gather.item(&format!("line {number}"), item, Vec::new());
            }
        }
        let hint = "use a file of a project's labels folder";
        gather.finish(self.id(), source, task.unwrap_or(LabelTask::PassFail), hint)
    }
}

fn task_of_item(item: &LabelItem) -> Option<LabelTask> {
    if item.b.is_some() {
        return Some(LabelTask::Pairwise);
    }
    let has_levels = item.aspect.as_ref().is_some_and(|aspect| !aspect.levels.is_empty());
    has_levels.then_some(LabelTask::Scores)
}

fn task_of_answer(answer: LabelAnswer) -> Option<LabelTask> {
    use strum::IntoEnumIterator as _;
    let mut fits = LabelTask::iter().filter(|task| answer.fits(*task, u32::MAX));
    // What fits every task says nothing of it.
    let first = fits.next();
    if fits.next().is_none() { first } else { None }
}
