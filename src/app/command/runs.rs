//! Commands: runs of many rows.

/// Runs of many rows.
#[derive(Debug, Clone, PartialEq)]
pub enum RunsCommand {}
