//! What can be done with a whole document, on its own page: one row of buttons for both kinds.

use egui::Ui;

use crate::app::command::ProjectCommand;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, PathPurpose};
use crate::app::theme::{space, text};
use crate::app::views::document_bar::Asked;
use crate::app::widgets::{Button, layout};

/// Draws the facts and the buttons; `kind` is “constitution” or “rubric”. Gives what was asked.
pub fn show(
    ui: &mut Ui,
    state: &AppState,
    kind: &str,
    facts: &str,
    is_default: bool,
    outbox: &Outbox,
) -> Option<Asked> {
    let locked = editable(state).err();
    let mut asked = None;
    let default = if is_default { "used by default" } else { "not the default" };
    ui.add(egui::Label::new(text::weak_label(format!("{facts} · {default}"))).wrap());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        let already = is_default.then_some("It is the default already");
        for (words, name, what, reason) in [
            ("Use by default", format!("Use this {kind} by default"), Asked::MakeDefault, already),
            ("New", format!("New {kind}"), Asked::New, None),
            ("Duplicate", format!("Duplicate this {kind}"), Asked::Duplicate, None),
            ("Delete", format!("Delete this {kind}"), Asked::Delete, None),
        ] {
            layout::fit(ui, 110.0);
            let button = Button::secondary(words).name(&name).compact();
            if button.disabled_because(locked.or(reason)).show(ui).clicked() {
                asked = Some(what);
            }
        }
        layout::fit(ui, 90.0);
        let import = Button::secondary("Import…")
            .tip("Add one from a file: RON, JSON, JSONL, Markdown or plain text")
            .compact()
            .disabled_because(locked);
        if import.show(ui).clicked() {
            outbox.send(ProjectCommand::AskPath(PathPurpose::Import));
        }
    });
    asked
}
