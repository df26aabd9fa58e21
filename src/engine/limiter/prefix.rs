//! What a request begins with, as far as a provider's cache can pay: hashes of its first texts.
//!
//! Two requests to one model that have a key in common begin with the same bytes, said by the
//! same speakers. Pure; most requests are too short to have a key, and cost no hash.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::Arc;

use crate::domain::Call;
use crate::providers::provider::without_answer_start;
use crate::providers::{CacheMarks, Caching, anthropic};

/// Bytes of the shortest beginning that is worth keeping, and of the shortest that one key has
/// beyond the key before it: about the 1,024 tokens below which OpenAI and Anthropic keep nothing,
/// at four bytes each (formats.md 5.3).
pub(super) const SHORTEST: usize = 4_096;

/// One beginning of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// Of all that it holds.
    pub(super) hash: u64,
    /// The block that it ends with, where a cache mark could be set there.
    pub(super) block: Option<u16>,
}

/// The beginnings of a request that others may share, shortest first, each holding those before
/// it; none where the request is short. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefix(Option<Arc<[Key]>>);

impl Prefix {
    /// Those of a call, for a provider of that kind.
    ///
    /// A provider that keeps whatever begins alike has a key within a text, too; one that keeps
    /// what is marked, only where a block ends.
    pub fn of(call: &Call, caching: Caching) -> Self {
        let bytes: usize = call.messages.iter().map(|message| message.content.len()).sum();
        if caching == Caching::Own || bytes < SHORTEST {
            return Self::default();
        }
        let mut keys =
            Keys { found: Vec::new(), hasher: DefaultHasher::new(), read: 0, next: SHORTEST };
        if caching == Caching::Marked {
            for (nth, (speaker, text)) in anthropic::blocks(call).iter().enumerate() {
                keys.read(speaker, text, false);
                // The service refuses a mark on an empty block.
                let block = u16::try_from(nth).ok().filter(|_| !text.is_empty());
                if block.is_some() {
                    keys.end(block);
                }
            }
        } else {
            for message in without_answer_start(&call.messages) {
                keys.read(&message.role.to_string(), &message.content, true);
                keys.end(None);
            }
        }
        let mut found = keys.found;
        if found.len() > CacheMarks::MOST {
            // The one that most requests share, and those that save most.
            found.drain(1..found.len() + 1 - CacheMarks::MOST);
        }
        Self((!found.is_empty()).then(|| found.into()))
    }

    /// Its keys, shortest first.
    pub(super) fn keys(&self) -> &[Key] {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether there are none.
    pub(super) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// A number that requests with the same longest beginning share; 0: none.
    pub(super) fn group(&self) -> u64 {
        self.keys().last().map_or(0, |key| key.hash)
    }

    /// A prefix of these keys.
    #[cfg(test)]
    pub(super) fn of_keys(keys: &[(u64, Option<u16>)]) -> Self {
        let keys: Vec<Key> =
            keys.iter().map(|(hash, block)| Key { hash: *hash, block: *block }).collect();
        Self((!keys.is_empty()).then(|| keys.into()))
    }
}

struct Keys {
    found: Vec<Key>,
    hasher: DefaultHasher,
    /// Bytes so far.
    read: usize,
    /// Bytes at which the next key may be.
    next: usize,
}

impl Keys {
    /// Reads a text; `within`: the first key may lie in it.
    fn read(&mut self, speaker: &str, text: &str, within: bool) {
        self.hasher.write(speaker.as_bytes());
        self.hasher.write_u8(0xfe);
        let mut rest = text.as_bytes();
        if within && self.found.is_empty() && self.read + rest.len() >= SHORTEST {
            let (first, others) = rest.split_at(SHORTEST - self.read);
            self.hasher.write(first);
            self.read = SHORTEST;
            self.found.push(Key { hash: self.hasher.finish(), block: None });
            self.next = 2 * SHORTEST;
            rest = others;
        }
        self.hasher.write(rest);
        self.read += rest.len();
    }

    /// A text ends here.
    fn end(&mut self, block: Option<u16>) {
        self.hasher.write_u8(0xff);
        if self.read >= self.next {
            self.found.push(Key { hash: self.hasher.finish(), block });
            self.next = self.read + SHORTEST;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Message, ModelRole, Purpose, Sampling, Want};

    fn call(messages: Vec<Message>) -> Call {
        Call {
            purpose: Purpose::Probe,
            prompt: "p".into(),
            role: ModelRole::Writer,
            messages,
            sampling: Sampling::default(),
            want: Want::Text,
            sample: 0,
        }
    }

    fn hashes(messages: Vec<Message>, caching: Caching) -> Vec<u64> {
        Prefix::of(&call(messages), caching).keys().iter().map(|key| key.hash).collect()
    }

    #[test]
    fn short_requests_and_models_of_ones_own_have_none() {
        let short = vec![Message::user("a".repeat(SHORTEST - 1))];
        assert!(Prefix::of(&call(short), Caching::Prefix).is_none());
        let long = vec![Message::user("a".repeat(SHORTEST))];
        assert!(Prefix::of(&call(long.clone()), Caching::Own).is_none());
        assert_eq!(hashes(long, Caching::Prefix).len(), 1);
    }

    #[test]
    fn what_begins_alike_has_a_key_in_common() {
        let long = "Be kind. ".repeat(600);
        let of = |end: &str| vec![Message::user(format!("{long}{end}"))];
        let (one, two) = (hashes(of("one"), Caching::Prefix), hashes(of("two"), Caching::Prefix));
        assert_eq!(one, two, "the end of one text is not in it");
        let other = hashes(vec![Message::user(format!("x{long}"))], Caching::Prefix);
        assert_ne!(one[0], other[0]);
        let said = hashes(vec![Message::system(long.clone())], Caching::Prefix);
        assert_ne!(one[0], said[0], "who says it counts");
        // Within one text nothing can be marked, so only the whole of it counts.
        assert_ne!(hashes(of("one"), Caching::Marked), hashes(of("two"), Caching::Marked));
    }

    #[test]
    fn a_mark_ends_a_block_as_the_dialect_has_it() {
        let system = "s".repeat(5_000);
        let talk = |question: &str| {
            vec![
                Message::user("q".repeat(5_000)),
                Message::user("more"),
                Message::assistant(""),
                Message::system(&system),
                Message::user(question),
            ]
        };
        let one = Prefix::of(&call(talk("short")), Caching::Marked);
        let blocks: Vec<_> = one.keys().iter().map(|key| key.block).collect();
        assert_eq!(blocks, [Some(0), Some(1)], "system first, then the two questions as one block");
        let two = Prefix::of(&call(talk("another")), Caching::Marked);
        assert_eq!(one, two, "the last block is too short to be a key of its own");
        assert_eq!((one.group(), two.group()), (one.keys()[1].hash, one.keys()[1].hash));
    }

    #[test]
    fn no_request_has_more_keys_than_marks() {
        let talk = (0..9).map(|n| {
            let text = format!("{n}").repeat(5_000);
            if n % 2 == 0 { Message::user(text) } else { Message::assistant(text) }
        });
        let all = Prefix::of(&call(talk.collect()), Caching::Marked);
        let blocks: Vec<_> = all.keys().iter().filter_map(|key| key.block).collect();
        assert_eq!(blocks, [0, 6, 7, 8]);
    }
}
