//! The real [`Ask`]: journal first, then budget, limiter, provider and retry, and nothing is used
//! before it is committed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use super::awake::Awake;
use super::budget::{self, Overrun, Paid, Reserve};
use super::cancel::Cancel;
use super::event::{EngineEvent, Events, RunProgress};
use super::flight::{Boarding, Flights, Landed, follow};
use super::limiter::{OnDeck, RunSeats};
use super::models::Model;
use super::plan::Plan;
use super::rejections::Rejections;
use super::run::StopReason;
use super::tell::Tell;
use crate::domain::{
    Call, CallFailure, CallKey, FailureKind, Finish, ModelRole, Reply, RunId, Usage,
};
use crate::methods::Ask;
use crate::providers::{Answered, AttemptFailure};
use crate::store::journal::{CallId, NewCall, Outcome, Use};
use crate::store::{Journal, StoreError, unpoisoned};

/// What all rows of a run share.
pub(super) struct Shared {
    pub(super) plan: Arc<Plan>,
    pub(super) run: RunId,
    pub(super) journal: Journal,
    pub(super) events: Events,
    pub(super) budget: budget::Budget,
    pub(super) flights: Flights,
    /// Given when nothing more may be sent, whatever the reason.
    pub(super) halt: Cancel,
    /// The user's signal, whose pause new calls wait at.
    pub(super) gate: Cancel,
    pub(super) stopped: Mutex<Stopped>,
    pub(super) progress: Mutex<RunProgress>,
    pub(super) tell: Tell,
    pub(super) rejections: Rejections,
    /// What it may have in flight.
    pub(super) seats: Arc<RunSeats>,
    pub(super) awake: Awake,
}

/// Why a run stopped: the first reason counts, and a storage error above all.
#[derive(Default)]
pub(super) struct Stopped {
    pub(super) reason: Option<StopReason>,
    pub(super) storage: Option<StoreError>,
}

impl Shared {
    /// Stops the run: nothing more is sent, what is in flight may land.
    pub(super) fn stop(&self, reason: StopReason) {
        unpoisoned(&self.stopped).reason.get_or_insert(reason);
        self.halt.cancel();
    }

    /// Stops the run because nothing can be kept; returns what the call failed with.
    pub(super) fn storage(&self, error: StoreError) -> CallFailure {
        let failure = CallFailure::new(FailureKind::Storage, error.to_string(), error.hint());
        unpoisoned(&self.stopped).storage.get_or_insert(error);
        self.halt.cancel();
        failure
    }

    /// Changes the sums, and tells them within a moment.
    pub(super) fn count(&self, change: impl FnOnce(&mut RunProgress)) {
        {
            let mut progress = unpoisoned(&self.progress);
            change(&mut progress);
            progress.cost = self.budget.spent();
            progress.cost_assumed = self.budget.assumed();
            progress.spent_today = self.budget.spent_today();
        }
        if self.tell.now() {
            self.tell_progress();
        }
    }

    /// Tells the sums as they are.
    pub(super) fn tell_progress(&self) {
        let progress = unpoisoned(&self.progress).clone();
        (self.events)(EngineEvent::Progress(progress));
    }

    /// Counts a refusal; the same one again and again stops the run.
    pub(super) fn rejected(&self, failure: &CallFailure) {
        let count = self.rejections.rejected(&failure.message);
        if self.rejections.is_enough(count) {
            self.stop(StopReason::Rejections { count, failure: failure.clone() });
        }
    }
}

/// Answers one row's calls.
pub struct RunAsk {
    pub(super) shared: Arc<Shared>,
    made_of: Mutex<MadeOf>,
    /// The row's place in the run.
    pub(super) row: u64,
    /// Its calls that are answered.
    pub(super) done: AtomicU32,
}

/// What a row was made of.
#[derive(Default)]
pub(super) struct MadeOf {
    pub(super) uses: Vec<Use>,
    pub(super) usage: Usage,
    /// Replies of writer, critic and reviser that the provider itself called a refusal.
    pub(super) filtered: Vec<String>,
}

impl RunAsk {
    pub(super) fn new(shared: Arc<Shared>, row: u64) -> Self {
        Self { shared, made_of: Mutex::default(), row, done: AtomicU32::new(0) }
    }

    pub(super) fn made_of(self) -> MadeOf {
        self.made_of.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The same row's calls, answered by other models: those of one side of a comparison.
    pub fn with_models<'a>(&'a self, models: &'a Cast) -> SideAsk<'a> {
        SideAsk { ask: self, models }
    }

    async fn answer(&self, call: &Arc<Call>, models: &Cast) -> (Landed, bool) {
        let Some(model) = models.get(&call.role) else {
            let failure = CallFailure::new(
                FailureKind::Method,
                format!("no model does the {}’s work in this run", call.role),
                "choose one under models and roles",
            );
            return (Err(failure), false);
        };
        let key = call.key(model.provider.identity());
        loop {
            match self.shared.flights.board(&key) {
                Boarding::Lead(flight) => {
                    let (landed, replayed) = self.lead(call, model, &key).await;
                    flight.land(&landed);
                    return (landed, replayed);
                }
                // Who led may have given up; then somebody else leads.
                Boarding::Follow(receiver) => {
                    if let Some(landed) = follow(receiver).await {
                        return (landed, true);
                    }
                }
            }
        }
    }

    /// The journal's reply, else a request. The flag says whether it was in the journal.
    async fn lead(&self, call: &Arc<Call>, model: &Model, key: &CallKey) -> (Landed, bool) {
        match self.shared.journal.lookup(key).await {
            Ok(Some(stored)) => return (Ok((Arc::new(stored.reply), stored.call)), true),
            Ok(None) => {}
            Err(error) => return (Err(self.shared.storage(error)), false),
        }
        if self.shared.plan.replay_only {
            let failure = CallFailure::new(
                FailureKind::NotInJournal,
                "the journal has no reply to this call, and nothing may be sent",
                "run it without “replay only” to pay for the calls that are missing",
            );
            return (Err(failure), false);
        }
        (self.send(call, model, key).await, false)
    }

    /// One request: intent committed, sent, outcome committed.
    pub(super) async fn attempt(
        &self,
        call: &Arc<Call>,
        model: &Model,
        key: &CallKey,
        nth: u32,
        deck: OnDeck,
        mut reserve: Reserve<'_>,
    ) -> Result<(Arc<Reply>, CallId), AttemptFailure> {
        let shared = &self.shared;
        let kept_back = |error| AttemptFailure {
            failure: shared.storage(error),
            retry: crate::providers::Retry::Never,
            raw: Vec::new(),
        };
        reserve.send();
        let intent = shared.journal.intent(NewCall {
            run: shared.run.clone(),
            key: key.clone(),
            model: model.provider.identity().to_owned(),
            call: Arc::clone(call),
            attempt: nth,
            worst_cost: reserve.amount(),
        });
        let id = match intent.await {
            Ok(id) => id,
            Err(error) => {
                // Nothing was sent.
                reserve.settle(Paid::Nothing);
                return Err(kept_back(error));
            }
        };
        let Some((seat, admission)) = self.seat(deck, call, model).await else {
            reserve.settle(Paid::Nothing);
            return Err(match shared.journal.withdraw(id).await {
                Ok(()) => AttemptFailure {
                    failure: halted(nth - 1),
                    retry: crate::providers::Retry::Never,
                    raw: Vec::new(),
                },
                Err(error) => kept_back(error),
            });
        };
        if nth == 1 {
            (shared.events)(EngineEvent::CallStarted {
                row: call.prompt.clone(),
                purpose: call.purpose.clone(),
            });
        }
        let answer = self.provider_answer(call, model, seat).await;
        drop(admission);
        let paid = paid_for(&answer, model);
        let cost = reserve.cost_of(paid);
        let (outcome, result) = match answer {
            Ok(Answered { reply, raw }) => {
                let reply = Arc::new(reply);
                let outcome = Outcome::Replied { reply: Arc::clone(&reply), raw, cost };
                (outcome, Ok((reply, id)))
            }
            Err(failed) => {
                let (failure, raw) = (failed.failure.clone(), failed.raw.clone());
                (Outcome::Failed { failure, raw, cost }, Err(failed))
            }
        };
        let is_unreported = matches!(&outcome, Outcome::Replied { reply, .. }
            if reply.usage == Usage::default());
        let usage = match &outcome {
            Outcome::Replied { reply, .. } => reply.usage,
            Outcome::Failed { .. } => Usage::default(),
        };
        // Before the outcome is kept: the next call has the seat already, and must not be sent.
        if let Some(Overrun { reserved, cost }) = reserve.overrun(paid)
            && shared.budget.is_capped()
        {
            let model = model.name.clone();
            shared.stop(StopReason::Overrun { model, most: reserved, cost });
        }
        if let Err(error) = shared.journal.settle(id, outcome).await {
            reserve.settle(paid);
            return Err(kept_back(error));
        }
        reserve.settle(paid);
        shared.count(|progress| {
            progress.calls += 1;
            progress.unreported += u64::from(is_unreported);
            progress.usage += usage;
            progress.price_unknown |= model.price.is_none() && model.can_cost();
        });
        result
    }
}

/// Who does what.
pub type Cast = BTreeMap<ModelRole, Arc<Model>>;

/// Answers one row's calls with the models of one side of a comparison.
pub struct SideAsk<'a> {
    ask: &'a RunAsk,
    models: &'a Cast,
}

impl Ask for SideAsk<'_> {
    async fn ask(&self, call: Call) -> Result<Reply, CallFailure> {
        self.ask.ask_of(call, self.models).await
    }
}

impl Ask for RunAsk {
    async fn ask(&self, call: Call) -> Result<Reply, CallFailure> {
        self.ask_of(call, &self.shared.plan.models).await
    }
}

impl RunAsk {
    async fn ask_of(&self, call: Call, models: &Cast) -> Result<Reply, CallFailure> {
        let call = Arc::new(call);
        let (landed, replayed) = if self.shared.halt.is_cancelled() {
            (Err(halted(0)), false)
        } else {
            self.answer(&call, models).await
        };
        if let Ok((reply, id)) = &landed {
            let mut made_of = unpoisoned(&self.made_of);
            made_of.usage += reply.usage;
            if reply.finish == Finish::Filtered && call.role != ModelRole::Judge {
                made_of.filtered.push(reply.text.clone());
            }
            made_of.uses.push(Use { call: *id, purpose: call.purpose.clone(), replayed });
        }
        if landed.is_ok() && replayed {
            self.done.fetch_add(1, Ordering::Relaxed);
            self.shared.count(|progress| progress.replayed += 1);
        }
        let outcome = landed.map(|(reply, _)| reply);
        (self.shared.events)(EngineEvent::CallDone {
            row: call.prompt.clone(),
            purpose: call.purpose.clone(),
            call: Arc::clone(&call),
            outcome: outcome.clone(),
            replayed,
        });
        outcome.map(|reply| Reply::clone(&reply))
    }
}

pub(super) fn halted(attempts: u32) -> CallFailure {
    let hint = "resume the run to go on where it stopped";
    let mut failure = CallFailure::new(FailureKind::Cancelled, "the run was stopped", hint);
    failure.attempts = attempts;
    failure
}

/// What a call came to, by what came back.
pub(super) fn paid_for(answer: &Result<Answered, AttemptFailure>, model: &Model) -> Paid {
    match answer {
        Ok(Answered { reply, .. }) => match &model.price {
            None => Paid::Nothing,
            // Who reports no tokens may still charge for them.
            Some(_) if reply.usage == Usage::default() => Paid::Unknown,
            Some(price) => Paid::Reported(price.cost(reply.usage)),
        },
        Err(failed) => match may_be_paid(failed.failure.kind) {
            true => Paid::Unknown,
            false => Paid::Nothing,
        },
    }
}

/// Whether a provider may charge for a call that failed so.
fn may_be_paid(kind: FailureKind) -> bool {
    match kind {
        FailureKind::Timeout
        | FailureKind::Truncated
        | FailureKind::Garbled
        | FailureKind::Cancelled => true,
        FailureKind::Unreachable
        | FailureKind::Auth
        | FailureKind::RateLimited
        | FailureKind::Rejected
        | FailureKind::ServerError
        | FailureKind::Model
        | FailureKind::NotInJournal
        | FailureKind::Budget
        | FailureKind::Storage
        | FailureKind::Method => false,
    }
}
