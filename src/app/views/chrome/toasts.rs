//! Messages that lie over the window for some seconds.

use egui::Ui;

use super::{action_of, action_words, is_small, mark_of, sentence};
use crate::app::command::LibraryCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::space;
use crate::app::widgets;

/// More than these would cover the screen; the list of notices has them all.
const MOST: usize = 2;

/// Draws the newest, the newest at the bottom; in a small window the status bar tells them.
pub fn toasts(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    if is_small(ui.ctx()) {
        return;
    }
    // Above the status bar, and above what newcomers are shown.
    let mut lift = 44.0 + crate::app::views::home::strip_height(state);
    let shown = state.notices.iter().rev().filter(|notice| notice.shown);
    for (place, notice) in shown.take(MOST).enumerate() {
        let mut words = sentence(&notice.text);
        if !notice.hint.is_empty() {
            words.push('\n');
            words.push_str(&widgets::notice::capitalised(&notice.hint));
        }
        let action = action_of(state, notice);
        let kind = mark_of(notice.kind);
        let button = action.map(action_words);
        let done = widgets::toast(ui.ctx(), place, lift, kind, &words, button);
        lift += done.height + space::S;
        if done.acted
            && let Some(Ok(command)) = action.map(|action| action.resolve(state))
        {
            outbox.send(command);
        }
        if done.acted || done.closed {
            outbox.send(LibraryCommand::HideToast(notice.number));
        }
    }
}
