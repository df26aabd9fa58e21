//! Real files of the ecosystem, damaged ones, and small ones made here.

use std::io::Write as _;
use std::path::PathBuf;

use super::*;
use crate::domain::{Aggregation, Scale, Speaker};
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
    let row = crate::domain::Row {
        prompt,
        chain: None,
        pair: None,
        scores: vec![],
        failure: None,
        refused: Vec::new(),
        whole: None,
        usage: crate::domain::Usage::default(),
        provenance: crate::domain::Provenance::default(),
        by_hand: crate::domain::ByHand::default(),
    };
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
fn few_shot_conversations_become_examples() {
    let text = r#"{"constitutions": [{"critic": "Is it rude?", "revision": "Be kind."}],
        "system_chat": [[{"role":"user","content":"Hi"},{"role":"assistant","content":"Go away"},
        {"role":"user","content":"Is it rude?"},{"role":"assistant","content":"Yes."},
        {"role":"user","content":"Be kind."},{"role":"assistant","content":"Hello!"}],
        [{"role":"user","content":"x"}]]}"#;
    let imported = constitution(text.as_bytes(), "x.json", None).unwrap();
    let example = &imported.value.examples[0];
    assert_eq!((example.principle.as_str(), example.revision.as_str()), ("P1", "Hello!"));
    assert_eq!(
        imported.dropped,
        [("system_chat[1]".to_owned(), "it has 1 messages, not 6".to_owned())]
    );
    assert_eq!(imported.value.principles[0].critique_request, "Is it rude?");
}

#[test]
fn the_papers_framing_is_taken_off() {
    let text = r#"{"harmful0": {"prompt": ["\n\nCritiqueRequest: Is it harmful?\n\nCritique:"],
        "edit_request": "\n\nRevisionRequest: Remove the harm.\n\nRevision:"}}"#;
    let value = constitution(text.as_bytes(), "c.json", None).unwrap().value;
    assert_eq!(value.principles[0].critique_request, "Is it harmful?");
    assert_eq!(value.principles[0].revision_request, "Remove the harm.");
    assert_eq!(value.principles[0].title, "harmful0");
    let pairwise = r#"["\nWhich of these is less harmful? Options:"]"#;
    let value = constitution(pairwise.as_bytes(), "c.json", None).unwrap().value;
    assert_eq!(value.principles[0].comparison_question, "Which of these is less harmful?");
    let shots = r#"["\n\nHuman: hi\n\nAssistant: no\n\nCritiqueRequest: x"]"#;
    let refused = constitution(shots.as_bytes(), "c.json", None).unwrap_err();
    assert!(refused.what.contains("few-shot dialogues"), "{}", refused.what);
}

#[test]
fn lists_and_headings_become_principles() {
    let text = "---\ntitle: x\n---\n# House rules\n\nHow we answer.\n\n## Honesty\n\nRules:\n\n\
                - **Truthful**: Do not lie.\n- Say what you\n  don't know.[^1]\n  - even if hard\n\n\
                ## Tone {#tone}\n\nBe [kind](http://x) and ![pic](y) brief.\n\n```\n# not a heading\n```\n\n\
                1) Never shout.\n2) No *irony*.\n";
    let imported = constitution(text.as_bytes(), "rules.md", None).unwrap();
    let value = &imported.value;
    assert_eq!(
        (value.name.as_str(), value.description.as_str()),
        ("House rules", "How we answer.")
    );
    let found: Vec<(&str, &str, String)> = value
        .principles
        .iter()
        .map(|p| (p.title.as_str(), p.text.as_str(), p.tags.join("/")))
        .collect();
    assert_eq!(
        found,
        [
            ("Truthful", "Do not lie.", "honesty".to_owned()),
            ("", "Say what you don't know.\n- even if hard", "honesty".to_owned()),
            ("Tone", "Be kind and  brief.", String::new()),
            ("", "Never shout.", "tone".to_owned()),
            ("", "No *irony*.", "tone".to_owned()),
        ]
    );
    let refused = constitution(b"Just some prose.\n\nAnd more.", "essay.md", None).unwrap_err();
    assert!(refused.what.contains("only 2 paragraphs"), "{}", refused.what);
}

#[test]
fn plain_lines_become_principles() {
    let text = "\u{feff}# public input\r\n1. The AI should be fair.\r\n\r\n\
                • Choose the response that is kinder.\r\n";
    let value = constitution(text.as_bytes(), "public.txt", None).unwrap().value;
    let texts: Vec<&str> = value.principles.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(texts, ["The AI should be fair.", "Choose the response that is kinder."]);
    assert_eq!(value.principles[1].comparison_question, texts[1]);
    assert_eq!(value.principles[0].comparison_question, "");
}

#[test]
fn prompts_come_in_many_shapes() {
    let table: &[(&str, &str, &str, &[&str])] = &[
        (
            "a.jsonl",
            "{\"id\":1,\"prompt\":\"A\"}\r\n\r\n{\"prompt\":\"B\",\"x\":[1]}\r\n",
            "json",
            &["A", "B"],
        ),
        ("a.json", "[\"A\", \"B\"]", "json", &["A", "B"]),
        ("a.jsonl", "[{\"question\":\"A\"},{\"question\":\"B\"}]", "json", &["A", "B"]),
        (
            "a.json",
            "{\"data\":[{\"instruction\":\"A\",\"input\":\"x\",\"output\":\"y\"}]}",
            "json",
            &["A\n\nx"],
        ),
        (
            "a.jsonl",
            "{\"conversations\":[{\"from\":\"human\",\"value\":\"A\"},{\"from\":\"gpt\",\"value\":\"z\"}]}",
            "json",
            &["A"],
        ),
        (
            "a.json",
            "[{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"A\"}]}]}]",
            "json",
            &["A"],
        ),
        ("a.csv", "id;Prompt;tags\n1;\"A;\nb\";x, y\n2;B;\n", "csv", &["A;\nb", "B"]),
        ("a.tsv", "question\tn\nA\t1\n", "csv", &["A"]),
        ("a.txt", "A\nB\n", "text", &["A", "B"]),
        ("a.txt", "A\nb\n\nC\n", "text", &["A\nb", "C"]),
        (
            "hh.jsonl",
            "{\"chosen\":\"\\n\\nHuman: A\\n\\nAssistant: no\\n\\nHuman: B\\n\\nAssistant: x\",\"rejected\":\"\\n\\nHuman: A\\n\\nAssistant: no\\n\\nHuman: B\\n\\nAssistant: y\"}",
            "hh",
            &["B"],
        ),
    ];
    for (name, text, format, expected) in table {
        let imported = prompt_set(text.as_bytes(), name, None).unwrap();
        assert_eq!(&imported.format, format, "{text}");
        let texts: Vec<&str> =
            imported.value.prompts.iter().map(crate::domain::Prompt::text).collect();
        assert_eq!(&texts, expected, "{text}");
        assert!(imported.dropped.is_empty(), "{text}: {:?}", imported.dropped);
    }
    let set = prompt_set(
        b"{\"id\":1,\"prompt\":\"A\",\"x\":[1]}\n{\"id\":1,\"prompt\":\"B\"}\n{\"id\":2}",
        "a.jsonl",
        None,
    )
    .unwrap();
    assert_eq!(set.value.prompts[1].id.0, "1-2");
    assert_eq!(set.value.prompts[0].extra["x"], serde_json::json!([1]));
    assert_eq!(set.dropped[0].0, "record 3");
    let error = prompt_set(b"{\"prompt\":\"A\"}\n{\"prompt\":", "a.jsonl", None).unwrap_err();
    assert_eq!(error.position.map(|(line, _)| line), Some(2));
}

#[test]
fn packed_files_are_unpacked_up_to_a_cap() {
    let text = b"A\nB\n";
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).unwrap();
    let gz = gz.finish().unwrap();
    assert_eq!(prompt_set(&gz, "p.txt.gz", None).unwrap().value.name, "p");
    let zst = zstd::encode_all(&text[..], 1).unwrap();
    assert_eq!(prompt_set(&zst, "p.txt.zst", None).unwrap().value.prompts.len(), 2);
    assert!(unpack(&gz[..gz.len() - 9], "p.gz").unwrap_err().what.contains("unpacked"));
    for bomb in [zstd::encode_all(&vec![b'a'; 1 << 20][..], 19).unwrap(), {
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gz.write_all(&vec![b'a'; 1 << 20]).unwrap();
        gz.finish().unwrap()
    }] {
        let error = unpack::unpack_capped(&bomb, "b", 1 << 19).unwrap_err();
        assert!(error.what.contains("more than"), "{}", error.what);
    }
}

#[test]
fn exported_parquet_imports_as_prompts() {
    let prompt = crate::domain::Prompt::of_text("p1", "Say مرحبا 👋\u{2028}\0");
    let row = crate::domain::Row {
        prompt: prompt.clone(),
        chain: None,
        pair: None,
        scores: vec![],
        failure: None,
        refused: Vec::new(),
        whole: None,
        usage: crate::domain::Usage::default(),
        provenance: crate::domain::Provenance::default(),
        by_hand: crate::domain::ByHand::default(),
    };
    let mut out = Vec::new();
    let format = export::format("trl-prompts").unwrap();
    export::write_records(
        format,
        export::Container::Parquet,
        [row],
        &export::Options::default(),
        &mut out,
    )
    .unwrap();
    let imported = prompt_set(&out, "train.parquet", None).unwrap();
    assert_eq!(imported.value.prompts, [prompt]);
    // Damaged tables are refused; none of them panics.
    for cut in (0..out.len()).step_by(7) {
        prompt_set(&out[..cut], "t.parquet", None).unwrap_err();
        let mut flipped = out.clone();
        flipped[cut] ^= 0x5a;
        prompt_set(&flipped, "t.parquet", None).ok();
    }
}

#[test]
fn garbage_is_refused_without_a_panic() {
    let deep = "[".repeat(100_000);
    let deep_object = "{\"sub_tasks\":[".repeat(50_000);
    let deep_ron = format!("(format: 1, name: {}", "(".repeat(100_000));
    let samples: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"   \n".to_vec(),
        vec![0xff, 0xfe, 0x41, 0x00],
        vec![0; 4096],
        b"PAR1PAR1".to_vec(),
        deep.into_bytes(),
        deep_object.into_bytes(),
        deep_ron.into_bytes(),
        b"{\"constitutions\": 3}".to_vec(),
        b"{\"criteria\": []".to_vec(),
        "ünïcödé \u{1f600}".repeat(3).into_bytes()[..10].to_vec(),
    ];
    for (n, bytes) in samples.iter().enumerate() {
        for name in ["x.ron", "x.json", "x.jsonl", "x.md", "x.csv", "x.parquet", "x"] {
            // Only that none of these panics or hangs counts here.
            let a = constitution(bytes, name, None).is_ok();
            let b = rubrics(bytes, name, None).is_ok();
            let c = prompt_set(bytes, name, None).is_ok();
            assert!(n > 2 || !(a || b || c), "sample {n} as {name}");
            for format in CONSTITUTIONS.iter().map(|format| format.id()) {
                constitution(bytes, name, Some(format)).ok();
            }
            for format in RUBRICS.iter().map(|format| format.id()) {
                rubrics(bytes, name, Some(format)).ok();
            }
            for format in PROMPTS.iter().map(|format| format.id()) {
                prompt_set(bytes, name, Some(format)).ok();
            }
        }
    }
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

#[test]
fn registries_are_whole() {
    fn check<T>(formats: &[&dyn Format<T>]) {
        let mut ids: Vec<&str> = formats.iter().map(|format| format.id()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), formats.len());
        for format in formats {
            assert!(format.doc().contains("\n\n"), "{} has no long words", format.id());
            assert!(!format.title().is_empty() && !format.endings().is_empty());
        }
    }
    check(CONSTITUTIONS);
    check(RUBRICS);
    check(PROMPTS);
    let wrong = constitution(b"x", "x.txt", Some("nope")).unwrap_err();
    assert!(wrong.hint.contains("langchain"), "{}", wrong.hint);
}
