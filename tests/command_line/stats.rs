//! One statistic on its own lines.

use serde_json::{Value, json};

use crate::number;
use crate::program::Place;

const NAMES: [&str; 15] = [
    "cohen_kappa",
    "weighted_kappa",
    "agreement",
    "gwet_ac1",
    "fleiss_kappa",
    "krippendorff_alpha",
    "bradley_terry",
    "win_rate",
    "length_controlled_win_rate",
    "position_bias",
    "length_bias",
    "self_preference",
    "calibration",
    "corrected_rate",
    "principle_health",
];

#[test]
fn statistics_are_listed_and_one_is_measured() {
    let place = Place::new();
    let listed = place.expect(0, &["stats", "list"]);
    let as_json = place.expect(0, &["stats", "list", "--json"]).json();
    let names: Vec<&Value> = as_json.as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, NAMES);
    for name in NAMES {
        assert!(listed.out.contains(&format!("{name} ")), "{name} is not listed");
    }

    // a says yes on 30, b on those and on 15 others: 45 of 60 alike, chance one half, so κ is ½.
    let mut lines: Vec<String> = Vec::new();
    for n in 0..60 {
        let (a, b) = (n % 2 < 1, n % 4 != 1);
        lines.push(format!("{{\"item\":{n},\"a\":{a},\"b\":{b}}}\r\n"));
    }
    let input = format!("\u{feff}{}\n\n", lines.concat());
    let ended = place.run_with_input(&["stats", "cohen_kappa", "--json"], &input);
    assert_eq!((ended.code, ended.err.as_str()), (0, ""));
    let found = ended.json();
    assert!((number(&found, "/value") - 0.5).abs() < 1e-9, "{found}");
    assert!(number(&found, "/ci/0") < number(&found, "/value"));
    assert_eq!((&found["n"], &found["name"]), (&json!(60), &json!("cohen_kappa")));
    let again = place.run_with_input(&["stats", "cohen_kappa", "--json"], &input);
    assert_eq!(again.out, ended.out, "the same draws each time");

    place.write("few.jsonl", "{\"p_b\":0.9}\n");
    let few = place.expect(0, &["stats", "win_rate", "--input", "few.jsonl", "--json"]).json();
    assert_eq!(few["value"], Value::Null);
    let few = place.expect(0, &["stats", "win_rate", "--input", "few.jsonl"]);
    assert!(few.out.contains("too few to tell: 1 of at least 20"), "{}", few.out);
}

#[test]
fn a_bad_line_is_named_and_nothing_is_measured() {
    let place = Place::new();
    place.write("bad.jsonl", "\nthis is no JSON\n{\"item\":1,\"item\":2}\n");
    for name in NAMES {
        let refused = place.expect(1, &["stats", name, "--input", "bad.jsonl", "--json"]);
        assert_eq!(refused.out, "", "{name}");
        for words in ["line 2: it is no JSON", "line 3: “item” is there twice", "of 2 lines, 2 "]
        {
            assert!(refused.err.contains(words), "{name}: {}", refused.err);
        }
    }
    let range = "{\"p\":0.5,\"y\":1}\n{\"p\":1.5,\"y\":1}\n{\"p\":NaN,\"y\":1}\n";
    let refused = place.run_with_input(&["stats", "calibration"], range);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("line 2: “p” is 1.5, not a number of 0 to 1"), "{}", refused.err);
    assert!(refused.err.contains("line 3: "), "{}", refused.err);
    let unknown = place.expect(2, &["stats", "cohens_kappa"]);
    assert!(unknown.err.contains("krippendorff_alpha"), "{}", unknown.err);
    place.expect(2, &["stats", "win_rate", "--level", "nominal"]);
    place.expect(1, &["stats", "win_rate", "--input", "not-there.jsonl"]);
}
