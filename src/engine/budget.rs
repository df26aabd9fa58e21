//! Money: the worst case is set aside before a call is sent, and settled after, so that many calls
//! at once can't pass a limit together.
//!
//! Two limits hold at the same time: the run's, and the project's on one day ([`DayLedger`]).
//! Both are read anew for each call, so they may change while a run is on; what waits for money
//! hears of it. At every moment *spent + set aside ≤ limit* for both, unless a limit was lowered
//! below what was spent already, or a provider billed more than a call can cost ([`Overrun`]).

use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use super::control::Controls;
use super::day::DayLedger;
use super::price::{Money, Price};
use crate::domain::{Call, Want};
use crate::store::{StoreError, unpoisoned};

/// Tokens that a chat template may add around each message.
const TOKENS_PER_MESSAGE: u64 = 16;
/// Tokens that a chat template may add to a request: a system message of its own with a date and
/// such (the longest seen, that of gpt-oss, has about 80).
const TOKENS_PER_REQUEST: u64 = 128;
/// The longest answer that is asked for to read a choice's probabilities.
const CHOICE_TOKENS: u64 = 4;

/// Which limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, strum::Display)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// Of one run.
    #[strum(to_string = "run")]
    Run,
    /// Of all the project's runs on one day.
    #[strum(to_string = "day")]
    Day,
}

/// What a run may cost and has cost.
pub struct Budget {
    controls: Controls,
    day: Arc<DayLedger>,
    state: Mutex<State>,
    freed: Notify,
}

#[derive(Default)]
struct State {
    spent: Money,
    assumed: Money,
    reserved: Money,
    open: u32,
}

/// Why there is no money for a call.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NoMoney {
    /// The call could pass a limit.
    #[error("a limit is reached")]
    Exhausted(Exhausted),
    /// A limit is set, and nobody knows what the call costs.
    #[error("the price is unknown")]
    Unpriced,
    /// The journal does not say what the day has cost.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A limit is reached: the next call could have passed it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exhausted {
    /// Which limit.
    pub cap: Cap,
    /// US dollars that it allows.
    pub limit: f64,
    /// US dollars spent of it.
    pub spent: f64,
}

/// A call cost more than it could have: the provider does not keep to the longest answer asked
/// for, or the price list is not its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Overrun {
    /// US dollars set aside.
    pub reserved: f64,
    /// US dollars that it cost.
    pub cost: f64,
}

/// What a call came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    /// Nothing is charged for it.
    Nothing,
    /// So much, by the tokens that the provider reported.
    Reported(Money),
    /// Nobody knows: it counts with all that was set aside.
    Unknown,
}

/// Money set aside for a call. Dropped before [`Reserve::send`] it goes back; after, it stays
/// spent, since the call may have been paid.
pub struct Reserve<'a> {
    budget: &'a Budget,
    amount: Money,
    day: u64,
    is_sent: bool,
    is_closed: bool,
}

/// Whether an amount fits under a limit. A limit of 0 lets nothing pass, not even what is free.
pub(super) fn fits(spent: Money, reserved: Money, amount: Money, limit: Option<Money>) -> bool {
    limit.is_none_or(|limit| limit > Money::ZERO && spent.plus(reserved).plus(amount) <= limit)
}

impl Budget {
    /// A budget with what earlier sittings of the run have spent, in US dollars, by the run's
    /// limits and the project's day.
    pub fn new(controls: Controls, spent: f64, day: Arc<DayLedger>) -> Self {
        let state = Mutex::new(State { spent: Money::from_usd(spent), ..State::default() });
        Self { controls, day, state, freed: Notify::new() }
    }

    /// Sets money aside for a call that costs at most so much (`None`: nobody knows); waits where
    /// calls in flight may still give some back, or a limit may be raised meanwhile.
    ///
    /// # Errors
    ///
    /// The call could pass a limit with none of the run's own calls in flight; or a limit is set
    /// and the price unknown.
    pub async fn reserve(&self, worst: Option<Money>) -> Result<Reserve<'_>, NoMoney> {
        let mut limits = self.controls.subscribe();
        loop {
            // Made before the look, so that nothing that happens between is missed.
            let (freed, day_freed) = (self.freed.notified(), self.day.freed.notified());
            self.day.today().await?;
            let now = *limits.borrow_and_update();
            if worst.is_none() && (now.max_cost.is_some() || now.max_cost_per_day.is_some()) {
                return Err(NoMoney::Unpriced);
            }
            let run = now.max_cost.map(Money::from_usd);
            let day = now.max_cost_per_day.map(Money::from_usd);
            match self.try_reserve(worst.unwrap_or_default(), run, day) {
                Tried::Granted(reserve) => return Ok(reserve),
                Tried::Refused(exhausted) => return Err(NoMoney::Exhausted(exhausted)),
                Tried::Wait => {}
            }
            tokio::select! {
                () = freed => {}
                () = day_freed => {}
                // The sender lives in `self`, so this ends only with a change.
                _ = limits.changed() => {}
            }
        }
    }

    fn try_reserve(&self, amount: Money, run: Option<Money>, day: Option<Money>) -> Tried<'_> {
        let mut state = unpoisoned(&self.state);
        if !fits(state.spent, state.reserved, amount, run) {
            if state.open > 0 {
                return Tried::Wait;
            }
            return Tried::Refused(Exhausted {
                cap: Cap::Run,
                limit: run.unwrap_or(Money::MOST).usd(),
                spent: state.spent.usd(),
            });
        }
        let Some(nth) = self.day.reserve(amount, day) else {
            let standing = self.day.standing();
            // Other runs' calls may give some back, too.
            let is_hopeless = !fits(standing.spent, Money::ZERO, amount, day);
            if state.open > 0 || (standing.open > 0 && !is_hopeless) {
                return Tried::Wait;
            }
            return Tried::Refused(Exhausted {
                cap: Cap::Day,
                limit: day.unwrap_or(Money::MOST).usd(),
                spent: standing.spent.usd(),
            });
        };
        state.reserved += amount;
        state.open += 1;
        Tried::Granted(Reserve { budget: self, amount, day: nth, is_sent: false, is_closed: false })
    }

    /// US dollars spent, what is set aside not counted.
    pub fn spent(&self) -> f64 {
        unpoisoned(&self.state).spent.usd()
    }

    /// Of what this sitting spent, what nobody reported: the worst case of calls that may have
    /// been paid for.
    pub fn assumed(&self) -> f64 {
        unpoisoned(&self.state).assumed.usd()
    }

    /// US dollars that the project has spent today.
    pub fn spent_today(&self) -> f64 {
        self.day.spent()
    }

    /// Whether the run or the day has a limit.
    pub fn is_capped(&self) -> bool {
        let limits = self.controls.limits();
        limits.max_cost.is_some() || limits.max_cost_per_day.is_some()
    }

    /// What is spent and set aside.
    #[cfg(test)]
    fn committed(&self) -> Money {
        let state = unpoisoned(&self.state);
        state.spent.plus(state.reserved)
    }
}

enum Tried<'a> {
    Granted(Reserve<'a>),
    Refused(Exhausted),
    Wait,
}

impl Reserve<'_> {
    /// US dollars set aside.
    pub fn amount(&self) -> f64 {
        self.amount.usd()
    }

    /// The call is about to be sent: from now on it may be paid.
    pub fn send(&mut self) {
        self.is_sent = true;
    }

    /// US dollars that the journal is to keep for an outcome.
    pub fn cost_of(&self, paid: Paid) -> f64 {
        self.money_of(paid).usd()
    }

    /// The call came to this. Gives the overrun where it cost more than was set aside.
    pub fn settle(mut self, paid: Paid) -> Option<Overrun> {
        let overrun = self.overrun(paid);
        self.close(self.money_of(paid), paid == Paid::Unknown);
        overrun
    }

    /// Whether that is more than the call could cost.
    pub fn overrun(&self, paid: Paid) -> Option<Overrun> {
        let cost = self.money_of(paid);
        (cost > self.amount).then(|| Overrun { reserved: self.amount.usd(), cost: cost.usd() })
    }

    fn money_of(&self, paid: Paid) -> Money {
        match paid {
            Paid::Nothing => Money::ZERO,
            Paid::Reported(cost) => cost,
            Paid::Unknown => self.amount,
        }
    }

    fn close(&mut self, cost: Money, is_assumed: bool) {
        if std::mem::replace(&mut self.is_closed, true) {
            return;
        }
        {
            let mut state = unpoisoned(&self.budget.state);
            state.reserved = state.reserved.minus(self.amount);
            state.spent += cost;
            if is_assumed {
                state.assumed += cost;
            }
            state.open = state.open.saturating_sub(1);
        }
        self.budget.freed.notify_waiters();
        self.budget.day.settle(self.day, self.amount, cost);
    }
}

impl Drop for Reserve<'_> {
    fn drop(&mut self) {
        let cost = if self.is_sent { self.amount } else { Money::ZERO };
        self.close(cost, self.is_sent);
    }
}

/// What a call can cost at most, whatever the provider bills for it; `None`: the price is unknown.
///
/// A token stands for at least one byte of text in every tokenizer in use, so the texts' bytes and
/// what a chat template adds bound the tokens read; the longest answer asked for bounds those
/// written. The dearest tier that so long a prompt can reach counts, and of the prices of tokens
/// read the dearest. A choice may be asked twice: by probabilities, then in words
/// ([`crate::providers::RemoteModel`]).
pub fn worst_case(call: &Call, price: Option<&Price>) -> Option<Money> {
    let price = price?;
    let texts: u64 =
        call.messages.iter().map(|message| message.content.len() as u64 + TOKENS_PER_MESSAGE).sum();
    let read = texts + TOKENS_PER_REQUEST;
    // No server takes a longest answer of 0; see the dialects.
    let written = u64::from(call.sampling.max_tokens.max(1));
    let once = price.most(read, written);
    Some(match call.want {
        Want::Text => once,
        Want::Choice(_) => once.plus(price.most(read, CHOICE_TOKENS.min(written))),
    })
}

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;
