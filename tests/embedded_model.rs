//! The whole loop on the embedded model, which is fetched as a user would fetch it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test may")]

mod program;

use program::Place;
use serde_json::Value;

/// A constitution, a rubric and prompts so small that a debug build is done in minutes.
fn small_project() -> Place {
    let place = Place::new();
    place.expect(0, &["init", "p"]);
    place.write(
        "p/rubrics/one.ron",
        "(format: 1, name: \"One\", criteria: [(id: \"C1\", name: \"Clarity\", \
         description: \"easy to follow\", scale: Levels(lowest: 1, anchors: [\"muddled\", \
         \"uneven\", \"clear\"]))])",
    );
    for (stem, method) in [("a", "critique"), ("b", "preference"), ("c", "r#chain+score")] {
        let recipe = format!(
            "(format: 1, name: \"small {stem}\", method: {method}, rubric: \"one\", \
             constitution: \"teaching-tiny\", rounds: 1, principles_per_pair: 1, \
             reason_first: false, shots: 0, sampling: (max_tokens: 24))"
        );
        place.write(&format!("p/recipes/{stem}.ron"), &recipe);
    }
    place
}

#[test]
fn the_embedded_model_makes_all_three_kinds_of_data() {
    if std::env::var_os("PREAMBLE_OFFLINE").is_some_and(|value| value == "1") {
        println!("SKIPPED: PREAMBLE_OFFLINE=1 forbids fetching the embedded model");
        return;
    }
    let place = small_project();
    place.expect(0, &["models", "fetch", "embedded"]);
    for (recipe, format, records) in
        [("a", "trl-sft", 2), ("b", "trl-preference", 2), ("c", "rewards", 4)]
    {
        place.expect(0, &["run", "p", "--recipe", recipe, "--limit", "2"]);
        let out = format!("out-{recipe}");
        let words = [
            "export",
            "p",
            "--run",
            "latest",
            "--format",
            format,
            "--out",
            &out,
            "--keep-cut-off",
            "--drop-band",
            "0",
        ];
        place.expect(0, &words);
        let rows: Vec<Value> = place.lines(&format!("{out}/data/train.jsonl"));
        assert!(!rows.is_empty() && rows.len() <= records, "{recipe}: {} records", rows.len());
        if format == "rewards" {
            let is_reward = |row: &Value| {
                row["reward"].as_f64().is_some_and(|reward| (0.0..=1.0).contains(&reward))
            };
            assert!(rows.iter().all(is_reward), "{rows:?}");
        }
    }
    // Done once, it replays without the model.
    let again = place.expect(0, &["run", "p", "--recipe", "a", "--limit", "2", "--replay-only"]);
    assert!(again.out.contains("0 sent"), "{}", again.out);
}

#[test]
fn offline_without_the_model_it_says_how_to_get_it() {
    let place = small_project();
    let mut command = place.command(&["run", "p", "--recipe", "a", "--limit", "1"]);
    command.env("PREAMBLE_OFFLINE", "1").env("PREAMBLE_MODELS_DIR", place.path("no-models"));
    let ended = program::ended(&command.output().unwrap());
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(ended.err.contains("PREAMBLE_OFFLINE"), "{}", ended.err);
}
