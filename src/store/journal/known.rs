//! Which keys have a reply, in memory, so that a call that is new need not be looked for.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Mutex;

use tokio::sync::OnceCell;

use crate::domain::CallKey;
use crate::store::unpoisoned;

/// The keys of all replies, by the first 16 of their 64 digits: 8 bytes each, a megabyte or two
/// for a night's run. Two keys that begin alike do no harm, since the journal compares the whole.
///
/// The writer adds a key as soon as its reply is committed, before anybody can be told; what was
/// there before is loaded once, and the order of the two does not matter.
#[derive(Default)]
pub(super) struct Known {
    keys: Mutex<HashSet<u64, BuildHasherDefault<AsItIs>>>,
    is_loaded: OnceCell<()>,
}

impl Known {
    /// Adds what was there before, once, however many ask for it.
    pub(super) async fn load<E>(
        &self,
        halves: impl Future<Output = Result<Vec<u64>, E>>,
    ) -> Result<(), E> {
        let load = || async { halves.await.map(|halves| self.add(halves.into_iter())) };
        self.is_loaded.get_or_try_init(load).await?;
        Ok(())
    }

    /// Adds keys whose replies were committed.
    pub(super) fn add(&self, halves: impl Iterator<Item = u64>) {
        unpoisoned(&self.keys).extend(halves);
    }

    /// Whether there may be a reply; where not, there is none.
    pub(super) fn may_have(&self, key: &CallKey) -> bool {
        unpoisoned(&self.keys).contains(&half(&key.0))
    }
}

/// The first 16 hexadecimal digits; what is no key counts as 0.
pub(super) fn half(key: &str) -> u64 {
    key.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(0)
}

/// BLAKE3 has hashed enough.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only whole numbers are ever hashed.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
