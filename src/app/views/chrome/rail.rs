//! The areas, at the left; settings apart from them at the bottom.

use egui::{Frame, Layout, Margin, Panel, Ui, vec2};
use strum::IntoEnumIterator as _;

use super::keys_of;
use crate::app::command::GoCommand;
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Area};
use crate::app::theme::{self, text};
use crate::app::widgets;
use crate::app::widgets::pane::{self, Pane};

/// Width of the rail, in points: the longest word and some room.
const RAIL: f32 = 128.0;

/// Draws it.
pub fn rail(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(8, 10));
    Panel::left("rail").exact_size(RAIL).resizable(false).frame(frame).show(ui, |ui| {
        pane::mark(ui, Pane::Rail);
        ui.spacing_mut().item_spacing.y = 2.0;
        for area in Area::iter().filter(|area| *area != Area::Settings) {
            item(ui, state, area, outbox);
        }
        ui.with_layout(Layout::bottom_up(egui::Align::Min), |ui| {
            item(ui, state, Area::Settings, outbox);
        });
    });
}

fn item(ui: &mut Ui, state: &AppState, area: Area, outbox: &Outbox) {
    let command = match area {
        Area::Home => MenuCommand::ShowHome,
        Area::Constitution => MenuCommand::ShowConstitution,
        Area::Rubric => MenuCommand::ShowRubric,
        Area::Try => MenuCommand::ShowTry,
        Area::Compare => MenuCommand::ShowCompare,
        Area::Judges => MenuCommand::ShowJudges,
        Area::Runs => MenuCommand::ShowRuns,
        Area::Data => MenuCommand::ShowData,
        Area::Settings => MenuCommand::ShowSettings,
    };
    let keys = keys_of(ui, command).unwrap_or_default();
    let selected = state.area == area;
    let t = theme::tokens(ui);
    let wanted = vec2(ui.available_width(), 32.0);
    let (rect, response) = ui.allocate_exact_size(wanted, egui::Sense::click());
    let name = area.to_string();
    response
        .widget_info(|| egui::WidgetInfo::selected(egui::Role::Tab, true, selected, name.clone()));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_keyboard_shortcut(keys.clone()));
    if ui.is_rect_visible(rect) {
        let fill = if selected {
            t.raised
        } else if response.hovered() {
            t.hovered
        } else {
            t.surface
        };
        ui.painter().rect_filled(rect, 6, fill);
        if selected {
            let bar = egui::Rect::from_min_max(
                rect.min + vec2(0.0, 6.0),
                egui::pos2(rect.left() + 3.0, rect.bottom() - 6.0),
            );
            ui.painter().rect_filled(bar, 2, t.accent);
        }
        let style = if selected { text::strong_style() } else { egui::TextStyle::Body };
        let font = style.resolve(ui.style());
        let at = egui::pos2(rect.left() + 12.0, rect.center().y);
        ui.painter().text(at, egui::Align2::LEFT_CENTER, &name, font, t.text);
        if response.has_focus() {
            widgets::list::focus_ring(ui, rect, 6);
        }
    }
    if selected {
        pane::prefer(ui, response.id);
    }
    let tip = format!("{} ({keys})", area.question());
    if response.on_hover_text(tip).clicked() {
        outbox.send(GoCommand::Area(area));
    }
}
