//! What a table needs of a row.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use crate::app::state::runs::SampleRow;
use crate::domain::{Chain, Part, PromptId, Row};

/// What a table needs of a row; beginnings of texts, not the texts.
#[derive(Debug, Clone, PartialEq)]
pub struct RowFacts {
    /// Its place among the run's prompts, from 0.
    pub position: u64,
    /// Its prompt.
    pub id: PromptId,
    /// The prompt's beginning.
    pub prompt: String,
    /// Tells prompts of equal text.
    pub prompt_hash: u64,
    /// The beginning of what is exported as the better answer; of a failed row what happened.
    pub chosen: String,
    /// The beginning of the worse one: a chain's draft, a pair's loser; may be empty.
    pub rejected: String,
    /// Words of both.
    pub words: (u32, u32),
    /// The answer's reward, or the probability that it is the better one.
    pub value: Option<f64>,
    /// What is to know about it.
    pub flags: Flags,
    /// The prompt's tags.
    pub tags: Vec<Arc<str>>,
}

/// What is to know about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(u8);

impl Flags {
    /// It ended with a named failure.
    pub const FAILED: Self = Self(1);
    /// An answer was cut off at its longest length.
    pub const CUT_OFF: Self = Self(2);
    /// A verdict could not be read.
    pub const UNPARSED: Self = Self(4);
    /// The last answer is the draft.
    pub const UNCHANGED: Self = Self(8);
    /// A person rewrote a text.
    pub const EDITED: Self = Self(16);
    /// A person keeps it out of exports.
    pub const DROPPED: Self = Self(32);
    /// It has two answers, one better.
    pub const PAIR: Self = Self(64);

    /// A judge compared its two answers.
    pub const JUDGED: Self = Self(128);

    /// Those that a table names, in its order.
    pub const NAMED: [(Self, &'static str); 5] = [
        (Self::FAILED, "failed"),
        (Self::CUT_OFF, "cut off"),
        (Self::UNPARSED, "unparsed"),
        (Self::UNCHANGED, "unchanged"),
        (Self::EDITED, "edited"),
    ];

    /// Whether all of `other` are among them.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// These with `other` or without.
    pub const fn with(self, other: Self, is_there: bool) -> Self {
        if is_there { Self(self.0 | other.0) } else { Self(self.0 & !other.0) }
    }

    /// The names of those that a table names.
    pub fn in_words(self) -> String {
        let named = Self::NAMED.into_iter().filter(|(flag, _)| self.has(*flag));
        named.map(|(_, word)| word).collect::<Vec<_>>().join(", ")
    }
}

impl RowFacts {
    /// What a table needs of a row that has what a person decided laid over it.
    pub fn of(position: u64, row: &Row) -> Self {
        let sample = SampleRow::of(position, row);
        let (chosen, rejected) = if row.failure.is_some() { ("", "") } else { answers(row) };
        let mut hasher = DefaultHasher::new();
        for message in &row.prompt.messages {
            (message.role as u8).hash(&mut hasher);
            message.content.trim().hash(&mut hasher);
        }
        let shown = crate::app::state::runs::beginning;
        let words = |text: &str| text.split_whitespace().count() as u32;
        Self {
            position,
            id: row.prompt.id.clone(),
            prompt: sample.prompt,
            prompt_hash: hasher.finish(),
            chosen: if row.failure.is_some() { sample.answer } else { shown(chosen) },
            rejected: shown(rejected),
            words: (words(chosen), words(rejected)),
            value: value(row),
            flags: flags(row),
            tags: row.prompt.tags.iter().map(|tag| Arc::from(tag.as_str())).collect(),
        }
    }
}

/// The better answer and the worse one; empty where there is none.
pub fn answers(row: &Row) -> (&str, &str) {
    if let Some(pair) = &row.pair {
        return if pair.verdict.p_a.is_some_and(|p| p < 0.5) {
            (&pair.b, &pair.a)
        } else {
            (&pair.a, &pair.b)
        };
    }
    if let Some(chain) = &row.chain {
        return (chain.last(), if is_revised(chain) { &chain.draft } else { "" });
    }
    (row.scores.last().map_or("", |scored| &scored.text), "")
}

fn is_revised(chain: &Chain) -> bool {
    chain.steps.iter().any(|step| !step.found_nothing)
}

fn value(row: &Row) -> Option<f64> {
    // Who judged saw other words than a person's.
    if !row.by_hand.edited.is_empty() || row.failure.is_some() {
        return None;
    }
    if let Some(pair) = &row.pair {
        return pair.verdict.p_a.map(|p| p.max(1.0 - p));
    }
    row.scores.last()?.score.reward
}

fn flags(row: &Row) -> Flags {
    let unparsed = crate::store::journal::unparsed(row) > 0;
    let has_pair = row.pair.is_some() || row.chain.as_ref().is_some_and(is_revised);
    let unchanged = row.failure.is_none()
        && row.chain.as_ref().is_some_and(|chain| chain.last().trim() == chain.draft.trim());
    Flags::default()
        .with(Flags::FAILED, row.failure.is_some())
        .with(Flags::CUT_OFF, is_cut_off(row))
        .with(Flags::UNPARSED, unparsed)
        .with(Flags::UNCHANGED, unchanged)
        .with(Flags::EDITED, !row.by_hand.edited.is_empty())
        .with(Flags::DROPPED, row.by_hand.is_dropped)
        .with(Flags::PAIR, row.failure.is_none() && has_pair)
        .with(Flags::JUDGED, row.pair.is_some())
}

/// Whether an answer that would be exported was cut off at its longest length.
pub fn is_cut_off(row: &Row) -> bool {
    if row.pair.as_ref().is_some_and(|pair| pair.a_cut_off || pair.b_cut_off) {
        return true;
    }
    if let Some(chain) = &row.chain {
        let last = chain.steps.iter().rev().find(|step| !step.found_nothing);
        return last.map_or(chain.draft_cut_off, |step| step.cut_off);
    }
    row.scores.last().is_some_and(|scored| scored.cut_off)
}

impl super::RowDetail {
    /// The part that is rewritten first: the better answer.
    pub fn first_part(&self) -> Option<Part> {
        let parts = self.row.parts();
        let better = answers(&self.row).0;
        let found = parts.iter().find(|(_, _, text)| *text == better);
        found.or_else(|| parts.last()).map(|(part, _, _)| *part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Prompt, Step};

    #[test]
    fn facts_of_a_chain_are_its_last_answer_and_its_draft() {
        let mut row = Row::empty(&Prompt::of_text("p", "  Why\nso? "));
        row.prompt.tags.push("care".to_owned());
        let step = Step {
            round: 1,
            principle: "P1".into(),
            critique_request: String::new(),
            critique: String::new(),
            found_nothing: false,
            revision_request: String::new(),
            revision: "a b c".to_owned(),
            cut_off: true,
            critique_cut_off: false,
        };
        row.chain =
            Some(Chain { draft: "a b".to_owned(), draft_cut_off: false, steps: vec![step] });
        let facts = RowFacts::of(3, &row);
        assert_eq!((facts.prompt.as_str(), facts.chosen.as_str()), ("Why so?", "a b c"));
        assert_eq!((facts.rejected.as_str(), facts.words), ("a b", (3, 2)));
        assert!(facts.flags.has(Flags::CUT_OFF) && facts.flags.has(Flags::PAIR));
        assert_eq!(facts.flags.in_words(), "cut off");
        row.by_hand.is_dropped = true;
        assert!(RowFacts::of(3, &row).flags.has(Flags::DROPPED));
        let other = Row::empty(&Prompt::of_text("q", "Why\nso?"));
        assert_eq!(RowFacts::of(4, &other).prompt_hash, facts.prompt_hash, "spaces around");
    }
}
