//! A judge of the project in recipes of runs and in comparisons.

use serde_json::{Value, json};

use crate::program::Place;
use crate::program::server::{Manner, Server};
use crate::{project, text};

/// The judge `two` of two models that one server answers for, with more settings.
fn judge(place: &Place, server: &Server, more: &str) {
    let [one, two] =
        ["one", "two"].map(|name| server.openai().replace(":m@", &format!(":{name}@")));
    place.write(
        "p/judges/two.ron",
        &format!(
            "(format: 1, name: \"Two readers\", models: [\"{one}\", \"{two}\"], \
             protocol: Pairwise, reason_first: false, votes: 1, principles_per_pair: 1, \
             canaries: 0.0, {more})"
        ),
    );
}

fn recipe(place: &Place, judge: &str) {
    let text = format!("(format: 1, name: \"own\", method: preference, judge: \"{judge}\")");
    place.write("p/recipes/own.ron", &text);
}

fn judged(place: &Place) -> Value {
    serde_json::from_str(&place.read("said/manifest.json")).unwrap()
}

#[test]
fn a_recipes_judge_judges_its_run_and_stands_in_its_export() {
    let (place, server) = (project(), Server::start(Manner::default()));
    judge(&place, &server, "");
    recipe(&place, "two");
    place.expect(0, &["check", "p"]);
    let writer = format!("writer={}", server.openai());
    let words = ["run", "p", "--recipe", "own", "--limit", "2", "--model", &writer, "--json"];
    let summary = place.expect(0, &words).json();
    assert_eq!(server.count(), 12, "two drafts and two judges in both orders, twice");
    assert_eq!((&summary["calls"], &summary["rows_failed"]), (&json!(12), &json!(0)));
    assert_eq!(text(&summary, "/judge/name"), "Two readers");
    let shown = place.expect(0, &["runs", "p", "latest"]);
    assert!(shown.out.contains("judge     Two readers: openai:one@"), "{}", shown.out);

    let export = |more: &[&str]| {
        let words = ["export", "p", "--format", "trl-preference", "--drop-band", "0", "--force"];
        place.run(&[&words[..], &["--out", "said"], more].concat())
    };
    let ended = export(&[]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let manifest = judged(&place);
    assert_eq!(text(&manifest, "/run/judge/judge"), "two");
    assert_eq!(manifest["run"]["judge"]["models"].as_array().unwrap().len(), 2);
    assert_eq!(text(&manifest, "/run/recipe/judge"), "two");
    let asked = text(&manifest, "/run/hashes/judge").to_owned();
    let card = place.read("said/README.md");
    assert!(card.contains("| judge | Two readers: openai:one@") && card.contains(&asked), "{card}");

    // A map is applied where the judge is asked as it was when the map was fitted.
    let models: Vec<String> = manifest["run"]["judge"]["models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|model| format!("\"{}\"", model[0].as_str().unwrap()))
        .collect();
    let map = |asked: &str| {
        format!(
            "recalibration: (map: (kind: \"temperature\", temperature: 2.0), labels: 120, \
             seed: 0, mirrored: true, judged_by: (models: [{}], protocol: Pairwise, \
             asked: \"{asked}\"))",
            models.join(", ")
        )
    };
    judge(&place, &server, &map("0123456789"));
    let refused = export(&["--recalibrate", "two"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("asked as 01234567"), "{}", refused.err);
    judge(&place, &server, &map(&asked));
    let ended = export(&["--recalibrate", "two"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let before = server.count();
    place.expect(0, &words);
    assert_eq!(server.count(), before, "a map changes nothing that is asked");
}

#[test]
fn a_judge_that_is_not_there_is_named_with_what_to_do() {
    let (place, server) = (project(), Server::start(Manner::default()));
    judge(&place, &server, "");
    let model = server.openai();
    let run = |judge: &str, code| {
        let writer = format!("writer={model}");
        let words = ["run", "p", "--recipe", "preference", "--limit", "1", "--model", &writer];
        place.expect(code, &[&words[..], &["--judge", judge]].concat())
    };
    let missing = run("three", 1);
    assert!(missing.err.contains("there is no judge called “three”"), "{}", missing.err);
    assert!(missing.err.contains("use one of two"), "{}", missing.err);
    assert_eq!(server.count(), 0);
    run("judges/two.ron", 0);
    assert_eq!(server.count(), 6);

    recipe(&place, "three");
    for checked in ["p", "p/recipes/own.ron"] {
        let ended = place.expect(1, &["check", checked]);
        assert!(ended.out.contains("own.ron: error: judge: there is no judge"), "{}", ended.out);
        assert!(ended.out.contains("hint: use one of two"), "{}", ended.out);
    }
    place.expect(1, &["run", "p", "--recipe", "own", "--limit", "1"]);
}

#[test]
fn a_comparison_takes_a_judge_or_a_model() {
    let (place, server) = (project(), Server::start(Manner::default()));
    judge(&place, &server, "");
    let model = server.openai();
    let words = ["compare", "p", "--a", "none", "--b", "teaching-tiny", "--judged-by", "overall"];
    let sides = ["--a-model", &model, "--b-model", &model, "--limit", "1", "--json"];
    let by =
        |judge: &str| place.expect(0, &[&words[..], &sides, &["--judge", judge]].concat()).json();
    let report = by("two");
    let said = text(&report, "/comparison/judge_identity").to_owned();
    assert!(said.starts_with("openai:one@") && said.ends_with(", Mean"), "{said}");
    assert_eq!(text(&by("judges/two"), "/comparison/judge"), "Two readers");
    assert!(text(&by(&model), "/comparison/judge_identity").starts_with("openai:m@"));
}
