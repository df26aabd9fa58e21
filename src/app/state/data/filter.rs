//! Which rows a table shows.

use std::sync::Arc;

use super::{Flags, RowFacts};

/// What is let through.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DataFilter {
    /// What all texts are searched for; empty: nothing.
    pub search: String,
    /// Whether that is a regular expression.
    pub is_regex: bool,
    /// Rows of this state.
    pub show: Show,
    /// Rows with this tag.
    pub tag: Option<Arc<str>>,
    /// Rows whose reward or probability is within, ends included; rows without one are not.
    pub range: Option<(f64, f64)>,
}

/// Rows of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::EnumIter, strum::Display)]
pub enum Show {
    /// All.
    #[default]
    #[strum(to_string = "All rows")]
    All,
    /// Those that exports take.
    #[strum(to_string = "Kept")]
    Kept,
    /// Those that a person keeps out.
    #[strum(to_string = "Dropped")]
    Dropped,
    /// Those with a person's text.
    #[strum(to_string = "Edited")]
    Edited,
    /// Those that failed.
    #[strum(to_string = "Failed")]
    Failed,
    /// Those with an answer that was cut off.
    #[strum(to_string = "Cut off")]
    CutOff,
    /// Those with a verdict that could not be read.
    #[strum(to_string = "Unparsed")]
    Unparsed,
    /// Those whose last answer is the draft.
    #[strum(to_string = "Unchanged")]
    Unchanged,
}

/// What a search found so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// Names the search; what older ones bring is left aside.
    pub number: u64,
    /// The rows, by their place among the run's prompts, in order.
    pub rows: Vec<u64>,
    /// How often it is there in all of them.
    pub hits: u64,
    /// How far it is.
    pub state: SearchState,
}

/// How far a search is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SearchState {
    /// Under way.
    On,
    /// All rows were looked through.
    Done,
    /// It can't be searched for; why.
    Bad(String),
}

impl Show {
    fn lets(self, flags: Flags) -> bool {
        match self {
            Self::All => true,
            Self::Kept => !flags.has(Flags::DROPPED) && !flags.has(Flags::FAILED),
            Self::Dropped => flags.has(Flags::DROPPED),
            Self::Edited => flags.has(Flags::EDITED),
            Self::Failed => flags.has(Flags::FAILED),
            Self::CutOff => flags.has(Flags::CUT_OFF),
            Self::Unparsed => flags.has(Flags::UNPARSED),
            Self::Unchanged => flags.has(Flags::UNCHANGED),
        }
    }
}

impl DataFilter {
    /// Whether anything is left out.
    pub fn is_on(&self) -> bool {
        *self != Self { is_regex: self.is_regex, ..Self::default() }
    }
}

/// The places of the rows that are let through, in order.
pub fn view_of(facts: &[RowFacts], filter: &DataFilter, found: Option<&Found>) -> Arc<[u32]> {
    let lets = |row: &RowFacts| {
        filter.show.lets(row.flags)
            && filter.tag.as_ref().is_none_or(|tag| row.tags.contains(tag))
            && filter.range.is_none_or(|(least, most)| {
                row.value.is_some_and(|value| (least..=most).contains(&value))
            })
            && found.is_none_or(|found| found.rows.binary_search(&row.position).is_ok())
    };
    let places = facts.iter().enumerate().filter(|(_, row)| lets(row));
    places.map(|(place, _)| place as u32).collect()
}
