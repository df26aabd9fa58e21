//! Whether a judge's probabilities mean what they say, and how to mend them.
//!
//! A forecast is a probability with what people said: P(A is better) against 1 for A, 0 for B and
//! ½ for a tie; or P(criterion met). Start with [`fit_and_show`], which fits a map on one half of
//! the prompts and shows on the other what it does; the [`Map`] is then applied to labels and
//! rewards, and kept with the dataset.

pub mod corrected;
mod fit;
pub mod forecasts;
pub mod isotonic;
pub mod map;
pub mod quality;
pub mod reliability;

#[cfg(test)]
mod tests;

pub use crate::domain::{Corners, Map, Recalibration};
pub use corrected::{Corrected, Gold, corrected_rate, share_to_label_failing};
pub use fit::{Fitted, Sides, fit, fit_and_show, fit_between, temperature};
pub use forecasts::Forecasts;
pub use map::Kind;
pub use quality::{Quality, brier, log_loss, quality};
pub use reliability::{Bin, Binning, Decomposition, bins, decomposition, ece, usual_bins};
