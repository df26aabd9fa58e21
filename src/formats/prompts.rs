//! Prompt sets as JSON lines, the project's own form.
//!
//! One prompt a line: `{"id", "prompt" | "messages", "tags", "reference", …}`. Further keys are
//! kept in [`Prompt::extra`] and written back.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::lenient::{self, at_line};
use crate::domain::{Message, Problem, Prompt, PromptId, PromptSet, Speaker};

/// The keys that are not kept in [`Prompt::extra`].
const OWN: [&str; 5] = ["id", "prompt", "messages", "tags", "reference"];

/// Reads a prompt set of JSON lines (or one JSON array); `name` becomes the set's name.
///
/// A byte order mark, CRLF line ends and blank lines are fine; a prompt without an id gets one
/// made from its text, so that it stays the same when lines are added above.
///
/// # Errors
///
/// The first line that is no JSON object or has no prompt; an id used twice.
pub fn read(bytes: &[u8], name: &str) -> Result<PromptSet, Problem> {
    let text = lenient::utf8(bytes)?;
    let mut prompts = Vec::new();
    let mut ids = Ids::default();
    lenient::each_record(text, &mut |line, value| {
        let mut prompt = of_value(value).map_err(|why| {
            at_line(line, why, "write {\"id\": \"p1\", \"prompt\": \"…\"} or {\"messages\": […]}")
        })?;
        if prompt.id.0.is_empty() {
            prompt.id = ids.make(&prompt);
        } else if !ids.take(&prompt.id.0) {
            return Err(at_line(
                line,
                format!("the id {} is used twice", prompt.id),
                "give each prompt an id of its own: a run keeps one row for each",
            ));
        }
        prompts.push(prompt);
        Ok(())
    })?;
    Ok(PromptSet { name: name.to_owned(), prompts })
}

/// Writes a prompt set as JSON lines: the same bytes for the same set.
pub fn write(set: &PromptSet) -> String {
    let mut out = String::new();
    for prompt in &set.prompts {
        out.push_str(&to_value(prompt).to_string());
        out.push('\n');
    }
    out
}

/// One prompt as a JSON object.
pub fn to_value(prompt: &Prompt) -> Value {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!(prompt.id));
    match prompt.messages.as_slice() {
        [only] if only.role == Speaker::User => {
            fields.insert("prompt".to_owned(), json!(only.content));
        }
        all => {
            fields.insert("messages".to_owned(), json!(all));
        }
    }
    if !prompt.tags.is_empty() {
        fields.insert("tags".to_owned(), json!(prompt.tags));
    }
    if let Some(reference) = &prompt.reference {
        fields.insert("reference".to_owned(), json!(reference));
    }
    for (key, value) in &prompt.extra {
        // A key of our own can only get here from outside; it moves aside and is not lost.
        let key = if OWN.contains(&key.as_str()) { format!("_{key}") } else { key.clone() };
        fields.entry(key).or_insert_with(|| value.clone());
    }
    Value::Object(fields)
}

/// One prompt from a JSON object; its id is empty where the object has none.
///
/// # Errors
///
/// What is missing or of the wrong kind, in words.
pub fn of_value(value: Value) -> Result<Prompt, String> {
    let Value::Object(mut fields) = value else {
        return Err(format!("it is {}, not an object", lenient::kind(&value)));
    };
    let messages = match (fields.remove("prompt"), fields.remove("messages")) {
        // Data sets that carry both repeat the prompt as the first message.
        (Some(Value::String(text)), _) => vec![Message::user(text)],
        (Some(list @ Value::Array(_)), None) | (_, Some(list)) => lenient::messages(&list)?,
        (Some(other), None) => {
            return Err(format!("“prompt” is {}, not a text", lenient::kind(&other)));
        }
        (None, None) => return Err("it has neither “prompt” nor “messages”".to_owned()),
    };
    if messages.iter().all(|message| message.content.trim().is_empty()) {
        return Err("the prompt is empty".to_owned());
    }
    let id = match fields.remove("id") {
        None | Some(Value::Null) => String::new(),
        Some(value) => lenient::scalar(&value).ok_or("the id is neither text nor number")?,
    };
    let tags = match fields.remove("tags") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(tag)) => vec![tag],
        Some(Value::Array(tags)) => tags
            .iter()
            .map(|tag| lenient::scalar(tag).ok_or("a tag is no text"))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err("the tags are no list of texts".to_owned()),
    };
    let reference = match fields.remove("reference") {
        Some(Value::String(text)) => Some(text),
        None | Some(Value::Null) => None,
        Some(other) => {
            fields.insert("reference_".to_owned(), other);
            None
        }
    };
    let extra: BTreeMap<String, Value> = fields.into_iter().collect();
    Ok(Prompt { id: PromptId(id), messages, tags, reference, extra })
}

/// Gives ids to prompts that have none.
#[derive(Debug, Default)]
pub struct Ids {
    taken: BTreeSet<String>,
    /// The last number put behind an id, so that many equal ones are not counted through each time.
    numbers: BTreeMap<String, usize>,
}

impl Ids {
    /// Notes an id as used; whether it was free.
    pub fn take(&mut self, id: &str) -> bool {
        self.taken.insert(id.to_owned())
    }

    /// A free id made from the prompt's text: the same text gets the same id in every file.
    pub fn make(&mut self, prompt: &Prompt) -> PromptId {
        let text = serde_json::to_string(&prompt.messages).unwrap_or_default();
        let hash = blake3::hash(text.as_bytes()).to_hex();
        self.free(&format!("p-{}", &hash[..8]))
    }

    /// The id itself, or with a number behind it where it is used.
    pub fn free(&mut self, id: &str) -> PromptId {
        if self.take(id) {
            return PromptId(id.to_owned());
        }
        let mut number = self.numbers.get(id).copied().unwrap_or(1);
        let free = loop {
            number += 1;
            let candidate = format!("{id}-{number}");
            if self.take(&candidate) {
                break candidate;
            }
        };
        self.numbers.insert(id.to_owned(), number);
        PromptId(free)
    }
}
