//! Calls that begin alike go out together: the first one, then the rest. In simulated time, but
//! for what a dropped call leaves behind.

use std::collections::BTreeMap;

use super::*;
use crate::engine::control::{Controls, Limits};

/// Milliseconds that an answer takes.
const ANSWER: u64 = 1_000;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Answered,
    /// Its first words come after so many milliseconds.
    Streamed(u64),
    /// It is answered, and nothing of it was kept.
    NotKept,
    Failed,
}

#[derive(Debug, Clone)]
struct Planned {
    prefix: Prefix,
    takes: u64,
    end: End,
    number: u64,
}

#[derive(Debug, Clone, Copy)]
enum Event {
    Look,
    Begins(usize),
    Over(usize, Ticket),
}

/// A request that was sent: when, what it begins with, and its marks.
struct Sent {
    at: u64,
    group: u64,
    marks: CacheMarks,
}

/// A lane, its calls, and what was sent by the millisecond.
struct Scene {
    lane: Lane<usize>,
    run: Arc<RunSeats>,
    begun: Instant,
    now: u64,
    calls: Vec<Planned>,
    events: BTreeMap<(u64, u64), Event>,
    serial: u64,
    sent: Vec<Sent>,
}

impl Scene {
    fn new(at_once: u32) -> Self {
        let limits = Limits { at_once: at_once as usize, ..Limits::default() };
        Self {
            lane: Lane::new(at_once, at_once, Arc::default()),
            run: RunSeats::new(Controls::new(limits)),
            begun: Instant::now(),
            now: 0,
            calls: Vec::new(),
            events: BTreeMap::new(),
            serial: 0,
            sent: Vec::new(),
        }
    }

    fn plan(&mut self, at: u64, event: Event) {
        self.serial += 1;
        self.events.insert((at, self.serial), event);
    }

    fn instant(&self) -> Instant {
        self.begun + Duration::from_millis(self.now)
    }

    /// Calls line up in this order, each of a row of its own, and run to their end.
    fn run(&mut self, calls: Vec<Planned>) {
        for mut planned in calls {
            let call = self.calls.len();
            let turn = Turn { done: 0, row: call as u64 };
            let asker = Asker { turn, prefix: planned.prefix.clone(), number: 0 };
            planned.number = self.lane.line_up(&self.run, asker, call);
            self.calls.push(planned);
        }
        self.grant();
        while let Some(((at, _), event)) = self.events.pop_first() {
            if matches!(event, Event::Look) && self.lane.waiting() == 0 {
                continue;
            }
            self.now = at;
            match event {
                Event::Look => {}
                Event::Begins(call) => {
                    let number = self.calls[call].number;
                    let now = self.instant();
                    self.lane.begins(number, now);
                }
                Event::Over(call, ticket) => self.over(call, &ticket),
            }
            self.grant();
        }
        assert_eq!((self.lane.waiting(), self.lane.in_flight()), (0, 0), "nobody is left behind");
    }

    fn over(&mut self, call: usize, ticket: &Ticket) {
        let (planned, now) = (self.calls[call].clone(), self.instant());
        if planned.end == End::Failed {
            self.lane.failed(ticket, false, now);
        } else {
            self.lane.answered(ticket, None, now);
            self.lane.warms(&planned.prefix, ticket, planned.end != End::NotKept, now);
        }
        self.lane.left(ticket);
        self.lane.leads_no_more(planned.number);
    }

    fn grant(&mut self) {
        loop {
            let (granted, again) = self.lane.grant(self.instant());
            if let Some(again) = again {
                let at = again.saturating_duration_since(self.begun).as_millis() as u64;
                self.plan(at.max(self.now + 1), Event::Look);
            }
            if granted.is_empty() {
                return;
            }
            for grant in granted {
                match grant {
                    Granted::Deck(call, run) => {
                        let Planned { prefix, number, .. } = self.calls[call].clone();
                        let turn = Turn { done: 0, row: call as u64 };
                        self.lane.off_deck(run);
                        self.lane.ask_seat(&self.run, Asker { turn, prefix, number }, 100.0, call);
                    }
                    Granted::Seat(call, ticket) => self.send(call, ticket),
                }
            }
        }
    }

    fn send(&mut self, call: usize, ticket: Ticket) {
        let Planned { prefix, takes, end, .. } = self.calls[call].clone();
        self.sent.push(Sent { at: self.now, group: prefix.group(), marks: ticket.marks });
        if let End::Streamed(first) = end {
            self.plan(self.now + first, Event::Begins(call));
        }
        self.plan(self.now + takes, Event::Over(call, ticket));
    }

    /// When calls that begin so were sent.
    fn sent(&self, group: u64) -> Vec<u64> {
        self.sent.iter().filter(|sent| sent.group == group).map(|sent| sent.at).collect()
    }

    fn marks(&self) -> Vec<Vec<u16>> {
        self.sent.iter().map(|sent| sent.marks.list().to_vec()).collect()
    }
}

fn of(hash: u64) -> Prefix {
    Prefix::of_keys(&[(hash, None)])
}

fn one(prefix: Prefix, takes: u64, end: End) -> Planned {
    Planned { prefix, takes, end, number: 0 }
}

fn calls(prefix: &Prefix, count: usize, end: End) -> Vec<Planned> {
    vec![one(prefix.clone(), ANSWER, end); count]
}

#[test]
fn the_first_goes_alone_and_the_rest_together() {
    let mut scene = Scene::new(8);
    scene.run(calls(&of(7), 6, End::Answered));
    assert_eq!(scene.sent(7), [0, 1000, 1000, 1000, 1000, 1000]);
    scene.run(calls(&of(7), 6, End::Answered));
    assert_eq!(scene.sent(7)[6..], [2000; 6], "within five minutes nobody waits");
    scene.now += 5 * 60 * 1000;
    scene.run(calls(&of(7), 2, End::Answered));
    assert_eq!(scene.sent(7)[12..], [303_000, 304_000], "after them the first goes alone again");
}

#[test]
fn others_pass_meanwhile_and_short_questions_are_as_they_were() {
    let mut scene = Scene::new(8);
    let mut all = calls(&of(7), 8, End::Answered);
    all.extend(calls(&of(8), 2, End::Answered));
    all.extend(calls(&Prefix::default(), 6, End::Answered));
    scene.run(all);
    assert_eq!(scene.sent(0), [0; 6], "six seats are free");
    assert_eq!(scene.sent(8), [0, 1000], "each beginning has its own first");
    assert_eq!(scene.sent(7), [0, 1000, 1000, 1000, 1000, 1000, 1000, 1000]);
    let mut scene = Scene::new(8);
    scene.run(calls(&Prefix::default(), 9, End::Answered));
    assert_eq!(scene.sent(0), [0, 0, 0, 0, 0, 0, 0, 0, 1000], "short ones never wait");
}

#[test]
fn the_first_words_of_the_answer_are_enough() {
    let mut scene = Scene::new(8);
    scene.run(calls(&of(7), 3, End::Streamed(120)));
    assert_eq!(scene.sent(7), [0, 120, 120]);
}

#[test]
fn a_slow_first_one_holds_the_others_up_for_a_bounded_time() {
    let slow = || one(of(7), 180_000, End::Answered);
    let mut scene = Scene::new(8);
    let mut all = vec![slow()];
    all.extend(calls(&of(7), 4, End::Answered));
    scene.run(all);
    assert_eq!(scene.sent(7), [0, 5000, 5000, 5000, 5000], "five seconds at most");
    // The lane knows now how long an answer takes here.
    let mut scene = Scene::new(8);
    scene.run(calls(&Prefix::default(), 1, End::Answered));
    let mut all = vec![slow()];
    all.extend(calls(&of(7), 2, End::Answered));
    scene.run(all);
    assert_eq!(scene.sent(7), [1000, 3000, 3000], "twice the time of an answer");
}

#[test]
fn a_failed_first_one_frees_the_next_at_once() {
    let mut scene = Scene::new(8);
    let mut all = calls(&of(7), 1, End::Failed);
    all.extend(calls(&of(7), 3, End::Answered));
    scene.run(all);
    assert_eq!(scene.sent(7), [0, 1000, 2000, 2000], "the next is the first now");
    // However many fail, ten seconds after the first nobody waits any more.
    let mut scene = Scene::new(32);
    scene.run(calls(&of(7), 20, End::Failed));
    assert_eq!(scene.sent(7)[..10], [0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000]);
    assert_eq!(scene.sent(7)[10..], [10_000; 10]);
}

#[test]
fn marks_are_set_by_the_first_of_several_and_by_those_that_read() {
    let mut scene = Scene::new(8);
    let shared = |own: u64| Prefix::of_keys(&[(7, Some(0)), (own, Some(1))]);
    scene.run((1..5).map(|own| one(shared(own), ANSWER, End::Answered)).collect());
    assert_eq!(scene.marks(), [[0], [0], [0], [0]], "what nobody shares is not marked");
    let mut alone = Scene::new(8);
    alone.run(calls(&shared(1), 1, End::Answered));
    alone.run(calls(&shared(1), 1, End::Answered));
    assert_eq!(alone.marks(), [[0_u16; 0], []], "one after the other: nothing is known to pay");
    let mut deaf = Scene::new(8);
    deaf.run(calls(&shared(1), 3, End::NotKept));
    assert_eq!(deaf.marks(), [vec![0, 1], vec![], vec![]], "nothing was kept: nobody tries again");
    assert_eq!(deaf.sent(1), [0, 1000, 1000]);
}

#[test]
fn calls_of_a_row_that_begin_alike_go_one_after_another() {
    let mut lane = Lane::new(8, 8, Arc::default());
    let run = RunSeats::new(Controls::new(Limits { at_once: 8, ..Limits::default() }));
    for (call, (row, hash)) in [(1, 5), (0, 9), (1, 6), (1, 5), (1, 6)].into_iter().enumerate() {
        let asker = Asker { turn: Turn { done: 0, row }, prefix: of(hash), number: 0 };
        lane.ask_seat(&run, asker, 1.0, call);
    }
    let (granted, _) = lane.grant(Instant::now());
    let order: Vec<_> = granted
        .into_iter()
        .filter_map(|grant| match grant {
            Granted::Seat(call, _) => Some(call),
            Granted::Deck(..) => None,
        })
        .collect();
    assert_eq!(order, [1, 0, 3, 2, 4], "the older row first, then what begins alike together");
}

#[test]
fn ten_thousand_rows_that_share_a_beginning_cost_one_wait() {
    let mut scene = Scene::new(64);
    scene.run(calls(&of(7), 10_000, End::Answered));
    // 9,999 calls after the first are 156.2 rounds of 64.
    assert_eq!(scene.sent(7).last(), Some(&157_000));
    assert_eq!(scene.sent(7).len(), 10_000);
}

#[tokio::test]
async fn who_is_dropped_while_others_wait_for_it_frees_them() {
    let limiter = Limiter::new(8, 8);
    let run = RunSeats::new(Controls::new(Limits { at_once: 8, ..Limits::default() }));
    let deck = |row| {
        let (limiter, run) = (Arc::clone(&limiter), Arc::clone(&run));
        async move {
            let deck = limiter.deck(&run, Turn { done: 0, row }, &of(7)).await;
            deck.seat(1.0).await.map(|seat| seat.begins().is_some())
        }
    };
    let first = limiter.deck(&run, Turn { done: 0, row: 9 }, &of(7)).await;
    let (one, gone) = (tokio::spawn(deck(0)), tokio::spawn(deck(1)));
    while limiter.waiting_of(&run) < 2 {
        tokio::task::yield_now().await;
    }
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert!(!one.is_finished(), "both wait for it");
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(limiter.waiting_of(&run), 1);
    let begun = Instant::now();
    drop(first);
    assert_eq!(one.await.unwrap(), Some(true));
    assert!(begun.elapsed() < warm::LONGEST_WAIT, "its wait was not sat out");
    assert_eq!(limiter.waiting_of(&run), 0);
}
