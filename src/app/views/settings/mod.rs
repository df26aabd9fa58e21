//! Settings: who answers, how it looks, what is kept where.

use egui::Ui;

use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::views::models::ModelsView;

/// The screen's own state.
#[derive(Default)]
pub struct SettingsView {
    models: ModelsView,
}

impl SettingsView {
    /// Draws the area.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        self.models.show(ui, state, outbox);
    }
}
