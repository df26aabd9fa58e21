//! A reaction to a response on its way to a principle.

use super::PromptKey;
use crate::domain::CallFailure;
use crate::methods::react::{Reaction, Suggested};

/// A reaction being written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReactState {
    /// Praise, complaint or rewrite.
    pub reaction: Reaction,
    /// What it is about.
    pub about: About,
    /// What the user says of the response.
    pub said: String,
    /// The response as the user would have it.
    pub rewrite: String,
    /// What the model wrote of it.
    pub suggesting: Suggesting,
    /// The candidates as the user edited them; 0 is the user's own.
    pub candidates: Vec<String>,
    /// The candidate chosen.
    pub chosen: usize,
    /// Whether the user wrote candidate 0 otherwise than what was said.
    pub own_edited: bool,
    /// The chain run with a candidate, by number.
    pub tried: Option<u64>,
}

/// What a [`ReactState`] is about.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct About {
    /// The prompt.
    pub key: PromptKey,
    /// The chain, by number.
    pub trial: u64,
    /// The response: the chain's last answer.
    pub response: String,
}

/// How far the candidates are.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Suggesting {
    /// Nobody asked.
    #[default]
    NotYet,
    /// The model writes; events of other numbers are left aside.
    Running(u64),
    /// It wrote; where there is no candidate, its reply could not be read.
    Done(Suggested),
    /// It could not be asked.
    Failed(CallFailure),
}

impl ReactState {
    /// The text of the candidate chosen, trimmed.
    pub fn candidate(&self) -> &str {
        self.candidates.get(self.chosen).map_or("", |text| text.trim())
    }
}
