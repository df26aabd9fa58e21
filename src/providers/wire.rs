//! What both remote dialects share: where a request goes, what a server was found to take, and how
//! an answer can fail to be one.

use super::refusal::Refusal;

/// Where a request goes and in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The provider's name for the model.
    pub model: String,
    /// Whether the answer is streamed; a choice never is.
    pub stream: bool,
    /// What this server was found to take.
    pub habits: Habits,
}

/// What a server takes, where servers of one dialect differ.
///
/// It starts with what the address tells and is corrected by the server's own refusals; each step
/// only ever takes something away, so learning ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habits {
    /// How the longest length is named.
    pub length: LengthField,
    /// How many log-probabilities are asked for at each position, 0..=20; 0: none at all.
    pub top_logprobs: u8,
    /// Whether a stream is asked to end with the tokens used.
    pub stream_usage: bool,
    /// Whether seeds are sent.
    pub seed: bool,
    /// Whether cache marks are set.
    pub marks: bool,
}

impl Default for Habits {
    fn default() -> Self {
        let length = LengthField::MaxTokens;
        Self { length, top_logprobs: 20, stream_usage: true, seed: true, marks: true }
    }
}

/// The name of the field that limits an answer's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthField {
    /// The old name, which every server but OpenAI's newest models takes.
    MaxTokens,
    /// OpenAI's new name, which its reasoning models insist on.
    MaxCompletionTokens,
}

/// Why bytes that came with status 200 are no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// They tell of a failure, instead of an answer or in its midst.
    Refused(Refusal),
    /// They are not of the dialect; says how.
    Garbled(String),
    /// They break off; says where.
    Truncated(String),
}

/// The first characters of a body, on one line, to show what came instead of an answer.
pub(super) fn excerpt(body: &[u8]) -> String {
    one_line(&String::from_utf8_lossy(&body[..body.len().min(400)]), 80)
}

/// A text on one line, cut after `longest` characters.
pub(super) fn one_line(text: &str, longest: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    match line.char_indices().nth(longest) {
        Some((cut, _)) => format!("{}…", &line[..cut]),
        None => line,
    }
}
