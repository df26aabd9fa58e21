//! Rubric: what earns reward?
//!
//! Left the criteria as a table and how they become one reward, in the middle the editor of the
//! criterion shown (or the rubric's own page), right what it makes of responses judged before.

mod editor;
mod page;
mod scale;
mod strip;
mod table;
mod tried;
mod try_on;

use std::sync::Arc;

use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};

use super::attention::Attention;
use super::checked::Checked;
use super::document_bar::{self, Asked, Choice};
use crate::app::command::{GoCommand, RubricCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::{self, size};
use crate::app::widgets::EmptyState;
use crate::app::widgets::pane::{self, Pane};
use crate::domain::Rubric;

/// From this width of the window on, what is tried has a panel of its own, in points.
const BESIDE: f32 = 1240.0;

/// The screen's own state.
#[derive(Default)]
pub struct RubricView {
    attention: Attention,
    checked: Checked<Rubric>,
    lines: table::Lines,
    tried: tried::TriedRows,
    turns: tried::Turns,
    /// The response whose verdicts are shown.
    response: Option<usize>,
}

impl RubricView {
    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let Some(rubric) = state.rubric().cloned() else {
            empty(ui, state, outbox);
            return;
        };
        super::constitution::brackets(ui, state, outbox);
        let t = theme::tokens(ui);
        let is_beside = ui.ctx().content_rect().width() >= BESIDE;
        if is_beside {
            let frame = Frame::new().fill(t.bg).inner_margin(Margin::symmetric(12, 10));
            Panel::right("try on")
                .resizable(true)
                .default_size(310.0)
                .size_range(250.0..=460.0)
                .frame(frame)
                .show(ui, |ui| {
                    pane::mark(ui, Pane::Side);
                    ScrollArea::vertical()
                        .id_salt("try on")
                        .auto_shrink([false, false])
                        .show(ui, |ui| self.try_on(ui, state, &rubric, outbox));
                });
        }
        let frame = Frame::new().fill(t.surface).inner_margin(Margin::same(10));
        let most = (ui.available_width() - 340.0).max(360.0);
        Panel::left("criteria")
            .resizable(true)
            .default_size((ui.available_width() * 0.52).clamp(360.0, 640.0))
            .size_range(340.0..=most)
            .frame(frame)
            .show(ui, |ui| {
                pane::mark(ui, Pane::List);
                self.left(ui, state, &rubric, is_beside, outbox);
            });
        let frame = Frame::new().fill(t.bg).inner_margin(Margin::symmetric(20, 14));
        CentralPanel::default().frame(frame).show(ui, |ui| {
            let selected = state.selection.criterion.as_ref();
            let criterion = selected.and_then(|id| rubric.criterion(id));
            ScrollArea::vertical()
                .id_salt(("editor", selected.map(|id| id.as_str().to_owned())))
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    ui.set_max_width(ui.available_width().min(size::READING_WIDTH));
                    match criterion {
                        Some(criterion) => self.editor(ui, state, &rubric, criterion, outbox),
                        None => self.page(ui, state, &rubric, outbox),
                    }
                });
        });
    }

    /// The table, and below it how the criteria become one reward.
    fn left(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        is_beside: bool,
        outbox: &Outbox,
    ) {
        bar(ui, state, outbox);
        // The strip has one height; without a panel beside it more follows, in its own scroll.
        let below = if is_beside { 276.0 } else { 300.0 };
        let rows = rubric.criteria.len().max(3) as f32 * size::ROW + 4.0;
        let height = (ui.available_height() - below).clamp(96.0, rows.max(96.0));
        self.table(ui, state, rubric, height, outbox);
        ScrollArea::vertical().id_salt("reward").auto_shrink([false, false]).show(ui, |ui| {
            self.strip(ui, state, rubric, outbox);
            if !is_beside {
                ui.add_space(theme::space::M);
                self.try_on(ui, state, rubric, outbox);
            }
        });
    }
}

fn bar(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(documents) = state.documents() else { return };
    let choices: Vec<Choice<'_>> = documents
        .rubrics
        .iter()
        .map(|(stem, rubric)| Choice {
            stem,
            name: &rubric.name,
            is_default: *stem == documents.setup.rubric,
        })
        .collect();
    let shown = &state.selection.rubric;
    let locked = editable(state).err();
    let Some(asked) = document_bar::show(ui, "rubric", shown, &choices, locked) else { return };
    follow(asked, shown, outbox);
}

/// Does what was asked of a rubric.
fn follow(asked: Asked, shown: &str, outbox: &Outbox) {
    match asked {
        Asked::Show(stem) => outbox.send(GoCommand::Rubric(stem)),
        Asked::Page => outbox.send(GoCommand::Criterion(None)),
        Asked::New => outbox.send(RubricCommand::New("New rubric".to_owned())),
        Asked::Duplicate => outbox.send(RubricCommand::Duplicate(shown.to_owned())),
        Asked::Delete => outbox.send(RubricCommand::Delete(shown.to_owned())),
        Asked::MakeDefault => outbox.send(RubricCommand::MakeDefault(shown.to_owned())),
    }
}

fn empty(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let locked = editable(state).is_err();
    let chosen = EmptyState {
        title: "No rubric yet",
        text: "A rubric is a list of criteria by which a judge scores one response; together \
               they make its reward.",
        action: (!locked).then_some("New rubric"),
        shortcut: None,
    }
    .show(ui);
    if chosen && let Ok(command) = MenuCommand::NewRubric.resolve(state) {
        outbox.send(command);
    }
}
