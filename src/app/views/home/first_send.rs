//! Before anything is sent to a host for the first time: which host, what, and the choice.

use egui::Context;

use super::{modal, nothing};
use crate::app::command::HomeCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, section};

/// Draws the sheet.
pub(super) fn show(ctx: &Context, state: &AppState, outbox: &Outbox) {
    let Some(held) = &state.home.held else {
        let words = "Nothing waits to be sent.";
        nothing(ctx, "First send", words, outbox);
        return;
    };
    let many = held.hosts.len() > 1;
    let title = if many { "Send to these hosts?" } else { "Send to this host?" };
    modal(
        ctx,
        title,
        520.0,
        outbox,
        |ui| {
            for host in &held.hosts {
                ui.label(text::mono(host));
            }
            ui.add_space(space::XS);
            let words = "This window has not sent anything there yet. This run sends the \
                         prompt, the principles or criteria that it is answered and judged by, \
                         and what models write in between. Your key goes along, nothing else of \
                         the project does.";
            ui.add(egui::Label::new(words).wrap());
            section(ui, "Stay on this computer instead");
            let words = "Let the starter model or a local server play the roles in Settings > \
                         Models.";
            ui.add(egui::Label::new(words).wrap());
        },
        |ui| {
            let allow = Button::primary("Send and remember").tip("It is not asked again");
            if allow.show(ui).clicked() {
                outbox.send(HomeCommand::AllowHosts);
            }
            if Button::secondary("Send nothing").show(ui).clicked() {
                outbox.send(HomeCommand::RefuseHosts);
            }
        },
    );
}
