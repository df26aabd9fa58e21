//! The code of a principle or criterion, with the colour of its group.

use egui::{Response, Role, Sense, StrokeKind, TextStyle, Ui, WidgetInfo, vec2};

use crate::app::theme::{self, Hue, size, space};

/// Width of the coloured stripe, in points.
const STRIPE: f32 = 3.0;

/// Draws `P3` with the stripe of its group's colour; hovered, it shows what the code stands for.
///
/// The code is in text colour: the stripe is never the only mark. It can be clicked and focused.
pub fn chip(ui: &mut Ui, code: &str, meaning: &str, hue: Hue) -> Response {
    let t = theme::tokens(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(code.to_owned(), font, t.text);
    let padding = vec2(6.0, 3.0);
    let height = (galley.size().y + 2.0 * padding.y).max(20.0);
    let wanted = vec2(STRIPE + galley.size().x + 2.0 * padding.x, height);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::click());
    if ui.is_rect_visible(rect) {
        let fill = if response.hovered() { t.hovered } else { t.raised };
        let painter = ui.painter();
        painter.rect(rect, 3, fill, t.hairline(), StrokeKind::Inside);
        let stripe = egui::Rect::from_min_size(rect.min, vec2(STRIPE, rect.height()));
        painter.rect_filled(stripe, egui::CornerRadius { nw: 3, sw: 3, ne: 0, se: 0 }, t.hue(hue));
        let at =
            egui::pos2(rect.left() + STRIPE + padding.x, rect.center().y - galley.size().y / 2.0);
        painter.galley(at, galley, t.text);
        if response.has_focus() {
            super::list::focus_ring(ui, rect, 3);
        }
    }
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Button, ui.is_enabled(), format!("{code} {meaning}"))
    });
    if meaning.is_empty() { response } else { response.on_hover_text(meaning) }
}

/// A small mark of state beside a name: `replayed`, `unparsed`, `failed`.
pub fn badge(ui: &mut Ui, words: &str, colour: egui::Color32, tip: &str) -> Response {
    let t = theme::tokens(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(words.to_owned(), font, colour);
    let wanted = vec2(galley.size().x + 2.0 * space::XS + 4.0, galley.size().y + 4.0);
    let (rect, response) = ui.allocate_exact_size(wanted, Sense::hover());
    if ui.is_rect_visible(rect) {
        ui.painter().rect_stroke(rect, size::RADIUS - 2, t.edge(), StrokeKind::Inside);
        ui.painter().galley(rect.center() - galley.size() / 2.0, galley, colour);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    if tip.is_empty() { response } else { response.on_hover_text(tip) }
}
