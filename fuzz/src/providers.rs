//! The dialects: what turns bytes into replies, without what sends them.

#[path = "../../src/providers/anthropic.rs"]
pub mod anthropic;
#[path = "../../src/providers/choice.rs"]
mod choice;
#[cfg(test)]
#[path = "../../src/providers/corpus_tests.rs"]
mod corpus_tests;
#[path = "../../src/providers/lenient.rs"]
mod lenient;
#[path = "../../src/providers/marks.rs"]
pub mod marks;
#[path = "../../src/providers/openai.rs"]
pub mod openai;
#[path = "../../src/providers/provider.rs"]
pub mod provider;
#[path = "../../src/providers/quota.rs"]
pub mod quota;
#[path = "../../src/providers/refusal.rs"]
pub mod refusal;
#[path = "../../src/providers/sse.rs"]
pub mod sse;
#[path = "../../src/providers/usage.rs"]
mod usage;
#[path = "../../src/providers/wait.rs"]
mod wait;
#[path = "../../src/providers/wire.rs"]
pub mod wire;

pub use provider::*;

/// The longest wait that a header is believed.
pub const LONGEST: std::time::Duration = wait::LONGEST;

/// How long these headers ask to wait.
pub fn wait_asked(
    headers: &reqwest::header::HeaderMap,
    now: std::time::SystemTime,
) -> Option<std::time::Duration> {
    wait::asked(headers, now)
}
