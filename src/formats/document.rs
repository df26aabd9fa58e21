//! Preamble's own documents as RON and JSON: read with a place for every error, written the same
//! way each time.
//!
//! Any serde type with a `format:` field will do ([`crate::domain::Constitution`],
//! [`crate::domain::Rubric`], [`crate::domain::Recipe`], the project's own file). Nothing is
//! guessed: a newer format is refused before anything else is read.

use ron::extensions::Extensions;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ron_text;
use crate::domain::{FORMAT, Problem};

pub use super::ron_text::has_comments;

/// The largest document that is read, in bytes.
pub const LARGEST_DOCUMENT: usize = 32 << 20;

fn options() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

/// Reads a RON document; `what` names its kind (`constitution`, `rubric`, …) in errors.
///
/// # Errors
///
/// A problem with line and column, what is wrong and how to mend it: a newer `format:`, a missing
/// one, an unknown field (with the nearest known name), a wrong value, broken syntax.
pub fn parse<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Problem> {
    let text = normal(text, what)?;
    let text = text.as_ref();
    newer_format(text, what)?;
    options().from_str::<T>(text).map_err(|error| explain(text, what, &error))
}

/// Writes a value as a RON document: the same bytes for the same value, with a final line end.
///
/// Texts of several lines stand as lines in RON's raw strings.
///
/// # Errors
///
/// A value that RON can't hold, such as a map with struct keys.
pub fn to_ron<T: Serialize>(value: &T) -> Result<String, Problem> {
    let pretty = ron::ser::PrettyConfig::new().struct_names(false).new_line("\n").indentor("    ");
    let text = options()
        .to_string_pretty(value, pretty)
        .map_err(|error| Problem::error("document", format!("it can't be written: {error}"), ""))?;
    Ok(ended(ron_text::lay_out(&text)))
}

/// Reads a JSON document of ours; `what` names its kind in errors.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_json<T: DeserializeOwned>(text: &str, what: &str) -> Result<T, Problem> {
    let text = normal(text, what)?;
    #[derive(serde::Deserialize)]
    struct Head {
        format: Option<u64>,
    }
    if let Ok(Head { format: Some(format) }) = serde_json::from_str(&text)
        && format > u64::from(FORMAT)
    {
        return Err(too_new(what, format));
    }
    serde_json::from_str(&text).map_err(|error| {
        let mut what = error.to_string();
        if let Some(at) = what.rfind(" at line ") {
            what.truncate(at);
        }
        let hint = if what.contains("missing field `format`") {
            format!("add \"format\": {FORMAT} as the first field")
        } else {
            unknown_in(&what).unwrap_or_else(|| "mend the JSON at this place".to_owned())
        };
        let mut problem = Problem::error(what_place(&what), what.clone(), &hint);
        problem.position = (error.line() > 0).then(|| (error.line(), error.column().max(1)));
        problem
    })
}

/// Writes a value as a JSON document, indented, with a final line end.
///
/// # Errors
///
/// A value that JSON can't hold, such as a number that is not finite in a key.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, Problem> {
    serde_json::to_string_pretty(value)
        .map(ended)
        .map_err(|error| Problem::error("document", format!("it can't be written: {error}"), ""))
}

fn ended(mut text: String) -> String {
    text.push('\n');
    text
}

/// Without byte order mark, and with `\n` line ends: texts keep `\r` as an escape only.
fn normal<'t>(text: &'t str, what: &str) -> Result<std::borrow::Cow<'t, str>, Problem> {
    if text.len() > LARGEST_DOCUMENT {
        return Err(Problem::error(
            what,
            format!("it has {} bytes, more than {LARGEST_DOCUMENT}", text.len()),
            "split it, or keep large lists out of it",
        ));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Ok(if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() })
}

fn too_new(what: &str, format: u64) -> Problem {
    Problem::error(
        "format",
        format!("this {what} has format {format}, and this version reads up to {FORMAT}"),
        "open it with a newer version of Preamble; nothing was changed",
    )
}

fn newer_format(text: &str, what: &str) -> Result<(), Problem> {
    if let Some((value, at)) = ron_text::outer_field(text, "format")
        && let Ok(format) = value.replace('_', "").parse::<u64>()
        && format > u64::from(FORMAT)
    {
        let mut problem = too_new(what, format);
        problem.position = Some(ron_text::position(text, at));
        return Err(problem);
    }
    Ok(())
}

fn explain(text: &str, what: &str, error: &ron::error::SpannedError) -> Problem {
    use ron::Error as E;
    let end = ron_text::offset(text, error.span.end.line, error.span.end.col);
    // The reader stops before the blanks in front of what it does not like.
    let stopped = ron_text::offset(text, error.span.start.line, error.span.start.col);
    let blanks = text[stopped..].bytes().take_while(|byte| *byte == b' ').count();
    let start = ron_text::position(text, stopped + blanks);
    let at_word = |word: &str| {
        ron_text::find_word(text, word, end).map_or(start, |at| ron_text::position(text, at))
    };
    let inside = |outer: &Option<String>| outer.as_deref().unwrap_or(what).to_lowercase();
    let (place, message, hint, position) = match &error.code {
        E::NoSuchStructField { expected, found, outer } => {
            let hint = match nearest(found, expected) {
                Some(near) => format!("write “{near}”, or delete the field"),
                None => format!("delete it; known are {}", expected.join(", ")),
            };
            let inside = inside(outer);
            (found.clone(), format!("unknown field “{found}” in {inside}"), hint, at_word(found))
        }
        E::NoSuchEnumVariant { expected, found, .. } => {
            let hint = match nearest(found, expected) {
                Some(near) => format!("write {near}"),
                None => format!("use one of {}", expected.join(", ")),
            };
            (found.clone(), format!("“{found}” is not a choice here"), hint, at_word(found))
        }
        E::MissingStructField { field, outer } => {
            let hint = match *field {
                "format" => format!("write “format: {FORMAT},” after the first “(”"),
                field => format!("add “{field}: …,”"),
            };
            let inside = inside(outer);
            (
                (*field).to_owned(),
                format!("the field “{field}” of {inside} is missing"),
                hint,
                start,
            )
        }
        E::DuplicateStructField { field, .. } => (
            (*field).to_owned(),
            format!("the field “{field}” stands twice"),
            "keep one of them".to_owned(),
            at_word(field),
        ),
        E::InvalidValueForType { expected, found } => (
            what.to_owned(),
            format!("expected {expected}, found {found}"),
            "write a value of that kind".to_owned(),
            start,
        ),
        other => {
            let hint = match other {
                E::Eof => "a bracket or quote is not closed before the end of the file",
                E::ExpectedComma => "put a comma after the field before this place",
                E::ExpectedString => "put the text in double quotes",
                E::ExpectedStringEnd => "close the text with the quote it began with",
                E::ExpectedArray | E::ExpectedArrayEnd => "lists stand in [square brackets]",
                E::ExpectedStructLike
                | E::ExpectedNamedStructLike(_)
                | E::ExpectedStructLikeEnd => {
                    "fields stand in (round brackets), with a comma after each"
                }
                E::ExceededRecursionLimit => "the brackets are nested too deeply",
                E::TrailingCharacters => "delete what follows the last bracket",
                E::InvalidEscape(_) => "write \\\\ for a backslash, or use r#\"…\"#",
                _ => "mend the text at this place",
            };
            let message = other.to_string();
            let message = lower_first(&message);
            (what.to_owned(), message, hint.to_owned(), start)
        }
    };
    let mut problem = Problem::error(place, message, &hint);
    problem.position = Some(position);
    problem
}

fn lower_first(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters.as_str().chars()).collect()
}

/// For serde_json's own words: the field named between the first backticks.
fn what_place(message: &str) -> String {
    message.split('`').nth(1).unwrap_or("document").to_owned()
}

fn unknown_in(message: &str) -> Option<String> {
    let mut names = message.split('`').skip(1).step_by(2);
    let found = names.next().filter(|_| message.starts_with("unknown "))?;
    let known: Vec<&str> = names.collect();
    Some(match nearest(found, &known) {
        Some(near) => format!("write “{near}”, or delete the field"),
        None => format!("delete it; known are {}", known.join(", ")),
    })
}

/// The known name that is nearest to a misspelt one, if any is near.
pub fn nearest<'k>(found: &str, known: &[&'k str]) -> Option<&'k str> {
    let found = found.to_lowercase();
    known
        .iter()
        .map(|name| (distance(&found, &name.to_lowercase()), *name))
        .filter(|(distance, name)| *distance * 2 <= name.chars().count().max(2))
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein's distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
