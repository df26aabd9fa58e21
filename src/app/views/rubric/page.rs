//! A rubric's own page: name, description, and everything that is wrong.

use std::sync::Arc;

use egui::Ui;

use super::RubricView;
use crate::app::command::{GoCommand, RubricChange, RubricCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, CriterionField, Target};
use crate::app::theme::{space, text};
use crate::app::views::chrome::keys_of;
use crate::app::views::document_page;
use crate::app::widgets::{self, Button, Field, section};
use crate::domain::{CriterionId, Rubric};

impl RubricView {
    pub(super) fn page(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        outbox: &Outbox,
    ) {
        ui.spacing_mut().item_spacing.y = space::M;
        let stem = state.selection.rubric.clone();
        ui.push_id(("rubric", stem.clone()), |ui| {
            ui.add(egui::Label::new(text::title(&rubric.name)).truncate());
            let default = state.documents().map(|documents| documents.setup.rubric.as_str());
            let is_default = default == Some(stem.as_str());
            let asked =
                document_page::show(ui, state, "rubric", &facts(rubric), is_default, outbox);
            if let Some(asked) = asked {
                super::follow(asked, &stem, outbox);
            }
            self.fields(ui, state, rubric, outbox, &stem);
            if rubric.criteria.is_empty() {
                let resolved = MenuCommand::Add.resolve(state);
                let keys = keys_of(ui, MenuCommand::Add).unwrap_or_default();
                let add = Button::primary("Add the first criterion")
                    .shortcut(&keys)
                    .disabled_because(resolved.as_ref().err().copied());
                if add.show(ui).clicked()
                    && let Ok(command) = resolved
                {
                    outbox.send(command);
                }
            }
            let problems = self.checked.problems(rubric, Rubric::problems).all.clone();
            if !problems.is_empty() {
                section(ui, "To look at");
                if let Some(index) = widgets::problem_list(ui, &problems) {
                    let place = problems[index].place.split('.').next().unwrap_or_default();
                    let id = CriterionId::new(place);
                    if rubric.criterion(&id).is_some() {
                        let field = Some(CriterionField::Name);
                        outbox.send(GoCommand::To(Target::Criterion { stem, id, field }));
                    }
                }
            }
            ui.add_space(space::XL);
        });
    }

    fn fields(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Rubric,
        outbox: &Outbox,
        stem: &str,
    ) {
        let enabled = editable(state).is_ok();
        let send = |change| outbox.send(RubricCommand::Change { stem: stem.to_owned(), change });
        let mut name = rubric.name.clone();
        let file = format!("rubrics/{stem}.ron");
        let response =
            Field::new("Name").id_salt(stem).help(&file).enabled(enabled).show(ui, &mut name);
        let target = Target::Rubric(stem.to_owned());
        self.attention.focus(state, &target, &response);
        self.attention.flash(ui, state, &target, response.rect);
        if response.changed() {
            send(RubricChange::Name(name));
        }
        let mut description = rubric.description.clone();
        let response = Field::new("Description")
            .rows(3)
            .id_salt(stem)
            .hint("What it is for")
            .help("Never shown to a judge")
            .enabled(enabled)
            .show(ui, &mut description);
        if response.changed() {
            send(RubricChange::Description(description));
        }
    }
}

/// `6 criteria, 2 with a gate, weighted mean`.
fn facts(rubric: &Rubric) -> String {
    let count = rubric.criteria.len() as u64;
    let mut facts = vec![widgets::number::counted(count, "criterion", "criteria")];
    let gates = rubric.criteria.iter().filter(|criterion| !criterion.gate.is_off()).count();
    if gates > 0 {
        facts.push(format!("{gates} with a gate"));
    }
    facts.push(rubric.aggregation.to_string().to_lowercase());
    facts.join(", ")
}
