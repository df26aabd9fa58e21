//! The win rate with the answers' lengths taken out.
//!
//! Dubois et al. 2024, *Length-Controlled AlpacaEval* (arXiv:2404.04475): a logistic model of the
//! preference in which a term stands for the difference in length; the rate is what the model says
//! with that term set to 0. This is its minimal form: without the difficulty of each prompt, which
//! would need a large collection of judged models.

use super::bootstrap::{Clusters, Interval, bootstrap_clusters};

/// Under so many prompts the model is not fitted (judgement: two parameters, and lengths that
/// mostly go together with the verdict).
pub const MIN_LENGTH_ITEMS: usize = 100;

/// A win rate as if both sides were equally long.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct LengthControlled {
    /// P(B is better) at equal length, 0..=1.
    pub rate: f64,
    /// Its interval: the prompts drawn anew and the model fitted anew.
    pub interval: Option<Interval>,
    /// How much the judge goes by length: log-odds for B at a difference far beyond the usual one;
    /// above 0 it likes what is longer.
    pub phi: f64,
}

impl LengthControlled {
    /// Whether length explains so much of a raw rate that both must be told: it moves it by more
    /// than 10 points and more than a quarter of the distance to 0 or 100 (alpaca_eval's own rule).
    pub fn matters_to(&self, raw: f64) -> bool {
        let moved = (self.rate - raw).abs();
        let room = if self.rate > raw { 1.0 - raw } else { raw };
        moved > 0.10 && moved > 0.25 * room
    }
}

/// Fits logit P(B) = θ + φ · tanh((length of B − length of A) / sd) to outcomes of 0, ½ or 1 with
/// a ridge of 1 on φ (θ is free), and gives σ(θ).
///
/// `sd` is the standard deviation of the differences. Lengths may be in any unit. `None` under
/// [`MIN_LENGTH_ITEMS`] or where all outcomes are the same.
pub fn length_controlled(
    outcomes: &[f64],
    lengths: &[(f64, f64)],
    seed: u64,
) -> Option<LengthControlled> {
    length_controlled_by(outcomes, lengths, &Clusters::each(outcomes.len()), seed)
}

/// As [`length_controlled`], with rows of one prompt drawn together; `None` as well where there
/// are under [`MIN_LENGTH_ITEMS`] prompts, or not as many lengths or rows in clusters as outcomes.
pub fn length_controlled_by(
    outcomes: &[f64],
    lengths: &[(f64, f64)],
    clusters: &Clusters,
    seed: u64,
) -> Option<LengthControlled> {
    let n = outcomes.len();
    if lengths.len() != n || clusters.rows() != n || clusters.len() < MIN_LENGTH_ITEMS {
        return None;
    }
    let differences: Vec<f64> = lengths.iter().map(|(a, b)| b - a).collect();
    let scale = deviation(&differences);
    let terms: Vec<f64> = differences
        .iter()
        .map(|difference| if scale > 0.0 { (difference / scale).tanh() } else { 0.0 })
        .collect();
    let all: Vec<usize> = (0..n).collect();
    let (theta, phi) = fit(outcomes, &terms, &all, (0.0, 0.0))?;
    let interval = bootstrap_clusters(clusters, seed, |places| {
        fit(outcomes, &terms, places, (theta, phi)).map(|(theta, _)| logistic(theta))
    });
    Some(LengthControlled { rate: logistic(theta), interval, phi })
}

/// The standard deviation with n in its denominator, as numpy's default.
fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt()
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Newton's method on the two parameters, from a start.
fn fit(outcomes: &[f64], terms: &[f64], places: &[usize], start: (f64, f64)) -> Option<(f64, f64)> {
    let mean = places.iter().map(|place| outcomes[*place]).sum::<f64>() / places.len() as f64;
    if mean <= 0.0 || mean >= 1.0 {
        // No finite θ makes them this likely.
        return None;
    }
    let (mut theta, mut phi) = start;
    for _ in 0..50 {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, phi, 0.0, 0.0, 1.0);
        for place in places {
            let x = terms[*place];
            let p = logistic(theta + phi * x);
            let (residual, weight) = (p - outcomes[*place], p * (1.0 - p));
            g0 += residual;
            g1 += residual * x;
            h00 += weight;
            h01 += weight * x;
            h11 += weight * x * x;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant <= f64::MIN_POSITIVE {
            return None;
        }
        let step0 = (h11 * g0 - h01 * g1) / determinant;
        let step1 = (h00 * g1 - h01 * g0) / determinant;
        // A long step from far off would overshoot; near the optimum none is long.
        let damping = (2.0 / step0.abs().max(step1.abs())).min(1.0);
        theta -= damping * step0;
        phi -= damping * step1;
        if step0.abs() + step1.abs() < 1e-12 {
            return Some((theta, phi));
        }
    }
    (theta.is_finite() && phi.is_finite()).then_some((theta, phi))
}
