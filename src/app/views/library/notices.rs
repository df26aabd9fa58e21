//! Notices: what happened and what failed, the newest first, with what can be done about it.

use egui::{ScrollArea, Ui};

use crate::app::command::{Command, GoCommand, LibraryCommand};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Notice};
use crate::app::theme::{space, text};
use crate::app::views::chrome::{action_of, action_words, local_time, mark_of, sentence};
use crate::app::widgets::notice::capitalised;
use crate::app::widgets::{Button, EmptyState, notice, number};

/// Draws them.
pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    if state.notices.is_empty() {
        EmptyState {
            title: "Nothing happened yet",
            text: "What is done, what needs a look and what fails is listed here, and stays until \
                   you dismiss it.",
            action: None,
            shortcut: None,
        }
        .show(ui);
        return;
    }
    ui.horizontal(|ui| {
        let n = state.notices_to_look_at() as u64;
        let words = match n {
            0 => "Nothing needs a look".to_owned(),
            n => format!("{} to look at", number::count(n)),
        };
        ui.label(text::weak_label(words));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if Button::quiet("Dismiss all").compact().show(ui).clicked() {
                outbox.send(LibraryCommand::DismissAll);
            }
        });
    });
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        for one in state.notices.iter().rev() {
            ui.push_id(one.number, |ui| line(ui, state, one, outbox));
        }
    });
}

fn line(ui: &mut Ui, state: &AppState, one: &Notice, outbox: &Outbox) {
    let title = sentence(&one.text);
    let detail = capitalised(&one.hint);
    notice(ui, mark_of(one.kind), &title, &detail, |ui| {
        if let Some(command) = action_of(state, one) {
            let words = action_words(command);
            let name = format!("{words}: {title}");
            if Button::secondary(words).name(&name).compact().show(ui).clicked()
                && let Ok(resolved) = command.resolve(state)
            {
                outbox.send(GoCommand::CloseSheet);
                outbox.send(resolved);
            }
        }
        let name = format!("Copy: {title}");
        if Button::quiet("Copy").name(&name).compact().show(ui).clicked() {
            outbox.send(Command::Copy(format!("{title}\n{detail}").trim().to_owned()));
        }
        let name = format!("Dismiss: {title}");
        if Button::quiet("Dismiss").name(&name).compact().show(ui).clicked() {
            outbox.send(GoCommand::Dismiss(one.number));
        }
        ui.label(text::weak_label(local_time(one.at)));
    });
}
