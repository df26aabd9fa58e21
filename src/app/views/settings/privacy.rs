//! What leaves this machine, and when it is asked first.

use egui::{Checkbox, Ui};
use strum::IntoEnumIterator as _;

use crate::app::command::HomeCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::models::remote_host;
use crate::app::theme::{self, space, text};
use crate::app::widgets::{Button, card, section};
use crate::domain::ModelRole;

pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    section(ui, "Before the first send");
    card(ui, |ui| {
        let mut ask = state.settings.ask_before_hosts;
        let words = "Ask before anything is sent to a host for the first time";
        if ui.add(Checkbox::new(&mut ask, words)).changed() {
            outbox.send(HomeCommand::AskBeforeHosts(ask));
        }
        ui.label(text::weak_label("This computer's own servers are never asked about"));
        if state.settings.hosts.is_empty() {
            ui.label(text::weak_label("No host has been allowed yet"));
        }
        for host in &state.settings.hosts {
            ui.horizontal(|ui| {
                ui.label(text::mono(host));
                let name = format!("Ask again about {host}");
                if Button::quiet("Ask again").name(&name).compact().show(ui).clicked() {
                    outbox.send(HomeCommand::ForgetHost(host.clone()));
                }
            });
        }
    });
    section(ui, "What leaves this machine in the open project");
    card(ui, |ui| leaves(ui, state));
    section(ui, "What never does");
    card(ui, |ui| {
        for words in [
            "Use is not counted and not reported: the program has no telemetry",
            "Crash reports and logs stay on this computer until you copy them",
            "Keys go to their own host only: never into projects, logs or exports",
            "Replies are shown as text: no picture or link in them is fetched",
        ] {
            bullet(ui, words);
        }
    });
    section(ui, "What else uses the network");
    card(ui, |ui| {
        bullet(ui, "Fetching the starter model or another local one, when you ask for it");
        bullet(ui, "Find local servers and Test in Models, when you press them");
    });
}

fn bullet(ui: &mut Ui, words: &str) {
    ui.horizontal_top(|ui| {
        ui.colored_label(theme::tokens(ui).weak, "·");
        ui.add(egui::Label::new(words).wrap());
    });
}

fn leaves(ui: &mut Ui, state: &AppState) {
    let Some(documents) = state.documents() else {
        ui.label("No project is open, so nothing can be sent.");
        return;
    };
    let t = theme::tokens(ui);
    let models = documents.setup.all_models();
    let mut some = false;
    for role in ModelRole::iter() {
        let name = documents.setup.model_of(role);
        let Some(host) = models.iter().find(|model| model.name == name).and_then(remote_host)
        else {
            continue;
        };
        some = true;
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong(role_words(role)));
            ui.colored_label(t.weak, "to");
            ui.label(text::mono(host));
        });
        ui.label(text::weak_label(sends(role)));
        ui.add_space(space::XS);
    }
    if !some {
        ui.label(text::strong("Nothing"));
        let words = "Every role is played by a model on this computer.";
        ui.add(egui::Label::new(text::weak_label(words)).wrap());
    }
}

fn role_words(role: ModelRole) -> &'static str {
    match role {
        ModelRole::Writer => "Writer",
        ModelRole::Critic => "Critic",
        ModelRole::Reviser => "Reviser",
        ModelRole::Judge => "Judge",
        ModelRole::Teacher => "Teacher",
    }
}

fn sends(role: ModelRole) -> &'static str {
    match role {
        ModelRole::Writer | ModelRole::Teacher => "Prompts",
        ModelRole::Critic => "Prompts, answers and the principle's critique request",
        ModelRole::Reviser => "Prompts, answers, critiques and the principle's revision request",
        ModelRole::Judge => "Prompts, answers, and criteria or principles",
    }
}
