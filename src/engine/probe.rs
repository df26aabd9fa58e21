//! Finds out what a model can do, as something that is paid for.
//!
//! Each question is set aside for under the day's limit, kept in the journal before it is sent,
//! and settled, like any call of a run. A probe is a run without rows, so that its cost is in the
//! list and in the day's sum.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::json;

use super::ask::paid_for;
use super::budget::{self, Budget, NoMoney};
use super::control::{Controls, Limits};
use super::day::DayLedger;
use super::frozen::FrozenModel;
use super::models::Model;
use super::run::StopReason;
use crate::domain::{Call, CallFailure, FailureKind, RunId};
use crate::providers::{self, Abilities, Answered, AttemptFailure, OnText, Provider, Quota, Retry};
use crate::store::journal::{NewCall, NewRun, Outcome, RunKind, RunState};
use crate::store::{Journal, StoreError};

/// What a probe's run is called in the journal.
pub const RECIPE: &str = "probe";

/// What a probe found, and what that cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Probed {
    /// What was found.
    pub report: providers::Report,
    /// Its run in the journal.
    pub run: RunId,
    /// US dollars; calls of unknown outcome at their worst case.
    pub cost: f64,
    /// Whether the model has no price, so that the cost is too low.
    pub is_price_unknown: bool,
}

/// A probe can't be kept, so nothing is asked.
#[derive(Debug, thiserror::Error)]
#[error("the model was not asked, because the journal can’t keep what that costs: {0}")]
pub struct ProbeError(#[from] pub StoreError);

/// Asks a model what it can do, within what the project may spend on a day.
///
/// A limit that is reached, or that can't be kept because the price is unknown, is a finding: the
/// first question then failed by name, and nothing was sent.
///
/// # Errors
///
/// The journal can't be read or written.
pub async fn probe(
    model: &Arc<Model>,
    journal: &Journal,
    max_cost_per_day: Option<f64>,
) -> Result<Probed, ProbeError> {
    let frozen = json!({
        "app": env!("CARGO_PKG_VERSION"),
        "models": { "judge": FrozenModel::of(model) },
    });
    let new = NewRun { kind: RunKind::Probe, recipe: RECIPE.to_owned(), rows_total: 0, frozen };
    let run = journal.create_run(new).await?.id;
    let open = Open { journal: journal.clone(), run: run.clone(), is_over: false };
    if model.price.is_none() {
        journal.mark_unpriced(&run, vec![model.provider.identity().to_owned()]).await?;
    }
    let day = DayLedger::of(journal);
    day.today().await?;
    // What costs nothing needs no limit, and a limit of 0 would forbid it.
    let max_cost_per_day = max_cost_per_day.filter(|_| model.can_cost());
    let controls = Controls::new(Limits { max_cost_per_day, ..Limits::default() });
    let metered = Metered {
        model: Arc::clone(model),
        journal: journal.clone(),
        run: run.clone(),
        budget: Budget::new(controls, 0.0, day),
        nth: AtomicU32::new(0),
    };
    let report = providers::probe(&metered).await;
    let cost = metered.budget.spent();
    open.close(&report).await?;
    Ok(Probed { report, run, cost, is_price_unknown: model.price.is_none() })
}

/// A probe that is on; dropped before its end, its questions count with what they may cost.
struct Open {
    journal: Journal,
    run: RunId,
    is_over: bool,
}

impl Open {
    async fn close(mut self, report: &providers::Report) -> Result<(), StoreError> {
        self.is_over = true;
        let failed = report.findings.iter().find_map(|finding| finding.answer.as_ref().err());
        let (state, message) = match failed {
            None => (RunState::Done, String::new()),
            Some(failure) if failure.kind == FailureKind::Auth => {
                (RunState::Stopped, StopReason::Refused(failure.clone()).message())
            }
            Some(failure) => (RunState::Stopped, failure.message.clone()),
        };
        self.journal.finish_run(&self.run, state, &message).await
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.is_over {
            self.journal.abandon_run(&self.run);
        }
    }
}

/// A provider of which every answer is set aside for, kept and settled.
struct Metered {
    model: Arc<Model>,
    journal: Journal,
    run: RunId,
    budget: Budget,
    nth: AtomicU32,
}

impl Metered {
    async fn ask(&self, call: &Call, on_text: OnText) -> Result<Answered, AttemptFailure> {
        let worst = budget::worst_case(call, self.model.price.as_ref());
        let mut reserve = match self.budget.reserve(worst).await {
            Ok(reserve) => reserve,
            Err(no_money) => return Err(self.refused(no_money)),
        };
        let identity = self.model.provider.identity();
        let new = NewCall {
            run: self.run.clone(),
            key: call.key(identity),
            model: identity.to_owned(),
            call: Arc::new(call.clone()),
            attempt: self.nth.fetch_add(1, Ordering::Relaxed) + 1,
            worst_cost: reserve.amount(),
        };
        let id = self.journal.intent(new).await.map_err(|error| unkept(&error))?;
        reserve.send();
        let answer = self.model.provider.answer(call, on_text).await;
        let paid = paid_for(&answer, &self.model);
        let cost = reserve.cost_of(paid);
        let outcome = match &answer {
            Ok(Answered { reply, raw }) => {
                Outcome::Replied { reply: reply.clone().into(), raw: raw.clone(), cost }
            }
            Err(failed) => {
                let (failure, raw) = (failed.failure.clone(), failed.raw.clone());
                Outcome::Failed { failure, raw, cost }
            }
        };
        let kept = self.journal.settle(id, outcome).await;
        reserve.settle(paid);
        kept.map_err(|error| unkept(&error))?;
        answer
    }

    fn refused(&self, why: NoMoney) -> AttemptFailure {
        let reason = match why {
            NoMoney::Exhausted(budget::Exhausted { cap, limit, spent }) => {
                StopReason::Budget { cap, limit, spent }
            }
            NoMoney::Unpriced => StopReason::Unpriced { model: self.model.name.clone() },
            NoMoney::Store(error) => return unkept(&error),
        };
        never(CallFailure::new(FailureKind::Budget, reason.message(), reason.hint()))
    }
}

fn unkept(error: &StoreError) -> AttemptFailure {
    never(CallFailure::new(FailureKind::Storage, error.to_string(), error.hint()))
}

fn never(failure: CallFailure) -> AttemptFailure {
    AttemptFailure { failure, retry: Retry::Never, raw: Vec::new() }
}

impl Provider for Metered {
    fn identity(&self) -> &str {
        self.model.provider.identity()
    }

    fn abilities(&self) -> Abilities {
        self.model.provider.abilities()
    }

    fn deadline(&self) -> Option<Duration> {
        self.model.provider.deadline()
    }

    fn quota(&self) -> Option<Quota> {
        self.model.provider.quota()
    }

    fn woke(&self) {
        self.model.provider.woke();
    }

    fn answer<'a>(
        &'a self,
        call: &'a Call,
        on_text: OnText,
    ) -> BoxFuture<'a, Result<Answered, AttemptFailure>> {
        Box::pin(self.ask(call, on_text))
    }
}
