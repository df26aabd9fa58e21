//! PaperBench's weighted trees (openai/preparedness, `paperbench/rubric/tasks.py`).

use serde_json::Value;

use super::{Confidence, Format, Imported, ImportedRubric, Problem, Source};
use super::{alone, first_words, numbered, some};
use crate::domain::{Aggregation, Criterion, Rubric, Scale};
use crate::formats::{import::stem, lenient};

/// `{"requirements", "weight", "sub_tasks": […]}`.
pub(super) struct PaperBench;

impl Format<Vec<ImportedRubric>> for PaperBench {
    fn id(&self) -> &'static str {
        "paperbench"
    }
    fn title(&self) -> &'static str {
        "PaperBench rubric tree (JSON)"
    }
    fn doc(&self) -> &'static str {
        "A tree of requirements with weights among siblings.\n\nThe leaves become criteria met or \
         not met; each leaf's points are its share of the whole, in per cent, so that the reward is \
         the tree's score. The requirements above a leaf stand in its description."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["json"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        match source.json() {
            Some(value) if value.get("sub_tasks").is_some_and(Value::is_array) => Confidence::Sure,
            _ => Confidence::No,
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<Vec<ImportedRubric>>, Problem> {
        let tree: Value = serde_json::from_str(source.text()?)
            .map_err(|error| lenient::json_problem(&error, 0))?;
        let mut criteria = Vec::new();
        let mut dropped = Vec::new();
        // JSON's own limit on nesting (128) bounds this recursion.
        leaves(&tree, 100.0, &mut Vec::new(), &mut criteria, &mut dropped);
        if criteria.is_empty() {
            some(Vec::new())?;
        }
        let count = criteria.len();
        let rubric = Rubric {
            aggregation: Aggregation::Points,
            description: requirement(&tree).to_owned(),
            criteria: numbered(criteria),
            ..Rubric::named(stem(source.name))
        };
        let mut imported = Imported::of(self.id(), alone(rubric))
            .note(format!("The tree's {count} leaves became criteria; points are shares of 100."));
        imported.dropped = dropped;
        Ok(imported)
    }
}

fn requirement(node: &Value) -> &str {
    node.get("requirements").and_then(Value::as_str).unwrap_or_default().trim()
}

fn leaves<'v>(
    node: &'v Value,
    share: f64,
    above: &mut Vec<&'v str>,
    criteria: &mut Vec<Criterion>,
    dropped: &mut Vec<(String, String)>,
) {
    let text = requirement(node);
    let children = node.get("sub_tasks").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if children.is_empty() {
        if share <= 0.0 || text.is_empty() {
            dropped.push((first_words(text), "a leaf without weight or text".to_owned()));
            return;
        }
        // The outermost requirement is the rubric's description.
        let path = above.get(1..).unwrap_or_default().join(" → ");
        let description =
            if path.is_empty() { text.to_owned() } else { format!("{text}\n(Part of: {path})") };
        criteria.push(Criterion {
            name: first_words(text),
            description,
            scale: Scale::Points(share),
            ..Criterion::default()
        });
        return;
    }
    let weight = |child: &Value| {
        let weight = child.get("weight").and_then(Value::as_f64).unwrap_or(0.0);
        if weight.is_finite() { weight.max(0.0) } else { 0.0 }
    };
    let total: f64 = children.iter().map(weight).sum();
    above.push(text);
    for child in children {
        let part = if total > 0.0 { share * weight(child) / total } else { 0.0 };
        leaves(child, part, above, criteria, dropped);
    }
    above.pop();
}
