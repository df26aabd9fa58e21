//! The rows of a file as a stream: JSON lines, CSV and TSV, packed or not. One row is held at a time,
//! and none that is longer than a prompt can be.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Source, unpack};
use crate::domain::Problem;
use crate::formats::lenient::{LONGEST_RECORD, at_line, too_long};

/// One row as it goes by.
pub(super) enum Row<'r> {
    Line(&'r [u8]),
    Cells(&'r csv::ByteRecord, u8),
    /// A line of so many bytes, which nobody reads.
    Long(usize),
}

impl Row<'_> {
    /// What is written of it, without the line's end.
    pub(super) fn bytes(&self, line: usize) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Line(bytes) => Ok(bytes.to_vec()),
            Self::Cells(cells, separator) => Ok(written(cells, *separator)),
            Self::Long(bytes) => Err(at_line(line, too_long(*bytes), "shorten it, or take it out")),
        }
    }
}

/// A table's row in CSV again.
fn written(cells: &csv::ByteRecord, separator: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .buffer_capacity(cells.as_slice().len() + 64)
        .from_writer(Vec::new());
    // Writing to memory does not fail.
    writer.write_byte_record(cells).ok();
    let mut row = writer.into_inner().unwrap_or_default();
    while row.last() == Some(&b'\n') {
        row.pop();
    }
    row
}

/// A file of rows, unpacked as it goes by.
pub(super) struct Rows<'r> {
    file: Box<dyn BufRead + 'r>,
    /// The name without `.gz` or `.zst`.
    pub(super) name: String,
    /// What separates a table's cells; `None`: each line is JSON.
    separator: Option<u8>,
    /// A table's first row with its line's end; empty for JSON lines.
    header: Vec<u8>,
    /// Whether its first line ends with CRLF; then the others of a table do, too.
    has_crlf: bool,
    counted: Arc<AtomicU64>,
}

impl<'r> Rows<'r> {
    pub(super) fn of(file: impl Read + 'r, name: &str) -> Result<Option<Self>, Problem> {
        let packed = BufReader::with_capacity(1 << 16, file);
        let (file, name) = unpack::stream(packed, name)?;
        let counted = Arc::new(AtomicU64::new(0));
        let counting = Counting { inner: file, counted: Arc::clone(&counted) };
        let mut file = BufReader::with_capacity(1 << 16, counting);
        if file.fill_buf().map_err(unreadable)?.starts_with(b"\xef\xbb\xbf") {
            file.consume(3);
        }
        // The first line with something in it says what the file is.
        let mut head = Vec::new();
        let mut from = 0;
        while head[from..].iter().all(u8::is_ascii_whitespace) {
            from = head.len();
            if from > LONGEST_RECORD {
                return Ok(None);
            }
            let mut line = file.by_ref().take(LONGEST_RECORD as u64);
            if line.read_until(b'\n', &mut head).map_err(unreadable)? == 0 {
                return Ok(None);
            }
        }
        let first = &head[from..];
        let separator = if (Source { bytes: first, name }).ends_with(&["csv", "tsv"]) {
            Some(super::prompts::separator(first))
        } else {
            let is_object = first.trim_ascii_start().starts_with(b"{");
            if !(is_object && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok()) {
                return Ok(None);
            }
            None
        };
        let has_crlf = first.ends_with(b"\r\n");
        let file = Box::new(Cursor::new(head).chain(file));
        let (name, header) = (name.to_owned(), Vec::new());
        Ok(Some(Self { file, name, separator, header, has_crlf, counted }))
    }

    /// A table's first row with its line's end, once it has gone by; empty for JSON lines.
    pub(super) fn header(&self) -> &[u8] {
        &self.header
    }

    /// Bytes that have gone by.
    pub(super) fn read(&self) -> u64 {
        self.counted.load(Ordering::Relaxed)
    }

    /// Hands out each row with the line that it begins in.
    pub(super) fn each(&mut self, take: &mut Take<'_>) -> Result<(), Problem> {
        match self.separator {
            Some(separator) => self.each_of_table(separator, take),
            None => self.each_line(take),
        }
    }

    fn each_line(&mut self, take: &mut Take<'_>) -> Result<(), Problem> {
        /// With the line's end.
        const MOST: u64 = LONGEST_RECORD as u64 + 2;
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            let mut bytes =
                self.file.by_ref().take(MOST).read_until(b'\n', &mut line).map_err(unreadable)?;
            if bytes == 0 {
                return Ok(());
            }
            number += 1;
            let row = line.strip_suffix(b"\n").unwrap_or(&line);
            let row = row.strip_suffix(b"\r").unwrap_or(row);
            let taken = if row.len() > LONGEST_RECORD {
                while !line.ends_with(b"\n") {
                    line.clear();
                    let mut more = self.file.by_ref().take(1 << 20);
                    match more.read_until(b'\n', &mut line).map_err(unreadable)? {
                        0 => break,
                        read => bytes += read,
                    }
                }
                take(number, Row::Long(bytes))?
            } else if row.iter().all(u8::is_ascii_whitespace) {
                continue;
            } else {
                take(number, Row::Line(row))?
            };
            if taken.is_break() {
                return Ok(());
            }
        }
    }

    fn each_of_table(&mut self, separator: u8, take: &mut Take<'_>) -> Result<(), Problem> {
        let left = Arc::new(AtomicU64::new(0));
        let rationed = Rationed { inner: &mut self.file, left: Arc::clone(&left) };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(rationed);
        let mut cells = csv::ByteRecord::new();
        let mut is_header = true;
        loop {
            left.store(2 * LONGEST_RECORD as u64, Ordering::Relaxed);
            let line = reader.position().line() as usize;
            let broken = |error: csv::Error| {
                let hint = "check the quotes: one that is never closed makes one row of the rest";
                at_line(line, format!("the table is broken: {error}"), hint)
            };
            if !reader.read_byte_record(&mut cells).map_err(broken)? {
                return Ok(());
            }
            // The reader's line is that of the line end before the row, where that is a CRLF.
            let behind = usize::from(self.has_crlf && !is_header);
            let line = cells.position().map_or(line, |at| at.line() as usize) + behind;
            if std::mem::take(&mut is_header) {
                self.header = written(&cells, separator);
                self.header.push(b'\n');
                continue;
            }
            let row = match cells.as_slice().len() {
                bytes if bytes > LONGEST_RECORD => Row::Long(bytes),
                _ => Row::Cells(&cells, separator),
            };
            if take(line, row)?.is_break() {
                return Ok(());
            }
        }
    }
}

/// Takes a row with its line, and says whether to go on.
pub(super) type Take<'t> = dyn FnMut(usize, Row<'_>) -> Result<ControlFlow<()>, Problem> + 't;

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn unreadable(error: io::Error) -> Problem {
    Problem::error("file", format!("it can't be read: {error}"), "get it again")
}

/// Counts what goes by.
struct Counting<R> {
    inner: R,
    counted: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.counted.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// Gives no more bytes than one row may take, so that a quote that is never closed does not fill
/// the memory.
struct Rationed<R> {
    inner: R,
    left: Arc<AtomicU64>,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let left = self.left.load(Ordering::Relaxed);
        if read as u64 > left {
            return Err(io::Error::other(too_long(2 * LONGEST_RECORD)));
        }
        self.left.store(left - read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
