//! Sums over a run's rows: counts and means that can be checked by hand, and nothing else.

use std::collections::HashSet;

use super::{Flags, RowFacts};

/// Sums over a run's rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quality {
    /// All rows.
    pub rows: u64,
    /// Neither failed nor dropped by hand.
    pub kept: u64,
    /// Failed.
    pub failed: u64,
    /// Dropped by hand.
    pub dropped: u64,
    /// With a person's text.
    pub edited: u64,
    /// With an answer that was cut off.
    pub cut_off: u64,
    /// With a verdict that could not be read.
    pub unparsed: u64,
    /// Rows whose prompt has the text of an earlier row's.
    pub duplicates: u64,
    /// Kept rows with two answers, one better.
    pub pairs: u64,
    /// Of these, those whose better answer has more words.
    pub chosen_longer: u64,
    /// Mean words of the better answer over kept rows, and of the worse over kept pairs.
    pub mean_words: (f64, f64),
    /// Kept rows with an answer.
    pub answers: u64,
}

/// Sums over rows.
pub fn quality_of(facts: &[RowFacts]) -> Quality {
    let mut sums = Quality { rows: facts.len() as u64, ..Quality::default() };
    let mut words = (0_u64, 0_u64);
    let mut seen: HashSet<u64> = HashSet::new();
    for row in facts {
        let has = |flag| row.flags.has(flag);
        sums.failed += u64::from(has(Flags::FAILED));
        sums.dropped += u64::from(has(Flags::DROPPED));
        sums.edited += u64::from(has(Flags::EDITED));
        sums.cut_off += u64::from(has(Flags::CUT_OFF));
        sums.unparsed += u64::from(has(Flags::UNPARSED));
        sums.duplicates += u64::from(!seen.insert(row.prompt_hash));
        if has(Flags::FAILED) || has(Flags::DROPPED) {
            continue;
        }
        sums.kept += 1;
        if row.words.0 > 0 {
            sums.answers += 1;
            words.0 += u64::from(row.words.0);
        }
        if has(Flags::PAIR) {
            sums.pairs += 1;
            sums.chosen_longer += u64::from(row.words.0 > row.words.1);
            words.1 += u64::from(row.words.1);
        }
    }
    let mean = |sum: u64, n: u64| if n == 0 { 0.0 } else { sum as f64 / n as f64 };
    sums.mean_words = (mean(words.0, sums.answers), mean(words.1, sums.pairs));
    sums
}

#[cfg(test)]
mod tests {
    use super::super::{DataFilter, Found, SearchState, Show, view_of};
    use super::*;

    fn row(position: u64, words: (u32, u32), flags: Flags) -> RowFacts {
        RowFacts {
            position,
            id: format!("p{position}").as_str().into(),
            prompt: String::new(),
            prompt_hash: position / 2,
            chosen: String::new(),
            rejected: String::new(),
            words,
            value: (position > 0).then_some(position as f64 / 10.0),
            flags,
            tags: if position == 1 { vec!["care".into()] } else { Vec::new() },
        }
    }

    fn rows() -> Vec<RowFacts> {
        vec![
            row(0, (0, 0), Flags::FAILED),
            row(1, (10, 20), Flags::PAIR),
            row(2, (30, 10), Flags::PAIR),
            row(3, (99, 1), Flags::PAIR.with(Flags::DROPPED, true)),
        ]
    }

    #[test]
    fn only_kept_rows_count_for_means_and_shares() {
        let sums = quality_of(&rows());
        assert_eq!((sums.rows, sums.kept, sums.failed, sums.dropped), (4, 2, 1, 1));
        assert_eq!((sums.pairs, sums.chosen_longer, sums.duplicates), (2, 1, 2));
        assert_eq!(sums.mean_words, (20.0, 15.0));
        assert_eq!(quality_of(&[]).mean_words, (0.0, 0.0));
    }

    #[test]
    fn filters_go_together() {
        let rows = rows();
        let view = |filter: &DataFilter| view_of(&rows, filter, None).to_vec();
        let show = |show| DataFilter { show, ..DataFilter::default() };
        assert_eq!(view(&DataFilter::default()), [0, 1, 2, 3]);
        assert_eq!(view(&show(Show::Kept)), [1, 2]);
        assert_eq!(view(&show(Show::Dropped)), [3]);
        let range = DataFilter { range: Some((0.0, 0.2)), ..DataFilter::default() };
        assert_eq!(view(&range), [1, 2], "a row without a value is in no range");
        let tag = DataFilter { tag: Some("care".into()), ..show(Show::Kept) };
        assert_eq!(view(&tag), [1]);
        let found = Found { number: 1, rows: vec![2, 3], hits: 9, state: SearchState::Done };
        assert_eq!(view_of(&rows, &show(Show::Kept), Some(&found)).to_vec(), [2]);
        assert!(!DataFilter { is_regex: true, ..DataFilter::default() }.is_on());
    }
}
