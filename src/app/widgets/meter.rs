//! A score as a bar and a number, where “could not be read” is a state of its own.

use egui::{
    Color32, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};

use super::number;
use crate::app::theme::{self, text};

/// What a meter shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure<'a> {
    /// A unit score 0..=1 (drawn clamped, written as it is).
    Score(f64),
    /// No number, and the word for why: `unparsed`, `waiting`, `gate failed`.
    Without(&'a str),
}

/// Width kept for the number, in points.
const NUMBER: f32 = 62.0;

/// Draws a bar with its number (`.78`), as wide as what is available.
///
/// `name` is what is measured, for screen readers; `fill` the bar's colour.
pub fn meter(ui: &mut Ui, name: &str, measure: Measure<'_>, fill: Color32) -> Response {
    let t = theme::tokens(ui);
    let width = ui.available_width().clamp(NUMBER + 24.0, 260.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    let bar = Rect::from_min_max(
        pos2(rect.left(), rect.center().y - 4.0),
        pos2(rect.right() - NUMBER, rect.center().y + 4.0),
    );
    let (words, colour) = match measure {
        Measure::Score(value) => (number::score(value), t.text),
        Measure::Without(why) => (why.to_owned(), t.weak),
    };
    if ui.is_rect_visible(rect) {
        let painter = ui.painter();
        painter.rect(bar, 2, t.raised, t.edge(), StrokeKind::Inside);
        match measure {
            Measure::Score(value) => {
                let part = value.clamp(0.0, 1.0) as f32;
                let full = Rect::from_min_size(bar.min, vec2(bar.width() * part, bar.height()));
                painter.rect_filled(full, 2, fill);
                if t.patterns && fill == t.after {
                    // Blue is told apart from orange by its stripes, too.
                    hatch(ui, full, t.bg);
                }
            }
            Measure::Without(_) => hatch(ui, bar, t.border),
        }
        let style = if matches!(measure, Measure::Score(_)) {
            text::strong_style()
        } else {
            TextStyle::Small
        };
        let font = style.resolve(ui.style());
        let galley = ui.painter().layout_no_wrap(words.clone(), font, colour);
        let at = pos2(rect.right() - NUMBER + 8.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, colour);
    }
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Meter, true, format!("{name} {words}"));
        info.value = match measure {
            Measure::Score(value) => Some(value),
            Measure::Without(_) => None,
        };
        info
    });
    response
}

/// Slanted lines: there is no number here, rather than a number of 0.
fn hatch(ui: &Ui, rect: Rect, colour: Color32) {
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        let line = [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())];
        painter.add(Shape::line_segment(line, Stroke::new(1.0, colour)));
        x += 5.0;
    }
}

/// A bar of progress with words beside it; without a total it says so by words alone.
///
/// `part` is 0..=1 where the total is known.
pub fn progress(ui: &mut Ui, name: &str, part: Option<f32>, words: &str) -> Response {
    let t = theme::tokens(ui);
    let response = ui
        .vertical(|ui| {
            let (rect, response) =
                ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
            ui.painter().rect(rect, 3, t.raised, t.edge(), StrokeKind::Inside);
            match part {
                Some(part) => {
                    let width = rect.width() * part.clamp(0.0, 1.0);
                    let done = Rect::from_min_size(rect.min, vec2(width, rect.height()));
                    ui.painter().rect_filled(done, 3, t.accent);
                }
                None => hatch(ui, rect, t.border),
            }
            ui.label(text::weak_label(words));
            response
        })
        .inner;
    response.widget_info(|| {
        let mut info =
            WidgetInfo::labeled(Role::ProgressIndicator, true, format!("{name} {words}"));
        info.value = part.map(f64::from);
        info
    });
    response
}
