//! The one place where HTTP clients are made and where keys touch a request.
//!
//! A key is held as a secret, goes into a header marked sensitive as the last step before sending,
//! and is taken out of everything that comes back, because providers echo keys in their refusals.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

/// The largest body that is read, in bytes, after decompression.
pub const BODY_LIMIT: usize = 64 << 20;

/// How long each part of a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until a stream's headers are there; a whole answer's may take up to `total`.
    pub headers: Duration,
    /// Between two reads of a stream.
    pub idle: Duration,
    /// Between two pieces of content of a stream, which pings and comments do not count as.
    pub content: Duration,
    /// From sending to the last byte, whatever comes between.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            headers: Duration::from_mins(2),
            idle: Duration::from_secs(90),
            content: Duration::from_mins(5),
            total: Duration::from_mins(10),
        }
    }
}

/// A client for one endpoint: no redirects (they would carry key headers to other hosts), HTTP/1.1
/// (a broken connection then costs one call, not all), the system's proxies except for loopback.
///
/// # Errors
///
/// When the system's TLS or proxy settings can't be used.
pub fn client(timeouts: &Timeouts, is_loopback: bool) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("preamble/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .connect_timeout(timeouts.connect)
        .tcp_keepalive(Duration::from_secs(15))
        .tcp_nodelay(true)
        // Short, because a request on a connection that the server has just closed may or may
        // not have been paid for.
        .pool_idle_timeout(Duration::from_secs(20));
    let builder = if is_loopback { builder.no_proxy() } else { builder };
    builder.build()
}

/// Where a provider wants its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyHeader {
    /// `Authorization: Bearer …`.
    Bearer,
    /// `x-api-key: …`.
    XApiKey,
    /// `api-key: …` (Azure).
    ApiKey,
}

/// A key that can't be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the key holds characters that no HTTP header may have, such as a line break")]
pub struct BadKey;

/// Puts the key into the headers; call it last.
///
/// # Errors
///
/// [`BadKey`], when it is no header value.
pub fn put_key(
    headers: &mut HeaderMap,
    place: KeyHeader,
    key: &SecretString,
) -> Result<(), BadKey> {
    let key = key.expose_secret().trim();
    let (name, value) = match place {
        KeyHeader::Bearer => {
            (reqwest::header::AUTHORIZATION, HeaderValue::try_from(format!("Bearer {key}")))
        }
        KeyHeader::XApiKey => (HeaderName::from_static("x-api-key"), HeaderValue::from_str(key)),
        KeyHeader::ApiKey => (HeaderName::from_static("api-key"), HeaderValue::from_str(key)),
    };
    let mut value = value.map_err(|_invalid| BadKey)?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(())
}

/// What stands where a key was.
const REDACTED: &str = "[key]";

/// The shortest key that is looked for by its value: a local server's stand-in such as `EMPTY`
/// must not blot out words.
const SHORTEST: usize = 12;

/// Takes keys out of a text: the given one by its value, and anything that looks like one.
pub fn redacted(text: &str, key: Option<&SecretString>) -> String {
    const STARTS: [&str; 4] = ["Bearer ", "sk-", "key=", "api_key="];
    let mut text = without_value(text, key);
    for start in STARTS {
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(start)) {
            let value = from + at + start.len();
            let len = text[value..]
                .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.*+/=".contains(c)))
                .unwrap_or(text.len() - value);
            // Eight: “sk-learn” and “key=value” are words; so is “risk-assessment”.
            let is_word = text[..from + at].ends_with(char::is_alphanumeric);
            let keep = if start == "sk-" { value - start.len() } else { value };
            if len > 8 && !is_word {
                text.replace_range(keep..value + len, REDACTED);
                from = keep + REDACTED.len();
            } else {
                from = value;
            }
        }
    }
    text
}

/// Takes the key out of a text, by its value.
pub fn without_value(text: &str, key: Option<&SecretString>) -> String {
    forms(key).iter().fold(text.to_owned(), |text, form| text.replace(form.as_str(), REDACTED))
}

/// Whether a text holds the key.
pub fn holds_key(bytes: &[u8], key: Option<&SecretString>) -> bool {
    let forms = forms(key);
    match std::str::from_utf8(bytes) {
        // Many times as fast.
        Ok(text) => forms.iter().any(|form| text.contains(form.as_str())),
        Err(_) => forms
            .iter()
            .any(|form| bytes.windows(form.len()).any(|window| window == form.as_bytes())),
    }
}

/// What stands for a stream's body that brought the key piece by piece.
pub const NOT_KEPT: &[u8] = b"[the body brought the key in pieces and is not kept]";

/// Whether a stream's events say the key piece by piece. Packed, such pieces can come to stand
/// side by side, so that taking out the key where it stands as it is would not do.
pub fn pieces_hold_key(body: &[u8], key: Option<&SecretString>) -> bool {
    const SAID: [&str; 5] = ["content", "text", "reasoning", "reasoning_content", "thinking"];
    fn collect(value: &serde_json::Value, said: &mut [String; 5]) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    match (value, SAID.iter().position(|one| one == name)) {
                        (serde_json::Value::String(text), Some(place)) => said[place] += text,
                        _ => collect(value, said),
                    }
                }
            }
            serde_json::Value::Array(values) => {
                for value in values {
                    collect(value, said);
                }
            }
            _ => {}
        }
    }
    if forms(key).is_empty() {
        return false;
    }
    let body = String::from_utf8_lossy(body);
    let mut said: [String; 5] = Default::default();
    for line in body.lines().filter_map(|line| line.trim_start().strip_prefix("data:")) {
        if let Ok(value) = serde_json::from_str(line.trim()) {
            collect(&value, &mut said);
        }
    }
    said.iter().any(|text| holds_key(text.as_bytes(), key))
}

/// The key as it is, and as JSON writers write it that escape slashes; none where it is too short
/// to be told from a word.
fn forms(key: Option<&SecretString>) -> Vec<String> {
    let Some(key) = key.map(|key| key.expose_secret().trim()) else { return Vec::new() };
    if key.len() < SHORTEST {
        return Vec::new();
    }
    let mut forms = vec![key.to_owned()];
    if key.contains('/') {
        forms.push(key.replace('/', "\\/"));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_keys_out_by_value_and_by_look() {
        let key = SecretString::from("my-very-secret-key");
        for (text, expected) in [
            ("Incorrect key: my-very-secret-key.", "Incorrect key: [key]."),
            ("got sk-proj-abcd****wxyz, no", "got [key], no"),
            ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer [key]"),
            ("/v1?key=abcdefghijkl&x=1", "/v1?key=[key]&x=1"),
            ("sk-learn and key=value", "sk-learn and key=value"),
            ("a risk-assessment", "a risk-assessment"),
            ("sk-sk-sk-", "sk-sk-sk-"),
            ("é sk-é", "é sk-é"),
        ] {
            assert_eq!(redacted(text, Some(&key)), expected);
        }
        let slashes = SecretString::from("a/key/with/slashes");
        let escaped = r#"{"message":"a\/key\/with\/slashes"}"#;
        assert!(holds_key(escaped.as_bytes(), Some(&slashes)));
        assert_eq!(redacted(escaped, Some(&slashes)), r#"{"message":"[key]"}"#);
        let short = SecretString::from("EMPTY");
        assert_eq!(redacted("an EMPTY answer", Some(&short)), "an EMPTY answer");
    }

    #[test]
    fn a_key_that_a_stream_brings_in_pieces_is_noticed() {
        let key = SecretString::from("my-very-secret-key");
        let chunk = |text: &str| {
            format!("data: {{\"choices\":[{{\"delta\":{{\"content\":{text:?}}}}}]}}\n\n")
        };
        let body =
            |texts: &[&str]| texts.iter().map(|text| chunk(text)).collect::<Vec<_>>().concat();
        let split = body(&["You sent my-very", "-secr", "et-key.", ""]);
        assert!(!holds_key(split.as_bytes(), Some(&key)));
        assert!(pieces_hold_key(split.as_bytes(), Some(&key)));
        assert!(!pieces_hold_key(body(&["my-very", "-other-key"]).as_bytes(), Some(&key)));
        assert!(
            !pieces_hold_key(split.as_bytes(), None) && !pieces_hold_key(b"data: {", Some(&key))
        );
    }

    #[test]
    fn marks_keys_as_sensitive_and_refuses_broken_ones() {
        let mut headers = HeaderMap::new();
        for place in [KeyHeader::Bearer, KeyHeader::XApiKey, KeyHeader::ApiKey] {
            put_key(&mut headers, place, &SecretString::from("secret-0123 \n")).unwrap();
            let broken = SecretString::from("a\nb");
            assert_eq!(put_key(&mut HeaderMap::new(), place, &broken), Err(BadKey));
        }
        assert_eq!(headers.len(), 3);
        assert!(!format!("{headers:?}").contains("secret-0123"));
    }

    proptest::proptest! {
        #[test]
        fn redacting_ends_and_never_panics(text in "(sk-|Bearer |key=|[a-zé* ]){0,40}") {
            redacted(&text, None);
        }
    }
}
