//! RUN: the one scheduler. A method asks, and the engine answers from the journal, or sends the
//! call under limiter, budget and retry, and commits what comes back before it is used.
//!
//! Rows run concurrently without stage barriers. Resume is replay: the same plan run again finds
//! in the journal all that was paid for. Start with [`run`](run::run) and [`plan::Plan`].

pub mod ask;
pub mod awake;
pub mod budget;
pub mod burn;
mod calls;
pub mod cancel;
pub mod candidates;
pub mod compare;
pub mod control;
pub mod day;
pub mod dry;
pub mod endpoint;
pub mod estimate;
pub mod event;
pub mod flight;
mod frozen;
pub mod judging;
pub mod limiter;
pub mod manner;
pub mod models;
pub mod panel;
pub mod patience;
pub mod pilot;
pub mod plan;
pub mod plan_error;
pub mod price;
pub mod probe;
pub mod pulse;
mod rejections;
pub mod retry;
pub mod roles;
mod rows;
pub mod run;
pub mod send;
mod tell;
pub mod terms;

#[cfg(test)]
mod tests;

pub use ask::RunAsk;
pub use budget::Cap;
pub use burn::{Burn, Mark, burn};
pub use cancel::Cancel;
pub use candidates::Pens;
pub use compare::{About, Comparison, ComparisonWishes, SideChoice, Yardstick};
pub use control::{Controls, Limits};
pub use day::DayLedger;
pub use dry::{DryCount, dry_count, dry_counts};
pub use estimate::{
    Estimate, LabelCounts, Pace, PilotRow, Range, Rough, from_pilot, people_cost, per_kept, rough,
};
pub use event::{EngineEvent, Events, RunProgress};
pub use frozen::{FrozenJudge, Origin};
pub use manner::manner;
pub use models::{Model, Models};
pub use panel::Panel;
pub use pilot::pilot_rows;
pub use plan::{Overrides, Plan};
pub use plan_error::PlanError;
pub use price::{Money, Price};
pub use probe::{ProbeError, Probed, probe};
pub use pulse::{Hold, LaneState, RunPulse};
pub use retry::RetryPolicy;
pub use run::{EngineError, RowMethod, RunEnd, RunSummary, StopReason, run, run_with};
pub use terms::{Terms, TermsChange};
