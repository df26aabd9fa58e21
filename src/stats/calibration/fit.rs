//! Fitting a map on one half of the prompts, and showing on the other what it does.

use super::super::bootstrap::bootstrap_clusters;
use super::super::estimate::{Estimate, Measured, Unknown, enough};
use super::super::logistic::{Regression, logit, sigmoid};
use super::forecasts::Forecasts;
use super::isotonic;
use super::map::Kind;
use super::quality::{Quality, quality};
use crate::domain::recalibration::EDGE;
use crate::domain::{Map, Recalibration};

/// Slopes of log-odds below this are a judge who tells nothing, or the wrong way round.
const LEAST_SLOPE: f64 = 0.01;

/// Slopes beyond this are no odds that labels show.
const MOST_SLOPE: f64 = 30.0;

/// The map of a kind that fits best, whatever the number of rows.
///
/// *Temperature*: the least log loss (Guo et al. 2017, section 4.2). *Platt*: the least log loss
/// against Platt's smoothed targets (n₊ + 1) / (n₊ + 2) and 1 / (n₋ + 2) (Platt 1999, section 2.2),
/// on the judge's log-odds, as `sklearn.calibration._SigmoidCalibration`; a label of ½ is half of
/// each. *Isotonic*: see [`isotonic`].
///
/// # Errors
///
/// [`Unknown::TooFew`] without a row; [`Unknown::Constant`] where all labels, or all
/// probabilities, are the same; [`Unknown::NearChance`] where higher probabilities do not mean more;
/// [`Unknown::Separated`] where the judge is right whenever it leans to a side, so that no finite
/// temperature fits best.
pub fn fit(forecasts: &Forecasts, kind: Kind) -> Measured<Map> {
    let rows: Vec<usize> = (0..forecasts.len()).collect();
    enough(rows.len(), 1)?;
    let is_same = |values: &[f64]| values.iter().all(|value| (value - values[0]).abs() < 1e-12);
    if is_same(forecasts.was()) || is_same(forecasts.said()) {
        return Err(Unknown::Constant);
    }
    match kind {
        Kind::Temperature => {
            let slope = slope(&log_odds(forecasts), forecasts.was(), &rows, 1.0)?;
            Ok(Map::Temperature { temperature: 1.0 / slope })
        }
        Kind::Platt => platt(forecasts, &rows),
        Kind::Isotonic => Ok(Map::Isotonic(isotonic::fit(forecasts.said(), forecasts.was()))),
    }
}

/// The temperature by itself, with its interval over prompts: 1 is a judge whose confidence is
/// right, above 1 it is too sure. Flagged as miscalibrated where the interval leaves out 1.
///
/// # Errors
///
/// As [`fit`], and [`Unknown::TooFew`] under [`Kind::least_labels`].
pub fn temperature(forecasts: &Forecasts, seed: u64) -> Measured {
    enough(forecasts.len(), Kind::Temperature.least_labels())?;
    let rows: Vec<usize> = (0..forecasts.len()).collect();
    let odds = log_odds(forecasts);
    let found = slope(&odds, forecasts.was(), &rows, 1.0)?;
    let interval = bootstrap_clusters(forecasts.clusters(), seed, |rows| {
        Some(1.0 / slope(&odds, forecasts.was(), rows, found).ok()?)
    });
    Ok(Estimate { value: 1.0 / found, interval, n: forecasts.len() as u64 })
}

fn log_odds(forecasts: &Forecasts) -> Vec<f64> {
    forecasts.said().iter().map(|p| logit(*p, EDGE)).collect()
}

/// The β of the least log loss of σ(β x): where Σ (σ(β x) − y) x is 0, which rises with β. By
/// Newton's steps, kept between what is known to be too little and too much.
fn slope(odds: &[f64], was: &[f64], rows: &[usize], start: f64) -> Measured<f64> {
    let (mut low, mut high) = (LEAST_SLOPE, MOST_SLOPE);
    let mut at = start.clamp(low, high);
    for _ in 0..200 {
        let (mut gradient, mut curvature) = (0.0, 0.0);
        for row in rows {
            let x = odds[*row];
            let p = sigmoid(at * x);
            gradient += (p - was[*row]) * x;
            curvature += p * (1.0 - p) * x * x;
        }
        if gradient > 0.0 {
            high = at;
        } else {
            low = at;
        }
        let next = at - gradient / curvature;
        if (next - at).abs() < 1e-7 && next > LEAST_SLOPE && next < MOST_SLOPE {
            return Ok(next);
        }
        at = if next > low && next < high { next } else { f64::midpoint(low, high) };
        if high - low < 1e-9 {
            break;
        }
    }
    if at < 2.0 * LEAST_SLOPE {
        Err(Unknown::NearChance)
    } else if at > MOST_SLOPE / 2.0 {
        Err(Unknown::Separated)
    } else {
        Err(Unknown::NoFit)
    }
}

fn platt(forecasts: &Forecasts, rows: &[usize]) -> Measured<Map> {
    let positive: f64 = forecasts.was().iter().sum();
    let negative = forecasts.len() as f64 - positive;
    let (high, low) = ((positive + 1.0) / (positive + 2.0), 1.0 / (negative + 2.0));
    let regression = Regression {
        features: forecasts.said().iter().flat_map(|p| [logit(*p, EDGE), 1.0]).collect(),
        targets: forecasts.was().iter().map(|y| y * high + (1.0 - y) * low).collect(),
        ridge: vec![0.0, 0.0],
    };
    let start = [0.0, ((positive + 1.0) / (negative + 1.0)).ln()];
    let fitted = regression.fit(rows, &start)?;
    let [slope, shift] = fitted.as_slice() else { return Err(Unknown::NoFit) };
    if *slope <= LEAST_SLOPE {
        return Err(Unknown::NearChance);
    }
    Ok(Map::Platt { slope: *slope, shift: *shift })
}

/// A map fitted on one half, and what it does on the other.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Fitted {
    /// The map and where it comes from.
    pub recalibration: Recalibration,
    /// The half that was not fitted to, as the judge said it.
    pub before: Quality,
    /// The same half after the map.
    pub after: Quality,
}

impl Fitted {
    /// Whether the other half's Brier score is better with the map.
    pub fn helps(&self) -> bool {
        self.after.brier.value < self.before.brier.value
    }
}

/// Whether the sides of a row have a meaning of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// No: P(A is better). Fitted with each row's mirror image.
    Alike,
    /// Yes: P(criterion is met).
    Own,
}

/// Fits a map on a half of the prompts drawn by the seed, and measures on the other half what it
/// does; a prompt is never in both.
///
/// # Errors
///
/// As [`fit`], and [`Unknown::TooFew`] where the half has fewer rows than [`Kind::least_labels`].
pub fn fit_and_show(
    forecasts: &Forecasts,
    kind: Kind,
    sides: Sides,
    seed: u64,
) -> Measured<Fitted> {
    let (to_fit, to_show) = forecasts.clusters().halves(seed);
    let (fitting, shown) = (forecasts.only(&to_fit), forecasts.only(&to_show));
    let fitted = fit_between(&fitting, &shown, kind, sides, seed)?;
    let recalibration = Recalibration { seed: Some(seed), ..fitted.recalibration };
    Ok(Fitted { recalibration, ..fitted })
}

/// Fits a map on all of one part, and measures on another what it does; the parts must share no
/// prompt. The seed is the bootstrap's.
///
/// # Errors
///
/// As [`fit`], and [`Unknown::TooFew`] where a part has fewer rows than [`Kind::least_labels`].
pub fn fit_between(
    fitting: &Forecasts,
    shown: &Forecasts,
    kind: Kind,
    sides: Sides,
    seed: u64,
) -> Measured<Fitted> {
    enough(fitting.len().min(shown.len()), kind.least_labels())?;
    let map = match sides {
        Sides::Alike => fit(&fitting.mirrored(), kind)?,
        Sides::Own => fit(fitting, kind)?,
    };
    // Which side of a preference is called the first has no meaning, so it is seen from the side
    // that the judge is for.
    let shown = match sides {
        Sides::Alike => shown.folded(),
        Sides::Own => shown.clone(),
    };
    Ok(Fitted {
        before: quality(&shown, seed)?,
        after: quality(&shown.saying(|p| map.apply(p)), seed)?,
        recalibration: Recalibration {
            map,
            labels: fitting.len() as u64,
            seed: None,
            mirrored: sides == Sides::Alike,
            ..Recalibration::default()
        },
    })
}
