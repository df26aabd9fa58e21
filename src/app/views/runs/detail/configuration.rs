//! What a run was frozen with, and how that differs from another's.

use egui::Ui;

use super::super::list::started;
use crate::app::Command;
use crate::app::command::RunsCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::runs::{Kinds, RunDetail, name_of};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::{Button, NoticeKind, Prose, choice, diff_view, notice, section};
use crate::domain::RunId;
use crate::store::journal::RunOverview;

/// Draws it; `is_shown` says whether its text is unfolded.
pub(super) fn show(
    ui: &mut Ui,
    state: &AppState,
    detail: Option<&RunDetail>,
    is_shown: &mut bool,
    outbox: &Outbox,
) {
    let Some(detail) = detail else { return };
    ui.add_space(space::S);
    section(ui, "Configuration, frozen when it began");
    if detail.configuration.is_empty() {
        ui.label(text::weak_label("The journal has none"));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        let words = if *is_shown { "Hide" } else { "Show" };
        let name = format!("{words} configuration");
        if Button::secondary(words).name(&name).compact().show(ui).clicked() {
            *is_shown = !*is_shown;
        }
        let copy = Button::quiet("Copy").name("Copy configuration").compact();
        if copy.show(ui).clicked() {
            outbox.send(Command::Copy(detail.configuration.clone()));
        }
        let line = Button::quiet("Copy command line").compact();
        let tip = "The command that goes on with this run in a terminal";
        if line.tip(tip).show(ui).clicked() {
            outbox.send(RunsCommand::CopyCommandLine);
        }
        against(ui, state, &detail.record.id, outbox);
    });
    if let Some(judge) = &detail.judge {
        ui.add(egui::Label::new(format!("Judged by {judge}")).wrap());
    }
    for change in &detail.changes {
        let when = started(change.at_ms);
        let words = format!("{when}, changed while running: {}", change.words.join(", "));
        ui.add(egui::Label::new(words).wrap());
    }
    if let Some(diff) = state.runs.diff.as_ref().filter(|diff| diff.run == detail.record.id) {
        match &diff.spans {
            None => {
                ui.label(text::weak_label("Comparing…"));
            }
            Some(Err(failure)) => {
                notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |_| {});
            }
            Some(Ok(spans)) if spans.is_empty() => {
                ui.label(format!("Nothing differs from {}", diff.other));
            }
            Some(Ok(spans)) => {
                let words = format!(
                    "Orange: only in {}. Blue: only in {}, shown here",
                    diff.other, diff.run
                );
                ui.label(text::weak_label(words));
                diff_view(ui, ("configuration", diff.other.as_str()), spans);
            }
        }
    }
    if *is_shown {
        let t = theme::tokens(ui);
        egui::Frame::new().fill(t.raised).corner_radius(size::RADIUS).inner_margin(8).show(
            ui,
            |ui| {
                Prose::new("configuration", &detail.configuration).mono().show(ui);
            },
        );
    }
}

/// Which run to hold the configuration against.
fn against(ui: &mut Ui, state: &AppState, run: &RunId, outbox: &Outbox) {
    /// More than these nobody looks through.
    const MOST: usize = 60;
    let others: Vec<&RunOverview> = state
        .runs
        .all()
        .iter()
        .filter(|other| &other.record.id != run && Kinds::Sets.has(other.record.kind))
        .take(MOST)
        .collect();
    if others.is_empty() {
        return;
    }
    let mut names = vec!["Nothing".to_owned()];
    names.extend(others.iter().map(|o| format!("{} {}", o.record.id, name_of(&o.record))));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let now = state.runs.diff.as_ref().filter(|diff| &diff.run == run);
    let chosen = now
        .and_then(|diff| others.iter().position(|other| other.record.id == diff.other))
        .map_or(0, |place| place + 1);
    if let Some(place) = choice(ui, "Diff against", Some(chosen), &names, 220.0) {
        let other = place.checked_sub(1).map(|place| others[place].record.id.clone());
        outbox.send(RunsCommand::Against(other));
    }
}
