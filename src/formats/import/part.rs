//! A part of a file that has more rows than are read at once: its first, or some drawn at random.
//!
//! The file goes by as a stream, so that memory holds what is taken and one row more. Only files
//! with a row for each record can be taken apart so: JSON lines, CSV and TSV, packed or not. What
//! is not taken is not looked at, so a fault in it is not found.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::{Imported, LARGEST_UNPACKED, prompt_set, unpack};
use crate::domain::{Problem, Prompt, PromptSet};
use crate::formats::lenient::{self, LONGEST_RECORD, at_line, too_long};

/// The most rows that are read from one file.
pub const MOST_ROWS: usize = lenient::MOST_RECORDS;

/// Which of a file's rows are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The first so many.
    First(usize),
    /// So many, each as likely as any other, in the file's order.
    Random {
        /// How many.
        rows: usize,
        /// The same seed draws the same rows of the same file.
        seed: u64,
    },
}

impl Part {
    /// How many rows are wanted.
    pub fn rows(self) -> usize {
        match self {
            Self::First(rows) | Self::Random { rows, .. } => rows,
        }
    }
}

/// How large a file of rows is, unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Rows that are not blank; of a table without its header.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

impl Size {
    /// Whether it is not read whole.
    pub fn is_too_large(self) -> bool {
        self.rows > MOST_ROWS as u64 || self.bytes > LARGEST_UNPACKED
    }

    /// Why it is not read whole: what it has, and what is read at most.
    pub fn refusal(self) -> String {
        let (rows, most) = (grouped(self.rows), grouped(MOST_ROWS as u64));
        let (bytes, largest) = (self.bytes.div_ceil(1 << 20), LARGEST_UNPACKED >> 20);
        format!(
            "it has {rows} rows and {bytes} MB, and at most {most} rows and {largest} MB are read \
             at once"
        )
    }
}

/// A whole number with its thousands set apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How large a file is that has a row for each record; `None`: it is no such file.
///
/// # Errors
///
/// It can't be read or unpacked.
pub fn size(file: impl Read, name: &str) -> Result<Option<Size>, Problem> {
    let Some(mut rows) = Rows::of(file, name)? else { return Ok(None) };
    let mut count = 0;
    rows.each(&mut |_, _| {
        count += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Some(Size { rows: count, bytes: rows.read() }))
}

/// Imports a part of a prompt set's rows, as [`prompt_set`] does the whole; `None`: the file has
/// not a row for each record, so it is read whole or not at all.
///
/// # Errors
///
/// Why the file, or what was taken of it, is refused; lines are those of the file.
pub fn prompt_part(
    file: impl Read,
    name: &str,
    format: Option<&str>,
    part: Part,
) -> Result<Option<Imported<PromptSet>>, Problem> {
    if part.rows() == 0 || part.rows() > MOST_ROWS {
        let what = format!("{} rows can't be taken", grouped(part.rows() as u64));
        let hint = format!("take 1 to {}", grouped(MOST_ROWS as u64));
        return Err(Problem::error("file", what, &hint));
    }
    let Some(mut rows) = Rows::of(file, name)? else { return Ok(None) };
    let taken = take(&mut rows, part)?;
    let mut imported = match prompt_set(&taken.bytes, &rows.name, format) {
        Ok(imported) => imported,
        Err(mut problem) => {
            problem.place = taken.of_file(&problem.place);
            if let Some((line, _)) = &mut problem.position {
                *line = taken.line_of_file(*line);
            }
            return Err(problem);
        }
    };
    for (place, _) in &mut imported.dropped {
        *place = taken.of_file(place);
    }
    let told = told(part, taken.lines.len() as u64, taken.found, "rows");
    imported.notes.insert(0, told);
    Ok(Some(imported))
}

/// What was taken.
struct Taken {
    /// As a file of its own.
    bytes: Vec<u8>,
    /// Where each row begins in that file and in the whole one, both ascending.
    lines: Vec<(usize, usize)>,
    /// Rows of the whole file; `None`: it was not read to its end.
    found: Option<u64>,
}

impl Taken {
    fn line_of_file(&self, line: usize) -> usize {
        let at = self.lines.partition_point(|(ours, _)| *ours <= line);
        match at.checked_sub(1).and_then(|at| self.lines.get(at)) {
            Some((ours, theirs)) => theirs + (line - ours),
            None => line,
        }
    }

    /// The place of an importer, such as `record 3`, as it is in the whole file.
    fn of_file(&self, place: &str) -> String {
        match place.rsplit_once(' ').map(|(word, number)| (word, number.parse::<usize>())) {
            Some((word, Ok(number))) => format!("{word} {}", self.line_of_file(number)),
            _ => place.to_owned(),
        }
    }
}

fn take(rows: &mut Rows<'_>, part: Part) -> Result<Taken, Problem> {
    let mut kept: Vec<(usize, Vec<u8>)> = Vec::new();
    let mut bytes = 0_usize;
    let mut draw = Draw::new(part);
    let mut is_cut = false;
    rows.each(&mut |line, row| {
        let place = match draw.next() {
            Drawn::At(place) => place,
            Drawn::NotKept => return Ok(ControlFlow::Continue(())),
            Drawn::Full => {
                is_cut = true;
                return Ok(ControlFlow::Break(()));
            }
        };
        let row = row.bytes(line)?;
        bytes += row.len();
        match kept.get_mut(place) {
            Some(old) => {
                bytes -= old.1.len();
                *old = (line, row);
            }
            None => kept.push((line, row)),
        }
        if bytes as u64 > LARGEST_UNPACKED {
            let what = format!("what is taken has more than {} MB", LARGEST_UNPACKED >> 20);
            return Err(at_line(line, what, "take fewer rows"));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    kept.sort_unstable_by_key(|(line, _)| *line);
    let mut whole = rows.header.clone();
    let mut line = 1 + rows.header.iter().filter(|byte| **byte == b'\n').count();
    let mut lines = Vec::with_capacity(kept.len());
    for (theirs, row) in kept {
        lines.push((line, theirs));
        line += 1 + row.iter().filter(|byte| **byte == b'\n').count();
        whole.extend(row);
        whole.push(b'\n');
    }
    Ok(Taken { bytes: whole, lines, found: (!is_cut).then_some(draw.seen) })
}

/// Keeps a part of prompts that were read whole; what to tell of it.
pub fn keep(prompts: &mut Vec<Prompt>, part: Part) -> String {
    let found = prompts.len() as u64;
    let mut kept: Vec<(usize, Prompt)> = Vec::new();
    let mut draw = Draw::new(part);
    for at in std::mem::take(prompts).into_iter().enumerate() {
        match draw.next() {
            Drawn::At(place) if place < kept.len() => kept[place] = at,
            Drawn::At(_) => kept.push(at),
            Drawn::NotKept => {}
            Drawn::Full => break,
        }
    }
    kept.sort_unstable_by_key(|(place, _)| *place);
    prompts.extend(kept.into_iter().map(|(_, prompt)| prompt));
    told(part, prompts.len() as u64, Some(found), "prompts")
}

/// Chooses which rows are kept, as they go by.
struct Draw {
    part: Part,
    random: ChaCha8Rng,
    /// Rows so far.
    seen: u64,
}

/// What becomes of the next row.
enum Drawn {
    /// It is kept at this place, instead of the one that is there.
    At(usize),
    /// It is not kept.
    NotKept,
    /// It is not kept, and none after it is.
    Full,
}

impl Draw {
    fn new(part: Part) -> Self {
        let seed = match part {
            Part::First(_) => 0,
            Part::Random { seed, .. } => seed,
        };
        Self { part, random: ChaCha8Rng::seed_from_u64(seed), seen: 0 }
    }

    /// Algorithm R (Vitter 1985, Random Sampling with a Reservoir, section 2): the n-th row is kept
    /// with the probability k/n, in the place of one of the k.
    fn next(&mut self) -> Drawn {
        let before = self.seen;
        self.seen += 1;
        if before < self.part.rows() as u64 {
            return Drawn::At(before as usize);
        }
        match self.part {
            Part::First(_) => Drawn::Full,
            Part::Random { rows, .. } => {
                // The high half of the product is in 0..seen, evenly but for one part in 2^40.
                let product = u128::from(self.random.next_u64()) * u128::from(self.seen);
                match (product >> 64) as usize {
                    place if place < rows => Drawn::At(place),
                    _ => Drawn::NotKept,
                }
            }
        }
    }
}

/// What was taken, in words.
fn told(part: Part, taken: u64, found: Option<u64>, what: &str) -> String {
    let rows = grouped(taken);
    match (part, found) {
        (_, Some(found)) if found == taken => format!("All {rows} {what} were taken."),
        (Part::Random { seed, .. }, Some(found)) => {
            format!(
                "{rows} of {} {what} were drawn at random with the seed {seed}.",
                grouped(found)
            )
        }
        (_, Some(found)) => format!("The first {rows} of {} {what} were taken.", grouped(found)),
        (_, None) => {
            format!("The first {rows} {what} were taken, and those after them not looked at.")
        }
    }
}

/// One row as it goes by.
enum Row<'r> {
    Line(&'r [u8]),
    Cells(&'r csv::ByteRecord, u8),
    /// A line of so many bytes, which nobody reads.
    Long(usize),
}

impl Row<'_> {
    /// What is written of it, without the line's end.
    fn bytes(&self, line: usize) -> Result<Vec<u8>, Problem> {
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
struct Rows<'r> {
    file: Box<dyn BufRead + 'r>,
    /// The name without `.gz` or `.zst`.
    name: String,
    /// What separates a table's cells; `None`: each line is JSON.
    separator: Option<u8>,
    /// A table's first row with its line's end; empty for JSON lines.
    header: Vec<u8>,
    /// Whether its first line ends with CRLF; then the others of a table do, too.
    has_crlf: bool,
    counted: Arc<AtomicU64>,
}

impl<'r> Rows<'r> {
    fn of(file: impl Read + 'r, name: &str) -> Result<Option<Self>, Problem> {
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
        let lower = name.to_ascii_lowercase();
        let separator = if lower.ends_with(".csv") || lower.ends_with(".tsv") {
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

    /// Bytes that have gone by.
    fn read(&self) -> u64 {
        self.counted.load(Ordering::Relaxed)
    }

    /// Hands out each row with the line that it begins in.
    fn each(&mut self, take: &mut Take<'_>) -> Result<(), Problem> {
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
type Take<'t> = dyn FnMut(usize, Row<'_>) -> Result<ControlFlow<()>, Problem> + 't;

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
