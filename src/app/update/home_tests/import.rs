//! What was read is shown, changed and taken before anything is imported.

use std::path::PathBuf;

use super::*;
use crate::app::state::import::{
    Content, ImportItem, ImportKind, ImportReview, ImportTarget, Large, Reading, Refused,
};
use crate::formats::import::Part;

fn review() -> ImportReview {
    let mut readings = std::collections::BTreeMap::new();
    let reading = |document, count| Reading {
        content: Content::Document(document),
        name: "list".to_owned(),
        count,
        notes: Vec::new(),
        preview: Vec::new(),
    };
    let prompts = Document::Prompts(Some(set(&["One", "Two"])));
    readings.insert(ImportKind::Prompts, reading(prompts, 2));
    let principles = Document::Constitution(Some(constitution("Be kind.")));
    readings.insert(ImportKind::Principles, reading(principles, 1));
    let item = ImportItem {
        source: "Pasted text".to_owned(),
        path: None,
        kind: ImportKind::Prompts,
        readings,
        refusals: std::collections::BTreeMap::new(),
        target: ImportTarget::New,
        take: true,
    };
    ImportReview { items: vec![item], refused: Vec::new() }
}

#[test]
fn nothing_is_imported_before_it_was_seen() {
    let mut bench = Bench::new(None, None);
    bench.home(HomeEvent::Read(Box::new(review())));
    assert_eq!(bench.state.sheet, Some(Sheet::ImportReview));
    assert_eq!(bench.state.documents().unwrap().prompt_sets.len(), 1);
    // In Try a pasted list goes into the set that is shown.
    let target = ImportTarget::Existing("sample".to_owned());
    assert_eq!(bench.state.home.import.as_ref().unwrap().items[0].target, target);
    bench.send(HomeCommand::Import);
    let ids: Vec<String> = bench.state.documents().unwrap().prompt_sets["sample"]
        .prompts
        .iter()
        .map(|prompt| prompt.id.0.clone())
        .collect();
    assert_eq!(ids.len(), 3);
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 3, "{ids:?}");
    assert!(bench.state.sheet.is_none() && bench.state.home.import.is_none());
    bench.send(Command::Undo);
    assert_eq!(bench.state.documents().unwrap().prompt_sets["sample"].prompts.len(), 1);
}

#[test]
fn what_is_read_can_be_taken_for_something_else_or_left() {
    let mut bench = Bench::new(None, None);
    bench.home(HomeEvent::Read(Box::new(review())));
    bench.send(HomeCommand::ImportKind(0, ImportKind::Principles));
    bench.send(HomeCommand::ImportTarget(0, ImportTarget::Existing("general".to_owned())));
    bench.send(HomeCommand::Import);
    let principles = &bench.state.documents().unwrap().constitutions["general"].principles;
    assert_eq!(principles.len(), 2);
    assert_ne!(principles[0].id, principles[1].id);
    assert_eq!(bench.state.area, Area::Constitution);
    // A closed sheet leaves nothing behind.
    bench.home(HomeEvent::Read(Box::new(review())));
    bench.send(GoCommand::CloseSheet);
    assert!(bench.state.home.import.is_none());
    // A rubric can't be made of it, whatever is asked.
    bench.home(HomeEvent::Read(Box::new(review())));
    bench.send(HomeCommand::ImportKind(0, ImportKind::Rubric));
    bench.send(HomeCommand::ImportTarget(7, ImportTarget::New));
    let refused = Refused { source: "x.png".to_owned(), ..Refused::default() };
    let refused = vec![refused];
    bench.home(HomeEvent::Read(Box::new(ImportReview { items: Vec::new(), refused })));
    assert!(bench.state.notices.last().unwrap().text.contains("x.png"));
}

#[test]
fn of_a_file_that_is_too_large_a_part_is_taken() {
    let mut bench = Bench::new(None, None);
    let path = PathBuf::from("/far/huge.jsonl");
    let refused = Refused {
        source: "huge.jsonl".to_owned(),
        path: Some(path.clone()),
        large: Some(Large::default()),
        ..Refused::default()
    };
    let review_of = |items| ImportReview { items, refused: vec![refused.clone()] };
    bench.home(HomeEvent::Read(Box::new(review_of(Vec::new()))));
    assert_eq!(bench.state.sheet, Some(Sheet::ImportReview), "it is asked, not only refused");
    bench.send(HomeCommand::ImportRows(0, 1_000));
    let large = |bench: &Bench| bench.state.home.import.as_ref().unwrap().refused[0].large.unwrap();
    assert_eq!(large(&bench).take, 1_000);
    let part = Part::Random { rows: 1_000, seed: 0 };
    let effects = bench.send(HomeCommand::ImportPart(0, part));
    let asked = effects.iter().any(|effect| {
        matches!(effect, Effect::Home(HomeEffect::ReadPart { path: of, part: p }) if *of == path && *p == part)
    });
    assert!(asked, "{effects:?}");
    assert!(bench.send(HomeCommand::ImportPart(0, part)).is_empty(), "it is read once");
    // It fails: said, and another part may be chosen.
    let failed = Refused { large: None, why: "line 7: no JSON".to_owned(), ..refused.clone() };
    let failed = ImportReview { items: Vec::new(), refused: vec![failed] };
    bench.home(HomeEvent::Read(Box::new(failed)));
    assert!(bench.state.notices.last().unwrap().text.contains("line 7"));
    assert!(!large(&bench).is_reading);
    bench.send(HomeCommand::ImportPart(0, Part::First(1_000)));
    let mut read = review();
    read.items[0].path = Some(path);
    bench.home(HomeEvent::Read(Box::new(read)));
    let now = bench.state.home.import.as_ref().unwrap();
    assert_eq!((now.items.len(), now.refused.len()), (1, 0));
    bench.send(HomeCommand::Import);
    assert_eq!(bench.state.documents().unwrap().prompt_sets.len(), 2);
}
