//! Whole rows with everything in them, for people's own scripts.

use super::record::{Column, Record};
use super::{Container, Format, Options, Taken};
use crate::domain::Row;

/// One row a line, as Preamble keeps it.
pub(super) struct Rows;

impl Format for Rows {
    fn id(&self) -> &'static str {
        "rows"
    }

    fn title(&self) -> &'static str {
        "Whole rows (JSON)"
    }

    fn doc(&self) -> &'static str {
        "Every row as it is kept: prompt, chain, pair, scores, failure, tokens, provenance.\n\n\
         Takes all rows, failed ones as well. Keys that a row has nothing for are absent, so it is \
         meant for scripts and not for a trainer."
    }

    fn columns(&self) -> &'static [Column] {
        &[]
    }

    fn containers(&self) -> &'static [Container] {
        &[Container::Jsonl]
    }

    fn how_to_load(&self) -> &'static str {
        "import json\n\nrows = [json.loads(line) for line in open(\"DIR/data/train.jsonl\")]"
    }

    fn records(&self, row: &Row, _options: &Options) -> Taken {
        match serde_json::to_value(row) {
            Ok(value) => Taken { records: vec![Record::Whole(value)], ..Taken::default() },
            Err(_) => Taken::nothing("the row can't be written as JSON"),
        }
    }
}
