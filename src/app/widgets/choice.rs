//! Choosing one of a few by name.

use egui::{ComboBox, Ui};

use super::Button;
use crate::app::theme::text;

/// A drop-down with its label at the left, tied to it; gives the place of the one newly chosen.
///
/// Says so where there is nothing to choose from.
pub fn choice(
    ui: &mut Ui,
    label: &str,
    chosen: Option<usize>,
    names: &[&str],
    width: f32,
) -> Option<usize> {
    aligned_choice(ui, label, 0.0, chosen, names, width)
}

/// A [`choice`] whose label takes at least `label_width` points, so that those below each other
/// begin at one line.
pub fn aligned_choice(
    ui: &mut Ui,
    label: &str,
    label_width: f32,
    chosen: Option<usize>,
    names: &[&str],
    width: f32,
) -> Option<usize> {
    let mut picked = None;
    let taken = label_width.max(width_of(ui, label));
    super::layout::fit(ui, width + taken + ui.spacing().item_spacing.x);
    ui.horizontal(|ui| {
        let label_id = aligned_label(ui, label, label_width).id;
        let shown = chosen.and_then(|place| names.get(place)).copied().unwrap_or("None yet");
        ui.label_inputs_by(label_id, |ui| {
            ComboBox::from_id_salt(("choice", label))
                .width(width)
                .truncate()
                .icon(chevron)
                .selected_text(shown)
                .show_ui(ui, |ui| {
                    for (place, name) in names.iter().enumerate() {
                        let selected = chosen == Some(place);
                        if ui.selectable_label(selected, *name).clicked() && !selected {
                            picked = Some(place);
                        }
                    }
                });
        });
    });
    picked
}

/// A control's label at its left that takes at least so many points.
pub fn aligned_label(ui: &mut Ui, label: &str, width: f32) -> egui::Response {
    let begin = ui.cursor().left();
    let response = ui.label(text::weak_label(label));
    let missing = width - (ui.cursor().left() - ui.spacing().item_spacing.x - begin);
    if missing > 0.0 {
        ui.add_space(missing);
    }
    response
}

/// How wide a drop-down of that label may be to end where the line ends, in points.
pub fn rest_of_line(ui: &Ui, label: &str) -> f32 {
    (ui.available_width() - width_of(ui, label) - ui.spacing().item_spacing.x).max(80.0)
}

/// The width of a label, in points.
fn width_of(ui: &Ui, label: &str) -> f32 {
    let font = egui::TextStyle::Small.resolve(ui.style());
    ui.painter().layout_no_wrap(label.to_owned(), font, egui::Color32::PLACEHOLDER).size().x
}

/// A quiet arrow head; egui's own is a filled triangle.
pub fn chevron(ui: &Ui, rect: egui::Rect, visuals: &egui::style::WidgetVisuals, _open: bool) {
    let centre = rect.center();
    let points = vec![
        centre + egui::vec2(-4.0, -2.0),
        centre + egui::vec2(0.0, 2.0),
        centre + egui::vec2(4.0, -2.0),
    ];
    let stroke = egui::Stroke::new(1.5, visuals.fg_stroke.color);
    ui.painter().add(egui::Shape::line(points, stroke));
}

/// A number with buttons for less and more; gives the new number.
pub fn stepper(
    ui: &mut Ui,
    label: &str,
    value: u32,
    range: std::ops::RangeInclusive<u32>,
) -> Option<u32> {
    let mut changed = None;
    super::layout::fit(ui, width_of(ui, label) + 96.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.label(text::weak_label(label));
        let at_least = (value <= *range.start()).then_some("This is the least");
        let less = format!("Fewer {}", label.to_lowercase());
        let button = Button::quiet("−").name(&less).compact().disabled_because(at_least);
        if button.show(ui).clicked() {
            changed = Some(value - 1);
        }
        ui.label(value.to_string());
        let at_most = (value >= *range.end()).then_some("This is the most");
        let more = format!("More {}", label.to_lowercase());
        let button = Button::quiet("+").name(&more).compact().disabled_because(at_most);
        if button.show(ui).clicked() {
            changed = Some(value + 1);
        }
    });
    changed
}
