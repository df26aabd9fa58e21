//! The keys: those of this screen first, then those that work everywhere.

use egui::{Grid, ScrollArea, Ui};
use strum::IntoEnumIterator as _;

use crate::app::menu_command::{Menu, MenuCommand};
use crate::app::shortcuts::is_single;
use crate::app::state::AppState;
use crate::app::theme::{size, space, text};
use crate::app::views::chrome::key_words;
use crate::app::widgets::section;

/// Width of the column of keys.
const KEYS: f32 = 168.0;

/// A heading and what is below it.
struct Part {
    name: String,
    commands: Vec<MenuCommand>,
}

/// Draws them.
pub(super) fn show(ui: &mut Ui, state: &AppState) {
    ui.label(text::weak_label(
        "Single keys work while no text is being typed. Arrows, Home and End move through a list, \
         Tab leaves it.",
    ));
    let parts = parts(state);
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        let wide = ui.available_width() >= 640.0;
        if !wide {
            for part in &parts {
                draw(ui, part);
            }
            return;
        }
        // Two columns of about the same length.
        let total: usize = parts.iter().map(|part| part.commands.len() + 2).sum();
        let mut left = 0;
        let mut split = parts.len();
        for (place, part) in parts.iter().enumerate() {
            if left >= total / 2 {
                split = place;
                break;
            }
            left += part.commands.len() + 2;
        }
        ui.columns(2, |columns| {
            for part in &parts[..split] {
                draw(&mut columns[0], part);
            }
            for part in &parts[split..] {
                draw(&mut columns[1], part);
            }
        });
    });
}

fn parts(state: &AppState) -> Vec<Part> {
    let with_keys: Vec<MenuCommand> = MenuCommand::all()
        .filter(|command| !command.shortcuts().is_empty() && command.works_in(state.area))
        .collect();
    let here = |command: &MenuCommand| is_of_this_screen(state, *command);
    let mut parts = vec![Part {
        name: format!("On this screen: {}", state.area),
        commands: with_keys.iter().copied().filter(here).collect(),
    }];
    for menu in Menu::iter() {
        let commands: Vec<MenuCommand> = with_keys
            .iter()
            .copied()
            .filter(|command| command.menu() == menu && !here(command))
            .collect();
        parts.push(Part { name: format!("Everywhere: {menu}"), commands });
    }
    parts.retain(|part| !part.commands.is_empty());
    parts
}

/// Whether a command is about what this screen shows: bound to some areas, or to a single key
/// (or moving an item), and not refused because of the screen.
fn is_of_this_screen(state: &AppState, command: MenuCommand) -> bool {
    let refused = command.resolve(state).is_err_and(|reason| reason.ends_with("on this screen"));
    // Alt with an arrow or a corner moves the item selected.
    let moves = |keys: &egui::KeyboardShortcut| keys.modifiers.alt && command.menu() == Menu::Edit;
    let is_about_items = command.menu() != Menu::Help
        && command.shortcuts().iter().any(|keys| is_single(*keys) || moves(keys));
    !refused && (!command.entry().areas.is_empty() || is_about_items)
}

fn draw(ui: &mut Ui, part: &Part) {
    section(ui, &part.name);
    ui.spacing_mut().interact_size.y = size::LINE;
    let grid = Grid::new(&part.name).num_columns(2).min_col_width(KEYS);
    grid.spacing([space::L, space::XS]).show(ui, |ui| {
        for command in &part.commands {
            let keys: Vec<String> =
                command.shortcuts().iter().map(|keys| key_words(ui, *keys)).collect();
            ui.label(text::mono(keys.join("  ")));
            ui.label(command.title_and_tip().0.trim_end_matches('…'))
                .on_hover_text(command.title_and_tip().1);
            ui.end_row();
        }
    });
    ui.add_space(space::S);
}
