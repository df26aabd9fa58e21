//! R10: what can't get better stops the spending.

use serde_json::Value;

use crate::faultd::ledger::Outcome;
use crate::faultd::{Faultd, Policy, Settings};
use crate::house::{House, run_words, settle};
use crate::program::Ended;

/// Requests at once.
const AT_ONCE: u64 = 8;
/// Identical refusals after which nothing more is sent.
const REJECTIONS: u64 = 25;

/// A run of many rows after whose first few requests the provider refuses everything.
fn refused(policy: Policy, policy_after: u64) -> (Faultd, House, Ended) {
    let delay = (std::time::Duration::from_millis(5), std::time::Duration::from_millis(20));
    let server = Faultd::start(Settings { policy, policy_after, delay, ..Settings::default() });
    let house = House::new();
    house.project(&server.openai(), 100);
    let ended = house.run(&run_words(&AT_ONCE.to_string()));
    settle(&server);
    (server, house, ended)
}

fn count(summary: &Value, name: &str) -> u64 {
    summary[name].as_u64().unwrap_or_else(|| panic!("{name}: {summary}"))
}

#[test]
fn a_refused_key_or_a_spent_account_costs_no_more_than_what_was_in_flight() {
    for policy in [Policy::Unauthorized, Policy::SpendCap] {
        for after in [0, 40] {
            let (server, house, ended) = refused(policy, after);
            assert_eq!(ended.code, 3, "{policy:?}: {}", ended.err);
            assert!(ended.err.contains("hint: "), "{}", ended.err);
            let (free, _) = server.look(|ledger| ledger.total(Outcome::Free));
            assert!(free <= AT_ONCE, "{policy:?}: {free} requests after the refusal");
            // All that was paid for is kept, and the rest can be had later.
            let summary = house.summary();
            assert_eq!(summary["state"], "stopped", "{summary}");
            let (paid, _) = server.look(|ledger| ledger.total(Outcome::Paid));
            assert_eq!(count(&summary, "calls_replied"), paid);
            assert_eq!(paid, after);
            assert_eq!(count(&summary, "rows_failed"), 0, "a refused key fails no row: {summary}");
        }
    }
}

#[test]
fn a_run_that_was_refused_goes_on_when_the_refusal_is_over() {
    let (server, house, _) = refused(Policy::SpendCap, 40);
    server.change(|settings| settings.policy = Policy::Answer);
    house.expect(0, &run_words(&AT_ONCE.to_string()));
    let summary = house.summary();
    assert_eq!((count(&summary, "rows"), count(&summary, "rows_failed")), (100, 0));
    assert!(server.look(|ledger| ledger.in_vain().is_empty()));
    assert_eq!(server.look(|ledger| ledger.total(Outcome::Paid).0), 300);
}

#[test]
fn the_same_refusal_of_every_request_ends_the_run_early() {
    let (server, house, ended) = refused(Policy::BadRequest, 0);
    assert_ne!(ended.code, 0, "{}", ended.err);
    let requests = server.look(|ledger| ledger.entries().len() as u64);
    assert!(requests <= REJECTIONS, "{requests} requests were refused alike");
    let summary = house.summary();
    assert!(summary["failures"].get("rejected").is_some(), "{summary}");
}

#[test]
fn a_row_that_breaks_the_server_is_given_up_and_the_others_go_on() {
    let words = "Question 7:";
    let server = Faultd::start(Settings { broken: Some(words.to_owned()), ..Settings::default() });
    let house = House::new();
    house.project(&server.openai(), 20);
    house.expect(0, &run_words("8"));
    settle(&server);
    let summary = house.summary();
    assert_eq!((count(&summary, "rows"), count(&summary, "rows_failed")), (20, 1));
    assert_eq!(summary["failed_rows"][0]["prompt"], "q-00007");
    assert_eq!(summary["failed_rows"][0]["failure"], "server_error");
    let (free, _) = server.look(|ledger| ledger.total(Outcome::Free));
    assert!((2..=6).contains(&free), "{free} attempts at a request that can't succeed");
}
