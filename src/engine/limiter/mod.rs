//! How many calls of one model with one key may be in flight, and how many a second: as many as
//! its provider bears. Shared by all runs of the process.
//!
//! [`window`] says how many at once (additive increase, multiplicative decrease, slow start),
//! [`pace`] how many a second (learned from refusals, or told by headers), [`lane`] who goes next,
//! [`warm`] who waits so that a provider's cache pays.
//! This file only adds the clock and the waiting to them. It never falls below one request at
//! once nor one in ten minutes, so it can't freeze.

mod company;
mod lane;
mod noise;
mod pace;
mod prefix;
mod retries;
mod run_seats;
mod told;
mod warm;
mod window;

#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until};

use self::lane::{Asker, Granted, Lane, Stage, Ticket};
use self::retries::Retries;
use super::pulse::{Hold, LaneState};
use crate::providers::{CacheMarks, Quota};
use crate::store::unpoisoned;

pub(super) use self::company::Company;
pub use self::lane::Turn;
pub use self::prefix::Prefix;
pub use self::run_seats::RunSeats;

/// Where a limit starts at hosts of others, unless its bound is lower or the user said how many at
/// once (promptfoo and Inspect begin alike).
pub const START: u32 = 8;

/// Bounds the calls of one model with one key.
pub struct Limiter {
    state: Mutex<State>,
    /// Told when calls wait for a moment that is sooner than the one slept for.
    sooner: Notify,
}

struct State {
    lane: Lane<Waiter>,
    retries: Retries,
    /// Until when the alarm sleeps; `None`: there is no alarm.
    alarm: Option<Instant>,
}

/// Who waits: for a place on deck it is told nothing, for a seat its ticket.
type Waiter = oneshot::Sender<Option<Ticket>>;

impl Limiter {
    /// A limiter that never allows more than `bound` calls at once and starts with `start`.
    pub fn new(bound: u32, start: u32) -> Arc<Self> {
        Self::beside(bound, start, Arc::default())
    }

    /// The same beside the limiters of other models that have its address and key.
    pub(super) fn beside(bound: u32, start: u32, company: Arc<Company>) -> Arc<Self> {
        let lane = Lane::new(bound, start, company);
        let state = State { lane, retries: Retries::default(), alarm: None };
        Arc::new(Self { state: Mutex::new(state), sooner: Notify::new() })
    }

    /// Sets the bound.
    pub fn bind(self: &Arc<Self>, bound: u32) {
        self.lock().lane.window().bind(bound);
        self.look();
    }

    /// Raises the bound to at least this.
    pub fn widen(self: &Arc<Self>, bound: u32) {
        {
            let mut state = self.lock();
            let bound = bound.max(state.lane.window().bound());
            state.lane.window().bind(bound);
        }
        self.look();
    }

    /// Where nothing is known yet of what the provider bears, it starts with at least this, within
    /// the bound.
    pub fn begin_at(self: &Arc<Self>, start: u32) {
        self.lock().lane.window().begin_at(start);
        self.look();
    }

    /// Calls of a run that wait here.
    pub fn waiting_of(&self, run: &RunSeats) -> u32 {
        self.lock().lane.waiting_of(run.number())
    }

    /// Waits for a place on deck: what the call needs before it is sent may be made ready.
    pub async fn deck(
        self: &Arc<Self>,
        run: &Arc<RunSeats>,
        turn: Turn,
        prefix: &Prefix,
    ) -> OnDeck {
        run.joins(self);
        let mut asker = Asker { turn, prefix: prefix.clone(), number: 0 };
        (asker.number, _) = self.wait(run, Stage::Deck, &asker, 0.0).await;
        let is_sent = AtomicBool::new(false);
        OnDeck { limiter: Arc::clone(self), run: Arc::clone(run), asker, is_sent }
    }

    /// How many calls may be in flight now.
    pub fn limit(&self) -> u32 {
        self.lock().lane.window().limit()
    }

    /// Whether a call that failed may be tried again soon: such attempts are few beside what is
    /// answered. Else it may so only after the longest wait.
    pub fn may_retry_soon(&self) -> bool {
        self.lock().retries.take()
    }

    /// What it does now; `model` is who answers.
    pub fn snapshot(&self, model: &str) -> LaneState {
        let now = Instant::now();
        let mut state = self.lock();
        let lane = &mut state.lane;
        let waiting = lane.waiting();
        let hold = match lane.pace.peek(now) {
            Some(at) if waiting > 0 => {
                Some(Hold::RateLimit { wait: at.saturating_duration_since(now) })
            }
            _ => None,
        };
        LaneState {
            model: model.to_owned(),
            in_flight: lane.in_flight(),
            limit: lane.window().limit(),
            bound: lane.window().bound(),
            waiting,
            per_second: lane.pace.per_second(),
            tokens_per_minute: lane.pace.tokens_per_minute(),
            slow_downs: lane.slow_downs(),
            hold,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        unpoisoned(&self.state)
    }

    /// Waits in line; gives the number that it had there, and for a seat its ticket.
    async fn wait(
        self: &Arc<Self>,
        run: &Arc<RunSeats>,
        stage: Stage,
        asker: &Asker,
        tokens: f64,
    ) -> (u64, Option<Ticket>) {
        let (sender, granted) = oneshot::channel();
        let serial = {
            let mut state = self.lock();
            match stage {
                Stage::Deck => state.lane.line_up(run, asker.clone(), sender),
                Stage::Seat => state.lane.ask_seat(run, asker.clone(), tokens, sender),
            }
        };
        let mut line = Line { limiter: self, run: run.number(), stage, asker, serial, granted };
        self.look();
        // The sender is in the queue until it is used, so this can't fail.
        (serial, (&mut line.granted).await.ok().flatten())
    }

    /// Lets through who may go.
    pub(super) fn look(self: &Arc<Self>) {
        let mut state = self.lock();
        let (granted, again) = state.lane.grant(Instant::now());
        let mut is_left = false;
        for grant in granted {
            // Who no longer waits has left the queue, so nothing is given in vain; to be safe,
            // what would be is given back.
            match grant {
                Granted::Deck(sender, run) => {
                    if sender.send(None).is_err() {
                        state.lane.off_deck(run);
                        is_left = true;
                    }
                }
                Granted::Seat(sender, ticket) => {
                    if sender.send(Some(ticket)).is_err() {
                        state.lane.left(&ticket);
                        is_left = true;
                    }
                }
            }
        }
        let alarm = again.filter(|at| state.alarm.is_none_or(|alarm| *at < alarm));
        let is_set = state.alarm.is_some();
        if alarm.is_some() {
            state.alarm = alarm;
        }
        drop(state);
        match alarm {
            Some(_) if is_set => self.sooner.notify_one(),
            Some(_) => self.set_alarm(),
            None => {}
        }
        if is_left {
            self.look();
        }
    }

    /// Starts what looks again when the pace allows the next call.
    fn set_alarm(self: &Arc<Self>) {
        let alarm = Alarm(Arc::downgrade(self));
        // Without a runtime there is nobody left who waits.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            loop {
                let Some(limiter) = alarm.0.upgrade() else { return };
                let Some(at) = limiter.lock().alarm else { return };
                tokio::select! {
                    () = sleep_until(at) => break,
                    () = limiter.sooner.notified() => {}
                }
            }
            let limiter = alarm.0.upgrade();
            drop(alarm);
            if let Some(limiter) = limiter {
                limiter.look();
            }
        });
    }
}

/// Somebody's place in a queue; dropping it leaves the queue, and gives back what was granted and
/// not taken.
struct Line<'a> {
    limiter: &'a Arc<Limiter>,
    run: u64,
    stage: Stage,
    asker: &'a Asker,
    serial: u64,
    granted: oneshot::Receiver<Option<Ticket>>,
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        {
            let mut state = self.limiter.lock();
            state.lane.leave(self.run, self.stage, self.asker, self.serial);
            match self.granted.try_recv() {
                Ok(None) => {
                    state.lane.off_deck(self.run);
                    state.lane.leads_no_more(self.serial);
                }
                Ok(Some(ticket)) => state.lane.left(&ticket),
                Err(_taken_or_never_given) => return,
            }
        }
        self.limiter.look();
    }
}

/// While it lives, an alarm is set.
struct Alarm(Weak<Limiter>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if let Some(limiter) = self.0.upgrade() {
            limiter.lock().alarm = None;
        }
    }
}

/// A call that is made ready to be sent. Dropping it makes room for the next.
pub struct OnDeck {
    limiter: Arc<Limiter>,
    run: Arc<RunSeats>,
    asker: Asker,
    /// Whether it has had a seat; who has that leads those that begin alike.
    is_sent: AtomicBool,
}

impl OnDeck {
    /// Waits for the right to send a request of about so many tokens.
    pub async fn seat(&self, tokens: f64) -> Option<Seat> {
        let (_, ticket) = self.limiter.wait(&self.run, Stage::Seat, &self.asker, tokens).await;
        let ticket = ticket?;
        self.is_sent.store(true, Ordering::Relaxed);
        let (limiter, run) = (Arc::clone(&self.limiter), Arc::clone(&self.run));
        Some(Seat { limiter, run, ticket, asker: self.asker.clone() })
    }
}

impl Drop for OnDeck {
    fn drop(&mut self) {
        {
            let mut state = self.limiter.lock();
            state.lane.off_deck(self.run.number());
            if !self.asker.prefix.is_none() && !self.is_sent.load(Ordering::Relaxed) {
                state.lane.leads_no_more(self.asker.number);
            }
        }
        self.limiter.look();
    }
}

/// The right to have one request in flight.
pub struct Seat {
    limiter: Arc<Limiter>,
    run: Arc<RunSeats>,
    ticket: Ticket,
    asker: Asker,
}

/// Tells that an answer begins.
pub struct Begins {
    limiter: Weak<Limiter>,
    number: u64,
    is_told: AtomicBool,
}

impl Begins {
    /// Its first words are there; what comes later says nothing new.
    pub fn tell(&self) {
        if !self.is_told.swap(true, Ordering::Relaxed)
            && let Some(limiter) = self.limiter.upgrade()
        {
            let is_awaited = limiter.lock().lane.begins(self.number, Instant::now());
            if is_awaited {
                limiter.look();
            }
        }
    }
}

impl Seat {
    /// The request was answered and took so many tokens, where that is known.
    pub fn answered(&self, tokens: Option<f64>) {
        let mut state = self.limiter.lock();
        state.lane.answered(&self.ticket, tokens, Instant::now());
        state.retries.answered();
    }

    /// The cache marks that the request is to have.
    pub fn marks(&self) -> CacheMarks {
        self.ticket.marks
    }

    /// What is to hear that the answer begins; `None`: nobody waits for that.
    pub fn begins(&self) -> Option<Begins> {
        (!self.asker.prefix.is_none()).then(|| Begins {
            limiter: Arc::downgrade(&self.limiter),
            number: self.asker.number,
            is_told: AtomicBool::new(false),
        })
    }

    /// The provider has what the answered request begins with; `is_kept`: it does not say that it
    /// kept none of it.
    pub fn warms(&self, is_kept: bool) {
        if !self.asker.prefix.is_none() {
            let (prefix, now) = (&self.asker.prefix, Instant::now());
            self.limiter.lock().lane.warms(prefix, &self.ticket, is_kept, now);
        }
    }

    /// It failed, and not because it was one too many.
    pub fn failed(&self, is_timeout: bool) {
        self.limiter.lock().lane.failed(&self.ticket, is_timeout, Instant::now());
    }

    /// The provider said to slow down: because of the rate, or else because it is overloaded.
    pub fn slow_down(&self, is_rate: bool, told: Option<Duration>) {
        self.limiter.lock().lane.slow_down(&self.ticket, is_rate, told, Instant::now());
    }

    /// What the provider's headers said with the answer.
    pub fn heard(&self, quota: &Quota) {
        self.limiter.lock().lane.heard(&self.ticket, quota, Instant::now());
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        {
            let mut state = self.limiter.lock();
            state.lane.left(&self.ticket);
            if !self.asker.prefix.is_none() {
                state.lane.leads_no_more(self.asker.number);
            }
        }
        self.limiter.look();
        self.run.others_look(&self.limiter);
    }
}
