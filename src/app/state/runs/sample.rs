//! A row in a few words, for lists.

use crate::domain::{Chain, Row};

/// Characters of a text that a list shows at most.
const SHOWN: usize = 110;

/// A row in a few words.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleRow {
    /// Its place among the run's prompts, from 0.
    pub position: u64,
    /// The prompt's beginning.
    pub prompt: String,
    /// The answer's beginning; of a failed row what happened.
    pub answer: String,
    /// What came of it: `+12 words`, `reward .71`, `A .86`; may be empty.
    pub note: String,
    /// The principles that it was made under, in the order drawn: `P4, P1`; may be empty.
    pub principles: String,
    /// Whether it failed.
    pub is_failed: bool,
}

impl SampleRow {
    /// A row in a few words.
    pub fn of(position: u64, row: &Row) -> Self {
        let (answer, note) = match &row.failure {
            Some(failure) => {
                (format!("{}: {}", failure.at, failure.failure.message), "failed".to_owned())
            }
            None => (answer(row).to_owned(), note(row)),
        };
        Self {
            position,
            prompt: beginning(row.prompt.text()),
            answer: beginning(&answer),
            note,
            principles: principles(row),
            is_failed: row.failure.is_some(),
        }
    }
}

/// The text that a row is mostly about.
fn answer(row: &Row) -> &str {
    if let Some(chain) = &row.chain {
        return chain.last();
    }
    if let Some(pair) = &row.pair {
        return if pair.verdict.p_a.is_some_and(|p| p < 0.5) { &pair.b } else { &pair.a };
    }
    row.scores.last().map_or("", |scored| scored.text.as_str())
}

fn note(row: &Row) -> String {
    use crate::app::widgets::number::score;
    if let Some(scored) = row.scores.last() {
        return match scored.score.reward {
            Some(reward) => format!("reward {}", score(reward)),
            None => "unparsed".to_owned(),
        };
    }
    if let Some(pair) = &row.pair {
        return match pair.verdict.p_a {
            Some(p) if p >= 0.5 => format!("A {}", score(p)),
            Some(p) => format!("B {}", score(1.0 - p)),
            None => "unparsed".to_owned(),
        };
    }
    row.chain.as_ref().map_or_else(String::new, longer)
}

/// The principles that a row was made under, each once.
fn principles(row: &Row) -> String {
    let steps = row.chain.iter().flat_map(|chain| &chain.steps).map(|step| &step.principle);
    let judged = row.pair.iter().flat_map(|pair| &pair.verdict.principles);
    let mut names: Vec<&str> = Vec::new();
    for name in steps.chain(judged.map(|verdict| &verdict.principle)) {
        if !names.contains(&name.as_str()) {
            names.push(name.as_str());
        }
    }
    names.join(", ")
}

/// How much longer the last answer is than the draft.
fn longer(chain: &Chain) -> String {
    let words = |text: &str| text.split_whitespace().count() as i64;
    match words(chain.last()) - words(&chain.draft) {
        0 => "same length".to_owned(),
        more if more > 0 => format!("+{more} words"),
        fewer => format!("−{} words", -fewer),
    }
}

/// The beginning of a text on one line, as long as a list can show.
pub fn beginning(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > SHOWN {
            let end = line.char_indices().nth(SHOWN).map_or(line.len(), |(at, _)| at);
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}
