//! `What is this?` beside a number or a word: one paragraph from the glossary.

use egui::{Popup, Response, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

use crate::app::glossary;
use crate::app::theme::{self, space, text};

/// A small question mark that says what a term means: hovered, clicked or focused and then Enter.
///
/// `name` must be in the glossary; a test holds that it is. Of an unknown one nothing is drawn.
pub fn term(ui: &mut Ui, name: &str) -> Response {
    let Some(term) = glossary::find(name) else {
        return ui.allocate_response(vec2(0.0, 0.0), Sense::hover());
    };
    let t = theme::tokens(ui);
    // Small to look at, large enough to hit.
    let (rect, response) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::click());
    if ui.is_rect_visible(rect) {
        let active = response.hovered() || response.has_focus();
        let colour = if active { t.accent } else { t.weak };
        let circle = Stroke::new(1.0, colour);
        ui.painter().circle_stroke(rect.center(), 7.0, circle);
        let font = egui::TextStyle::Small.resolve(ui.style());
        let font = egui::FontId { size: 10.0, ..font };
        ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, "?", font, colour);
        if response.has_focus() {
            super::list::focus_ring(ui, rect.shrink(1.0), 11);
        }
    }
    let asked = format!("What is this: {}", term.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, ui.is_enabled(), &asked));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(term.text));
    Popup::from_toggle_button_response(&response).width(340.0).show(|ui| paragraph(ui, term));
    if Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response)) {
        response
    } else {
        response.on_hover_ui(|ui| paragraph(ui, term))
    }
}

fn paragraph(ui: &mut Ui, term: &glossary::Term) {
    ui.set_max_width(340.0);
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.label(text::strong(super::notice::capitalised(term.name)));
    ui.add(egui::Label::new(term.text).wrap());
    if !term.see.is_empty() {
        ui.label(text::weak_label(format!("See also {}", term.see.join(", "))));
    }
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    #[test]
    fn a_click_tells_what_it_means() {
        let mut prepared = false;
        let mut harness = Harness::builder().with_size([400.0, 300.0]).build_ui(move |ui| {
            if prepared {
                term(ui, "win rate");
            } else {
                prepared = true;
                // Fonts and styles are there from the next frame on.
                theme::install(ui.ctx(), theme::Appearance::default());
            }
        });
        harness.run_steps(3);
        harness.get_by_label("What is this: win rate").click();
        harness.run_steps(3);
        let text = glossary::find("win rate").unwrap().text;
        assert!(harness.query_by_label(text).is_some());
    }
}
