//! Refusals that come again and again: what one request is told for its form, the next will be
//! told, too.
//!
//! While the last answers were all the same refusal, no more may be out than could still bring the
//! count to its limit: a run whose every request is refused ends after that many requests, not
//! after that many and all that were on their way.

use std::sync::Mutex;

use tokio::sync::Notify;

use crate::store::unpoisoned;

/// How often the same refusal has come in a row, and how many requests are out.
pub(super) struct Rejections {
    most: u32,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    last: String,
    count: u32,
    out: u32,
}

/// The right to send one request; dropped when its outcome has been told.
pub(super) struct Admission<'a> {
    rejections: &'a Rejections,
}

impl Rejections {
    /// None so far; `most` of them in a row end the run, 1 or more.
    pub(super) fn new(most: u32) -> Self {
        Self { most: most.max(1), state: Mutex::default(), changed: Notify::new() }
    }

    /// Waits until one more request can't be one too many.
    pub(super) async fn admit(&self) -> Admission<'_> {
        loop {
            // Made before the look, so that no change between the two is missed.
            let changed = self.changed.notified();
            {
                let mut state = unpoisoned(&self.state);
                if state.count == 0 || state.count + state.out < self.most {
                    state.out += 1;
                    return Admission { rejections: self };
                }
            }
            changed.await;
        }
    }

    /// Counts a refusal; says how often it has come in a row.
    pub(super) fn rejected(&self, message: &str) -> u32 {
        let mut state = unpoisoned(&self.state);
        if state.last != message {
            message.clone_into(&mut state.last);
            state.count = 0;
        }
        state.count += 1;
        state.count
    }

    /// Whether so many are enough to end the run.
    pub(super) fn is_enough(&self, count: u32) -> bool {
        count >= self.most
    }

    /// A request was answered: requests as such are taken.
    pub(super) fn answered(&self) {
        unpoisoned(&self.state).count = 0;
        self.changed.notify_waiters();
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        unpoisoned(&self.rejections.state).out -= 1;
        self.rejections.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn no_more_are_out_than_may_still_be_refused() {
        let rejections = Rejections::new(4);
        let mut out = Vec::new();
        for _ in 0..8 {
            out.push(rejections.admit().await);
        }
        assert_eq!(rejections.rejected("no"), 1);
        out.truncate(3);
        assert!(rejections.admit().now_or_never().is_none(), "one refused and three out");
        out.truncate(2);
        out.push(rejections.admit().now_or_never().unwrap());
        // Another refusal begins anew, and an answer lets everything pass.
        assert_eq!(rejections.rejected("neither"), 1);
        assert!(rejections.admit().now_or_never().is_none());
        let waiting = rejections.admit();
        rejections.answered();
        drop(waiting.await);
        assert!(!rejections.is_enough(3) && rejections.is_enough(4));
    }

    #[tokio::test]
    async fn the_last_that_may_be_sent_is_sent() {
        let rejections = Rejections::new(3);
        for nth in 1..=3 {
            let admission = rejections.admit().now_or_never().unwrap();
            assert_eq!(rejections.rejected("no"), nth);
            drop(admission);
        }
        assert!(rejections.admit().now_or_never().is_none());
    }
}
