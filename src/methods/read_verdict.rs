//! Reads a judge's verdict: from probabilities where there are any, else from its text.
//!
//! The readers are strict. A text that names two answers, none, or one outside the scale is not
//! read: that is a state of its own, never a guess.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::{Answer, Criterion, CriterionId, Reply, Scale};

/// What a reply to a [`crate::domain::Want::Choice`] says.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// How probable each answer is, in the question's order.
    Probabilities {
        /// Scaled to sum to 1.
        normalised: Vec<f64>,
        /// The probability of any of the answers, 0..=1.
        mass: f64,
    },
    /// The text names this answer (an index into the question's).
    Named(usize),
    /// It can't be read; the text as it came.
    Unread(String),
}

/// Reads a reply to a choice between `answers`.
pub fn choice(reply: &Reply, answers: &[Answer]) -> Choice {
    if let Some(reading) = &reply.choice
        && reading.probabilities.len() == answers.len()
        && reading.probabilities.iter().all(|p| p.is_finite() && *p >= 0.0)
        && let Some(normalised) = reading.normalised()
    {
        return Choice::Probabilities { normalised, mass: reading.mass().min(1.0) };
    }
    named(&reply.text, answers).map_or_else(|| Choice::Unread(reply.text.clone()), Choice::Named)
}

/// The answer that a text names, as an index; `None` where it names none or more than one.
///
/// Read are: the answer alone (`B`, `(b)`, `**Yes.**`, `4/5`), the answer followed by an
/// explanation after a mark (`A: it is…`, `4. Because`), and the last statement of the form
/// `answer is B`, `Score: 4`, `[RESULT] 4`. A letter counts in capitals, or alone.
pub fn named(text: &str, answers: &[Answer]) -> Option<usize> {
    let labels: Vec<&str> = answers.iter().map(|answer| answer.label.as_str()).collect();
    let text = text.trim();
    match at_start(text, &labels) {
        Start::Names(index) => Some(index),
        Start::NamesTwo => None,
        Start::Other => stated(text, &labels),
    }
}

/// Marks that may stand around an answer.
fn is_wrapping(c: char) -> bool {
    c.is_whitespace() || "*_`'\"“”‘’([{<#>-".contains(c)
}

/// What the beginning of a text says.
enum Start {
    /// This answer.
    Names(usize),
    /// One answer, and then another.
    NamesTwo,
    /// No answer, or an answer's word in a sentence.
    Other,
}

fn at_start(text: &str, labels: &[&str]) -> Start {
    let rest = text.trim_start_matches(is_wrapping);
    let Some((index, after)) = leading_label(rest, labels) else { return Start::Other };
    let after_mark = after.trim_start_matches(|c: char| "*_`'\"“”‘’)]}>".contains(c));
    if after_mark.trim_matches(|c: char| !c.is_alphanumeric()).is_empty() {
        return Start::Names(index);
    }
    // “a good question” is not the answer A.
    if labels[index].len() == 1 && rest.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Start::Other;
    }
    if let Some(maximum) = out_of(after_mark) {
        return if labels.last() == Some(&maximum) { Start::Names(index) } else { Start::NamesTwo };
    }
    let marked = [".", ",", ";", ":", "\n", "–", "—", " -", " –", " —", " because"]
        .iter()
        .any(|mark| after_mark.starts_with(mark))
        || (after_mark.len() < after.len() && !after_mark.starts_with(char::is_alphanumeric));
    let decimal = after.starts_with('.') && after[1..].starts_with(|c: char| c.is_ascii_digit());
    if !marked || decimal {
        return Start::Other;
    }
    // “Yes, no.” and “A, B” name two; so does a later statement of another answer.
    let next = after_mark.trim_start_matches(|c: char| !c.is_alphanumeric());
    let names_another_next = leading_label(next, labels).is_some_and(|(other, rest)| {
        other != index && rest.trim_matches(|c: char| !c.is_alphanumeric()).is_empty()
    });
    let states_another = stated(after_mark, labels).is_some_and(|other| other != index);
    if names_another_next || states_another { Start::NamesTwo } else { Start::Names(index) }
}

/// The label that a text begins with, as a whole word, and what follows.
fn leading_label<'t>(text: &'t str, labels: &[&str]) -> Option<(usize, &'t str)> {
    labels.iter().enumerate().find_map(|(index, label)| {
        let head = text.get(..label.len())?;
        let after = &text[label.len()..];
        let whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '\'' || c == '’');
        (head.eq_ignore_ascii_case(label) && whole).then_some((index, after))
    })
}

/// The `5` of `/5` or ` out of 5`.
fn out_of(after: &str) -> Option<&str> {
    static OUT_OF: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\s*(?:/|out of)\s*(\d+)\b").ok());
    OUT_OF.as_ref()?.captures(after)?.get(1).map(|m| m.as_str())
}

/// The answer of the last `answer is …`; `None` where there is none or two differ.
fn stated(text: &str, labels: &[&str]) -> Option<usize> {
    static STATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?ix)
            (?: \b(?:answer|verdict|score|rating|choice|level|number|winner|better\s+(?:one|response))
                \b["*_]* \s* (?: is | would\s+be | : | = )  [:\s]*
              | \[result\] \s* :? \s*
              | ^\s* (?:response|option) \s+ )
            [\s"'“‘*_`(\[<]* (?:(?:response|option|level|an?)\s+)? [\s"'“‘*_`(\[<]*
            ([[:alnum:]]+ (?: [.,/] \d+)?)"#,
        )
        .ok()
    });
    let mut found = None;
    for captures in STATED.as_ref()?.captures_iter(text) {
        let word = captures.get(1)?.as_str();
        let (value, of) = word.split_once('/').map_or((word, None), |(v, of)| (v, Some(of)));
        let index = labels.iter().position(|label| label.eq_ignore_ascii_case(value))?;
        if of.is_some_and(|of| labels.last() != Some(&of)) {
            return None;
        }
        if found.is_some_and(|before| before != index) {
            return None;
        }
        found = Some(index);
    }
    found
}

/// One criterion's line in a batched answer.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchLine {
    /// The level, or 1 for met and 0 for not.
    pub value: f64,
    /// The reason before it; may be empty.
    pub reason: String,
}

/// Reads a batched answer: lines `C1: 4` and, before them, perhaps `Reason C1: …`.
///
/// A criterion without a line, with an unreadable one, or with two that differ is not in the
/// result. Where the text gives a verdict for a name that is not asked about, or out of order of
/// meaning (a shifted numbering), nothing is read at all: the values may belong to others.
pub fn batch(text: &str, criteria: &[Criterion]) -> BTreeMap<CriterionId, BatchLine> {
    let mut values: BTreeMap<CriterionId, Option<f64>> = BTreeMap::new();
    let mut reasons: BTreeMap<CriterionId, String> = BTreeMap::new();
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['-', '*', '•', '#', '`', ' ']);
        let Some((head, rest)) = line.split_once(':') else { continue };
        let head = head.trim().trim_matches(['*', '_', '`', '"', '[', ']', '(', ')']).trim();
        let rest = rest.trim().trim_matches(['*', '_', '`', '"']).trim();
        let (is_reason, name) = match head.split_once(' ') {
            Some((word, name)) if word.eq_ignore_ascii_case("reason") => (true, name.trim()),
            _ => (false, head),
        };
        let criterion = criteria.iter().find(|c| c.id.as_str().eq_ignore_ascii_case(name));
        match criterion {
            Some(criterion) if is_reason => {
                reasons.insert(criterion.id.clone(), rest.to_owned());
            }
            Some(criterion) => {
                let value = verdict_value(rest, &criterion.scale);
                values
                    .entry(criterion.id.clone())
                    .and_modify(|before| {
                        if *before != value {
                            *before = None;
                        }
                    })
                    .or_insert(value);
            }
            // A verdict for a name that was not asked about.
            None if !is_reason && !name.contains(' ') && looks_like_verdict(rest) => {
                return BTreeMap::new();
            }
            None => {}
        }
    }
    values
        .into_iter()
        .filter_map(|(id, value)| {
            let reason = reasons.remove(&id).unwrap_or_default();
            Some((id, BatchLine { value: value?, reason }))
        })
        .collect()
}

/// The answers that a judge can give for a scale.
pub fn answers_of(scale: &Scale) -> Vec<Answer> {
    match scale.range() {
        Some((lowest, highest)) => {
            (lowest..=highest).map(|level| Answer::letter(&level.to_string())).collect()
        }
        None => vec![Answer::of("Yes"), Answer::of("No")],
    }
}

/// The values of [`answers_of`], in the same order: the levels, or 1 and 0.
pub fn values_of(scale: &Scale) -> Vec<f64> {
    match scale.range() {
        Some((lowest, highest)) => (lowest..=highest).map(f64::from).collect(),
        None => vec![1.0, 0.0],
    }
}

fn verdict_value(text: &str, scale: &Scale) -> Option<f64> {
    let index = named(text, &answers_of(scale))?;
    values_of(scale).get(index).copied()
}

fn looks_like_verdict(text: &str) -> bool {
    let word = text.trim_end_matches('.');
    (word.len() == 1 && word.starts_with(|c: char| c.is_ascii_digit()))
        || word.eq_ignore_ascii_case("yes")
        || word.eq_ignore_ascii_case("no")
}

#[cfg(test)]
mod tests;
