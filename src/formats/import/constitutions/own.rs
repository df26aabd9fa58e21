//! Preamble's own constitutions.

use super::{Confidence, Constitution, Format, Imported, Problem, Source};
use crate::formats::{document, markdown, ron_text};

/// Our RON.
pub(super) struct Ron;

impl Format<Constitution> for Ron {
    fn id(&self) -> &'static str {
        "ron"
    }
    fn title(&self) -> &'static str {
        "Preamble's RON"
    }
    fn doc(&self) -> &'static str {
        "A constitution as Preamble keeps it.\n\nEverything is read; an unknown field is an error."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["ron"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.readable() {
            Some(_) if source.ends_with(self.endings()) => Confidence::Sure,
            Some(text) if ron_text::outer_field(head(text), "principles").is_some() => {
                if text.trim_start().starts_with('(') { Confidence::Sure } else { Confidence::No }
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let value = document::parse(source.text()?, "constitution")?;
        Ok(Imported::of(self.id(), value))
    }
}

/// The first part of a text, enough to see what it is.
fn head(text: &str) -> &str {
    let mut end = text.len().min(1 << 16);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Our JSON.
pub(super) struct Json;

impl Format<Constitution> for Json {
    fn id(&self) -> &'static str {
        "json"
    }
    fn title(&self) -> &'static str {
        "Preamble's JSON"
    }
    fn doc(&self) -> &'static str {
        "A constitution as Preamble exports it to JSON.\n\nEverything is read; an unknown field is \
         an error."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.json() {
            Some(value) if value.get("principles").is_some_and(serde_json::Value::is_array) => {
                Confidence::Sure
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let value = document::parse_json(source.text()?, "constitution")?;
        Ok(Imported::of(self.id(), value))
    }
}

/// Our Markdown.
pub(super) struct Markdown;

impl Format<Constitution> for Markdown {
    fn id(&self) -> &'static str {
        "markdown"
    }
    fn title(&self) -> &'static str {
        "Preamble's Markdown"
    }
    fn doc(&self) -> &'static str {
        "A constitution as Preamble exports it to Markdown, edited or not.\n\nTexts stand in block \
         quotes, tags and weights in lists; everything is read back."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["md"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.readable() {
            Some(text) if markdown::is_ours(text) => Confidence::Sure,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let value = markdown::read_constitution(source.text()?)?;
        Ok(Imported::of(self.id(), value))
    }
}
