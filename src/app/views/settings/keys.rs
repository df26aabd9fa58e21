//! All shortcuts, from the one table of commands.

use egui::{Grid, Ui};
use strum::IntoEnumIterator as _;

use crate::app::command::LookCommand;
use crate::app::menu_command::{Menu, MenuCommand};
use crate::app::outbox::Outbox;
use crate::app::shortcuts::is_single;
use crate::app::state::{AppState, Area};
use crate::app::theme::{self, size, space, text};
use crate::app::views::chrome::key_words;
use crate::app::widgets::{Field, section};

/// The page's own state.
#[derive(Debug, Default)]
pub(super) struct KeysPage {
    filter: String,
}

impl KeysPage {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        ui.horizontal_wrapped(|ui| {
            let field = Field::new("Filter keys").hide_label().hint("Filter by command or key");
            field.width(260.0).show(ui, &mut self.filter);
            let mut single = state.settings.single_keys;
            if ui.checkbox(&mut single, "Single letters are shortcuts").changed() {
                outbox.send(LookCommand::SingleKeys(single));
            }
        });
        let wanted = self.filter.trim().to_lowercase();
        let mut shown = 0;
        for menu in Menu::iter() {
            let rows: Vec<(MenuCommand, String)> = MenuCommand::all()
                .filter(|command| command.menu() == menu)
                .map(|command| (command, keys_of(ui, command)))
                .filter(|(command, keys)| {
                    let title = command.title_and_tip().0.to_lowercase();
                    !keys.is_empty()
                        && (title.contains(&wanted) || keys.to_lowercase().contains(&wanted))
                })
                .collect();
            if rows.is_empty() {
                continue;
            }
            shown += rows.len();
            section(ui, &menu.to_string());
            table(ui, state, menu, &rows);
        }
        if shown == 0 {
            ui.add_space(space::M);
            ui.label("No shortcut is called so");
        }
        if wanted.is_empty() {
            section(ui, "In lists and tables");
            ui.label("Arrow keys, Page keys, Home and End select; Enter opens; Tab leaves");
        }
    }
}

fn keys_of(ui: &Ui, command: MenuCommand) -> String {
    let keys: Vec<String> = command.shortcuts().iter().map(|keys| key_words(ui, *keys)).collect();
    keys.join("  or  ")
}

fn table(ui: &mut Ui, state: &AppState, menu: Menu, rows: &[(MenuCommand, String)]) {
    let t = theme::tokens(ui);
    let grid = Grid::new(("settings keys", menu.to_string())).num_columns(3).striped(false);
    ui.spacing_mut().interact_size.y = size::LINE;
    grid.min_col_width(190.0).show(ui, |ui| {
        for (command, keys) in rows {
            let (title, tip) = command.title_and_tip();
            ui.label(title.trim_end_matches('…')).on_hover_text(tip);
            let off = !state.settings.single_keys
                && command.shortcuts().iter().all(|keys| is_single(*keys));
            let colour = if off { t.weak } else { t.text };
            let words = if off { format!("{keys} (off)") } else { keys.clone() };
            ui.label(text::mono(words).color(colour));
            ui.label(text::weak_label(where_words(*command)));
            ui.end_row();
        }
    });
}

/// The areas that a command's keys work in; empty for all of them.
fn where_words(command: MenuCommand) -> String {
    let works: Vec<String> =
        Area::iter().filter(|area| command.works_in(*area)).map(|area| area.to_string()).collect();
    if works.len() == Area::iter().count() { String::new() } else { works.join(", ") }
}
