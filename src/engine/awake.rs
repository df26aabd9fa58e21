//! Notices that the machine slept.
//!
//! All waits go by the monotonic clock, which most systems stop during a suspend. What was in
//! flight then has lost its connection, through no fault of the call's or the provider's. Once a
//! second both clocks are read: where the wall clock went on for 30 s longer than the monotonic
//! one, or a second took more than 30 s, the machine slept. A wall clock that is set forward looks
//! the same and costs nothing but fresh connections; one that is set back is no news.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::store::unpoisoned;

/// How often both clocks are read.
pub const TICK: Duration = Duration::from_secs(1);
/// The clocks may differ by so much before it counts as a suspend.
const SLEPT: Duration = Duration::from_secs(30);
/// What breaks so soon after waking broke because of it: the system gives a dead connection up
/// half a minute after it was last heard.
const AFTERMATH: Duration = Duration::from_mins(2);

/// Knows when the machine last woke.
#[derive(Debug, Default)]
pub struct Awake {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<(Instant, SystemTime)>,
    woke: Option<Instant>,
}

impl Awake {
    /// Takes both clocks' times; returns whether the machine slept since the last time.
    pub fn tick(&self, now: Instant, wall: SystemTime) -> bool {
        let mut state = unpoisoned(&self.state);
        let Some((last_now, last_wall)) = state.last.replace((now, wall)) else { return false };
        let passed = now.saturating_duration_since(last_now);
        let wall_passed = wall.duration_since(last_wall).unwrap_or(Duration::ZERO);
        let slept = wall_passed.saturating_sub(passed) > SLEPT || passed > TICK + SLEPT;
        if slept {
            state.woke = Some(now);
        }
        slept
    }

    /// Whether a request that was sent at `sent` and broke at `broke` did so because the machine
    /// slept in between.
    pub fn broke(&self, sent: Instant, broke: Instant) -> bool {
        unpoisoned(&self.state)
            .woke
            .is_some_and(|woke| sent <= woke && broke.saturating_duration_since(woke) < AFTERMATH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn an_hour_asleep_is_noticed_by_either_clock_and_a_clock_set_back_is_not() {
        let (now, wall) = (Instant::now(), SystemTime::UNIX_EPOCH + 9_999 * HOUR);
        for (passed, wall_passed, slept) in [
            (TICK, TICK, false),
            // The monotonic clock stood still.
            (TICK, HOUR, true),
            // It went on, and nothing ran.
            (HOUR, HOUR, true),
            // A busy machine, or a small correction of the clock.
            (Duration::from_secs(20), Duration::from_secs(20), false),
            (TICK, Duration::from_secs(25), false),
        ] {
            let awake = Awake::default();
            assert!(!awake.tick(now, wall), "the first look says nothing");
            assert_eq!(awake.tick(now + passed, wall + wall_passed), slept);
            let woke = now + passed;
            assert_eq!(awake.broke(now, woke + Duration::from_secs(40)), slept);
            assert!(!awake.broke(now, woke + HOUR), "that is the provider's fault again");
            assert!(!awake.broke(woke + TICK, woke + 2 * TICK), "it was sent after waking");
        }
        let back = Awake::default();
        back.tick(now, wall);
        assert!(!back.tick(now + TICK, wall - 24 * HOUR), "set back by a day");
        assert!(!back.tick(now + 2 * TICK, wall - 24 * HOUR + TICK));
        assert!(back.tick(now + 3 * TICK, wall), "set forward: new connections do no harm");
    }
}
