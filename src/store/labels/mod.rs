//! Label sets: `labels/<stem>/` with the set, its items, one file for each labeller, and the looks
//! at gold.
//!
//! Files of labels are only appended to, and each label is on the disk before [`append`] returns.
//! Whose labels a file holds is said by its lines, not by its name, so that a file that somebody
//! copies into the folder just works. Nothing that a file holds is lost: a label of an item that
//! is not there is kept and named, and a line that can't be read stays where it is.
//!
//! Start with [`read`] and [`append`]. Whoever changes something needs the right to write the
//! project; a second window gets [`StoreError::ReadOnly`].

mod merge;
mod take_in;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use take_in::{Incoming, TakenIn, take_in};
pub use write::{
    Added, add_items, append, append_all, count_look, create, free_stem, save_items, save_set,
};

use super::project::{FileProblem, is_stem};
use super::{StoreError, document};
use crate::domain::label::item_problems;
use crate::domain::{Label, LabelItem, LabelSet, Problem};
use crate::formats;

/// The folder of a project's label sets.
pub const FOLDER: &str = "labels";
/// The set itself.
const SET: &str = "set.ron";
/// Its items, one a line.
const ITEMS: &str = "items.jsonl";
/// The looks at gold, one a line.
const LOOKS: &str = "looks.jsonl";

/// A label set with all that belongs to it, as its files have it.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelBook {
    /// Its folder's name.
    pub stem: String,
    /// What is asked.
    pub set: LabelSet,
    /// What is asked about, in the file's order; ids are unique.
    pub items: Vec<LabelItem>,
    /// The labels by people that hold: of several lines the last one wins, and those taken back
    /// are gone. Each labeller's are in the order in which they were made.
    pub labels: Vec<Label>,
    /// Those by models, see [`LabelSet::models`].
    pub by_models: Vec<Label>,
    /// Labels of items that are not there; they stay in their files.
    pub strays: Vec<Label>,
    /// How often gold was looked at.
    pub looks: Vec<Look>,
    /// What can't be read, and what is doubtful.
    pub problems: Vec<FileProblem>,
}

/// A look at how a judge does on gold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The judge that was looked at.
    pub judge: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// How many gold items were looked at.
    pub items: u64,
}

impl LabelBook {
    /// The item of an id.
    pub fn item(&self, id: &str) -> Option<&LabelItem> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The people who labelled, in the order of their names.
    pub fn labellers(&self) -> Vec<&str> {
        let all: BTreeSet<&str> = self.labels.iter().map(|label| label.labeller.as_str()).collect();
        all.into_iter().collect()
    }
}

/// The folder of a set; `dir` is the project's.
pub fn folder_of(dir: &Path, stem: &str) -> PathBuf {
    dir.join(FOLDER).join(stem)
}

/// The stems of a project's label sets, in order. A folder without a `set.ron` is none.
///
/// # Errors
///
/// The folder can't be listed; one that is not there is empty.
pub fn stems(dir: &Path) -> Result<Vec<String>, StoreError> {
    Ok(folders(dir)?.into_iter().filter(|stem| folder_of(dir, stem).join(SET).is_file()).collect())
}

/// The folders that could hold a set.
fn folders(dir: &Path) -> Result<Vec<String>, StoreError> {
    let found = list(&dir.join(FOLDER))?.into_iter().filter(|path| path.is_dir());
    let stem = |path: PathBuf| path.file_name()?.to_str().map(ToOwned::to_owned);
    Ok(found.filter_map(stem).filter(|stem| is_stem(stem)).collect())
}

/// What a folder holds, in order; nothing where it is not there.
fn list(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let fail = |error| StoreError::io("list", folder, error);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fail(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        found.push(entry.map_err(fail)?.path());
    }
    found.sort();
    Ok(found)
}

/// Reads a set with all its files. What of them can't be read is one of [`LabelBook::problems`].
///
/// # Errors
///
/// There is no such set, its `set.ron` can't be read, or the folder can't be listed.
pub fn read(dir: &Path, stem: &str) -> Result<LabelBook, StoreError> {
    let folder = folder_of(dir, stem);
    let set = read_set(dir, stem)?;
    let mut problems = document::in_file(&folder.join(SET), set.problems());
    let items = read_items(&folder.join(ITEMS), &set, &mut problems);
    let merged = merge::labels(&folder, &set, &items, &mut problems)?;
    let looks = read_looks(&folder.join(LOOKS), &mut problems);
    let stem = stem.to_owned();
    let merge::Merged { labels, by_models, strays } = merged;
    Ok(LabelBook { stem, set, items, labels, by_models, strays, looks, problems })
}

/// What is wrong with the files of a project's label sets; empty when nothing is.
pub fn problems(dir: &Path) -> Vec<FileProblem> {
    let stems = match folders(dir) {
        Ok(stems) => stems,
        Err(error) => return vec![of_error(&dir.join(FOLDER), &error)],
    };
    let mut found = Vec::new();
    for stem in stems {
        let folder = folder_of(dir, &stem);
        if !folder.join(SET).is_file() {
            let what = "there is no set.ron in it, so nothing in it is used";
            let hint = "put the set's file back, or delete the folder";
            found.extend(document::in_file(&folder, vec![Problem::warning("", what, hint)]));
            continue;
        }
        match read(dir, &stem) {
            Ok(book) => found.extend(book.problems),
            Err(error) => found.push(of_error(&folder, &error)),
        }
    }
    found
}

fn of_error(path: &Path, error: &StoreError) -> FileProblem {
    match error {
        StoreError::Document(problem) => FileProblem::clone(problem),
        other => FileProblem {
            path: path.to_owned(),
            problem: Problem::error("", other.to_string(), other.hint()),
        },
    }
}

fn read_set(dir: &Path, stem: &str) -> Result<LabelSet, StoreError> {
    if !is_stem(stem) {
        return Err(StoreError::BadName { stem: stem.to_owned() });
    }
    let path = folder_of(dir, stem).join(SET);
    let text = document::read(&path, &mut document::Seen::new()).map_err(StoreError::Document)?;
    formats::document::parse(&text, "label set")
        .map_err(|problem| StoreError::Document(Box::new(FileProblem { path, problem })))
}

/// The items that can be read, each id once.
fn read_items(path: &Path, set: &LabelSet, problems: &mut Vec<FileProblem>) -> Vec<LabelItem> {
    let mut items = Vec::new();
    let mut lines = Vec::new();
    for (number, line) in lines_of(path, problems) {
        match formats::labels::item_of(&line) {
            Ok(item) => {
                items.push(item);
                lines.push(number);
            }
            Err(why) => {
                let hint = "mend the line; until then the item is left out";
                problems.push(at(path, number, Problem::error("", why, hint)));
            }
        }
    }
    for (index, problem) in item_problems(set.task, &items) {
        problems.push(at(path, lines[index], problem));
    }
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(item.id.clone()));
    items
}

fn read_looks(path: &Path, problems: &mut Vec<FileProblem>) -> Vec<Look> {
    let mut looks = Vec::new();
    for (number, line) in lines_of(path, problems) {
        match serde_json::from_str(&line) {
            Ok(look) => looks.push(look),
            Err(error) => {
                let what = format!("it is no look at gold: {error}");
                let hint = "mend the line: looks that can't be read are not counted";
                problems.push(at(path, number, Problem::error("", what, hint)));
            }
        }
    }
    looks
}

/// The lines of a file with something in them, each with its number; none where it is not there.
fn lines_of(path: &Path, problems: &mut Vec<FileProblem>) -> Vec<(usize, String)> {
    if !path.exists() {
        return Vec::new();
    }
    match document::read(path, &mut document::Seen::new()) {
        Ok(text) => numbered(&text),
        Err(problem) => {
            problems.push(*problem);
            Vec::new()
        }
    }
}

fn numbered(text: &str) -> Vec<(usize, String)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n')
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim_end_matches('\r').to_owned()))
        .filter(|(_, line)| !line.trim().is_empty())
        .collect()
}

fn at(path: &Path, line: usize, mut problem: Problem) -> FileProblem {
    problem.position = Some((line, 1));
    FileProblem { path: path.to_owned(), problem }
}
