//! What the window exports is what a person left in, with the words that they wrote.

use super::*;
use crate::domain::{Chain, Part, Prompt};
use crate::store::journal::NewRun;
use crate::store::sample::{Sample, init};

#[test]
fn paths_are_quoted_for_a_shell() {
    assert_eq!(quoted(Path::new("/a/b-c.d")), "/a/b-c.d");
    assert_eq!(quoted(Path::new("/a b/c'd")), "'/a b/c'\\''d'");
}

/// A run of three rows: drafts that nobody revised.
async fn run(journal: &Journal) -> RunId {
    let new = NewRun {
        kind: RunKind::Run,
        recipe: "critique".to_owned(),
        rows_total: 3,
        frozen: serde_json::json!({}),
    };
    let run = journal.create_run(new).await.unwrap().id;
    for n in 0..3_u64 {
        let mut row = Row::empty(&Prompt::of_text(format!("p{n}"), format!("Why {n}?")));
        let draft = format!("{run} says {n}");
        row.chain = Some(Chain { draft, draft_cut_off: false, steps: Vec::new() });
        journal.put_row(&run, n, row, Vec::new()).await.unwrap();
    }
    run
}

fn plan(source: ExportSource) -> ExportPlan {
    ExportPlan {
        number: 1,
        source,
        format: "trl-sft".to_owned(),
        kind: FileKind::Jsonl,
        labels: LabelForm::Soft,
        folder: String::new(),
        with_configuration: false,
        keep_cut_off: false,
        recalibrate: None,
        maps: Vec::new(),
    }
}

#[tokio::test]
async fn rows_dropped_by_hand_stay_out_by_name_and_a_persons_words_go_in() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("p");
    init(&root, Sample::Starter).unwrap();
    let project = Project::open(&root).unwrap();
    let journal = project.open_journal().unwrap();
    let older = run(&journal).await;
    let newer = run(&journal).await;
    journal.drop_rows(&newer, vec!["p1".into()], true).await.unwrap();
    let mine = Some("my own words".to_owned());
    journal.edit_row(&newer, &"p2".into(), Part::Answer, mine).await.unwrap();

    let one = plan(ExportSource::Run(newer.clone()));
    let preview = preview_of(&project, &journal, &one).await.unwrap();
    assert_eq!((preview.records, preview.edited), (2, 1));
    assert_eq!(preview.left_out, [(export::DROPPED.to_owned(), 1)]);
    let (files, records) = write_from(project.clone(), &journal, one).await.unwrap();
    assert_eq!(records, 2);
    let data = std::fs::read_to_string(&files[0]).unwrap();
    assert!(data.contains("my own words") && !data.contains("says 2"), "{data}");
    assert!(!data.contains("says 1"), "{data}");
    let card = std::fs::read_to_string(root.join("exports/R-0002-trl-sft/README.md")).unwrap();
    assert!(card.contains("| 1 | dropped by hand |"), "{card}");
    assert!(card.contains("A person rewrote texts of 1 records"), "{card}");

    // Of all runs, an older row does not stand in for one that was dropped.
    let all = plan(ExportSource::All(Method::Critique));
    let preview = preview_of(&project, &journal, &all).await.unwrap();
    assert_eq!((preview.records, preview.left_out.len()), (2, 1));
    let untouched = plan(ExportSource::Run(older));
    let preview = preview_of(&project, &journal, &untouched).await.unwrap();
    assert_eq!((preview.records, preview.edited), (3, 0), "a decision is about one run's row");
}
