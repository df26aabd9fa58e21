//! Home, settings, recovery and logs.

use egui::Ui;

use crate::app::outbox::Outbox;
use crate::app::state::AppState;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct HomeView {}

impl HomeView {
    /// Draws the area.
    pub fn show(&mut self, _ui: &mut Ui, _state: &AppState, _outbox: &Outbox) {}

    /// Draws the sheet on top, if it is one of these.
    pub fn sheet(&mut self, _ctx: &egui::Context, _state: &AppState, _outbox: &Outbox) {}
}
