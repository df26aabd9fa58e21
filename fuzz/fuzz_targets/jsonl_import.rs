//! Prompts and labels as JSON lines, ours and other people's: what can be written and read again, or
//! a problem with its line.
#![no_main]
use libfuzzer_sys::fuzz_target;
use preamble_fuzz::formats::{import, labels, prompts};

fuzz_target!(|data: &[u8]| {
    if let Ok(set) = prompts::read(data, "x") {
        let written = prompts::write(&set);
        let back = prompts::read(written.as_bytes(), "x").unwrap();
        assert_eq!(prompts::write(&back), written);
        assert_eq!(back.prompts.len(), set.prompts.len());
    }
    for name in ["x.jsonl", "x.json", "x"] {
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
