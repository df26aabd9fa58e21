//! What a plan would send, found out without sending anything: each row is made from the journal
//! as far as that goes.

use std::collections::BTreeSet;
use std::sync::Mutex;

use futures::StreamExt as _;
use futures::stream;

use super::ask::Cast;
use super::cancel::Cancel;
use super::plan::Plan;
use crate::domain::{Call, CallFailure, CallKey, FailureKind, Reply};
use crate::methods::run_row::{RowTask, run_row_by};
use crate::methods::{Ask, calls_planned};
use crate::store::{Journal, StoreError, unpoisoned};

/// Rows looked at side by side.
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
    /// Calls that would be sent, at least.
    pub new_least: u64,
    /// Calls that would be sent at most, failures and retries apart.
    pub new_most: u64,
}

/// Makes each row of a plan from the journal, up to the first call that is not in it.
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
    let planned = calls_planned(&plan.recipe, plan.constitution.as_deref(), plan.rubric.as_deref());
    let mut count = DryCount { rows: plan.prompts.len() as u64, ..DryCount::default() };
    let rows = stream::iter((0..plan.prompts.len()).map(|place| row(plan, journal, place)));
    let mut rows = std::pin::pin!(rows.buffer_unordered(AT_ONCE));
    while let Some(made) = rows.next().await {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let (found, is_whole) = made?;
        count.found += found;
        if is_whole {
            count.rows_whole += 1;
        } else {
            // The call that was missed is one of them.
            count.new_least += planned.least.saturating_sub(found).max(1);
            count.new_most += planned.most.saturating_sub(found).max(1);
        }
    }
    Ok(Some(count))
}

/// How many calls of a row the journal answers, and whether that is all of it.
async fn row(plan: &Plan, journal: &Journal, place: usize) -> Result<(u64, bool), StoreError> {
    let Some(prompt) = plan.prompts.get(place) else { return Ok((0, true)) };
    let seen = Mutex::new(Seen::default());
    let dry = |models| DryAsk { models, journal, seen: &seen };
    let asks = plan.candidates.as_ref().map(|pens| pens.casts().each_ref().map(dry));
    let candidates = plan.candidates.as_ref().zip(asks.as_ref());
    let candidates = candidates.map(|(pens, asks)| pens.candidates(asks));
    let task = RowTask {
        prompt,
        recipe: &plan.recipe,
        constitution: plan.constitution.as_deref(),
        rubric: plan.rubric.as_deref(),
        templates: &plan.templates,
        seed: plan.seed,
        protocol: plan.recipe.protocol,
        start: plan.start.as_deref(),
    };
    run_row_by(&dry(&plan.models), candidates, &task).await;
    let mut seen = unpoisoned(&seen);
    match seen.error.take() {
        Some(error) => Err(error),
        None => Ok((seen.found.len() as u64, !seen.has_missed)),
    }
}

/// What a row's calls came to.
#[derive(Default)]
struct Seen {
    /// Those that the journal answers; what is asked twice in the same words is one.
    found: BTreeSet<CallKey>,
    has_missed: bool,
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
                unpoisoned(self.seen).has_missed = true;
                Err(not_there())
            }
            Err(error) => {
                unpoisoned(self.seen).error.get_or_insert(error);
                Err(not_there())
            }
        }
    }
}
