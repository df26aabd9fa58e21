//! Principles that Inverse Constitutional AI found (rdnfn/icai, results folder).

use serde_json::Value;

use super::{Confidence, Constitution, Format, Imported, Problem, Source};
use super::{of_principles, of_sentence};
use crate::formats::import::{refuse, sections};
use crate::formats::lenient;

/// A JSON list of texts, or one JSON text of numbered lines.
pub(super) struct Icai;

impl Format<Constitution> for Icai {
    fn id(&self) -> &'static str {
        "icai"
    }
    fn title(&self) -> &'static str {
        "Inverse Constitutional AI results (JSON)"
    }
    fn doc(&self) -> &'static str {
        "A list of sentences, or one text of numbered lines.\n\nEach becomes a principle; sentences \
         that choose a response become its comparison question as well."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.json() {
            Some(Value::String(_)) => Confidence::Likely,
            Some(Value::Array(items))
                if items.iter().all(Value::is_string) && !items.is_empty() =>
            {
                Confidence::Likely
            }
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let value: Value = serde_json::from_str(source.text()?)
            .map_err(|error| lenient::json_problem(&error, 0))?;
        let lines: Vec<&str> = match &value {
            Value::String(text) => text.lines().collect(),
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            other => return Err(refuse::unknown_json(other, "list of principles", "")),
        };
        let principles = lines
            .into_iter()
            .map(|line| sections::list_item(line.trim()).unwrap_or(line.trim()))
            .filter(|line| !line.is_empty())
            .map(of_sentence)
            .collect();
        Ok(Imported::of(self.id(), of_principles(source, principles)?))
    }
}
