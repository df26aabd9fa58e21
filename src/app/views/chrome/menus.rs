//! The menu bar, from the table of commands.

use egui::{Ui, vec2};
use strum::IntoEnumIterator as _;

use super::keys_of;
use crate::app::menu_command::{Menu, MenuCommand};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, ThemeChoice};

/// Draws the menus.
pub(super) fn menus(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    for menu in Menu::iter() {
        ui.menu_button(menu.to_string(), |ui| {
            for command in MenuCommand::all().filter(|one| one.menu() == menu) {
                if command.begins_group() {
                    ui.separator();
                }
                item(ui, state, command, outbox);
            }
        });
    }
}

fn item(ui: &mut Ui, state: &AppState, command: MenuCommand, outbox: &Outbox) {
    let (title, tip) = command.title_and_tip();
    let title = match command {
        MenuCommand::Undo => {
            state.history.undo_label().map_or(title.to_owned(), |label| format!("Undo: {label}"))
        }
        MenuCommand::Redo => {
            state.history.redo_label().map_or(title.to_owned(), |label| format!("Redo: {label}"))
        }
        _ => title.to_owned(),
    };
    let resolved = command.resolve(state);
    let is_chosen = match command {
        MenuCommand::ThemeSystem => state.settings.theme == ThemeChoice::System,
        MenuCommand::ThemeLight => state.settings.theme == ThemeChoice::Light,
        MenuCommand::ThemeDark => state.settings.theme == ThemeChoice::Dark,
        MenuCommand::ThemeHighContrast => state.settings.theme == ThemeChoice::HighContrast,
        MenuCommand::ThemeHighContrastLight => {
            state.settings.theme == ThemeChoice::HighContrastLight
        }
        MenuCommand::ReducedMotion => state.settings.reduced_motion,
        MenuCommand::SingleKeys => state.settings.single_keys,
        _ => false,
    };
    let mut button = egui::Button::new(title).min_size(vec2(220.0, 0.0)).selected(is_chosen);
    if let Some(keys) = keys_of(ui, command) {
        button = button.shortcut_text(keys);
    }
    let response = ui.add_enabled(resolved.is_ok(), button);
    match resolved {
        Ok(resolved) => {
            if response.on_hover_text(tip).clicked() {
                outbox.send(resolved);
                ui.close();
            }
        }
        Err(reason) => {
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(reason));
            response.on_disabled_hover_text(reason);
        }
    }
}
