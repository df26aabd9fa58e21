//! Diffs of a chain's answers, made once for each set of texts.

use std::collections::BTreeMap;
use std::rc::Rc;

use unicode_segmentation::UnicodeSegmentation as _;

use crate::app::state::Trial;
use crate::methods::attribution::{Attribution, WORD_BY_WORD, attribute};
use crate::methods::diff::{DiffKind, DiffSpan, changes_only, line_diff, word_diff};
use crate::methods::shared_text::{Stretch, shared_text};

/// The place of the diff of a chain's outcome and another's; rounds count from 1.
pub(super) const OUTCOME: u32 = u32::MAX;
/// More chains than these are forgotten, all at once: making them again takes milliseconds.
const MOST: usize = 64;

/// The difference of two answers.
#[derive(Debug)]
pub(super) struct Diff {
    /// Parts in reading order.
    pub spans: Vec<DiffSpan>,
    /// The same without long unchanged stretches.
    pub cut: Vec<DiffSpan>,
    /// Words of the text before.
    pub words_before: usize,
    /// Words of the text after.
    pub words_after: usize,
    /// Whether they are the same.
    pub same: bool,
    /// Whether it was made by lines because the texts are long.
    pub by_lines: bool,
}

/// The diff of the draft and the last answer, with the cause of each edit.
#[derive(Debug)]
pub(super) struct Traced {
    /// Its parts and their causes.
    pub found: Attribution,
    /// The parts without long unchanged stretches; the same number in the same order.
    pub cut: Vec<DiffSpan>,
    /// What the draft has of it, then what the last answer has.
    pub sides: [Vec<DiffSpan>; 2],
    /// The sides without long unchanged stretches.
    pub cut_sides: [Vec<DiffSpan>; 2],
    /// For each step, how many edits it caused.
    pub by_step: Vec<usize>,
    /// Edits that no step accounts for.
    pub unexplained: usize,
}

/// The diffs drawn so far.
#[derive(Debug, Default)]
pub(super) struct Diffs {
    made: BTreeMap<(u64, u32), (u64, Rc<Diff>)>,
    traced: BTreeMap<u64, (u64, Rc<Traced>)>,
    shared: Option<(u64, Rc<Vec<Vec<Stretch>>>)>,
}

impl Diffs {
    /// The difference of two texts of a chain, made anew only when one of them has changed.
    pub(super) fn of(&mut self, trial: u64, place: u32, before: &str, after: &str) -> Rc<Diff> {
        let key = egui::util::hash((before, after));
        if let Some((made, diff)) = self.made.get(&(trial, place))
            && *made == key
        {
            return Rc::clone(diff);
        }
        if self.made.len() > MOST {
            self.made.clear();
        }
        let diff = Rc::new(difference(before, after));
        self.made.insert((trial, place), (key, Rc::clone(&diff)));
        diff
    }

    /// The causes of a chain's edits; `None` before it has ended.
    pub(super) fn traced(&mut self, trial: &Trial) -> Option<Rc<Traced>> {
        let row = trial.row.as_ref()?;
        // A row never changes; another one is elsewhere in memory.
        let key = std::sync::Arc::as_ptr(row) as u64;
        if let Some((made, traced)) = self.traced.get(&trial.number)
            && *made == key
        {
            return Some(Rc::clone(traced));
        }
        if self.traced.len() > MOST {
            self.traced.clear();
        }
        let texts = trial.texts();
        if texts.is_empty() {
            return None;
        }
        let traced = Rc::new(trace(&texts));
        self.traced.insert(trial.number, (key, Rc::clone(&traced)));
        Some(traced)
    }

    /// What several answers share.
    pub(super) fn shared(&mut self, texts: &[&str]) -> Rc<Vec<Vec<Stretch>>> {
        let key = egui::util::hash(texts);
        if let Some((made, shared)) = &self.shared
            && *made == key
        {
            return Rc::clone(shared);
        }
        let shared = Rc::new(shared_text(texts));
        self.shared = Some((key, Rc::clone(&shared)));
        shared
    }
}

fn trace(texts: &[&str]) -> Traced {
    let found = attribute(texts);
    let (by_step, unexplained) = found.counts(texts.len() - 1);
    let side = |other: DiffKind| -> Vec<DiffSpan> {
        found.spans.iter().filter(|span| span.kind != other).cloned().collect()
    };
    let sides = [side(DiffKind::Added), side(DiffKind::Removed)];
    Traced {
        cut: changes_only(&found.spans),
        cut_sides: [changes_only(&sides[0]), changes_only(&sides[1])],
        sides,
        by_step,
        unexplained,
        found,
    }
}

fn difference(before: &str, after: &str) -> Diff {
    let by_lines = before.len() + after.len() > WORD_BY_WORD;
    let spans = if by_lines { line_diff(before, after) } else { word_diff(before, after) };
    Diff {
        cut: changes_only(&spans),
        spans,
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Chain, Prompt, Row};

    #[test]
    fn a_diff_is_made_once() {
        let mut diffs = Diffs::default();
        let first = diffs.of(1, 1, "one two", "one three");
        assert!(Rc::ptr_eq(&first, &diffs.of(1, 1, "one two", "one three")));
        assert!(!Rc::ptr_eq(&first, &diffs.of(1, 1, "one two", "one four")));
        assert_eq!((first.words_before, first.words_after, first.same), (2, 2, false));
        let shared = diffs.shared(&["a b c", "a b c"]);
        assert!(Rc::ptr_eq(&shared, &diffs.shared(&["a b c", "a b c"])));
    }

    #[test]
    fn causes_are_traced_once_for_a_row() {
        let chain = Chain { draft: "one".to_owned(), draft_cut_off: false, steps: Vec::new() };
        let row = Row { chain: Some(chain), ..Row::empty(&Prompt::of_text("p", "?")) };
        let trial = Trial { number: 3, row: Some(Arc::new(row)), ..Trial::default() };
        let mut diffs = Diffs::default();
        let first = diffs.traced(&trial).unwrap();
        assert!(Rc::ptr_eq(&first, &diffs.traced(&trial).unwrap()));
        assert!(diffs.traced(&Trial::default()).is_none());
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
