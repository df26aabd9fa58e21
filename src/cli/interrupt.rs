//! Ctrl-C: once to stop and keep all, twice to stop at once.

use super::out;
use crate::engine::Cancel;

/// Waits for signals: the first gives `cancel`, the second ends the wait.
///
/// Select it against the work; where it ends first, drop the work and end the process.
pub async fn twice(cancel: &Cancel) {
    once().await;
    cancel.cancel();
    out::say(
        "stopping: calls on their way may take up to 10 s, everything answered is kept \
         (Ctrl-C again stops at once)",
    );
    once().await;
}

/// Waits for one signal.
#[cfg(unix)]
pub async fn once() {
    use tokio::signal::unix::{SignalKind, signal};
    // A cluster's scheduler ends programs with SIGTERM.
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return interrupted().await;
    };
    tokio::select! {
        () = interrupted() => {}
        _ = terminate.recv() => {}
    }
}

/// Waits for one signal.
#[cfg(not(unix))]
pub async fn once() {
    interrupted().await;
}

async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Signals can't be had here; the system then ends the program by itself.
        std::future::pending::<()>().await;
    }
}
