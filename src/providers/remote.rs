//! A model behind HTTP, in either dialect, streamed or whole.
//!
//! One call is one request, except where a server refuses a field that servers differ in, or leaves
//! out the log-probabilities it was asked for: then it is asked once more in the form it takes, and
//! that form is remembered ([`Habits`]). Retries, limits and the journal are the engine's.

mod failures;
mod incoming;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use secrecy::SecretString;
use tokio::time::{Instant, timeout_at};

use super::http::{self, KeyHeader, Timeouts};
use super::marks::{CacheMarks, Caching};
use super::provider::{Abilities, Answered, AttemptFailure, OnText, Provider, Retry};
use super::quota::Quota;
use super::refusal::Refusal;
use super::sse::Sse;
use super::url::BaseUrl;
use super::wire::{Habits, Target, Unread};
use super::{anthropic, openai};
use crate::domain::{
    Call, CallFailure, FailureKind, Finish, ModelEntry, ModelKind, Problem, Reply, Usage, Want,
};
use incoming::{Incoming, Piece, StreamReader};

/// The dialects spoken over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    OpenAi,
    Anthropic,
}

/// A model behind HTTP.
#[derive(Debug)]
pub struct RemoteModel {
    identity: String,
    dialect: Dialect,
    model: String,
    stream: bool,
    endpoint: String,
    base: BaseUrl,
    key: Option<SecretString>,
    key_env: String,
    client: Mutex<reqwest::Client>,
    timeouts: Timeouts,
    habits: Mutex<Habits>,
    quota: Mutex<Option<Quota>>,
}

impl RemoteModel {
    /// Makes the model of a project's entry, with its key where there is one.
    ///
    /// # Errors
    ///
    /// What is wrong with the entry, and how to mend it.
    pub fn new(
        entry: &ModelEntry,
        key: Option<SecretString>,
        timeouts: Timeouts,
    ) -> Result<Self, Problem> {
        let (dialect, home, key_env, path) = match entry.kind {
            ModelKind::OpenAi => {
                (Dialect::OpenAi, openai::BASE_URL, openai::KEY_ENV, "/chat/completions")
            }
            ModelKind::Anthropic => {
                (Dialect::Anthropic, anthropic::BASE_URL, anthropic::KEY_ENV, "/v1/messages")
            }
            ModelKind::Embedded => {
                return Err(Problem::error(
                    format!("{}.kind", entry.name),
                    "an embedded model is not reached by HTTP",
                    "use openai or anthropic",
                ));
            }
        };
        let place = format!("{}.base_url", entry.name);
        if entry.model.trim().is_empty() {
            return Err(Problem::error(
                format!("{}.model", entry.name),
                "the provider's name for the model is missing",
                "give it, such as gpt-4.1-mini or what the local server lists",
            ));
        }
        let address = if entry.base_url.is_empty() { home } else { &entry.base_url };
        let base = BaseUrl::parse(address)
            .map_err(|error| Problem::error(&place, error.to_string(), error.hint()))?;
        // Both `https://host` and `https://host/v1` are in use for the second dialect.
        let path = match dialect {
            Dialect::Anthropic if base.path().ends_with("/v1") => "/messages",
            _ => path,
        };
        let client = http::client(&timeouts, base.is_loopback()).map_err(|error| {
            Problem::error(
                &place,
                format!("no HTTP client can be made: {error}"),
                "check this machine's certificates and proxy settings",
            )
        })?;
        let mut habits = openai::habits_of(base.host());
        habits.seed = entry.send_seed;
        if !entry.logprobs {
            habits.top_logprobs = 0;
        }
        let key_env = if entry.key_env.is_empty() { key_env } else { &entry.key_env };
        Ok(Self {
            identity: format!("{}:{}@{}", entry.kind, entry.model.trim(), base.as_str()),
            dialect,
            model: entry.model.trim().to_owned(),
            stream: entry.stream,
            endpoint: base.join(path),
            key,
            key_env: key_env.to_owned(),
            client: Mutex::new(client),
            timeouts,
            habits: Mutex::new(habits),
            quota: Mutex::default(),
            base,
        })
    }

    fn habits(&self) -> Habits {
        *self.habits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a refusal taught, unless another call has learned more in the meantime.
    fn learn(&self, used: Habits, learned: Habits) {
        let mut habits = self.habits.lock().unwrap_or_else(PoisonError::into_inner);
        habits.top_logprobs = habits.top_logprobs.min(learned.top_logprobs);
        habits.stream_usage &= learned.stream_usage;
        habits.seed &= learned.seed;
        habits.marks &= learned.marks;
        if habits.length == used.length {
            habits.length = learned.length;
        }
        tracing::info!(model = %self.identity, ?learned, "the server takes another form");
    }

    async fn ask(
        &self,
        call: &Call,
        marks: CacheMarks,
        on_text: &OnText,
    ) -> Result<Answered, AttemptFailure> {
        // Every habit of a dialect can change once, and one more for the answer.
        const FORMS: usize = 7;
        let mut spent = Usage::default();
        let mut form = 1;
        // One for all forms: the engine counts on it.
        let deadline = Instant::now() + self.timeouts.total;
        loop {
            let used = self.habits();
            let marks = if used.marks { marks } else { CacheMarks::default() };
            match self.attempt(call, used, marks, deadline, on_text).await {
                Attempt::Refused { learned: Some(learned), .. } if form < FORMS => {
                    self.learn(used, learned);
                }
                Attempt::Refused { failure, .. } => return Err(failure),
                Attempt::Answered(answered) if self.lacks_probabilities(call, used, &answered) => {
                    // Asked as text from now on, with room to name the answer in words.
                    self.learn(used, Habits { top_logprobs: 0, ..used });
                    spent += answered.reply.usage;
                }
                Attempt::Answered(mut answered) => {
                    answered.reply.usage += spent;
                    answered.reply.marks = marks.list().to_vec();
                    return Ok(answered);
                }
            }
            form += 1;
        }
    }

    /// Whether log-probabilities were asked for and silently left out, as older servers do.
    fn lacks_probabilities(&self, call: &Call, used: Habits, answered: &Answered) -> bool {
        self.dialect == Dialect::OpenAi
            && matches!(call.want, Want::Choice(_))
            && used.top_logprobs > 0
            && answered.reply.choice.is_none()
            && answered.reply.finish != Finish::Filtered
    }

    async fn attempt(
        &self,
        call: &Call,
        habits: Habits,
        marks: CacheMarks,
        deadline: Instant,
        on_text: &OnText,
    ) -> Attempt {
        let target = Target { model: self.model.clone(), stream: self.stream, habits };
        let body = match self.dialect {
            Dialect::OpenAi => openai::request(call, &target),
            Dialect::Anthropic => anthropic::request(call, &target, marks),
        };
        let streamed = self.stream && call.want == Want::Text;
        let failed = |failure| Attempt::Refused { failure, learned: None };
        let response = match self.send(body, streamed, deadline).await {
            Ok(response) => response,
            Err(failure) => return failed(failure),
        };
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        if let Some(quota) = Quota::read(&headers, SystemTime::now()) {
            *self.quota.lock().unwrap_or_else(PoisonError::into_inner) = Some(quota);
        }
        if !response.status().is_success() {
            let mut incoming = Incoming::new(response, deadline, self.timeouts.idle);
            // A refusal that breaks off is a refusal still.
            while let Ok(Some(_)) = incoming.next().await {}
            let mut refusal = Refusal::read(status, &incoming.raw);
            if (300..400).contains(&status) {
                let to = headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or("?");
                refusal.message = format!("it redirects to {to}");
            }
            let is_choice = matches!(call.want, Want::Choice(_));
            let learned = match self.dialect {
                Dialect::OpenAi => openai::adapt(&refusal, habits, is_choice),
                Dialect::Anthropic => anthropic::adapt(&refusal, habits, marks),
            };
            let failure = self.refused(&refusal, &headers, incoming.raw);
            return Attempt::Refused { failure, learned };
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("");
        // Some servers stream unasked, some do not stream though asked: the header decides.
        let result = if kind.starts_with("text/event-stream") {
            self.read_stream(call, response, deadline, on_text).await
        } else {
            self.read_whole(call, response, deadline, on_text).await
        };
        result.map_or_else(failed, Attempt::Answered)
    }

    async fn send(
        &self,
        body: Vec<u8>,
        streamed: bool,
        deadline: Instant,
    ) -> Result<reqwest::Response, AttemptFailure> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let accepted = if streamed { "text/event-stream" } else { "application/json" };
        headers.insert(ACCEPT, HeaderValue::from_static(accepted));
        if self.dialect == Dialect::Anthropic {
            headers.insert("anthropic-version", HeaderValue::from_static(anthropic::VERSION));
        }
        let client = self.client.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let request = client.post(&self.endpoint).body(body);
        if let Some(key) = &self.key {
            let place = match self.dialect {
                Dialect::Anthropic => KeyHeader::XApiKey,
                Dialect::OpenAi if openai::is_azure(self.base.host()) => KeyHeader::ApiKey,
                Dialect::OpenAi => KeyHeader::Bearer,
            };
            http::put_key(&mut headers, place, key).map_err(|error| {
                let hint = format!("set {} again, without line breaks", self.key_env);
                let failure = CallFailure::new(FailureKind::Auth, error.to_string(), &hint);
                AttemptFailure { failure, retry: Retry::Never, raw: Vec::new() }
            })?;
        }
        let limit =
            if streamed { deadline.min(Instant::now() + self.timeouts.headers) } else { deadline };
        match timeout_at(limit, request.headers(headers).send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.unreachable(&error)),
            Err(_elapsed) => Err(self.late("the server sent no answer in time", Vec::new())),
        }
    }

    async fn read_whole(
        &self,
        call: &Call,
        response: reqwest::Response,
        deadline: Instant,
        on_text: &OnText,
    ) -> Result<Answered, AttemptFailure> {
        // Headers may come at once and the body when the model is done, so only the total counts.
        let mut incoming = Incoming::new(response, deadline, self.timeouts.total);
        loop {
            match incoming.next().await {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(broken) => return Err(self.broken(&broken, incoming.raw)),
            }
        }
        let read = match self.dialect {
            Dialect::OpenAi => openai::read(&incoming.raw, &call.want),
            Dialect::Anthropic => anthropic::read(&incoming.raw),
        };
        match read {
            Ok(reply) => {
                if call.want == Want::Text && !reply.text.is_empty() {
                    on_text(&reply.text);
                }
                Ok(self.answered(call, reply, incoming.raw))
            }
            Err(unread) => Err(self.unread(unread, incoming.raw)),
        }
    }

    async fn read_stream(
        &self,
        call: &Call,
        response: reqwest::Response,
        deadline: Instant,
        on_text: &OnText,
    ) -> Result<Answered, AttemptFailure> {
        let mut incoming = Incoming::new(response, deadline, self.timeouts.idle);
        let mut sse = Sse::default();
        let mut reader = StreamReader::new(self.dialect);
        let mut content_by = Instant::now() + self.timeouts.content;
        loop {
            let bytes = match incoming.next().await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => break,
                // What follows a complete answer can break without harm.
                Err(_broken) if reader.is_done() => break,
                Err(broken) => return Err(self.broken(&broken, incoming.raw)),
            };
            let events = match sse.push(&bytes) {
                Ok(events) => events,
                Err(error) => {
                    return Err(self.unread(Unread::Garbled(error.to_string()), incoming.raw));
                }
            };
            for event in events {
                match reader.event(&event, &call.want) {
                    Ok(Piece { text, is_content }) => {
                        if is_content {
                            content_by = Instant::now() + self.timeouts.content;
                        }
                        if !text.is_empty() {
                            on_text(&text);
                        }
                    }
                    Err(unread) => return Err(self.unread(unread, incoming.raw)),
                }
            }
            if reader.is_done() {
                // The connection can serve the next call only if it is read to its end.
                incoming.deadline = incoming.deadline.min(Instant::now() + LAST_BYTES);
            } else if Instant::now() > content_by {
                return Err(self.late("the stream is alive but brings no text", incoming.raw));
            }
        }
        if let Some(event) = sse.finish() {
            match reader.event(&event, &call.want) {
                Ok(piece) if !piece.text.is_empty() => on_text(&piece.text),
                // Half an event at the end is a stream that broke off, unless it says more.
                Err(Unread::Garbled(what)) if !reader.is_done() => {
                    return Err(self.unread(Unread::Truncated(what), incoming.raw));
                }
                Ok(_) | Err(Unread::Garbled(_)) => {}
                Err(unread) => return Err(self.unread(unread, incoming.raw)),
            }
        }
        match reader.finish(&call.want) {
            Ok(reply) => Ok(self.answered(call, reply, incoming.raw)),
            Err(unread) => Err(self.unread(unread, incoming.raw)),
        }
    }

    fn answered(&self, call: &Call, mut reply: Reply, raw: Vec<u8>) -> Answered {
        if self.dialect == Dialect::Anthropic {
            anthropic::cut_at_blank_stop(&mut reply, call);
        }
        // A server that writes the key into its answer must not get it into the journal.
        // A stream may bring it in pieces, which only the whole text shows.
        let texts = [Some(&reply.text), reply.reasoning.as_ref()];
        let is_said = |text: &String| http::holds_key(text.as_bytes(), self.key.as_ref());
        if http::holds_key(&raw, self.key.as_ref()) || texts.into_iter().flatten().any(is_said) {
            reply.text = http::without_value(&reply.text, self.key.as_ref());
            reply.reasoning =
                reply.reasoning.map(|text| http::without_value(&text, self.key.as_ref()));
            return Answered { reply, raw: self.clean(raw) };
        }
        Answered { reply, raw }
    }

    fn clean(&self, raw: Vec<u8>) -> Vec<u8> {
        if http::pieces_hold_key(&raw, self.key.as_ref()) {
            http::NOT_KEPT.to_vec()
        } else if http::holds_key(&raw, self.key.as_ref()) {
            http::without_value(&String::from_utf8_lossy(&raw), self.key.as_ref()).into_bytes()
        } else {
            raw
        }
    }
}

/// How long the end of a connection's body is waited for after the answer's; chosen by eye.
const LAST_BYTES: Duration = Duration::from_millis(200);

impl Provider for RemoteModel {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn abilities(&self) -> Abilities {
        let openai = self.dialect == Dialect::OpenAi;
        Abilities {
            exact_choice: false,
            top_logprobs: openai && self.habits().top_logprobs > 0,
            seed: openai,
        }
    }

    fn deadline(&self) -> Option<Duration> {
        Some(self.timeouts.total)
    }

    fn quota(&self) -> Option<Quota> {
        self.quota.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn caching(&self) -> Caching {
        match self.dialect {
            Dialect::OpenAi => Caching::Prefix,
            Dialect::Anthropic if self.habits().marks => Caching::Marked,
            Dialect::Anthropic => Caching::Own,
        }
    }

    fn woke(&self) {
        // A new client has no connections that stood before.
        match http::client(&self.timeouts, self.base.is_loopback()) {
            Ok(client) => *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client,
            Err(error) => tracing::warn!("no fresh connections: {error}"),
        }
    }

    fn answer<'a>(
        &'a self,
        call: &'a Call,
        on_text: OnText,
    ) -> BoxFuture<'a, Result<Answered, AttemptFailure>> {
        self.answer_marked(call, CacheMarks::default(), on_text)
    }

    fn answer_marked<'a>(
        &'a self,
        call: &'a Call,
        marks: CacheMarks,
        on_text: OnText,
    ) -> BoxFuture<'a, Result<Answered, AttemptFailure>> {
        // No other dialect has marks.
        let marks = if self.dialect == Dialect::Anthropic { marks } else { CacheMarks::default() };
        async move { self.ask(call, marks, &on_text).await }.boxed()
    }
}

/// What one request came to.
enum Attempt {
    Answered(Answered),
    Refused { failure: AttemptFailure, learned: Option<Habits> },
}

#[cfg(test)]
#[path = "remote_tests.rs"]
mod tests;
