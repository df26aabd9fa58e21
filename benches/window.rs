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
    streaming::measure();
    large::measure();
    program::measure();
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
