//! What the journal already knows of a plan: a dry pass that sends nothing and writes nothing.
//!
//! The plan's method is told as in a run, with an [`Ask`] that answers from the journal or not at
//! all. A row stops at its first unknown call, so what follows there is only known within bounds.

use std::collections::BTreeSet;
use std::sync::Mutex;

use futures::StreamExt as _;

use super::ask::Cast;
use super::budget;
use super::plan::Plan;
use super::price::Money;
use crate::domain::{Call, CallFailure, CallKey, FailureKind, Reply};
use crate::methods::run_row::{RowTask, run_row_by};
use crate::methods::{Ask, calls_planned};
use crate::store::{Journal, StoreError, unpoisoned};

/// Rows looked at together: the journal's readers are few.
const AT_ONCE: usize = 16;

/// What a plan would find in the journal, and what it would have to ask.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Known {
    /// Rows in all.
    pub rows: u64,
    /// Rows that the journal answers wholly.
    pub rows_known: u64,
    /// Calls that the journal answers.
    pub calls_known: u64,
    /// New calls at least: those that were found missing, equal ones counted once.
    pub calls_new_least: u64,
    /// New calls at most: with every call that may follow a missing one.
    pub calls_new_most: u64,
    /// US dollars that the missing calls cost at worst; calls that may follow them are not in it.
    pub cost_at_worst: f64,
}

/// Looks a recipe's plan up in the journal; a comparison knows nothing of this.
///
/// # Errors
///
/// The journal can't be read.
pub async fn known(plan: &Plan, journal: &Journal) -> Result<Known, StoreError> {
    let planned = calls_planned(&plan.recipe, plan.constitution.as_deref(), plan.rubric.as_deref());
    let all = Mutex::new(Missing::default());
    let rows = futures::stream::iter(plan.prompts.iter())
        .map(|prompt| async {
            let row = Mutex::default();
            let lookup = |models| Lookup { models, journal, all: &all, row: &row };
            let ask = lookup(&plan.models);
            let asks = plan.candidates.as_ref().map(|pens| pens.casts().each_ref().map(lookup));
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
            run_row_by(&ask, candidates, &task).await;
            row.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
        })
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let missing = all.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(error) = missing.error {
        return Err(error);
    }
    let mut known = Known {
        rows: rows.len() as u64,
        calls_new_least: missing.keys.len() as u64,
        calls_new_most: missing.keys.len() as u64,
        cost_at_worst: missing.cost,
        ..Known::default()
    };
    for row in rows {
        known.rows_known += u64::from(row.missing == 0);
        known.calls_known += row.known;
        if row.missing > 0 {
            known.calls_new_most += planned.most.saturating_sub(row.known + row.missing);
        }
    }
    Ok(known)
}

/// All calls that were looked for in vain.
#[derive(Default)]
struct Missing {
    keys: BTreeSet<CallKey>,
    cost: f64,
    error: Option<StoreError>,
}

/// One row's calls.
#[derive(Default)]
struct RowCalls {
    known: u64,
    missing: u64,
}

struct Lookup<'a> {
    models: &'a Cast,
    journal: &'a Journal,
    all: &'a Mutex<Missing>,
    row: &'a Mutex<RowCalls>,
}

impl Ask for Lookup<'_> {
    async fn ask(&self, call: Call) -> Result<Reply, CallFailure> {
        let not_there = || CallFailure::new(FailureKind::NotInJournal, "it is not there yet", "");
        let Some(model) = self.models.get(&call.role) else { return Err(not_there()) };
        let key = call.key(model.provider.identity());
        match self.journal.lookup(&key).await {
            Ok(Some(stored)) => {
                unpoisoned(self.row).known += 1;
                Ok(stored.reply)
            }
            Ok(None) => {
                unpoisoned(self.row).missing += 1;
                let mut all = unpoisoned(self.all);
                if all.keys.insert(key) {
                    let worst = budget::worst_case(&call, model.price.as_ref());
                    all.cost += worst.map_or(0.0, Money::usd);
                }
                Err(not_there())
            }
            Err(error) => {
                unpoisoned(self.all).error.get_or_insert(error);
                Err(not_there())
            }
        }
    }
}
