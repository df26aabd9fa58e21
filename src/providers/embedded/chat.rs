//! Renders a conversation as tokens by the model's own chat template.
//!
//! The invariant: what a message says can never become markup. The template is rendered with a
//! placeholder of private-use characters for each content, the result is cut at the placeholders,
//! and contents are encoded as plain text by [`Tokenizer::encode`].
//! A template is code from an untrusted file: it runs with fuel, a recursion limit and no loader.

use minijinja::{Environment, Error, ErrorKind, Value, context};

use super::{error::EmbeddedError, tokenizer::Tokenizer};

/// Steps of the template engine; known templates take a few hundred (chosen by eye).
const FUEL: u64 = 500_000;
const RECURSION_LIMIT: usize = 64;
const MAX_TEMPLATE_BYTES: usize = 256 << 10;
const MAX_RENDERED_BYTES: usize = 1 << 20;

/// What models without a template of their own are asked in.
///
/// Source: `ChatML`, <https://github.com/openai/openai-python/blob/release-v0.28.0/chatml.md>.
const CHATML: &str = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + \
    message['content'] + '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}\
    {{ '<|im_start|>assistant\n' }}{% endif %}";

const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Instructions that stand above the conversation.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// Gives the name that chat templates use.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said; always plain text to the model.
    pub content: String,
}

impl Message {
    /// Gives a message of that role.
    pub fn new(role: Role, content: impl Into<String>) -> Self {
        Self { role, content: content.into() }
    }
}

/// A chat template, checked and ready to render.
#[derive(Debug)]
pub(super) struct ChatTemplate {
    environment: Environment<'static>,
}

impl ChatTemplate {
    /// Compiles `source`, or `ChatML` where the model has none.
    pub(super) fn new(source: Option<&str>) -> Result<Self, EmbeddedError> {
        let source = source.unwrap_or(CHATML);
        if source.len() > MAX_TEMPLATE_BYTES || source.contains([OPEN, CLOSE]) {
            return Err(EmbeddedError::Template {
                reason: "it is too long or has private-use characters".to_owned(),
            });
        }
        let mut environment = Environment::new();
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(RECURSION_LIMIT);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        // As the transformers library does for chat templates.
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_unknown_method_callback(|_state, value, method, arguments| {
            python_method(value, method, arguments)
        });
        environment.add_function("raise_exception", |reason: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, reason))
        });
        environment
            .add_template_owned("chat", source.to_owned())
            .map_err(|error| EmbeddedError::Template { reason: error.to_string() })?;
        Ok(Self { environment })
    }

    /// Gives the prompt's tokens up to where the assistant speaks.
    ///
    /// `answer_start` is plain text that the answer is made to begin with.
    pub(super) fn encode(
        &self,
        tokenizer: &Tokenizer,
        messages: &[Message],
        answer_start: &str,
    ) -> Result<Vec<u32>, EmbeddedError> {
        let rendered = self.render(tokenizer, messages)?;
        let mut seen = vec![false; messages.len()];
        let mut ids = Vec::new();
        let mut rest = rendered.as_str();
        while let Some((markup, after)) = rest.split_once(OPEN) {
            ids.extend(tokenizer.encode_markup(markup)?);
            let (index, after) = after
                .split_once(CLOSE)
                .and_then(|(digits, after)| Some((digits.parse::<usize>().ok()?, after)))
                .filter(|(index, _)| *index < messages.len())
                .ok_or_else(|| template_error("it took a message's content apart"))?;
            if let (Some(message), Some(seen)) = (messages.get(index), seen.get_mut(index)) {
                ids.extend(tokenizer.encode(&message.content)?);
                *seen = true;
            }
            rest = after;
        }
        ids.extend(tokenizer.encode_markup(rest)?);
        if seen.contains(&false) {
            return Err(template_error("it left out a message"));
        }
        ids.extend(tokenizer.encode(answer_start)?);
        if ids.is_empty() {
            return Err(template_error("it rendered nothing"));
        }
        Ok(ids)
    }

    fn render(&self, tokenizer: &Tokenizer, messages: &[Message]) -> Result<String, EmbeddedError> {
        let rows: Vec<Value> = messages
            .iter()
            .enumerate()
            .map(|(index, message)| {
                let content = format!("{OPEN}{index}{CLOSE}");
                context! { role => message.role.name(), content => content }
            })
            .collect();
        let (bos_token, eos_token) = tokenizer.edge_words();
        let rendered = self
            .environment
            .get_template("chat")
            .and_then(|template| {
                template.render(context! {
                    messages => rows,
                    add_generation_prompt => true,
                    // Qwen 3: answer at once; a reasoning trace would eat the token limit.
                    enable_thinking => false,
                    bos_token,
                    eos_token,
                })
            })
            .map_err(|error| template_error(&error.to_string()))?;
        if rendered.len() > MAX_RENDERED_BYTES {
            return Err(template_error("it rendered more than a megabyte of markup"));
        }
        Ok(rendered)
    }
}

fn template_error(reason: &str) -> EmbeddedError {
    EmbeddedError::Template { reason: reason.to_owned() }
}

/// The few methods of Python's `str` that published chat templates call.
fn python_method(value: &Value, method: &str, arguments: &[Value]) -> Result<Value, Error> {
    let unknown = || Error::new(ErrorKind::UnknownMethod, format!("no method {method}"));
    let text = value.as_str().ok_or_else(unknown)?;
    let argument = arguments.first().and_then(Value::as_str);
    Ok(match (method, argument) {
        ("strip", None) => text.trim().into(),
        ("lstrip", None) => text.trim_start().into(),
        ("rstrip", None) => text.trim_end().into(),
        ("strip", Some(set)) => text.trim_matches(|c| set.contains(c)).into(),
        ("lstrip", Some(set)) => text.trim_start_matches(|c| set.contains(c)).into(),
        ("rstrip", Some(set)) => text.trim_end_matches(|c| set.contains(c)).into(),
        ("startswith", Some(part)) => text.starts_with(part).into(),
        ("endswith", Some(part)) => text.ends_with(part).into(),
        ("split", Some(part)) if !part.is_empty() => {
            text.split(part).map(Value::from).collect::<Vec<_>>().into()
        }
        ("upper", None) => text.to_uppercase().into(),
        ("lower", None) => text.to_lowercase().into(),
        _ => return Err(unknown()),
    })
}
