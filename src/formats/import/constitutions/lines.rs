//! Plain text, one principle a line.

use super::{Confidence, Constitution, Format, Imported, Problem, Source};
use super::{of_principles, of_sentence};
use crate::formats::import::sections;

/// One principle a line.
pub(super) struct Lines;

impl Format<Constitution> for Lines {
    fn id(&self) -> &'static str {
        "lines"
    }
    fn title(&self) -> &'static str {
        "Plain text, one principle a line"
    }
    fn doc(&self) -> &'static str {
        "Each line becomes a principle.\n\nBullets and numbers are taken off; blank lines and lines \
         that begin with # are skipped."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["txt"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.readable() {
            Some(_) if source.ends_with(&["txt", "text"]) => Confidence::Likely,
            Some(text) if !text.trim_start().starts_with(['{', '[', '(', '<', '"']) => {
                Confidence::Maybe
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let text = source.text()?;
        let principles = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| of_sentence(sections::list_item(line).unwrap_or(line)))
            .collect();
        Ok(Imported::of(self.id(), of_principles(source, principles)?))
    }
}
