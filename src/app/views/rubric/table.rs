//! The criteria as a table: picked, moved, filtered.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::Ui;

use super::RubricView;
use crate::app::command::{CopyAs, GoCommand, ListsCommand, RubricCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::lists::{ListLook, criterion_lines};
use crate::app::state::{AppState, Area, CriterionField, Target};
use crate::app::theme::{self, size, space, text};
use crate::app::views::checked::Found;
use crate::app::views::chrome::keys_of;
use crate::app::widgets::{self, Button, Column, Field, List, Picked, Table};
use crate::domain::{Criterion, CriterionId, Gate, Rubric, Scale, Severity};

const NAME: &str = "Criteria";

/// From this width on, points and checks have columns of their own, in points.
const WIDE: f32 = 470.0;

/// The places of the criteria shown; made when the rubric or the filter changes.
#[derive(Debug, Default)]
pub(super) struct Lines {
    of: Option<(Arc<Rubric>, ListLook)>,
    lines: Arc<Vec<usize>>,
}

impl Lines {
    fn of(&mut self, rubric: &Arc<Rubric>, look: &ListLook) -> Arc<Vec<usize>> {
        let is_known =
            self.of.as_ref().is_some_and(|(of, with)| Arc::ptr_eq(of, rubric) && with == look);
        if !is_known {
            self.lines = Arc::new(criterion_lines(rubric, look));
            self.of = Some((Arc::clone(rubric), look.clone()));
        }
        Arc::clone(&self.lines)
    }
}

/// What a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Code,
    Name,
    Points,
    Kind,
    Scale,
    Weight,
    Gate,
    Checks,
    Mark,
}

impl RubricView {
    pub(super) fn table(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        height: f32,
        outbox: &Outbox,
    ) {
        self.tools(ui, state, outbox);
        if state.selection.picked_criteria.len() > 1 {
            picked(ui, state, outbox);
        }
        let lines = self.lines.of(rubric, &state.lists.criteria);
        self.rows(ui, state, rubric, &lines, height, outbox);
        if lines.is_empty() && !rubric.criteria.is_empty() {
            ui.label(text::weak_label("No criterion matches the filter"));
        }
    }

    fn tools(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let row = egui::vec2(ui.available_width(), size::CONTROL);
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
                outbox.send(command);
            }
            let mut filter = state.lists.criteria.filter.clone();
            let response = Field::new("Filter criteria")
                .hint("Filter by word")
                .hide_label()
                .show(ui, &mut filter);
            self.attention.focus(state, &Target::Filter(Area::Rubric), &response);
            if response.changed() {
                outbox.send(ListsCommand::FilterCriteria(filter));
            }
        });
    }

    fn rows(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        lines: &[usize],
        height: f32,
        outbox: &Outbox,
    ) {
        let selected = state.selection.criterion.as_ref();
        let at = |row: usize| &rubric.criteria[lines[row]];
        let row_of = |id: &CriterionId| lines.iter().position(|n| &rubric.criteria[*n].id == id);
        if let Some(id) = selected {
            let stem = state.selection.rubric.clone();
            let target = Target::Criterion { stem, id: id.clone(), field: None };
            let list = List::focus_id(ui, NAME);
            self.attention.focus_id(ui, state, &target, list);
        }
        let picked: BTreeSet<usize> =
            state.selection.picked_criteria.iter().filter_map(row_of).collect();
        let (columns, cells) = columns(ui.available_width());
        let problems = self.checked.problems(rubric, Rubric::problems);
        let is_editable = editable(state).is_ok();
        let table = Table::new(NAME, &columns, lines.len())
            .selected(selected.and_then(row_of))
            .many(&picked)
            .movable(is_editable && state.lists.criteria.why_fixed().is_none())
            .max_height(height);
        let mut rects = Vec::new();
        let happened = table.show(
            ui,
            |row| name_of(at(row), &problems),
            |ui, row, column| {
                let criterion = at(row.index);
                if column == 1 {
                    rects.push((criterion.id.clone(), ui.max_rect()));
                }
                cell(ui, criterion, cells[column], &problems);
            },
        );
        for (id, rect) in rects {
            let target =
                Target::Criterion { stem: state.selection.rubric.clone(), id, field: None };
            self.attention.flash(ui, state, &target, rect);
        }
        if let Some(row) = happened.selected {
            outbox.send(GoCommand::Criterion(Some(at(row).id.clone())));
        }
        if let Some(asked) = happened.picked {
            let ids = picked_ids(state, asked, lines.len(), |row| at(row).id.clone());
            outbox.send(ListsCommand::PickCriteria(ids));
        }
        if let Some((row, slot)) = happened.dropped {
            let id = at(row).id.clone();
            let chosen = state.chosen_criteria();
            let ids = if chosen.contains(&id) && chosen.len() > 1 { chosen } else { vec![id] };
            let before = lines.get(slot).map(|place| rubric.criteria[*place].id.clone());
            outbox.send(RubricCommand::PlaceCriteria { ids, before });
        }
        if happened.copied {
            outbox.send(ListsCommand::Copy(CopyAs::Markdown));
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

/// The criteria that a pick leaves picked, the one to be shown last.
fn picked_ids(
    state: &AppState,
    picked: Picked,
    rows: usize,
    id_at: impl Fn(usize) -> CriterionId,
) -> Vec<CriterionId> {
    match picked {
        Picked::All => (0..rows).map(id_at).collect(),
        Picked::Range(from, to) if from <= to => (from..=to).map(id_at).collect(),
        Picked::Range(from, to) => (to..=from).rev().map(id_at).collect(),
        Picked::Toggle(row) => {
            let id = id_at(row);
            let mut ids = state.chosen_criteria();
            let was_picked = ids.contains(&id) && ids.len() > 1;
            ids.retain(|other| other != &id);
            if !was_picked {
                ids.push(id);
            }
            ids
        }
    }
}

/// What can be done with several criteria at once.
fn picked(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let count = state.selection.picked_criteria.len();
        ui.label(text::label(format!("{count} picked")));
        for (command, words) in
            [(MenuCommand::Duplicate, "Duplicate"), (MenuCommand::Delete, "Delete")]
        {
            let resolved = command.resolve(state);
            widgets::layout::fit(ui, 86.0);
            let name = format!("{words} the picked ones");
            let reason = resolved.as_ref().err().copied();
            let button = Button::quiet(words).name(&name).compact().disabled_because(reason);
            if button.show(ui).clicked()
                && let Ok(command) = resolved
            {
                outbox.send(command);
            }
        }
        widgets::layout::fit(ui, 60.0);
        let copy = ui.menu_button("Copy", |ui| {
            for form in [CopyAs::Markdown, CopyAs::Json, CopyAs::Csv] {
                if Button::quiet(&format!("Copy as {form}")).show(ui).clicked() {
                    outbox.send(ListsCommand::Copy(form));
                    ui.close();
                }
            }
        });
        copy.response.accessible_name("Copy the picked ones");
    });
}

fn columns(width: f32) -> (Vec<Column<'static>>, Vec<Cell>) {
    let all: Vec<(Column<'static>, Cell)> = if width >= WIDE {
        vec![
            (Column::new("", 34.0), Cell::Code),
            (Column::new("Criterion", 100.0).grow(1.0), Cell::Name),
            (Column::new("Pts", 44.0), Cell::Points),
            (Column::new("Type", 54.0), Cell::Kind),
            (Column::new("Weight", 54.0), Cell::Weight),
            (Column::new("Gate", 56.0), Cell::Gate),
            (Column::new("Checks", 92.0), Cell::Checks),
        ]
    } else {
        vec![
            (Column::new("", 34.0), Cell::Code),
            (Column::new("Criterion", 90.0).grow(1.0), Cell::Name),
            (Column::new("Scale", 58.0), Cell::Scale),
            (Column::new("Weight", 52.0), Cell::Weight),
            (Column::new("Gate", 54.0), Cell::Gate),
            (Column::new("", 20.0), Cell::Mark),
        ]
    };
    all.into_iter().unzip()
}

/// The scale in a few letters: `1–5`, `+8 pts`, `−10 pts`.
pub(super) fn scale_words(scale: &Scale) -> String {
    match scale {
        Scale::Levels { .. } => {
            scale.range().map_or(String::new(), |(low, high)| format!("{low}–{high}"))
        }
        Scale::Points(_) => format!("{} pts", points_words(scale)),
    }
}

fn points_words(scale: &Scale) -> String {
    match scale {
        Scale::Levels { .. } => String::new(),
        Scale::Points(points) if *points < 0.0 => format!("−{}", points.abs()),
        Scale::Points(points) => format!("+{points}"),
    }
}

fn kind_words(scale: &Scale) -> String {
    match scale {
        Scale::Levels { .. } => scale_words(scale),
        Scale::Points(_) => "yes/no".to_owned(),
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

/// What the checks say in a few words, and whether all is well.
fn check_words(criterion: &Criterion, problems: &Found) -> (String, Option<Severity>) {
    let Some(problem) = problems.of(criterion.id.as_str()).next() else {
        return ("ok".to_owned(), None);
    };
    let anchors = match &criterion.scale {
        Scale::Levels { anchors, .. } => anchors.as_slice(),
        Scale::Points(_) => &[],
    };
    let written = anchors.iter().filter(|anchor| !anchor.trim().is_empty()).count();
    if problem.severity == Severity::Warning && written < anchors.len() {
        return (format!("anchors {written}/{}", anchors.len()), Some(Severity::Warning));
    }
    ("! look".to_owned(), Some(problem.severity))
}

fn title(criterion: &Criterion) -> &str {
    if criterion.name.trim().is_empty() { "(no name yet)" } else { &criterion.name }
}

fn name_of(criterion: &Criterion, problems: &Found) -> String {
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
    if let Some(problem) = problems.of(criterion.id.as_str()).next() {
        name.push_str(", problem: ");
        name.push_str(&problem.what);
    }
    name
}

fn cell(ui: &mut Ui, criterion: &Criterion, cell: Cell, problems: &Found) {
    let t = theme::tokens(ui);
    match cell {
        Cell::Code => {
            ui.label(text::label(criterion.id.as_str()));
        }
        Cell::Name => {
            ui.add(egui::Label::new(title(criterion)).truncate());
        }
        Cell::Points => {
            ui.label(points_words(&criterion.scale));
        }
        Cell::Kind => {
            ui.label(kind_words(&criterion.scale));
        }
        Cell::Scale => {
            ui.label(scale_words(&criterion.scale));
        }
        Cell::Weight => {
            ui.label(((criterion.weight * 100.0).round() / 100.0).to_string());
        }
        Cell::Gate => {
            ui.label(gate_words(criterion.gate, &criterion.scale));
        }
        Cell::Checks | Cell::Mark => {
            let (words, severity) = check_words(criterion, problems);
            let colour = match severity {
                None => t.weak,
                Some(Severity::Warning) => t.warning,
                Some(Severity::Error) => t.worse,
            };
            let words = match (cell, severity) {
                (Cell::Mark, None) => return,
                (Cell::Mark, Some(_)) => "!".to_owned(),
                _ => words,
            };
            let response = ui.label(text::label(words).color(colour));
            if let Some(problem) = problems.of(criterion.id.as_str()).next() {
                response.on_hover_text(widgets::notice::capitalised(&problem.what));
            }
        }
    }
}
