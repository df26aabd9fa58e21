//! Home, settings, recovery, logs.

use super::Entry;

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[];
