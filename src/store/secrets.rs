//! Keys: from the environment, else the system's keychain, else until the program closes; never from or to a
//! file.
//!
//! A key is known by the name of its environment variable (`OPENAI_API_KEY`), which is all that a
//! project holds of it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::redact::Redactor;
use super::{StoreError, unpoisoned};

/// Set to anything, it keeps the system's keychain out of the game (tests, clusters).
pub const NO_KEYCHAIN_ENV: &str = "PREAMBLE_NO_KEYCHAIN";

/// Under which service the keychain has our keys.
const SERVICE: &str = "preamble";

/// A keychain may wait for its owner to unlock it, for ever where nobody sits before the machine.
const KEYCHAIN_PATIENCE: Duration = Duration::from_secs(3);
/// The same where somebody has just asked for a key to be kept, and may type a password.
const OWNERS_PATIENCE: Duration = Duration::from_mins(1);

/// Where a key was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display)]
pub enum KeySource {
    /// An environment variable.
    #[strum(to_string = "environment")]
    Environment,
    /// The system's keychain.
    #[strum(to_string = "system keychain")]
    Keychain,
    /// Typed in; gone when the program ends.
    #[strum(to_string = "until you close")]
    Session,
}

/// The keys of this process.
pub struct Secrets {
    session: Mutex<BTreeMap<String, SecretString>>,
    /// What the keychain answered, so that it is asked once for each name.
    remembered: Mutex<BTreeMap<String, Option<SecretString>>>,
    /// Why the keychain can't be used; it is not asked again.
    keychain_refuses: Mutex<Option<String>>,
    changes: AtomicU64,
}

impl Default for Secrets {
    fn default() -> Self {
        Self::new()
    }
}

impl Secrets {
    /// Keys from environment, keychain and session; the keychain is left alone where
    /// [`NO_KEYCHAIN_ENV`] is set.
    pub fn new() -> Self {
        let refuses = std::env::var_os(NO_KEYCHAIN_ENV).map(|_| "is switched off".to_owned());
        Self {
            session: Mutex::default(),
            remembered: Mutex::default(),
            keychain_refuses: Mutex::new(refuses),
            changes: AtomicU64::new(0),
        }
    }

    /// Keys from environment and session only.
    pub fn without_keychain() -> Self {
        let secrets = Self::new();
        *unpoisoned(&secrets.keychain_refuses) = Some("is switched off".to_owned());
        secrets
    }

    /// The key of a name, and where it was found; an empty variable counts as unset.
    pub async fn key(&self, name: &str) -> Option<(SecretString, KeySource)> {
        if let Ok(key) = std::env::var(name)
            && !key.trim().is_empty()
        {
            return Some((SecretString::from(key.trim()), KeySource::Environment));
        }
        if let Some(key) = self.ask_keychain(name).await {
            return Some((key, KeySource::Keychain));
        }
        unpoisoned(&self.session).get(name).cloned().map(|key| (key, KeySource::Session))
    }

    /// Keeps a key until the program ends.
    pub fn set_for_session(&self, name: &str, key: SecretString) {
        unpoisoned(&self.session).insert(name.to_owned(), key);
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    /// Keeps a key in the system's keychain.
    ///
    /// # Errors
    ///
    /// There is no keychain, or it refuses; [`Secrets::set_for_session`] still works.
    pub async fn set_in_keychain(&self, name: &str, key: SecretString) -> Result<(), StoreError> {
        if let Some(refusal) = self.keychain_refusal() {
            return Err(StoreError::Keychain(refusal));
        }
        let (entry, stored) = (name.to_owned(), key.clone());
        on_own_thread(OWNERS_PATIENCE, move || {
            keyring::Entry::new(SERVICE, &entry)?.set_password(stored.expose_secret())
        })
        .await
        .map_err(|failed| StoreError::Keychain(failed.words()))?;
        unpoisoned(&self.remembered).insert(name.to_owned(), Some(key));
        self.changes.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Forgets a key, in session and keychain; an environment variable is beyond reach.
    ///
    /// # Errors
    ///
    /// The keychain refuses to delete it.
    pub async fn forget(&self, name: &str) -> Result<(), StoreError> {
        unpoisoned(&self.session).remove(name);
        self.changes.fetch_add(1, Ordering::Relaxed);
        if self.keychain_refusal().is_none() {
            let entry = name.to_owned();
            let deleted = on_own_thread(OWNERS_PATIENCE, move || {
                keyring::Entry::new(SERVICE, &entry)?.delete_credential()
            })
            .await;
            match deleted {
                Ok(()) | Err(KeychainFailure::Refused(keyring::Error::NoEntry)) => {}
                Err(failed) => return Err(StoreError::Keychain(failed.words())),
            }
        }
        unpoisoned(&self.remembered).insert(name.to_owned(), None);
        Ok(())
    }

    /// Why the system's keychain can't be used; `None`: it can, or was not asked yet.
    pub fn keychain_refusal(&self) -> Option<String> {
        unpoisoned(&self.keychain_refuses).clone()
    }

    /// Counts the changes, so that who has used a key notices that there may be another.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// Takes the keys of session and keychain out of texts.
    pub fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::default();
        for key in unpoisoned(&self.session).values() {
            redactor.add(key);
        }
        for key in unpoisoned(&self.remembered).values().flatten() {
            redactor.add(key);
        }
        redactor
    }

    async fn ask_keychain(&self, name: &str) -> Option<SecretString> {
        if let Some(known) = unpoisoned(&self.remembered).get(name) {
            return known.clone();
        }
        if self.keychain_refusal().is_some() {
            return None;
        }
        let entry = name.to_owned();
        let found = on_own_thread(KEYCHAIN_PATIENCE, move || {
            keyring::Entry::new(SERVICE, &entry)?.get_password()
        })
        .await;
        let key = match found {
            Ok(key) => Some(SecretString::from(key)),
            Err(KeychainFailure::Refused(keyring::Error::NoEntry)) => None,
            Err(failed) => {
                let words = failed.words();
                tracing::info!("the system's keychain {words}; keys come from the environment");
                *unpoisoned(&self.keychain_refuses) = Some(words);
                return None;
            }
        };
        unpoisoned(&self.remembered).insert(name.to_owned(), key.clone());
        key
    }
}

enum KeychainFailure {
    Refused(keyring::Error),
    TooSlow,
    NoThread(std::io::Error),
}

impl KeychainFailure {
    fn words(&self) -> String {
        match self {
            // The error's own text may hold what was stored where it is not UTF-8.
            Self::Refused(keyring::Error::BadEncoding(_) | keyring::Error::BadDataFormat(..)) => {
                "holds something that is no key under this name".to_owned()
            }
            Self::Refused(error) => format!("can't be used: {error}"),
            Self::TooSlow => "does not answer; it may be locked".to_owned(),
            Self::NoThread(error) => format!("can't be asked: {error}"),
        }
    }
}

/// Runs what may hang on a thread of its own: a thread of the runtime's pool would keep the
/// program from ending.
async fn on_own_thread<T: Send + 'static>(
    patience: Duration,
    work: impl FnOnce() -> keyring::Result<T> + Send + 'static,
) -> Result<T, KeychainFailure> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    std::thread::Builder::new()
        .name("keychain".to_owned())
        .spawn(move || {
            answer.send(work()).ok();
        })
        .map_err(KeychainFailure::NoThread)?;
    match tokio::time::timeout(patience, answered).await {
        Ok(Ok(result)) => result.map_err(KeychainFailure::Refused),
        Ok(Err(_)) | Err(_) => Err(KeychainFailure::TooSlow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_session_key_is_found_forgotten_and_never_shown() {
        let secrets = Secrets::without_keychain();
        let name = "PREAMBLE_TEST_KEY_THAT_NOBODY_SETS";
        assert!(secrets.key(name).await.is_none());
        let before = secrets.changes();
        secrets.set_for_session(name, SecretString::from("sk-canary-1234567890"));
        assert!(secrets.changes() > before);
        let (key, source) = secrets.key(name).await.unwrap();
        assert_eq!(source, KeySource::Session);
        assert!(!format!("{key:?}").contains("canary"));
        let text = secrets.redactor().redact("refused: sk-canary-1234567890 is wrong");
        assert_eq!(text, "refused: ••• is wrong");
        secrets.forget(name).await.unwrap();
        assert!(secrets.key(name).await.is_none());
        let kept = secrets.set_in_keychain(name, SecretString::from("x")).await;
        assert!(matches!(kept, Err(StoreError::Keychain(_))));
    }

    #[tokio::test]
    async fn what_hangs_is_left_behind() {
        let (hold, held) = std::sync::mpsc::sync_channel::<()>(1);
        let result = on_own_thread(Duration::from_millis(10), move || {
            held.recv().ok();
            Ok(())
        })
        .await;
        assert!(matches!(result, Err(KeychainFailure::TooSlow)));
        drop(hold);
    }
}
