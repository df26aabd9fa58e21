//! What can be asked of the thread that owns the model, and what it answers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::oneshot;

use super::{chat::Message, error::EmbeddedError, sample::Sampling};

/// Cancels calls and downloads; clones share one state.
#[derive(Debug, Clone, Default)]
pub struct CancelFlag(Arc<AtomicBool>);

impl CancelFlag {
    /// Gives a flag that is not set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels whatever holds a clone, for good.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Says whether [`Self::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A conversation to be answered.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// The conversation, oldest first; not empty.
    pub messages: Vec<Message>,
    /// Plain text that the answer is made to begin with; not repeated in the result.
    pub answer_start: String,
    /// Tokens of the answer at most, at least 1.
    pub max_tokens: usize,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// The answer ends before the first of these.
    pub stop: Vec<String>,
    /// Gives each token's log-probability with this many likeliest alternatives, at most 100.
    pub top_logprobs: Option<usize>,
    /// Cancels this call between two tokens.
    pub cancel: CancelFlag,
}

impl ChatRequest {
    /// Gives a greedy request for at most 256 tokens.
    pub fn new(messages: Vec<Message>) -> Self {
        Self {
            messages,
            answer_start: String::new(),
            max_tokens: 256,
            sampling: Sampling::default(),
            stop: Vec::new(),
            top_logprobs: None,
            cancel: CancelFlag::new(),
        }
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model ended it, or a stop string was met.
    Stop,
    /// The token limit was reached.
    Length,
    /// The caller cancelled; the text is what there was.
    Cancelled,
}

/// Tokens of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the prompt, template included.
    pub prompt_tokens: usize,
    /// How many of them were taken from a computed prefix; depends on what ran before.
    pub cached_tokens: usize,
    /// Tokens drawn or scored.
    pub completion_tokens: usize,
}

/// One drawn token with its probability under the model itself (temperature 1, no penalties).
#[derive(Debug, Clone, PartialEq)]
pub struct TokenLogprob {
    /// The token's id in the vocabulary.
    pub id: u32,
    /// Its text; incomplete UTF-8 is replaced.
    pub text: String,
    /// Natural logarithm of its probability.
    pub logprob: f64,
    /// The likeliest tokens at this place with their text, likeliest first.
    pub top: Vec<(u32, String, f64)>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Generated {
    /// The answer without its [`ChatRequest::answer_start`], stop strings and control tokens.
    pub text: String,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens of the call.
    pub usage: Usage,
    /// One entry per token where [`ChatRequest::top_logprobs`] asked for it, else empty.
    pub logprobs: Vec<TokenLogprob>,
}

/// How likely each option is as the beginning of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Natural logarithm of each option's summed probability, in the order asked.
    pub logprobs: Vec<f64>,
    /// Probability of all options together, 0.0..=1.0. Low means that the model is not answering
    /// in this form.
    pub mass: f64,
    /// Tokens of the call.
    pub usage: Usage,
}

impl Choice {
    /// Gives each option's share of [`Self::mass`]; they sum to 1.
    pub fn shares(&self) -> Vec<f64> {
        let largest = self.logprobs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if largest == f64::NEG_INFINITY {
            return vec![1.0 / self.logprobs.len().max(1) as f64; self.logprobs.len()];
        }
        let weights: Vec<f64> = self.logprobs.iter().map(|lp| (lp - largest).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / sum).collect()
    }
}

/// Gets text as it is made, on the model's thread: it must return quickly.
pub type OnText = Arc<dyn Fn(&str) + Send + Sync>;

/// Where an answer goes; a dropped receiver cancels the call.
pub(super) type Reply<T> = oneshot::Sender<Result<T, EmbeddedError>>;

/// A call on its way to the model's thread.
pub(super) struct Job {
    /// Not empty, and short enough for the context with all that may follow.
    pub(super) prompt: Vec<u32>,
    pub(super) kind: Kind,
    pub(super) cancel: CancelFlag,
}

/// What a call wants.
pub(super) enum Kind {
    /// Tokens, one after the other.
    Generate(Generate),
    /// Log-probabilities of given continuations.
    Score(Score),
}

/// See [`ChatRequest`].
pub(super) struct Generate {
    pub(super) max_tokens: usize,
    pub(super) sampling: Sampling,
    pub(super) stop: Vec<String>,
    pub(super) top_logprobs: Option<usize>,
    pub(super) on_text: OnText,
    pub(super) reply: Reply<Generated>,
}

/// The scores of continuations: summed natural log-probabilities in the order asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Length: one per continuation.
    pub logprobs: Vec<f64>,
    /// Tokens of the call.
    pub usage: Usage,
}

/// What to score.
pub(super) struct Score {
    /// None of them empty.
    pub(super) continuations: Vec<Vec<u32>>,
    pub(super) reply: Reply<Scored>,
}

impl Job {
    /// Says whether nobody waits for the answer any more.
    pub(super) fn is_cancelled(&self) -> bool {
        let is_dropped = match &self.kind {
            Kind::Generate(generate) => generate.reply.is_closed(),
            Kind::Score(score) => score.reply.is_closed(),
        };
        is_dropped || self.cancel.is_cancelled()
    }
}
