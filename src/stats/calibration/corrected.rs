//! A pass rate with the judge's known errors taken out.

use super::super::bootstrap::Interval;
use super::super::estimate::{Measured, Unknown, enough};

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// q₀ + q₁ up to this is a judge so near to chance that dividing by q₀ + q₁ − 1 blows up its noise
/// tenfold (judgement).
const NEAR_CHANCE: f64 = 1.1;

/// Under so many human labels of either kind nothing is corrected (judgement: the error rates are
/// then known to ±30 points).
pub const MIN_GOLD: usize = 10;

/// What a judge said of items that people labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Gold {
    /// Items that pass by the people's label.
    pub passing: u64,
    /// Of those, how many the judge passed.
    pub passed: u64,
    /// Items that fail by the people's label.
    pub failing: u64,
    /// Of those, how many the judge failed.
    pub failed: u64,
}

/// A corrected rate.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Corrected {
    /// The judge's own pass rate, 0..=1.
    pub raw: f64,
    /// The rate with its errors taken out, 0..=1.
    pub rate: f64,
    /// Its interval, which has the human labels' scarcity in it.
    pub interval: Interval,
    /// q₁: how often it passes what passes.
    pub sensitivity: f64,
    /// q₀: how often it fails what fails.
    pub specificity: f64,
}

/// θ = (p + q₀ − 1) / (q₀ + q₁ − 1) of a judge who passed `passed` of `n` items.
///
/// Rogan and Gladen 1978, *Estimating prevalence from the results of a screening test*; the
/// interval is that of Lee et al. 2025 (arXiv:2511.21140), after Lang and Reiczigel 2014: adjusted
/// p, q₀ and q₁, and a shifted centre.
///
/// # Errors
///
/// [`Unknown::TooFew`] without an item or under [`MIN_GOLD`] human labels of a kind;
/// [`Unknown::OutOfRange`] where there are more hits than items; [`Unknown::NearChance`] where
/// q₀ + q₁ ≤ 1.1.
pub fn corrected_rate(passed: u64, n: u64, gold: Gold) -> Measured<Corrected> {
    enough(n as usize, 1)?;
    enough(gold.passing.min(gold.failing) as usize, MIN_GOLD)?;
    if passed > n || gold.passed > gold.passing || gold.failed > gold.failing {
        return Err(Unknown::OutOfRange { row: 0 });
    }
    let share = |hits: u64, of: u64| hits as f64 / of as f64;
    let raw = share(passed, n);
    let (q1, q0) = (share(gold.passed, gold.passing), share(gold.failed, gold.failing));
    if q0 + q1 <= NEAR_CHANCE {
        return Err(Unknown::NearChance);
    }
    let rate = ((raw + q0 - 1.0) / (q0 + q1 - 1.0)).clamp(0.0, 1.0);
    let interval = interval(passed as f64, n as f64, gold);
    Ok(Corrected { raw, rate, interval, sensitivity: q1, specificity: q0 })
}

fn interval(passed: f64, n: f64, gold: Gold) -> Interval {
    let z2 = Z * Z;
    let (n_adjusted, p) = (n + z2, (passed + z2 / 2.0) / (n + z2));
    let (m0, m1) = (gold.failing as f64 + 2.0, gold.passing as f64 + 2.0);
    let (q0, q1) = ((gold.failed as f64 + 1.0) / m0, (gold.passed as f64 + 1.0) / m1);
    let gain = q0 + q1 - 1.0;
    let theta = (p + q0 - 1.0) / gain;
    let (noise0, noise1) = (q0 * (1.0 - q0) / m0, q1 * (1.0 - q1) / m1);
    let shift = 2.0 * z2 * (theta * noise1 - (1.0 - theta) * noise0);
    let variance =
        p * (1.0 - p) / n_adjusted + (1.0 - theta).powi(2) * noise0 + theta.powi(2) * noise1;
    let spread = Z * variance.sqrt() / gain;
    let end = |value: f64| value.clamp(0.0, 1.0);
    Interval { low: end(theta + shift - spread), high: end(theta + shift + spread) }
}

/// Which share of the next human labels should be of items that fail (by people), 0..=1, so that
/// the corrected rate's interval narrows most.
///
/// Labels in proportion to (1 − θ) √(q₀ (1 − q₀)) and θ √(q₁ (1 − q₁)): Neyman's allocation for the
/// variance of [`corrected_rate`].
///
/// People's labels are not known beforehand: the judge's verdict stands for them in a queue.
pub fn share_to_label_failing(corrected: &Corrected) -> f64 {
    let spread = |q: f64| (q * (1.0 - q)).max(1e-4).sqrt();
    let failing = (1.0 - corrected.rate) * spread(corrected.specificity);
    let passing = corrected.rate * spread(corrected.sensitivity);
    failing / (failing + passing)
}
