//! Fleiss' κ: a fixed number of raters an item, not always the same persons.

use super::super::bootstrap::bootstrap_clusters;
use super::super::estimate::{Estimate, Measured, Unknown};
use super::ratings::Ratings;

/// Fleiss' κ with its interval over prompts.
///
/// Fleiss 1971, *Measuring nominal scale agreement among many raters*, Psychological Bulletin 76:
/// κ = (P̄ − P̄ₑ) / (1 − P̄ₑ), P̄ the mean share of pairs of raters who agree on an item, P̄ₑ = Σ pⱼ².
/// As `statsmodels.stats.inter_rater.fleiss_kappa`.
///
/// # Errors
///
/// [`Unknown::TooFew`] without an item; [`Unknown::Uneven`] where items have not the same number
/// of labels (of the first item, and of the one that differs), or one only: Krippendorff's α is
/// for those; [`Unknown::Constant`] where all labels are the same.
pub fn fleiss_kappa(ratings: &Ratings, seed: u64) -> Measured {
    let counts = ratings.counts();
    let Some(first) = counts.first() else {
        return Err(Unknown::TooFew { n: 0, least: 1 });
    };
    let raters: f64 = first.iter().sum();
    let other = counts.iter().map(|row| row.iter().sum()).find(|n: &f64| (n - raters).abs() > 0.5);
    match other {
        Some(n) => return Err(Unknown::Uneven { left: raters as u64, right: n as u64 }),
        None if raters < 2.0 => return Err(Unknown::Uneven { left: raters as u64, right: 2 }),
        None => {}
    }
    let all: Vec<usize> = (0..counts.len()).collect();
    let value = kappa(&counts, &all, raters).ok_or(Unknown::Constant)?;
    let interval =
        bootstrap_clusters(ratings.clusters(), seed, |rows| kappa(&counts, rows, raters));
    Ok(Estimate { value, interval, n: counts.len() as u64 })
}

fn kappa(counts: &[Vec<f64>], rows: &[usize], raters: f64) -> Option<f64> {
    let n = rows.len() as f64;
    let mut shares = vec![0.0; counts.first()?.len()];
    let mut agreed = 0.0;
    for row in rows {
        let squares: f64 = counts[*row].iter().map(|count| count * count).sum();
        agreed += (squares - raters) / (raters * (raters - 1.0));
        for (share, count) in shares.iter_mut().zip(&counts[*row]) {
            *share += count / (n * raters);
        }
    }
    let chance: f64 = shares.iter().map(|share| share * share).sum();
    (chance < 1.0 - 1e-12).then(|| (agreed / n - chance) / (1.0 - chance))
}
