//! CSV and TSV with a header.

use serde_json::{Map, Value};

use super::{Collector, Confidence, Format, Imported, PROMPT_COLUMNS, Problem, PromptSet, Source};
use crate::formats::lenient::{self, LONGEST_RECORD, MOST_RECORDS, too_long};

/// The most columns of a table (judgement: each is kept beside every prompt).
const MOST_COLUMNS: usize = 2_000;

/// A table whose header names a prompt column.
pub(super) struct Table;

impl Format<PromptSet> for Table {
    fn id(&self) -> &'static str {
        "csv"
    }
    fn title(&self) -> &'static str {
        "CSV or TSV with a header"
    }
    fn doc(&self) -> &'static str {
        "A table with a column named prompt, question, instruction, input or the like.\n\nThe \
         separator (comma, semicolon or tab) is found in the header; cells may hold line ends. The \
         other columns are kept."
    }
    fn endings(&self) -> &'static [&'static str] {
        &["csv", "tsv"]
    }
    fn sniff(&self, source: &Source<'_>) -> Confidence {
        if source.readable().is_some() && source.ends_with(self.endings()) {
            Confidence::Sure
        } else {
            Confidence::No
        }
    }
    fn read(&self, source: &Source<'_>) -> Result<Imported<PromptSet>, Problem> {
        let mut collector = Collector::new();
        let check = |header: &csv::StringRecord| {
            let known =
                |name: &str| PROMPT_COLUMNS.iter().any(|c| name.trim().eq_ignore_ascii_case(c));
            if header.iter().any(known) {
                return Ok(());
            }
            let columns: Vec<String> = header
                .iter()
                .filter(|name| !name.is_empty())
                .take(8)
                .map(|name| name.chars().take(40).collect())
                .collect();
            Err(lenient::at_line(
                1,
                format!("no column looks like a prompt: the columns are {}", columns.join(", ")),
                "name the prompts' column “prompt” in the first line",
            ))
        };
        each_row(source.text()?, check, &mut |line, row| {
            match row {
                Ok(fields) => collector.record(format!("line {line}"), fields),
                Err(why) => collector.drop(format!("line {line}"), why),
            }
            Ok(())
        })?;
        collector.finish(self.id(), source)
    }
}

/// Takes a table's row with its line: its cells by their columns' names, without empty ones, or why
/// it is none.
pub(in crate::formats::import) type TakeRow<'t> =
    dyn FnMut(usize, Result<Map<String, Value>, String>) -> Result<(), Problem> + 't;

/// Hands out the rows of a table in CSV or TSV one by one, after `check` has seen the header.
///
/// # Errors
///
/// The table is broken, too wide or too long, or what `check` and `take` say.
pub(in crate::formats::import) fn each_row(
    text: &str,
    check: impl FnOnce(&csv::StringRecord) -> Result<(), Problem>,
    take: &mut TakeRow<'_>,
) -> Result<(), Problem> {
    let header = text.lines().next().unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(header.as_bytes()))
        .flexible(true)
        .from_reader(text.as_bytes());
    let broken = |error: csv::Error| {
        let line = error.position().map_or(1, |position| position.line() as usize);
        lenient::at_line(line, format!("the table is broken: {error}"), "check the quotes")
    };
    let header = reader.headers().map_err(broken)?.clone();
    if header.len() > MOST_COLUMNS {
        return Err(lenient::at_line(
            1,
            format!("it has {} columns, more than {MOST_COLUMNS}", header.len()),
            "keep the prompts' column and those that you need beside it",
        ));
    }
    check(&header)?;
    let mut records = reader.records();
    let mut index = 0;
    while let Some(record) = records.next() {
        let record = record.map_err(broken)?;
        let line = line_of(text, &record, index);
        if record.as_slice().len() > LONGEST_RECORD {
            let hint = "shorten it, take it out, or close the quotes that it opens";
            return Err(lenient::at_line(line, too_long(record.as_slice().len()), hint));
        }
        if index >= MOST_RECORDS {
            return Err(lenient::too_many(line, index + 1 + records.count()));
        }
        let row = if record.len() == header.len() {
            let cells = header.iter().zip(&record).filter(|(_, cell)| !cell.is_empty());
            Ok(cells.map(|(name, cell)| (name.to_owned(), Value::from(cell))).collect())
        } else {
            Err(format!("it has {} cells, the header {}", record.len(), header.len()))
        };
        take(line, row)?;
        index += 1;
    }
    Ok(())
}

/// What separates a table's cells, by its header.
pub(in crate::formats::import) fn separator(header: &[u8]) -> u8 {
    [b'\t', b';', b',']
        .into_iter()
        .max_by_key(|mark| header.split(|byte| byte == mark).count())
        .unwrap_or(b',')
}

/// The line in which a row begins. The reader's own is that of the line ends before it: the second
/// letter of a CRLF, and lines that are blank.
fn line_of(text: &str, record: &csv::StringRecord, index: usize) -> usize {
    let Some(position) = record.position() else { return index + 2 };
    let rest = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() as usize + ends.filter(|byte| **byte == b'\n').count()
}
