//! R1, R2, R3: the program is killed at any moment, and goes on as if nothing had been.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use crate::faultd::ledger::{Bill, Moment, Outcome};
use crate::faultd::{Faultd, Settings};
use crate::house::{House, Kept, LONG, number, run_words, settle};

/// Requests at once.
const AT_ONCE: usize = 8;
/// Intents that may be kept beside them, whose requests have not left yet.
const ON_DECK: usize = 2;
/// Calls of one row: draft, critique, revision.
const STEPS: u64 = 3;

/// Where a life of the program may end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// Anywhere: after so many requests, at any of their moments, or after some time.
    Anywhere,
    /// While it starts and finds what it has: after less time than a start takes.
    WhileResuming,
}

/// What all the kills came to.
pub struct Story {
    /// Lives that were ended.
    pub kills: u64,
    /// Intents without outcome in the journal, summed over all kills.
    pub in_flight: u64,
    /// The same by question.
    in_flight_by_key: BTreeMap<String, u64>,
    /// Calls that were open at a kill: one that no later life has looked at is open still.
    seen_open: BTreeSet<i64>,
    before: Kept,
}

impl Story {
    pub fn new() -> Self {
        Self {
            kills: 0,
            in_flight: 0,
            in_flight_by_key: BTreeMap::new(),
            seen_open: BTreeSet::new(),
            before: Kept::default(),
        }
    }

    /// Looks at the journal after a kill: what was there is there, and little is open.
    pub fn look(&mut self, house: &House) {
        let now = Kept::of(house);
        for (id, (state, key)) in &self.before.calls {
            let found = now.calls.get(id);
            if state == "replied" {
                assert_eq!(found, Some(&(state.clone(), key.clone())), "a kept reply is gone");
            } else {
                assert!(found.is_some(), "a call is gone");
            }
        }
        // A life that was asked to stop has given up its calls itself: nobody knows of them either.
        let open: Vec<(i64, String)> = ["sent", "unknown"]
            .into_iter()
            .flat_map(|state| now.in_state(state))
            .filter(|(id, _)| !self.seen_open.contains(id))
            .map(|(id, key)| (id, key.to_owned()))
            .collect();
        assert!(open.len() <= AT_ONCE + ON_DECK, "{} calls were open at once", open.len());
        for (id, key) in open {
            self.in_flight += 1;
            self.seen_open.insert(id);
            *self.in_flight_by_key.entry(key).or_default() += 1;
        }
        self.kills += 1;
        self.before = now;
    }
}

/// Ends one life of the program: gives whether it was killed, rather than done.
pub fn one_life(
    house: &House,
    server: &Faultd,
    random: &mut StdRng,
    ends: Ends,
    (calls, start): (u64, Duration),
) -> bool {
    let begun = Instant::now();
    let at = [Moment::Received, Moment::HalfSent, Moment::Sent]
        .map(|moment| (moment, server.look(|ledger| ledger.reached(moment))));
    let mut running = house.spawn(&run_words(&AT_ONCE.to_string()));
    let kind = if ends == Ends::WhileResuming { 3 } else { random.random_range(0..4) };
    if let Some((moment, seen)) = at.get(kind) {
        let more = random.random_range(1..=calls.max(1) * 2);
        // Ends where the run is done before; a kill then finds nobody.
        let until = Instant::now() + LONG;
        while !server.wait_for(*moment, seen + more, Duration::from_millis(20)) {
            if running.has_ended() {
                break;
            }
            assert!(Instant::now() < until, "no request for a long time");
        }
        std::thread::sleep(Duration::from_micros(random.random_range(0..3000)));
    } else {
        let span = start.mul_f64(random.random_range(0.0..1.0));
        std::thread::sleep(span.saturating_sub(begun.elapsed()));
    }
    let was_killed = running.kill();
    settle(server);
    was_killed
}

/// A run that nobody disturbs: its export, its questions, how long a start takes.
pub struct Undisturbed {
    pub files: BTreeMap<String, Vec<u8>>,
    pub accounts: BTreeMap<String, crate::faultd::ledger::Account>,
    pub start: Duration,
}

impl Undisturbed {
    pub fn run(server: &Faultd, rows: u64) -> Self {
        let house = House::new();
        house.project(&server.openai(), rows);
        let begun = Instant::now();
        let at_once = AT_ONCE.to_string();
        let running = house.spawn(&run_words(&at_once));
        assert!(server.wait_for(Moment::Received, 1, LONG));
        let start = begun.elapsed();
        let (ended, _) = running.end(LONG);
        assert_eq!(ended.code, 0, "{ended:?}");
        let files = house.export("trl-sft", "out");
        let accounts = server.look(crate::faultd::ledger::Ledger::accounts);
        assert_eq!(accounts.len() as u64, rows * STEPS);
        assert!(server.look(|ledger| ledger.in_vain().is_empty()));
        server.forget();
        Self { files, accounts, start }
    }
}

/// A server whose answers take long enough to be killed in.
pub fn server() -> Faultd {
    let delay = (Duration::from_millis(1), Duration::from_millis(12));
    Faultd::start(Settings { delay, ..Settings::default() })
}

/// Finishes the run and compares everything with one that nobody disturbed. Where it was done
/// already, a second one finds everything in the journal and asks for nothing.
pub fn finish(house: &House, server: &Faultd, story: &Story, whole: &Undisturbed, rows: u64) {
    let (ended, _) = house.spawn(&run_words(&AT_ONCE.to_string())).end(LONG);
    assert_eq!(ended.code, 0, "{ended:?}");
    settle(server);

    // Nothing that had been used was asked for again.
    let in_vain = server.look(|ledger| ledger.in_vain().to_vec());
    assert!(in_vain.is_empty(), "acknowledged replies were lost: {in_vain:?}");

    // The same questions, and repeats only of what was open at a kill.
    let accounts = server.look(crate::faultd::ledger::Ledger::accounts);
    assert!(accounts.keys().eq(whole.accounts.keys()), "other questions were asked");
    let requests: u64 = accounts.values().map(|account| account.requests).sum();
    let repeats = requests - accounts.len() as u64;
    assert!(repeats <= story.in_flight, "{repeats} repeats, {} in flight", story.in_flight);
    assert!(story.in_flight <= story.kills * (AT_ONCE + ON_DECK) as u64);

    // The journal: one reply to each question, the last call of its question.
    let kept = Kept::of(house);
    let mut last: BTreeMap<&str, (i64, &str)> = BTreeMap::new();
    let mut sent: BTreeMap<&str, u64> = BTreeMap::new();
    for (id, (state, key)) in &kept.calls {
        last.insert(key, (*id, state));
        *sent.entry(key).or_default() += 1;
    }
    assert_eq!(last.len(), accounts.len());
    assert!(last.values().all(|(_, state)| *state == "replied"), "a question has no reply");
    assert_eq!(kept.in_state("replied").count(), accounts.len(), "a question was answered twice");
    for (key, sent) in sent {
        let open = story.in_flight_by_key.get(key).copied().unwrap_or(0);
        assert_eq!(sent, 1 + open, "a question was sent again without a kill");
    }

    // What the screen says is what the server says, and what nobody knows stands apart.
    let summary = house.summary();
    let number = |name: &str| summary[name].as_u64().unwrap_or_else(|| panic!("{name}: {summary}"));
    assert_eq!(number("rows"), rows);
    assert_eq!(number("rows_failed"), 0);
    assert_eq!(number("calls_replied"), accounts.len() as u64);
    assert_eq!(number("calls_unknown"), story.in_flight);
    assert_eq!(number("calls"), accounts.len() as u64 + story.in_flight);
    let mut known = Bill::default();
    for account in accounts.values() {
        known += account.bill;
    }
    for (name, tokens) in [
        ("prompt_tokens", known.prompt),
        ("cached_tokens", known.cached),
        ("completion_tokens", known.completion),
    ] {
        assert_eq!(summary["usage"][name], tokens, "{name}");
    }
    let (paid, lost) =
        server.look(|ledger| (ledger.total(Outcome::Paid), ledger.total(Outcome::Lost)));
    assert_eq!(paid.0 + lost.0, requests, "some request was refused");
    assert!(paid.1.prompt + lost.1.prompt >= known.prompt);

    // And the rows are the same bytes.
    let files = house.export("trl-sft", "out");
    assert!(files.keys().eq(whole.files.keys()));
    for (name, bytes) in &files {
        assert_eq!(Some(bytes), whole.files.get(name), "{name} differs");
    }
    let records = String::from_utf8_lossy(&files["data/train.jsonl"]);
    assert_eq!(records.lines().count() as u64, rows);
}

#[test]
fn a_run_that_is_killed_again_and_again_loses_and_repeats_nothing() {
    let kills = number("PREAMBLE_TRUST_ROUNDS", 8);
    let rows = kills * 10;
    let mut random = StdRng::seed_from_u64(number("PREAMBLE_TRUST_SEED", 1));
    let server = server();
    let whole = Undisturbed::run(&server, rows);
    let house = House::new();
    house.project(&server.openai(), rows);
    let mut story = Story::new();
    let begun = Instant::now();
    while story.kills < kills {
        let done = server.look(|ledger| ledger.accounts().len() as u64);
        // A third of the lives end by time, most of them before they have sent anything.
        // A tenth is left for the last, so that no life ends by being done.
        let each = (rows * STEPS * 9 / 10).saturating_sub(done) / (kills - story.kills).max(1);
        let span = (each, whole.start * 2);
        if !one_life(&house, &server, &mut random, Ends::Anywhere, span) {
            break;
        }
        story.look(&house);
    }
    finish(&house, &server, &story, &whole, rows);
    let requests = server.look(|ledger| ledger.entries().len() as u64);
    eprintln!(
        "R1/R2: {} kills over {rows} rows ({} calls): 0 lost, {} in flight at the kills, {} sent \
         again, {:.0} s",
        story.kills,
        rows * STEPS,
        story.in_flight,
        requests - rows * STEPS,
        begun.elapsed().as_secs_f64(),
    );
    assert!(story.kills > kills / 2, "only {} of {kills} lives could be ended", story.kills);
}

#[test]
fn a_kill_while_it_resumes_is_as_safe() {
    let kills = number("PREAMBLE_TRUST_ROUNDS", 12) / 4;
    let rows = 40 + kills * 4;
    let mut random = StdRng::seed_from_u64(number("PREAMBLE_TRUST_SEED", 1));
    let server = server();
    let whole = Undisturbed::run(&server, rows);
    let house = House::new();
    house.project(&server.openai(), rows);
    let mut story = Story::new();
    // Half of it is done before.
    let running = house.spawn(&run_words(&AT_ONCE.to_string()));
    assert!(server.wait_for(Moment::Sent, rows * STEPS / 2, LONG));
    assert!(running.kill());
    settle(&server);
    story.look(&house);
    while story.kills <= kills {
        let span = (0, whole.start.mul_f64(1.2));
        if !one_life(&house, &server, &mut random, Ends::WhileResuming, span) {
            break;
        }
        story.look(&house);
    }
    finish(&house, &server, &story, &whole, rows);
    eprintln!("R3: {} kills while resuming: 0 lost", story.kills - 1);
    assert!(story.kills > kills / 2);
}
