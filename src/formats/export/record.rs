//! Columns and records: one type a column over all rows and files.

use crate::domain::Message;

/// A column of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// What it holds: unit, range, what empty means.
    pub doc: &'static str,
}

/// A column's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, never null; empty where there is none.
    Text,
    /// A list of messages `{role, content}`.
    Messages,
    /// A number with fraction, or null.
    Number,
    /// A whole number.
    Whole,
    /// Yes or no.
    Flag,
    /// A list of `{criterion, unit, reading, reason}`.
    Verdicts,
}

/// A value of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// For [`Kind::Text`].
    Text(String),
    /// For [`Kind::Messages`].
    Messages(Vec<Message>),
    /// For [`Kind::Number`]; what is not finite is written as null.
    Number(Option<f64>),
    /// For [`Kind::Whole`].
    Whole(i64),
    /// For [`Kind::Flag`].
    Flag(bool),
    /// For [`Kind::Verdicts`].
    Verdicts(Vec<Verdict>),
}

/// One criterion's verdict, flat.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Verdict {
    /// The criterion's id.
    pub criterion: String,
    /// Unit score 0..=1, higher is better; `None` where the verdict could not be read.
    pub unit: Option<f64>,
    /// How it was read: `expected`, `parsed`, `sampled`, `unparsed`.
    pub reading: &'static str,
    /// The judge's reason; empty where none was asked for.
    pub reason: String,
}

/// What a row becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// One cell a column, in the columns' order.
    Cells(Vec<Cell>),
    /// A whole JSON object, for formats without columns.
    Whole(serde_json::Value),
}

/// A text column.
pub(super) const fn text(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: Kind::Text, doc }
}

/// A column of messages.
pub(super) const fn messages(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: Kind::Messages, doc }
}

/// A column of numbers.
pub(super) const fn number(name: &'static str, doc: &'static str) -> Column {
    Column { name, kind: Kind::Number, doc }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
