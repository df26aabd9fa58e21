//! A model call: what is asked, what for, what came back, and the key by which a reply is found
//! again.

use serde::{Deserialize, Serialize};

use super::ids::{CriterionId, PrincipleId, PromptId};
use super::prompt::Message;
use super::recipe::{ModelRole, Sampling};

/// What a call is for, so that every stored reply has its lineage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// The first answer; `candidate` counts from 0 where several are drawn.
    Draft {
        /// Which of several drafts.
        candidate: u32,
    },
    /// What is wrong with the answer of the round before.
    Critique {
        /// Counts from 1.
        round: u32,
        /// The principle drawn.
        principle: PrincipleId,
    },
    /// The answer, rewritten.
    Revision {
        /// Counts from 1.
        round: u32,
        /// The principle drawn.
        principle: PrincipleId,
    },
    /// The judge's reason, before a verdict.
    Reason {
        /// Principle or criterion that it is about.
        about: String,
        /// Which response: `draft`, `revision 2`, `a`, `b`, `ab`, `ba`.
        response: String,
    },
    /// A verdict on a pair under a principle.
    Comparison {
        /// The principle asked about.
        principle: PrincipleId,
        /// `ab` or `ba` for pairwise protocols, `a` or `b` for pointwise ones.
        order: String,
    },
    /// A verdict on one criterion (or, batched, on all of them).
    Criterion {
        /// The criterion; `*` for all in one call.
        criterion: CriterionId,
        /// Which response: `draft`, `revision 2`, `response`.
        response: String,
    },
    /// Principles that would answer a person's reaction to a response.
    Suggestion {
        /// `praise`, `complaint` or `rewrite`.
        reaction: String,
    },
    /// What each of some principles says of a pair.
    Votes {
        /// Counts from 0; each time the principles are in another order.
        time: u32,
        /// Which of several parts of a long constitution, from 0.
        part: u32,
        /// `ab` or `ba`.
        order: String,
    },
    /// Finding out what a model can do.
    Probe,
}

/// What a call wants back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Want {
    /// Text.
    Text,
    /// Which of these answers, with probabilities where the model gives them.
    Choice(Vec<Answer>),
}

/// One of the answers of a [`Want::Choice`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What it stands for, such as `Yes` or `4`.
    pub label: String,
    /// The tokens that say it, such as `Yes`, ` Yes`, `yes`; their probabilities are summed.
    pub variants: Vec<String>,
}

impl Answer {
    /// An answer with the usual variants: as it is, after a space, and in lower and upper case.
    pub fn of(label: &str) -> Self {
        let mut variants = Vec::new();
        for word in [label.to_owned(), label.to_lowercase(), label.to_uppercase()] {
            for variant in [word.clone(), format!(" {word}")] {
                if !variants.contains(&variant) {
                    variants.push(variant);
                }
            }
        }
        Self { label: label.to_owned(), variants }
    }

    /// A letter (`A`), whose lower case would be another word: as it is, after a space or bracket.
    pub fn letter(label: &str) -> Self {
        let variants = vec![label.to_owned(), format!(" {label}"), format!("({label}")];
        Self { label: label.to_owned(), variants }
    }
}

/// One question to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// What it is for; not part of the key.
    pub purpose: Purpose,
    /// The row that asks; not part of the key.
    pub prompt: PromptId,
    /// Which of the project's models is asked; the model's identity is part of the key.
    pub role: ModelRole,
    /// The conversation.
    pub messages: Vec<Message>,
    /// How tokens are drawn.
    pub sampling: Sampling,
    /// What is wanted back.
    pub want: Want,
    /// Tells apart several samples of one and the same question; counts from 0.
    pub sample: u32,
}

/// BLAKE3 of a call's canonical request and sample index, as 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallKey(pub String);

impl Call {
    /// The key under which the journal keeps the reply.
    ///
    /// `model` is the model's identity: dialect, host and name for a remote one, the weights'
    /// checksum for an embedded one. Never the row's place nor the prompt's id, so that equal
    /// questions are paid for once.
    pub fn key(&self, model: &str) -> CallKey {
        let canonical = serde_json::to_vec(&(
            "preamble-call-1",
            model,
            &self.messages,
            &self.sampling,
            &self.want,
            self.sample,
        ));
        // Strings, numbers and lists can always be written.
        let canonical = canonical.unwrap_or_default();
        CallKey(blake3::hash(&canonical).to_hex().to_string())
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finish {
    /// The model was done.
    Stop,
    /// The longest length was reached: the text is cut off.
    Length,
    /// A filter of the provider's stopped it.
    Filtered,
    /// The provider gave another reason or none.
    Other,
}

/// Tokens that a call took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Of the question, cached ones included.
    pub prompt_tokens: u64,
    /// Of the question, those the provider had cached.
    pub cached_tokens: u64,
    /// Of the question, those the provider put into its cache, where it charges for that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cache_write_tokens: u64,
    /// Of the answer, reasoning included.
    pub completion_tokens: u64,
    /// Of the answer, those that were reasoning.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reasoning_tokens: u64,
}

impl Usage {
    /// Of a hundred tokens of the question, those that the provider had cached, rounded; `None`
    /// where it had none.
    pub fn cached_share(self) -> Option<u64> {
        let is_known = self.cached_tokens > 0 && self.prompt_tokens > 0;
        let share = 100.0 * self.cached_tokens as f64 / self.prompt_tokens as f64;
        is_known.then_some(share.round() as u64)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_zero(tokens: &u64) -> bool {
    *tokens == 0
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens += other.prompt_tokens;
        self.cached_tokens += other.cached_tokens;
        self.cache_write_tokens += other.cache_write_tokens;
        self.completion_tokens += other.completion_tokens;
        self.reasoning_tokens += other.reasoning_tokens;
    }
}

/// How a model's probability is spread over the answers of a [`Want::Choice`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChoiceReading {
    /// For each answer, in the question's order, the probability 0..=1 of all its variants.
    pub probabilities: Vec<f64>,
}

impl ChoiceReading {
    /// The probability that the model gives to any of the answers; low: it does not answer in
    /// this form.
    pub fn mass(&self) -> f64 {
        self.probabilities.iter().sum()
    }

    /// The probabilities scaled to sum to 1; `None` where the mass is 0 or not finite.
    pub fn normalised(&self) -> Option<Vec<f64>> {
        let mass = self.mass();
        (mass.is_finite() && mass > 0.0)
            .then(|| self.probabilities.iter().map(|p| p / mass).collect())
    }
}

/// A model's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What it wrote, trimmed by nobody.
    pub text: String,
    /// What it wrote as reasoning, apart from the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<String>,
    /// Why it ended.
    pub finish: Finish,
    /// Tokens it took.
    #[serde(default)]
    pub usage: Usage,
    /// For a [`Want::Choice`]: probabilities, where the model gives them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<ChoiceReading>,
    /// The model's own name for itself.
    #[serde(default)]
    pub model: String,
    /// After which texts of the request, counted from 0 with all instructions as one, it had a
    /// cache mark: what it cost depends on them, what was asked does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<u16>,
}

/// Why a call has no reply.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::Display,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FailureKind {
    /// The host can't be reached, or the connection broke.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The key is missing or refused.
    Auth,
    /// The provider says to slow down, and waiting did not help.
    RateLimited,
    /// The provider refuses this request.
    Rejected,
    /// The provider's own fault.
    ServerError,
    /// The answer broke off.
    Truncated,
    /// The answer is not of the dialect.
    Garbled,
    /// The embedded model can't run or answer.
    Model,
    /// Replay only, and the journal has no such reply.
    NotInJournal,
    /// The spending limit is reached.
    Budget,
    /// The user stopped it.
    Cancelled,
    /// The journal can't be written.
    Storage,
    /// The method can't go on: bad template, nothing to draw from.
    Method,
}

/// A call without a reply, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct CallFailure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// What happened, in one line, without keys.
    pub message: String,
    /// How to mend it; may be empty.
    #[serde(default)]
    pub hint: String,
    /// Requests sent for it.
    #[serde(default)]
    pub attempts: u32,
}

impl CallFailure {
    /// A failure of that kind, not yet tried.
    pub fn new(kind: FailureKind, message: impl Into<String>, hint: &str) -> Self {
        Self { kind, message: message.into(), hint: hint.to_owned(), attempts: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Call {
        Call {
            purpose: Purpose::Draft { candidate: 0 },
            prompt: "p1".into(),
            role: ModelRole::Judge,
            messages: vec![
                Message::system("Say “é\u{2028}\u{7}” /once/."),
                Message::user("Which?\n\tA or B"),
            ],
            sampling: Sampling { seed: Some(u64::MAX), ..Sampling::default() },
            want: Want::Choice(vec![Answer::of("Yes"), Answer::letter("B")]),
            sample: 3,
        }
    }

    /// Every journal's replies lie under these keys: another key for the same question would have
    /// them paid for again.
    #[test]
    fn keys_stay_as_they_are() {
        let key = question().key("openai:m@https://example.com/v1");
        assert_eq!(key.0, "3d8ba718a833d1b97452872f339893e38495364d731039cab9a194191fc2e859");
        let mut plain = question();
        plain.sampling = Sampling {
            temperature: 0.1 + 0.2,
            top_p: 1.0,
            max_tokens: 1,
            frequency_penalty: 1e-7,
            stop: vec!["\n".to_owned()],
            seed: None,
        };
        (plain.want, plain.sample) = (Want::Text, 0);
        assert_eq!(
            plain.key("embedded:00").0,
            "b2fa8f81a9d54b1c46b29a33f2044abc7e8420ff79b05927d285a908316ba96c"
        );
    }

    #[test]
    fn a_key_is_that_of_the_question_alone() {
        let mut other = question();
        other.purpose = Purpose::Probe;
        other.prompt = "p2".into();
        other.role = ModelRole::Writer;
        assert_eq!(other.key("m"), question().key("m"));
        assert_ne!(other.key("n"), question().key("m"));
        other.sample = 4;
        assert_ne!(other.key("m"), question().key("m"));
    }

    proptest::proptest! {
        /// The first definition, by way of a tree of values: what is written at once is the same.
        #[test]
        fn keys_are_those_of_the_first_definition(
            text in "\\PC{0,30}", temperature in proptest::num::f64::ANY, seed: u64, sample: u32,
        ) {
            let mut call = question();
            call.messages.push(Message::assistant(text));
            call.sampling.temperature = temperature;
            call.sampling.seed = Some(seed);
            call.sample = sample;
            let first = serde_json::json!([
                "preamble-call-1", "m", call.messages, call.sampling, call.want, call.sample
            ]);
            let first = blake3::hash(first.to_string().as_bytes()).to_hex().to_string();
            proptest::prop_assert_eq!(call.key("m").0, first);
        }
    }
}
