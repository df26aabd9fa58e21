//! The limiter against a simulated provider, in simulated time: what `reliability.md` promises of
//! rates (R9), whatever the machine that tests it is doing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::engine::control::{Controls, Limits};
use crate::providers::Allowance;

/// A provider with a token bucket, seconds from the start.
struct Server {
    /// Requests a second at a time, and how many may go at once.
    rate: fn(f64) -> f64,
    burst: f64,
    /// Seconds that an answer takes, and a refusal.
    latency: f64,
    refusal: f64,
    /// Whole seconds are told with a refusal.
    tells_wait: bool,
    /// What is left is told with each answer.
    tells_quota: bool,
    /// The share of answers that are 500s.
    faults: f64,
    level: f64,
    at: f64,
}

impl Server {
    fn new(rate: fn(f64) -> f64, burst: f64) -> Self {
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
    /// Nothing: the pace may allow somebody to go.
    Look,
}

#[derive(Debug, Clone, Copy)]
enum Outcome {
    Fine(Option<Quota>),
    Fault,
    TooMany(Option<Quota>),
}

/// What came of it, by time.
#[derive(Default)]
struct Record {
    sent: Vec<f64>,
    refused: Vec<f64>,
    fine: Vec<f64>,
    faults: usize,
    busy: f64,
}

impl Record {
    fn within(times: &[f64], from: f64, to: f64) -> usize {
        times.iter().filter(|at| (from..to).contains(*at)).count()
    }

    fn fine_per_second(&self, from: f64, to: f64) -> f64 {
        Self::within(&self.fine, from, to) as f64 / (to - from)
    }

    fn refused_share(&self) -> f64 {
        self.refused.len() as f64 / self.sent.len().max(1) as f64
    }

    fn end(&self) -> f64 {
        self.fine.last().copied().unwrap_or(0.0)
    }
}

/// A lane with `calls` to send, `at_once` at most, starting with `start`.
struct Simulation {
    lane: Lane<usize>,
    run: Arc<RunSeats>,
    server: Server,
    begun: Instant,
    events: BinaryHeap<(Reverse<u64>, Reverse<u64>, usize)>,
    happens: Vec<Happens>,
    random: ChaCha8Rng,
    record: Record,
    /// When the pace is looked at again.
    look: Option<(f64, usize)>,
    /// Slots of the server, where it has few: it queues what is more.
    slots: Option<BinaryHeap<Reverse<u64>>>,
}

const MICROS: f64 = 1e6;

impl Simulation {
    fn new(server: Server, at_once: u32, start: u32) -> Self {
        let limits = Limits { at_once: at_once as usize, ..Limits::default() };
        Self {
            lane: Lane::new(at_once, start),
            run: RunSeats::new(Controls::new(limits)),
            server,
            begun: Instant::now(),
            events: BinaryHeap::new(),
            happens: Vec::new(),
            random: ChaCha8Rng::seed_from_u64(4),
            record: Record::default(),
            look: None,
            slots: None,
        }
    }

    fn plan(&mut self, at: f64, call: usize, happens: Happens) {
        let serial = self.happens.len() as u64;
        self.happens.push(happens);
        self.events.push((Reverse((at * MICROS) as u64), Reverse(serial), call));
    }

    fn run(mut self, calls: usize, until: f64) -> Record {
        for call in 0..calls {
            self.plan(0.0, call, Happens::Asks);
        }
        while let Some((Reverse(micros), Reverse(serial), call)) = self.events.pop() {
            let at = micros as f64 / MICROS;
            if at > until {
                break;
            }
            let serial = serial as usize;
            if matches!(self.happens[serial], Happens::Look)
                && self.look.is_none_or(|(_, look)| look != serial)
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
        let turn = Turn { done: 0, row: call as u64 };
        match self.happens[serial] {
            Happens::Asks => drop(self.lane.line_up(&self.run, turn, call)),
            Happens::Ready => {
                self.lane.off_deck(self.run.number());
                self.lane.ask_seat(&self.run, turn, 100.0, call);
            }
            Happens::Look => {
                self.look = None;
            }
            Happens::Answered(ticket, outcome) => {
                self.lane.left(&ticket);
                match outcome {
                    Outcome::Fine(quota) => {
                        self.record.fine.push(at);
                        self.lane.answered(&ticket, None, now);
                        if let Some(quota) = &quota {
                            self.lane.heard(&ticket, quota, now);
                        }
                    }
                    Outcome::Fault => {
                        self.record.faults += 1;
                        self.lane.failed(&ticket, false, now);
                        let wait = self.random.random_range(0.0..1.0);
                        self.plan(at + wait, call, Happens::Asks);
                    }
                    Outcome::TooMany(quota) => {
                        self.record.refused.push(at);
                        let told = self.server.tells_wait.then_some(Duration::from_secs(1));
                        self.lane.slow_down(&ticket, true, told, now);
                        if let Some(quota) = &quota {
                            self.lane.heard(&ticket, quota, now);
                        }
                        let wait = 1.0 + self.random.random_range(0.0..0.25);
                        self.plan(at + wait, call, Happens::Asks);
                    }
                }
            }
        }
    }

    fn grant(&mut self, at: f64) {
        let now = self.begun + Duration::from_secs_f64(at);
        let (granted, again) = self.lane.grant(now);
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
            if self.look.is_none_or(|(look, _)| at < look) {
                self.look = Some((at, self.happens.len()));
                self.plan(at, usize::MAX, Happens::Look);
            }
        }
    }

    fn send(&mut self, at: f64, call: usize, ticket: Ticket) {
        self.record.sent.push(at);
        let is_admitted = self.server.admits(at);
        let quota = self.server.tells_quota.then(|| self.server.quota());
        if !is_admitted {
            let outcome = Outcome::TooMany(quota);
            self.plan(at + self.server.refusal, call, Happens::Answered(ticket, outcome));
            return;
        }
        let is_fault = self.random.random_bool(self.server.faults);
        let outcome = if is_fault { Outcome::Fault } else { Outcome::Fine(quota) };
        let end = match &mut self.slots {
            None => at + self.server.latency,
            Some(slots) => {
                let free = slots.pop().map_or(0, |Reverse(free)| free);
                let end = (at * MICROS).max(free as f64) + self.server.latency * MICROS;
                slots.push(Reverse(end as u64));
                end / MICROS
            }
        };
        self.record.busy += self.server.latency;
        self.plan(end, call, Happens::Answered(ticket, outcome));
    }
}

const FOREVER: f64 = 1e9;

#[test]
fn sixty_a_second_with_faults_is_met_in_a_tenth_more_than_the_least_time() {
    for (start, tells_wait) in [(64, true), (8, true), (64, false), (8, false)] {
        let server = Server { faults: 0.05, tells_wait, ..Server::new(|_| 60.0, 10.0) };
        let record = Simulation::new(server, 64, start).run(1_800, FOREVER);
        assert_eq!(record.fine.len(), 1_800);
        let ideal = (1_800 + record.faults) as f64 / 60.0;
        let (took, refused) = (record.end(), record.refused_share());
        println!("start {start}: {took:.1} s of {ideal:.1}, {:.1} % refused", refused * 100.0);
        assert!(took < 1.1 * ideal, "start {start}: {took} of {ideal}");
        assert!(refused < 0.05, "start {start}: {refused}");
    }
}

/// The rate over time, the burst, seconds an answer takes, requests at once, calls.
type Case = (fn(f64) -> f64, f64, f64, u32, usize);

#[test]
fn other_rates_and_slow_answers_are_met_too() {
    let cases: [Case; 6] = [
        (|_| 1.0, 1.0, 2.0, 8, 300),
        (|_| 5.0, 5.0, 4.0, 64, 1_000),
        (|_| 8.0, 480.0, 6.0, 64, 4_000),
        (|_| 60.0, 1.0, 0.2, 64, 3_000),
        (|_| 300.0, 30.0, 0.1, 200, 20_000),
        (|_| 0.2, 2.0, 1.0, 16, 60),
    ];
    for (rate, burst, latency, at_once, calls) in cases {
        let server = Server { latency, ..Server::new(rate, burst) };
        let record = Simulation::new(server, at_once, START.min(at_once)).run(calls, FOREVER);
        assert_eq!(record.fine.len(), calls);
        let ideal =
            ((calls as f64 - burst) / rate(0.0)).max(calls as f64 * latency / f64::from(at_once));
        let (took, refused) = (record.end(), record.refused_share());
        let label = format!("{} a second, burst {burst}", rate(0.0));
        println!("{label}: {took:.1} s of {ideal:.1}, {:.1} % refused", refused * 100.0);
        assert!(took < 1.15 * ideal + 10.0, "{label}: {took} of {ideal}");
        // At one in five seconds, a few refusals are a large share of the few requests.
        if rate(0.0) >= 1.0 {
            assert!(refused < 0.05, "{label}: {refused}");
        }
    }
}

/// 60 a second, 30 after five minutes, 60 again after ten.
fn halved_then_doubled(at: f64) -> f64 {
    if (300.0..600.0).contains(&at) { 30.0 } else { 60.0 }
}

#[test]
fn a_limit_that_halves_and_doubles_is_followed() {
    for tells_wait in [true, false] {
        let server = Server { tells_wait, ..Server::new(halved_then_doubled, 10.0) };
        let record = Simulation::new(server, 64, 64).run(60_000, 900.0);
        for (from, to, rate) in [(10.0, 300.0, 60.0), (310.0, 600.0, 30.0), (660.0, 900.0, 60.0)] {
            let share = record.fine_per_second(from, to) / rate;
            println!("{from}–{to} s: {:.1} % of the rate", share * 100.0);
            assert!(share >= 0.9, "{from}–{to}: {share}");
        }
        let risen = record.fine_per_second(650.0, 660.0) / 60.0;
        println!("within 60 s of the rise: {:.1} %", risen * 100.0);
        assert!(risen >= 0.8, "{risen}");
        let refused = record.refused_share();
        println!("{:.2} % refused", refused * 100.0);
        assert!(refused <= 0.05, "{refused}");
    }
}

/// 60 a second, nothing at all for five minutes, 60 again.
fn an_outage(at: f64) -> f64 {
    if (60.0..360.0).contains(&at) { 0.0 } else { 60.0 }
}

#[test]
fn five_minutes_of_nothing_but_refusals_cost_few_requests_and_are_left_soon() {
    for tells_wait in [true, false] {
        let server = Server { tells_wait, ..Server::new(an_outage, 10.0) };
        let record = Simulation::new(server, 64, 8).run(60_000, 480.0);
        let tries = Record::within(&record.sent, 70.0, 360.0);
        println!("{tries} requests during the outage");
        assert!((10..=60).contains(&tries), "it neither hammers nor freezes: {tries}");
        let after = record.fine_per_second(400.0, 480.0) / 60.0;
        println!("{:.1} % after it", after * 100.0);
        assert!(after >= 0.9, "{after}");
        assert!(record.refused_share() <= 0.05);
    }
}

#[test]
fn headers_keep_it_from_being_refused_at_all() {
    let server = Server { tells_quota: true, latency: 1.0, ..Server::new(|_| 20.0, 100.0) };
    let record = Simulation::new(server, 64, START).run(3_000, FOREVER);
    let ideal = (3_000.0 - 100.0) / 20.0;
    println!("{:.1} s of {ideal:.1}, {} refused", record.end(), record.refused.len());
    assert!(record.end() < 1.1 * ideal, "{} of {ideal}", record.end());
    assert!(record.refused_share() < 0.02, "{}", record.refused_share());
}

#[test]
fn sixty_four_slots_of_a_fixed_time_are_never_idle() {
    let server = Server { latency: 0.2, ..Server::new(|_| 1e9, 1e9) };
    let mut simulation = Simulation::new(server, 64, 64);
    simulation.slots = Some((0..64).map(|_| Reverse(0)).collect());
    let record = simulation.run(4_500, FOREVER);
    // 4,500 calls are 70.3 rounds of 64, so 71 are needed.
    let busy = record.busy / (71.0 * 0.2 * 64.0);
    let share = record.busy / (record.end() * 64.0);
    println!("{:.2} s, {:.2} % busy (at best {:.2} %)", record.end(), share * 100.0, busy * 100.0);
    assert!(share > busy - 0.005, "{share}");
}
