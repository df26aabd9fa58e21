//! Who may use whom, and the words a pure module may not contain.
//!
//! The table is the one of ARCHITECTURE.md; breaking it fails here, with the line to mend.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Module → the modules of this crate that it may use.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("methods", &["domain"]),
    ("stats", &["domain"]),
    ("datasets", &["domain"]),
    ("formats", &["domain", "datasets"]),
    ("providers", &["domain", "formats"]),
    ("store", &["domain", "formats"]),
    ("engine", &["domain", "formats", "methods", "stats", "providers", "store"]),
    ("app", &["domain", "methods", "stats", "datasets", "formats", "providers", "store", "engine"]),
    ("cli", &["domain", "methods", "stats", "datasets", "formats", "providers", "store", "engine"]),
    (
        "server",
        &["domain", "methods", "stats", "datasets", "formats", "providers", "store", "engine"],
    ),
];

/// The pure core.
const PURE: &[&str] = &["domain", "methods", "stats", "datasets", "formats"];

/// What a pure module may not contain outside its tests, and why.
const FORBIDDEN_IN_PURE: &[(&str, &str)] = &[
    ("tokio::", "a method knows no runtime"),
    ("reqwest", "a pure module knows no network"),
    ("std::fs", "a pure module reads no file: take bytes or io::Read"),
    ("std::net", "a pure module knows no network"),
    ("std::env", "a pure module reads no environment"),
    ("std::process", "a pure module starts nothing"),
    ("SystemTime", "a pure module has no clock: take the time"),
    ("Instant::now", "a pure module has no clock: take the time"),
    ("rand::rng(", "the only randomness is a seeded ChaCha generator"),
    ("from_os_rng", "the only randomness is a seeded ChaCha generator"),
    ("egui", "only the window knows egui"),
    ("rusqlite", "only the store knows SQLite"),
];

/// What only the window may contain.
const ONLY_IN_APP: &[&str] = &["egui::", "eframe::", "rfd::"];

/// The update is a function of state and message.
const FORBIDDEN_IN_UPDATE: &[(&str, &str)] = &[
    ("egui::", "update knows no egui"),
    ("std::fs", "update does no I/O: return an effect"),
    ("SystemTime::now", "time comes in with the message"),
    ("Instant::now", "time comes in with the message"),
    ("tokio::", "update starts nothing: return an effect"),
    ("rfd::", "update opens no dialog: return an effect"),
];

fn source_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The file's lines, without comments and without its test module (by custom the last item).
fn code_lines(path: &Path) -> Vec<(usize, String)> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("#[cfg(test)]") {
            break;
        }
        let code = line.split("//").next().unwrap_or_default();
        if !code.trim().is_empty() {
            lines.push((index + 1, code.to_owned()));
        }
    }
    lines
}

fn module_of(src: &Path, path: &Path) -> Option<String> {
    let relative = path.strip_prefix(src).ok()?;
    let first = relative.components().next()?.as_os_str().to_str()?.to_owned();
    Some(first.trim_end_matches(".rs").to_owned())
}

/// A file that only tests use: its whole content is tests.
fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == "tests.rs"
        || name.ends_with("_tests.rs")
        || path.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut files = Vec::new();
    source_files(&src, &mut files);
    assert!(files.len() > 20, "the source tree is found");
    let mut broken = Vec::new();
    for path in &files {
        let Some(module) = module_of(&src, path) else { continue };
        if module == "main" || module == "lib" || is_test_file(path) {
            continue;
        }
        let allowed = table.get(module.as_str()).unwrap_or_else(|| {
            panic!("module {module} is not in the table of tests/architecture.rs")
        });
        for (number, line) in code_lines(path) {
            for part in line.split("crate::").skip(1) {
                let used: String =
                    part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if used.is_empty() || used == module || allowed.contains(&used.as_str()) {
                    continue;
                }
                if table.contains_key(used.as_str()) {
                    broken.push(format!("{}:{number}: {module} uses {used}", path.display()));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn the_pure_core_is_pure() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let mut broken = Vec::new();
    for path in &files {
        let module = module_of(&src, path).unwrap_or_default();
        if is_test_file(path) {
            continue;
        }
        for (number, line) in code_lines(path) {
            if PURE.contains(&module.as_str()) {
                for (word, reason) in FORBIDDEN_IN_PURE {
                    if line.contains(word) {
                        broken.push(format!("{}:{number}: `{word}`: {reason}", path.display()));
                    }
                }
            }
            if module != "app" && module != "main" {
                for word in ONLY_IN_APP {
                    if line.contains(word) {
                        broken.push(format!("{}:{number}: `{word}` outside app", path.display()));
                    }
                }
            }
            if path.components().any(|part| part.as_os_str() == "update") {
                for (word, reason) in FORBIDDEN_IN_UPDATE {
                    if line.contains(word) {
                        broken.push(format!("{}:{number}: `{word}`: {reason}", path.display()));
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn files_keep_one_reason_to_change() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let long: Vec<String> = files
        .iter()
        .filter_map(|path| {
            let lines = std::fs::read_to_string(path).unwrap().lines().count();
            (lines > 600).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "split by topic:\n{}", long.join("\n"));
}
