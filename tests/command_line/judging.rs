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

const PAIR: &str =
    "{\"id\":\"x\",\"prompt\":\"Hi\",\"a\":\"Hello.\",\"b\":\"No.\",\"a_model\":\"m\"}\n";

#[test]
fn several_models_judge_as_one() {
    let (place, one, two) =
        (project(), Server::start(Manner::default()), Server::start(Manner::default()));
    let refusing = Server::start(Manner { refuses: Some(400), ..Manner::default() });
    let gone = &refusing.openai();
    let (first, second) = (one.openai(), two.anthropic());
    let constitution = "p/constitutions/teaching-tiny.ron";
    let base = ["judge", "--constitution", constitution, "--no-reason", "--canaries", "0"];
    let with = |more: &[&str]| place.run_with_input(&[&base[..], more].concat(), PAIR);
    let ended = with(&["--model", &first, "--model", &second, "--rule", "mean"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let line = &ended.lines()[0];
    assert_eq!(line["judges"].as_array().unwrap().len(), 2, "{line}");
    assert_eq!(line["judges"][0]["model"], first.as_str());
    assert_eq!(line["side"], "tie", "a judge that goes by the place says nothing");
    assert_eq!(line["label"], Value::Null);
    assert!(ended.err.contains("The judge is the model that wrote"), "{}", ended.err);

    // Who is unsure has the other asked, too; who failed is named.
    let ended = with(&["--model", &first, "--model", gone, "--first-alone", "0"]);
    let line = &ended.lines()[0];
    assert_eq!(line["judges"][1]["error"]["kind"], "rejected", "{line}");
    assert!((number(line, "/p_a") - 0.5).abs() < 1e-9, "the other counts");

    let judge = "(\n    format: 1,\n    name: \"one\",\n    principles_per_pair: 1,\n    rule: weighted,\n    weights: [1.0],\n)\n";
    place.write("j.ron", judge);
    let ended = with(&["--judge", "j.ron", "--model", &first, "--model", &second]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.err.contains("j.ron: weights: there are 0 weights for 2 models"),
        "{}",
        ended.err
    );
    let ended = with(&["--judge", "j.ron", "--model", &first, "--weights", "1"]);
    assert_eq!(ended.lines()[0]["principles"].as_array().unwrap().len(), 1, "{}", ended.err);
}

#[test]
fn canaries_are_told_and_never_written() {
    let (place, server) = (project(), Server::start(Manner::default()));
    let model = server.openai();
    let constitution = "p/constitutions/teaching-tiny.ron";
    let words = [
        "judge",
        "--constitution",
        constitution,
        "--model",
        &model,
        "--no-reason",
        "--principles",
        "sample:1",
        "--canaries",
        "1",
    ];
    let line = |n| json!({"id": n, "prompt": format!("{n}?"), "a": "x", "b": "y"}).to_string();
    let input = (0..20).map(line).collect::<Vec<_>>().join("\n");
    let ended = place.run_with_input(&words, &input);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert_eq!(ended.lines().len(), 20);
    assert!(!ended.out.contains("canar"), "{}", ended.out);
    // It always takes the one shown first, so it decides nothing.
    assert!(ended.err.contains("canaries: 20 of 20 wrong"), "{}", ended.err);
    assert!(ended.err.contains("20 of them undecided"), "{}", ended.err);
    let report = place.run_with_input(&[&words[..], &["--json"]].concat(), &input).json();
    assert!((number(&report, "/canaries/false_pass_rate") - 1.0).abs() < 1e-9, "{report}");
    let none = place.run_with_input(&[&words[..9], &["0"]].concat(), &input);
    assert!(!none.err.contains("canaries"), "{}", none.err);
}

#[test]
fn verdicts_are_judged() {
    let place = project();
    let server = Server::start(Manner { has_logprobs: false, verdict: "Yes", ..Manner::default() });
    let model = server.openai();
    let input = "{\"id\":1,\"prompt\":\"Hi\",\"a\":\"Hello.\",\"b\":\"No.\",\"verdict\":\"A\",\"reason\":\"“Hello” greets.\",\"label\":\"B\"}\n{\"id\":2,\"prompt\":\"Hi\",\"a\":\"x\",\"b\":\"y\",\"verdict\":\"both\"}\n";
    let words = ["judge", "--meta", "--model", &model, "--no-reason"];
    let ended = place.run_with_input(&words, input);
    assert_eq!(ended.code, 1);
    assert!(ended.err.contains("line 2: its “verdict” is not A, B or tie"), "{}", ended.err);
    let line = &ended.lines()[0];
    assert_eq!((&line["verdict"], &line["y"]), (&json!("A"), &json!(0)), "{line}");
    let both = ["judge", "--meta", "--model", &model, "--model", "embedded"];
    assert_eq!(place.run_with_input(&both, input).code, 2);
    let neither = ["judge", "--model", &model];
    assert_eq!(place.run_with_input(&neither, input).code, 2, "a constitution, or --meta");
}
