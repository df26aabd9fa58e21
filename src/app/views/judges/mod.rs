//! Judges: can I trust the judge?
//!
//! Left the judges and label sets, right the one looked at. While somebody labels, the queue has the whole
//! screen: no list, no judge, nothing that moves.

mod agreement;
mod beside;
mod done;
mod examples;
mod faults;
mod guide;
mod item;
mod judging;
mod keys;
mod list;
mod maps;
mod new_set;
mod panel;
mod queue;
mod report;
mod rows;
mod set_page;
mod settings;

use egui::{CentralPanel, Panel, Ui};

use crate::app::command::JudgesCommand;
use crate::app::outbox::Outbox;
use crate::app::state::judges::{Page, Selected};
use crate::app::state::{AppState, Area, Sheet};
use crate::app::theme::{self, text};
use crate::app::update::judges::may_label;
use crate::app::widgets::{Button, EmptyState, NoticeKind, notice};

/// The screen's own state.
#[derive(Default)]
pub struct JudgesView {
    queue: queue::QueueView,
    set: set_page::SetPage,
    report: report::ReportPage,
    sheets: new_set::Sheets,
    judges: judging::JudgeSheets,
}

/// Whether somebody labels just now, so that the screen shows nothing else.
pub fn is_focused(state: &AppState) -> bool {
    state.area == Area::Judges && state.judges.labelling().is_some()
}

impl JudgesView {
    /// Draws the area.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        if let Some((session, book)) = state.judges.labelling() {
            match session.page {
                Page::Guide => guide::page(ui, session, book, outbox),
                Page::Practice(_) | Page::Queue => {
                    self.queue.show(ui, state, session, book, outbox);
                }
                Page::Done => done::show(ui, state, session, book, outbox),
            }
            return;
        }
        let t = theme::tokens(ui);
        let is_empty = state.judges.all().next().is_none()
            && state.all_judges().next().is_none()
            && state.judges.unreadable.is_empty();
        if is_empty {
            let frame = theme::area_frame(t);
            CentralPanel::default().frame(frame).show(ui, |ui| nothing(ui, state, outbox));
            return;
        }
        let widest = (ui.available_width() * 0.36).clamp(240.0, 420.0);
        Panel::left("judges list")
            .resizable(true)
            .default_size(280.0)
            .size_range(232.0..=widest)
            .frame(theme::panel_frame(t))
            .show(ui, |ui| list::show(ui, state, outbox));
        let frame = theme::area_frame(t);
        CentralPanel::default().frame(frame).show(ui, |ui| match &state.judges.selected {
            Selected::Nothing => {
                ui.label(text::weak_label("Choose a judge or a label set"));
            }
            Selected::Judge(stem) => self.report.show(ui, state, stem, outbox),
            Selected::Set(_) => self.set.show(ui, state, outbox),
        });
    }

    /// Draws the sheet on top, if it is one of these.
    pub fn sheet(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        match state.sheet {
            Some(Sheet::NewLabelSet) => self.sheets.new_set(ui, state, outbox),
            Some(Sheet::Labeller) => self.sheets.labeller(ui, state, outbox),
            Some(Sheet::Judging) => self.judges.judging(ui, state, outbox),
            Some(Sheet::NewJudge) => self.judges.new_judge(ui, state, outbox),
            _ => {
                self.sheets.closed();
                self.judges.closed();
            }
        }
    }
}

/// With its first letter in upper case.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Before the first label set, and while they are read.
fn nothing(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    if let Some(failure) = &state.judges.failure {
        notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |ui| {
            if Button::secondary("Read again").show(ui).clicked() {
                outbox.send(JudgesCommand::Refresh);
            }
        });
        return;
    }
    if state.judges.books.is_none() {
        ui.label(text::weak_label("Reading the label sets…"));
        return;
    }
    let why_not = may_label(state).err();
    let words = EmptyState {
        title: "No labels yet",
        text: "A judge can be trusted as far as it agrees with people. Make a label set from the \
               answers of a run or comparison, say which are better, one key each, and see where \
               the judge says something else. Labels that you have in a file can be dropped here.",
        action: why_not.is_none().then_some("New label set…"),
        shortcut: None,
    };
    if words.show(ui) {
        outbox.send(JudgesCommand::BeginSet(None));
    }
    if let Some(why) = why_not {
        ui.vertical_centered(|ui| ui.label(text::weak_label(why)));
    }
}
