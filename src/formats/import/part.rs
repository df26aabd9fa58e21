//! A part of a file that has more rows than are read at once: its first, or some drawn at random.
//!
//! The file goes by as a stream, so that memory holds what is taken and one row more. Only files
//! with a row for each record can be taken apart so: JSON lines, CSV and TSV, packed or not. What
//! is not taken is not looked at, so a fault in it is not found.

use std::io::Read;
use std::ops::ControlFlow;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::rows::Rows;
use super::{Imported, LARGEST_UNPACKED, prompt_set};
use crate::domain::{Problem, Prompt, PromptSet};
use crate::formats::lenient::{self, at_line};

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
    let mut whole = rows.header().to_vec();
    let mut line = 1 + line_ends(rows.header());
    let mut lines = Vec::with_capacity(kept.len());
    for (theirs, row) in kept {
        lines.push((line, theirs));
        line += 1 + line_ends(&row);
        whole.extend(row);
        whole.push(b'\n');
    }
    Ok(Taken { bytes: whole, lines, found: (!is_cut).then_some(draw.seen) })
}

fn line_ends(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').count() - 1
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
