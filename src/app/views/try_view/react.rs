//! The sheet in which a reaction becomes a principle: say it, let candidates be written, take one,
//! edit it, try it, add it.

use egui::{Key, Modifiers, Ui};

use super::chain::principle_of;
use crate::app::Outbox;
use crate::app::command::{GoCommand, ReactCommand, TryCommand};
use crate::app::menu_command::{editable, runnable};
use crate::app::state::trial::{ReactState, Suggesting};
use crate::app::state::{AppState, Area, EmbeddedState};
use crate::app::theme::{self, size, space, text};
use crate::app::update::trial::react::can_suggest;
use crate::app::views::sheets::sheet;
use crate::app::widgets::prose::folded_quote;
use crate::app::widgets::{Button, Field, NoticeKind, chip, notice, number, section};
use crate::domain::{ModelEntry, ModelRole, PrincipleId};
use crate::methods::react::{Reaction, nearest};

/// A principle that shares less with the candidate is not worth a mention (judgement).
const NEAR: f64 = 0.12;

/// The sheet's own state.
#[derive(Debug, Default)]
pub(super) struct ReactSheet {
    open: bool,
    nearest: Option<(u64, Option<(PrincipleId, f64)>)>,
}

impl ReactSheet {
    /// The sheet is not on top any more.
    pub(super) fn closed(&mut self) {
        self.open = false;
    }

    /// Draws it.
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let Some(react) = &state.trial.react else {
            sheet(ui, "React", outbox, |ui| {
                let words = "A reaction is to an answer: run a prompt in Try, then praise, \
                             complain about or rewrite what it says.";
                ui.add(egui::Label::new(words).wrap());
                if Button::secondary("Open Try").show(ui).clicked() {
                    outbox.send(GoCommand::CloseSheet);
                    outbox.send(GoCommand::Area(Area::Try));
                }
            });
            return;
        };
        let just_opened = !std::mem::replace(&mut self.open, true);
        // Before the fields see it.
        let adds = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Enter));
        sheet(ui, "React", outbox, |ui| {
            said(ui, state, react, just_opened, outbox);
            candidates(ui, react, outbox);
            small_critic(ui, state, react);
            self.nearest(ui, state, react, outbox);
            decide(ui, state, react, adds, outbox);
        });
    }

    /// The principle that says nearly the same already.
    fn nearest(&mut self, ui: &mut Ui, state: &AppState, react: &ReactState, outbox: &Outbox) {
        let Some(constitution) = state.constitution() else { return };
        let key =
            egui::util::hash((react.candidate(), std::sync::Arc::as_ptr(constitution) as usize));
        if self.nearest.as_ref().is_none_or(|(made, _)| *made != key) {
            self.nearest = Some((key, nearest(react.candidate(), constitution)));
        }
        let found = self.nearest.as_ref().and_then(|(_, found)| found.as_ref());
        let Some((id, overlap)) = found.filter(|(_, overlap)| *overlap >= NEAR) else { return };
        let (hue, meaning) = principle_of(Some(constitution.as_ref()), id);
        ui.horizontal_wrapped(|ui| {
            ui.label(text::weak_label("Nearest existing"));
            chip(ui, &id.0, &meaning, hue);
            ui.label(text::label(&meaning));
            ui.label(text::weak_label(format!("overlap {}", number::score(*overlap))));
            let words = format!("Edit {id} instead");
            let button = Button::quiet(&words).compact();
            let button = button.tip("Goes to that principle, with the candidate on the clipboard");
            if button.disabled_because(editable(state).err()).show(ui).clicked() {
                send(outbox, ReactCommand::EditNearest(id.clone()));
            }
        });
    }
}

fn send(outbox: &Outbox, command: ReactCommand) {
    outbox.send(TryCommand::React(command));
}

/// What is said of the response.
fn said(ui: &mut Ui, state: &AppState, react: &ReactState, just_opened: bool, outbox: &Outbox) {
    let kinds = [
        (Reaction::Praise, "Praise", "Something is right with it"),
        (Reaction::Complaint, "Complain", "Something is wrong with it"),
        (Reaction::Rewrite, "Rewrite", "It should read otherwise"),
    ];
    if let Some(kind) = crate::app::widgets::button::segments(ui, react.reaction, &kinds) {
        send(outbox, ReactCommand::Begin(kind));
    }
    let t = theme::tokens(ui);
    if react.reaction == Reaction::Rewrite {
        let mut rewrite = react.rewrite.clone();
        let field = Field::new("How should it read?").rows(5).reading();
        let response = field.show(ui, &mut rewrite);
        if response.changed() {
            send(outbox, ReactCommand::Rewrite(rewrite));
        }
        if just_opened {
            response.request_focus();
        }
    } else {
        ui.label(text::weak_label("The answer"));
        folded_quote(ui, "reacted to", "the answer", &react.about.response, t.border);
    }
    let (label, hint) = match react.reaction {
        Reaction::Praise => ("What is right?", "It asks what I have tried before"),
        Reaction::Complaint => ("What is wrong?", "Too preachy"),
        Reaction::Rewrite => ("What did you change, and why? (may be empty)", "Shorter and warmer"),
    };
    let mut words = react.said.clone();
    let response = Field::new(label).rows(2).hint(hint).show(ui, &mut words);
    if response.changed() {
        send(outbox, ReactCommand::Said(words));
    }
    if just_opened && react.reaction != Reaction::Rewrite {
        response.request_focus();
    }
    ui.horizontal_wrapped(|ui| {
        if matches!(react.suggesting, Suggesting::Running(_)) {
            let words = match &state.models.embedded {
                EmbeddedState::Fetching { done, total, .. } => format!(
                    "The starter model is being fetched first: {} of {} MB",
                    done / 1_000_000,
                    total / 1_000_000
                ),
                _ => "The critic’s model is writing…".to_owned(),
            };
            ui.label(text::label(words).color(t.accent));
            if Button::secondary("Stop")
                .name("Stop writing candidates")
                .compact()
                .show(ui)
                .clicked()
            {
                send(outbox, ReactCommand::StopSuggesting);
            }
            return;
        }
        let again = matches!(react.suggesting, Suggesting::Done(_) | Suggesting::Failed(_));
        let words = if again { "Write candidates again" } else { "Write candidates" };
        let button = Button::secondary(words).compact();
        let button = button.tip("The critic’s model writes three principles that answer this");
        if button.disabled_because(can_suggest(state).err()).show(ui).clicked() {
            send(outbox, ReactCommand::Suggest);
        }
    });
}

/// The candidates, the user's own first; each can be edited.
fn candidates(ui: &mut Ui, react: &ReactState, outbox: &Outbox) {
    section(ui, "Candidate principles");
    match &react.suggesting {
        Suggesting::Done(suggested) if suggested.candidates.is_empty() => {
            let wrote = suggested.raw.trim();
            let detail = "Small models often do not manage this. Your own words below can become \
                          the principle, or ask a larger model as critic.";
            let title = "The model wrote no principle that can be used";
            notice(ui, NoticeKind::Warning, title, detail, |_| {});
            if !wrote.is_empty() {
                ui.label(text::weak_label("It wrote"));
                let colour = theme::tokens(ui).border;
                folded_quote(ui, "unreadable", "what it wrote", wrote, colour);
            }
        }
        Suggesting::Failed(failure) => {
            let title = format!("No candidates: {}", failure.message);
            notice(ui, NoticeKind::Failure, &title, &failure.hint, |_| {});
        }
        Suggesting::NotYet | Suggesting::Running(_) | Suggesting::Done(_) => {}
    }
    for (place, candidate) in react.candidates.iter().enumerate() {
        let (mark, name) = match place {
            0 => ("Own".to_owned(), "Your own words".to_owned()),
            n => (n.to_string(), format!("Candidate {n}")),
        };
        let mut words = candidate.clone();
        let label = format!("Text of {}", name.to_lowercase());
        let hint = "A rule that holds for other questions, too";
        let field = Field::new(&label).hide_label().rows(2).hint(hint);
        ui.horizontal_top(|ui| {
            let width = 56.0;
            ui.allocate_ui(egui::vec2(width, size::CONTROL), |ui| {
                ui.set_min_width(width);
                let radio = ui.radio(react.chosen == place, text::label(mark));
                if radio.accessible_name(&name).clicked() {
                    send(outbox, ReactCommand::Choose(place));
                }
            });
            if field.show(ui, &mut words).changed() {
                send(outbox, ReactCommand::Candidate(place, words));
            }
        });
    }
}

/// Says what can be expected of the starter model, where it is the one that wrote.
fn small_critic(ui: &mut Ui, state: &AppState, react: &ReactState) {
    let wrote = matches!(&react.suggesting, Suggesting::Done(done) if !done.candidates.is_empty());
    let critic = state.documents().map(|documents| documents.setup.model_of(ModelRole::Critic));
    if wrote && critic == Some(ModelEntry::EMBEDDED) {
        let words = "Written by the starter model, which is small: expect to edit them, or let a \
                     larger model be the critic.";
        ui.add(egui::Label::new(text::weak_label(words)).wrap());
    }
}

/// Try it, add it, or leave it.
fn decide(ui: &mut Ui, state: &AppState, react: &ReactState, adds: bool, outbox: &Outbox) {
    ui.add_space(space::S);
    let empty = react.candidate().is_empty().then_some("The candidate chosen is empty");
    let locked = empty.or(editable(state).err());
    ui.horizontal_wrapped(|ui| {
        let add = Button::primary("Add to the constitution").shortcut("Ctrl+Enter");
        let add = add.tip("Adds it after the principle selected; Undo takes it out again");
        let clicked = add.disabled_because(locked).show(ui).clicked();
        if (clicked || adds) && locked.is_none() {
            send(outbox, ReactCommand::Add);
        }
        let try_it = Button::secondary("Try on this prompt");
        let try_it =
            try_it.tip("Runs the prompt with the candidate; the constitution stays as it is");
        if try_it.disabled_because(empty.or(runnable(state).err())).show(ui).clicked() {
            send(outbox, ReactCommand::Try);
        }
        let discard = Button::quiet("Discard").name("Discard the reaction");
        if discard.show(ui).clicked() {
            send(outbox, ReactCommand::Drop);
        }
    });
}
