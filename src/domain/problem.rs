//! What is wrong with a document, in words that say what, where and how to mend it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::constitution::Constitution;
use super::prompt::PromptSet;
use super::rubric::{Aggregation, Gate, Rubric, Scale};

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The document can't be used until it is mended.
    Error,
    /// It works, though perhaps not as meant.
    Warning,
}

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where in the document: `P3.weight`, `C2`, `name`.
    pub place: String,
    /// What is wrong, lower-case, no period.
    pub what: String,
    /// How to mend it.
    pub hint: String,
    /// Line and column in the file, counted from 1, where known.
    pub position: Option<(usize, usize)>,
}

impl Problem {
    fn new(severity: Severity, place: impl Into<String>, what: String, hint: &str) -> Self {
        Self { severity, place: place.into(), what, hint: hint.to_owned(), position: None }
    }

    /// An error at a place.
    pub fn error(place: impl Into<String>, what: impl Into<String>, hint: &str) -> Self {
        Self::new(Severity::Error, place, what.into(), hint)
    }

    /// A warning at a place.
    pub fn warning(place: impl Into<String>, what: impl Into<String>, hint: &str) -> Self {
        Self::new(Severity::Warning, place, what.into(), hint)
    }
}

/// Checks a constitution; worst first, then in the document's order.
pub fn of_constitution(constitution: &Constitution) -> Vec<Problem> {
    let mut found = named(&constitution.name);
    let mut seen = BTreeSet::new();
    for principle in &constitution.principles {
        let id = &principle.id.0;
        if id.trim().is_empty() {
            found.push(Problem::error(
                "principles",
                format!("a principle has no id (“{}”)", principle.label()),
                "give it one such as P1",
            ));
        } else if !seen.insert(id.clone()) {
            found.push(Problem::error(
                id.clone(),
                format!("two principles have the id {id}"),
                "give each principle an id of its own",
            ));
        }
        if principle.text.trim().is_empty() {
            found.push(Problem::warning(
                format!("{id}.text"),
                "it has no text, so runs leave it out",
                "write what a response should do, or delete the principle",
            ));
        }
        if !principle.weight.is_finite() || principle.weight < 0.0 {
            found.push(Problem::error(
                format!("{id}.weight"),
                format!("the weight is {}", principle.weight),
                "use a number of 0 or more; 1 is usual",
            ));
        }
        if !(1..=5).contains(&principle.priority) {
            found.push(Problem::error(
                format!("{id}.priority"),
                format!("the priority is {}", principle.priority),
                "use 1 (wins) to 5 (yields)",
            ));
        }
    }
    if constitution.eligible().is_empty() {
        found.push(Problem::warning(
            "principles",
            "no principle is enabled with text and a weight above 0",
            "add or enable one; a run needs at least one",
        ));
    }
    for example in &constitution.examples {
        if !example.principle.0.is_empty() && constitution.principle(&example.principle).is_none() {
            found.push(Problem::warning(
                "examples",
                format!("an example names the principle {}, which is not there", example.principle),
                "name a principle of this constitution, or leave it empty",
            ));
        }
    }
    found.sort_by_key(|problem| problem.severity);
    found
}

/// Checks a rubric; worst first, then in the document's order.
pub fn of_rubric(rubric: &Rubric) -> Vec<Problem> {
    let mut found = named(&rubric.name);
    let mut seen = BTreeSet::new();
    for criterion in &rubric.criteria {
        let id = &criterion.id.0;
        if id.trim().is_empty() {
            found.push(Problem::error(
                "criteria",
                format!("a criterion has no id (“{}”)", criterion.name),
                "give it one such as C1",
            ));
        } else if !seen.insert(id.clone()) {
            found.push(Problem::error(
                id.clone(),
                format!("two criteria have the id {id}"),
                "give each criterion an id of its own",
            ));
        }
        if criterion.name.trim().is_empty() && criterion.description.trim().is_empty() {
            found.push(Problem::error(
                id.clone(),
                "it has neither a name nor a description, so a judge has nothing to go by",
                "say what is judged",
            ));
        }
        if !criterion.weight.is_finite() || criterion.weight < 0.0 {
            found.push(Problem::error(
                format!("{id}.weight"),
                format!("the weight is {}", criterion.weight),
                "use a number of 0 or more; 1 is usual",
            ));
        }
        scale(id, &criterion.scale, criterion.gate, &mut found);
    }
    if rubric.criteria.is_empty() {
        found.push(Problem::warning("criteria", "it has no criterion", "add one"));
    } else if rubric.criteria.iter().all(|criterion| criterion.weight <= 0.0) {
        found.push(Problem::error(
            "criteria",
            "every weight is 0, so there is nothing to average",
            "give at least one criterion a weight above 0",
        ));
    } else if rubric.aggregation == Aggregation::Points
        && rubric.criteria.iter().all(|c| matches!(c.scale, Scale::Points(p) if p <= 0.0))
    {
        found.push(Problem::error(
            "aggregation",
            "no criterion has positive points, so there is nothing to divide the sum by",
            "give at least one criterion positive points, or choose another aggregation",
        ));
    }
    found.sort_by_key(|problem| problem.severity);
    found
}

fn scale(id: &str, scale: &Scale, gate: Gate, found: &mut Vec<Problem>) {
    match scale {
        Scale::Levels { lowest, anchors } => {
            let highest = usize::from(*lowest) + anchors.len().saturating_sub(1);
            if !(2..=9).contains(&anchors.len()) || highest > 9 {
                found.push(Problem::error(
                    format!("{id}.scale"),
                    format!("the scale runs from {lowest} to {highest}"),
                    "use 2 to 9 levels that end at 9 or below: one digit is one token to a judge",
                ));
            }
            let empty = anchors.iter().filter(|anchor| anchor.trim().is_empty()).count();
            if empty > 0 {
                found.push(Problem::warning(
                    format!("{id}.scale"),
                    format!("{empty} of {} levels have no anchor text", anchors.len()),
                    "say what an observer would see at each level",
                ));
            }
            match gate {
                Gate::Met => found.push(Problem::error(
                    format!("{id}.gate"),
                    "the gate “met” is for points, not for levels",
                    "use AtLeast(level)",
                )),
                Gate::AtLeast(level) if level <= *lowest || usize::from(level) > highest => {
                    found.push(Problem::error(
                        format!("{id}.gate"),
                        format!("the gate is at level {level}, outside what can fail and pass"),
                        "use a level above the lowest, up to the highest",
                    ));
                }
                Gate::AtLeast(_) | Gate::Off => {}
            }
        }
        Scale::Points(points) => {
            if !points.is_finite() || *points == 0.0 {
                found.push(Problem::error(
                    format!("{id}.scale"),
                    format!("the points are {points}"),
                    "use a number above 0 for a merit, below 0 for a fault",
                ));
            }
            if matches!(gate, Gate::AtLeast(_)) {
                found.push(Problem::error(
                    format!("{id}.gate"),
                    "the gate “at least” is for levels, not for points",
                    "use Met",
                ));
            }
        }
    }
}

/// Checks a prompt set: ids unique, texts there.
pub fn of_prompts(set: &PromptSet) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, prompt) in set.prompts.iter().enumerate() {
        let place = format!("prompt {}", index + 1);
        if prompt.id.0.trim().is_empty() {
            found.push(Problem::error(place.clone(), "it has no id", "give it one"));
        } else if !seen.insert(prompt.id.clone()) {
            found.push(Problem::error(
                place.clone(),
                format!("the id {} is used twice", prompt.id),
                "give each prompt an id of its own: a run keeps one row for each",
            ));
        }
        if prompt.text().trim().is_empty() {
            found.push(Problem::error(
                place,
                "it is empty",
                "write the user's message, or delete it",
            ));
        }
    }
    found
}

fn named(name: &str) -> Vec<Problem> {
    if name.trim().is_empty() {
        vec![Problem::error("name", "it has no name", "give it one")]
    } else {
        Vec::new()
    }
}
