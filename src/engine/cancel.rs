//! A stop signal that many can hear, and a pause that they wait at.

use tokio::sync::watch;

/// Stops a run (no new call is sent, those in flight may land), or holds it for a while. Clones
/// share the signal.
#[derive(Debug, Clone)]
pub struct Cancel {
    sender: watch::Sender<Signal>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Signal {
    is_cancelled: bool,
    is_paused: bool,
}

impl Default for Cancel {
    fn default() -> Self {
        Self { sender: watch::Sender::new(Signal::default()) }
    }
}

impl Cancel {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal; again does nothing.
    pub fn cancel(&self) {
        self.sender.send_modify(|signal| signal.is_cancelled = true);
    }

    /// Whether it was given.
    pub fn is_cancelled(&self) -> bool {
        self.sender.borrow().is_cancelled
    }

    /// Waits until it is given.
    pub async fn cancelled(&self) {
        let mut receiver = self.sender.subscribe();
        // The sender lives in `self`, so waiting can't fail.
        receiver.wait_for(|signal| signal.is_cancelled).await.ok();
    }

    /// Holds the run: no new call is sent until [`Cancel::go_on`]; those in flight land.
    pub fn pause(&self) {
        self.sender.send_modify(|signal| signal.is_paused = true);
    }

    /// Ends a pause; without one it does nothing.
    pub fn go_on(&self) {
        self.sender.send_modify(|signal| signal.is_paused = false);
    }

    /// Whether calls are held; a run that was stopped holds none.
    pub fn is_paused(&self) -> bool {
        let signal = *self.sender.borrow();
        signal.is_paused && !signal.is_cancelled
    }

    /// Waits for the end of a pause, or for the stop; returns at once where there is none.
    pub async fn open(&self) {
        let mut receiver = self.sender.subscribe();
        receiver.wait_for(|signal| signal.is_cancelled || !signal.is_paused).await.ok();
    }
}
