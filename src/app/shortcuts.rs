//! Keys: matched all together, most modifiers first, before any view is drawn.

use egui::{Context, Key, KeyboardShortcut, Modifiers};

use super::menu_command::MenuCommand;
use super::state::AppState;
use super::widgets::field::focused_text;

/// The commands whose keys were pressed in this frame; their key events are taken out of the
/// input, so that no view sees them.
pub fn take_pressed(ctx: &Context, state: &AppState) -> Vec<MenuCommand> {
    let mut all: Vec<(KeyboardShortcut, MenuCommand)> = MenuCommand::all()
        .filter(|command| command.works_in(state.area))
        .filter(|command| state.sheet.is_none() || works_over_sheets(*command))
        .flat_map(|command| command.shortcuts().into_iter().map(move |keys| (keys, command)))
        .collect();
    // Otherwise Ctrl+Z would eat Ctrl+Shift+Z.
    all.sort_by_key(|(keys, _)| std::cmp::Reverse(weight(keys.modifiers)));
    let typing = ctx.text_edit_focused();
    let popup = egui::Popup::is_any_open(ctx);
    let local = if typing { field_history(ctx) } else { (false, false) };
    let mut pressed = Vec::new();
    for (keys, command) in all {
        if is_single(keys) && (typing || popup || !state.settings.single_keys) {
            continue;
        }
        // The field takes back its own typing first, as long as it can.
        let own = match command {
            MenuCommand::Undo => local.0,
            MenuCommand::Redo => local.1,
            _ => false,
        };
        if own || (is_arrow(keys) && command.resolve(state).is_err()) {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&keys)) && !pressed.contains(&command) {
            pressed.push(command);
        }
    }
    pressed
}

/// Whether a key works only while no text is being typed. Function keys are never typed.
pub fn is_single(keys: KeyboardShortcut) -> bool {
    keys.modifiers == Modifiers::NONE && !is_function(keys.logical_key)
}

fn is_function(key: Key) -> bool {
    (Key::F1..=Key::F35).contains(&key)
}

/// An arrow moves through a list, unless a command takes it just now.
fn is_arrow(keys: KeyboardShortcut) -> bool {
    use Key::{ArrowDown, ArrowLeft, ArrowRight, ArrowUp};
    keys.modifiers == Modifiers::NONE
        && matches!(keys.logical_key, ArrowDown | ArrowLeft | ArrowRight | ArrowUp)
}

fn weight(modifiers: Modifiers) -> u32 {
    u32::from(modifiers.alt)
        + u32::from(modifiers.shift)
        + u32::from(modifiers.ctrl || modifiers.command || modifiers.mac_cmd)
}

fn works_over_sheets(command: MenuCommand) -> bool {
    matches!(
        command,
        MenuCommand::Quit | MenuCommand::ZoomIn | MenuCommand::ZoomOut | MenuCommand::ZoomReset
    )
}

/// Whether the text field that has focus can undo and redo by itself.
fn field_history(ctx: &Context) -> (bool, bool) {
    let Some((id, text)) = focused_text(ctx) else { return (false, false) };
    let Some(field) = egui::text_edit::TextEditState::load(ctx, id) else {
        return (false, false);
    };
    let Some(range) = field.cursor.char_range() else { return (false, false) };
    let now = (range, text);
    let undoer = field.undoer();
    let mut copy = undoer.clone();
    let goes_back = copy.undo(&now).is_some_and(|before| before.1 != now.1);
    (goes_back, undoer.has_redo(&now))
}

/// Has the field that has focus forget its own history: its text was changed from outside, and
/// its undo would bring the old text back.
pub fn forget_field_history(ctx: &Context) {
    let Some(id) = ctx.memory(egui::Memory::focused) else { return };
    if let Some(mut field) = egui::text_edit::TextEditState::load(ctx, id) {
        field.clear_undoer();
        field.store(ctx, id);
    }
}
