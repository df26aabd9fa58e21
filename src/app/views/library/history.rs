//! History: all edits of this sitting, to go back to one.

use std::fmt::Write as _;

use egui::{Align, Layout, Ui, vec2};

use crate::app::command::LibraryCommand;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::{self, size, text};
use crate::app::views::chrome::local_time;
use crate::app::widgets::{EmptyState, List, badge, number};

/// Draws it; `opens` in the first frame.
pub(super) fn show(ui: &mut Ui, state: &AppState, opens: bool, outbox: &Outbox) {
    let history = &state.history;
    if history.is_empty() {
        EmptyState {
            title: "No edits yet",
            text: "Every edit of a document is listed here while the project is open. A click \
                       goes back to it, and nothing that you leave is lost.",
            action: None,
            shortcut: None,
        }
        .show(ui);
        return;
    }
    let lines = history.lines();
    let aside = lines.iter().filter(|line| line.aside).count() as u64;
    let mut words = number::counted(lines.len() as u64, "edit", "edits");
    if aside > 0 {
        let aside = number::count(aside);
        write!(words, ", {aside} on a way that was left; going there brings it back").ok();
    }
    ui.label(text::weak_label(words));
    if let Err(reason) = editable(state) {
        ui.label(text::weak_label(reason));
    }
    let now = history.current().map(|entry| entry.number);
    let rows = lines.len() + 1;
    let selected =
        now.map_or(Some(lines.len()), |now| lines.iter().position(|line| line.entry.number == now));
    if opens {
        let id = List::focus_id(ui, "Edits, the newest first");
        ui.memory_mut(|memory| memory.request_focus(id));
    }
    let name_of = |row: usize| match lines.get(row) {
        Some(line) => {
            let what = match (line.done, line.aside) {
                (true, _) => "done",
                (false, true) => "left for another way",
                (false, false) => "taken back",
            };
            let at = local_time(line.entry.span.1);
            format!("{}, {}, {at}, {what}", line.entry.label, line.entry.target.area())
        }
        None => "Before the first edit".to_owned(),
    };
    let happened = List::new("Edits, the newest first", rows)
        .row_height(size::ROW)
        .selected(selected)
        .show(ui, name_of, |ui, row| {
            let Some(line) = lines.get(row.index) else {
                ui.label(text::weak_label("As it was opened"));
                return;
            };
            draw(ui, *line, row.selected);
        });
    if let Some(row) = happened.selected {
        let number = lines.get(row).map(|line| line.entry.number);
        outbox.send(LibraryCommand::GoToEdit(number));
    }
}

fn draw(ui: &mut Ui, line: crate::app::history::Line<'_>, is_now: bool) {
    let t = theme::tokens(ui);
    let small = egui::TextStyle::Small.resolve(ui.style());
    let column = |ui: &mut Ui, width: f32, words: &str| {
        let (rect, _) = ui.allocate_exact_size(vec2(width, size::ROW), egui::Sense::hover());
        let at = rect.left_center();
        ui.painter().text(at, egui::Align2::LEFT_CENTER, words, small.clone(), t.weak);
    };
    column(ui, 64.0, &local_time(line.entry.span.1));
    column(ui, 84.0, &line.entry.target.area().to_string());
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        if is_now {
            badge(ui, "now", t.accent, "The documents are as after this edit");
        } else if line.aside {
            badge(ui, "left", t.warning, "You went back and edited on from there");
        } else if !line.done {
            badge(ui, "taken back", t.weak, "Redo leads there");
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let colour = if line.done { t.text } else { t.weak };
            let label = egui::RichText::new(&line.entry.label).color(colour);
            ui.add(egui::Label::new(label).truncate());
        });
    });
}
