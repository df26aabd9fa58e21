//! Runs: what is running, and what did it cost?
//!
//! Left all runs, right the one looked at: how far, how fast, what failed, what it was made with.

mod detail;
mod left;
mod list;
mod pens;
mod rules;
mod sheet;

use egui::{CentralPanel, Panel, Ui};

use crate::app::command::RunsCommand;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::runs::RunList;
use crate::app::state::{AppState, Area, Sheet, Target};
use crate::app::theme::{self, text};
use crate::app::widgets::EmptyState;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct RunsView {
    list: list::ListPane,
    detail: detail::DetailPane,
    /// The newest focus request that was followed.
    focused: u64,
}

impl RunsView {
    /// Draws the area.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let t = theme::tokens(ui);
        let request = state.focus.as_ref().filter(|request| request.number > self.focused);
        if let Some(request) = request
            && request.target == Target::Filter(Area::Runs)
        {
            self.focused = request.number;
            self.list.focus_filter();
        }
        let is_empty = matches!(&state.runs.list, RunList::There(all) if all.is_empty());
        if is_empty && state.runs.active.is_none() {
            let frame = theme::area_frame(t);
            CentralPanel::default().frame(frame).show(ui, |ui| nothing_yet(ui, state, outbox));
            return;
        }
        // In a small window the run has more to show than the list.
        let widest = (ui.available_width() * 0.4).clamp(280.0, 640.0);
        Panel::left("runs list")
            .resizable(true)
            .default_size(420.0)
            .size_range(280.0..=widest)
            .frame(theme::panel_frame(t))
            .show(ui, |ui| self.list.show(ui, state, outbox));
        CentralPanel::default()
            .frame(theme::area_frame(t))
            .show(ui, |ui| self.detail.show(ui, state, outbox));
    }

    /// Draws what lies over every screen: runs that the last sitting left.
    #[expect(clippy::unused_self, reason = "every screen's parts are drawn alike")]
    pub fn strip(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        left::strip(ui, state, outbox);
    }

    /// Draws the sheet on top, if it is one of these.
    #[expect(clippy::unused_self, reason = "every screen's sheets are drawn alike")]
    pub fn sheet(&mut self, ctx: &egui::Context, state: &AppState, outbox: &Outbox) {
        if state.sheet == Some(Sheet::NewRun) {
            sheet::show(ctx, state, outbox);
        }
    }
}

fn nothing_yet(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let why_not = editable(state).err();
    let words = EmptyState {
        title: "No runs yet",
        text: "A run does with a whole prompt set what Try does with one prompt: revisions, \
               preference pairs or scores, with every reply kept. Try ten prompts first, see what \
               it yields and costs, then run them all.",
        action: why_not.is_none().then_some("New run"),
        shortcut: Some("N"),
    };
    if words.show(ui) {
        outbox.send(RunsCommand::BeginNew);
    }
    if let Some(why) = why_not {
        ui.vertical_centered(|ui| ui.label(text::weak_label(why)));
    }
}
