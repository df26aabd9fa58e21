//! LangChain's `ConstitutionalPrinciple` values
//! (langchain-ai/langchain, `chains/constitutional_ai/models.py`).

use serde_json::Value;

use super::{Confidence, Constitution, FROM_REQUESTS, Format, Imported, Problem, Source};
use super::{each_has, of_principles, of_requests};
use crate::formats::{import::refuse, lenient};

/// A list or an object of `{critique_request, revision_request, name}`.
pub(super) struct LangChain;

impl Format<Constitution> for LangChain {
    fn id(&self) -> &'static str {
        "langchain"
    }
    fn title(&self) -> &'static str {
        "LangChain's constitutional principles (JSON)"
    }
    fn doc(&self) -> &'static str {
        "Critique and revision requests with names.\n\nA list of objects, or an object whose keys \
         are the names; each becomes a principle."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let field = "critique_request";
        let fits = match source.json() {
            Some(Value::Array(items)) => !items.is_empty() && each_has(items.iter(), field),
            Some(Value::Object(fields)) => {
                fields.contains_key(field)
                    || (!fields.is_empty() && each_has(fields.values(), field))
            }
            _ => false,
        };
        if fits { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let value: Value = serde_json::from_str(source.text()?)
            .map_err(|error| lenient::json_problem(&error, 0))?;
        let items: Vec<(String, &Value)> = match &value {
            Value::Array(items) => items.iter().map(|item| (String::new(), item)).collect(),
            Value::Object(fields) if fields.contains_key("critique_request") => {
                vec![(String::new(), &value)]
            }
            Value::Object(fields) => {
                fields.iter().map(|(name, item)| (name.clone(), item)).collect()
            }
            _ => return Err(refuse::unknown_json(&value, "list of principles", "")),
        };
        let mut principles = Vec::new();
        let mut dropped = Vec::new();
        for (index, (key, item)) in items.into_iter().enumerate() {
            let field = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
            let (critique, revision) = (field("critique_request"), field("revision_request"));
            if critique.trim().is_empty() && revision.trim().is_empty() {
                let place = if key.is_empty() { format!("[{index}]") } else { key };
                dropped.push((place, "it has no requests".to_owned()));
                continue;
            }
            // LangChain's own default name says nothing.
            let name = match field("name") {
                "" | "Constitutional Principle" => key.as_str(),
                name => name,
            };
            principles.push(of_requests(name, critique, revision));
        }
        let mut imported =
            Imported::of(self.id(), of_principles(source, principles)?).note(FROM_REQUESTS);
        imported.dropped = dropped;
        Ok(imported)
    }
}
