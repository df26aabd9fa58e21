//! Logistic regression with soft targets and a ridge, the one fit that calibration, style and
//! ranking share.

use super::estimate::Measured;
use super::newton::{self, Slopes};

/// σ(x) = 1 / (1 + e⁻ˣ).
pub fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// ln(p / (1 − p)), with p kept `edge` away from 0 and 1 so that it stays finite.
pub fn logit(p: f64, edge: f64) -> f64 {
    let p = p.clamp(edge, 1.0 - edge);
    (p / (1.0 - p)).ln()
}

/// ln(1 + eˣ), without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

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
    /// [`super::Unknown::Separated`] where a parameter without a ridge runs away, [`super::Unknown::NoFit`]
    /// where columns depend on each other or the search does not end.
    pub fn fit(&self, rows: &[usize], start: &[f64]) -> Measured<Vec<f64>> {
        newton::least(start, |beta| self.slopes(rows, beta))
    }

    fn slopes(&self, rows: &[usize], beta: &[f64]) -> Slopes {
        let width = self.ridge.len();
        let gradient = beta.iter().zip(&self.ridge).map(|(b, ridge)| b * ridge).collect();
        let mut slopes = Slopes { loss: 0.0, gradient, hessian: vec![0.0; width * width] };
        for (column, (b, ridge)) in beta.iter().zip(&self.ridge).enumerate() {
            slopes.loss += 0.5 * ridge * b * b;
            slopes.hessian[column * width + column] = *ridge;
        }
        // Most features of a game between two of many players are 0.
        let mut given: Vec<(usize, f64)> = Vec::with_capacity(width);
        for row in rows {
            let x = &self.features[row * width..(row + 1) * width];
            given.clear();
            given.extend(x.iter().copied().enumerate().filter(|(_, x)| *x != 0.0));
            let odds: f64 = given.iter().map(|(column, x)| x * beta[*column]).sum();
            let target = self.targets[*row];
            let p = sigmoid(odds);
            slopes.loss += softplus(odds) - target * odds;
            let (residual, weight) = (p - target, p * (1.0 - p));
            for (place, (column, value)) in given.iter().enumerate() {
                slopes.gradient[*column] += residual * value;
                for (other, with) in &given[..=place] {
                    slopes.hessian[column * width + other] += weight * value * with;
                }
            }
        }
        slopes
    }
}
