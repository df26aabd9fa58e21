//! What a person decided about a row: whether it is shipped, and with which words.
//!
//! The row itself is never changed: it is what a model wrote and what was paid for. A [`Hand`] is
//! kept beside it and laid over a copy when rows are looked at or exported.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::row::{Chain, Row};

/// A text of a row that a person can rewrite.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Part {
    /// The one answer that the row trains towards: a chain's last, or the scored response.
    Answer,
    /// A chain's draft, where there is a revision after it.
    Draft,
    /// The pair's first response.
    A,
    /// The pair's second response.
    B,
    /// Which of the pair a person prefers: `a`, `tie` or `b`. It stands beside the judge's verdict
    /// and replaces no text.
    Preference,
}

/// What a person decided about a row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hand {
    /// Whether exports leave the row out.
    #[serde(default)]
    pub is_dropped: bool,
    /// What stands in place of what the model wrote.
    #[serde(default)]
    pub edits: BTreeMap<Part, String>,
}

/// The marks that a [`Hand`] leaves on a row that it was laid over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ByHand {
    /// Exports leave the row out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_dropped: bool,
    /// These texts are a person's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edited: Vec<Part>,
}

impl ByHand {
    /// Whether nobody touched the row.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Hand {
    /// Whether nothing was decided.
    pub fn is_none(&self) -> bool {
        !self.is_dropped && self.edits.is_empty()
    }

    /// Lays what was decided over a row and marks it; edits of what the row has not are left.
    pub fn lay_over(&self, row: &mut Row) {
        row.by_hand.is_dropped = self.is_dropped;
        for (part, text) in &self.edits {
            if put(row, *part, text) {
                row.by_hand.edited.push(*part);
            }
        }
    }
}

impl Row {
    /// The texts that can be rewritten, with the names that people know them by.
    pub fn parts(&self) -> Vec<(Part, String, &str)> {
        let mut parts = self.single_parts();
        if let Some(pair) = &self.pair {
            parts.push((Part::A, "response A".to_owned(), pair.a.as_str()));
            parts.push((Part::B, "response B".to_owned(), pair.b.as_str()));
        }
        parts
    }

    /// Those beside a pair.
    fn single_parts(&self) -> Vec<(Part, String, &str)> {
        if let Some(chain) = &self.chain {
            return match chain.steps.iter().rposition(|step| !step.found_nothing) {
                Some(last) => vec![
                    (Part::Draft, "draft".to_owned(), chain.draft.as_str()),
                    (
                        Part::Answer,
                        format!("revision {}", chain.steps[last].round),
                        chain.steps[last].revision.as_str(),
                    ),
                ],
                None => vec![(Part::Answer, "draft".to_owned(), chain.draft.as_str())],
            };
        }
        match self.scores.as_slice() {
            [only] => vec![(Part::Answer, only.name.clone(), only.text.as_str())],
            _ => Vec::new(),
        }
    }
}

/// Puts a person's text in a part's place; whether the row has that part.
fn put(row: &mut Row, part: Part, text: &str) -> bool {
    match part {
        Part::Preference => false,
        Part::A | Part::B => {
            let Some(pair) = &mut row.pair else { return false };
            let (place, cut_off) = match part {
                Part::A => (&mut pair.a, &mut pair.a_cut_off),
                _ => (&mut pair.b, &mut pair.b_cut_off),
            };
            text.clone_into(place);
            *cut_off = false;
            true
        }
        Part::Draft => {
            let Some(chain) = &mut row.chain else { return false };
            if chain.steps.iter().all(|step| step.found_nothing) {
                return false;
            }
            put_draft(chain, text);
            true
        }
        Part::Answer => {
            if let Some(chain) = &mut row.chain {
                put_answer(chain, text);
                return true;
            }
            let [only] = row.scores.as_mut_slice() else { return false };
            text.clone_into(&mut only.text);
            only.cut_off = false;
            true
        }
    }
}

fn put_draft(chain: &mut Chain, text: &str) {
    text.clone_into(&mut chain.draft);
    chain.draft_cut_off = false;
    // A step that found nothing passes the answer before it on.
    for step in chain.steps.iter_mut().take_while(|step| step.found_nothing) {
        text.clone_into(&mut step.revision);
    }
}

fn put_answer(chain: &mut Chain, text: &str) {
    let Some(last) = chain.steps.iter().rposition(|step| !step.found_nothing) else {
        put_draft(chain, text);
        return;
    };
    chain.steps[last].cut_off = false;
    for step in &mut chain.steps[last..] {
        text.clone_into(&mut step.revision);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Prompt, Step};

    fn step(round: u32, revision: &str, found_nothing: bool) -> Step {
        Step {
            round,
            principle: "P1".into(),
            critique_request: String::new(),
            critique: String::new(),
            found_nothing,
            revision_request: String::new(),
            revision: revision.to_owned(),
            cut_off: true,
            critique_cut_off: false,
        }
    }

    fn chain(steps: Vec<Step>) -> Row {
        let mut row = Row::empty(&Prompt::of_text("p", "Why?"));
        row.chain = Some(Chain { draft: "first".to_owned(), draft_cut_off: true, steps });
        row
    }

    #[test]
    fn an_answer_is_rewritten_where_it_stands_and_is_whole_then() {
        let mut row = chain(vec![step(1, "second", false), step(2, "second", true)]);
        let names: Vec<String> = row.parts().into_iter().map(|(_, name, _)| name).collect();
        assert_eq!(names, ["draft", "revision 1"]);
        let edits = [(Part::Answer, "mine".to_owned()), (Part::A, "no pair".to_owned())];
        Hand { is_dropped: false, edits: edits.into() }.lay_over(&mut row);
        let chain = row.chain.as_ref().unwrap();
        assert_eq!((chain.draft.as_str(), chain.last()), ("first", "mine"));
        assert!(!chain.steps[0].cut_off && chain.draft_cut_off);
        assert_eq!(row.by_hand.edited, [Part::Answer], "what the row has not is no edit");
    }

    #[test]
    fn a_draft_that_nobody_revised_is_the_answer() {
        let mut row = chain(vec![step(1, "first", true)]);
        assert_eq!(row.parts(), [(Part::Answer, "draft".to_owned(), "first")]);
        let hand = Hand { is_dropped: true, edits: [(Part::Answer, "mine".to_owned())].into() };
        hand.lay_over(&mut row);
        let chain = row.chain.as_ref().unwrap();
        assert_eq!((chain.draft.as_str(), chain.last()), ("mine", "mine"));
        assert!(row.by_hand.is_dropped);
    }

    #[test]
    fn a_row_that_nobody_touched_is_written_as_before() {
        let row = chain(Vec::new());
        let text = serde_json::to_string(&row).unwrap();
        assert!(!text.contains("by_hand"), "{text}");
        assert_eq!(serde_json::from_str::<Row>(&text).unwrap(), row);
    }
}
