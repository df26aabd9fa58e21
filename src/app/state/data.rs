//! Rows of a run as a dataset: what the window knows of it.

/// Rows of a run as a dataset.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DataState {}
