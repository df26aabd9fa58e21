//! Constitutions from other people's files.

mod cai_paper;
mod hf;
mod icai;
mod langchain;
mod lines;
mod model_spec;
mod outline;
mod own;

use serde_json::Value;

use super::{Confidence, Format, Imported, Source, stem};
use crate::domain::{Constitution, Principle, PrincipleId, Problem};

/// The formats of constitutions, in the order of preference.
pub static FORMATS: &[&dyn Format<Constitution>] = &[
    &own::Ron,
    &own::Json,
    &own::Markdown,
    &hf::HuggingFace,
    &langchain::LangChain,
    &cai_paper::CaiPaper,
    &icai::Icai,
    &model_spec::ModelSpec,
    &outline::Outline,
    &lines::Lines,
];

/// The most principles that a file may give.
const MOST_PRINCIPLES: usize = 10_000;

/// A constitution of these principles, numbered; refused where there are none or too many.
fn of_principles(
    source: &Source<'_>,
    mut principles: Vec<Principle>,
) -> Result<Constitution, Problem> {
    if principles.is_empty() {
        return Err(Problem::error(
            "file",
            "no principle was found in it",
            "write one principle a line, or one a list item or heading",
        ));
    }
    if principles.len() > MOST_PRINCIPLES {
        return Err(Problem::error(
            "file",
            format!("it gives {} principles, more than {MOST_PRINCIPLES}", principles.len()),
            "is it a constitution? otherwise split it",
        ));
    }
    for (index, principle) in principles.iter_mut().enumerate() {
        if principle.id.0.is_empty() {
            principle.id = PrincipleId(format!("P{}", index + 1));
        }
    }
    Ok(Constitution { principles, ..Constitution::named(stem(source.name)) })
}

/// A principle of a critique and a revision request. Neither states the principle; what is to be
/// revised comes nearest, and it is a text that people can shorten.
fn of_requests(title: &str, critique: &str, revision: &str) -> Principle {
    let text = if revision.trim().is_empty() { critique } else { revision };
    Principle {
        title: title.to_owned(),
        text: text.trim().to_owned(),
        critique_request: critique.trim().to_owned(),
        revision_request: revision.trim().to_owned(),
        ..Principle::default()
    }
}

/// What the requests' formats tell.
const FROM_REQUESTS: &str = "The file holds requests, not principles: each principle's text is its \
                             revision request, and both requests are kept as they are.";

/// A principle of one sentence; “Choose the response that …” is also its comparison question.
fn of_sentence(text: &str) -> Principle {
    let text = text.trim();
    let lower = text.to_lowercase();
    let compares = ["choose the ", "select the ", "which "].iter().any(|s| lower.starts_with(s))
        && (lower.contains("response") || lower.contains("answer") || lower.contains("option"));
    let comparison_question = if compares { text.to_owned() } else { String::new() };
    Principle { text: text.to_owned(), comparison_question, ..Principle::default() }
}

/// Whether a JSON list or a JSON object's values all have one of these text fields.
fn each_has<'v>(mut items: impl Iterator<Item = &'v Value>, field: &str) -> bool {
    items.all(|item| item.get(field).is_some_and(Value::is_string))
}
