//! What people said of answers, from other people's files: items, and labels of one labeller or
//! several.
//!
//! Nobody is made a person: labels that a model gave are imported under its name in
//! [`ImportedLabels::models`], and stay apart. Where a file always puts the better answer first,
//! the sides are drawn, or a judge that always says “first” would look perfect.

mod alpaca_eval;
mod annotated_pairs;
mod answer;
mod gather;
mod hh;
mod icai;
mod llm_bar;
mod mt_bench;
mod own;
mod panda_lm;
mod records;

#[cfg(test)]
mod real_files_tests;
#[cfg(test)]
mod tests;

use super::{Confidence, Format, Imported, Source, stem};
use crate::domain::{Label, LabelItem, LabelSet, LabelTask, Problem};

/// Labels and what they are of.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedLabels {
    /// What people may call the set.
    pub name: String,
    /// What was asked.
    pub task: LabelTask,
    /// What it was asked of; empty where the file holds labels alone, for a set that is there.
    pub items: Vec<LabelItem>,
    /// What was said.
    pub labels: Vec<Label>,
    /// Labellers that are models.
    pub models: Vec<String>,
}

impl ImportedLabels {
    /// A new set for them, with the usual shares.
    pub fn set(&self) -> LabelSet {
        LabelSet { models: self.models.clone(), ..LabelSet::named(&self.name, self.task) }
    }
}

/// Who labelled where a file does not say.
pub const NOBODY_NAMED: &str = "imported";

/// The formats of labels, in the order of preference.
pub static FORMATS: &[&dyn Format<ImportedLabels>] = &[
    &own::Own,
    &annotated_pairs::AnnotatedPairs,
    &hh::Hh,
    &panda_lm::PandaLm,
    &alpaca_eval::AlpacaEval,
    &llm_bar::LlmBar,
    &mt_bench::MtBench,
    &icai::Icai,
    &records::Records,
];

/// The first record of JSON lines or of a JSON array, where it is an object.
fn first_record(source: &Source<'_>) -> Option<serde_json::Map<String, serde_json::Value>> {
    use serde_json::Value;
    let text = source.readable()?.trim_start();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    // One record is enough to know a file by; a large one is not read whole for that.
    let first = text.strip_prefix('[').unwrap_or(text);
    match serde_json::Deserializer::from_str(first).into_iter::<Value>().next()?.ok()? {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// Sure where the first record has all these fields.
fn sure_with(source: &Source<'_>, names: &[&str]) -> Confidence {
    let has_all =
        |fields: serde_json::Map<_, _>| names.iter().all(|name| fields.contains_key(*name));
    if first_record(source).is_some_and(has_all) { Confidence::Sure } else { Confidence::No }
}
