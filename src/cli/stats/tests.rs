//! Each statistic from lines to its answer, against the fixtures of the reference implementations
//! or by hand, and where there is no number.

use serde_json::{Map, Value, json};

use super::*;

fn arguments(name: &str) -> Arguments {
    Arguments {
        name: name.to_owned(),
        input: PathBuf::from("-"),
        json: true,
        seed: 0,
        level: None,
        baseline: None,
        tie_band: None,
    }
}

/// What a statistic says of lines, or what is wrong with the first that is bad.
fn of_lines(
    arguments: &Arguments,
    lines: impl IntoIterator<Item = Value>,
) -> Result<Map<String, Value>, String> {
    let known = find(&arguments.name).unwrap();
    let mut statistic = (known.make)(arguments);
    for line in lines {
        take(statistic.as_mut(), &line.to_string())?;
    }
    let report = statistic.report(arguments.seed)?;
    assert!(report.text().starts_with(known.name), "{}", report.text());
    Ok(report.json().clone())
}

fn said(arguments: &Arguments, lines: impl IntoIterator<Item = Value>) -> Map<String, Value> {
    of_lines(arguments, lines).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn near(ours: &Value, theirs: &Value) {
    let (ours, theirs) = (number(ours), number(theirs));
    assert!((ours - theirs).abs() < 1e-6, "{ours} is not {theirs}");
}

fn near_ends(ours: &Value, theirs: &Value) {
    near(&ours[0], &theirs[0]);
    near(&ours[1], &theirs[1]);
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn fixture(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn agreement_file() -> Value {
    fixture(include_str!("../../../tests/fixtures/stats/agreement.json"))
}

/// The lines of a matrix of labels, missing ones left out.
fn ratings<'a>(labels: &'a [Value], levels: Option<&'a [Value]>) -> impl Iterator<Item = Value> {
    labels.iter().enumerate().flat_map(move |(item, row)| {
        let given = list(row).iter().enumerate().filter(|(_, label)| !label.is_null());
        given.map(move |(rater, label)| {
            let label = match levels {
                Some(levels) => &levels[label.as_u64().unwrap() as usize],
                None => label,
            };
            json!({"item": item, "rater": format!("r{rater}"), "label": label})
        })
    })
}

#[test]
fn two_raters_are_those_of_statsmodels() {
    for case in list(&agreement_file()["cohen"]["cases"]) {
        let rows = list(&case["a"]).iter().zip(list(&case["b"])).enumerate();
        let lines: Vec<Value> =
            rows.map(|(item, (a, b))| json!({"item": item, "a": a, "b": b})).collect();
        let seed = case["seed"].as_u64().unwrap();
        let of = |name| said(&Arguments { seed, ..arguments(name) }, lines.clone());
        let kappa = of("cohen_kappa");
        near(&kappa["value"], &case["equal"]["kappa"]);
        near_ends(&kappa["ci"], &case["equal"]["interval"]);
        near(&kappa["agreement"]["value"], &case["raw"]);
        near(&kappa["constant_guess"], &case["constant_guess"]);
        assert_eq!(kappa["n"], lines.len());
        let weighted = of("weighted_kappa");
        near(&weighted["value"], &case["quadratic"]["kappa"]);
        near_ends(&weighted["ci"], &case["quadratic"]["interval"]);
        let agreement = of("agreement");
        near(&agreement["value"], &case["raw"]);
        assert_eq!(agreement["cohen_kappa"], part(&kappa));
    }
}

fn part(all: &Map<String, Value>) -> Value {
    json!({"value": all["value"], "ci": all["ci"], "n": all["n"]})
}

#[test]
fn lines_of_one_item_are_drawn_together() {
    let case = &agreement_file()["cohen"]["clustered"];
    let lines = (0..list(&case["a"]).len())
        .map(|n| json!({"item": case["items"][n], "a": case["a"][n], "b": case["b"][n]}));
    let seed = case["seed"].as_u64().unwrap();
    let found = said(&Arguments { seed, ..arguments("cohen_kappa") }, lines.clone());
    near_ends(&found["ci"], &case["interval"]);
    assert_eq!(found["items"], 22);
    let apart = lines.map(|mut line| {
        line.as_object_mut().unwrap().shift_remove("item");
        line
    });
    assert_eq!(said(&arguments("cohen_kappa"), apart)["items"], 60);
}

#[test]
fn many_raters_are_those_of_their_references() {
    let file = agreement_file();
    for case in list(&file["gwet"]).iter().filter(|case| {
        list(&case["labels"])
            .iter()
            .all(|row| list(row).len() == 2 && !row[0].is_null() && !row[1].is_null())
    }) {
        let lines = list(&case["labels"]).iter().map(|row| json!({"a": row[0], "b": row[1]}));
        near(&said(&arguments("gwet_ac1"), lines)["value"], &case["identity"]["value"]);
    }
    for case in list(&file["fleiss"]) {
        let seed = case["seed"].as_u64().unwrap();
        let asked = Arguments { seed, ..arguments("fleiss_kappa") };
        let found = said(&asked, ratings(list(&case["labels"]), None));
        near(&found["value"], &case["kappa"]);
        near_ends(&found["ci"], &case["interval"]);
    }
    for case in list(&file["krippendorff"]) {
        for (level, word) in [
            ("nominal", LevelWord::Nominal),
            ("ordinal", LevelWord::Ordinal),
            ("interval", LevelWord::Interval),
        ] {
            let asked = Arguments { level: Some(word), ..arguments("krippendorff_alpha") };
            let lines = ratings(list(&case["labels"]), Some(list(&case["levels"])));
            let found = said(&asked, lines);
            near(&found["value"], &case[level]["alpha"]);
            assert_eq!(found["level"], level);
        }
    }
}

#[test]
fn fleiss_names_the_statistic_that_bears_missing_labels() {
    let mut lines: Vec<Value> = (0..50)
        .map(|n| json!({"item": n / 2, "rater": n % 2, "label": if n % 3 == 0 {"x"} else {"y"}}))
        .collect();
    lines.pop();
    let found = said(&arguments("fleiss_kappa"), lines.clone());
    assert_eq!(found["value"], Value::Null);
    assert!(found["note"].as_str().unwrap().contains("krippendorff_alpha"), "{found:?}");
    assert!(said(&arguments("krippendorff_alpha"), lines)["value"].is_number());
    let twice = vec![json!({"item": 1, "rater": "r", "label": 1}); 2];
    let error = of_lines(&arguments("krippendorff_alpha"), twice).unwrap_err();
    assert!(error.contains("“r” has labelled “1” before"), "{error}");
}

#[test]
fn strengths_are_those_of_choix() {
    let file = fixture(include_str!("../../../tests/fixtures/stats/ranking.json"));
    let case = &file["exact"][0];
    let lines: Vec<Value> = list(&case["games"])
        .iter()
        .enumerate()
        .map(|(item, game)| {
            let player = |place: usize| format!("p{}", game[place]);
            json!({"item": item, "a": player(0), "b": player(1), "p_a": game[2]})
        })
        .collect();
    let seed = case["seed"].as_u64().unwrap();
    let found = said(&Arguments { seed, ..arguments("bradley_terry") }, lines.clone());
    for standing in list(&found["value"]) {
        let player: usize = standing["name"].as_str().unwrap()[1..].parse().unwrap();
        near(&standing["strength"], &case["strengths"][player]);
        near_ends(&standing["ci"], &case["intervals"][player]);
        assert!(standing["ranks"][0].as_u64() <= standing["ranks"][1].as_u64());
    }
    assert_eq!((&found["fit"], &found["n"]), (&json!("exact"), &json!(lines.len())));
    let asked = Arguments { baseline: Some("p2".to_owned()), ..arguments("bradley_terry") };
    let found = said(&asked, lines.clone());
    let base = list(&found["value"]).iter().find(|one| one["name"] == "p2").unwrap();
    near(&base["strength"], &json!(0.0));
    near(&base["elo"], &json!(1000.0));
    let asked = Arguments { baseline: Some("p9".to_owned()), ..arguments("bradley_terry") };
    assert!(of_lines(&asked, lines).unwrap_err().contains("“p9”"));
    let alone = [json!({"a": "x", "b": "x", "p_a": 1})];
    assert!(of_lines(&arguments("bradley_terry"), alone).unwrap_err().contains("against itself"));
}

#[test]
fn win_rates_count_ties_as_half_and_take_length_out() {
    // 25 wins, 10 ties, 5 losses: 30 of 40.
    let lines = (0..40).map(|n| {
        let p_b = match n {
            0..25 => 0.9,
            25..35 => 0.53,
            _ => 0.2,
        };
        json!({"item": n, "p_b": p_b})
    });
    let found = said(&arguments("win_rate"), lines.clone());
    near(&found["value"], &json!(0.75));
    assert_eq!((&found["a"], &found["ties"], &found["b"]), (&json!(5), &json!(10), &json!(25)));
    let narrow = Arguments { tie_band: Some(0.0), ..arguments("win_rate") };
    near(&said(&narrow, lines)["value"], &json!(0.875));
    let file = fixture(include_str!("../../../tests/fixtures/stats/length_controlled.json"));
    for case in list(&file["cases"]) {
        let lines = list(&case["outcomes"])
            .iter()
            .zip(list(&case["lengths"]))
            .map(|(p_b, length)| json!({"p_b": p_b, "len_a": length[0], "len_b": length[1]}));
        let seed = case["seed"].as_u64().unwrap();
        let asked = Arguments { seed, ..arguments("length_controlled_win_rate") };
        let found = said(&asked, lines);
        near(&found["value"], &case["rate"]);
        near_ends(&found["ci"], &case["interval"]);
        near(&found["phi"], &case["phi"]);
    }
}

#[test]
fn both_probabilities_of_a_position_are_of_the_response_shown_first() {
    // 20 for the first place, 4 for the second, 76 for the same response in both orders.
    let lines = (0..100).map(|n| {
        let (p_ab, p_ba) = match n {
            0..20 => (0.9, 0.8),
            20..24 => (0.4, 0.4),
            n if n % 2 == 0 => (0.8, 0.2),
            _ => (0.2, 0.8),
        };
        json!({"item": n, "p_ab": p_ab, "p_ba": p_ba})
    });
    let found = said(&arguments("position_bias"), lines);
    near(&found["value"], &json!(0.58));
    near(&found["consistency"]["value"], &json!(0.76));
    assert_eq!((&found["primacy"], &found["recency"]), (&json!(20), &json!(4)));
    assert_eq!(found["flag"], "flagged");
}

#[test]
fn biases_are_those_by_hand() {
    // The judge is for the longer wherever people are, and on 24 of the 30 where they are not.
    let lines = (0..60).map(|n| {
        let (len_a, len_b) = if n % 2 == 0 { (10, 20) } else { (20, 10) };
        let b = |longer: bool| longer == (n % 2 == 0);
        json!({"judge_b": b(n % 10 > 0), "human_b": b(n % 2 > 0), "len_a": len_a, "len_b": len_b})
    });
    let found = said(&arguments("length_bias"), lines.clone());
    near(&found["value"], &json!(0.8));
    near(&found["excess"]["value"], &json!(0.4));
    let unlabelled = lines.map(|mut line| {
        line["human_b"] = Value::Null;
        line
    });
    let found = said(&arguments("length_bias"), unlabelled);
    assert_eq!((&found["value"], &found["labelled"]), (&Value::Null, &json!(0)));
    assert!(found["judge_prefers_longer"]["value"].is_number());

    let lines = (0..64).map(|n| match n {
        0..40 => json!({"judge_own": true, "human_own": 1, "own": true}),
        40..48 => json!({"judge_own": 0.2, "human_own": false}),
        48..60 => json!({"judge_own": 1, "human_own": 0}),
        60 => json!({"judge_own": 0.5, "human_own": 1}),
        _ => json!({"judge_own": 1, "human_own": 1, "own": false}),
    });
    let found = said(&arguments("self_preference"), lines);
    near(&found["value"], &json!(0.6));
    assert_eq!((&found["n"], &found["ties_left_out"]), (&json!(60), &json!(1)));
    assert_eq!((&found["without_own_left_out"], &found["flag"]), (&json!(3), &json!("flagged")));
}

#[test]
fn calibration_is_that_of_scikit_learn() {
    let file = fixture(include_str!("../../../tests/fixtures/stats/calibration.json"));
    for case in list(&file["cases"]) {
        let rows = list(&case["said"]).iter().zip(list(&case["was"]));
        let lines: Vec<Value> = rows.map(|(p, y)| json!({"p": p, "y": y})).collect();
        let seed = case["seed"].as_u64().unwrap();
        let found = said(&Arguments { seed, ..arguments("calibration") }, lines.clone());
        let bins = if lines.len() < 200 { "quantile3" } else { "quantile10" };
        near(&found["value"], &case[bins]["ece"]);
        near_ends(&found["ci"], &case[bins]["interval"]);
        near(&found["brier"]["value"], &case["brier"]);
        near(&found["temperature"]["value"], &case["temperature"]);
        near(&found["platt"]["slope"], &case["platt"][0]);
        assert_eq!(list(&found["bins"]).len(), list(&case[bins]["n"]).len());
        assert_eq!(found["isotonic"].get("note").is_some(), lines.len() < 500);
    }
}

/// `passed` of `n` lines, of which the last have people's labels.
fn judged(passed: usize, n: usize, gold: [usize; 4]) -> Vec<Value> {
    let [passing, both_pass, failing, both_fail] = gold;
    let mut lines = Vec::new();
    let mut add = |count: usize, judge: bool, human: Option<bool>| {
        lines.extend((0..count).map(|_| json!({"judge": judge, "human": human})));
    };
    add(both_pass, true, Some(true));
    add(passing - both_pass, false, Some(true));
    add(both_fail, false, Some(false));
    add(failing - both_fail, true, Some(false));
    let labelled = both_pass + failing - both_fail;
    add(passed - labelled, true, None);
    add(n - passed - (passing + failing - labelled), false, None);
    lines
}

#[test]
fn a_rate_is_corrected_as_by_its_authors() {
    let file = fixture(include_str!("../../../tests/fixtures/stats/calibration.json"));
    let mut compared = 0;
    for case in list(&file["corrected"]) {
        let count = |value: &Value| value.as_u64().unwrap() as usize;
        let gold = [0, 1, 2, 3].map(|place| count(&case["gold"][place]));
        let (passed, n) = (count(&case["passed"]), count(&case["n"]));
        // Where the people's labels are of other items than those counted there is no such input.
        let labelled = gold[1] + gold[2] - gold[3];
        if passed < labelled || n - passed < gold[0] + gold[2] - labelled {
            continue;
        }
        compared += 1;
        let found = said(&arguments("corrected_rate"), judged(passed, n, gold));
        near(&found["value"], &case["rate"]);
        near_ends(&found["ci"], &json!([case["low"], case["high"]]));
        assert_eq!(found["ci_by"], "formula");
    }
    assert!(compared > 0);
    let mut twice = judged(60, 100, [30, 25, 20, 15]);
    for (n, line) in twice.iter_mut().enumerate() {
        line["item"] = json!(n / 2);
    }
    let found = said(&arguments("corrected_rate"), twice);
    assert_eq!((&found["ci_by"], &found["items"]), (&json!("bootstrap"), &json!(50)));
    let few = said(&arguments("corrected_rate"), judged(60, 100, [9, 9, 20, 15]));
    assert_eq!(few["value"], Value::Null);
    near(&few["judge_rate"], &json!(0.6));
}

/// A good line of each statistic, and the field whose value is then spoilt.
fn good_lines() -> Vec<(&'static str, Value, &'static str)> {
    let two = json!({"item": 1, "a": 1, "b": 2});
    let many = json!({"item": 1, "rater": "r", "label": 1});
    let lengths = json!({"item": 1, "p_b": 0.4, "len_a": 5, "len_b": 6});
    let bias = json!({"item": 1, "judge_b": 1, "human_b": 0, "len_a": 5, "len_b": 6});
    vec![
        ("cohen_kappa", two.clone(), "a"),
        ("weighted_kappa", two.clone(), "a"),
        ("agreement", two.clone(), "b"),
        ("gwet_ac1", two, "b"),
        ("fleiss_kappa", many.clone(), "label"),
        ("krippendorff_alpha", many, "label"),
        ("bradley_terry", json!({"item": 1, "a": "x", "b": "y", "p_a": 1}), "p_a"),
        ("win_rate", lengths.clone(), "p_b"),
        ("length_controlled_win_rate", lengths, "len_b"),
        ("position_bias", json!({"item": 1, "p_ab": 0.4, "p_ba": 0.5}), "p_ba"),
        ("length_bias", bias, "judge_b"),
        ("self_preference", json!({"item": 1, "judge_own": 1, "human_own": 0}), "human_own"),
        ("calibration", json!({"item": 1, "p": 0.4, "y": 0}), "p"),
        ("corrected_rate", json!({"item": 1, "judge": true, "human": false}), "judge"),
        (
            "principle_health",
            json!({"item": 1, "principle": "P1", "vote": "A", "human": "B"}),
            "vote",
        ),
    ]
}

#[test]
fn too_few_is_no_number_and_a_bad_line_is_named_for_every_statistic() {
    let lines = good_lines();
    let names: Vec<&str> = lines.iter().map(|(name, _, _)| *name).collect();
    let known: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
    assert_eq!(names, known);
    for (name, good, field) in lines {
        for few in [vec![], vec![good.clone()]] {
            let found = said(&arguments(name), few);
            assert_eq!((&found["name"], &found["value"]), (&json!(name), &Value::Null));
            assert_eq!(found["ci"], Value::Null);
            assert!(found["note"].as_str().unwrap().starts_with("too few"), "{found:?}");
        }
        for (spoilt, value, word) in [
            (field, Some(json!([1])), field),
            (field, None, "it has no"),
            ("extra", Some(json!(1)), "“extra” is unknown"),
            ("item", Some(json!("")), "“item” is empty"),
        ] {
            let mut bad = good.clone();
            match value {
                Some(value) => bad[spoilt] = value,
                None => {
                    bad.as_object_mut().unwrap().shift_remove(spoilt);
                }
            }
            let error = of_lines(&arguments(name), [bad]).unwrap_err();
            assert!(error.contains(word), "{name}: {error}");
        }
    }
}

#[test]
fn names_and_options_that_are_not_there_are_told() {
    let wrong = find("cohens_kappa").map(|known| known.name).unwrap_err();
    assert!(wrong.hint.contains("did you mean cohen_kappa"), "{}", wrong.hint);
    assert!(wrong.hint.contains("corrected_rate"), "{}", wrong.hint);
    let wrong = Arguments { baseline: Some("x".to_owned()), ..arguments("win_rate") };
    assert!(check_options(&wrong).unwrap_err().hint.contains("bradley_terry"));
    let right = Arguments { tie_band: Some(0.1), ..arguments("win_rate") };
    assert_eq!(check_options(&right), Ok(()));
}

#[test]
fn votes_say_how_principles_are() {
    let mut lines = Vec::new();
    for item in 0..40 {
        let human = if item % 2 == 0 { "A" } else { "B" };
        let other = if item % 2 == 0 { "b" } else { "a" };
        for (principle, vote) in [
            ("P1", json!(human)),
            ("P2", json!(if item < 30 { human } else { "none" })),
            ("P3", json!(other)),
            ("P4", json!(if item < 39 { "both" } else { "none" })),
            ("P5", json!("unread")),
        ] {
            lines.push(json!({
                "item": item, "principle": principle, "vote": vote, "human": human
            }));
        }
    }
    let found = said(&arguments("principle_health"), lines.clone());
    let of = |place: usize| &found["value"][place];
    near(&of(0)["strength"]["value"], &json!(1.0));
    near(&of(1)["relevance"]["value"], &json!(0.75));
    near(&of(2)["kappa"]["value"], &json!(-1.0));
    assert_eq!((&of(3)["dead"], &of(4)["unread"]), (&json!(true), &json!(40)));
    let kinds: Vec<&Value> =
        found["overlaps"].as_array().unwrap().iter().map(|one| &one["kind"]).collect();
    assert_eq!(kinds, ["duplicate", "conflict", "conflict"]);
    // The same principle on the same pair twice, and people who prefer both, are mistakes.
    for (second, word) in [
        (json!({"item": 0, "principle": "P1", "vote": "B"}), "before"),
        (json!({"item": 0, "principle": "P9", "vote": "B", "human": "B"}), "prefer the other"),
    ] {
        let mut statistic = (KNOWN[14].make)(&arguments("principle_health"));
        take(statistic.as_mut(), &lines[0].to_string()).unwrap();
        let why = take(statistic.as_mut(), &second.to_string()).unwrap_err();
        assert!(why.contains(word), "{why}");
    }
}
