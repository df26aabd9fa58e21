//! A share of 0..=1 as a dot with its interval.

use egui::{Color32, Response, Sense, Stroke, Ui, pos2, vec2};

use crate::app::theme;

/// Draws a dot at a share and a line over its interval, against a line at one half; `width` wide.
/// The words beside it are the caller's, so it has no name of its own.
pub fn whisker(
    ui: &mut Ui,
    share: f64,
    interval: Option<(f64, f64)>,
    width: f32,
    colour: Color32,
) -> Response {
    let t = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 16.0), Sense::hover());
    if ui.is_rect_visible(rect) {
        let inside = rect.shrink2(vec2(5.0, 0.0));
        let at = |share: f64| inside.left() + inside.width() * share.clamp(0.0, 1.0) as f32;
        let painter = ui.painter();
        painter.hline(inside.x_range(), rect.center().y, Stroke::new(1.0, t.line));
        painter.vline(at(0.5), rect.y_range(), Stroke::new(1.0, t.border));
        if let Some((low, high)) = interval {
            let line = [pos2(at(low), rect.center().y), pos2(at(high), rect.center().y)];
            painter.line_segment(line, Stroke::new(2.0, colour));
            for end in line {
                painter.vline(end.x, end.y - 3.0..=end.y + 3.0, Stroke::new(2.0, colour));
            }
        }
        painter.circle_filled(pos2(at(share), rect.center().y), 4.0, colour);
    }
    response
}
