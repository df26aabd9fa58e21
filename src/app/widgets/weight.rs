//! A slider for a weight, its number beside it, and the mark of a weight at which something turns.

use egui::{DragValue, Response, Slider, Stroke, Ui, pos2, vec2};

use crate::app::theme::{self, text};

/// A weight as slider and number.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct WeightSlider<'a> {
    value: f64,
    tip: &'a str,
    enabled: bool,
    mark: Option<f64>,
}

impl<'a> WeightSlider<'a> {
    /// The most that the slider goes to; the number takes more.
    pub const TOP: f64 = 5.0;

    /// A weight, 0 or more.
    pub const fn new(value: f64, tip: &'a str) -> Self {
        Self { value, tip, enabled: true, mark: None }
    }

    /// Whether it can be moved.
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// The weight at which a ranking turns, drawn on the rail.
    pub const fn mark(mut self, mark: Option<f64>) -> Self {
        self.mark = mark;
        self
    }

    /// Where the rail of a weight ends.
    pub fn top(value: f64) -> f64 {
        if value.is_finite() { value.max(Self::TOP) } else { Self::TOP }
    }

    /// Draws it in a row; the new value where it was changed, and the slider.
    pub fn show(self, ui: &mut Ui) -> (Option<f64>, Response) {
        let top = Self::top(self.value);
        let label = ui.label(text::label("Weight"));
        let mut value = self.value;
        ui.spacing_mut().slider_width = (ui.available_width() - 90.0).clamp(80.0, 180.0);
        let slider =
            Slider::new(&mut value, 0.0..=top).max_decimals(2).step_by(0.1).show_value(false);
        let response =
            ui.add_enabled(self.enabled, slider).labelled_by(label.id).on_hover_text(self.tip);
        if let Some(mark) = self.mark.filter(|mark| (0.0..=top).contains(mark)) {
            let t = theme::tokens(ui);
            let rail = response.rect;
            // Where egui's own handle stands for that value.
            let handle = rail.height() / 2.5;
            let part = (mark / top) as f32;
            let x = egui::lerp((rail.left() + handle)..=(rail.right() - handle), part);
            let line = [pos2(x, rail.top() + 2.0), pos2(x, rail.bottom() - 2.0)];
            ui.painter().line_segment(line, Stroke::new(2.0, t.warning));
            let tip = pos2(x, rail.top() + 4.0);
            let points = vec![tip, tip + vec2(-4.0, -6.0), tip + vec2(4.0, -6.0)];
            ui.painter().add(egui::Shape::convex_polygon(points, t.warning, Stroke::NONE));
        }
        let mut typed = value;
        let number = DragValue::new(&mut typed).speed(0.05).max_decimals(2).range(0.0..=1000.0);
        let number = ui.add_enabled(self.enabled, number).accessible_name("Weight as a number");
        if number.changed() {
            value = typed;
        }
        let changed = (response.changed() || number.changed()).then_some(value);
        (changed, response)
    }
}
