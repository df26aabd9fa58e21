//! How far a run is: a bar on a terminal, a line every 10 s elsewhere, on stderr.

use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

use super::out;
use crate::engine::RunProgress;

/// How often the bar is drawn.
const FRAME: Duration = Duration::from_millis(200);
/// How often a line is written where nobody watches.
const LINE: Duration = Duration::from_secs(10);

/// Shows a run's progress until it is dropped.
pub struct Shown {
    task: tokio::task::JoinHandle<()>,
    bar: ProgressBar,
    newest: Arc<watch::Sender<RunProgress>>,
}

impl Shown {
    /// Begins to show.
    ///
    /// `calls` is how many calls the run takes at most, where that is known: until the first row
    /// is done, they tell how long the rest takes.
    pub fn start(calls: Option<u64>) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        // The template is ours and right; without it the bar is only plainer.
        if let Ok(style) = ProgressStyle::with_template("{bar:28} {pos}/{len} rows  {msg}") {
            bar.set_style(style);
        }
        let newest = Arc::new(watch::Sender::new(RunProgress::default()));
        let (seen, shown) = (newest.subscribe(), bar.clone());
        let task = tokio::spawn(show(seen, shown, calls));
        Self { task, bar, newest }
    }

    /// Where the newest sums go; cheap and never waiting.
    pub fn newest(&self) -> Arc<watch::Sender<RunProgress>> {
        Arc::clone(&self.newest)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        self.task.abort();
        self.bar.finish_and_clear();
    }
}

async fn show(newest: watch::Receiver<RunProgress>, bar: ProgressBar, calls: Option<u64>) {
    let start = Instant::now();
    let is_watched = out::is_watched();
    let mut ticks = tokio::time::interval(if is_watched { FRAME } else { LINE });
    ticks.tick().await;
    let mut first: Option<(Duration, u64)> = None;
    loop {
        ticks.tick().await;
        let progress = newest.borrow().clone();
        if progress.rows_total == 0 {
            continue;
        }
        // Rows that the journal answers at once say nothing of how fast the others come.
        let (since, before) = *first.get_or_insert((start.elapsed(), progress.rows_done));
        let seconds = start.elapsed().saturating_sub(since).as_secs_f64();
        let left = seconds_left(&progress, progress.rows_done.saturating_sub(before), seconds)
            .or_else(|| by_calls(progress.calls, calls?, start.elapsed().as_secs_f64()));
        let words = words(&progress, start.elapsed(), left);
        if is_watched {
            bar.set_length(progress.rows_total);
            bar.set_position(progress.rows_done);
            bar.set_message(words);
        } else {
            let (done, total) = (progress.rows_done, progress.rows_total);
            out::say(&format!("{done} of {total} rows, {words}"));
        }
    }
}

/// Seconds until the last row, from the rows that came in so many seconds.
fn seconds_left(progress: &RunProgress, rows: u64, seconds: f64) -> Option<f64> {
    let to_do = progress.rows_total.saturating_sub(progress.rows_done);
    (rows > 0 && seconds > 0.0).then(|| to_do as f64 * seconds / rows as f64)
}

/// The same from the calls sent so far, before any row is done; an upper bound.
fn by_calls(sent: u64, most: u64, seconds: f64) -> Option<f64> {
    (sent > 0 && most > sent).then(|| (most - sent) as f64 * seconds / sent as f64)
}

fn words(progress: &RunProgress, elapsed: Duration, left: Option<f64>) -> String {
    let per_second = progress.calls as f64 / elapsed.as_secs_f64().max(0.001);
    let rate = match per_second {
        slow if slow < 1.0 => format!("{:.1}/min", slow * 60.0),
        fast => format!("{fast:.1}/s"),
    };
    let mut parts = vec![format!("{} calls ({rate})", progress.calls)];
    if progress.replayed > 0 {
        parts.push(format!("{} replayed", progress.replayed));
    }
    if let Some(share) = progress.usage.cached_share() {
        parts.push(format!("{share} % of prompt tokens cached"));
    }
    if progress.rows_failed > 0 {
        parts.push(format!("{} failed", progress.rows_failed));
    }
    if progress.refusals > 0 {
        parts.push(format!("{} refused", progress.refusals));
    }
    if progress.unparsed > 0 {
        parts.push(format!("{} unparsed", progress.unparsed));
    }
    parts
        .push(left.map_or_else(|| "time left unknown".to_owned(), |s| format!("{} left", span(s))));
    parts.push(cost(progress.cost, progress.price_unknown));
    parts.join(", ")
}

/// A cost in words; never below what was spent.
pub fn cost(usd: f64, price_unknown: bool) -> String {
    match (usd > 0.0, price_unknown) {
        (true, false) => format!("{usd:.4} USD"),
        (true, true) => format!("{usd:.4} USD and models of unknown price"),
        (false, true) => "cost unknown (no price given)".to_owned(),
        (false, false) => "free".to_owned(),
    }
}

/// A span of time in words.
pub fn span(seconds: f64) -> String {
    match seconds.max(0.0).ceil() as u64 {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds @ 100..6000 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{:.1} h", seconds as f64 / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_costs_read_well() {
        assert_eq!(span(0.2), "1 s");
        assert_eq!(span(100.0), "2 min");
        assert_eq!(span(9000.0), "2.5 h");
        assert_eq!(cost(0.0, true), "cost unknown (no price given)");
        assert_eq!(cost(0.5, false), "0.5000 USD");
    }

    #[test]
    fn time_left_is_unknown_until_a_row_is_done() {
        let progress = RunProgress { rows_total: 10, rows_done: 4, ..RunProgress::default() };
        assert_eq!(seconds_left(&progress, 0, 3.0), None);
        assert_eq!(seconds_left(&progress, 2, 3.0), Some(9.0));
    }
}
