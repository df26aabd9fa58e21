//! Which label is right, where raters err each in their own way and nobody knows the truth.

use super::super::estimate::{Measured, Unknown, enough};
use super::ratings::Ratings;

/// Steps after which it is given up.
const STEPS: usize = 20_000;

/// Once a step brings less log-likelihood than this, no more is looked for.
const CLOSE: f64 = 1e-12;

/// What the labels say of items and raters together.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DawidSkene {
    /// P(level) of each item, one row an item; an item without a label has the levels' shares.
    pub levels: Vec<Vec<f64>>,
    /// The share of items of each level.
    pub shares: Vec<f64>,
    /// Each rater's errors: `[rater][true level][label]`, P(label | true level); a row of a level
    /// that no item of theirs has is even.
    pub errors: Vec<Vec<Vec<f64>>>,
    /// The log-likelihood, in nats.
    pub log_likelihood: f64,
}

impl DawidSkene {
    /// How often a rater is right, over the levels' shares, 0..=1.
    pub fn accuracy(&self, rater: usize) -> Option<f64> {
        let errors = self.errors.get(rater)?;
        Some(
            self.shares.iter().enumerate().map(|(level, share)| share * errors[level][level]).sum(),
        )
    }
}

/// The labels' maximum likelihood by expectation and maximisation, begun at the share of votes.
///
/// Dawid and Skene 1979, *Maximum likelihood estimation of observer error-rates using the EM
/// algorithm*, J. Royal Stat. Society C 28, equations 2.3 to 2.5. For many items and few labels
/// each; raters are held to err independently, which judges of one family do not. A rater who is
/// wrong more often than right is believed the other way round, so most raters must be better than
/// chance.
///
/// # Errors
///
/// [`Unknown::TooFew`] without an item of two labels or under two raters; [`Unknown::Constant`] for
/// fewer than two levels; [`Unknown::NoFit`] where the search does not end.
pub fn dawid_skene(ratings: &Ratings) -> Measured<DawidSkene> {
    enough(ratings.raters(), 2)?;
    let k = ratings.levels().len();
    if k < 2 {
        return Err(Unknown::Constant);
    }
    let counts = ratings.counts();
    enough(Ratings::paired(&counts), 1)?;
    let labels = ratings.labels();
    let labelled: Vec<usize> =
        (0..labels.len()).filter(|row| labels[*row].iter().any(Option::is_some)).collect();
    let mut levels: Vec<Vec<f64>> = counts
        .iter()
        .map(|counts| {
            let n: f64 = counts.iter().sum();
            counts.iter().map(|count| if n > 0.0 { count / n } else { 1.0 / k as f64 }).collect()
        })
        .collect();
    let mut before = f64::NEG_INFINITY;
    for _ in 0..STEPS {
        let shares: Vec<f64> = (0..k)
            .map(|level| {
                let sum: f64 = labelled.iter().map(|row| levels[*row][level]).sum();
                sum / labelled.len() as f64
            })
            .collect();
        let errors = errors_of(labels, &levels, k);
        let mut log_likelihood = 0.0;
        for row in &labelled {
            let logs: Vec<f64> = (0..k)
                .map(|level| {
                    let said = labels[*row].iter().enumerate();
                    let of = said.filter_map(|(rater, label)| {
                        label.map(|label| errors[rater][level][label].ln())
                    });
                    shares[level].ln() + of.sum::<f64>()
                })
                .collect();
            let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let total = most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln();
            log_likelihood += total;
            levels[*row] = logs.iter().map(|log| (log - total).exp()).collect();
        }
        if !log_likelihood.is_finite() {
            return Err(Unknown::NoFit);
        }
        if log_likelihood - before < CLOSE {
            for (row, level) in levels.iter_mut().enumerate() {
                if labels[row].iter().all(Option::is_none) {
                    level.clone_from(&shares);
                }
            }
            return Ok(DawidSkene { levels, shares, errors, log_likelihood });
        }
        before = log_likelihood;
    }
    Err(Unknown::NoFit)
}

/// Each rater's shares of labels by what the items are held to be.
fn errors_of(labels: &[Vec<Option<usize>>], levels: &[Vec<f64>], k: usize) -> Vec<Vec<Vec<f64>>> {
    let raters = labels.first().map_or(0, Vec::len);
    let mut errors = vec![vec![vec![0.0; k]; k]; raters];
    for (row, said) in labels.iter().enumerate() {
        for (rater, label) in said.iter().enumerate() {
            let Some(label) = label else { continue };
            for level in 0..k {
                errors[rater][level][*label] += levels[row][level];
            }
        }
    }
    for of_level in errors.iter_mut().flatten() {
        let sum: f64 = of_level.iter().sum();
        for share in of_level.iter_mut() {
            *share = if sum > 0.0 { *share / sum } else { 1.0 / k as f64 };
        }
    }
    errors
}
