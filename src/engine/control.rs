//! What may be changed while a run is on: how fast it goes, what it may cost, when it stops.

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::store::project::ProjectFile;

/// What a run keeps to. None of it changes a row, so it may differ from one sitting to the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Requests in flight at most, 1 or more; each model has a limit of its own besides.
    #[serde(rename = "concurrency")]
    pub at_once: usize,
    /// Requests a minute at most, 1 or more; `None`: as many as the provider bears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<u32>,
    /// US dollars that the run may cost at most, earlier sittings of it included.
    pub max_cost: Option<f64>,
    /// US dollars that all of the project's runs may cost on one day of this machine's calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_per_day: Option<f64>,
    /// The share of rows, 0..=1, that may fail before the run stops.
    pub max_failures: Option<f64>,
    /// The share of rows, 0..=1, whose answer may be a refusal before the run stops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_refusals: Option<f64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            at_once: super::plan::CONCURRENCY,
            per_minute: None,
            max_cost: None,
            max_cost_per_day: None,
            max_failures: None,
            max_refusals: None,
        }
    }
}

impl Limits {
    /// The usual limits, with what a project says it may spend.
    pub fn of_project(file: &ProjectFile) -> Self {
        Self {
            max_cost: file.spending.per_run,
            max_cost_per_day: file.spending.per_day,
            ..Self::default()
        }
    }
}

/// A run's limits, to be read by the engine and changed by who watches; clones share them.
#[derive(Debug, Clone)]
pub struct Controls {
    sender: watch::Sender<Limits>,
}

impl Controls {
    /// Limits to begin with.
    pub fn new(limits: Limits) -> Self {
        Self { sender: watch::Sender::new(limits) }
    }

    /// The limits as they are now.
    pub fn limits(&self) -> Limits {
        *self.sender.borrow()
    }

    /// Changes them; the run heeds it with its next call.
    pub fn change(&self, change: impl FnOnce(&mut Limits)) {
        self.sender.send_modify(change);
    }

    /// Hears of changes.
    pub fn subscribe(&self) -> watch::Receiver<Limits> {
        self.sender.subscribe()
    }
}
