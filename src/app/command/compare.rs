//! Commands: comparisons of two sides on the same prompts.

use crate::app::state::compare::{Only, Own, SliceBy, Sort};
use crate::domain::{PrincipleId, RunId};
use crate::engine::compare::{ComparisonWishes, SideChoice};

/// Comparisons of two sides on the same prompts.
#[derive(Debug, Clone, PartialEq)]
pub enum CompareCommand {
    /// Set up a comparison, from what is selected elsewhere.
    New,
    /// Set up a comparison of these two, and show Compare.
    Begin {
        /// The one side.
        a: SideChoice,
        /// The other.
        b: SideChoice,
    },
    /// Set up a comparison of a constitution with itself without a principle, and show Compare.
    Ablate {
        /// The constitution, by stem.
        stem: String,
        /// The principle switched off in B.
        principle: PrincipleId,
    },
    /// Change what is being set up.
    Change(Box<ComparisonWishes>),
    /// Leave the set-up.
    Cancel,
    /// Run what was set up.
    Run,
    /// Stop the comparison on its way; what is there is kept.
    Stop,
    /// Go on with the comparison shown, or try its failed pairs again.
    GoOn,
    /// Show a past comparison.
    Show(RunId),
    /// How its rows are looked at, and what the reader says of them.
    Rows(CompareRows),
    /// Copy the result as sentences with interval, judge, seed and run.
    CopySummary,
    /// Copy the rows listed.
    CopyTable(TableForm),
    /// Copy a chart's numbers as a Markdown table.
    CopyChart(Chart),
}

/// How a comparison's rows are looked at, and what the reader says of them; nothing is sent.
#[derive(Debug, Clone, PartialEq)]
pub enum CompareRows {
    /// Within this of one half a verdict is a tie.
    Band(f64),
    /// List slices by tag or by principle.
    SliceBy(SliceBy),
    /// Only rows of a slice; `None`: of all.
    Slice(Option<(SliceBy, String)>),
    /// Only rows in a state.
    Only(Only),
    /// Only rows with a text.
    Search(String),
    /// List rows in an order.
    Sort(Sort),
    /// List all rows again.
    ClearFilters,
    /// Select a row, by its position.
    Select(u64),
    /// Show the row selected, or the first, side by side.
    Open,
    /// Back to the table.
    Close,
    /// The reader's own verdict on the row selected; the same again takes it back.
    Own(Own),
    /// Side by side: swap left and right.
    Swap,
    /// Side by side: grey what both share, or not.
    Grey,
    /// Hide verdicts, or show them again.
    HideJudge,
    /// Search answers for a pattern.
    AddTest(String),
    /// Search for it no longer, by its place.
    RemoveTest(usize),
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    /// A Markdown table.
    Markdown,
    /// Comma-separated values.
    Csv,
    /// JSON.
    Json,
}

/// A chart of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chart {
    /// Pairs by P(B is better).
    Histogram,
    /// Win rates of the slices listed.
    Slices,
    /// Lengths, lists and text tests.
    Style,
}
