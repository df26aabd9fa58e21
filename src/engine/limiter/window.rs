//! How many requests may be in flight: doubled each round until the first “slow down”, then one
//! more for each round, and 0.7 times as many after each further episode. Pure.

/// What is left of the limit after a “slow down”.
const DECREASE: f64 = 0.7;
/// At least so many timeouts in a round say that too much is asked at once.
const TIMEOUTS: u32 = 3;

/// The requests that may be in flight.
#[derive(Debug)]
pub(super) struct Window {
    bound: u32,
    limit: u32,
    is_doubling: bool,
    /// Answers and timeouts since the limit last changed.
    answers: u32,
    timeouts: u32,
    /// Requests before this one can't cut: they were in flight when it was last cut.
    episode: u64,
}

impl Window {
    pub(super) fn new(bound: u32, start: u32) -> Self {
        let bound = bound.max(1);
        let limit = start.clamp(1, bound);
        Self { bound, limit, is_doubling: true, answers: 0, timeouts: 0, episode: 0 }
    }

    pub(super) fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) fn bound(&self) -> u32 {
        self.bound
    }

    /// Another bound; a limit above it falls at once.
    pub(super) fn bind(&mut self, bound: u32) {
        self.bound = bound.max(1);
        self.limit = self.limit.min(self.bound);
    }

    /// Begins at so many, as long as nothing is known of what the provider bears.
    pub(super) fn begin_at(&mut self, start: u32) {
        if self.is_doubling {
            self.limit = self.limit.max(start.min(self.bound));
        }
    }

    /// So many are needed for a pace that the provider admits.
    pub(super) fn needs(&mut self, needed: u32) {
        self.limit = self.limit.max(needed.min(self.bound));
    }

    /// A request was answered while `in_flight` were, itself included.
    pub(super) fn answered(&mut self, in_flight: u32) {
        self.answers += 1;
        if self.answers < self.limit {
            return;
        }
        (self.answers, self.timeouts) = (0, 0);
        // A limit that is not used says nothing.
        if in_flight.saturating_mul(2) > self.limit {
            let more = if self.is_doubling { self.limit } else { 1 };
            self.limit = self.limit.saturating_add(more).min(self.bound);
        }
    }

    /// A request had no answer in time. Where half of a round has none, fewer are sent at once.
    pub(super) fn timed_out(&mut self, nth: u64, sent: u64) {
        if nth < self.episode {
            return;
        }
        self.timeouts += 1;
        if self.timeouts >= TIMEOUTS.max(self.limit / 2) && self.timeouts > self.answers {
            self.slow_down(nth, sent, 1);
        }
    }

    /// The provider said to slow down to the request number `nth` of `sent`; `needed` are those in
    /// flight at the pace that it is known to admit, which is no reason to send fewer.
    pub(super) fn slow_down(&mut self, nth: u64, sent: u64, needed: u32) {
        self.is_doubling = false;
        if nth < self.episode {
            return;
        }
        self.episode = sent + 1;
        (self.answers, self.timeouts) = (0, 0);
        let lower = (f64::from(self.limit) * DECREASE) as u32;
        self.limit = lower.max(needed.min(self.limit)).max(1);
    }
}
