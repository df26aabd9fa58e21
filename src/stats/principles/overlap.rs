//! Which principles say the same, which one says all that another does, and which pull apart.

use super::matrix::VoteMatrix;

/// Two principles agree from this r on (judgement).
const SAME: f64 = 0.8;
/// A duplicate shares at least this share of the rarer one's pairs (judgement).
const SHARED: f64 = 0.5;
/// One that shares this share of its pairs with another is contained in it (judgement).
const CONTAINED: f64 = 0.9;
/// “Much larger”: the other speaks on at least this many times as many pairs (judgement).
const LARGER: f64 = 1.5;
/// Two principles pull apart from this r downwards (judgement).
const APART: f64 = -0.3;
/// On at least this share of pairs, and [`CONFLICT_PAIRS`] of them (judgement).
const CONFLICT_SHARE: f64 = 0.03;
const CONFLICT_PAIRS: u64 = 15;

/// What two principles are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OverlapKind {
    /// They speak on the same pairs and say the same.
    Duplicate,
    /// The first speaks only where the second does, and says the same.
    Contained,
    /// They speak on the same pairs and say the opposite.
    Conflict,
}

/// Two principles that overlap or pull apart.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Overlap {
    /// The one.
    pub first: usize,
    /// The other.
    pub second: usize,
    /// What they are to each other.
    pub kind: OverlapKind,
    /// Pairs on which both take a side.
    pub both: u64,
    /// The share of pairs on which both do, 0..=1.
    pub together: f64,
    /// 2 · (share of those on which they take the same side) − 1, −1..=1.
    pub r: f64,
    /// These pairs, in their order.
    pub rows: Vec<usize>,
}

/// All overlaps and conflicts of at least `least` shared pairs, by their principles' places.
///
/// A pair on which either principle's vote could not be read counts for neither.
pub fn overlaps(matrix: &VoteMatrix, least: u64) -> Vec<Overlap> {
    let n = matrix.principles.len();
    let mut found = Vec::new();
    for first in 0..n {
        for second in first + 1..n {
            found.extend(of_two(matrix, first, second, least));
        }
    }
    found
}

fn of_two(matrix: &VoteMatrix, first: usize, second: usize, least: u64) -> Option<Overlap> {
    let (mut read, mut same) = (0_u64, 0_u64);
    let (mut of_first, mut of_second) = (0_u64, 0_u64);
    let mut rows = Vec::new();
    for row in 0..matrix.rows.len() {
        let (Some(one), Some(other)) = (matrix.sign(row, first), matrix.sign(row, second)) else {
            continue;
        };
        read += 1;
        of_first += u64::from(one != 0);
        of_second += u64::from(other != 0);
        if one != 0 && other != 0 {
            rows.push(row);
            same += u64::from(one == other);
        }
    }
    let both = rows.len() as u64;
    if both < least.max(1) {
        return None;
    }
    let of = |part: u64, whole: u64| part as f64 / whole as f64;
    let (together, r) = (of(both, read), 2.0 * of(same, both) - 1.0);
    // Shares are compared as they are counted: a hair's breadth decides nothing.
    let at_least = |value: f64, bar: f64| value >= bar - 1e-12;
    let within = |spoken: u64, other: u64| {
        at_least(of(both, spoken), CONTAINED)
            && at_least(other as f64, LARGER * spoken as f64)
            && at_least(r, SAME)
    };
    let (kind, first, second) = if within(of_first, of_second) {
        (OverlapKind::Contained, first, second)
    } else if within(of_second, of_first) {
        (OverlapKind::Contained, second, first)
    } else if at_least(r, SAME) && at_least(of(both, of_first.min(of_second)), SHARED) {
        (OverlapKind::Duplicate, first, second)
    } else if at_least(APART, r) && at_least(together, CONFLICT_SHARE) && both >= CONFLICT_PAIRS {
        (OverlapKind::Conflict, first, second)
    } else {
        return None;
    };
    Some(Overlap { first, second, kind, both, together, r, rows })
}
