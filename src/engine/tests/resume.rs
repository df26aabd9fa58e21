//! Resume is replay: rows of a run that was cut off are those of one that was not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::fake::{Fake, drafts, plan, quick, refusal, silent};
use crate::domain::{Criterion, FailureKind, Method, ModelRole, Prompt, Recipe, Rubric, RunId};
use crate::engine::*;
use crate::providers::Retry;
use crate::store::Journal;
use crate::store::journal::RunState;
use crate::store::secrets::Secrets;

fn answers() -> Fake {
    Fake::slow(Duration::from_millis(4), |call| {
        let said: Vec<_> = call.messages.iter().map(|message| message.content.as_str()).collect();
        Ok(format!("after {}", said.join("|")))
    })
}

/// Events that notify once so many calls were sent.
fn after_calls(n: u32) -> (Events, Arc<Notify>) {
    let (left, enough) = (AtomicU32::new(n), Arc::new(Notify::new()));
    let notify = Arc::clone(&enough);
    let events: Events = Arc::new(move |event| {
        if matches!(event, EngineEvent::CallStarted { .. })
            && left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            notify.notify_one();
        }
    });
    (events, enough)
}

async fn bytes_of(journal: &Journal, run: &RunId) -> Vec<String> {
    let rows = journal.rows(run, None, 1000).await.unwrap();
    rows.iter().map(|entry| serde_json::to_string(&entry.row).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_dropped_halfway_goes_on_with_equal_rows_and_no_call_twice() {
    let whole = {
        let journal = Journal::open_in_memory().unwrap();
        let fake = answers();
        let done = run_with(plan(&fake, 20), journal.clone(), silent(), Cancel::new(), drafts(3));
        bytes_of(&journal, &done.await.unwrap().run).await
    };
    assert_eq!(whole.len(), 20);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let fake = answers();
    let mut run = None;
    let mut paid = Vec::new();
    for calls_until_cut in [3, 11, 17] {
        let journal = Journal::open(&path).unwrap();
        let mut plan = plan(&fake, 20);
        plan.run.clone_from(&run);
        let (events, enough) = after_calls(calls_until_cut);
        // Dropped in the middle of everything.
        tokio::select! {
            ended = run_with(plan, journal.clone(), events, Cancel::new(), drafts(3)) => {
                panic!("it was to be cut off: {ended:?}")
            }
            () = enough.notified() => {}
        }
        let record = journal.runs().await.unwrap().pop().unwrap();
        run = Some(record.id);
        drop(journal);
        // Opened anew, as after the program ended.
        let journal = Journal::open(&path).unwrap();
        // A dropped run leaves its last word without waiting; this one comes after it.
        journal.put_version("test", "after", "", "").await.unwrap();
        let record = journal.run(run.as_ref().unwrap()).await.unwrap().unwrap();
        assert_eq!(record.state, RunState::Interrupted);
        paid.push(journal.counts(&record.id).await.unwrap().calls_replied);
    }
    assert!(paid.is_sorted(), "nothing paid for is lost: {paid:?}");

    let journal = Journal::open(&path).unwrap();
    let mut last = plan(&fake, 20);
    last.run = run;
    let summary =
        run_with(last, journal.clone(), silent(), Cancel::new(), drafts(3)).await.unwrap();
    assert_eq!(summary.end, RunEnd::Done);
    assert_eq!(bytes_of(&journal, &summary.run).await, whole);
    let counts = journal.counts(&summary.run).await.unwrap();
    assert_eq!(counts.calls_replied, 60, "each of the calls was answered once");
    // Only calls whose reply was not committed at a cut are sent again. However slow the disk is,
    // these are the 8 that may be in flight, and those sent while a commit was on and while the one
    // before it was: nothing is sent but from the deck, and its two places need a commit each.
    assert!(fake.most_at_once() <= 8, "{} at once", fake.most_at_once());
    let again = u64::from(fake.calls()) - 60;
    assert!(again <= 3 * (8 + 2 * 2), "{again} sent again");
    assert!(u64::from(fake.calls()) <= counts.calls, "the journal knows of every request");
    assert_eq!(counts.calls, counts.calls_replied + counts.calls_unknown);
    assert!(fake.most_calls_of_one_key() <= 4);
}

#[tokio::test]
async fn failed_rows_are_made_again_on_resume_and_good_ones_cost_nothing() {
    let journal = Journal::open_in_memory().unwrap();
    let broken = Fake::new(|call| match call.prompt.as_str() {
        "p2" => Err(refusal(FailureKind::ServerError, Retry::Later)),
        _ => Ok("fine".to_owned()),
    });
    let mut first = plan(&broken, 4);
    first.retry = quick();
    let summary =
        run_with(first, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!(summary.progress.rows_failed, 1);
    let mended = Fake::new(|_| Ok("fine".to_owned()));
    let mut again = plan(&mended, 4);
    again.run = Some(summary.run);
    let summary =
        run_with(again, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!((summary.progress.rows_done, summary.progress.rows_failed), (4, 0));
    assert_eq!(summary.progress.rows_kept, 3);
    // The good rows were not even looked at: no call of theirs was found in the journal.
    assert_eq!((mended.calls(), summary.progress.replayed), (1, 0));
    assert_eq!(journal.counts(&summary.run).await.unwrap().rows_failed, 0);
}

#[tokio::test]
async fn a_plan_comes_back_from_the_journal_as_it_was_frozen() {
    let fake = answers();
    let journal = Journal::open_in_memory().unwrap();
    let mut first = plan(&fake, 3);
    first.constitution = Some(Arc::new(super::fake::constitution()));
    let summary = run_with(first, journal.clone(), silent(), Cancel::new(), drafts(1));
    let summary = summary.await.unwrap();
    let loader = {
        let fake = fake.clone();
        Arc::new(move |_entry| {
            let fake = fake.clone();
            let loaded: futures::future::BoxFuture<'static, _> = Box::pin(async move {
                let provider: Arc<dyn crate::providers::Provider> = Arc::new(fake);
                Ok(provider)
            });
            loaded
        })
    };
    let models = Models::with_loader(Arc::new(Secrets::without_keychain()), loader);
    let wishes = Overrides { concurrency: Some(2), ..Overrides::default() };
    let back = Plan::resume(&journal, &summary.run, &wishes, &models, &[]).await.unwrap();
    assert_eq!(back.run.as_ref(), Some(&summary.run));
    assert_eq!((back.prompts.len(), back.seed, back.controls.limits().at_once), (3, 7, 2));
    assert_eq!(back.constitution.as_deref(), Some(&super::fake::constitution()));
    let before = fake.calls();
    run_with(back, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert_eq!(fake.calls(), before);
    let missing = Plan::resume(&journal, &"R-0099".into(), &wishes, &models, &[]).await;
    assert!(matches!(missing, Err(PlanError::Frozen { .. })));
}

#[tokio::test]
async fn a_dry_count_says_what_is_new_and_neither_sends_nor_writes() {
    let journal = Journal::open_in_memory().unwrap();
    let fake = Fake::new(|_| Ok("Nothing to mend.".to_owned()));
    let of = |rows, seed| {
        let mut plan = plan(&fake, rows);
        plan.constitution = Some(Arc::new(super::fake::constitution()));
        for role in [crate::domain::ModelRole::Critic, crate::domain::ModelRole::Reviser] {
            plan.models.insert(role, fake.model());
        }
        plan.seed = seed;
        plan
    };
    let nothing = dry_count(&of(4, 7), &journal, &Cancel::new()).await.unwrap().unwrap();
    // A draft, and one critique at least; two critiques and two revisions at most.
    assert_eq!((nothing.rows_whole, nothing.new_least, nothing.new_most), (0, 8, 20));
    run(of(4, 7), journal.clone(), silent(), Cancel::new()).await.unwrap();
    let (sent, runs) = (fake.calls(), journal.runs().await.unwrap().len());
    let more = dry_count(&of(6, 7), &journal, &Cancel::new()).await.unwrap().unwrap();
    assert_eq!((more.rows, more.rows_whole), (6, 4));
    assert_eq!((more.new_least, more.new_most), (4, 10));
    assert_eq!((fake.calls(), journal.runs().await.unwrap().len()), (sent, runs));
    let stopped = Cancel::new();
    stopped.cancel();
    assert_eq!(dry_count(&of(6, 7), &journal, &stopped).await.unwrap(), None);
}

/// A plan that scores responses which come with the prompts, by one criterion.
fn scoring(fake: &Fake, texts: &[&str]) -> Plan {
    let criterion = Criterion { id: "C1".into(), ..Criterion::default() };
    let prompts = texts.iter().enumerate().map(|(n, text)| {
        let mut prompt = Prompt::of_text(format!("p{n}"), *text);
        prompt.extra.insert("response".to_owned(), "Because.".into());
        prompt
    });
    let mut plan = plan(fake, 1);
    plan.prompts = prompts.collect();
    plan.recipe = Arc::new(Recipe::built_in(Method::Score));
    plan.rubric = Some(Arc::new(Rubric { criteria: vec![criterion], ..Rubric::named("one") }));
    plan.models.insert(ModelRole::Judge, fake.model());
    plan
}

#[tokio::test]
async fn a_dry_count_counts_what_rows_share_once() {
    let journal = Journal::open_in_memory().unwrap();
    let fake = Fake::new(|_| Ok("4".to_owned())).with_price(2.0);
    let count = async |texts: &[&str]| {
        dry_count(&scoring(&fake, texts), &journal, &Cancel::new()).await.unwrap().unwrap()
    };
    let one = count(&["Why?"]).await;
    assert!(one.new_least >= 1 && one.new_least == one.new_most, "{one:?}");
    assert!(one.missing >= 1 && one.cost_at_worst > Money::ZERO, "{one:?}");
    let thrice = count(&["Why?", "Why?", "Why?"]).await;
    assert_eq!((thrice.rows, thrice.missing), (3, one.missing));
    assert_eq!(thrice.new_least, one.new_least);
    assert_eq!(thrice.cost_at_worst, one.cost_at_worst, "what is paid once is set down once");
    let two = count(&["Why?", "How?", "Why?"]).await;
    assert_eq!((two.missing, two.new_least), (2 * one.missing, 2 * one.new_least));
    assert!(two.cost_at_worst > one.cost_at_worst);

    let plan = scoring(&fake, &["Why?", "Why?", "Why?"]);
    run(plan, journal.clone(), silent(), Cancel::new()).await.unwrap();
    assert_eq!(u64::from(fake.calls()), thrice.new_least, "it is paid once");
    let more = count(&["Why?", "How?", "Why?", "How?"]).await;
    assert_eq!((more.rows_whole, more.missing, more.new_least), (2, one.missing, one.new_least));
}

#[tokio::test]
async fn equal_prompts_that_are_answered_are_each_paid_for() {
    // Each has a seed of its own: who repeats a prompt wants another answer.
    let journal = Journal::open_in_memory().unwrap();
    let fake = Fake::new(|_| Ok("Nothing to mend.".to_owned()));
    let mut twice = plan(&fake, 2);
    twice.prompts = ["p0", "p1"].map(|id| Prompt::of_text(id, "Why?")).into();
    twice.constitution = Some(Arc::new(super::fake::constitution()));
    for role in [ModelRole::Critic, ModelRole::Reviser] {
        twice.models.insert(role, fake.model());
    }
    let count = dry_count(&twice, &journal, &Cancel::new()).await.unwrap().unwrap();
    assert_eq!((count.missing, count.new_least, count.new_most), (2, 4, 10));
}

#[tokio::test]
async fn a_response_that_is_brought_along_is_not_counted_as_a_draft() {
    let journal = Journal::open_in_memory().unwrap();
    let fake = Fake::new(|_| Ok("4".to_owned()));
    let brought = scoring(&fake, &["What is 2 + 2?"]);
    let count = dry_count(&brought, &journal, &Cancel::new()).await.unwrap().unwrap();
    let mut drafted = brought.clone();
    drafted.prompts = [Prompt::of_text("p1", "What is 3 + 3?")].into();
    let drafted = dry_count(&drafted, &journal, &Cancel::new()).await.unwrap().unwrap();
    assert_eq!(drafted.new_most, count.new_most + 1, "one of the two is drafted first");
    assert_eq!(count.new_least, count.new_most);
}
