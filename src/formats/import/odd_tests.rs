//! Input of odd shape and size: taken, or refused with where and how to mend it, in bounded memory
//! and time. `PREAMBLE_LARGE_INPUT=1` runs the same with the sizes that people have met.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::*;
use crate::formats::{lenient, prompts};

/// The small size, or the large one where it is asked for.
pub(super) fn size(small: usize, large: usize) -> usize {
    if std::env::var_os("PREAMBLE_LARGE_INPUT").is_some() { large } else { small }
}

/// The most memory that this process has ever held, in bytes; 0 where that is not known.
pub(super) fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}

fn refused(bytes: &[u8], name: &str) -> Problem {
    match prompt_set(bytes, name, None) {
        Ok(taken) => panic!("{name} was taken as {}", taken.format),
        Err(problem) => {
            assert!(!problem.hint.is_empty(), "{}", problem.what);
            assert!(problem.what.len() < 1_000, "what is said of it is short");
            problem
        }
    }
}

#[test]
fn a_table_of_very_many_columns_is_refused() {
    let columns = size(20_000, 1_000_000);
    let header: String = (0..columns).fold("prompt".to_owned(), |mut all, n| {
        write!(all, ",c{n}").unwrap();
        all
    });
    let row = format!("Why?{}", ",x".repeat(columns));
    let begun = Instant::now();
    let problem = refused(format!("{header}\n{row}\n{row}\n").as_bytes(), "wide.csv");
    assert!(problem.what.contains("columns, more than 2000"), "{}", problem.what);
    assert!(begun.elapsed() < Duration::from_secs(20));
    // Names as long as texts are not repeated whole.
    refused(format!("{},{}\na,b\n", "x".repeat(5_000_000), "y".repeat(9)).as_bytes(), "long.csv");
}

#[test]
fn one_giant_row_is_refused_by_its_place() {
    let giant = "word ".repeat(size(18 << 20, 200 << 20) / 5);
    let good = "{\"prompt\":\"Why?\"}";
    let lines = format!("{good}\n{{\"prompt\":\"{giant}\"}}\n");
    let problem = refused(lines.as_bytes(), "x.jsonl");
    assert_eq!(problem.position, Some((2, 1)), "{}", problem.what);
    assert!(problem.what.contains("MB are no prompt"), "{}", problem.what);
    let own = prompts::read(lines.as_bytes(), "x").unwrap_err();
    assert_eq!(own.position, Some((2, 1)), "{}", own.what);
    let table = format!("prompt\nWhy?\n\"{giant}\"\n");
    assert!(refused(table.as_bytes(), "x.csv").what.contains("MB are no prompt"));
    // A quote that is never closed makes one row of all that follows.
    let open = format!("prompt\n\"Why?\n{}", "line\n".repeat(size(18 << 20, 64 << 20) / 5));
    assert!(refused(open.as_bytes(), "x.csv").hint.contains("close the quotes"));
    // Where the others are fine, it alone is left out.
    let array = format!("[{good},{{\"prompt\":\"{giant}\"}}]");
    let taken = prompt_set(array.as_bytes(), "x.json", None).unwrap();
    assert_eq!((taken.value.prompts.len(), taken.dropped.len()), (1, 1));
    let text = format!("Why?\n{giant}\n");
    let taken = prompt_set(text.as_bytes(), "x.txt", None).unwrap();
    assert_eq!((taken.value.prompts.len(), taken.dropped.len()), (1, 1));
}

#[test]
fn too_many_rows_are_refused_before_they_fill_the_memory() {
    let before = peak();
    let rows = lenient::MOST_RECORDS + 8_000_000 * size(0, 1) + 1;
    let text = "{\"prompt\":\"Why?\"}\n".repeat(rows);
    for name in ["x.jsonl", "x"] {
        let problem = refused(text.as_bytes(), name);
        let words = format!("there are {rows} records, and at most 2000000 are read");
        assert!(problem.what.contains(&words), "{}", problem.what);
        assert!(problem.hint.contains("take a part of it"), "{}", problem.hint);
        assert_eq!(problem.position, Some((lenient::MOST_RECORDS + 1, 1)));
    }
    assert!(prompts::read(text.as_bytes(), "x").unwrap_err().what.contains("at most 2000000"));
    let more = peak().saturating_sub(before);
    assert!(more < 3 * text.len() as u64 + (300 << 20), "{} MB more", more >> 20);
}

#[test]
fn many_rows_are_taken() {
    let rows = size(20_000, 1_500_000);
    let text: String = (0..rows).fold(String::new(), |mut all, n| {
        writeln!(all, "{{\"id\":\"{n}\",\"prompt\":\"Question {n}?\",\"tags\":[\"a\"]}}").unwrap();
        all
    });
    let begun = Instant::now();
    assert_eq!(prompts::read(text.as_bytes(), "x").unwrap().prompts.len(), rows);
    println!("{rows} rows: {:?}, peak {} MB", begun.elapsed(), peak() >> 20);
    if size(0, 1) == 1 {
        assert!(peak() < 3 << 29, "1.5 GB");
    }
}

#[test]
fn very_many_equal_ids_are_renamed_in_time() {
    let rows = size(20_000, 500_000);
    let begun = Instant::now();
    let same = prompt_set("{\"id\":7,\"prompt\":\"Why?\"}\n".repeat(rows).as_bytes(), "x", None);
    let same = same.unwrap().value;
    assert_eq!((same.prompts.len(), same.prompts[1].id.as_str()), (rows, "7-2"));
    assert_eq!(same.prompts[rows - 1].id.0, format!("7-{rows}"));
    let none = "{\"prompt\":\"Why?\"}\n".repeat(rows);
    assert_eq!(prompts::read(none.as_bytes(), "x").unwrap().prompts.len(), rows);
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    // In the project's own file an id twice is a mistake, told with its line.
    let twice = prompts::read(b"{\"id\":7,\"prompt\":\"a\"}\n{\"id\":7,\"prompt\":\"b\"}", "x");
    let problem = twice.unwrap_err();
    assert!(problem.what.contains("the id 7 is used twice"), "{}", problem.what);
    assert_eq!(problem.position, Some((2, 1)));
}

#[test]
fn empty_and_blank_files_are_refused_as_such() {
    for bytes in [&b""[..], b" \n\r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"] {
        for name in ["x.jsonl", "x.csv", "x.txt", "x.json", "x"] {
            refused(bytes, name);
        }
    }
    for (bytes, name) in [(&b"prompt\n"[..], "x.csv"), (b"[]", "x.json"), (b"{}", "x.json")] {
        refused(bytes, name);
    }
}

#[test]
fn line_ends_of_all_kinds_and_a_mark_before_them_are_fine() {
    let rows = ["{\"id\":\"1\",\"prompt\":\"a\"}", "{\"id\":\"2\",\"prompt\":\"b\\r\\nc\"}"];
    for end in ["\n", "\r\n", "\n\n", "\r\n\n\r\n"] {
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}{}{end}{}{end}", rows[0], rows[1]);
            let own = prompts::read(text.as_bytes(), "x").unwrap();
            let taken = prompt_set(text.as_bytes(), "x.jsonl", None).unwrap().value;
            for set in [own, taken] {
                let texts: Vec<String> = set.prompts.iter().map(|p| p.text().to_owned()).collect();
                assert_eq!(texts, ["a", "b\r\nc"], "{text:?}");
            }
            let table = format!("{mark}id,prompt{end}1,a{end}2,\"b\r\nc\"{end}");
            let set = prompt_set(table.as_bytes(), "x.csv", None).unwrap().value;
            assert_eq!(set.prompts.len(), 2, "{table:?}");
        }
    }
    // A separator that only looks like a line end does not end a line.
    let text = "{\"prompt\":\"a\u{2028}b\"}\n{\"prompt\":\"c\u{85}d\"}";
    assert_eq!(prompts::read(text.as_bytes(), "x").unwrap().prompts.len(), 2);
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    for depth in [200, 1_000_000] {
        let deep = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        refused(deep.as_bytes(), "x.json");
        refused(format!("{{\"prompt\":{deep}}}").as_bytes(), "x.jsonl");
        let ron = format!("(format: 1, name: \"x\", principles: {deep})");
        assert!(constitution(ron.as_bytes(), "x.ron", None).is_err());
        assert!(rubrics(deep.as_bytes(), "x.json", None).is_err());
    }
}
