//! A data set as a folder that `datasets.load_dataset` opens.

use std::borrow::Borrow;

use super::{About, Container, ExportError, Format, Options, Summary, card, write_records};
use crate::domain::Row;

/// One file of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetFile {
    /// Its path inside the folder, with `/`.
    pub path: &'static str,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// Where the records of a kind of file stand inside the folder.
pub fn data_path(container: Container) -> &'static str {
    match container {
        Container::Jsonl => "data/train.jsonl",
        Container::Parquet => "data/train-00000-of-00001.parquet",
    }
}

/// Lays out a data set: the records and `README.md`, its card.
///
/// Nothing is written when no row gives a record, so that a failed export can't stand for an
/// empty one.
///
/// # Errors
///
/// [`ExportError::Nothing`] with what was left out and why; others as [`write_records`].
pub fn dataset<I>(
    format: &'static dyn Format,
    container: Container,
    rows: I,
    options: &Options,
    about: &About,
) -> Result<(Vec<DatasetFile>, Summary), ExportError>
where
    I: IntoIterator,
    I::Item: Borrow<Row>,
{
    let mut bytes = Vec::new();
    let summary = write_records(format, container, rows, options, &mut bytes)?;
    if summary.records == 0 {
        let why = match summary.rows {
            0 => "the run has no rows".to_owned(),
            _ => summary.left_out_line(),
        };
        return Err(ExportError::Nothing { format: format.id(), why });
    }
    let card = card(format, container, &summary, options, about);
    let files = vec![
        DatasetFile { path: "README.md", bytes: card.into_bytes() },
        DatasetFile { path: data_path(container), bytes },
    ];
    Ok((files, summary))
}
