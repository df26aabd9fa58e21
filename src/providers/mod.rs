//! WHO answers: one file per wire dialect, plus the embedded model.
//!
//! A dialect is two pure functions, a call to a body's bytes and a body's bytes to a reply, tested
//! without a network; [`remote`] carries the bytes. Nothing here retries, limits or remembers a
//! reply: one answer is one attempt, and what became of it is for the engine to act on.
//!
//! Start with [`provider`] (the trait), then [`openai`], then [`remote`].

pub mod anthropic;
mod choice;
pub mod discover;
pub mod embedded;
pub mod embedded_provider;
pub mod http;
mod lenient;
mod marks;
pub mod openai;
pub mod probe;
pub mod provider;
mod quota;
mod refusal;
pub mod remote;
pub mod spec;
mod sse;
mod url;
mod usage;
mod wait;
mod wire;

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod loopback;
#[cfg(test)]
mod mock_tests;

pub use discover::{LocalServer, local_servers};
pub use embedded_provider::{EmbeddedProvider, LoadState};
pub use http::Timeouts;
pub use marks::{CacheMarks, Caching};
pub use probe::{Finding, Outcome, Report, probe};
pub use provider::{Abilities, Answered, AttemptFailure, OnText, Provider, Retry};
pub use quota::{Allowance, Quota};
pub use refusal::Refusal;
pub use remote::RemoteModel;
pub use sse::{Event, Sse, TooLong};
pub use url::{BadUrl, BaseUrl};
pub use wire::{Habits, LengthField, Target, Unread};
