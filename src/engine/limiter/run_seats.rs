//! What one run may have in flight over all its models: as many at once and as many a minute as
//! its controls say *now*.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::time::Instant;

use super::Limiter;
use crate::engine::control::Controls;
use crate::store::unpoisoned;

/// One run's seats, shared by the lanes of its models.
pub struct RunSeats {
    number: u64,
    controls: Controls,
    state: Mutex<State>,
    is_tail: AtomicBool,
    lanes: Mutex<Vec<Weak<Limiter>>>,
}

struct State {
    in_flight: u32,
    /// What may be sent of the requests a minute, 1 at most: they are spread evenly.
    level: f64,
    at: Option<Instant>,
}

impl RunSeats {
    /// The seats of a run with these controls.
    pub fn new(controls: Controls) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Arc::new(Self {
            number: NEXT.fetch_add(1, Ordering::Relaxed),
            controls,
            state: Mutex::new(State { in_flight: 0, level: 1.0, at: None }),
            is_tail: AtomicBool::new(false),
            lanes: Mutex::default(),
        })
    }

    /// Tells the runs of a process apart; a later run's is higher.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Names a model's lane, so that a seat left in one lane is offered in the others.
    pub(super) fn joins(&self, lane: &Arc<Limiter>) {
        let mut lanes = unpoisoned(&self.lanes);
        if !lanes.iter().any(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(lane))) {
            lanes.push(Arc::downgrade(lane));
        }
    }

    /// Has all lanes look again at what may be sent: a control changed, or a seat was left.
    pub fn look_again(&self) {
        let lanes: Vec<_> = unpoisoned(&self.lanes).iter().filter_map(Weak::upgrade).collect();
        for lane in lanes {
            lane.look();
        }
    }

    /// Has the lanes other than this one look again.
    pub(super) fn others_look(&self, this: &Limiter) {
        let lanes: Vec<_> = unpoisoned(&self.lanes).iter().filter_map(Weak::upgrade).collect();
        for lane in lanes.iter().filter(|lane| !std::ptr::eq(Arc::as_ptr(lane), this)) {
            lane.look();
        }
    }

    /// The last row has begun.
    pub fn begin_tail(&self) {
        if !self.is_tail.swap(true, Ordering::Relaxed) {
            self.look_again();
        }
    }

    /// Whether the last row has begun.
    pub(super) fn is_tail(&self) -> bool {
        self.is_tail.load(Ordering::Relaxed)
    }

    /// Requests at once, at most.
    pub fn at_once(&self) -> u32 {
        u32::try_from(self.controls.limits().at_once).unwrap_or(u32::MAX).max(1)
    }

    /// Requests in flight.
    pub fn in_flight(&self) -> u32 {
        unpoisoned(&self.state).in_flight
    }

    /// Whether one more may be sent; else when to ask again, `None`: when a seat is left.
    pub(super) fn may_send(&self, now: Instant) -> Result<(), Option<Instant>> {
        let limits = self.controls.limits();
        let mut state = unpoisoned(&self.state);
        if state.in_flight as usize >= limits.at_once.max(1) {
            return Err(None);
        }
        let Some(per_minute) = limits.per_minute else {
            state.at = None;
            return Ok(());
        };
        let rate = f64::from(per_minute.max(1)) / 60.0;
        let passed = state.at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        state.level = (state.level + passed * rate).min(1.0);
        state.at = Some(now);
        if state.level >= 1.0 - 1e-6 {
            return Ok(());
        }
        let wait = ((1.0 - state.level) / rate).max(1e-3);
        Err(Some(now + std::time::Duration::from_secs_f64(wait)))
    }

    pub(super) fn sends(&self) {
        let mut state = unpoisoned(&self.state);
        state.in_flight += 1;
        if state.at.is_some() {
            state.level -= 1.0;
        }
    }

    pub(super) fn lands(&self) {
        let mut state = unpoisoned(&self.state);
        state.in_flight = state.in_flight.saturating_sub(1);
    }
}
