//! Bars of a share of 0..=1, with a band around one half.

use egui::{Rect, Response, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use crate::app::theme;

/// Draws how often each part of 0..=1 came, in A's colour below the band around one half, in B's
/// above, and weak within; as wide as what is available.
///
/// `words` is what a screen reader hears: the chart in a sentence.
pub fn histogram(ui: &mut Ui, bars: &[u64], band: f64, height: f32, words: &str) -> Response {
    let t = theme::tokens(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    if ui.is_rect_visible(rect) && !bars.is_empty() {
        let font = TextStyle::Small.resolve(ui.style());
        let foot = font.size + 4.0;
        let plot = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - foot));
        let at = |share: f64| plot.left() + plot.width() * share as f32;
        let painter = ui.painter();
        let tie = Rect::from_min_max(
            pos2(at(0.5 - band), plot.top()),
            pos2(at(0.5 + band), plot.bottom()),
        );
        painter.rect_filled(tie, 0, t.raised);
        let most = bars.iter().copied().max().unwrap_or(0).max(1) as f32;
        let n = bars.len() as f64;
        for (place, count) in bars.iter().enumerate().filter(|(_, count)| **count > 0) {
            let (low, high) = (place as f64 / n, (place + 1) as f64 / n);
            let middle = f64::midpoint(low, high);
            let colour = if middle > 0.5 + band {
                t.after
            } else if middle < 0.5 - band {
                t.before
            } else {
                t.border
            };
            // A single pair must be seen beside hundreds.
            let tall = (plot.height() * *count as f32 / most).max(2.0);
            let bar = Rect::from_min_max(
                pos2(at(low) + 1.0, plot.bottom() - tall),
                pos2(at(high) - 1.0, plot.bottom()),
            );
            painter.rect_filled(bar, 1, colour);
        }
        painter.hline(plot.x_range(), plot.bottom(), Stroke::new(1.0, t.border));
        painter.vline(at(0.5), plot.y_range(), Stroke::new(1.0, t.border));
        for (share, words, align) in [
            (0.0, "A better", egui::Align2::LEFT_TOP),
            (0.5, "even", egui::Align2::CENTER_TOP),
            (1.0, "B better", egui::Align2::RIGHT_TOP),
        ] {
            painter.text(pos2(at(share), plot.bottom() + 2.0), align, words, font.clone(), t.weak);
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words));
    response
}
