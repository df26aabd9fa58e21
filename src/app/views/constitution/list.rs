//! The list of principles.

use egui::{Sense, TextStyle, Ui, vec2};

use crate::app::command::{ConstitutionCommand, GoCommand, PrincipleChange};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Area, Target};
use crate::app::theme::{self, size, text};
use crate::app::views::attention::Attention;
use crate::app::views::chrome::keys_of;
use crate::app::widgets::{self, Button, Field, List};
use crate::domain::{Constitution, Principle, PrincipleId, Problem, Severity};

const NAME: &str = "Principles";

/// The list's own state.
#[derive(Debug, Default)]
pub(super) struct PrincipleList {
    filter: String,
}

/// A line of the list.
enum Line<'a> {
    /// Where the group changes.
    Group(&'a str, usize),
    /// A principle.
    Principle(&'a Principle),
}

impl PrincipleList {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        constitution: &Constitution,
        problems: &[Problem],
        attention: &mut Attention,
        outbox: &Outbox,
    ) {
        self.tools(ui, state, attention, outbox);
        let lines = self.lines(constitution);
        let shown = lines.iter().filter(|line| matches!(line, Line::Principle(_))).count();
        let all = constitution.principles.len();
        let words = if shown == all {
            let enabled = constitution.principles.iter().filter(|p| p.enabled).count();
            format!("{all} principles, {enabled} enabled")
        } else {
            format!("{shown} of {all} principles")
        };
        ui.label(text::weak_label(words));
        let selected = lines.iter().position(|line| match line {
            Line::Principle(principle) => Some(&principle.id) == state.selection.principle.as_ref(),
            Line::Group(..) => false,
        });
        self.take_focus(ui, state, constitution, attention);
        let locked = editable(state).is_err();
        let hues = super::groups(constitution);
        let list = List::new(NAME, lines.len()).row_height(size::ROW + 2.0).selected(selected);
        let mut toggled = None;
        let mut rows = Vec::new();
        let happened = list.show(
            ui,
            |index| name_of(&lines[index], constitution, problems),
            |ui, row| match &lines[row.index] {
                Line::Group(group, count) => heading(ui, group, *count),
                Line::Principle(principle) => {
                    rows.push((principle.id.clone(), ui.max_rect()));
                    let hue = theme::Hue::of_group_in(
                        principle.tags.first().map_or("", String::as_str),
                        &hues,
                    );
                    if draw(ui, principle, hue, problems, locked) {
                        toggled = Some((principle.id.clone(), !principle.enabled));
                    }
                }
            },
        );
        for (id, rect) in rows {
            let stem = state.selection.constitution.clone();
            let target = Target::Principle { stem, id, field: None };
            attention.flash(ui, state, &target, rect.expand2(vec2(8.0, -2.0)));
        }
        if let Some((id, enabled)) = toggled {
            let change = PrincipleChange::Enabled(enabled);
            outbox.send(ConstitutionCommand::Principle { id, change });
        }
        if let Some(id) = happened.selected.and_then(|to| principle_at(&lines, selected, to)) {
            outbox.send(GoCommand::Principle(Some(id)));
        }
        if happened.activated.is_some()
            && let Some(id) = &state.selection.principle
        {
            let stem = state.selection.constitution.clone();
            let field = Some(crate::app::state::PrincipleField::Text);
            outbox.send(GoCommand::To(Target::Principle { stem, id: id.clone(), field }));
        }
        if lines.is_empty() && all > 0 {
            ui.label(text::weak_label("No principle matches the filter"));
        }
    }

    fn tools(&mut self, ui: &mut Ui, state: &AppState, attention: &mut Attention, outbox: &Outbox) {
        let row = egui::vec2(ui.available_width(), crate::app::theme::size::CONTROL);
        let right_to_left = egui::Layout::right_to_left(egui::Align::Center);
        ui.allocate_ui_with_layout(row, right_to_left, |ui| {
            let resolved = MenuCommand::Add.resolve(state);
            let keys = keys_of(ui, MenuCommand::Add).unwrap_or_default();
            let tip = format!("Add a principle after the one selected ({keys})");
            let add = Button::secondary("Add")
                .name("Add principle")
                .tip(&tip)
                .disabled_because(resolved.as_ref().err().copied());
            if add.show(ui).clicked()
                && let Ok(command) = resolved
            {
                self.filter.clear();
                outbox.send(command);
            }
            let response = Field::new("Filter principles")
                .hint("Filter by word or tag")
                .hide_label()
                .show(ui, &mut self.filter);
            attention.focus(state, &Target::Filter(Area::Constitution), &response);
        });
    }

    fn lines<'a>(&self, constitution: &'a Constitution) -> Vec<Line<'a>> {
        let wanted = self.filter.trim().to_lowercase();
        let matching: Vec<&Principle> = constitution
            .principles
            .iter()
            .filter(|principle| wanted.is_empty() || matches(principle, &wanted))
            .collect();
        let grouped = matching.iter().any(|principle| !principle.tags.is_empty());
        let mut lines = Vec::with_capacity(matching.len() + 8);
        let mut group: Option<&str> = None;
        for (index, principle) in matching.iter().enumerate() {
            let own = principle.tags.first().map_or("", String::as_str);
            if grouped && group != Some(own) {
                let count = matching[index..]
                    .iter()
                    .take_while(|next| next.tags.first().map_or("", String::as_str) == own)
                    .count();
                lines.push(Line::Group(own, count));
                group = Some(own);
            }
            lines.push(Line::Principle(principle));
        }
        lines
    }

    /// The list takes the focus when a principle's row shall have it: focus follows the item.
    fn take_focus(
        &mut self,
        ui: &Ui,
        state: &AppState,
        constitution: &Constitution,
        attention: &mut Attention,
    ) {
        let Some(id) = &state.selection.principle else { return };
        let stem = state.selection.constitution.clone();
        let target = Target::Principle { stem, id: id.clone(), field: None };
        if attention.focus_id(ui, state, &target, List::focus_id(ui, NAME)) {
            let hidden = constitution
                .principle(id)
                .is_some_and(|p| !matches(p, &self.filter.trim().to_lowercase()));
            if hidden {
                self.filter.clear();
            }
        }
    }
}

fn matches(principle: &Principle, wanted: &str) -> bool {
    principle.id.as_str().to_lowercase().contains(wanted)
        || principle.title.to_lowercase().contains(wanted)
        || principle.text.to_lowercase().contains(wanted)
        || principle.tags.iter().any(|tag| tag.to_lowercase().contains(wanted))
}

/// The principle at or next to a line, seen in the direction of the movement.
fn principle_at(lines: &[Line<'_>], from: Option<usize>, to: usize) -> Option<PrincipleId> {
    let up = from.is_some_and(|from| to < from);
    let mut order: Vec<usize> = (to..lines.len()).collect();
    let before = (0..to).rev();
    if up {
        order = std::iter::once(to).chain(before).chain(to + 1..lines.len()).collect();
    } else {
        order.extend(before);
    }
    order.into_iter().find_map(|index| match lines.get(index) {
        Some(Line::Principle(principle)) => Some(principle.id.clone()),
        Some(Line::Group(..)) | None => None,
    })
}

fn problem_of<'a>(principle: &Principle, problems: &'a [Problem]) -> Option<&'a Problem> {
    let id = principle.id.as_str();
    problems.iter().find(|problem| {
        problem.place.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

fn name_of(line: &Line<'_>, constitution: &Constitution, problems: &[Problem]) -> String {
    match line {
        Line::Group(group, count) => format!("Group {}, {count}", group_name(group)),
        Line::Principle(principle) => {
            let place = constitution
                .principles
                .iter()
                .position(|one| one.id == principle.id)
                .map_or(0, |place| place + 1);
            let mut name = format!(
                "{} {}, {place} of {}",
                principle.id,
                principle.label(),
                constitution.principles.len()
            );
            if !principle.enabled {
                name.push_str(", disabled");
            }
            if let Some(problem) = problem_of(principle, problems) {
                name.push_str(", problem: ");
                name.push_str(&problem.what);
            }
            name
        }
    }
}

fn group_name(group: &str) -> String {
    if group.is_empty() { "No tag".to_owned() } else { widgets::notice::capitalised(group) }
}

fn heading(ui: &mut Ui, group: &str, count: usize) {
    ui.with_layout(egui::Layout::left_to_right(egui::Align::Max), |ui| {
        ui.label(text::label(group_name(group)).color(theme::tokens(ui).weak));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Max), |ui| {
            ui.label(text::weak_label(count.to_string()));
        });
    });
}

/// Draws a row; true when its check box was clicked.
fn draw(
    ui: &mut Ui,
    principle: &Principle,
    hue: theme::Hue,
    problems: &[Problem],
    locked: bool,
) -> bool {
    let t = theme::tokens(ui);
    ui.spacing_mut().item_spacing.x = 6.0;
    ui.spacing_mut().interact_size.y = 20.0;
    let mut enabled = principle.enabled;
    let name = format!("{} enabled", principle.id);
    let check = ui.add_enabled(!locked, egui::Checkbox::without_text(&mut enabled));
    let clicked = check.accessible_name(name).on_hover_text("Whether runs use it").clicked();
    code(ui, principle.id.as_str(), t.hue(hue));
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if let Some(problem) = problem_of(principle, problems) {
            let colour = if problem.severity == Severity::Error { t.worse } else { t.warning };
            let words = widgets::notice::capitalised(&problem.what);
            ui.label(text::strong("!").color(colour)).on_hover_text(words);
        }
        if (principle.weight - 1.0).abs() > f64::EPSILON {
            let words = format!("×{}", principle.weight);
            ui.label(text::weak_label(words)).on_hover_text("Weight: how often it is drawn");
        }
        let colour = if principle.enabled { t.text } else { t.weak };
        let label = egui::RichText::new(principle.label()).color(colour);
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add(egui::Label::new(label).truncate());
        });
    });
    clicked
}

/// The code with its group's stripe; not a control: the row is.
pub(super) fn code(ui: &mut Ui, code: &str, stripe: egui::Color32) {
    let t = theme::tokens(ui);
    let font = TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(code.to_owned(), font, t.text);
    let wanted = vec2((galley.size().x + 10.0).max(28.0), 20.0);
    let (rect, _) = ui.allocate_exact_size(wanted, Sense::hover());
    let bar = egui::Rect::from_min_size(rect.min + vec2(0.0, 2.0), vec2(3.0, 16.0));
    ui.painter().rect_filled(bar, 1, stripe);
    let at = egui::pos2(rect.left() + 7.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, t.text);
}
