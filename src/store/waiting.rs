//! Runs that were chosen and have not begun, and the one that was on: kept where closing the
//! window, a crash or a power cut can't reach them.
//!
//! One file a project, in the user's state folder. Nothing in it begins by itself: a run pays, so
//! the next start asks. Documents and prompts are named, not copied: what begins later takes them
//! as they are then.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{StoreError, atomic, recovery, settings};
use crate::domain::{ModelRole, RunId};
use crate::formats;

/// What is chosen for a new run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunChoices {
    /// The recipe, by stem or a method's name.
    pub recipe: String,
    /// The prompt set, by stem.
    pub prompts: String,
    /// Only the first so many prompts; 0: all.
    pub limit: u32,
    /// The constitution, by stem.
    pub constitution: String,
    /// The rubric, by stem.
    pub rubric: String,
    /// Which model does what, by name.
    pub models: BTreeMap<ModelRole, String>,
    /// Who writes the pairs' two answers, by name; empty: the writer. `None`: as the recipe says.
    pub candidates: Option<[String; 2]>,
    /// Who judges: one of the project's judges, by file stem; empty: the model of that role.
    /// `None`: as the recipe says.
    pub judge: Option<String>,
    /// Critique–revision rounds, 1..=6.
    pub rounds: u32,
    /// Principles drawn for each pair, 1..=8.
    pub principles_per_pair: u32,
    /// The seed.
    pub seed: u64,
    /// Requests at once, 1..=256.
    pub at_once: u32,
    /// Requests a minute at most; `None`: as many as the provider bears.
    pub per_minute: Option<u32>,
    /// How often a failed call is tried again, 0..=20; being told to slow down does not count.
    pub retries: u32,
    /// US dollars at most; `None`: no limit.
    pub cap: Option<f64>,
    /// US dollars that all of the project's runs may cost on one day; `None`: no limit.
    pub cap_per_day: Option<f64>,
    /// Per cent of rows that may fail before it stops; `None`: any.
    pub failures: Option<u32>,
    /// Per cent of rows that may be refusals before it stops; `None`: any.
    pub refusals: Option<u32>,
}

/// A run that has not begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingRun {
    /// What it is called.
    pub name: String,
    /// What is to be done.
    pub work: WaitingWork,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum WaitingWork {
    /// A new run of what was chosen.
    New(Box<RunChoices>),
    /// Going on with a run.
    Resume {
        /// Which.
        run: RunId,
        /// US dollars that it may cost, where another limit was chosen.
        #[serde(default)]
        cap: Option<f64>,
    },
}

/// What is kept of a project's runs that are not over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The version of the file's shape; see [`crate::domain::FORMAT`].
    pub format: u32,
    /// The project's folder.
    pub root: PathBuf,
    /// The run that is on.
    #[serde(default)]
    pub on: Option<RunId>,
    /// Those that wait for it, in order.
    #[serde(default)]
    pub runs: Vec<WaitingRun>,
    /// Interrupted runs that the user does not want to be asked about again.
    #[serde(default)]
    pub let_be: Vec<RunId>,
}

impl Waiting {
    /// Nothing waits in a project.
    pub fn none(root: PathBuf) -> Self {
        Self { format: crate::domain::FORMAT, root, on: None, runs: Vec::new(), let_be: Vec::new() }
    }

    /// Whether there is anything to keep.
    pub fn is_empty(&self) -> bool {
        self.on.is_none() && self.runs.is_empty() && self.let_be.is_empty()
    }
}

/// The folder of all such files; `None` where the system has none for a program's state.
pub fn folder() -> Option<PathBuf> {
    settings::state_folder().map(|folder| folder.join("waiting runs"))
}

/// Keeps what waits in a folder; nothing: removes what was kept.
///
/// # Errors
///
/// The file system's refusal.
pub fn keep(folder: &Path, waiting: &Waiting) -> Result<(), StoreError> {
    let path = recovery::file(folder, &waiting.root);
    if waiting.is_empty() {
        return match std::fs::remove_file(&path) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::io("remove", &path, error)),
        };
    }
    let text = formats::document::to_ron(waiting).map_err(|problem| {
        let path = path.clone();
        StoreError::Document(Box::new(super::FileProblem { path, problem }))
    })?;
    atomic::write(&path, text.as_bytes())
}

/// What waits in a project; nothing where nothing was kept.
///
/// # Errors
///
/// The file system's refusal, or the file can't be read.
pub fn find(folder: &Path, root: &Path) -> Result<Waiting, StoreError> {
    let path = recovery::file(folder, root);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Waiting::none(root.to_owned()));
        }
        Err(error) => return Err(StoreError::io("read", &path, error)),
    };
    let text = String::from_utf8_lossy(&bytes);
    formats::document::parse::<Waiting>(&text, "waiting runs")
        .map(|waiting| Waiting { root: root.to_owned(), ..waiting })
        .map_err(|problem| StoreError::Document(Box::new(super::FileProblem { path, problem })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_comes_back_until_nothing_does() {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new("/projects/one");
        assert!(find(folder.path(), root).unwrap().is_empty());
        let choices = RunChoices {
            recipe: "critique".to_owned(),
            models: BTreeMap::from([(ModelRole::Judge, "big “one”".to_owned())]),
            cap: Some(1.5),
            ..RunChoices::default()
        };
        let mut waiting = Waiting::none(root.to_owned());
        waiting.on = Some(RunId::new("R-0007"));
        for work in [
            WaitingWork::New(Box::new(choices)),
            WaitingWork::Resume { run: RunId::new("R-0002"), cap: None },
        ] {
            waiting.runs.push(WaitingRun { name: "n".to_owned(), work });
        }
        keep(folder.path(), &waiting).unwrap();
        assert_eq!(find(folder.path(), root).unwrap(), waiting);
        assert!(find(folder.path(), Path::new("/projects/two")).unwrap().is_empty());
        keep(folder.path(), &Waiting::none(root.to_owned())).unwrap();
        keep(folder.path(), &Waiting::none(root.to_owned())).unwrap();
        assert!(find(folder.path(), root).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let root = Path::new("/projects/one");
        let path = recovery::file(folder.path(), root);
        atomic::write(&path, b"(format: 1, runs: 7)").unwrap();
        assert!(find(folder.path(), root).is_err());
        assert!(path.exists());
    }
}
