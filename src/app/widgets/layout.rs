//! Cards, sections and empty states.

use egui::{Frame, InnerResponse, Margin, Response, Role, Sense, Stroke, Ui, WidgetInfo};

use super::Button;
use crate::app::theme::{self, size, space, text};

/// A surface that holds one thing, the full width available.
pub fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let t = theme::tokens(ui);
    Frame::new()
        .fill(t.surface)
        .stroke(t.hairline())
        .corner_radius(size::RADIUS_CARD)
        .inner_margin(Margin::same(12))
        .show(ui, |ui| {
            ui.take_available_width();
            contents(ui)
        })
}

/// A card that can be chosen: clicked, or focused and then Enter or Space.
///
/// `name` is what a screen reader calls it.
pub fn selectable_card(
    ui: &mut Ui,
    selected: bool,
    name: &str,
    contents: impl FnOnce(&mut Ui),
) -> Response {
    let t = theme::tokens(ui);
    let edge = if selected { Stroke::new(2.0, t.accent) } else { t.hairline() };
    let inner = Frame::new()
        .fill(t.surface)
        .stroke(edge)
        .corner_radius(size::RADIUS_CARD)
        .inner_margin(Margin::same(12))
        .show(ui, |ui| {
            ui.take_available_width();
            contents(ui);
        });
    let response = ui.interact(inner.response.rect, ui.scope_id().with(name), Sense::click());
    response
        .widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), selected, name));
    if response.has_focus() {
        super::list::focus_ring(ui, response.rect, size::RADIUS_CARD);
    }
    response
}

/// Begins a new line of a wrapping row where `width` points no longer fit on this one.
///
/// A group (a label with its field) wraps as a whole; egui alone would let it run out of sight.
pub fn fit(ui: &mut Ui, width: f32) {
    let row = ui.max_rect().width();
    let left = ui.available_size_before_wrap().x;
    if ui.layout().main_wrap() && left < width && left < row {
        ui.end_row();
    }
}

/// A section's name in small weak capitals' stead: a label with room above; nothing else.
pub fn section(ui: &mut Ui, name: &str) -> Response {
    ui.add_space(space::XS);
    let response = ui.label(text::weak_label(name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(egui::accesskit::Role::Heading);
        node.set_label(name);
    });
    response
}

/// What a screen shows when there is nothing yet: what belongs here, and the one thing to do.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct EmptyState<'a> {
    /// What is missing: `No prompts yet`.
    pub title: &'a str,
    /// What belongs here and what it is good for, one or two sentences.
    pub text: &'a str,
    /// The button's text; none where nothing can be done from here.
    pub action: Option<&'a str>,
    /// The key that does the same.
    pub shortcut: Option<&'a str>,
}

impl EmptyState<'_> {
    /// Draws it in the middle of what is available; whether the action was chosen.
    pub fn show(self, ui: &mut Ui) -> bool {
        let mut chosen = false;
        ui.vertical_centered(|ui| {
            let room = (ui.available_height() - 140.0).max(0.0) * 0.4;
            ui.add_space(room.max(space::L));
            ui.set_max_width(420.0);
            ui.label(text::heading(self.title));
            ui.add_space(space::XS);
            ui.add(egui::Label::new(egui::RichText::new(self.text).weak()).wrap());
            ui.add_space(space::S);
            if let Some(action) = self.action {
                let mut button = Button::primary(action);
                if let Some(keys) = self.shortcut {
                    button = button.shortcut(keys);
                }
                chosen = button.show(ui).clicked();
            }
            ui.add_space(space::L);
        });
        chosen
    }
}
