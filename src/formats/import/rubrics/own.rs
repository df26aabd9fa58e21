//! Preamble's own rubrics.

use serde_json::Value;

use super::{Confidence, Format, Imported, ImportedRubric, Problem, Source, alone};
use crate::formats::{document, ron_text};

/// Our RON.
pub(super) struct Ron;

impl Format<Vec<ImportedRubric>> for Ron {
    fn id(&self) -> &'static str {
        "ron"
    }
    fn title(&self) -> &'static str {
        "Preamble's RON"
    }
    fn doc(&self) -> &'static str {
        "A rubric as Preamble keeps it.\n\nEverything is read; an unknown field is an error."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["ron"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.readable() {
            Some(_) if source.ends_with(self.endings()) => Confidence::Sure,
            Some(text)
                if text.trim_start().starts_with('(')
                    && ron_text::outer_field(text, "criteria").is_some() =>
            {
                Confidence::Sure
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Vec<ImportedRubric>>, Problem> {
        let rubric = document::parse(source.text()?, "rubric")?;
        Ok(Imported::of(self.id(), alone(rubric)))
    }
}

/// Our JSON.
pub(super) struct Json;

impl Format<Vec<ImportedRubric>> for Json {
    fn id(&self) -> &'static str {
        "json"
    }
    fn title(&self) -> &'static str {
        "Preamble's JSON"
    }
    fn doc(&self) -> &'static str {
        "A rubric as Preamble exports it to JSON.\n\nEverything is read; an unknown field is an \
         error."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.json() {
            Some(value) if value.get("criteria").is_some_and(Value::is_array) => Confidence::Sure,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Vec<ImportedRubric>>, Problem> {
        let rubric = document::parse_json(source.text()?, "rubric")?;
        Ok(Imported::of(self.id(), alone(rubric)))
    }
}
