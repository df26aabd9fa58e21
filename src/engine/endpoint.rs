//! The door of an endpoint: closed for all runs of the process once it refuses a key for good.

use std::sync::Arc;

use tokio::sync::watch;

use super::limiter::Company;
use crate::domain::CallFailure;

/// One address with one key. Clones share the door.
#[derive(Debug, Clone)]
pub struct Endpoint {
    closed: Arc<watch::Sender<Option<CallFailure>>>,
    /// What its models are admitted together.
    pub(super) company: Arc<Company>,
}

impl Default for Endpoint {
    fn default() -> Self {
        Self { closed: Arc::new(watch::Sender::new(None)), company: Arc::default() }
    }
}

impl Endpoint {
    /// Closes the door: the key is refused or the account is out of money, so that every further
    /// request would be refused, too. The first reason stays.
    pub fn close(&self, why: &CallFailure) {
        self.closed.send_if_modified(|closed| {
            let is_news = closed.is_none();
            if is_news {
                *closed = Some(why.clone());
            }
            is_news
        });
    }

    /// Opens it: a run is started, resumed or retried, so somebody believes it mended. Another key
    /// has another door.
    pub fn open(&self) {
        self.closed.send_if_modified(|closed| closed.take().is_some());
    }

    /// Why it is closed; `None`: it is open.
    pub fn closed(&self) -> Option<CallFailure> {
        self.closed.borrow().clone()
    }

    /// Waits until it is closed, and says why.
    pub async fn until_closed(&self) -> CallFailure {
        let mut receiver = self.closed.subscribe();
        let why = receiver.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        match why {
            Some(why) => why,
            // The sender lives in `self`, so waiting can't fail.
            None => std::future::pending().await,
        }
    }
}
