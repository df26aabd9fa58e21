//! Headers that tell how long to wait: never more than an hour, never a panic.
#![no_main]
use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use preamble_fuzz::providers::{LONGEST, wait_asked};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

const NAMES: [&str; 10] = [
    "retry-after",
    "retry-after-ms",
    "date",
    "x-ratelimit-reset-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-tokens",
    "x-ratelimit-remaining-tokens",
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-requests-remaining",
    "anthropic-ratelimit-input-tokens-reset",
];

fuzz_target!(|data: &[u8]| {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(12) {
        let Some((name, value)) = line.split_first() else { continue };
        let name = NAMES[usize::from(*name) % NAMES.len()];
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    for now in [0, 1_769_517_000, 1 << 40] {
        let asked = wait_asked(&headers, UNIX_EPOCH + Duration::from_secs(now));
        assert!(asked.is_none_or(|wait| wait <= LONGEST));
    }
});
