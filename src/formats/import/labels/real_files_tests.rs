//! Real files of labels, where `PREAMBLE_INTEROP_DATA` names a folder of them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::super::labels as import;
use super::*;
use crate::domain::LabelAnswer;

/// The folder of real files; `None`, with a word about it, where the variable is not set.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("PREAMBLE_INTEROP_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: PREAMBLE_INTEROP_DATA names no folder of real files");
    }
    folder
}

/// What a file holds.
struct Expected {
    file: &'static str,
    format: &'static str,
    items: usize,
    prompts: usize,
    /// Labeller; first answer better, second, neither.
    labels: &'static [(&'static str, [usize; 3])],
    again: usize,
    models: &'static [&'static str],
    dropped: usize,
}

const FILES: &[Expected] = &[
    Expected {
        file: "preferences/hh_harmless_base_first600.jsonl",
        format: "hh",
        items: 600,
        prompts: 600,
        labels: &[("imported", [314, 286, 0])],
        again: 0,
        models: &[],
        dropped: 0,
    },
    Expected {
        file: "preferences/pandalm_testset_even.json",
        format: "pandalm",
        items: 288,
        prompts: 104,
        // One pair is there three times: its third labels are left out.
        labels: &[
            ("annotator1", [129, 131, 39]),
            ("annotator2", [125, 124, 50]),
            ("annotator3", [123, 132, 44]),
        ],
        again: 33,
        models: &[],
        dropped: 3,
    },
    Expected {
        file: "preferences/llmbar_natural.json",
        format: "llmbar",
        items: 100,
        prompts: 100,
        labels: &[("imported", [42, 58, 0])],
        again: 0,
        models: &[],
        dropped: 0,
    },
    Expected {
        file: "preferences/faireval_processed.json",
        format: "llmbar",
        items: 66,
        prompts: 66,
        labels: &[("imported", [41, 25, 0])],
        again: 0,
        models: &[],
        dropped: 0,
    },
    Expected {
        file: "preferences/alpaca_eval_gpt4_annotations_first150.json",
        format: "alpaca-eval",
        items: 150,
        prompts: 150,
        labels: &[("alpaca_eval_gpt4_turbo_fn", [128, 22, 0])],
        again: 0,
        models: &["alpaca_eval_gpt4_turbo_fn"],
        dropped: 0,
    },
    Expected {
        file: "icai/synthetic_orthogonal.csv",
        format: "icai",
        items: 30,
        prompts: 3,
        labels: &[("imported", [13, 17, 0])],
        again: 0,
        models: &[],
        dropped: 0,
    },
    Expected {
        file: "icai/example.csv",
        format: "icai",
        items: 1,
        prompts: 1,
        labels: &[("imported", [1, 0, 0])],
        again: 0,
        models: &[],
        dropped: 0,
    },
    Expected {
        file: "icai/example_annotated_pairs.json",
        format: "annotated-pairs",
        items: 1,
        prompts: 1,
        labels: &[("preferred_text", [1, 0, 0])],
        again: 0,
        models: &[],
        dropped: 0,
    },
    Expected {
        file: "llamafactory/dpo_en_demo.json",
        format: "records",
        items: 150,
        prompts: 150,
        labels: &[("imported", [76, 74, 0])],
        again: 0,
        models: &[],
        dropped: 0,
    },
];

#[test]
fn real_labels_are_taken_whole() {
    let Some(data) = data() else { return };
    let mut wrong = Vec::new();
    for expected in FILES {
        let file = expected.file;
        let bytes = std::fs::read(data.join(file)).unwrap();
        let name = file.rsplit('/').next().unwrap();
        let imported = import(&bytes, name, None).unwrap_or_else(|why| panic!("{file}: {why:?}"));
        let value = &imported.value;
        let mut prompts: Vec<&str> = value.items.iter().map(|i| i.prompt.id.as_str()).collect();
        prompts.sort_unstable();
        prompts.dedup();
        let mut labels: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        for label in &value.labels {
            let side = match label.answer.unwrap() {
                LabelAnswer::A => 0,
                LabelAnswer::B => 1,
                LabelAnswer::Tie | LabelAnswer::BothBad => 2,
                other => panic!("{file}: {other:?}"),
            };
            labels.entry(&label.labeller).or_default()[side] += 1;
        }
        let found = format!(
            "{file}: {}, {} items of {} prompts, {labels:?}, {} again, models {:?}, {} dropped",
            imported.format,
            value.items.len(),
            prompts.len(),
            value.labels.iter().filter(|label| label.again).count(),
            value.models,
            imported.dropped.len(),
        );
        let labels: BTreeMap<&str, [usize; 3]> = expected.labels.iter().copied().collect();
        let wanted = format!(
            "{file}: {}, {} items of {} prompts, {labels:?}, {} again, models {:?}, {} dropped",
            expected.format,
            expected.items,
            expected.prompts,
            expected.again,
            expected.models,
            expected.dropped,
        );
        if found != wanted {
            wrong.push(format!("found {found}\nwanted {wanted}"));
        }
        assert_eq!(value.task, LabelTask::Pairwise, "{file}");
        assert!(crate::domain::label::item_problems(value.task, &value.items).is_empty(), "{file}");
        for item in &value.items {
            let line = crate::formats::labels::item_line(item);
            assert_eq!(&crate::formats::labels::item_of(&line).unwrap(), item, "{file}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_texts_bring_is_taken_apart() {
    let Some(data) = data() else { return };
    let read = |file: &str| {
        let bytes = std::fs::read(data.join(file)).unwrap();
        import(&bytes, file.rsplit('/').next().unwrap(), None).unwrap().value
    };
    let hh = read("preferences/hh_harmless_base_first600.jsonl");
    let raw = std::fs::read(data.join("preferences/hh_harmless_base_first600.jsonl")).unwrap();
    let chosen = std::str::from_utf8(&raw).unwrap().lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = line["chosen"].as_str().unwrap();
        text.rsplit("\n\nAssistant:").next().unwrap().trim().to_owned()
    });
    for ((item, label), chosen) in hh.items.iter().zip(&hh.labels).zip(chosen) {
        let is_first = label.answer == Some(LabelAnswer::A);
        let better = if is_first { &item.a } else { item.b.as_ref().unwrap() };
        assert_eq!(better, &chosen);
    }
    let first = &hh.items[0];
    assert_eq!(first.prompt.messages.len(), 5);
    assert!(
        first.prompt.text().starts_with("okay some of these do not"),
        "{}",
        first.prompt.text()
    );
    let icai = read("icai/synthetic_orthogonal.csv");
    assert_eq!(
        icai.items[0].prompt.text(),
        "Please write a funny short story about a human and their pet."
    );
    assert!(icai.items[0].a.starts_with("Once upon a time, there was a human named Sarah"));
    let panda = read("preferences/pandalm_testset_even.json");
    assert_eq!(panda.items[0].prompt.tags, ["Grammarly"]);
    assert_eq!(
        (panda.items[0].a_model.as_str(), panda.items[0].b_model.as_str()),
        ("bloom-7b", "llama-7b")
    );
    assert!(panda.items.iter().any(|item| item.a == "false" || item.a == "true"));
}

#[test]
fn damaged_real_labels_do_not_panic() {
    let Some(data) = data() else { return };
    for expected in FILES {
        let bytes = std::fs::read(data.join(expected.file)).unwrap();
        let bytes = &bytes[..bytes.len().min(40_000)];
        let name = expected.file.rsplit('/').next().unwrap();
        for at in (0..bytes.len()).step_by((bytes.len() / 19).max(1)) {
            let mut flipped = bytes.to_vec();
            flipped[at] ^= 0x81;
            for damaged in [&bytes[..at], &flipped] {
                import(damaged, name, None).ok();
                for format in FORMATS {
                    import(damaged, name, Some(format.id())).ok();
                }
            }
        }
    }
}
