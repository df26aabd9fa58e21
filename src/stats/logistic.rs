//! Logistic regression with soft targets and a ridge, the one fit that calibration, style and
//! ranking share.

use super::estimate::{Measured, Unknown};
use super::linear::Factored;

/// σ(x) = 1 / (1 + e⁻ˣ).
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// ln(p / (1 − p)), with p kept `edge` away from 0 and 1 so that it stays finite.
pub fn logit(p: f64, edge: f64) -> f64 {
    let p = p.clamp(edge, 1.0 - edge);
    (p / (1.0 - p)).ln()
}

/// Beyond this a parameter has run away: e³⁰ to one is no odds that data show.
const RUNAWAY: f64 = 30.0;

/// A model logit P = Σ βₖ xₖ of rows with a target of 0..=1 each.
///
/// Fitted is the least of −Σ [y ln P + (1 − y) ln(1 − P)] + ½ Σ λₖ βₖ², as scikit-learn's
/// `LogisticRegression` with C = 1 / λ (a soft target there is two weighted rows); a λ of 0 leaves
/// that parameter free, as `statsmodels.Logit`.
#[derive(Debug, Clone, PartialEq)]
pub struct Regression {
    /// The features, row by row; an intercept is a column of ones.
    pub features: Vec<f64>,
    /// The targets, 0..=1.
    pub targets: Vec<f64>,
    /// λ of each column, 0 or more.
    pub ridge: Vec<f64>,
}

impl Regression {
    /// The parameters that fit the given rows best (a row given twice counts twice), by Newton's
    /// method from a start.
    ///
    /// # Errors
    ///
    /// [`Unknown::Separated`] where a parameter without a ridge runs away, [`Unknown::NoFit`]
    /// where columns depend on each other or the search does not end.
    pub fn fit(&self, rows: &[usize], start: &[f64]) -> Measured<Vec<f64>> {
        let width = self.ridge.len();
        let mut beta = start.to_vec();
        // Most features of a game between two of many players are 0.
        let mut given: Vec<(usize, f64)> = Vec::with_capacity(width);
        for _ in 0..100 {
            let mut gradient: Vec<f64> = beta.iter().zip(&self.ridge).map(|(b, l)| b * l).collect();
            let mut hessian = vec![0.0; width * width];
            for (column, ridge) in self.ridge.iter().enumerate() {
                hessian[column * width + column] = *ridge;
            }
            for row in rows {
                let x = &self.features[row * width..(row + 1) * width];
                given.clear();
                given.extend(x.iter().copied().enumerate().filter(|(_, x)| *x != 0.0));
                let p = sigmoid(given.iter().map(|(column, x)| x * beta[*column]).sum());
                let (residual, weight) = (p - self.targets[*row], p * (1.0 - p));
                for (place, (column, value)) in given.iter().enumerate() {
                    gradient[*column] += residual * value;
                    for (other, with) in &given[..=place] {
                        hessian[column * width + other] += weight * value * with;
                    }
                }
            }
            let Some(factored) = Factored::of(&hessian, width) else {
                return Err(if beta.iter().any(|b| b.abs() > RUNAWAY / 2.0) {
                    Unknown::Separated
                } else {
                    Unknown::NoFit
                });
            };
            let step = factored.solve(&gradient);
            let longest = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
            // A long step from far off would overshoot; near the optimum none is long.
            let damping = (2.0 / longest).min(1.0);
            for (beta, step) in beta.iter_mut().zip(&step) {
                *beta -= damping * step;
            }
            if beta.iter().any(|b| !b.is_finite() || b.abs() > RUNAWAY) {
                return Err(Unknown::Separated);
            }
            if longest < 1e-10 {
                return Ok(beta);
            }
        }
        Err(Unknown::NoFit)
    }
}
