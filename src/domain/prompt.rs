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

impl Prompt {
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
