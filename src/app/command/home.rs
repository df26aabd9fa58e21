//! Commands: home, settings, recovery and logs.

/// Home, settings, recovery and logs.
#[derive(Debug, Clone, PartialEq)]
pub enum HomeCommand {}
