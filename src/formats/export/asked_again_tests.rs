//! Rows that measure a judge are nothing to train on.

use serde_json::json;

use super::tests::pair_row;
use super::*;
use crate::domain::prompt::JUDGED_COLUMN;

#[test]
fn what_was_asked_once_more_trains_nobody() {
    let row = |id: &str, again: serde_json::Value| {
        let mut row = pair_row(id, Some(0.9), Some(0.8));
        row.prompt.extra.insert(JUDGED_COLUMN.to_owned(), json!({"item": id, "again": again}));
        row
    };
    let rows = [row("first", json!(null)), row("changed", json!("padding"))];
    for id in ["trl-preference", "rewards", "rows"] {
        let format = format(id).unwrap();
        let mut out = Vec::new();
        let options = Options::default();
        let made = write_records(format, Container::Jsonl, rows.clone(), &options, &mut out);
        let text = String::from_utf8(out).unwrap();
        let left_out = made.map_or(0, |made| made.left_out.get(ASKED_AGAIN).copied().unwrap_or(0));
        let (is_whole, trains) = (id == "rows", id == "trl-preference");
        assert_eq!(text.contains("changed"), is_whole, "{id}");
        assert_eq!(text.contains("first"), is_whole || trains, "{id}");
        if trains {
            assert_eq!(left_out, 1);
        }
    }
}
