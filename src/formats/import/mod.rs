//! Imports: constitutions, rubrics, prompts and labels from other people's files.
//!
//! Each format is a unit struct in one of four slices. A file is taken by the format that
//! recognises it best, or by the one that is named; what can't be taken is refused with a reason,
//! and what is left out is listed.

pub mod constitutions;
pub mod labels;
pub mod prompts;
pub mod rubrics;

mod part;
mod refuse;
mod rows;
mod sections;
mod unpack;

use crate::domain::{Constitution, Problem, PromptSet, Rubric};

pub use constitutions::FORMATS as CONSTITUTIONS;
pub use labels::{FORMATS as LABELS, ImportedLabels};
pub use part::{MOST_ROWS, Part, Size, keep, prompt_part, size};
pub use prompts::FORMATS as PROMPTS;
pub use rubrics::FORMATS as RUBRICS;
pub use unpack::{LARGEST_UNPACKED, is_packed, unpack};

/// What an import yields.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported<T> {
    /// The document.
    pub value: T,
    /// The id of the format that was read.
    pub format: &'static str,
    /// What was understood how, for the person to read; one sentence each.
    pub notes: Vec<String>,
    /// What was left out: where, and why.
    pub dropped: Vec<(String, String)>,
}

impl<T> Imported<T> {
    fn of(format: &'static str, value: T) -> Self {
        Self { value, format, notes: Vec::new(), dropped: Vec::new() }
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// How surely a file is of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// It is not.
    No,
    /// It can be read so where nothing fits better.
    Maybe,
    /// It looks like it.
    Likely,
    /// It says so, or nothing else looks like this.
    Sure,
}

/// A file to import.
#[derive(Debug, Clone, Copy)]
pub struct Source<'b> {
    /// The file's bytes, unpacked (see [`unpack`]).
    pub bytes: &'b [u8],
    /// The file's name, for its ending and as the document's name.
    pub name: &'b str,
}

impl<'b> Source<'b> {
    /// The bytes as text.
    ///
    /// # Errors
    ///
    /// Where they are not UTF-8.
    pub fn text(&self) -> Result<&'b str, Problem> {
        super::lenient::utf8(self.bytes)
    }

    /// The bytes as text, where they are.
    fn readable(&self) -> Option<&'b str> {
        self.text().ok()
    }

    /// The bytes as one JSON value, where they are.
    fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_str(self.readable()?).ok()
    }

    /// Whether the file's name ends so; the case of letters does not matter.
    fn ends_with(&self, endings: &[&str]) -> bool {
        let name = self.name.to_ascii_lowercase();
        endings.iter().any(|ending| name.ends_with(&format!(".{ending}")))
    }
}

/// A format that can be imported as `T`.
pub trait Format<T>: Sync {
    /// Short and unique within its slice, such as `langchain`.
    fn id(&self) -> &'static str;
    /// What people call it.
    fn title(&self) -> &'static str;
    /// One sentence, then what is taken from the file and what is not.
    fn doc(&self) -> &'static str;
    /// File endings without the dot.
    fn endings(&self) -> &'static [&'static str];
    /// How surely the file is of this format.
    fn sniff(&self, source: &Source<'_>) -> Confidence;
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// Why it can't be read: what, where, and how to mend it.
    fn read(&self, source: &Source<'_>) -> Result<Imported<T>, Problem>;
}

/// A rubric, with the prompt that it is for where the file has one.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedRubric {
    /// The rubric.
    pub rubric: Rubric,
    /// The prompt that it was written for.
    pub prompt: Option<crate::domain::Prompt>,
}

/// Imports a constitution; `name` is the file's name, `format` a format's id or `None` to find out.
///
/// # Errors
///
/// Why the file is refused.
pub fn constitution(
    bytes: &[u8],
    name: &str,
    format: Option<&str>,
) -> Result<Imported<Constitution>, Problem> {
    choose(CONSTITUTIONS, bytes, name, format, "constitution")
}

/// Imports rubrics; as [`constitution`].
///
/// # Errors
///
/// Why the file is refused.
pub fn rubrics(
    bytes: &[u8],
    name: &str,
    format: Option<&str>,
) -> Result<Imported<Vec<ImportedRubric>>, Problem> {
    choose(RUBRICS, bytes, name, format, "rubric")
}

/// Imports prompts; as [`constitution`].
///
/// # Errors
///
/// Why the file is refused.
pub fn prompt_set(
    bytes: &[u8],
    name: &str,
    format: Option<&str>,
) -> Result<Imported<PromptSet>, Problem> {
    choose(PROMPTS, bytes, name, format, "prompt set")
}

/// Imports what people said of answers, with the answers; as [`constitution`].
///
/// # Errors
///
/// Why the file is refused.
pub fn labels(
    bytes: &[u8],
    name: &str,
    format: Option<&str>,
) -> Result<Imported<ImportedLabels>, Problem> {
    choose(LABELS, bytes, name, format, "label set")
}

fn choose<T>(
    formats: &[&dyn Format<T>],
    bytes: &[u8],
    name: &str,
    wanted: Option<&str>,
    what: &str,
) -> Result<Imported<T>, Problem> {
    let (bytes, name) = unpack(bytes, name)?;
    let source = Source { bytes: &bytes, name };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::error("file", "it is empty", "choose another file"));
    }
    if let Some(wanted) = wanted {
        let found = formats.iter().find(|format| format.id() == wanted).ok_or_else(|| {
            let known: Vec<&str> = formats.iter().map(|format| format.id()).collect();
            Problem::error(
                "format",
                format!("no format of a {what} is called “{wanted}”"),
                &format!("use one of {}", known.join(", ")),
            )
        })?;
        return found.read(&source);
    }
    let best = formats
        .iter()
        .map(|format| (format.sniff(&source), format))
        .filter(|(confidence, _)| *confidence > Confidence::No)
        // The first of equals: the slice is in the order of preference.
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    if let Some(problem) = refuse::known(&source, what) {
        return Err(problem);
    }
    match best {
        Some((_, format)) => format.read(&source),
        None => Err(Problem::error(
            "file",
            format!("it is no {what} in a form that is known"),
            &known_forms(formats),
        )),
    }
}

fn known_forms<T>(formats: &[&dyn Format<T>]) -> String {
    let titles: Vec<&str> = formats.iter().map(|format| format.title()).collect();
    format!("known forms are {}", titles.join("; "))
}

/// A document's name from a file's: without folder and ending.
pub fn stem(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    if stem.trim().is_empty() { "imported".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod odd_tests;
#[cfg(test)]
mod part_tests;
#[cfg(test)]
mod real_files_tests;
#[cfg(test)]
mod tests;
