//! Several judges as one: rules, weights from how well each does, and how many judges they really
//! are.

use super::agreement::scores::pearson;
use super::bootstrap::{Clusters, bootstrap_clusters};
use super::estimate::{Estimate, Measured, Unknown, enough, same_rows};

/// Labels below which weights are drawn towards equal ones.
const SURE_LABELS: u64 = 100;

/// How many labels an equal weight counts for then.
const PRIOR_LABELS: f64 = 50.0;

pub use crate::domain::PanelRule as Rule;
pub use crate::domain::panel::{Question, combine};

/// What a judge's weight comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weighing {
    /// max(0, κ) against people.
    Kappa,
    /// ln(a / (1 − a)) of the share a of labels it agrees with, 0 below one half: the best weights
    /// for votes that err independently (Nitzan and Paroush 1982).
    LogOdds,
}

/// Weights of judges that sum to 1, from their κ or accuracy on `labels` labels.
///
/// Under 100 labels each is drawn towards the mean: w = (n w + 50 w̄) / (n + 50). All equal where
/// no judge is better than chance. An accuracy of 1 counts as that of n + 1 labels with half an
/// error, so that nobody outweighs all others for good.
///
/// # Errors
///
/// [`Unknown::TooFew`] without a judge or a label; [`Unknown::OutOfRange`] for a κ outside of
/// −1..=1 or an accuracy outside of 0..=1.
pub fn weights(quality: &[f64], labels: u64, weighing: Weighing) -> Measured<Vec<f64>> {
    enough(quality.len(), 1)?;
    enough(labels as usize, 1)?;
    let low = match weighing {
        Weighing::Kappa => -1.0,
        Weighing::LogOdds => 0.0,
    };
    super::estimate::in_range(quality, low, 1.0)?;
    let n = labels as f64;
    let raw: Vec<f64> = quality
        .iter()
        .map(|quality| match weighing {
            Weighing::Kappa => quality.max(0.0),
            Weighing::LogOdds => {
                let edge = 0.5 / (n + 1.0);
                super::logistic::logit(*quality, edge).max(0.0)
            }
        })
        .collect();
    let mean = raw.iter().sum::<f64>() / raw.len() as f64;
    if mean <= 0.0 {
        return Ok(vec![1.0 / raw.len() as f64; raw.len()]);
    }
    let drawn = raw.iter().map(|weight| {
        if labels < SURE_LABELS {
            (n * weight + PRIOR_LABELS * mean) / (n + PRIOR_LABELS)
        } else {
            *weight
        }
    });
    let drawn: Vec<f64> = drawn.collect();
    let total: f64 = drawn.iter().sum();
    Ok(drawn.into_iter().map(|weight| weight / total).collect())
}

/// How judges err together.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Independence {
    /// Pearson's correlation of two judges' errors, row by row; `None` where it can't be computed:
    /// fewer than two items in common, or a judge that errs always alike. 1 on the diagonal.
    pub correlations: Vec<Vec<Option<f64>>>,
    /// The mean of all pairs' correlations.
    pub mean: f64,
    /// J / (1 + (J − 1) ρ): how many independent judges they are worth, 1..=J.
    pub effective: Estimate,
}

/// The correlation of judges' errors, and the effective number of judges.
///
/// An error is p − y of a judge's probability and the label. The formula is Kish's design effect
/// (Kish 1965, *Survey Sampling*, section 5.4); a mean below 0 counts as 0. `said` has one row a
/// judge, `was` the labels of 0..=1, `clusters` which items are of one prompt.
///
/// # Errors
///
/// [`Unknown::TooFew`] under two judges or [`super::MIN_ITEMS`] prompts; [`Unknown::Uneven`] for a
/// judge with another number of items; [`Unknown::Constant`] where no two judges' errors can be
/// compared.
pub fn independence(
    said: &[Vec<Option<f64>>],
    was: &[f64],
    clusters: &Clusters,
    seed: u64,
) -> Measured<Independence> {
    enough(said.len(), 2)?;
    same_rows(was.len(), clusters.rows())?;
    for judge in said {
        same_rows(judge.len(), was.len())?;
    }
    enough(clusters.len(), super::MIN_ITEMS)?;
    let errors: Vec<Vec<Option<f64>>> = said
        .iter()
        .map(|judge| judge.iter().zip(was).map(|(p, y)| Some((*p)? - y)).collect())
        .collect();
    let all: Vec<usize> = (0..was.len()).collect();
    let judges = said.len();
    let correlations: Vec<Vec<Option<f64>>> = (0..judges)
        .map(|a| {
            (0..judges)
                .map(|b| if a == b { Some(1.0) } else { correlate(&errors[a], &errors[b], &all) })
                .collect()
        })
        .collect();
    let mean = mean_correlation(&errors, &all).ok_or(Unknown::Constant)?;
    let interval = bootstrap_clusters(clusters, seed, |rows| {
        Some(effective(judges, mean_correlation(&errors, rows)?))
    });
    let effective = Estimate { value: effective(judges, mean), interval, n: was.len() as u64 };
    Ok(Independence { correlations, mean, effective })
}

fn effective(judges: usize, mean: f64) -> f64 {
    let judges = judges as f64;
    judges / (1.0 + (judges - 1.0) * mean.max(0.0))
}

fn correlate(a: &[Option<f64>], b: &[Option<f64>], rows: &[usize]) -> Option<f64> {
    let (mut x, mut y) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        if let (Some(a), Some(b)) = (a[*row], b[*row]) {
            x.push(a);
            y.push(b);
        }
    }
    if x.len() < 2 { None } else { pearson(&x, &y) }
}

fn mean_correlation(errors: &[Vec<Option<f64>>], rows: &[usize]) -> Option<f64> {
    let pairs = super::ranking::all_pairs(errors.len());
    let known: Vec<f64> =
        pairs.into_iter().filter_map(|(a, b)| correlate(&errors[a], &errors[b], rows)).collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}
