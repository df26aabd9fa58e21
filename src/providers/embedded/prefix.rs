//! Remembers computed prompts, so that a later prompt with the same beginning need not pay again.
//!
//! The invariant: reuse never changes a result (see [`super::model`]), it only saves time; and the
//! memory held stays under a budget.

use super::kv::KvCache;

/// A computed sequence.
#[derive(Debug)]
struct Kept {
    /// One token for each position of the cache.
    tokens: Vec<u32>,
    cache: KvCache,
    /// When it was last of use, by a count of uses.
    used: u64,
}

/// The computed sequences, the least recently used forgotten first.
#[derive(Debug)]
pub(super) struct PrefixStore {
    kept: Vec<Kept>,
    /// Bytes.
    budget: usize,
    clock: u64,
}

/// Which kept sequence has the longest common beginning, and how long that is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    index: usize,
    /// Tokens in common.
    pub(super) len: usize,
}

impl PrefixStore {
    /// Gives an empty store that holds at most `budget` bytes.
    pub(super) fn new(budget: usize) -> Self {
        Self { kept: Vec::new(), budget, clock: 0 }
    }

    /// Finds the longest common beginning with `tokens`.
    pub(super) fn longest(&self, tokens: &[u32]) -> Option<Match> {
        self.kept
            .iter()
            .enumerate()
            .map(|(index, kept)| Match { index, len: common_len(&kept.tokens, tokens) })
            .max_by_key(|found| found.len)
            .filter(|found| found.len > 0)
    }

    /// Gives a cache with the first `len` positions of what was found.
    pub(super) fn fork(&mut self, found: Match, len: usize) -> candle_core::Result<KvCache> {
        self.clock += 1;
        let kept = self
            .kept
            .get_mut(found.index)
            .ok_or_else(|| candle_core::Error::msg("the prefix is gone"))?;
        kept.used = self.clock;
        kept.cache.fork(len)
    }

    /// Keeps a computed sequence. Length of `tokens`: at least that of the cache.
    pub(super) fn keep(&mut self, mut tokens: Vec<u32>, cache: KvCache) {
        tokens.truncate(cache.len());
        let covered = self.kept.iter_mut().find(|kept| kept.tokens.starts_with(&tokens));
        self.clock += 1;
        if let Some(covered) = covered {
            covered.used = self.clock;
            return;
        }
        self.kept.retain(|kept| !tokens.starts_with(&kept.tokens));
        self.kept.push(Kept { tokens, cache, used: self.clock });
        while self.n_bytes() > self.budget {
            let oldest = (0..self.kept.len()).min_by_key(|&index| self.kept[index].used);
            match oldest {
                Some(index) => drop(self.kept.swap_remove(index)),
                None => break,
            }
        }
    }

    fn n_bytes(&self) -> usize {
        self.kept.iter().map(|kept| kept.cache.n_bytes()).sum()
    }
}

/// Counts the equal tokens at the beginning.
pub(super) fn common_len(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}
