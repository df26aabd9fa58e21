//! How fast a run goes right now and what it waits for: what the Runs screen shows once a second.

use std::time::Duration;

use serde::Serialize;

use crate::domain::CallFailure;

/// Why calls of a model are held back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Hold {
    /// The provider's rate limit: the next request may go in about so long.
    RateLimit {
        /// From the moment of the snapshot.
        wait: Duration,
    },
    /// The user paused the run.
    Paused,
    /// The key is refused or the account is out of money; no further request goes out until the
    /// key changes or the run is resumed.
    Closed {
        /// What the provider said, and how to mend it.
        failure: CallFailure,
    },
}

/// The requests of one model with one key, over all runs of the process.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneState {
    /// Who answers: dialect, name and address, never a key.
    pub model: String,
    /// Requests in flight.
    pub in_flight: u32,
    /// Requests that may be in flight now, as far as the provider was found to bear.
    pub limit: u32,
    /// The limit never rises above this: the model's “requests at once”.
    pub bound: u32,
    /// Calls that wait for their turn.
    pub waiting: u32,
    /// Requests a second that are sent at most; `None`: no rate limit was met.
    pub per_second: Option<f64>,
    /// Tokens a minute that are sent at most; `None`: no such limit was met.
    pub tokens_per_minute: Option<f64>,
    /// How often the provider said to slow down.
    pub slow_downs: u64,
    /// Why calls are held back; `None`: they are not.
    pub hold: Option<Hold>,
}

/// A run's speed now.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RunPulse {
    /// Requests that the run may have in flight.
    pub at_once: u32,
    /// Requests a minute at most, where the user said so.
    pub per_minute: Option<u32>,
    /// Requests of this run in flight.
    pub in_flight: u32,
    /// Calls of this run that wait for their turn.
    pub waiting: u32,
    /// The models that it asks, each once.
    pub lanes: Vec<LaneState>,
    /// Why nothing goes on; `None`: it does.
    pub hold: Option<Hold>,
}
