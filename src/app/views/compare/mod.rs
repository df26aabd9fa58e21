//! Comparisons of two sides on the same prompts.

use egui::Ui;

use crate::app::outbox::Outbox;
use crate::app::state::AppState;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct CompareView {}

impl CompareView {
    /// Draws the area.
    pub fn show(&mut self, _ui: &mut Ui, _state: &AppState, _outbox: &Outbox) {}
}
