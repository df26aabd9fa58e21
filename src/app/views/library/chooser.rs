//! A list below a text field that keeps the focus: arrows choose, Enter takes.

use egui::{Key, Modifiers, Rect, Response, Role, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo};
use egui::{pos2, vec2};

use crate::app::theme;

/// Which row is chosen.
#[derive(Debug, Default)]
pub(super) struct Chooser {
    /// The row.
    pub(super) selected: usize,
    /// It shall be brought into view.
    scroll: bool,
    /// Offset and height of what was drawn last.
    drawn: (f32, f32),
}

/// What the keys of this frame asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing.
    Nothing,
    /// Take the row chosen.
    Take,
}

impl Chooser {
    /// Begins anew at the first row.
    pub(super) fn reset(&mut self) {
        self.selected = 0;
        self.scroll = true;
    }

    /// Takes the keys meant for the list before the field sees them; call it above the field.
    pub(super) fn keys(&mut self, ui: &Ui, rows: usize) -> Asked {
        let last = rows.saturating_sub(1);
        self.selected = self.selected.min(last);
        let before = self.selected;
        let asked = ui.input_mut(|input| {
            let mut pressed = |key| input.consume_key(Modifiers::NONE, key);
            if pressed(Key::ArrowDown) {
                self.selected = (self.selected + 1).min(last);
            } else if pressed(Key::ArrowUp) {
                self.selected = self.selected.saturating_sub(1);
            } else if pressed(Key::PageDown) {
                self.selected = (self.selected + 8).min(last);
            } else if pressed(Key::PageUp) {
                self.selected = self.selected.saturating_sub(8);
            } else if pressed(Key::Enter) {
                return Asked::Take;
            }
            Asked::Nothing
        });
        self.scroll |= self.selected != before;
        if rows == 0 { Asked::Nothing } else { asked }
    }

    /// Draws the rows in the height that is left; gives the one clicked. `field` is the text
    /// field that has the focus.
    pub(super) fn rows(
        &mut self,
        ui: &mut Ui,
        name: &str,
        rows: usize,
        row_height: f32,
        field: &Response,
        name_of: impl Fn(usize) -> String,
        mut draw: impl FnMut(&mut Ui, usize),
    ) -> Option<usize> {
        let id = ui.make_persistent_id(("chooser", name));
        let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
        let mut area = ScrollArea::vertical().id_salt(name).auto_shrink([false, false]);
        if std::mem::take(&mut self.scroll) {
            let (offset, height) = self.drawn;
            let top = self.selected as f32 * row_height;
            if top < offset {
                area = area.vertical_scroll_offset(top);
            } else if top + row_height > offset + height && height > 0.0 {
                area = area.vertical_scroll_offset(top + row_height - height);
            }
        }
        let mut clicked = None;
        let output = area.show_rows(ui, row_height, rows, |ui, range| {
            for row in range {
                if self.row(ui, id, row, row_height, &name_of, &mut draw) {
                    clicked = Some(row);
                }
            }
        });
        ui.spacing_mut().item_spacing.y = spacing;
        self.drawn = (output.state.clamped_offset().y, output.inner_rect.height());
        let list = ui.interact(output.inner_rect, id, Sense::hover());
        list.widget_info(|| WidgetInfo::labeled(Role::ListBox, true, name));
        ui.ctx().accesskit_node_builder(id, |node| node.set_size_of_set(rows));
        if rows > 0 {
            let chosen = id.with(self.selected).accesskit_id();
            ui.ctx().accesskit_node_builder(field.id, |node| {
                node.set_active_descendant(chosen);
                node.set_controls(vec![id.accesskit_id()]);
            });
        }
        clicked
    }

    fn row(
        &self,
        ui: &mut Ui,
        id: egui::Id,
        row: usize,
        height: f32,
        name_of: &impl Fn(usize) -> String,
        draw: &mut impl FnMut(&mut Ui, usize),
    ) -> bool {
        let t = theme::tokens(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        // Not focusable: the field keeps the focus, and Tab goes past the list.
        let sense = Sense::CLICK.difference(Sense::FOCUSABLE);
        let response = ui.interact(rect, id.with(row), sense);
        let selected = self.selected == row;
        response.widget_info(|| {
            WidgetInfo::selected(Role::ListBoxOption, true, selected, name_of(row))
        });
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_selected(selected);
            node.set_position_in_set(row + 1);
        });
        if selected {
            ui.painter().rect_filled(rect, 4, t.selected);
            let bar = Rect::from_min_max(rect.min, pos2(rect.left() + 3.0, rect.bottom()));
            ui.painter().rect_filled(bar, 1, t.accent);
        } else if response.hovered() {
            ui.painter().rect_filled(rect, 4, t.raised);
        }
        let inside = rect.shrink2(vec2(10.0, 0.0));
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let mut row_ui =
            ui.new_child(UiBuilder::new().max_rect(inside).layout(layout).id_salt(row));
        row_ui.shrink_clip_rect(rect);
        row_ui.style_mut().interaction.selectable_labels = false;
        draw(&mut row_ui, row);
        response.clicked()
    }
}
