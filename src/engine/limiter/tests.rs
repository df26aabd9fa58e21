//! The limiter against a simulated provider, in simulated time: what `reliability.md` promises of
//! rates (R9), whatever the machine that tests it is doing.

use std::cmp::Reverse;

use super::simulation::{Record, Server, Simulation};
use super::*;

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

/// The way of a row of the workload: a draft, two critiques and revisions, two candidates of other
/// models, two judgements.
const WAY: [usize; 9] = [0, 0, 0, 0, 0, 1, 2, 3, 3];

#[test]
fn models_that_share_a_limit_use_all_of_it_to_the_end() {
    for (start, tells_wait) in [(64, true), (8, true), (64, false), (8, false)] {
        let server = Server { faults: 0.05, tells_wait, ..Server::new(|_| 60.0, 10.0) };
        let record = Simulation::of(vec![server], 64, start, &WAY).run(200, FOREVER);
        assert_eq!(record.fine.len(), 1_800);
        let ideal = (1_800 + record.faults) as f64 / 60.0;
        let (took, refused) = (record.end(), record.refused_share());
        println!("start {start}: {took:.1} s of {ideal:.1}, {:.1} % refused", refused * 100.0);
        assert!(took < 1.1 * ideal, "start {start}: {took} of {ideal}");
        assert!(refused < 0.05, "start {start}: {refused}");
    }
}

#[test]
fn models_that_have_a_limit_each_are_not_pushed_beyond_it() {
    // The first model has twice as much to do, so it is alone for the second half.
    let servers = || (0..2).map(|_| Server::new(|_| 30.0, 10.0)).collect();
    let record = Simulation::of(servers(), 64, 64, &[0, 1, 0]).run(600, FOREVER);
    assert_eq!(record.fine.len(), 1_800);
    let (ideal, took, refused) = (1_200.0 / 30.0, record.end(), record.refused_share());
    println!("{took:.1} s of {ideal:.1}, {:.1} % refused", refused * 100.0);
    assert!(took < 1.15 * ideal, "{took} of {ideal}");
    assert!(refused < 0.05, "{refused}");
}
