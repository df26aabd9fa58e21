//! Adding a model, or changing one.

use egui::{Checkbox, DragValue, Ui};
use strum::IntoEnumIterator as _;

use super::prices::PriceSheet;
use crate::app::Outbox;
use crate::app::command::ModelsCommand;
use crate::app::state::AppState;
use crate::app::theme::{space, text};
use crate::app::update::models::draft_problem;
use crate::app::widgets::{Button, Field, card, choice};
use crate::domain::{JudgeProtocol, ModelEntry, ModelKind};

/// The form's own state.
#[derive(Debug, Default)]
pub(super) struct DraftForm {
    typed_for: Option<String>,
    prices: PriceSheet,
}

const KINDS: [(ModelKind, &str); 3] = [
    (ModelKind::OpenAi, "OpenAI-compatible (OpenAI, vLLM, llama.cpp, Ollama, LM Studio, …)"),
    (ModelKind::Anthropic, "Anthropic Messages"),
    (ModelKind::Embedded, "Inside this program (a GGUF file)"),
];

impl DraftForm {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let Some((old, before)) = &state.models.draft else {
            return;
        };
        let whose = Some(old.clone().unwrap_or_default());
        let opened = self.typed_for != whose;
        if opened {
            self.typed_for = whose;
            self.prices = PriceSheet::of(before);
        }
        let mut entry = before.clone();
        let drawn = card(ui, |ui| {
            let title = old
                .as_ref()
                .map_or_else(|| "Add a model".to_owned(), |name| format!("Change {name}"));
            ui.label(text::heading(title));
            self.fields(ui, &mut entry);
            let is_remote = entry.kind != ModelKind::Embedded;
            let wrong = self.prices.problem().filter(|_| is_remote);
            let wrong = wrong.or_else(|| draft_problem(state));
            ui.add_space(space::S);
            ui.horizontal(|ui| {
                let words = if old.is_some() { "Keep changes" } else { "Add model" };
                let keep = Button::primary(words).name("Keep model").disabled_because(wrong);
                if keep.show(ui).clicked() {
                    outbox.send(ModelsCommand::KeepDraft);
                    self.typed_for = None;
                }
                if Button::quiet("Cancel").show(ui).clicked() {
                    outbox.send(ModelsCommand::DropDraft);
                    self.typed_for = None;
                }
                if let Some(wrong) = wrong {
                    ui.label(text::weak_label(wrong));
                }
            });
        });
        if opened {
            drawn.response.scroll_to_me(Some(egui::Align::TOP));
        }
        if entry != *before {
            outbox.send(ModelsCommand::Draft(entry));
        }
    }

    fn fields(&mut self, ui: &mut Ui, entry: &mut ModelEntry) {
        ui.columns(2, |columns| {
            let ui = &mut columns[0];
            Field::new("Name").help("What this project calls it").show(ui, &mut entry.name);
            let names: Vec<&str> = KINDS.iter().map(|(_, name)| *name).collect();
            let chosen = KINDS.iter().position(|(kind, _)| *kind == entry.kind);
            ui.add_space(space::XS);
            let width = (ui.available_width() - 40.0).max(120.0);
            if let Some(place) = choice(ui, "Kind", chosen, &names, width) {
                entry.kind = KINDS[place].0;
            }
            let ui = &mut columns[1];
            let (hint, help) = match entry.kind {
                ModelKind::Embedded => ("model.gguf", "A file's path; empty: the starter model"),
                ModelKind::OpenAi | ModelKind::Anthropic => {
                    ("model-name", "The provider's name for it")
                }
            };
            Field::new("Model").mono().hint(hint).help(help).show(ui, &mut entry.model);
        });
        if entry.kind != ModelKind::Embedded {
            self.remote(ui, entry);
        }
        let protocols: Vec<JudgeProtocol> = JudgeProtocol::iter().collect();
        let names: Vec<String> = protocols.iter().map(ToString::to_string).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let chosen = protocols.iter().position(|protocol| *protocol == entry.judge_protocol);
        ui.horizontal_wrapped(|ui| {
            if let Some(place) = choice(ui, "As a judge it is asked", chosen, &names, 160.0) {
                entry.judge_protocol = protocols[place];
            }
            let label = ui.label(text::weak_label("Requests at once"));
            ui.add(DragValue::new(&mut entry.max_in_flight).range(1..=512).speed(0.2))
                .labelled_by(label.id);
            if entry.kind != ModelKind::Embedded {
                ui.add(Checkbox::new(&mut entry.stream, "Stream answers"));
            }
            if entry.kind == ModelKind::OpenAi {
                ui.add(Checkbox::new(&mut entry.send_seed, "Send seeds"))
                    .on_hover_text("Some servers refuse a request that has one");
                ui.add(Checkbox::new(&mut entry.logprobs, "Ask for log-probabilities"))
                    .on_hover_text("Off: a judge's verdict is read from its text");
            }
        });
    }

    fn remote(&mut self, ui: &mut Ui, entry: &mut ModelEntry) {
        let (address, variable) = match entry.kind {
            ModelKind::Anthropic => ("https://api.anthropic.com", "ANTHROPIC_API_KEY"),
            ModelKind::OpenAi | ModelKind::Embedded => {
                ("https://api.openai.com/v1", "OPENAI_API_KEY")
            }
        };
        ui.columns(2, |columns| {
            let field = Field::new("Address").mono().hint(address);
            let ui = &mut columns[0];
            field.help("Empty: the provider's own").show(ui, &mut entry.base_url);
            let field = Field::new("Key's environment variable").mono().hint(variable);
            let ui = &mut columns[1];
            field.help("A name, never the key itself").show(ui, &mut entry.key_env);
        });
        self.prices.show(ui, entry);
    }
}
