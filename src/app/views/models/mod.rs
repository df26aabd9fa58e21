//! Models: who answers, where, with which key, and what each can do.

mod draft;
mod embedded;
mod limits;
mod prices;

use std::fmt::Write as _;

use egui::{ScrollArea, Ui};
use secrecy::SecretString;
use strum::IntoEnumIterator as _;

use crate::app::Outbox;
use crate::app::command::{GoCommand, ModelsCommand};
use crate::app::menu_command::editable;
use crate::app::state::models::ServersState;
use crate::app::state::{AppState, KeySource, ProbeState};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::{
    Button, Column, Field, NoticeKind, Table, badge, card, choice, notice, number, section,
};
use crate::domain::{ModelEntry, ModelKind, ModelRole};

pub use embedded::embedded_card;

/// The screen's own state.
#[derive(Default)]
pub struct ModelsView {
    /// A key being typed, for which model; gone when another is chosen.
    key: (String, String),
    draft: draft::DraftForm,
}

impl std::fmt::Debug for ModelsView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A key that is being typed must not be printed.
        f.debug_struct("ModelsView").finish_non_exhaustive()
    }
}

impl ModelsView {
    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let frame = theme::area_frame(theme::tokens(ui));
        egui::CentralPanel::default().frame(frame).show(ui, |ui| {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                ui.set_max_width(ui.available_width().min(1040.0));
                self.contents(ui, state, outbox);
                ui.add_space(space::XL);
            });
        });
    }

    fn contents(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let why_not = editable(state).err();
        ui.horizontal(|ui| {
            ui.label(text::title("Models"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let add = Button::secondary("Add model…").shortcut("Ctrl+N");
                if add.disabled_because(why_not).show(ui).clicked() {
                    outbox.send(ModelsCommand::BeginNew);
                }
                let looking = (state.models.servers == ServersState::Looking)
                    .then_some("Looking for servers")
                    .or(why_not);
                let find = Button::secondary("Find local servers")
                    .tip("Asks the usual ports of Ollama, LM Studio, llama.cpp and vLLM");
                if find.disabled_because(looking).show(ui).clicked() {
                    outbox.send(ModelsCommand::FindServers);
                }
            });
        });
        let Some(documents) = state.documents() else {
            let empty = crate::app::widgets::EmptyState {
                title: "No project is open",
                text: "Models and roles belong to a project.",
                action: Some("Open the sample project"),
                shortcut: None,
            };
            if empty.show(ui) {
                outbox.send(crate::app::command::ProjectCommand::OpenSample);
            }
            return;
        };
        let models = documents.setup.all_models();
        if state.models.draft.is_some() {
            self.draft.show(ui, state, outbox);
            ui.add_space(space::S);
        }
        roles(ui, state, &models, outbox);
        section(ui, "All models");
        let chosen = table(ui, state, &models, outbox);
        if let Some(model) = chosen.filter(|_| state.models.draft.is_none()) {
            self.detail(ui, state, model, outbox);
        }
        servers(ui, state, outbox);
        ui.add_space(space::S);
        limits::limits(ui, state, outbox);
    }

    fn detail(&mut self, ui: &mut Ui, state: &AppState, model: &ModelEntry, outbox: &Outbox) {
        ui.add_space(space::M);
        let why_not = editable(state).err();
        let starter = model.name == ModelEntry::EMBEDDED && model.model.is_empty();
        card(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(text::heading(shown(&model.name)));
                ui.label(text::weak_label(place_of(model)));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let always = starter.then_some("The starter model is always there").or(why_not);
                    let remove =
                        Button::quiet("Remove").name("Remove model").disabled_because(always);
                    if remove.show(ui).clicked() {
                        outbox.send(ModelsCommand::Delete(model.name.clone()));
                    }
                    let edit =
                        Button::secondary("Edit…").name("Edit model").disabled_because(always);
                    if edit.show(ui).clicked() {
                        outbox.send(ModelsCommand::BeginEdit(model.name.clone()));
                    }
                    let busy =
                        matches!(state.models.probes.get(&model.name), Some(ProbeState::Running))
                            .then_some("The test is running");
                    let test = Button::secondary("Test").name("Test model");
                    let test = test.tip(
                        "Asks it a few short questions: does it reply, in which \
                        forms, with log-probabilities, and how fast",
                    );
                    if test.disabled_because(busy).show(ui).clicked() {
                        outbox.send(ModelsCommand::Probe(model.name.clone()));
                    }
                });
            });
            if starter {
                embedded::status(ui, &state.models.embedded, outbox);
            }
            if model.kind != ModelKind::Embedded {
                self.key(ui, state, model, outbox);
            }
            probe(ui, state, model);
        });
    }

    fn key(&mut self, ui: &mut Ui, state: &AppState, model: &ModelEntry, outbox: &Outbox) {
        section(ui, "Key");
        let source = state.models.keys.get(&model.name);
        let words = match source {
            None => "Not looked for yet.".to_owned(),
            Some(KeySource::NotNeeded) => "No key is needed.".to_owned(),
            Some(KeySource::Environment(name)) => {
                format!("Taken from the environment variable {name}.")
            }
            Some(KeySource::Keychain) => "Kept in the system's keychain.".to_owned(),
            Some(KeySource::Session) => {
                "Kept until the window closes; nothing was written.".to_owned()
            }
            Some(KeySource::Missing) => {
                "There is no key. Type one, or set the environment variable before the start."
                    .to_owned()
            }
        };
        ui.add(egui::Label::new(words).wrap());
        if self.key.0 != model.name {
            self.key = (model.name.clone(), String::new());
        }
        ui.horizontal_wrapped(|ui| {
            let field = Field::new("API key").hide_label().secret().hint("Key").width(240.0);
            field.id_salt(&model.name).show(ui, &mut self.key.1);
            let empty = self.key.1.trim().is_empty().then_some("Type a key first");
            let keep = Button::secondary("Keep in keychain").disabled_because(empty);
            let kept = keep.show(ui).clicked();
            let session = Button::secondary("Use until I close").disabled_because(empty);
            let used = session.show(ui).clicked();
            if kept || used {
                let typed = std::mem::take(&mut self.key.1);
                outbox.send(ModelsCommand::KeepKey {
                    model: model.name.clone(),
                    key: SecretString::from(typed.trim().to_owned()),
                    in_keychain: kept,
                });
            }
            if matches!(source, Some(KeySource::Keychain | KeySource::Session))
                && Button::quiet("Forget key").show(ui).clicked()
            {
                outbox.send(ModelsCommand::ForgetKey(model.name.clone()));
            }
        });
        let note = "Keys are never written to the project, to logs or to exports.";
        ui.label(text::weak_label(note));
    }
}

fn table<'a>(
    ui: &mut Ui,
    state: &AppState,
    models: &'a [ModelEntry],
    outbox: &Outbox,
) -> Option<&'a ModelEntry> {
    const COLUMNS: [Column<'_>; 6] = [
        Column::new("Name", 120.0).grow(1.0),
        Column::new("Where", 130.0).grow(1.5),
        Column::new("Model", 130.0).grow(1.5),
        Column::new("Key", 110.0),
        Column::new("Price in / out", 120.0).right(),
        Column::new("Test", 100.0),
    ];
    let selected = state
        .selection
        .model
        .as_ref()
        .and_then(|name| models.iter().position(|model| &model.name == name))
        .unwrap_or(0);
    let happened = Table::new("Models", &COLUMNS, models.len())
        .selected(Some(selected))
        .max_height(260.0)
        .show(
            ui,
            |row| format!("{}, {}", shown(&models[row].name), place_of(&models[row])),
            |ui, row, column| {
                let model = &models[row.index];
                cell(ui, state, model, column);
            },
        );
    if let Some(row) = happened.selected {
        outbox.send(GoCommand::Model(Some(models[row].name.clone())));
    }
    if let Some(model) = happened.activated.and_then(|row| models.get(row))
        && model.name != ModelEntry::EMBEDDED
        && editable(state).is_ok()
    {
        outbox.send(ModelsCommand::BeginEdit(model.name.clone()));
    }
    models.get(selected)
}

fn cell(ui: &mut Ui, state: &AppState, model: &ModelEntry, column: usize) {
    let t = theme::tokens(ui);
    let plain = |ui: &mut Ui, words: &str| {
        ui.add(egui::Label::new(words).truncate());
    };
    match column {
        0 => plain(ui, shown(&model.name)),
        1 => plain(ui, &place_of(model)),
        2 => {
            let name = if model.model.is_empty() { "starter model" } else { &model.model };
            ui.add(egui::Label::new(text::mono(name)).truncate());
        }
        3 => {
            let (words, colour) = match state.models.keys.get(&model.name) {
                _ if model.kind == ModelKind::Embedded => ("not needed", t.weak),
                None => ("—", t.weak),
                Some(KeySource::NotNeeded) => ("not needed", t.weak),
                Some(KeySource::Environment(_)) => ("environment", t.text),
                Some(KeySource::Keychain) => ("keychain", t.text),
                Some(KeySource::Session) => ("until you close", t.text),
                Some(KeySource::Missing) => ("! missing", t.warning),
            };
            ui.colored_label(colour, words);
        }
        4 => {
            let words = match (model.price_in, model.price_out) {
                _ if model.is_free() => "free".to_owned(),
                (Some(read), Some(written)) => format!("{} / {}", price(read), price(written)),
                _ => "unknown".to_owned(),
            };
            ui.label(words).on_hover_text(price_hint(model));
        }
        _ => match state.models.probes.get(&model.name) {
            None => {
                ui.colored_label(t.weak, "not tested");
            }
            Some(ProbeState::Running) => {
                ui.colored_label(t.accent, "testing…");
            }
            Some(ProbeState::Done(lines)) if lines.iter().all(|line| line.works != Some(false)) => {
                ui.colored_label(t.better, "✓ all works");
            }
            Some(ProbeState::Done(lines)) => {
                let works = lines.iter().filter(|line| line.works == Some(true)).count();
                let all = lines.iter().filter(|line| line.works.is_some()).count();
                ui.label(format!("{works} of {all}"));
            }
            Some(ProbeState::Failed { message, .. }) => {
                ui.colored_label(t.worse, "× failed").on_hover_text(message);
            }
        },
    }
}

/// What people call a model: in files the starter model has another name.
pub fn shown(name: &str) -> &str {
    if name == ModelEntry::EMBEDDED { "Starter model" } else { name }
}

/// A price to the cent, or with all its digits where it has more.
fn price(usd: f64) -> String {
    let cents = format!("${usd:.2}");
    if cents[1..].parse() == Ok(usd) { cents } else { format!("${usd}") }
}

/// The price list in words, for who points at it.
fn price_hint(model: &ModelEntry) -> String {
    let mut words = "US dollars per million tokens read / written".to_owned();
    if !model.is_priced() {
        words.push_str("; costs are unknown, and a spending limit can't be kept");
    }
    let more = &model.prices;
    for (name, usd) in
        [("cached", more.cached), ("cache write", more.cache_write), ("reasoning", more.reasoning)]
    {
        if let Some(usd) = usd {
            write!(words, "\n{name}: {}", price(usd)).ok();
        }
    }
    for tier in &more.tiers {
        let (read, written) = (price(tier.input), price(tier.output));
        let above = number::count(tier.above);
        write!(words, "\nprompts above {above} tokens: {read} / {written}").ok();
    }
    if !more.as_of.is_empty() {
        write!(words, "\nas of {}", more.as_of).ok();
    }
    words
}

/// Where a model is, in a few words: the host of a remote one.
fn place_of(model: &ModelEntry) -> String {
    let usual = match model.kind {
        ModelKind::Embedded => return "in this program".to_owned(),
        ModelKind::OpenAi => "api.openai.com",
        ModelKind::Anthropic => "api.anthropic.com",
    };
    let address = model.base_url.trim();
    if address.is_empty() {
        return usual.to_owned();
    }
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    host.split('/').next().unwrap_or(host).to_owned()
}

/// Which model does what.
fn roles(ui: &mut Ui, state: &AppState, models: &[ModelEntry], outbox: &Outbox) {
    let Some(documents) = state.documents() else {
        return;
    };
    section(ui, "Who does what");
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    let shown: Vec<&str> = names.iter().map(|name| shown(name)).collect();
    ui.add_enabled_ui(editable(state).is_ok(), |ui| {
        card(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                for role in ModelRole::iter() {
                    let player = documents.setup.model_of(role);
                    let chosen = names.iter().position(|name| *name == player);
                    let picked = choice(ui, role_name(role), chosen, &shown, 130.0);
                    if let Some(name) = picked.and_then(|place| names.get(place)) {
                        outbox.send(ModelsCommand::Role(role, (*name).to_owned()));
                    }
                    ui.add_space(space::S);
                }
            });
            let writer = documents.setup.model_of(ModelRole::Writer);
            let judge = documents.setup.model_of(ModelRole::Judge);
            if writer == judge {
                let words = "Writer and judge are the same model: judges favour answers of their \
                             own kind, so its rewards are to be read with care.";
                ui.add(egui::Label::new(text::weak_label(words)).wrap());
            }
        });
    });
}

fn role_name(role: ModelRole) -> &'static str {
    match role {
        ModelRole::Writer => "Writer",
        ModelRole::Critic => "Critic",
        ModelRole::Reviser => "Reviser",
        ModelRole::Judge => "Judge",
        ModelRole::Teacher => "Teacher",
    }
}

fn servers(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    match &state.models.servers {
        ServersState::Unknown => {}
        ServersState::Looking => {
            notice(ui, NoticeKind::Info, "", "Asking the usual ports of this computer…", |_| {});
        }
        ServersState::Found(found) if found.is_empty() => {
            let detail = "Start Ollama, LM Studio, llama.cpp's server or vLLM and look again, or \
                          add a model with its address.";
            notice(ui, NoticeKind::Info, "No model server answers", detail, |_| {});
        }
        ServersState::Found(found) => {
            ui.add_space(space::S);
            section(ui, "On this computer");
            for server in found {
                card(ui, |ui| {
                    ui.horizontal_wrapped(|ui| {
                        ui.label(text::strong(&server.program));
                        ui.label(text::mono(&server.base_url));
                        let n = server.models.len() as u64;
                        ui.label(text::weak_label(number::counted(n, "model", "models")));
                    });
                    ui.horizontal_wrapped(|ui| {
                        for model in &server.models {
                            let add = format!("Add {model}");
                            let button = Button::quiet(&add).compact();
                            if button.disabled_because(editable(state).err()).show(ui).clicked() {
                                outbox.send(ModelsCommand::BeginFrom(listed(
                                    &server.base_url,
                                    model,
                                )));
                            }
                        }
                    });
                });
            }
        }
    }
}

/// An entry for a model that a local server lists.
fn listed(base_url: &str, model: &str) -> ModelEntry {
    let short = model.rsplit('/').next().unwrap_or(model);
    ModelEntry {
        name: short.to_owned(),
        kind: ModelKind::OpenAi,
        model: model.to_owned(),
        base_url: base_url.to_owned(),
        max_in_flight: 8,
        judge_protocol: crate::domain::JudgeProtocol::Auto,
        ..ModelEntry::embedded()
    }
}

fn probe(ui: &mut Ui, state: &AppState, model: &ModelEntry) {
    let t = theme::tokens(ui);
    match state.models.probes.get(&model.name) {
        None => {}
        Some(ProbeState::Running) => {
            section(ui, "Test");
            ui.label(text::weak_label("Asking it a few short questions…"));
        }
        Some(ProbeState::Failed { message, hint }) => {
            section(ui, "Test");
            notice(ui, NoticeKind::Failure, message, hint, |_| {});
        }
        Some(ProbeState::Done(lines)) => {
            section(ui, "Test");
            for line in lines {
                ui.horizontal(|ui| {
                    if let Some(works) = line.works {
                        let (word, colour) =
                            if works { ("yes", t.better) } else { ("no", t.warning) };
                        badge(ui, word, colour, "");
                    }
                    ui.label(text::strong(&line.what));
                    ui.add(egui::Label::new(&line.says).wrap());
                });
            }
        }
    }
    ui.set_max_width(ui.available_width().min(size::READING_WIDTH));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host() {
        let mut model = listed("http://127.0.0.1:11434/v1", "library/llama-8b");
        assert_eq!(place_of(&model), "127.0.0.1:11434");
        assert_eq!(model.name, "llama-8b");
        assert_eq!(model.model, "library/llama-8b");
        model.base_url.clear();
        assert_eq!(place_of(&model), "api.openai.com");
        model.kind = ModelKind::Embedded;
        assert_eq!(place_of(&model), "in this program");
    }

    #[test]
    fn a_key_being_typed_is_never_printed() {
        let view =
            ModelsView { key: ("m".to_owned(), "sk-secret".to_owned()), ..ModelsView::default() };
        assert!(!format!("{view:?}").contains("secret"));
    }
}
