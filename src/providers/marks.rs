//! Cache marks: where a request tells its provider to keep what it has read so far.

/// How a provider keeps what requests begin with, so that it need not read it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Caching {
    /// Nobody can do anything for it: it keeps nothing, or has its own ways.
    #[default]
    Own,
    /// By itself, whatever begins alike.
    Prefix,
    /// Only what requests mark ([`CacheMarks`]), for a price.
    Marked,
}

/// After which blocks of a request there is a cache mark; at most [`CacheMarks::MOST`].
///
/// Blocks are counted from 0 as [`super::anthropic::blocks`] gives them. Marks are no part of a
/// call or its key: they change what an answer costs, never what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheMarks {
    after: [u16; Self::MOST],
    len: u8,
}

impl CacheMarks {
    /// As many as a request may have (Anthropic's Messages API).
    pub const MOST: usize = 4;

    /// Sets one more; beyond the most, nothing happens.
    pub fn put(&mut self, block: u16) {
        if let Some(place) = self.after.get_mut(usize::from(self.len)) {
            *place = block;
            self.len += 1;
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether there is one after that block.
    pub fn is_after(&self, block: usize) -> bool {
        self.list().iter().any(|marked| usize::from(*marked) == block)
    }

    /// The blocks, in the order they were put.
    pub fn list(&self) -> &[u16] {
        &self.after[..usize::from(self.len)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_four_at_most() {
        let mut marks = CacheMarks::default();
        assert!(marks.is_empty() && !marks.is_after(0));
        for block in [0, 2, 5, 7, 9] {
            marks.put(block);
        }
        assert_eq!(marks.list(), [0, 2, 5, 7]);
        assert!(marks.is_after(5) && !marks.is_after(9) && !marks.is_after(1));
    }
}
