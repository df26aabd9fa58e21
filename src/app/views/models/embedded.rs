//! The starter model: whether it is there, and fetching it in sight of the user.

use egui::Ui;

use crate::app::Outbox;
use crate::app::command::ModelsCommand;
use crate::app::state::EmbeddedState;
use crate::app::theme::text;
use crate::app::widgets::meter::progress;
use crate::app::widgets::{Button, NoticeKind, card, notice, number};

/// Says before the first use what is fetched and how far it is; draws nothing when it is there.
pub fn embedded_card(ui: &mut Ui, embedded: &EmbeddedState, outbox: &Outbox) {
    match embedded {
        EmbeddedState::Unknown | EmbeddedState::Ready { .. } => {}
        EmbeddedState::Missing { .. }
        | EmbeddedState::Fetching { .. }
        | EmbeddedState::Failed { .. } => {
            card(ui, |ui| {
                ui.label(text::strong("The starter model"));
                status(ui, embedded, outbox);
            });
        }
    }
}

/// The state in words, with what can be done about it.
pub(super) fn status(ui: &mut Ui, embedded: &EmbeddedState, outbox: &Outbox) {
    match embedded {
        EmbeddedState::Unknown => {
            ui.label(text::weak_label("Looking for it on this computer…"));
        }
        EmbeddedState::Missing { bytes } => {
            let words = format!(
                "A small language model that runs inside this program, with no key and no account. \
                 It is fetched once ({}) and then works without a network. It is small: good for \
                 seeing how things work, not for making data.",
                number::bytes(*bytes)
            );
            ui.add(egui::Label::new(words).wrap());
            ui.horizontal(|ui| {
                if Button::secondary("Fetch now").show(ui).clicked() {
                    outbox.send(ModelsCommand::Fetch);
                }
                ui.label(text::weak_label("or just run a prompt: it is fetched then"));
            });
        }
        EmbeddedState::Fetching { done, total, from } => {
            let now = ui.input(|input| input.time);
            let rate = rate(ui, *done, now);
            let amount = if *total > 0 {
                format!("{} of {}", number::bytes(*done), number::bytes(*total))
            } else {
                number::bytes(*done)
            };
            let speed = rate.map_or_else(String::new, |rate| {
                format!(", {} a second", number::bytes(rate as u64))
            });
            let part = (*total > 0).then(|| (*done as f64 / *total as f64) as f32);
            progress(
                ui,
                "Fetching the starter model",
                part,
                &format!("{amount}{speed}, from {from}"),
            );
            let stop = Button::secondary("Stop").name("Stop fetching");
            if stop.tip("What came is kept; fetching goes on from there").show(ui).clicked() {
                outbox.send(ModelsCommand::StopFetch);
            }
        }
        EmbeddedState::Ready { place } => {
            let words = "Ready. It runs on this computer; nothing leaves this machine.";
            ui.add(egui::Label::new(words).wrap());
            if !place.is_empty() {
                ui.add(egui::Label::new(text::mono(place)).truncate());
            }
        }
        EmbeddedState::Failed { message, hint } => {
            let title = format!("The starter model could not be fetched: {message}");
            notice(ui, NoticeKind::Failure, &title, hint, |ui| {
                if Button::secondary("Try again").name("Fetch again").show(ui).clicked() {
                    outbox.send(ModelsCommand::Fetch);
                }
            });
        }
    }
}

/// Bytes a second since the fetch was first seen; `None` during its first second.
fn rate(ui: &Ui, done: u64, now: f64) -> Option<f64> {
    let id = egui::Id::unique("starter model fetch");
    let (began, first) = ui.data_mut(|data| {
        let seen = data.get_temp_mut_or_insert_with(id, || (now, done));
        if done < seen.1 {
            // Another fetch began.
            *seen = (now, done);
        }
        *seen
    });
    let elapsed = now - began;
    (elapsed >= 1.0 && done > first).then(|| (done - first) as f64 / elapsed)
}
