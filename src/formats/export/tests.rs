//! Golden lines, what is left out, and reading back what was written.

use std::collections::BTreeMap;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::domain::*;

pub(super) fn prompt(id: &str, text: &str) -> Prompt {
    Prompt::of_text(id, text)
}

pub(super) fn row(prompt: Prompt) -> Row {
    Row {
        prompt,
        chain: None,
        pair: None,
        scores: Vec::new(),
        ranked: None,
        votes: Vec::new(),
        failure: None,
        refused: Vec::new(),
        whole: None,
        canary: None,
        usage: Usage::default(),
        provenance: Provenance {
            constitution: Some("c0ffee".to_owned()),
            rubric: Some("beef".to_owned()),
            recipe: "cafe".to_owned(),
            models: vec![("writer".to_owned(), "embedded:smol".to_owned())],
            seed: 7,
            ..Provenance::default()
        },
        by_hand: crate::domain::ByHand::default(),
    }
}

fn step(round: u32, revision: &str) -> Step {
    Step {
        round,
        principle: PrincipleId(format!("P{round}")),
        critique_request: "What is wrong?".to_owned(),
        critique: "It is rude.".to_owned(),
        found_nothing: false,
        revision_request: "Mend it.".to_owned(),
        revision: revision.to_owned(),
        cut_off: false,
        critique_cut_off: false,
    }
}

fn chain_row(id: &str, draft: &str, revisions: &[&str]) -> Row {
    let steps = revisions.iter().enumerate().map(|(n, text)| step(n as u32 + 1, text)).collect();
    let chain = Chain { draft: draft.to_owned(), draft_cut_off: false, steps };
    Row { chain: Some(chain), ..row(prompt(id, "Hi 👋 مرحبا \u{2028}\0")) }
}

pub(super) fn pair_row(id: &str, p_ab: Option<f64>, p_ba: Option<f64>) -> Row {
    let p_a = p_ab.zip(p_ba).map(|(ab, ba)| f64::midpoint(ab, ba));
    let principle = PrincipleVerdict {
        principle: PrincipleId("P4".to_owned()),
        p_ab,
        p_ba,
        ..PrincipleVerdict::default()
    };
    let verdict = PairVerdict {
        p_a,
        p_ab,
        p_ba,
        protocol: JudgeProtocol::Pairwise,
        principles: vec![principle],
        judges: Vec::new(),
    };
    let pair = JudgedPair {
        a: "Answer A".to_owned(),
        b: " Answer B ".to_owned(),
        a_cut_off: false,
        b_cut_off: false,
        a_model: String::new(),
        b_model: String::new(),
        verdict,
    };
    Row { pair: Some(pair), ..row(prompt(id, "Why?")) }
}

pub(super) fn scored(name: &str, text: &str, reward: Option<f64>) -> ScoredResponse {
    let reading = match reward {
        Some(value) => Reading::Parsed { value },
        None => Reading::Unparsed { text: "dunno".to_owned() },
    };
    let verdict = CriterionVerdict {
        criterion: CriterionId("C1".to_owned()),
        reading,
        unit: reward,
        reason: "short".to_owned(),
    };
    let score = Score { reward, criteria: vec![verdict], gates_failed: vec![], unparsed: vec![] };
    let (name, text) = (name.to_owned(), text.to_owned());
    ScoredResponse { name, text, score, cut_off: false, judges: Vec::new() }
}

fn first(id: &str, row: &Row) -> String {
    first_line(format(id).unwrap(), [row], &Options::default()).unwrap().unwrap()
}

fn left_out(id: &str, row: &Row) -> Vec<&'static str> {
    let taken = format(id).unwrap().records(row, &Options::default());
    assert!(taken.records.is_empty(), "{id} takes {:?}", taken.records);
    taken.left_out
}

#[test]
fn registry_is_whole() {
    let mut ids: Vec<&str> = FORMATS.iter().map(|format| format.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), FORMATS.len());
    for format in FORMATS {
        assert!(!format.title().is_empty() && format.doc().contains("\n\n"), "{}", format.id());
        assert!(!format.containers().is_empty() && !format.how_to_load().is_empty());
        let mut columns: Vec<&str> = format.columns().iter().map(|column| column.name).collect();
        columns.sort_unstable();
        columns.dedup();
        assert_eq!(columns.len(), format.columns().len(), "{}", format.id());
        for reserved in ["completion_ids", "trainer_state", "log_extra", "log_metric"] {
            assert!(!columns.contains(&reserved), "{} has GRPO's own {reserved}", format.id());
        }
    }
}

#[test]
fn sft_line_is_exact() {
    let line = first("trl-sft", &chain_row("p1", "No.", &["  Sure, \"here\"\n", "Glad to help."]));
    assert_eq!(
        line,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi 👋 مرحبا \u{2028}\\u0000\"},\
         {\"role\":\"assistant\",\"content\":\"Glad to help.\"}],\"prompt_id\":\"p1\",\
         \"answer\":\"revision 2\",\"principles\":\"P1, P2\",\"constitution_hash\":\"c0ffee\"}\n"
    );
}

#[test]
fn prompt_and_completion_are_apart() {
    let line = first("trl-prompt-completion", &chain_row("p1", "No.", &["Yes."]));
    assert_eq!(
        line,
        "{\"prompt\":[{\"role\":\"user\",\"content\":\"Hi 👋 مرحبا \u{2028}\\u0000\"}],\
         \"completion\":[{\"role\":\"assistant\",\"content\":\"Yes.\"}],\"prompt_id\":\"p1\",\
         \"answer\":\"revision 1\",\"principles\":\"P1\",\"constitution_hash\":\"c0ffee\"}\n"
    );
}

#[test]
fn preference_is_seen_from_the_chosen_answer() {
    // B wins: P(A better) is 0.25 with A first and 0.125 with B first.
    let line = first("trl-preference", &pair_row("p1", Some(0.25), Some(0.125)));
    assert_eq!(
        line,
        "{\"prompt\":[{\"role\":\"user\",\"content\":\"Why?\"}],\
         \"chosen\":[{\"role\":\"assistant\",\"content\":\"Answer B\"}],\
         \"rejected\":[{\"role\":\"assistant\",\"content\":\"Answer A\"}],\
         \"p\":0.8125,\"p_ab\":0.875,\"p_ba\":0.75,\"order_gap\":0.125,\"label\":\"soft\",\
         \"source\":\"judged\",\"protocol\":\"Pairwise A/B\",\"principles\":\"P4\",\
         \"prompt_id\":\"p1\",\"constitution_hash\":\"c0ffee\",\
         \"chosen_model\":\"\",\"rejected_model\":\"\"}\n"
    );
    let mut by_two = pair_row("p1", Some(0.25), Some(0.125));
    let pair = by_two.pair.as_mut().unwrap();
    pair.a_model = "small".to_owned();
    pair.b_model = "large".to_owned();
    let line = first("trl-preference", &by_two);
    assert!(line.contains("\"chosen_model\":\"large\",\"rejected_model\":\"small\"}"), "{line}");
}

#[test]
fn one_half_of_a_row_is_exported_where_the_other_failed() {
    let both = || {
        let pair = pair_row("p1", Some(0.9), Some(0.8)).pair;
        Row { pair, ..chain_row("p1", "No.", &["Yes."]) }
    };
    let failure = |at: &str| {
        let failure = CallFailure::new(FailureKind::Timeout, "slow", "");
        Some(RowFailure { at: at.to_owned(), failure })
    };
    assert!(first("trl-sft", &both()).contains("\"principles\":\"P1\""));
    let judged = first("trl-preference", &both());
    assert!(judged.contains("\"source\":\"judged\"") && judged.contains("\"principles\":\"P4\""));
    let no_pair = Row { whole: Some(Half::Chain), failure: failure("comparison P4 ab"), ..both() };
    assert!(first("trl-sft", &no_pair).contains("Yes."));
    assert_eq!(left_out("trl-preference", &no_pair), ["the row failed before it was done"]);
    let nothing = Row { pair: None, ..no_pair };
    assert_eq!(left_out("trl-preference", &nothing), ["the row failed before it was done"]);
    let no_chain = Row { whole: Some(Half::Pair), failure: failure("critique 1"), ..both() };
    assert_eq!(left_out("trl-sft", &no_chain), ["the row failed before it was done"]);
    assert!(first("trl-preference", &no_chain).contains("Answer A"));
    let neither = Row { whole: None, ..no_chain };
    for id in ["trl-sft", "trl-preference", "rewards"] {
        assert_eq!(left_out(id, &neither), ["the row failed before it was done"]);
    }
}

#[test]
fn labels_take_their_form() {
    let row = pair_row("p", Some(1.0), Some(0.75));
    for (labels, expected) in
        [(LabelForm::Soft, 0.875), (LabelForm::Clamped, 0.6), (LabelForm::Hard, 1.0)]
    {
        let options = Options { labels, ..Options::default() };
        let taken = preference::TrlPreference.records(&row, &options);
        let Record::Cells(cells) = &taken.records[0] else { panic!("cells") };
        assert_eq!(cells[3], Cell::Number(Some(expected)), "{labels}");
    }
}

#[test]
fn undecided_unread_equal_and_empty_pairs_stay_out() {
    let id = "trl-preference";
    assert!(left_out(id, &pair_row("p", Some(0.52), Some(0.5)))[0].contains("undecided"));
    assert!(left_out(id, &pair_row("p", Some(0.9), None))[0].contains("could not be read"));
    let mut same = pair_row("p", Some(0.9), Some(0.9));
    same.pair.as_mut().unwrap().b = "Answer A\n".to_owned();
    assert!(left_out(id, &same)[0].contains("the same"));
    same.pair.as_mut().unwrap().b = " ".to_owned();
    assert!(left_out(id, &same)[0].contains("empty"));
    // The band's own edge is kept on either side, however decimals are rounded.
    for p in [0.45, 0.55] {
        let row = pair_row("p", Some(p), Some(p));
        let taken = preference::TrlPreference.records(&row, &Options::default());
        assert_eq!(taken.records.len(), 1, "{p}");
    }
    // A tie has no winner even without a band.
    let options = Options { drop_band: 0.0, ..Options::default() };
    let tie = preference::TrlPreference.records(&pair_row("p", Some(0.25), Some(0.75)), &options);
    assert!(tie.records.is_empty());
    let near = preference::TrlPreference.records(&pair_row("p", Some(0.51), Some(0.51)), &options);
    assert_eq!(near.records.len(), 1);
    let nan = pair_row("p", Some(f64::NAN), Some(0.9));
    assert!(left_out(id, &nan)[0].contains("could not be read"));
}

#[test]
fn derived_pairs_say_so_and_heed_the_rubric() {
    let mut row = chain_row("p", "Rude.", &["Kind."]);
    let line = first("trl-preference", &row);
    assert!(line.contains("\"source\":\"derived: revision over draft\""), "{line}");
    assert!(line.contains("\"p\":null,\"p_ab\":null"), "{line}");
    row.scores =
        vec![scored("draft", "Rude.", Some(0.9)), scored("revision 1", "Kind.", Some(0.2))];
    assert!(left_out("trl-preference", &row)[0].contains("below the draft"));
    row.scores.clear();
    row.chain.as_mut().unwrap().steps[0].found_nothing = true;
    assert!(left_out("trl-preference", &row)[0].contains("found nothing"));
    let options = Options { derive_pairs: false, ..Options::default() };
    row.chain.as_mut().unwrap().steps[0].found_nothing = false;
    assert!(preference::TrlPreference.records(&row, &options).records.is_empty());
}

#[test]
fn cut_off_answers_stay_out_unless_asked_for() {
    let mut row = chain_row("p", "Rude.", &["Kin"]);
    row.chain.as_mut().unwrap().steps[0].cut_off = true;
    row.scores = vec![scored("draft", "Rude.", Some(0.1)), scored("revision 1", "Kin", Some(0.2))];
    row.scores[1].cut_off = true;
    for id in ["trl-sft", "trl-prompt-completion", "trl-preference"] {
        assert_eq!(left_out(id, &row), [response::CUT_OFF], "{id}");
    }
    let taken = rewards::Rewards.records(&row, &Options::default());
    assert_eq!((taken.records.len(), taken.left_out), (1, vec![response::CUT_OFF]));
    let options = Options { keep_cut_off: true, ..Options::default() };
    let taken = sft::TrlSft.records(&row, &options);
    assert_eq!((taken.records.len(), taken.flagged), (1, vec![response::CUT_OFF]));
    let mut judged = pair_row("p", Some(0.9), Some(0.8));
    judged.pair.as_mut().unwrap().b_cut_off = true;
    assert_eq!(left_out("trl-preference", &judged), [response::CUT_OFF]);
    let pair = judged.pair.as_mut().unwrap();
    pair.b.clone_from(&pair.a);
    assert!(left_out("trl-preference", &judged)[0].contains("the same"));
    // A step that found nothing passes on the answer before it, cut off or not.
    row.chain.as_mut().unwrap().steps[0] = Step { found_nothing: true, ..step(1, "Rude.") };
    assert!(first("trl-sft", &row).contains("\"answer\":\"draft\""));
}

#[test]
fn failed_rows_and_bad_prompts_stay_out() {
    let failure = CallFailure::new(FailureKind::Timeout, "no answer in 60 s", "");
    let mut failed = chain_row("p", "No.", &["Yes."]);
    failed.failure = Some(RowFailure { at: "critique 2".to_owned(), failure });
    let mut ends_with_answer = chain_row("p", "No.", &["Yes."]);
    ends_with_answer.prompt.messages.push(Message::assistant("done"));
    let mut canary = chain_row("p", "No.", &["Yes."]);
    canary.prompt.extra.insert("canary".to_owned(), "x".into());
    for id in ["trl-sft", "trl-prompt-completion", "trl-preference"] {
        assert!(left_out(id, &failed)[0].contains("failed"));
        assert!(left_out(id, &ends_with_answer)[0].contains("does not end"));
        assert!(left_out(id, &canary)[0].contains("canary"));
    }
    let empty = chain_row("p", "No.", &[" \n"]);
    assert_eq!(left_out("trl-sft", &empty), ["the answer is empty"]);
    assert!(first("rows", &failed).contains("\"at\":\"critique 2\""));
}

#[test]
fn an_unread_verdict_is_never_a_reward() {
    let mut row = chain_row("p", "No.", &["Yes."]);
    row.scores = vec![scored("draft", "No.", None), scored("revision 1", "Yes.", Some(0.75))];
    let taken = rewards::Rewards.records(&row, &Options::default());
    assert_eq!(taken.left_out, ["a verdict could not be read, so there is no reward"]);
    let line = first("rewards", &row);
    assert!(
        line.contains(
            "\"response\":\"Yes.\",\"name\":\"revision 1\",\"reward\":0.75,\"criteria\":[{\
             \"criterion\":\"C1\",\"unit\":0.75,\"reading\":\"parsed\",\"reason\":\"short\"}],\
             \"gates_failed\":\"\""
        ),
        "{line}"
    );
}

fn mixed_rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for n in 0..12 {
        let mut row = chain_row(&format!("c{n}"), "No.", &["Yes.", "Certainly 🙂."]);
        row.scores =
            vec![scored("draft", "No.", Some(0.25)), scored("revision 2", "Ja", Some(0.5))];
        rows.push(row);
        rows.push(pair_row(&format!("p{n}"), Some(0.9), Some(0.7)));
    }
    rows.push(pair_row("tie", Some(0.5), Some(0.5)));
    rows
}

#[test]
fn same_keys_in_every_line_and_same_bytes_each_time() {
    for format in FORMATS.iter().filter(|format| !format.columns().is_empty()) {
        let write = || {
            let mut out = Vec::new();
            let options = Options::default();
            let summary =
                write_records(*format, Container::Jsonl, mixed_rows(), &options, &mut out).unwrap();
            (out, summary)
        };
        let (bytes, summary) = write();
        assert_eq!((bytes.clone(), summary.clone()), write());
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.ends_with("}\n") && !text.contains('\r') && !text.contains("NaN"));
        assert_eq!(text.split('\n').count() as u64, summary.records + 1);
        let names: Vec<&str> = format.columns().iter().map(|column| column.name).collect();
        for line in text.lines() {
            let line: serde_json::Map<String, serde_json::Value> =
                serde_json::from_str(line).unwrap();
            assert_eq!(line.keys().map(String::as_str).collect::<Vec<_>>(), names);
        }
    }
}

#[test]
fn parquet_holds_the_same_records() {
    for format in FORMATS.iter().filter(|f| f.containers().contains(&Container::Parquet)) {
        let mut out = Vec::new();
        let options = Options::default();
        let summary =
            write_records(*format, Container::Parquet, mixed_rows(), &options, &mut out).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(out)).unwrap();
        let schema = reader.schema().clone();
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let expected: Vec<&str> = format.columns().iter().map(|column| column.name).collect();
        assert_eq!(names, expected);
        let rows: usize = reader.build().unwrap().map(|batch| batch.unwrap().num_rows()).sum();
        assert_eq!(rows as u64, summary.records, "{}", format.id());
    }
    let none: [Row; 0] = [];
    let error = write_records(&rows::Rows, Container::Parquet, none, &Options::default(), vec![]);
    assert!(error.unwrap_err().to_string().contains("use jsonl"));
}

#[test]
fn a_folder_has_a_card_that_tells_what_was_left_out() {
    let about = About {
        title: "Kind answers: \"v1\"".to_owned(),
        constitution: "general".to_owned(),
        ..About::default()
    };
    let (files, summary) = dataset(
        &preference::TrlPreference,
        Container::Parquet,
        mixed_rows(),
        &Options::default(),
        &about,
    )
    .unwrap();
    assert_eq!((summary.rows, summary.records), (25, 24));
    let paths: Vec<&str> = files.iter().map(|file| file.path).collect();
    assert_eq!(paths, ["README.md", "data/train-00000-of-00001.parquet"]);
    let card = String::from_utf8(files[0].bytes.clone()).unwrap();
    for expected in [
        "pretty_name: \"Kind answers: \\\"v1\\\"\"",
        "    path: data/train-00000-of-00001.parquet",
        "| 1 | the judge is undecided (\\|p − ½\\| is inside the drop band) |",
        "| constitution | general `c0ffee` |",
        "| writer | `embedded:smol` |",
        "| seed | 7 |",
    ] {
        assert!(card.contains(expected), "{expected}\n{card}");
    }
}

#[test]
fn nothing_to_export_is_an_error_that_says_why() {
    let rows = vec![pair_row("tie", Some(0.5), Some(0.5))];
    let (format, about) = (&sft::TrlSft, About::default());
    let error = dataset(format, Container::Jsonl, rows, &Options::default(), &about).unwrap_err();
    assert!(error.to_string().contains("1 × it is a pair"), "{error}");
}

#[test]
fn whole_rows_read_back() {
    let rows = mixed_rows();
    let mut out = Vec::new();
    write_records(&super::rows::Rows, Container::Jsonl, &rows, &Options::default(), &mut out)
        .unwrap();
    let back: Vec<Row> = String::from_utf8(out)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(back, rows);
}

/// Writes every export in both kinds of file for `tests/interop/check_exports.py`, where
/// `PREAMBLE_EXPORTS_OUT` names a folder.
#[test]
fn exports_for_the_python_check() {
    let Some(out) = std::env::var_os("PREAMBLE_EXPORTS_OUT") else {
        println!("skipped: PREAMBLE_EXPORTS_OUT names no folder");
        return;
    };
    let mut made = BTreeMap::new();
    for format in FORMATS {
        for container in format.containers() {
            let rows = mixed_rows();
            let about = About { title: format.title().to_owned(), ..About::default() };
            let (files, summary) =
                dataset(*format, *container, rows, &Options::default(), &about).unwrap();
            let folder = std::path::Path::new(&out).join(format!("{}.{container}", format.id()));
            for file in files {
                let path = folder.join(file.path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::io::Write::write_all(&mut std::fs::File::create(path).unwrap(), &file.bytes)
                    .unwrap();
            }
            made.insert(folder, summary.records);
        }
    }
    println!("{made:#?}");
}

#[test]
fn what_a_person_dropped_stays_out_of_every_format_by_name() {
    let mut dropped = chain_row("p1", "rude", &["kind"]);
    dropped.by_hand.is_dropped = true;
    for format in FORMATS {
        let mut out = Vec::new();
        let rows = [dropped.clone(), chain_row("p2", "rude", &["kind"])];
        let options = Options::default();
        let summary = write_records(*format, Container::Jsonl, rows, &options, &mut out).unwrap();
        assert_eq!(summary.left_out.get(DROPPED), Some(&1), "{}", format.id());
        assert!(!String::from_utf8(out).unwrap().contains("p1"), "{}", format.id());
    }
}

#[test]
fn a_rewritten_text_is_exported_without_the_judgement_of_the_old_one() {
    use crate::domain::{Hand, Part};
    let line = |format: &str, row: &Row| {
        let format = super::format(format).unwrap();
        let line = first_line(format, [row], &Options::default()).unwrap().unwrap_or_default();
        let taken = take(format, row, &Options::default());
        (serde_json::from_str::<serde_json::Value>(&line).unwrap_or_default(), taken)
    };
    let hand = |part| Hand { is_dropped: false, edits: [(part, "mine".to_owned())].into() };
    let mut chain = chain_row("p1", "rude", &["kind"]);
    hand(Part::Answer).lay_over(&mut chain);
    let (sft, taken) = line("trl-sft", &chain);
    assert_eq!(sft["messages"][1]["content"], "mine");
    assert_eq!(taken.flagged, [EDITED]);
    let (pair, _) = line("trl-preference", &chain);
    assert_eq!(pair["chosen"][0]["content"], "mine");
    assert!(pair["source"].as_str().unwrap().ends_with("edited by a person"), "{pair}");

    let mut judged = pair_row("p2", Some(0.9), Some(0.8));
    hand(Part::A).lay_over(&mut judged);
    let (pair, _) = line("trl-preference", &judged);
    assert_eq!(pair["chosen"][0]["content"], "mine");
    assert!(pair["p"].is_null() && pair["order_gap"].is_null(), "{pair}");
    assert_eq!(pair["label"], "");
}
