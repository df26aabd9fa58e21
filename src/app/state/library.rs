//! Palette, find everywhere, history, versions and glossary: what the window knows of it.

/// Palette, find everywhere, history, versions and glossary.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LibraryState {}
