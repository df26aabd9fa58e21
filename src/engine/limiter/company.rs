//! What the models of one address with one key are admitted *together*. Some providers limit each
//! model by itself, others (gateways, one's own servers, whole accounts) all of them at once. Then
//! a model that was measured while three others took most of the rate would stay slow long after
//! they are done.
//!
//! So the lanes of one address with one key tell each other what they send. Where less goes out
//! than was once admitted in all, a lane that waits for its own pace is lifted towards the rest of
//! it. Is it refused before it gets there, the models are limited each by itself, and what was
//! admitted in all is forgotten.
//!
//! Pure but for the lock: time comes in with each call.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::unpoisoned;

/// What goes out is averaged over so many seconds.
const AVERAGE: f64 = 0.5;
/// What is admitted in all is measured between two refusals at least this far apart.
const LONG_ENOUGH: Duration = Duration::from_secs(1);
/// Of what was admitted in all, so much is used; the rest is for the error of measuring.
const USED: f64 = 0.95;
/// What is left of an older measurement where a newer one is lower: perhaps there was less to do.
const OLDER: f64 = 0.9;
/// A lifted lane refused at less than this share of what was admitted in all is limited by itself.
const REACHED: f64 = 0.8;
/// Who waited for its pace so lately still does.
const LATELY: Duration = Duration::from_millis(500);
/// A lane takes its part of what is free in about so many seconds.
const TAKES: f64 = 0.5;

/// The lanes of one address with one key.
#[derive(Debug, Default)]
pub(in crate::engine) struct Company {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Lanes, by number, and when each last waited for its pace.
    lanes: BTreeMap<u64, Option<Instant>>,
    /// Sent lately: a sum that decays.
    sum: f64,
    at: Option<Instant>,
    /// Since when `admitted` counts.
    mark: Option<Instant>,
    admitted: f64,
    /// Requests a second that were admitted in all.
    ceiling: Option<f64>,
}

impl Company {
    /// Joins; the number is the lane's.
    pub(super) fn join(&self) -> u64 {
        let mut state = self.lock();
        let number = state.lanes.last_key_value().map_or(0, |(last, _)| last + 1);
        state.lanes.insert(number, None);
        number
    }

    /// A lane has sent a request.
    pub(super) fn sent(&self, now: Instant) {
        let mut state = self.lock();
        if state.lanes.len() < 2 {
            return;
        }
        state.decay(now);
        state.sum += 1.0;
        state.admitted += 1.0;
    }

    /// A request was refused as one too many; `is_lifted`: to a lane that was lifted here.
    pub(super) fn refused(&self, now: Instant, is_lifted: bool) {
        let mut state = self.lock();
        if state.lanes.len() < 2 {
            return;
        }
        state.decay(now);
        state.sum = (state.sum - 1.0).max(0.0);
        state.admitted = (state.admitted - 1.0).max(0.0);
        let goes = state.sum / AVERAGE;
        if is_lifted && state.ceiling.is_some_and(|ceiling| goes < ceiling * REACHED) {
            state.ceiling = Some(goes);
        }
        let mark = *state.mark.get_or_insert(now);
        let apart = now.saturating_duration_since(mark);
        if apart >= LONG_ENOUGH {
            let rate = state.admitted / apart.as_secs_f64();
            let older = state.ceiling.unwrap_or_default() * if is_lifted { 0.0 } else { OLDER };
            state.ceiling = Some(rate.max(older));
            (state.mark, state.admitted) = (Some(now), 0.0);
        }
    }

    /// A lane has waited for its pace since `passed`: by how many requests a second it may be
    /// raised.
    pub(super) fn lift(&self, lane: u64, passed: Duration, now: Instant) -> f64 {
        let mut state = self.lock();
        if let Some(waited) = state.lanes.get_mut(&lane) {
            *waited = Some(now);
        }
        let Some(ceiling) = state.ceiling else { return 0.0 };
        state.decay(now);
        let free = ceiling * USED - state.sum / AVERAGE;
        let is_waiting = |waited: &Option<Instant>| {
            waited.is_some_and(|at| now.saturating_duration_since(at) < LATELY)
        };
        let waiting = state.lanes.values().filter(|waited| is_waiting(waited)).count().max(1);
        let part = (passed.as_secs_f64() / TAKES).min(0.5);
        free.max(0.0) * part / waiting as f64
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        unpoisoned(&self.state)
    }
}

impl State {
    fn decay(&mut self, now: Instant) {
        let passed = self.at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        self.sum *= (-passed / AVERAGE).exp();
        self.at = Some(now);
    }
}
