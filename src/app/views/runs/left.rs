//! A strip over every screen: what the last sitting left in the middle, and what waited.

use egui::{Align, Frame, Layout, Margin, Panel, Ui};

use crate::app::command::{GoCommand, RunsCommand};
use crate::app::effects::runs::ResumeWishes;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Area};
use crate::app::theme::{self, text};
use crate::app::widgets::Button;
use crate::app::widgets::number::{count, counted};
use crate::store::journal::RunOverview;

/// Draws it, where there is anything to ask about.
pub(super) fn strip(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let left = &state.runs.left;
    if !left.is_known || left.is_hidden || editable(state).is_err() {
        return;
    }
    let interrupted = state.runs.interrupted();
    let waiting = left.waiting.len() as u64;
    let Some(words) = words(&interrupted, waiting) else { return };
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(12, 6));
    Panel::top("left runs").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(text::strong("!").color(t.warning));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let later = Button::quiet("Not now").name("Not now: left runs").compact();
                if later.tip("Runs keeps them").show(ui).clicked() {
                    outbox.send(RunsCommand::HideLeft);
                }
                let show = Button::secondary("Show").name("Show left runs").compact();
                if show.show(ui).clicked() {
                    outbox.send(GoCommand::Area(Area::Runs));
                    if let Some(run) = interrupted.first() {
                        outbox.send(RunsCommand::Select(run.record.id.clone()));
                    }
                    outbox.send(RunsCommand::HideLeft);
                }
                if let Some(run) = interrupted.first() {
                    let id = run.record.id.clone();
                    let name = format!("Resume {id}");
                    let button = Button::secondary("Resume").name(&name).compact();
                    let tip = "Only what is missing is asked; what was paid for is not paid again";
                    if button.tip(tip).show(ui).clicked() {
                        let wishes = ResumeWishes::default();
                        outbox.send(RunsCommand::Resume { run: id, wishes });
                    }
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let response = ui.add(egui::Label::new(text::strong(&words)).truncate());
                    ui.ctx().accesskit_node_builder(response.id, |node| {
                        node.set_live(egui::accesskit::Live::Polite);
                    });
                });
            });
        });
    });
}

fn words(interrupted: &[&RunOverview], waiting: u64) -> Option<String> {
    let mut words = match interrupted {
        [] if waiting == 0 => return None,
        [] => {
            let runs = counted(waiting, "run", "runs");
            return Some(format!(
                "{runs} waited when the window was closed; Runs has what to begin"
            ));
        }
        [run, ..] => format!(
            "{} stopped at {} of {}",
            run.record.id,
            count(run.rows - run.rows_failed),
            count(run.record.rows_total)
        ),
    };
    let others = interrupted.len() as u64 - 1 + waiting;
    if others > 0 {
        words = format!("{words}, and {} more in Runs", count(others));
    }
    Some(words)
}
