//! Runs that are killed, stopped, held to limits and tried out.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::program::server::{Manner, Server};
use crate::program::{ended, files};
use crate::{number, project};

#[test]
fn the_other_dialect_runs_as_well() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.anthropic();
    let words = ["run", "p", "--recipe", "preference", "--limit", "2", "--model", &model, "--json"];
    let summary = place
        .command(&words)
        .env("ANTHROPIC_API_KEY", "sk-ant-canary-123456789")
        .output()
        .map(|output| ended(&output))
        .unwrap();
    assert_eq!(summary.code, 0, "{}", summary.err);
    assert_eq!(summary.json()["rows"], 2);
    for (name, bytes) in files(&place.path("p")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("sk-ant-canary"), "a key is in {name}");
    }
}

#[test]
fn a_killed_run_goes_on_and_pays_for_nothing_twice() {
    let delay = Duration::from_millis(40);
    let server = Server::start(Manner { delay, ..Manner::default() });
    let model = server.openai();
    let words = [
        "run",
        "p",
        "--recipe",
        "critique",
        "--limit",
        "16",
        "--model",
        &model,
        "--concurrency",
        "8",
        "--json",
    ];
    let export = ["export", "p", "--run", "latest", "--format", "trl-sft", "--out", "out"];

    let whole = project();
    let clean = whole.expect(0, &words).json();
    whole.expect(0, &export);
    let asked = server.count();
    server.forget();

    let place = project();
    let mut child = place.command(&words).spawn().unwrap();
    let start = Instant::now();
    while server.count() < asked / 3 {
        assert!(start.elapsed() < Duration::from_mins(1), "the run does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = server.count();
    assert!(before < asked, "it was killed too late");

    let resumed = place.expect(0, &words);
    assert!(resumed.err.contains("going on with R-0001"), "{}", resumed.err);
    let summary = resumed.json();
    // Only what was on its way at the kill may be asked again: 8 at once at most, as the flag says.
    let repeated = server.count() - server.distinct();
    assert!(repeated <= 8, "{repeated} calls were repeated");
    assert_eq!(server.distinct(), asked);
    assert_eq!(summary["rows"], clean["rows"]);
    // Two more were on deck: kept, and not yet sent, which nobody can tell afterwards.
    assert!(number(&summary, "/calls_unknown") <= 10.0, "{summary}");
    place.expect(0, &export);
    let (mut one, mut two) = (files(&whole.path("out")), files(&place.path("out")));
    // The manifest tells how many calls were sent, which differs.
    one.remove("manifest.json");
    two.remove("manifest.json");
    assert_eq!(one, two);
    assert!(one.contains_key("data/train.jsonl"));
}

#[cfg(unix)]
#[test]
fn one_interrupt_stops_with_3_and_keeps_what_is_answered() {
    let place = project();
    let delay = Duration::from_millis(50);
    let server = Server::start(Manner { delay, ..Manner::default() });
    let model = server.openai();
    let words = ["run", "p", "--recipe", "critique", "--limit", "20", "--model", &model];
    let child = place.command(&words).spawn().unwrap();
    let start = Instant::now();
    while server.count() < 10 {
        assert!(start.elapsed() < Duration::from_mins(1), "the run does not begin");
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let stopped = ended(&child.wait_with_output().unwrap());
    assert_eq!(stopped.code, 3, "{}", stopped.err);
    let sent = server.count();
    let ended = place.expect(0, &[&words[..], &["--json"]].concat());
    assert_eq!(server.count(), server.distinct(), "what had landed was asked again");
    assert!(server.count() > sent);
    let summary = ended.json();
    assert_eq!((&summary["rows"], &summary["state"]), (&summary["rows_total"], &json!("done")));
}

#[test]
fn limits_stop_with_3_and_failures_are_named() {
    let place = project();
    let server = Server::start(Manner::default());
    let add = [
        "models",
        "add",
        "dear",
        &server.openai(),
        "--project",
        "p",
        "--role",
        "writer",
        "--role",
        "critic",
        "--role",
        "reviser",
        "--role",
        "judge",
        "--price-in",
        "1000",
        "--price-out",
        "1000",
    ];
    place.expect(0, &add);
    let words = ["run", "p", "--recipe", "critique", "--limit", "5", "--max-cost", "0.1"];
    let stopped = place.expect(3, &words);
    assert!(stopped.err.contains("limit of 0.1 USD"), "{}", stopped.err);

    let refusing = Server::start(Manner { refuses: Some(401), ..Manner::default() });
    let model = refusing.openai();
    let mut command = place.command(&["run", "p", "--recipe", "critique", "--model", &model]);
    let refused = ended(&command.env("OPENAI_API_KEY", "sk-canary-123456789").output().unwrap());
    assert_eq!(refused.code, 3, "{}{}", refused.out, refused.err);
    assert!(!format!("{}{}", refused.out, refused.err).contains("sk-canary"), "a key is shown");
    for (name, bytes) in files(&place.path("p")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("sk-canary"), "a key is in {name}");
    }

    let words = [
        "run",
        "p",
        "--recipe",
        "critique",
        "--limit",
        "2",
        "--replay-only",
        "--json",
        "--seed",
        "77",
    ];
    let failed = place.expect(1, &words);
    assert_eq!(failed.json()["failures"]["not_in_journal"], 2);
    let words = ["run", "p", "--recipe", "no-such-recipe"];
    let missing = place.expect(1, &words);
    assert!(missing.err.contains("chain+score"), "{}", missing.err);
}

#[test]
fn a_pilot_tells_what_all_would_cost() {
    let place = project();
    let server = Server::start(Manner::default());
    let add = [
        "models",
        "add",
        "m",
        &server.openai(),
        "--project",
        "p",
        "--price-in",
        "1",
        "--price-out",
        "1",
    ];
    place.expect(0, &add);
    let words = ["run", "p", "--recipe", "critique", "--model", "m", "--pilot", "--json"];
    let summary = place.expect(0, &words).json();
    assert_eq!(summary["rows"], 10);
    let (all, rows) = (number(&summary, "/all_prompts/rows"), number(&summary, "/rows"));
    let (cost, spent) = (number(&summary, "/all_prompts/cost_usd"), number(&summary, "/cost_usd"));
    assert!(all > rows && (cost - spent * all / rows).abs() < 1e-9, "{summary}");
}
