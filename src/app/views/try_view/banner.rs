//! What a reader must know before the chain: where it comes from, whether it is stale, which
//! experiment it is, and how it ended.

use egui::Ui;

use crate::app::Outbox;
use crate::app::command::{ConstitutionCommand, GoCommand, ReactCommand, TryCommand};
use crate::app::menu_command::{editable, runnable};
use crate::app::state::trial::{Recorded, stale};
use crate::app::state::{AppState, Area, Trial, TrialStatus};
use crate::app::theme::{self, text};
use crate::app::widgets::{Button, NoticeKind, announce, notice};
use crate::domain::{Prompt, Variant};

/// Everything about the chain as a whole.
pub(super) fn show(ui: &mut Ui, state: &AppState, prompt: &Prompt, trial: &Trial, outbox: &Outbox) {
    experiment(ui, state, trial, outbox);
    status(ui, state, trial, outbox);
    if !matches!(trial.status, TrialStatus::Running(_)) {
        origin(ui, trial);
        staleness(ui, state, prompt, trial, outbox);
    }
}

/// Where the chain comes from.
fn origin(ui: &mut Ui, trial: &Trial) {
    let words = match &trial.recorded {
        Some(recorded) => recorded_words(recorded, trial.on_this_computer),
        None if trial.on_this_computer => {
            "Made by the starter model on this computer. Nothing left this machine.".to_owned()
        }
        None => return,
    };
    let t = theme::tokens(ui);
    let label = egui::Label::new(text::label(words).color(t.weak)).wrap();
    let tip = "The starter model is small: good for seeing how things work, not for making data";
    let response = ui.add(label);
    if trial.on_this_computer {
        response.on_hover_text(tip);
    }
}

fn recorded_words(recorded: &Recorded, on_this_computer: bool) -> String {
    let models = match recorded.models.as_slice() {
        [] => String::new(),
        [only] => format!(" with {only}"),
        many => format!(" with {}", many.join(" and ")),
    };
    let made = if on_this_computer { ", which runs inside the program" } else { "" };
    format!(
        "From the journal, recorded {}{models}{made}. Nothing was sent to show it; run it again to \
         make your own.",
        date(recorded.at_ms)
    )
}

/// The user's date and time of day: `22 Nov 2026, 14:02`.
pub(super) fn date(ms: i64) -> String {
    let utc = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    utc.with_timezone(&chrono::Local).format("%-d %b %Y, %H:%M").to_string()
}

fn staleness(ui: &mut Ui, state: &AppState, prompt: &Prompt, trial: &Trial, outbox: &Outbox) {
    let Some(why) = stale(state, prompt, trial) else { return };
    let title = format!("^ stale: {why}");
    notice(ui, NoticeKind::Warning, &title, "", |ui| {
        let again = Button::secondary("Refresh").name("Refresh the stale chain").compact();
        let again = again.tip("Runs it again: only what the change touches is asked anew");
        if again.disabled_because(runnable(state).err()).show(ui).clicked() {
            outbox.send(TryCommand::Run);
        }
    });
}

/// What an experiment is, and what can become of it.
fn experiment(ui: &mut Ui, state: &AppState, trial: &Trial, outbox: &Outbox) {
    match &trial.variant {
        Variant::Plain | Variant::Sample => {}
        Variant::Branch => {
            let parts = trial.by_hand.join(" and ");
            let title = format!("Edited by hand: {parts}");
            let detail = "A branch beside the chain it came from; what follows was asked anew.";
            notice(ui, NoticeKind::Info, &title, detail, |_| {});
        }
        Variant::Without { principle } => {
            let title = format!("Without {principle}");
            let detail = "An experiment: the constitution still has it.";
            notice(ui, NoticeKind::Info, &title, detail, |_| {});
        }
        Variant::With { text } => {
            let title = format!("Scratch: with “{text}”");
            let detail = "The candidate was drawn first. The constitution is as it was.";
            notice(ui, NoticeKind::Info, &title, detail, |ui| {
                let react = state.trial.react.as_ref();
                let is_open = react.is_some_and(|react| react.tried == Some(trial.number));
                let add = Button::secondary("Add to the constitution").compact();
                if add.disabled_because(editable(state).err()).show(ui).clicked() {
                    if is_open {
                        outbox.send(TryCommand::React(ReactCommand::Add));
                    } else {
                        outbox.send(ConstitutionCommand::AddLines(text.clone()));
                    }
                }
                if is_open {
                    let back = Button::secondary("Back to the reaction").shortcut("R").compact();
                    if back.show(ui).clicked() {
                        outbox.send(TryCommand::React(ReactCommand::Reopen));
                    }
                }
                let busy = matches!(trial.status, TrialStatus::Running(_));
                let busy = busy.then_some("It is on its way; stop it first");
                let discard = Button::quiet("Discard").name("Discard the scratch chain").compact();
                if discard.disabled_because(busy).show(ui).clicked() {
                    outbox.send(TryCommand::Forget(trial.number));
                }
            });
        }
    }
}

/// That it runs, stopped, or failed, and how to go on.
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
