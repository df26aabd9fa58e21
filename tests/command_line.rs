//! The real program, by its command line, against a model server on this machine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "command_line/compare.rs"]
mod compare;
#[path = "command_line/documents.rs"]
mod documents;
#[path = "command_line/exports.rs"]
mod exports;
#[path = "command_line/judge_report.rs"]
mod judge_report;
#[path = "command_line/judging.rs"]
mod judging;
#[path = "command_line/labels.rs"]
mod labels;
#[path = "command_line/own_judge.rs"]
mod own_judge;
mod program;
#[path = "command_line/runs.rs"]
mod runs;
#[path = "command_line/stats.rs"]
mod stats;
#[path = "command_line/store.rs"]
mod store;
#[path = "command_line/votes.rs"]
mod votes;

use program::Place;
use program::server::{Manner, Server};
use serde_json::Value;

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {value}"))
}

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{pointer}: {value}"))
}

/// A place with the sample project `p`.
fn project() -> Place {
    let place = Place::new();
    place.expect(0, &["init", "p"]);
    place
}

const COMMANDS: [&str; 17] = [
    "init",
    "check",
    "run",
    "runs",
    "score",
    "judge",
    "compare",
    "export",
    "import",
    "convert",
    "stats",
    "models",
    "journal",
    "labels",
    "judge-report",
    "votes",
    "ranking",
];

#[test]
fn every_command_is_listed_and_shows_an_example() {
    let place = Place::new();
    let help = place.expect(0, &["--help"]);
    let nested = [
        vec!["models", "list"],
        vec!["models", "test"],
        vec!["models", "fetch"],
        vec!["models", "add"],
        vec!["export", "list"],
        vec!["import", "list"],
        vec!["journal", "check"],
        vec!["journal", "salvage"],
        vec!["journal", "copy"],
    ];
    for name in COMMANDS {
        assert!(help.out.contains(&format!("\n  {name} ")), "{name} is not listed");
    }
    for mut words in COMMANDS.map(|name| vec![name]).into_iter().chain(nested) {
        let name = words.join(" ");
        words.push("--help");
        let help = place.expect(0, &words);
        assert!(help.out.contains("Example"), "{name} has no example");
        assert!(help.out.contains(&format!("preamble {name}")), "{name}: {}", help.out);
    }
}

#[test]
fn wrong_usage_ends_with_2_and_a_hint() {
    let place = project();
    for words in [
        &["run", "p"][..],
        &["run", "p", "--recipe", "critique", "--max-failures", "200"],
        &["run", "p", "--recipe", "critique", "--model", "jugde=embedded"],
        &["run", "p", "--recipe", "critique", "--key-env", "NO_SUCH_VARIABLE_HERE"],
        &["run", "p", "--recipe", "critique", "--resume", "latest"],
        &["export", "p", "--out", "x"],
        &["export", "p", "--format", "no-such-format", "--out", "x"],
        &["exprot"],
        &["judge", "--constitution", "x", "--principles", "some"],
        &["models", "add", "x", "openai:m", "--project", "p", "--key-env", "sk-not-a-name"],
    ] {
        let ended = place.expect(2, words);
        assert!(ended.out.is_empty() && !ended.err.is_empty(), "{words:?}");
    }
    assert!(place.run(&["exprot"]).err.contains("preamble export"));
}

#[test]
fn models_are_tested_and_listed() {
    let place = project();
    let server = Server::start(Manner { verdict: "B", ..Manner::default() });
    place.expect(0, &["models", "add", "mine", &server.openai(), "--project", "p"]);
    let listed = place.expect(0, &["models", "list", "--project", "p", "--json"]).json();
    assert_eq!(text(&listed, "/project/0/entry/name"), "mine");
    assert!(!listed["embedded"].as_array().unwrap().is_empty());
    let report = place.expect(0, &["models", "test", "mine", "--project", "p", "--json"]).json();
    assert_eq!(text(&report, "/findings/0/outcome"), "yes");
    let down = ["models", "test", "openai:m@http://127.0.0.1:9/v1"];
    let refused = place.expect(1, &down);
    assert!(refused.err.starts_with("error: "), "{}", refused.err);
    place.expect(1, &["models", "fetch", "no-such-model"]);
}
