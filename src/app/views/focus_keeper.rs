//! Keeps the focus where it belongs when sheets come and go: into a sheet that opens, and back
//! to where it was when the last one closes.

use egui::{Context, Id};

use crate::app::state::AppState;

/// Remembers where the focus was.
#[derive(Debug, Default)]
pub struct FocusKeeper {
    /// Whether a sheet was open in the frame before.
    was_open: bool,
    /// Where the focus was before the first sheet opened.
    before: Option<Id>,
    /// The newest focus request of the state when the sheet closed: it wins over going back.
    request: u64,
    /// What was focused in the frame before.
    last: Option<Id>,
    /// What takes the focus again, and for how many frames more that is asked: in the first one
    /// after it the sheet still keeps it from everything behind.
    back: Option<(Id, u8)>,
}

fn offered() -> Id {
    Id::unique("what a sheet offers the focus to")
}

/// Names a control of a sheet that takes the focus where nothing else in the sheet does.
pub fn offer(ctx: &Context, id: Id) {
    ctx.data_mut(|data| data.insert_temp(offered(), id));
}

impl FocusKeeper {
    /// Before anything is drawn.
    pub fn begin(&mut self, ctx: &Context, state: &AppState) {
        let is_open = state.sheet.is_some();
        if is_open && !self.was_open {
            self.before = self.last;
            self.request = state.focus.as_ref().map_or(0, |request| request.number);
        }
        if !is_open && self.was_open {
            let request = state.focus.as_ref().map_or(0, |request| request.number);
            if let Some(before) = self.before.take().filter(|_| request == self.request) {
                self.back = Some((before, 2));
            }
        }
        if let Some((id, frames)) = self.back {
            ctx.memory_mut(|memory| memory.request_focus(id));
            ctx.request_repaint();
            self.back = (frames > 1 && !is_open).then_some((id, frames - 1));
        }
        self.was_open = is_open;
        ctx.data_mut(|data| data.remove::<Id>(offered()));
    }

    /// When everything is drawn: nothing behind a sheet keeps the focus.
    pub fn end(&mut self, ctx: &Context, state: &AppState) {
        let focused = ctx.memory(egui::Memory::focused);
        if state.sheet.is_some()
            && let Some(id) = ctx.data(|data| data.get_temp::<Id>(offered()))
        {
            let layer_of = |id| {
                ctx.viewport(|viewport| {
                    viewport.this_pass.widgets.get(id).map(|widget| widget.layer_id)
                })
            };
            let inside = focused.is_some_and(|focused| {
                layer_of(focused).is_none_or(|layer| layer.order != egui::Order::Background)
            });
            if !inside {
                ctx.memory_mut(|memory| memory.request_focus(id));
            }
        }
        if state.sheet.is_none() {
            self.last = focused;
        }
    }
}
