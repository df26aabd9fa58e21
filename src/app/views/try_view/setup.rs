//! What a chain runs with, and the buttons that run it.

use egui::{Checkbox, DragValue, Ui};

use crate::app::Outbox;
use crate::app::command::{GoCommand, TryCommand};
use crate::app::menu_command::runnable;
use crate::app::state::AppState;
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, choice, stepper};

/// Names and stems of documents, in the order of the stems.
fn named<'a, T>(
    all: &'a std::collections::BTreeMap<String, T>,
    name: impl Fn(&'a T) -> &'a str,
) -> (Vec<&'a str>, Vec<&'a str>) {
    let stems = all.keys().map(String::as_str).collect();
    let names = all
        .iter()
        .map(|(stem, value)| {
            let name = name(value);
            if name.trim().is_empty() { stem.as_str() } else { name }
        })
        .collect();
    (stems, names)
}

pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        let why_not = runnable(state).err();
        if state.trial.running.is_some() {
            let stop = Button::secondary("Stop").shortcut("Ctrl+.");
            let stop = stop.tip("Stops the chain; what is there is kept");
            if stop.show(ui).clicked() {
                outbox.send(TryCommand::Stop);
            }
        } else {
            // Before the first run, the primary button is the one that says what a run does.
            let run = match super::current(state) {
                Some(_) => Button::primary("Run again"),
                None => Button::secondary("Run"),
            };
            let run = run.name("Run prompt").shortcut("Ctrl+Enter");
            if run.disabled_because(why_not).show(ui).clicked() {
                outbox.send(TryCommand::Run);
            }
        }
        let other = Button::secondary("Other seed");
        let other = other.tip("Other draws: other principles, other words (Ctrl+Shift+Enter)");
        if other.disabled_because(why_not).show(ui).clicked() {
            outbox.send(TryCommand::RunOtherSeed);
        }
        let samples = Button::secondary("×3").name("Three samples");
        let samples = samples.tip("Three samples: this seed and the two after it (X)");
        if samples.disabled_because(why_not).show(ui).clicked() {
            outbox.send(TryCommand::Samples);
        }
        let mut seed = state.trial.seed.unwrap_or_else(|| project_seed(state));
        let label = ui.label(text::weak_label("Seed"));
        let field = DragValue::new(&mut seed).speed(0.2);
        let response = ui.add(field).labelled_by(label.id);
        if response.on_hover_text("The same seed draws the same principles again").changed() {
            outbox.send(TryCommand::Seed(seed));
        }
        let mut locked = !state.trial.seed_free;
        let tip = "On: every run keeps the seed, so that what changes comes from your edits. Off: \
                   every run takes the next seed";
        if ui.checkbox(&mut locked, "Lock").on_hover_text(tip).changed() {
            outbox.send(TryCommand::LockSeed(locked));
        }
        if let Some(rounds) = stepper(ui, "Rounds", state.trial.rounds(), 1..=6) {
            outbox.send(TryCommand::Rounds(rounds));
        }
    });
    let Some(documents) = state.documents() else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        let (stems, names) = named(&documents.constitutions, |c| c.name.as_str());
        let chosen = stems.iter().position(|stem| *stem == state.selection.constitution);
        if let Some(place) = choice(ui, "Constitution", chosen, &names, 190.0) {
            outbox.send(GoCommand::Constitution(stems[place].to_owned()));
        }
        let mut score = state.trial.score;
        let (stems, names) = named(&documents.rubrics, |r| r.name.as_str());
        let box_ = Checkbox::new(&mut score, "Score by");
        if ui.add(box_).on_hover_text("Scores the draft and every revision by a rubric").changed() {
            outbox.send(TryCommand::Score(score));
        }
        ui.add_enabled_ui(score, |ui| {
            let chosen = stems.iter().position(|stem| *stem == state.selection.rubric);
            if let Some(place) = choice(ui, "Rubric", chosen, &names, 170.0) {
                outbox.send(GoCommand::Rubric(stems[place].to_owned()));
            }
        });
    });
    ui.add_space(space::XS);
}

/// The project's seed.
pub(super) fn project_seed(state: &AppState) -> u64 {
    state.documents().map_or(0, |documents| documents.setup.seed)
}
