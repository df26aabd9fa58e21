//! Runs of many rows: what the window knows of it.

/// Runs of many rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunsState {}
