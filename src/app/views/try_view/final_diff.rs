//! The draft against the last answer: as one text or beside each other, each edit with its cause.

use egui::Ui;

use super::chain::{self, principle_of};
use super::diffs::{Diffs, OUTCOME, Traced};
use super::shown::Shown;
use crate::app::Outbox;
use crate::app::command::{GoCommand, TryCommand};
use crate::app::state::{AppState, Trial};
use crate::app::theme::{self, space, text};
use crate::app::widgets::{card, chip, clickable_diff, diff_view, number, prose};
use crate::domain::PrincipleId;

/// The final diff as one text.
pub(super) fn show(
    ui: &mut Ui,
    state: &AppState,
    trial: &Trial,
    diffs: &mut Diffs,
    outbox: &Outbox,
) {
    card(ui, |ui| {
        chain::strip(ui, trial, diffs, outbox);
        ui.add_space(space::XS);
        let Some(traced) = diffs.traced(trial) else {
            nothing_whole(ui, trial);
            return;
        };
        if traced.found.edits.is_empty() {
            ui.label(text::weak_label("The last answer is the draft, word for word"));
            let texts = trial.texts();
            prose(ui, ("final", trial.number), texts.last().copied().unwrap_or_default());
            return;
        }
        by_lines(ui, &traced);
        let look = state.trial.look;
        let spans = if look.changes_only { &traced.cut } else { &traced.found.spans };
        let chosen = look.edit.filter(|(of, _)| *of == trial.number).map(|(_, edit)| edit);
        let marked = |span: usize| {
            chosen.is_some() && traced.found.edit_of.get(span).copied().flatten() == chosen
        };
        let salt = ("final diff", trial.number, look.changes_only);
        if let Some(span) = clickable_diff(ui, salt, spans, &marked) {
            let edit = traced.found.edit_of.get(span).copied().flatten();
            outbox.send(TryCommand::Edit(edit.filter(|edit| Some(*edit) != chosen)));
        }
        ui.add_space(space::XS);
        summary(ui, trial, &traced, outbox);
    });
}

/// Draft and last answer, beside each other.
pub(super) fn side_by_side(
    ui: &mut Ui,
    state: &AppState,
    trial: &Trial,
    diffs: &mut Diffs,
    outbox: &Outbox,
) {
    let t = theme::tokens(ui);
    card(ui, |ui| {
        chain::strip(ui, trial, diffs, outbox);
        ui.add_space(space::XS);
        let Some(traced) = diffs.traced(trial) else {
            nothing_whole(ui, trial);
            return;
        };
        by_lines(ui, &traced);
        let cut = state.trial.look.changes_only;
        let sides = if cut { &traced.cut_sides } else { &traced.sides };
        let steps = trial.chain().map_or(0, |chain| chain.steps.len());
        let last = if steps == 0 { "Draft".to_owned() } else { format!("After round {steps}") };
        let heads = [("Draft".to_owned(), t.before), (last, t.after)];
        ui.columns(2, |columns| {
            for (place, ((column, spans), (head, colour))) in
                columns.iter_mut().zip(sides).zip(heads).enumerate()
            {
                column.label(text::label(head).color(colour));
                diff_view(column, ("side", trial.number, place, cut), spans);
            }
        });
        ui.add_space(space::XS);
        summary(ui, trial, &traced, outbox);
    });
}

fn nothing_whole(ui: &mut Ui, trial: &Trial) {
    let shown = Shown::of(trial);
    match shown.draft {
        Some(draft) if !draft.text.trim().is_empty() => {
            prose(ui, ("final draft", trial.number), draft.text);
        }
        // Why is said above.
        Some(_) | None => {
            ui.label(text::weak_label("There is no draft"));
        }
    }
}

fn by_lines(ui: &mut Ui, traced: &Traced) {
    if traced.found.by_lines {
        let words = "These texts are long, so they are compared line by line";
        ui.label(text::weak_label(words));
    }
}

/// `P3 caused 2 of 3 edits · 1 edit unexplained`.
fn summary(ui: &mut Ui, trial: &Trial, traced: &Traced, outbox: &Outbox) {
    let Some(chain) = trial.chain() else { return };
    let all = traced.found.edits.len() as u64;
    // A principle drawn twice is one cause; what a person rewrote is theirs.
    let mut causes: Vec<(Option<PrincipleId>, u64)> = Vec::new();
    for (step, count) in chain.steps.iter().zip(&traced.by_step) {
        if *count == 0 {
            continue;
        }
        let name = (!by_hand(trial, step.round)).then(|| step.principle.clone());
        match causes.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += *count as u64,
            None => causes.push((name, *count as u64)),
        }
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        for (place, (principle, count)) in causes.iter().enumerate() {
            if place > 0 {
                ui.label(text::weak_label("·"));
            }
            match principle {
                Some(id) => principle_chip(ui, trial, id, outbox),
                None => {
                    ui.label(text::label("Your own hand"));
                }
            }
            let edits = if place == 0 {
                format!(
                    "caused {} of {}",
                    number::count(*count),
                    number::counted(all, "edit", "edits")
                )
            } else {
                format!("caused {}", number::count(*count))
            };
            ui.label(text::label(edits));
        }
        if traced.unexplained > 0 {
            let edits = number::counted(traced.unexplained as u64, "edit", "edits");
            let lead = if causes.is_empty() { "" } else { "· " };
            let mark = ui.label(text::label(format!("{lead}{edits} unexplained")));
            mark.on_hover_text(
                "No single step put these words in or took them out: they were moved, or went and \
                 came back",
            );
        }
    });
}

/// Whether a person wrote the revision of a round.
pub(super) fn by_hand(trial: &Trial, round: u32) -> bool {
    let name = crate::app::state::StepPart::Revision(round).to_string();
    trial.by_hand.contains(&name)
}

/// A principle's chip; a click shows the principle.
pub(super) fn principle_chip(ui: &mut Ui, trial: &Trial, id: &PrincipleId, outbox: &Outbox) {
    let (hue, meaning) = principle_of(trial.constitution.as_deref(), id);
    if chip(ui, &id.0, &meaning, hue).clicked() {
        outbox.send(GoCommand::Principle(Some(id.clone())));
        outbox.send(GoCommand::Area(crate::app::state::Area::Constitution));
    }
}

/// The outcome of the chain that this one is compared with, against its own.
pub(super) fn outcome(ui: &mut Ui, state: &AppState, trial: &Trial, diffs: &mut Diffs) {
    let t = theme::tokens(ui);
    let Some(other) = compared(state, trial) else { return };
    let (Some(before), Some(after)) = (other.chain(), trial.chain()) else { return };
    let diff = diffs.of(trial.number, OUTCOME, before.last(), after.last());
    card(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong("Last answers"));
            ui.label(text::label(other.label()).color(t.before));
            ui.label(text::weak_label("→"));
            ui.label(text::label(trial.label()).color(t.after));
        });
        if diff.same {
            ui.label(text::weak_label("They are the same, word for word"));
            return;
        }
        let words = chain::change_in_words(&diff);
        ui.label(text::weak_label(words));
        let spans = if state.trial.look.changes_only { &diff.cut } else { &diff.spans };
        diff_view(ui, ("outcome", trial.number, state.trial.look.changes_only), spans);
    });
}

/// The chain that one is compared with: the one it was made beside, else the newest plain one.
fn compared<'a>(state: &'a AppState, trial: &Trial) -> Option<&'a Trial> {
    let beside = trial.of?;
    state.trial.find(beside).or_else(|| {
        let key = super::key(state)?;
        let all = state.trial.chains(&key);
        all.into_iter().rev().find(|other| other.variant.is_plain() && other.number != trial.number)
    })
}
