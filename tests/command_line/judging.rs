//! Responses scored and pairs judged, without a run.

use std::time::Duration;

use serde_json::{Value, json};

use crate::program::server::{Manner, Server};
use crate::{number, project};

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
