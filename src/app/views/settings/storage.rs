//! What is kept where, and how much room it takes.

use egui::Ui;

use crate::app::Command;
use crate::app::command::HomeCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::{size, space, text};
use crate::app::widgets::{Button, card, number};

pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(storage) = &state.home.storage else {
        ui.label(text::weak_label("Measuring…"));
        return;
    };
    for place in &storage.places {
        card(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(text::strong(place.name));
                ui.label(text::weak_label(place.what));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.label(match place.bytes {
                        Some(bytes) => number::bytes(bytes),
                        None => "nothing yet".to_owned(),
                    });
                });
            });
            ui.horizontal(|ui| {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let copy = format!("Copy the path of {}", place.name.to_lowercase());
                    if Button::quiet("Copy path").name(&copy).compact().show(ui).clicked() {
                        outbox.send(Command::Copy(place.path.display().to_string()));
                    }
                    let open = format!("Open the folder of {}", place.name.to_lowercase());
                    let gone = place.bytes.is_none().then_some("There is nothing yet");
                    let button = Button::quiet("Open folder").name(&open).compact();
                    if button.disabled_because(gone).show(ui).clicked() {
                        outbox.send(HomeCommand::OpenFolder(place.path.clone()));
                    }
                    ui.allocate_ui_with_layout(
                        egui::vec2(ui.available_width(), size::LINE),
                        egui::Layout::left_to_right(egui::Align::Center),
                        |ui| {
                            let path = place.path.display().to_string();
                            ui.add(egui::Label::new(text::mono(&path)).truncate())
                                .on_hover_text(path);
                        },
                    );
                });
            });
        });
        ui.add_space(space::XS);
    }
}
