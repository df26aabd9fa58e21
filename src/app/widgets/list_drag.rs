//! Dragging a row of a list to another place.
//!
//! What is dragged is kept by the list, not by the row: the row may be scrolled away meanwhile.

use egui::{CursorIcon, Id, Key, Rect, Stroke, Ui, pos2, vec2};

use super::list::ListResponse;
use crate::app::theme;

/// From this near to an edge on, the list scrolls by itself, in points.
const EDGE: f32 = 24.0;
/// How far it scrolls in a frame, in points.
const STEP: f32 = 6.0;

/// A row is being dragged from now on.
pub(super) fn begin(ui: &Ui, id: Id, row: usize) {
    ui.data_mut(|data| data.insert_temp(id.with("dragged"), row));
}

/// Draws where the dragged row would go, scrolls near the edges, and tells of the drop. The rows
/// are told by where the first one is, how high one is, and how many there are.
pub(super) fn follow(
    ui: &Ui,
    id: Id,
    (top, height, rows): (f32, f32, usize),
    happened: &mut ListResponse,
) {
    let key = id.with("dragged");
    let Some(row) = ui.data(|data| data.get_temp::<usize>(key)) else { return };
    let (at, is_down, is_cancelled) = ui.input(|input| {
        let pointer = &input.pointer;
        (pointer.latest_pos(), pointer.primary_down(), input.key_pressed(Key::Escape))
    });
    let slot = at.map(|at| (((at.y - top) / height).round().max(0.0) as usize).min(rows));
    if !is_down || is_cancelled {
        ui.data_mut(|data| data.remove::<usize>(key));
        if let Some(slot) = slot.filter(|slot| !is_cancelled && !(row..=row + 1).contains(slot)) {
            happened.dropped = Some((row, slot));
        }
        return;
    }
    let (Some(at), Some(slot)) = (at, slot) else { return };
    let t = theme::tokens(ui);
    let clip = ui.clip_rect();
    ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    let moved = Rect::from_min_size(
        pos2(clip.left(), top + row as f32 * height),
        vec2(clip.width(), height),
    );
    ui.painter().rect_filled(moved, 4, t.accent.gamma_multiply(0.15));
    let y = (top + slot as f32 * height).clamp(clip.top() + 1.0, clip.bottom() - 1.0);
    ui.painter().hline(clip.x_range().shrink(4.0), y, Stroke::new(2.0, t.accent));
    ui.painter().circle_filled(pos2(clip.left() + 5.0, y), 4.0, t.accent);
    let by = if at.y < clip.top() + EDGE {
        STEP
    } else if at.y > clip.bottom() - EDGE {
        -STEP
    } else {
        return;
    };
    ui.scroll_with_delta_animation(vec2(0.0, by), egui::style::ScrollAnimation::none());
    ui.ctx().request_repaint();
}

/// Six dots at the left of a row that can be dragged.
pub(super) fn grip(ui: &Ui, rect: Rect) {
    let t = theme::tokens(ui);
    for line in [-4.0, 0.0, 4.0] {
        for column in [4.0, 7.0] {
            let at = pos2(rect.left() + column, rect.center().y + line);
            ui.painter().circle_filled(at, 1.0, t.weak);
        }
    }
}
