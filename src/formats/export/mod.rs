//! Exports: rows as data sets that other programs train on.
//!
//! Each format is a unit struct in [`FORMATS`]: it turns a row into records of flat, stable
//! columns, and says of what it leaves out why. [`write_records`] streams records into a file,
//! [`dataset`] lays out a folder that `datasets.load_dataset` opens, with its card.
//!
//! Never exported: an empty answer, a pair whose answers are equal, a prompt that does not end in
//! a user's turn, a failed row, a verdict that could not be read, a row that a person dropped.
//! Texts that a person rewrote are exported in place of the model's and counted by name.

mod card;
mod folder;
mod jsonl;
mod parquet;
mod preference;
mod prompt_completion;
mod prompts;
mod recalibrated;
mod record;
mod response;
mod rewards;
mod rows;
mod sft;
mod summary;

use std::borrow::Borrow;
use std::io::Write;

use serde::{Deserialize, Serialize};

use crate::domain::{LabelForm, Recalibration, Row};

pub use card::{About, card};
pub use folder::{DatasetFile, data_path, dataset};
pub use recalibrated::{has_probabilities, recalibrates};
pub use record::{Cell, Column, Kind, Record, Verdict};
pub use response::CUT_OFF;
pub use summary::Summary;

/// Which rows become records, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Options {
    /// How a preference probability is written.
    pub labels: LabelForm,
    /// A pair is left out when |p − ½| is below this; 0..=0.5, 0.05 by default (chosen by eye).
    pub drop_band: f64,
    /// Whether answers that were cut off at their longest length are exported all the same.
    pub keep_cut_off: bool,
    /// Whether chains give pairs: the last revision (chosen) over the draft (rejected).
    pub derive_pairs: bool,
    /// The judge's map that its probabilities go through, before they become labels and before the
    /// drop band; only of rows that the same judge judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recalibration: Option<Recalibration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            labels: LabelForm::Soft,
            drop_band: 0.05,
            keep_cut_off: false,
            derive_pairs: true,
            recalibration: None,
        }
    }
}

/// The kind of file that holds the records.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Default,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Container {
    /// JSON lines.
    #[default]
    Jsonl,
    /// Apache Parquet, compressed with Zstandard.
    Parquet,
}

/// A format that rows can be exported as.
pub trait Format: Sync {
    /// Short and unique, such as `trl-sft`.
    fn id(&self) -> &'static str;
    /// What people call it.
    fn title(&self) -> &'static str;
    /// One sentence, then which rows it takes and what each record holds.
    fn doc(&self) -> &'static str;
    /// The columns of every record, in order; empty where a record is a whole row.
    fn columns(&self) -> &'static [Column];
    /// The kinds of file it can be written as, the usual one first.
    fn containers(&self) -> &'static [Container] {
        &[Container::Jsonl, Container::Parquet]
    }
    /// The classes of task that data-set cards name, such as `text-generation`.
    fn task_categories(&self) -> &'static [&'static str] {
        &["text-generation"]
    }
    /// Python that loads (and trains on) the folder `DIR`, for the card.
    fn how_to_load(&self) -> &'static str;
    /// The records of one row, and what is left out of it.
    fn records(&self, row: &Row, options: &Options) -> Taken;
}

/// What a format takes of one row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Taken {
    /// The records.
    pub records: Vec<Record>,
    /// One reason for each thing left out.
    pub left_out: Vec<&'static str>,
    /// One remark for each record that is exported and deserves a look.
    pub flagged: Vec<&'static str>,
}

impl Taken {
    /// Nothing, for a reason.
    pub fn nothing(why: &'static str) -> Self {
        Self { left_out: vec![why], ..Self::default() }
    }
}

/// Why a row that a person dropped gives no record.
pub const DROPPED: &str = "dropped by hand";

/// Why a judging's row that measures the judge gives no record.
pub const ASKED_AGAIN: &str = "asked once more, to see whether the verdict stays";

/// The remark on a record with a text that a person rewrote.
pub const EDITED: &str = "a person rewrote a text of it";

/// What a format takes of one row, with what a person decided about it.
///
/// A row dropped by hand gives nothing, whatever the format. One in which a judge was asked about
/// an item once more, perhaps changed, gives nothing to train on, only itself where whole rows are
/// written.
pub fn take(format: &dyn Format, row: &Row, options: &Options) -> Taken {
    if row.by_hand.is_dropped {
        return Taken::nothing(DROPPED);
    }
    if row.prompt.is_asked_again() && !format.columns().is_empty() {
        return Taken::nothing(ASKED_AGAIN);
    }
    let mut taken = format.records(row, options);
    if !row.by_hand.edited.is_empty() {
        taken.flagged.extend(taken.records.iter().map(|_| EDITED));
    }
    taken
}

/// All formats, in the order of menus.
pub static FORMATS: &[&dyn Format] = &[
    &sft::TrlSft,
    &prompt_completion::TrlPromptCompletion,
    &preference::TrlPreference,
    &rewards::Rewards,
    &prompts::Prompts,
    &rows::Rows,
];

/// The format of that id.
pub fn format(id: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.id() == id)
}

/// Why an export can't be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No row gives a record.
    #[error("nothing to export as {format}: {why}")]
    Nothing {
        /// The format.
        format: &'static str,
        /// What was left out and why.
        why: String,
    },
    /// The format has no such kind of file.
    #[error("{format} can't be written as {container}; use {usual}")]
    Container {
        /// The format.
        format: &'static str,
        /// The kind asked for.
        container: Container,
        /// The usual kind.
        usual: Container,
    },
    /// The map of the options is none.
    #[error("the judge's recalibration is no map: fit it anew")]
    NoMap,
    /// The map of the options can't be applied to what the format writes.
    #[error("{format} can't be recalibrated: {why}")]
    NoProbabilities {
        /// The format.
        format: &'static str,
        /// Why not.
        why: &'static str,
    },
    /// Another judge judged the rows than the one whose map it is.
    #[error(
        "the rows were judged by {rows}, and the map was fitted to what {map} said: name that judge \
         in the recipe and run it again (what the journal has costs nothing)"
    )]
    OtherJudge {
        /// Who judged the rows.
        rows: String,
        /// Whose map it is.
        map: String,
    },
    /// The rewards are no probabilities of being met.
    #[error(
        "rewards of several criteria or of a scale are no probabilities of being met, so no map \
         of probabilities can be applied to them"
    )]
    SeveralCriteria,
    /// The file can't be written.
    #[error("the records can't be written")]
    Io(#[from] std::io::Error),
    /// The Parquet writer refuses.
    #[error("the Parquet file can't be written")]
    Parquet(#[from] ::parquet::errors::ParquetError),
    /// A batch of columns does not fit together.
    #[error("the columns do not fit together")]
    Arrow(#[from] arrow_schema::ArrowError),
    /// A row can't be written as JSON.
    #[error("a row can't be written as JSON")]
    Json(#[from] serde_json::Error),
}

/// Streams the records of all rows into one file, and tells what was written and what was not.
///
/// An export without any record leaves the file empty of records: look at
/// [`Summary::records`].
///
/// # Errors
///
/// [`ExportError::Container`] before anything is written; otherwise whatever the writer says.
pub fn write_records<I, W>(
    format: &'static dyn Format,
    container: Container,
    rows: I,
    options: &Options,
    out: W,
) -> Result<Summary, ExportError>
where
    I: IntoIterator,
    I::Item: Borrow<Row>,
    W: Write + Send,
{
    if !format.containers().contains(&container) {
        let usual = format.containers().first().copied().unwrap_or_default();
        return Err(ExportError::Container { format: format.id(), container, usual });
    }
    let mut writer = match container {
        Container::Jsonl => Writer::Jsonl(jsonl::Lines::new(format.columns(), out)),
        Container::Parquet => {
            Writer::Parquet(Box::new(parquet::Table::new(format.columns(), out)?))
        }
    };
    let mut summary = Summary::new(format.id());
    for row in rows {
        let row = row.borrow();
        recalibrated::check(format, row, options)?;
        let taken = take(format, row, options);
        summary.count(row, &taken);
        for record in &taken.records {
            match &mut writer {
                Writer::Jsonl(lines) => lines.push(record)?,
                Writer::Parquet(table) => table.push(record)?,
            }
        }
    }
    match writer {
        Writer::Jsonl(lines) => lines.finish()?,
        Writer::Parquet(table) => table.finish()?,
    }
    Ok(summary)
}

enum Writer<W: Write + Send> {
    Jsonl(jsonl::Lines<W>),
    Parquet(Box<parquet::Table<W>>),
}

/// The exact bytes of the first line of the JSON-lines export; `None` where no row gives one.
///
/// # Errors
///
/// A row that can't be written as JSON.
pub fn first_line<I>(
    format: &dyn Format,
    rows: I,
    options: &Options,
) -> Result<Option<String>, ExportError>
where
    I: IntoIterator,
    I::Item: Borrow<Row>,
{
    for row in rows {
        let row = row.borrow();
        recalibrated::check(format, row, options)?;
        if let Some(record) = take(format, row, options).records.first() {
            let mut line = jsonl::line(format.columns(), record)?;
            line.push('\n');
            return Ok(Some(line));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod asked_again_tests;
#[cfg(test)]
mod recalibrated_tests;
#[cfg(test)]
mod tests;
