//! What every provider of model answers can do.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use super::marks::{CacheMarks, Caching};
use super::quota::Quota;
use crate::domain::{Call, CallFailure, Message, Reply, Speaker};

/// What streamed text is handed to, piece by piece, as it comes.
pub type OnText = Arc<dyn Fn(&str) + Send + Sync>;

/// What a call brought back, with the bytes that the journal keeps.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The reply, read.
    pub reply: Reply,
    /// The response's body as it came (for an embedded model: the reply as JSON).
    pub raw: Vec<u8>,
}

/// What one attempt ended with when it brought no answer.
#[derive(Debug, Clone)]
pub struct AttemptFailure {
    /// The failure by name.
    pub failure: CallFailure,
    /// What the engine may do about it.
    pub retry: Retry,
    /// The body of the refusal, where there was one, with keys taken out.
    pub raw: Vec<u8>,
}

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It can't: the request or the key must change.
    Never,
    /// After a while, which the engine chooses.
    Later,
    /// The provider says to slow down; where it said how long, at least that.
    SlowDown(Option<Duration>),
}

/// What a model can do, as far as it is known without asking it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Abilities {
    /// Probabilities of the next token: all that are asked for.
    pub exact_choice: bool,
    /// Log-probabilities of the most likely tokens.
    pub top_logprobs: bool,
    /// Whether a seed makes it repeatable.
    pub seed: bool,
}

/// The messages that a remote API takes: a last message of the assistant's is left off.
///
/// Such a message is the start of the answer, which the embedded model goes on from; over HTTP
/// most servers would take it for a finished turn and answer it.
pub fn without_answer_start(messages: &[Message]) -> &[Message] {
    match messages {
        [rest @ .., last] if last.role == Speaker::Assistant => rest,
        all => all,
    }
}

/// One model that answers calls: one attempt, no retry, no journal.
pub trait Provider: Send + Sync {
    /// Who answers, as part of call keys: `embedded:<sha256>`, `openai:<model>@<base url>`.
    fn identity(&self) -> &str;

    /// What it can do.
    fn abilities(&self) -> Abilities;

    /// How long an answer may take from sending to its last byte; `None`: it is not known. The
    /// engine cuts off what takes longer.
    fn deadline(&self) -> Option<Duration> {
        None
    }

    /// What the newest answer's headers said is left of its rate limits, once; `None`: nothing
    /// new.
    fn quota(&self) -> Option<Quota> {
        None
    }

    /// How it keeps what requests begin with; may change as it is found out what a server takes.
    fn caching(&self) -> Caching {
        Caching::Own
    }

    /// The machine slept: connections that stood before are dead.
    fn woke(&self) {}

    /// Asks once.
    ///
    /// # Errors
    ///
    /// What went wrong and whether trying again can help. Dropping the future cancels the call.
    fn answer<'a>(
        &'a self,
        call: &'a Call,
        on_text: OnText,
    ) -> BoxFuture<'a, Result<Answered, AttemptFailure>>;

    /// The same with cache marks, where it takes such ([`Caching::Marked`]). The reply says which
    /// were set ([`Reply::marks`]).
    ///
    /// # Errors
    ///
    /// As [`Provider::answer`].
    fn answer_marked<'a>(
        &'a self,
        call: &'a Call,
        _marks: CacheMarks,
        on_text: OnText,
    ) -> BoxFuture<'a, Result<Answered, AttemptFailure>> {
        self.answer(call, on_text)
    }
}
