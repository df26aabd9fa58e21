//! Documents in RON, JSON and Markdown: a document that can be written and read again, or a
//! problem that says what is wrong.
#![no_main]
use libfuzzer_sys::fuzz_target;
use preamble_fuzz::domain::{Constitution, Problem, Recipe, Rubric};
use preamble_fuzz::formats::{document, import};
use serde::{Serialize, de::DeserializeOwned};

fn again<T: Serialize + DeserializeOwned>(text: &str, what: &str) {
    match document::parse::<T>(text, what) {
        Ok(document) => {
            // NaN is not itself, so what is written is compared.
            let written = document::to_ron(&document).unwrap();
            let back: T = document::parse(&written, what).unwrap();
            assert_eq!(document::to_ron(&back).unwrap(), written);
        }
        Err(problem) => said(&problem),
    }
    if let Err(problem) = document::parse_json::<T>(text, what) {
        said(&problem);
    }
}

fn said(problem: &Problem) {
    assert!(!problem.what.is_empty());
}

fuzz_target!(|text: &str| {
    again::<Constitution>(text, "constitution");
    again::<Rubric>(text, "rubric");
    again::<Recipe>(text, "recipe");
    for name in ["x.md", "x.json", "x.txt", "x"] {
        if let Ok(found) = import::constitution(text.as_bytes(), name, None) {
            found.value.problems();
        }
        if let Ok(found) = import::rubrics(text.as_bytes(), name, None) {
            for one in &found.value {
                one.rubric.problems();
            }
        }
    }
});
