//! Reads a judge's verdict: from probabilities where there are any, else from its text.
//!
//! The readers are strict. A text that names two answers, none, or one outside the scale is not
//! read: that is a state of its own, never a guess.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::{Answer, Criterion, CriterionId, Finish, Reply, Scale};

/// How much of an answer that could not be read is kept with the row, in bytes: the whole is in the
/// journal, and one answer may stand behind many criteria.
const KEPT: usize = 4 << 10;

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
    let is_whole = reply.finish != Finish::Filtered
        && (reply.finish != Finish::Length || !ends_in_answer(&reply.text, answers));
    match named(&reply.text, answers).filter(|_| is_whole) {
        Some(index) => Choice::Named(index),
        None => Choice::Unread(kept(&reply.text)),
    }
}

/// An unread answer as far as it is kept with the row.
pub fn kept(text: &str) -> String {
    if text.len() <= KEPT {
        return text.to_owned();
    }
    let mut end = KEPT;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}… ({} bytes in all)", &text[..end], text.len())
}

/// Whether a text ends in one of the answers, with words before it: cut off there, `Score: 4` may
/// have been going to say 4.5. An answer alone was all that there was room for.
fn ends_in_answer(text: &str, answers: &[Answer]) -> bool {
    let text = text.trim();
    let before = text.trim_end_matches(char::is_alphanumeric);
    let last = &text[before.len()..];
    !before.trim_matches(is_wrapping).is_empty()
        && answers.iter().any(|answer| answer.label.eq_ignore_ascii_case(last))
}

/// The answer that a text names, as an index; `None` where it names none or more than one.
///
/// Read are: the answer alone (`B`, `(b)`, `**Yes.**`, `4/5`), the answer followed by an
/// explanation after a mark (`A: it is…`, `4. Because`), and the last statement of the form
/// `answer is B`, `Score: 4`, `[RESULT] 4`. A letter counts in capitals, or alone. JSON counts
/// where it is whole. Not read are hedges (`3 or 4`, `3-4`, `B?`), other scales (`4/10`, `4 %`),
/// negations (`I don't think the answer is A`), and lists that say something of each answer.
pub fn named(text: &str, answers: &[Answer]) -> Option<usize> {
    let labels: Vec<&str> = answers.iter().map(|answer| answer.label.as_str()).collect();
    let text = text.trim();
    let bare = text.trim_start_matches('`').trim_start_matches("json").trim_end_matches('`').trim();
    if bare.starts_with('{') {
        return in_json(bare, &labels);
    }
    match at_start(text, &labels) {
        Start::Names(index) => Some(index),
        Start::NamesTwo => None,
        Start::Other => stated(text, &labels),
    }
}

/// Marks that may stand around an answer.
fn is_wrapping(c: char) -> bool {
    c.is_whitespace() || "*_`'\"“”‘’([{#>-".contains(c)
}

/// Marks that may close what [`is_wrapping`] opened.
fn is_closing(c: char) -> bool {
    "*_`'\"“”‘’)]}".contains(c)
}

/// The answer of a JSON object that is whole: the one field whose name says that it is the answer.
fn in_json(text: &str, labels: &[&str]) -> Option<usize> {
    const NAMES: [&str; 9] =
        ["answer", "verdict", "score", "rating", "choice", "result", "level", "winner", "label"];
    let serde_json::Value::Object(fields) = serde_json::from_str(text).ok()? else { return None };
    let is_name = |name: &str| NAMES.iter().any(|known| name.trim().eq_ignore_ascii_case(known));
    let mut found = fields.iter().filter(|(name, _)| is_name(name));
    let ((name, value), None) = (found.next()?, found.next()) else { return None };
    // Of a name given twice, the map only has the last.
    if text.matches(&format!("\"{name}\"")).count() != 1 {
        return None;
    }
    let word = match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let (Start::Names(index), true) = (at_start(&word, labels), !word.starts_with('{')) else {
        return None;
    };
    Some(index)
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
    let is_negative = text[..text.len() - rest.len()].ends_with('-')
        && rest.starts_with(|c: char| c.is_ascii_digit());
    let Some((index, after)) = leading_label(rest, labels) else { return Start::Other };
    let after_mark = after.trim_start_matches(is_closing);
    if is_negative || hedges(after_mark, labels) {
        return Start::Other;
    }
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
        // “**No** it is not” answers; “(A) is worse” speaks of A.
        || (labels[index].len() > 1
            && after_mark.len() < after.len()
            && !after_mark.starts_with(char::is_alphanumeric));
    let decimal =
        after.starts_with(['.', ',']) && after[1..].starts_with(|c: char| c.is_ascii_digit());
    if !marked || decimal {
        return Start::Other;
    }
    // “Yes, no.” and “A, B” name two; so does a later statement of another answer.
    let next = after_mark.trim_start_matches(|c: char| !c.is_alphanumeric());
    let names_another_next = leading_label(next, labels).is_some_and(|(other, rest)| {
        other != index && rest.trim_matches(|c: char| !c.is_alphanumeric()).is_empty()
    });
    let states_another = stated(after_mark, labels).is_some_and(|other| other != index);
    if names_another_next || states_another || lists_another(after_mark, index, labels) {
        Start::NamesTwo
    } else {
        Start::Names(index)
    }
}

/// The label that a text begins with, as a whole word, and what follows.
fn leading_label<'t>(text: &'t str, labels: &[&str]) -> Option<(usize, &'t str)> {
    labels.iter().enumerate().find_map(|(index, label)| {
        let head = text.get(..label.len())?;
        let after = &text[label.len()..];
        (head.eq_ignore_ascii_case(label) && is_whole_before(after)).then_some((index, after))
    })
}

/// Whether a word ends where this text goes on: not in a letter, an accent, or `'s`.
fn is_whole_before(after: &str) -> bool {
    !after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}'))
        && !after
            .strip_prefix(['\'', '’'])
            .is_some_and(|rest| rest.starts_with(char::is_alphabetic))
}

/// The `5` of `/5` or ` out of 5`.
fn out_of(after: &str) -> Option<&str> {
    static OUT_OF: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\s*(?:/|out of)\s*(\d+)(?-u:\b)").ok());
    OUT_OF.as_ref()?.captures(after)?.get(1).map(|m| m.as_str())
}

/// Whether what follows an answer takes it back: a range, an alternative, a share, a question.
fn hedges(after: &str, labels: &[&str]) -> bool {
    static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?ix)^ [\s,)\]*_]* (?: (?: -{1,2} | [–—~/&+|] | \.{2,3} | … | or | and | to | through | bis | und | oder ) \s*
              (?: (?:maybe|perhaps|possibly|even|a|an|response|option) \s+ )? [(\[*_]* ([[:alnum:]]+)
            | \s* ( % | ‰ | percent | per\ cent | \? | ± | \^ | ° ) )",
        )
        .ok()
    });
    let Some(captures) = OTHER.as_ref().and_then(|other| other.captures(after)) else {
        return false;
    };
    if captures.get(2).is_some() {
        return true;
    }
    captures.get(1).is_some_and(|word| {
        let word = word.as_str();
        let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let is_number = digit(word) && digit(labels[0]);
        let is_of =
            is_number && after.trim_start().starts_with('/') && labels.last() == Some(&word);
        !is_of && (is_number || labels.iter().any(|label| label.eq_ignore_ascii_case(word)))
    })
}

/// Whether another answer stands further down as a line, a clause or a heading of its own, or
/// after words that take the first one back.
fn lists_another(after: &str, index: usize, labels: &[&str]) -> bool {
    static TURN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)(?-u:\b)(?:wait|actually|correction|on second thoughts?|on reflection|then again|i mean|scratch that|or rather|hmm)(?-u:\b)",
        )
        .ok()
    });
    let others = || labels.iter().enumerate().filter(|(other, _)| *other != index);
    let is_alone = |piece: &str| {
        let piece = piece.trim_matches(|c: char| !c.is_alphanumeric());
        others().any(|(_, label)| {
            piece == *label || (label.len() > 1 && piece.eq_ignore_ascii_case(label))
        })
    };
    let heads = |line: &str| {
        let line = line.trim_start_matches(is_wrapping);
        let line = ["Response ", "Option ", "response ", "option "]
            .iter()
            .find_map(|word| line.strip_prefix(word))
            .unwrap_or(line);
        others().any(|(_, label)| {
            line.strip_prefix(label).is_some_and(|rest| {
                rest.trim_start_matches([')', ']', '*', '_', '"', ' ']).starts_with([':', '=', '.'])
                    || rest.starts_with(')')
            })
        })
    };
    if after.split(['\n', ',', ';', '.', '!', '?', ':', '–', '—']).skip(1).any(is_alone)
        || after.split(['\n', ',', ';']).skip(1).any(heads)
    {
        return true;
    }
    TURN.as_ref()
        .and_then(|turn| turn.find(after))
        .is_some_and(|turn| after[turn.end()..].split(|c: char| !c.is_alphanumeric()).any(is_alone))
}

/// Whether the clause before a statement denies it or only supposes it.
fn is_denied(before: &str) -> bool {
    static DENIED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)(?:(?-u:\b)(?:not|never|cannot|no way|nor|neither|wrong|incorrect|false|doubt|deny|unless|if|whether|unclear|unsure|impossible)(?-u:\b)|n['’]t(?-u:\b))",
        )
        .ok()
    });
    let clause = before.rsplit(['.', ',', ';', ':', '!', '?', '\n', '—', '–']).next();
    let clause = clause.unwrap_or_default();
    // A clause is not longer than that; a text without marks is not read through again and again.
    let start = clause.char_indices().rev().nth(120).map_or(0, |(at, _)| at);
    DENIED.as_ref().is_some_and(|denied| denied.is_match(&clause[start..]))
}

/// The answer of the last `answer is …`; `None` where there is none, two differ, or one is hedged
/// or denied.
fn stated(text: &str, labels: &[&str]) -> Option<usize> {
    static STATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?ix)
            (?: (?-u:\b)(?:answer|verdict|score|rating|choice|level|number|winner|better\s+(?:one|response))
                (?-u:\b)["*_]* \s* (?: is | would\s+be | : | = )  [:\s]*
              | \[result\] \s* :? \s*
              | ^\s* (?:response|option) \s+ )
            [\s"'“‘*_`(\[<]* (?:(?:response|option|level|an?)\s+)? [\s"'“‘*_`(\[<]*
            ([[:alnum:]]+ (?: [.,/] \d+)?)"#,
        )
        .ok()
    });
    let mut found = None;
    for captures in STATED.as_ref()?.captures_iter(text) {
        let (whole, word) = (captures.get(0)?, captures.get(1)?);
        let (before, after, word) = (&text[..whole.start()], &text[word.end()..], word.as_str());
        let after_mark = after.trim_start_matches(is_closing);
        // “Response A is worse” speaks of A; “Response A.” names it.
        let is_opening = whole.start() == 0
            && ["response", "option"].iter().any(|word| {
                whole
                    .as_str()
                    .trim_start()
                    .get(..word.len())
                    .is_some_and(|h| h.eq_ignore_ascii_case(word))
            });
        if is_opening
            && !after_mark.is_empty()
            && !after_mark.starts_with(['.', ',', ';', ':', '!', '\n'])
        {
            continue;
        }
        if !is_whole_before(after) || hedges(after, labels) || is_denied(before) {
            return None;
        }
        if out_of(after_mark).is_some_and(|of| labels.last() != Some(&of)) {
            return None;
        }
        let (value, of) = word.split_once('/').map_or((word, None), |(v, of)| (v, Some(of)));
        let index = labels.iter().position(|label| label.eq_ignore_ascii_case(value))?;
        if is_opening && value.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        if of.is_some_and(|of| labels.last() != Some(&of)) {
            return None;
        }
        if found.is_some_and(|before| before != index) {
            return None;
        }
        if is_opening && lists_another(after_mark, index, labels) {
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
    let criteria: Vec<(&Criterion, Vec<Answer>)> =
        criteria.iter().map(|criterion| (criterion, answers_of(&criterion.scale))).collect();
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['-', '*', '•', '#', '`', ' ']);
        let Some((head, rest)) = line.split_once(':') else { continue };
        let head = head.trim().trim_matches(['*', '_', '`', '"', '[', ']', '(', ')']).trim();
        let rest = rest.trim().trim_matches(['*', '_', '`', '"']).trim();
        let (is_reason, name) = match head.split_once(' ') {
            Some((word, name)) if word.eq_ignore_ascii_case("reason") => (true, name.trim()),
            _ => (false, head),
        };
        let criterion = criteria.iter().find(|(c, _)| c.id.as_str().eq_ignore_ascii_case(name));
        match criterion {
            Some((criterion, _)) if is_reason => {
                reasons.insert(criterion.id.clone(), rest.to_owned());
            }
            Some((criterion, answers)) => {
                let value = verdict_value(rest, answers, &criterion.scale);
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

fn verdict_value(text: &str, answers: &[Answer], scale: &Scale) -> Option<f64> {
    let index = named(text, answers)?;
    values_of(scale).get(index).copied()
}

fn looks_like_verdict(text: &str) -> bool {
    static VERDICT: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:\d{1,3}(?:\s*(?:/|out of)\s*\d{1,3})?|yes|no|true|false)\s*(?:$|[.,;:(–—]|-\s)").ok()
    });
    VERDICT.as_ref().is_some_and(|verdict| verdict.is_match(text))
}

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod tests;
