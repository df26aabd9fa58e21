//! A bucket whose size, level and refill a provider's headers tell.

use std::time::Duration;

use tokio::time::Instant;

use crate::providers::Allowance;

/// A bucket as a provider tells of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    limit: f64,
    level: f64,
    /// A second.
    refill: f64,
    at: Instant,
}

impl Told {
    /// The bucket of an allowance from which `later` was taken since; `None` where it is full, so
    /// that nothing is known of its refill and nothing needs to be.
    ///
    /// A reset is when the bucket is full again. Where it is the end of a fixed minute instead,
    /// this spreads what comes then evenly over the time until then.
    pub(super) fn of(allowance: &Allowance, later: f64, now: Instant) -> Option<Self> {
        let missing = allowance.limit - allowance.remaining;
        let reset = allowance.reset.as_secs_f64();
        if allowance.limit < 1.0 || missing <= 0.0 || reset <= 0.0 {
            return None;
        }
        let level = allowance.remaining - later;
        Some(Self { limit: allowance.limit, level, refill: missing / reset, at: now })
    }

    fn level(&self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        (self.level + passed * self.refill).min(self.limit)
    }

    /// When so much can be taken; `None`: now. What is more than the bucket holds needs it full.
    pub(super) fn ready(&self, now: Instant, cost: f64) -> Option<Instant> {
        let missing = cost.min(self.limit) - self.level(now);
        (missing > 0.0).then(|| {
            let wait = (missing / self.refill).clamp(1e-3, 3600.0);
            now + Duration::from_secs_f64(wait)
        })
    }

    /// Takes so much, or puts it back where it is negative.
    pub(super) fn take(&mut self, now: Instant, cost: f64) {
        self.level = (self.level(now) - cost).min(self.limit);
        self.at = now;
    }

    /// The refill a second, where less than half of the bucket is left.
    pub(super) fn scarce(&self) -> Option<f64> {
        (self.level < self.limit / 2.0).then_some(self.refill)
    }
}
