//! A command of an item's editor as a small button, such as “Duplicate” or “Delete”.

use egui::Ui;

use super::chrome::keys_of;
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::widgets::Button;

/// Draws it and sends the command where it is pressed; it is named after the item, too.
pub(super) fn item_action(
    ui: &mut Ui,
    (state, outbox): (&AppState, &Outbox),
    command: MenuCommand,
    label: &str,
    item: &str,
) {
    let resolved = command.resolve(state);
    let keys = keys_of(ui, command).unwrap_or_default();
    let (title, tip) = command.title_and_tip();
    let tip = format!("{tip} ({keys})");
    let name = format!("{title} {item}");
    let button = Button::quiet(label)
        .name(&name)
        .tip(&tip)
        .disabled_because(resolved.as_ref().err().copied())
        .compact();
    if button.show(ui).clicked()
        && let Ok(resolved) = resolved
    {
        outbox.send(resolved);
    }
}
