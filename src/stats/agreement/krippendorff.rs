//! Krippendorff's α: any number of raters, labels missing, any level of measurement.

use super::super::bootstrap::bootstrap_clusters;
use super::super::estimate::{Estimate, Measured, Unknown};
use super::ratings::Ratings;

/// What may be said of two labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The same or not.
    Nominal,
    /// Which is more.
    Ordinal,
    /// By how much.
    Interval,
}

/// α = 1 − Dₒ / Dₑ with its interval over prompts.
///
/// Krippendorff 2011, *Computing Krippendorff's alpha-reliability*; as the package
/// `krippendorff`. The ordinal difference of two levels is that of the mid-ranks of their labels,
/// which makes it an interval difference. The interval draws prompts anew; Krippendorff's own
/// draws disagreements, as if labels of one item were independent.
///
/// # Errors
///
/// [`Unknown::TooFew`] where no item has two labels; [`Unknown::Constant`] where all labels that
/// can be paired are the same.
pub fn krippendorff_alpha(ratings: &Ratings, level: Level, seed: u64) -> Measured {
    let counts = ratings.counts();
    let n = Ratings::paired(&counts);
    if n == 0 {
        return Err(Unknown::TooFew { n: 0, least: 1 });
    }
    let all: Vec<usize> = (0..counts.len()).collect();
    let alpha = |rows: &[usize]| alpha(&counts, rows, level, ratings.levels());
    let value = alpha(&all).ok_or(Unknown::Constant)?;
    let interval = bootstrap_clusters(ratings.clusters(), seed, alpha);
    Ok(Estimate { value, interval, n: n as u64 })
}

fn alpha(counts: &[Vec<f64>], rows: &[usize], level: Level, levels: &[f64]) -> Option<f64> {
    let units = || rows.iter().map(|row| &counts[*row]).filter(|row| row.iter().sum::<f64>() > 1.5);
    let mut totals = vec![0.0; levels.len()];
    for unit in units() {
        for (total, count) in totals.iter_mut().zip(unit) {
            *total += count;
        }
    }
    let n: f64 = totals.iter().sum();
    let places = match level {
        Level::Nominal => Vec::new(),
        Level::Interval => levels.to_vec(),
        Level::Ordinal => {
            let mut before = 0.0;
            let middle = totals.iter().map(|total| {
                before += total;
                before - total / 2.0
            });
            middle.collect()
        }
    };
    // Σ over ordered pairs of labels of their difference: without one squared distance for each
    // pair of levels, so that it stays fast with many levels.
    let differences = |counts: &[f64]| {
        let m: f64 = counts.iter().sum();
        match level {
            Level::Nominal => m * m - counts.iter().map(|count| count * count).sum::<f64>(),
            Level::Ordinal | Level::Interval => {
                let weighted = || counts.iter().zip(&places);
                let mean = weighted().map(|(count, at)| count * at).sum::<f64>() / m;
                2.0 * m * weighted().map(|(count, at)| count * (at - mean).powi(2)).sum::<f64>()
            }
        }
    };
    let observed: f64 =
        units().map(|unit| differences(unit) / (unit.iter().sum::<f64>() - 1.0)).sum::<f64>() / n;
    let expected = differences(&totals) / (n * (n - 1.0));
    (expected > 0.0).then(|| 1.0 - observed / expected)
}
