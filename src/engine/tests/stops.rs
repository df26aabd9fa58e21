//! Runs that stop: what is done is kept, and the reason is named.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::fake::{Fake, drafts, plan, quick, refusal, silent};
use crate::domain::FailureKind;
use crate::engine::*;
use crate::providers::Retry;
use crate::store::Journal;
use crate::store::journal::RunState;

#[tokio::test]
async fn a_refused_key_stops_the_run_at_once() {
    let fake = Fake::new(|_| Err(refusal(FailureKind::Auth, Retry::Never)));
    let journal = Journal::open_in_memory().unwrap();
    let plan = plan(&fake, 100);
    plan.controls.change(|limits| limits.at_once = 4);
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let RunEnd::Stopped(StopReason::Refused(failure)) = &summary.end else {
        panic!("{:?}", summary.end);
    };
    assert_eq!(failure.kind, FailureKind::Auth);
    assert!(fake.calls() <= 4, "no more than were in flight");
    let record = journal.run(&summary.run).await.unwrap().unwrap();
    assert_eq!(record.state, RunState::Stopped);
    assert!(record.message.contains("refused"), "{}", record.message);
    assert_eq!(journal.counts(&summary.run).await.unwrap().rows, 0, "no row has an end yet");
}

#[tokio::test]
async fn the_same_refusal_again_and_again_stops_the_run() {
    let fake = Fake::new(|_| Err(refusal(FailureKind::Rejected, Retry::Never)));
    let journal = Journal::open_in_memory().unwrap();
    let plan = plan(&fake, 500);
    plan.controls.change(|limits| limits.at_once = 1);
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert!(matches!(summary.end, RunEnd::Stopped(StopReason::Rejections { count: 25, .. })));
    assert_eq!(fake.calls(), 25);
    assert_eq!(journal.counts(&summary.run).await.unwrap().failures["rejected"], 25);
}

#[tokio::test]
async fn too_many_failed_rows_stop_the_run() {
    let n = AtomicU32::new(0);
    // Every second call is refused, so no refusal comes twice in a row.
    let fake = Fake::new(move |_| match n.fetch_add(1, Ordering::SeqCst) % 2 {
        0 => Err(refusal(FailureKind::Rejected, Retry::Never)),
        _ => Ok("fine".to_owned()),
    });
    let plan = plan(&fake, 400);
    plan.controls.change(|limits| limits.at_once = 1);
    plan.controls.change(|limits| limits.max_failures = Some(0.2));
    let journal = Journal::open_in_memory().unwrap();
    let summary = run_with(plan, journal, silent(), Cancel::new(), drafts(1)).await.unwrap();
    let RunEnd::Stopped(StopReason::TooManyFailures { failed, done }) = summary.end else {
        panic!("{:?}", summary.end);
    };
    assert!(failed * 5 > done && done <= 25, "{failed} of {done}");
}

#[tokio::test]
async fn too_many_refusals_stop_the_run_and_are_kept() {
    let n = AtomicU32::new(0);
    let fake = Fake::new(move |_| match n.fetch_add(1, Ordering::SeqCst) % 2 {
        0 => Ok("I'm sorry, but I can't help with that.".to_owned()),
        _ => Ok("fine".to_owned()),
    });
    let first = plan(&fake, 400);
    first.controls.change(|limits| limits.at_once = 1);
    first.controls.change(|limits| limits.max_refusals = Some(0.2));
    let journal = Journal::open_in_memory().unwrap();
    let summary =
        run_with(first, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let RunEnd::Stopped(reason @ StopReason::TooManyRefusals { refused, done }) = &summary.end
    else {
        panic!("{:?}", summary.end);
    };
    assert!(refused * 5 > *done && *done <= 25, "{refused} of {done}");
    assert!(reason.message().contains("refusal") && !reason.hint().is_empty());
    let counts = journal.counts(&summary.run).await.unwrap();
    assert_eq!(
        (counts.rows_refused, counts.rows_failed),
        (summary.progress.refusals, 0),
        "a refusal is no failure"
    );
    // Rows that were at work are kept, too, if their answer had come: four for each request at once.
    assert!((*refused..=refused + 4).contains(&counts.rows_refused));
    let first = &journal.rows(&summary.run, None, 1).await.unwrap()[0];
    assert_eq!(first.row.refused, ["draft"]);

    // The limit is raised while the run goes on, and it ends.
    let mut again = plan(&fake, 40);
    again.run = Some(summary.run);
    let summary = run_with(again, journal, silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!(summary.end, RunEnd::Done);
    assert!(summary.progress.refusals >= 10, "replayed refusals are counted again");
}

#[tokio::test]
async fn cancelling_lets_what_is_in_flight_land_and_sends_nothing_more() {
    let fake = Fake::slow(Duration::from_millis(40), |_| Ok("landed".to_owned()));
    let journal = Journal::open_in_memory().unwrap();
    let cancel = Cancel::new();
    let plan = plan(&fake, 50);
    plan.controls.change(|limits| limits.at_once = 3);
    let events = cancelling(&cancel, 3, |event| matches!(event, EngineEvent::CallStarted { .. }));
    let summary = run_with(plan, journal.clone(), events, cancel, drafts(1)).await.unwrap();
    assert_eq!(summary.end, RunEnd::Stopped(StopReason::Cancelled));
    assert_eq!(fake.calls(), 3);
    let counts = journal.counts(&summary.run).await.unwrap();
    assert_eq!((counts.rows, counts.calls_replied, counts.calls_unknown), (3, 3, 0));
    let record = journal.run(&summary.run).await.unwrap().unwrap();
    assert_eq!(record.state, RunState::Cancelled);
}

#[tokio::test]
async fn who_waits_for_a_seat_when_the_run_stops_sends_nothing() {
    let fake = Fake::slow(Duration::from_millis(20), |_| Ok("landed".to_owned())).with_bound(1);
    let journal = Journal::open_in_memory().unwrap();
    let cancel = Cancel::new();
    let plan = plan(&fake, 9);
    plan.controls.change(|limits| limits.at_once = 3);
    let events = cancelling(&cancel, 1, |event| matches!(event, EngineEvent::CallStarted { .. }));
    run_with(plan, journal, events, cancel, drafts(1)).await.unwrap();
    assert_eq!(fake.calls(), 1);
}

#[tokio::test]
async fn what_does_not_land_in_time_is_left_with_an_unknown_outcome() {
    let fake = Fake::slow(Duration::from_hours(1), |_| Ok("never".to_owned()));
    let journal = Journal::open_in_memory().unwrap();
    let cancel = Cancel::new();
    let events = cancelling(&cancel, 2, |event| matches!(event, EngineEvent::CallStarted { .. }));
    let mut plan = plan(&fake, 2);
    plan.grace = Duration::from_millis(10);
    let summary = run_with(plan, journal.clone(), events, cancel, drafts(1)).await.unwrap();
    assert_eq!(summary.end, RunEnd::Stopped(StopReason::Cancelled));
    let counts = journal.counts(&summary.run).await.unwrap();
    assert_eq!((counts.rows, counts.calls_unknown), (0, 2));
}

/// Events that give the signal at the `n`th of a kind.
fn cancelling(cancel: &Cancel, n: u32, is_it: fn(&EngineEvent) -> bool) -> Events {
    let (cancel, left) = (cancel.clone(), AtomicU32::new(n));
    Arc::new(move |event| {
        if is_it(&event) && left.fetch_sub(1, Ordering::SeqCst) == 1 {
            cancel.cancel();
        }
    })
}

#[tokio::test]
async fn a_wait_between_attempts_ends_with_the_run() {
    let fake = Fake::new(|_| Err(refusal(FailureKind::Unreachable, Retry::Later)));
    let cancel = Cancel::new();
    let events = cancelling(&cancel, 1, |event| matches!(event, EngineEvent::Retrying { .. }));
    let mut plan = plan(&fake, 1);
    plan.retry.first_wait = Duration::from_hours(1);
    plan.retry.longest_wait = Duration::from_hours(1);
    plan.retry.max_total = Duration::from_hours(2);
    let journal = Journal::open_in_memory().unwrap();
    let run = run_with(plan, journal, events, cancel, drafts(1));
    let summary = tokio::time::timeout(Duration::from_secs(5), run).await.unwrap().unwrap();
    assert_eq!(summary.end, RunEnd::Stopped(StopReason::Cancelled));
}

#[tokio::test]
async fn the_budget_is_never_passed_and_holds_over_sessions() {
    let fake = Fake::new(|_| Ok("ok".to_owned())).with_price(1_000.0);
    // A call costs 12 tokens × 0.001 USD; at worst 150 + 256 tokens.
    let journal = Journal::open_in_memory().unwrap();
    let first = plan(&fake, 100);
    first.controls.change(|limits| limits.max_cost = Some(0.8));
    first.controls.change(|limits| limits.at_once = 32);
    let summary =
        run_with(first, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let RunEnd::Stopped(StopReason::Budget { .. }) = summary.end else {
        panic!("{:?}", summary.end);
    };
    assert!(summary.progress.cost <= 0.8, "{}", summary.progress.cost);
    assert!(summary.progress.cost > 0.8 - 0.41, "less than one worst case is left over");
    assert!(!summary.progress.price_unknown);
    let cost = journal.cost(&summary.run).await.unwrap();
    assert!((cost - f64::from(fake.calls()) * 0.012).abs() < 1e-9);

    let before = fake.calls();
    let mut again = plan(&fake, 100);
    again.controls.change(|limits| limits.max_cost = Some(0.8));
    again.run = Some(summary.run.clone());
    run_with(again, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!(fake.calls(), before, "what was spent before counts");
}

#[tokio::test]
async fn a_journal_that_cannot_be_written_stops_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let fake = Fake::new(|_| Ok("paid for".to_owned()));
    drop(Journal::open(&path).unwrap());
    let journal = Journal::open(&path).unwrap();
    // Somebody takes the table away under the writer: every outcome is refused from then on.
    let events: Events = {
        let path = path.clone();
        let once = AtomicU32::new(0);
        Arc::new(move |event| {
            if matches!(event, EngineEvent::CallStarted { .. })
                && once.fetch_add(1, Ordering::SeqCst) == 0
            {
                let other = rusqlite::Connection::open(&path).unwrap();
                other
                    .execute_batch("DROP INDEX calls_by_key; ALTER TABLE calls RENAME TO gone")
                    .unwrap();
            }
        })
    };
    let mut plan = plan(&fake, 50);
    plan.controls.change(|limits| limits.at_once = 2);
    plan.retry = quick();
    let error = run_with(plan, journal, events, Cancel::new(), drafts(1)).await.unwrap_err();
    assert!(matches!(error, EngineError::Store(_)), "{error}");
    assert!(fake.calls() <= 2, "no more than were in flight");
}
