//! Lines of text that become principles, seen before they are added.

use egui::{ScrollArea, Ui};

use crate::app::command::{ConstitutionCommand, GoCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Sheet};
use crate::app::theme::text;
use crate::app::update::constitution::lines_of;
use crate::app::views::sheets::sheet;
use crate::app::widgets::{Button, Field};

/// The sheet's own state.
#[derive(Debug, Default)]
pub(super) struct PasteSheet {
    typed: String,
    was_open: bool,
}

impl PasteSheet {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        if state.sheet != Some(Sheet::PasteLines) {
            self.was_open = false;
            return;
        }
        sheet(ui, "Paste lines", outbox, |ui| self.content(ui, state, outbox));
    }

    fn content(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let words = "One principle for each line; bullets and numbers are taken off.";
        ui.label(text::weak_label(words));
        let response = ScrollArea::vertical()
            .max_height(320.0)
            .show(ui, |ui| {
                Field::new("Lines")
                    .rows(8)
                    .reading()
                    .hint("- Say what is true\n- Say what you are unsure of")
                    .show(ui, &mut self.typed)
            })
            .inner;
        if !self.was_open {
            self.was_open = true;
            response.request_focus();
        }
        let count = lines_of(&self.typed).count();
        let locked = editable(state).err();
        let empty = (count == 0).then_some("Paste or type at least one line");
        let words = match count {
            0 => "Add principles".to_owned(),
            1 => "Add 1 principle".to_owned(),
            many => format!("Add {many} principles"),
        };
        let command = ui.input(|input| input.modifiers.command);
        let by_keys = command && ui.input(|input| input.key_pressed(egui::Key::Enter));
        ui.horizontal(|ui| {
            let reason = locked.or(empty);
            let add = Button::primary(&words).shortcut("Ctrl+Enter").disabled_because(reason);
            if (add.show(ui).clicked() || by_keys) && reason.is_none() {
                outbox.send(ConstitutionCommand::AddLines(std::mem::take(&mut self.typed)));
                outbox.send(GoCommand::CloseSheet);
            }
            if Button::secondary("Cancel").show(ui).clicked() {
                outbox.send(GoCommand::CloseSheet);
            }
        });
    }
}
