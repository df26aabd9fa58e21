//! Commands: comparisons of two sides on the same prompts.

/// Comparisons of two sides on the same prompts.
#[derive(Debug, Clone, PartialEq)]
pub enum CompareCommand {}
