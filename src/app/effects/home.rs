//! Home, settings, recovery and logs: work outside the state, and what comes of it.

use std::sync::Arc;

use super::desk::Desk;

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum HomeEffect {}

/// What came of it.
#[derive(Debug, Clone)]
pub enum HomeEvent {}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(_desk: Arc<Desk>, effect: HomeEffect) {
    match effect {}
}
