//! Small files made here, and damaged ones.

use std::io::Write as _;

use super::*;
use crate::domain::{Prompt, Row};
use crate::formats::export;

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
        let texts: Vec<&str> = imported.value.prompts.iter().map(Prompt::text).collect();
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
    let prompt = Prompt::of_text("p1", "Say مرحبا 👋\u{2028}\0");
    let row = Row::empty(&prompt);
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
