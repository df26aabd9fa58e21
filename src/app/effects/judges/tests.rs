//! Labels of a comparison's pair and of a file, as they get into the project's folder.

use std::path::Path;
use std::sync::mpsc::sync_channel;

use super::*;
use crate::app::effects::desk::Link;
use crate::domain::{
    FirstShown, JudgeProtocol, JudgedPair, LabelAnswer, LabelItem, PairVerdict, Prompt, Row,
};
use crate::store::journal::{NewRun, RunKind};
use crate::store::sample::{Sample, init};
use crate::store::settings::Settings;
use crate::store::{Journal, Project};

/// A desk with a project of its own on it, which goes with the folder.
struct Bench {
    folder: tempfile::TempDir,
    desk: Desk,
    journal: Journal,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("p");
        init(&root, Sample::Starter).unwrap();
        let project = Project::open(&root).unwrap();
        let journal = project.open_journal().unwrap();
        let (events, _) = sync_channel(16);
        let desk = Desk::new(Link::new(events, Arc::new(|_| {})), Settings::default());
        desk.lay(project, journal.clone());
        Self { folder, desk, journal }
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("p")
    }

    /// A run of three pairs, the last one of the same answer twice.
    async fn run(&self) -> RunId {
        let new = NewRun {
            kind: RunKind::Run,
            recipe: "compare".to_owned(),
            rows_total: 3,
            frozen: serde_json::json!({}),
        };
        let run = self.journal.create_run(new).await.unwrap().id;
        for n in 0..3_u64 {
            let mut row = Row::empty(&Prompt::of_text(format!("p{n}"), format!("Why {n}?")));
            let b = if n == 2 { format!("a{n}") } else { format!("b{n}") };
            row.pair = Some(JudgedPair {
                a: format!("a{n}"),
                b,
                a_cut_off: false,
                b_cut_off: false,
                a_model: String::new(),
                b_model: String::new(),
                verdict: PairVerdict {
                    protocol: JudgeProtocol::Pairwise,
                    ..PairVerdict::default()
                },
            });
            self.journal.put_row(&run, n, row, Vec::new()).await.unwrap();
        }
        run
    }

    async fn say(
        &self,
        run: &RunId,
        prompt: &str,
        answer: Option<LabelAnswer>,
    ) -> Result<LabelBook, Failure> {
        let plan = MakePlan {
            stem: "compare-r".to_owned(),
            set: LabelSet::named("A vs B", LabelTask::Pairwise),
            run: run.clone(),
            only: Vec::new(),
            aspects: Vec::new(),
            limit: 0,
        };
        let label = Label { first: Some(FirstShown::Right), ..label("", answer) };
        label_pair(&self.desk, PairLabel { plan, prompt: prompt.into(), label }).await
    }
}

fn label(item: &str, answer: Option<LabelAnswer>) -> Label {
    Label {
        item: item.to_owned(),
        labeller: "Ada".to_owned(),
        answer,
        sure: None,
        comment: String::new(),
        first: None,
        again: false,
        guide: 0,
        aspect: String::new(),
        seconds: None,
        at: "2026-11-22T10:00:00.000Z".to_owned(),
    }
}

fn item(n: usize) -> LabelItem {
    LabelItem {
        id: format!("i{n}"),
        prompt: Prompt::of_text(format!("q{n}"), format!("Question {n}?")),
        a: format!("first {n}"),
        b: Some(format!("second {n}")),
        a_model: String::new(),
        b_model: String::new(),
        aspect: None,
    }
}

fn found(items: Vec<LabelItem>, labels: Vec<Label>) -> ImportedLabels {
    let (name, task) = ("Votes".to_owned(), LabelTask::Pairwise);
    ImportedLabels { name, task, items, labels, models: Vec::new() }
}

fn sets(root: &Path) -> Vec<String> {
    labels::stems(root).unwrap()
}

#[tokio::test]
async fn a_pairs_label_makes_its_set_once_and_the_last_word_holds() {
    let bench = Bench::new();
    let run = bench.run().await;
    let book = bench.say(&run, "p0", Some(LabelAnswer::A)).await.unwrap();
    assert_eq!((sets(&bench.root()), book.items.len()), (vec!["compare-r".to_owned()], 2));
    let held = &book.labels[0];
    let of = book.items.iter().find(|item| item.id == held.item).unwrap();
    assert_eq!((of.prompt.id.as_str(), held.answer), ("p0", Some(LabelAnswer::A)));
    assert_eq!((held.guide, held.first), (book.set.guide.version, Some(FirstShown::Right)));

    // A version of the guide later, labels are made under that one.
    let mut set = book.set.clone();
    set.guide.text = "Prefer the short one.".to_owned();
    let set = labels::save_set(&bench.root(), "compare-r", &set).unwrap();
    let book = bench.say(&run, "p0", Some(LabelAnswer::B)).await.unwrap();
    assert_eq!((book.labels.len(), book.items.len()), (1, 2), "it is made only once");
    assert_eq!(book.labels[0].answer, Some(LabelAnswer::B));
    assert_eq!(book.labels[0].guide, set.guide.version);
    let book = bench.say(&run, "p0", None).await.unwrap();
    assert!(book.labels.is_empty(), "it was taken back");
    let file = labels::folder_of(&bench.root(), "compare-r").join("ada.jsonl");
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.lines().count(), 3, "and no line is lost: {text}");
}

#[tokio::test]
async fn a_pair_that_is_no_item_is_refused_by_name() {
    let bench = Bench::new();
    let run = bench.run().await;
    let failure = bench.say(&run, "p2", Some(LabelAnswer::A)).await.unwrap_err();
    assert!(failure.message.contains("not in the set"), "{failure:?}");
    assert!(failure.hint.contains("same answer twice"), "{failure:?}");
    let book = labels::read(&bench.root(), "compare-r").unwrap();
    assert!(book.labels.is_empty());
}

#[test]
fn a_files_labels_become_a_set_of_their_own_and_join_one_that_is_there() {
    let bench = Bench::new();
    let root = bench.root();
    let whole = found(vec![item(0), item(1)], vec![label("i0", Some(LabelAnswer::A))]);
    let made = take_in(&root, None, "Mine", &whole).unwrap();
    assert_eq!((made.book.stem.as_str(), made.book.set.name.as_str()), ("mine", "Mine"));
    assert_eq!((made.book.items.len(), made.book.labels.len()), (2, 1));
    assert!(made.left_out.is_empty());

    let answers = vec![label("i1", Some(LabelAnswer::B)), label("i9", Some(LabelAnswer::A))];
    let more = found(Vec::new(), answers);
    let joined = take_in(&root, Some("mine".to_owned()), "", &more).unwrap();
    assert_eq!(joined.book.labels.len(), 2);
    assert_eq!(joined.left_out.iter().map(|(_, n)| n).sum::<u64>(), 1, "{:?}", joined.left_out);
    assert_eq!(sets(&root), ["mine"]);
}

#[test]
fn labels_that_fit_nothing_make_no_set() {
    let bench = Bench::new();
    let root = bench.root();
    let alone = found(Vec::new(), vec![label("i0", Some(LabelAnswer::A))]);
    let failure = take_in(&root, None, "Mine", &alone).unwrap_err();
    assert!(failure.hint.contains("Goes into"), "{failure:?}");
    let wrong = found(vec![item(0)], vec![label("i0", Some(LabelAnswer::Pass))]);
    let failure = take_in(&root, None, "Mine", &wrong).unwrap_err();
    assert!(failure.message.contains("i0"), "{failure:?}");
    assert!(sets(&root).is_empty(), "all of it or nothing");
}
