//! The recent projects: a list with one Tab stop, and what can be done with the chosen one.

use egui::Ui;

use super::ago;
use crate::app::command::{HomeCommand, ProjectCommand};
use crate::app::outbox::Outbox;
use crate::app::state::home::Recent;
use crate::app::theme::{self, size, text};
use crate::app::widgets::{Button, List};

/// The list's own state.
#[derive(Debug, Default)]
pub(super) struct RecentView {
    chosen: usize,
}

impl RecentView {
    pub(super) fn show(&mut self, ui: &mut Ui, recents: &[&Recent], outbox: &Outbox) {
        self.chosen = self.chosen.min(recents.len().saturating_sub(1));
        let rows = recents.len().min(5) as f32;
        let happened = List::new("Recent projects", recents.len())
            .row_height(size::ROW_TWO_LINES)
            .selected(Some(self.chosen))
            .max_height(rows * size::ROW_TWO_LINES)
            .show(
                ui,
                |row| {
                    let missing = if recents[row].is_there { "" } else { ", missing" };
                    format!("{}{missing}", recents[row].name())
                },
                |ui, row| line(ui, recents[row.index]),
            );
        if let Some(row) = happened.selected {
            self.chosen = row;
        }
        if let Some(recent) = happened.activated.and_then(|row| recents.get(row)) {
            open(recent, outbox);
        }
        let Some(recent) = recents.get(self.chosen) else { return };
        ui.horizontal_wrapped(|ui| {
            let gone = (!recent.is_there).then_some("No project is at that place any more");
            let opens = Button::secondary("Open").name("Open recent project").compact();
            if opens.disabled_because(gone).show(ui).clicked() {
                open(recent, outbox);
            }
            if !recent.is_there {
                let locate = Button::secondary("Locate…").tip("Say where the folder is now");
                if locate.compact().show(ui).clicked() {
                    outbox.send(HomeCommand::Locate(recent.root.clone()));
                }
            }
            let remove = Button::quiet("Remove from list").tip("The folder stays as it is");
            if remove.compact().show(ui).clicked() {
                outbox.send(HomeCommand::Forget(recent.root.clone()));
            }
        });
    }
}

fn open(recent: &Recent, outbox: &Outbox) {
    if recent.is_there {
        outbox.send(ProjectCommand::Open(recent.root.clone()));
    } else {
        outbox.send(HomeCommand::Locate(recent.root.clone()));
    }
}

fn line(ui: &mut Ui, recent: &Recent) {
    let t = theme::tokens(ui);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if recent.is_there {
            let when = recent.known.edited_ms.max(recent.known.opened_ms);
            ui.label(text::weak_label(ago(when)));
        } else {
            ui.label(text::label("! missing").color(t.warning));
        }
        ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add_space(4.0);
            ui.add(egui::Label::new(recent.name()).truncate());
            let path = recent.root.display().to_string();
            ui.add(egui::Label::new(text::weak_label(path)).truncate());
        });
    });
}
