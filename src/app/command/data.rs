//! Commands: rows of a run as a dataset.

use crate::app::state::data::DataFilter;
use crate::domain::{Part, RunId};

/// Rows of a run as a dataset.
#[derive(Debug, Clone, PartialEq)]
pub enum DataCommand {
    /// Show a run's rows.
    Run(RunId),
    /// Let other rows through.
    Filter(Box<DataFilter>),
    /// Look at a row, by its place among the run's prompts.
    Select(u64),
    /// Keep a row, or drop it from exports.
    Keep {
        /// Its place among the run's prompts.
        position: u64,
        /// Whether exports take it.
        is_kept: bool,
    },
    /// Drop all rows that are let through; again takes that back.
    KeepAll,
    /// Begin to rewrite a text of the row looked at.
    BeginEdit(Part),
    /// Leave the text being rewritten.
    EndEdit,
    /// Export a person's text in place of the model's; `None`: the model's again.
    Edit {
        /// The row's place among the run's prompts.
        position: u64,
        /// Which text.
        part: Part,
        /// The text.
        text: Option<String>,
    },
    /// Copy the row looked at.
    Copy(CopyAs),
    /// Show the row's prompt in Try.
    OpenPrompt,
    /// Export the run's rows.
    Export,
}

/// What a row is copied as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter, strum::Display)]
pub enum CopyAs {
    /// For documents.
    Markdown,
    /// As it is kept.
    #[strum(to_string = "JSON")]
    Json,
    /// For tables: prompt, answers, value.
    #[strum(to_string = "CSV")]
    Csv,
}
