//! A judge asked about a label set, reported on, and its map applied to an export.

use serde_json::{Value, json};

use crate::program::Place;
use crate::program::server::{Manner, Server};
use crate::{number, project, text};

/// A project with 24 labelled pairs and a judge that a server answers for.
fn labelled(server: &Server) -> Place {
    let place = project();
    // Answers as the server writes them, so that it knows the better one.
    let lines: Vec<String> = (0..24)
        .map(|n| {
            let answer =
                |m: u32| format!("This answer could say more about its reasons ({m:016x}).");
            json!({
                "id": format!("i{n}"),
                "prompt": format!("Question {n}?"),
                "a": answer(n * 7 % 24),
                "b": answer(n * 5 % 24 + 100),
                "label": if n % 3 == 0 { "A" } else { "B" },
                "labeller": "ada",
            })
            .to_string()
        })
        .collect();
    place.write("honesty.jsonl", &lines.join("\n"));
    place.expect(0, &["import", "p", "honesty.jsonl", "--as", "labels"]);
    judge(&place, server, "");
    place
}

fn judge(place: &Place, server: &Server, more: &str) {
    let model = server.openai();
    place.write(
        "p/judges/strict.ron",
        &format!(
            "(format: 1, name: \"Strict\", models: [\"{model}\"], protocol: Pairwise, \
             reason_first: false, votes: 1, principles_per_pair: 1, canaries: 0.0, {more})"
        ),
    );
}

const REPORT: [&str; 7] =
    ["judge-report", "p", "--judge", "strict", "--labels", "honesty", "--json"];

fn report<'w>(more: &[&'w str]) -> Vec<&'w str> {
    [&REPORT[..], more].concat()
}

#[test]
fn a_judge_is_asked_once_and_reported_on() {
    let server = Server::start(Manner::default());
    let place = labelled(&server);
    let early = place.expect(1, &report(&[]));
    assert!(early.err.contains("has not judged honesty yet"), "{}", early.err);
    assert!(early.err.contains("add --run"), "{}", early.err);
    // Its price is not known, so somebody has to say yes.
    let held = place.expect(3, &report(&["--split", "all", "--run"]));
    assert!(held.err.contains("208 are new, the price of openai:m"), "{}", held.err);
    assert_eq!(server.count(), 0);

    let ended = place.expect(0, &report(&["--split", "all", "--run", "--yes"]));
    assert_eq!(server.count(), 208, "24 pairs, 20 of them in 4 more ways, in both orders");
    assert!(ended.err.contains("look 1 at gold for strict"), "{}", ended.err);
    let told = ended.json();
    assert_eq!(told["report"]["counts"]["judged"], 24);
    assert_eq!(told["report"]["agreement"]["n"], 24);
    assert_eq!(text(&told, "/judging/name"), "Strict");
    number(&told, "/report/agreement/raw/value");
    // Too few for a temperature: null with the reason.
    let temperature = &told["report"]["calibration"]["temperature"];
    assert_eq!(temperature["value"], Value::Null);
    assert!(text(temperature, "/note").starts_with("too few to tell: 24"), "{temperature}");
    let perturbations = told["report"]["robustness"]["perturbations"].as_array().unwrap();
    assert_eq!(perturbations.len(), 3, "{perturbations:?}");
    let wrong = told["report"]["disagreements"].as_array().unwrap().len();
    let raw = number(&told, "/report/agreement/raw/value");
    assert!((raw - (24 - wrong) as f64 / 24.0).abs() < 1e-9);

    // Again it costs nothing, and nothing is sent without --run.
    let again = place.expect(0, &report(&["--split", "all", "--run"])).json();
    assert_eq!(again["report"], told["report"]);
    assert_eq!(server.count(), 208);
    let words = ["judge-report", "p", "--judge", "Strict", "--labels", "honesty"];
    let shown = place.expect(0, &words);
    for part in ["Agreement", "constant guess", "Bias", "picks first", "Calibration", "People"] {
        assert!(shown.out.contains(part), "{part}: {}", shown.out);
    }
    assert_eq!(place.lines("p/labels/honesty/looks.jsonl").len(), 2);
    let few = place.expect(1, &report(&["--fit", "temperature"]));
    assert!(few.err.contains("no map was fitted: too few to tell"), "{}", few.err);
    place.expect(0, &["check", "p"]);
}

#[test]
fn a_kept_map_is_applied_to_the_same_judges_rows_only() {
    let server = Server::start(Manner::default());
    let place = labelled(&server);
    let model = server.openai();
    place.expect(0, &["run", "p", "--recipe", "preference", "--limit", "2", "--model", &model]);
    let export = |out: &str, more: &[&str]| {
        let words = ["export", "p", "--run", "latest", "--format", "trl-preference", "--drop-band"];
        place.run(&[&words[..], &["0", "--out", out], more].concat())
    };
    assert_eq!(export("said", &[]).code, 0);
    let none = export("none", &["--recalibrate", "strict"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("no map is kept with the judge strict"), "{}", none.err);

    let manifest: Value = serde_json::from_str(&place.read("said/manifest.json")).unwrap();
    let identity = manifest["run"]["models"]["judge"]["identity"].as_str().unwrap().to_owned();
    let map = |models: &str| {
        format!(
            "recalibration: (map: (kind: \"temperature\", temperature: 2.0), labels: 120, \
             seed: 0, mirrored: true, judged_by: (models: [\"{models}\"], protocol: Pairwise), \
             set: \"honesty\")"
        )
    };
    judge(&place, &server, &map("openai:other"));
    let refused = export("other", &["--recalibrate", "strict"]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(
        refused.err.contains("openai:other") && refused.err.contains(&identity),
        "{}",
        refused.err
    );
    judge(&place, &server, &map(&identity));
    let ended = export("meant", &["--recalibrate", "Strict"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let (said, meant) =
        (place.lines("said/data/train.jsonl"), place.lines("meant/data/train.jsonl"));
    assert_eq!((said.len(), meant.len()), (2, 2));
    for (said, meant) in said.iter().zip(&meant) {
        let p = number(said, "/p");
        let odds = (p / (1.0 - p)).ln() / 2.0;
        assert!((number(meant, "/p") - 1.0 / (1.0 + (-odds).exp())).abs() < 1e-9, "{meant}");
        assert_eq!(said["p_ab"], meant["p_ab"], "what it said stays as it said it");
        assert_eq!(said["chosen"], meant["chosen"]);
    }
    let manifest: Value = serde_json::from_str(&place.read("meant/manifest.json")).unwrap();
    let kept = &manifest["export"]["options"]["recalibration"];
    assert_eq!(
        (&kept["labels"], &kept["mirrored"], &kept["seed"]),
        (&json!(120), &json!(true), &json!(0))
    );
    let hash = text(&manifest, "/recalibration_hash");
    assert_eq!(hash.len(), 64);
    assert!(place.read("meant/README.md").contains(hash), "the card names it, too");
}

#[test]
fn models_are_weighed_by_what_they_get_right() {
    let server = Server::start(Manner::default());
    let place = labelled(&server);
    let alone = place.expect(1, &report(&["--run", "--yes", "--weigh", "kappa"]));
    assert!(alone.err.contains("nothing to weigh it against"), "{}", alone.err);
    let (one, other) = (server.openai(), server.anthropic());
    let panel = |rule: &str| {
        place.write(
            "p/judges/strict.ron",
            &format!(
                "(format: 1, name: \"Strict\", models: [\"{one}\", \"{other}\"], {rule} \
                 protocol: Pairwise, reason_first: false, votes: 1, principles_per_pair: 1, \
                 canaries: 0.0)"
            ),
        );
    };
    panel("");
    let set = place.read("p/labels/honesty/set.ron");
    assert!(set.contains("gold: 0.5"), "{set}");
    place.write("p/labels/honesty/set.ron", &set.replace("gold: 0.5", "gold: 0.0"));
    let ended = place.expect(0, &report(&["--split", "all", "--run", "--yes", "--weigh", "kappa"]));
    let asked = server.count();
    assert!(ended.err.contains("weights kept in") && ended.err.contains("κ"), "{}", ended.err);
    let kept = place.read("p/judges/strict.ron");
    assert!(kept.contains("rule: Weighted") || kept.contains("rule: weighted"), "{kept}");
    let weights: Vec<f64> = kept
        .split("weights: [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .unwrap()
        .split(',')
        .filter_map(|weight| weight.trim().parse().ok())
        .collect();
    assert_eq!(weights.len(), 2, "{kept}");
    assert!((weights.iter().sum::<f64>() - 1.0).abs() < 2e-3, "{kept}");
    // It is another judge now, of verdicts that the journal holds.
    let early = place.expect(1, &report(&[]));
    assert!(early.err.contains("has not judged honesty yet"), "{}", early.err);
    place.expect(0, &report(&["--split", "all", "--run", "--yes"]));
    assert_eq!(server.count(), asked, "nothing is asked again");
}
