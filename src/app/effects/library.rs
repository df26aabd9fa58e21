//! Palette, find everywhere, history, versions and glossary: work outside the state, and what comes of it.

use std::sync::Arc;

use super::desk::Desk;

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum LibraryEffect {}

/// What came of it.
#[derive(Debug, Clone)]
pub enum LibraryEvent {}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(_desk: Arc<Desk>, effect: LibraryEffect) {
    match effect {}
}
