//! Comparisons of two sides on the same prompts: what the window knows of it.

/// Comparisons of two sides on the same prompts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CompareState {}
