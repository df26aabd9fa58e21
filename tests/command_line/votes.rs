//! Principles that vote on pairs, and tournaments that rank models.

use serde_json::{Value, json};

use crate::program::server::{Manner, Server};
use crate::{number, project, text};

#[test]
fn principles_vote_on_labelled_pairs_and_the_same_again_is_free() {
    let place = project();
    // Three principles, in an order drawn for each pair: the first two speak for A.
    let server = Server::start(Manner { verdict: "1: A\n2: A\n3: none", ..Manner::default() });
    let model = server.openai();
    let line = |n: u32| {
        let pair = json!({"id": n, "prompt": format!("{n}?"), "a": "x", "b": "y", "human": "a"});
        format!("{pair}\n")
    };
    place.write("pairs.jsonl", &(0..24).map(line).collect::<Vec<_>>().concat());
    let words = [
        "votes",
        "p",
        "--pairs",
        "pairs.jsonl",
        "--constitution",
        "teaching-tiny",
        "--model",
        &model,
        "--times",
        "1",
        "--json",
    ];
    let report = place.expect(0, &words).json();
    assert_eq!((&report["pairs"], &report["labelled"]), (&json!(24), &json!(24)));
    let of = |name: &str| -> u64 {
        let principles = report["principles"].as_array().unwrap();
        principles.iter().map(|one| one[name].as_u64().unwrap()).sum()
    };
    assert_eq!(report["principles"].as_array().unwrap().len(), 3);
    assert_eq!((of("speaks"), of("agrees"), of("disagrees"), of("unread")), (48, 48, 0, 0));
    assert!((number(&report, "/coverage/value") - 1.0).abs() < 1e-9);
    assert_eq!(report["matrix"][0]["votes"].as_object().unwrap().len(), 3);
    let asked = server.count();
    assert_eq!(asked, 24, "all principles of a pair are one call");
    let again = place.expect(0, &words).json();
    assert_eq!(server.count(), asked, "the same again asks nothing");
    assert_eq!(again["principles"], report["principles"]);
    let shown = place.expect(0, &words[..words.len() - 1]);
    assert!(shown.out.contains("24, 24 with a label"), "{}", shown.out);

    place.write("pairs.jsonl", "{\"prompt\":\"1?\",\"a\":\"x\",\"b\":\"y\",\"human\":\"maybe\"}\n");
    let wrong = place.expect(1, &words);
    assert!(wrong.err.contains("pair 1") && wrong.err.contains("maybe"), "{}", wrong.err);
    place.write("pairs.jsonl", "{\"prompt\":\"1?\",\"a\":\"x\"}\n");
    let wrong = place.expect(1, &words);
    assert!(wrong.err.contains("no two answers"), "{}", wrong.err);
}

#[test]
fn a_tournament_ranks_the_models_whose_answers_a_prompt_brings() {
    let place = project();
    let server = Server::start(Manner::default());
    let model = server.openai();
    // The server is for the answer with the larger number.
    let answer = |model: &str, n: u32| {
        let text = format!("It could say more about its reasons ({n:016x}).");
        json!({"model": model, "text": text})
    };
    let line = |n: u32| {
        let answers = [answer("small", 1), answer("large", 3), answer("middle", 2)];
        format!(
            "{}\n",
            json!({"id": format!("p{n}"), "prompt": format!("{n}?"), "responses": answers})
        )
    };
    place.write("p/prompts/answers.jsonl", &(0..24).map(line).collect::<Vec<_>>().concat());
    let judge = format!("judge={model}");
    let writer = format!("writer={model}");
    let words = [
        "run",
        "p",
        "--recipe",
        "rank",
        "--prompts",
        "answers",
        "--model",
        &judge,
        "--model",
        &writer,
    ];
    place.expect(0, &words);
    let report = place.expect(0, &["ranking", "p", "--baseline", "small", "--json"]).json();
    assert_eq!((&report["games"], &report["prompts"]), (&json!(72), &json!(24)));
    let standings = report["ranking"]["standings"].as_array().unwrap();
    let names: Vec<&str> = standings.iter().map(|one| text(one, "/model")).collect();
    assert_eq!(names, ["large", "middle", "small"]);
    assert_eq!(standings[0]["ranks"], json!([1, 1]));
    assert!((number(&standings[2], "/elo") - 1000.0).abs() < 1e-6, "the baseline");
    assert_eq!(report["at_equal_style"]["standings"], Value::Null, "too few prompts for style");
    let shown = place.expect(0, &["ranking", "p", "--baseline", "small"]).out;
    assert!(shown.contains("1st") && shown.contains("3rd"), "{shown}");
    assert!(
        shown.contains("how far apart they are is open"),
        "nobody lost to a weaker one: {shown}"
    );
    let wrong = place.expect(1, &["ranking", "p", "--baseline", "other"]);
    assert!(wrong.err.contains("small, large, middle"), "{}", wrong.err);
    // The pair that lies furthest apart is what trainers get.
    place.expect(
        0,
        &["export", "p", "--run", "latest", "--format", "trl-preference", "--out", "out"],
    );
}

#[test]
fn informative_games_are_as_many_as_wished_and_the_same_again() {
    let place = project();
    let server = Server::start(Manner::default());
    let model = server.openai();
    let answer = |n: u32| {
        let text = format!("It could say more about its reasons ({n:016x}).");
        json!({"model": format!("m{n}"), "text": text})
    };
    let answers: Vec<Value> = (0..8).map(answer).collect();
    let line = |n: u32| {
        format!(
            "{}\n",
            json!({"id": format!("p{n}"), "prompt": format!("{n}?"), "responses": answers})
        )
    };
    place.write("p/prompts/answers.jsonl", &(0..3).map(line).collect::<Vec<_>>().concat());
    let (judge, writer) = (format!("judge={model}"), format!("writer={model}"));
    let run = |more: &[&'static str]| -> Vec<String> {
        let words = ["run", "p", "--prompts", "answers", "--model", &judge, "--model", &writer];
        words.iter().chain(more).map(|word| (*word).to_owned()).collect()
    };
    let expect = |code, more: &[&'static str]| {
        let words = run(more);
        place.expect(code, &words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    expect(0, &["--recipe", "rank", "--pairing", "informative", "--games", "10"]);
    let report = place.expect(0, &["ranking", "p", "--json"]).json();
    assert_eq!((&report["games"], &report["unread"]), (&json!(30), &json!(0)), "of 28 pairs each");
    let asked = server.count();
    expect(0, &["--recipe", "rank", "--pairing", "informative", "--games", "10", "--new"]);
    assert_eq!(server.count(), asked, "the same verdicts give the same games");
    let more = ["--recipe", "rank", "--pairing", "informative", "--games", "14"];
    expect(0, &more);
    let report = place.expect(0, &["ranking", "p", "--json"]).json();
    assert_eq!(report["games"], json!(42));
    assert!(server.count() < asked * 2, "the first ten games are there already");

    // Several models, by commas.
    let named = ["--recipe", "rank", "--candidates", "one,other,third", "--limit", "1"];
    let wrong = expect(1, &named);
    assert!(wrong.err.contains("“one”"), "not a wrong number of values: {}", wrong.err);
    let wrong = expect(2, &["--recipe", "rank", "--pairing", "swiss", "--games", "9"]);
    assert!(wrong.err.contains("--pairing informative"), "{}", wrong.err);
    let wrong = expect(1, &["--recipe", "critique", "--pairing", "swiss"]);
    assert!(wrong.err.contains("it is no tournament"), "{}", wrong.err);
    let recipe = "(format: 1, name: \"few\", method: rank, answers: 8, \
                  pairing: informative, games: 3)";
    place.write("p/recipes/few.ron", recipe);
    let check = place.expect(0, &["check", "p"]);
    assert!(check.out.contains("it takes 7 to tie 8 answers together"), "{}", check.out);
}
