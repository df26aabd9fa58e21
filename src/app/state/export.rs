//! The export sheet.

use std::path::PathBuf;

use crate::domain::{LabelForm, Method, Recalibration, RunId};

/// Which file the rows go into.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, strum::EnumIter, strum::Display,
)]
pub enum FileKind {
    /// One JSON object a line.
    #[default]
    #[strum(to_string = "JSONL")]
    Jsonl,
    /// Columns, compressed.
    Parquet,
}

/// Which rows are exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportSource {
    /// Those of one run.
    Run(RunId),
    /// Those of all runs of this method, Try's included: for each prompt the newest row that has
    /// what the format needs.
    All(Method),
}

/// A source that can be exported, as the sheet lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLine {
    /// The rows.
    pub source: ExportSource,
    /// What it did and with what: `critique · general · 8 prompts`.
    pub title: String,
    /// When it was started, in the user's words; empty for several runs.
    pub started: String,
    /// Rows without a failure.
    pub rows: u64,
}

/// What the export sheet shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExportState {
    /// What can be exported, the newest first; `None` while they are being read.
    pub runs: Option<Vec<RunLine>>,
    /// The rows chosen.
    pub source: Option<ExportSource>,
    /// The format's name, such as `trl-sft`; empty: the first that fits.
    pub format: String,
    /// The file's kind.
    pub kind: FileKind,
    /// How a preference's probability becomes a label.
    pub labels: LabelForm,
    /// Where it goes: a folder; empty: the project's `exports/`.
    pub folder: String,
    /// Whether constitution, rubric and data card are written, too.
    pub with_configuration: bool,
    /// Whether answers that were cut off at their longest length are exported, too.
    pub keep_cut_off: bool,
    /// The judge whose map the probabilities are put through, by stem; `None`: they stay as they
    /// are.
    pub recalibrate: Option<String>,
    /// What it would write; `None` while that is being found out.
    pub preview: Option<Result<ExportPreview, String>>,
    /// The number of the newest preview asked for; older answers are left aside.
    pub preview_number: u64,
    /// What became of the last export.
    pub outcome: ExportOutcome,
}

/// A judge's map, as an export may apply it.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgeMap {
    /// The judge, by stem.
    pub judge: String,
    /// What people call it.
    pub name: String,
    /// The map.
    pub map: Recalibration,
}

/// Whether a judge's map can be applied to the rows chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MapFit {
    /// The judge, by stem.
    pub judge: String,
    /// What people call it.
    pub name: String,
    /// The map in a few words.
    pub words: String,
    /// Why it can't, where it can't.
    pub why_not: Option<String>,
}

/// What an export would write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportPreview {
    /// How many rows of the run become records.
    pub records: u64,
    /// How many of them have a text that a person rewrote.
    pub edited: u64,
    /// Why rows are left out, with how many.
    pub left_out: Vec<(String, u64)>,
    /// The first record's exact bytes; `None` when there is none.
    pub first: Option<String>,
    /// How many rows are left out because an answer of theirs was cut off.
    pub cut_off: u64,
    /// The folder that the files go to.
    pub target: PathBuf,
    /// The same export as a command line; empty when there is none.
    pub command_line: String,
    /// The maps of all judges that have one; none where the format writes no probability.
    pub maps: Vec<MapFit>,
}

/// What became of an export.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ExportOutcome {
    /// None yet.
    #[default]
    None,
    /// Being written.
    Writing,
    /// Written.
    Written {
        /// The files, the data first.
        files: Vec<PathBuf>,
        /// How many records.
        records: u64,
    },
    /// Failed.
    Failed {
        /// What happened.
        message: String,
        /// How to mend it.
        hint: String,
    },
}
