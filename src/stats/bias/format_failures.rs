//! Whether a judge answers in the form it was asked for.

use super::super::MIN_ITEMS;
use super::super::binomial::wilson;
use super::super::estimate::{Estimate, Flag, Measured, enough};

/// More unreadable verdicts than this are flagged (judgement): 2 per cent.
const MANY: f64 = 0.02;

/// Less probability on the answers than this means that the model would rather say something else.
const LOW_MASS: f64 = 0.9;

/// How often the form is missed.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FormatFailures {
    /// The share of verdicts that could not be read, with Wilson's interval.
    pub unread: Measured,
    /// The mean probability of any of the answers, where the judge gives log-probabilities.
    pub mass: Option<f64>,
    /// The share of verdicts with an answer mass below .9.
    pub low_mass: Measured,
    /// Flagged where more than 2 % could not be read, or have a low mass.
    pub flag: Flag,
}

/// Format failures of `verdicts` asked for, of which `unread` could not be read; `masses` are the
/// answer masses known, 0..=1. Under [`MIN_ITEMS`] verdicts “too few”.
pub fn format_failures(verdicts: u64, unread: u64, masses: &[f64]) -> FormatFailures {
    let share = |hits: u64, n: u64| {
        enough(n as usize, MIN_ITEMS)?;
        let value = hits.min(n) as f64 / n as f64;
        Ok(Estimate { value, interval: wilson(value, n), n })
    };
    let low = masses.iter().filter(|mass| **mass < LOW_MASS).count();
    let unread: Measured = share(unread, verdicts);
    let low_mass = share(low as u64, masses.len() as u64);
    let is_many = |measured: &Measured| measured.is_ok_and(|share| share.value > MANY);
    let flag = match is_many(&unread) || is_many(&low_mass) {
        true => Flag::Flagged,
        false => Flag::of(&unread, |_| false),
    };
    let mass = (!masses.is_empty()).then(|| masses.iter().sum::<f64>() / masses.len() as f64);
    FormatFailures { unread, mass, low_mass, flag }
}
