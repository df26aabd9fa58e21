//! A stop signal that many can hear.

use tokio::sync::watch;

/// Stops a run: no new call is sent, those in flight may land. Clones share the signal.
#[derive(Debug, Clone)]
pub struct Cancel {
    sender: watch::Sender<bool>,
}

impl Default for Cancel {
    fn default() -> Self {
        Self { sender: watch::Sender::new(false) }
    }
}

impl Cancel {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives the signal; again does nothing.
    pub fn cancel(&self) {
        self.sender.send_replace(true);
    }

    /// Whether it was given.
    pub fn is_cancelled(&self) -> bool {
        *self.sender.borrow()
    }

    /// Waits until it is given.
    pub async fn cancelled(&self) {
        let mut receiver = self.sender.subscribe();
        // The sender lives in `self`, so waiting can't fail.
        receiver.wait_for(|stopped| *stopped).await.ok();
    }
}
