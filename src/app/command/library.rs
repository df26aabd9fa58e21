//! Commands: palette, find everywhere, history, versions and glossary.

/// Palette, find everywhere, history, versions and glossary.
#[derive(Debug, Clone, PartialEq)]
pub enum LibraryCommand {}
