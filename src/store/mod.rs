//! KEEP: the project folder, the journal, settings and secrets.
//!
//! A write either happens whole or not at all ([`atomic`]), one process writes a project at a
//! time ([`lock`]), and nothing that somebody wrote by hand or paid for is lost silently: a save
//! that would drop comments keeps the old file beside the new one, a file that changed on disk
//! since it was read is a conflict, and a reply is acknowledged only once it is committed
//! ([`journal`]). Keys are never written ([`secrets`]).
//!
//! Start with [`project::Project`] and [`journal::Journal`].

pub mod atomic;
pub mod causes;
pub mod check;
pub mod comments;
pub mod document;
pub mod error;
pub mod journal;
pub mod labels;
pub mod large_file;
pub mod lock;
pub mod project;
mod recipe_problems;
pub mod recovery;
pub mod redact;
pub mod sample;
mod save;
pub mod secrets;
pub mod settings;
pub mod volume;
pub mod waiting;

#[cfg(test)]
mod tests;

pub use error::StoreError;
pub use journal::Journal;
pub use project::{DocumentKind, FileProblem, Project, ProjectFile, Saved};

/// Locks a mutex whose data stay sound when a thread panics while holding it.
pub(crate) fn unpoisoned<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
