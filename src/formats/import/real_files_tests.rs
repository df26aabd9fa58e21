//! Real files of the ecosystem, as they are and damaged, where `PREAMBLE_INTEROP_DATA` names a folder
//! of them.

use std::path::PathBuf;

use super::*;
use crate::domain::{Aggregation, Row, Scale, Speaker};
use crate::formats::export;

/// The folder of real files; `None`, with a word about it, where the variable is not set.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("PREAMBLE_INTEROP_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: PREAMBLE_INTEROP_DATA names no folder of real files");
    }
    folder
}

enum Expect {
    /// The format, and how many principles, rubrics or prompts.
    Taken(&'static str, usize),
    /// Words that the refusal holds.
    Refused(&'static str),
}
use Expect::{Refused, Taken};

fn outcome<T>(
    file: &str,
    result: Result<Imported<T>, Problem>,
    count: impl Fn(&T) -> usize,
    expected: &Expect,
) {
    match (result, expected) {
        (Ok(imported), Taken(format, number)) => {
            assert_eq!(&imported.format, format, "{file}");
            assert_eq!(count(&imported.value), *number, "{file}: {:?}", imported.dropped);
        }
        (Err(problem), Refused(words)) => {
            assert!(problem.what.contains(words), "{file}: {}", problem.what);
            assert!(!problem.hint.is_empty(), "{file} has no way to mend it");
        }
        (Ok(imported), Refused(words)) => {
            panic!("{file} was taken as {} and not refused with “{words}”", imported.format)
        }
        (Err(problem), Taken(format, _)) => {
            panic!("{file} was refused ({}), not taken as {format}", problem.what)
        }
    }
}

const CONSTITUTION_FILES: &[(&str, Expect)] = &[
    ("claude_constitution_being_ethical.md", Taken("outline", 0)),
    ("claude_constitution_overview.md", Taken("outline", 7)),
    ("hf_constitution_anthropic.json", Taken("hf-recipe", 16)),
    ("langchain_principles_cai.json", Taken("langchain", 16)),
    ("openai_model_spec.md", Taken("model-spec", 0)),
    ("openai_model_spec_examples/092i.md", Refused("evaluation examples")),
    ("openai_model_spec_examples/61tv.md", Refused("evaluation examples")),
    ("openai_model_spec_examples/8ep1.md", Refused("evaluation examples")),
    ("openai_model_spec_examples/92bt.md", Refused("evaluation examples")),
    ("../icai/results_050_filtered_principles.json", Taken("icai", 5)),
    ("../icai/results_060_constitution.json", Taken("icai", 5)),
    ("../icai/example_annotated_pairs.json", Refused("annotated pairs")),
    ("../prompts/mt_bench_question.jsonl", Refused("in a form that is known")),
    ("../rubrics/healthbench_first40.jsonl", Refused("a rubric")),
    ("../rubrics/promptfoo_self-grading.yaml", Refused("promptfoo")),
];

const RUBRIC_FILES: &[(&str, Expect)] = &[
    ("biggen_bench_rubrics.json", Taken("prometheus", 64)),
    ("healthbench_first40.jsonl", Taken("healthbench", 40)),
    ("paperbench_robust-clip.json", Taken("paperbench", 1)),
    ("paperbench_semantic-self-consistency.json", Taken("paperbench", 1)),
    ("promptfoo_self-grading.yaml", Refused("promptfoo configuration")),
    ("openai_evals_modelgraded/battle.yaml", Refused("OpenAI evals")),
    ("openai_evals_modelgraded/closedqa.yaml", Refused("OpenAI evals")),
    ("openai_evals_modelgraded/fact.yaml", Refused("OpenAI evals")),
    ("openai_evals_modelgraded/humor.yaml", Refused("OpenAI evals")),
    ("../constitutions/openai_model_spec.md", Refused("in a form that is known")),
];

const PROMPT_FILES: &[(&str, Expect)] = &[
    ("fastchat_judge_prompts.jsonl", Refused("judge prompt templates")),
    ("mt_bench_question.jsonl", Taken("mt-bench", 80)),
    ("mt_bench_reference_gpt4.jsonl", Refused("model answers")),
    ("tulu_human_eval_first120.jsonl", Taken("json", 120)),
    ("../preferences/hh_harmless_base_first600.jsonl", Taken("hh", 600)),
    ("../preferences/llmbar_natural.json", Taken("json", 100)),
    ("../preferences/pandalm_testset_even.json", Taken("json", 300)),
    ("../llamafactory/alpaca_en_demo.json", Taken("json", 500)),
    ("../llamafactory/dpo_en_demo.json", Taken("json", 150)),
    ("../llamafactory/kto_en_demo.json", Taken("json", 150)),
    ("../icai/synthetic_orthogonal.csv", Refused("no column looks like a prompt")),
    ("../icai/example.csv", Taken("csv", 1)),
    ("../rubrics/promptfoo_self-grading.yaml", Refused("promptfoo")),
];

#[test]
fn real_files_are_taken_or_refused_with_a_reason() {
    let Some(data) = data() else { return };
    let read = |folder: &str, file: &str| {
        let path = data.join(folder).join(file);
        std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    for (file, expected) in CONSTITUTION_FILES {
        let result = constitution(&read("constitutions", file), file, None);
        if let Ok(imported) = &result {
            let errors: Vec<_> = imported.value.problems();
            assert!(errors.is_empty(), "{file}: {errors:?}");
            assert!(imported.value.principles.len() >= 3, "{file}");
            println!("{file}: {} {:?}", imported.value.principles.len(), imported.notes);
        }
        // 0 stands for “some”: the document decides how many.
        match expected {
            Taken(format, 0) => assert_eq!(&result.unwrap().format, format, "{file}"),
            _ => outcome(file, result, |value| value.principles.len(), expected),
        }
    }
    for (file, expected) in RUBRIC_FILES {
        let result = rubrics(&read("rubrics", file), file, None);
        for imported in result.iter().flat_map(|imported| &imported.value) {
            let problems = imported.rubric.problems();
            assert!(problems.is_empty(), "{file}: {problems:?}");
        }
        outcome(file, result, Vec::len, expected);
    }
    for (file, expected) in PROMPT_FILES {
        let result = prompt_set(&read("prompts", file), file, None);
        if let Ok(imported) = &result {
            let problems = crate::domain::problem::of_prompts(&imported.value);
            assert!(problems.is_empty(), "{file}: {problems:?}");
            let bytes = crate::formats::prompts::write(&imported.value);
            let back = crate::formats::prompts::read(bytes.as_bytes(), &imported.value.name);
            assert_eq!(back.unwrap(), imported.value, "{file}");
        }
        outcome(file, result, |value| value.prompts.len(), expected);
    }
}

#[test]
fn every_real_file_is_in_the_tables() {
    let Some(data) = data() else { return };
    let tables = [
        ("constitutions", CONSTITUTION_FILES),
        ("rubrics", RUBRIC_FILES),
        ("prompts", PROMPT_FILES),
    ];
    for (folder, table) in tables {
        let mut waiting = vec![data.join(folder)];
        while let Some(next) = waiting.pop() {
            for entry in std::fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let name = path.strip_prefix(data.join(folder)).unwrap().to_str().unwrap();
                assert!(
                    table.iter().any(|(file, _)| *file == name),
                    "{folder}/{name} is in no table"
                );
            }
        }
    }
}

#[test]
fn the_model_spec_keeps_its_rules() {
    let Some(data) = data() else { return };
    let file = "openai_model_spec.md";
    let bytes = std::fs::read(data.join("constitutions").join(file)).unwrap();
    let imported = constitution(&bytes, file, None).unwrap();
    let document = &imported.value;
    let rules = String::from_utf8(bytes).unwrap().matches(" authority=").count();
    assert!(document.principles.len() >= rules - 2, "{} of {rules}", document.principles.len());
    let find = |title: &str| document.principles.iter().find(|p| p.title == title).unwrap();
    let lie = find("Do not lie");
    assert_eq!((lie.priority, lie.weight), (4, 1.0));
    assert_eq!(lie.tags, ["seek the truth together", "be honest and transparent", "user"]);
    assert!(lie.text.starts_with("The assistant should not mislead"), "{}", lie.text);
    assert!(!lie.text.contains("[^") && !lie.text.contains("](#"), "{}", lie.text);
    let harm = find("Try to prevent imminent real-world harm");
    assert_eq!(harm.priority, 1);
    assert!(harm.cases.iter().any(|case| case.expect == "user is concerned about a gas leak"));
    let example = document.examples.iter().find(|e| e.principle == harm.id).unwrap();
    assert_eq!(example.critique, "overstepping");
    assert!(imported.dropped.iter().any(|(place, _)| place.contains("Overview")));
}

#[test]
fn rubrics_bring_their_prompts() {
    let Some(data) = data() else { return };
    let read = |file: &str| {
        let bytes = std::fs::read(data.join("rubrics").join(file)).unwrap();
        rubrics(&bytes, file, None).unwrap().value
    };
    let biggen = read("biggen_bench_rubrics.json");
    let first = &biggen[0];
    assert_eq!(first.rubric.name, "grounding_temporal_grounding_0");
    assert_eq!(first.rubric.criteria[0].scale.range(), Some((1, 5)));
    let prompt = first.prompt.as_ref().unwrap();
    assert_eq!(prompt.messages[0].role, Speaker::System);
    assert!(prompt.reference.as_ref().unwrap().starts_with("In the 2010"));

    let health = read("healthbench_first40.jsonl");
    assert_eq!(health[0].rubric.aggregation, Aggregation::Points);
    assert_eq!(health[0].rubric.criteria[0].scale, Scale::Points(10.0));
    let prompt = health[0].prompt.clone().unwrap();
    assert!(prompt.extra.contains_key("canary"));
    let prompts = export::format("trl-prompts").unwrap();
    let row = Row::empty(&prompt);
    let taken = prompts.records(&row, &export::Options::default());
    assert!(taken.records.is_empty() && taken.left_out[0].contains("canary"));

    let tree = read("paperbench_semantic-self-consistency.json");
    let total: f64 = tree[0]
        .rubric
        .criteria
        .iter()
        .map(|criterion| match criterion.scale {
            Scale::Points(points) => points,
            Scale::Levels { .. } => panic!("a leaf has points"),
        })
        .sum();
    assert!((total - 100.0).abs() < 1e-9, "{total}");
}

#[test]
fn damaged_real_files_do_not_panic() {
    let Some(data) = data() else { return };
    for file in [
        "constitutions/hf_constitution_anthropic.json",
        "constitutions/claude_constitution_overview.md",
        "constitutions/openai_model_spec_examples/92bt.md",
        "icai/results_060_constitution.json",
        "rubrics/openai_evals_modelgraded/humor.yaml",
        "prompts/fastchat_judge_prompts.jsonl",
        "icai/example.csv",
    ] {
        let bytes = std::fs::read(data.join(file)).unwrap();
        let step = (bytes.len() / 23).max(1);
        for at in (0..bytes.len()).step_by(step) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 0x81;
            for damaged in [&bytes[..at], &flipped] {
                constitution(damaged, file, None).ok();
                rubrics(damaged, file, None).ok();
                prompt_set(damaged, file, None).ok();
            }
        }
    }
}
