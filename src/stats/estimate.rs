//! A number with its interval, or the named reason why there is none.

use super::bootstrap::Interval;

/// Why a statistic has no value. None of these is ever shown as a number.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error,
)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// Under the least number of items that says something.
    #[error("too few to tell: {n} of at least {least}")]
    TooFew {
        /// Items there are.
        n: u64,
        /// Items that are needed.
        least: u64,
    },
    /// All labels or values are the same, so the statistic is 0 / 0.
    #[error("all values are the same, which leaves nothing to compare")]
    Constant,
    /// Two columns that belong together have not the same number of rows.
    #[error("{left} rows against {right}: each item needs both")]
    Uneven {
        /// Rows of the first.
        left: u64,
        /// Rows of the second.
        right: u64,
    },
    /// A value that is no number, or lies outside of its range.
    #[error("row {row} has a value outside of its range (counted from 0)")]
    OutOfRange {
        /// The row, from 0.
        row: u64,
    },
    /// The data are told apart so well that no finite parameter fits best.
    #[error("the data are separated completely: no finite value fits best")]
    Separated,
    /// The judge is so near to guessing (or worse) that nothing can be corrected by it.
    #[error("the judge is near chance: there is nothing to correct by")]
    NearChance,
    /// The search for the best fit did not end; the data are degenerate.
    #[error("no best fit was found: the data are degenerate")]
    NoFit,
}

/// A value, or why there is none.
pub type Measured<T = Estimate> = Result<T, Unknown>;

/// A value with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The value, in the statistic's unit.
    pub value: f64,
    /// Its 95 % interval; `None` where drawing anew gave too few values.
    pub interval: Option<Interval>,
    /// Items behind it.
    pub n: u64,
}

impl Estimate {
    /// The same, or “too few” under `least` items.
    ///
    /// # Errors
    ///
    /// [`Unknown::TooFew`].
    pub fn at_least(self, least: usize) -> Measured {
        enough(self.n as usize, least).map(|()| self)
    }

    /// Whether the interval is there and leaves out a value.
    pub fn excludes(&self, value: f64) -> bool {
        self.interval.is_some_and(|interval| !interval.contains(value))
    }

    /// Whether the whole interval lies above a value.
    pub fn is_above(&self, value: f64) -> bool {
        self.interval.is_some_and(|interval| interval.low > value)
    }

    /// Whether the whole interval lies below a value.
    pub fn is_below(&self, value: f64) -> bool {
        self.interval.is_some_and(|interval| interval.high < value)
    }

    /// The interval as if there were `more` items like these: half-widths shrink with √n.
    ///
    /// For “50 more labels would narrow it to …”; the ends are cut to `low..=high`, the
    /// statistic's own range. `None` without an interval or items.
    pub fn with_more(&self, more: u64, low: f64, high: f64) -> Option<Interval> {
        let now = self.interval?;
        if self.n == 0 {
            return None;
        }
        let shrink = (self.n as f64 / (self.n + more) as f64).sqrt();
        Some(Interval {
            low: (self.value - (self.value - now.low) * shrink).max(low),
            high: (self.value + (now.high - self.value) * shrink).min(high),
        })
    }
}

/// Nothing, or “too few” under `least` items.
pub(super) fn enough(n: usize, least: usize) -> Measured<()> {
    if n < least {
        return Err(Unknown::TooFew { n: n as u64, least: least as u64 });
    }
    Ok(())
}

/// Nothing, where two columns have the same number of rows.
pub(super) fn same_rows(left: usize, right: usize) -> Measured<()> {
    if left != right {
        return Err(Unknown::Uneven { left: left as u64, right: right as u64 });
    }
    Ok(())
}

/// Nothing, where all values lie in `low..=high` (which no NaN does).
pub(super) fn in_range(values: &[f64], low: f64, high: f64) -> Measured<()> {
    match values.iter().position(|value| !(*value >= low && *value <= high)) {
        Some(row) => Err(Unknown::OutOfRange { row: row as u64 }),
        None => Ok(()),
    }
}

/// What the report says of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Too few items, or no value: nothing is said.
    TooFew,
    /// Within its bounds.
    Fine,
    /// Beyond the bound that its documentation names.
    Flagged,
}

impl Flag {
    /// The flag of something measured.
    pub fn of<T>(measured: &Measured<T>, is_beyond: impl FnOnce(&T) -> bool) -> Self {
        match measured {
            Err(_) => Self::TooFew,
            Ok(value) if is_beyond(value) => Self::Flagged,
            Ok(_) => Self::Fine,
        }
    }
}
