//! Going from one pane of the window to the next by F6: its list takes the focus, else its first
//! control.

use egui::{Context, Rect};

use crate::app::state::AppState;
use crate::app::widgets::pane;

/// Which requests were followed.
#[derive(Debug, Default)]
pub struct Panes {
    followed: u64,
}

impl Panes {
    /// Follows a request for another pane, `area` being what lies between the bars. Call it when
    /// all panes are drawn.
    pub fn follow(&mut self, ctx: &Context, state: &AppState, area: Rect) {
        let (number, by) = state.library.pane;
        if number <= self.followed {
            return;
        }
        self.followed = number;
        let panes = pane::drawn(ctx, area);
        let focused = ctx.memory(egui::Memory::focused);
        let at = focused.and_then(|focused| {
            let place = ctx.viewport(|viewport| {
                viewport.this_pass.widgets.get(focused).map(|widget| widget.rect.center())
            })?;
            // The main part may reach under the others: it comes last in doubt.
            let holds = |(rect, id): &(Rect, egui::Id)| *id == focused || rect.contains(place);
            let smallest = panes.iter().enumerate().filter(|(_, pane)| holds(pane));
            smallest.min_by(|a, b| a.1.0.area().total_cmp(&b.1.0.area())).map(|(at, _)| at)
        });
        let Ok(n) = i32::try_from(panes.len()) else { return };
        let next = match at {
            _ if n == 0 => return,
            Some(at) => (at as i32 + by).rem_euclid(n),
            None if by > 0 => 0,
            None => n - 1,
        };
        ctx.memory_mut(|memory| memory.request_focus(panes[next as usize].1));
        ctx.request_repaint();
    }
}
