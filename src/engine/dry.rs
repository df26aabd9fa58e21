//! What a plan would send, found out without sending anything: each row is made from the journal
//! as far as that goes.
//!
//! The plan's method is told as in a run, with an [`Ask`] that answers from the journal or not at
//! all. A row stops at its first unknown calls, so what follows there is only known within bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use futures::StreamExt as _;
use futures::stream;

use super::ask::Cast;
use super::budget;
use super::cancel::Cancel;
use super::judging;
use super::plan::Plan;
use super::price::Money;
use super::run::row_parts;
use crate::domain::{Call, CallFailure, CallKey, FailureKind, Prompt, Reply};
use crate::methods::{Ask, CallsPlanned};
use crate::store::{Journal, StoreError, unpoisoned};

/// Rows looked at side by side: the journal's readers are few.
const AT_ONCE: usize = 8;

/// What of a plan the journal has, and what would be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DryCount {
    /// Rows of the plan.
    pub rows: u64,
    /// Rows that the journal answers wholly.
    pub rows_whole: u64,
    /// Calls that the journal answers, as far as each row goes.
    pub found: u64,
    /// Different calls that were looked for in vain: what several rows ask in the same words is
    /// one, and paid once.
    pub missing: u64,
    /// Calls that would be sent, at least.
    pub new_least: u64,
    /// Calls that would be sent at most, failures and retries apart.
    pub new_most: u64,
    /// What the missing calls cost at worst. Those that may follow them are not in it, nor those
    /// of a model whose price is unknown.
    pub cost_at_worst: Money,
}

/// Makes each row of a plan from the journal, up to the first calls that are not in it; a
/// comparison knows nothing of this.
///
/// Nothing is sent and nothing is written. `None`: it was cancelled.
///
/// # Errors
///
/// The journal can't be read.
pub async fn dry_count(
    plan: &Plan,
    journal: &Journal,
    cancel: &Cancel,
) -> Result<Option<DryCount>, StoreError> {
    let all = dry_counts(plan, journal, cancel, (&|_: &Prompt| 0, 1)).await?;
    Ok(all.and_then(|counts| counts.first().copied()))
}

/// The same for groups of a plan's rows, each apart: `group_of` gives a prompt's, below `groups`.
/// What rows of several groups ask in the same words is counted with the first that asks it.
///
/// # Errors
///
/// The journal can't be read.
pub async fn dry_counts(
    plan: &Plan,
    journal: &Journal,
    cancel: &Cancel,
    (group_of, groups): (&(dyn Fn(&Prompt) -> usize + Sync), usize),
) -> Result<Option<Vec<DryCount>>, StoreError> {
    let mut counts = vec![DryCount::default(); groups];
    let mut place = 0;
    let mut all_missing = BTreeSet::new();
    // By place and not as an iterator of prompts: the future of such a stream is not `Send`.
    let rows = stream::iter((0..plan.prompts.len()).map(|place| row(plan, journal, place)));
    // In the plan's order, so that the bounds are the same each time.
    let mut rows = std::pin::pin!(rows.buffered(AT_ONCE));
    while let Some(made) = rows.next().await {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let RowCount { planned, seen } = made?;
        let group = plan.prompts.get(place).map_or(0, group_of);
        place += 1;
        let Some(count) = counts.get_mut(group) else { continue };
        count.rows += 1;
        let found = seen.found.len() as u64;
        let missing = seen.missing.len() as u64;
        count.found += found;
        if missing == 0 {
            count.rows_whole += 1;
            continue;
        }
        let mut new = 0;
        for (key, cost) in seen.missing {
            if all_missing.insert(key) {
                new += 1;
                count.cost_at_worst += cost;
            }
        }
        count.missing += new;
        // What waits for calls of an earlier row alone may be that row over again.
        let follow_least = if new == 0 { 0 } else { planned.least.saturating_sub(found + missing) };
        count.new_least += new + follow_least;
        count.new_most += new + planned.most.saturating_sub(found + missing);
    }
    Ok(Some(counts))
}

/// What a row takes, and what of it is there.
struct RowCount {
    planned: CallsPlanned,
    seen: Seen,
}

async fn row(plan: &Plan, journal: &Journal, place: usize) -> Result<RowCount, StoreError> {
    let nothing = CallsPlanned { least: 0, most: 0 };
    let Some(prompt) = plan.prompts.get(place) else {
        return Ok(RowCount { planned: nothing, seen: Seen::default() });
    };
    let seen = Mutex::new(Seen::default());
    let dry = |models| DryAsk { models, journal, seen: &seen };
    let asks =
        plan.candidates.as_ref().map(|pens| pens.casts().iter().map(dry).collect::<Vec<_>>());
    let judges =
        plan.panel.as_ref().map(|panel| panel.casts().map(dry).collect::<Vec<DryAsk<'_>>>());
    match (&plan.panel, &judges) {
        (Some(panel), Some(judges)) if plan.judging.is_some() => {
            judging::judge_item(plan, panel, judges, prompt).await;
        }
        _ => {
            let beside = (asks.as_deref(), judges.as_deref());
            row_parts(plan, &dry(&plan.models), beside, prompt).await;
        }
    }
    let mut seen = std::mem::take(&mut *unpoisoned(&seen));
    match seen.error.take() {
        Some(error) => Err(error),
        None => Ok(RowCount { planned: plan.calls_of(prompt), seen }),
    }
}

/// What a row's calls came to; what is asked twice in the same words is one.
#[derive(Default)]
struct Seen {
    /// Those that the journal answers.
    found: BTreeSet<CallKey>,
    /// Those that it does not, and what each costs at worst.
    missing: BTreeMap<CallKey, Money>,
    error: Option<StoreError>,
}

/// Answers from the journal alone and remembers what it had not.
struct DryAsk<'a> {
    models: &'a Cast,
    journal: &'a Journal,
    seen: &'a Mutex<Seen>,
}

impl Ask for DryAsk<'_> {
    async fn ask(&self, call: Call) -> Result<Reply, CallFailure> {
        let not_there = || CallFailure::new(FailureKind::NotInJournal, "not in the journal", "");
        let Some(model) = self.models.get(&call.role) else { return Err(not_there()) };
        let key = call.key(model.provider.identity());
        match self.journal.lookup(&key).await {
            Ok(Some(stored)) => {
                unpoisoned(self.seen).found.insert(key);
                Ok(stored.reply)
            }
            Ok(None) => {
                let worst = budget::worst_case(&call, model.price.as_ref());
                unpoisoned(self.seen).missing.insert(key, worst.unwrap_or_default());
                Err(not_there())
            }
            Err(error) => {
                unpoisoned(self.seen).error.get_or_insert(error);
                Err(not_there())
            }
        }
    }
}
