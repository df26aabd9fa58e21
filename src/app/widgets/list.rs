//! A list with one Tab stop: arrows, Home, End and Page keys move the selection.

use std::collections::BTreeSet;
use std::ops::Range;

use egui::{
    EventFilter, Id, Key, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use crate::app::theme::{self, size};

/// Draws the focus ring just inside `rect`.
pub fn focus_ring(ui: &Ui, rect: Rect, radius: u8) {
    let ring = Stroke::new(size::FOCUS_RING, theme::tokens(ui).accent);
    ui.painter().rect_stroke(rect, radius, ring, StrokeKind::Inside);
}

/// What a row may want to know about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowState {
    /// Counts from 0.
    pub index: usize,
    /// Whether it is the selected one.
    pub selected: bool,
    /// Whether the pointer is over it.
    pub hovered: bool,
}

/// What happened to a list in this frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListResponse {
    /// The row that was newly selected, by a click or a key.
    pub selected: Option<usize>,
    /// The row that was opened: Enter or a double click.
    pub activated: Option<usize>,
    /// Whether the pointer selected it.
    pub clicked: bool,
    /// The rows that were drawn.
    pub drawn: Range<usize>,
    /// How several rows were picked, in a list of many.
    pub picked: Option<Picked>,
    /// The row on which Space was pressed.
    pub toggled: Option<usize>,
    /// Left (true) or right was pressed: fold or unfold where the selection is.
    pub folded: Option<bool>,
    /// A row was dropped: which, and the place between rows, 0 before the first.
    pub dropped: Option<(usize, usize)>,
    /// Text was pasted while the list had the focus.
    pub pasted: Option<String>,
    /// What is selected shall be copied.
    pub copied: bool,
}

/// How several rows were picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// From a row to another one, which is the one that is shown; in either direction.
    Range(usize, usize),
    /// This one, too; or no longer.
    Toggle(usize),
    /// All of them.
    All,
}

/// A list of rows of one height; only what is visible is drawn.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    name: &'a str,
    rows: usize,
    row_height: f32,
    selected: Option<usize>,
    max_height: Option<f32>,
    table: bool,
    picked: Option<&'a BTreeSet<usize>>,
    movable: bool,
}

impl<'a> List<'a> {
    /// `name` is what a screen reader calls the list.
    pub const fn new(name: &'a str, rows: usize) -> Self {
        Self {
            name,
            rows,
            row_height: size::ROW,
            selected: None,
            max_height: None,
            table: false,
            picked: None,
            movable: false,
        }
    }

    /// Several rows can be picked; these are.
    pub const fn many(mut self, picked: &'a BTreeSet<usize>) -> Self {
        self.picked = Some(picked);
        self
    }

    /// Rows can be dragged to another place.
    pub const fn movable(mut self, movable: bool) -> Self {
        self.movable = movable;
        self
    }

    /// The height of a row, in points.
    pub const fn row_height(mut self, height: f32) -> Self {
        self.row_height = height;
        self
    }

    /// The selected row.
    pub const fn selected(mut self, selected: Option<usize>) -> Self {
        self.selected = selected;
        self
    }

    /// The most height that it takes; the height available where not set.
    pub const fn max_height(mut self, height: f32) -> Self {
        self.max_height = Some(height);
        self
    }

    /// Named as a table's rows to a screen reader.
    pub(super) const fn as_table(mut self) -> Self {
        self.table = true;
        self
    }

    /// Draws it. `name_of` is a row's accessible name; `draw` fills the row's rectangle.
    pub fn show(
        self,
        ui: &mut Ui,
        name_of: impl Fn(usize) -> String,
        mut draw: impl FnMut(&mut Ui, RowState),
    ) -> ListResponse {
        let mut happened = ListResponse::default();
        let id = ui.make_persistent_id(("list", self.name));
        // The list holds the focus, not its rows: a row that is scrolled away can't lose it.
        let focused = ui.memory(|memory| memory.has_focus(id));
        let target = if focused { self.moved_by_keys(ui, id, &mut happened) } else { None };
        if focused {
            let horizontal_arrows = self.picked.is_some();
            let keep =
                EventFilter { vertical_arrows: true, horizontal_arrows, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, keep));
        }
        let spacing = std::mem::take(&mut ui.spacing_mut().item_spacing.y);
        let mut area = ScrollArea::vertical().id_salt(self.name).auto_shrink([false, true]);
        if let Some(height) = self.max_height {
            // Within another scroll area, too, where egui would give it what is left.
            area = area.max_height(height).min_scrolled_height(height);
        }
        if let Some(row) = target.or_else(|| self.newly_selected(ui, id)) {
            area = self.scrolled_to(ui, id, area, row);
        }
        let output = area.show_rows(ui, self.row_height, self.rows, |ui, range| {
            happened.drawn = range.clone();
            let mut top = None;
            for index in range {
                let row = self.row(ui, id, index, &name_of, &mut draw, &mut happened);
                top.get_or_insert(row.top() - index as f32 * self.row_height);
            }
            if let Some(top) = top {
                super::list_drag::follow(ui, id, (top, self.row_height, self.rows), &mut happened);
            }
        });
        ui.spacing_mut().item_spacing.y = spacing;
        ui.data_mut(|data| {
            data.insert_temp(id, (output.state.clamped_offset().y, output.inner_rect.height()));
        });
        let response = ui.interact(output.inner_rect, id, Sense::focusable_noninteractive());
        super::pane::prefer(ui, id);
        if happened.clicked {
            // Only now: a click on a row is one beside the list itself, which gives up its focus.
            response.request_focus();
        }
        let role = if self.table { Role::Table } else { Role::ListBox };
        response.widget_info(|| WidgetInfo::labeled(role, ui.is_enabled(), self.name));
        let active = target.or(self.selected).filter(|row| happened.drawn.contains(row));
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_size_of_set(self.rows);
            if let Some(row) = active {
                node.set_active_descendant(id.with(row).accesskit_id());
            }
        });
        if response.has_focus() {
            focus_ring(ui, output.inner_rect.shrink(1.0), 2);
        }
        happened
    }

    fn row(
        &self,
        ui: &mut Ui,
        id: Id,
        index: usize,
        name_of: &impl Fn(usize) -> String,
        draw: &mut impl FnMut(&mut Ui, RowState),
        happened: &mut ListResponse,
    ) -> Rect {
        let t = theme::tokens(ui);
        let (rect, _) =
            ui.allocate_exact_size(vec2(ui.available_width(), self.row_height), Sense::hover());
        let sense = if self.movable { Sense::CLICK | Sense::DRAG } else { Sense::CLICK };
        let response = ui.interact(rect, id.with(index), sense);
        let selected = self.selected == Some(index);
        let role = if self.table { Role::Row } else { Role::ListItem };
        response
            .widget_info(|| WidgetInfo::selected(role, ui.is_enabled(), selected, name_of(index)));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_selected(selected);
            node.set_position_in_set(index + 1);
        });
        if response.clicked() {
            happened.clicked = true;
            let keys = ui.input(modifiers);
            if self.picked.is_some() && keys.command {
                happened.picked = Some(Picked::Toggle(index));
            } else if self.picked.is_some() && keys.shift {
                happened.picked = Some(self.extended(ui, id, index));
            } else {
                happened.selected = Some(index);
                Self::anchor(ui, id, index);
            }
        }
        if self.movable && response.drag_started() {
            super::list_drag::begin(ui, id, index);
        }
        let picked = self.picked.is_some_and(|picked| picked.contains(&index));
        if response.double_clicked() {
            happened.activated = Some(index);
        }
        let hovered = response.hovered();
        if selected {
            ui.painter().rect_filled(rect, 4, t.selected);
            let bar = Rect::from_min_max(rect.min, pos2(rect.left() + 3.0, rect.bottom()));
            ui.painter().rect_filled(bar, 1, t.accent);
        } else if picked {
            ui.painter().rect_filled(rect, 4, t.selected);
        } else if hovered {
            ui.painter().rect_filled(rect, 4, t.raised);
        }
        if self.movable && hovered {
            super::list_drag::grip(ui, rect);
        }
        let inside = rect.shrink2(vec2(10.0, 0.0));
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let mut row_ui =
            ui.new_child(UiBuilder::new().max_rect(inside).layout(layout).id_salt(index));
        row_ui.shrink_clip_rect(rect);
        // A label would take the click that selects the row.
        row_ui.style_mut().interaction.selectable_labels = false;
        draw(&mut row_ui, RowState { index, selected, hovered });
        rect
    }

    /// The row that the keys pressed in this frame lead to.
    fn moved_by_keys(&self, ui: &Ui, id: Id, happened: &mut ListResponse) -> Option<usize> {
        let last = self.rows.checked_sub(1)?;
        let id_page = 10;
        let now = self.selected;
        let shift = ui.input(modifiers).shift && self.picked.is_some();
        let target = ui.input_mut(|input| {
            let mut pressed = |key| input.consume_key(egui::Modifiers::NONE, key);
            if pressed(Key::ArrowDown) {
                Some(now.map_or(0, |row| (row + 1).min(last)))
            } else if pressed(Key::ArrowUp) {
                Some(now.map_or(last, |row| row.saturating_sub(1)))
            } else if pressed(Key::Home) {
                Some(0)
            } else if pressed(Key::End) {
                Some(last)
            } else if pressed(Key::PageDown) {
                Some(now.map_or(0, |row| (row + id_page).min(last)))
            } else if pressed(Key::PageUp) {
                Some(now.map_or(0, |row| row.saturating_sub(id_page)))
            } else {
                if pressed(Key::Enter) {
                    happened.activated = now;
                } else if pressed(Key::Space) {
                    happened.toggled = now;
                } else if pressed(Key::ArrowLeft) {
                    happened.folded = Some(true);
                } else if pressed(Key::ArrowRight) {
                    happened.folded = Some(false);
                }
                None
            }
        });
        self.edited_by_keys(ui, happened);
        if let Some(target) = target.filter(|_| shift) {
            happened.picked = Some(self.extended(ui, id, target));
            return Some(target);
        }
        if let Some(target) = target {
            Self::anchor(ui, id, target);
        }
        // Of several that were picked, the one alone is selected anew.
        let several = self.picked.is_some_and(|picked| picked.len() > 1);
        if target.is_some() && (target != now || several) {
            happened.selected = target;
        }
        target
    }

    /// Select all, copy and paste, which egui tells in events of their own.
    fn edited_by_keys(&self, ui: &Ui, happened: &mut ListResponse) {
        ui.input_mut(|input| {
            if self.picked.is_some() && input.consume_key(egui::Modifiers::COMMAND, Key::A) {
                happened.picked = Some(Picked::All);
            }
            for event in &input.events {
                match event {
                    egui::Event::Paste(text) => happened.pasted = Some(text.clone()),
                    egui::Event::Copy => happened.copied = true,
                    _ => {}
                }
            }
        });
    }

    /// Remembers from where a range would begin.
    fn anchor(ui: &Ui, id: Id, row: usize) {
        ui.data_mut(|data| data.insert_temp(id.with("anchor"), (row, row)));
    }

    /// The range from where it began to `row`.
    fn extended(&self, ui: &Ui, id: Id, row: usize) -> Picked {
        let seen = id.with("anchor");
        let kept = ui.data(|data| data.get_temp::<(usize, usize)>(seen));
        let (anchor, active) = kept.unwrap_or((row, usize::MAX));
        // The selection was moved from elsewhere since: it begins there.
        let from =
            if Some(active) == self.selected { anchor } else { self.selected.unwrap_or(row) };
        ui.data_mut(|data| data.insert_temp(seen, (from, row)));
        Picked::Range(from, row)
    }

    /// The selected row when it is another than in the frame before: selected elsewhere, it has
    /// to be brought into view.
    fn newly_selected(&self, ui: &Ui, id: Id) -> Option<usize> {
        let seen = id.with("selected");
        let before = ui.data(|data| data.get_temp::<Option<usize>>(seen));
        if before == Some(self.selected) {
            return None;
        }
        ui.data_mut(|data| data.insert_temp(seen, self.selected));
        self.selected
    }

    /// The id that holds the focus of the list of that name, drawn next in `ui`.
    pub fn focus_id(ui: &Ui, name: &str) -> Id {
        ui.make_persistent_id(("list", name))
    }

    /// Scrolls just as far as needed to show the row.
    fn scrolled_to(&self, ui: &Ui, id: Id, area: ScrollArea, row: usize) -> ScrollArea {
        let Some((offset, height)) = ui.data(|data| data.get_temp::<(f32, f32)>(id)) else {
            return area;
        };
        let top = row as f32 * self.row_height;
        let bottom = top + self.row_height;
        if top < offset {
            area.vertical_scroll_offset(top)
        } else if bottom > offset + height {
            area.vertical_scroll_offset(bottom - height)
        } else {
            area
        }
    }
}

/// The modifiers of what was pressed in this frame: those of the event itself, where there is one.
fn modifiers(input: &egui::InputState) -> egui::Modifiers {
    let of_event = input.events.iter().rev().find_map(|event| match event {
        egui::Event::Key { modifiers, .. } | egui::Event::PointerButton { modifiers, .. } => {
            Some(*modifiers)
        }
        _ => None,
    });
    of_event.unwrap_or(input.modifiers)
}

#[cfg(test)]
mod tests {
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;

    #[derive(Default)]
    struct Seen {
        selected: Option<usize>,
        activated: Option<usize>,
    }

    fn harness() -> Harness<'static, Seen> {
        let mut harness = Harness::builder().with_size(vec2(300.0, 200.0)).build_ui_state(
            |ui, seen: &mut Seen| {
                let happened = List::new("Rows", 100).selected(seen.selected).show(
                    ui,
                    |row| format!("Row {row}"),
                    |ui, row| {
                        ui.label(row.index.to_string());
                    },
                );
                seen.selected = happened.selected.or(seen.selected);
                seen.activated = happened.activated.or(seen.activated);
            },
            Seen::default(),
        );
        harness.ctx.set_theme(egui::Theme::Light);
        harness.run();
        harness
    }

    #[test]
    fn arrows_move_on_from_a_clicked_row() {
        let mut harness = harness();
        harness.get_by_label("Row 2").click();
        harness.run();
        assert_eq!(harness.state().selected, Some(2));
        for (key, selected) in [
            (Key::ArrowDown, 3),
            (Key::ArrowDown, 4),
            (Key::ArrowUp, 3),
            (Key::End, 99),
            (Key::ArrowDown, 99),
            (Key::PageUp, 89),
            (Key::Home, 0),
        ] {
            harness.key_press(key);
            harness.run();
            assert_eq!(harness.state().selected, Some(selected), "{key:?}");
        }
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(harness.state().activated, Some(0));
    }

    #[test]
    fn a_row_selected_by_key_is_brought_into_view() {
        let mut harness = harness();
        harness.get_by_label("Row 1").click();
        harness.run();
        assert!(harness.query_by_label("Row 99").is_none());
        harness.key_press(Key::End);
        harness.run();
        assert!(harness.query_by_label("Row 99").is_some());
    }
}
