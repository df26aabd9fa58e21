//! R8: a provider on a bad day. Every row ends in a named state, and the good rows are those of a
//! good day.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::faultd::ledger::Outcome;
use crate::faultd::mix::Mix;
use crate::faultd::{Faultd, Settings};
use crate::house::{House, LONG, PATIENCE, number, run_words, settle};

/// Timeouts of a request: its total, scaled, and what a busy machine adds.
const DEADLINE: Duration = Duration::from_mins(10);
/// How often a request is sent at most for one call.
const ATTEMPTS: u64 = 6;

/// The records of an export by their prompt.
fn records(house: &House, out: &str) -> BTreeMap<String, Value> {
    house.expect(
        0,
        &["export", "p", "--run", "latest", "--format", "trl-sft", "--out", out, "--keep-cut-off"],
    );
    let text = house.read(out);
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.map(|record| (record["messages"][0]["content"].to_string(), record)).collect()
}

/// Whether a fault ends its connection.
fn ends(fault: &str) -> bool {
    fault.starts_with("reset") || ["truncated", "hang", "trickle"].contains(&fault)
}

/// What a bad day came to: the run's summary and its records.
fn bad_day(server: &Faultd, model: &str, rows: u64) -> (House, Value) {
    let house = House::new();
    house.project(model, rows);
    let mut words = run_words("32");
    words.extend(["--max-failures", "100"]);
    // Each row's calls one after another, each attempt to its deadline, 32 rows at once: far more
    // than it should take, and the end of what may be called “no hang”.
    let worst = DEADLINE.mul_f64(PATIENCE) + Duration::from_secs(5);
    let patience = worst.mul_f64((rows * 3 * ATTEMPTS) as f64 / 32.0).min(LONG * 6);
    let (ended, took) = house.spawn(&words).end(patience);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(!ended.err.contains("panicked"), "{}", ended.err);
    settle(server);
    let summary = house.summary();
    eprintln!(
        "R8 ({model}): {rows} rows in {:.0} s, {} requests, faults {:?}, failed rows {}",
        took.as_secs_f64(),
        server.look(|ledger| ledger.entries().len()),
        server.look(crate::faultd::ledger::Ledger::faults),
        summary["failures"],
    );
    (house, summary)
}

fn check(is_anthropic: bool, rows: u64) {
    let server =
        Faultd::start(Settings { seed: number("PREAMBLE_TRUST_SEED", 1), ..Settings::default() });
    let model = if is_anthropic { server.anthropic() } else { server.openai() };
    let good = House::new();
    good.project(&model, rows);
    good.expect(0, &run_words("32"));
    let good_rows = records(&good, "good.jsonl");
    assert_eq!(good_rows.len() as u64, rows);
    server.forget();

    server.change(|settings| settings.mix = Mix::bad_day());
    let (house, summary) = bad_day(&server, &model, rows);
    let count = |name: &str| summary[name].as_u64().unwrap();
    assert_eq!(count("rows"), rows, "a row has no end: {summary}");
    let failed = count("rows_failed");
    let named: u64 =
        summary["failures"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(named, failed, "a failure has no name: {summary}");
    assert!(summary["failures"].get("rate_limited").is_none(), "failed by 429: {summary}");
    for row in summary["failed_rows"].as_array().unwrap() {
        for part in ["at", "failure", "message", "hint"] {
            assert!(row[part].as_str().is_some_and(|text| !text.is_empty()), "{part}: {row}");
        }
    }
    // Whoever has an answer has the same one.
    let rows_now = records(&house, "bad.jsonl");
    assert_eq!(rows_now.len() as u64, rows - failed);
    for (prompt, record) in &rows_now {
        assert_eq!(good_rows.get(prompt), Some(record), "{prompt} differs");
    }
    // A fair part must be left, or nothing was compared.
    assert!(failed < rows / 2, "{failed} of {rows} rows failed");

    // What was delivered is on the bill, to the token.
    let (paid, bill) = server.look(|ledger| ledger.total(Outcome::Paid));
    assert_eq!(count("calls_replied"), paid);
    // A connection that the server had just ended takes a request with it that nobody has seen.
    let unseen = count("calls") - server.look(|ledger| ledger.entries().len() as u64);
    let ended = server.look(|ledger| ledger.entries().iter().filter(|e| ends(e.fault)).count());
    assert!(unseen <= ended as u64, "{unseen} requests were never seen");
    for (name, tokens) in [("prompt_tokens", bill.prompt), ("completion_tokens", bill.completion)] {
        assert_eq!(summary["usage"][name], tokens, "{name}");
    }
    let most = server.look(|ledger| {
        ledger
            .entries()
            .iter()
            .filter(|entry| !entry.fault.starts_with("429"))
            .map(|entry| u64::from(entry.attempt))
            .max()
    });
    eprintln!("R8: at most {most:?} attempts at one call");
    assert!(server.look(|ledger| ledger.in_vain().is_empty()));
}

#[test]
fn on_a_bad_day_every_row_ends_by_name_and_good_rows_are_the_same() {
    check(false, number("PREAMBLE_TRUST_ROWS", 60));
}

#[test]
fn the_other_dialect_has_the_same_bad_day() {
    check(true, number("PREAMBLE_TRUST_ROWS", 120) / 4);
}
