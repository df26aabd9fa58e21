//! What a judge goes by besides what it should: place, length, its own kin, style, and wordings
//! that mean the same.
//!
//! Each measure has an interval over prompts, a least number of items, and the bound beyond which
//! it is flagged. Start with [`panel::panel`].

pub mod format_failures;
pub mod length;
pub mod panel;
pub mod position;
pub mod robustness;
pub mod self_preference;
pub mod style;

#[cfg(test)]
pub(crate) mod planted;
#[cfg(test)]
mod planted_tests;
#[cfg(test)]
mod tests;

pub use format_failures::{FormatFailures, format_failures};
pub use length::{LengthBias, LengthRow, length_bias};
pub use panel::{Panel, PanelRow, Side, panel};
pub use position::{BothOrders, Position, position};
pub use robustness::{Asked, Robustness, robustness};
pub use self_preference::{OwnPair, SelfPreference, TrueFailure, false_passes, self_preference};
pub use style::{Coefficient, STYLES, Style, StyleBias, style_bias};
