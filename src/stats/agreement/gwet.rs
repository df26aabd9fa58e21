//! Gwet's AC₁ and AC₂, which stay sane where nearly all labels are one category.

use super::super::bootstrap::bootstrap_clusters;
use super::super::estimate::{Estimate, Measured, Unknown};
use super::cohen::Weights;
use super::ratings::Ratings;

/// Gwet's coefficient.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Gwet {
    /// The coefficient, at most 1, with its interval over prompts; `n` counts the items with two
    /// labels or more.
    pub estimate: Estimate,
    /// Its standard error by Gwet's formula, raters being fixed, items a sample.
    pub standard_error: f64,
    /// The share of agreement that chance is held to give, 0..=1.
    pub chance: f64,
}

/// AC₁ with [`Weights::Equal`], AC₂ with the others.
///
/// Gwet 2008, *Computing inter-rater reliability and its variance in the presence of high
/// agreement*, Brit. J. Math. Stat. Psychology 61, and Gwet 2014, *Handbook of Inter-Rater
/// Reliability*, 4th edition, chapters 5 and 6 (missing labels); as the package `irrCAC`. The
/// weights go by the levels' places, not their values.
///
/// # Errors
///
/// [`Unknown::TooFew`] where no item has two labels; [`Unknown::Constant`] for fewer than two
/// levels.
pub fn gwet(ratings: &Ratings, weights: Weights, seed: u64) -> Measured<Gwet> {
    // Items without any label say nothing, and are not counted.
    let counts = ratings.counts();
    let all: Vec<usize> =
        (0..counts.len()).filter(|row| counts[*row].iter().sum::<f64>() > 0.5).collect();
    let n = Ratings::paired(&counts);
    if n == 0 {
        return Err(Unknown::TooFew { n: 0, least: 1 });
    }
    if ratings.levels().len() < 2 {
        return Err(Unknown::Constant);
    }
    let (value, chance) = coefficient(&counts, &all, weights).ok_or(Unknown::Constant)?;
    let interval = bootstrap_clusters(ratings.clusters(), seed, |rows| {
        coefficient(&counts, rows, weights).map(|(value, _)| value)
    });
    let standard_error = standard_error(&counts, &all, weights, (value, chance));
    Ok(Gwet { estimate: Estimate { value, interval, n: n as u64 }, standard_error, chance })
}

/// How far the raters of one item agree, 0..=1; `None` for fewer than two.
fn agreed(counts: &[f64], weights: Weights) -> Option<f64> {
    let raters: f64 = counts.iter().sum();
    let k = counts.len();
    let sum: f64 = (0..k)
        .filter(|a| counts[*a] > 0.0)
        .map(|a| {
            let alike: f64 = (0..k).map(|b| weights.agreement(a, b, k) * counts[b]).sum();
            counts[a] * (alike - 1.0)
        })
        .sum();
    (raters > 1.5).then(|| sum / (raters * (raters - 1.0)))
}

/// Σ of all weights over k (k − 1).
fn scale(k: usize, weights: Weights) -> f64 {
    let total: f64 =
        (0..k).flat_map(|a| (0..k).map(move |b| weights.agreement(a, b, k))).sum::<f64>();
    total / (k * (k - 1)) as f64
}

/// The mean share of each level.
fn shares(counts: &[Vec<f64>], rows: &[usize]) -> Option<Vec<f64>> {
    let mut shares = vec![0.0; counts.first()?.len()];
    let mut rated = 0.0;
    for row in rows {
        let raters: f64 = counts[*row].iter().sum();
        if raters > 0.5 {
            rated += 1.0;
            for (share, count) in shares.iter_mut().zip(&counts[*row]) {
                *share += count / raters;
            }
        }
    }
    for share in &mut shares {
        *share /= rated;
    }
    (rated > 0.5).then_some(shares)
}

/// The coefficient, and what chance gives.
fn coefficient(counts: &[Vec<f64>], rows: &[usize], weights: Weights) -> Option<(f64, f64)> {
    let shares = shares(counts, rows)?;
    let (sum, pairs) = rows
        .iter()
        .filter_map(|row| agreed(&counts[*row], weights))
        .fold((0.0, 0.0), |(sum, n), one| (sum + one, n + 1.0));
    if pairs < 0.5 {
        return None;
    }
    let chance = scale(shares.len(), weights) * shares.iter().map(|p| p * (1.0 - p)).sum::<f64>();
    (chance < 1.0).then(|| ((sum / pairs - chance) / (1.0 - chance), chance))
}

fn standard_error(
    counts: &[Vec<f64>],
    rows: &[usize],
    weights: Weights,
    (value, chance): (f64, f64),
) -> f64 {
    let Some(shares) = shares(counts, rows) else { return f64::NAN };
    let n = rows.len() as f64;
    let paired = rows.iter().filter(|row| counts[**row].iter().sum::<f64>() > 1.5).count() as f64;
    let scale = scale(shares.len(), weights);
    let spread: f64 = rows
        .iter()
        .map(|row| {
            let raters: f64 = counts[*row].iter().sum();
            let own = agreed(&counts[*row], weights)
                .map_or(0.0, |agreed| n / paired * (agreed - chance) / (1.0 - chance));
            let by_chance: f64 = scale
                * counts[*row].iter().zip(&shares).map(|(c, p)| c * (1.0 - p)).sum::<f64>()
                / raters;
            let item = own - 2.0 * (1.0 - value) * (by_chance - chance) / (1.0 - chance);
            (item - value).powi(2)
        })
        .sum();
    (spread / (n * (n - 1.0))).sqrt()
}
