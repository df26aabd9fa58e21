//! Logs for finding faults: to stderr, only where `PREAMBLE_LOG` asks for them, without keys.

use std::io::Write;

use tracing_subscriber::EnvFilter;

use super::out;
use crate::store::redact;

/// Holds what to log, such as `info` or `preamble=debug`.
const LOG_ENV: &str = "PREAMBLE_LOG";

/// Starts logging where the environment asks for it.
pub fn start() {
    let Ok(wanted) = std::env::var(LOG_ENV) else { return };
    if wanted.trim().is_empty() {
        return;
    }
    let filter = EnvFilter::try_new(&wanted).unwrap_or_else(|error| {
        out::say(&format!("{LOG_ENV} can't be read ({error}); logging `info`"));
        EnvFilter::new("info")
    });
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(|| Redacting)
        .try_init()
        .ok();
}

/// Shows each panic from now on without keys and without what it quotes, as the window does.
pub fn watch_panics() {
    std::panic::set_hook(Box::new(|panic| {
        out::say(&redact::panic_words(panic));
        out::say("hint: this is a fault of Preamble’s; please report it with the lines above");
    }));
}

/// Each event comes as one write.
struct Redacting;

impl Write for Redacting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        out::say(String::from_utf8_lossy(bytes).trim_end());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
