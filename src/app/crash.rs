//! Crash reports: a file on this machine, never sent, shown at the next start.
//!
//! A report says where in the program it happened and what the log said last. It holds no text of
//! documents: what a panic's message quotes is left out, and the log has none.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::log;
use super::state::home::CrashReport;
use crate::store::{StoreError, atomic, redact, settings};

/// Reports that are kept; older ones are removed.
const KEPT: usize = 10;
/// Lines of the log in a report.
const LINES: usize = 60;
/// How a report's file begins that nobody has seen.
const UNSEEN: &str = "crash-";
/// How a report's file begins that was seen.
const SEEN: &str = "seen-crash-";

/// Told of a report that was just written.
type Tell = Box<dyn Fn(CrashReport) + Send + Sync>;

static TELL: OnceLock<Tell> = OnceLock::new();

/// The folder of all reports; `None` where the system has none for a program's state.
pub fn folder() -> Option<PathBuf> {
    settings::state_folder().map(|folder| folder.join("crashes"))
}

/// Writes a report of each panic from now on, on any thread, before whoever catches it goes on.
pub fn watch() {
    watch_into(folder());
}

fn watch_into(folder: Option<PathBuf>) {
    std::panic::set_hook(Box::new(move |panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let thread = std::thread::current();
        let thread = thread.name().unwrap_or("unnamed");
        let backtrace = std::backtrace::Backtrace::force_capture().to_string();
        let text = report(message, &place, thread, &backtrace);
        // The window's thread is the program's first; when that one panics, it ends.
        let goes_on = thread != "main";
        if let Some(folder) = &folder
            && let Ok(path) = write(folder, &text)
            && goes_on
            && let Some(tell) = TELL.get()
        {
            tell(CrashReport { path, text, goes_on });
        }
        // Where nobody reads it, it is in the report.
        let said = format!("{}\n", log::redacted(&redact::panic_words(panic)));
        std::io::Write::write_all(&mut std::io::stderr(), said.as_bytes()).ok();
    }));
}

/// Tells somebody of each report of a thread without which the program goes on.
pub fn tell(who: Tell) {
    TELL.set(who).ok();
}

fn report(message: &str, place: &str, thread: &str, backtrace: &str) -> String {
    let mut text = String::new();
    writeln!(text, "{}", about()).ok();
    writeln!(text, "Thread: {thread}").ok();
    writeln!(text, "Where: {place}").ok();
    writeln!(text, "What: {}", log::redacted(&redact::without_quotes(message))).ok();
    let (_, lines) = log::lines();
    writeln!(text, "\nThe log's last lines:").ok();
    for line in lines.iter().skip(lines.len().saturating_sub(LINES)) {
        writeln!(text, "{}", log::line_words(line)).ok();
    }
    writeln!(text, "\nThe way there:\n{}", log::redacted(backtrace)).ok();
    text
}

/// Version and system, in a line each.
pub fn about() -> String {
    let os = std::env::consts::OS;
    let release = std::fs::read_to_string("/etc/os-release").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
        Some(line.trim_matches('"').to_owned())
    });
    format!(
        "Preamble {}\nSystem: {} ({os}, {})",
        env!("CARGO_PKG_VERSION"),
        release.as_deref().unwrap_or(os),
        std::env::consts::ARCH,
    )
}

fn write(folder: &Path, text: &str) -> Result<PathBuf, StoreError> {
    let time = chrono::Local::now().format("%Y-%m-%d-%H%M%S%.3f");
    let path = folder.join(format!("{UNSEEN}{time}.txt"));
    atomic::write(&path, text.as_bytes())?;
    for old in all(folder).into_iter().rev().skip(KEPT) {
        std::fs::remove_file(old).ok();
    }
    Ok(path)
}

/// All reports of a folder, the oldest first.
fn all(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| name(path).is_some())
        .collect();
    found.sort_by_key(|path| name(path).unwrap_or_default().to_owned());
    found
}

/// The part of a report's name that says when; `None` for other files.
fn name(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    name.strip_prefix(SEEN).or_else(|| name.strip_prefix(UNSEEN))
}

/// The newest report of a folder that nobody has seen.
pub fn unseen(folder: &Path) -> Option<CrashReport> {
    let path = all(folder).pop()?;
    if !path.file_name()?.to_str()?.starts_with(UNSEEN) {
        return None;
    }
    let text = std::fs::read_to_string(&path).ok()?;
    Some(CrashReport { path, text, goes_on: false })
}

/// Notes that this report and all older ones were seen.
pub fn saw(report: &Path) {
    let Some(folder) = report.parent() else { return };
    let newest = name(report).unwrap_or_default().to_owned();
    for path in all(folder) {
        let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
        if let Some(time) = file.strip_prefix(UNSEEN)
            && time <= newest.as_str()
        {
            std::fs::rename(&path, folder.join(format!("{SEEN}{time}"))).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_panics_leaves_a_report() {
        let folder = tempfile::tempdir().unwrap();
        watch_into(Some(folder.path().to_owned()));
        let mine = std::thread::Builder::new().name("preamble-work".to_owned());
        let ended = mine.spawn(|| panic!("it broke at “{}”: {:?}", 7, "a text")).unwrap().join();
        drop(std::panic::take_hook());
        assert!(ended.is_err());
        let report = unseen(folder.path()).unwrap();
        for part in ["Thread: preamble-work", "crash.rs:", "What: it broke", "Preamble 0."] {
            assert!(report.text.contains(part), "{part}: {}", report.text);
        }
        assert!(report.text.contains("a_thread_that_panics"), "the way there");
        assert!(!report.text.contains("\"a text\""), "{}", report.text);
    }

    #[test]
    fn a_report_is_shown_once_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("crashes");
        assert_eq!(unseen(&folder), None);
        for n in 0..12 {
            let path = folder.join(format!("{SEEN}2026-01-{n:02}.txt"));
            atomic::write(&path, b"old").unwrap();
        }
        let text = report("boom", "src/x.rs:1:2", "preamble-work", "0: main");
        let path = write(&folder, &text).unwrap();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), KEPT);
        let found = unseen(&folder).unwrap();
        assert_eq!(found.path, path);
        assert!(found.text.contains("Thread: preamble-work") && found.text.contains("boom"));
        saw(&found.path);
        assert_eq!(unseen(&folder), None);
    }
}
