//! Doors that close for all runs, limits that change while a run is on.

use std::sync::Arc;
use std::time::Duration;

use super::fake::{Fake, drafts, plan, refusal, silent};
use crate::domain::FailureKind;
use crate::engine::*;
use crate::providers::Retry;
use crate::store::Journal;

#[tokio::test]
async fn a_refused_key_stops_every_run_at_that_address_and_a_new_run_tries_again() {
    let fake =
        Fake::slow(Duration::from_millis(20), |_| Err(refusal(FailureKind::Auth, Retry::Never)));
    let first = plan(&fake, 200);
    first.controls.change(|limits| limits.at_once = 4);
    let mut second = plan(&fake, 200);
    second.models = first.models.clone();
    second.controls.change(|limits| limits.at_once = 4);
    let again = Plan { models: first.models.clone(), ..plan(&fake, 1) };
    let journal = Journal::open_in_memory().unwrap();
    let run = |plan| run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1));
    let (first, second) = futures::join!(run(first), run(second));
    for ended in [first, second] {
        let end = ended.unwrap().end;
        assert!(matches!(end, RunEnd::Stopped(StopReason::Refused(_))), "{end:?}");
    }
    let sent = fake.calls();
    assert!(sent <= 8, "no more than were in flight: {sent}");
    run(again).await.unwrap();
    assert_eq!(fake.calls(), sent + 1, "whoever starts a run believes it mended");
}

#[tokio::test]
async fn requests_at_once_may_be_changed_while_a_run_is_on() {
    let fake = Fake::slow(Duration::from_millis(30), |_| Ok("fine".to_owned()));
    let plan = plan(&fake, 60);
    plan.controls.change(|limits| limits.at_once = 2);
    let controls = plan.controls.clone();
    let journal = Journal::open_in_memory().unwrap();
    let changed = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let events: Events = Arc::new(move |event| {
        if matches!(event, EngineEvent::RowDone { .. })
            && !changed.swap(true, std::sync::atomic::Ordering::SeqCst)
        {
            controls.change(|limits| limits.at_once = 12);
        }
    });
    let summary = run_with(plan, journal, events, Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!(summary.progress.rows_done, 60);
    assert_eq!(fake.most_at_once(), 12);
}
