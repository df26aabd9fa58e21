//! Prompts and labels as tables and lines: what can be written and read again, or a problem.
#![no_main]
use libfuzzer_sys::fuzz_target;
use preamble_fuzz::formats::{import, labels, prompts};

fuzz_target!(|data: &[u8]| {
    for name in ["x.csv", "x.tsv", "x.txt", "x.md"] {
        if let Ok(found) = import::prompt_set(data, name, None) {
            let written = prompts::write(&found.value);
            assert!(prompts::read(written.as_bytes(), "x").is_ok(), "{written}");
        }
        if let Ok(found) = import::labels(data, name, None) {
            for item in &found.value.items {
                let line = labels::item_line(item);
                assert!(labels::item_of(&line).is_ok(), "{line}");
            }
        }
    }
});
