//! Reading what others wrote: roles by many names, contents in parts, JSON lines or a JSON array.

use serde_json::{Map, Value};

use crate::domain::{Message, Problem, Speaker};

/// The most records read from one file.
pub(super) const MOST_RECORDS: usize = 2_000_000;

/// The longest record that is read, in bytes (judgement: several times any model's context).
pub(super) const LONGEST_RECORD: usize = 16 << 20;

/// Why a record of so many bytes is not read.
pub(super) fn too_long(bytes: usize) -> String {
    let (has, most) = (bytes.div_ceil(1 << 20), LONGEST_RECORD >> 20);
    format!("it has {has} MB, and more than {most} MB are no prompt that a model could read")
}

/// Text without its byte order mark.
///
/// # Errors
///
/// The line and column of the first byte that is not UTF-8.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.split(|byte| *byte == b'\n').count();
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        let hint = if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
            "it looks like UTF-16: save it as UTF-8"
        } else {
            "save it as UTF-8"
        };
        let mut problem = Problem::error("file", "it is not UTF-8 text", hint);
        problem.position = Some((line, column));
        problem
    })
}

/// A problem at a line (and column 1).
pub(super) fn at_line(line: usize, what: impl Into<String>, hint: &str) -> Problem {
    let mut problem = Problem::error(format!("line {line}"), what, hint);
    problem.position = Some((line, 1));
    problem
}

/// The records of JSON lines or of one JSON array (or one object), each with its line or number.
///
/// # Errors
///
/// The line and column of the first record that is no JSON, or that there are too many.
pub(super) fn records(text: &str) -> Result<Vec<(usize, Value)>, Problem> {
    let mut all = Vec::new();
    each_record(text, &mut |line, value| {
        all.push((line, value));
        Ok(())
    })?;
    Ok(all)
}

/// Hands out the records of [`records`] one by one, so that only one is held at a time.
///
/// # Errors
///
/// As [`records`], and what `take` says.
pub(super) fn each_record(text: &str, take: &mut Take<'_>) -> Result<(), Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.trim_start();
    if first.starts_with('[') {
        // Looked through once before anything is handed out, which costs no memory.
        return match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => items(text, take).map_err(|error| json_problem(&error, 0))?,
            // Lines that are arrays each are still lines.
            Err(error) => {
                let mut refused = None;
                let counted = &mut |line, value| {
                    take(line, value).inspect_err(|problem| {
                        refused = Some(problem.clone());
                    })
                };
                lines(text, counted)
                    .map_err(|_ignored| refused.unwrap_or_else(|| json_problem(&error, 0)))
            }
        };
    }
    let mut taken = 0_usize;
    let counted = &mut |line, value| {
        taken += 1;
        take(line, value)
    };
    match lines(text, counted) {
        // One object over several lines.
        Err(problem) if taken == 0 => match serde_json::from_str::<Value>(text) {
            Ok(value) => take(1, value),
            Err(_) => Err(problem),
        },
        other => other,
    }
}

/// Takes a record with its line or number.
pub(super) type Take<'t> = dyn FnMut(usize, Value) -> Result<(), Problem> + 't;

/// The items of one JSON array, one by one.
fn items(text: &str, take: &mut Take<'_>) -> Result<Result<(), Problem>, serde_json::Error> {
    struct Items<'t, 'f>(&'t mut Take<'f>);
    impl<'de> serde::de::Visitor<'de> for Items<'_, '_> {
        type Value = Result<(), Problem>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a list")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(
            self,
            mut seq: A,
        ) -> Result<Self::Value, A::Error> {
            let (mut number, mut taken) = (0, Ok(()));
            while let Some(value) = seq.next_element::<Value>()? {
                number += 1;
                if taken.is_ok() && number <= MOST_RECORDS {
                    taken = (self.0)(number, value);
                }
            }
            Ok(if number > MOST_RECORDS { Err(too_many(MOST_RECORDS + 1, number)) } else { taken })
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let taken = serde::Deserializer::deserialize_seq(&mut deserializer, Items(take))?;
    deserializer.end()?;
    Ok(taken)
}

fn lines(text: &str, take: &mut Take<'_>) -> Result<(), Problem> {
    // Counted before the first is read: too many are not held in memory to find that out.
    if text.len() > MOST_RECORDS {
        let mut at = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
        if let Some((index, _)) = at.nth(MOST_RECORDS) {
            return Err(too_many(index + 1, MOST_RECORDS + 1 + at.count()));
        }
    }
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        if line.len() > LONGEST_RECORD {
            return Err(at_line(index + 1, too_long(line.len()), "shorten it, or take it out"));
        }
        let value = serde_json::from_str(line).map_err(|error| json_problem(&error, index))?;
        take(index + 1, value)?;
    }
    Ok(())
}

/// Why a file of so many records is not read; `line` is that of the first that is too many.
pub(super) fn too_many(line: usize, found: usize) -> Problem {
    let what = format!("there are {found} records, and at most {MOST_RECORDS} are read at once");
    at_line(line, what, "take a part of it, or split it")
}

/// A problem for text that is no JSON; `lines_before` are the lines above the parsed text.
pub(super) fn json_problem(error: &serde_json::Error, lines_before: usize) -> Problem {
    let mut what = error.to_string();
    if let Some(at) = what.rfind(" at line ") {
        what.truncate(at);
    }
    let line = lines_before + error.line().max(1);
    let mut problem = Problem::error(
        format!("line {line}"),
        format!("it is no JSON: {what}"),
        "each line is one JSON object, texts in double quotes",
    );
    problem.position = Some((line, error.column().max(1)));
    problem
}

/// The speaker of a role by any of its usual names.
pub(super) fn speaker(role: &str) -> Option<Speaker> {
    Some(match role.trim().to_ascii_lowercase().as_str() {
        "system" | "developer" => Speaker::System,
        "user" | "human" | "prompter" => Speaker::User,
        "assistant" | "gpt" | "model" | "bot" | "chatgpt" => Speaker::Assistant,
        "tool" | "function" | "observation" | "ipython" => Speaker::Tool,
        _ => return None,
    })
}

/// Text, or typed parts whose texts are joined.
///
/// # Errors
///
/// What stands there instead, such as an image.
pub(super) fn content(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        Value::Array(parts) => {
            let mut text = String::new();
            for part in parts {
                match part {
                    Value::String(piece) => text.push_str(piece),
                    Value::Object(fields) => {
                        let Some(Value::String(piece)) = fields.get("text") else {
                            let kind = fields.get("type").and_then(Value::as_str);
                            let kind = kind.unwrap_or("something else");
                            return Err(format!("a part of the content is no text but {kind}"));
                        };
                        text.push_str(piece);
                    }
                    _ => return Err("a part of the content is no text".to_owned()),
                }
            }
            Ok(text)
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            Err("the content is no text".to_owned())
        }
    }
}

/// A list of messages in the OpenAI form (`role`, `content`) or ShareGPT's (`from`, `value`).
///
/// # Errors
///
/// Which message is wrong and how.
pub(super) fn messages(value: &Value) -> Result<Vec<Message>, String> {
    let Value::Array(items) = value else {
        return Err("the messages are not a list".to_owned());
    };
    items.iter().enumerate().map(|(index, item)| message(item, index + 1)).collect()
}

fn message(item: &Value, number: usize) -> Result<Message, String> {
    let Value::Object(fields) = item else {
        return Err(format!("message {number} is no object with role and content"));
    };
    let role = fields.get("role").or_else(|| fields.get("from")).and_then(Value::as_str);
    let role = role.ok_or_else(|| format!("message {number} has no role"))?;
    let speaker = speaker(role).ok_or_else(|| {
        format!("message {number} has the role “{role}”; known are system, user, assistant, tool")
    })?;
    let said = fields.get("content").or_else(|| fields.get("value"));
    let said = said.ok_or_else(|| format!("message {number} has no content"))?;
    let said = content(said).map_err(|why| format!("message {number}: {why}"))?;
    Ok(Message::new(speaker, said))
}

/// A text, a number or a boolean as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text field that is there and not blank.
pub(super) fn text_of<'v>(fields: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// What kind of JSON value it is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
