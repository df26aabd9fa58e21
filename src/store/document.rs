//! Reads documents from files: finds the file, hands its text to [`crate::formats`], and says
//! what is wrong with which file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::StoreError;
use super::atomic::Stamp;
use super::project::{DocumentKind, FileProblem, words};
use crate::domain::{Problem, PromptSet, problem};
use crate::formats;

/// What files were when they were read.
pub type Seen = BTreeMap<PathBuf, Stamp>;

/// Puts problems where they belong.
pub fn in_file(path: &Path, problems: Vec<Problem>) -> Vec<FileProblem> {
    problems.into_iter().map(|problem| FileProblem { path: path.to_owned(), problem }).collect()
}

/// Reads a file as text and remembers what it was.
///
/// # Errors
///
/// The file can't be read or is not UTF-8; the problem says where.
pub fn read(path: &Path, seen: &mut Seen) -> Result<String, Box<FileProblem>> {
    let bytes = std::fs::read(path).map_err(|error| {
        let what = format!("it can't be read: {error}");
        boxed(path, Problem::error("", what, "check the file"))
    })?;
    seen.insert(path.to_owned(), Stamp::of(path, &bytes));
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let good = String::from_utf8_lossy(good);
        let position = formats::ron_text::position(&good, good.len());
        let mut problem =
            Problem::error("", "it is not UTF-8 text", "save it again as UTF-8 in your editor");
        problem.position = Some(position);
        boxed(path, problem)
    })
}

fn boxed(path: &Path, problem: Problem) -> Box<FileProblem> {
    Box::new(FileProblem { path: path.to_owned(), problem })
}

/// Reads a RON document's text.
///
/// # Errors
///
/// What is wrong with it, with line and column.
pub fn parse<T: DeserializeOwned>(
    path: &Path,
    text: &str,
    kind: DocumentKind,
) -> Result<T, Box<FileProblem>> {
    formats::document::parse(text, words(kind)).map_err(|problem| boxed(path, problem))
}

/// Reads the documents of a project's folders, collecting what is wrong.
pub struct Reader<'a> {
    /// The project's folder.
    pub root: &'a Path,
    /// What the files were.
    pub seen: &'a mut Seen,
    /// What is wrong with them.
    pub problems: &'a mut Vec<FileProblem>,
}

impl Reader<'_> {
    /// The RON documents of a kind, by file stem; those that can't be read are problems.
    ///
    /// # Errors
    ///
    /// The folder can't be listed.
    pub fn folder<T: DeserializeOwned>(
        &mut self,
        kind: DocumentKind,
        check: impl Fn(&T) -> Vec<Problem>,
    ) -> Result<BTreeMap<String, Arc<T>>, StoreError> {
        let mut all = BTreeMap::new();
        for (stem, path) in list(self.root, kind)? {
            let parsed = read(&path, self.seen).and_then(|text| parse::<T>(&path, &text, kind));
            match parsed {
                Ok(value) => {
                    self.problems.extend(in_file(&path, check(&value)));
                    all.insert(stem, Arc::new(value));
                }
                Err(problem) => self.problems.push(*problem),
            }
        }
        Ok(all)
    }

    /// The prompt sets, by file stem. A set with a broken line is left out whole, so that no run
    /// quietly works on a part of it.
    ///
    /// # Errors
    ///
    /// The folder can't be listed.
    pub fn prompt_sets(&mut self) -> Result<BTreeMap<String, Arc<PromptSet>>, StoreError> {
        let mut all = BTreeMap::new();
        for (stem, path) in list(self.root, DocumentKind::PromptSet)? {
            match read(&path, self.seen) {
                Ok(text) => match formats::prompts::read(text.as_bytes(), &stem) {
                    Ok(set) => {
                        self.problems.extend(in_file(&path, problem::of_prompts(&set)));
                        all.insert(stem, Arc::new(set));
                    }
                    Err(problem) => self.problems.extend(in_file(&path, vec![problem])),
                },
                Err(problem) => self.problems.push(*problem),
            }
        }
        Ok(all)
    }

    /// The overrides of templates: name → source.
    ///
    /// # Errors
    ///
    /// The folder can't be listed.
    pub fn templates(&mut self) -> Result<BTreeMap<String, String>, StoreError> {
        let mut all = BTreeMap::new();
        for (stem, path) in list(self.root, DocumentKind::Template)? {
            match read(&path, self.seen) {
                Ok(text) => {
                    self.problems.extend(in_file(&path, template_problems(&stem, &text)));
                    all.insert(stem, text);
                }
                Err(problem) => self.problems.push(*problem),
            }
        }
        Ok(all)
    }
}

/// What is wrong with a template's override.
pub fn template_problems(name: &str, source: &str) -> Vec<Problem> {
    let mut environment = minijinja::Environment::new();
    match environment.add_template_owned(name.to_owned(), source.to_owned()) {
        Ok(()) => Vec::new(),
        Err(error) => {
            let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            let mut problem = Problem::error(name, what, "mend the template at this place");
            // minijinja counts lines only; the column is the line's begin.
            problem.position = error.line().map(|line| (line, 1));
            vec![problem]
        }
    }
}

/// The files of a kind, by stem; hidden ones and kept old ones (`name.ron.before-1`) are not
/// among them. A folder that is not there is empty.
fn list(root: &Path, kind: DocumentKind) -> Result<BTreeMap<String, PathBuf>, StoreError> {
    let folder = root.join(kind.folder());
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(StoreError::io("list", &folder, error)),
    };
    let mut found = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| StoreError::io("list", &folder, error))?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        if let (Some(ending), Some(stem)) = (ending, stem)
            && ending == kind.ending()
            && !stem.starts_with('.')
            && path.is_file()
        {
            found.insert(stem.to_owned(), path.clone());
        }
    }
    Ok(found)
}
