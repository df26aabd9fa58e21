//! How many failed calls may be tried again soon: at most a fifth of what is answered, so that an
//! endpoint that is down is not asked six times as often as one that works. Pure.

/// Attempts that may be made at once when nothing was answered yet, and saved up at most: five per
/// cent of faults need a quarter of what comes back, so a run of bad luck never uses it up.
const SAVED: f64 = 20.0;
/// Attempts earned by an answer.
const SHARE: f64 = 0.2;

/// Attempts that may be made soon.
#[derive(Debug)]
pub(super) struct Retries {
    left: f64,
}

impl Default for Retries {
    fn default() -> Self {
        Self { left: SAVED }
    }
}

impl Retries {
    pub(super) fn answered(&mut self) {
        self.left = (self.left + SHARE).min(SAVED);
    }

    /// Uses one up, where there is one.
    pub(super) fn take(&mut self) -> bool {
        let is_left = self.left >= 1.0;
        if is_left {
            self.left -= 1.0;
        }
        is_left
    }
}
