//! Try: what do constitution and rubric do to this prompt?
//!
//! Left the prompts, in the middle the chain as it comes, right the rewards. Where the window is
//! narrow the rewards move below the chain.

mod answers;
mod banner;
mod chain;
mod diffs;
mod final_diff;
mod paste;
mod prompts;
mod raw;
mod react;
mod rewards;
mod setup;
pub mod shown;
#[cfg(test)]
mod tests;
mod why;

use egui::{Panel, ScrollArea, Ui};

use crate::app::Outbox;
use crate::app::command::{ReactCommand, TryCommand};
use crate::app::menu_command::{MenuCommand, editable, runnable};
use crate::app::state::trial::{PromptKey, Trial, TrialStatus, TryMode};
use crate::app::state::{AppState, Area, EmbeddedState, Sheet, Target};
use crate::app::theme::{self, size, space, text};
use crate::app::views::models;
use crate::app::widgets::pane::{self, Pane};
use crate::app::widgets::{Button, EmptyState, Field, NoticeKind, badge, card, notice, prose};
use crate::domain::{ModelEntry, ModelRole, Prompt, PromptId, Speaker};
use crate::methods::named;
use crate::methods::react::Reaction;

/// Below this width, in points, what stands at the right moves under the chain.
const WIDE_ENOUGH: f32 = 800.0;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct TryView {
    prompts: prompts::PromptPane,
    diffs: diffs::Diffs,
    /// The step being written by hand.
    writing: Option<chain::Writing>,
    /// The response whose criteria are shown: its place in the chain.
    judged: Option<usize>,
    /// The prompt whose text is being edited.
    editing: Option<PromptId>,
    /// The newest focus request that was followed.
    focused: u64,
    whole_prompt: bool,
    paste: paste::PasteSheet,
    react: react::ReactSheet,
}

impl TryView {
    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        self.follow_focus(state);
        Panel::left("try prompts")
            .resizable(true)
            .default_size(232.0)
            .size_range(180.0..=420.0)
            .frame(theme::panel_frame(theme::tokens(ui)))
            .show(ui, |ui| {
                pane::mark(ui, Pane::List);
                self.prompts.show(ui, state, outbox);
            });
        let trial = current(state);
        let wide = ui.available_width() >= WIDE_ENOUGH;
        if wide {
            Panel::right("try why")
                .resizable(true)
                .default_size(288.0)
                .size_range(240.0..=460.0)
                .frame(theme::panel_frame(theme::tokens(ui)))
                .show(ui, |ui| {
                    pane::mark(ui, Pane::Side);
                    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                        self.inspector(ui, state, trial, outbox);
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
            let chain = trial.and_then(Trial::chain).is_some();
            if chain {
                Panel::bottom("try reactions")
                    .resizable(false)
                    .show_separator_line(true)
                    .frame(egui::Frame::new().inner_margin(egui::Margin::symmetric(0, 6)))
                    .show(ui, |ui| reactions(ui, state, outbox));
            }
            if let (Some(_), Some(key)) = (trial, key(state)) {
                answers::tabs(ui, state, &key, outbox);
                modes(ui, state, outbox);
            }
            let running = trial.is_some_and(|t| matches!(t.status, TrialStatus::Running(_)));
            ScrollArea::vertical()
                // What is read when it is done begins at its top, as every view does.
                .id_salt(("chain", &prompt.id.0, running, state.trial.look.mode as u8))
                .auto_shrink([false, false])
                .stick_to_bottom(running)
                .show(ui, |ui| {
                    let spread =
                        matches!(state.trial.look.mode, TryMode::SideBySide | TryMode::Answers);
                    let column = if spread { 1.6 } else { 1.0 } * (size::READING_WIDTH + 40.0);
                    ui.set_max_width(ui.available_width().min(column));
                    self.prompt_card(ui, state, prompt, outbox);
                    self.below_prompt(ui, state, prompt, trial, outbox);
                    if !wide {
                        ui.add_space(space::L);
                        self.inspector(ui, state, trial, outbox);
                    }
                    ui.add_space(space::XL);
                });
        });
    }

    /// Draws the sheet on top, if there is one of these.
    pub fn sheet(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        match state.sheet {
            Some(Sheet::React) => self.react.show(ui, state, outbox),
            Some(Sheet::PastePrompts) => self.paste.show(ui, state, outbox),
            _ => {
                self.react.closed();
                self.paste.closed();
            }
        }
    }

    /// Why the answer reads so, and what it earns.
    fn inspector(&mut self, ui: &mut Ui, state: &AppState, trial: Option<&Trial>, outbox: &Outbox) {
        why::show(ui, state, trial, &mut self.diffs, outbox);
        ui.add_space(space::M);
        ui.separator();
        rewards::show(ui, state, trial, &mut self.judged, outbox);
    }

    fn below_prompt(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        prompt: &Prompt,
        trial: Option<&Trial>,
        outbox: &Outbox,
    ) {
        // What the journal has can be read without a model.
        let recorded = trial.is_some_and(|trial| trial.recorded.is_some());
        let ready = matches!(state.models.embedded, EmbeddedState::Ready { .. });
        if uses_embedded(state) && !ready && !recorded {
            models::embedded_card(ui, &state.models.embedded, outbox);
        }
        let Some(trial) = trial else {
            if uses_embedded(state) && ready {
                starter_notice(ui);
            }
            let can = runnable(state).err();
            nothing_yet(ui, can, outbox);
            return;
        };
        banner::show(ui, state, prompt, trial, outbox);
        let running = matches!(trial.status, TrialStatus::Running(_));
        let mode = state.trial.look.mode;
        if mode == TryMode::Final && trial.of.is_some() {
            final_diff::outcome(ui, state, trial, &mut self.diffs);
        }
        match mode {
            // What is being written is read step by step; there is nothing to compare yet.
            TryMode::Final | TryMode::SideBySide if running => self.steps(ui, state, trial, outbox),
            TryMode::Steps => self.steps(ui, state, trial, outbox),
            TryMode::Final => final_diff::show(ui, state, trial, &mut self.diffs, outbox),
            TryMode::SideBySide => {
                final_diff::side_by_side(ui, state, trial, &mut self.diffs, outbox);
            }
            TryMode::Answers => {
                if let Some(key) = key(state) {
                    answers::show(ui, state, &key, &mut self.diffs, outbox);
                }
            }
            TryMode::Raw => {
                // A recorded chain's calls are read when somebody wants to see them.
                if trial.recorded.as_ref().is_some_and(|recorded| !recorded.calls_read) {
                    outbox.send(TryCommand::FetchCalls(trial.number));
                }
                raw::show(ui, trial, outbox);
            }
        }
    }

    fn steps(&mut self, ui: &mut Ui, state: &AppState, trial: &Trial, outbox: &Outbox) {
        let (diffs, writing) = (&mut self.diffs, &mut self.writing);
        chain::steps(ui, chain::Steps { state, trial, diffs, writing, outbox });
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
        named_principles(ui, prompt);
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

/// The principles that a prompt names for itself.
pub(in crate::app::views) fn named_principles(ui: &mut Ui, prompt: &Prompt) {
    let words = match named::names(prompt) {
        Ok(names) if names.is_empty() => return,
        Ok(names) => format!("Principles: {}", names.join(", ")),
        Err(problem) => format!("Its principles can't be read: {}", problem.what),
    };
    ui.add(egui::Label::new(text::weak_label(words)).wrap());
}

/// How the chain is looked at, and marks about all of it.
fn modes(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal_wrapped(|ui| {
        let modes = [
            (TryMode::Final, "Final diff", "The draft against the last revision"),
            (TryMode::Steps, "Steps", "Step by step: draft, critiques and revisions in order"),
            (TryMode::SideBySide, "Side by side", "The draft beside the last revision"),
            (TryMode::Answers, "Answers", "The last answers of all chains of this prompt"),
            (TryMode::Raw, "Raw prompts", "Exactly what was sent to the model and came back"),
        ];
        let look = state.trial.look;
        if let Some(mode) = crate::app::widgets::button::segments(ui, look.mode, &modes) {
            outbox.send(TryCommand::Mode(mode));
        }
        if matches!(look.mode, TryMode::Final | TryMode::Steps | TryMode::SideBySide) {
            let mut only = look.changes_only;
            let response = ui.checkbox(&mut only, "Changes only");
            if response.on_hover_text("Leaves long unchanged stretches out (C)").changed() {
                outbox.send(TryCommand::ChangesOnly(only));
            }
        }
    });
}

/// What can be done about the answer shown.
fn reactions(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal_wrapped(|ui| {
        for (words, keys, reaction, tip) in [
            ("Praise", "1", Reaction::Praise, "Say what is right and make a principle of it"),
            ("Complain", "2", Reaction::Complaint, "Say what is wrong and make a principle of it"),
            ("Rewrite", "3", Reaction::Rewrite, "Show how it should read"),
        ] {
            let button = Button::secondary(words).shortcut(keys).tip(tip).compact();
            if button.show(ui).clicked() {
                outbox.send(TryCommand::React(ReactCommand::Begin(reaction)));
            }
        }
        let button = |ui: &mut Ui, words: &str, keys: &str, command: MenuCommand| {
            let resolved = command.resolve(state);
            let button = Button::quiet(words).shortcut(keys).tip(command.title_and_tip().1);
            let button = button.disabled_because(resolved.as_ref().err().copied()).compact();
            if button.show(ui).clicked()
                && let Ok(command) = resolved
            {
                outbox.send(command);
            }
        };
        button(ui, "Pin as case", "P", MenuCommand::PinCase);
        button(ui, "Copy", "Ctrl+Shift+C", MenuCommand::CopyChain);
    });
}

/// Names the prompt shown.
fn key(state: &AppState) -> Option<PromptKey> {
    Some((state.selection.prompts.clone(), state.selection.prompt.clone()?))
}

/// The newest chain of the prompt shown.
pub fn current(state: &AppState) -> Option<&Trial> {
    state.trial.trials.get(&key(state)?)
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

pub(in crate::app::views) fn speaker(role: Speaker) -> &'static str {
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
