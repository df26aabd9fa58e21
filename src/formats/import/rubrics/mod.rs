//! Rubrics from other people's files; a file may hold one for each of many prompts.

mod health_bench;
mod own;
mod paper_bench;
mod prometheus;
mod rubrics_as_rewards;

use super::{Confidence, Format, Imported, ImportedRubric, Source, stem};
use crate::domain::{Criterion, CriterionId, Problem, Rubric};

/// The formats of rubrics, in the order of preference.
pub static FORMATS: &[&dyn Format<Vec<ImportedRubric>>] = &[
    &own::Ron,
    &own::Json,
    &prometheus::Prometheus,
    &health_bench::HealthBench,
    &rubrics_as_rewards::RubricsAsRewards,
    &paper_bench::PaperBench,
];

/// A rubric alone.
fn alone(rubric: Rubric) -> Vec<ImportedRubric> {
    vec![ImportedRubric { rubric, prompt: None }]
}

/// Criteria with ids C1, C2, ….
fn numbered(mut criteria: Vec<Criterion>) -> Vec<Criterion> {
    for (index, criterion) in criteria.iter_mut().enumerate() {
        criterion.id = CriterionId(format!("C{}", index + 1));
    }
    criteria
}

/// The first words of a text, for a criterion's name.
fn first_words(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let short = words.iter().take(7).copied().collect::<Vec<_>>().join(" ");
    if words.len() > 7 { format!("{short} …") } else { short }
}

/// A name for the rubric of one record.
fn record_name(source: &Source<'_>, id: Option<&str>, number: usize, of: usize) -> String {
    match id.filter(|id| !id.trim().is_empty()) {
        Some(id) => id.to_owned(),
        None if of == 1 => stem(source.name),
        None => format!("{} {number}", stem(source.name)),
    }
}

/// Refuses an import without a rubric.
fn some(found: Vec<ImportedRubric>) -> Result<Vec<ImportedRubric>, Problem> {
    if found.is_empty() {
        Err(Problem::error(
            "file",
            "no rubric was found in it",
            "each needs criteria with levels or points",
        ))
    } else {
        Ok(found)
    }
}
