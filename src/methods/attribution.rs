//! Which step of a chain caused which edit between the draft and the last answer.
//!
//! The chain's texts are compared step by step. A word of the last answer is traced back to the
//! step that wrote it, a word of the draft forward to the step that took it out; an edit of the
//! final diff was caused by the steps of its words. What no step accounts for (a passage that was
//! taken out and came back, say) is left unexplained rather than guessed.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation as _;

use super::diff::{DiffKind, DiffSpan, line_diff, word_diff};

/// Texts longer than this together, in bytes, are compared line by line: words take too long.
pub const WORD_BY_WORD: usize = 40_000;

/// A step with a smaller share of an edit's words is not named as its cause (judgement).
const LEAST_SHARE: f64 = 0.25;

/// A step's part in an edit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cause {
    /// Which step, from 0: the step from the text of this number to the next one.
    pub step: usize,
    /// The share of the edit's changed words that are this step's, 0..=1.
    pub share: f64,
}

/// One place where the last answer differs from the draft.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Edit {
    /// What was taken out; may be empty.
    pub removed: String,
    /// What stands there instead; may be empty.
    pub added: String,
    /// The steps that caused it, the greatest share first; empty: unexplained.
    pub causes: Vec<Cause>,
}

/// The final diff with the cause of each edit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attribution {
    /// The diff of the first and the last text, in reading order.
    pub spans: Vec<DiffSpan>,
    /// For each span, the edit that it belongs to; `None` for what is the same.
    pub edit_of: Vec<Option<usize>>,
    /// The edits, in reading order.
    pub edits: Vec<Edit>,
    /// Whether texts were compared by lines because they are long.
    pub by_lines: bool,
}

impl Attribution {
    /// How many edits each of `steps` steps caused (as the greatest share), then how many are
    /// unexplained.
    pub fn counts(&self, steps: usize) -> (Vec<usize>, usize) {
        let mut by_step = vec![0; steps];
        let mut unexplained = 0;
        for edit in &self.edits {
            match edit.causes.first().and_then(|cause| by_step.get_mut(cause.step)) {
                Some(count) => *count += 1,
                None => unexplained += 1,
            }
        }
        (by_step, unexplained)
    }
}

/// Traces every edit between the first and the last text of a chain: the draft, then the answer
/// after each step.
pub fn attribute(texts: &[&str]) -> Attribution {
    let (Some(first), Some(last)) = (texts.first(), texts.last()) else {
        return Attribution::default();
    };
    let by_lines = texts.windows(2).any(|pair| is_long(pair[0], pair[1])) || is_long(first, last);
    let spans = if by_lines { line_diff(first, last) } else { word_diff(first, last) };
    let traces = Traces::of(texts, by_lines);
    let mut edit_of = Vec::with_capacity(spans.len());
    let mut edits: Vec<Edit> = Vec::new();
    let mut ranges: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    let (mut old, mut new) = (0, 0);
    let mut inside = false;
    for span in &spans {
        if span.kind == DiffKind::Same {
            old += span.text.len();
            new += span.text.len();
            inside = false;
            edit_of.push(None);
            continue;
        }
        if !inside {
            edits.push(Edit::default());
            ranges.push((old..old, new..new));
            inside = true;
        }
        if let (Some(edit), Some(range)) = (edits.last_mut(), ranges.last_mut()) {
            if span.kind == DiffKind::Removed {
                edit.removed.push_str(&span.text);
                old += span.text.len();
                range.0.end = old;
            } else {
                edit.added.push_str(&span.text);
                new += span.text.len();
                range.1.end = new;
            }
        }
        edit_of.push(Some(edits.len() - 1));
    }
    for (edit, (old, new)) in edits.iter_mut().zip(ranges) {
        edit.causes = traces.causes(old, new);
    }
    Attribution { spans, edit_of, edits, by_lines }
}

fn is_long(before: &str, after: &str) -> bool {
    before.len() + after.len() > WORD_BY_WORD
}

/// A word or line, where it is in its text, and the step that put it in or took it out.
struct Token {
    bytes: Range<usize>,
    weight: usize,
    step: Option<usize>,
}

/// What became of the draft's tokens, and where the last answer's came from.
struct Traces {
    draft: Vec<Token>,
    last: Vec<Token>,
}

impl Traces {
    fn of(texts: &[&str], by_lines: bool) -> Self {
        let cut: Vec<Vec<&str>> = texts.iter().map(|text| tokens(text, by_lines)).collect();
        let first = cut.first().map_or(0, Vec::len);
        // For each token of the draft: where it is in the text reached so far.
        let mut alive: Vec<Option<usize>> = (0..first).map(Some).collect();
        let mut taken_by: Vec<Option<usize>> = vec![None; first];
        // For each token of the text reached so far: the step that wrote it.
        let mut written_by: Vec<Option<usize>> = vec![None; first];
        for (step, pair) in cut.windows(2).enumerate() {
            let to = same(&pair[0], &pair[1]);
            for (place, taken) in alive.iter_mut().zip(&mut taken_by) {
                if let Some(at) = *place {
                    *place = to[at];
                    if place.is_none() {
                        *taken = Some(step);
                    }
                }
            }
            let mut next = vec![Some(step); pair[1].len()];
            for (from, to) in to.iter().enumerate() {
                if let Some(to) = to {
                    next[*to] = written_by[from];
                }
            }
            written_by = next;
        }
        let placed = |tokens: Option<&Vec<&str>>, steps: &[Option<usize>]| {
            let mut at = 0;
            tokens
                .into_iter()
                .flatten()
                .zip(steps)
                .map(|(token, step)| {
                    let bytes = at..at + token.len();
                    at = bytes.end;
                    let words = token.unicode_words().count();
                    Token { bytes, weight: words, step: *step }
                })
                .collect()
        };
        Self { draft: placed(cut.first(), &taken_by), last: placed(cut.last(), &written_by) }
    }

    /// The steps of the changed words within a range of the draft and one of the last answer.
    /// Words that came through unchanged (the diff carries them along within a phrase) don't
    /// count.
    fn causes(&self, old: Range<usize>, new: Range<usize>) -> Vec<Cause> {
        let mut by_step: std::collections::BTreeMap<usize, (usize, usize)> =
            std::collections::BTreeMap::new();
        for (tokens, range) in [(&self.draft, old), (&self.last, new)] {
            let begin = tokens.partition_point(|token| token.bytes.end <= range.start);
            for token in tokens[begin..].iter().take_while(|token| token.bytes.start < range.end) {
                if let Some(step) = token.step {
                    let (words, any) = by_step.entry(step).or_default();
                    *words += token.weight;
                    *any += 1;
                }
            }
        }
        // An edit of punctuation alone has no words; then its marks count.
        let has_words = by_step.values().any(|(words, _)| *words > 0);
        let weight = |(words, any): &(usize, usize)| if has_words { *words } else { *any };
        let all: usize = by_step.values().map(weight).sum();
        if all == 0 {
            return Vec::new();
        }
        let mut causes: Vec<Cause> = by_step
            .iter()
            .map(|(step, counts)| Cause { step: *step, share: weight(counts) as f64 / all as f64 })
            .filter(|cause| cause.share >= LEAST_SHARE)
            .collect();
        // Of equal shares, the later step had the last word.
        causes.sort_by(|a, b| b.share.total_cmp(&a.share).then(b.step.cmp(&a.step)));
        causes
    }
}

fn tokens(text: &str, by_lines: bool) -> Vec<&str> {
    if by_lines { text.split_inclusive('\n').collect() } else { text.split_word_bounds().collect() }
}

/// For each token before, its place after; `None` where it was taken out.
fn same(before: &[&str], after: &[&str]) -> Vec<Option<usize>> {
    let mut to = vec![None; before.len()];
    for op in capture_diff_slices(Algorithm::Myers, before, after) {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            for n in 0..len {
                to[old_index + n] = Some(new_index + n);
            }
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn steps(texts: &[&str]) -> Vec<Vec<usize>> {
        let found = attribute(texts);
        found.edits.iter().map(|e| e.causes.iter().map(|c| c.step).collect()).collect()
    }

    #[test]
    fn an_edit_is_traced_to_the_step_that_made_it() {
        let draft = "This is almost certainly harmless. Most moles are fine. Cover it.";
        let first = "I can't judge a mole from text. Most moles are fine. Cover it.";
        let second = "I can't judge a mole from text. Most moles are fine. Keep it out of the sun.";
        assert_eq!(steps(&[draft, first, second]), vec![vec![0], vec![1]]);
        let found = attribute(&[draft, first, second]);
        assert_eq!(found.counts(2), (vec![1, 1], 0));
        assert!(found.edits[0].removed.contains("certainly harmless"), "{:?}", found.edits);
        assert!(found.edits[1].added.contains("out of the sun"), "{:?}", found.edits);
    }

    #[test]
    fn a_phrase_changed_twice_has_the_later_step_first() {
        let texts = ["It is a dog.", "It is a cat.", "It is a bird."];
        // The draft's word fell to the first step, the last one's was written by the second.
        assert_eq!(steps(&texts), vec![vec![1, 0]]);
    }

    #[test]
    fn what_comes_back_is_no_edit() {
        assert!(steps(&["One two three.", "Four.", "One two three."]).is_empty());
    }

    #[test]
    fn a_step_without_change_causes_nothing() {
        let texts = ["Be kind now.", "Be kind now.", "Be kind today."];
        assert_eq!(steps(&texts), vec![vec![1]]);
    }

    #[test]
    fn nothing_to_compare_is_no_fault() {
        assert!(attribute(&[]).edits.is_empty());
        assert!(attribute(&["only"]).edits.is_empty());
        assert_eq!(steps(&["", "all new"]), vec![vec![0]]);
        assert_eq!(steps(&["all gone", ""]), vec![vec![0]]);
    }

    #[test]
    fn long_texts_are_traced_by_lines() {
        let draft = "a line of some words\n".repeat(4_000);
        let first = format!("{draft}one more\n");
        let second = format!("at the top\n{first}");
        let found = attribute(&[&draft, &first, &second]);
        assert!(found.by_lines);
        let causes: Vec<_> = found.edits.iter().map(|e| e.causes[0].step).collect();
        assert_eq!(causes, [1, 0]);
    }

    proptest! {
        #[test]
        fn spans_and_edits_agree(texts in prop::collection::vec("([abc]{1,2}[ .\n]{1,2}){0,15}", 1..5)) {
            let all: Vec<&str> = texts.iter().map(String::as_str).collect();
            let found = attribute(&all);
            prop_assert_eq!(found.spans.len(), found.edit_of.len());
            let mut removed = vec![String::new(); found.edits.len()];
            for (span, edit) in found.spans.iter().zip(&found.edit_of) {
                prop_assert_eq!(span.kind == DiffKind::Same, edit.is_none());
                if let (DiffKind::Removed, Some(edit)) = (span.kind, edit) {
                    removed[*edit].push_str(&span.text);
                }
            }
            for (edit, removed) in found.edits.iter().zip(removed) {
                prop_assert_eq!(&edit.removed, &removed);
                prop_assert!(edit.causes.iter().all(|cause| cause.step + 1 < all.len()));
            }
        }
    }
}
