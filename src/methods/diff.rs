//! A prose diff by words, smoothed for reading.
//!
//! A plain word diff of two paraphrases alternates single words; here short stretches that
//! happen to stay the same between two changes are changed along with them, so that whole
//! phrases swap. Nothing is ever lost: `Same` and `Removed` put together are the text before,
//! `Same` and `Added` the text after.

use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation as _;

/// What became of a stretch of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffKind {
    /// It is in both texts.
    Same,
    /// It is only in the text before.
    Removed,
    /// It is only in the text after.
    Added,
}

/// A stretch of text and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffSpan {
    /// What became of it.
    pub kind: DiffKind,
    /// The text, white space included.
    pub text: String,
}

/// A stretch the same in both texts, between two changes, is changed with them when it has at
/// most this many words (chosen by eye).
const SHORT_WORDS: usize = 3;

/// The difference of two texts as spans in reading order: within a change, what was removed comes
/// before what was added. No two neighbours have the same kind and none is empty.
pub fn word_diff(before: &str, after: &str) -> Vec<DiffSpan> {
    let old: Vec<&str> = before.split_word_bounds().collect();
    let new: Vec<&str> = after.split_word_bounds().collect();
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let mut regions: Vec<Region> = Vec::new();
    for op in &ops {
        let (old_range, new_range) = (op.old_range(), op.new_range());
        let same = matches!(op, DiffOp::Equal { .. });
        match regions.last_mut() {
            Some(last) if last.same == same => {
                last.old.end = old_range.end;
                last.new.end = new_range.end;
            }
            _ => regions.push(Region { same, old: old_range, new: new_range }),
        }
    }
    let mut spans = Spans(Vec::new());
    for region in smoothed(regions, &old) {
        if region.same {
            spans.push(DiffKind::Same, &old[region.old]);
        } else {
            spans.push(DiffKind::Removed, &old[region.old]);
            spans.push(DiffKind::Added, &new[region.new]);
        }
    }
    spans.0
}

/// The difference of two texts line by line, for texts whose words would take too long.
pub fn line_diff(before: &str, after: &str) -> Vec<DiffSpan> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let mut spans = Spans(Vec::new());
    for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
        if matches!(op, DiffOp::Equal { .. }) {
            spans.push(DiffKind::Same, &old[op.old_range()]);
        } else {
            spans.push(DiffKind::Removed, &old[op.old_range()]);
            spans.push(DiffKind::Added, &new[op.new_range()]);
        }
    }
    spans.0
}

/// The same diff with long unchanged stretches cut to their ends: what was left out is an
/// ellipsis. There are as many spans as before, in the same order.
pub fn changes_only(spans: &[DiffSpan]) -> Vec<DiffSpan> {
    /// Words that stay beside a change (chosen by eye).
    const KEPT: usize = 7;
    let last = spans.len().saturating_sub(1);
    spans
        .iter()
        .enumerate()
        .map(|(place, span)| {
            if span.kind != DiffKind::Same {
                return span.clone();
            }
            let words: Vec<(usize, &str)> = span.text.split_word_bound_indices().collect();
            let is_word = |(_, token): &&(usize, &str)| is_word(token);
            let n_words = words.iter().filter(is_word).count();
            let before = if place == 0 { 0 } else { KEPT };
            let after = if place == last { 0 } else { KEPT };
            if n_words <= before + after + KEPT {
                return span.clone();
            }
            let head = words.iter().filter(is_word).nth(before).map_or(0, |(at, _)| *at);
            let tail = n_words - after;
            let tail =
                words.iter().filter(is_word).nth(tail).map_or(span.text.len(), |(at, _)| *at);
            let mut text = span.text[..head].trim_end().to_owned();
            text.push_str(if text.is_empty() { "… " } else { " … " });
            text.push_str(&span.text[tail..]);
            DiffSpan { kind: DiffKind::Same, text }
        })
        .collect()
}

/// Tokens that are the same in both texts, or a change from some to others.
#[derive(Debug, Clone)]
struct Region {
    same: bool,
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
}

impl Region {
    /// The words of its longer side; white space and punctuation don't count.
    fn words(&self, old: &[&str]) -> usize {
        old[self.old.clone()].iter().filter(|token| is_word(token)).count()
    }
}

/// Joins changes over the short stretches between them.
fn smoothed(regions: Vec<Region>, old: &[&str]) -> Vec<Region> {
    let mut result: Vec<Region> = Vec::new();
    let mut rest = regions.into_iter().peekable();
    while let Some(region) = rest.next() {
        let between_changes = region.same && !result.is_empty() && rest.peek().is_some();
        let bridge = between_changes && {
            let words = region.words(old);
            // Sentences apart stay apart: only a phrase inside one is carried along.
            let ends_sentence = old[region.old.clone()].iter().any(|t| is_boundary(t));
            words == 0 && !ends_sentence
                || words <= SHORT_WORDS && !ends_sentence && {
                    let left = result.last().map_or(0, |r| r.old.len().max(r.new.len()));
                    let right = rest.peek().map_or(0, |r| r.old.len().max(r.new.len()));
                    // Single swapped words in a kept sentence stay readable on their own.
                    region.old.len() <= left.max(right) + 2
                }
        };
        match result.last_mut() {
            Some(last) if bridge || (!last.same && !region.same) => {
                last.old.end = region.old.end;
                last.new.end = region.new.end;
            }
            _ => result.push(region),
        }
    }
    result
}

fn is_word(token: &str) -> bool {
    token.chars().any(char::is_alphanumeric)
}

fn is_boundary(token: &str) -> bool {
    token.contains('\n') || matches!(token, "." | "!" | "?" | "…" | ":" | ";")
}

/// Spans under construction.
struct Spans(Vec<DiffSpan>);

impl Spans {
    fn push(&mut self, kind: DiffKind, tokens: &[&str]) {
        if tokens.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.kind == kind => last.text.extend(tokens.iter().copied()),
            _ => self.0.push(DiffSpan { kind, text: tokens.concat() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(before: &str, after: &str) -> String {
        word_diff(before, after)
            .iter()
            .map(|span| match span.kind {
                DiffKind::Same => span.text.clone(),
                DiffKind::Removed => format!("[-{}-]", span.text),
                DiffKind::Added => format!("[+{}+]", span.text),
            })
            .collect()
    }

    fn put_together(spans: &[DiffSpan], kind: DiffKind) -> String {
        spans
            .iter()
            .filter(|s| s.kind == DiffKind::Same || s.kind == kind)
            .map(|s| s.text.as_str())
            .collect()
    }

    #[test]
    fn reads_well() {
        for (before, after, expected) in [
            ("", "", ""),
            ("same text", "same text", "same text"),
            ("", "new", "[+new+]"),
            ("old", "", "[-old-]"),
            (
                "The quick brown fox jumps over the lazy dog",
                "The quick red fox jumps over the lazy dog",
                "The quick [-brown-][+red+] fox jumps over the lazy dog",
            ),
            // Phrases swap as wholes instead of word by word.
            (
                "You should never do that because it is wrong.",
                "You might consider other options since they are kinder.",
                "You [-should never do that because it is wrong-]\
                 [+might consider other options since they are kinder+].",
            ),
            // A kept sentence between two changed ones stays.
            (
                "Bad start here. Keep this. Bad end here.",
                "Good beginning now. Keep this. Fine finish now.",
                "[-Bad start here-][+Good beginning now+]. Keep this. \
                 [-Bad end here-][+Fine finish now+].",
            ),
        ] {
            assert_eq!(shown(before, after), expected, "{before:?} → {after:?}");
        }
    }

    #[test]
    fn unchanged_stretches_are_cut_to_their_ends() {
        let before = format!("{}old end of it.", "Many words that stay. ".repeat(12));
        let after = format!("{}new end of it.", "Many words that stay. ".repeat(12));
        let spans = word_diff(&before, &after);
        let cut = changes_only(&spans);
        assert_eq!(cut.len(), spans.len());
        assert!(cut[0].text.starts_with("… "), "{cut:?}");
        assert!(cut[0].text.len() < 60, "{cut:?}");
        assert_eq!(changes_only(&word_diff("a b", "a c")), word_diff("a b", "a c"));
    }

    #[test]
    fn a_long_text_is_quick_enough() {
        let words = |f: fn(u32) -> u32| {
            (0..1500).map(|i| format!("w{}", f(i))).collect::<Vec<_>>().join(" ")
        };
        let before = words(|i| i % 97);
        let after = words(|i| (i * 7) % 89);
        let spans = word_diff(&before, &after);
        assert_eq!(put_together(&spans, DiffKind::Removed), before);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(before in "\\PC{0,60}", after in "\\PC{0,60}") {
            let spans = word_diff(&before, &after);
            prop_assert_eq!(put_together(&spans, DiffKind::Removed), before);
            prop_assert_eq!(put_together(&spans, DiffKind::Added), after);
        }

        #[test]
        fn nothing_is_lost_of_near_texts(before in "([abc]{1,2}[ .\n]{1,2}){0,25}", after in "([abc]{1,2}[ .\n]{1,2}){0,25}") {
            let spans = word_diff(&before, &after);
            prop_assert_eq!(put_together(&spans, DiffKind::Removed), before);
            prop_assert_eq!(put_together(&spans, DiffKind::Added), after);
            for pair in spans.windows(2) {
                prop_assert_ne!(pair[0].kind, pair[1].kind);
            }
            for span in &spans {
                prop_assert!(!span.text.is_empty());
            }
        }
    }
}
