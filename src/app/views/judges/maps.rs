//! Maps of a judge's probabilities: fitting one, the one that is kept, and taking it out.

use std::fmt::Write as _;

use egui::{Label, Ui};

use super::report::command;
use crate::app::command::{JudgeChange, JudgesCommand, ReportCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Part, ShownReport};
use crate::app::theme::{self, space, text};
use crate::app::widgets::number::counted;
use crate::app::widgets::{Button, term};
use crate::domain::Recalibration;
use crate::stats::calibration::Kind;
use crate::stats::estimate::Unknown;
use crate::stats::judge_report::{Calibration, Repair};
use crate::stats::words::two;

/// Draws the one that is kept, and those that can be fitted.
pub(super) fn show(
    ui: &mut Ui,
    state: &AppState,
    shown: &ShownReport,
    calibration: &Calibration,
    outbox: &Outbox,
) {
    ui.add_space(space::XS);
    ui.horizontal(|ui| {
        ui.label(text::strong("A map for exports"));
        term(ui, "calibration");
    });
    let stem = shown.wanted.judge.as_str();
    let kept = state.judge(stem).and_then(|judge| judge.recalibration.as_ref());
    match kept {
        Some(map) => kept_ui(ui, state, shown, map, outbox),
        None => {
            ui.label(text::weak_label("None is kept: exports say what the judge said"));
        }
    }
    if shown.wanted.part == Part::Gold {
        ui.label(text::weak_label(
            "Maps are fitted to one half of dev, and shown on its other half",
        ));
        return;
    }
    let words = "Each is fitted to one half of dev, and shown on the other";
    ui.label(text::weak_label(words));
    for repair in &calibration.repairs {
        one(ui, state, repair, kept, outbox);
    }
}

/// The map that is kept, whose it is, and the way out.
fn kept_ui(
    ui: &mut Ui,
    state: &AppState,
    shown: &ShownReport,
    map: &Recalibration,
    outbox: &Outbox,
) {
    let t = theme::tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(format!("Kept: {}", map.map)).on_hover_text(
            "Exports put this judge’s probabilities through it where you tick that; the journal \
             keeps what it said",
        );
        let remove = Button::quiet("Remove").name("Remove the map").compact();
        let remove = remove.tip("Undo brings it back");
        if remove.disabled_because(editable(state).err()).show(ui).clicked() {
            let stem = shown.wanted.judge.clone();
            outbox.send(JudgesCommand::Judge { stem, change: JudgeChange::RemoveMap });
        }
    });
    let mut words = format!("Fitted to {}", counted(map.labels, "label", "labels"));
    if !map.set.is_empty() {
        write!(words, " of {}", map.set).ok();
    }
    if !map.day.is_empty() {
        write!(words, ", {}", map.day).ok();
    }
    ui.label(text::weak_label(words));
    let about = shown.judging.about.as_ref();
    if about.is_some_and(|about| about.identities != map.judged_by.models) {
        let words = format!(
            "It was fitted to {}, and the judge is another one now: fit it anew",
            map.judged_by
        );
        ui.add(Label::new(text::label(words).color(t.warning)).wrap());
    }
}

/// A kind of map: what it does on the half that it was not fitted to, and keeping it.
fn one(
    ui: &mut Ui,
    state: &AppState,
    repair: &Repair,
    kept: Option<&Recalibration>,
    outbox: &Outbox,
) {
    let t = theme::tokens(ui);
    let (name, tip) = match repair.kind {
        Kind::Temperature => ("temperature", "Log-odds divided by one number: no order changes"),
        Kind::Platt => ("Platt", "A straight line of log-odds: shifts as well"),
        Kind::Isotonic => ("isotonic", "Any rising map; needs most labels"),
    };
    let called = format!("Fit {name}");
    ui.horizontal_wrapped(|ui| match &repair.fitted {
        Ok(fitted) => {
            let is_kept = kept.is_some_and(|kept| kept.hash() == fitted.recalibration.hash());
            let words = format!("Fit {}", fitted.recalibration.map);
            let why_not = is_kept.then_some("It is the one that is kept");
            let button = Button::secondary(&words).name(&called).tip(tip).compact();
            let button = button.disabled_because(editable(state).err().or(why_not));
            if button.show(ui).clicked() {
                outbox.send(command(ReportCommand::KeepMap(repair.kind)));
            }
            let (before, after) = (two(fitted.before.brier.value), two(fitted.after.brier.value));
            let words = format!("Brier {before} → {after}");
            if fitted.helps() {
                ui.label(text::label(words));
            } else {
                let words = format!("{words}: no help");
                ui.label(text::label(words).color(t.warning));
            }
        }
        Err(why) => {
            let words = match why {
                Unknown::TooFew { n, least } => {
                    format!("{n} of {least} labels in each half of dev")
                }
                why => super::agreement::why_not(why),
            };
            let button = Button::secondary(&called).tip(tip).compact();
            button.disabled_because(Some("There are too few labels to fit it to")).show(ui);
            ui.label(text::weak_label(words));
        }
    });
}
