//! Opens what commands work on: a project, its journal, a run by name, models.

use std::path::Path;
use std::sync::Arc;

use super::failure::Failure;
use super::out;
use crate::domain::{ModelEntry, RunId, Severity};
use crate::engine::Models;
use crate::engine::models::key_name;
use crate::store::journal::{RunKind, RunRecord};
use crate::store::secrets::Secrets;
use crate::store::{Journal, Project};

/// Opens a project to read, and to write where nobody else does; tells of bad documents.
///
/// # Errors
///
/// It is no project, or its own file can't be read.
pub fn project(dir: &Path) -> Result<Project, Failure> {
    let project = Project::open(dir)?;
    super::journal::warn_of_place(dir);
    hide_keys(&project.file.models);
    let errors =
        project.problems.iter().filter(|found| found.problem.severity == Severity::Error).count();
    if errors > 0 {
        let words = if errors == 1 { "1 error".to_owned() } else { format!("{errors} errors") };
        out::say(&format!(
            "the project's documents have {words}; see `preamble check {}`",
            dir.display()
        ));
    }
    Ok(project)
}

/// A project that this program may write.
///
/// # Errors
///
/// As [`project`], or somebody else writes it.
pub fn own_project(dir: &Path) -> Result<Project, Failure> {
    let project = project(dir)?;
    if project.read_only {
        return Err(crate::store::StoreError::ReadOnly { root: project.root }.into());
    }
    Ok(project)
}

/// A project's journal; tells of what was done to open it.
///
/// # Errors
///
/// It is damaged, newer than this version, or can't be opened.
pub fn journal(project: &Project) -> Result<Journal, Failure> {
    let journal = project.open_journal()?;
    for notice in journal.notices() {
        out::say(&notice.to_string());
        if !notice.hint().is_empty() {
            out::say(&format!("hint: {}", notice.hint()));
        }
    }
    Ok(journal)
}

/// Models whose keys come from the environment or the system's keychain.
pub fn models() -> Models {
    Models::new(Arc::new(Secrets::new()))
}

/// Keeps the keys of these models out of everything shown.
pub fn hide_keys(entries: &[ModelEntry]) {
    for entry in entries {
        let name = key_name(entry);
        // Only what the environment holds: the keychain is not asked before a key is needed.
        if let Some(Ok(key)) = (!name.is_empty()).then(|| std::env::var(name)) {
            out::hide(&secrecy::SecretString::from(key.trim().to_owned()));
        }
    }
}

/// The run of a name: `latest`, `R-0007`, or its number.
///
/// # Errors
///
/// There is no such run.
pub async fn run_named(journal: &Journal, name: &str) -> Result<RunRecord, Failure> {
    let runs = journal.runs().await?;
    let found = match name {
        "latest" => runs.iter().find(|run| run.kind == RunKind::Run),
        name => runs.iter().find(|run| {
            run.id == RunId::from(name)
                || name.parse::<u64>().is_ok_and(|number| number_of(&run.id) == Some(number))
        }),
    };
    found.cloned().ok_or_else(|| {
        let hint = match runs.first() {
            Some(newest) => {
                format!("see `preamble runs`; the newest is {}, or say latest", newest.id)
            }
            None => "the project has no run yet; make one with `preamble run`".to_owned(),
        };
        let message = match name {
            "latest" => "there is no run yet".to_owned(),
            name => format!("there is no run called “{name}”"),
        };
        Failure::bad(message, hint)
    })
}

fn number_of(run: &RunId) -> Option<u64> {
    run.0.rsplit('-').next()?.parse().ok()
}
