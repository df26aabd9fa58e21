//! Votes of one judge on one question: how sure they make, and when enough have been cast.

use super::binomial::wilson;
use super::estimate::Estimate;

pub use crate::domain::ballot::{Count, SURE, count, posterior_above_half};

/// The most frequent verdict of several votes.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Mode {
    /// Its number.
    pub verdict: usize,
    /// Its share of the votes, with Wilson's interval.
    pub share: Estimate,
}

/// The most frequent verdict by how often each was given; `None` without a vote and where two are
/// equally frequent.
pub fn mode(votes: &[u64]) -> Option<Mode> {
    let n: u64 = votes.iter().sum();
    let most = votes.iter().copied().max().filter(|most| *most > 0)?;
    let mut with_most = (0..votes.len()).filter(|verdict| votes[*verdict] == most);
    let verdict = with_most.next()?;
    if with_most.next().is_some() {
        return None;
    }
    let value = most as f64 / n as f64;
    Some(Mode { verdict, share: Estimate { value, interval: wilson(value, n), n } })
}
