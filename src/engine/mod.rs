//! RUN: the one scheduler. A method asks, and the engine answers from the journal, or sends the
//! call under limiter, budget and retry, and commits what comes back before it is used.
//!
//! Rows run concurrently without stage barriers. Resume is replay: the same plan run again finds
//! in the journal all that was paid for. Start with [`run`](run::run) and [`plan::Plan`].

pub mod ask;
pub mod budget;
pub mod cancel;
pub mod compare;
pub mod control;
pub mod dry;
pub mod event;
pub mod flight;
mod frozen;
pub mod limiter;
pub mod models;
pub mod patience;
pub mod plan;
pub mod pulse;
pub mod retry;
pub mod run;
mod tell;

#[cfg(test)]
mod tests;

pub use ask::RunAsk;
pub use cancel::Cancel;
pub use compare::{About, Comparison, ComparisonWishes, SideChoice, Yardstick};
pub use control::{Controls, Limits};
pub use dry::{DryCount, dry_count};
pub use event::{EngineEvent, Events, RunProgress};
pub use frozen::Origin;
pub use models::{Model, Models};
pub use plan::{Overrides, Plan, PlanError};
pub use pulse::{Hold, LaneState, RunPulse};
pub use retry::RetryPolicy;
pub use run::{EngineError, RowMethod, RunEnd, RunSummary, StopReason, run, run_with};
