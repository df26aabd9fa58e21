//! The rows that are let through, as a table.

use egui::{Key, Label, Modifiers, RichText, Ui};

use crate::app::command::DataCommand;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::data::{Flags, Reading, RowFacts};
use crate::app::theme::{self, Tokens, text};
use crate::app::widgets::number::score;
use crate::app::widgets::table::cell_box;
use crate::app::widgets::{Button, Column, EmptyState, List, Table};

const NAME: &str = "Rows of the run";

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Number,
    Prompt,
    Chosen,
    Rejected,
    Value,
    Flags,
    Keep,
}

pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let data = &state.data;
    if data.view.is_empty() {
        nothing(ui, state, outbox);
        return;
    }
    let shape = data.shape;
    let (chosen, value) = match (shape.has_pairs, shape.is_judged) {
        (_, true) => ("Chosen", "p"),
        (true, false) => ("Last answer (chosen)", "Reward"),
        (false, false) => ("Answer", "Reward"),
    };
    let rejected = if shape.is_judged { "Rejected" } else { "Draft (rejected)" };
    let mut columns = vec![
        (Cell::Number, Column::new("#", 58.0)),
        (Cell::Prompt, Column::new("Prompt", 110.0).grow(2.0)),
        (Cell::Chosen, Column::new(chosen, 130.0).grow(3.0)),
    ];
    if shape.has_pairs {
        columns.push((Cell::Rejected, Column::new(rejected, 110.0).grow(2.0)));
    }
    if shape.has_values {
        columns.push((Cell::Value, Column::new(value, 76.0).right()));
    }
    columns.push((Cell::Flags, Column::new("Flags", 104.0)));
    columns.push((Cell::Keep, Column::new("Keep", 44.0)));
    let (cells, columns): (Vec<Cell>, Vec<Column<'_>>) = columns.into_iter().unzip();
    let selected = data.selected_in_view();
    keys(ui, state, outbox);
    let facts = |row: usize| &data.facts[data.view[row] as usize];
    let may_change = editable(state).is_ok();
    let t = theme::tokens(ui);
    let table = Table::new(NAME, &columns, data.view.len()).selected(selected);
    let height = (ui.available_height() - 30.0).max(60.0);
    let happened = table.max_height(height).show(
        ui,
        |row| name_of(facts(row)),
        |ui, row, column| {
            let facts = facts(row.index);
            if cells[column] == Cell::Keep {
                keep(ui, facts, may_change, outbox);
            } else {
                ui.add(Label::new(words(facts, cells[column], t)).truncate());
            }
        },
    );
    if let Some(row) = happened.selected {
        outbox.send(DataCommand::Select(facts(row).position));
    }
}

/// Space and Ctrl+A, which are not in the table of commands: text fields have them, too.
fn keys(ui: &Ui, state: &AppState, outbox: &Outbox) {
    if state.sheet.is_some() || ui.ctx().text_edit_focused() || egui::Popup::is_any_open(ui.ctx()) {
        return;
    }
    let list = List::focus_id(ui, NAME);
    let focused = ui.memory(egui::Memory::focused);
    let (space, all) = ui.input_mut(|input| {
        let is_ours = focused.is_none() || focused == Some(list);
        let space = is_ours && input.consume_key(Modifiers::NONE, Key::Space);
        (space, input.consume_key(Modifiers::COMMAND, Key::A))
    });
    if space && let Some(row) = state.data.selected_facts() {
        let is_kept = row.flags.has(Flags::DROPPED);
        outbox.send(DataCommand::Keep { position: row.position, is_kept });
    }
    if all {
        outbox.send(DataCommand::KeepAll);
    }
}

fn keep(ui: &mut Ui, facts: &RowFacts, may_change: bool, outbox: &Outbox) {
    let is_kept = !facts.flags.has(Flags::DROPPED);
    let name = format!("Keep row {}", facts.position + 1);
    let response = ui.add_enabled_ui(may_change, |ui| cell_box(ui, is_kept, &name)).inner;
    if response.clicked() {
        outbox.send(DataCommand::Keep { position: facts.position, is_kept: !is_kept });
    }
}

fn words(facts: &RowFacts, cell: Cell, t: &Tokens) -> RichText {
    let is_dropped = facts.flags.has(Flags::DROPPED);
    let is_failed = facts.flags.has(Flags::FAILED);
    let ink = if is_dropped { t.weak } else { t.text };
    match cell {
        Cell::Number => text::mono((facts.position + 1).to_string()).color(t.weak),
        Cell::Prompt => RichText::new(&facts.prompt).color(ink),
        Cell::Chosen => RichText::new(&facts.chosen).color(if is_failed { t.worse } else { ink }),
        Cell::Rejected => RichText::new(&facts.rejected).color(t.weak),
        Cell::Value => RichText::new(facts.value.map_or_else(String::new, score)).color(ink),
        Cell::Flags => {
            let colour = if is_failed { t.worse } else { t.warning };
            text::label(facts.flags.in_words()).color(colour)
        }
        Cell::Keep => RichText::new(""),
    }
}

fn name_of(facts: &RowFacts) -> String {
    let mut name = format!("Row {}: {}", facts.position + 1, facts.prompt);
    if facts.flags.has(Flags::DROPPED) {
        name.push_str(", dropped");
    }
    let flags = facts.flags.in_words();
    if !flags.is_empty() {
        name.push_str(", ");
        name.push_str(&flags);
    }
    name
}

fn nothing(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let data = &state.data;
    if data.reading == Reading::On {
        ui.label(text::weak_label("Reading the rows…"));
        return;
    }
    if data.facts.is_empty() {
        EmptyState {
            title: "This run has no rows",
            text: "It stopped before its first row was done. Runs says why and how to go on.",
            action: None,
            shortcut: None,
        }
        .show(ui);
        return;
    }
    ui.vertical_centered(|ui| {
        ui.add_space(40.0);
        ui.label(text::heading("No row is let through"));
        ui.label("Clear the search and the filters to see all rows again");
        if Button::secondary("Clear filters").show(ui).clicked() {
            outbox.send(DataCommand::Filter(Box::default()));
        }
    });
}
