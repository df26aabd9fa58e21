//! The only place that writes to the terminal: data and reports to stdout, all else to stderr.
//!
//! Text that came from files, models or servers is untrusted: what would steer a terminal or
//! reorder letters is taken out, and so are keys.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{LazyLock, Mutex, PoisonError};

use secrecy::SecretString;
use serde::Serialize;

use super::failure::Failure;
use crate::store::redact::Redactor;

static KEYS: LazyLock<Mutex<Redactor>> = LazyLock::new(|| Mutex::new(of_environment()));

/// Every variable that is named like a secret is taken for one.
fn of_environment() -> Redactor {
    let mut keys = Redactor::default();
    for (name, value) in std::env::vars_os() {
        let (Some(name), Ok(value)) = (name.to_str(), value.into_string()) else { continue };
        if ["_KEY", "_TOKEN", "_SECRET"].iter().any(|end| name.to_uppercase().ends_with(end)) {
            keys.add(&SecretString::from(value.trim().to_owned()));
        }
    }
    keys
}

/// Keeps a key out of everything that is shown from now on.
pub fn hide(key: &SecretString) {
    KEYS.lock().unwrap_or_else(PoisonError::into_inner).add(key);
}

/// The text without keys.
pub fn redacted(text: &str) -> String {
    KEYS.lock().unwrap_or_else(PoisonError::into_inner).redact(text)
}

/// Whether a person watches stderr.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Writes data to stdout, byte for byte.
///
/// # Errors
///
/// Stdout can't be written, or its reader went away.
pub fn data(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}

/// Writes a line of data to stdout: JSON on one line.
///
/// # Errors
///
/// As [`data`].
pub fn json_line(value: &serde_json::Value) -> Result<(), Failure> {
    data(format!("{value}\n").as_bytes())
}

/// Writes a report to stdout as one JSON value.
///
/// # Errors
///
/// As [`data`].
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::bad(format!("the report can't be written: {error}"), ""))?;
    data(format!("{}\n", redacted(&text)).as_bytes())
}

/// Writes a report's text to stdout, with a line's end.
///
/// # Errors
///
/// As [`data`].
pub fn report(text: &str) -> Result<(), Failure> {
    data(format!("{}\n", clean(&redacted(text))).as_bytes())
}

/// Tells something on stderr. Where that can't be written, nobody listens.
pub fn say(text: &str) {
    let text = format!("{}\n", clean(&redacted(text)));
    std::io::stderr().lock().write_all(text.as_bytes()).ok();
}

/// Tells of a failure: one line, and a hint where there is one.
pub fn failure(failure: &Failure) {
    if failure.message.is_empty() {
        return;
    }
    say(&format!("error: {}", one_line(&failure.message)));
    if !failure.hint.is_empty() {
        say(&format!("hint: {}", one_line(&failure.hint)));
    }
}

/// A text on one line.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text without what steers a terminal or reorders letters; lines and tabs stay.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            // An escape sequence goes whole: ESC [ parameters, one final letter.
            '\u{1b}' | '\u{9b}' => {
                if letter == '\u{9b}' || letters.next_if_eq(&'[').is_some() {
                    letters.by_ref().find(|letter| ('\u{40}'..='\u{7e}').contains(letter));
                }
            }
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() || reorders(letter) => {}
            letter => out.push(letter),
        }
    }
    out
}

/// Unicode's controls of the writing direction, with which a text can show other than it says.
fn reorders(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

/// Columns with their widest cell's width, for reports; the last one is not padded.
pub fn table(rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(index) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let padded: Vec<String> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_taken_out_and_words_stay() {
        for (text, shown) in [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{9b}2Jx\u{7}\u{8}\r", "x"),
            ("\u{1b}]0;title\u{7}", "]0;title"),
            ("a\u{202e}b\u{2066}c\u{200f}d", "abcd"),
            ("שלום, مرحبا, 你好", "שלום, مرحبا, 你好"),
            ("cut \u{1b}[3", "cut "),
        ] {
            assert_eq!(clean(text), shown, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_never_shown_once_it_is_known() {
        hide(&SecretString::from("sk-canary-0987654321"));
        assert_eq!(redacted("bad key sk-canary-0987654321"), "bad key •••");
    }

    #[test]
    fn columns_line_up() {
        let rows = [["a", "bb"], ["ccc", "d"]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "a    bb\nccc  d");
    }
}
