//! Takes keys out of texts that people will read.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_whole_and_short_words_stay() {
        let mut redactor = Redactor::default();
        for key in ["12345678", "1234567890", "EMPTY"] {
            redactor.add(&SecretString::from(key));
        }
        assert_eq!(redactor.redact("a 1234567890 b 12345678 c EMPTY"), "a ••• b ••• c EMPTY");
    }
}
