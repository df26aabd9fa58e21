//! How the window performs: frame time while a chain streams and while large lists scroll, start,
//! repaints while idle.
//!
//! `cargo bench --bench window` prints each figure with the bar that it must meet, measured in a
//! release build. Nothing fails here: on a busy machine the figures say so themselves. What needs
//! a display is left out where there is none.

#[path = "window/large.rs"]
mod large;
#[path = "window/program.rs"]
mod program;
#[path = "window/stage.rs"]
mod stage;
#[path = "window/streaming.rs"]
mod streaming;

use std::time::Duration;

fn main() {
    say("Preamble's window");
    if cfg!(debug_assertions) {
        say("  this is a development build: the bars are for `cargo bench --bench window`");
    }
    let mut report = streaming::measure();
    report.extend(large::measure());
    report.extend(program::measure());
    say("\nIn one table (what a test holds is named; run it by `cargo test --lib <name>`)");
    for line in report {
        let met = line.met.map_or("not measured", verdict);
        say(&format!("  {:<58} {:<22} {:<22} {met}", line.what, line.target, line.measured));
    }
    for (what, test) in HELD_BY_TESTS {
        say(&format!("  {what:<58} {test}"));
    }
}

/// Bars without a figure, and what holds them.
const HELD_BY_TESTS: &[(&str, &str)] = &[
    ("Every action by keyboard, every control named", "access_tests, menu_command"),
    ("Contrast and colour-blind distance of the colours", "theme"),
    ("No repaint of an area at rest", "an_idle_window_does_not_repaint"),
    ("A crash loses at most a second of typing", "tests/window/kill.py"),
    ("A principle's edit changes an answer, 60 s and 4 clicks", "tests/window/run.sh"),
    ("Undo of 1,000 random edits", "history"),
];

/// One bar and what was measured.
pub(crate) struct Line {
    /// What is measured.
    pub(crate) what: String,
    /// What it must be.
    pub(crate) target: String,
    /// What it is.
    pub(crate) measured: String,
    /// Whether it is met; `None`: not measured here.
    pub(crate) met: Option<bool>,
}

#[expect(clippy::print_stdout, reason = "figures are what a benchmark is for")]
fn say(words: &str) {
    println!("{words}");
}

/// A duration in milliseconds, for people.
fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

/// The value that a share of sorted values does not exceed (nearest rank).
fn at<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied()
}

/// Whether a bar is met, in a word.
fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "NOT met" }
}
