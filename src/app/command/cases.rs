//! Running the pinned cases of a principle.

use crate::domain::PrincipleId;

/// What can be done with the pinned cases of the principle shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CasesCommand {
    /// Run those whose outcome is missing, failed, or older than the principle's words.
    RunStale,
    /// Run all again, or one by its place from 0.
    Run(Option<usize>),
    /// Stop the cases on their way; what is there is kept.
    Stop,
    /// Whether a change of the principle's words runs its cases by itself.
    RerunOnEdit(bool),
    /// Whether outcomes are scored by the rubric, too.
    Score(bool),
    /// Pin a prompt to a principle of the constitution shown.
    Pin(PrincipleId, String),
    /// Take a case off, by its place from 0.
    Unpin(PrincipleId, usize),
    /// Move a case by so many places.
    Move(PrincipleId, usize, i32),
}
