//! Gathers items and labels, and what is to be told about them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Imported, ImportedLabels, Problem, Source, stem};
use crate::domain::{Certainty, Label, LabelAnswer, LabelItem, LabelTask, Prompt};
use crate::formats::labels::with_id;

/// What somebody said of an item.
pub(super) struct Said {
    pub(super) labeller: String,
    pub(super) answer: LabelAnswer,
    pub(super) sure: Option<Certainty>,
    pub(super) comment: String,
}

impl Said {
    pub(super) fn of(labeller: impl Into<String>, answer: LabelAnswer) -> Self {
        Self { labeller: labeller.into(), answer, sure: None, comment: String::new() }
    }
}

/// Items and labels as they are found.
pub(super) struct Gather {
    items: Vec<LabelItem>,
    known: BTreeSet<String>,
    labels: Vec<Label>,
    /// How often each labeller said something of each item.
    times: BTreeMap<(String, String), u32>,
    models: BTreeSet<String>,
    unlabelled: usize,
    promptless: usize,
    identical: usize,
    notes: Vec<String>,
    dropped: Vec<(String, String)>,
}

impl Gather {
    pub(super) fn new() -> Self {
        Self {
            items: Vec::new(),
            known: BTreeSet::new(),
            labels: Vec::new(),
            times: BTreeMap::new(),
            models: BTreeSet::new(),
            unlabelled: 0,
            promptless: 0,
            identical: 0,
            notes: Vec::new(),
            dropped: Vec::new(),
        }
    }

    /// A pair of answers, or one, whose id is made from what it shows.
    pub(super) fn bare(prompt: Prompt, a: &str, b: Option<&str>) -> LabelItem {
        LabelItem {
            id: String::new(),
            prompt,
            a: a.to_owned(),
            b: b.map(ToOwned::to_owned),
            a_model: String::new(),
            b_model: String::new(),
            aspect: None,
        }
    }

    /// Adds an item with what was said of it. The same item again is one item; what a labeller
    /// says of it a second time is their hidden repeat.
    pub(super) fn item(&mut self, place: &str, mut item: LabelItem, said: Vec<Said>) {
        let b = item.b.as_deref();
        if item.a.trim().is_empty() && b.is_none_or(|b| b.trim().is_empty()) {
            return self.drop(place, "it has no answer");
        }
        if b.is_some_and(|b| b.trim() == item.a.trim()) {
            self.identical += 1;
            return self.drop(place, "both answers are the same");
        }
        if item.prompt.messages.iter().all(|message| message.content.trim().is_empty()) {
            self.promptless += 1;
            // Without a prompt each item is a draw of its own.
            if item.prompt.id.0.is_empty() {
                let texts = Prompt::of_text("", format!("{}\n{}", item.a, b.unwrap_or_default()));
                item.prompt.id = crate::formats::labels::made_id(&texts);
            }
        }
        item.prompt = with_id(item.prompt);
        if item.id.is_empty() {
            item.id = item.made_id();
        }
        if said.is_empty() {
            self.unlabelled += 1;
        }
        for one in said {
            self.label(place, &item, one);
        }
        if self.known.insert(item.id.clone()) {
            self.items.push(item);
        }
    }

    fn label(&mut self, place: &str, item: &LabelItem, said: Said) {
        let times = self.times.entry((item.id.clone(), said.labeller.clone())).or_default();
        *times += 1;
        let again = match *times {
            1 => false,
            2 => true,
            _ => {
                let why = format!("{} labels the same item a third time", said.labeller);
                return self.drop(place, why);
            }
        };
        self.labels.push(Label {
            item: item.id.clone(),
            labeller: said.labeller,
            answer: Some(said.answer),
            sure: said.sure,
            comment: said.comment,
            first: None,
            again,
            guide: 0,
            aspect: item.aspect_mark(),
            seconds: None,
            at: String::new(),
        });
    }

    /// A label that the file has whole.
    pub(super) fn whole_label(&mut self, label: Label) {
        self.labels.push(label);
    }

    pub(super) fn drop(&mut self, place: &str, why: impl Into<String>) {
        self.dropped.push((place.to_owned(), why.into()));
    }

    pub(super) fn model(&mut self, name: impl Into<String>) {
        self.models.insert(name.into());
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// What was found; refused where it is nothing.
    pub(super) fn finish(
        self,
        format: &'static str,
        source: &Source<'_>,
        task: LabelTask,
        hint: &str,
    ) -> Result<Imported<ImportedLabels>, Problem> {
        if self.items.is_empty() && self.labels.is_empty() {
            let why = match self.dropped.first() {
                Some((place, why)) => format!("no item was found in it; {place}: {why}"),
                None => "no item was found in it".to_owned(),
            };
            return Err(Problem::error("file", why, hint));
        }
        let again = self.labels.iter().filter(|label| label.again).count();
        let value = ImportedLabels {
            name: stem(source.name),
            task,
            items: self.items,
            labels: self.labels,
            models: self.models.into_iter().collect(),
        };
        let mut imported = Imported::of(format, value);
        imported.notes = self.notes;
        for (count, what) in [
            (self.unlabelled, "rows have no label: their items wait for one."),
            (self.promptless, "items have no prompt: their answers stand alone."),
            (again, "labels are of an item that the labeller had before: they count as repeats."),
            (self.identical, "pairs of two equal answers are left out: nobody can prefer one."),
        ] {
            if count > 0 {
                imported = imported.note(format!("{count} {what}"));
            }
        }
        if !imported.value.models.is_empty() {
            let names = imported.value.models.join(", ");
            imported = imported.note(format!(
                "Labels of {names} are a model's: they are kept apart and never count as what \
                 people say."
            ));
        }
        imported.dropped = self.dropped;
        Ok(imported)
    }
}
