//! The menu bar, from the table of commands.

use egui::{Ui, vec2};
use strum::IntoEnumIterator as _;

use super::keys_of;
use crate::app::menu_command::{Menu, MenuCommand};
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, ThemeChoice, TryMode};

/// Draws the menus.
pub(super) fn menus(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    for menu in Menu::iter() {
        ui.menu_button(menu.to_string(), |ui| {
            // A long menu scrolls in a low window.
            let height = ui.ctx().content_rect().height() - 72.0;
            egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                for command in MenuCommand::all().filter(|one| one.menu() == menu) {
                    if command.begins_group() {
                        ui.separator();
                    }
                    item(ui, state, command, outbox);
                }
            });
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
        MenuCommand::ViewFinal => state.trial.look.mode == TryMode::Final,
        MenuCommand::ViewSteps => state.trial.look.mode == TryMode::Steps,
        MenuCommand::ViewSideBySide => state.trial.look.mode == TryMode::SideBySide,
        MenuCommand::ViewAnswers => state.trial.look.mode == TryMode::Answers,
        MenuCommand::ViewRaw => state.trial.look.mode == TryMode::Raw,
        MenuCommand::ChangesOnly => state.trial.look.changes_only,
        MenuCommand::GreyShared => state.trial.look.grey_shared,
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
