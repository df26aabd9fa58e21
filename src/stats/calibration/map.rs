//! Maps from what a judge says to what it means, as they are kept with a dataset.

use super::super::estimate::{Measured, Unknown};
use super::super::logistic::{logit, sigmoid};
use super::isotonic::Corners;

/// Probabilities are kept this far from 0 and 1 before their log-odds are taken (judgement: ±13.8;
/// a judge who says 1 and errs once would else have infinite ones).
pub(super) const EDGE: f64 = 1e-6;

/// How a map is made.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Log-odds divided by one number: leaves one half and every order as they are.
    Temperature,
    /// A straight line of log-odds: shifts as well.
    Platt,
    /// Any rising map.
    Isotonic,
}

impl Kind {
    /// Labels needed in the half that is fitted to: a line needs fewer than a free curve
    /// (judgement; Niculescu-Mizil and Caruana 2005 see isotonic maps overfit below about 1,000).
    pub fn least_labels(self) -> usize {
        match self {
            Self::Temperature | Self::Platt => 100,
            Self::Isotonic => 500,
        }
    }
}

/// A map of probabilities, 0..=1 to 0..=1, that never falls.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Map {
    /// Nothing is changed.
    #[default]
    Identity,
    /// σ(logit p / temperature).
    Temperature {
        /// Above 1 the judge is too sure of itself; above 0.
        temperature: f64,
    },
    /// σ(slope · logit p + shift).
    Platt {
        /// Below 1 the judge is too sure of itself.
        slope: f64,
        /// In log-odds: above 0 it says too little.
        shift: f64,
    },
    /// By corners.
    Isotonic(Corners),
}

impl Map {
    /// What a probability means, 0..=1; one that is no number stays so.
    ///
    /// For soft labels and for rewards of 0..=1 that are probabilities of being met. A preference's
    /// two sides still add up to 1 where the map was fitted to
    /// [`super::Forecasts::mirrored`] rows.
    pub fn apply(&self, p: f64) -> f64 {
        match self {
            Self::Identity => p,
            Self::Temperature { temperature } => sigmoid(logit(p, EDGE) / temperature),
            Self::Platt { slope, shift } => sigmoid(slope * logit(p, EDGE) + shift),
            Self::Isotonic(corners) => corners.apply(p),
        }
    }

    /// Nothing, where the map is one: for maps that come from a file.
    ///
    /// # Errors
    ///
    /// [`Unknown::OutOfRange`] for a temperature or slope that is not above 0, a number that is
    /// none, and corners that fall or lie outside of 0..=1.
    pub fn check(&self) -> Measured<()> {
        let is_sound = match self {
            Self::Identity => true,
            Self::Temperature { temperature } => temperature.is_finite() && *temperature > 0.0,
            Self::Platt { slope, shift } => slope.is_finite() && *slope > 0.0 && shift.is_finite(),
            Self::Isotonic(corners) => corners.is_rising(),
        };
        if is_sound { Ok(()) } else { Err(Unknown::OutOfRange { row: 0 }) }
    }
}

/// A map with where it comes from: what is kept with a dataset whose labels it changed.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Recalibration {
    /// The map.
    pub map: Map,
    /// Rows it was fitted to.
    pub labels: u64,
    /// The seed that chose the half; `None` where it was fitted to all rows.
    pub seed: Option<u64>,
    /// Whether both sides of each preference were fitted to alike.
    #[serde(default)]
    pub mirrored: bool,
}
