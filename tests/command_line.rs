//! The real program, by its command line, against a model server on this machine.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "command_line/compare.rs"]
mod compare;
mod program;
#[path = "command_line/store.rs"]
mod store;

use std::time::{Duration, Instant};

use program::{Manner, Place, Server, ended, files};
use serde_json::{Value, json};

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

const COMMANDS: [&str; 12] = [
    "init", "check", "run", "runs", "score", "judge", "compare", "export", "import", "convert",
    "models", "journal",
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
fn check_says_where_and_how_to_mend() {
    let place = project();
    let good = place.expect(0, &["check", "p"]);
    assert!(good.out.contains("no problem"), "{}", good.out);
    place.write(
        "constitutions/bad.ron",
        "(\n    format: 1,\n    name: \"x\",\n    principels: [],\n)\n",
    );
    place.write("p/prompts/twice.jsonl", "{\"id\":\"a\",\"prompt\":\"x\"}\n{\"id\":\"a\"}\n");
    let bad = place.expect(1, &["check", "constitutions/bad.ron", "p"]);
    assert!(bad.out.contains("bad.ron:4:5: error:"), "{}", bad.out);
    assert!(bad.out.contains("principles"), "{}", bad.out);
    assert!(bad.out.contains("twice.jsonl:2"), "{}", bad.out);
    let report = place.expect(1, &["check", "constitutions/bad.ron", "--json"]).json();
    assert_eq!(report["errors"], 1);
    assert_eq!(report["problems"][0]["line"], 4);
    assert_ne!(text(&report, "/problems/0/hint"), "");
    place.expect(1, &["check", "not-there.ron"]);
}

#[test]
fn documents_come_in_go_out_and_come_back_the_same() {
    let place = project();
    let starter = "p/constitutions/general-assistant.ron";
    let markdown = place.expect(0, &["convert", starter, "--to", "markdown"]);
    place.write("c.md", &markdown.out);
    place.expect(0, &["convert", "c.md", "--to", "json", "--out", "c.json"]);
    let back = place.expect(0, &["convert", "c.json", "--to", "ron"]);
    let once = place.expect(0, &["convert", starter, "--to", "ron"]);
    assert_eq!(back.out, once.out);
    let refused = place.expect(1, &["convert", starter, "--to", "ron", "--out", "c.json"]);
    assert!(refused.err.contains("exists already"), "{}", refused.err);

    for stem in ["tone", "tone-2"] {
        place.write("tone.txt", "Be kind.\nBe brief.\n");
        let words = ["import", "p", "tone.txt", "--as", "constitution", "--json"];
        let added = place.expect(0, &words).json();
        assert_eq!(text(&added, "/0/stem"), stem);
    }
    place.write("q.csv", "prompt,tags\n\"What is rain?\",weather\n\"Why, then?\",why\n");
    let added = place.expect(0, &["import", "p", "q.csv"]);
    assert!(added.out.contains("2 prompts"), "{}", added.out);
    let set = place.lines("p/prompts/q.jsonl");
    assert_eq!(set[1]["prompt"], "Why, then?");
    place.expect(0, &["check", "p"]);

    place.write("page.html", "<!DOCTYPE html><html><body>x</body></html>");
    let refused = place.expect(1, &["import", "p", "page.html"]);
    assert!(refused.err.contains("hint: "), "{}", refused.err);
    place.expect(2, &["import", "p", "tone.txt"]);
}

#[test]
fn a_run_makes_rows_that_export_and_it_tells_where_to_go_next() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.openai();
    let words = ["run", "p", "--recipe", "critique", "--limit", "3", "--model", &model, "--json"];
    let ended = place.expect(0, &words);
    let summary = ended.json();
    assert_eq!((&summary["rows"], &summary["rows_failed"]), (&json!(3), &json!(0)));
    assert_eq!(summary["calls"], server.count());
    assert!(number(&summary, "/usage/completion_tokens") > 0.0);
    assert!(ended.err.contains("preamble export p --run R-0001 --format trl-sft"), "{}", ended.err);

    place.expect(0, &["export", "p", "--run", "latest", "--format", "trl-sft", "--out", "out"]);
    let rows = place.lines("out/data/train.jsonl");
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["messages"][1]["role"], "assistant");
    let manifest: Value = serde_json::from_str(&place.read("out/manifest.json")).unwrap();
    assert_eq!(manifest["export"]["summary"]["records"], 3);
    assert!(place.read("out/README.md").starts_with("---\n"));
    // The constitution in the folder is the one that the rows name.
    let constitution = place.read("out/constitution.ron");
    let hash = blake3::hash(constitution.as_bytes()).to_hex().to_string();
    assert_eq!(text(&manifest, "/run/hashes/constitution"), hash);
    place.expect(0, &["check", "out/constitution.ron"]);

    // The same again replays: nothing is sent.
    let before = server.count();
    let again = place.expect(0, &words).json();
    assert_eq!(server.count(), before);
    assert_eq!((&again["calls"], &again["run"]), (&json!(0), &json!("R-0002")));
    let runs = place.expect(0, &["runs", "p", "--json"]).json();
    assert_eq!(runs.as_array().unwrap().len(), 2);
    let one = place.expect(0, &["runs", "p", "1"]);
    assert!(one.out.contains("3 of 3 done"), "{}", one.out);
    place.expect(1, &["runs", "p", "R-0099"]);
}

#[test]
fn an_export_leaves_out_what_was_dropped_by_hand_and_takes_a_persons_words() {
    use preamble::domain::Part;
    use preamble::store::Journal;
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.openai();
    place.expect(0, &["run", "p", "--recipe", "critique", "--limit", "3", "--model", &model]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let journal = Journal::open(&place.path("p/journal.sqlite")).unwrap();
        let run = journal.runs().await.unwrap()[0].id.clone();
        let rows = journal.rows(&run, None, 3).await.unwrap();
        let [first, second] = [0, 1].map(|row: usize| rows[row].row.prompt.id.clone());
        journal.drop_rows(&run, vec![first], true).await.unwrap();
        let mine = Some("my own words".to_owned());
        journal.edit_row(&run, &second, Part::Answer, mine).await.unwrap();
    });
    let words = ["export", "p", "--run", "latest", "--format", "trl-sft", "--out", "out"];
    let ended = place.expect(0, &words);
    assert!(ended.err.contains("left out: 1 × dropped by hand"), "{}", ended.err);
    let rows = place.lines("out/data/train.jsonl");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["messages"][1]["content"], "my own words");
    let manifest: Value = serde_json::from_str(&place.read("out/manifest.json")).unwrap();
    assert_eq!(manifest["export"]["summary"]["left_out"]["dropped by hand"], 1);
    assert_eq!(manifest["export"]["summary"]["flagged"]["a person rewrote a text of it"], 1);
}

#[test]
fn an_export_loses_nothing_that_is_there() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.openai();
    place.expect(0, &["run", "p", "--recipe", "critique", "--limit", "2", "--model", &model]);
    let export = |out: &'static str, more: &[&'static str]| {
        let mut words = vec!["export", "p", "--run", "latest", "--format", "trl-sft", "--out", out];
        words.extend(more);
        place.run(&words)
    };
    place.write("thesis/chapter.tex", "x");
    let refused = export("thesis", &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("hint: "), "{}", refused.err);
    assert_eq!(export("thesis", &["--force"]).code, 0);
    assert_eq!(place.read("thesis/chapter.tex"), "x");
    assert_eq!(export("out", &[]).code, 0);
    let first = files(&place.path("out"));
    assert_eq!(export("out", &[]).code, 0);
    assert_eq!(files(&place.path("out")), first);
    assert_eq!(export("out", &["--container", "parquet"]).code, 0);
    assert!(!place.path("out/data/train.jsonl").exists());
    assert_eq!(export("rows.parquet", &[]).code, 0);
    assert_eq!(std::fs::read(place.path("rows.parquet")).unwrap()[..4], *b"PAR1");
    assert_eq!(export("-", &[]).lines().len(), 2);
    let words = [
        "export",
        "p",
        "--run",
        "latest",
        "--format",
        "trl-preference",
        "--out",
        "d",
        "--no-derived-pairs",
    ];
    let nothing = place.expect(1, &words);
    assert!(nothing.err.contains("nothing to export"), "{}", nothing.err);
    assert!(!place.path("d").exists());
}

#[test]
fn preferences_are_judged_with_and_without_log_probabilities() {
    for has_logprobs in [true, false] {
        let place = project();
        let server = Server::start(Manner { has_logprobs, ..Manner::default() });
        let model = server.openai();
        place.expect(0, &["run", "p", "--recipe", "preference", "--limit", "2", "--model", &model]);
        let words = [
            "export",
            "p",
            "--run",
            "latest",
            "--format",
            "trl-preference",
            "--out",
            "out",
            "--drop-band",
            "0",
        ];
        place.expect(0, &words);
        let rows = place.lines("out/data/train.jsonl");
        assert_eq!(rows.len(), 2, "{has_logprobs}");
        let row = &rows[0];
        assert!(row["chosen"][0]["content"].is_string() && row["rejected"].is_array(), "{row}");
        // .8 for what is better and shown first, .6 for it shown second. By text always, which two
        // votes estimate as (2 + ½) / (2 + 1).
        let (p, gap) = if has_logprobs { (0.7, 0.2) } else { (2.5 / 3.0, 0.0) };
        assert!((number(row, "/p") - p).abs() < 1e-6, "{row}");
        assert!((number(row, "/order_gap").abs() - gap).abs() < 1e-6, "{row}");
    }
}

#[test]
fn chains_are_scored() {
    let place = project();
    let server = Server::start(Manner { verdict: "4", ..Manner::default() });
    let model = server.openai();
    let mut words = vec!["run", "p", "--recipe", "chain+score", "--rubric", "explanations"];
    words.extend(["--limit", "2", "--model", &model, "--json"]);
    let summary = place.expect(0, &words).json();
    assert_eq!((&summary["rows_failed"], &summary["unparsed"]), (&json!(0), &json!(0)));
    place.expect(0, &["export", "p", "--run", "latest", "--format", "rewards", "--out", "out"]);
    let rows = place.lines("out/data/train.jsonl");
    // The draft and two revisions of each.
    assert_eq!(rows.len(), 6);
    // 4 with .15 and 2 with .05: (3.5 − 1) / 4 on five levels.
    let reward = number(&rows[0], "/reward");
    assert!((reward - 0.625).abs() < 1e-6, "{}", rows[0]);
}

#[test]
fn the_other_dialect_runs_as_well() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.anthropic();
    let words = ["run", "p", "--recipe", "preference", "--limit", "2", "--model", &model, "--json"];
    let summary = place
        .command(&words)
        .env("ANTHROPIC_API_KEY", "sk-ant-canary-123456789")
        .output()
        .map(ended)
        .unwrap();
    assert_eq!(summary.code, 0, "{}", summary.err);
    assert_eq!(summary.json()["rows"], 2);
    for (name, bytes) in files(&place.path("p")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("sk-ant-canary"), "a key is in {name}");
    }
}

const RESPONSES: &str = r#"{"id":1,"prompt":"Name a bird","response":"A robin."}
{"id":"two","messages":[{"role":"user","content":"Hi"}],"response":"Hello."}
this is no JSON
{"id":"four","prompt":[{"role":"user","content":"Hi"}],"response":[{"role":"assistant","content":"Yo"}]}
{"id":"five","prompt":"no response here"}

{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}]}
{"id":1,"prompt":"Name a bird","response":""}
"#;

#[test]
fn responses_are_scored_in_order_and_bad_lines_are_named() {
    let place = project();
    let server = Server::start(Manner { verdict: "4", ..Manner::default() });
    let model = server.openai();
    let rubric = "p/rubrics/explanations.ron";
    let words = ["score", "--rubric", rubric, "--model", &model];
    let ended = place.run_with_input(&words, RESPONSES);
    assert_eq!(ended.code, 1, "{}", ended.err);
    let lines = ended.lines();
    let ids: Vec<&Value> = lines.iter().map(|line| &line["id"]).collect();
    assert_eq!(ids, [&json!(1), &json!("two"), &json!("four"), &json!("line-7"), &json!(1)]);
    for line in &lines {
        assert!((number(line, "/reward") - 0.625).abs() < 1e-6, "{line}");
        assert_eq!(line["unparsed"], json!([]));
        assert_eq!(line["criteria"][0]["reading"], "expected");
    }
    assert!(ended.err.contains("line 3: ") && ended.err.contains("line 5: "), "{}", ended.err);

    let unreadable = Server::start(Manner {
        has_logprobs: false,
        verdict: "well, it depends",
        ..Manner::default()
    });
    place.write("in.jsonl", RESPONSES.lines().next().unwrap());
    let model = unreadable.openai();
    let words = ["score", "--rubric", rubric, "--model", &model, "--input", "in.jsonl", "--json"];
    let report = place.expect(0, &words).json();
    assert_eq!(report["results"][0]["reward"], Value::Null);
    assert!(!report["results"][0]["unparsed"].as_array().unwrap().is_empty(), "{report}");
}

#[test]
fn many_lines_come_back_in_order() {
    let place = project();
    let delay = Duration::from_millis(2);
    let server = Server::start(Manner { verdict: "4", delay, ..Manner::default() });
    let lines: Vec<String> = (0..300)
        .map(|n| json!({"id": n, "prompt": format!("{n}?"), "response": "Yes."}).to_string())
        .collect();
    let input = lines.join("\n");
    let model = server.openai();
    let words =
        ["score", "--rubric", "p/rubrics/explanations.ron", "--model", &model, "--no-reason"];
    let ended = place.run_with_input(&words, &input);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let ids: Vec<u64> = ended.lines().iter().map(|line| line["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, (0..300).collect::<Vec<_>>());
}

#[test]
fn pairs_are_judged_in_both_orders() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.openai();
    let words = ["judge", "--constitution", "p/constitutions/teaching-tiny.ron", "--model", &model];
    let input = "{\"id\":\"x\",\"prompt\":\"Hi\",\"a\":\"Hello.\",\"b\":\"No.\"}\n{\"id\":\"y\"}\n";
    let ended = place.run_with_input(&words, input);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("line 2: "), "{}", ended.err);
    let line = &ended.lines()[0];
    assert!((number(line, "/p_a") - 0.5).abs() < 1e-9, "{line}");
    assert!((number(line, "/p_ab") - 0.75).abs() < 1e-6, "{line}");
    assert!((number(line, "/order_gap") - 0.5).abs() < 1e-6, "{line}");
    assert_eq!(line["flip"], true);
    assert!(line["principles"].as_array().unwrap().len() >= 2);
    let sampled = [&words[..], &["--principles", "sample:1"]].concat();
    let ended = place.run_with_input(&sampled, input);
    assert_eq!(ended.lines()[0]["principles"].as_array().unwrap().len(), 1);
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
    let stopped = ended(child.wait_with_output().unwrap());
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
    let refused = ended(command.env("OPENAI_API_KEY", "sk-canary-123456789").output().unwrap());
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
