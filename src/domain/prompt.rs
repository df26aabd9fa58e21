//! Prompts: what a user says to the model that is being shaped.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ids::PromptId;

/// Who says a message.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::Display,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Speaker {
    /// Instructions to the model.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// A tool's result.
    Tool,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who says it.
    pub role: Speaker,
    /// What is said.
    pub content: String,
}

impl Message {
    /// A message of the given speaker.
    pub fn new(role: Speaker, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }

    /// A user's message.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new(Speaker::User, content)
    }

    /// An assistant's message.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new(Speaker::Assistant, content)
    }

    /// A system message.
    pub fn system(content: impl Into<String>) -> Self {
        Self::new(Speaker::System, content)
    }
}

/// A conversation that waits for an answer; its last message is normally the user's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Unique within its set.
    pub id: PromptId,
    /// The conversation, at least one message.
    pub messages: Vec<Message>,
    /// Topics and filters.
    pub tags: Vec<String>,
    /// A known good answer, where there is one.
    pub reference: Option<String>,
    /// Further columns of the file it came from, kept as they were.
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// The column of a prompt that holds the item of a label set which a judge is asked about.
pub const JUDGED_COLUMN: &str = "judged";

impl Prompt {
    /// Whether it asks a judge about an item once more, perhaps changed in a way that should not
    /// matter: a measurement of the judge, and nothing to train on.
    pub fn is_asked_again(&self) -> bool {
        let again = self.extra.get(JUDGED_COLUMN).and_then(|judged| judged.get("again"));
        again.is_some_and(|again| !again.is_null())
    }

    /// A prompt of one user message.
    pub fn of_text(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            id: PromptId(id.into()),
            messages: vec![Message::user(text)],
            tags: Vec::new(),
            reference: None,
            extra: BTreeMap::new(),
        }
    }

    /// The last user message, which lists show; empty where there is none.
    pub fn text(&self) -> &str {
        self.messages
            .iter()
            .rev()
            .find(|message| message.role == Speaker::User)
            .map_or("", |message| message.content.as_str())
    }
}

/// A named list of prompts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PromptSet {
    /// Its file's name without the ending.
    pub name: String,
    /// The prompts, in the file's order.
    pub prompts: Vec<Prompt>,
}
