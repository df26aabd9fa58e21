//! Joining, branches, going anywhere.

use std::sync::Arc;

use super::*;
use crate::domain::Constitution;

fn value(name: &str) -> Document {
    Document::Constitution(Some(Arc::new(Constitution::named(name))))
}

fn edit(stem: &str, before: &str, after: &str, joins: bool) -> Edit {
    Edit {
        label: format!("Name it {after}"),
        target: Target::Constitution(stem.to_owned()),
        document: DocumentId::Constitution(stem.to_owned()),
        before: value(before),
        after: value(after),
        joins,
    }
}

/// Records `a` → `b` → `c` … in the document `d`.
fn history(names: &[&str]) -> History {
    let mut history = History::default();
    for (n, pair) in names.windows(2).enumerate() {
        history.record(edit("d", pair[0], pair[1], false), Moment(n as u64));
    }
    history
}

/// The value that the document has after these steps.
fn last(values: &[(Entry, Document)]) -> &Document {
    &values.last().unwrap().1
}

#[test]
fn typing_joins_for_half_a_minute_and_then_waits_for_a_pause() {
    let mut history = History::default();
    let mut before = "0".to_owned();
    // One stroke a second for 50 s: no pause, but after 20 strokes a stretch ends.
    for n in 1..=50_u64 {
        let after = n.to_string();
        history.record(edit("d", &before, &after, true), Moment(n * 1_000));
        before = after;
    }
    assert_eq!(history.depth(), 2);
    let entry = history.undo().unwrap();
    assert_eq!(entry.before, value("40"), "split where a stretch ended, not within one");
}

#[test]
fn a_field_left_and_entered_again_is_still_one_edit() {
    let mut history = History::default();
    history.record(edit("d", "a", "b", true), Moment(0));
    history.pause();
    history.record(edit("d", "b", "c", true), Moment(9_000));
    assert_eq!(history.depth(), 1);
    history.seal();
    history.record(edit("d", "c", "d", true), Moment(10_000));
    assert_eq!(history.depth(), 2, "something else was looked at meanwhile");
    history.record(edit("e", "x", "y", true), Moment(10_001));
    assert_eq!(history.depth(), 3, "another document");
}

#[test]
fn typing_back_to_the_beginning_leaves_nothing() {
    let mut history = History::default();
    history.record(edit("d", "a", "b", true), Moment(0));
    history.record(edit("d", "b", "c", true), Moment(10));
    history.record(edit("d", "c", "a", true), Moment(20));
    assert_eq!(history.depth(), 0);
    assert_eq!(history.redo_label(), Some("Name it b"), "redo brings it back");
}

#[test]
fn a_new_edit_keeps_what_was_undone_as_a_branch() {
    let mut history = history(&["a", "b", "c", "d"]);
    history.undo().unwrap();
    history.undo().unwrap();
    history.record(edit("d", "b", "x", false), Moment(50));
    assert_eq!(history.redo_label(), None);
    let lines = history.lines();
    let told: Vec<(&str, bool, bool)> =
        lines.iter().map(|line| (line.entry.label.as_str(), line.done, line.aside)).collect();
    assert_eq!(
        told,
        [
            ("Name it x", true, false),
            ("Name it d", false, true),
            ("Name it c", false, true),
            ("Name it b", true, false),
        ]
    );
    // Back to the branch: undo x, do c and d again; now x is the one aside.
    let number = lines[1].entry.number;
    let values = history.go_to(Some(number));
    assert_eq!(values.len(), 3);
    assert_eq!(last(&values), &value("d"));
    assert_eq!(history.undo_label(), Some("Name it d"));
    assert!(history.lines()[0].aside);
    let x = history.lines()[0].entry.number;
    assert_eq!(last(&history.go_to(Some(x))), &value("x"));
}

#[test]
fn going_back_keeps_redo() {
    let mut history = history(&["a", "b", "c", "d"]);
    let values = history.go_to(Some(1));
    assert_eq!(last(&values), &value("b"));
    assert_eq!(history.redo_label(), Some("Name it c"));
    assert_eq!(last(&history.go_to(None)), &value("a"));
    assert_eq!(last(&history.go_to(Some(3))), &value("d"));
    assert!(history.go_to(Some(3)).is_empty(), "already there");
    assert!(history.go_to(Some(99)).is_empty());
    assert_eq!(history.depth(), 3);
}

#[test]
fn forgetting_a_document_keeps_the_others_in_order() {
    let mut history = history(&["a", "b", "c"]);
    history.record(edit("e", "1", "2", false), Moment(10));
    history.record(edit("d", "c", "d", false), Moment(11));
    history.forget(&DocumentId::Constitution("d".to_owned()));
    assert_eq!(history.depth(), 1);
    assert_eq!(history.undo_label(), Some("Name it 2"));
    history.undo().unwrap();
    assert!(history.undo().is_none());
    assert_eq!(history.redo_label(), Some("Name it 2"));
}

#[test]
fn the_oldest_go_first_and_branches_before_them() {
    let mut history = history(&["a", "b", "c"]);
    history.undo().unwrap();
    let mut before = "b".to_owned();
    for n in 0..KEPT {
        let after = n.to_string();
        history.record(edit("d", &before, &after, false), Moment(n as u64));
        before = after;
    }
    assert_eq!(history.len(), KEPT);
    assert!(history.lines().iter().all(|line| line.done), "the branch went first");
}
