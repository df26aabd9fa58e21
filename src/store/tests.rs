//! Project folders: opened whatever is in them, saved without losing what others wrote.

use std::path::Path;

use super::check::check;
use super::project::{DocumentKind, PROJECT_FILE, Project, is_stem, stem_of};
use super::sample::{CONSTITUTIONS, PROMPT_SETS, RUBRICS, Sample, init};
use super::{StoreError, atomic};
use crate::domain::{Constitution, JudgeSetup, PromptSet, Rubric};

fn sample() -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    init(&folder.path().join("p"), Sample::Starter).unwrap();
    let project = Project::open(&folder.path().join("p")).unwrap();
    (folder, project)
}

#[test]
fn the_sample_opens_whole_and_without_a_problem() {
    let (_folder, project) = sample();
    let errors: Vec<String> = project
        .problems
        .iter()
        .filter(|found| found.problem.severity == crate::domain::Severity::Error)
        .map(ToString::to_string)
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(project.constitutions.len(), CONSTITUTIONS.len());
    assert_eq!(project.rubrics.len(), RUBRICS.len());
    assert_eq!(project.prompt_sets.len(), PROMPT_SETS.len());
    assert!(!project.read_only);
    assert!(project.constitutions.contains_key(&project.file.constitution));
    assert!(project.rubrics.contains_key(&project.file.rubric));
    assert!(project.prompt_sets.contains_key(&project.file.prompts));
    assert_eq!(project.file.role(crate::domain::ModelRole::Judge), "embedded");
    assert!(
        check(&project.root).iter().all(|p| p.problem.severity != crate::domain::Severity::Error)
    );
}

#[test]
fn every_file_of_the_library_is_in_the_sample() {
    for (folder, ending, library) in [
        ("constitutions", "ron", CONSTITUTIONS),
        ("rubrics", "ron", RUBRICS),
        ("assets/prompts", "jsonl", PROMPT_SETS),
    ] {
        let mut on_disk: Vec<String> =
            std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.extension().is_some_and(|other| other == ending))
                .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
                .collect();
        on_disk.sort();
        let listed: Vec<&str> = library.iter().map(|(stem, _)| *stem).collect();
        assert_eq!(listed, on_disk, "{folder}: the table in store/sample.rs, sorted");
    }
}

#[test]
fn init_overwrites_nothing() {
    let (folder, project) = sample();
    let error = init(&project.root, Sample::Starter).unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    let other = folder.path().join("other");
    std::fs::create_dir_all(other.join("rubrics")).unwrap();
    atomic::write(&other.join("rubrics/safety.ron"), b"mine").unwrap();
    init(&other, Sample::Starter).unwrap_err();
    assert!(!other.join(PROJECT_FILE).exists(), "nothing was begun");
}

#[test]
fn a_second_window_reads_only_until_the_first_is_closed() {
    let (_folder, first) = sample();
    let second = Project::open(&first.root).unwrap();
    assert!(second.read_only);
    let refused = second.save_rubric("new", &Rubric::named("New")).unwrap_err();
    assert!(matches!(refused, StoreError::ReadOnly { .. }));
    assert!(second.open_journal().unwrap().is_read_only());
    let root = first.root.clone();
    drop(first);
    assert!(second.reload().unwrap().save_rubric("new", &Rubric::named("New")).is_ok());
    assert!(!Project::open(&root).unwrap().read_only);
}

#[test]
fn one_bad_document_is_a_problem_with_its_place_and_is_left_alone() {
    let (_folder, project) = sample();
    let root = project.root.clone();
    drop(project);
    let bad = root.join("constitutions/bad.ron");
    let text = "(\n    format: 1,\n    name: \"Bad\",\n    principels: [],\n)\n";
    atomic::write(&bad, text.as_bytes()).unwrap();
    atomic::write(&root.join("rubrics/latin.ron"), b"(\n  name: \"caf\xe9\")").unwrap();
    atomic::write(&root.join("prompts/broken.jsonl"), b"{\"id\":\"a\",\"prompt\":\"x\"}\n{oops\n")
        .unwrap();
    let project = Project::open(&root).unwrap();
    assert!(!project.constitutions.contains_key("bad"));
    let said: Vec<String> = project.problems.iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|s| s.contains("bad.ron:4:5") && s.contains("principels")),
        "{said:#?}"
    );
    assert!(said.iter().any(|s| s.contains("latin.ron:2:13") && s.contains("UTF-8")), "{said:#?}");
    assert!(said.iter().any(|s| s.contains("broken.jsonl:2")), "{said:#?}");
    assert_eq!(std::fs::read_to_string(&bad).unwrap(), text);
    let found = check(&bad);
    assert_eq!(found.len(), 1);
    assert!(found[0].problem.hint.contains("principles"), "{}", found[0].problem.hint);
}

#[test]
fn a_newer_format_is_refused_and_nothing_is_no_project() {
    let folder = tempfile::tempdir().unwrap();
    let error = Project::open(folder.path()).unwrap_err();
    assert!(matches!(error, StoreError::NotAProject { .. }));
    let newer = b"(format: 99, name: \"from the future\", wonders: true)";
    atomic::write(&folder.path().join(PROJECT_FILE), newer).unwrap();
    let error = Project::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("99"), "{error}");
    assert!(error.hint().contains("newer"), "{}", error.hint());
}

#[test]
fn what_is_saved_comes_back() {
    let (_folder, project) = sample();
    let mut constitution = Constitution::clone(&project.constitutions["general-assistant"]);
    constitution.preface = "A new\npreface with \"quotes\"".to_owned();
    let saved = project.save_constitution("mine", &constitution).unwrap();
    assert_eq!(saved.kept_comments_in, None);
    let text = std::fs::read(&saved.path).unwrap();
    assert_eq!(saved.hash, blake3::hash(&text).to_hex().to_string());
    let set = PromptSet {
        name: "few".to_owned(),
        prompts: vec![crate::domain::Prompt::of_text("a", "Say “a”")],
    };
    project.save_prompt_set("few", &set).unwrap();
    let mut file = project.file.clone();
    file.seed = 99;
    project.save_project_file(&file).unwrap();
    let project = project.reload().unwrap();
    assert!(!project.read_only);
    assert_eq!(*project.constitutions["mine"], constitution);
    assert_eq!(*project.prompt_sets["few"], set);
    assert_eq!(project.file.seed, 99);
}

#[test]
fn comments_are_kept_beside_and_only_when_the_save_would_lose_them() {
    let (_folder, project) = sample();
    let root = project.root.clone();
    drop(project);
    let path = root.join("rubrics/mine.ron");
    let text = "// Ask Ada before changing this.\n(format: 1, name: \"Mine\")\n";
    atomic::write(&path, text.as_bytes()).unwrap();
    let project = Project::open(&root).unwrap();
    let mut rubric = Rubric::clone(&project.rubrics["mine"]);
    rubric.description = "changed".to_owned();
    let saved = project.save_rubric("mine", &rubric).unwrap();
    let kept = saved.kept_comments_in.unwrap();
    assert_eq!(kept, root.join("rubrics/mine.ron.before-1"));
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), text);
    rubric.description = "changed again".to_owned();
    assert_eq!(project.save_rubric("mine", &rubric).unwrap().kept_comments_in, None);
    assert_eq!(project.reload().unwrap().rubrics.len(), RUBRICS.len() + 1, "it is no document");
}

#[test]
fn a_change_on_disk_is_a_conflict_and_saved_over_only_on_purpose() {
    let (_folder, project) = sample();
    let path = project.path_of(DocumentKind::Rubric, "safety");
    let rubric = Rubric::named("Mine");
    atomic::write(&path, b"(format: 1, name: \"Theirs\")").unwrap();
    assert_eq!(project.changed_on_disk(), std::slice::from_ref(&path));
    let error = project.save_rubric("safety", &rubric).unwrap_err();
    let StoreError::Conflict { on_disk, .. } = error else { panic!("{error}") };
    assert!(on_disk.unwrap().contains("Theirs"));
    assert!(std::fs::read_to_string(&path).unwrap().contains("Theirs"));
    project.accept_on_disk(DocumentKind::Rubric, "safety").unwrap();
    project.save_rubric("safety", &rubric).unwrap();
    project.save_rubric("safety", &Rubric::named("Mine, again")).unwrap();

    std::fs::remove_file(&path).unwrap();
    let error = project.save_rubric("safety", &rubric).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { on_disk: None, .. }), "{error}");

    atomic::write(&project.path_of(DocumentKind::Rubric, "theirs"), b"()").unwrap();
    let error = project.save_rubric("theirs", &rubric).unwrap_err();
    assert!(matches!(error, StoreError::Conflict { .. }), "made by somebody else: {error}");
}

#[test]
fn a_removed_document_is_kept_beside() {
    let (_folder, project) = sample();
    let before = std::fs::read(project.path_of(DocumentKind::Rubric, "safety")).unwrap();
    let kept = project.remove(DocumentKind::Rubric, "safety").unwrap();
    assert_eq!(std::fs::read(kept).unwrap(), before);
    let project = project.reload().unwrap();
    assert!(!project.rubrics.contains_key("safety"));
    project.save_rubric("safety", &Rubric::named("Anew")).unwrap();
}

#[test]
fn stems_are_safe_file_names() {
    for (name, stem) in [
        ("General assistant", "general-assistant"),
        ("  A/B\\C: d?  ", "a-b-c-d"),
        ("Grüße 中文", "grüße-中文"),
        ("…", "document"),
        ("CON", "condocument"),
        ("../../etc", "etc"),
    ] {
        assert_eq!(stem_of(name), stem);
        assert!(is_stem(&stem_of(name)), "{name}");
    }
    for bad in ["", "../x", "a/b", "a\\b", ".hidden", "nul", "com1", "x.", "a\u{0}b", "-rf"] {
        assert!(!is_stem(bad), "{bad}");
    }
    let (_folder, project) = sample();
    let error = project.save_rubric("../escape", &Rubric::named("x")).unwrap_err();
    assert!(matches!(error, StoreError::BadName { .. }));
    assert_eq!(project.free_stem(DocumentKind::Rubric, "Safety"), "safety-2");
}

#[test]
fn judges_are_documents_like_any_other() {
    let (_folder, project) = sample();
    assert!(project.judges.is_empty());
    let mut judge = JudgeSetup::named("Two of them");
    judge.models = vec!["embedded".to_owned(), "openai:m@http://h/v1".to_owned()];
    project.save_judge("two", &judge).unwrap();
    let project = project.reload().unwrap();
    assert_eq!(*project.judges["two"], judge);
    assert_eq!(project.judge("Two of them"), project.judge("two"));
    let of_judges = |project: &Project| -> Vec<String> {
        let in_judges = |found: &&super::FileProblem| found.path.ends_with("judges/two.ron");
        project.problems.iter().filter(in_judges).map(ToString::to_string).collect()
    };
    assert_eq!(of_judges(&project), Vec::<String>::new());

    judge.models[0] = "nobody".to_owned();
    judge.votes = 0;
    project.save_judge("two", &judge).unwrap();
    let project = project.reload().unwrap();
    assert_eq!(of_judges(&project).len(), 2, "{:?}", of_judges(&project));
    assert!(project.judges.contains_key("two"), "a faulty one is there to be mended");
    let path = project.path_of(DocumentKind::Judge, "two");
    let alone = check(&path);
    assert_eq!(alone.len(), 1, "a file alone knows no models: {alone:?}");
    assert_eq!(alone[0].problem.place, "votes");
    let elsewhere = project.root.join("j.ron");
    std::fs::copy(&path, &elsewhere).unwrap();
    assert_eq!(check(&elsewhere)[0].problem.place, "votes", "known by its fields");

    atomic::write(&path, b"(\n format: 1,\n name: \"x\",\n weigths: [],\n)").unwrap();
    let project = project.reload().unwrap();
    assert!(!project.judges.contains_key("two"));
    let found = project.problems.iter().find(|p| p.path.ends_with("judges/two.ron")).unwrap();
    assert_eq!(found.problem.position.map(|(line, _)| line), Some(4), "{found}");
    assert!(found.problem.hint.contains("weights"), "{}", found.problem.hint);
}
