//! What a run goes by: kept as it changes, taken up again, with the prices of now; and tests of
//! models, which are paid for, too.

use std::sync::Arc;

use super::fake::{Fake, drafts, plan, refusal, silent};
use crate::domain::{FailureKind, ModelEntry, ModelKind, ModelRole};
use crate::engine::terms::{history, prices_now};
use crate::engine::{
    Cancel, Cap, EngineEvent, Events, Model, Models, Overrides, Plan, RetryPolicy,
};
use crate::engine::{Limits, Money, Price, RunEnd, StopReason, Terms, probe, run_with};
use crate::providers::{Outcome, Retry};
use crate::store::Journal;
use crate::store::journal::{RunKind, RunState};
use crate::store::secrets::Secrets;

fn entry(price: f64) -> ModelEntry {
    ModelEntry {
        name: "fast".to_owned(),
        kind: ModelKind::OpenAi,
        model: "m".to_owned(),
        base_url: "http://127.0.0.1:9/v1".to_owned(),
        price_in: Some(price),
        price_out: Some(price),
        ..ModelEntry::embedded()
    }
}

/// A plan whose writer is a function behind a remote model's entry.
fn remote_plan(fake: &Fake, rows: usize, price: f64) -> Plan {
    let mut plan = plan(&fake.with_identity("openai:m@http://127.0.0.1:9/v1"), rows);
    let provider = fake.with_identity("openai:m@http://127.0.0.1:9/v1");
    plan.models.insert(ModelRole::Writer, Arc::new(Model::new(entry(price), Arc::new(provider))));
    plan
}

fn models() -> Models {
    Models::new(Arc::new(Secrets::without_keychain()))
}

#[tokio::test]
async fn what_is_changed_while_it_is_on_holds_when_it_goes_on() {
    let journal = Journal::open_in_memory().unwrap();
    let fake = Fake::new(|_| Ok("fine".to_owned()));
    let mut first = remote_plan(&fake, 40, 0.0);
    first.controls.change(|limits| limits.max_cost = Some(5.0));
    first.retry = RetryPolicy::of_retries(2);
    let (controls, cancel) = (first.controls.clone(), Cancel::new());
    let stop = cancel.clone();
    let events: Events = Arc::new(move |event| {
        if let EngineEvent::RowDone { position: 1, .. } = event {
            controls.change(|limits| {
                limits.max_cost = Some(8.0);
                limits.at_once = 3;
            });
        }
        if let EngineEvent::RowDone { position: 3, .. } = event {
            stop.cancel();
        }
    });
    first.controls.change(|limits| limits.at_once = 1);
    let summary = run_with(first, journal.clone(), events, cancel, drafts(1)).await.unwrap();
    assert_eq!(summary.end, RunEnd::Stopped(StopReason::Cancelled));

    let run = summary.run;
    let told = history(
        &journal.frozen(&run).await.unwrap().unwrap(),
        &journal.changes(&run).await.unwrap(),
    );
    let words: Vec<&str> = told.iter().flat_map(|one| &one.words).map(String::as_str).collect();
    assert_eq!(words, ["cap 5 → 8 USD", "requests at once 1 → 3"]);
    let wishes = Overrides::default();
    let again = Plan::resume(&journal, &run, &wishes, &models(), &[]).await.unwrap();
    let limits = again.controls.limits();
    assert_eq!((limits.max_cost, limits.at_once), (Some(8.0), 3));
    assert_eq!(again.retry.max_attempts, 3, "two retries, as it was chosen");

    // A wish at the next sitting is the last word from then on.
    let wishes = Overrides { max_cost: Some(9.5), ..Overrides::default() };
    let mut again = Plan::resume(&journal, &run, &wishes, &models(), &[]).await.unwrap();
    again.models = remote_plan(&fake, 6, 0.0).models;
    run_with(again, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let frozen = journal.frozen(&run).await.unwrap().unwrap();
    let changes = journal.changes(&run).await.unwrap();
    assert_eq!(history(&frozen, &changes).last().unwrap().words, ["cap 8 → 9.5 USD"]);
    assert_eq!(Terms::last(&frozen, &changes).unwrap().limits.max_cost, Some(9.5));
    let first: Limits = serde_json::from_value(frozen).unwrap();
    assert_eq!(first.max_cost, Some(5.0), "what it was frozen with stays");
}

#[tokio::test]
async fn a_limit_a_day_of_the_run_s_own_is_not_lost_when_it_goes_on() {
    let journal = Journal::open_in_memory().unwrap();
    let fake = Fake::new(|_| Ok("fine".to_owned()));
    let first = remote_plan(&fake, 2, 0.0);
    first.controls.change(|limits| limits.max_cost_per_day = Some(4.0));
    let run =
        run_with(first, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap().run;
    let resumed = async |wish| {
        let wishes = Overrides { max_cost_per_day: wish, ..Overrides::default() };
        let plan = Plan::resume(&journal, &run, &wishes, &models(), &[]).await.unwrap();
        plan.controls.limits().max_cost_per_day
    };
    assert_eq!(resumed(None).await, Some(4.0));
    assert_eq!(resumed(Some(1.0)).await, Some(1.0), "the project’s, as it is now");
}

#[tokio::test]
async fn going_on_counts_with_the_prices_of_now() {
    let journal = Journal::open_in_memory().unwrap();
    let fake = Fake::new(|call| match call.prompt.as_str() {
        "p2" => Err(refusal(FailureKind::Rejected, Retry::Never)),
        _ => Ok("fine".to_owned()),
    });
    let first = remote_plan(&fake, 3, 1.0);
    let run =
        run_with(first, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap().run;
    let before = journal.cost(&run).await.unwrap();
    let dearer = entry(10.0);
    let frozen = journal.frozen(&run).await.unwrap().unwrap();
    let words = "price of fast 1 in, 1 out → 10 in, 10 out USD per million tokens";
    assert_eq!(prices_now(&frozen, &[], std::slice::from_ref(&dearer)), [words]);

    let known = [dearer.clone()];
    let wishes = Overrides::default();
    let mut again = Plan::resume(&journal, &run, &wishes, &models(), &known).await.unwrap();
    assert_eq!(again.models[&ModelRole::Writer].price, Price::of(&dearer));
    // The same plan, answered by a function.
    again.models = remote_plan(&Fake::new(|_| Ok("fine".to_owned())), 3, 10.0).models;
    run_with(again, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let each = before / 2.0;
    let after = journal.cost(&run).await.unwrap();
    assert!((after - before - 10.0 * each).abs() < 1e-12, "{before} {after}");
    let changes = journal.changes(&run).await.unwrap();
    assert_eq!(history(&frozen, &changes)[0].words, [words]);
    assert!(prices_now(&frozen, &changes, &known).is_empty(), "said once");
}

#[tokio::test]
async fn a_test_of_a_model_is_kept_and_held_to_the_day_s_limit() {
    let journal = Journal::open_in_memory().unwrap();
    let fake = Fake::new(|_| Ok("A {\"score\": 3, \"reason\": \"x\"}".to_owned())).with_price(50.0);
    let model = fake.model();
    let probed = probe(&model, &journal, Some(1.0)).await.unwrap();
    assert_eq!((probed.report.findings.len(), fake.calls()), (4, 4));
    assert!(probed.cost > 0.0 && !probed.is_price_unknown);
    let record = journal.run(&probed.run).await.unwrap().unwrap();
    assert_eq!((record.kind, record.state), (RunKind::Probe, RunState::Done));
    assert_eq!(record.title, model.name);
    assert!((journal.spent().await.unwrap() - probed.cost).abs() < 1e-12);
    assert_eq!(journal.counts(&probed.run).await.unwrap().calls_replied, 4);

    // What is left of the day is less than a question can cost.
    let limit = probed.cost + 1e-6;
    let refused = probe(&model, &journal, Some(limit)).await.unwrap();
    assert_eq!((fake.calls(), refused.report.findings.len()), (4, 1), "nothing more was sent");
    assert_eq!(refused.report.findings[0].outcome, Outcome::Unknown);
    let failure = refused.report.findings[0].answer.as_ref().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Budget);
    assert!(failure.message.contains("a day is reached"), "{failure}");
    let record = journal.run(&refused.run).await.unwrap().unwrap();
    assert_eq!(record.state, RunState::Stopped);

    // A run on the same day has what the test left of it.
    let mut rest = plan(&fake, 1);
    rest.controls.change(|limits| limits.max_cost_per_day = Some(limit));
    rest.models.insert(ModelRole::Writer, model.clone());
    let summary =
        run_with(rest, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let is_day = matches!(
        summary.end,
        RunEnd::Stopped(StopReason::Budget { cap: Cap::Day, spent, .. })
            if Money::from_usd(spent) == Money::from_usd(probed.cost)
    );
    assert!(is_day, "{:?}", summary.end);
}

#[tokio::test]
async fn a_test_of_a_model_without_a_price_or_a_key_says_so() {
    let journal = Journal::open_in_memory().unwrap();
    let unpriced = ModelEntry { price_in: None, price_out: None, ..entry(0.0) };
    let fake = Fake::new(|_| Err(refusal(FailureKind::Auth, Retry::Never)));
    let model = Arc::new(Model::new(unpriced, Arc::new(fake.clone())));
    let capped = probe(&model, &journal, Some(1.0)).await.unwrap();
    let failure = capped.report.findings[0].answer.as_ref().unwrap_err();
    assert!(failure.message.contains("price of fast is unknown"), "{failure}");
    assert_eq!(fake.calls(), 0);
    let free_to_spend = probe(&model, &journal, None).await.unwrap();
    assert!(free_to_spend.is_price_unknown && fake.calls() == 1);
    let record = journal.run(&free_to_spend.run).await.unwrap().unwrap();
    assert!(record.message.starts_with("the provider refused: "), "{}", record.message);
}
