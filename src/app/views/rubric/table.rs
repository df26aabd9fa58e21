//! The criteria as a table, and how they become one reward.

use std::sync::Arc;

use egui::{ScrollArea, Ui};
use strum::IntoEnumIterator as _;

use super::RubricView;
use crate::app::command::{GoCommand, RubricChange, RubricCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Area, CriterionField, Target};
use crate::app::theme::{self, space, text};
use crate::app::views::chrome::keys_of;
use crate::app::widgets::{self, Button, Column, Field, List, Table, section};
use crate::domain::{Aggregation, Criterion, Gate, Problem, Rubric, Scale, Severity};

const NAME: &str = "Criteria";

/// What an aggregation does, in words.
fn explain(aggregation: Aggregation) -> &'static str {
    match aggregation {
        Aggregation::WeightedMean => "The mean of the scores, each counted by its weight",
        Aggregation::Points => "Points met over points to be had; faults subtract",
        Aggregation::Minimum => "The lowest score: one bad criterion can't be made up for",
        Aggregation::Geometric => "Between mean and minimum: a score near 0 pulls everything down",
    }
}

impl RubricView {
    pub(super) fn table(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        outbox: &Outbox,
    ) {
        self.tools(ui, state, outbox);
        let wanted = self.filter.trim().to_lowercase();
        let shown: Vec<&Criterion> = rubric
            .criteria
            .iter()
            .filter(|criterion| wanted.is_empty() || matches(criterion, &wanted))
            .collect();
        let below = 250.0;
        let height = (ui.available_height() - below).max(120.0);
        self.rows(ui, state, rubric, &shown, height, outbox);
        if shown.is_empty() && !rubric.criteria.is_empty() {
            ui.label(text::weak_label("No criterion matches the filter"));
        }
        ScrollArea::vertical().id_salt("reward").auto_shrink([false, false]).show(ui, |ui| {
            aggregation(ui, state, rubric, outbox);
            super::ranking::show(ui, state, rubric, outbox);
        });
    }

    fn tools(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let row = egui::vec2(ui.available_width(), crate::app::theme::size::CONTROL);
        let right_to_left = egui::Layout::right_to_left(egui::Align::Center);
        ui.allocate_ui_with_layout(row, right_to_left, |ui| {
            let resolved = MenuCommand::Add.resolve(state);
            let keys = keys_of(ui, MenuCommand::Add).unwrap_or_default();
            let tip = format!("Add a criterion after the one selected ({keys})");
            let add = Button::secondary("Add")
                .name("Add criterion")
                .tip(&tip)
                .disabled_because(resolved.as_ref().err().copied());
            if add.show(ui).clicked()
                && let Ok(command) = resolved
            {
                self.filter.clear();
                outbox.send(command);
            }
            let response = Field::new("Filter criteria")
                .hint("Filter by word")
                .hide_label()
                .show(ui, &mut self.filter);
            self.attention.focus(state, &Target::Filter(Area::Rubric), &response);
        });
    }

    fn rows(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        shown: &[&Criterion],
        height: f32,
        outbox: &Outbox,
    ) {
        let selected = state.selection.criterion.as_ref();
        let place = shown.iter().position(|criterion| Some(&criterion.id) == selected);
        if let Some(id) = selected {
            let stem = state.selection.rubric.clone();
            let target = Target::Criterion { stem, id: id.clone(), field: None };
            let list = List::focus_id(ui, NAME);
            self.attention.focus_id(ui, state, &target, list);
        }
        let columns = [
            Column::new("", 34.0),
            Column::new("Criterion", 120.0).grow(1.0),
            Column::new("Scale", 62.0),
            Column::new("Weight", 64.0).right(),
            Column::new("Gate", 58.0),
            Column::new("", 20.0),
        ];
        let problems = self.checked.problems(rubric).to_vec();
        let table = Table::new(NAME, &columns, shown.len()).selected(place).max_height(height);
        let mut rects = Vec::new();
        let happened = table.show(
            ui,
            |row| name_of(shown[row], &problems),
            |ui, row, column| {
                let criterion = shown[row.index];
                if column == 1 {
                    rects.push((criterion.id.clone(), ui.max_rect()));
                }
                cell(ui, criterion, column, &problems);
            },
        );
        for (id, rect) in rects {
            let target =
                Target::Criterion { stem: state.selection.rubric.clone(), id, field: None };
            self.attention.flash(ui, state, &target, rect);
        }
        if let Some(row) = happened.selected {
            outbox.send(GoCommand::Criterion(Some(shown[row].id.clone())));
        }
        if happened.activated.is_some()
            && let Some(id) = selected
        {
            let stem = state.selection.rubric.clone();
            let field = Some(CriterionField::Name);
            outbox.send(GoCommand::To(Target::Criterion { stem, id: id.clone(), field }));
        }
    }
}

fn aggregation(ui: &mut Ui, state: &AppState, rubric: &Rubric, outbox: &Outbox) {
    ui.add_space(space::S);
    section(ui, "One reward from all criteria");
    let locked = editable(state).err();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        // A button goes to the next line whole.
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        for aggregation in Aggregation::iter() {
            let label = aggregation.to_string();
            let name = format!("Aggregation: {label}");
            let button = Button::quiet(&label)
                .name(&name)
                .tip(explain(aggregation))
                .selected(rubric.aggregation == aggregation)
                .disabled_because(locked)
                .compact();
            if button.show(ui).clicked() && rubric.aggregation != aggregation {
                let stem = state.selection.rubric.clone();
                let change = RubricChange::Aggregation(aggregation);
                outbox.send(RubricCommand::Change { stem, change });
            }
        }
    });
    ui.add(egui::Label::new(text::weak_label(explain(rubric.aggregation))).wrap());
}

fn matches(criterion: &Criterion, wanted: &str) -> bool {
    criterion.id.as_str().to_lowercase().contains(wanted)
        || criterion.name.to_lowercase().contains(wanted)
        || criterion.description.to_lowercase().contains(wanted)
}

fn problem_of<'a>(criterion: &Criterion, problems: &'a [Problem]) -> Option<&'a Problem> {
    let id = criterion.id.as_str();
    problems.iter().find(|problem| problem.place.split('.').next() == Some(id))
}

/// The scale in a few letters: `1–5`, `+8`, `−10`.
pub(super) fn scale_words(scale: &Scale) -> String {
    match scale {
        Scale::Levels { .. } => {
            scale.range().map_or(String::new(), |(low, high)| format!("{low}–{high}"))
        }
        Scale::Points(points) if *points < 0.0 => format!("−{} pts", points.abs()),
        Scale::Points(points) => format!("+{points} pts"),
    }
}

fn gate_words(gate: Gate, scale: &Scale) -> String {
    match (gate, scale) {
        (Gate::Off, _) => String::new(),
        (Gate::AtLeast(level), _) => format!("≥ {level}"),
        (Gate::Met, Scale::Points(points)) if *points < 0.0 => "not met".to_owned(),
        (Gate::Met, _) => "met".to_owned(),
    }
}

fn title(criterion: &Criterion) -> &str {
    if criterion.name.trim().is_empty() { "(no name yet)" } else { &criterion.name }
}

fn name_of(criterion: &Criterion, problems: &[Problem]) -> String {
    let mut name = format!(
        "{} {}, scale {}, weight {}",
        criterion.id,
        title(criterion),
        scale_words(&criterion.scale),
        criterion.weight
    );
    let gate = gate_words(criterion.gate, &criterion.scale);
    if !gate.is_empty() {
        name.push_str(", gate ");
        name.push_str(&gate);
    }
    if let Some(problem) = problem_of(criterion, problems) {
        name.push_str(", problem: ");
        name.push_str(&problem.what);
    }
    name
}

fn cell(ui: &mut Ui, criterion: &Criterion, column: usize, problems: &[Problem]) {
    let t = theme::tokens(ui);
    match column {
        0 => {
            ui.label(text::label(criterion.id.as_str()));
        }
        1 => {
            ui.add(egui::Label::new(title(criterion)).truncate());
        }
        2 => {
            ui.label(scale_words(&criterion.scale));
        }
        3 => {
            ui.label(criterion.weight.to_string());
        }
        4 => {
            ui.label(gate_words(criterion.gate, &criterion.scale));
        }
        _ => {
            if let Some(problem) = problem_of(criterion, problems) {
                let colour = if problem.severity == Severity::Error { t.worse } else { t.warning };
                let words = widgets::notice::capitalised(&problem.what);
                ui.label(text::strong("!").color(colour)).on_hover_text(words);
            }
        }
    }
}
