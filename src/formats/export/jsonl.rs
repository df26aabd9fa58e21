//! JSON lines: UTF-8, `\n`, one object a line, the same keys in each, no NaN, a final line end.

use std::io::{BufWriter, Write};

use serde_json::{Map, Value, json};

use super::ExportError;
use super::record::{Cell, Column, Record};

/// Writes records as JSON lines.
pub(super) struct Lines<W: Write> {
    columns: &'static [Column],
    out: BufWriter<W>,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(columns: &'static [Column], out: W) -> Self {
        Self { columns, out: BufWriter::new(out) }
    }

    pub(super) fn push(&mut self, record: &Record) -> Result<(), ExportError> {
        let line = line(self.columns, record)?;
        self.out.write_all(line.as_bytes())?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<(), ExportError> {
        self.out.flush()?;
        Ok(())
    }
}

/// One record as a line, without its line end.
pub(super) fn line(columns: &[Column], record: &Record) -> Result<String, ExportError> {
    let cells = match record {
        Record::Whole(value) => return Ok(serde_json::to_string(value)?),
        Record::Cells(cells) => cells,
    };
    let object: Map<String, Value> = columns
        .iter()
        .zip(cells)
        .map(|(column, cell)| (column.name.to_owned(), value(cell)))
        .collect();
    Ok(serde_json::to_string(&object)?)
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => json!(text),
        Cell::Messages(messages) => json!(messages),
        // serde_json writes what is not finite as null.
        Cell::Number(number) => json!(number),
        Cell::Whole(number) => json!(number),
        Cell::Flag(yes) => json!(yes),
        Cell::Verdicts(verdicts) => json!(verdicts),
    }
}
