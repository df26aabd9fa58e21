//! Takes keys out of texts that people will read.

use std::sync::LazyLock;

use regex::Regex;
use secrecy::{ExposeSecret as _, SecretString};

/// What stands in a key's place.
const MARK: &str = "•••";

/// Shorter ones (such as `EMPTY` or `none`, which local servers ask for) are words, not secrets.
const SHORTEST: usize = 8;

/// Knows keys, and takes them out of texts.
#[derive(Default)]
pub struct Redactor {
    keys: Vec<SecretString>,
}

impl Redactor {
    /// Knows one more key.
    pub fn add(&mut self, key: &SecretString) {
        if key.expose_secret().len() >= SHORTEST {
            self.keys.push(key.clone());
            // A key that begins with another must go first, or its tail would stay.
            self.keys.sort_by_key(|key| std::cmp::Reverse(key.expose_secret().len()));
        }
    }

    /// The text without any key that is known.
    pub fn redact(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for key in &self.keys {
            if text.contains(key.expose_secret()) {
                text = text.replace(key.expose_secret(), MARK);
            }
        }
        text
    }
}

/// What looks like a key wherever it comes from: `sk-…`, a bearer token, a password in an address,
/// a key in an address's query. Each has its secret part as the second group.
static LOOKALIKES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"()(\bsk-[A-Za-z0-9_-]{8,})",
        r"(?i)(\bbearer\s+)([^\s\x22',]+)",
        r"(://[^/\s:@]*:)([^/\s@]+)@",
        r"(?i)([?&](?:api[_-]?key|key|token|secret)=)([^&\s\x22']+)",
    ]
    .iter()
    .filter_map(|pattern| Regex::new(pattern).ok())
    .collect()
});

/// The text without what looks like a key. For logs and crash reports only: a text of the user's
/// may hold such words, and must stay as it is.
pub fn without_lookalikes(text: &str) -> String {
    let mut text = text.to_owned();
    for (place, pattern) in LOOKALIKES.iter().enumerate() {
        if pattern.is_match(&text) {
            let end = if place == 2 { "@" } else { "" };
            text = pattern.replace_all(&text, format!("${{1}}{MARK}{end}")).into_owned();
        }
    }
    text
}

/// What a panic says, without what it quotes and what looks like a key; keys that are known are
/// taken out by who shows it. With the way there, where `RUST_BACKTRACE` asks for it.
pub fn panic_words(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let message = panic.payload_as_str().unwrap_or("no message");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    let what = without_lookalikes(&without_quotes(message));
    let mut words = format!("the thread {thread} broke down at {place}: {what}");
    let backtrace = std::backtrace::Backtrace::capture();
    if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
        words = format!("{words}\n{backtrace}");
    }
    words
}

/// A panic's message without what it quotes: that may be a text of the user's. Short words that
/// only a program would write stay.
pub fn without_quotes(message: &str) -> String {
    // `Err` values and assertions are printed at the end, unquoted.
    let ends = ["value: ", "\n  left: ", "\n right: "];
    let end = ends.iter().filter_map(|end| message.find(end).map(|at| at + end.len())).min();
    let (mut message, cut) = match end {
        Some(end) => (&message[..end], true),
        None => (message, false),
    };
    let mut kept = String::new();
    while let Some(open) = message.find(['`', '"']) {
        let quote = if message[open..].starts_with('`') { '`' } else { '"' };
        kept.push_str(&message[..=open]);
        message = &message[open + 1..];
        let close = message.find(quote);
        let inside = &message[..close.unwrap_or(message.len())];
        let is_code = inside.len() <= 40
            && inside.chars().all(|c| c.is_ascii_alphanumeric() || "_:()<>.&".contains(c));
        kept.push_str(if is_code { inside } else { "…" });
        match close {
            Some(close) => {
                kept.push(quote);
                message = &message[close + 1..];
            }
            None => {
                message = "";
            }
        }
    }
    kept.push_str(message);
    if cut {
        kept.push('…');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_key_goes_and_the_rest_stays() {
        for (text, expected) in [
            ("401 for sk-proj-abcdef123456: wrong", "401 for •••: wrong"),
            ("Authorization: Bearer abc.def", "Authorization: Bearer •••"),
            ("http://ada:pa55@host:80/v1", "http://ada:•••@host:80/v1"),
            ("GET /v1?a=1&key=AIza123&b=2", "GET /v1?a=1&key=•••&b=2"),
            ("a task-list and 12:30 @ noon", "a task-list and 12:30 @ noon"),
        ] {
            assert_eq!(without_lookalikes(text), expected);
        }
        assert_eq!(LOOKALIKES.len(), 4);
    }

    #[test]
    fn a_panic_quotes_nothing_of_the_users() {
        let slice = "byte index 3 is not a char boundary; it is inside 'é' of `My secret plan, é`";
        let kept = without_quotes(slice);
        assert!(kept.starts_with("byte index 3") && !kept.contains("secret"), "{kept}");
        let unwrap = "called `Option::unwrap()` on a `None` value";
        assert_eq!(without_quotes(unwrap), unwrap);
        let value = "called `Result::unwrap()` on an `Err` value: Parse(\"my text\")";
        assert_eq!(without_quotes(value), "called `Result::unwrap()` on an `Err` value: …");
        let assertion = "assertion `left == right` failed\n  left: \"mine\"\n right: \"yours\"";
        assert!(!without_quotes(assertion).contains("mine"));
        assert_eq!(without_quotes("open \"quote"), "open \"quote");
        assert_eq!(without_quotes("open \"two words"), "open \"…");
    }

    #[test]
    fn a_key_goes_whole_and_short_words_stay() {
        let mut redactor = Redactor::default();
        for key in ["12345678", "1234567890", "EMPTY"] {
            redactor.add(&SecretString::from(key));
        }
        assert_eq!(redactor.redact("a 1234567890 b 12345678 c EMPTY"), "a ••• b ••• c EMPTY");
    }
}
