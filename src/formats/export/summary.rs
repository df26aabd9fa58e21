//! What an export wrote, left out, and was made from.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Taken;
use crate::domain::Row;

/// What an export wrote and what it left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// The format's id.
    pub format: &'static str,
    /// Rows looked at.
    pub rows: u64,
    /// Records written.
    pub records: u64,
    /// How many rows (for rewards: responses) were left out, by reason.
    pub left_out: BTreeMap<&'static str, u64>,
    /// How many records deserve a look, by reason.
    pub flagged: BTreeMap<&'static str, u64>,
    /// Content hashes of the constitutions used.
    pub constitutions: BTreeSet<String>,
    /// Content hashes of the rubrics used.
    pub rubrics: BTreeSet<String>,
    /// Content hashes of recipe and templates.
    pub recipes: BTreeSet<String>,
    /// Role and model identity.
    pub models: BTreeSet<(String, String)>,
    /// The runs' seeds.
    pub seeds: BTreeSet<u64>,
    /// How judges were asked about pairs.
    pub protocols: BTreeSet<String>,
    /// How the judges were asked, as hashes; see [`crate::domain::AskedAs`].
    pub judges: BTreeSet<String>,
}

impl Summary {
    pub(super) fn new(format: &'static str) -> Self {
        Self { format, ..Self::default() }
    }

    /// Adds one row.
    pub(super) fn count(&mut self, row: &Row, taken: &Taken) {
        self.rows += 1;
        self.records += taken.records.len() as u64;
        for why in &taken.left_out {
            *self.left_out.entry(why).or_default() += 1;
        }
        for why in &taken.flagged {
            *self.flagged.entry(why).or_default() += 1;
        }
        if taken.records.is_empty() {
            return;
        }
        let made_by = &row.provenance;
        self.constitutions.extend(made_by.constitution.clone());
        self.rubrics.extend(made_by.rubric.clone());
        if !made_by.recipe.is_empty() {
            self.recipes.insert(made_by.recipe.clone());
        }
        self.models.extend(made_by.models.iter().cloned());
        self.seeds.insert(made_by.seed);
        self.judges.extend(made_by.judge.clone());
        self.protocols.extend(row.pair.iter().map(|pair| pair.verdict.protocol.to_string()));
    }

    /// What was left out and why, in one line; empty where nothing was.
    pub fn left_out_line(&self) -> String {
        let parts: Vec<String> =
            self.left_out.iter().map(|(why, count)| format!("{count} × {why}")).collect();
        parts.join("; ")
    }
}
