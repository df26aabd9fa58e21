//! OpenAI's chat completions, as spoken by OpenAI, vLLM, llama.cpp, Ollama, LM Studio, ….
//!
//! Pure: a call becomes a body's bytes, a body's bytes become a reply. Start with [`request`] and
//! [`read`]; [`StreamReader`] reads the same answer in pieces.
//!
//! - The longest length is `max_completion_tokens` at OpenAI's and Azure's own addresses and
//!   `max_tokens` elsewhere; a server that insists on the other one says so once ([`adapt`]).
//! - A seed is folded to 31 bits, because llama.cpp takes no more (and reads its largest value as
//!   “random”); samples of one question get seeds that follow each other.
//! - Where the model's entry says so, or the server refuses it, no seed is sent.
//! - A choice asks for few tokens at temperature 0 with log-probabilities. Where the server has
//!   none, it is asked for text with the call's own sampling, and the reply has no probabilities.

use serde::Serialize;
use serde_json::Value;

use super::choice::{self, Position};
use super::lenient;
use super::provider::without_answer_start;
use super::refusal::Refusal;
use super::sse::Event;
use super::usage::OpenAiUsage;
use super::wire::{Habits, LengthField, Target, Unread, excerpt};
use crate::domain::{Call, Finish, Message, Reply, Want};

/// The address where the dialect is at home.
pub const BASE_URL: &str = "https://api.openai.com/v1";

/// The environment variable that usually holds the key.
pub const KEY_ENV: &str = "OPENAI_API_KEY";

/// The longest answer to a choice that is read by probabilities, in tokens: room for a space, a
/// bracket and the answer.
const CHOICE_TOKENS: u32 = 4;

/// What a server at this host takes, before it was asked.
pub fn habits_of(host: &str) -> Habits {
    let own = host == "openai.com" || host.ends_with(".openai.com") || is_azure(host);
    let length = if own { LengthField::MaxCompletionTokens } else { LengthField::MaxTokens };
    Habits { length, ..Habits::default() }
}

/// Whether the host is Azure's, which wants its key in a header of its own.
pub fn is_azure(host: &str) -> bool {
    [".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com"]
        .iter()
        .any(|end| host.ends_with(end))
}

/// A request, in the order in which it is written.
#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: &'a [Message],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    temperature: f64,
    top_p: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u8>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// The request's body.
pub fn request(call: &Call, target: &Target) -> Vec<u8> {
    let sampling = &call.sampling;
    let habits = target.habits;
    let by_probability = matches!(call.want, Want::Choice(_)) && habits.top_logprobs > 0;
    let longest = if by_probability {
        CHOICE_TOKENS.min(sampling.max_tokens.max(1))
    } else {
        sampling.max_tokens
    };
    let is_old = habits.length == LengthField::MaxTokens;
    // Several samples of one choice are votes, which must be free to differ.
    let greedy = by_probability && call.sample == 0;
    let stream = target.stream && matches!(call.want, Want::Text);
    let seed = sampling
        .seed
        .filter(|_| habits.seed)
        .map(|seed| folded(seed.wrapping_add(u64::from(call.sample))));
    let body = Body {
        model: &target.model,
        // Roles are called here as the domain calls them.
        messages: without_answer_start(&call.messages),
        max_tokens: is_old.then_some(longest),
        max_completion_tokens: (!is_old).then_some(longest),
        temperature: if greedy { 0.0 } else { sampling.temperature },
        top_p: sampling.top_p,
        frequency_penalty: Some(sampling.frequency_penalty).filter(|penalty| *penalty != 0.0),
        stop: &sampling.stop,
        seed,
        logprobs: by_probability.then_some(true),
        top_logprobs: by_probability.then_some(habits.top_logprobs),
        stream,
        stream_options: (stream && habits.stream_usage)
            .then_some(StreamOptions { include_usage: true }),
    };
    // Strings, numbers and lists can always be written.
    serde_json::to_vec(&body).unwrap_or_default()
}

/// A seed in 31 bits; one that fits already stays as it is.
fn folded(seed: u64) -> u64 {
    (seed ^ (seed >> 31) ^ (seed >> 62)) & 0x7fff_ffff
}

/// What to change after a refusal that is about a field which servers differ in; `None` where the
/// refusal is about something else.
pub fn adapt(refusal: &Refusal, used: Habits, is_choice: bool) -> Option<Habits> {
    if !matches!(refusal.status, 400 | 403 | 404 | 422 | 501) {
        return None;
    }
    if is_choice && used.top_logprobs > 0 {
        if refusal.is_about("logprobs") {
            // Some allow 5 at most; what refuses those, too, has none.
            let fewer = if used.top_logprobs > 5 { 5 } else { 0 };
            return Some(Habits { top_logprobs: fewer, ..used });
        }
        // The 0 is ours, not the recipe's; models that refuse it have no log-probabilities either.
        if refusal.is_about("temperature") {
            return Some(Habits { top_logprobs: 0, ..used });
        }
    }
    if used.stream_usage && refusal.is_about("stream_options") {
        return Some(Habits { stream_usage: false, ..used });
    }
    if used.seed && refusal.is_about("seed") {
        return Some(Habits { seed: false, ..used });
    }
    let other = match used.length {
        LengthField::MaxTokens if refusal.is_about("max_completion_tokens") => {
            LengthField::MaxCompletionTokens
        }
        LengthField::MaxCompletionTokens if refusal.is_about("max_completion_tokens") => {
            LengthField::MaxTokens
        }
        _ => return None,
    };
    Some(Habits { length: other, ..used })
}

/// Reads a whole answer.
///
/// # Errors
///
/// Why the bytes are no reply.
pub fn read(body: &[u8], want: &Want) -> Result<Reply, Unread> {
    let value = lenient::parse(body).map_err(|error| {
        // A body that ends too early has come in part; any other slip makes it something else.
        if error.is_eof() && !body.is_empty() {
            Unread::Truncated(format!("the answer's JSON breaks off: {error}"))
        } else {
            Unread::Garbled(format!("the answer is no JSON: “{}”", excerpt(body)))
        }
    })?;
    if let Some(refusal) = Refusal::in_value(&value) {
        return Err(Unread::Refused(refusal));
    }
    let first = value.get("choices").and_then(|choices| choices.get(0)).ok_or_else(|| {
        Unread::Garbled(format!("the answer has no `choices`: “{}”", excerpt(body)))
    })?;
    let message = first.get("message").filter(|message| message.is_object()).unwrap_or(first);
    if !["content", "text", "reasoning", "reasoning_content", "refusal", "tool_calls"]
        .iter()
        .any(|name| message.get(name).is_some())
    {
        return Err(Unread::Garbled(format!("the answer has no `message`: “{}”", excerpt(body))));
    }
    let mut gathered = Gathered::default();
    gathered.take(&value, first, message, want);
    Ok(gathered.reply(want))
}

/// How many tokens an answer's first position lists; `None` where it lists none.
pub fn listed(body: &[u8]) -> Option<usize> {
    let value = lenient::parse(body).ok()?;
    let position = value.pointer("/choices/0/logprobs/content/0/top_logprobs")?;
    position.as_array().map(Vec::len).filter(|count| *count > 0)
}

/// Reads an answer that comes as events.
#[derive(Debug, Default)]
pub struct StreamReader {
    gathered: Gathered,
    done: bool,
}

impl StreamReader {
    /// Takes an event and gives the text that it adds.
    ///
    /// # Errors
    ///
    /// When the event tells of a failure or can't be read.
    pub fn event(&mut self, event: &Event, want: &Want) -> Result<String, Unread> {
        let data = event.data.trim();
        if data == "[DONE]" {
            self.done = true;
            return Ok(String::new());
        }
        if data.is_empty() {
            return Ok(String::new());
        }
        let value = lenient::parse(data.as_bytes()).map_err(|_not_json| {
            Unread::Garbled(format!("a streamed event is no JSON: “{}”", excerpt(data.as_bytes())))
        })?;
        if let Some(refusal) = Refusal::in_value(&value) {
            return Err(Unread::Refused(refusal));
        }
        let none = Value::Null;
        let first = value.get("choices").and_then(|choices| choices.get(0)).unwrap_or(&none);
        // With `n` left at 1 there is only one, but a server's other ones are not ours.
        if lenient::count(first.get("index")).is_some_and(|index| index > 0) {
            return Ok(String::new());
        }
        let delta = first.get("delta").filter(|delta| delta.is_object()).unwrap_or(first);
        let before = self.gathered.text.len();
        self.gathered.take(&value, first, delta, want);
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
    /// [`Unread::Truncated`] where neither a finish reason nor `[DONE]` came.
    pub fn finish(self, want: &Want) -> Result<Reply, Unread> {
        if !self.done && self.gathered.finish.is_none() {
            return Err(Unread::Truncated(
                "the stream ended without a finish reason or [DONE]".to_owned(),
            ));
        }
        Ok(self.gathered.reply(want))
    }
}

/// A reply's parts, as they come.
#[derive(Debug, Default)]
struct Gathered {
    text: String,
    reasoning: String,
    is_refusal: bool,
    finish: Option<Finish>,
    usage: OpenAiUsage,
    model: String,
    positions: Vec<Position>,
}

impl Gathered {
    fn take(&mut self, whole: &Value, choice: &Value, message: &Value, want: &Want) {
        if let Some(text) = lenient::text(message.get("content").or(message.get("text"))) {
            self.text.push_str(&text);
        }
        if let Some(refusal) = message.get("refusal").and_then(Value::as_str) {
            self.text.push_str(refusal);
            self.is_refusal |= !refusal.is_empty();
        }
        // vLLM's old and new name; a server that sends both sends the same.
        let reasoning = message.get("reasoning_content").filter(|value| value.is_string());
        if let Some(text) = lenient::text(reasoning.or(message.get("reasoning"))) {
            self.reasoning.push_str(&text);
        }
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            self.finish = Some(finish_of(reason));
        }
        self.usage.take(whole, choice);
        if let Some(model) = whole.get("model").and_then(Value::as_str)
            && self.model != model
        {
            model.clone_into(&mut self.model);
        }
        if matches!(want, Want::Choice(_))
            && let Some(tokens) = choice.get("logprobs").and_then(|probs| probs.get("content"))
        {
            self.positions.extend(choice::positions(tokens));
        }
    }

    fn reply(self, want: &Want) -> Reply {
        let finish = match self.finish {
            _ if self.is_refusal => Finish::Filtered,
            Some(finish) => finish,
            None => Finish::Other,
        };
        // The positions of a reasoning model are those of its reasoning, not of its answer.
        let choice = match want {
            Want::Choice(answers) if self.reasoning.is_empty() && !self.is_refusal => {
                choice::reading(answers, &self.positions)
            }
            _ => None,
        };
        let usage = self.usage.count(!self.text.is_empty() || !self.reasoning.is_empty());
        Reply {
            text: self.text,
            reasoning: (!self.reasoning.is_empty()).then_some(self.reasoning),
            finish,
            usage,
            choice,
            model: self.model,
            marks: Vec::new(),
        }
    }
}

fn finish_of(reason: &str) -> Finish {
    match reason {
        "stop" | "eos" | "eos_token" | "stop_sequence" | "end_turn" => Finish::Stop,
        "length" | "max_tokens" => Finish::Length,
        "content_filter" => Finish::Filtered,
        _ => Finish::Other,
    }
}

#[cfg(test)]
#[path = "openai_tests.rs"]
mod tests;
