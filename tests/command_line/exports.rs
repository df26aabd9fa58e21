//! What a run made, written for others.

use serde_json::{Value, json};

use crate::program::files;
use crate::program::server::{Manner, Server};
use crate::{number, project, text};

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
