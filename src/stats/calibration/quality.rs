//! How good probabilities are, in one number.

use super::super::bootstrap::bootstrap_clusters;
use super::super::estimate::{Estimate, Measured, enough};
use super::forecasts::Forecasts;
use super::reliability::{ece, usual_bins};

/// The brier score, mean (p − y)², 0..=1, lower is better: 0 is perfect, ¼ is what always saying
/// one half gets.
///
/// Brier 1950, *Verification of forecasts expressed in terms of probability*;
/// `sklearn.metrics.brier_score_loss`.
///
/// # Errors
///
/// [`super::super::Unknown::TooFew`] without a row.
pub fn brier(forecasts: &Forecasts, seed: u64) -> Measured {
    mean_loss(forecasts, seed, |p, y| (p - y).powi(2))
}

/// The mean of −y ln p − (1 − y) ln(1 − p) in nats, lower is better: ln 2 is what always saying
/// one half gets. p is kept 2.2 · 10⁻¹⁶ from 0 and 1, as `sklearn.metrics.log_loss` does.
///
/// # Errors
///
/// [`super::super::Unknown::TooFew`] without a row.
pub fn log_loss(forecasts: &Forecasts, seed: u64) -> Measured {
    mean_loss(forecasts, seed, |p, y| {
        let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
    })
}

fn mean_loss(forecasts: &Forecasts, seed: u64, loss: impl Fn(f64, f64) -> f64) -> Measured {
    enough(forecasts.len(), 1)?;
    let losses: Vec<f64> =
        forecasts.said().iter().zip(forecasts.was()).map(|(p, y)| loss(*p, *y)).collect();
    let interval = bootstrap_clusters(forecasts.clusters(), seed, |rows| {
        Some(rows.iter().map(|row| losses[*row]).sum::<f64>() / rows.len() as f64)
    });
    let value = losses.iter().sum::<f64>() / losses.len() as f64;
    Ok(Estimate { value, interval, n: losses.len() as u64 })
}

/// The numbers that are shown before and after a repair.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Quality {
    /// The Brier score.
    pub brier: Estimate,
    /// The log loss, in nats.
    pub log_loss: Estimate,
    /// The expected calibration error over equal-mass bins, 0..=1.
    pub ece: Estimate,
}

/// Brier score, log loss and calibration error of the same rows.
///
/// # Errors
///
/// [`super::super::Unknown::TooFew`] without a row.
pub fn quality(forecasts: &Forecasts, seed: u64) -> Measured<Quality> {
    Ok(Quality {
        brier: brier(forecasts, seed)?,
        log_loss: log_loss(forecasts, seed)?,
        ece: ece(forecasts, usual_bins(forecasts.len()), seed)?,
    })
}
