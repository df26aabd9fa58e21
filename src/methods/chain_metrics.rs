//! How much each revision of a chain changed.
//!
//! A revision that changes next to nothing is a *no-op*: many of them mean that further rounds
//! are paid for without effect.

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::domain::Chain;

/// Below this edit distance a revision counts as having changed nothing (judgement: 2 %).
pub const NO_OP_BELOW: f64 = 0.02;

/// How one revision differs from the answer before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepMetrics {
    /// The round, counted from 1.
    pub round: u32,
    /// Words changed as a share of the longer answer, 0..=1; see [`edit_distance`].
    pub edit_distance: f64,
    /// Whether [`Self::edit_distance`] is below [`NO_OP_BELOW`].
    pub no_op: bool,
    /// Words of the answer before.
    pub words_before: usize,
    /// Words of the answer after.
    pub words_after: usize,
}

impl StepMetrics {
    /// Words gained, or lost below 0.
    pub fn words_gained(&self) -> i64 {
        self.words_after as i64 - self.words_before as i64
    }
}

/// Each step's change, in the chain's order. A step without a revision (the critic found nothing)
/// is a no-op.
pub fn chain_metrics(chain: &Chain) -> Vec<StepMetrics> {
    let mut before = chain.draft.as_str();
    chain
        .steps
        .iter()
        .map(|step| {
            let after = step.revision.as_str();
            let distance = edit_distance(before, after);
            let metrics = StepMetrics {
                round: step.round,
                edit_distance: distance,
                no_op: distance < NO_OP_BELOW,
                words_before: words(before).len(),
                words_after: words(after).len(),
            };
            before = after;
            metrics
        })
        .collect()
}

/// Words changed over the words of the longer text: 0 for equal texts, 1 for nothing in common.
///
/// Changed are those that a shortest edit script (Myers 1986) deletes, inserts or replaces; one
/// replaced for one counts once. White space does not count, punctuation and case do.
pub fn edit_distance(before: &str, after: &str) -> f64 {
    let (before, after) = (words(before), words(after));
    let longer = before.len().max(after.len());
    if longer == 0 {
        return 0.0;
    }
    let changed: usize = capture_diff_slices(Algorithm::Myers, &before, &after)
        .iter()
        .map(|op| match *op {
            DiffOp::Equal { .. } => 0,
            DiffOp::Delete { old_len, .. } => old_len,
            DiffOp::Insert { new_len, .. } => new_len,
            DiffOp::Replace { old_len, new_len, .. } => old_len.max(new_len),
        })
        .sum();
    // Scattered deletions and insertions can sum to more than the longer text.
    (changed as f64 / longer as f64).min(1.0)
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Step;

    #[test]
    fn distances() {
        for (before, after, expected) in [
            ("", "", 0.0),
            ("a b c d", "a b c d", 0.0),
            ("a b  c\nd", "a b c d", 0.0),
            ("a b c d", "a x c d", 0.25),
            ("a b c d", "a b", 0.5),
            ("a b", "a b c d", 0.5),
            ("", "a b", 1.0),
            ("a b", "c d", 1.0),
            ("Word", "word", 1.0),
        ] {
            let distance = edit_distance(before, after);
            assert!((distance - expected).abs() < 1e-12, "{before:?} → {after:?}: {distance}");
        }
    }

    #[test]
    fn steps_are_measured_against_the_answer_before() {
        let step = |round, revision: &str| Step {
            round,
            principle: "P1".into(),
            critique_request: String::new(),
            critique: String::new(),
            found_nothing: false,
            revision_request: String::new(),
            revision: revision.to_owned(),
            cut_off: false,
            critique_cut_off: false,
        };
        let chain = Chain {
            draft: "one two three four".to_owned(),
            draft_cut_off: false,
            steps: vec![step(1, "one two three five"), step(2, "one two three five")],
        };
        let metrics = chain_metrics(&chain);
        assert_eq!(metrics.len(), 2);
        assert!((metrics[0].edit_distance - 0.25).abs() < 1e-12);
        assert!(!metrics[0].no_op);
        assert!(metrics[1].no_op);
        assert_eq!(metrics[1].words_gained(), 0);
    }

    proptest! {
        #[test]
        fn between_0_and_1_and_0_only_for_equal_words(a in "[ab ]{0,30}", b in "[ab ]{0,30}") {
            let distance = edit_distance(&a, &b);
            prop_assert!((0.0..=1.0).contains(&distance));
            prop_assert_eq!(distance == 0.0, words(&a) == words(&b));
        }
    }
}
