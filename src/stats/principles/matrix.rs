//! Votes of principles on pairs.

use serde_json::Value;

use crate::domain::{Prompt, Row, Vote};

use super::super::bias::Side;
use super::super::bootstrap::Clusters;

/// A pair with what each principle says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteRow {
    /// One vote for each principle, in their order; `None` where none could be read.
    pub votes: Vec<Option<Vote>>,
    /// Which response people prefer; `None`: a tie, or not labelled.
    pub human: Option<Side>,
}

/// Votes of all principles on all pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoteMatrix {
    /// The principles' names.
    pub principles: Vec<String>,
    /// The pairs.
    pub rows: Vec<VoteRow>,
    /// Which pairs are of one prompt.
    pub clusters: Clusters,
}

/// The column of a prompt that says which of its two answers people prefer.
pub const LABEL_COLUMN: &str = "human";

/// Which answer people prefer, as a prompt's column `human` has it: `a` or `b` (also `A`, `text_a`,
/// `response_a`, 1 or 2), or `tie`, `both`, `none` for neither.
///
/// # Errors
///
/// It is there and says something else.
pub fn human_label(prompt: &Prompt) -> Result<Option<Side>, String> {
    let Some(value) = prompt.extra.get(LABEL_COLUMN).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let text = match value {
        Value::String(text) => text.trim().to_ascii_lowercase(),
        value => value.to_string(),
    };
    match text.as_str() {
        "a" | "text_a" | "response_a" | "1" => Ok(Some(Side::A)),
        "b" | "text_b" | "response_b" | "2" => Ok(Some(Side::B)),
        "" | "tie" | "both" | "none" | "neither" | "0" => Ok(None),
        _ => Err(format!("“{LABEL_COLUMN}” is {value}; write \"a\", \"b\" or \"tie\"")),
    }
}

impl VoteMatrix {
    /// The votes of a run's rows on these principles. Rows without votes (their calls failed) are
    /// left out; a label that can't be read counts as none.
    pub fn of_rows<'r>(principles: Vec<String>, rows: impl IntoIterator<Item = &'r Row>) -> Self {
        let mut all = Vec::new();
        let mut prompts = Vec::new();
        for row in rows.into_iter().filter(|row| !row.votes.is_empty()) {
            let said =
                |name: &String| row.votes.iter().find(|vote| vote.principle.as_str() == name)?.vote;
            all.push(VoteRow {
                votes: principles.iter().map(said).collect(),
                human: human_label(&row.prompt).ok().flatten(),
            });
            prompts.push(row.prompt.messages.iter().map(|m| &m.content).collect::<Vec<_>>());
        }
        // Several pairs of one prompt are one draw, whatever their ids.
        Self { principles, clusters: Clusters::by(prompts), rows: all }
    }

    /// What a principle says of a pair: +1 for A, −1 for B, 0 for both or none; `None` where its
    /// answer could not be read.
    pub(super) fn sign(&self, row: usize, principle: usize) -> Option<i8> {
        match (*self.rows.get(row)?.votes.get(principle)?)? {
            Vote::A => Some(1),
            Vote::B => Some(-1),
            Vote::Both | Vote::None => Some(0),
        }
    }

    /// Whether a principle that takes a side takes that of people; `None` where either has none.
    pub(super) fn agrees(&self, row: usize, principle: usize) -> Option<bool> {
        let human = match self.rows.get(row)?.human? {
            Side::A => 1,
            Side::B => -1,
        };
        let sign = self.sign(row, principle)?;
        (sign != 0).then_some(sign == human)
    }
}
