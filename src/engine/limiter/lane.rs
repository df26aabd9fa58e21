//! Who goes next to one model with one key: the queue of calls of all runs, and what lets them
//! through. Pure: time comes in with each call, and who waits is any value.
//!
//! A call waits twice. First for its place *on deck*, where its money is set aside and its intent
//! committed; a quarter as many as may be in flight stand there, so that a seat that is left is
//! taken at once and not a commit later. Then for its *seat*. Both go
//!
//! - to the run that has the fewest requests in flight here, so that one prompt tried in between
//!   does not wait for ten thousand;
//! - within a run, while there are rows that have not begun, to the row that is furthest along, so
//!   that a run that is stopped has whole rows; from then on to the row that has the most calls
//!   before it, so that no row is left to end alone;
//! - between equals, to the older row; within a row, to calls that begin alike one after another.
//!
//! Of calls that share a long beginning the first goes alone ([`super::warm`]): the others wait
//! beside the line, where they are in nobody's way, and come back to their places in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::company::Company;
use super::pace::Pace;
use super::prefix::Prefix;
use super::run_seats::RunSeats;
use super::warm::{LONGEST_WAIT, Parked, Warmth};
use super::window::Window;
use crate::providers::{CacheMarks, Quota};

/// On deck are this part of those in flight, …
const DECK: u32 = 4;
/// … two at least, as far as so many may be in flight, …
const SMALLEST_DECK: u32 = 2;
/// … and no more than this: after a crash nobody knows whether they were sent.
const LARGEST_DECK: u32 = 64;
/// The weight of the newest answer in the mean time that an answer takes.
const NEWEST: f64 = 0.1;

/// What a call's turn goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    /// Calls of its row that are answered.
    pub done: u32,
    /// Its row's place in the run.
    pub row: u64,
}

/// Who stands in line, as far as the line goes by it.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    pub(super) turn: Turn,
    pub(super) prefix: Prefix,
    /// Its number in the line for the deck; 0 while it has none.
    pub(super) number: u64,
}

impl From<Turn> for Asker {
    fn from(turn: Turn) -> Self {
        Self { turn, prefix: Prefix::default(), number: 0 }
    }
}

/// Somebody's place in a queue: rank, row, what it begins with, and a number that makes it unique.
type Place = (u32, u64, u64, u64);

/// What a queue gives.
#[derive(Debug)]
pub(super) enum Granted<T> {
    /// A place on deck, in the run of that number.
    Deck(T, u64),
    Seat(T, Ticket),
}

/// A request in flight.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    pub(super) nth: u64,
    pub(super) sent_at: Instant,
    pub(super) run: u64,
    /// The cache marks that it has.
    pub(super) marks: CacheMarks,
    /// Tokens that it was thought to take, and those sent up to it.
    tokens: f64,
    tokens_sent: f64,
}

/// What is behind a limiter.
pub(super) struct Lane<T> {
    window: Window,
    pub(super) pace: Pace,
    queues: BTreeMap<u64, Queue<T>>,
    serial: u64,
    in_flight: u32,
    slow_downs: u64,
    /// Seconds that an answer takes.
    takes: Option<f64>,
    warmth: Warmth,
}

struct Queue<T> {
    run: Arc<RunSeats>,
    is_tail: bool,
    deck: BTreeMap<Place, (Asker, T)>,
    seats: BTreeMap<Place, (Asker, T, f64)>,
    /// Those that wait for the first with the same beginning, by their number.
    parked: BTreeMap<u64, (Asker, T)>,
    on_deck: u32,
    in_flight: u32,
}

/// Which of a queue's two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Deck,
    Seat,
}

impl<T> Lane<T> {
    /// A lane beside those of other models that have its address and key.
    pub(super) fn new(bound: u32, start: u32, company: Arc<Company>) -> Self {
        Self {
            window: Window::new(bound, start),
            pace: Pace::new(company),
            queues: BTreeMap::new(),
            serial: 0,
            in_flight: 0,
            slow_downs: 0,
            takes: None,
            warmth: Warmth::default(),
        }
    }

    pub(super) fn window(&mut self) -> &mut Window {
        &mut self.window
    }

    pub(super) fn in_flight(&self) -> u32 {
        self.in_flight
    }

    pub(super) fn slow_downs(&self) -> u64 {
        self.slow_downs
    }

    /// Calls that wait for a place on deck or for a seat.
    pub(super) fn waiting(&self) -> u32 {
        self.queues.values().map(Queue::waiting).sum()
    }

    /// Those of one run.
    pub(super) fn waiting_of(&self, run: u64) -> u32 {
        self.queues.get(&run).map_or(0, Queue::waiting)
    }

    /// Stands in line for a place on deck; gives the number by which to leave it again.
    pub(super) fn line_up(&mut self, run: &Arc<RunSeats>, asker: impl Into<Asker>, who: T) -> u64 {
        let asker = asker.into();
        self.serial += 1;
        let serial = self.serial;
        self.warmth.joins(&asker.prefix);
        let queue = self.queue(run);
        let place = queue.place(&asker, serial);
        queue.deck.insert(place, (asker, who));
        serial
    }

    /// Stands in line for a seat, for a request of about so many tokens.
    pub(super) fn ask_seat(
        &mut self,
        run: &Arc<RunSeats>,
        asker: impl Into<Asker>,
        tokens: f64,
        who: T,
    ) -> u64 {
        let asker = asker.into();
        self.serial += 1;
        let serial = self.serial;
        self.warmth.joins(&asker.prefix);
        let queue = self.queue(run);
        let place = queue.place(&asker, serial);
        queue.seats.insert(place, (asker, who, tokens));
        serial
    }

    /// Leaves a line; where it was no longer in it, nothing happens.
    pub(super) fn leave(&mut self, run: u64, stage: Stage, asker: &Asker, serial: u64) {
        let Some(queue) = self.queues.get_mut(&run) else { return };
        let place = queue.place(asker, serial);
        let was_in = match stage {
            Stage::Deck => {
                queue.deck.remove(&place).is_some() || queue.parked.remove(&serial).is_some()
            }
            Stage::Seat => queue.seats.remove(&place).is_some(),
        };
        if was_in {
            self.warmth.leaves(&asker.prefix);
        }
    }

    /// Leaves a place on deck.
    pub(super) fn off_deck(&mut self, run: u64) {
        if let Some(queue) = self.queues.get_mut(&run) {
            queue.on_deck = queue.on_deck.saturating_sub(1);
        }
        self.tidy(run);
    }

    /// Gives all places and seats that are free; with it, when to ask again if calls wait for the
    /// pace alone.
    pub(super) fn grant(&mut self, now: Instant) -> (Vec<Granted<T>>, Option<Instant>) {
        let mut granted = Vec::new();
        let mut again = None;
        let freed = self.warmth.expire(now);
        self.line_up_again(freed);
        for queue in self.queues.values_mut() {
            queue.turn_to_tail();
        }
        while self.in_flight < self.window.limit() {
            let mut wake = None;
            let free = |queue: &&mut Queue<T>| {
                !queue.seats.is_empty()
                    && queue.run.may_send(now).map_err(|at| wake = sooner(wake, at)).is_ok()
            };
            // Of equals the first, which is the older run.
            let next = self.queues.values_mut().filter(free).min_by_key(|queue| queue.in_flight);
            again = wake;
            let Some(queue) = next else { break };
            let Some((place, tokens)) =
                queue.seats.first_key_value().map(|(place, (_, _, tokens))| (*place, *tokens))
            else {
                break;
            };
            if let Err(at) = self.pace.next(now, tokens) {
                again = sooner(again, Some(at));
                break;
            }
            let Some((asker, who, _)) = queue.seats.remove(&place) else { break };
            let mut marks = CacheMarks::default();
            if !asker.prefix.is_none() {
                self.warmth.leaves(&asker.prefix);
                let wait = wait_for_first(self.takes);
                marks = self.warmth.sent(&asker.prefix, asker.number, now, wait);
            }
            let (nth, tokens_sent) = self.pace.sent(now, tokens);
            queue.run.sends();
            queue.in_flight += 1;
            self.in_flight += 1;
            let run = queue.run.number();
            let ticket = Ticket { nth, sent_at: now, run, marks, tokens, tokens_sent };
            granted.push(Granted::Seat(who, ticket));
        }
        let deck = (self.window.limit() / DECK).clamp(SMALLEST_DECK, LARGEST_DECK);
        for queue in self.queues.values_mut() {
            // Who has its seat has left the deck by itself.
            let at_once = queue.run.at_once();
            // A small run is not held up by the commits of its intents.
            let few = if at_once < DECK { 1 } else { SMALLEST_DECK };
            let deck = deck.min((at_once / DECK).max(few));
            while queue.on_deck < deck
                && let Some(((.., serial), (asker, who))) = queue.deck.pop_first()
            {
                let run = queue.run.number();
                if !asker.prefix.is_none() {
                    if let Err(led) = self.warmth.enter(&asker.prefix, serial, now) {
                        self.warmth.park(led, (run, serial));
                        queue.parked.insert(serial, (asker, who));
                        continue;
                    }
                    self.warmth.leaves(&asker.prefix);
                }
                queue.on_deck += 1;
                granted.push(Granted::Deck(who, run));
            }
        }
        (granted, sooner(again, self.warmth.alarm()))
    }

    /// The answer to the call of that number begins: what it leads is in the provider's cache.
    /// True where others waited for that.
    pub(super) fn begins(&mut self, number: u64, now: Instant) -> bool {
        let freed = self.warmth.begins(number, now);
        let is_awaited = !freed.is_empty();
        self.line_up_again(freed);
        is_awaited
    }

    /// A call that begins so was answered; `is_kept` as for [`Warmth::answered`].
    pub(super) fn warms(&mut self, prefix: &Prefix, ticket: &Ticket, is_kept: bool, now: Instant) {
        let freed = self.warmth.answered(prefix, ticket.marks, is_kept, now);
        self.line_up_again(freed);
    }

    /// The call of that number leads nobody any more.
    pub(super) fn leads_no_more(&mut self, number: u64) {
        let freed = self.warmth.over(number);
        self.line_up_again(freed);
    }

    /// Puts calls that waited for a first one back into their places in line.
    fn line_up_again(&mut self, freed: Vec<Parked>) {
        for (run, serial) in freed {
            if let Some(queue) = self.queues.get_mut(&run)
                && let Some((asker, who)) = queue.parked.remove(&serial)
            {
                queue.deck.insert(queue.place(&asker, serial), (asker, who));
            }
        }
    }

    /// A request is over, whatever came of it.
    pub(super) fn left(&mut self, ticket: &Ticket) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if let Some(queue) = self.queues.get_mut(&ticket.run) {
            queue.in_flight = queue.in_flight.saturating_sub(1);
            queue.run.lands();
        }
        self.tidy(ticket.run);
    }

    /// It was answered; `tokens` are those that it took, where that is known.
    pub(super) fn answered(&mut self, ticket: &Ticket, tokens: Option<f64>, now: Instant) {
        self.pace.passed(ticket.nth, now);
        self.window.answered(self.in_flight);
        let took = now.saturating_duration_since(ticket.sent_at).as_secs_f64();
        let mean = self.takes.unwrap_or(took);
        self.takes = Some(mean + NEWEST * (took - mean));
        if let Some(needed) = self.needed() {
            self.window.needs(needed);
        }
        if let Some(tokens) = tokens {
            self.pace.correct(now, tokens - ticket.tokens);
        }
    }

    /// It failed, but not because it was one too many.
    pub(super) fn failed(&mut self, ticket: &Ticket, is_timeout: bool, now: Instant) {
        self.pace.passed(ticket.nth, now);
        if is_timeout {
            let sent = self.pace.sent_so_far();
            self.window.timed_out(ticket.nth, sent);
        } else {
            self.window.answered(self.in_flight);
        }
    }

    /// The provider said to slow down: because of the rate, or because it is overloaded.
    pub(super) fn slow_down(
        &mut self,
        ticket: &Ticket,
        is_rate: bool,
        told: Option<Duration>,
        now: Instant,
    ) {
        self.slow_downs += 1;
        if is_rate {
            self.pace.refused(ticket.nth, ticket.sent_at, told, now);
        } else {
            self.pace.passed(ticket.nth, now);
        }
        let needed = self.needed().unwrap_or(1);
        let sent = self.pace.sent_so_far();
        self.window.slow_down(ticket.nth, sent, needed);
    }

    /// The provider's headers, as they came with the answer to a request.
    pub(super) fn heard(&mut self, ticket: &Ticket, quota: &Quota, now: Instant) {
        self.pace.heard(quota, ticket.nth, ticket.tokens_sent, now);
    }

    /// What the provider's rate keeps in flight by Little's law, half as much again for what
    /// varies; `None` where the rate is not known.
    fn needed(&self) -> Option<u32> {
        let needed = (self.pace.measured()? * self.takes? * 1.5).ceil();
        Some((needed as u32).saturating_add(1))
    }

    fn queue(&mut self, run: &Arc<RunSeats>) -> &mut Queue<T> {
        self.queues.entry(run.number()).or_insert_with(|| Queue {
            run: Arc::clone(run),
            is_tail: run.is_tail(),
            deck: BTreeMap::new(),
            seats: BTreeMap::new(),
            parked: BTreeMap::new(),
            on_deck: 0,
            in_flight: 0,
        })
    }

    /// Forgets a run that has nothing here.
    fn tidy(&mut self, run: u64) {
        if self.queues.get(&run).is_some_and(Queue::is_idle) {
            self.queues.remove(&run);
        }
    }
}

impl<T> Queue<T> {
    fn place(&self, asker: &Asker, serial: u64) -> Place {
        let Turn { done, row } = asker.turn;
        let rank = if self.is_tail { done } else { u32::MAX - done };
        (rank, row, asker.prefix.group(), serial)
    }

    fn waiting(&self) -> u32 {
        (self.deck.len() + self.seats.len() + self.parked.len()) as u32
    }

    fn is_idle(&self) -> bool {
        self.waiting() == 0 && self.on_deck == 0 && self.in_flight == 0
    }

    /// Once the run's last row has begun, the order turns round.
    fn turn_to_tail(&mut self) {
        if self.is_tail == self.run.is_tail() {
            return;
        }
        self.is_tail = !self.is_tail;
        let deck = std::mem::take(&mut self.deck);
        for ((.., serial), (asker, who)) in deck {
            self.deck.insert(self.place(&asker, serial), (asker, who));
        }
        let seats = std::mem::take(&mut self.seats);
        for ((.., serial), (asker, who, tokens)) in seats {
            self.seats.insert(self.place(&asker, serial), (asker, who, tokens));
        }
    }
}

/// How long calls wait at most for one with the same beginning that was sent; `takes`: seconds
/// that an answer takes.
fn wait_for_first(takes: Option<f64>) -> Duration {
    let twice = takes.map(|takes| Duration::from_secs_f64((2.0 * takes).clamp(0.0, 3600.0)));
    twice.map_or(LONGEST_WAIT, |twice| twice.min(LONGEST_WAIT))
}

fn sooner(wake: Option<Instant>, at: Option<Instant>) -> Option<Instant> {
    match (wake, at) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
