//! Guide and glossary: how things are done, and what the words mean.

use egui::{Panel, ScrollArea, Ui};

use crate::app::command::GoCommand;
use crate::app::glossary::{self, Term};
use crate::app::outbox::Outbox;
use crate::app::state::Sheet;
use crate::app::theme::{size, space, text};
use crate::app::widgets::notice::capitalised;
use crate::app::widgets::{Button, EmptyState, Field, List};

/// Its own state.
#[derive(Debug, Default)]
pub(super) struct GlossaryView {
    typed: String,
    /// What was searched for last, and what was found.
    found_for: Option<String>,
    found: Vec<&'static Term>,
}

impl GlossaryView {
    /// Draws it with the term of that name chosen; `opens` in the first frame.
    pub(super) fn show(&mut self, ui: &mut Ui, name: &str, opens: bool, outbox: &Outbox) {
        if opens {
            self.typed.clear();
        }
        if self.found_for.as_deref() != Some(self.typed.as_str()) {
            self.found = glossary::search(&self.typed);
            self.found_for = Some(self.typed.clone());
        }
        let chosen = glossary::find(name)
            .filter(|term| self.typed.is_empty() || self.found.contains(term))
            .or_else(|| self.found.first().copied());
        let width = (ui.available_width() * 0.42).clamp(200.0, 320.0);
        Panel::left("terms")
            .exact_size(width)
            .resizable(false)
            .frame(
                egui::Frame::new().inner_margin(egui::Margin { right: 12, ..Default::default() }),
            )
            .show(ui, |ui| self.list(ui, chosen, opens, outbox));
        let frame =
            egui::Frame::new().inner_margin(egui::Margin { left: 12, ..Default::default() });
        egui::CentralPanel::default().frame(frame).show(ui, |ui| match chosen {
            Some(term) => paragraph(ui, term, outbox),
            None => {
                EmptyState {
                    title: "No such term",
                    text: "Try another word for it, or fewer letters.",
                    action: None,
                    shortcut: None,
                }
                .show(ui);
            }
        });
    }

    fn list(&mut self, ui: &mut Ui, chosen: Option<&Term>, opens: bool, outbox: &Outbox) {
        let field = Field::new("Search terms").hint("Search").hide_label();
        let response = field.show(ui, &mut self.typed);
        if opens {
            response.request_focus();
        }
        let selected = chosen.and_then(|chosen| self.found.iter().position(|term| *term == chosen));
        let found = &self.found;
        let happened =
            List::new("Terms", found.len()).row_height(size::ROW).selected(selected).show(
                ui,
                |row| capitalised(found[row].name),
                |ui, row| {
                    let name = capitalised(found[row.index].name);
                    ui.add(egui::Label::new(name).truncate());
                },
            );
        if let Some(row) = happened.selected {
            outbox.send(GoCommand::Open(Sheet::Glossary(found[row].name.to_owned())));
        }
    }
}

fn paragraph(ui: &mut Ui, term: &Term, outbox: &Outbox) {
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.add(egui::Label::new(text::heading(capitalised(term.name))).wrap());
        if !term.also.is_empty() {
            let also = format!("Also: {}", term.also.join(", "));
            ui.add(egui::Label::new(text::weak_label(also)).wrap());
        }
        ui.add_space(space::XS);
        ui.add(egui::Label::new(text::reading(term.text)).wrap());
        if term.see.is_empty() {
            return;
        }
        ui.add_space(space::S);
        ui.label(text::weak_label("See also"));
        ui.horizontal_wrapped(|ui| {
            for other in term.see {
                let words = capitalised(other);
                if Button::secondary(&words).compact().show(ui).clicked() {
                    outbox.send(GoCommand::Open(Sheet::Glossary((*other).to_owned())));
                }
            }
        });
    });
}
