//! Constitutions and rubrics as Markdown, to read and to review.
//!
//! A constitution written here reads back the same ([`read_constitution`]); texts stand in block
//! quotes, so that whatever they contain can't be taken for structure.

use crate::domain::{Constitution, Problem, Rubric};

/// Writes a constitution as a document: one section a principle.
pub fn constitution(document: &Constitution) -> String {
    write::constitution(document)
}

/// Writes a rubric as a document: one table a criterion, with an anchor a level.
pub fn rubric(document: &Rubric) -> String {
    write::rubric(document)
}

/// Whether the text is a document of [`constitution`].
pub fn is_ours(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with(MARK)
}

/// Reads what [`constitution`] wrote, edited or not.
///
/// # Errors
///
/// A line that belongs to nothing, a principle without text, a number that is none.
pub fn read_constitution(text: &str) -> Result<Constitution, Problem> {
    read::constitution(text)
}

/// The first words of a constitution written by [`constitution`].
const MARK: &str = "<!-- preamble: constitution, format ";

mod read;
mod write;
