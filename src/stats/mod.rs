//! NUMBERS: statistics as plain functions of numbers, each with its source and a fixture made by
//! a reference implementation (`tests/fixtures/stats/make*.py`).
//!
//! Three rules hold everywhere: what is resampled is the prompt, never a call; two sides are
//! compared paired on the same prompts; under the least number of prompts there is a count and no
//! rate ([`MIN_ITEMS`]). The only randomness is a ChaCha generator seeded by the caller, so the
//! same rows give the same digits everywhere. Where there is no number, [`estimate::Unknown`] says
//! why.
//!
//! Start with [`compare::measure`] for a comparison; for a judge with [`judge_report`], which puts
//! together [`agreement`], [`bias`] and [`calibration`]; for several with [`ensemble`]; for many
//! players with [`ranking`]; for what principles say of pairs with [`principles`].

pub mod agreement;
pub mod bias;
pub mod binomial;
pub mod bootstrap;
pub mod calibration;
pub mod compare;
pub mod ensemble;
pub mod estimate;
mod expansion;
pub mod false_discovery;
pub mod holm;
pub mod judge_report;
pub mod labelled;
pub mod length;
pub mod logistic;
mod newton;
pub mod principles;
pub mod ranking;
mod ranks;
pub mod report;
mod student;
pub mod votes;
pub mod win_rate;
pub mod words;

#[cfg(test)]
mod ensemble_tests;
#[cfg(test)]
mod tests;

pub use binomial::{sign_test, wilson};
pub use bootstrap::{Clusters, Interval, bootstrap_mean};
pub use compare::{Judgement, Measures, Pair, measure};
pub use estimate::{Estimate, Flag, Measured, Unknown};
pub use false_discovery::benjamini_hochberg;
pub use holm::holm;
pub use length::{LengthControlled, length_controlled, length_controlled_by};
pub use win_rate::{Difference, Outcome, WinRate, paired_difference, win_rate, win_rate_by};

/// Under so many prompts no rate is shown: at 20 a win rate is known to ±22 points at best
/// (the half-width of a 95 % interval at one half), which says next to nothing.
pub const MIN_ITEMS: usize = 20;
