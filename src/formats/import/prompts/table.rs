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
        let text = source.text()?;
        let header = text.lines().next().unwrap_or_default();
        let separator = [b'\t', b';', b',']
            .into_iter()
            .max_by_key(|mark| header.bytes().filter(|byte| byte == mark).count())
            .unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
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
        let known = |name: &str| PROMPT_COLUMNS.iter().any(|c| name.trim().eq_ignore_ascii_case(c));
        if !header.iter().any(known) {
            let columns: Vec<String> = header
                .iter()
                .filter(|name| !name.is_empty())
                .take(8)
                .map(|name| name.chars().take(40).collect())
                .collect();
            return Err(lenient::at_line(
                1,
                format!("no column looks like a prompt: the columns are {}", columns.join(", ")),
                "name the prompts' column “prompt” in the first line",
            ));
        }
        let mut collector = Collector::new();
        for (index, record) in reader.records().enumerate() {
            let record = record.map_err(broken)?;
            if record.as_slice().len() > LONGEST_RECORD {
                let line = record.position().map_or(index + 2, |at| at.line() as usize);
                let hint = "shorten it, take it out, or close the quotes that it opens";
                return Err(lenient::at_line(line, too_long(record.as_slice().len()), hint));
            }
            if index >= MOST_RECORDS {
                let what = format!("there are more than {MOST_RECORDS} rows");
                return Err(lenient::at_line(1, what, "split the file"));
            }
            let line = record.position().map_or(index + 2, |position| position.line() as usize);
            let fields: Map<String, Value> = header
                .iter()
                .zip(&record)
                .filter(|(_, cell)| !cell.is_empty())
                .map(|(name, cell)| (name.to_owned(), Value::from(cell)))
                .collect();
            if record.len() == header.len() {
                collector.record(format!("line {line}"), fields);
            } else {
                let why = format!("it has {} cells, the header {}", record.len(), header.len());
                collector.drop(format!("line {line}"), why);
            }
        }
        collector.finish(self.id(), source)
    }
}
