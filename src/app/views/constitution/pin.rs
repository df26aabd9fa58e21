//! Choosing a prompt to pin, from all prompt sets of the project.

use std::sync::Arc;

use egui::{Key, Ui};

use crate::app::state::AppState;
use crate::app::theme::{size, space, text};
use crate::app::widgets::{Button, Field, List, card};
use crate::domain::{Principle, PromptSet};

/// The picker's own state.
#[derive(Debug, Default)]
pub(super) struct Picker {
    open: bool,
    takes_focus: bool,
    search: String,
    /// What was found for which search, in which sets.
    found_for: Option<(String, Vec<Arc<PromptSet>>)>,
    found: Vec<(usize, usize)>,
    selected: Option<usize>,
}

impl Picker {
    pub(super) fn open(&mut self) {
        self.open = true;
        self.takes_focus = true;
        self.search.clear();
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Draws it; gives the prompt chosen (empty: a new one shall be written), and closes then.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        principle: &Principle,
    ) -> Option<String> {
        let mut chosen = None;
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.horizontal(|ui| {
                ui.label(text::strong("Pin a prompt"));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if Button::quiet("Cancel").name("Cancel pinning").compact().show(ui).clicked() {
                        self.open = false;
                    }
                });
            });
            let field = Field::new("Search prompts").hint("Search all prompts").hide_label();
            let response = field.show(ui, &mut self.search);
            if std::mem::take(&mut self.takes_focus) {
                response.request_focus();
                response.scroll_to_me(None);
            }
            if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Escape)) {
                self.open = false;
            }
            self.find(state, principle);
            let Some((_, sets)) = &self.found_for else { return };
            let text_at = |row: usize| {
                let (set, prompt) = self.found[row];
                sets[set].prompts[prompt].text()
            };
            if self.found.is_empty() {
                ui.label(text::weak_label("No other prompt has this text"));
            }
            let list = List::new("Prompts to pin", self.found.len())
                .row_height(size::ROW)
                .selected(self.selected)
                .max_height(200.0);
            let happened = list.show(
                ui,
                |row| one_line(text_at(row)),
                |ui, row| {
                    ui.add(egui::Label::new(one_line(text_at(row.index))).truncate());
                },
            );
            // A click pins at once; the arrows only go along the list.
            let picked = happened.selected.filter(|_| happened.clicked).or(happened.activated);
            chosen = picked.map(|row| text_at(row).to_owned());
            self.selected = happened.selected.or(self.selected);
            let write = Button::quiet("Write a new one").compact();
            if ui.horizontal(|ui| write.show(ui).clicked()).inner {
                chosen = Some(String::new());
            }
        });
        if chosen.is_some() {
            self.open = false;
            self.found_for = None;
        }
        chosen
    }

    /// The prompts that have the text searched for and are not pinned yet.
    fn find(&mut self, state: &AppState, principle: &Principle) {
        let Some(documents) = state.documents() else { return };
        let is_known = self.found_for.as_ref().is_some_and(|(search, sets)| {
            search == &self.search
                && sets.len() == documents.prompt_sets.len()
                && sets.iter().zip(documents.prompt_sets.values()).all(|(a, b)| Arc::ptr_eq(a, b))
        });
        if is_known {
            return;
        }
        let sets: Vec<Arc<PromptSet>> = documents.prompt_sets.values().cloned().collect();
        let wanted = self.search.trim().to_lowercase();
        self.found.clear();
        for (set, prompts) in sets.iter().enumerate() {
            for (place, prompt) in prompts.prompts.iter().enumerate() {
                let words = prompt.text();
                let is_pinned = principle.cases.iter().any(|case| case.prompt == words);
                let fits = wanted.is_empty() || words.to_lowercase().contains(&wanted);
                if fits && !is_pinned && !words.trim().is_empty() {
                    self.found.push((set, place));
                }
            }
        }
        self.selected = None;
        self.found_for = Some((self.search.clone(), sets));
    }
}

fn one_line(text: &str) -> String {
    let mut line: String = text.chars().take(200).collect();
    line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    line
}
