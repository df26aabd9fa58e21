//! The words, their tokens, and both dialects' shapes of them.

use serde_json::{Value, json};

use super::ledger::Bill;

/// The model's name in both dialects.
pub const MODEL: &str = "faultd-1";

/// How a mark begins; the question's key and a bracket follow.
const MARK: &str = "(ref ";
/// Hexadecimal digits of a key.
const KEY: usize = 16;

/// The dialects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Chat completions.
    OpenAi,
    /// Messages.
    Anthropic,
}

/// A request, read.
#[derive(Debug, Clone)]
pub struct Question {
    /// In which dialect it was put.
    pub dialect: Dialect,
    /// Names it: model, messages and seed, nothing else.
    pub key: String,
    /// All of its texts.
    pub text: String,
    /// Where in it blocks end, in bytes, and which of those ends have a cache mark.
    pub ends: Vec<usize>,
    pub marks: Vec<usize>,
    /// Tokens read from the cache and put into it, where the provider has one.
    pub kept: Option<(u64, u64)>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// Whether the stream's end is to say the tokens.
    pub stream_usage: bool,
    /// Whether log-probabilities are asked for.
    pub logprobs: bool,
    /// Words that the answer repeats; empty: none.
    pub echo: String,
}

/// A text, bare or as a list of one block, and whether it has a cache mark; `None` for all else.
fn said(content: &Value) -> Option<(&str, bool)> {
    match content {
        Value::String(text) => Some((text, false)),
        Value::Array(blocks) => {
            let [block] = blocks.as_slice() else { return None };
            let text = block["text"].as_str().filter(|text| !text.is_empty())?;
            let mark = &block["cache_control"];
            let is_known = mark.is_null() || *mark == json!({"type": "ephemeral"});
            is_known.then_some((text, !mark.is_null()))
        }
        _ => None,
    }
}

impl Question {
    /// Reads a body; `None` where it is no question.
    pub fn read(dialect: Dialect, body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let mut hasher = blake3::Hasher::new();
        let mut text = String::new();
        let (mut ends, mut marks) = (Vec::new(), Vec::new());
        let mut take = |role: &str, (words, is_marked): (&str, bool)| {
            hasher.update(role.as_bytes());
            hasher.update(&(words.len() as u64).to_le_bytes());
            hasher.update(words.as_bytes());
            text.push_str(words);
            text.push('\n');
            ends.push(text.len());
            if is_marked {
                marks.push(text.len());
            }
        };
        take("model", (value["model"].as_str()?, false));
        if let Some(system) = value.get("system") {
            take("system", said(system)?);
        }
        for message in value["messages"].as_array()? {
            take(message["role"].as_str()?, said(&message["content"])?);
        }
        hasher.update(value["seed"].to_string().as_bytes());
        let is = |pointer: &str| value.pointer(pointer).and_then(Value::as_bool).unwrap_or(false);
        Some(Self {
            dialect,
            key: hasher.finalize().to_hex()[..KEY].to_owned(),
            text,
            ends,
            marks,
            kept: None,
            stream: is("/stream"),
            stream_usage: is("/stream_options/include_usage"),
            logprobs: is("/logprobs"),
            echo: String::new(),
        })
    }

    /// The questions whose answers this one holds.
    pub fn uses(&self) -> Vec<String> {
        let mut keys = Vec::new();
        let mut rest = self.text.as_str();
        while let Some(at) = rest.find(MARK) {
            rest = &rest[at + MARK.len()..];
            if rest.get(KEY..=KEY) == Some(")") {
                keys.push(rest[..KEY].to_owned());
            }
        }
        keys
    }

    /// A number that depends on the question alone.
    pub fn number(&self) -> u64 {
        u64::from_str_radix(&self.key, 16).unwrap()
    }

    /// The answer's words.
    pub fn answer(&self) -> String {
        const SENTENCES: [&str; 6] = [
            "It could say more about its reasons and name one example.",
            "Der Ton ist freundlich – größtenteils, und kurz genug.",
            "First weigh what the reader knows, then what they need next.",
            "短い答えのほうが親切なこともあります。",
            "A second look finds one claim that nobody has checked.",
            "Quotes such as \"this\" and a\ttab stay as they are.\nSo does a line.",
        ];
        if let Some((letters, pick)) = self.choice() {
            return letters[pick].to_owned();
        }
        let number = self.number();
        let count = 2 + (number % 5) as usize;
        let words: Vec<&str> =
            (0..count).map(|n| SENTENCES[(number >> (8 * n)) as usize % SENTENCES.len()]).collect();
        format!("{}{} {MARK}{})", words.join(" "), self.echo, self.key)
    }

    /// Where one of a few answers is wanted: which there are, and which it is.
    fn choice(&self) -> Option<(&'static [&'static str], usize)> {
        let last = self.text.trim_end();
        let last = last.strip_suffix("Score:").unwrap_or(last).trim_end();
        let letters: &[&str] = if last.ends_with("A or B.") {
            &["A", "B"]
        } else if last.ends_with("Answer Yes or No.") {
            &["Yes", "No"]
        } else if self.logprobs || last.ends_with("from 1 to 5.") {
            &["1", "2", "3", "4", "5"]
        } else {
            return None;
        };
        Some((letters, (self.number() % letters.len() as u64) as usize))
    }

    /// What the answer is billed: about four bytes a token, some read from a cache, some of it
    /// reasoning. A dialect only bills what it can tell.
    pub fn bill(&self) -> Bill {
        let number = self.number();
        let prompt = self.text.len() as u64 / 4 + 7;
        let is_openai = self.dialect == Dialect::OpenAi;
        let (cached, cache_write) = self.kept.unwrap_or_else(|| {
            let cached = if number.is_multiple_of(3) { prompt / 64 * 64 } else { 0 };
            let is_written = !is_openai && number.is_multiple_of(5);
            (cached, if is_written { (prompt - cached) / 2 } else { 0 })
        });
        let reasoning = if is_openai && number.is_multiple_of(4) { 20 + number % 80 } else { 0 };
        let completion = self.answer().len() as u64 / 4 + 1 + reasoning;
        Bill { prompt, cached, cache_write, completion, reasoning }
    }

    /// The answer as one body.
    pub fn whole(&self, has_logprobs: bool) -> Vec<u8> {
        let text = self.answer();
        let value = match self.dialect {
            Dialect::OpenAi => {
                let mut choice = json!({
                    "index": 0, "finish_reason": "stop",
                    "message": {"role": "assistant", "content": text},
                });
                if self.logprobs && has_logprobs {
                    choice["logprobs"] = self.logprobs();
                }
                json!({
                    "id": format!("chatcmpl-{}", self.key), "object": "chat.completion",
                    "created": 0, "model": MODEL, "choices": [choice], "usage": self.usage(),
                })
            }
            Dialect::Anthropic => json!({
                "id": format!("msg_{}", self.key), "type": "message", "role": "assistant",
                "model": MODEL, "content": [{"type": "text", "text": text}],
                "stop_reason": "end_turn", "stop_sequence": null, "usage": self.usage(),
            }),
        };
        value.to_string().into_bytes()
    }

    /// The answer as streamed events, in order.
    pub fn events(&self) -> Vec<String> {
        let text = self.answer();
        let letters: Vec<char> = text.chars().collect();
        let pieces: Vec<String> = letters.chunks(40).map(|chunk| chunk.iter().collect()).collect();
        let event = |value: &Value| match self.dialect {
            Dialect::OpenAi => format!("data: {value}\n\n"),
            Dialect::Anthropic => {
                let name = value["type"].as_str().unwrap();
                format!("event: {name}\ndata: {value}\n\n")
            }
        };
        let mut events = Vec::new();
        match self.dialect {
            Dialect::OpenAi => {
                let chunk = |choices: Value, usage: Value| {
                    let id = format!("chatcmpl-{}", self.key);
                    json!({
                        "id": id, "object": "chat.completion.chunk", "created": 0, "model": MODEL,
                        "choices": choices, "usage": usage,
                    })
                };
                for piece in &pieces {
                    let choice = json!([{"index": 0, "delta": {"content": piece}}]);
                    events.push(event(&chunk(choice, Value::Null)));
                }
                let end = json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]);
                events.push(event(&chunk(end, Value::Null)));
                if self.stream_usage {
                    events.push(event(&chunk(json!([]), self.usage())));
                }
                events.push("data: [DONE]\n\n".to_owned());
            }
            Dialect::Anthropic => {
                let mut first = self.usage();
                first["output_tokens"] = json!(1);
                events.push(event(&json!({"type": "message_start", "message": {
                    "id": format!("msg_{}", self.key), "type": "message", "role": "assistant",
                    "model": MODEL, "content": [], "stop_reason": null, "usage": first,
                }})));
                events.push(event(&json!({"type": "content_block_start", "index": 0,
                    "content_block": {"type": "text", "text": ""}})));
                events.push(event(&json!({"type": "ping"})));
                for piece in &pieces {
                    events.push(event(&json!({"type": "content_block_delta", "index": 0,
                        "delta": {"type": "text_delta", "text": piece}})));
                }
                events.push(event(&json!({"type": "content_block_stop", "index": 0})));
                events.push(event(&json!({"type": "message_delta",
                    "delta": {"stop_reason": "end_turn", "stop_sequence": null},
                    "usage": {"output_tokens": self.bill().completion}})));
                events.push(event(&json!({"type": "message_stop"})));
            }
        }
        events
    }

    fn usage(&self) -> Value {
        let bill = self.bill();
        match self.dialect {
            Dialect::OpenAi => json!({
                "prompt_tokens": bill.prompt, "completion_tokens": bill.completion,
                "total_tokens": bill.prompt + bill.completion,
                "prompt_tokens_details": {"cached_tokens": bill.cached},
                "completion_tokens_details": {"reasoning_tokens": bill.reasoning},
            }),
            Dialect::Anthropic => json!({
                "input_tokens": bill.prompt - bill.cached - bill.cache_write,
                "cache_read_input_tokens": bill.cached,
                "cache_creation_input_tokens": bill.cache_write,
                "output_tokens": bill.completion,
            }),
        }
    }

    fn logprobs(&self) -> Value {
        let (letters, pick) = self.choice().unwrap();
        let others = 0.3 / (letters.len() - 1) as f64;
        let top: Vec<Value> = letters
            .iter()
            .enumerate()
            .map(|(at, token)| {
                let p = if at == pick { 0.7 } else { others };
                json!({"token": token, "logprob": p.ln()})
            })
            .collect();
        json!({"content": [{
            "token": letters[pick], "logprob": 0.7_f64.ln(), "top_logprobs": top,
        }]})
    }
}
