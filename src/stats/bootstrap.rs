//! The bootstrap over prompts, seeded.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// How often the prompts are drawn anew.
pub const RESAMPLES: usize = 1_000;

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies in it, its ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half its width.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The percentile interval of a statistic over resampled items: for each of [`RESAMPLES`] draws
/// the statistic gets the places of the items drawn, with repetition, as many as there are items.
///
/// Efron and Tibshirani 1993, *An Introduction to the Bootstrap*, section 13.3. Draws for which
/// there is no value are left out; `None` where there are fewer than two items or fewer than half
/// the draws have a value.
pub fn bootstrap(
    items: usize,
    seed: u64,
    mut statistic: impl FnMut(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    if items < 2 {
        return None;
    }
    let mut draws = Draws::new(seed);
    let mut places = vec![0; items];
    let mut values = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        for place in &mut places {
            *place = draws.below(items);
        }
        values.extend(statistic(&places).filter(|value| value.is_finite()));
    }
    if values.len() * 2 < RESAMPLES {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some(Interval { low: percentile(&values, 0.025), high: percentile(&values, 0.975) })
}

/// The percentile interval of a mean.
pub fn bootstrap_mean(values: &[f64], seed: u64) -> Option<Interval> {
    bootstrap(values.len(), seed, |places| {
        Some(places.iter().map(|place| values[*place]).sum::<f64>() / values.len() as f64)
    })
}

/// A percentile of sorted values, between neighbours by linear interpolation, as numpy's default
/// (Hyndman and Fan 1996, definition 7); `share` is 0..=1, and there is at least one value.
pub(super) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, part) = (at.floor() as usize, at.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + part * (sorted[above] - sorted[below])
}

/// Whole numbers drawn evenly.
struct Draws(ChaCha8Rng);

impl Draws {
    fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number below `n`: the high half of a product, so that no library's change of its own
    /// mapping changes what was drawn (the bias is below n / 2⁶⁴).
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }
}
