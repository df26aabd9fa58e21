//! Runs a plan: rows concurrently, sums, reasons to stop.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::ask::RunAsk;
use super::cancel::Cancel;
use super::event::{EngineEvent, Events, RunProgress};
use super::plan::Plan;
use crate::domain::{CallFailure, Prompt, Row, RunId};
use crate::store::{Journal, StoreError};

/// What is done for each prompt.
pub trait RowMethod: Send + Sync {
    /// Makes one row; a failure is part of the row.
    fn row<'a>(&'a self, plan: &'a Plan, ask: &'a RunAsk, prompt: &'a Prompt)
    -> BoxFuture<'a, Row>;
}

/// Why a run stopped before its last row.
#[derive(Debug, Clone, PartialEq)]
pub enum StopReason {
    /// The user stopped it.
    Cancelled,
    /// A key is missing or refused, or the account is out of money.
    Refused(CallFailure),
    /// The same refusal came again and again.
    Rejections {
        /// How often.
        count: u32,
        /// The refusal.
        failure: CallFailure,
    },
    /// More rows failed than may.
    TooManyFailures {
        /// Failed rows.
        failed: u64,
        /// Rows done.
        done: u64,
    },
    /// The next call could have cost more than is left.
    Budget {
        /// US dollars that the run may cost.
        limit: f64,
        /// US dollars spent.
        spent: f64,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub enum RunEnd {
    /// Every row is there.
    Done,
    /// It stopped; all that was done is kept, and the same plan run again goes on.
    Stopped(StopReason),
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSummary {
    /// Which run.
    pub run: RunId,
    /// How it ended.
    pub end: RunEnd,
    /// Its sums.
    pub progress: RunProgress,
}

/// What keeps a run from going on at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The journal can't keep what is paid for, so nothing more is sent.
    #[error("the run stopped because the journal can't be written: {0}")]
    Store(#[from] StoreError),
}
