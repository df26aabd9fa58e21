//! Human preference files of the ecosystem, where `PREAMBLE_INTEROP_DATA` names a folder of them:
//! each gives a report of a judge.

use std::path::PathBuf;

use super::planted_tests::{MIDDLE, reply, reported};
use super::*;
use crate::formats::import;
use crate::stats::judge_report::words::sections;

/// A judge that takes the longer answer, and the first of two that are equally long.
fn longer(book: &LabelBook) -> JudgeReport {
    reported(book, |call| {
        let text = &call.messages.last().unwrap().content;
        let (first, second) = text.split_once(MIDDLE).unwrap();
        let is_first = first.trim().len() >= second.trim().len();
        reply(if is_first { "A" } else { "B" }, None)
    })
}

/// The set of a file, as its import makes it.
fn book(folder: &std::path::Path, file: &str) -> LabelBook {
    let bytes = std::fs::read(folder.join(file)).unwrap();
    let imported = import::labels(&bytes, file, None).unwrap().value;
    let set = imported.set();
    let (by_models, labels) =
        imported.labels.into_iter().partition(|label: &Label| set.is_model(&label.labeller));
    LabelBook {
        stem: "s".to_owned(),
        set,
        items: imported.items,
        labels,
        by_models,
        strays: Vec::new(),
        looks: Vec::new(),
        problems: Vec::new(),
    }
}

#[test]
fn human_preference_files_give_a_report() {
    let Some(folder) = std::env::var_os("PREAMBLE_INTEROP_DATA").map(PathBuf::from) else {
        println!("skipped: PREAMBLE_INTEROP_DATA names no folder of real files");
        return;
    };
    for (file, items, people) in [
        ("preferences/hh_harmless_base_first600.jsonl", 600, 1),
        ("preferences/pandalm_testset_even.json", 288, 3),
        ("preferences/llmbar_natural.json", 100, 1),
        ("preferences/faireval_processed.json", 66, 1),
        ("preferences/alpaca_eval_gpt4_annotations_first150.json", 150, 0),
        ("icai/synthetic_orthogonal.csv", 30, 1),
        ("icai/example_annotated_pairs.json", 1, 1),
    ] {
        let book = book(&folder, file);
        let report = longer(&book);
        let counts = &report.counts;
        assert_eq!((counts.items, counts.judged), (items, items), "{file}: {counts:?}");
        assert_eq!(report.people.labellers.len(), people, "{file}");
        assert_eq!(counts.labelled > 0, people > 0, "{file}: what models said is no label");
        let prompts: std::collections::BTreeSet<&str> =
            book.items.iter().map(|item| item.prompt.id.as_str()).collect();
        let is_enough = people > 0 && prompts.len() >= 20;
        assert_eq!(report.agreement.kappa.is_ok(), is_enough, "{file}: {:?}", report.agreement);
        assert_eq!(report.agreement.ceiling.is_some(), people > 1, "{file}");
        assert!(sections(&report).iter().any(|section| section.title == "Agreement"));
        if is_enough {
            // It goes by length alone, and what it is in agreement with people is theirs.
            let length = report.panel.as_ref().unwrap().length.as_ref().unwrap();
            assert!(length.judge.unwrap().value > 0.9, "{file}: {:?}", length.judge);
        }
        eprintln!(
            "{file}: κ {:?} of {}",
            report.agreement.kappa.ok().map(|k| k.value),
            counts.labelled
        );
    }
}

#[test]
fn several_annotators_have_a_ceiling_and_the_test_of_an_alternative() {
    let Some(folder) = std::env::var_os("PREAMBLE_INTEROP_DATA").map(PathBuf::from) else {
        println!("skipped: PREAMBLE_INTEROP_DATA names no folder of real files");
        return;
    };
    let report = longer(&book(&folder, "preferences/pandalm_testset_even.json"));
    let ceiling = report.agreement.ceiling.unwrap().unwrap();
    let kappa = report.agreement.kappa.unwrap();
    assert!(ceiling.value > 0.7 && kappa.value < ceiling.value, "{kappa:?} {ceiling:?}");
    let test = report.people.alt_test.unwrap().unwrap();
    assert_eq!(test.rivals.len(), 3);
    assert!(!test.passes(), "who goes by length alone replaces nobody: {test}");
    assert!(report.people.repeats.is_some(), "some items came twice");
}
