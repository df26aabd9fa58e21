//! One record of whatever table or list as a prompt.

use serde_json::{Map, Value};

use super::{Imported, Problem, PromptSet, Source, stem};
use crate::domain::{Message, Prompt, PromptId, Speaker};
use crate::formats::lenient;
use crate::formats::prompts::Ids;

/// Columns that may hold a prompt, the surest first.
pub(in crate::formats::import) const PROMPT_COLUMNS: &[&str] = &[
    "prompt",
    "messages",
    "conversations",
    "conversation",
    "instruction",
    "question",
    "query",
    "user_prompt",
    "user",
    "input",
    "problem",
    "task",
    "goal",
    "request",
    "text",
    "content",
];

/// Columns that may hold a known good answer.
const REFERENCE_COLUMNS: &[&str] =
    &["reference", "reference_answer", "ground_truth", "answer", "target", "output", "completion"];

/// Columns that may hold an id.
const ID_COLUMNS: &[&str] = &["id", "prompt_id", "question_id", "idx", "index", "_id", "uid"];

/// Columns that may hold topics.
const TAG_COLUMNS: &[&str] = &["tags", "tag", "category", "categories", "topic", "example_tags"];

/// Gathers prompts and what is to be told about them.
pub(in crate::formats::import) struct Collector {
    prompts: Vec<Prompt>,
    ids: Ids,
    renamed: usize,
    made: usize,
    answers: usize,
    dropped: Vec<(String, String)>,
    column: Option<&'static str>,
}

impl Collector {
    pub(in crate::formats::import) fn new() -> Self {
        Self {
            prompts: Vec::new(),
            ids: Ids::default(),
            renamed: 0,
            made: 0,
            answers: 0,
            dropped: Vec::new(),
            column: None,
        }
    }

    /// Adds one record; what can't be a prompt is listed under its place.
    pub(in crate::formats::import) fn record(&mut self, place: String, fields: Map<String, Value>) {
        match self.of_fields(fields) {
            Ok(prompt) => self.prompt(place, prompt),
            Err(why) => self.dropped.push((place, why)),
        }
    }

    /// Adds one prompt; an empty id is made up, a taken one gets a number.
    pub(in crate::formats::import) fn prompt(&mut self, place: String, mut prompt: Prompt) {
        // Answers at the end are what a model would write: the last one is kept as reference.
        while prompt.messages.last().is_some_and(|last| last.role == Speaker::Assistant) {
            let answer = prompt.messages.pop().map(|message| message.content);
            self.answers += 1;
            if prompt.reference.is_none() {
                prompt.reference = answer.filter(|answer| !answer.trim().is_empty());
            }
        }
        let bytes: usize = prompt.messages.iter().map(|message| message.content.len()).sum();
        if bytes > lenient::LONGEST_RECORD {
            self.dropped.push((place, lenient::too_long(bytes)));
            return;
        }
        if prompt.text().trim().is_empty() {
            self.dropped.push((place, "it has no user's message".to_owned()));
            return;
        }
        if prompt.messages.last().is_none_or(|last| last.content.trim().is_empty()) {
            self.dropped.push((place, "its last message is empty".to_owned()));
            return;
        }
        if prompt.id.0.trim().is_empty() {
            prompt.id = self.ids.make(&prompt);
            self.made += 1;
        } else {
            let free = self.ids.free(&prompt.id.0);
            self.renamed += usize::from(free != prompt.id);
            prompt.id = free;
        }
        self.prompts.push(prompt);
    }

    pub(in crate::formats::import) fn drop(&mut self, place: String, why: impl Into<String>) {
        self.dropped.push((place, why.into()));
    }

    /// The set with its notes; refused where no prompt was found.
    pub(in crate::formats::import) fn finish(
        self,
        format: &'static str,
        source: &Source<'_>,
    ) -> Result<Imported<PromptSet>, Problem> {
        if self.prompts.is_empty() {
            let why = match self.dropped.first() {
                Some((place, why)) => format!("no prompt was found in it; {place}: {why}"),
                None => "no prompt was found in it".to_owned(),
            };
            let hint = format!("name the column one of {}", PROMPT_COLUMNS.join(", "));
            return Err(Problem::error("file", why, &hint));
        }
        let value = PromptSet { name: stem(source.name), prompts: self.prompts };
        let mut imported = Imported::of(format, value);
        if let Some(column) = self.column.filter(|column| *column != "prompt") {
            imported = imported.note(format!("Prompts were taken from the column “{column}”."));
        }
        if self.made > 0 {
            let made = self.made;
            imported = imported
                .note(format!("{made} prompts had no id and got one made from their text."));
        }
        if self.renamed > 0 {
            let renamed = self.renamed;
            imported =
                imported.note(format!("{renamed} ids stood twice and got a number behind them."));
        }
        if self.answers > 0 {
            imported = imported.note(
                "Answers at the end of conversations were taken off; the first that was is kept as \
                 reference.",
            );
        }
        imported.dropped = self.dropped;
        Ok(imported)
    }

    fn of_fields(&mut self, fields: Map<String, Value>) -> Result<Prompt, String> {
        let (prompt, column) = prompt_of(fields)?;
        self.column.get_or_insert(column);
        Ok(prompt)
    }
}

/// A record's prompt with what stands beside it, and the column that it was taken from. Its id is
/// empty where the record has none.
///
/// # Errors
///
/// Why it has none, in words.
pub(in crate::formats::import) fn prompt_of(
    mut fields: Map<String, Value>,
) -> Result<(Prompt, &'static str), String> {
    let filled = |fields: &Map<String, Value>, name: &str| match fields.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    };
    let actual = |fields: &Map<String, Value>, wanted: &str| {
        fields.keys().find(|key| key.trim().eq_ignore_ascii_case(wanted)).cloned()
    };
    let found = PROMPT_COLUMNS.iter().find_map(|column| {
        let key = actual(&fields, column)?;
        filled(&fields, &key).then_some((*column, key))
    });
    let Some((column, key)) = found else {
        let keys: Vec<&str> = fields.keys().take(8).map(String::as_str).collect();
        return Err(format!("no column looks like a prompt; it has {}", keys.join(", ")));
    };
    let value = fields.remove(&key).unwrap_or_default();
    let mut messages = match value {
        Value::String(text) => vec![Message::user(text)],
        list @ Value::Array(_) => lenient::messages(&list)?,
        other => return Err(format!("“{key}” is {}, not a text", lenient::kind(&other))),
    };
    if column == "instruction"
        && let Some(input) = lenient::text_of(&fields, "input").map(ToOwned::to_owned)
        && let Some(only) = messages.first_mut()
    {
        // Alpaca's form: the instruction, then what it is about.
        only.content = format!("{}\n\n{input}", only.content);
        fields.remove("input");
    }
    // Tables that carry the prompt as text and again as messages repeat it.
    if column == "prompt" {
        fields.remove("messages");
    }
    for name in ["system", "system_prompt"] {
        if let Some(system) = lenient::text_of(&fields, name).map(ToOwned::to_owned)
            && messages.first().is_none_or(|first| first.role != Speaker::System)
        {
            messages.insert(0, Message::system(system));
            fields.remove(name);
        }
    }
    let mut take = |columns: &[&str]| {
        columns.iter().find_map(|column| {
            let key = actual(&fields, column)?;
            let value = fields.get(&key)?;
            lenient::scalar(value)?;
            fields.remove(&key).and_then(|value| lenient::scalar(&value))
        })
    };
    let id = take(ID_COLUMNS).unwrap_or_default();
    let reference = take(REFERENCE_COLUMNS).filter(|text| !text.trim().is_empty());
    let mut tags = Vec::new();
    for column in TAG_COLUMNS {
        let Some(key) = actual(&fields, column) else { continue };
        match fields.get(&key) {
            Some(Value::String(text)) => {
                tags.extend(text.split(',').map(str::trim).map(ToOwned::to_owned));
            }
            Some(Value::Array(items)) => tags.extend(items.iter().filter_map(lenient::scalar)),
            _ => continue,
        }
        fields.remove(&key);
    }
    tags.retain(|tag| !tag.is_empty());
    // What could not be understood stays as it was under a name of its own.
    let extra = fields
        .into_iter()
        .filter(|(key, value)| !key.is_empty() && !value.is_null())
        .map(|(key, value)| match key.as_str() {
            "id" | "prompt" | "messages" | "tags" | "reference" => (format!("_{key}"), value),
            _ => (key, value),
        })
        .collect();
    Ok((Prompt { id: PromptId(id), messages, tags, reference, extra }, column))
}
