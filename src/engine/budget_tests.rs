use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use tokio::task::JoinSet;

use super::*;
use crate::domain::{
    Message, ModelEntry, ModelKind, ModelRole, PriceDetails, PriceTier, Purpose, Sampling, Usage,
};
use crate::engine::Limits;
use crate::store::Journal;

fn usd(amount: f64) -> Money {
    Money::from_usd(amount)
}

fn budget(run: Option<f64>, day: Option<f64>, ledger: &Arc<DayLedger>) -> Arc<Budget> {
    let limits = Limits { max_cost: run, max_cost_per_day: day, ..Limits::default() };
    Arc::new(Budget::new(Controls::new(limits), 0.0, Arc::clone(ledger)))
}

fn ledger() -> Arc<DayLedger> {
    DayLedger::of(&Journal::open_in_memory().unwrap())
}

#[tokio::test]
async fn many_at_once_never_pass_the_limit_and_settling_makes_room() {
    let budget = budget(Some(1.0), None, &ledger());
    let a = budget.reserve(Some(usd(0.6))).await.unwrap();
    assert!(budget.reserve(Some(usd(0.6))).now_or_never().is_none(), "it waits for what is open");
    let waiting = async {
        let b = budget.reserve(Some(usd(0.6))).await.unwrap();
        assert_eq!(b.settle(Paid::Reported(usd(0.5))), None);
    };
    let settle = async { a.settle(Paid::Reported(usd(0.1))) };
    let ((), overrun) = futures::join!(waiting, settle);
    assert_eq!(overrun, None);
    assert!((budget.spent() - 0.6).abs() < 1e-15);
    let Err(NoMoney::Exhausted(refused)) = budget.reserve(Some(usd(0.6))).await else {
        panic!("0.6 + 0.6 > 1")
    };
    assert_eq!(refused.cap, Cap::Run);
    assert!((refused.limit - 1.0).abs() < 1e-12 && refused.spent < 1.0);
}

#[tokio::test]
async fn what_was_sent_and_dropped_counts_as_paid_and_what_was_not_goes_back() {
    let budget = budget(Some(1.0), None, &ledger());
    drop(budget.reserve(Some(usd(0.7))).await.unwrap());
    assert_eq!(budget.committed(), Money::ZERO);
    let mut sent = budget.reserve(Some(usd(0.7))).await.unwrap();
    sent.send();
    drop(sent);
    assert_eq!(budget.committed(), usd(0.7));
    assert!((budget.assumed() - 0.7).abs() < 1e-12);
    assert!((budget.spent_today() - 0.7).abs() < 1e-12);
}

#[tokio::test]
async fn a_limit_of_nothing_sends_nothing_and_none_sends_all() {
    let none = budget(None, None, &ledger());
    assert!(none.reserve(Some(usd(1e9))).await.is_ok());
    assert!(none.reserve(None).await.is_ok(), "without a limit a price need not be known");
    for (run, day) in [(Some(0.0), None), (None, Some(0.0))] {
        let zero = budget(run, day, &ledger());
        assert!(zero.reserve(Some(Money::ZERO)).await.is_err());
        assert!(matches!(zero.reserve(None).await, Err(NoMoney::Unpriced)));
    }
}

#[tokio::test]
async fn the_days_limit_holds_over_runs_and_says_so() {
    let day = ledger();
    let (one, other) = (budget(None, Some(1.0), &day), budget(Some(9.0), Some(1.0), &day));
    let open = one.reserve(Some(usd(0.7))).await.unwrap();
    let mut waiting = Box::pin(other.reserve(Some(usd(0.7))));
    assert!((&mut waiting).now_or_never().is_none(), "the other run may give some back");
    open.settle(Paid::Reported(usd(0.2)));
    let second = waiting.await.unwrap();
    second.settle(Paid::Unknown);
    let Err(NoMoney::Exhausted(refused)) = one.reserve(Some(usd(0.2))).await else {
        panic!("0.9 of 1 are spent")
    };
    assert_eq!(refused.cap, Cap::Day);
    assert!((refused.spent - 0.9).abs() < 1e-12);
    assert!((one.spent() - 0.2).abs() < 1e-12 && (other.spent() - 0.7).abs() < 1e-12);
}

#[tokio::test]
async fn a_raise_wakes_who_waits_for_money() {
    let budget = budget(Some(1.0), None, &ledger());
    let _open = budget.reserve(Some(usd(0.9))).await.unwrap();
    let waiting = {
        let budget = Arc::clone(&budget);
        tokio::spawn(async move { budget.reserve(Some(usd(0.9))).await.is_ok() })
    };
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    budget.controls.change(|limits| limits.max_cost = Some(2.0));
    assert!(waiting.await.unwrap());
    budget.controls.change(|limits| limits.max_cost = Some(0.1));
    assert!(budget.reserve(Some(usd(0.01))).now_or_never().is_none(), "lowered, it holds at once");
}

#[tokio::test]
async fn a_call_that_costs_more_than_it_could_is_told_and_counted_as_it_is() {
    let budget = budget(Some(1.0), None, &ledger());
    let reserve = budget.reserve(Some(usd(0.1))).await.unwrap();
    let overrun = reserve.settle(Paid::Reported(usd(0.3))).unwrap();
    assert!((overrun.reserved - 0.1).abs() < 1e-12 && (overrun.cost - 0.3).abs() < 1e-12);
    assert!((budget.spent() - 0.3).abs() < 1e-12);
}

fn call(text: &str, max_tokens: u32, want: Want) -> Call {
    Call {
        purpose: Purpose::Draft { candidate: 0 },
        prompt: "p".into(),
        role: ModelRole::Writer,
        messages: vec![Message::user(text)],
        sampling: Sampling { max_tokens, ..Sampling::default() },
        want,
        sample: 0,
    }
}

fn entry(input: f64, output: f64, tiers: Vec<PriceTier>) -> ModelEntry {
    ModelEntry {
        kind: ModelKind::OpenAi,
        price_in: Some(input),
        price_out: Some(output),
        prices: Box::new(PriceDetails { tiers, ..PriceDetails::default() }),
        ..ModelEntry::embedded()
    }
}

#[test]
fn the_worst_case_counts_bytes_and_a_choice_may_be_asked_twice() {
    let price = Price::of(&entry(1.0, 0.0, Vec::new())).unwrap();
    let worst = |text: &str, want| worst_case(&call(text, 9, want), Some(&price)).unwrap();
    // An emoji is four bytes and up to four tokens.
    let added = worst(&"😀".repeat(100), Want::Text).minus(worst("", Want::Text));
    assert_eq!(added, usd(400.0 / 1e6));
    let twice = worst("one", Want::Choice(Vec::new()));
    assert_eq!(twice, worst("one", Want::Text).plus(worst("one", Want::Text)));
    assert_eq!(worst_case(&call("x", 9, Want::Text), None), None);
}

/// Draws for schedules.
struct Draws(ChaCha8Rng);

impl Draws {
    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n.max(1)
    }

    /// In 0..1.
    fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// So many turns of all tasks: time, as this test counts it.
async fn turns(n: u64) {
    for _ in 0..n {
        tokio::task::yield_now().await;
    }
}

/// What all tasks of a schedule share.
struct Schedule {
    budget: Arc<Budget>,
    price: Price,
    /// What the provider will put on its bill, whatever it reported.
    billed: Mutex<Money>,
    /// What the journal would have: costs of all calls, open ones at their worst.
    kept: Mutex<Money>,
    is_over: AtomicBool,
    over: Notify,
}

impl Schedule {
    /// One call with its attempts, as the engine does it.
    async fn call(&self, seed: u64) {
        let mut draws = Draws(ChaCha8Rng::seed_from_u64(seed));
        let (bytes, longest) = (draws.below(400), 1 + draws.below(64) as u32);
        let call = call(&"x".repeat(bytes as usize), longest, Want::Text);
        let worst = worst_case(&call, Some(&self.price));
        for _attempt in 0..3 {
            let over = self.over.notified();
            if self.is_over.load(Ordering::SeqCst) {
                return;
            }
            let reserved = tokio::select! {
                biased;
                () = over => return,
                reserved = self.budget.reserve(worst) => reserved,
            };
            let mut reserve = match reserved {
                Ok(reserve) => reserve,
                Err(NoMoney::Exhausted(Exhausted { limit, spent, .. })) => {
                    let left = usd(limit).minus(usd(spent));
                    assert!(left < worst.unwrap(), "less than one worst case is left over");
                    self.is_over.store(true, Ordering::SeqCst);
                    self.over.notify_waiters();
                    return;
                }
                Err(other) => panic!("{other}"),
            };
            self.holds();
            reserve.send();
            let worst = usd(reserve.amount());
            *self.kept.lock().unwrap() += worst;
            turns(draws.below(8)).await;
            let usage = Usage {
                prompt_tokens: draws.below(bytes + TOKENS_PER_MESSAGE + TOKENS_PER_REQUEST),
                completion_tokens: draws.below(u64::from(longest) + 1),
                ..Usage::default()
            };
            let bill = self.price.cost(usage);
            // 1 in 10 fails and costs nothing, 1 in 10 breaks off and is billed, 1 in 10 answers
            // and does not say what it took.
            let (paid, bill, ends) = match draws.below(10) {
                0 => (Paid::Nothing, Money::ZERO, false),
                1 => (Paid::Unknown, bill, false),
                2 => (Paid::Unknown, bill, true),
                _ => (Paid::Reported(bill), bill, true),
            };
            *self.billed.lock().unwrap() += bill;
            let mut kept = self.kept.lock().unwrap();
            *kept = kept.minus(worst).plus(usd(reserve.cost_of(paid)));
            drop(kept);
            assert_eq!(reserve.settle(paid), None);
            if ends {
                return;
            }
        }
    }

    fn holds(&self) {
        let limits = self.budget.controls.limits();
        let committed = self.budget.committed();
        assert!(limits.max_cost.is_none_or(|limit| committed <= usd(limit)));
        let day = self.budget.day.standing();
        let of_day = day.spent.plus(day.reserved);
        assert!(limits.max_cost_per_day.is_none_or(|limit| of_day <= usd(limit)));
    }
}

/// One seeded schedule: calls in any order, limits raised and lowered, the run killed and taken up
/// again. Gives how often something was refused.
async fn schedule(seed: u64, ledger: &Arc<DayLedger>) -> u32 {
    let mut draws = Draws(ChaCha8Rng::seed_from_u64(seed));
    let at_once = 1 << draws.below(9);
    let calls = at_once + draws.below(at_once / 2 + 8);
    let tiers = (0..draws.below(3))
        .map(|n| PriceTier {
            above: 100 + 150 * n,
            input: 9.0 * draws.share(),
            output: 40.0 * draws.share(),
            ..PriceTier::default()
        })
        .collect();
    let price = Price::of(&entry(3.0 * draws.share(), 20.0 * draws.share(), tiers)).unwrap();
    // Somewhere between a few calls and more than all.
    let full = price.most(500, 64).usd() * calls as f64;
    let before = ledger.standing().spent.usd();
    let mut cap = full * draws.share();
    let per_day = (draws.below(2) == 0).then(|| before + full * draws.share());
    let mut highest = cap;
    let mut kept = Money::ZERO;
    let mut billed = Money::ZERO;
    let mut refused = 0;
    for _sitting in 0..=draws.below(3) {
        let limits = Limits { max_cost: Some(cap), max_cost_per_day: per_day, ..Limits::default() };
        let budget = Budget::new(Controls::new(limits), kept.usd(), Arc::clone(ledger));
        let shared = Arc::new(Schedule {
            budget: Arc::new(budget),
            price: price.clone(),
            billed: Mutex::new(billed),
            kept: Mutex::new(kept),
            is_over: AtomicBool::new(false),
            over: Notify::new(),
        });
        let mut tasks = JoinSet::new();
        let mut left = calls;
        let is_killed = draws.below(3) == 0;
        let mut killed = Box::pin(turns(draws.below(24)));
        loop {
            while left > 0 && (tasks.len() as u64) < at_once {
                left -= 1;
                let (shared, seed) = (Arc::clone(&shared), draws.0.next_u64());
                tasks.spawn(async move { shared.call(seed).await });
            }
            if draws.below(16) == 0 {
                cap = (cap * (0.5 + draws.share())).max(shared.budget.committed().usd());
                highest = highest.max(cap);
                shared.budget.controls.change(|limits| limits.max_cost = Some(cap));
            }
            tokio::select! {
                biased;
                ended = tasks.join_next() => match ended {
                    Some(ended) => ended.unwrap(),
                    None => break,
                },
                // Killed: what is in flight stays paid.
                () = &mut killed, if is_killed => break,
            }
        }
        tasks.shutdown().await;
        refused += u32::from(shared.is_over.load(Ordering::SeqCst));
        kept = *shared.kept.lock().unwrap();
        billed = *shared.billed.lock().unwrap();
        assert_eq!(shared.budget.committed(), kept, "the journal says the same");
        assert!(billed <= kept && kept <= usd(highest), "{seed}");
        assert_eq!(ledger.standing().reserved, Money::ZERO);
    }
    let today = ledger.standing().spent.minus(usd(before));
    assert!(today.usd() - kept.usd() < 1e-9 && kept.usd() - today.usd() < 1e-9, "{seed}");
    refused
}

#[tokio::test]
async fn no_limit_is_passed_in_a_thousand_schedules() {
    let rounds = std::env::var("PREAMBLE_BUDGET_SCHEDULES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000);
    let ledger = ledger();
    ledger.today().await.unwrap();
    let mut refused = 0;
    for seed in 0..rounds {
        refused += schedule(seed, &ledger).await;
    }
    assert!(refused > rounds as u32 / 4, "limits were met: {refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_together_pass_no_limit() {
    let budget = budget(Some(1.0), Some(0.9), &ledger());
    let mut tasks = JoinSet::new();
    for n in 0..256_u64 {
        let budget = Arc::clone(&budget);
        tasks.spawn(async move {
            let mut draws = Draws(ChaCha8Rng::seed_from_u64(n));
            for _ in 0..40 {
                let worst = usd(0.02 * draws.share());
                let Ok(mut reserve) = budget.reserve(Some(worst)).await else { return };
                assert!(budget.committed() <= usd(1.0));
                let day = budget.day.standing();
                assert!(day.spent.plus(day.reserved) <= usd(0.9));
                reserve.send();
                tokio::task::yield_now().await;
                reserve.settle(Paid::Reported(usd(worst.usd() * draws.share())));
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    assert!(budget.spent() <= 0.9 && budget.spent() > 0.9 - 0.02, "{}", budget.spent());
}
