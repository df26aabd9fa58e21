//! A table with row and cell roles, and the keys of a [`List`].

use std::collections::BTreeSet;

use egui::{
    Align, Layout, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::list::{List, ListResponse, RowState};
use crate::app::theme::{self, size, space, text};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column<'a> {
    /// Its head; empty for a column of buttons.
    pub name: &'a str,
    /// Its least width in points.
    pub width: f32,
    /// Its share of the width that is left over; 0 keeps the least width.
    pub grow: f32,
    /// Whether its content stands at the right, as numbers do.
    pub right: bool,
}

impl<'a> Column<'a> {
    /// A column of that width, text at the left.
    pub const fn new(name: &'a str, width: f32) -> Self {
        Self { name, width, grow: 0.0, right: false }
    }

    /// Takes a share of what is left over.
    pub const fn grow(mut self, share: f32) -> Self {
        self.grow = share;
        self
    }

    /// Content at the right.
    pub const fn right(mut self) -> Self {
        self.right = true;
        self
    }
}

/// A table of rows of one height; only what is visible is drawn.
#[must_use = "call show"]
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    name: &'a str,
    columns: &'a [Column<'a>],
    rows: usize,
    row_height: f32,
    selected: Option<usize>,
    max_height: Option<f32>,
    picked: Option<&'a BTreeSet<usize>>,
    movable: bool,
}

impl<'a> Table<'a> {
    /// `name` is what a screen reader calls it.
    pub const fn new(name: &'a str, columns: &'a [Column<'a>], rows: usize) -> Self {
        Self {
            name,
            columns,
            rows,
            row_height: size::ROW,
            selected: None,
            max_height: None,
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

    /// The height of a row.
    pub const fn row_height(mut self, height: f32) -> Self {
        self.row_height = height;
        self
    }

    /// The selected row.
    pub const fn selected(mut self, selected: Option<usize>) -> Self {
        self.selected = selected;
        self
    }

    /// The most height that its rows take.
    pub const fn max_height(mut self, height: f32) -> Self {
        self.max_height = Some(height);
        self
    }

    /// Draws it. `name_of` is a row's accessible name; `cell` fills one cell (row, column).
    pub fn show(
        self,
        ui: &mut Ui,
        name_of: impl Fn(usize) -> String,
        mut cell: impl FnMut(&mut Ui, RowState, usize),
    ) -> ListResponse {
        let widths = self.widths(ui.available_width() - 20.0);
        let between = std::mem::replace(&mut ui.spacing_mut().item_spacing.y, 2.0);
        self.head(ui, &widths);
        let mut list = List::new(self.name, self.rows)
            .row_height(self.row_height)
            .selected(self.selected)
            .movable(self.movable)
            .as_table();
        if let Some(picked) = self.picked {
            list = list.many(picked);
        }
        if let Some(height) = self.max_height {
            list = list.max_height(height);
        }
        let columns = self.columns;
        let happened = list.show(ui, name_of, |ui, row| {
            let area = ui.max_rect();
            let mut left = area.left();
            for (index, (column, width)) in columns.iter().zip(&widths).enumerate() {
                let rect = Rect::from_min_max(
                    pos2(left, area.top()),
                    pos2((left + width - gap(column)).max(left), area.bottom()),
                );
                left += width;
                let mut cell_ui = ui.new_child(
                    UiBuilder::new().max_rect(rect).layout(layout(column.right)).id_salt(index),
                );
                cell_ui.shrink_clip_rect(rect);
                cell(&mut cell_ui, row, index);
                let id = cell_ui.unique_id();
                ui.ctx().accesskit_node_builder(id, |node| {
                    node.set_role(egui::accesskit::Role::Cell);
                });
            }
        });
        ui.spacing_mut().item_spacing.y = between;
        happened
    }

    fn widths(&self, available: f32) -> Vec<f32> {
        let least: f32 = self.columns.iter().map(|column| column.width).sum();
        let shares: f32 = self.columns.iter().map(|column| column.grow).sum();
        let left_over = (available - least).max(0.0);
        self.columns
            .iter()
            .map(|column| {
                let share = if shares > 0.0 { column.grow / shares } else { 0.0 };
                column.width + left_over * share
            })
            .collect()
    }

    fn head(&self, ui: &mut Ui, widths: &[f32]) {
        let t = theme::tokens(ui);
        let (rect, _) =
            ui.allocate_exact_size(vec2(ui.available_width(), size::COMPACT), Sense::hover());
        let mut left = rect.left() + 10.0;
        for (column, width) in self.columns.iter().zip(widths) {
            let cell = Rect::from_min_max(
                pos2(left, rect.top()),
                pos2((left + width - gap(column)).max(left), rect.bottom()),
            );
            left += width;
            let mut cell_ui =
                ui.new_child(UiBuilder::new().max_rect(cell).layout(layout(column.right)));
            if column.name.is_empty() {
                continue;
            }
            let label =
                egui::Label::new(text::weak_label(column.name)).truncate().selectable(false);
            let response = cell_ui.add(label);
            response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, column.name));
        }
        ui.painter().hline(rect.x_range(), rect.bottom(), t.hairline());
    }
}

/// A box in a cell, with room enough to hit it; gives its response, clicked where it was changed.
///
/// `name` is what a screen reader calls it.
pub fn cell_box(ui: &mut Ui, is_on: bool, name: &str) -> Response {
    let t = theme::tokens(ui);
    let is_enabled = ui.is_enabled();
    let sense = if is_enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(size::COMPACT, size::COMPACT), sense);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, is_enabled, is_on, name));
    let side = Rect::from_center_size(rect.center(), vec2(15.0, 15.0));
    let ink = if is_enabled { t.text } else { t.weak };
    let edge = if response.hovered() { t.text } else { t.border };
    ui.painter().rect(side, 3, t.raised, Stroke::new(1.0, edge), StrokeKind::Inside);
    if is_on {
        let points = [vec2(-3.5, 0.0), vec2(-1.0, 3.0), vec2(4.0, -3.5)];
        let points = points.map(|offset| side.center() + offset).to_vec();
        ui.painter().add(Shape::line(points, Stroke::new(1.5, ink)));
    }
    if response.has_focus() {
        super::list::focus_ring(ui, rect, 3);
    }
    response
}

/// What is left free at a cell's right: numbers keep away from the words of the next column.
fn gap(column: &Column<'_>) -> f32 {
    if column.right { space::XL } else { space::S }
}

fn layout(right: bool) -> Layout {
    if right { Layout::right_to_left(Align::Center) } else { Layout::left_to_right(Align::Center) }
}
