//! What a run pays for after its inputs were edited: exactly the calls whose key is new.
//!
//! A state machine: prompts are edited, inserted, deleted, reordered, duplicated and the recipe is
//! changed between runs, which are also cut off and resumed. The oracle is the same plan on an
//! empty journal: its rows are what must come out, its keys are what may be asked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use tokio::sync::Notify;

use super::fake::{Fake, constitution, plan, silent};
use crate::domain::{Call, CallKey, Method, ModelRole, Prompt, Recipe};
use crate::engine::*;
use crate::store::Journal;
use crate::store::journal::RunState;

/// What somebody does between two runs.
#[derive(Debug, Clone)]
enum Edit {
    /// Another text for a prompt.
    Text(usize, u8),
    /// A new prompt at a place; its text may be one that is there.
    Insert(usize, u8),
    Delete(usize),
    /// The prompts turned round from a place on.
    Reorder(usize),
    /// The same text under another id.
    Duplicate(usize),
    /// More or fewer rounds.
    Rounds(u8),
    /// Another principle's text.
    Principle(u8),
    /// Another temperature.
    Sampling(u8),
    /// Another seed.
    Seed(u8),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        3 => (any::<usize>(), 0u8..6).prop_map(|(at, text)| Edit::Text(at, text)),
        2 => (any::<usize>(), 0u8..6).prop_map(|(at, text)| Edit::Insert(at, text)),
        2 => any::<usize>().prop_map(Edit::Delete),
        2 => any::<usize>().prop_map(Edit::Reorder),
        2 => any::<usize>().prop_map(Edit::Duplicate),
        1 => (0u8..3).prop_map(Edit::Rounds),
        1 => (0u8..3).prop_map(Edit::Principle),
        1 => (0u8..3).prop_map(Edit::Sampling),
        1 => (0u8..2).prop_map(Edit::Seed),
    ];
    prop::collection::vec(edit, 0..4)
}

/// A project as somebody edits it.
#[derive(Debug, Clone)]
struct Desk {
    prompts: Vec<(String, u8)>,
    made: u32,
    rounds: u8,
    principle: u8,
    temperature: u8,
    seed: u8,
}

impl Desk {
    fn new() -> Self {
        let prompts = (0..4).map(|n| (format!("p{n}"), n)).collect();
        Self { prompts, made: 4, rounds: 1, principle: 0, temperature: 0, seed: 0 }
    }

    fn edit(&mut self, edit: &Edit) {
        let count = self.prompts.len();
        let at = |at: usize| at % count;
        match *edit {
            Edit::Text(place, text) => self.prompts[at(place)].1 = text,
            Edit::Insert(place, text) => {
                self.made += 1;
                self.prompts.insert(at(place), (format!("p{}", self.made), text));
            }
            Edit::Delete(place) if count > 1 => drop(self.prompts.remove(at(place))),
            Edit::Delete(_) => {}
            Edit::Reorder(place) => self.prompts[at(place)..].reverse(),
            Edit::Duplicate(place) => {
                self.made += 1;
                let text = self.prompts[at(place)].1;
                self.prompts.push((format!("p{}", self.made), text));
            }
            Edit::Rounds(rounds) => self.rounds = rounds,
            Edit::Principle(text) => self.principle = text,
            Edit::Sampling(temperature) => self.temperature = temperature,
            Edit::Seed(seed) => self.seed = seed,
        }
    }

    fn plan(&self, fake: &Fake) -> Plan {
        let mut document = constitution();
        document.principles[0].text = format!("Be kind, way {}.", self.principle);
        let mut recipe =
            Recipe { rounds: self.rounds.into(), ..Recipe::built_in(Method::Critique) };
        recipe.sampling.temperature = 0.5 + f64::from(self.temperature) / 10.0;
        let texts = self.prompts.iter();
        let prompts = texts.map(|(id, text)| Prompt::of_text(id.clone(), format!("Say {text}")));
        let model = fake.model();
        let roles = [ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser];
        Plan {
            recipe: Arc::new(recipe),
            constitution: Some(Arc::new(document)),
            prompts: prompts.collect(),
            models: roles.map(|role| (role, Arc::clone(&model))).into(),
            seed: self.seed.into(),
            ..plan(fake, 1)
        }
    }
}

/// A model that writes down who asked what.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<(CallKey, String)>>>);

impl Asked {
    fn fake(&self) -> Fake {
        let asked = Arc::clone(&self.0);
        Fake::new(move |call: &Call| {
            let key = call.key("fake:model");
            let answer = format!("Answer {}", &key.0[..12]);
            asked.lock().unwrap().push((key, call.prompt.0.clone()));
            Ok(answer)
        })
    }

    fn take(&self) -> Vec<(CallKey, String)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

async fn rows_of(journal: &Journal, summary: &RunSummary) -> Vec<String> {
    let rows = journal.rows(&summary.run, None, 1_000).await.unwrap();
    rows.iter().map(|entry| serde_json::to_string(&entry.row).unwrap()).collect()
}

/// Runs a plan until so many calls were sent, and drops it there.
async fn cut_off(plan: Plan, journal: &Journal, after: usize) {
    let (enough, counter) = (Arc::new(Notify::new()), Arc::new(Mutex::new(0)));
    let notify = Arc::clone(&enough);
    let events: Events = Arc::new(move |event| {
        if matches!(event, EngineEvent::CallStarted { .. }) {
            let mut count = counter.lock().unwrap();
            *count += 1;
            if *count >= after {
                notify.notify_one();
            }
        }
    });
    tokio::select! {
        ended = run(plan, journal.clone(), events, Cancel::new()) => drop(ended.unwrap()),
        () = enough.notified() => {}
    }
}

async fn live_through(steps: Vec<(Vec<Edit>, Option<usize>)>) -> Result<(), TestCaseError> {
    let journal = Journal::open_in_memory().unwrap();
    let (asked, mut desk) = (Asked::default(), Desk::new());
    let fake = asked.fake();
    let mut paid: BTreeMap<CallKey, u32> = BTreeMap::new();
    // What each prompt was run with, as far as it was.
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (edits, cut) in steps {
        for edit in &edits {
            desk.edit(edit);
        }
        // The oracle.
        let alone = Asked::default();
        let empty = Journal::open_in_memory().unwrap();
        let fresh =
            run(desk.plan(&alone.fake()), empty.clone(), silent(), Cancel::new()).await.unwrap();
        let expected = rows_of(&empty, &fresh).await;
        let needed: BTreeSet<CallKey> = alone.take().into_iter().map(|(key, _)| key).collect();
        let new: BTreeSet<CallKey> =
            needed.iter().filter(|key| !paid.contains_key(*key)).cloned().collect();
        // What is foreseen holds.
        let foreseen = dry_count(&desk.plan(&fake), &journal, &Cancel::new()).await;
        let foreseen = foreseen.unwrap().unwrap();
        prop_assert!(foreseen.missing <= foreseen.new_least, "{foreseen:?}");
        prop_assert!(foreseen.new_least <= new.len() as u64, "{foreseen:?}");
        prop_assert!(foreseen.new_most >= new.len() as u64, "{foreseen:?}");
        prop_assert_eq!(foreseen.missing == 0, new.is_empty());
        prop_assert_eq!(foreseen.rows_whole == foreseen.rows, new.is_empty());
        prop_assert!(asked.take().is_empty(), "a dry pass sends nothing");

        let mut plan = desk.plan(&fake);
        if let Some(after) = cut {
            let before = journal.runs().await.unwrap().len();
            cut_off(plan.clone(), &journal, after % 8).await;
            let runs = journal.runs().await.unwrap();
            prop_assert_eq!(runs.len(), before + 1);
            plan.run = Some(runs[0].id.clone());
        }
        let summary = run(plan, journal.clone(), silent(), Cancel::new()).await.unwrap();
        prop_assert_eq!(&summary.end, &RunEnd::Done);
        prop_assert_eq!(
            rows_of(&journal, &summary).await,
            expected.clone(),
            "rows as from nothing"
        );
        let counts = journal.counts(&summary.run).await.unwrap();
        prop_assert_eq!(counts.rows, desk.prompts.len() as u64, "one row a prompt, equal or not");

        let calls = asked.take();
        for (key, prompt) in &calls {
            *paid.entry(key.clone()).or_default() += 1;
            prop_assert!(new.contains(key), "{prompt} paid for what was there");
        }
        let sent: BTreeSet<CallKey> = calls.iter().map(|(key, _)| key.clone()).collect();
        prop_assert_eq!(&sent, &new, "every new key is asked");
        if cut.is_none() {
            prop_assert_eq!(calls.len(), new.len(), "and once, however many rows need it");
        }
        // Rows whose prompt and documents are what they were ask nothing.
        let same = |id: &str, text: u8| {
            let Desk { rounds, principle, temperature, seed, .. } = &desk;
            format!("{id} {text} {rounds} {principle} {temperature} {seed}")
        };
        for (_, prompt) in &calls {
            let (id, text) = desk.prompts.iter().find(|(id, _)| id == prompt).unwrap();
            prop_assert!(!seen.contains(&same(id, *text)), "{prompt} did not change");
        }
        seen.extend(desk.prompts.iter().map(|(id, text)| same(id, *text)));

        // Once more, with nothing sent at all.
        let replay = Plan { replay_only: true, ..desk.plan(&fake) };
        let again = run(replay, journal.clone(), silent(), Cancel::new()).await.unwrap();
        prop_assert_eq!(rows_of(&journal, &again).await, expected);
        prop_assert!(asked.take().is_empty(), "replay only sends nothing");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PREAMBLE_IDENTITY_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(8),
        ..ProptestConfig::default()
    })]

    #[test]
    fn only_what_changed_is_paid_for(
        steps in prop::collection::vec((edits(), prop::option::of(any::<usize>())), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(live_through(steps))?;
    }
}

#[tokio::test]
async fn failed_rows_alone_are_made_again() {
    let broken = Fake::new(|call| match call.prompt.as_str() {
        "p1" | "p3" => {
            let kind = crate::domain::FailureKind::ServerError;
            Err(super::fake::refusal(kind, crate::providers::Retry::Never))
        }
        _ => Ok("fine".to_owned()),
    });
    let journal = Journal::open_in_memory().unwrap();
    let method = || super::fake::drafts(1);
    let first = run_with(plan(&broken, 5), journal.clone(), silent(), Cancel::new(), method());
    let first = first.await.unwrap();
    assert_eq!(first.progress.rows_failed, 2);
    let failed = journal.failed_rows(&first.run, None, 9).await.unwrap();
    let failed: Vec<u64> = failed.iter().map(|entry| entry.position).collect();
    assert_eq!(failed, [1, 3]);

    let mended = Fake::new(|_| Ok("fine".to_owned()));
    let mut again = plan(&mended, 5);
    again.run = Some(first.run.clone());
    again.only = Some(failed.into());
    let second = run_with(again, journal.clone(), silent(), Cancel::new(), method()).await.unwrap();
    assert_eq!(second.end, RunEnd::Done);
    assert_eq!((second.progress.rows_kept, second.progress.rows_done), (3, 5));
    assert_eq!(second.progress.replayed, 0, "good rows are not even looked at");
    assert_eq!(mended.calls(), 2);
    let counts = journal.counts(&first.run).await.unwrap();
    assert_eq!((counts.rows, counts.rows_failed), (5, 0));
    let record = journal.run(&first.run).await.unwrap().unwrap();
    assert_eq!((record.state, record.rows_total), (RunState::Done, 5));
}

#[tokio::test]
async fn a_run_with_rows_to_do_is_not_done_when_its_failed_ones_are() {
    let fake = Fake::new(|_| Ok("fine".to_owned()));
    let journal = Journal::open_in_memory().unwrap();
    let mut first = plan(&fake, 5);
    first.only = Some([0, 2].into());
    let method = || super::fake::drafts(1);
    let first = run_with(first, journal.clone(), silent(), Cancel::new(), method()).await.unwrap();
    let record = journal.run(&first.run).await.unwrap().unwrap();
    assert_eq!(record.state, RunState::Stopped, "it can be resumed");
    assert!(record.message.contains("3 are still to do"), "{}", record.message);
    let mut rest = plan(&fake, 5);
    rest.run = Some(first.run.clone());
    run_with(rest, journal.clone(), silent(), Cancel::new(), method()).await.unwrap();
    assert_eq!(journal.counts(&first.run).await.unwrap().rows, 5);
    assert_eq!(fake.calls(), 5);
}

#[tokio::test]
async fn a_prompt_set_with_an_id_twice_never_becomes_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    crate::store::sample::init(folder.path(), crate::store::sample::Sample::default()).unwrap();
    let project = crate::store::Project::open(folder.path()).unwrap();
    let twice = vec![Prompt::of_text("p1", "One"), Prompt::of_text("p1", "Two")];
    let wishes = Overrides { prompt_list: Some(twice), ..Overrides::default() };
    let secrets = Arc::new(crate::store::secrets::Secrets::without_keychain());
    let refused = Plan::of_project(&project, "critique", &wishes, &Models::new(secrets)).await;
    let Err(error) = refused else { panic!("it was taken") };
    assert!(error.to_string().contains("the id p1 is used twice"), "{error}");
    assert!(error.hint().contains("id of its own"), "{}", error.hint());
}
