//! Limits over real runs: a provider that keeps its own books, runs that are killed and taken up
//! again, days that are shared (R11, R12).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;

use super::fake::{drafts, plan as plan_of, quick, refusal, silent};
use crate::domain::{Call, FailureKind, Finish, ModelEntry, ModelKind, ModelRole, Reply, Usage};
use crate::engine::run::StopReason;
use crate::engine::{Cancel, Cap, Model, Money, Plan, PlanError, Price, RunEnd, run_with};
use crate::providers::{Abilities, Answered, AttemptFailure, OnText, Provider, Retry};
use crate::store::Journal;

/// A provider that bills within what a call can cost, or (`greedy`) beyond, and keeps books.
#[derive(Clone)]
struct Biller {
    seed: u64,
    greedy: bool,
    price: Option<f64>,
    /// In Anthropic's dialect it puts all of the longest possible question into its cache.
    kind: ModelKind,
    books: Arc<Mutex<Books>>,
}

#[derive(Default)]
struct Books {
    billed: Money,
    reported: Money,
    requests: u64,
}

impl Biller {
    fn new(seed: u64) -> Self {
        let (price, kind) = (Some(1_000.0), ModelKind::OpenAi);
        Self { seed, greedy: false, price, kind, books: Arc::default() }
    }

    fn entry(&self) -> ModelEntry {
        ModelEntry {
            name: "biller".to_owned(),
            kind: self.kind,
            max_in_flight: 256,
            price_in: self.price,
            price_out: self.price.map(|usd| usd * 2.0),
            ..ModelEntry::embedded()
        }
    }

    fn plan(&self, rows: usize, at_once: usize, cap: Option<f64>) -> Plan {
        let model = Arc::new(Model::new(self.entry(), Arc::new(self.clone())));
        let mut plan = plan_of(&super::fake::Fake::new(|_| Ok(String::new())), rows);
        plan.models = BTreeMap::from([(ModelRole::Writer, model)]);
        plan.retry = quick();
        plan.grace = Duration::from_millis(50);
        plan.controls.change(|limits| {
            limits.at_once = at_once;
            limits.max_cost = cap;
        });
        plan
    }

    fn billed(&self) -> f64 {
        self.books.lock().unwrap().billed.usd()
    }

    fn requests(&self) -> u64 {
        self.books.lock().unwrap().requests
    }
}

impl Provider for Biller {
    fn identity(&self) -> &'static str {
        "openai:biller@https://h.example"
    }

    fn abilities(&self) -> Abilities {
        Abilities::default()
    }

    fn answer<'a>(
        &'a self,
        call: &'a Call,
        _on_text: OnText,
    ) -> BoxFuture<'a, Result<Answered, AttemptFailure>> {
        Box::pin(async move {
            let (chance, usage) = {
                let mut books = self.books.lock().unwrap();
                books.requests += 1;
                let text = format!("{} {} {}", self.seed, books.requests, call.prompt);
                let hash = blake3::hash(text.as_bytes());
                let bytes: u64 = call.messages.iter().map(|m| m.content.len() as u64).sum();
                let [a, b, c, ..] = *hash.as_bytes();
                let completion = u64::from(c) % (u64::from(call.sampling.max_tokens) + 1);
                let mut usage = Usage {
                    prompt_tokens: 1 + u64::from(b) % (bytes + 64),
                    completion_tokens: if self.greedy { 10_000 } else { completion.max(1) },
                    ..Usage::default()
                };
                if self.kind == ModelKind::Anthropic {
                    usage.prompt_tokens = bytes + 16 * call.messages.len() as u64 + 128;
                    usage.cache_write_tokens = usage.prompt_tokens;
                    usage.completion_tokens = u64::from(call.sampling.max_tokens);
                }
                (a % 10, usage)
            };
            // Billed before the answer goes out: who is cut off pays all the same.
            if chance != 0 || self.greedy {
                let cost = Price::of(&self.entry()).map_or(Money::ZERO, |price| price.cost(usage));
                self.books.lock().unwrap().billed += cost;
                if chance > 2 {
                    self.books.lock().unwrap().reported += cost;
                }
            }
            tokio::time::sleep(Duration::from_micros(u64::from(chance) * 300)).await;
            let usage = match chance {
                0 if !self.greedy => return Err(refusal(FailureKind::ServerError, Retry::Later)),
                1 if !self.greedy => return Err(refusal(FailureKind::Truncated, Retry::Later)),
                2 if !self.greedy => Usage::default(),
                _ => usage,
            };
            let reply = Reply {
                text: "yes".to_owned(),
                reasoning: None,
                finish: Finish::Stop,
                usage,
                choice: None,
                model: String::new(),
                marks: Vec::new(),
            };
            Ok(Answered { reply, raw: Vec::new() })
        })
    }
}

#[tokio::test]
async fn no_bill_passes_the_cap_over_kills_and_resumes() {
    for (seed, at_once) in [(1_u64, 1), (2, 7), (3, 64), (4, 256)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let biller = Biller::new(seed);
        // A call costs at most 0.67 USD.
        let cap = 12.0;
        let mut run = None;
        let mut stopped = false;
        for sitting in 0..8_u64 {
            let journal = Journal::open(&path).unwrap();
            let mut plan = biller.plan(120, at_once, Some(cap));
            plan.run = run.clone();
            let work = run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(2));
            let killed =
                tokio::time::timeout(Duration::from_millis(40 * (1 + sitting)), work).await;
            run = journal.runs().await.unwrap().first().map(|run| run.id.clone());
            // On a loaded machine it may be over before it began.
            let Some(begun) = &run else { continue };
            let kept = journal.cost(begun).await.unwrap();
            let billed = biller.billed();
            assert!(billed <= kept + 1e-9 && kept <= cap + 1e-9, "{seed}: {billed} {kept}");
            if let Ok(ended) = killed {
                let summary = ended.unwrap();
                assert!((summary.progress.cost - kept).abs() < 1e-9);
                stopped = matches!(
                    summary.end,
                    RunEnd::Stopped(StopReason::Budget { cap: Cap::Run, .. })
                );
                break;
            }
        }
        let journal = Journal::open(&path).unwrap();
        let run = run.unwrap();
        if !stopped {
            // On a slow machine every sitting was killed; the last one is let go on.
            let mut plan = biller.plan(120, at_once, Some(cap));
            plan.run = Some(run.clone());
            let last = run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(2)).await;
            stopped = matches!(last.unwrap().end, RunEnd::Stopped(StopReason::Budget { .. }));
        }
        assert!(stopped, "240 calls cost more than the cap");
        let counts = journal.counts(&run).await.unwrap();
        assert!(cap - counts.cost < 0.68, "less than one worst case is left over: {}", counts.cost);
        assert!((counts.cost_reported + counts.cost_assumed - counts.cost).abs() < 1e-9);
        assert!(biller.billed() <= counts.cost + 1e-9);
    }
}

#[tokio::test]
async fn what_is_put_into_a_cache_is_within_what_was_set_aside() {
    let cap = 12.0;
    for (seed, at_once) in [(11, 1), (12, 16), (13, 64)] {
        let biller = Biller { kind: ModelKind::Anthropic, ..Biller::new(seed) };
        let journal = Journal::open_in_memory().unwrap();
        let plan = biller.plan(120, at_once, Some(cap));
        let summary =
            run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(2)).await.unwrap();
        let is_capped = matches!(summary.end, RunEnd::Stopped(StopReason::Budget { .. }));
        assert!(is_capped, "{:?}", summary.end);
        let cost = journal.cost(&summary.run).await.unwrap();
        assert!(biller.billed() <= cost + 1e-9 && cost <= cap + 1e-9, "{seed}: {cost}");
        let put = summary.progress.usage.cache_write_tokens;
        assert!(put > 0 && put == summary.progress.usage.prompt_tokens);
    }
}

#[tokio::test]
async fn what_is_reported_is_the_bill_to_the_last_digit() {
    let biller = Biller::new(9);
    let journal = Journal::open_in_memory().unwrap();
    let plan = biller.plan(60, 16, None);
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let counts = journal.counts(&summary.run).await.unwrap();
    let reported = biller.books.lock().unwrap().reported.usd();
    assert!((counts.cost_reported - reported).abs() < 1e-9);
    assert!(counts.calls_unreported > 0 && counts.calls_assumed > counts.calls_unreported);
    assert_eq!(summary.progress.unreported, counts.calls_unreported);
    assert!((summary.progress.cost_assumed - counts.cost_assumed).abs() < 1e-9);
    assert!((summary.progress.spent_today - counts.cost).abs() < 1e-9);
}

#[tokio::test]
async fn nothing_is_sent_under_a_cap_of_nothing_nor_at_an_unknown_price() {
    let journal = Journal::open_in_memory().unwrap();
    let biller = Biller::new(5);
    let plan = biller.plan(4, 4, Some(0.0));
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert!(matches!(summary.end, RunEnd::Stopped(StopReason::Budget { .. })));
    let unpriced = Biller { price: None, ..biller.clone() };
    let plan = unpriced.plan(4, 4, Some(3.0));
    assert!(matches!(plan.clone().checked(), Err(PlanError::Unpriced { .. })));
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert!(matches!(summary.end, RunEnd::Stopped(StopReason::Unpriced { .. })));
    assert_eq!(biller.requests(), 0);
    // Without a limit it may be asked, and its calls are told from free ones.
    let plan = unpriced.plan(4, 4, None);
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    assert!(summary.progress.price_unknown);
    assert!(journal.counts(&summary.run).await.unwrap().calls_unpriced >= 4);
}

#[tokio::test]
async fn runs_of_one_day_share_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.sqlite")).unwrap();
    let biller = Biller::new(6);
    let limit = 9.0;
    let one = |rows| {
        let mut plan = biller.plan(rows, 32, None);
        plan.controls.change(|limits| limits.max_cost_per_day = Some(limit));
        // Another seed asks other questions, so that nothing is taken from the other run.
        plan.prompts = (0..rows)
            .map(|n| crate::domain::Prompt::of_text(format!("p{n}"), format!("{rows} {n}")))
            .collect();
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1))
    };
    let (first, second) = futures::join!(one(90), one(91));
    let ends = [first.unwrap().end, second.unwrap().end];
    let is_day =
        |end: &RunEnd| matches!(end, RunEnd::Stopped(StopReason::Budget { cap: Cap::Day, .. }));
    assert!(ends.iter().all(is_day), "{ends:?}");
    let spent = journal.spent().await.unwrap();
    assert!(spent <= limit + 1e-9 && spent > limit - 2.0 * 0.68, "{spent}");
    assert!(biller.billed() <= spent + 1e-9);
    // A third run on the same day finds it spent.
    let before = biller.requests();
    let third = one(92).await.unwrap();
    assert!(is_day(&third.end) && biller.requests() - before <= 2, "{:?}", third.end);
}

#[tokio::test]
async fn a_provider_that_bills_beyond_the_possible_stops_a_capped_run() {
    let biller = Biller { greedy: true, ..Biller::new(7) };
    let journal = Journal::open_in_memory().unwrap();
    let plan = biller.plan(50, 1, Some(500.0));
    let summary =
        run_with(plan, journal.clone(), silent(), Cancel::new(), drafts(1)).await.unwrap();
    let RunEnd::Stopped(StopReason::Overrun { model, most, cost }) = &summary.end else {
        panic!("{:?}", summary.end);
    };
    assert_eq!(model, "biller");
    assert!(cost > most && biller.requests() == 1);
    assert!((journal.cost(&summary.run).await.unwrap() - biller.billed()).abs() < 1e-9);
}
