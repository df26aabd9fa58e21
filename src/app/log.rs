//! The program's log: what happened, kept in memory only and shown in Settings.
//!
//! A ring of the newest lines. Keys are taken out before a line is kept, and texts of documents,
//! prompts and replies are never logged; so diagnostics can be copied without a second look.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use secrecy::SecretString;
use tokio::sync::watch;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::effects::desk::unpoisoned;
use super::message::{Event, TrialNews};
use super::state::home::{LogLevel, LogLine};
use super::window::now;
use crate::store::redact::{self, Redactor};
use crate::store::secrets::Secrets;

/// Lines that are kept.
const KEPT: usize = 2_000;
/// A longer text is cut, in bytes.
const LONGEST: usize = 2_000;
/// Holds what to log, such as `debug` or `preamble=debug`.
const LOG_ENV: &str = "PREAMBLE_LOG";

/// What is logged unless the environment says otherwise: the window system's warnings help nobody.
const USUAL: &str = "info,winit=error,egui_winit=error,glutin=error";

struct Ring {
    /// How many lines there have been, and the newest of them.
    lines: Mutex<(u64, VecDeque<LogLine>)>,
    changed: watch::Sender<u64>,
    secrets: OnceLock<Arc<Secrets>>,
    environment: Redactor,
}

static RING: LazyLock<Ring> = LazyLock::new(|| Ring {
    lines: Mutex::default(),
    changed: watch::Sender::new(0),
    secrets: OnceLock::new(),
    environment: of_environment(),
});

/// Every variable that is named like a secret is taken for one.
fn of_environment() -> Redactor {
    let mut keys = Redactor::default();
    for (name, value) in std::env::vars_os() {
        let (Some(name), Ok(value)) = (name.to_str(), value.into_string()) else { continue };
        if ["_KEY", "_TOKEN", "_SECRET"].iter().any(|end| name.to_uppercase().ends_with(end)) {
            keys.add(&SecretString::from(value.trim().to_owned()));
        }
    }
    keys
}

/// Begins to keep what is logged; once for the whole program.
pub fn start() {
    let wanted = std::env::var(LOG_ENV).unwrap_or_default();
    let wanted = if wanted.trim().is_empty() { USUAL.to_owned() } else { wanted };
    let filter = tracing_subscriber::EnvFilter::try_new(&wanted)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(USUAL));
    tracing_subscriber::registry().with(filter).with(Keep).try_init().ok();
}

/// Keeps the keys of session and keychain out of the log, too.
pub fn hide_keys_of(secrets: &Arc<Secrets>) {
    RING.secrets.set(Arc::clone(secrets)).ok();
}

/// The text without keys that are known or look like one.
pub fn redacted(text: &str) -> String {
    let text = RING.environment.redact(text);
    let text = match RING.secrets.get() {
        Some(secrets) => secrets.redactor().redact(&text),
        None => text,
    };
    redact::without_lookalikes(&text)
}

/// How many lines there have been, and those that are still there, oldest first.
pub fn lines() -> (u64, Vec<LogLine>) {
    let kept = unpoisoned(&RING.lines);
    (kept.0, kept.1.iter().cloned().collect())
}

/// Comes back when there have been more lines than that.
pub async fn more_than(seen: u64) {
    let mut changed = RING.changed.subscribe();
    changed.wait_for(|count| *count > seen).await.ok();
}

/// A line as people read it: time, level, place, text.
pub fn line_words(line: &LogLine) -> String {
    let utc = chrono::DateTime::from_timestamp_millis(i64::try_from(line.at.0).unwrap_or_default());
    let time = utc.unwrap_or_default().with_timezone(&chrono::Local).format("%H:%M:%S%.3f");
    format!("{time} {:7} {} {}", line.level.to_string().to_lowercase(), line.place, line.text)
}

fn keep(level: LogLevel, place: &str, text: &str) {
    let mut text = redacted(text).replace('\n', " ⏎ ");
    if text.len() > LONGEST {
        let cut = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(cut);
        text.push('…');
    }
    let place = place.trim_start_matches("preamble::").to_owned();
    let line = LogLine { at: now(), level, place, text };
    let count = {
        let mut kept = unpoisoned(&RING.lines);
        kept.0 += 1;
        kept.1.push_back(line);
        if kept.1.len() > KEPT {
            kept.1.pop_front();
        }
        kept.0
    };
    RING.changed.send_replace(count);
}

/// Notes what an event says, where somebody who looks for a fault would want to know it; never a
/// text of prompts or replies.
pub fn note(event: &Event) {
    match event {
        Event::Trial { number, news: TrialNews::CallDone { call, outcome, replayed } } => {
            let what = format!("chain {number}, {:?} ({})", call.prompt.0, call.role);
            match outcome {
                Ok(_) if *replayed => tracing::info!("{what}: reply from the journal"),
                Ok(reply) => tracing::info!(
                    "{what}: reply of {} by {}, {} tokens read, {} written",
                    counted(reply.text.len()),
                    if reply.model.is_empty() { "the model" } else { &reply.model },
                    reply.usage.prompt_tokens,
                    reply.usage.completion_tokens,
                ),
                Err(failure) => tracing::warn!("{what}: {}", failure.message),
            }
        }
        Event::Trial { number, news: TrialNews::Failed(failure) } => {
            tracing::error!("chain {number} did not run: {}", failure.message);
        }
        Event::Trial { number, news: TrialNews::Retrying { why, .. } } => {
            tracing::warn!("chain {number} asks again: {why}");
        }
        Event::Failed(failure) => tracing::error!("{}", failure.message),
        Event::Exported(Err(failure)) => tracing::error!("not exported: {}", failure.message),
        Event::Exported(Ok((files, records))) => {
            tracing::info!("exported {records} records into {} files", files.len());
        }
        Event::Probed { model, result } => match result {
            Ok(lines) => tracing::info!("{model} was tested: {} findings", lines.len()),
            Err(failure) => tracing::warn!("{model} was tested: {}", failure.message),
        },
        Event::Opened { root, result, .. } => match result {
            Ok(_) => tracing::info!("opened {}", root.display()),
            Err(failure) => tracing::error!("not opened: {}: {}", root.display(), failure.message),
        },
        Event::Saved(documents) => {
            for saved in documents {
                match &saved.outcome {
                    super::message::SaveOutcome::Saved(_) => tracing::debug!("saved {}", saved.id),
                    super::message::SaveOutcome::Conflict(_) => {
                        tracing::warn!("{} changed on disk", saved.id);
                    }
                    super::message::SaveOutcome::Failed(failure) => {
                        tracing::error!("{} was not saved: {}", saved.id, failure.message);
                    }
                }
            }
        }
        _ => {}
    }
}

fn counted(bytes: usize) -> String {
    super::widgets::number::bytes(bytes as u64)
}

/// Keeps each event as a line.
struct Keep;

impl<S: tracing::Subscriber> Layer<S> for Keep {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        let level = match *event.metadata().level() {
            tracing::Level::ERROR => LogLevel::Error,
            tracing::Level::WARN => LogLevel::Warning,
            tracing::Level::INFO => LogLevel::Info,
            tracing::Level::DEBUG | tracing::Level::TRACE => LogLevel::Debug,
        };
        let mut words = Words::default();
        event.record(&mut words);
        keep(level, event.metadata().target(), &words.0);
    }
}

#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").ok();
        } else {
            let gap = if self.0.is_empty() { "" } else { " " };
            write!(self.0, "{gap}{}={value:?}", field.name()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_without_keys_and_cut() {
        let before = lines().0;
        keep(LogLevel::Warning, "preamble::app", "refused: sk-proj-1234567890abcdef\nagain");
        keep(LogLevel::Info, "x", &"ä".repeat(LONGEST));
        let (count, all) = lines();
        assert!(count >= before + 2);
        let line = all.iter().rev().find(|line| line.text.contains("refused")).unwrap();
        assert!(!line.text.contains("1234567890"), "{}", line.text);
        assert!(line.text.contains("⏎ again"), "{}", line.text);
        assert_eq!(line.place, "app");
        assert!(line_words(line).contains("warning app refused"));
        assert!(all.iter().all(|line| line.text.len() <= LONGEST + 4));
    }

    #[tokio::test]
    async fn who_waits_for_more_lines_is_told() {
        let seen = lines().0;
        let waiting = tokio::spawn(more_than(seen));
        keep(LogLevel::Info, "x", "one more");
        tokio::time::timeout(std::time::Duration::from_secs(5), waiting).await.unwrap().unwrap();
    }
}
