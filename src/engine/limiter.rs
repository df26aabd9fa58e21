//! How many calls of one model may be in flight: as many as its provider bears.
//!
//! Additive increase, multiplicative decrease: one more for each full round of answers, 0.7 times
//! as many after a “slow down”, once for each round and not for each refusal, else fifty refusals
//! at once would leave one call. It never falls below one, so it can't freeze.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::store::unpoisoned;

/// Where a limit starts, unless its bound is lower (promptfoo and Inspect begin alike).
const START: u32 = 8;
/// What is left of the limit after a “slow down”.
const DECREASE: f64 = 0.7;

/// Bounds the calls in flight of one model.
pub struct Limiter {
    seats: Arc<Semaphore>,
    state: Mutex<State>,
}

struct State {
    bound: u32,
    limit: u32,
    /// Seats to take away as soon as somebody leaves one.
    debt: u32,
    /// Answers since the limit last changed.
    answers: u32,
    /// Counts the cuts; a call that began before the last one can't cut again.
    round: u64,
    resume_at: Option<Instant>,
}

/// The right to have one call in flight.
pub struct Seat<'a> {
    limiter: &'a Limiter,
    permit: Option<SemaphorePermit<'a>>,
    round: u64,
}

impl Limiter {
    /// A limiter that never allows more than `bound` calls; it starts lower unless `is_known`,
    /// which says that the bound is right (a model inside the program).
    pub fn new(bound: u32, is_known: bool) -> Self {
        let bound = bound.max(1);
        let limit = if is_known { bound } else { bound.min(START) };
        Self {
            seats: Arc::new(Semaphore::new(limit as usize)),
            state: Mutex::new(State {
                bound,
                limit,
                debt: 0,
                answers: 0,
                round: 0,
                resume_at: None,
            }),
        }
    }

    /// Waits for a seat, and for the end of any pause.
    pub async fn seat(&self) -> Seat<'_> {
        // The semaphore is never closed; without a permit the seat is merely not given back.
        let permit = self.seats.acquire().await.ok();
        loop {
            let resume_at = unpoisoned(&self.state).resume_at;
            match resume_at {
                Some(at) if at > Instant::now() => tokio::time::sleep_until(at).await,
                _ => break,
            }
        }
        let round = unpoisoned(&self.state).round;
        Seat { limiter: self, permit, round }
    }

    /// How many calls may be in flight now.
    pub fn limit(&self) -> u32 {
        unpoisoned(&self.state).limit
    }
}

impl Seat<'_> {
    /// The call was answered.
    pub fn answered(&self) {
        let mut state = unpoisoned(&self.limiter.state);
        state.answers += 1;
        if state.answers >= state.limit && state.limit < state.bound {
            state.answers = 0;
            state.limit += 1;
            if state.debt > 0 {
                state.debt -= 1;
            } else {
                self.limiter.seats.add_permits(1);
            }
        }
    }

    /// The provider says to slow down: nobody sends for that long, and fewer after it.
    pub fn slow_down(&self, wait: Duration) {
        let mut state = unpoisoned(&self.limiter.state);
        let until = Instant::now() + wait;
        state.resume_at = Some(state.resume_at.map_or(until, |at| at.max(until)));
        if state.round != self.round {
            return;
        }
        state.round += 1;
        state.answers = 0;
        let lower = ((f64::from(state.limit) * DECREASE) as u32).max(1);
        let fewer = state.limit - lower;
        state.limit = lower;
        let taken = self.limiter.seats.forget_permits(fewer as usize) as u32;
        state.debt += fewer - taken;
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let mut state = unpoisoned(&self.limiter.state);
        if state.debt > 0
            && let Some(permit) = self.permit.take()
        {
            state.debt -= 1;
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn refusals_of_one_round_cut_once_and_answers_raise_it_again() {
        let limiter = Limiter::new(10, true);
        let mut seats = Vec::new();
        for _ in 0..10 {
            seats.push(limiter.seat().await);
        }
        for seat in &seats {
            seat.slow_down(Duration::ZERO);
        }
        assert_eq!(limiter.limit(), 7);
        drop(seats);
        let mut taken = Vec::new();
        for _ in 0..7 {
            taken.push(limiter.seat().await);
        }
        let eighth = tokio::time::timeout(Duration::from_millis(10), limiter.seat()).await;
        assert!(eighth.is_err(), "only seven seats are left");
        for seat in &taken {
            seat.answered();
        }
        assert_eq!(limiter.limit(), 8);
        drop(limiter.seat().await);
    }

    #[tokio::test]
    async fn it_never_falls_below_one_nor_rises_above_its_bound() {
        let limiter = Limiter::new(2, false);
        for _ in 0..10 {
            limiter.seat().await.slow_down(Duration::ZERO);
        }
        assert_eq!(limiter.limit(), 1);
        for _ in 0..10 {
            limiter.seat().await.answered();
        }
        assert_eq!(limiter.limit(), 2);
        let (_a, _b) = (limiter.seat().await, limiter.seat().await);
    }

    #[tokio::test]
    async fn a_pause_holds_everybody() {
        let limiter = Limiter::new(4, true);
        let begun = Instant::now();
        limiter.seat().await.slow_down(Duration::from_millis(30));
        drop(limiter.seat().await);
        assert!(begun.elapsed() >= Duration::from_millis(30));
    }
}
