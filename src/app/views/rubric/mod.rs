//! Rubric: what earns reward?
//!
//! Left the criteria as a table, how they become one reward, and what that does to the responses
//! of the prompt shown in Try; right the editor of the selected criterion, or the rubric's own
//! page.

mod editor;
mod page;
mod ranking;
mod scale;
mod table;

use std::sync::Arc;

use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};

use super::attention::Attention;
use super::document_bar::{self, Asked, Choice};
use crate::app::command::{GoCommand, RubricCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::{self, size};
use crate::app::widgets::EmptyState;
use crate::app::widgets::pane::{self, Pane};
use crate::domain::{Problem, Rubric};

/// The screen's own state.
#[derive(Default)]
pub struct RubricView {
    attention: Attention,
    filter: String,
    checked: Checked,
}

/// Problems of the rubric last checked: checking is done when it changes, not every frame.
#[derive(Default)]
struct Checked {
    of: Option<Arc<Rubric>>,
    problems: Vec<Problem>,
}

impl Checked {
    fn problems(&mut self, rubric: &Arc<Rubric>) -> &[Problem] {
        let same = self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, rubric));
        if !same {
            self.problems = rubric.problems();
            self.of = Some(Arc::clone(rubric));
        }
        &self.problems
    }
}

impl RubricView {
    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let Some(rubric) = state.rubric().cloned() else {
            empty(ui, state, outbox);
            return;
        };
        let t = theme::tokens(ui);
        let frame = Frame::new().fill(t.surface).inner_margin(Margin::same(10));
        let most = (ui.available_width() - 360.0).max(360.0);
        Panel::left("criteria")
            .resizable(true)
            .default_size((ui.available_width() * 0.44).clamp(360.0, 620.0))
            .size_range(340.0..=most)
            .frame(frame)
            .show(ui, |ui| {
                pane::mark(ui, Pane::List);
                bar(ui, state, outbox);
                self.table(ui, state, &rubric, outbox);
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
    match asked {
        Asked::Show(stem) => outbox.send(GoCommand::Rubric(stem)),
        Asked::Page => outbox.send(GoCommand::Criterion(None)),
        Asked::New => outbox.send(RubricCommand::New("New rubric".to_owned())),
        Asked::Duplicate => outbox.send(RubricCommand::Duplicate(shown.clone())),
        Asked::Delete => outbox.send(RubricCommand::Delete(shown.clone())),
        Asked::MakeDefault => outbox.send(RubricCommand::MakeDefault(shown.clone())),
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
