//! Takes items and labels of a file into a set that is there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{add_items, append_all, read, save_set};
use crate::domain::label::misfit;
use crate::domain::{Label, LabelItem, LabelTask, Problem};
use crate::store::StoreError;
use crate::store::project::FileProblem;

/// What is to be taken in.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// What was asked.
    pub task: LabelTask,
    /// Items; those that are there already stay as they are.
    pub items: &'a [LabelItem],
    /// Labels, in the order in which they were made.
    pub labels: &'a [Label],
    /// Labellers that are models.
    pub models: &'a [String],
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TakenIn {
    /// Items that are new.
    pub items: u64,
    /// Items that were there.
    pub items_known: u64,
    /// Labels that were added.
    pub labels: u64,
    /// Labels that said nothing new, or were older than what their labeller says by now.
    pub labels_known: u64,
    /// Labels of items that the set has not; they are added and wait for their items.
    pub strays: u64,
}

/// Adds items, then labels: taking the same file in twice changes nothing.
///
/// # Errors
///
/// [`StoreError::Document`] where the set asks something else, an answer does not fit it, or a
/// labeller is a person there and a model here; nothing is then added. Otherwise as
/// [`super::append`].
pub fn take_in(dir: &Path, stem: &str, incoming: &Incoming<'_>) -> Result<TakenIn, StoreError> {
    let book = read(dir, stem)?;
    let path = super::folder_of(dir, stem);
    let refuse = |what: String, hint: &str| {
        let problem = Problem::error("", what, hint);
        Err(StoreError::Document(Box::new(FileProblem { path: path.clone(), problem })))
    };
    if !incoming.items.is_empty() && incoming.task != book.set.task {
        let what =
            format!("the set asks for “{}”, and these are “{}”", book.set.task, incoming.task);
        return refuse(what, "make a new set of them");
    }
    let people = book.labellers();
    if let Some(name) = incoming.models.iter().find(|name| people.contains(&name.as_str())) {
        let what = format!("“{name}” is a person in this set and a model in the file");
        return refuse(what, "give the labeller another name");
    }
    let last = last_of(incoming.labels);
    let all: Vec<LabelItem> = incoming.items.iter().chain(&book.items).cloned().collect();
    if let Some(label) = misfit(book.set.task, &all, last.iter().copied()) {
        let what = format!("the label of {} is no answer to what the set asks", label.item);
        return refuse(what, "make a new set of them");
    }
    let known: BTreeSet<&str> = all.iter().map(|item| item.id.as_str()).collect();
    let mut set = book.set.clone();
    set.models.extend(incoming.models.iter().filter(|name| !book.set.is_model(name)).cloned());
    if set != book.set {
        save_set(dir, stem, &set)?;
    }
    let items = add_items(dir, stem, incoming.items)?;
    let held: BTreeMap<_, &Label> = [&book.labels, &book.by_models, &book.strays]
        .into_iter()
        .flatten()
        .map(|label| (key(label), label))
        .collect();
    let is_new = |label: &&Label| match held.get(&key(label)) {
        None => label.answer.is_some(),
        Some(held) => {
            let is_older = !label.at.is_empty() && label.at < held.at;
            held.answer != label.answer && !is_older
        }
    };
    let new: Vec<Label> = last.iter().copied().filter(is_new).cloned().collect();
    append_all(dir, stem, &new)?;
    Ok(TakenIn {
        items: items.added,
        items_known: items.known,
        labels: new.len() as u64,
        labels_known: (last.len() - new.len()) as u64,
        strays: new.iter().filter(|label| !known.contains(label.item.as_str())).count() as u64,
    })
}

type Key<'l> = (&'l str, &'l str, bool);

fn key(label: &Label) -> Key<'_> {
    (&label.labeller, &label.item, label.again)
}

/// The last of each label, in the order of their lines.
fn last_of(labels: &[Label]) -> Vec<&Label> {
    let mut last: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    for (at, label) in labels.iter().enumerate() {
        last.insert(key(label), at);
    }
    let mut places: Vec<usize> = last.into_values().collect();
    places.sort_unstable();
    places.into_iter().map(|at| &labels[at]).collect()
}
