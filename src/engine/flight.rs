//! Two equal calls at the same time share one request, so that nothing is paid for twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use crate::domain::{CallFailure, CallKey, Reply};
use crate::store::journal::CallId;
use crate::store::unpoisoned;

/// What a call came to, shared by all who asked.
pub type Landed = Result<(Arc<Reply>, CallId), CallFailure>;

/// The calls of a run that are in flight.
#[derive(Default)]
pub struct Flights {
    open: Mutex<HashMap<CallKey, watch::Receiver<Option<Landed>>>>,
}

/// What somebody who asks is to do.
pub enum Boarding<'a> {
    /// Send the call, and land with what came.
    Lead(Flight<'a>),
    /// Wait for who sent it already.
    Follow(watch::Receiver<Option<Landed>>),
}

/// A call in flight. Dropping it without landing lets a follower take over.
pub struct Flight<'a> {
    flights: &'a Flights,
    key: CallKey,
    landed: watch::Sender<Option<Landed>>,
}

impl Flights {
    /// Joins the call of that key, or begins it.
    pub fn board(&self, key: &CallKey) -> Boarding<'_> {
        let mut open = unpoisoned(&self.open);
        if let Some(receiver) = open.get(key) {
            return Boarding::Follow(receiver.clone());
        }
        let (landed, receiver) = watch::channel(None);
        open.insert(key.clone(), receiver);
        Boarding::Lead(Flight { flights: self, key: key.clone(), landed })
    }
}

impl Flight<'_> {
    /// Tells all followers what came.
    pub fn land(self, result: &Landed) {
        self.landed.send_replace(Some(result.clone()));
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        unpoisoned(&self.flights.open).remove(&self.key);
    }
}

/// Waits for a call that somebody else sent; `None`: they gave up without a result.
pub async fn follow(mut receiver: watch::Receiver<Option<Landed>>) -> Option<Landed> {
    receiver.wait_for(Option::is_some).await.ok().and_then(|landed| landed.clone())
}
