//! What a judge said against what was: points with intervals beside the diagonal.

use egui::{Align2, Rect, Response, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::app::theme;

/// A point of the curve; all are shares of 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The mean probability.
    pub said: f64,
    /// The share that came true.
    pub was: f64,
    /// Its interval.
    pub interval: Option<(f64, f64)>,
}

/// Draws the curve over `from..=1` of what was said, as wide as what is available.
///
/// `words` is what a screen reader hears: the chart in a sentence.
pub fn reliability(ui: &mut Ui, points: &[Point], from: f64, height: f32, words: &str) -> Response {
    let t = theme::tokens(ui);
    let wide = ui.available_width().min(420.0);
    let (rect, response) = ui.allocate_exact_size(vec2(wide, height), Sense::hover());
    if ui.is_rect_visible(rect) {
        let font = TextStyle::Small.resolve(ui.style());
        let plot =
            Rect::from_min_max(rect.min + vec2(30.0, 4.0), rect.max - vec2(10.0, font.size + 8.0));
        let scale = |share: f64| ((share - from) / (1.0 - from)).clamp(0.0, 1.0) as f32;
        let x = |said: f64| plot.left() + plot.width() * scale(said);
        let y = |was: f64| plot.bottom() - plot.height() * was.clamp(0.0, 1.0) as f32;
        let painter = ui.painter();
        painter.rect_stroke(plot, 0, Stroke::new(1.0, t.line), egui::StrokeKind::Inside);
        // Where what was said is what was.
        let diagonal = [pos2(x(from), y(from)), pos2(x(1.0), y(1.0))];
        painter.add(egui::Shape::dashed_line(&diagonal, Stroke::new(1.0, t.border), 4.0, 4.0));
        let line: Vec<_> = points.iter().map(|one| pos2(x(one.said), y(one.was))).collect();
        painter.add(egui::Shape::line(line, Stroke::new(1.5, t.accent)));
        for one in points {
            let at = pos2(x(one.said), y(one.was));
            if let Some((low, high)) = one.interval {
                let ends = [pos2(at.x, y(low)), pos2(at.x, y(high))];
                painter.line_segment(ends, Stroke::new(1.5, t.accent));
            }
            painter.circle_filled(at, 4.0, t.accent);
        }
        for share in [from, f64::midpoint(from, 1.0), 1.0] {
            let words = crate::stats::words::two(share);
            let at = pos2(x(share), plot.bottom() + 4.0);
            painter.text(at, Align2::CENTER_TOP, words, font.clone(), t.weak);
        }
        for share in [0.0, 0.5, 1.0] {
            let words = crate::stats::words::two(share);
            let at = pos2(plot.left() - 6.0, y(share));
            painter.text(at, Align2::RIGHT_CENTER, words, font.clone(), t.weak);
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words));
    response.on_hover_text(words)
}
