//! Focus, scroll and flash on request: each request is acted on once.

use egui::{Id, Rect, Response, Stroke, Ui};

use crate::app::state::{AppState, Target};
use crate::app::theme;

/// How long a flash lasts, in seconds.
const FLASH_SECS: f64 = 0.9;

/// Which requests were acted on.
#[derive(Debug, Clone, Default)]
pub struct Attention {
    focused: u64,
    flashed: u64,
    flash_began: f64,
}

impl Attention {
    /// Focuses `response` when the state asks for `target`; true when it did.
    pub fn focus(&mut self, state: &AppState, target: &Target, response: &Response) -> bool {
        let wanted = self.wants_focus(state, target);
        if wanted {
            response.request_focus();
            response.scroll_to_me(None);
        }
        wanted
    }

    /// Focuses the widget of that id when the state asks for `target`; true when it did.
    pub fn focus_id(&mut self, ui: &Ui, state: &AppState, target: &Target, id: Id) -> bool {
        let wanted = self.wants_focus(state, target);
        if wanted {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        wanted
    }

    fn wants_focus(&mut self, state: &AppState, target: &Target) -> bool {
        match &state.focus {
            Some(request) if request.number > self.focused && &request.target == target => {
                self.focused = request.number;
                true
            }
            _ => false,
        }
    }

    /// Draws a fading frame around `rect` while the state wants `target` seen; true in the
    /// first frame of it, when the view shall scroll there.
    pub fn flash(&mut self, ui: &Ui, state: &AppState, target: &Target, rect: Rect) -> bool {
        let Some(request) = &state.flash else { return false };
        if &request.target != target {
            return false;
        }
        let now = ui.input(|input| input.time);
        let first = request.number > self.flashed;
        if first {
            self.flashed = request.number;
            self.flash_began = now;
        }
        let age = now - self.flash_began;
        if age < FLASH_SECS {
            let strength = (1.0 - age / FLASH_SECS) as f32;
            let colour = theme::tokens(ui).warning.gamma_multiply(strength);
            let painter = ui.painter();
            painter.rect_stroke(
                rect.expand(2.0),
                6,
                Stroke::new(2.0, colour),
                egui::StrokeKind::Outside,
            );
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(33));
        }
        first
    }
}
