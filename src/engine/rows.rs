//! The rows of a run that are at work, and what is looked after meanwhile: pauses, stops, changed
//! limits, closed endpoints, the clocks.

use std::sync::Arc;
use std::time::SystemTime;

use futures::FutureExt as _;
use futures::future::select_all;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::ask::Shared;
use super::awake::TICK;
use super::cancel::Cancel;
use super::event::EngineEvent;
use super::pulse::{Hold, RunPulse};
use super::run::{RowMethod, StopReason, one_row};

/// Rows at work for each request at once: while one row's answer is being kept, another's call is
/// ready to go, and when the last row has begun there are enough others to keep all seats taken.
const ROWS_PER_SEAT: usize = 4;
/// Rows at work at most, whatever the user wants at once.
const MOST_ROWS: usize = 4096;

/// Keeps as many rows at work as the limits allow until all are there or the run is halted.
/// Rows in `good`, by place ascending, are there already.
pub(super) async fn all_rows(
    shared: &Arc<Shared>,
    cancel: &Cancel,
    method: &Arc<dyn RowMethod>,
    good: &[u64],
) {
    let provenance = Arc::new(shared.plan.provenance());
    let models = shared.plan.lanes();
    let mut tasks = JoinSet::new();
    let is_wanted =
        |place: u64| shared.plan.only.as_ref().is_none_or(|o| o.binary_search(&place).is_ok());
    let is_missing = |position: &usize| {
        let place = *position as u64;
        good.binary_search(&place).is_err() && is_wanted(place)
    };
    let missing: Vec<usize> = (0..shared.plan.prompts.len()).filter(is_missing).collect();
    let mut positions = missing.into_iter();
    let mut was_cancelled = false;
    let mut controls = shared.plan.controls.subscribe();
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let never = std::future::pending().boxed();
    let doors = models.iter().map(|model| model.endpoint.until_closed().boxed());
    let mut closed = select_all(doors.chain([never]));
    let mut is_closed = false;
    loop {
        // Looked at once, so that a pause that ends meanwhile is not missed below.
        let is_paused = cancel.is_paused();
        let at_work = (shared.seats.at_once() as usize).saturating_mul(ROWS_PER_SEAT);
        while !is_paused
            && !shared.halt.is_cancelled()
            && !cancel.is_cancelled()
            && tasks.len() < at_work.min(MOST_ROWS)
            && let Some(position) = positions.next()
        {
            let (shared, method) = (Arc::clone(shared), Arc::clone(method));
            let provenance = Arc::clone(&provenance);
            tasks.spawn(async move { one_row(&shared, &*method, position, &provenance).await });
        }
        if positions.len() == 0 {
            shared.seats.begin_tail();
        }
        if tasks.is_empty() && (positions.len() == 0 || shared.halt.is_cancelled()) {
            break;
        }
        tokio::select! {
            biased;
            () = cancel.cancelled(), if !was_cancelled => {
                was_cancelled = true;
                if !tasks.is_empty() || positions.len() > 0 {
                    shared.stop(StopReason::Cancelled);
                }
            }
            (why, ..) = &mut closed, if !is_closed => {
                is_closed = true;
                shared.stop(StopReason::Refused(why));
            }
            ended = tasks.join_next(), if !tasks.is_empty() => {
                if let Some(Err(error)) = ended {
                    tracing::error!("a row's task ended badly: {error}");
                }
            }
            // The sender lives in the plan's controls, so this can't fail.
            _ = controls.changed() => {
                shared.plan.prepare_models();
                shared.seats.look_again();
            }
            _ = ticks.tick() => tick(shared, cancel),
            () = cancel.open(), if is_paused => {}
        }
    }
}

/// Once a second: the clocks are compared, and the run's speed is told.
fn tick(shared: &Shared, cancel: &Cancel) {
    if shared.awake.tick(Instant::now(), SystemTime::now()) {
        tracing::info!("the machine slept: connections are made anew");
        for model in shared.plan.lanes() {
            model.provider.woke();
        }
    }
    (shared.events)(EngineEvent::Pulse(pulse(shared, cancel)));
}

fn pulse(shared: &Shared, cancel: &Cancel) -> RunPulse {
    let limits = shared.plan.controls.limits();
    let models = shared.plan.lanes();
    let closed = models.iter().find_map(|model| model.endpoint.closed());
    let lanes: Vec<_> = models.iter().map(|model| model.state()).collect();
    let hold = match closed {
        Some(failure) => Some(Hold::Closed { failure }),
        None if cancel.is_paused() => Some(Hold::Paused),
        None => {
            let mut holds = lanes.iter().filter_map(|lane| lane.hold.clone());
            let is_idle = lanes.iter().all(|lane| lane.in_flight == 0);
            holds.next().filter(|_| is_idle)
        }
    };
    RunPulse {
        at_once: shared.seats.at_once(),
        per_minute: limits.per_minute,
        in_flight: shared.seats.in_flight(),
        waiting: models.iter().map(|model| model.limiter.waiting_of(&shared.seats)).sum(),
        lanes,
        hold,
    }
}
