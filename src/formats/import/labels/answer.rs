//! What a label's cell says, in the many ways in which it is written.

use serde_json::Value;

use crate::domain::{Certainty, LabelAnswer, LabelTask};
use crate::formats::lenient;

/// How the numbers of a file's labels of pairs are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// 1 is the first answer, 2 the second, and 0 neither.
    FromOne,
    /// They could mean several things.
    Unclear,
}

impl Numbers {
    /// By all labels of a file: 0, 1 and 2 are clear where there is a 2 and nothing else.
    pub(super) fn of<'v>(labels: impl Iterator<Item = &'v Value>) -> Self {
        let numbers: Vec<f64> = labels.filter_map(number).collect();
        let is_known = |number: &f64| [0.0, 1.0, 2.0].contains(number);
        if numbers.contains(&2.0) && numbers.iter().all(is_known) {
            Self::FromOne
        } else {
            Self::Unclear
        }
    }
}

/// A number, also where it is written as a text.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        _ => None,
    }
}

/// Whether a cell says nothing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// What is said of a pair. `sides` are further names of the first and of the second answer: their
/// columns' and their models'.
pub(super) fn of_pair(
    value: &Value,
    sides: (&[&str], &[&str]),
    numbers: Numbers,
) -> Option<LabelAnswer> {
    if let Some(number) = number(value) {
        return match (numbers, number) {
            (Numbers::Unclear, _) => None,
            (Numbers::FromOne, 1.0) => Some(LabelAnswer::A),
            (Numbers::FromOne, 2.0) => Some(LabelAnswer::B),
            (Numbers::FromOne, _) => Some(LabelAnswer::Tie),
        };
    }
    let said = words(value)?;
    let is_side = |names: &[&str]| names.iter().any(|name| word(name) == said);
    match said.as_str() {
        "a" | "first" | "left" | "model a" | "response a" | "text a" | "answer a" | "output 1"
        | "response 1" | "answer 1" => Some(LabelAnswer::A),
        "b" | "second" | "right" | "model b" | "response b" | "text b" | "answer b"
        | "output 2" | "response 2" | "answer 2" => Some(LabelAnswer::B),
        "tie" | "equal" | "same" | "draw" | "both" | "both good" | "tie (bothgood)" => {
            Some(LabelAnswer::Tie)
        }
        "both bad" | "bothbad" | "tie (bothbad)" | "tie (both bad)" | "neither" => {
            Some(LabelAnswer::BothBad)
        }
        _ => match (is_side(sides.0), is_side(sides.1)) {
            (true, false) => Some(LabelAnswer::A),
            (false, true) => Some(LabelAnswer::B),
            _ => cant_tell(&said),
        },
    }
}

/// What is said of one answer: pass or fail.
pub(super) fn of_one(value: &Value) -> Option<LabelAnswer> {
    if let Value::Bool(passes) = value {
        return Some(if *passes { LabelAnswer::Pass } else { LabelAnswer::Fail });
    }
    match words(value)?.as_str() {
        "pass" | "passed" | "yes" | "true" | "met" | "good" | "correct" | "1" | "1.0" => {
            Some(LabelAnswer::Pass)
        }
        "fail" | "failed" | "no" | "false" | "unmet" | "not met" | "bad" | "incorrect" | "0"
        | "0.0" => Some(LabelAnswer::Fail),
        said => cant_tell(said),
    }
}

fn cant_tell(said: &str) -> Option<LabelAnswer> {
    match said {
        "unsure" | "?" | "skip" | "can't tell" | "unclear" => Some(LabelAnswer::Unsure),
        "n/a" | "na" | "not applicable" | "does not apply" => Some(LabelAnswer::NotApplicable),
        _ => None,
    }
}

/// How sure somebody is, where it is said in the set's own words.
pub(super) fn sure(value: &Value) -> Option<Certainty> {
    match words(value)?.as_str() {
        "guess" | "1" => Some(Certainty::Guess),
        "fairly" | "2" => Some(Certainty::Fairly),
        "certain" | "3" => Some(Certainty::Certain),
        _ => None,
    }
}

/// What can be written for a task, for hints.
pub(super) fn known(task: LabelTask) -> &'static str {
    match task {
        LabelTask::Pairwise => {
            "write a, b, tie, both bad, unsure or n/a; or 1 for the first, 2 for the second and 0 \
             for a tie"
        }
        LabelTask::PassFail => "write pass, fail, unsure or n/a",
        LabelTask::Scores => "write a whole number, 0 to 100",
    }
}

fn words(value: &Value) -> Option<String> {
    lenient::scalar(value).map(|text| word(&text))
}

fn word(text: &str) -> String {
    text.trim().to_lowercase().replace(['_', '-'], " ")
}
