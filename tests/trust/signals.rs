//! R29: who asks the program to stop gets what is on its way, within ten seconds; who asks twice
//! gets it at once; and neither loses anything.

use std::time::Duration;

use crate::faultd::ledger::{Ledger, Moment, Outcome};
use crate::faultd::mix::Mix;
use crate::faultd::{Faultd, Settings};
use crate::house::{House, LONG, Running, run_words, settle};
use crate::kills::{Story, Undisturbed, finish, server};

const ROWS: u64 = 40;
/// Within which a stopped program has ended.
const DRAINED: Duration = Duration::from_secs(10);
/// What a machine full of other work may add to anything.
const SLACK: Duration = Duration::from_secs(3);

/// Starts the run, waits until it is in the thick of it, and sends the signals.
fn stopped(house: &House, server: &Faultd, signals: &[&str], patience: &str) -> (i32, Duration) {
    let seen = server.look(|ledger| ledger.reached(Moment::Received));
    let mut command = house.command(&run_words("8"));
    command.env("PREAMBLE_PATIENCE", patience);
    let running = Running::start(&mut command);
    assert!(server.wait_for(Moment::Received, seen + 12, LONG));
    let begun = std::time::Instant::now();
    for (nth, signal) in signals.iter().enumerate() {
        if nth > 0 {
            // Two signals at the same instant are one.
            std::thread::sleep(Duration::from_millis(300));
        }
        running.signal(signal);
    }
    let (ended, _) = running.end(LONG);
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
    (ended.code, begun.elapsed())
}

#[test]
fn one_signal_lets_land_what_is_on_its_way() {
    let server = server();
    let whole = Undisturbed::run(&server, ROWS);
    for signal in ["TERM", "INT"] {
        let house = House::new();
        house.project(&server.openai(), ROWS);
        let (code, took) = stopped(&house, &server, &[signal], "1");
        assert_eq!(code, 3);
        assert!(took < SLACK, "{took:?} for calls of milliseconds");
        settle(&server);
        // Nothing was cut off: what was sent is there.
        let summary = house.summary();
        assert_eq!(summary["state"], "cancelled", "{summary}");
        assert_eq!(summary["calls_unknown"], 0);
        let (paid, _) = server.look(|ledger| ledger.total(Outcome::Paid));
        assert_eq!(summary["calls_replied"], paid);
        let mut story = Story::new();
        story.look(&house);
        assert_eq!(story.in_flight, 0);
        finish(&house, &server, &story, &whole, ROWS);
        server.forget();
    }
}

#[test]
fn a_second_signal_ends_it_at_once_and_is_as_safe_as_a_kill() {
    let server = server();
    let whole = Undisturbed::run(&server, ROWS);
    // From now on some requests never end, so that the first signal alone would wait.
    let house = House::new();
    house.project(&server.openai(), ROWS);
    let hang = Mix { hang: 0.2, ..Mix::default() };
    server.change(|settings| settings.mix = hang);
    let (code, took) = stopped(&house, &server, &["INT", "INT"], "1");
    assert_eq!(code, 3);
    assert!(took < SLACK, "{took:?} after a second Ctrl-C");
    settle(&server);
    server.change(|settings| settings.mix = Mix::default());
    let mut story = Story::new();
    story.look(&house);
    assert!(story.in_flight > 0, "nothing hung, so nothing was tried");
    story.kills = 1;
    finish(&house, &server, &story, &whole, ROWS);
}

#[test]
fn what_never_ends_is_given_up_within_ten_seconds() {
    let server = Faultd::start(Settings::default());
    let house = House::new();
    house.project(&server.openai(), ROWS);
    server.change(|settings| settings.mix = Mix { hang: 0.2, ..Mix::default() });
    let (code, took) = stopped(&house, &server, &["TERM"], "1");
    assert_eq!(code, 3);
    assert!(took < DRAINED, "{took:?} until it had ended");
    settle(&server);
    // What was given up is named as such, never as failed, and asked again.
    let summary = house.summary();
    assert!(summary["calls_unknown"].as_u64().unwrap() > 0, "{summary}");
    assert_eq!(summary["rows_failed"], 0, "{summary}");
    server.change(|settings| settings.mix = Mix::default());
    house.expect(0, &run_words("8"));
    assert_eq!(house.summary()["rows"], ROWS);
    assert!(server.look(|ledger: &Ledger| ledger.in_vain().is_empty()));
}
