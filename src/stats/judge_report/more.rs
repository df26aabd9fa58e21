//! What more labels would bring.

use super::super::bootstrap::Interval;
use super::super::estimate::{Measured, Unknown};
use super::super::words::two;

/// So many further labels are asked about.
const MORE: [u64; 2] = [20, 50];

/// How κ's interval would shrink with more labels like these.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct MoreLabels {
    /// Labels there are.
    pub labels: u64,
    /// Further ones.
    pub more: u64,
    /// κ's interval now; `None` where there are too few labels for one.
    pub now: Option<Interval>,
    /// What it would be.
    pub then: Option<Interval>,
}

impl std::fmt::Display for MoreLabels {
    /// `60 labels: κ could be .52–.88; 20 more would narrow it to .55–.85`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { labels, more, .. } = self;
        let range = |interval: &Interval| format!("{}–{}", two(interval.low), two(interval.high));
        match (&self.now, &self.then) {
            (Some(now), Some(then)) => {
                let (now, then) = (range(now), range(then));
                write!(
                    f,
                    "{labels} labels: κ could be {now}; {more} more would narrow it to {then}"
                )
            }
            _ => write!(f, "{labels} labels are too few to tell; {more} more are needed"),
        }
    }
}

/// The intervals to come: of 20 and of 50 more labels, or how many are missing for the first.
pub(super) fn more_labels(kappa: &Measured) -> Vec<MoreLabels> {
    match kappa {
        Ok(kappa) => MORE
            .iter()
            .filter_map(|more| {
                let then = kappa.with_more(*more, -1.0, 1.0)?;
                let (labels, more) = (kappa.n, *more);
                Some(MoreLabels { labels, more, now: kappa.interval, then: Some(then) })
            })
            .collect(),
        Err(Unknown::TooFew { n, least }) => {
            vec![MoreLabels { labels: *n, more: least - n, now: None, then: None }]
        }
        Err(_) => Vec::new(),
    }
}
