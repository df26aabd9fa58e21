//! Sending one call until there is an answer or nothing more to try: whose turn it is, how long it
//! may take, what a failure means for it and for all others.
//!
//! | what came | what follows |
//! |---|---|
//! | 408, 409, 5xx, no connection, broken off | again after a wait drawn from 1 s, 2 s, … 60 s; six requests and 15 minutes at most; a server that fails four times in the same words is given up |
//! | 503 and 529 that say when | the same, after at least that |
//! | 429 | again after at least what was told; uses up no attempt; the pace is cut |
//! | 401, 402, 403, no money | the endpoint is closed: no run sends anything more there |
//! | other 4xx | the call has failed; 25 in the same words stop the run |
//! | something else than an answer | the call has failed |
//!
//! Attempts beyond a fifth of what the endpoint answers wait the longest wait. What broke because
//! the machine slept uses up no attempt. No call outlives its provider's deadline by more than
//! [`OVERTIME`], whatever the provider does, so that a run that waits only for such calls ends.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::ask::{RunAsk, halted};
use super::budget::{self, Exhausted, NoMoney, Reserve};
use super::event::EngineEvent;
use super::flight::Landed;
use super::limiter::{OnDeck, Prefix, Seat, Turn};
use super::models::Model;
use super::rejections::Admission;
use super::retry::{Attempts, Next};
use super::run::StopReason;
use crate::domain::{Call, CallFailure, CallKey, FailureKind};
use crate::providers::{Answered, AttemptFailure, OnText, Retry};

/// What a provider may take beyond its own deadline before it is cut off.
pub const OVERTIME: Duration = Duration::from_secs(5);
/// The deadline of a provider that names none: an embedded model on a slow machine.
pub const LONGEST_CALL: Duration = Duration::from_hours(1);
/// Characters of a token, roughly, for what a request is thought to take of a token limit.
const CHARACTERS_PER_TOKEN: usize = 4;

impl RunAsk {
    /// Sends until there is an answer or nothing more to try.
    pub(super) async fn send(&self, call: &Arc<Call>, model: &Model, key: &CallKey) -> Landed {
        let shared = &self.shared;
        let mut attempts = Attempts::default();
        let prefix = Prefix::of(call, model.caching());
        loop {
            let (deck, reserve) = tokio::select! {
                biased;
                () = shared.halt.cancelled() => return Err(halted(attempts.sent)),
                ready = self.ready(call, model, &prefix) => match ready {
                    Ok(ready) => ready,
                    Err(no_money) => return Err(self.refused_money(no_money, model, attempts.sent)),
                },
            };
            attempts.sent += 1;
            let begun = Instant::now();
            let attempt = self.attempt(call, model, key, attempts.sent, deck, reserve).await;
            let (mut failed, took) = match attempt {
                Ok(landed) => {
                    shared.rejections.answered();
                    self.done.fetch_add(1, Ordering::Relaxed);
                    return Ok(landed);
                }
                Err(failed) => (failed, begun.elapsed()),
            };
            failed.failure.attempts = attempts.sent;
            let is_soon = failed.retry != Retry::Later || model.limiter.may_retry_soon();
            let next = if shared.awake.broke(begun, Instant::now()) && breaks(&failed) {
                Next::Wait(Duration::ZERO)
            } else {
                attempts.next(&shared.plan.retry, &failed, took, is_soon)
            };
            let wait = match next {
                Next::Fail => return Err(failed.failure),
                Next::Wait(wait) | Next::SlowDown(wait) => wait,
            };
            let kind = failed.failure.kind;
            shared.count(|progress| match next {
                Next::SlowDown(_) => progress.slow_downs += 1,
                Next::Wait(_) | Next::Fail => *progress.retries.entry(kind).or_default() += 1,
            });
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

    /// Waits for the end of a pause, for a place on deck, then for money.
    async fn ready<'a>(
        &'a self,
        call: &Call,
        model: &'a Model,
        prefix: &Prefix,
    ) -> Result<(OnDeck, Reserve<'a>), NoMoney> {
        let worst = budget::worst_case(call, model.price.as_ref());
        let turn = Turn { done: self.done.load(Ordering::Relaxed), row: self.row };
        self.shared.gate.open().await;
        let deck = model.limiter.deck(&self.shared.seats, turn, prefix).await;
        let reserve = self.shared.budget.reserve(worst).await?;
        Ok((deck, reserve))
    }

    /// Waits for the right to send what is on deck; `None`: nothing more is to be sent. The place
    /// on deck is left with it.
    pub(super) async fn seat(
        &self,
        deck: OnDeck,
        call: &Call,
        model: &Model,
    ) -> Option<(Seat, Admission<'_>)> {
        let shared = &self.shared;
        let tokens = expected_tokens(call);
        loop {
            let seat = tokio::select! {
                biased;
                () = shared.halt.cancelled() => return None,
                seat = async {
                    shared.gate.open().await;
                    deck.seat(tokens).await
                } => seat?,
            };
            if let Some(why) = model.endpoint.closed() {
                shared.stop(StopReason::Refused(why));
                return None;
            }
            // A stop ends a pause; who waited for that may be here before the run has heard of it.
            if shared.halt.is_cancelled() || shared.gate.is_cancelled() {
                return None;
            }
            if shared.gate.is_paused() {
                // The pause began while this call waited: others may have its seat.
                continue;
            }
            // Last, so that nobody who waits for a seat counts as being out.
            let admission = tokio::select! {
                biased;
                () = shared.halt.cancelled() => return None,
                admission = shared.rejections.admit() => admission,
            };
            return Some((seat, admission));
        }
    }

    /// The provider's answer, within its deadline; after a stop it has the plan's grace to land.
    /// The seat is left when it is there.
    pub(super) async fn provider_answer(
        &self,
        call: &Arc<Call>,
        model: &Model,
        seat: Seat,
    ) -> Result<Answered, AttemptFailure> {
        let shared = &self.shared;
        let (events, row, purpose) =
            (Arc::clone(&shared.events), call.prompt.clone(), call.purpose.clone());
        let begins = seat.begins();
        let on_text: OnText = Arc::new(move |piece: &str| {
            if let Some(begins) = &begins {
                begins.tell();
            }
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
        let deadline = model.provider.deadline().unwrap_or(LONGEST_CALL);
        let answer = tokio::select! {
            biased;
            answer = model.provider.answer_marked(call, seat.marks(), on_text) => answer,
            () = grace => Err(AttemptFailure {
                failure: CallFailure::new(
                    FailureKind::Cancelled,
                    format!(
                        "the answer was not there {} s after the run was stopped",
                        shared.plan.grace.as_secs()
                    ),
                    "resume the run; this call may then be paid for a second time",
                ),
                retry: Retry::Never,
                raw: Vec::new(),
            }),
            () = sleep(deadline + OVERTIME) => Err(AttemptFailure {
                failure: CallFailure::new(
                    FailureKind::Timeout,
                    format!("there was no answer after {} s", (deadline + OVERTIME).as_secs()),
                    "the server may be overloaded; lower “requests at once” or try later",
                ),
                retry: Retry::Later,
                raw: Vec::new(),
            }),
        };
        // Before the seat is left, so that nobody else sends what must stop now.
        match answer.as_ref().err().map(|failed| &failed.failure) {
            Some(failure) if failure.kind == FailureKind::Auth => {
                model.endpoint.close(failure);
                shared.stop(StopReason::Refused(failure.clone()));
            }
            Some(failure) if failure.kind == FailureKind::Rejected => shared.rejected(failure),
            _ => {}
        }
        tell(&seat, model, &answer);
        answer
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

/// Tells the limiter what became of a request.
fn tell(seat: &Seat, model: &Model, answer: &Result<Answered, AttemptFailure>) {
    match answer {
        Ok(Answered { reply, .. }) => {
            let took = reply.usage.prompt_tokens + reply.usage.completion_tokens;
            seat.answered((took > 0).then_some(took as f64));
            let cache = reply.usage.cached_tokens + reply.usage.cache_write_tokens;
            seat.warms(took == 0 || cache > 0);
        }
        Err(failed) => {
            let kind = failed.failure.kind;
            match failed.retry {
                Retry::SlowDown(told) => seat.slow_down(kind == FailureKind::RateLimited, told),
                Retry::Later | Retry::Never => seat.failed(kind == FailureKind::Timeout),
            }
        }
    }
    if let Some(quota) = model.provider.quota() {
        seat.heard(&quota);
    }
}

/// Whether a failure can come of a connection that a suspend broke.
fn breaks(failed: &AttemptFailure) -> bool {
    failed.retry == Retry::Later
        && matches!(
            failed.failure.kind,
            FailureKind::Timeout | FailureKind::Unreachable | FailureKind::Truncated
        )
}

/// Tokens that a provider may count for a request before it is answered: those of the question and
/// the longest answer.
fn expected_tokens(call: &Call) -> f64 {
    let characters: usize = call.messages.iter().map(|message| message.content.len()).sum();
    (characters / CHARACTERS_PER_TOKEN) as f64 + f64::from(call.sampling.max_tokens)
}
