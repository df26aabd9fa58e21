//! What a provider's headers say is left of its rate limits; pure.
//!
//! `x-ratelimit-{limit,remaining,reset}-{requests,tokens}` (OpenAI and those who follow it) and
//! `anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`. An allowance counts only where
//! all three are there: a limit alone may be for a second, a minute or a day.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

use super::wait;

/// One limit and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allowance {
    /// All of it.
    pub limit: f64,
    /// What is left.
    pub remaining: f64,
    /// Until all of it is there again; an hour at most.
    pub reset: Duration,
}

/// What is left, as far as headers said.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quota {
    /// In requests.
    pub requests: Option<Allowance>,
    /// In tokens, read and written.
    pub tokens: Option<Allowance>,
}

impl Quota {
    /// Reads an answer's headers; `now` is used for dates where the answer has none of its own.
    /// `None` where they say nothing.
    pub fn read(headers: &HeaderMap, now: SystemTime) -> Option<Self> {
        let allowance = |what: &str| {
            let field = |name: &str| {
                headers
                    .get(format!("x-ratelimit-{name}-{what}"))
                    .or_else(|| headers.get(format!("anthropic-ratelimit-{what}-{name}")))
                    .and_then(|value| value.to_str().ok())
                    .map(str::trim)
            };
            let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite());
            Some(Allowance {
                limit: number(field("limit")?)?,
                remaining: number(field("remaining")?)?.max(0.0),
                reset: wait::until_reset(field("reset")?, headers, now)?,
            })
        };
        let quota = Self { requests: allowance("requests"), tokens: allowance("tokens") };
        (quota != Self::default()).then_some(quota)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> Option<Quota> {
        let headers = pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Quota::read(&headers, SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn reads_both_dialects_and_nothing_by_halves() {
        let seconds = |limit, remaining, seconds| {
            Some(Allowance { limit, remaining, reset: Duration::from_secs(seconds) })
        };
        let openai = read(&[
            ("x-ratelimit-limit-requests", "500"),
            ("x-ratelimit-remaining-requests", "499"),
            ("x-ratelimit-reset-requests", "6m0s"),
            ("x-ratelimit-limit-tokens", "30000"),
            ("x-ratelimit-remaining-tokens", "29000"),
            ("x-ratelimit-reset-tokens", "2s"),
        ]);
        let expected =
            Quota { requests: seconds(500.0, 499.0, 360), tokens: seconds(3e4, 2.9e4, 2) };
        assert_eq!(openai, Some(expected));
        let anthropic = read(&[
            ("date", "Tue, 27 Jan 2026 12:30:00 GMT"),
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "20"),
            ("anthropic-ratelimit-requests-reset", "2026-01-27T12:30:36Z"),
        ]);
        let expected = Quota { requests: seconds(50.0, 20.0, 36), tokens: None };
        assert_eq!(anthropic, Some(expected));
        for halves in [
            &[("x-ratelimit-limit-requests", "60"), ("x-ratelimit-remaining-requests", "0")][..],
            &[
                ("x-ratelimit-limit-requests", "60"),
                ("x-ratelimit-remaining-requests", "-1"),
                ("x-ratelimit-reset-requests", "-1"),
            ],
            &[("x-ratelimit-reset-tokens", "NaN")],
            &[],
        ] {
            assert_eq!(read(halves), None, "{halves:?}");
        }
    }
}
