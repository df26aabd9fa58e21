//! Prompts from other people's files.

mod dialogues;
mod mt_bench;
mod parquet;
mod record;
mod records;
mod table;
mod text;

use super::{Confidence, Format, Imported, Source, stem};
use crate::domain::{Problem, PromptSet};

pub(super) use dialogues::turns;
pub(super) use record::{Collector, PROMPT_COLUMNS, prompt_of};
pub(super) use table::{each_row, separator};

/// The formats of prompt sets, in the order of preference.
pub static FORMATS: &[&dyn Format<PromptSet>] = &[
    &parquet::Parquet,
    &mt_bench::MtBench,
    &dialogues::Dialogues,
    &records::Records,
    &table::Table,
    &text::Text,
];
