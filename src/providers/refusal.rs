//! A provider's refusal: read from its body, named, and what may be done about it.
//!
//! Pure; the table is the retry table that the engine relies on:
//!
//! | signal | named | retry |
//! |---|---|---|
//! | 408, 504 | timeout | later |
//! | 409, 425, 500, 502, 503, 529, other 5xx | server error | later; with `retry-after`: slow down |
//! | 429 | rate limited | slow down, for as long as the headers say |
//! | 401, 402, 403, and any spend limit (`insufficient_quota`, …) | auth | never |
//! | other 4xx, redirects, 501 | rejected | never |

use std::time::SystemTime;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::provider::Retry;
use super::wire::{excerpt, one_line};
use super::{lenient, wait};
use crate::domain::{CallFailure, FailureKind};

/// What a provider said instead of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The HTTP status, or the one that fits where the refusal came in a stream.
    pub status: u16,
    /// The provider's name for the kind of error; may be empty.
    pub kind: String,
    /// The provider's code; may be empty.
    pub code: String,
    /// The request's field that is at fault; may be empty.
    pub param: String,
    /// The provider's words, on one line.
    pub message: String,
}

impl Refusal {
    /// Reads a refusal's body in any of the shapes that servers use.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let parsed = lenient::parse(body).ok();
        let found = parsed.as_ref().and_then(|value| Self::in_value(value).or_else(|| bare(value)));
        match found {
            Some(refusal) => Self { status, ..refusal },
            None => Self { status, message: excerpt(body), ..Self::default() },
        }
    }

    /// Reads a refusal that came with status 200 or in mid-stream: a value with an `error`.
    pub fn in_value(value: &Value) -> Option<Self> {
        let error = value.get("error").filter(|error| !error.is_null())?;
        let mut refusal = match error {
            Value::String(message) => {
                Self { message: one_line(message, LONGEST), ..Self::default() }
            }
            _ => bare(error)?,
        };
        refusal.status = refusal.fitting_status();
        Some(refusal)
    }

    /// The HTTP status that the code or kind stands for; 500 where neither is known.
    fn fitting_status(&self) -> u16 {
        if let Ok(status @ 400..=599) = self.code.parse() {
            return status;
        }
        for name in [&self.kind, &self.code] {
            let status = match name.as_str() {
                "invalid_request_error"
                | "context_length_exceeded"
                | "content_filter"
                | "exceed_context_size_error" => 400,
                "authentication_error" | "invalid_api_key" => 401,
                "billing_error" => 402,
                "permission_error" => 403,
                "not_found_error" | "model_not_found" => 404,
                "request_too_large" => 413,
                "rate_limit_error" | "rate_limit_exceeded" | "insufficient_quota" => 429,
                "timeout_error" => 504,
                "overloaded_error" => 529,
                "unavailable_error" => 503,
                _ => continue,
            };
            return status;
        }
        500
    }

    /// Whether the refusal says that money or quota has run out, which no waiting mends.
    fn out_of_money(&self) -> bool {
        const NAMES: [&str; 7] = [
            "insufficient_quota",
            "credit_balance_exhausted",
            "billing_error",
            "billing_hard_limit_reached",
            "billing_not_active",
            "spend_limit_exceeded",
            "insufficient_balance",
        ];
        // Anthropic's monthly cap and empty accounts are told in words only, with 400 or 429.
        const WORDS: [&str; 6] = [
            "credit balance is too low",
            "insufficient credits",
            "insufficient balance",
            "spend limit",
            "spending limit",
            "api usage limits",
        ];
        let message = self.message.to_lowercase();
        matches!(self.status, 400 | 402 | 403 | 429)
            && (NAMES.iter().any(|name| self.kind == *name || self.code == *name)
                || WORDS.iter().any(|words| message.contains(words)))
    }

    /// Names the failure and says what may be done about it.
    pub fn classify(&self, headers: &HeaderMap, now: SystemTime) -> (FailureKind, Retry) {
        let wait = wait::asked(headers, now);
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (kind, mut retry) = match self.status {
            _ if self.out_of_money() => (FailureKind::Auth, Retry::Never),
            401..=403 => (FailureKind::Auth, Retry::Never),
            408 | 504 => (FailureKind::Timeout, Retry::Later),
            429 => (FailureKind::RateLimited, Retry::SlowDown(wait)),
            501 => (FailureKind::Rejected, Retry::Never),
            409 | 425 | 500.. => (FailureKind::ServerError, Retry::Later),
            _ => (FailureKind::Rejected, Retry::Never),
        };
        let told_when = header("retry-after").or(header("retry-after-ms")).is_some();
        if retry == Retry::Later && told_when && wait.is_some() {
            retry = Retry::SlowDown(wait);
        }
        if retry != Retry::Never && header("x-should-retry") == Some("false") {
            retry = Retry::Never;
        }
        (kind, retry)
    }

    /// The failure in words; `key_env` is the environment variable that the key comes from.
    pub fn failure(&self, kind: FailureKind, key_env: &str) -> CallFailure {
        let name = if self.code.is_empty() { &self.kind } else { &self.code };
        let label = if name.is_empty() || *name == self.status.to_string() {
            self.status.to_string()
        } else {
            format!("{} {name}", self.status)
        };
        let message = match self.message.as_str() {
            "" => format!("the provider answered {label} without a word"),
            words => format!("the provider answered {label}: {words}"),
        };
        CallFailure::new(kind, message, &self.hint(kind, key_env))
    }

    fn hint(&self, kind: FailureKind, key_env: &str) -> String {
        let text = match kind {
            FailureKind::Auth if self.out_of_money() || self.status == 402 => {
                "the account is out of credit or at its limit; raise it with the provider"
            }
            FailureKind::Auth => {
                return format!(
                    "check that {key_env} holds a valid key for this provider and that it may use \
                     this model"
                );
            }
            FailureKind::RateLimited => "lower the model's “requests at once”, or wait",
            FailureKind::ServerError | FailureKind::Timeout => {
                "the provider is at fault; trying again later usually helps"
            }
            _ if (300..400).contains(&self.status) => {
                "the base URL leads elsewhere; give the final address (keys are never sent on)"
            }
            _ if self.status == 404 => "check the model's name and the base URL",
            _ if self.status == 413 || self.is_too_long() => {
                "the conversation is longer than the model takes; shorten it"
            }
            _ => "the provider does not take this request; its words say what to change",
        };
        text.to_owned()
    }

    fn is_too_long(&self) -> bool {
        ["context_length_exceeded", "exceed_context_size_error"]
            .iter()
            .any(|name| self.code == *name || self.kind == *name)
    }

    /// Whether the refusal is about a field: by its `param`, or in its words.
    pub fn is_about(&self, field: &str) -> bool {
        self.param.starts_with(field) || self.message.contains(field)
    }
}

/// The longest message kept, in characters; chosen by eye.
const LONGEST: usize = 300;

/// Reads an error's fields where they stand by themselves (vLLM's old shape, FastAPI's `detail`,
/// Azure's gateway); `None` where it names no message, kind or code.
fn bare(value: &Value) -> Option<Refusal> {
    let word = |name: &str| match value.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mut message = word("message");
    if message.is_empty() {
        message = match value.get("detail") {
            Some(Value::String(text)) => text.clone(),
            Some(other) if !other.is_null() => other.to_string(),
            _ => String::new(),
        };
    }
    let refusal = Refusal {
        status: 0,
        kind: one_line(&word("type"), 60),
        code: one_line(&word("code"), 60),
        param: one_line(&word("param"), 60),
        message: one_line(&message, LONGEST),
    };
    let empty = refusal.kind.is_empty() && refusal.code.is_empty() && refusal.message.is_empty();
    (!empty).then_some(refusal)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn keeps_to_the_retry_table() {
        const SLOW: Retry = Retry::SlowDown(None);
        let after = |seconds| Retry::SlowDown(Some(Duration::from_secs(seconds)));
        for (status, body, headers, kind, retry) in [
            (500, "", &[][..], FailureKind::ServerError, Retry::Later),
            (502, "<html>", &[], FailureKind::ServerError, Retry::Later),
            (503, "", &[("retry-after", "7")], FailureKind::ServerError, after(7)),
            (504, "", &[], FailureKind::Timeout, Retry::Later),
            (529, "", &[], FailureKind::ServerError, Retry::Later),
            (500, "", &[("x-should-retry", "false")], FailureKind::ServerError, Retry::Never),
            (408, "", &[], FailureKind::Timeout, Retry::Later),
            (409, "", &[], FailureKind::ServerError, Retry::Later),
            (429, "", &[], FailureKind::RateLimited, SLOW),
            (429, "", &[("retry-after", "3")], FailureKind::RateLimited, after(3)),
            (
                429,
                r#"{"error":{"message":"slow","type":"requests","code":"rate_limit_exceeded"}}"#,
                &[("x-ratelimit-reset-requests", "6m0s")],
                FailureKind::RateLimited,
                after(360),
            ),
            (
                429,
                r#"{"error":{"code":"429","message":"Try again in 20 seconds."}}"#,
                &[("retry-after", "20"), ("x-ratelimit-reset-tokens", "-1")],
                FailureKind::RateLimited,
                after(20),
            ),
            (
                429,
                r#"{"error":{"message":"You exceeded","type":"insufficient_quota","code":"insufficient_quota"}}"#,
                &[("retry-after", "3")],
                FailureKind::Auth,
                Retry::Never,
            ),
            (
                429,
                r#"{"type":"error","error":{"type":"rate_limit_error","message":"You have reached your specified API usage limits."}}"#,
                &[],
                FailureKind::Auth,
                Retry::Never,
            ),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access"}}"#,
                &[],
                FailureKind::Auth,
                Retry::Never,
            ),
            (401, "", &[], FailureKind::Auth, Retry::Never),
            (402, "", &[], FailureKind::Auth, Retry::Never),
            (403, "", &[], FailureKind::Auth, Retry::Never),
            (400, r#"{"detail":"bad"}"#, &[], FailureKind::Rejected, Retry::Never),
            (404, "", &[], FailureKind::Rejected, Retry::Never),
            (413, "", &[], FailureKind::Rejected, Retry::Never),
            (422, "", &[], FailureKind::Rejected, Retry::Never),
            (302, "", &[], FailureKind::Rejected, Retry::Never),
        ] {
            let headers: HeaderMap = headers
                .iter()
                .map(|(name, value)| {
                    (HeaderName::from_static(name), HeaderValue::from_static(value))
                })
                .collect();
            let refusal = Refusal::read(status, body.as_bytes());
            let now = SystemTime::UNIX_EPOCH;
            assert_eq!(refusal.classify(&headers, now), (kind, retry), "{status} {body}");
        }
    }

    #[test]
    fn reads_every_shape_of_error() {
        for (body, message) in [
            (r#"{"error":{"message":"one","type":"t","param":null,"code":null}}"#, "one"),
            (r#"{"error":"two\nlines"}"#, "two lines"),
            (
                r#"{"object":"error","message":"three","type":"BadRequestError","code":400}"#,
                "three",
            ),
            (r#"{"detail":[{"loc":["body"],"msg":"four"}]}"#, r#"[{"loc":["body"],"msg":"four"}]"#),
            (r#"{"statusCode":400,"message":"five"}"#, "five"),
            (r#"{"type":"error","error":{"type":"x","message":"six"},"request_id":"r"}"#, "six"),
            ("<html><h1>seven</h1></html>", "<html><h1>seven</h1></html>"),
            ("[]", "[]"),
        ] {
            assert_eq!(Refusal::read(400, body.as_bytes()).message, message);
        }
    }

    #[test]
    fn gives_a_refusal_without_status_the_one_that_fits() {
        for (body, status) in [
            (r#"{"error":{"type":"overloaded_error","message":"Overloaded"}}"#, 529),
            (r#"{"error":{"code":502,"message":"upstream"}}"#, 502),
            (r#"{"error":{"code":"rate_limit_exceeded"}}"#, 429),
            (r#"{"error":"boom"}"#, 500),
        ] {
            let value = serde_json::from_str(body).unwrap();
            assert_eq!(Refusal::in_value(&value).map(|refusal| refusal.status), Some(status));
        }
        assert_eq!(Refusal::in_value(&serde_json::json!({"error": null})), None);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(proptest::num::u8::ANY, 0..500)) {
            let refusal = Refusal::read(400, &body);
            assert!(refusal.message.chars().count() <= LONGEST + 1);
        }
    }
}
