use proptest::prelude::*;

use super::*;
use crate::domain::{
    Case, Constitution, Criterion, CriterionId, Example, Gate, Principle, PrincipleId, Recipe,
    Rubric, Scale,
};
use crate::formats::markdown;

const GOOD: &str = "(
    format: 1,
    name: \"Tiny\",
    principles: [
        (
            id: \"P1\",
            text: \"Be kind.\",
        ),
    ],
)
";

fn problem(text: &str) -> Problem {
    parse::<Constitution>(text, "constitution").expect_err("it should not be read")
}

#[test]
fn an_unknown_field_names_its_line_and_the_nearest_name() {
    let text = GOOD.replace(
        "            text:",
        "            // wieght: 1\n            wieght: 2.0,\n            text:",
    );
    let found = problem(&text);
    assert_eq!(found.position, Some((8, 13)));
    assert_eq!(found.place, "wieght");
    assert!(found.what.contains("unknown field “wieght” in principle"), "{}", found.what);
    assert!(found.hint.contains("“weight”"), "{}", found.hint);
}

#[test]
fn a_newer_format_is_refused_before_anything_else() {
    let found = problem(&GOOD.replace("format: 1", "new_thing: [], /* x */ format: 2"));
    assert!(found.what.contains("format 2"), "{}", found.what);
    assert!(found.hint.contains("newer version"));
    assert!(found.position.is_some());
    // A format inside a text or a principle is not the document's.
    assert!(parse::<Constitution>(&GOOD.replace("Be kind.", "(format: 9"), "constitution").is_ok());
    let json = "{\"format\": 7, \"name\": \"x\", \"odd\": 1}";
    assert!(parse_json::<Rubric>(json, "rubric").unwrap_err().what.contains("format 7"));
}

#[test]
fn a_missing_format_is_mended_by_its_hint() {
    let found = problem(&GOOD.replace("    format: 1,\n", ""));
    assert_eq!(found.place, "format");
    assert!(found.hint.contains("format: 1,"), "{}", found.hint);
}

#[test]
fn broken_syntax_has_a_place() {
    let table: [(&str, &str, (usize, usize)); 4] = [
        ("\"Tiny\",", "\"Tiny\"", (4, 5)),
        ("\"Be kind.\"", "Be kind.", (7, 19)),
        ("(\n            id", "(\n            id: \"x\", id", (6, 22)),
        ("principles: [", "principles: (", (4, 17)),
    ];
    for (from, to, place) in table {
        let found = problem(&GOOD.replacen(from, to, 1));
        assert_eq!(found.position, Some(place), "{to}: {} {}", found.what, found.hint);
        assert!(!found.hint.is_empty());
    }
    let cut = problem(&GOOD[..60]);
    assert!(cut.position.is_some() && !cut.what.is_empty());
}

#[test]
fn comments_are_seen_outside_of_texts_only() {
    assert!(has_comments("( // why\n)"));
    assert!(has_comments("(a: \"x\" /* why */)"));
    assert!(!has_comments("(a: \"http://x /* no */\", b: r#\"// no \" \"#)"));
    assert!(!has_comments(GOOD));
}

#[test]
fn documents_read_well() {
    let mut document = Constitution::named("Say \"hi\"");
    document.principles.push(Principle {
        id: "P1".into(),
        text: "Line one.\nLine \"two\" \\ don't.\n".to_owned(),
        tags: vec!["honesty".to_owned(), "tone".to_owned()],
        notes: "مرحبا 👋 \u{2028}\0".to_owned(),
        ..Principle::default()
    });
    let text = to_ron(&document).unwrap();
    assert_eq!(
        text,
        "(\n    format: 1,\n    name: r#\"Say \"hi\"\"#,\n    principles: [\n        (\n            \
         id: \"P1\",\n            title: \"\",\n            text: r#\"Line one.\nLine \"two\" \\ \
         don't.\n\"#,\n            tags: [\"honesty\", \"tone\"],\n            notes: \
         \"مرحبا 👋 \\u{2028}\\u{0}\",\n        ),\n    ],\n)\n"
    );
    assert_eq!(parse::<Constitution>(&text, "constitution").unwrap(), document);
    // A checkout that turns line ends leaves the texts as they were.
    let windows = text.replace('\n', "\r\n");
    assert_eq!(parse::<Constitution>(&windows, "constitution").unwrap(), document);
}

#[test]
fn recipes_round_trip() {
    for method in [crate::domain::Method::Critique, crate::domain::Method::ChainScore] {
        let mut recipe = Recipe::built_in(method);
        recipe.sampling.seed = Some(3);
        let text = to_ron(&recipe).unwrap();
        assert!(text.contains("seed: 3"), "{text}");
        assert_eq!(parse::<Recipe>(&text, "recipe").unwrap(), recipe);
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z \"#\\\\\n\r\t>*`|·-]{0,40}",
        Just("r#\"nested\"#\"##\n".to_owned()),
    ]
}

prop_compose! {
    fn any_principle()(
        id in "[A-Za-z0-9 ]{1,6}", text in any_text(), title in any_text(), ask in any_text(),
        tags in prop::collection::vec(any_text(), 0..3), weight in 0.0..1e6_f64,
        priority in 1..=5_u8, enabled in any::<bool>(), notes in any_text(),
    ) -> Principle {
        Principle {
            id: PrincipleId(id), title, text, critique_request: ask.clone(), revision_request: ask,
            comparison_question: String::new(), tags, weight, priority, enabled,
            cases: vec![Case { prompt: notes.clone(), expect: notes.clone() }], notes,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ron_and_json_round_trip(
        name in any_text(), preface in any_text(),
        principles in prop::collection::vec(any_principle(), 0..4),
    ) {
        let example = Example { prompt: preface.clone(), ..Example::default() };
        let document = Constitution {
            preface, principles, examples: vec![example], ..Constitution::named(name)
        };
        let ron = to_ron(&document).unwrap();
        prop_assert_eq!(&parse::<Constitution>(&ron, "constitution").unwrap(), &document);
        prop_assert_eq!(to_ron(&document).unwrap(), ron);
        let json = to_json(&document).unwrap();
        prop_assert_eq!(&parse_json::<Constitution>(&json, "constitution").unwrap(), &document);
    }

    #[test]
    fn rubrics_round_trip(anchors in prop::collection::vec(any_text(), 2..6), points in -9.0..9.0_f64) {
        let criteria = vec![
            Criterion {
                id: CriterionId::from("C1"),
                scale: Scale::Levels { lowest: 1, anchors },
                gate: Gate::AtLeast(2),
                ..Criterion::default()
            },
            Criterion {
                id: CriterionId::from("C2"), scale: Scale::Points(points), ..Criterion::default()
            },
        ];
        let rubric = Rubric { criteria, ..Rubric::named("r") };
        let ron = to_ron(&rubric).unwrap();
        prop_assert_eq!(&parse::<Rubric>(&ron, "rubric").unwrap(), &rubric);
        prop_assert!(!markdown::rubric(&rubric).is_empty());
    }

    #[test]
    fn markdown_keeps_principles(principles in prop::collection::vec(any_principle(), 0..4)) {
        // Names stand on one line in Markdown, and tags between backticks.
        let principles: Vec<Principle> = principles.into_iter().map(|mut principle| {
            let plain = |text: &str| text.replace(['\n', '\r', '`'], " ").trim().to_owned();
            principle.id.0 = plain(&principle.id.0).replace(" · ", " ");
            principle.title = plain(&principle.title);
            principle.tags = principle.tags.iter().map(|tag| plain(tag)).filter(|t| !t.is_empty()).collect();
            for text in [&mut principle.text, &mut principle.critique_request,
                         &mut principle.revision_request, &mut principle.notes] {
                *text = text.replace('\r', "");
            }
            principle.cases = vec![Case { prompt: principle.notes.clone(), expect: String::new() }];
            principle
        }).filter(|principle| !principle.id.0.is_empty()).collect();
        let document = Constitution { principles, ..Constitution::named("Name") };
        let text = markdown::constitution(&document);
        let back = markdown::read_constitution(&text).unwrap();
        prop_assert_eq!(&back, &document, "{}", text);
    }

    #[test]
    fn tokens_are_the_whole_text(text in any_text()) {
        let mut at = 0;
        for token in ron_text::tokens(&text) {
            prop_assert_eq!(token.at.start, at);
            at = token.at.end;
        }
        prop_assert_eq!(at, text.len());
        prop_assert!(parse::<Constitution>(&text, "constitution").is_err());
    }
}
