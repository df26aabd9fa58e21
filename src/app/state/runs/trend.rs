//! How a run's rows change on the way: failures, answers left as they were, length.

use crate::domain::Row;

/// Rows before anything is said of the last ones against those before.
const FAIR: usize = 30;
/// Rows that count as the last ones at least.
const LAST: usize = 10;
/// Bars of a sparkline at most.
const BARS: usize = 24;

/// What a trend needs of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RowMark {
    is_failed: bool,
    is_refused: bool,
    is_unparsed: bool,
    /// Whether the last answer is the draft; `None`: the row has no chain.
    is_unchanged: Option<bool>,
    /// How much longer the last answer is than the draft, 0.1 for a tenth.
    longer: Option<f32>,
}

/// A run's rows in the order that they came.
#[derive(Debug, Clone, Default)]
pub struct Marks(Vec<RowMark>);

/// A number of each row, over the run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Its mean over all rows.
    pub all: f64,
    /// Its mean over the last tenth.
    pub last: f64,
    /// Its mean over the rows before; `None` where there are too few to tell.
    pub before: Option<f64>,
    /// Its means over equal parts, oldest first.
    pub bars: Vec<f32>,
}

/// What a run's rows show over time; what no row has is not there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trends {
    /// The share that failed.
    pub failed: Option<Series>,
    /// The share whose answer refuses.
    pub refused: Option<Series>,
    /// The share with a verdict that could not be read.
    pub unparsed: Option<Series>,
    /// The share whose last answer is the draft.
    pub unchanged: Option<Series>,
    /// How much longer the last answer is than the draft, 0.1 for a tenth.
    pub longer: Option<Series>,
}

impl RowMark {
    /// What a trend needs of a row.
    fn of(row: &Row) -> Self {
        let chain = row.chain.as_ref().filter(|_| row.failure.is_none());
        let words = |text: &str| text.split_whitespace().count() as f32;
        let draft = chain.map_or(0.0, |chain| words(&chain.draft));
        Self {
            is_failed: row.failure.is_some(),
            is_refused: !row.refused.is_empty(),
            is_unparsed: crate::store::journal::unparsed(row) > 0,
            is_unchanged: chain.map(|chain| chain.last().trim() == chain.draft.trim()),
            longer: chain.filter(|_| draft > 0.0).map(|chain| words(chain.last()) / draft - 1.0),
        }
    }
}

impl Marks {
    /// One more row.
    pub fn add(&mut self, row: &Row) {
        self.0.push(RowMark::of(row));
    }

    /// What they show.
    pub fn trends(&self) -> Trends {
        let share = |is: fn(&RowMark) -> Option<bool>| {
            series(self.0.iter().filter_map(is).map(|is| if is { 1.0 } else { 0.0 }).collect())
        };
        Trends {
            failed: share(|mark| Some(mark.is_failed)),
            refused: share(|mark| Some(mark.is_refused)).filter(|series| series.all > 0.0),
            unparsed: share(|mark| Some(mark.is_unparsed)).filter(|series| series.all > 0.0),
            unchanged: share(|mark| mark.is_unchanged),
            longer: series(self.0.iter().filter_map(|mark| mark.longer).collect()),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "each is collected for this alone")]
fn series(values: Vec<f32>) -> Option<Series> {
    let mean = |part: &[f32]| {
        part.iter().map(|value| f64::from(*value)).sum::<f64>() / part.len().max(1) as f64
    };
    if values.is_empty() {
        return None;
    }
    let tail = (values.len() / 10).max(LAST).min(values.len());
    let (before, last) = values.split_at(values.len() - tail);
    let bars = BARS.min(values.len());
    let bars = (0..bars)
        .map(|bar| {
            let (from, to) = (bar * values.len() / bars, (bar + 1) * values.len() / bars);
            mean(&values[from..to]) as f32
        })
        .collect();
    let is_enough = values.len() >= FAIR;
    Some(Series {
        all: mean(&values),
        last: mean(last),
        before: is_enough.then(|| mean(before)),
        bars,
    })
}

impl Series {
    /// A share in per cent, of the last rows where enough came: `6 % (was 4 %)`.
    pub fn share_in_words(&self) -> String {
        let percent = |share: f64| match share * 100.0 {
            small if small > 0.0 && small < 0.95 => format!("{small:.1} %"),
            other => format!("{other:.0} %"),
        };
        self.written(percent)
    }

    /// A change of length in per cent: `+19 % (was +12 %)`.
    pub fn change_in_words(&self) -> String {
        self.written(|change| match (change * 100.0).round() {
            fewer if fewer < 0.0 => format!("−{:.0} %", -fewer),
            more => format!("+{more:.0} %"),
        })
    }

    fn written(&self, write: impl Fn(f64) -> String) -> String {
        let Some(before) = self.before else { return write(self.all) };
        let (last, before) = (write(self.last), write(before));
        if last == before { last } else { format!("{last} (was {before})") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CallFailure, Chain, FailureKind, Prompt, RowFailure};

    fn row(draft: &str, failed: bool) -> Row {
        let mut row = Row::empty(&Prompt::of_text("p", "Why?"));
        row.chain =
            Some(Chain { draft: draft.to_owned(), draft_cut_off: false, steps: Vec::new() });
        row.failure = failed.then(|| RowFailure {
            at: "draft".to_owned(),
            failure: CallFailure::new(FailureKind::Timeout, "no answer", ""),
        });
        row
    }

    #[test]
    fn the_last_tenth_is_told_against_what_was_before() {
        let mut marks = Marks::default();
        assert_eq!(marks.trends(), Trends::default());
        for n in 0..100 {
            marks.add(&row("one two", n >= 95));
        }
        let trends = marks.trends();
        let failed = trends.failed.unwrap();
        assert_eq!(failed.share_in_words(), "50 % (was 0 %)");
        assert_eq!(failed.bars.len(), BARS);
        assert!(failed.bars[0] < 0.01 && failed.bars[BARS - 1] > 0.9);
        assert_eq!(trends.unchanged.unwrap().share_in_words(), "100 %");
        assert_eq!(trends.unparsed, None, "nothing to tell of");
    }

    #[test]
    fn of_a_few_rows_only_the_whole_is_told_and_failed_ones_have_no_length() {
        let mut marks = Marks::default();
        for n in 0..5 {
            marks.add(&row("one", n == 0));
        }
        let trends = marks.trends();
        assert_eq!(trends.failed.unwrap().share_in_words(), "20 %");
        assert_eq!(trends.longer.unwrap().change_in_words(), "+0 %");
        let fewer = Series { all: -0.123, ..Series::default() };
        assert_eq!(fewer.change_in_words(), "−12 %");
    }
}
