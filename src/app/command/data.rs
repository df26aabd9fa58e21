//! Commands: rows of a run as a dataset.

/// Rows of a run as a dataset.
#[derive(Debug, Clone, PartialEq)]
pub enum DataCommand {}
