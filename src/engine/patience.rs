//! How long the engine waits, scaled: a test of what happens after ten minutes of silence can't
//! take ten minutes.

use std::time::Duration;

use super::retry::RetryPolicy;
use crate::providers::Timeouts;

/// Multiplies every timeout of a request and every wait between attempts; 1 where it is unset.
/// For tests: waits that a provider asks for stay as they are.
pub const PATIENCE_ENV: &str = "PREAMBLE_PATIENCE";

/// The factor in the environment, 0.001..=1; 1 where there is none or it is no number.
pub fn factor() -> f64 {
    let factor = std::env::var(PATIENCE_ENV).ok().and_then(|text| text.trim().parse::<f64>().ok());
    factor.filter(|factor| factor.is_finite()).map_or(1.0, |factor| factor.clamp(0.001, 1.0))
}

/// Timeouts of a request, scaled; that of the connection stays, since it waits for a machine and
/// not for a model.
pub fn timeouts(usual: Timeouts, factor: f64) -> Timeouts {
    let scaled = |time: Duration| time.mul_f64(factor);
    Timeouts {
        headers: scaled(usual.headers),
        idle: scaled(usual.idle),
        content: scaled(usual.content),
        total: scaled(usual.total),
        ..usual
    }
}

/// Waits between attempts, scaled.
pub fn retry(usual: RetryPolicy, factor: f64) -> RetryPolicy {
    let scaled = |time: Duration| time.mul_f64(factor);
    RetryPolicy {
        max_total: scaled(usual.max_total),
        first_wait: scaled(usual.first_wait),
        longest_wait: scaled(usual.longest_wait),
        ..usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_leaves_everything_as_it_is() {
        assert_eq!(timeouts(Timeouts::default(), 1.0), Timeouts::default());
        assert_eq!(retry(RetryPolicy::default(), 1.0), RetryPolicy::default());
        let short = timeouts(Timeouts::default(), 0.01);
        assert_eq!(short.connect, Timeouts::default().connect);
        assert_eq!(short.total, Timeouts::default().total / 100);
        let quick = retry(RetryPolicy::default(), 0.01);
        assert_eq!(quick.max_attempts, RetryPolicy::default().max_attempts);
        assert_eq!(quick.first_wait, RetryPolicy::default().first_wait / 100);
    }
}
