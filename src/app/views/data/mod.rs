//! Rows of a run as a dataset.

use egui::Ui;

use crate::app::outbox::Outbox;
use crate::app::state::AppState;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct DataView {}

impl DataView {
    /// Draws the area.
    pub fn show(&mut self, _ui: &mut Ui, _state: &AppState, _outbox: &Outbox) {}
}
