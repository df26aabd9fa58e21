//! Scores of two raters: how far they rise together, and how far apart they are.

use super::super::bootstrap::{Clusters, bootstrap_clusters};
use super::super::estimate::{Estimate, Measured, Unknown, enough, in_range, same_rows};
use super::super::ranks::{by_value, is_same, mid_ranks};

/// How two columns of scores are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correlation {
    /// Pearson's r: along a straight line; `scipy.stats.pearsonr`.
    Pearson,
    /// Spearman's ρ: r of the mid-ranks; `scipy.stats.spearmanr`.
    Spearman,
    /// Kendall's τ_b: pairs ordered alike minus pairs ordered otherwise, corrected for ties
    /// (Kendall 1945); `scipy.stats.kendalltau`.
    KendallTauB,
}

/// A correlation, −1..=1, with its interval over prompts.
///
/// # Errors
///
/// [`Unknown::Uneven`], [`Unknown::OutOfRange`] for a score that is no number,
/// [`Unknown::TooFew`] under two rows, [`Unknown::Constant`] where a column does not vary.
pub fn correlation(
    a: &[f64],
    b: &[f64],
    clusters: &Clusters,
    kind: Correlation,
    seed: u64,
) -> Measured {
    check(a, b, clusters)?;
    enough(a.len(), 2)?;
    let value = of(kind, a, b).ok_or(Unknown::Constant)?;
    let (mut x, mut y) = (Vec::with_capacity(a.len()), Vec::with_capacity(b.len()));
    let interval = bootstrap_clusters(clusters, seed, |rows| {
        x.clear();
        y.clear();
        x.extend(rows.iter().map(|row| a[*row]));
        y.extend(rows.iter().map(|row| b[*row]));
        of(kind, &x, &y)
    });
    Ok(Estimate { value, interval, n: a.len() as u64 })
}

/// The mean of |a − b|, in the scores' unit, with its interval over prompts.
///
/// # Errors
///
/// [`Unknown::Uneven`], [`Unknown::OutOfRange`] for a score that is no number,
/// [`Unknown::TooFew`] without a row.
pub fn mean_absolute_error(a: &[f64], b: &[f64], clusters: &Clusters, seed: u64) -> Measured {
    check(a, b, clusters)?;
    enough(a.len(), 1)?;
    let errors: Vec<f64> = a.iter().zip(b).map(|(a, b)| (a - b).abs()).collect();
    let mean =
        |rows: &[usize]| Some(rows.iter().map(|row| errors[*row]).sum::<f64>() / rows.len() as f64);
    let value = errors.iter().sum::<f64>() / errors.len() as f64;
    Ok(Estimate { value, interval: bootstrap_clusters(clusters, seed, mean), n: a.len() as u64 })
}

fn check(a: &[f64], b: &[f64], clusters: &Clusters) -> Measured<()> {
    same_rows(a.len(), b.len())?;
    same_rows(a.len(), clusters.rows())?;
    in_range(a, f64::MIN, f64::MAX)?;
    in_range(b, f64::MIN, f64::MAX)
}

fn of(kind: Correlation, a: &[f64], b: &[f64]) -> Option<f64> {
    match kind {
        Correlation::Pearson => pearson(a, b),
        Correlation::Spearman => pearson(&mid_ranks(a), &mid_ranks(b)),
        Correlation::KendallTauB => kendall(a, b),
    }
}

/// Pearson's r; `None` where a column does not vary.
pub(in crate::stats) fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as f64;
    let (mean_a, mean_b) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    // What is left of a constant column by rounding is no variance.
    let varies = |squares: f64, mean: f64| squares > 1e-24 * n * (mean * mean).max(1e-300);
    let r = ab / (aa.sqrt() * bb.sqrt());
    (varies(aa, mean_a) && varies(bb, mean_b) && r.is_finite()).then(|| r.clamp(-1.0, 1.0))
}

/// Knight 1966, *A computer method for calculating Kendall's tau with ungrouped data*, JASA 61:
/// in the order of a, the pairs out of order in b are the swaps of a merge sort.
fn kendall(a: &[f64], b: &[f64]) -> Option<f64> {
    let n = a.len() as u64;
    let mut order: Vec<usize> = (0..a.len()).collect();
    order.sort_by(|i, j| by_value(a[*i], a[*j]).then_with(|| by_value(b[*i], b[*j])));
    let pairs = |n: u64| n * n.saturating_sub(1) / 2;
    let ties_a: u64 =
        order.chunk_by(|i, j| is_same(a[*i], a[*j])).map(|run| pairs(run.len() as u64)).sum();
    let ties_both: u64 = order
        .chunk_by(|i, j| is_same(a[*i], a[*j]) && is_same(b[*i], b[*j]))
        .map(|run| pairs(run.len() as u64))
        .sum();
    let mut sorted: Vec<f64> = order.iter().map(|i| b[*i]).collect();
    let mut spare = vec![0.0; sorted.len()];
    let swaps = merge_sort(&mut sorted, &mut spare);
    let ties_b: u64 =
        sorted.chunk_by(|x, y| is_same(*x, *y)).map(|run| pairs(run.len() as u64)).sum();
    let all = pairs(n);
    if ties_a == all || ties_b == all {
        return None;
    }
    let more_alike = (all + ties_both) as f64 - (ties_a + ties_b) as f64 - 2.0 * swaps as f64;
    let tau = more_alike / ((all - ties_a) as f64).sqrt() / ((all - ties_b) as f64).sqrt();
    Some(tau.clamp(-1.0, 1.0))
}

/// Sorts, and counts how many pairs stood the wrong way round.
fn merge_sort(values: &mut [f64], spare: &mut [f64]) -> u64 {
    let n = values.len();
    if n < 2 {
        return 0;
    }
    let middle = n / 2;
    let mut swaps = {
        let (left, right) = values.split_at_mut(middle);
        let (spare_left, spare_right) = spare.split_at_mut(middle);
        merge_sort(left, spare_left) + merge_sort(right, spare_right)
    };
    let (mut i, mut j) = (0, middle);
    for place in spare.iter_mut().take(n) {
        if j == n || (i < middle && values[i] <= values[j]) {
            *place = values[i];
            i += 1;
        } else {
            *place = values[j];
            swaps += (middle - i) as u64;
            j += 1;
        }
    }
    values.copy_from_slice(&spare[..n]);
    swaps
}
