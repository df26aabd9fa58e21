//! Rows of a run as a dataset: what the window knows of it.
//!
//! The journal has the rows; here is what a table needs of each ([`RowFacts`], short), which of
//! them the filter lets through, and all of the one row looked at.

mod facts;
mod filter;
mod quality;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use facts::{Flags, RowFacts, answers, is_cut_off};
pub use filter::{DataFilter, Found, SearchState, Show, view_of};
pub use quality::{Quality, quality_of};

use crate::app::message::Failure;
use crate::domain::{Hand, Part, PromptId, Row, RunId};
use crate::methods::DiffSpan;

/// Rows of a run as a dataset.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DataState {
    /// The run whose rows are shown.
    pub run: Option<RunId>,
    /// Names the newest reading of its rows; what older ones bring is left aside.
    pub number: u64,
    /// How far the reading is.
    pub reading: Reading,
    /// What the table needs of each row, in the order of the run's prompts.
    pub facts: Arc<Vec<RowFacts>>,
    /// All tags of the rows.
    pub tags: BTreeSet<Arc<str>>,
    /// What the rows have, which says what columns a table needs.
    pub shape: Shape,
    /// What is let through.
    pub filter: DataFilter,
    /// The rows that the search found; `None` where nothing is searched for.
    pub found: Option<Found>,
    /// Places in `facts` that are let through, in order.
    pub view: Arc<[u32]>,
    /// Sums over all rows.
    pub quality: Quality,
    /// The row looked at, by its place among the run's prompts.
    pub selected: Option<u64>,
    /// All of it, once it was read.
    pub detail: Option<Arc<RowDetail>>,
    /// The text being rewritten.
    pub editing: Option<(u64, Part)>,
    /// What the last decision on all rows of a view changed, to be taken back by the next.
    pub last_bulk: Option<Bulk>,
}

/// What rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    /// Some have two answers, one better.
    pub has_pairs: bool,
    /// Some have a reward or a probability.
    pub has_values: bool,
    /// Some were compared by a judge: the value is a probability.
    pub is_judged: bool,
}

/// How far the reading of a run's rows is.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Reading {
    /// No run is chosen.
    #[default]
    None,
    /// Rows are being read.
    On,
    /// All are there.
    Done,
    /// They can't be read.
    Failed(Failure),
}

/// A decision on all rows of a view.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    /// Whether they were dropped.
    pub is_dropped: bool,
    /// The rows that it changed.
    pub prompts: Vec<PromptId>,
    /// The view that it was made in.
    pub view: Arc<[u32]>,
}

/// All of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowDetail {
    /// Its place among the run's prompts, from 0.
    pub position: u64,
    /// As it is exported: with what a person decided laid over.
    pub row: Row,
    /// As the models made it.
    pub original: Row,
    /// What a person decided.
    pub hand: Hand,
    /// Draft → last answer, of a chain that has a revision.
    pub diff: Option<Vec<DiffSpan>>,
}

impl DataState {
    /// The place in `facts` of a row.
    pub fn place_of(&self, position: u64) -> Option<usize> {
        self.facts.binary_search_by_key(&position, |facts| facts.position).ok()
    }

    /// What is known of the row looked at.
    pub fn selected_facts(&self) -> Option<&RowFacts> {
        self.facts.get(self.place_of(self.selected?)?)
    }

    /// The row looked at among those let through.
    pub fn selected_in_view(&self) -> Option<usize> {
        let place = self.place_of(self.selected?)? as u32;
        self.view.binary_search(&place).ok()
    }

    /// All of the row looked at, where it was read already.
    pub fn shown(&self) -> Option<&Arc<RowDetail>> {
        self.detail.as_ref().filter(|detail| Some(detail.position) == self.selected)
    }
}
