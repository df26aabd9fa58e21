//! Try: what do constitution and rubric do to this prompt?
//!
//! Left the prompts, in the middle the chain as it comes, right the rewards. Where the window is
//! narrow the rewards move below the chain.

mod chain;
mod diffs;
mod prompts;
mod raw;
mod rewards;
mod setup;
pub mod shown;

use egui::{Panel, ScrollArea, Ui};

use crate::app::Outbox;
use crate::app::command::{GoCommand, TryCommand};
use crate::app::menu_command::{editable, runnable};
use crate::app::state::trial::{Trial, TrialStatus};
use crate::app::state::{AppState, Area, EmbeddedState, Target};
use crate::app::theme::{self, size, space, text};
use crate::app::views::models;
use crate::app::widgets::pane::{self, Pane};
use crate::app::widgets::{
    Button, EmptyState, Field, NoticeKind, announce, badge, card, notice, prose,
};
use crate::domain::{ModelEntry, ModelRole, Prompt, PromptId, Speaker};

/// Below this width the rewards move under the chain, in points.
const WIDE_ENOUGH: f32 = 940.0;

/// How the chain is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Every draft, critique and revision.
    #[default]
    Steps,
    /// The draft against the last revision.
    Final,
    /// Exactly what was sent and came back.
    Raw,
}

/// The screen's own state.
#[derive(Debug, Default)]
pub struct TryView {
    mode: Mode,
    prompts: prompts::PromptPane,
    diffs: diffs::Diffs,
    /// The response whose criteria are shown: its place in the chain.
    judged: Option<usize>,
    /// The prompt whose text is being edited.
    editing: Option<PromptId>,
    /// The newest focus request that was followed.
    focused: u64,
    whole_prompt: bool,
}

impl TryView {
    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        self.follow_focus(state);
        Panel::left("try prompts")
            .resizable(true)
            .default_size(264.0)
            .size_range(180.0..=420.0)
            .frame(theme::panel_frame(theme::tokens(ui)))
            .show(ui, |ui| {
                pane::mark(ui, Pane::List);
                self.prompts.show(ui, state, outbox);
            });
        let trial = current(state);
        let wide = ui.available_width() >= WIDE_ENOUGH;
        if wide {
            Panel::right("try rewards")
                .resizable(true)
                .default_size(300.0)
                .size_range(240.0..=460.0)
                .frame(theme::panel_frame(theme::tokens(ui)))
                .show(ui, |ui| {
                    pane::mark(ui, Pane::Side);
                    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                        rewards::show(ui, state, trial, &mut self.judged, outbox);
                    });
                });
        }
        let frame = theme::area_frame(theme::tokens(ui));
        egui::CentralPanel::default().frame(frame).show(ui, |ui| {
            let Some(prompt) = state.prompt() else {
                empty(ui, state, outbox);
                return;
            };
            setup::show(ui, state, outbox);
            if let Some(trial) = trial {
                self.modes(ui, state, trial);
            }
            let running = trial.is_some_and(|t| matches!(t.status, TrialStatus::Running(_)));
            ScrollArea::vertical()
                .id_salt(("chain", &prompt.id.0))
                .auto_shrink([false, false])
                .stick_to_bottom(running)
                .show(ui, |ui| {
                    ui.set_max_width(ui.available_width().min(size::READING_WIDTH + 40.0));
                    self.prompt_card(ui, state, prompt, outbox);
                    self.below_prompt(ui, state, trial, outbox);
                    if !wide {
                        ui.add_space(space::L);
                        rewards::show(ui, state, trial, &mut self.judged, outbox);
                    }
                    ui.add_space(space::XL);
                });
        });
    }

    fn below_prompt(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        trial: Option<&Trial>,
        outbox: &Outbox,
    ) {
        if uses_embedded(state) && !matches!(state.models.embedded, EmbeddedState::Ready { .. }) {
            models::embedded_card(ui, &state.models.embedded, outbox);
        }
        let Some(trial) = trial else {
            if uses_embedded(state) && matches!(state.models.embedded, EmbeddedState::Ready { .. })
            {
                starter_notice(ui);
            }
            let can = runnable(state).err();
            nothing_yet(ui, can, outbox);
            return;
        };
        status(ui, state, trial, outbox);
        match self.mode {
            Mode::Steps => chain::steps(ui, trial, &mut self.diffs),
            Mode::Final => chain::last_against_first(ui, trial, &mut self.diffs),
            Mode::Raw => raw::show(ui, trial, outbox),
        }
    }

    /// How the chain is looked at, and marks about all of it.
    fn modes(&mut self, ui: &mut Ui, state: &AppState, trial: &Trial) {
        ui.horizontal(|ui| {
            let modes = [
                (Mode::Steps, "Step by step", "Draft, critiques and revisions in order"),
                (Mode::Final, "Final diff", "The draft against the last revision"),
                (Mode::Raw, "Raw prompts", "Exactly what was sent to the model and came back"),
            ];
            let clicked = crate::app::widgets::button::segments(ui, self.mode, &modes);
            if let Some(mode) = clicked {
                self.mode = mode;
            }
            ui.add_space(space::M);
            marks(ui, state, trial);
        });
    }

    fn prompt_card(&mut self, ui: &mut Ui, state: &AppState, prompt: &Prompt, outbox: &Outbox) {
        card(ui, |ui| {
            let editing = self.editing.as_ref() == Some(&prompt.id);
            ui.horizontal(|ui| {
                ui.label(text::weak_label("Prompt"));
                ui.label(text::mono(&prompt.id.0).color(theme::tokens(ui).weak));
                for tag in &prompt.tags {
                    badge(ui, tag, theme::tokens(ui).weak, "Tag");
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let words = if editing { "Done" } else { "Edit" };
                    let button = Button::quiet(words)
                        .name(if editing { "Done editing" } else { "Edit prompt" })
                        .compact()
                        .disabled_because(editable(state).err());
                    if button.show(ui).clicked() {
                        self.editing = (!editing).then(|| prompt.id.clone());
                    }
                });
            });
            if editing {
                self.editor(ui, state, prompt, outbox);
            } else {
                self.messages(ui, prompt);
            }
        });
    }

    fn editor(&mut self, ui: &mut Ui, state: &AppState, prompt: &Prompt, outbox: &Outbox) {
        let mut typed = prompt.text().to_owned();
        let field = Field::new("Prompt text").hide_label().rows(3).reading().id_salt(&prompt.id.0);
        let response = field.hint("What a person would ask").show(ui, &mut typed);
        if response.changed() {
            outbox.send(TryCommand::EditPrompt(prompt.id.clone(), typed));
        }
        if response.lost_focus() {
            outbox.send(crate::app::Command::EndEdit);
        }
        let wanted = state.focus.as_ref().filter(|request| {
            request.number > self.focused && matches!(&request.target, Target::Prompt { .. })
        });
        if let Some(request) = wanted {
            self.focused = request.number;
            response.request_focus();
        }
    }

    fn messages(&mut self, ui: &mut Ui, prompt: &Prompt) {
        let only_user = prompt.messages.len() == 1 && prompt.messages[0].role == Speaker::User;
        let long = prompt.messages.iter().map(|m| m.content.len()).sum::<usize>() > 600;
        if prompt.text().trim().is_empty() {
            ui.label(
                text::reading("(empty: choose Edit and write what a person would ask)").weak(),
            );
            return;
        }
        for (index, message) in prompt.messages.iter().enumerate() {
            if !only_user {
                ui.label(text::weak_label(speaker(message.role)));
            }
            let salt = ("message", &prompt.id.0, index);
            if long && !self.whole_prompt {
                let end = message.content.floor_char_boundary(400);
                let cut = end < message.content.len();
                let mut head = message.content[..end].to_owned();
                if cut {
                    head.push('…');
                }
                prose(ui, salt, &head);
            } else {
                prose(ui, salt, &message.content);
            }
        }
        if long {
            let words = if self.whole_prompt { "Show less" } else { "Show all" };
            if Button::quiet(words).compact().show(ui).clicked() {
                self.whole_prompt = !self.whole_prompt;
            }
        }
    }

    /// A new prompt is edited at once; the filter takes the focus when it is asked for.
    fn follow_focus(&mut self, state: &AppState) {
        let Some(request) = state.focus.as_ref().filter(|r| r.number > self.focused) else {
            return;
        };
        match &request.target {
            Target::Prompt { id, .. } => self.editing = Some(id.clone()),
            Target::Filter(Area::Try) => {
                self.focused = request.number;
                self.prompts.focus_filter();
            }
            _ => {}
        }
    }
}

/// The newest chain of the prompt shown.
pub fn current(state: &AppState) -> Option<&Trial> {
    let id = state.selection.prompt.clone()?;
    state.trial.trials.get(&(state.selection.prompts.clone(), id))
}

/// Whether any model that a chain asks runs inside the program.
pub fn uses_embedded(state: &AppState) -> bool {
    let Some(documents) = state.documents() else {
        return false;
    };
    let mut roles = vec![ModelRole::Writer, ModelRole::Critic, ModelRole::Reviser];
    if state.trial.score {
        roles.push(ModelRole::Judge);
    }
    roles.into_iter().any(|role| documents.setup.model_of(role) == ModelEntry::EMBEDDED)
}

pub(super) fn speaker(role: Speaker) -> &'static str {
    match role {
        Speaker::System => "System",
        Speaker::User => "User",
        Speaker::Assistant => "Assistant",
        Speaker::Tool => "Tool",
    }
}

fn starter_notice(ui: &mut Ui) {
    notice(
        ui,
        NoticeKind::Info,
        "",
        "The starter model answers, on this computer. Nothing leaves this machine. It is small: \
         good for seeing how things work, not for making data.",
        |_| {},
    );
}

fn nothing_yet(ui: &mut Ui, why_not: Option<&'static str>, outbox: &Outbox) {
    let explained = why_not.map_or_else(
        || {
            "A run drafts an answer, criticises it under principles drawn from the constitution, \
             and rewrites it. You see every step as it is written."
                .to_owned()
        },
        |why| format!("{why}."),
    );
    let state = EmptyState {
        title: "Not run yet",
        text: &explained,
        action: why_not.is_none().then_some("Run this prompt"),
        shortcut: Some("Ctrl+Enter"),
    };
    if state.show(ui) {
        outbox.send(TryCommand::Run);
    }
}

/// What a reader must know before the chain: that it runs, stopped, or failed and how to go on.
fn status(ui: &mut Ui, state: &AppState, trial: &Trial, outbox: &Outbox) {
    match &trial.status {
        TrialStatus::Running(waiting) => {
            let words = if waiting.is_empty() { "Running" } else { waiting.as_str() };
            announce(ui, words);
            if trial.calls.is_empty() {
                notice(ui, NoticeKind::Info, words, "", |_| {});
            }
        }
        TrialStatus::Done => announce(ui, "The chain is done"),
        TrialStatus::Failed { at, failure } => {
            let title = format!("Stopped at {at}: {}", failure.message);
            let again = runnable(state).err();
            notice(ui, NoticeKind::Failure, &title, &failure.hint, |ui| {
                let retry = Button::secondary("Try again").shortcut("Ctrl+Enter");
                if retry.disabled_because(again).show(ui).clicked() {
                    outbox.send(TryCommand::Run);
                }
                if Button::secondary("Open models").show(ui).clicked() {
                    outbox.send(GoCommand::Area(Area::Settings));
                }
            });
            announce(ui, &title);
        }
        TrialStatus::Stopped => {
            notice(
                ui,
                NoticeKind::Warning,
                "Stopped",
                "What was there is kept. Run it again to go on: finished steps are replayed and \
                 cost nothing.",
                |_| {},
            );
        }
    }
}

/// Small marks about the whole chain, from right to left.
fn marks(ui: &mut Ui, state: &AppState, trial: &Trial) {
    let t = theme::tokens(ui);
    ui.label(text::weak_label(format!("seed {}", trial.seed)));
    let constitution_changed = match (&trial.constitution, state.constitution()) {
        (Some(then), Some(now)) => !std::sync::Arc::ptr_eq(then, now) && then != now,
        _ => false,
    };
    if constitution_changed {
        badge(
            ui,
            "older text",
            t.warning,
            "The constitution was changed or another was chosen since this chain was made. Run \
             again to see what the change does.",
        );
    }
    if uses_embedded(state) {
        badge(
            ui,
            "starter model",
            t.weak,
            "Made by the starter model on this computer. Nothing left this machine. It is small: \
             good for seeing how things work, not for making data.",
        );
    }
}

fn empty(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    if state.project.is_none() {
        let words = EmptyState {
            title: "No project is open",
            text: "A project keeps constitutions, rubrics and prompts in one folder. The sample \
                   has all of them to begin with.",
            action: Some("Open the sample project"),
            shortcut: None,
        };
        if words.show(ui) {
            outbox.send(crate::app::command::ProjectCommand::OpenSample);
        }
        return;
    }
    let none = state.prompts().is_none_or(|set| set.prompts.is_empty());
    let words = EmptyState {
        title: if none { "No prompts yet" } else { "No prompt is selected" },
        text: "A prompt is what a person says to the model. Add one, or import a file of them, and \
               run it under a constitution.",
        action: editable(state).is_ok().then_some("Add a prompt"),
        shortcut: Some("Ctrl+N"),
    };
    if words.show(ui) {
        outbox.send(TryCommand::AddPrompt(String::new()));
    }
}
