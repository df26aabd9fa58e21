//! The engine against models that are functions: order, sharing, retry, stops, resume.

mod candidates;
mod compare;
mod fake;
mod identity;
mod judging;
mod lanes;
mod money;
mod own_judge;
mod panel;
mod pauses;
mod plans;
mod recording;
mod resume;
mod stops;
mod terms;

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::{FailureKind, ModelRole};
use crate::providers::Retry;
use crate::store::Journal;
use fake::{Fake, drafts, plan, quick, refusal, silent};

#[tokio::test]
async fn rows_are_made_in_plan_order_and_told_about() {
    let fake = Fake::new(|call| Ok(format!("an answer to {}", call.prompt)));
    let journal = Journal::open_in_memory().unwrap();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let events: Events = {
        let seen = Arc::clone(&seen);
        Arc::new(move |event| seen.lock().unwrap().push(event))
    };
    let summary =
        run_with(plan(&fake, 5), journal.clone(), events, Cancel::new(), drafts(2)).await.unwrap();
    assert_eq!(summary.end, RunEnd::Done);
    assert_eq!((summary.progress.rows_done, summary.progress.calls), (5, 10));
    assert_eq!(summary.progress.usage.completion_tokens, 20);
    let rows = journal.rows(&summary.run, None, 100).await.unwrap();
    let positions: Vec<u64> = rows.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, [0, 1, 2, 3, 4]);
    assert_eq!(rows[3].row.chain.as_ref().unwrap().draft, "an answer to p3");
    assert_eq!(rows[3].row.usage.completion_tokens, 4);
    assert_eq!(rows[3].row.provenance.models[0].1, "fake:model");
    let page = journal.rows(&summary.run, Some(2), 1).await.unwrap();
    assert_eq!(page[0].position, 3);

    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let count = |f: fn(&EngineEvent) -> bool| seen.iter().filter(|event| f(event)).count();
    assert_eq!(count(|e| matches!(e, EngineEvent::CallStarted { .. })), 10);
    assert_eq!(count(|e| matches!(e, EngineEvent::Text { .. })), 10);
    assert_eq!(count(|e| matches!(e, EngineEvent::CallDone { replayed: false, .. })), 10);
    assert_eq!(count(|e| matches!(e, EngineEvent::RowDone { .. })), 5);
    assert!(matches!(seen[0], EngineEvent::RunStarted { .. }));
    let calls = journal.calls(&summary.run, &"p3".into()).await.unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].reply.as_ref().unwrap().text, "an answer to p3");
    assert_eq!(calls[0].role, ModelRole::Writer);
}

#[tokio::test]
async fn rows_run_at_once_up_to_the_plan_and_to_the_model() {
    for (concurrency, in_flight, most) in [(4, 16, 4), (16, 3, 3)] {
        let fake = Fake::slow(Duration::from_millis(50), |_| Ok("yes".to_owned()));
        let plan = plan(&fake.with_bound(in_flight), 20);
        plan.controls.change(|limits| limits.at_once = concurrency);
        let journal = Journal::open_in_memory().unwrap();
        run_with(plan, journal, silent(), Cancel::new(), drafts(1)).await.unwrap();
        assert_eq!(fake.most_at_once(), most);
    }
}

#[tokio::test]
async fn equal_calls_in_flight_share_one_request() {
    let fake = Fake::slow(Duration::from_millis(20), |_| Ok("same".to_owned()));
    let mut plan = plan(&fake, 8);
    // Eight rows that ask one and the same question.
    plan.prompts = (0..8).map(|n| crate::domain::Prompt::of_text(format!("p{n}"), "one")).collect();
    let journal = Journal::open_in_memory().unwrap();
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!(fake.calls(), 1);
    assert_eq!((summary.progress.calls, summary.progress.replayed), (1, 7));
    assert_eq!(summary.progress.rows_done, 8);
    let counts = journal.counts(&summary.run).await.unwrap();
    assert_eq!((counts.calls, counts.replayed, counts.rows), (1, 7, 8));
}

#[tokio::test]
async fn another_run_finds_what_was_paid_for() {
    let fake = Fake::new(|call| Ok(format!("to {}", call.prompt)));
    let journal = Journal::open_in_memory().unwrap();
    let once = || run_with(plan(&fake, 3), journal.clone(), silent(), Cancel::new(), drafts(2));
    let first = once().await.unwrap();
    let second = once().await.unwrap();
    assert_ne!(first.run, second.run);
    assert_eq!(fake.calls(), 6);
    assert_eq!((second.progress.calls, second.progress.replayed), (0, 6));
    let rows = [&first.run, &second.run].map(|run| journal.rows(run, None, 9));
    let [first_rows, second_rows] = rows;
    assert_eq!(first_rows.await.unwrap(), second_rows.await.unwrap());
    let calls = journal.calls(&second.run, &"p0".into()).await.unwrap();
    assert!(calls.iter().all(|call| call.replayed && call.run == first.run));
}

#[tokio::test]
async fn replay_only_sends_nothing() {
    let fake = Fake::new(|_| Ok("x".to_owned()));
    let journal = Journal::open_in_memory().unwrap();
    let paid = plan(&fake, 2);
    paid.controls.change(|limits| limits.at_once = 1);
    run_with(paid, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let mut replay = plan(&fake, 3);
    replay.replay_only = true;
    let summary =
        run_with(replay, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!(fake.calls(), 2);
    assert_eq!((summary.progress.rows_done, summary.progress.rows_failed), (3, 1));
    let counts = journal.counts(&summary.run).await.unwrap();
    assert_eq!(counts.failures.get("not_in_journal"), Some(&1));
}

#[tokio::test]
async fn a_call_is_tried_again_and_every_attempt_is_kept() {
    let fake = Fake::failing_first(3, FailureKind::Unreachable, Retry::Later);
    let journal = Journal::open_in_memory().unwrap();
    let mut plan = plan(&fake, 1);
    plan.retry = quick();
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!((summary.progress.rows_failed, summary.progress.calls), (0, 4));
    let counts = journal.counts(&summary.run).await.unwrap();
    assert_eq!((counts.calls_failed, counts.calls_replied), (3, 1));
    let calls = journal.calls(&summary.run, &"p0".into()).await.unwrap();
    let attempts: Vec<u32> = calls.iter().map(|call| call.attempt).collect();
    assert_eq!(attempts, [4, 1, 2, 3], "what was used first, then what failed");
    assert!(calls[1].failure.is_some());
}

#[tokio::test]
async fn attempts_end_in_a_named_failure_and_the_run_goes_on() {
    let fake = Fake::new(|call| match call.prompt.as_str() {
        "p1" => Err(refusal(FailureKind::Unreachable, Retry::Later)),
        _ => Ok("fine".to_owned()),
    });
    let journal = Journal::open_in_memory().unwrap();
    let mut plan = plan(&fake, 3);
    plan.retry = quick();
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!(summary.end, RunEnd::Done);
    let row = journal.row(&summary.run, &"p1".into()).await.unwrap().unwrap().row;
    let failure = row.failure.unwrap().failure;
    assert_eq!((failure.kind, failure.attempts), (FailureKind::Unreachable, 6));
    assert_eq!(summary.progress.rows_failed, 1);
}

#[tokio::test]
async fn being_told_to_slow_down_uses_up_no_attempt() {
    let told = Retry::SlowDown(Some(Duration::from_millis(1)));
    let fake = Fake::failing_first(7, FailureKind::RateLimited, told);
    let mut plan = plan(&fake, 1);
    plan.retry = quick();
    let journal = Journal::open_in_memory().unwrap();
    let summary = run_with(plan, journal, silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!((summary.progress.rows_failed, summary.progress.calls), (0, 8));
}

#[tokio::test]
async fn a_method_that_breaks_down_costs_its_row_only() {
    let fake = Fake::new(|_| Ok("fine".to_owned()));
    let journal = Journal::open_in_memory().unwrap();
    let method = fake::breaking_on("p1");
    let summary =
        run_with(plan(&fake, 3), journal.clone(), silent(), Cancel::new(), method).await.unwrap();
    assert_eq!(summary.progress.rows_done, 3);
    let row = journal.row(&summary.run, &"p1".into()).await.unwrap().unwrap().row;
    assert!(row.failure.unwrap().failure.message.contains("as told"));
}

#[tokio::test]
async fn the_recipes_own_method_runs_on_a_fake_model() {
    let fake = Fake::new(|call| Ok(format!("{:?}", call.purpose)));
    let journal = Journal::open_in_memory().unwrap();
    let mut plan = plan(&fake, 2);
    plan.constitution = Some(Arc::new(fake::constitution()));
    for role in [ModelRole::Critic, ModelRole::Reviser] {
        plan.models.insert(role, Arc::clone(&plan.models[&ModelRole::Writer]));
    }
    let summary = run(plan, journal.clone(), silent(), Cancel::new()).await.unwrap();
    let rows = journal.rows(&summary.run, None, 9).await.unwrap();
    let row = &rows[0].row;
    assert_eq!(row.failure, None);
    assert_eq!(row.chain.as_ref().unwrap().steps.len(), 2);
    assert_eq!(row.provenance.constitution, Some(plan::hash_of(&fake::constitution())));
}
