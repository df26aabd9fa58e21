//! A number over time, small enough to stand in a line of text.

use egui::{Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::app::theme;

/// Points of a bar with the gap after it.
const BAR: f32 = 4.0;
/// Points of the highest bar.
const HEIGHT: f32 = 16.0;

/// Draws a bar for each value, from a line at 0; the largest is as high as a line of text.
///
/// `name` says for screen readers what is seen.
pub fn spark(ui: &mut Ui, name: &str, values: &[f32]) -> Response {
    let width = BAR * values.len().max(1) as f32;
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let t = theme::tokens(ui);
    let most = values.iter().copied().fold(0.0_f32, f32::max);
    let least = values.iter().copied().fold(0.0_f32, f32::min);
    let range = (most - least).max(f32::EPSILON);
    let y = |value: f32| rect.bottom() - (value - least) / range * (HEIGHT - 1.0);
    let painter = ui.painter();
    for (place, value) in values.iter().enumerate() {
        let x = rect.left() + BAR * place as f32;
        let bar = Rect::from_two_pos(pos2(x, y(*value)), pos2(x + BAR - 1.0, y(0.0)));
        painter.rect_filled(bar, 0, if *value < 0.0 { t.before } else { t.after });
    }
    painter.hline(rect.x_range(), y(0.0), t.hairline());
    response
}
