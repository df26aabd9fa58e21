//! The real [`Ask`]: journal first, then budget, limiter, provider and retry, and nothing is used
//! before it is committed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::time::{Instant, sleep};

use super::budget::{self, Exhausted, NoMoney, Overrun, Paid, Reserve};
use super::cancel::Cancel;
use super::event::{EngineEvent, Events, RunProgress};
use super::flight::{Boarding, Flights, Landed, follow};
use super::limiter::Seat;
use super::models::Model;
use super::plan::Plan;
use super::rejections::Rejections;
use super::retry::{Attempts, Next};
use super::run::StopReason;
use super::tell::Tell;
use crate::domain::{
    Call, CallFailure, CallKey, FailureKind, Finish, ModelRole, Reply, RunId, Usage,
};
use crate::methods::Ask;
use crate::providers::{Answered, AttemptFailure, OnText};
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
    fn rejected(&self, failure: &CallFailure) {
        let count = self.rejections.rejected(&failure.message);
        if self.rejections.is_enough(count) {
            self.stop(StopReason::Rejections { count, failure: failure.clone() });
        }
    }
}

/// Answers one row's calls.
pub struct RunAsk {
    shared: Arc<Shared>,
    made_of: Mutex<MadeOf>,
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
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, made_of: Mutex::default() }
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

    /// Sends until there is an answer or nothing more to try.
    async fn send(&self, call: &Arc<Call>, model: &Model, key: &CallKey) -> Landed {
        let shared = &self.shared;
        let mut attempts = Attempts::default();
        loop {
            let (seat, reserve) = tokio::select! {
                biased;
                () = shared.halt.cancelled() => return Err(halted(attempts.sent)),
                ready = self.ready(call, model) => match ready {
                    Ok(ready) => ready,
                    Err(no_money) => return Err(self.refused_money(no_money, model, attempts.sent)),
                },
            };
            // Last, so that nobody who waits for a seat or for money counts as being out.
            let admission = tokio::select! {
                biased;
                () = shared.halt.cancelled() => return Err(halted(attempts.sent)),
                admission = shared.rejections.admit() => admission,
            };
            attempts.sent += 1;
            let begun = Instant::now();
            let attempt = self.attempt(call, model, key, attempts.sent, reserve).await;
            let (mut failed, took) = match attempt {
                Ok(landed) => {
                    seat.answered();
                    shared.rejections.answered();
                    return Ok(landed);
                }
                Err(failed) => (failed, begun.elapsed()),
            };
            failed.failure.attempts = attempts.sent;
            match failed.failure.kind {
                FailureKind::Auth => shared.stop(StopReason::Refused(failed.failure.clone())),
                FailureKind::Rejected => shared.rejected(&failed.failure),
                _ => {}
            }
            drop(admission);
            let wait = match attempts.next(&shared.plan.retry, &failed, took) {
                Next::Fail => return Err(failed.failure),
                Next::Wait(wait) => wait,
                Next::SlowDown(wait) => {
                    seat.slow_down(wait);
                    wait
                }
            };
            drop(seat);
            (shared.events)(EngineEvent::Retrying {
                row: call.prompt.clone(),
                purpose: call.purpose.clone(),
                failure: failed.failure,
                wait,
            });
            tokio::select! {
                biased;
                () = shared.halt.cancelled() => return Err(halted(attempts.sent)),
                () = sleep(wait) => {}
            }
        }
    }

    /// Waits for the end of a pause, for a seat, then for money.
    async fn ready<'a>(
        &'a self,
        call: &Call,
        model: &'a Model,
    ) -> Result<(Seat<'a>, Reserve<'a>), NoMoney> {
        let worst = budget::worst_case(call, model.price.as_ref());
        loop {
            self.shared.gate.open().await;
            let seat = model.limiter.seat().await;
            let reserve = self.shared.budget.reserve(worst).await?;
            if !self.shared.gate.is_paused() {
                return Ok((seat, reserve));
            }
            // The pause began while this call waited: others may have what it holds.
        }
    }

    /// One request: intent committed, sent, outcome committed.
    async fn attempt(
        &self,
        call: &Arc<Call>,
        model: &Model,
        key: &CallKey,
        nth: u32,
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
        if nth == 1 {
            (shared.events)(EngineEvent::CallStarted {
                row: call.prompt.clone(),
                purpose: call.purpose.clone(),
            });
        }
        let answer = self.provider_answer(call, model).await;
        let (outcome, result, paid) = match answer {
            Ok(Answered { reply, raw }) => {
                let paid = match &model.price {
                    None => Paid::Nothing,
                    // Who reports no tokens may still charge for them.
                    Some(_) if reply.usage == Usage::default() => Paid::Unknown,
                    Some(price) => Paid::Reported(price.cost(reply.usage)),
                };
                let cost = reserve.cost_of(paid);
                let reply = Arc::new(reply);
                let outcome = Outcome::Replied { reply: Arc::clone(&reply), raw, cost };
                (outcome, Ok((reply, id)), paid)
            }
            Err(failed) => {
                let paid = match may_be_paid(failed.failure.kind) {
                    true => Paid::Unknown,
                    false => Paid::Nothing,
                };
                let (failure, raw) = (failed.failure.clone(), failed.raw.clone());
                let cost = reserve.cost_of(paid);
                (Outcome::Failed { failure, raw, cost }, Err(failed), paid)
            }
        };
        let is_unreported = matches!(&outcome, Outcome::Replied { reply, .. }
            if reply.usage == Usage::default());
        let usage = match &outcome {
            Outcome::Replied { reply, .. } => reply.usage,
            Outcome::Failed { .. } => Usage::default(),
        };
        if let Err(error) = shared.journal.settle(id, outcome).await {
            reserve.settle(paid);
            return Err(kept_back(error));
        }
        if let Some(Overrun { reserved, cost }) = reserve.settle(paid)
            && shared.budget.is_capped()
        {
            let model = model.name.clone();
            shared.stop(StopReason::Overrun { model, most: reserved, cost });
        }
        shared.count(|progress| {
            progress.calls += 1;
            progress.unreported += u64::from(is_unreported);
            progress.usage += usage;
            progress.price_unknown |= model.price.is_none() && model.can_cost();
        });
        result
    }

    /// The provider's answer; after a stop it has the plan's grace to land.
    async fn provider_answer(
        &self,
        call: &Arc<Call>,
        model: &Model,
    ) -> Result<Answered, AttemptFailure> {
        let shared = &self.shared;
        let (events, row, purpose) =
            (Arc::clone(&shared.events), call.prompt.clone(), call.purpose.clone());
        let on_text: OnText = Arc::new(move |piece: &str| {
            events(EngineEvent::Text {
                row: row.clone(),
                purpose: purpose.clone(),
                piece: piece.to_owned(),
            });
        });
        let grace = async {
            shared.halt.cancelled().await;
            sleep(shared.plan.grace).await;
        };
        tokio::select! {
            biased;
            answer = model.provider.answer(call, on_text) => answer,
            () = grace => Err(AttemptFailure {
                failure: CallFailure::new(
                    FailureKind::Cancelled,
                    format!(
                        "the answer was not there {} s after the run was stopped",
                        shared.plan.grace.as_secs()
                    ),
                    "resume the run; this call may then be paid for a second time",
                ),
                retry: crate::providers::Retry::Never,
                raw: Vec::new(),
            }),
        }
    }

    fn refused_money(&self, why: NoMoney, model: &Model, attempts: u32) -> CallFailure {
        let reason = match why {
            NoMoney::Exhausted(Exhausted { cap, limit, spent }) => {
                StopReason::Budget { cap, limit, spent }
            }
            NoMoney::Unpriced => StopReason::Unpriced { model: model.name.clone() },
            NoMoney::Store(error) => return self.shared.storage(error),
        };
        let mut failure = CallFailure::new(FailureKind::Budget, reason.message(), reason.hint());
        self.shared.stop(reason);
        failure.attempts = attempts;
        failure
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

fn halted(attempts: u32) -> CallFailure {
    let hint = "resume the run to go on where it stopped";
    let mut failure = CallFailure::new(FailureKind::Cancelled, "the run was stopped", hint);
    failure.attempts = attempts;
    failure
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
