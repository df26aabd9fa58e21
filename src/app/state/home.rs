//! Home, settings, recovery and logs: what the window knows of it.

/// Home, settings, recovery and logs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HomeState {}
