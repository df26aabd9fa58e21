use super::*;
use crate::domain::{FirstShown, LabelAnswer, LabelTask, Prompt, Severity, WorkedExample};
use crate::store::lock::LOCK_FILE;

fn item(id: &str) -> LabelItem {
    LabelItem {
        id: id.to_owned(),
        prompt: Prompt::of_text(format!("p-{id}"), "Which?"),
        a: format!("first of {id}"),
        b: Some(format!("second of {id}")),
        a_model: String::new(),
        b_model: String::new(),
        aspect: None,
    }
}

fn label(item: &str, labeller: &str, answer: Option<LabelAnswer>, at: &str) -> Label {
    Label {
        item: item.to_owned(),
        labeller: labeller.to_owned(),
        answer,
        sure: None,
        comment: String::new(),
        first: Some(FirstShown::Right),
        again: false,
        guide: 1,
        aspect: String::new(),
        seconds: Some(3.0),
        at: at.to_owned(),
    }
}

const A: Option<LabelAnswer> = Some(LabelAnswer::A);
const B: Option<LabelAnswer> = Some(LabelAnswer::B);

/// A project's folder with the set `s` of the items `i1`, `i2` and `i3`.
fn project() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let set = LabelSet::named("Honesty", LabelTask::Pairwise);
    create(dir.path(), "s", &set, &[item("i1"), item("i2"), item("i3")]).unwrap();
    dir
}

fn folder(dir: &tempfile::TempDir) -> PathBuf {
    folder_of(dir.path(), "s")
}

fn said(book: &LabelBook) -> Vec<(&str, &str, LabelAnswer)> {
    let of = |one: &'_ Label| one.answer.unwrap();
    book.labels.iter().map(|one| (one.labeller.as_str(), one.item.as_str(), of(one))).collect()
}

fn what(book: &LabelBook) -> Vec<&str> {
    book.problems.iter().map(|one| one.problem.what.as_str()).collect()
}

#[test]
fn a_set_comes_back_as_it_was_made_and_is_not_made_twice() {
    let dir = tempfile::tempdir().unwrap();
    assert!(stems(dir.path()).unwrap().is_empty());
    let mut set = LabelSet::named("Ehrlichkeit „v3“", LabelTask::Pairwise);
    set.guide.text = "Read both.\nThen decide.".to_owned();
    set.guide.examples.push(WorkedExample {
        item: item("x"),
        answer: LabelAnswer::Tie,
        why: "They say the same.".to_owned(),
    });
    set.models = vec!["gpt".to_owned()];
    let items = [item("i1"), item("i2")];
    create(dir.path(), "s", &set, &items).unwrap();
    let book = read(dir.path(), "s").unwrap();
    assert_eq!((&book.set, book.items.as_slice()), (&set, items.as_slice()));
    assert_eq!(book.problems, []);
    assert_eq!(stems(dir.path()).unwrap(), ["s"]);
    let error = create(dir.path(), "s", &set, &items).unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    assert_eq!(free_stem(dir.path(), "S!"), "s-2");
    for bad in ["../s", "", ".s"] {
        let error = create(dir.path(), bad, &set, &items).unwrap_err();
        assert!(matches!(error, StoreError::BadName { .. }), "{error}");
    }
}

#[test]
fn what_is_not_sound_is_not_made() {
    let dir = tempfile::tempdir().unwrap();
    let set = LabelSet::named("s", LabelTask::Pairwise);
    let mut alone = item("i1");
    alone.b = None;
    let mut lopsided = set.clone();
    lopsided.gold = 1.5;
    for (set, items, words) in [
        (&set, vec![item("i1"), item("i1")], "two items have the id i1"),
        (&set, vec![alone], "it has one answer"),
        (&set, vec![item("")], "it has no id"),
        (&lopsided, vec![item("i1")], "the share is 1.5"),
    ] {
        let error = create(dir.path(), "s", set, &items).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
        assert!(stems(dir.path()).unwrap().is_empty());
    }
}

#[test]
fn the_last_line_holds_and_a_label_can_be_taken_back() {
    let dir = project();
    let add = |one: &Label| append(dir.path(), "s", one).unwrap();
    add(&label("i1", "Ana", A, "2026-01-01T00:00:00Z"));
    add(&label("i2", "Ana", B, "2026-01-01T00:00:01Z"));
    // The clock was set back: the last line holds all the same.
    add(&label("i1", "Ana", B, "2025-01-01T00:00:00Z"));
    let mut again = label("i1", "Ana", A, "2026-01-01T00:00:02Z");
    again.again = true;
    add(&again);
    add(&label("i2", "Ana", None, "2026-01-01T00:00:03Z"));
    let book = read(dir.path(), "s").unwrap();
    assert_eq!(
        said(&book),
        [("Ana", "i1", LabelAnswer::B), ("Ana", "i1", LabelAnswer::A)],
        "in the order of their lines"
    );
    assert!(book.labels[1].again);
    assert_eq!(book.problems, []);
    assert_eq!(book.labellers(), ["Ana"]);
    let text = std::fs::read_to_string(folder(&dir).join("ana.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 5, "nothing is overwritten");
}

#[test]
fn each_labeller_has_a_file_whatever_their_name() {
    let dir = project();
    let names = ["Ana", "ANA", "items", "Looks", "set", "../x", "李雷", "CON", &"long ".repeat(60)];
    for name in names {
        append(dir.path(), "s", &label("i1", name, A, "")).unwrap();
        append(dir.path(), "s", &label("i2", name, B, "")).unwrap();
    }
    let mut files: Vec<String> = merge::files(&folder(&dir))
        .unwrap()
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let long = format!("{}.jsonl", "long-".repeat(12).trim_end_matches('-'));
    let mut expected = [
        "ana-2.jsonl",
        "ana.jsonl",
        "condocument.jsonl",
        "items-2.jsonl",
        &long,
        "looks-2.jsonl",
        "set-2.jsonl",
        "x.jsonl",
        "李雷.jsonl",
    ];
    expected.sort_unstable();
    assert_eq!(files, expected);
    let book = read(dir.path(), "s").unwrap();
    assert_eq!(book.labels.len(), 2 * names.len());
    assert_eq!(book.labellers().len(), names.len());
    let doubtful: Vec<&str> = what(&book).into_iter().filter(|w| !w.contains("long")).collect();
    assert!(doubtful.is_empty(), "{doubtful:?}");
}

#[test]
fn a_torn_last_line_is_said_healed_and_kept_beside() {
    let dir = project();
    append(dir.path(), "s", &label("i1", "Ana", A, "")).unwrap();
    append(dir.path(), "s", &label("i2", "Ana", A, "")).unwrap();
    let path = folder(&dir).join("ana.jsonl");
    let whole = std::fs::read(&path).unwrap();
    let second = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    // Cut at every place of the second line.
    for cut in second + 1..whole.len() - 1 {
        std::fs::write(&path, &whole[..cut]).unwrap();
        let book = read(dir.path(), "s").unwrap();
        if cut == whole.len() - 1 {
            assert_eq!(book.labels.len(), 2);
            continue;
        }
        assert_eq!(said(&book), [("Ana", "i1", LabelAnswer::A)], "cut at {cut}");
        assert_eq!(book.problems.len(), 1, "cut at {cut}");
        let problem = &book.problems[0].problem;
        assert_eq!((problem.severity, problem.position), (Severity::Warning, Some((2, 1))));
        assert!(problem.what.contains("was cut off"), "{}", problem.what);
        append(dir.path(), "s", &label("i3", "Ana", B, "")).unwrap();
        let book = read(dir.path(), "s").unwrap();
        assert_eq!(
            said(&book),
            [("Ana", "i1", LabelAnswer::A), ("Ana", "i3", LabelAnswer::B)],
            "cut at {cut}"
        );
        assert_eq!(book.problems, [], "healed");
        let kept = std::fs::read(folder(&dir).join("ana.jsonl.torn")).unwrap();
        assert_eq!(kept, [&whole[second..cut], b"\n"].concat());
        std::fs::remove_file(folder(&dir).join("ana.jsonl.torn")).unwrap();
    }
    // Which one it was is said where the line got so far.
    std::fs::write(&path, &whole[..whole.len() - 5]).unwrap();
    let book = read(dir.path(), "s").unwrap();
    assert!(what(&book)[0].contains("the label of i2 is lost"), "{:?}", what(&book));
    // A whole line without its end is a label, and the next one does not run into it.
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert_eq!(read(dir.path(), "s").unwrap().labels.len(), 2);
    append(dir.path(), "s", &label("i3", "Ana", B, "")).unwrap();
    let book = read(dir.path(), "s").unwrap();
    assert_eq!((book.labels.len(), book.problems.len()), (3, 0));
    // Zeros at the end, as some file systems leave after a power cut.
    std::fs::write(&path, [&whole[..], &[0; 40]].concat()).unwrap();
    append(dir.path(), "s", &label("i3", "Ana", B, "")).unwrap();
    let book = read(dir.path(), "s").unwrap();
    assert_eq!((book.labels.len(), book.problems.len()), (3, 0));
}

#[test]
fn files_of_several_labellers_merge() {
    let dir = project();
    append(dir.path(), "s", &label("i1", "Ana", A, "2026-01-01T00:00:00Z")).unwrap();
    let line = |one: &Label| format!("{}\n", formats::labels::label_line(one));
    // Copied in from another machine, with a byte order mark and Windows line ends.
    let ben = line(&label("i1", "Ben", B, "")) + &line(&label("i2", "Ben", B, ""));
    let ben = format!("\u{feff}{}", ben.replace('\n', "\r\n"));
    std::fs::write(folder(&dir).join("ben.jsonl"), ben).unwrap();
    // The same name in another file: the later label of an item holds.
    let later = line(&label("i1", "Ana", B, "2026-01-02T00:00:00Z"))
        + &line(&label("i2", "Ana", A, "2026-01-02T00:00:01Z"));
    std::fs::write(folder(&dir).join("ana-laptop.jsonl"), later).unwrap();
    // A name that is another's.
    std::fs::write(folder(&dir).join("team.jsonl"), line(&label("i3", "Cem", A, ""))).unwrap();
    let book = read(dir.path(), "s").unwrap();
    assert_eq!(
        said(&book),
        [
            ("Ana", "i1", LabelAnswer::B),
            ("Ana", "i2", LabelAnswer::A),
            ("Ben", "i1", LabelAnswer::B),
            ("Ben", "i2", LabelAnswer::B),
            ("Cem", "i3", LabelAnswer::A),
        ]
    );
    let problems = what(&book);
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].contains("“Ana” are in ana-laptop.jsonl and ana.jsonl"), "{problems:?}");
    assert!(problems[1].contains("labels of “Cem”, whom its name"), "{problems:?}");
    assert!(book.problems.iter().all(|one| one.problem.severity == Severity::Warning));
    // Ben goes on in his file.
    append(dir.path(), "s", &label("i3", "Ben", A, "")).unwrap();
    assert!(!folder(&dir).join("ben-2.jsonl").exists());
    assert_eq!(read(dir.path(), "s").unwrap().labels.len(), 6);
}

#[test]
fn labels_of_unknown_items_and_unreadable_lines_stay_and_are_named() {
    let dir = project();
    append(dir.path(), "s", &label("gone", "Ana", A, "")).unwrap();
    append(dir.path(), "s", &label("i1", "Ana", Some(LabelAnswer::Pass), "")).unwrap();
    append(dir.path(), "s", &label("i2", "Ana", A, "")).unwrap();
    let path = folder(&dir).join("ana.jsonl");
    let text = std::fs::read_to_string(&path).unwrap() + "{\"item\": \"i3\"}\nnonsense\n";
    std::fs::write(&path, &text).unwrap();
    append(dir.path(), "s", &label("i3", "Ana", B, "")).unwrap();
    let book = read(dir.path(), "s").unwrap();
    assert_eq!(said(&book), [("Ana", "i2", LabelAnswer::A), ("Ana", "i3", LabelAnswer::B)]);
    assert_eq!(book.strays.len(), 1);
    let places: Vec<_> = book.problems.iter().map(|one| one.problem.position.unwrap().0).collect();
    assert_eq!(places, [4, 5, 1, 2], "{:?}", what(&book));
    assert!(what(&book)[2].contains("(gone)"), "{:?}", what(&book));
    assert!(what(&book)[3].contains("no answer to what the set asks"), "{:?}", what(&book));
    assert!(
        std::fs::read_to_string(&path).unwrap().starts_with(&text),
        "the file is only added to"
    );
    assert_eq!(problems(dir.path()), book.problems);
}

#[test]
fn the_guides_version_grows_when_what_labellers_read_changes() {
    let dir = project();
    let mut set = read(dir.path(), "s").unwrap().set;
    set.name = "Honesty 2".to_owned();
    assert_eq!(save_set(dir.path(), "s", &set).unwrap().guide.version, 1);
    set.guide.text = "Decide by the first line.".to_owned();
    set = save_set(dir.path(), "s", &set).unwrap();
    assert_eq!(set.guide.version, 2);
    let example =
        WorkedExample { item: item("x"), answer: LabelAnswer::A, why: "shorter".to_owned() };
    set.guide.practice.push(example.clone());
    set = save_set(dir.path(), "s", &set).unwrap();
    assert_eq!(set.guide.version, 2, "practice is no rule");
    set.guide.examples.push(example);
    // A window that had not seen the last version.
    set.guide.version = 1;
    set = save_set(dir.path(), "s", &set).unwrap();
    assert_eq!(set.guide.version, 3);
    assert_eq!(read(dir.path(), "s").unwrap().set, set);
}

#[test]
fn a_split_that_was_used_stays() {
    let dir = project();
    let mut set = read(dir.path(), "s").unwrap().set;
    set.gold = 0.25;
    save_set(dir.path(), "s", &set).unwrap();
    count_look(dir.path(), "s", &Look { judge: "j".to_owned(), at: String::new(), items: 2 })
        .unwrap();
    set.gold = 0.5;
    let error = save_set(dir.path(), "s", &set).unwrap_err().to_string();
    assert!(error.contains("are settled once somebody has labelled"), "{error}");
    set.gold = 0.25;
    set.repeats = 0.2;
    save_set(dir.path(), "s", &set).unwrap();
    assert_eq!(read(dir.path(), "s").unwrap().looks.len(), 1);
}

#[test]
fn items_are_added_once_and_never_go() {
    let dir = project();
    let added = add_items(dir.path(), "s", &[item("i3"), item("i4")]).unwrap();
    assert_eq!(added, Added { added: 1, known: 1 });
    let book = read(dir.path(), "s").unwrap();
    assert_eq!(book.items.len(), 4);
    let mut items = book.items;
    items[0].a = "mended".to_owned();
    save_items(dir.path(), "s", &items).unwrap();
    assert_eq!(read(dir.path(), "s").unwrap().items, items);
    assert!(folder(&dir).join("items.jsonl.before-1").is_file());
    let error = save_items(dir.path(), "s", &items[1..]).unwrap_err().to_string();
    assert!(error.contains("the item i1 would be gone"), "{error}");
}

#[test]
fn labels_by_models_are_kept_apart() {
    let dir = project();
    let mut set = read(dir.path(), "s").unwrap().set;
    set.models.push("gpt".to_owned());
    save_set(dir.path(), "s", &set).unwrap();
    append_all(dir.path(), "s", &[label("i1", "gpt", A, ""), label("i1", "Ana", B, "")]).unwrap();
    let book = read(dir.path(), "s").unwrap();
    assert_eq!(said(&book), [("Ana", "i1", LabelAnswer::B)]);
    assert_eq!(book.by_models.len(), 1);
    assert_eq!(book.labellers(), ["Ana"]);
}

#[test]
fn a_second_window_changes_nothing() {
    let dir = project();
    let set = read(dir.path(), "s").unwrap().set;
    // As another program has it.
    let theirs = std::fs::File::options().write(true).open(dir.path().join(LOCK_FILE)).unwrap();
    theirs.try_lock().unwrap();
    let look = Look { judge: "j".to_owned(), at: String::new(), items: 1 };
    for refused in [
        append(dir.path(), "s", &label("i1", "Ana", A, "")).unwrap_err(),
        count_look(dir.path(), "s", &look).unwrap_err(),
        create(dir.path(), "t", &set, &[]).unwrap_err(),
        save_set(dir.path(), "s", &set).unwrap_err(),
        add_items(dir.path(), "s", &[]).unwrap_err(),
        save_items(dir.path(), "s", &[]).unwrap_err(),
    ] {
        assert!(matches!(refused, StoreError::ReadOnly { .. }), "{refused}");
    }
    let book = read(dir.path(), "s").unwrap();
    assert_eq!((book.labels.len(), book.looks.len()), (0, 0), "looking is allowed");
    assert_eq!(stems(dir.path()).unwrap(), ["s"]);
}

#[test]
fn a_folder_without_a_set_is_named() {
    let dir = project();
    std::fs::remove_file(folder(&dir).join("set.ron")).unwrap();
    assert!(stems(dir.path()).unwrap().is_empty());
    let found = problems(dir.path());
    assert_eq!(found.len(), 1);
    assert!(found[0].problem.what.contains("no set.ron"), "{}", found[0]);
    assert!(read(dir.path(), "s").is_err());
    assert!(append(dir.path(), "s", &label("i1", "Ana", A, "")).is_err());
}

#[test]
fn a_file_taken_in_twice_changes_nothing() {
    let dir = project();
    append(dir.path(), "s", &label("i1", "Ana", A, "2026-01-02T00:00:00Z")).unwrap();
    let items = [item("i3"), item("i4")];
    let mut labels = vec![
        // Older than what she says by now.
        label("i1", "Ana", B, "2026-01-01T00:00:00Z"),
        label("i2", "Ana", A, "2026-01-01T00:00:00Z"),
        label("i2", "Ana", B, "2026-01-03T00:00:00Z"),
        label("i3", "Ana", None, ""),
        label("i4", "gpt", A, ""),
        label("gone", "Ben", A, ""),
    ];
    let models = ["gpt".to_owned()];
    let taken = |labels: &[Label], task| {
        take_in(dir.path(), "s", &Incoming { task, items: &items, labels, models: &models })
    };
    let first = taken(&labels, LabelTask::Pairwise).unwrap();
    let expected = TakenIn { items: 1, items_known: 1, labels: 3, labels_known: 2, strays: 1 };
    assert_eq!(first, expected);
    let book = read(dir.path(), "s").unwrap();
    assert_eq!(said(&book), [("Ana", "i1", LabelAnswer::A), ("Ana", "i2", LabelAnswer::B)]);
    assert_eq!((book.by_models.len(), book.strays.len(), book.items.len()), (1, 1, 4));
    let second = taken(&labels, LabelTask::Pairwise).unwrap();
    assert_eq!((second.items, second.labels, second.labels_known), (0, 0, 5));
    assert_eq!(read(dir.path(), "s").unwrap(), book);

    let error = taken(&labels, LabelTask::PassFail).unwrap_err().to_string();
    assert!(error.contains("asks for “Pairs”, and these are “Pass or fail”"), "{error}");
    labels.push(label("i1", "Ben", Some(LabelAnswer::Pass), ""));
    let error = taken(&labels, LabelTask::Pairwise).unwrap_err().to_string();
    assert!(error.contains("no answer to what the set asks"), "{error}");
    let models = ["Ana".to_owned()];
    let incoming = Incoming { task: LabelTask::Pairwise, items: &[], labels: &[], models: &models };
    let error = take_in(dir.path(), "s", &incoming).unwrap_err().to_string();
    assert!(error.contains("a person in this set and a model"), "{error}");
    assert_eq!(read(dir.path(), "s").unwrap(), book, "what is refused changes nothing");
}
