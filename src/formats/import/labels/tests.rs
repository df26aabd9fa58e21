use super::super::labels as import;
use super::*;
use crate::domain::{LabelAnswer, Speaker};

fn read(text: &str, name: &str) -> Imported<ImportedLabels> {
    import(text.as_bytes(), name, None).unwrap_or_else(|problem| panic!("{problem:?}"))
}

/// Labeller, answer and whether it is a repeat.
fn said(imported: &Imported<ImportedLabels>) -> Vec<(&str, LabelAnswer, bool)> {
    let of = |label: &'_ Label| label.answer.unwrap();
    imported
        .value
        .labels
        .iter()
        .map(|label| (label.labeller.as_str(), of(label), label.again))
        .collect()
}

const A: LabelAnswer = LabelAnswer::A;
const B: LabelAnswer = LabelAnswer::B;

#[test]
fn a_table_of_pairs_with_labellers_becomes_items_and_labels() {
    let table = "prompt;a;b;label;annotator;comment;principle\n\
                 Is it?;Yes;No;a;Ana;\"so; it is\";Be brief.\n\
                 Is it?;Yes;No;B;Ben;;Be brief.\n\
                 Is it?;Yes;No;tie;;;\n\
                 Was it?;Same;Same;a;Ana;;\n\
                 Will it?;Yes;No;;Ana;;\n\
                 Is it?;Yes;No;both_bad;Ana;;Be brief.\n";
    let imported = read(table, "honest.csv");
    assert_eq!(imported.format, "records");
    assert_eq!(
        (imported.value.name.as_str(), imported.value.task),
        ("honest", LabelTask::Pairwise)
    );
    assert_eq!(
        said(&imported),
        [
            ("Ana", A, false),
            ("Ben", B, false),
            ("imported", LabelAnswer::Tie, false),
            ("Ana", LabelAnswer::BothBad, true),
        ]
    );
    let items = &imported.value.items;
    assert_eq!(items.len(), 3, "one under the principle, one all in all, one without a label");
    assert_eq!(items[0].aspect.as_ref().unwrap().text, "Be brief.");
    assert_eq!(imported.value.labels[0].aspect, items[0].aspect_mark());
    assert_eq!(imported.value.labels[0].comment, "so; it is");
    assert_eq!(items[0].prompt.id, items[1].prompt.id, "one prompt is one draw");
    assert_eq!(imported.dropped, [("line 5".to_owned(), "both answers are the same".to_owned())]);
    assert!(imported.notes.iter().any(|note| note.starts_with("1 rows have no label")));
    assert!(crate::domain::label::item_problems(LabelTask::Pairwise, items).is_empty());
}

#[test]
fn numbers_are_taken_only_where_they_are_clear() {
    let of = |labels: [&str; 3]| {
        let row = |(n, label): (usize, &&str)| {
            format!("{{\"prompt\":\"q{n}\",\"a\":\"x\",\"b\":\"y\",\"label\":{label}}}\n")
        };
        let text: String = labels.iter().enumerate().map(row).collect();
        import(text.as_bytes(), "x.jsonl", None)
    };
    assert_eq!(
        said(&of(["1", "2", "0"]).unwrap()),
        [("imported", A, false), ("imported", B, false), ("imported", LabelAnswer::Tie, false)]
    );
    for labels in [["0", "1", "1"], ["1", "2", "3"], ["1", "1", "1"]] {
        let problem = of(labels).unwrap_err();
        assert_eq!(problem.position, Some((1, 1)), "{labels:?}");
        assert!(problem.what.contains("no label that is known"), "{}", problem.what);
        assert!(problem.hint.contains("2 for the second"), "{}", problem.hint);
    }
    let problem = of(["1", "2", "\"perhaps\""]).unwrap_err();
    assert_eq!((problem.position, problem.what.contains("perhaps")), (Some((3, 1)), true));
}

#[test]
fn a_label_may_name_a_column_or_a_model() {
    let rows = "{\"prompt\":\"q\",\"response_a\":\"x\",\"response_b\":\"y\",\"model_a\":\"gpt-x\",\
                \"model_b\":\"opus\",\"winner\":\"opus\"}\n\
                {\"prompt\":\"r\",\"response_a\":\"x\",\"response_b\":\"y\",\"winner\":\"Model A\"}\n\
                {\"prompt\":\"s\",\"response_a\":\"x\",\"response_b\":\"y\",\"winner\":\"response_b\"}\n";
    let imported = read(rows, "arena.jsonl");
    assert_eq!(
        said(&imported),
        [("imported", B, false), ("imported", A, false), ("imported", B, false)]
    );
    let first = &imported.value.items[0];
    assert_eq!((first.a_model.as_str(), first.b_model.as_str()), ("gpt-x", "opus"));
}

#[test]
fn the_better_answer_is_not_always_the_first() {
    let rows: String = (0..200)
        .map(|n| {
            format!(
                "{{\"prompt\":\"q{n}\",\"chosen\":\"good {n}\",\"rejected\":\"bad {n}\",\
                 \"chosen_model\":\"big\",\"rejected_model\":\"small\"}}\n"
            )
        })
        .collect();
    let imported = read(&rows, "dpo.jsonl");
    let firsts = said(&imported).iter().filter(|(_, answer, _)| *answer == A).count();
    assert!((75..=125).contains(&firsts), "{firsts}");
    for (item, label) in imported.value.items.iter().zip(&imported.value.labels) {
        let better = if label.answer == Some(A) { &item.a } else { item.b.as_ref().unwrap() };
        assert!(better.starts_with("good"), "{better}");
        let by = if label.answer == Some(A) { &item.a_model } else { &item.b_model };
        assert_eq!(by, "big");
    }
    assert_eq!(read(&rows, "dpo.jsonl"), imported, "drawn by the texts alone");
    // The sides do not tell which one is better: swapped, the same answer comes first.
    let swapped = rows.replace("\"chosen\"", "\"x\"").replace("\"rejected\"", "\"chosen\"");
    let swapped = read(&swapped.replace("\"x\"", "\"rejected\""), "dpo.jsonl");
    assert_eq!(swapped.value.items[0].a, imported.value.items[0].a);
    assert_ne!(said(&swapped)[0].1, said(&imported)[0].1);
}

#[test]
fn conversations_end_with_their_answers() {
    let rows = r#"[{"chosen":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Good"}],
        "rejected":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Bad"}]},
        {"chosen":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Good"}],
        "rejected":[{"role":"user","content":"Ho"},{"role":"assistant","content":"Bad"}]}]"#;
    let imported = read(rows, "trl.json");
    assert_eq!(imported.value.items.len(), 1);
    assert_eq!(imported.value.items[0].prompt.messages[0].role, Speaker::User);
    assert!(imported.dropped[0].1.contains("differ"), "{:?}", imported.dropped);
    let kto = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\
               \"content\":\"Yo\"}],\"label\":true}\n";
    let imported = read(kto, "kto.jsonl");
    assert_eq!(imported.value.task, LabelTask::PassFail);
    assert_eq!(
        (imported.value.items[0].a.as_str(), imported.value.items[0].prompt.text()),
        ("Yo", "Hi")
    );
    assert_eq!(said(&imported), [("imported", LabelAnswer::Pass, false)]);
}

#[test]
fn single_answers_pass_fail_or_get_a_level() {
    let table = "prompt,response,label\nq,x,pass\nq,y,0\nr,z,unsure\ns,w,n/a\n";
    let imported = read(table, "t.csv");
    assert_eq!(imported.value.task, LabelTask::PassFail);
    let answers: Vec<LabelAnswer> = said(&imported).iter().map(|one| one.1).collect();
    assert_eq!(
        answers,
        [LabelAnswer::Pass, LabelAnswer::Fail, LabelAnswer::Unsure, LabelAnswer::NotApplicable]
    );
    let five = read("prompt,response,score\nq,x,5\nr,y,1\n", "t.csv");
    assert_eq!(five.value.task, LabelTask::Scores);
    assert_eq!(said(&five)[0].1, LabelAnswer::Level(5));
    assert_eq!(five.value.items[0].aspect, None);
    let ten = read("prompt,response,rating\nq,x,10\nr,y,0\n", "t.csv");
    assert_eq!(
        said(&ten),
        [("imported", LabelAnswer::Level(11), false), ("imported", LabelAnswer::Level(1), false)]
    );
    let aspect = ten.value.items[0].aspect.as_ref().unwrap();
    assert_eq!((aspect.text.as_str(), aspect.level_count()), ("rating", 11));
    assert_eq!(aspect.levels[0], "0");
    for (table, words) in [
        ("prompt,response,score\nq,x,2.5\n", "“score” is \"2.5\""),
        ("prompt,response,label\nq,x,pass\nr,y,perhaps\n", "“label” is \"perhaps\""),
    ] {
        let problem = import(table.as_bytes(), "t.csv", None).unwrap_err();
        assert!(problem.what.contains(words), "{}", problem.what);
        assert!(problem.position.is_some() && !problem.hint.is_empty());
    }
}

#[test]
fn a_models_labels_are_not_peoples() {
    let row = |annotator: &str, preference: &str| {
        format!(
            "{{\"instruction\":\"q\",\"output_1\":\"x\",\"output_2\":\"y\",\"generator_1\":\"g\",\
             \"annotator\":\"{annotator}\",\"preference\":{preference},\"raw_completion\":\"y!\"}}"
        )
    };
    let rows = [row("gpt4", "1.0"), row("human", "1.5"), row("gpt3", "1.93"), row("gpt2", "null")];
    let imported = read(&format!("[{}]", rows.join(",")), "annotations.json");
    assert_eq!(imported.format, "alpaca-eval");
    assert_eq!(imported.value.models, ["gpt2", "gpt3", "gpt4"]);
    assert_eq!(imported.value.set().models, imported.value.models);
    assert_eq!(
        said(&imported),
        [("gpt4", A, false), ("human", LabelAnswer::Tie, false), ("gpt3", B, false)]
    );
    assert_eq!(imported.value.labels[2].comment, "preference 1.93");
    assert_eq!(imported.value.items.len(), 1);
    assert!(!format!("{:?}", imported.value.items).contains("y!"), "what it wrote is left out");
    assert!(imported.notes.iter().any(|note| note.contains("kept apart")), "{:?}", imported.notes);
    let problem = import(row("gpt4", "2.5").as_bytes(), "a.json", None).unwrap_err();
    assert!(problem.what.contains("“preference” is 2.5"), "{}", problem.what);
}

#[test]
fn own_files_come_back_as_they_are() {
    let items =
        "{\"id\":\"i1\",\"prompt\":{\"id\":\"p\",\"prompt\":\"q\"},\"a\":\"x\",\"b\":\"y\"}\n";
    let labels = "{\"item\":\"i1\",\"labeller\":\"Ana\",\"answer\":\"b\",\"guide\":2,\"seconds\":3.5}\n\
                  {\"item\":\"i1\",\"labeller\":\"Ana\",\"answer\":null,\"again\":true}\n";
    let both = read(&format!("{items}{labels}"), "queue.jsonl");
    assert_eq!((both.format, both.value.task), ("preamble", LabelTask::Pairwise));
    assert_eq!((both.value.items.len(), both.value.labels.len()), (1, 2));
    assert_eq!(both.value.items[0].id, "i1");
    assert_eq!(both.value.labels[0].guide, 2);
    let alone = read(labels, "ana.jsonl");
    assert_eq!((alone.value.items.len(), alone.value.labels.len()), (0, 2));
    let levels = "{\"item\":\"i1\",\"labeller\":\"Ana\",\"answer\":{\"level\":3}}\n";
    assert_eq!(read(levels, "ana.jsonl").value.task, LabelTask::Scores);
    let broken = format!("{items}{{\"item\":\"i1\",\"labeller\":\"Ana\",\"answer\":\"best\"}}\n");
    let problem = import(broken.as_bytes(), "q.jsonl", None).unwrap_err();
    assert_eq!(problem.position, Some((2, 1)));
}

#[test]
fn annotators_are_told_apart_by_their_type() {
    let file = r#"{"metadata":{"default_annotator":"d"},"annotators":{
        "d":{"name":"preferred_text","type":"unknown"},"h":{"name":"Ana","type":"human"},
        "m":{"name":"gpt","type":"unknown"},"p":{"description":"Select …","type":"principle"}},
        "comparisons":[{"id":"1","prompt":"q","response_a":{"text":"x","model":"X"},
        "response_b":{"text":"y"},"annotations":{"d":{"pref":"a"},
        "h":{"pref":null,"no_pref_reason":"not_applicable"},"m":{"pref":"b"},"p":{"pref":"b"}}}]}"#;
    let imported = read(file, "ap.json");
    assert_eq!(imported.format, "annotated-pairs");
    assert_eq!(
        said(&imported),
        [
            ("preferred_text", A, false),
            ("Ana", LabelAnswer::NotApplicable, false),
            ("gpt", B, false)
        ]
    );
    assert_eq!(imported.value.models, ["gpt"]);
    let problem = import(file.replace("\"a\"}", "\"c\"}").as_bytes(), "ap.json", None).unwrap_err();
    assert!(problem.what.contains("“pref” is “c”"), "{}", problem.what);
}

#[test]
fn what_holds_no_answers_is_refused_with_what_is_missing() {
    for (text, name, words) in [
        ("prompt,topic\nq,t\n", "t.csv", "no columns look like answers: there are prompt, topic"),
        ("[]", "t.json", "no columns look like answers"),
        ("<html></html>", "t.json", "a web page, not a label set"),
        ("once upon a time", "t.txt", "it is no label set in a form that is known"),
        ("text_a,text_b,preferred_text\nx,y,text_c\n", "t.csv", "“preferred_text” is “text_c”"),
    ] {
        let problem = import(text.as_bytes(), name, None).unwrap_err();
        assert!(problem.what.contains(words), "{text}: {}", problem.what);
        assert!(!problem.hint.is_empty(), "{text}");
    }
    let ids: Vec<&str> = FORMATS.iter().map(|format| format.id()).collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(ids.len(), unique.len());
}
