//! Has the embedded model there before it is needed, and tells how far it is.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;

use super::failure::Failure;
use super::out;
use crate::domain::{CallFailure, ModelKind};
use crate::engine::Model;
use crate::providers::embedded::catalog::ModelSource;
use crate::providers::embedded::{CancelFlag, fetch};
use crate::providers::embedded_provider::{EmbeddedProvider, LoadState};

/// How often a line tells of a download where nobody watches.
const LINE: Duration = Duration::from_secs(10);

/// Fetches (where it is not there) and opens every embedded model among these.
///
/// # Errors
///
/// Why one can't be had.
pub async fn ready(models: impl IntoIterator<Item = &Arc<Model>>) -> Result<(), Failure> {
    let embedded: BTreeMap<&str, &Arc<Model>> = models
        .into_iter()
        .filter(|model| model.entry.kind == ModelKind::Embedded)
        .map(|model| (model.entry.model.as_str(), model))
        .collect();
    for name in embedded.keys() {
        open(name).await?;
    }
    Ok(())
}

/// Fetches and opens one embedded model: empty for the starter model, a known name, or a path.
///
/// # Errors
///
/// Why it can't be had.
pub async fn open(name: &str) -> Result<(), Failure> {
    let name = name.to_owned();
    // The checksum of a file that is not known beforehand is computed: off the async threads.
    let made = tokio::task::spawn_blocking(move || EmbeddedProvider::new(&name)).await;
    let provider = match made {
        Ok(provider) => provider.map_err(of_call)?,
        Err(error) => return Err(Failure::bad(format!("the model can't be opened: {error}"), "")),
    };
    let shown = tokio::spawn(show(provider.load_state()));
    let opened = provider.open().await;
    shown.abort();
    // Waits until a bar that it may have drawn is gone.
    shown.await.ok();
    opened.map(drop).map_err(of_call)
}

/// Fetches a known model's file, where it is not there.
///
/// # Errors
///
/// Why it can't be had.
pub async fn fetch(source: &'static ModelSource) -> Result<PathBuf, Failure> {
    let (progress, states) = watch::channel(LoadState::Idle);
    let shown = tokio::spawn(show(states));
    let on_progress = |done, total, what: &str| {
        let what = what.to_owned();
        progress.send_replace(LoadState::Fetching { done, total, what });
    };
    let fetched = fetch::fetch(source, &on_progress, &CancelFlag::new()).await;
    shown.abort();
    shown.await.ok();
    fetched.map_err(|error| Failure::bad(error.to_string(), error.hint()))
}

/// A call's failure as a command's.
pub fn of_call(failure: CallFailure) -> Failure {
    Failure::bad(failure.message, failure.hint)
}

/// Clears the bar however the task ends.
struct Bar(ProgressBar);

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

async fn show(mut states: watch::Receiver<LoadState>) {
    let bar = Bar(ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()));
    let template = "{bar:28} {bytes}/{total_bytes}  {bytes_per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.0.set_style(style);
    }
    let is_watched = out::is_watched();
    let mut told = String::new();
    let mut last_line = tokio::time::Instant::now();
    loop {
        let state = states.borrow_and_update().clone();
        match state {
            LoadState::Fetching { done, total, what } => {
                if what != told {
                    let text = format!("fetching the embedded model: {what}");
                    if is_watched {
                        bar.0.suspend(|| out::say(&text));
                    } else {
                        out::say(&text);
                    }
                    told = what;
                }
                bar.0.set_length(total);
                bar.0.set_position(done);
                if !is_watched && total > 0 && last_line.elapsed() >= LINE {
                    last_line = tokio::time::Instant::now();
                    let (done, total) = (done >> 20, total >> 20);
                    out::say(&format!("{done} of {total} MB of the embedded model"));
                }
            }
            LoadState::Ready | LoadState::Failed(_) => return,
            LoadState::Idle | LoadState::Opening => {}
        }
        if states.changed().await.is_err() {
            return;
        }
    }
}
