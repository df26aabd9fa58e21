//! The last answers of all chains of a prompt beside each other, and the tabs that choose one.

use egui::{ScrollArea, Ui};

use super::diffs::{Diffs, words};
use crate::app::Outbox;
use crate::app::command::TryCommand;
use crate::app::state::trial::PromptKey;
use crate::app::state::{AppState, Trial, TrialStatus};
use crate::app::theme::{self, space, text};
use crate::app::widgets::{Button, badge, number, shaded_view};

/// The least width of an answer's column, in points.
const COLUMN: f32 = 250.0;

/// The prompt's chains by name, where there is more than one; a click shows it.
pub(super) fn tabs(ui: &mut Ui, state: &AppState, key: &PromptKey, outbox: &Outbox) {
    let all = state.trial.chains(key);
    if all.len() < 2 {
        return;
    }
    let shown = state.trial.trials.get(key).map(|trial| trial.number);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        // A name that doesn't fit goes to the next line whole.
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        ui.label(text::weak_label("Chains"));
        for trial in &all {
            let label = label_in(trial, &all);
            let name = format!("Chain {label}");
            let tip = tip(trial);
            let chosen = Some(trial.number) == shown;
            let button = Button::quiet(&label).name(&name).tip(&tip).compact().selected(chosen);
            if button.show(ui).clicked() {
                outbox.send(TryCommand::Show(trial.number));
            }
        }
        let is_busy = all
            .iter()
            .any(|t| Some(t.number) == shown && matches!(t.status, TrialStatus::Running(_)));
        let busy = is_busy.then_some("It is on its way; stop it first");
        let off = Button::quiet("×").name("Take this chain off the screen").compact();
        let off = off.tip("Takes the chain shown off the screen; the journal keeps it");
        if off.disabled_because(busy).show(ui).clicked()
            && let Some(number) = shown
        {
            outbox.send(TryCommand::Forget(number));
        }
    });
}

/// A chain's label; of several with the same one, the older ones say so.
pub(super) fn label_in(trial: &Trial, all: &[&Trial]) -> String {
    let label = trial.label();
    let place = all.iter().position(|other| other.number == trial.number).unwrap_or_default();
    let newer = all[place + 1..].iter().filter(|other| other.label() == label).count();
    match newer {
        0 => label,
        1 => format!("{label}, earlier"),
        n => format!("{label}, {n} before"),
    }
}

fn tip(trial: &Trial) -> String {
    let mut parts = vec![match &trial.status {
        TrialStatus::Running(_) => "On its way".to_owned(),
        TrialStatus::Done => "Done".to_owned(),
        TrialStatus::Failed { at, .. } => format!("Stopped at {at}"),
        TrialStatus::Stopped => "Stopped".to_owned(),
    }];
    if !trial.by_hand.is_empty() {
        parts.push(format!("edited by hand: {}", trial.by_hand.join(", ")));
    }
    if let Some(recorded) = &trial.recorded {
        parts.push(format!("recorded {}", super::banner::date(recorded.at_ms)));
    }
    parts.join(" · ")
}

/// The last answers, beside each other.
pub(super) fn show(
    ui: &mut Ui,
    state: &AppState,
    key: &PromptKey,
    diffs: &mut Diffs,
    outbox: &Outbox,
) {
    let t = theme::tokens(ui);
    let all = state.trial.chains(key);
    let whole: Vec<(&Trial, &str)> =
        all.iter().filter_map(|trial| Some((*trial, trial.chain()?.last()))).collect();
    ui.horizontal_wrapped(|ui| {
        let mut grey = state.trial.look.grey_shared;
        let few = (whole.len() < 2).then_some("There is one answer; run three samples first");
        ui.add_enabled_ui(few.is_none(), |ui| {
            let response = ui.checkbox(&mut grey, "Grey what all share");
            if response.on_hover_text("Shows what each answer has of its own (G)").changed() {
                outbox.send(TryCommand::GreyShared(grey));
            }
        });
        if whole.len() < 2 {
            ui.label(text::weak_label("One answer so far. Three samples (X) draw two more."));
        }
    });
    if whole.is_empty() {
        return;
    }
    let texts: Vec<&str> = whole.iter().map(|(_, text)| *text).collect();
    let shared = diffs.shared(&texts);
    let grey = state.trial.look.grey_shared;
    let has_shared = shared.iter().flatten().any(|stretch| stretch.shared);
    if grey && !has_shared {
        ui.label(text::weak_label("These answers share no passage of three words or more"));
    }
    let gap = space::M;
    let room = ui.available_width();
    let n = whole.len() as f32;
    let width = ((room - gap * (n - 1.0)) / n).max(COLUMN);
    let shown = state.trial.trials.get(key).map(|trial| trial.number);
    ScrollArea::horizontal().id_salt("answers").auto_shrink([false, true]).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = gap;
            for ((trial, answer), stretches) in whole.iter().zip(shared.iter()) {
                ui.vertical(|ui| {
                    ui.set_width(width);
                    let label = label_in(trial, &all);
                    ui.horizontal(|ui| {
                        let name = format!("Show the chain of {label}");
                        let chosen = Some(trial.number) == shown;
                        let button = Button::quiet(&label).name(&name).compact().selected(chosen);
                        if button.show(ui).clicked() {
                            outbox.send(TryCommand::Show(trial.number));
                        }
                        let count = number::counted(words(answer) as u64, "word", "words");
                        ui.label(text::weak_label(count));
                    });
                    let reward = trial.row.as_ref().and_then(|row| row.scores.last());
                    if let Some(scored) = reward {
                        match scored.score.reward {
                            Some(reward) => {
                                ui.label(text::label(format!("reward {}", number::score(reward))));
                            }
                            None => {
                                badge(ui, "unparsed", t.warning, "The verdict could not be read");
                            }
                        }
                    }
                    let parts: Vec<(bool, &str)> = stretches
                        .iter()
                        .map(|stretch| (grey && stretch.shared, stretch.text.as_str()))
                        .collect();
                    shaded_view(ui, ("answer", trial.number), &parts);
                });
            }
        });
    });
}
