//! The editor of one criterion.

use std::sync::Arc;

use egui::{Slider, Ui};

use super::RubricView;
use crate::app::command::{CriterionChange, GoCommand, RubricCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, CriterionField, Target};
use crate::app::theme::{space, text};
use crate::app::views::chrome::keys_of;
use crate::app::widgets::{self, Button, Field};
use crate::domain::{Criterion, Problem, Rubric};

/// What editing one criterion takes.
pub(super) struct Editing<'a> {
    pub(super) state: &'a AppState,
    pub(super) outbox: &'a Outbox,
    pub(super) criterion: &'a Criterion,
    pub(super) enabled: bool,
}

impl Editing<'_> {
    pub(super) fn send(&self, change: CriterionChange) {
        let id = self.criterion.id.clone();
        self.outbox.send(RubricCommand::Criterion { id, change });
    }

    pub(super) fn target(&self, field: CriterionField) -> Target {
        Target::Criterion {
            stem: self.state.selection.rubric.clone(),
            id: self.criterion.id.clone(),
            field: Some(field),
        }
    }

    /// Why nothing can be changed, if so.
    pub(super) fn locked(&self) -> Option<&'static str> {
        (!self.enabled).then_some("Nothing can be changed in this window")
    }
}

impl RubricView {
    pub(super) fn editor(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        criterion: &Criterion,
        outbox: &Outbox,
    ) {
        let edit = Editing { state, outbox, criterion, enabled: editable(state).is_ok() };
        ui.spacing_mut().item_spacing.y = space::M;
        ui.push_id(("criterion", criterion.id.as_str()), |ui| {
            head(ui, &edit);
            self.problems(ui, &edit, rubric);
            self.words(ui, &edit);
            self.scale(ui, &edit);
            self.weight(ui, &edit);
            self.gate(ui, &edit);
            ui.add_space(space::XL);
        });
    }

    fn problems(&mut self, ui: &mut Ui, edit: &Editing<'_>, rubric: &Arc<Rubric>) {
        let id = edit.criterion.id.as_str();
        let own: Vec<Problem> = self
            .checked
            .problems(rubric)
            .iter()
            .filter(|problem| problem.place.split('.').next() == Some(id))
            .cloned()
            .collect();
        if own.is_empty() {
            return;
        }
        if let Some(index) = widgets::problem_list(ui, &own) {
            let field = match own[index].place.split_once('.').map(|(_, field)| field) {
                Some("weight") => CriterionField::Weight,
                Some("scale") => CriterionField::Anchor(0),
                Some("gate") => CriterionField::Gate,
                _ => CriterionField::Name,
            };
            edit.outbox.send(GoCommand::To(edit.target(field)));
        }
    }

    fn words(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let salt = edit.criterion.id.as_str();
        let mut name = edit.criterion.name.clone();
        let response = Field::new("Name")
            .hint("A few words that name it in tables")
            .id_salt(salt)
            .enabled(edit.enabled)
            .show(ui, &mut name);
        self.marks(ui, edit, CriterionField::Name, &response);
        if response.changed() {
            edit.send(CriterionChange::Name(name));
        }
        let mut description = edit.criterion.description.clone();
        let response = Field::new("What is judged")
            .rows(3)
            .reading()
            .hint("One idea, said so that two people would judge alike")
            .id_salt(salt)
            .enabled(edit.enabled)
            .show(ui, &mut description);
        self.marks(ui, edit, CriterionField::Description, &response);
        if response.changed() {
            edit.send(CriterionChange::Description(description));
        }
    }

    fn weight(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        ui.horizontal_wrapped(|ui| {
            let label = ui.label(text::label("Weight"));
            let mut weight = edit.criterion.weight;
            let top = edit.criterion.weight.max(5.0);
            let slider = Slider::new(&mut weight, 0.0..=top).max_decimals(2).step_by(0.1);
            let response = ui
                .add_enabled(edit.enabled, slider)
                .labelled_by(label.id)
                .on_hover_text("Its share in the reward, relative to the others; 0 leaves it out");
            self.marks(ui, edit, CriterionField::Weight, &response);
            if response.changed() {
                edit.send(CriterionChange::Weight(weight));
            }
        });
    }

    /// Focuses and flashes a field on request.
    pub(super) fn marks(
        &mut self,
        ui: &Ui,
        edit: &Editing<'_>,
        field: CriterionField,
        response: &egui::Response,
    ) {
        let target = edit.target(field);
        self.attention.focus(edit.state, &target, response);
        if self.attention.flash(ui, edit.state, &target, response.rect) {
            response.scroll_to_me(None);
        }
    }
}

/// In less room than this a criterion's name says nothing, in points.
const LEAST_NAME: f32 = 64.0;

fn head(ui: &mut Ui, edit: &Editing<'_>) {
    ui.horizontal(|ui| {
        ui.label(text::strong(edit.criterion.id.as_str()));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            for (command, label) in [
                (MenuCommand::Delete, "Delete"),
                (MenuCommand::Duplicate, "Duplicate"),
                (MenuCommand::MoveDown, "Down"),
                (MenuCommand::MoveUp, "Up"),
            ] {
                let resolved = command.resolve(edit.state);
                let keys = keys_of(ui, command).unwrap_or_default();
                let tip = format!("{} ({keys})", command.title_and_tip().1);
                let name = format!("{} {}", command.title_and_tip().0, edit.criterion.id);
                let button = Button::quiet(label)
                    .name(&name)
                    .tip(&tip)
                    .disabled_because(resolved.as_ref().err().copied())
                    .compact();
                if button.show(ui).clicked()
                    && let Ok(resolved) = resolved
                {
                    edit.outbox.send(resolved);
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let name = edit.criterion.name.trim();
                let name = if name.is_empty() { "(no name yet)" } else { name };
                // The field below says it, too; an ellipsis alone would say nothing.
                if ui.available_width() >= LEAST_NAME {
                    ui.add(egui::Label::new(text::heading(name)).truncate());
                }
            });
        });
    });
}
