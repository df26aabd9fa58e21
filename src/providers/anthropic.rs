//! Anthropic's Messages.
//!
//! Pure, as [`super::openai`]: start with [`request`] and [`read`].
//!
//! - System messages are lifted out, in their order; neighbours of one role are joined by an empty
//!   line, as the service itself would join them. A tool's result goes in as the user's.
//! - The dialect has no seed and no log-probabilities: a choice is asked for as text.
//! - Its newer models take `temperature` or `top_p`, not both: the temperature is sent where it is
//!   not 1 (the service's default), else `top_p` where that is not 1.
//! - What the service keeps of a question it is told by marks on whole blocks: a marked text is sent
//!   as a list of one block, which means the same as the bare text. See [`CacheMarks`].
//! - A stop text of white space alone is refused by the service, so it is left out here and
//!   [`cut_at_blank_stop`] cuts the text instead.

use serde_json::{Map, Value, json};

use super::lenient;
use super::marks::CacheMarks;
use super::provider::without_answer_start;
use super::refusal::Refusal;
use super::sse::Event;
use super::usage::AnthropicUsage;
use super::wire::{Habits, Target, Unread, excerpt};
use crate::domain::{Call, Finish, Reply, Speaker, Want};

/// The address where the dialect is at home.
pub const BASE_URL: &str = "https://api.anthropic.com";

/// The environment variable that usually holds the key.
pub const KEY_ENV: &str = "ANTHROPIC_API_KEY";

/// The value of the header `anthropic-version`.
pub const VERSION: &str = "2023-06-01";

/// Who speaks in the block that holds the instructions.
const SYSTEM: &str = "system";

/// The texts of a request in the order in which the service reads them, each with who speaks:
/// `system` first, where there are instructions, then turns of `user` and `assistant`.
pub fn blocks(call: &Call) -> Vec<(&'static str, String)> {
    let mut system = String::new();
    let mut turns: Vec<(&'static str, String)> = Vec::new();
    for message in without_answer_start(&call.messages) {
        let role = match message.role {
            Speaker::System => {
                append(&mut system, &message.content);
                continue;
            }
            Speaker::User | Speaker::Tool => "user",
            Speaker::Assistant => "assistant",
        };
        match turns.last_mut() {
            Some((last, text)) if *last == role => append(text, &message.content),
            _ => turns.push((role, message.content.clone())),
        }
    }
    if !system.is_empty() {
        turns.insert(0, (SYSTEM, system));
    }
    turns
}

/// The request's body, with cache marks after those of its [`blocks`].
pub fn request(call: &Call, target: &Target, marks: CacheMarks) -> Vec<u8> {
    let sampling = &call.sampling;
    let content = |nth: usize, text: &str| match marks.is_after(nth) {
        // The service refuses a mark on an empty block.
        true if !text.is_empty() => {
            json!([{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}])
        }
        _ => json!(text),
    };
    let blocks = blocks(call);
    let system = blocks.first().filter(|(role, _)| *role == SYSTEM);
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("model", json!(target.model));
    put("max_tokens", json!(sampling.max_tokens.max(1)));
    if let Some((_, text)) = system {
        put("system", content(0, text));
    }
    let turns = blocks.iter().enumerate().filter(|(_, (role, _))| *role != SYSTEM);
    let messages =
        turns.map(|(nth, (role, text))| json!({"role": role, "content": content(nth, text)}));
    put("messages", messages.collect());
    if (sampling.temperature - 1.0).abs() > f64::EPSILON {
        put("temperature", json!(sampling.temperature));
    } else if sampling.top_p < 1.0 {
        put("top_p", json!(sampling.top_p));
    }
    let stops: Vec<_> = sampling.stop.iter().filter(|stop| !is_blank(stop)).collect();
    if !stops.is_empty() {
        put("stop_sequences", json!(stops));
    }
    put("stream", json!(target.stream && matches!(call.want, Want::Text)));
    Value::Object(body).to_string().into_bytes()
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str("\n\n");
    }
    text.push_str(more);
}

fn is_blank(stop: &str) -> bool {
    stop.trim().is_empty()
}

/// The form in which a server takes a request that it refused: without cache marks, where it says
/// that it knows none or takes a text only. `None`: marks are not what it minds.
pub fn adapt(refusal: &Refusal, used: Habits, marks: CacheMarks) -> Option<Habits> {
    let wants_text = || refusal.is_about("content") && refusal.message.contains("string");
    let is_minded =
        matches!(refusal.status, 400 | 422) && (refusal.is_about("cache_control") || wants_text());
    (used.marks && !marks.is_empty() && is_minded).then_some(Habits { marks: false, ..used })
}

/// Ends a reply at the first stop text that the service could not be given.
pub fn cut_at_blank_stop(reply: &mut Reply, call: &Call) {
    let stops = call.sampling.stop.iter().filter(|stop| !stop.is_empty() && is_blank(stop));
    if let Some(cut) = stops.filter_map(|stop| reply.text.find(stop.as_str())).min() {
        reply.text.truncate(cut);
        reply.finish = Finish::Stop;
    }
}

/// Reads a whole answer.
///
/// # Errors
///
/// Why the bytes are no reply.
pub fn read(body: &[u8]) -> Result<Reply, Unread> {
    let value = lenient::parse(body).map_err(|error| {
        if error.is_eof() && !body.is_empty() {
            Unread::Truncated(format!("the answer's JSON breaks off: {error}"))
        } else {
            Unread::Garbled(format!("the answer is no JSON: “{}”", excerpt(body)))
        }
    })?;
    if let Some(refusal) = Refusal::in_value(&value) {
        return Err(Unread::Refused(refusal));
    }
    let content = value.get("content");
    let Some(blocks) = content.filter(|content| content.is_array() || content.is_string()) else {
        return Err(Unread::Garbled(format!("the answer has no `content`: “{}”", excerpt(body))));
    };
    let mut gathered = Gathered::default();
    gathered.message(&value);
    gathered.usage.take(value.get("usage").unwrap_or(&Value::Null), true);
    match blocks {
        Value::String(text) => gathered.text.push_str(text),
        _ => blocks.as_array().into_iter().flatten().for_each(|block| gathered.block(block)),
    }
    gathered.delta(&value);
    Ok(gathered.reply())
}

/// Reads an answer that comes as events.
#[derive(Debug, Default)]
pub struct StreamReader {
    gathered: Gathered,
    done: bool,
}

impl StreamReader {
    /// Takes an event and gives the text that it adds; unknown events add nothing.
    ///
    /// # Errors
    ///
    /// When the event tells of a failure or can't be read.
    pub fn event(&mut self, event: &Event) -> Result<String, Unread> {
        if event.data.trim().is_empty() {
            return Ok(String::new());
        }
        let data = event.data.as_bytes();
        let value = lenient::parse(data).map_err(|_not_json| {
            Unread::Garbled(format!("a streamed event is no JSON: “{}”", excerpt(data)))
        })?;
        if let Some(refusal) = Refusal::in_value(&value) {
            return Err(Unread::Refused(refusal));
        }
        let none = Value::Null;
        let part = |name: &str| value.get(name).unwrap_or(&none);
        let before = self.gathered.text.len();
        match part("type").as_str().unwrap_or(&event.name) {
            "message_start" => {
                self.gathered.message(part("message"));
                // The answer has hardly begun: its tokens are told at the end.
                let usage = part("message").get("usage").unwrap_or(&none);
                self.gathered.usage.take(usage, false);
                self.gathered.delta(part("message"));
            }
            "content_block_start" => self.gathered.block(part("content_block")),
            "content_block_delta" => self.gathered.block(part("delta")),
            "message_delta" => {
                self.gathered.delta(part("delta"));
                self.gathered.usage.take(part("usage"), true);
            }
            "message_stop" => self.done = true,
            _ => {}
        }
        Ok(self.gathered.text[before..].to_owned())
    }

    /// Whether the stream said that it is over.
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// How much has come, reasoning included, in bytes.
    pub fn content_len(&self) -> usize {
        self.gathered.text.len() + self.gathered.reasoning.len()
    }

    /// Gives the reply at the stream's end.
    ///
    /// # Errors
    ///
    /// [`Unread::Truncated`] where neither a stop reason nor `message_stop` came.
    pub fn finish(self) -> Result<Reply, Unread> {
        if !self.done && self.gathered.finish.is_none() {
            return Err(Unread::Truncated(
                "the stream ended without a stop reason or message_stop".to_owned(),
            ));
        }
        Ok(self.gathered.reply())
    }
}

/// A reply's parts, as they come.
#[derive(Debug, Default)]
struct Gathered {
    text: String,
    reasoning: String,
    finish: Option<Finish>,
    model: String,
    usage: AnthropicUsage,
}

impl Gathered {
    fn message(&mut self, message: &Value) {
        if let Some(model) = message.get("model").and_then(Value::as_str) {
            model.clone_into(&mut self.model);
        }
    }

    /// A content block, or a part of one.
    fn block(&mut self, block: &Value) {
        let text = |name: &str| block.get(name).and_then(Value::as_str).unwrap_or("");
        match text("type") {
            "text" | "text_delta" => self.text.push_str(text("text")),
            "thinking" | "thinking_delta" => self.reasoning.push_str(text("thinking")),
            _ => {}
        }
    }

    fn delta(&mut self, delta: &Value) {
        if let Some(reason) = delta.get("stop_reason").and_then(Value::as_str) {
            self.finish = Some(match reason {
                "end_turn" | "stop_sequence" => Finish::Stop,
                "max_tokens" | "model_context_window_exceeded" => Finish::Length,
                "refusal" => Finish::Filtered,
                _ => Finish::Other,
            });
        }
    }

    fn reply(self) -> Reply {
        let usage = self.usage.count(!self.text.is_empty() || !self.reasoning.is_empty());
        Reply {
            text: self.text,
            reasoning: (!self.reasoning.is_empty()).then_some(self.reasoning),
            finish: self.finish.unwrap_or(Finish::Other),
            usage,
            choice: None,
            model: self.model,
            marks: Vec::new(),
        }
    }
}

#[cfg(test)]
#[path = "anthropic_tests.rs"]
mod tests;
