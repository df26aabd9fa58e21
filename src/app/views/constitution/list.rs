//! The list of principles: grouped, sorted, filtered; picked, moved and folded.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Ui, vec2};
use strum::IntoEnumIterator as _;

use super::list_item::{draw, group_name, heading};
use crate::app::command::{ConstitutionCommand, CopyAs, GoCommand, ListsCommand};
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::lists::{Line, ListLook, Sort, group_of, principle_lines};
use crate::app::state::{AppState, Area, PrincipleField, Selection, Sheet, Target};
use crate::app::theme::{Hue, size, text};
use crate::app::views::attention::Attention;
use crate::app::views::checked::Found;
use crate::app::views::chrome::keys_of;
use crate::app::widgets::{self, Button, Field, List, Picked};
use crate::domain::{Constitution, PrincipleId};

const NAME: &str = "Principles";

/// The list's own state: its lines, made when the document or the look at it changes.
#[derive(Debug, Default)]
pub(super) struct PrincipleList {
    of: Option<(Arc<Constitution>, ListLook)>,
    lines: Arc<Vec<Line>>,
    groups: Arc<Vec<String>>,
    words: String,
    picked_of: Option<Selection>,
    picked: Arc<BTreeSet<usize>>,
    selected: Option<usize>,
}

/// What the list takes to be drawn.
struct Shown<'a> {
    state: &'a AppState,
    constitution: &'a Constitution,
    problems: &'a Found,
    outbox: &'a Outbox,
    lines: Arc<Vec<Line>>,
    groups: Arc<Vec<String>>,
}

impl PrincipleList {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        constitution: &Arc<Constitution>,
        problems: &Found,
        attention: &mut Attention,
        outbox: &Outbox,
    ) {
        self.prepare(state, constitution);
        tools(ui, state, attention, outbox);
        self.order(ui, state, problems, outbox);
        let chosen = state.selection.picked_principles.len();
        if chosen > 1 {
            super::picked::show(ui, state, constitution, outbox);
        }
        take_focus(ui, state, attention);
        let shown = Shown {
            state,
            constitution,
            problems,
            outbox,
            lines: Arc::clone(&self.lines),
            groups: Arc::clone(&self.groups),
        };
        self.rows(ui, &shown, attention);
        if self.lines.is_empty() && !constitution.principles.is_empty() {
            ui.label(text::weak_label("No principle matches the filter"));
        }
    }

    /// Makes lines and marks anew where something changed since the last frame.
    fn prepare(&mut self, state: &AppState, constitution: &Arc<Constitution>) {
        let look = &state.lists.principles;
        let is_same = self
            .of
            .as_ref()
            .is_some_and(|(of, with)| Arc::ptr_eq(of, constitution) && with == look);
        if !is_same {
            let all = constitution.principles.len();
            self.lines = Arc::new(principle_lines(constitution, look));
            self.groups =
                Arc::new(super::groups(constitution).into_iter().map(str::to_owned).collect());
            let shown: usize = self
                .lines
                .iter()
                .map(|line| match line {
                    Line::Item(_) => 1,
                    Line::Group { count, is_folded, .. } => usize::from(*is_folded) * count,
                })
                .sum();
            self.words = if shown == all {
                let off = constitution.principles.iter().filter(|p| !p.enabled).count();
                let noun = if all == 1 { "principle" } else { "principles" };
                match off {
                    0 => format!("{all} {noun}"),
                    off => format!("{all}, {off} disabled"),
                }
            } else {
                format!("{shown} of {all}")
            };
            self.of = Some((Arc::clone(constitution), look.clone()));
            self.picked_of = None;
        }
        if self.picked_of.as_ref() != Some(&state.selection) {
            self.pick(state, constitution);
        }
    }

    fn pick(&mut self, state: &AppState, constitution: &Constitution) {
        let shown = state.selection.principle.as_ref();
        let picked = &state.selection.picked_principles;
        let group = shown.and_then(|id| constitution.principle(id)).map(group_of);
        let mut rows = BTreeSet::new();
        let mut selected = None;
        let mut folded_there = None;
        for (row, line) in self.lines.iter().enumerate() {
            match line {
                Line::Item(place) => {
                    let id = &constitution.principles[*place].id;
                    if Some(id) == shown {
                        selected = Some(row);
                    }
                    if picked.contains(id) {
                        rows.insert(row);
                    }
                }
                Line::Group { name, is_folded: true, .. } if Some(name.as_str()) == group => {
                    folded_there.get_or_insert(row);
                }
                Line::Group { .. } => {}
            }
        }
        // A principle that is folded away is stood for by its group.
        self.selected = selected.or(folded_there);
        self.picked = Arc::new(rows);
        self.picked_of = Some(state.selection.clone());
    }

    /// How many there are, what to look at, and in which order they are shown.
    fn order(&self, ui: &mut Ui, state: &AppState, problems: &Found, outbox: &Outbox) {
        let chosen = state.lists.principles.sort;
        let names: Vec<String> = Sort::iter().map(|sort| sort.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let place = Sort::iter().position(|sort| sort == chosen);
        ui.horizontal(|ui| {
            if let Some(picked) = widgets::choice(ui, "Sort", place, &names, 104.0)
                && let Some(sort) = Sort::iter().nth(picked)
            {
                outbox.send(ListsCommand::Sort(sort));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if !problems.all.is_empty() {
                    let name = format!("{} to look at", problems.all.len());
                    let words = format!("! {}", problems.all.len());
                    let tip = format!("{name}: show everything that is wrong");
                    let button = Button::quiet(&words).name(&name).tip(&tip);
                    if button.compact().show(ui).clicked() {
                        outbox.send(GoCommand::Principle(None));
                    }
                }
                ui.add(egui::Label::new(text::weak_label(&self.words)).truncate());
            });
        });
        if chosen != Sort::Mine {
            let words = "Sorted: choose My order to move principles";
            ui.add(egui::Label::new(text::weak_label(words)).truncate());
        }
    }

    fn rows(&self, ui: &mut Ui, shown: &Shown<'_>, attention: &mut Attention) {
        let Shown { state, constitution, problems, outbox, lines, groups } = shown;
        let is_editable = editable(state).is_ok();
        let movable = is_editable && state.lists.principles.why_fixed().is_none();
        let list = List::new(NAME, lines.len())
            .row_height(size::ROW + 2.0)
            .selected(self.selected)
            .many(&self.picked)
            .movable(movable);
        let names: Vec<&str> = groups.iter().map(String::as_str).collect();
        let mut toggled = None;
        let mut rows = Vec::new();
        let happened = list.show(
            ui,
            |row| name_of(&lines[row], constitution, problems),
            |ui, row| match &lines[row.index] {
                Line::Group { name, count, is_folded, .. } => heading(ui, name, *count, *is_folded),
                Line::Item(place) => {
                    let principle = &constitution.principles[*place];
                    rows.push((principle.id.clone(), ui.max_rect()));
                    let hue = Hue::of_group_in(group_of(principle), &names);
                    if draw(ui, principle, hue, problems, !is_editable) {
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
        if let Some((id, on)) = toggled {
            outbox.send(ConstitutionCommand::EnablePrinciples(vec![id], on));
        }
        self.follow(shown, &happened, is_editable);
    }

    /// What was done with the rows.
    fn follow(&self, shown: &Shown<'_>, happened: &widgets::list::ListResponse, is_editable: bool) {
        let Shown { state, constitution, outbox, lines, .. } = shown;
        if let Some(row) = happened.selected {
            match &lines[row] {
                Line::Group { name, is_folded, .. } if happened.clicked => {
                    outbox.send(ListsCommand::Fold(name.clone(), !is_folded));
                }
                _ => {
                    if let Some(place) = item_at(lines, self.selected, row) {
                        let id = constitution.principles[place].id.clone();
                        outbox.send(GoCommand::Principle(Some(id)));
                    }
                }
            }
        }
        if let Some(picked) = happened.picked {
            let ids = picked_ids(shown, picked);
            if !ids.is_empty() {
                outbox.send(ListsCommand::PickPrinciples(ids));
            }
        }
        let selected = state.selection.principle.as_ref().and_then(|id| constitution.principle(id));
        if happened.activated.is_some()
            && let Some(principle) = selected
        {
            let stem = state.selection.constitution.clone();
            let field = Some(PrincipleField::Text);
            outbox.send(GoCommand::To(Target::Principle { stem, id: principle.id.clone(), field }));
        }
        if happened.toggled.is_some()
            && let Ok(command) = MenuCommand::ToggleEnabled.resolve(state)
        {
            outbox.send(command);
        }
        if let (Some(fold), Some(principle)) = (happened.folded, selected)
            && lines.iter().any(|line| matches!(line, Line::Group { .. }))
        {
            outbox.send(ListsCommand::Fold(group_of(principle).to_owned(), fold));
        }
        if let Some((row, slot)) = happened.dropped {
            drop_at(shown, row, slot);
        }
        if happened.copied {
            outbox.send(ListsCommand::Copy(CopyAs::Markdown));
        }
        if let Some(text) = happened.pasted.clone().filter(|_| is_editable) {
            outbox.send(ConstitutionCommand::AddLines(text));
        }
    }
}

/// The principles that a pick leaves picked, the one to be shown last.
fn picked_ids(shown: &Shown<'_>, picked: Picked) -> Vec<PrincipleId> {
    let Shown { state, constitution, lines, .. } = shown;
    let id_at = |row: &usize| match &lines[*row] {
        Line::Item(place) => Some(constitution.principles[*place].id.clone()),
        Line::Group { .. } => None,
    };
    match picked {
        Picked::All => (0..lines.len()).filter_map(|row| id_at(&row)).collect(),
        Picked::Range(from, to) if from <= to => {
            (from..=to).filter_map(|row| id_at(&row)).collect()
        }
        Picked::Range(from, to) => (to..=from).rev().filter_map(|row| id_at(&row)).collect(),
        Picked::Toggle(row) => {
            let Some(id) = id_at(&row) else { return Vec::new() };
            let mut ids = state.chosen_principles();
            if ids.contains(&id) && ids.len() > 1 {
                ids.retain(|other| other != &id);
            } else {
                ids.retain(|other| other != &id);
                ids.push(id);
            }
            ids
        }
    }
}

/// Puts what was dragged (all that is picked, where it is among them; a whole group, by its
/// heading) where it was dropped.
fn drop_at(shown: &Shown<'_>, row: usize, slot: usize) {
    let Shown { state, constitution, outbox, lines, .. } = shown;
    let ids = match &lines[row] {
        Line::Item(place) => {
            let id = constitution.principles[*place].id.clone();
            let chosen = state.chosen_principles();
            if chosen.contains(&id) && chosen.len() > 1 { chosen } else { vec![id] }
        }
        Line::Group { count, first, .. } => constitution.principles[*first..*first + *count]
            .iter()
            .map(|principle| principle.id.clone())
            .collect(),
    };
    let before = lines.get(slot).map(|line| match line {
        Line::Item(place) => *place,
        Line::Group { first, .. } => *first,
    });
    let before = before.map(|place| constitution.principles[place].id.clone());
    outbox.send(ConstitutionCommand::PlacePrinciples { ids, before });
}

fn tools(ui: &mut Ui, state: &AppState, attention: &mut Attention, outbox: &Outbox) {
    let row = vec2(ui.available_width(), size::CONTROL);
    let right_to_left = egui::Layout::right_to_left(egui::Align::Center);
    ui.allocate_ui_with_layout(row, right_to_left, |ui| {
        let locked = editable(state).err();
        let paste = Button::quiet("Paste…")
            .name("Paste lines…")
            .tip("Add one principle for each line of a list; or paste with the list focused")
            .disabled_because(locked);
        if paste.show(ui).clicked() {
            outbox.send(GoCommand::Open(Sheet::PasteLines));
        }
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
            outbox.send(command);
        }
        let mut filter = state.lists.principles.filter.clone();
        let response = Field::new("Filter principles")
            .hint("Filter by word or tag")
            .hide_label()
            .show(ui, &mut filter);
        attention.focus(state, &Target::Filter(Area::Constitution), &response);
        if response.changed() {
            outbox.send(ListsCommand::FilterPrinciples(filter));
        }
    });
}

/// The list takes the focus when a principle's row shall have it: focus follows the item.
fn take_focus(ui: &Ui, state: &AppState, attention: &mut Attention) {
    let Some(id) = &state.selection.principle else { return };
    let stem = state.selection.constitution.clone();
    let target = Target::Principle { stem, id: id.clone(), field: None };
    attention.focus_id(ui, state, &target, List::focus_id(ui, NAME));
}

/// The place of the principle at or next to a line, seen in the direction of the movement.
fn item_at(lines: &[Line], from: Option<usize>, to: usize) -> Option<usize> {
    let place = |row: &usize| match lines.get(*row) {
        Some(Line::Item(place)) => Some(*place),
        Some(Line::Group { .. }) | None => None,
    };
    let up = from.is_some_and(|from| to < from);
    if up {
        (0..=to)
            .rev()
            .find_map(|row| place(&row))
            .or_else(|| (to..lines.len()).find_map(|row| place(&row)))
    } else {
        (to..lines.len())
            .find_map(|row| place(&row))
            .or_else(|| (0..to).rev().find_map(|row| place(&row)))
    }
}

fn name_of(line: &Line, constitution: &Constitution, problems: &Found) -> String {
    match line {
        Line::Group { name, count, is_folded, .. } => {
            let folded = if *is_folded { ", folded" } else { "" };
            format!("Group {}, {count}{folded}", group_name(name))
        }
        Line::Item(place) => {
            let principle = &constitution.principles[*place];
            let mut name = format!(
                "{} {}, {} of {}",
                principle.id,
                principle.label(),
                place + 1,
                constitution.principles.len()
            );
            if !principle.enabled {
                name.push_str(", disabled");
            }
            if let Some(problem) = problems.of(principle.id.as_str()).next() {
                name.push_str(", problem: ");
                name.push_str(&problem.what);
            }
            name
        }
    }
}
