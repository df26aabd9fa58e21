//! When a run's sums are told: at once, but not again and again within a moment, and always the
//! last ones.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// The least time between two tellings: nobody reads faster, and thousands of calls a second
/// would each wake who shows them.
const MOMENT: Duration = Duration::from_millis(50);

/// Nothing has been told yet, or nothing is left to tell.
const NEVER: u64 = u64::MAX;

/// Says when sums are due.
pub(super) struct Tell {
    begun: Instant,
    /// Milliseconds after the beginning when they were last told.
    told: AtomicU64,
    /// Whether they changed since: 1 or 0.
    left: AtomicU64,
}

impl Tell {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), told: AtomicU64::new(NEVER), left: AtomicU64::new(0) }
    }

    /// Whether sums that just changed are to be told now; else they are due later.
    pub(super) fn now(&self) -> bool {
        let now = self.begun.elapsed().as_millis() as u64;
        let told = self.told.load(Ordering::Relaxed);
        let is_due = told == NEVER || now.saturating_sub(told) >= MOMENT.as_millis() as u64;
        // Of several threads at once, one tells.
        let tells = is_due
            && self.told.compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed).is_ok();
        self.left.store(u64::from(!tells), Ordering::Release);
        tells
    }

    /// Calls `tell` whenever sums have waited for a moment; never ends.
    pub(super) async fn later(&self, tell: impl Fn()) {
        loop {
            tokio::time::sleep(MOMENT).await;
            if self.left.swap(0, Ordering::AcqRel) > 0 {
                self.told.store(self.begun.elapsed().as_millis() as u64, Ordering::Relaxed);
                tell();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_burst_is_told_at_its_beginning_and_its_end() {
        let tell = Tell::new();
        assert!(tell.now());
        assert!(!tell.now() && !tell.now());
        let told = Cell::new(0);
        let later = tell.later(|| told.set(told.get() + 1));
        tokio::time::timeout(MOMENT * 10, later).await.unwrap_err();
        assert_eq!(told.get(), 1, "once, though twice was left");
        assert!(tell.now(), "a moment has passed");
    }
}
