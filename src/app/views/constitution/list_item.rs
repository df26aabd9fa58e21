//! How a line of the list of principles is drawn: a heading of a group, or a principle.

use egui::{Sense, TextStyle, Ui, WidgetInfo, vec2};

use crate::app::theme::{self, Hue, size, text};
use crate::app::views::checked::Found;
use crate::app::widgets;
use crate::domain::{Principle, Severity};

pub(super) fn group_name(group: &str) -> String {
    if group.is_empty() { "No tag".to_owned() } else { widgets::notice::capitalised(group) }
}

pub(super) fn heading(ui: &mut Ui, group: &str, count: usize, is_folded: bool) {
    let t = theme::tokens(ui);
    ui.with_layout(egui::Layout::left_to_right(egui::Align::Max), |ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(12.0, 18.0), Sense::hover());
        let centre = rect.center();
        let points = if is_folded {
            vec![centre + vec2(-2.0, -4.0), centre + vec2(2.0, 0.0), centre + vec2(-2.0, 4.0)]
        } else {
            vec![centre + vec2(-4.0, -2.0), centre + vec2(0.0, 2.0), centre + vec2(4.0, -2.0)]
        };
        ui.painter().add(egui::Shape::line(points, egui::Stroke::new(1.5, t.weak)));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Max), |ui| {
            ui.label(text::weak_label(count.to_string()));
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Max), |ui| {
                let name = text::label(group_name(group)).color(t.weak);
                ui.add(egui::Label::new(name).truncate());
            });
        });
    });
}

/// Draws a row; true when its check box was clicked.
pub(super) fn draw(
    ui: &mut Ui,
    principle: &Principle,
    hue: Hue,
    problems: &Found,
    locked: bool,
) -> bool {
    let t = theme::tokens(ui);
    ui.spacing_mut().item_spacing.x = 6.0;
    ui.spacing_mut().interact_size.y = 20.0;
    let clicked = check(ui, principle, locked);
    code(ui, principle.id.as_str(), t.hue(hue));
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if let Some(problem) = problems.of(principle.id.as_str()).next() {
            let colour = if problem.severity == Severity::Error { t.worse } else { t.warning };
            let words = widgets::notice::capitalised(&problem.what);
            ui.label(text::strong("!").color(colour)).on_hover_text(words);
        }
        if (principle.weight - 1.0).abs() > f64::EPSILON {
            let words = format!("×{}", (principle.weight * 100.0).round() / 100.0);
            ui.label(text::weak_label(words)).on_hover_text("Weight: how often it is drawn");
        }
        if principle.priority != 3 {
            let words = format!("p{}", principle.priority);
            let tip = "Priority: 1 wins over all others in a conflict, 5 yields to all";
            ui.label(text::weak_label(words)).on_hover_text(tip);
        }
        if !principle.cases.is_empty() {
            let words = format!("{} pinned", principle.cases.len());
            ui.label(text::weak_label(words));
        }
        let colour = if principle.enabled { t.text } else { t.weak };
        let label = egui::RichText::new(principle.label()).color(colour);
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add(egui::Label::new(label).truncate());
        });
    });
    clicked
}

/// A check box that is no Tab stop of its own: the list is one, and Space does the same.
fn check(ui: &mut Ui, principle: &Principle, locked: bool) -> bool {
    let t = theme::tokens(ui);
    let sense = if locked { Sense::hover() } else { Sense::CLICK };
    let (rect, response) = ui.allocate_exact_size(vec2(size::COMPACT, size::COMPACT), sense);
    let state = if principle.enabled { "enabled" } else { "disabled" };
    let name = format!("{} {state}", principle.id);
    // A part of its row to who can't see it, not a control beside it.
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, !locked, &name));
    let square = egui::Rect::from_center_size(rect.center(), vec2(15.0, 15.0));
    let edge = if response.hovered() { t.text } else { t.border };
    let stroke = egui::Stroke::new(1.0, edge);
    ui.painter().rect(square, 4, t.surface, stroke, egui::StrokeKind::Inside);
    if principle.enabled {
        let centre = square.center();
        let points =
            vec![centre + vec2(-3.5, 0.0), centre + vec2(-1.0, 3.0), centre + vec2(4.0, -3.5)];
        ui.painter().add(egui::Shape::line(points, egui::Stroke::new(1.5, t.text)));
    }
    response.on_hover_text("Whether runs use it (Space)").clicked()
}

/// The code with its group's stripe; not a control: the row is.
fn code(ui: &mut Ui, code: &str, stripe: egui::Color32) {
    let t = theme::tokens(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(code.to_owned(), font, t.text);
    let wanted = vec2((galley.size().x + 10.0).max(28.0), 20.0);
    let (rect, _) = ui.allocate_exact_size(wanted, Sense::hover());
    let bar = egui::Rect::from_min_size(rect.min + vec2(0.0, 2.0), vec2(3.0, 16.0));
    ui.painter().rect_filled(bar, 1, stripe);
    let at = egui::pos2(rect.left() + 7.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, t.text);
}
