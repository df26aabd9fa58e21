//! Diffs of a chain's answers, made once for each pair of texts.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::methods::diff::{DiffKind, DiffSpan, word_diff};
use unicode_segmentation::UnicodeSegmentation as _;

/// Longer pairs are compared line by line: words of 200 kB take seconds.
const WORD_BY_WORD: usize = 60_000;

/// The difference of two answers.
#[derive(Debug)]
pub(super) struct Diff {
    /// Parts in reading order.
    pub spans: Vec<DiffSpan>,
    /// Words of the text before.
    pub words_before: usize,
    /// Words of the text after.
    pub words_after: usize,
    /// Whether they are the same.
    pub same: bool,
    /// Whether it was made by lines because the texts are long.
    pub by_lines: bool,
}

/// The diffs drawn so far; `u32::MAX` is the final one, else the round.
#[derive(Debug, Default)]
pub(super) struct Diffs {
    made: BTreeMap<u32, (u64, Rc<Diff>)>,
}

impl Diffs {
    /// The difference of two texts, made anew only when one of them has changed.
    pub(super) fn of(&mut self, place: u32, before: &str, after: &str) -> Rc<Diff> {
        let key = egui::util::hash((before, after));
        if let Some((made, diff)) = self.made.get(&place)
            && *made == key
        {
            return Rc::clone(diff);
        }
        let diff = Rc::new(difference(before, after));
        self.made.insert(place, (key, Rc::clone(&diff)));
        diff
    }
}

fn difference(before: &str, after: &str) -> Diff {
    let by_lines = before.len() + after.len() > WORD_BY_WORD;
    Diff {
        spans: if by_lines { line_diff(before, after) } else { word_diff(before, after) },
        words_before: words(before),
        words_after: words(after),
        same: before == after,
        by_lines,
    }
}

/// Words by Unicode's rules, so that Chinese counts, too.
pub(super) fn words(text: &str) -> usize {
    text.unicode_words().count()
}

fn line_diff(before: &str, after: &str) -> Vec<DiffSpan> {
    let diff = similar::TextDiff::from_lines(before, after);
    let mut spans: Vec<DiffSpan> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            similar::ChangeTag::Equal => DiffKind::Same,
            similar::ChangeTag::Delete => DiffKind::Removed,
            similar::ChangeTag::Insert => DiffKind::Added,
        };
        match spans.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(change.value()),
            _ => spans.push(DiffSpan { kind, text: change.value().to_owned() }),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_is_made_once() {
        let mut diffs = Diffs::default();
        let first = diffs.of(1, "one two", "one three");
        assert!(Rc::ptr_eq(&first, &diffs.of(1, "one two", "one three")));
        assert!(!Rc::ptr_eq(&first, &diffs.of(1, "one two", "one four")));
        assert_eq!((first.words_before, first.words_after, first.same), (2, 2, false));
    }

    #[test]
    fn long_texts_are_compared_by_lines() {
        let before = "a line\n".repeat(10_000);
        let after = format!("{before}one more\n");
        let diff = difference(&before, &after);
        assert!(diff.by_lines);
        assert_eq!(diff.spans.len(), 2);
        assert_eq!(diff.spans[1].text, "one more\n");
    }

    #[test]
    fn words_are_counted_in_any_script() {
        assert_eq!(words("It's a mole."), 3);
        assert!(words("这是一颗痣") > 1);
    }
}
