//! Parquet that `datasets` and pyarrow load as it is: plain types, Zstandard, small row groups.

use std::io::Write;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder,
    StructBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::ExportError;
use super::record::{Cell, Column, Kind, Record};

/// Records in one batch, and in one row group: small enough to page through (chosen by eye).
const BATCH: usize = 1000;

/// The most bytes of a row group, uncompressed.
const GROUP_BYTES: usize = 64 << 20;

/// Writes records as one Parquet file.
pub(super) struct Table<W: Write + Send> {
    columns: &'static [Column],
    schema: SchemaRef,
    waiting: Vec<Vec<Cell>>,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> Table<W> {
    pub(super) fn new(columns: &'static [Column], out: W) -> Result<Self, ExportError> {
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| {
                let nullable = column.kind == Kind::Number;
                Field::new(column.name, data_type(column.kind), nullable)
            })
            .collect();
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(BATCH * 10))
            .set_max_row_group_bytes(Some(GROUP_BYTES))
            .set_created_by("preamble".to_owned())
            .build();
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties))?;
        Ok(Self { columns, schema, waiting: Vec::new(), writer })
    }

    pub(super) fn push(&mut self, record: &Record) -> Result<(), ExportError> {
        let Record::Cells(cells) = record else {
            return Err(ArrowError::SchemaError("a whole row has no columns".to_owned()).into());
        };
        self.waiting.push(cells.clone());
        if self.waiting.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<(), ExportError> {
        self.flush()?;
        self.writer.close()?;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), ExportError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let arrays = self
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| array(column, rows.iter().map(|cells| cells.get(at))))
            .collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), arrays)?;
        self.writer.write(&batch)?;
        Ok(())
    }
}

fn message_fields() -> Fields {
    Fields::from(vec![
        Field::new("role", DataType::Utf8, false),
        Field::new("content", DataType::Utf8, false),
    ])
}

fn verdict_fields() -> Fields {
    Fields::from(vec![
        Field::new("criterion", DataType::Utf8, false),
        Field::new("unit", DataType::Float64, true),
        Field::new("reading", DataType::Utf8, false),
        Field::new("reason", DataType::Utf8, false),
    ])
}

fn item(fields: Fields) -> Field {
    Field::new("element", DataType::Struct(fields), false)
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Messages => DataType::List(Arc::new(item(message_fields()))),
        Kind::Number => DataType::Float64,
        Kind::Whole => DataType::Int64,
        Kind::Flag => DataType::Boolean,
        Kind::Verdicts => DataType::List(Arc::new(item(verdict_fields()))),
    }
}

fn array<'c>(
    column: &Column,
    cells: impl Iterator<Item = Option<&'c Cell>>,
) -> Result<ArrayRef, ArrowError> {
    let wrong = || ArrowError::SchemaError(format!("a record does not fit column {}", column.name));
    match column.kind {
        Kind::Text => {
            let mut builder = StringBuilder::new();
            for cell in cells {
                let Some(Cell::Text(text)) = cell else { return Err(wrong()) };
                builder.append_value(text);
            }
            Ok(Arc::new(builder.finish()))
        }
        Kind::Number => {
            let mut builder = Float64Builder::new();
            for cell in cells {
                let Some(Cell::Number(number)) = cell else { return Err(wrong()) };
                builder.append_option(number.filter(|number| number.is_finite()));
            }
            Ok(Arc::new(builder.finish()))
        }
        Kind::Whole => {
            let mut builder = Int64Builder::new();
            for cell in cells {
                let Some(Cell::Whole(number)) = cell else { return Err(wrong()) };
                builder.append_value(*number);
            }
            Ok(Arc::new(builder.finish()))
        }
        Kind::Flag => {
            let mut builder = BooleanBuilder::new();
            for cell in cells {
                let Some(Cell::Flag(yes)) = cell else { return Err(wrong()) };
                builder.append_value(*yes);
            }
            Ok(Arc::new(builder.finish()))
        }
        Kind::Messages => {
            let mut builder = list(message_fields());
            for cell in cells {
                let Some(Cell::Messages(messages)) = cell else { return Err(wrong()) };
                for message in messages {
                    let structs = builder.values();
                    put_text(structs, 0, &message.role.to_string()).ok_or_else(wrong)?;
                    put_text(structs, 1, &message.content).ok_or_else(wrong)?;
                    structs.append(true);
                }
                builder.append(true);
            }
            Ok(Arc::new(builder.finish()))
        }
        Kind::Verdicts => {
            let mut builder = list(verdict_fields());
            for cell in cells {
                let Some(Cell::Verdicts(verdicts)) = cell else { return Err(wrong()) };
                for verdict in verdicts {
                    let structs = builder.values();
                    put_text(structs, 0, &verdict.criterion).ok_or_else(wrong)?;
                    let unit = structs.field_builder::<Float64Builder>(1).ok_or_else(wrong)?;
                    unit.append_option(verdict.unit.filter(|unit| unit.is_finite()));
                    put_text(structs, 2, verdict.reading).ok_or_else(wrong)?;
                    put_text(structs, 3, &verdict.reason).ok_or_else(wrong)?;
                    structs.append(true);
                }
                builder.append(true);
            }
            Ok(Arc::new(builder.finish()))
        }
    }
}

fn list(fields: Fields) -> ListBuilder<StructBuilder> {
    let builders: Vec<Box<dyn ArrayBuilder>> = fields
        .iter()
        .map(|field| -> Box<dyn ArrayBuilder> {
            match field.data_type() {
                DataType::Float64 => Box::new(Float64Builder::new()),
                _ => Box::new(StringBuilder::new()),
            }
        })
        .collect();
    let field = item(fields.clone());
    ListBuilder::new(StructBuilder::new(fields, builders)).with_field(field)
}

fn put_text(structs: &mut StructBuilder, at: usize, text: &str) -> Option<()> {
    structs.field_builder::<StringBuilder>(at)?.append_value(text);
    Some(())
}
