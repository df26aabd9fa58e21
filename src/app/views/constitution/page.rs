//! A constitution's own page: name, description, preface, and everything that is wrong.

use std::sync::Arc;

use egui::Ui;

use super::ConstitutionView;
use crate::app::command::{ConstitutionChange, ConstitutionCommand, GoCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Target};
use crate::app::theme::{size, space, text};
use crate::app::views::chrome::keys_of;
use crate::app::views::document_page;
use crate::app::widgets::{self, Button, Field, section};
use crate::domain::{Constitution, PrincipleId};

impl ConstitutionView {
    pub(super) fn page(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        constitution: &Arc<Constitution>,
        outbox: &Outbox,
    ) {
        ui.set_max_width(ui.available_width().min(size::READING_WIDTH));
        ui.spacing_mut().item_spacing.y = space::M;
        let stem = state.selection.constitution.clone();
        ui.push_id(("constitution", stem.as_str()), |ui| {
            ui.add(egui::Label::new(text::title(&constitution.name)).truncate());
            let default = state.documents().map(|documents| documents.setup.constitution.as_str());
            let is_default = default == Some(stem.as_str());
            let facts = facts(constitution);
            let asked = document_page::show(ui, state, "constitution", &facts, is_default, outbox);
            if let Some(asked) = asked {
                super::follow(asked, &stem, outbox);
            }
            self.fields(ui, state, constitution, outbox, &stem);
            if constitution.principles.is_empty() {
                first_principle(ui, state, outbox);
            }
            let problems = self.checked.problems(constitution, Constitution::problems).all.clone();
            if !problems.is_empty() {
                section(ui, "To look at");
                if let Some(index) = widgets::problem_list(ui, &problems) {
                    go_to(&problems[index].place, constitution, &stem, outbox);
                }
            }
            ui.add_space(space::XL);
        });
    }

    fn fields(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        constitution: &Constitution,
        outbox: &Outbox,
        stem: &str,
    ) {
        let enabled = editable(state).is_ok();
        let send = |change| {
            outbox.send(ConstitutionCommand::Change { stem: stem.to_owned(), change });
        };
        let mut name = constitution.name.clone();
        let file = format!("constitutions/{stem}.ron");
        let response =
            Field::new("Name").id_salt(stem).help(&file).enabled(enabled).show(ui, &mut name);
        let target = Target::Constitution(stem.to_owned());
        self.attention.focus(state, &target, &response);
        self.attention.flash(ui, state, &target, response.rect);
        if response.changed() {
            send(ConstitutionChange::Name(name));
        }
        let mut description = constitution.description.clone();
        let response = Field::new("Description")
            .rows(2)
            .id_salt(stem)
            .hint("What it is for")
            .help("Never shown to a model")
            .enabled(enabled)
            .show(ui, &mut description);
        if response.changed() {
            send(ConstitutionChange::Description(description));
        }
        let mut preface = constitution.preface.clone();
        let response = Field::new("Preface")
            .rows(3)
            .reading()
            .id_salt(stem)
            .hint("Told to the model before any principle; may stay empty")
            .enabled(enabled)
            .show(ui, &mut preface);
        if response.changed() {
            send(ConstitutionChange::Preface(preface));
        }
    }
}

/// `14 principles, 12 enabled, in 3 groups, with 5 pinned cases`.
fn facts(constitution: &Constitution) -> String {
    let all = &constitution.principles;
    let counted = |n: usize, one, many| widgets::number::counted(n as u64, one, many);
    let enabled = all.iter().filter(|principle| principle.enabled).count();
    let groups = super::groups(constitution).len();
    let cases: usize = all.iter().map(|principle| principle.cases.len()).sum();
    let mut facts = vec![counted(all.len(), "principle", "principles")];
    if enabled < all.len() {
        facts.push(format!("{enabled} enabled"));
    }
    if groups > 0 {
        facts.push(format!("in {}", counted(groups, "group", "groups")));
    }
    if cases > 0 {
        facts.push(format!("with {}", counted(cases, "pinned case", "pinned cases")));
    }
    facts.join(", ")
}

fn first_principle(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let resolved = MenuCommand::Add.resolve(state);
    let keys = keys_of(ui, MenuCommand::Add).unwrap_or_default();
    let add = Button::primary("Add the first principle")
        .shortcut(&keys)
        .disabled_because(resolved.as_ref().err().copied());
    if add.show(ui).clicked()
        && let Ok(command) = resolved
    {
        outbox.send(command);
    }
}

/// Goes to the principle that a problem's place names, such as `P3.weight`.
fn go_to(place: &str, constitution: &Constitution, stem: &str, outbox: &Outbox) {
    let id = PrincipleId::new(place.split('.').next().unwrap_or_default());
    if constitution.principle(&id).is_some() {
        let stem = stem.to_owned();
        let field = Some(crate::app::state::PrincipleField::Text);
        outbox.send(GoCommand::To(Target::Principle { stem, id, field }));
    }
}
