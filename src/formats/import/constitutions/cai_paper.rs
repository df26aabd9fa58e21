//! The instruction files of the Constitutional AI paper
//! (anthropics/ConstitutionalHarmlessnessPaper, `prompts/`).

use serde_json::Value;

use super::{Confidence, Constitution, FROM_REQUESTS, Format, Imported, Problem, Source};
use super::{of_principles, of_requests};
use crate::domain::Principle;
use crate::formats::{import::refuse, lenient};

/// `CritiqueRevisionInstructions.json` and `RLMadisonInstructions.json`.
pub(super) struct CaiPaper;

impl Format<Constitution> for CaiPaper {
    fn id(&self) -> &'static str {
        "cai-paper"
    }
    fn title(&self) -> &'static str {
        "The Constitutional AI paper's instructions (JSON)"
    }
    fn doc(&self) -> &'static str {
        "Critique and revision instructions, or pairwise ones, of Bai et al. 2022.\n\nThe framing \
         (“CritiqueRequest:”, “Options:”) is taken off; where several critique prompts stand, the \
         first is taken."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        let fits = match source.json() {
            Some(Value::Object(fields)) => {
                !fields.is_empty()
                    && fields.values().all(|item| {
                        item.get("edit_request").is_some() && item.get("prompt").is_some()
                    })
            }
            Some(Value::Array(items)) => {
                !items.is_empty()
                    && items.iter().all(|item| {
                        item.as_str().is_some_and(|text| {
                            text.trim_end().ends_with("Options:") || is_dialogue(text)
                        })
                    })
            }
            _ => false,
        };
        if fits { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Constitution>, Problem> {
        let value: Value = serde_json::from_str(source.text()?)
            .map_err(|error| lenient::json_problem(&error, 0))?;
        match &value {
            Value::Object(fields) => {
                let mut principles = Vec::new();
                let mut dropped = Vec::new();
                for (name, item) in fields {
                    let critique = match item.get("prompt") {
                        Some(Value::Array(prompts)) => prompts.first().and_then(Value::as_str),
                        Some(Value::String(prompt)) => Some(prompt.as_str()),
                        _ => None,
                    };
                    let critique =
                        between(critique.unwrap_or_default(), "CritiqueRequest:", "Critique:");
                    let edit = item.get("edit_request").and_then(Value::as_str).unwrap_or_default();
                    let revision = between(edit, "RevisionRequest:", "Revision:");
                    if critique.is_empty() && revision.is_empty() {
                        dropped.push((name.clone(), "it has no requests".to_owned()));
                    } else {
                        principles.push(of_requests(name, critique, revision));
                    }
                }
                let constitution = of_principles(source, principles)?;
                let mut imported = Imported::of(self.id(), constitution).note(FROM_REQUESTS);
                imported.dropped = dropped;
                Ok(imported)
            }
            Value::Array(items) => {
                let texts: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
                if texts.iter().any(|text| is_dialogue(text)) {
                    return Err(Problem::error(
                        "file",
                        "it is a list of few-shot dialogues of the Constitutional AI paper, \
                         not a constitution",
                        "import CritiqueRevisionInstructions.json or RLMadisonInstructions.json",
                    ));
                }
                let principles = texts
                    .iter()
                    .map(|text| text.trim().trim_end_matches("Options:").trim())
                    .map(|text| Principle {
                        text: text.to_owned(),
                        comparison_question: text.to_owned(),
                        ..Principle::default()
                    })
                    .collect();
                Ok(Imported::of(self.id(), of_principles(source, principles)?).note(
                    "Each instruction is both the principle's text and its comparison question.",
                ))
            }
            other => Err(refuse::unknown_json(other, "instruction file", "")),
        }
    }
}

fn is_dialogue(text: &str) -> bool {
    text.contains("\n\nHuman:") || text.contains("CritiqueRequest:")
}

/// What stands behind the first mark, up to the last one.
fn between<'t>(text: &'t str, first: &str, last: &str) -> &'t str {
    let text = text.trim();
    let text = text.strip_prefix(first).unwrap_or(text);
    text.strip_suffix(last).unwrap_or(text).trim()
}
