//! `preamble compare`: two sides on the same prompts.

use serde_json::Value;

use super::program::server::{Manner, Server};
use super::{project, text};

#[test]
fn two_constitutions_are_compared_and_nothing_is_paid_twice() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.openai();
    let words = [
        "compare",
        "p",
        "--a",
        "general-assistant",
        "--b",
        "teaching-tiny",
        "--prompts",
        "sample",
        "--a-model",
        &model,
        "--b-model",
        &model,
        "--judge",
        &model,
        "--rounds",
        "1",
        "--json",
    ];
    let ended = place.expect(0, &words);
    assert!(ended.err.contains("The judge is the model"), "{}", ended.err);
    let report = ended.json();
    assert_eq!(report["run"], "R-0001");
    assert_eq!(report["measures"]["counts"]["rows"], 12);
    assert_eq!(report["measures"]["overall"]["n"], 12);
    assert!(text(&report, "/result").ends_with("too few (12)"), "{report}");
    let summary = text(&report, "/summary");
    assert!(summary.contains("R-0001") && summary.contains("both orders"), "{summary}");
    assert_eq!(report["pairs"].as_array().unwrap().len(), 12);
    assert_eq!(server.count(), server.distinct(), "the drafts of both sides are one call each");

    let (asked, first) = (server.count(), report["measures"].clone());
    let again = place.expect(0, &words).json();
    assert_eq!(server.count(), asked, "all of it was in the journal");
    assert_eq!(again["measures"], first);
    let runs = place.expect(0, &["runs", "p", "--json"]).json();
    assert!(runs.to_string().contains("\"compare\""), "{runs}");
}

#[test]
fn a_side_can_be_plain_drafts_or_lack_a_principle() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.openai();
    let models = ["--a-model", &model, "--b-model", &model, "--judge", &model];
    fn with<'w>(words: &[&'w str], models: &[&'w str]) -> Vec<&'w str> {
        [words, models, &["--limit", "2", "--json"]].concat()
    }
    let words = with(
        &["compare", "p", "--a", "none", "--b", "teaching-tiny", "--judged-by", "overall"],
        &models,
    );
    let report = place.expect(0, &words).json();
    assert_eq!(text(&report, "/comparison/a/label"), "Plain drafts");
    assert_eq!(text(&report, "/comparison/judged_by"), "which is better all in all");
    let tiny = "teaching-tiny";
    let words = with(&["compare", "p", "--a", tiny, "--b", tiny, "--b-without", "P1"], &models);
    let report = place.expect(0, &words).json();
    assert!(text(&report, "/comparison/b/label").contains(" without P1"), "{report}");
    for (wrong, hint) in [
        (&["--b", tiny][..], "the same"),
        (&["--b", "no-such-thing"], "general-assistant"),
        (&["--b", "teaching-tiny@v9"], "version"),
        (&["--b", tiny, "--b-without", "P99"], "P1"),
    ] {
        let words = with(&[&["compare", "p", "--a", tiny], wrong].concat(), &models);
        let ended = place.expect(1, &words);
        assert!(ended.err.contains(hint), "{wrong:?}: {}", ended.err);
    }
}

#[test]
fn what_can_not_be_read_is_no_number() {
    let place = project();
    let manner = Manner { has_logprobs: false, verdict: "well, it depends", ..Manner::default() };
    let server = Server::start(manner);
    let model = server.openai();
    let words = [
        "compare",
        "p",
        "--a",
        "none",
        "--b",
        "teaching-tiny",
        "--limit",
        "2",
        "--a-model",
        &model,
        "--b-model",
        &model,
        "--judge",
        &model,
        "--json",
    ];
    let ended = place.expect(1, &words);
    assert!(ended.err.contains("no pair has a verdict"), "{}", ended.err);
    let report = ended.json();
    assert_eq!(report["result"], Value::Null);
    assert_eq!(report["measures"]["counts"]["unparsed"], 2);
}
