//! When a failed call is tried again, and how long is waited before.

use std::time::Duration;

use rand::Rng as _;

use crate::domain::FailureKind;
use crate::providers::{AttemptFailure, Retry};

/// The longest that a provider's own “wait so long” is believed: its clock or ours may be wrong.
const LONGEST_TOLD: Duration = Duration::from_hours(1);

/// How failed calls are tried again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RetryPolicy {
    /// Requests for one call at most; being told to slow down does not count.
    pub max_attempts: u32,
    /// All of a call's attempts and the waits between them; being told to slow down not counted.
    pub max_total: Duration,
    /// All of a call's waits because it was told to slow down.
    pub max_slow_down: Duration,
    /// The first wait's upper bound; it doubles with each attempt.
    pub first_wait: Duration,
    /// The upper bound of any wait that the engine chooses.
    pub longest_wait: Duration,
    /// This many identical answers of a failing server to one call end it early.
    pub max_identical_failures: u32,
    /// This many identical refusals in a row, over all calls, stop the run.
    pub max_identical_rejections: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 6,
            max_total: Duration::from_mins(15),
            max_slow_down: Duration::from_hours(6),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_mins(1),
            max_identical_failures: 4,
            max_identical_rejections: 25,
        }
    }
}

impl RetryPolicy {
    /// The usual one with so many attempts after a call's first.
    pub fn of_retries(retries: u32) -> Self {
        Self { max_attempts: retries.saturating_add(1), ..Self::default() }
    }
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the call has failed.
    Fail,
    /// Another attempt after a wait.
    Wait(Duration),
    /// The model's calls all wait, then another attempt.
    SlowDown(Duration),
}

/// One call's attempts.
#[derive(Debug, Default)]
pub struct Attempts {
    /// Requests sent, those told to slow down included.
    pub sent: u32,
    counted: u32,
    told_to_slow_down: u32,
    waited: Duration,
    slowed: Duration,
    last: Option<(String, u32)>,
}

impl Attempts {
    /// What follows an attempt that failed after `took`; unless another `is_soon` allowed, the
    /// longest wait is waited before it.
    pub fn next(
        &mut self,
        policy: &RetryPolicy,
        failed: &AttemptFailure,
        took: Duration,
        is_soon: bool,
    ) -> Next {
        let told = match failed.retry {
            Retry::Never => return Next::Fail,
            Retry::SlowDown(told) if failed.failure.kind == FailureKind::RateLimited => {
                self.told_to_slow_down += 1;
                let wait = match told {
                    // A little more than told, so that all who wait don't come back at once.
                    Some(told) => told.min(LONGEST_TOLD) + jitter(policy.first_wait) / 4,
                    None => backoff(policy, self.told_to_slow_down),
                };
                self.slowed += wait;
                let is_over = self.slowed > policy.max_slow_down;
                return if is_over { Next::Fail } else { Next::SlowDown(wait) };
            }
            Retry::SlowDown(told) => told.unwrap_or_default().min(LONGEST_TOLD),
            Retry::Later => Duration::ZERO,
        };
        self.counted += 1;
        let own = match is_soon {
            true => backoff(policy, self.counted),
            // Anything from half of it, so that those who wait don't come back at once.
            false => policy.longest_wait / 2 + jitter(policy.longest_wait / 2),
        };
        let wait = own.max(told);
        self.waited += took + wait;
        let same = self.count_same(failed);
        let is_over = self.counted >= policy.max_attempts
            || same >= policy.max_identical_failures
            || self.waited > policy.max_total;
        if is_over { Next::Fail } else { Next::Wait(wait) }
    }

    /// How often in a row a server has failed in exactly this way. A host that can't be reached
    /// fails alike each time, and coming back is what is waited for.
    fn count_same(&mut self, failed: &AttemptFailure) -> u32 {
        if failed.failure.kind != FailureKind::ServerError {
            self.last = None;
            return 0;
        }
        let raw = String::from_utf8_lossy(&failed.raw);
        let this = format!("{}\n{raw}", failed.failure.message);
        let count = match self.last.take() {
            Some((last, count)) if last == this => count + 1,
            _ => 1,
        };
        self.last = Some((this, count));
        count
    }
}

/// Full jitter: anything up to the doubled bound, so that calls spread out.
fn backoff(policy: &RetryPolicy, nth: u32) -> Duration {
    let doubled = policy.first_wait.saturating_mul(1_u32.checked_shl(nth - 1).unwrap_or(u32::MAX));
    jitter(doubled.min(policy.longest_wait))
}

fn jitter(bound: Duration) -> Duration {
    bound.mul_f64(rand::rng().random_range(0.0..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::CallFailure;

    fn failed(kind: FailureKind, retry: Retry, raw: &str) -> AttemptFailure {
        let failure = CallFailure::new(kind, "as always", "");
        AttemptFailure { failure, retry, raw: raw.into() }
    }

    #[test]
    fn attempts_end_and_being_told_to_slow_down_uses_up_none() {
        let policy = RetryPolicy::default();
        let mut attempts = Attempts::default();
        for told in [None, Some(Duration::from_secs(7))] {
            for _ in 0..50 {
                let slow = failed(FailureKind::RateLimited, Retry::SlowDown(told), "");
                let Next::SlowDown(wait) = attempts.next(&policy, &slow, Duration::ZERO, true)
                else {
                    panic!("a “slow down” ends no call");
                };
                assert!(told.is_none_or(|told| wait >= told));
            }
        }
        let down = failed(FailureKind::Unreachable, Retry::Later, "");
        for nth in 1..policy.max_attempts {
            let next = attempts.next(&policy, &down, Duration::ZERO, true);
            let Next::Wait(wait) = next else { panic!("attempt {nth}: {next:?}") };
            assert!(wait <= policy.first_wait * 2_u32.pow(nth - 1));
        }
        assert_eq!(attempts.next(&policy, &down, Duration::ZERO, true), Next::Fail);
    }

    #[test]
    fn a_server_that_fails_alike_is_given_up_early_and_long_attempts_too() {
        let policy = RetryPolicy::default();
        let mut attempts = Attempts::default();
        let alike = failed(FailureKind::ServerError, Retry::Later, "stack trace");
        for _ in 0..3 {
            assert!(matches!(attempts.next(&policy, &alike, Duration::ZERO, true), Next::Wait(_)));
        }
        assert_eq!(attempts.next(&policy, &alike, Duration::ZERO, true), Next::Fail);
        let slow = failed(FailureKind::Timeout, Retry::Later, "");
        let long = Duration::from_mins(16);
        assert_eq!(Attempts::default().next(&policy, &slow, long, true), Next::Fail);
        let never = failed(FailureKind::Rejected, Retry::Never, "");
        assert_eq!(Attempts::default().next(&policy, &never, Duration::ZERO, true), Next::Fail);
    }
}
