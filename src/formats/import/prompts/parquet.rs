//! Parquet tables with a text or a list of messages as prompt.

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Float32Type, Float64Type, Int32Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Map, Value, json};

use super::{Collector, Confidence, Format, Imported, Problem, PromptSet, Source};
use crate::formats::import::LARGEST_UNPACKED;
use crate::formats::lenient::{self, MOST_RECORDS};

/// A table with one of the usual prompt columns.
pub(super) struct Parquet;

impl Format<PromptSet> for Parquet {
    fn id(&self) -> &'static str {
        "parquet"
    }
    fn title(&self) -> &'static str {
        "Parquet"
    }
    fn doc(&self) -> &'static str {
        "A table with a prompt as text or as a list of messages.\n\nColumns of texts, numbers, \
         yes or no, and lists and structures of them are kept; others are left out and named."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["parquet"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        if source.bytes.starts_with(b"PAR1") { Confidence::Sure } else { Confidence::No }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<PromptSet>, Problem> {
        // The reader asserts on some damaged files instead of saying so.
        let bytes = source.bytes.to_vec();
        let rows = std::panic::catch_unwind(|| rows(bytes)).unwrap_or_else(|_| {
            Err(Problem::error("file", "the Parquet file is damaged", "get it again"))
        })?;
        let mut collector = Collector::new();
        for (index, fields) in rows.into_iter().enumerate() {
            collector.record(format!("row {}", index + 1), fields);
        }
        collector.finish(self.id(), source)
    }
}

fn rows(bytes: Vec<u8>) -> Result<Vec<Map<String, Value>>, Problem> {
    let damaged = |error: &dyn std::fmt::Display| {
        Problem::error("file", format!("the Parquet file can't be read: {error}"), "get it again")
    };
    let too_large = || {
        Problem::error(
            "file",
            "the Parquet table is too large to import at once",
            "import a part of it",
        )
    };
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))
        .map_err(|error| damaged(&error))?;
    let meta = builder.metadata();
    let unpacked: i64 = meta.row_groups().iter().map(|group| group.total_byte_size().max(0)).sum();
    let n_rows = usize::try_from(meta.file_metadata().num_rows()).unwrap_or_default();
    if n_rows > MOST_RECORDS {
        return Err(lenient::too_many(1, n_rows));
    }
    if unpacked as u64 > LARGEST_UNPACKED {
        return Err(too_large());
    }
    let reader = builder.with_batch_size(1024).build().map_err(|error| damaged(&error))?;
    let mut found = Vec::new();
    for batch in reader {
        let batch = batch.map_err(|error| damaged(&error))?;
        if found.len() + batch.num_rows() > MOST_RECORDS {
            return Err(too_large());
        }
        found.extend((0..batch.num_rows()).map(|row| fields(&batch, row)));
    }
    Ok(found)
}

fn fields(batch: &RecordBatch, row: usize) -> Map<String, Value> {
    let schema = batch.schema();
    let names = schema.fields().iter().map(|field| field.name().clone());
    names
        .zip(batch.columns())
        .filter_map(|(name, column)| Some((name, value(column.as_ref(), row)?)))
        .filter(|(_, value)| !value.is_null())
        .collect()
}

/// A cell as JSON; `None` for types that are not understood.
fn value(array: &dyn Array, row: usize) -> Option<Value> {
    if array.is_null(row) {
        return Some(Value::Null);
    }
    Some(match array.data_type() {
        DataType::Utf8 => json!(array.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => json!(array.as_string::<i64>().value(row)),
        DataType::Utf8View => json!(array.as_string_view().value(row)),
        DataType::Boolean => json!(array.as_boolean().value(row)),
        DataType::Int32 => json!(array.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => json!(array.as_primitive::<Int64Type>().value(row)),
        DataType::Float32 => json!(array.as_primitive::<Float32Type>().value(row)),
        DataType::Float64 => json!(array.as_primitive::<Float64Type>().value(row)),
        DataType::List(_) => list(array.as_list::<i32>().value(row).as_ref())?,
        DataType::LargeList(_) => list(array.as_list::<i64>().value(row).as_ref())?,
        DataType::Struct(fields) => {
            let columns = array.as_struct();
            let object: Map<String, Value> = fields
                .iter()
                .zip(columns.columns())
                .filter_map(|(field, column)| {
                    Some((field.name().clone(), value(column.as_ref(), row)?))
                })
                .collect();
            Value::Object(object)
        }
        _ => return None,
    })
}

fn list(items: &dyn Array) -> Option<Value> {
    (0..items.len())
        .map(|item| value(items, item))
        .collect::<Option<Vec<Value>>>()
        .map(Value::Array)
}
