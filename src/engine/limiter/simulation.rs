//! A provider and the calls to it, in simulated time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::engine::control::{Controls, Limits};
use crate::providers::Allowance;

/// A provider with a token bucket, seconds from the start.
pub(super) struct Server {
    /// Requests a second at a time, and how many may go at once.
    pub(super) rate: fn(f64) -> f64,
    pub(super) burst: f64,
    /// Seconds that an answer takes, and a refusal.
    pub(super) latency: f64,
    pub(super) refusal: f64,
    /// Whole seconds are told with a refusal.
    pub(super) tells_wait: bool,
    /// What is left is told with each answer.
    pub(super) tells_quota: bool,
    /// The share of answers that are 500s.
    pub(super) faults: f64,
    pub(super) level: f64,
    pub(super) at: f64,
}

impl Server {
    pub(super) fn new(rate: fn(f64) -> f64, burst: f64) -> Self {
        Self {
            rate,
            burst,
            latency: 0.05,
            refusal: 0.002,
            tells_wait: true,
            tells_quota: false,
            faults: 0.0,
            level: burst,
            at: 0.0,
        }
    }

    fn admits(&mut self, at: f64) -> bool {
        let passed = (at - self.at).max(0.0);
        self.level = (self.level + passed * (self.rate)(at)).min(self.burst);
        self.at = at;
        let admits = self.level >= 1.0;
        if admits {
            self.level -= 1.0;
        }
        admits
    }

    fn quota(&self) -> Quota {
        let missing = self.burst - self.level;
        let reset = Duration::from_secs_f64((missing / (self.rate)(self.at).max(1e-3)).min(3600.0));
        let allowance = Allowance { limit: self.burst, remaining: self.level.floor(), reset };
        Quota { requests: Some(allowance), tokens: None }
    }
}

/// What happens to a call.
#[derive(Debug, Clone, Copy)]
enum Happens {
    /// It wants a place on deck.
    Asks,
    /// Its intent is committed.
    Ready,
    Answered(Ticket, Outcome),
    /// Nothing: the pace of this lane may allow somebody to go.
    Look(usize),
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Fine(Option<Quota>),
    Fault,
    TooMany(Option<Quota>),
}

/// What came of it, by time.
#[derive(Default)]
pub(super) struct Record {
    pub(super) sent: Vec<f64>,
    pub(super) refused: Vec<f64>,
    pub(super) fine: Vec<f64>,
    pub(super) faults: usize,
    pub(super) busy: f64,
}

impl Record {
    pub(super) fn within(times: &[f64], from: f64, to: f64) -> usize {
        times.iter().filter(|at| (from..to).contains(*at)).count()
    }

    pub(super) fn fine_per_second(&self, from: f64, to: f64) -> f64 {
        Self::within(&self.fine, from, to) as f64 / (to - from)
    }

    pub(super) fn refused_share(&self) -> f64 {
        self.refused.len() as f64 / self.sent.len().max(1) as f64
    }

    pub(super) fn end(&self) -> f64 {
        self.fine.last().copied().unwrap_or(0.0)
    }
}

/// Lanes beside each other with `rows` to do, `at_once` at most, each starting with `start`. A
/// row's calls follow on each other; the n-th goes to the lane that `way` names.
pub(super) struct Simulation {
    lanes: Vec<Lane<usize>>,
    way: Vec<usize>,
    run: Arc<RunSeats>,
    /// One for all lanes, or one for each.
    servers: Vec<Server>,
    begun: Instant,
    events: BinaryHeap<(Reverse<u64>, Reverse<u64>, usize)>,
    happens: Vec<Happens>,
    random: ChaCha8Rng,
    record: Record,
    /// When the pace of a lane is looked at again.
    looks: Vec<Option<(f64, usize)>>,
    /// Slots of the server, where it has few: it queues what is more.
    pub(super) slots: Option<BinaryHeap<Reverse<u64>>>,
}

const MICROS: f64 = 1e6;

impl Simulation {
    pub(super) fn new(server: Server, at_once: u32, start: u32) -> Self {
        Self::of(vec![server], at_once, start, &[0])
    }

    /// The same with rows whose calls go to several lanes.
    pub(super) fn of(servers: Vec<Server>, at_once: u32, start: u32, way: &[usize]) -> Self {
        let company = Arc::<Company>::default();
        let most = way.iter().max().map_or(1, |last| last + 1);
        let lanes = (0..most).map(|_| Lane::new(at_once, start, Arc::clone(&company)));
        let limits = Limits { at_once: at_once as usize, ..Limits::default() };
        Self {
            lanes: lanes.collect(),
            way: way.to_vec(),
            run: RunSeats::new(Controls::new(limits)),
            servers,
            begun: Instant::now(),
            events: BinaryHeap::new(),
            happens: Vec::new(),
            random: ChaCha8Rng::seed_from_u64(4),
            record: Record::default(),
            looks: vec![None; most],
            slots: None,
        }
    }

    fn plan(&mut self, at: f64, call: usize, happens: Happens) {
        let serial = self.happens.len() as u64;
        self.happens.push(happens);
        self.events.push((Reverse((at * MICROS) as u64), Reverse(serial), call));
    }

    pub(super) fn run(mut self, rows: usize, until: f64) -> Record {
        for row in 0..rows {
            self.plan(0.0, row * self.way.len(), Happens::Asks);
        }
        while let Some((Reverse(micros), Reverse(serial), call)) = self.events.pop() {
            let at = micros as f64 / MICROS;
            if at > until {
                break;
            }
            let serial = serial as usize;
            if let Happens::Look(lane) = self.happens[serial]
                && self.looks[lane].is_none_or(|(_, look)| look != serial)
            {
                continue;
            }
            self.happen(at, call, serial);
            self.grant(at);
        }
        self.record
    }

    fn happen(&mut self, at: f64, call: usize, serial: usize) {
        let now = self.begun + Duration::from_secs_f64(at);
        let (row, step) = (call / self.way.len(), call % self.way.len());
        let turn = Turn { done: step as u32, row: row as u64 };
        let lane = self.way[step];
        match self.happens[serial] {
            Happens::Asks => drop(self.lanes[lane].line_up(&self.run, turn, call)),
            Happens::Ready => {
                self.lanes[lane].off_deck(self.run.number());
                self.lanes[lane].ask_seat(&self.run, turn, 100.0, call);
            }
            Happens::Look(lane) => {
                self.looks[lane] = None;
            }
            Happens::Answered(ticket, outcome) => {
                self.lanes[lane].left(&ticket);
                match outcome {
                    Outcome::Fine(quota) => {
                        self.record.fine.push(at);
                        if step + 1 < self.way.len() {
                            self.plan(at + 0.003, call + 1, Happens::Asks);
                        }
                        self.lanes[lane].answered(&ticket, None, now);
                        if let Some(quota) = &quota {
                            self.lanes[lane].heard(&ticket, quota, now);
                        }
                    }
                    Outcome::Fault => {
                        self.record.faults += 1;
                        self.lanes[lane].failed(&ticket, false, now);
                        let wait = self.random.random_range(0.0..1.0);
                        self.plan(at + wait, call, Happens::Asks);
                    }
                    Outcome::TooMany(quota) => {
                        self.record.refused.push(at);
                        let told = self.servers[0].tells_wait.then_some(Duration::from_secs(1));
                        self.lanes[lane].slow_down(&ticket, true, told, now);
                        if let Some(quota) = &quota {
                            self.lanes[lane].heard(&ticket, quota, now);
                        }
                        let wait = 1.0 + self.random.random_range(0.0..0.25);
                        self.plan(at + wait, call, Happens::Asks);
                    }
                }
            }
        }
    }

    fn grant(&mut self, at: f64) {
        for lane in 0..self.lanes.len() {
            self.grant_of(lane, at);
        }
    }

    fn grant_of(&mut self, lane: usize, at: f64) {
        let now = self.begun + Duration::from_secs_f64(at);
        let (granted, again) = self.lanes[lane].grant(now);
        for grant in granted {
            match grant {
                // A commit takes three milliseconds.
                Granted::Deck(call, _) => self.plan(at + 0.003, call, Happens::Ready),
                Granted::Seat(call, ticket) => self.send(at, call, ticket),
            }
        }
        if let Some(again) = again {
            // Timers are late.
            let at = again.saturating_duration_since(self.begun).as_secs_f64() + 0.001;
            if self.looks[lane].is_none_or(|(look, _)| at < look) {
                self.looks[lane] = Some((at, self.happens.len()));
                self.plan(at, usize::MAX, Happens::Look(lane));
            }
        }
    }

    fn send(&mut self, at: f64, call: usize, ticket: Ticket) {
        self.record.sent.push(at);
        let lane = self.way[call % self.way.len()].min(self.servers.len() - 1);
        let server = &mut self.servers[lane];
        let is_admitted = server.admits(at);
        let quota = server.tells_quota.then(|| server.quota());
        let (refusal, faults, latency) = (server.refusal, server.faults, server.latency);
        if !is_admitted {
            let outcome = Outcome::TooMany(quota);
            self.plan(at + refusal, call, Happens::Answered(ticket, outcome));
            return;
        }
        let is_fault = self.random.random_bool(faults);
        let outcome = if is_fault { Outcome::Fault } else { Outcome::Fine(quota) };
        let end = match &mut self.slots {
            None => at + latency,
            Some(slots) => {
                let free = slots.pop().map_or(0, |Reverse(free)| free);
                let end = (at * MICROS).max(free as f64) + latency * MICROS;
                slots.push(Reverse(end as u64));
                end / MICROS
            }
        };
        self.record.busy += latency;
        self.plan(end, call, Happens::Answered(ticket, outcome));
    }
}
