//! When a failed call is tried again, and how long is waited before.

use std::time::Duration;

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
    /// This many identical refusals in a row, over all calls, stop the run.
    pub max_identical_rejections: u32,
}
