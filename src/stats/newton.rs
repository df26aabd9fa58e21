//! The least of a convex function, by Newton's method.

use super::estimate::{Measured, Unknown};
use crate::domain::linear::Factored;

/// Beyond this a parameter has run away: e³⁰ to one is no odds that data show.
const RUNAWAY: f64 = 30.0;

/// A step this short is the last: what is left after it is of the order of its square.
const NEAR: f64 = 1e-6;

/// A function's value, slope and curvature (row by row) at a place.
#[derive(Debug)]
pub(super) struct Slopes {
    /// The value.
    pub(super) loss: f64,
    /// Its slope in each direction.
    pub(super) gradient: Vec<f64>,
    /// Its curvature; the lower triangle is enough.
    pub(super) hessian: Vec<f64>,
}

/// The place of the least value, to within 10⁻¹⁰ or so, from a start.
///
/// A step that leads up is halved until it does not, so that a start far off does no harm.
///
/// # Errors
///
/// [`Unknown::Separated`] where a parameter runs away, [`Unknown::NoFit`] where the function is
/// flat in a direction or the search does not end.
pub(super) fn least(start: &[f64], at: impl Fn(&[f64]) -> Slopes) -> Measured<Vec<f64>> {
    let mut place = start.to_vec();
    let mut here = at(&place);
    for _ in 0..100 {
        let Some(factored) = Factored::of(&here.hessian, place.len()) else {
            let is_far = place.iter().any(|value| value.abs() > RUNAWAY / 2.0);
            return Err(if is_far { Unknown::Separated } else { Unknown::NoFit });
        };
        let step = factored.solve(&here.gradient);
        let longest = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
        if longest < NEAR {
            return Ok(place.iter().zip(&step).map(|(value, step)| value - step).collect());
        }
        // What rounding leaves of a difference of losses is no way up.
        let slack = 1e-12 * (1.0 + here.loss.abs());
        let mut share = 1.0;
        let (next, there) = loop {
            let next: Vec<f64> =
                place.iter().zip(&step).map(|(value, step)| value - share * step).collect();
            let there = at(&next);
            if there.loss <= here.loss + slack || share < 1e-6 {
                break (next, there);
            }
            share /= 2.0;
        };
        if next.iter().any(|value| !value.is_finite() || value.abs() > RUNAWAY) {
            return Err(Unknown::Separated);
        }
        place = next;
        here = there;
    }
    Err(Unknown::NoFit)
}
