//! Pauses: what is in flight lands, nothing new is sent, and the run goes on as if nothing was.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::fake::{Fake, drafts, plan, silent};
use crate::engine::*;
use crate::store::Journal;
use crate::store::journal::RunState;

/// Events that pause at the `n`th call.
fn pausing(cancel: &Cancel, n: u32) -> Events {
    let (cancel, left) = (cancel.clone(), AtomicU32::new(n));
    Arc::new(move |event| {
        if matches!(event, EngineEvent::CallStarted { .. })
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            cancel.pause();
        }
    })
}

/// Waits, however busy the machine is, until the run is paused; then for what is in flight.
async fn until_paused(cancel: &Cancel) {
    let waiting = async {
        while !cancel.is_paused() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
    a_while().await;
}

/// Long enough for a fake to answer all that it was asked, and for a fault to ask more.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(150)).await;
}

#[tokio::test]
async fn a_pause_lets_calls_land_sends_nothing_and_ends_when_told() {
    let fake = Fake::slow(Duration::from_millis(10), |call| Ok(format!("to {}", call.prompt)));
    let journal = Journal::open_in_memory().unwrap();
    let cancel = Cancel::new();
    let plan = plan(&fake, 20);
    plan.controls.change(|limits| limits.at_once = 4);
    let events = pausing(&cancel, 6);
    let run = tokio::spawn(run_with(plan, journal.clone(), events, cancel.clone(), drafts(2)));
    until_paused(&cancel).await;
    assert!(cancel.is_paused() && !run.is_finished());
    let sent = fake.calls();
    assert!((6..=9).contains(&sent), "{sent}: what was under way, and no more");
    let id = journal.runs().await.unwrap()[0].id.clone();
    let counts = journal.counts(&id).await.unwrap();
    assert_eq!(counts.calls_replied, u64::from(sent), "all that was sent has landed");
    a_while().await;
    assert_eq!(fake.calls(), sent, "a pause holds");
    cancel.go_on();
    let summary = run.await.unwrap().unwrap();
    assert_eq!((summary.end, summary.progress.rows_done), (RunEnd::Done, 20));
    assert_eq!((fake.calls(), fake.most_calls_of_one_key()), (40, 1));
}

#[tokio::test]
async fn a_paused_run_can_be_stopped_and_keeps_what_it_has() {
    let fake = Fake::slow(Duration::from_millis(5), |_| Ok("landed".to_owned()));
    let journal = Journal::open_in_memory().unwrap();
    let cancel = Cancel::new();
    let plan = plan(&fake, 30);
    plan.controls.change(|limits| limits.at_once = 2);
    let events = pausing(&cancel, 5);
    let run = tokio::spawn(run_with(plan, journal.clone(), events, cancel.clone(), drafts(1)));
    until_paused(&cancel).await;
    let sent = fake.calls();
    cancel.cancel();
    assert!(!cancel.is_paused(), "a stop ends the pause");
    let summary = tokio::time::timeout(Duration::from_secs(5), run).await.unwrap();
    let summary = summary.unwrap().unwrap();
    assert_eq!(summary.end, RunEnd::Stopped(StopReason::Cancelled));
    assert_eq!(fake.calls(), sent);
    let record = journal.run(&summary.run).await.unwrap().unwrap();
    assert_eq!(record.state, RunState::Cancelled);
    assert_eq!(journal.counts(&summary.run).await.unwrap().rows, summary.progress.rows_done);
}

#[tokio::test]
async fn a_run_that_begins_paused_sends_nothing_until_it_may() {
    let fake = Fake::new(|_| Ok("x".to_owned()));
    let journal = Journal::open_in_memory().unwrap();
    let cancel = Cancel::new();
    cancel.pause();
    let (held, gate) = (plan(&fake, 3), cancel.clone());
    let run = tokio::spawn(run_with(held, journal, silent(), gate, drafts(1)));
    a_while().await;
    assert_eq!(fake.calls(), 0);
    cancel.go_on();
    assert_eq!(run.await.unwrap().unwrap().progress.rows_done, 3);
}
