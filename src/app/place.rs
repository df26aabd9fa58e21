//! Where the window is: noted when it rests, put back at the next start where it can be seen.

use egui::{Context, Pos2, Rect, Vec2, ViewportCommand, pos2, vec2};

use super::state::WindowPlace;

/// The window's least size, in points: what every screen works at.
pub const LEAST: Vec2 = vec2(900.0, 560.0);
/// The window's first size, in points.
pub const FIRST: Vec2 = vec2(1280.0, 800.0);
/// How long the window must rest before its place is kept, in seconds.
const RESTS: f64 = 0.4;
/// How much of the window's head must be on a screen to be taken hold of, in points.
const GRIP: Vec2 = vec2(120.0, 24.0);

/// Watches where the window is.
#[derive(Debug, Clone, Default)]
pub struct Placed {
    newest: Option<(WindowPlace, f64)>,
}

impl Placed {
    /// The place to keep, once the window has rested at another than the one kept.
    pub fn note(&mut self, ctx: &Context, kept: Option<&WindowPlace>) -> Option<WindowPlace> {
        let (now, time) = (place(ctx)?, ctx.input(|input| input.time));
        let mut now = now;
        if now.is_maximized {
            // The size to go back to is the one before.
            let before = kept.copied().unwrap_or_default();
            now = WindowPlace { is_maximized: true, ..before };
        }
        if kept == Some(&now) {
            self.newest = None;
            return None;
        }
        match &self.newest {
            Some((newest, since)) if *newest == now => {
                if time - since < RESTS {
                    return None;
                }
                self.newest = None;
                Some(now)
            }
            _ => {
                self.newest = Some((now, time));
                ctx.request_repaint_after_secs(RESTS as f32 + 0.05);
                None
            }
        }
    }
}

/// Where the window is now, in points of the screen; `None` where the system does not say.
fn place(ctx: &Context) -> Option<WindowPlace> {
    let zoom = ctx.zoom_factor();
    let (outer, inner, maximized, minimized) = ctx.input(|input| {
        let viewport = input.viewport();
        let full = viewport.maximized.unwrap_or(false) || viewport.fullscreen.unwrap_or(false);
        (viewport.outer_rect, viewport.inner_rect, full, viewport.minimized.unwrap_or(false))
    });
    let inner = inner?;
    if minimized || !(inner.width() > 1.0 && inner.height() > 1.0) {
        return None;
    }
    // Wayland tells no position; the size is kept all the same.
    let corner = outer.map_or(Pos2::ZERO, |outer| outer.min);
    Some(WindowPlace {
        x: (corner.x * zoom).round(),
        y: (corner.y * zoom).round(),
        width: (inner.width() * zoom).round(),
        height: (inner.height() * zoom).round(),
        is_maximized: maximized,
    })
}

/// The size to open the window with.
pub fn size_of(kept: Option<&WindowPlace>) -> Vec2 {
    match kept {
        Some(place) if place.width > 1.0 && place.height > 1.0 => {
            vec2(place.width, place.height).max(LEAST)
        }
        _ => FIRST,
    }
}

/// The corner to open the window at, where its head can be taken hold of on one of the screens;
/// `None`: wherever the system puts it.
pub fn corner_of(kept: Option<&WindowPlace>, screens: &[Rect]) -> Option<Pos2> {
    let place = kept?;
    let corner = pos2(place.x, place.y);
    let head = Rect::from_min_size(corner, vec2(size_of(kept).x, GRIP.y));
    let is_seen = screens.iter().any(|screen| {
        let seen = screen.intersect(head);
        seen.width() >= GRIP.x && seen.height() >= GRIP.y
    });
    is_seen.then_some(corner)
}

/// Puts the window and its panels where they are at first.
pub fn reset(ctx: &Context) {
    ctx.send_viewport_cmd(ViewportCommand::Maximized(false));
    ctx.send_viewport_cmd(ViewportCommand::InnerSize(FIRST));
    if let Some(middle) = ViewportCommand::center_on_screen(ctx) {
        ctx.send_viewport_cmd(middle);
    }
    ctx.data_mut(|data| {
        data.remove_by_type::<egui::containers::panel::PanelState>();
        data.remove_by_type::<egui::scroll_area::State>();
    });
    ctx.memory_mut(egui::Memory::reset_areas);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_comes_back_only_where_it_can_be_taken_hold_of() {
        let one = Rect::from_min_size(Pos2::ZERO, vec2(1920.0, 1080.0));
        let left = Rect::from_min_size(pos2(-1280.0, 0.0), vec2(1280.0, 1024.0));
        let at = |x, y| WindowPlace { x, y, width: 1000.0, height: 700.0, is_maximized: false };
        assert_eq!(corner_of(Some(&at(40.0, 30.0)), &[one]), Some(pos2(40.0, 30.0)));
        assert_eq!(corner_of(Some(&at(-1200.0, 30.0)), &[one]), None, "that screen is gone");
        assert_eq!(corner_of(Some(&at(-1200.0, 30.0)), &[one, left]), Some(pos2(-1200.0, 30.0)));
        assert_eq!(corner_of(Some(&at(1900.0, 30.0)), &[one]), None, "a sliver only");
        assert_eq!(corner_of(Some(&at(40.0, 1075.0)), &[one]), None, "its head is below");
        assert_eq!(corner_of(None, &[one]), None);
    }

    #[test]
    fn a_window_is_never_too_small_to_work_in() {
        let tiny = WindowPlace { width: 20.0, height: 2_000.0, ..WindowPlace::default() };
        assert_eq!(size_of(Some(&tiny)), vec2(LEAST.x, 2_000.0));
        assert_eq!(size_of(Some(&WindowPlace::default())), FIRST);
        assert_eq!(size_of(None), FIRST);
    }
}
