//! The editor of one criterion.

use std::sync::Arc;

use egui::Ui;

use super::RubricView;
use crate::app::command::{CriterionChange, GoCommand, RubricCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, CriterionField, Target};
use crate::app::theme::{self, space, text};
use crate::app::views::checked::Found;
use crate::app::views::item_action::item_action;
use crate::app::views::move_to::move_to;
use crate::app::widgets::{self, Field, WeightSlider};
use crate::domain::{Criterion, Rubric};
use crate::methods::aggregate::Turn;

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
        let problems = self.checked.problems(rubric, Rubric::problems);
        ui.spacing_mut().item_spacing.y = space::M;
        ui.push_id(("criterion", criterion.id.as_str()), |ui| {
            head(ui, &edit, rubric);
            other_problems(ui, &edit, &problems);
            self.words(ui, &edit);
            self.weight(ui, &edit, rubric, &problems);
            self.scale(ui, &edit);
            self.gate(ui, &edit);
            ui.add_space(space::XL);
        });
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

    fn weight(&mut self, ui: &mut Ui, edit: &Editing<'_>, rubric: &Arc<Rubric>, problems: &Found) {
        let weight = edit.criterion.weight;
        let tried = self.tried.shown(edit.state);
        let found = tried.as_ref().and_then(|tried| {
            let (a, b) = tried.pair()?;
            let turn = self.turns.of(rubric, edit.criterion, tried)?;
            Some((turn, tried.scores()[a].name.clone(), tried.scores()[b].name.clone()))
        });
        let tip = "Its share in the reward, relative to the others; 0 leaves it out";
        let slider = WeightSlider::new(weight, tip)
            .enabled(edit.enabled)
            .mark(found.as_ref().map(|(turn, ..)| turn.at));
        let (changed, response) = ui.horizontal(|ui| slider.show(ui)).inner;
        self.marks(ui, edit, CriterionField::Weight, &response);
        if let Some(weight) = changed {
            edit.send(CriterionChange::Weight(weight));
        }
        if let Some((turn, a, b)) = &found {
            let words = turn_words(*turn, weight, a, b);
            ui.add(egui::Label::new(text::label(words)).wrap());
        } else if tried
            .as_ref()
            .is_some_and(|tried| tried.pair().is_some() && tried.is_about(rubric))
        {
            let words = "No weight of this criterion turns the ranking of the tried responses";
            ui.add(egui::Label::new(text::weak_label(words)).wrap());
        }
        if let Some(problem) = problems.of_field(edit.criterion.id.as_str(), "weight") {
            let t = theme::tokens(ui);
            ui.label(text::label(problem).color(t.worse));
        }
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

/// Where the ranking turns, in words.
fn turn_words(turn: Turn, weight: f64, a: &str, b: &str) -> String {
    let (below, above) = if turn.first_below { (a, b) } else { (b, a) };
    if turn.at <= 0.0 {
        return format!("Turns at 0: left out, {below} comes first; else {above}");
    }
    let at = format!("{:.2}", turn.at);
    let at = at.trim_end_matches('0').trim_end_matches('.');
    if weight < turn.at {
        format!("Turns above {at}: then {above} comes before {below}")
    } else {
        format!("Turns below {at}: then {below} comes before {above}")
    }
}

/// What is wrong with the criterion and is not said beside a field, with a jump to the place.
fn other_problems(ui: &mut Ui, edit: &Editing<'_>, problems: &Found) {
    let own = problems.beside(edit.criterion.id.as_str(), &["weight"]);
    if own.is_empty() {
        return;
    }
    if let Some(index) = widgets::problem_list(ui, &own) {
        let field = match own[index].place.split_once('.').map(|(_, field)| field) {
            Some("scale") => CriterionField::Anchor(0),
            Some("gate") => CriterionField::Gate,
            _ => CriterionField::Name,
        };
        edit.outbox.send(GoCommand::To(edit.target(field)));
    }
}

/// In less room than this, what can be done stands on a line below the name, in points.
const ONE_LINE: f32 = 560.0;

fn head(ui: &mut Ui, edit: &Editing<'_>, rubric: &Rubric) {
    let is_wide = ui.available_width() >= ONE_LINE;
    let name = edit.criterion.name.trim();
    let name = if name.is_empty() { "(no name yet)" } else { name };
    ui.horizontal(|ui| {
        ui.label(text::strong(edit.criterion.id.as_str()));
        if is_wide {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                controls(ui, edit, rubric, true);
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(text::heading(name)).truncate());
                });
            });
        } else {
            ui.add(egui::Label::new(text::heading(name)).truncate());
        }
    });
    if !is_wide {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
            controls(ui, edit, rubric, false);
        });
    }
}

/// What can be done with the criterion; from the right, the last one is drawn first.
fn controls(ui: &mut Ui, edit: &Editing<'_>, rubric: &Rubric, from_right: bool) {
    let mut order = [0, 1, 2, 3, 4];
    if from_right {
        order.reverse();
    }
    for control in order {
        if !from_right {
            let widths = [42.0, 62.0, 78.0, 88.0, 66.0];
            widgets::layout::fit(ui, widths[control]);
        }
        match control {
            0 => action(ui, edit, MenuCommand::MoveUp, "Up"),
            1 => action(ui, edit, MenuCommand::MoveDown, "Down"),
            2 => position(ui, edit, rubric),
            3 => action(ui, edit, MenuCommand::Duplicate, "Duplicate"),
            _ => action(ui, edit, MenuCommand::Delete, "Delete"),
        }
    }
}

/// Where it stands, and a way to say where it shall stand.
fn position(ui: &mut Ui, edit: &Editing<'_>, rubric: &Rubric) {
    let id = &edit.criterion.id;
    let count = rubric.criteria.len();
    let place = rubric.criteria.iter().position(|c| &c.id == id).unwrap_or_default();
    let reason = editable(edit.state).err().or(edit.state.lists.criteria.why_fixed());
    if let Some(to) = move_to(ui, id.as_str(), (place, count), reason) {
        edit.outbox.send(RubricCommand::CriterionTo(id.clone(), to));
    }
}

fn action(ui: &mut Ui, edit: &Editing<'_>, command: MenuCommand, label: &str) {
    item_action(ui, (edit.state, edit.outbox), command, label, edit.criterion.id.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_is_said_from_where_the_weight_stands() {
        let turn = Turn { at: 2.1, first_below: true };
        let said = |weight| turn_words(turn, weight, "draft", "revision 1");
        assert_eq!(said(3.0), "Turns below 2.1: then draft comes before revision 1");
        assert_eq!(said(1.0), "Turns above 2.1: then revision 1 comes before draft");
        let without = Turn { at: 0.0, first_below: false };
        let said = turn_words(without, 1.0, "draft", "revision 1");
        assert_eq!(said, "Turns at 0: left out, revision 1 comes first; else draft");
    }
}
