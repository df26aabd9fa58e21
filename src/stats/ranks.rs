//! Ranks.

use std::cmp::Ordering;

/// Ranks from 1, those of equal values being their mean, as `scipy.stats.rankdata`.
pub(super) fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| by_value(values[*a], values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for run in order.chunk_by(|a, b| is_same(values[*a], values[*b])) {
        // `chunk_by` gives neighbours, so the rank of a run follows from where it begins.
        let before = order.partition_point(|at| values[*at] < values[run[0]]);
        let rank = before as f64 + (run.len() + 1) as f64 / 2.0;
        for at in run {
            ranks[*at] = rank;
        }
    }
    ranks
}

/// The order of two numbers, in which −0 and 0 are the same.
pub(super) fn by_value(a: f64, b: f64) -> Ordering {
    (a + 0.0).total_cmp(&(b + 0.0))
}

/// Whether two numbers are the same, −0 and 0 being so.
pub(super) fn is_same(a: f64, b: f64) -> bool {
    by_value(a, b).is_eq()
}
