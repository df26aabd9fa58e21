//! Constitution: what should the model do?
//!
//! Left the principles, in the middle the editor of the one shown (or the constitution's own page),
//! right its pinned cases: what it did before an edit and does after it.

mod case_card;
mod cases;
mod editor;
mod list;
mod list_item;
mod page;
mod paste;
mod picked;
mod pin;
mod requests;

use std::sync::Arc;

use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui};

use super::attention::Attention;
use super::checked::Checked;
use super::document_bar::{self, Asked, Choice};
use crate::app::command::{ConstitutionCommand, GoCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::{self, Hue, size};
use crate::app::widgets::EmptyState;
use crate::app::widgets::pane::{self, Pane};
use crate::domain::{Constitution, Principle};

/// From this width of the window on, pinned cases stand beside the editor, in points.
const BESIDE: f32 = 1100.0;

/// The screen's own state.
#[derive(Default)]
pub struct ConstitutionView {
    attention: Attention,
    list: list::PrincipleList,
    requests: requests::Requests,
    checked: Checked<Constitution>,
    cases: cases::CasesPane,
    paste: paste::PasteSheet,
    tags: Tags,
}

/// The tags in use, found when the constitution changes.
#[derive(Debug, Default)]
struct Tags {
    of: Option<Arc<Constitution>>,
    known: Arc<Vec<String>>,
}

impl Tags {
    fn known(&mut self, constitution: &Arc<Constitution>) -> Arc<Vec<String>> {
        if !self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, constitution)) {
            let all = constitution.principles.iter().flat_map(|one| one.tags.iter().cloned());
            let known: std::collections::BTreeSet<String> = all.collect();
            self.known = Arc::new(known.into_iter().collect());
            self.of = Some(Arc::clone(constitution));
        }
        Arc::clone(&self.known)
    }
}

impl ConstitutionView {
    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let Some(constitution) = state.constitution().cloned() else {
            empty(ui, state, outbox);
            return;
        };
        brackets(ui, state, outbox);
        let t = theme::tokens(ui);
        let frame = Frame::new().fill(t.surface).inner_margin(Margin::same(10));
        Panel::left("principles")
            .resizable(true)
            .default_size(320.0)
            .size_range(240.0..=520.0)
            .frame(frame)
            .show(ui, |ui| {
                pane::mark(ui, Pane::List);
                bar(ui, state, outbox);
                let problems = self.checked.problems(&constitution, Constitution::problems);
                let attention = &mut self.attention;
                self.list.show(ui, state, &constitution, &problems, attention, outbox);
            });
        let selected = state.selection.principle.as_ref();
        let principle = selected.and_then(|id| constitution.principle(id));
        let is_beside = ui.ctx().content_rect().width() >= BESIDE;
        if let Some(principle) = principle.filter(|_| is_beside) {
            let frame = Frame::new().fill(t.bg).inner_margin(Margin::symmetric(12, 10));
            Panel::right("cases")
                .resizable(true)
                .default_size((ui.available_width() * 0.4).clamp(300.0, 480.0))
                .size_range(260.0..=640.0)
                .frame(frame)
                .show(ui, |ui| {
                    pane::mark(ui, Pane::Side);
                    self.cases.head(ui, state, &constitution, principle, outbox);
                    ScrollArea::vertical()
                        .id_salt(("cases", principle.id.as_str()))
                        .auto_shrink([false, false])
                        .show(ui, |ui| {
                            let attention = &mut self.attention;
                            self.cases.list(ui, state, principle, attention, outbox);
                        });
                });
        }
        let frame = Frame::new().fill(t.bg).inner_margin(Margin::symmetric(20, 14));
        CentralPanel::default().frame(frame).show(ui, |ui| {
            ScrollArea::vertical()
                .id_salt(("editor", selected.map(|id| id.as_str().to_owned())))
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    // Beyond this the text is too wide to read.
                    ui.set_max_width(ui.available_width().min(size::READING_WIDTH));
                    let Some(principle) = principle else {
                        self.page(ui, state, &constitution, outbox);
                        return;
                    };
                    self.editor(ui, state, &constitution, principle, outbox);
                    if !is_beside {
                        self.cases.head(ui, state, &constitution, principle, outbox);
                        let attention = &mut self.attention;
                        self.cases.list(ui, state, principle, attention, outbox);
                        ui.add_space(theme::space::XL);
                    }
                });
        });
    }

    /// Draws the screen's own sheet, if it is open.
    pub fn sheet(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        self.paste.show(ui, state, outbox);
    }
}

/// `[` and `]`: previous and next, as J and K everywhere.
pub(super) fn brackets(ui: &Ui, state: &AppState, outbox: &Outbox) {
    use egui::{Key, Modifiers};
    if ui.ctx().text_edit_focused() || state.sheet.is_some() {
        return;
    }
    for (key, by) in [(Key::OpenBracket, -1), (Key::CloseBracket, 1)] {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            outbox.send(GoCommand::Step(by));
        }
    }
}

fn bar(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(documents) = state.documents() else { return };
    let choices: Vec<Choice<'_>> = documents
        .constitutions
        .iter()
        .map(|(stem, constitution)| Choice {
            stem,
            name: &constitution.name,
            is_default: *stem == documents.setup.constitution,
        })
        .collect();
    let shown = &state.selection.constitution;
    let locked = editable(state).err();
    let Some(asked) = document_bar::show(ui, "constitution", shown, &choices, locked) else {
        return;
    };
    follow(asked, shown, outbox);
}

/// Does what was asked of a constitution.
fn follow(asked: Asked, shown: &str, outbox: &Outbox) {
    match asked {
        Asked::Show(stem) => outbox.send(GoCommand::Constitution(stem)),
        Asked::Page => outbox.send(GoCommand::Principle(None)),
        Asked::New => outbox.send(ConstitutionCommand::New("New constitution".to_owned())),
        Asked::Duplicate => outbox.send(ConstitutionCommand::Duplicate(shown.to_owned())),
        Asked::Delete => outbox.send(ConstitutionCommand::Delete(shown.to_owned())),
        Asked::MakeDefault => outbox.send(ConstitutionCommand::MakeDefault(shown.to_owned())),
    }
}

fn empty(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let locked = editable(state).is_err();
    let chosen = EmptyState {
        title: "No constitution yet",
        text: "A constitution is a list of principles by which a model criticises, revises and \
               compares its answers.",
        action: (!locked).then_some("New constitution"),
        shortcut: None,
    }
    .show(ui);
    if chosen && let Ok(command) = MenuCommand::NewConstitution.resolve(state) {
        outbox.send(command);
    }
}

/// The groups of a constitution: the first tags, sorted.
fn groups(constitution: &Constitution) -> Vec<&str> {
    let mut groups: Vec<&str> =
        constitution.principles.iter().filter_map(|p| p.tags.first().map(String::as_str)).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

/// The hue of a principle's group.
pub fn hue_of(constitution: &Constitution, principle: &Principle) -> Hue {
    let group = principle.tags.first().map_or("", String::as_str);
    Hue::of_group_in(group, &groups(constitution))
}
