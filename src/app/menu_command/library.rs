//! Palette, find everywhere, history, versions, glossary.

use super::Entry;

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[];
