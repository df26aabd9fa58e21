//! Lines of a file or of stdin, one after the other, read on a thread of their own.

use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;

use serde_json::{Map, Value};
use tokio::sync::mpsc;

use super::failure::Failure;
use crate::domain::{Prompt, PromptId, Speaker};
use crate::formats;

/// The longest line that is read, in bytes.
const LONGEST: u64 = 64 << 20;
/// Lines read ahead.
const AHEAD: usize = 256;

/// A line with its number, from 1; an error where it can't be read.
pub type Line = (u64, Result<String, String>);

/// Begins to read; `-` is stdin. Blank lines are left out.
///
/// # Errors
///
/// The file can't be opened.
pub fn open(input: &Path) -> Result<mpsc::Receiver<Line>, Failure> {
    let reader: Box<dyn BufRead + Send> = if input == Path::new("-") {
        Box::new(BufReader::new(std::io::stdin()))
    } else {
        let file = std::fs::File::open(input).map_err(|error| {
            let message = format!("can't read {}: {error}", input.display());
            Failure::bad(message, "check the path, or use - for stdin")
        })?;
        Box::new(BufReader::new(file))
    };
    let (sender, lines) = mpsc::channel(AHEAD);
    std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || read(reader, &sender))
        .map_err(|error| Failure::bad(format!("the input can't be read: {error}"), ""))?;
    Ok(lines)
}

fn read(mut reader: Box<dyn BufRead + Send>, lines: &mpsc::Sender<Line>) {
    let mut number = 0;
    loop {
        number += 1;
        let mut bytes = Vec::new();
        let line = match reader.by_ref().take(LONGEST).read_until(b'\n', &mut bytes) {
            Ok(0) => return,
            Ok(length) if length as u64 == LONGEST && !bytes.ends_with(b"\n") => {
                Err(format!("it is longer than {LONGEST} bytes, so reading ends here"))
            }
            Ok(_) => {
                let start = if number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf") } else { None };
                String::from_utf8(start.map_or_else(|| bytes.clone(), <[u8]>::to_vec))
                    .map_err(|error| format!("it is not UTF-8: {error}; save it as UTF-8"))
            }
            Err(error) => Err(format!("the input can't be read: {error}")),
        };
        if line.as_ref().is_ok_and(|line| line.trim().is_empty()) {
            continue;
        }
        let is_last = line.is_err() && !bytes.ends_with(b"\n");
        if lines.blocking_send((number, line)).is_err() || is_last {
            return;
        }
    }
}

/// A line's object, split into its id as it was given and its prompt, whose id is never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The line's number, from 1.
    pub line: u64,
    /// The id as it was given; `line-7` where there was none.
    pub id: Value,
    /// The prompt, with all other columns in its extras.
    pub prompt: Prompt,
}

impl Item {
    /// Reads a line.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words.
    pub fn of_line(line: u64, text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let mut what = error.to_string();
            // It is one line by itself, so only the column says something.
            if let Some(at) = what.rfind(" at line ") {
                what.truncate(at);
            }
            format!("it is no JSON: {what} at column {}", error.column())
        })?;
        let id = value.get("id").filter(|id| !id.is_null()).cloned();
        let mut prompt = formats::prompts::of_value(value)?;
        let id = id.unwrap_or_else(|| format!("line-{line}").into());
        if prompt.id.0.is_empty() {
            prompt.id = PromptId(format!("line-{line}"));
        }
        Ok(Self { line, id, prompt })
    }

    /// Takes a response out of the prompt's columns: a text, or a conversation's last answer.
    ///
    /// # Errors
    ///
    /// It is not there, or of another kind.
    pub fn take_response(&mut self, column: &str) -> Result<String, String> {
        match self.prompt.extra.remove(column) {
            Some(Value::String(text)) => Ok(text),
            Some(Value::Array(messages)) => messages
                .iter()
                .filter_map(Value::as_object)
                .rev()
                .find(|message| message.get("role").and_then(Value::as_str) == Some("assistant"))
                .and_then(content)
                .ok_or_else(|| format!("“{column}” has no message of the assistant")),
            Some(_) => Err(format!("“{column}” is neither a text nor messages")),
            None => Err(format!("it has no “{column}”")),
        }
    }

    /// The answer that ends the prompt's own conversation, taken out of it.
    pub fn take_last_answer(&mut self) -> Option<String> {
        let is_answer = |last: &crate::domain::Message| last.role == Speaker::Assistant;
        if self.prompt.messages.len() < 2 || !self.prompt.messages.last().is_some_and(is_answer) {
            return None;
        }
        self.prompt.messages.pop().map(|message| message.content)
    }
}

fn content(message: &Map<String, Value>) -> Option<String> {
    message.get("content").and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_and_responses_come_as_texts_or_conversations() {
        let mut item = Item::of_line(3, r#"{"id":7,"prompt":"hi","response":"ho"}"#).unwrap();
        assert_eq!((item.id.clone(), item.prompt.id.as_str()), (7.into(), "7"));
        assert_eq!(item.take_response("response"), Ok("ho".to_owned()));
        let chat = r#"{"prompt":[{"role":"user","content":"hi"}],
            "a":[{"role":"assistant","content":"x"}],"b":5}"#;
        let mut item = Item::of_line(4, chat).unwrap();
        assert_eq!(item.id, "line-4");
        assert_eq!(item.take_response("a"), Ok("x".to_owned()));
        assert!(item.take_response("b").is_err());
        let whole = r#"{"messages":[{"role":"user","content":"hi"},
            {"role":"assistant","content":"ho"}]}"#;
        let mut item = Item::of_line(5, whole).unwrap();
        assert_eq!(item.take_last_answer().as_deref(), Some("ho"));
        assert_eq!(item.take_last_answer(), None);
    }

    #[test]
    fn a_bad_line_says_what_is_wrong() {
        for (text, word) in [("{", "column"), ("[]", "object"), ("{}", "prompt")] {
            let error = Item::of_line(1, text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}
