//! The reliability curve: of what the judge said with so much confidence, how much was so.

use super::super::binomial::wilson;
use super::super::bootstrap::{Interval, bootstrap_clusters, percentile};
use super::super::estimate::{Estimate, Measured, enough};
use super::forecasts::Forecasts;

/// Under so many labels the curve has three bins only (judgement: a bin of 20 is known to ±22
/// points).
pub const MIN_FOR_TEN_BINS: usize = 200;

/// How probabilities are put into bins; both as `sklearn.calibration.calibration_curve`, a value
/// on an edge belonging to the lower bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binning {
    /// So many bins of the same width from 0 to 1.
    EqualWidth(usize),
    /// So many bins of the same number of rows, by quantiles.
    EqualMass(usize),
}

/// Ten equal-mass bins, or three under [`MIN_FOR_TEN_BINS`] labels.
pub fn usual_bins(labels: usize) -> Binning {
    Binning::EqualMass(if labels < MIN_FOR_TEN_BINS { 3 } else { 10 })
}

/// A point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Bin {
    /// The mean probability, 0..=1.
    pub said: f64,
    /// The mean label, 0..=1.
    pub was: f64,
    /// Wilson's interval of it.
    pub interval: Option<Interval>,
    /// Rows in the bin.
    pub n: u64,
}

/// The curve, lowest probability first; bins without a row are left out.
///
/// # Errors
///
/// [`super::super::Unknown::TooFew`] without a row or for no bin.
pub fn bins(forecasts: &Forecasts, binning: Binning) -> Measured<Vec<Bin>> {
    enough(forecasts.len(), 1)?;
    let (Binning::EqualWidth(count) | Binning::EqualMass(count)) = binning;
    enough(count, 1)?;
    let rows: Vec<usize> = (0..forecasts.len()).collect();
    let bins =
        Order::of(forecasts).sums(forecasts, &rows, binning).into_iter().filter(|bin| bin.n > 0.0);
    Ok(bins
        .map(|bin| Bin {
            said: bin.said / bin.n,
            was: bin.was / bin.n,
            interval: wilson(bin.was / bin.n, bin.n as u64),
            n: bin.n as u64,
        })
        .collect())
}

/// The expected calibration error Σ n_b / n · |was_b − said_b|, 0..=1.
///
/// Naeini et al. 2015; Guo et al. 2017, *On calibration of modern neural networks*, section 2. Of
/// a perfect judge, too, it lies above 0, and the more so the fewer the labels: each bin's noise
/// counts with its size.
///
/// # Errors
///
/// [`super::super::Unknown::TooFew`] without a row or for no bin.
pub fn ece(forecasts: &Forecasts, binning: Binning, seed: u64) -> Measured {
    let order = Order::of(forecasts);
    let error = |rows: &[usize]| {
        let bins = order.sums(forecasts, rows, binning);
        Some(bins.iter().map(|bin| (bin.was - bin.said).abs()).sum::<f64>() / rows.len() as f64)
    };
    let curve = bins(forecasts, binning)?;
    let n = forecasts.len();
    let value = curve.iter().map(|bin| bin.n as f64 * (bin.was - bin.said).abs()).sum::<f64>();
    let interval = bootstrap_clusters(forecasts.clusters(), seed, error);
    Ok(Estimate { value: value / n as f64, interval, n: n as u64 })
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    said: f64,
    was: f64,
}

/// Rows by rising probability, sorted once for all draws.
struct Order {
    /// Rows, least probability first.
    rows: Vec<usize>,
    /// The place of each row among them.
    place: Vec<usize>,
}

impl Order {
    fn of(forecasts: &Forecasts) -> Self {
        let mut rows: Vec<usize> = (0..forecasts.len()).collect();
        rows.sort_by(|a, b| forecasts.said()[*a].total_cmp(&forecasts.said()[*b]));
        let mut place = vec![0; rows.len()];
        for (at, row) in rows.iter().enumerate() {
            place[*row] = at;
        }
        Self { rows, place }
    }

    /// What each bin has of the rows drawn.
    fn sums(&self, forecasts: &Forecasts, drawn: &[usize], binning: Binning) -> Vec<Sums> {
        let (Binning::EqualWidth(count) | Binning::EqualMass(count)) = binning;
        let inner = 1..count.max(1);
        let mut times = vec![0_u32; self.rows.len()];
        for row in drawn {
            times[self.place[*row]] += 1;
        }
        let edges: Vec<f64> = match binning {
            Binning::EqualWidth(_) => inner.map(|edge| edge as f64 / count as f64).collect(),
            Binning::EqualMass(_) => {
                let mut sorted = Vec::with_capacity(drawn.len());
                for (row, times) in self.rows.iter().zip(&times) {
                    sorted.extend((0..*times).map(|_| forecasts.said()[*row]));
                }
                inner.map(|edge| percentile(&sorted, edge as f64 / count as f64)).collect()
            }
        };
        let mut bins = vec![Sums::default(); edges.len() + 1];
        let mut bin = 0;
        for (row, times) in self.rows.iter().zip(&times).filter(|(_, times)| **times > 0) {
            let (said, was, times) =
                (forecasts.said()[*row], forecasts.was()[*row], f64::from(*times));
            while edges.get(bin).is_some_and(|edge| *edge < said) {
                bin += 1;
            }
            bins[bin].n += times;
            bins[bin].said += times * said;
            bins[bin].was += times * was;
        }
        bins
    }
}

/// The parts of a Brier score: brier = reliability − resolution + uncertainty + within.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Decomposition {
    /// Σ n_b / n (said_b − was_b)²: what calibration could mend; 0 is best.
    pub reliability: f64,
    /// Σ n_b / n (was_b − base rate)²: how far the judge tells cases apart; more is better.
    pub resolution: f64,
    /// Base rate × (1 − base rate) for labels of 0 and 1, the labels' variance in general: how hard
    /// the cases are; not the judge's doing.
    pub uncertainty: f64,
    /// What remains because a bin's probabilities differ among themselves; 0 where they do not.
    pub within: f64,
}

/// Murphy's decomposition over bins.
///
/// Murphy 1973, *A new vector partition of the probability score*, J. Applied Meteorology 12; the
/// remainder as in Stephenson, Coelho and Jolliffe 2008, *Two extra components in the Brier score
/// decomposition*.
///
/// # Errors
///
/// [`super::super::Unknown::TooFew`] without a row or for no bin.
pub fn decomposition(forecasts: &Forecasts, binning: Binning) -> Measured<Decomposition> {
    let curve = bins(forecasts, binning)?;
    let n = forecasts.len() as f64;
    let base = forecasts.was().iter().sum::<f64>() / n;
    let over = |part: &dyn Fn(&Bin) -> f64| {
        curve.iter().map(|bin| bin.n as f64 * part(bin)).sum::<f64>() / n
    };
    let reliability = over(&|bin| (bin.said - bin.was).powi(2));
    let resolution = over(&|bin| (bin.was - base).powi(2));
    let uncertainty = forecasts.was().iter().map(|y| (y - base).powi(2)).sum::<f64>() / n;
    let brier =
        forecasts.said().iter().zip(forecasts.was()).map(|(p, y)| (p - y).powi(2)).sum::<f64>() / n;
    let within = brier - (reliability - resolution + uncertainty);
    Ok(Decomposition { reliability, resolution, uncertainty, within })
}
