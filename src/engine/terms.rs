//! The terms that a run goes by: limits, retries, prices.
//!
//! They change no row, so they may differ from one hour to the next; the journal keeps each change
//! beside what the run is frozen with, so that going on with it another day takes the last ones,
//! and who looks sees what was changed.
//!
//! Prices are special: a provider bills what it charges now, whatever it charged when the run
//! began. Going on with a run counts with the project's prices as they are now; calls that were
//! made before keep what they cost then.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::watch;

use super::ask::Shared;
use super::control::Limits;
use super::frozen::FrozenTerms;
use super::plan::Plan;
use super::retry::RetryPolicy;
use crate::domain::{ModelEntry, ModelKind, PriceDetails, RunId};
use crate::store::journal::RunChange;
use crate::store::{Journal, StoreError};

/// What a run goes by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// How fast it goes, what it may cost, when it stops.
    #[serde(flatten)]
    pub limits: Limits,
    /// How often a failed call is tried again; being told to slow down does not count.
    #[serde(default = "usual_retries")]
    pub retries: u32,
    /// What its models cost, by name; those inside the program are left out.
    #[serde(default)]
    pub prices: BTreeMap<String, PriceList>,
}

/// What a model costs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PriceList {
    /// US dollars per million tokens read, where known.
    #[serde(default)]
    pub price_in: Option<f64>,
    /// US dollars per million tokens written, where known.
    #[serde(default)]
    pub price_out: Option<f64>,
    /// What else its price list says.
    #[serde(default)]
    pub more: Box<PriceDetails>,
}

/// A change of a run's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsChange {
    /// When, milliseconds since 1970 by this machine's clock.
    pub at_ms: i64,
    /// What is other than before: `cap 5 → 8 USD`.
    pub words: Vec<String>,
}

/// How often a failed call is tried again where nobody chose.
pub(super) fn usual_retries() -> u32 {
    RetryPolicy::default().max_attempts - 1
}

impl PriceList {
    /// That of an entry; `None` where the model is inside the program.
    pub fn of(entry: &ModelEntry) -> Option<Self> {
        (entry.kind != ModelKind::Embedded).then(|| Self {
            price_in: entry.price_in,
            price_out: entry.price_out,
            more: entry.prices.clone(),
        })
    }

    fn in_words(&self) -> String {
        let known = |price: Option<f64>| price.map_or_else(|| "unknown".to_owned(), short);
        format!("{} in, {} out", known(self.price_in), known(self.price_out))
    }
}

impl Terms {
    /// Those of a plan as it is.
    pub fn of(plan: &Plan) -> Self {
        let entries = plan.all_models().map(|model| &model.entry);
        Self {
            limits: plan.controls.limits(),
            retries: plan.retry.max_attempts.saturating_sub(1),
            prices: prices_of(entries),
        }
    }

    /// Those that a run began with; `None` where what it is frozen with does not say.
    pub fn first(frozen: &Value) -> Option<Self> {
        FrozenTerms::of(frozen).map(|frozen| frozen.terms())
    }

    /// Those that a run goes by since the last change.
    pub fn last(frozen: &Value, changes: &[RunChange]) -> Option<Self> {
        let changed = changes.iter().rev().find_map(|change| read(&change.what));
        changed.or_else(|| Self::first(frozen))
    }

    /// What is other in `after`, in words: `cap 5 → 8 USD`.
    pub fn news(&self, after: &Self) -> Vec<String> {
        let (was, is) = (&self.limits, &after.limits);
        let mut words = Vec::new();
        let mut note = |what: &str, was: Option<String>, is: Option<String>, unit: &str| {
            if was != is {
                let said = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
                words.push(format!("{what} {} → {}{unit}", said(was), said(is)));
            }
        };
        let count = |value: u64| Some(value.to_string());
        let usd = |value: Option<f64>| value.map(short);
        let percent = |value: Option<f64>| value.map(|share| short(share * 100.0));
        note("cap", usd(was.max_cost), usd(is.max_cost), " USD");
        note("cap a day", usd(was.max_cost_per_day), usd(is.max_cost_per_day), " USD");
        note("requests at once", count(was.at_once as u64), count(is.at_once as u64), "");
        let minute = |value: Option<u32>| value.map(|value| value.to_string());
        note("requests a minute", minute(was.per_minute), minute(is.per_minute), "");
        note("failures allowed", percent(was.max_failures), percent(is.max_failures), " %");
        note("refusals allowed", percent(was.max_refusals), percent(is.max_refusals), " %");
        note("retries", count(self.retries.into()), count(after.retries.into()), "");
        words.extend(price_news(&self.prices, &after.prices));
        words
    }
}

/// What models cost, by name.
fn prices_of<'a>(entries: impl Iterator<Item = &'a ModelEntry>) -> BTreeMap<String, PriceList> {
    entries.filter_map(|entry| Some((entry.name.clone(), PriceList::of(entry)?))).collect()
}

/// Which prices are other than they were, in words.
fn price_news(was: &BTreeMap<String, PriceList>, is: &BTreeMap<String, PriceList>) -> Vec<String> {
    let changed = is.iter().filter_map(|(name, is)| Some((name, was.get(name)?, is)));
    changed
        .filter(|(_, was, is)| was != is)
        .map(|(name, was, is)| {
            let (before, after) = (was.in_words(), is.in_words());
            // Tiers and cached tokens have no short form.
            let more = if was.more == is.more { "" } else { ", and its details" };
            format!("price of {name} {before} → {after} USD per million tokens{more}")
        })
        .collect()
}

/// A number without digits that say nothing.
fn short(value: f64) -> String {
    // To a millionth: shares of a hundred come out of floating point with a tail.
    format!("{}", (value * 1e6).round() / 1e6)
}

fn read(what: &Value) -> Option<Terms> {
    serde_json::from_value(what.clone()).ok()
}

/// What was changed since a run began, oldest first.
pub fn history(frozen: &Value, changes: &[RunChange]) -> Vec<TermsChange> {
    let mut before = Terms::first(frozen);
    let mut all = Vec::new();
    for change in changes {
        let Some(after) = read(&change.what) else { continue };
        let words = before.as_ref().map(|before| before.news(&after)).unwrap_or_default();
        if !words.is_empty() {
            all.push(TermsChange { at_ms: change.at_ms, words });
        }
        before = Some(after);
    }
    all
}

/// All models that a run asks, as they were when it began; none where what it is frozen with does
/// not say.
pub fn models_of(frozen: &Value) -> Vec<ModelEntry> {
    FrozenTerms::of(frozen).map(|frozen| frozen.entries().cloned().collect()).unwrap_or_default()
}

/// Which of a run's prices are other now than when it was last on, in words: going on with it
/// counts with those of now. `known` are the project's models.
pub fn prices_now(frozen: &Value, changes: &[RunChange], known: &[ModelEntry]) -> Vec<String> {
    let Some(last) = Terms::last(frozen, changes) else { return Vec::new() };
    let Some(frozen) = FrozenTerms::of(frozen) else { return Vec::new() };
    let now: Vec<ModelEntry> = frozen.entries().map(|entry| as_now(entry, known)).collect();
    price_news(&last.prices, &prices_of(now.iter()))
}

/// A run's model with what the project says of it now: prices, key and how many requests it
/// bears. What decides rows stays as it was. A model that the project does not have any more, or
/// that is another one now under the same name, stays as it was.
pub(super) fn as_now(entry: &ModelEntry, known: &[ModelEntry]) -> ModelEntry {
    let is_same = |other: &&ModelEntry| {
        (other.kind, &other.model, &other.base_url) == (entry.kind, &entry.model, &entry.base_url)
    };
    let mut same = known.iter().filter(is_same);
    let found = same.clone().find(|other| other.name == entry.name).or_else(|| {
        // Renamed; where two could be meant, neither is.
        let first = same.next();
        first.filter(|_| same.next().is_none())
    });
    let Some(now) = found else { return entry.clone() };
    ModelEntry {
        price_in: now.price_in,
        price_out: now.price_out,
        prices: now.prices.clone(),
        key_env: now.key_env.clone(),
        max_in_flight: now.max_in_flight,
        ..entry.clone()
    }
}

/// What a run goes by as the journal has it, and keeps it so while the run is on.
pub(super) struct Noted {
    known: Option<Terms>,
    limits: watch::Receiver<Limits>,
}

impl Noted {
    /// Of a run that begins as it is frozen.
    pub(super) fn new(plan: &Plan) -> Self {
        Self { known: Some(Terms::of(plan)), limits: plan.controls.subscribe() }
    }

    /// Of a run that goes on.
    ///
    /// # Errors
    ///
    /// The journal can't be read.
    pub(super) async fn read(
        journal: &Journal,
        run: &RunId,
        plan: &Plan,
    ) -> Result<Self, StoreError> {
        let limits = plan.controls.subscribe();
        let changes = journal.changes(run).await?;
        let frozen = journal.frozen(run).await?.unwrap_or_default();
        Ok(Self { known: Terms::last(&frozen, &changes), limits })
    }

    /// Notes what the run goes by, where that is something else than is noted.
    ///
    /// # Errors
    ///
    /// The journal can't be written.
    pub(super) async fn note(
        &mut self,
        journal: &Journal,
        run: &RunId,
        plan: &Plan,
    ) -> Result<(), StoreError> {
        self.limits.mark_unchanged();
        let now = Terms::of(plan);
        if self.known.as_ref() == Some(&now) {
            return Ok(());
        }
        // A struct of numbers and names can be written as JSON.
        journal.note_change(run, serde_json::to_value(&now).unwrap_or_default()).await?;
        self.known = Some(now);
        Ok(())
    }

    /// Notes each change while the run is on; never ends. Where a change can't be kept the run
    /// stops, as with anything else that can't be kept.
    pub(super) async fn keep(&mut self, shared: &Shared) {
        while self.limits.changed().await.is_ok() {
            if let Err(error) = self.note(&shared.journal, &shared.run, &shared.plan).await {
                shared.storage(error);
                break;
            }
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn model(name: &str, price: f64) -> ModelEntry {
        ModelEntry {
            name: name.to_owned(),
            kind: ModelKind::OpenAi,
            model: "m".to_owned(),
            base_url: "https://api.example.com/v1".to_owned(),
            price_in: Some(price),
            price_out: Some(price * 4.0),
            ..ModelEntry::embedded()
        }
    }

    fn frozen(entry: &ModelEntry) -> Value {
        json!({
            "concurrency": 16, "max_cost": 5.0, "max_failures": 0.07, "recipe": {"name": "x"},
            "models": {"writer": {"identity": "openai:m", "entry": entry}},
        })
    }

    fn change(at_ms: i64, terms: &Terms) -> RunChange {
        RunChange { at_ms, what: serde_json::to_value(terms).unwrap() }
    }

    #[test]
    fn what_was_changed_is_told_in_order_and_the_last_terms_hold() {
        let frozen = frozen(&model("fast", 2.0));
        let first = Terms::first(&frozen).unwrap();
        assert_eq!((first.retries, first.limits.max_cost), (5, Some(5.0)));
        let mut second = first.clone();
        second.limits.max_cost = Some(8.0);
        second.limits.at_once = 4;
        let mut third = second.clone();
        third.limits.max_cost = None;
        third.limits.per_minute = Some(90);
        third.limits.max_failures = Some(0.14);
        third.retries = 2;
        let changes = [change(7, &second), change(9, &third)];
        let told = history(&frozen, &changes);
        assert_eq!(told[0].words, ["cap 5 → 8 USD", "requests at once 16 → 4"]);
        assert_eq!((told[0].at_ms, told[1].at_ms), (7, 9));
        let words = [
            "cap 8 → none USD",
            "requests a minute none → 90",
            "failures allowed 7 → 14 %",
            "retries 5 → 2",
        ];
        assert_eq!(told[1].words, words);
        assert_eq!(Terms::last(&frozen, &changes), Some(third));
        assert_eq!(Terms::last(&frozen, &[]), Some(first));
        assert_eq!(Terms::last(&json!({}), &[]), None, "a salvaged run does not say");
    }

    #[test]
    fn going_on_takes_the_prices_of_now_and_says_which_are_other() {
        let before = model("fast", 2.0);
        let frozen = frozen(&before);
        let mut dearer = model("fast", 3.0);
        dearer.key_env = "OTHER".to_owned();
        dearer.send_seed = false;
        let now = as_now(&before, &[model("other", 9.0), dearer.clone()]);
        assert_eq!((now.price_in, now.price_out), (Some(3.0), Some(12.0)));
        assert_eq!((now.key_env.as_str(), now.send_seed), ("OTHER", true), "rows stay");
        let words = "price of fast 2 in, 8 out → 3 in, 12 out USD per million tokens";
        assert_eq!(prices_now(&frozen, &[], std::slice::from_ref(&dearer)), [words]);
        let mut terms = Terms::first(&frozen).unwrap();
        terms.prices = prices_of(std::iter::once(&dearer));
        assert!(
            prices_now(&frozen, &[change(1, &terms)], std::slice::from_ref(&dearer)).is_empty()
        );

        // Renamed, another model under the name, gone, two to choose from.
        dearer.name = "renamed".to_owned();
        assert_eq!(as_now(&before, std::slice::from_ref(&dearer)).price_in, Some(3.0));
        let elsewhere = ModelEntry { base_url: "https://b/v1".to_owned(), ..model("fast", 7.0) };
        assert_eq!(as_now(&before, &[elsewhere]).price_in, Some(2.0));
        assert_eq!(as_now(&before, &[]), before);
        assert_eq!(as_now(&before, &[dearer.clone(), model("third", 4.0)]), before);
        let free = ModelEntry { price_in: None, price_out: None, ..model("fast", 0.0) };
        let words = "price of fast 2 in, 8 out → unknown in, unknown out USD per million tokens";
        assert_eq!(prices_now(&frozen, &[], &[free]), [words]);
    }
}
