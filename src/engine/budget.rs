//! Money: the worst case is reserved before a call is sent, and settled after, so that many calls
//! at once can't pass the limit together.

use std::sync::Mutex;

use tokio::sync::Notify;

use super::models::Price;
use crate::domain::{Call, Usage};
use crate::store::unpoisoned;

/// Characters of a token at least, for a worst case (English has about four, code and most other
/// scripts fewer; chosen so that the reserve is rarely too small).
const CHARACTERS_PER_TOKEN: usize = 3;
/// Tokens that a chat template adds around a message, generously.
const TOKENS_PER_MESSAGE: usize = 16;

/// What a run may cost and has cost.
pub struct Budget {
    limit: Option<f64>,
    state: Mutex<State>,
    settled: Notify,
}

#[derive(Default)]
struct State {
    spent: f64,
    reserved: f64,
    calls_open: u32,
}

/// The limit is reached: the next call could have passed it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exhausted {
    /// US dollars that the run may cost.
    pub limit: f64,
    /// US dollars spent.
    pub spent: f64,
}

/// Money set aside for a call. Dropping it unsettled keeps it spent: the call may have been paid.
pub struct Reserve<'a> {
    budget: &'a Budget,
    amount: f64,
    is_settled: bool,
}

impl Budget {
    /// A budget with what earlier sessions of the run have spent.
    pub fn new(limit: Option<f64>, spent: f64) -> Self {
        let state = Mutex::new(State { spent, ..State::default() });
        Self { limit, state, settled: Notify::new() }
    }

    /// Sets money aside; waits where calls in flight may still give some back.
    ///
    /// # Errors
    ///
    /// The call could pass the limit even with nothing else in flight.
    pub async fn reserve(&self, amount: f64) -> Result<Reserve<'_>, Exhausted> {
        loop {
            // Made before the look, so that no settling between the two is missed.
            let settled = self.settled.notified();
            {
                let mut state = unpoisoned(&self.state);
                let fits = self.limit.is_none_or(|limit| {
                    // A call without a price passes, unless the limit is 0: nothing may be sent.
                    limit > 0.0 && state.spent + state.reserved + amount <= limit
                });
                if fits {
                    state.reserved += amount;
                    state.calls_open += 1;
                    return Ok(Reserve { budget: self, amount, is_settled: false });
                }
                if state.calls_open == 0 {
                    let limit = self.limit.unwrap_or(f64::INFINITY);
                    return Err(Exhausted { limit, spent: state.spent });
                }
            }
            settled.await;
        }
    }

    /// US dollars spent, what is reserved not counted.
    pub fn spent(&self) -> f64 {
        unpoisoned(&self.state).spent
    }
}

impl Reserve<'_> {
    /// US dollars set aside.
    pub fn amount(&self) -> f64 {
        self.amount
    }

    /// The call cost this much.
    pub fn settle(mut self, cost: f64) {
        self.close(cost);
    }

    fn close(&mut self, cost: f64) {
        if !std::mem::replace(&mut self.is_settled, true) {
            let mut state = unpoisoned(&self.budget.state);
            state.reserved = (state.reserved - self.amount).max(0.0);
            state.spent += cost;
            state.calls_open -= 1;
            drop(state);
            self.budget.settled.notify_waiters();
        }
    }
}

impl Drop for Reserve<'_> {
    fn drop(&mut self) {
        self.close(self.amount);
    }
}

/// US dollars that a call can cost at most.
pub fn worst_case(call: &Call, price: Option<Price>) -> f64 {
    let Some(price) = price else { return 0.0 };
    let input: usize = call
        .messages
        .iter()
        .map(|message| {
            message.content.chars().count().div_ceil(CHARACTERS_PER_TOKEN) + TOKENS_PER_MESSAGE
        })
        .sum();
    cost_of(input as f64, f64::from(call.sampling.max_tokens), price)
}

/// US dollars that a call did cost.
pub fn cost(usage: Usage, price: Option<Price>) -> f64 {
    price.map_or(0.0, |price| {
        cost_of(usage.prompt_tokens as f64, usage.completion_tokens as f64, price)
    })
}

fn cost_of(input: f64, output: f64, price: Price) -> f64 {
    (input * price.input + output * price.output) / 1e6
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn many_at_once_never_pass_the_limit_and_settling_makes_room() {
        let budget = Budget::new(Some(1.0), 0.0);
        let a = budget.reserve(0.6).await.unwrap();
        assert!(budget.reserve(0.6).now_or_never().is_none(), "it waits for what is reserved");
        let waiting = async {
            let b = budget.reserve(0.6).await.unwrap();
            b.settle(0.5);
        };
        let settle = async { a.settle(0.1) };
        futures::join!(waiting, settle);
        assert!((budget.spent() - 0.6).abs() < 1e-12);
        let refused = budget.reserve(0.6).await.err().unwrap();
        assert!((refused.limit - 1.0).abs() < 1e-12 && refused.spent < 1.0);
    }

    #[tokio::test]
    async fn a_reserve_that_is_dropped_counts_as_paid_and_zero_means_nothing() {
        let budget = Budget::new(Some(1.0), 0.0);
        drop(budget.reserve(0.7).await.unwrap());
        assert!((budget.spent() - 0.7).abs() < 1e-12);
        assert!(Budget::new(Some(0.0), 0.0).reserve(0.0).await.is_err());
        assert!(Budget::new(None, 0.0).reserve(1e9).await.is_ok());
    }
}
