//! What lies beside every screen and covers nothing: a crash report, the newcomer's cards; and,
//! while files are dragged over the window, what dropping them does.

use egui::{Align, Align2, Frame, Id, Layout, Margin, Order, Panel, Ui};

use crate::app::Command;
use crate::app::command::HomeCommand;
use crate::app::outbox::Outbox;
use crate::app::state::home::CARDS;
use crate::app::state::{AppState, Area};
use crate::app::theme::{self, space, text};
use crate::app::widgets::{Button, number};

/// A crash report that nobody has seen.
pub(super) fn crash(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(report) = &state.home.crash else { return };
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(12, 6));
    Panel::top("crash report").frame(frame).show(ui, |ui| {
        let title = if report.goes_on {
            "Something failed inside the program; everything else goes on"
        } else {
            "Preamble ended unexpectedly the last time"
        };
        let detail = "A report is on this computer and was sent nowhere. It has no text of your \
                      documents and no key.";
        ui.horizontal(|ui| {
            ui.label(text::strong("!").color(t.warning));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let dismiss = Button::quiet("Dismiss").name("Dismiss report").compact();
                if dismiss.show(ui).clicked() {
                    outbox.send(HomeCommand::DismissCrash);
                }
                let copy = Button::secondary("Copy text").name("Copy report").compact();
                if copy.show(ui).clicked() {
                    outbox.send(Command::Copy(report.text.clone()));
                }
                if Button::secondary("Open folder").compact().show(ui).clicked() {
                    outbox.send(HomeCommand::OpenFolder(report.path.clone()));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let response = ui.label(text::strong(title));
                    ui.ctx().accesskit_node_builder(response.id, |node| {
                        node.set_live(egui::accesskit::Live::Polite);
                    });
                    let label = egui::Label::new(text::weak_label(detail)).truncate();
                    ui.add(label).on_hover_text(detail);
                });
            });
        });
    });
}

/// What a card says and what its own button says, by its place.
fn card_words(state: &AppState, card: u8) -> (&'static str, &'static str) {
    let has_chain = state
        .selection
        .prompt
        .as_ref()
        .and_then(|id| state.trial.trials.get(&(state.selection.prompts.clone(), id.clone())))
        .is_some_and(|trial| trial.row.is_some());
    match card {
        0 if has_chain => (
            "Click a coloured phrase",
            "The principle that caused it and the critic's words are shown beside it",
        ),
        0 => (
            "Run this prompt, then click a coloured phrase",
            "Ctrl+Enter runs it; the principle that caused a change is shown beside it",
        ),
        1 => (
            "Don't like an answer? React",
            "Say what is wrong with it; candidate principles come from that",
        ),
        2 => ("Compare two constitutions", "The same prompts under each, and where they differ"),
        _ => (
            "Connect a model or import your prompts",
            "Or keep exploring: Home keeps the list of first steps",
        ),
    }
}

/// Whether a newcomer's card is shown: over the sample only, where it has something to point at.
fn has_card(state: &AppState) -> bool {
    let is_sample = state.home.facts.is_some_and(|facts| facts.is_sample);
    state.settings.cards < CARDS && is_sample && matches!(state.area, Area::Try | Area::Compare)
}

/// The height of what lies at the bottom of the screen, in points.
pub(super) fn height(state: &AppState) -> f32 {
    if has_card(state) { 42.0 } else { 0.0 }
}

/// The newcomer's card to show next.
pub(super) fn cards(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    if !has_card(state) {
        return;
    }
    let card = state.settings.cards;
    let t = theme::tokens(ui);
    let frame = Frame::new().fill(t.surface).inner_margin(Margin::symmetric(12, 6));
    Panel::bottom("first steps").frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            let place = format!("{} of {CARDS}", card + 1);
            ui.label(text::weak_label(place));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let hide = Button::quiet("Don't show again").compact();
                if hide.tip("Help > First steps brings them back").show(ui).clicked() {
                    outbox.send(HomeCommand::HideCards);
                }
                let next = if card + 1 == CARDS { "Done" } else { "Next" };
                if Button::secondary(next).name("Next card").compact().show(ui).clicked() {
                    outbox.send(HomeCommand::NextCard);
                }
                card_actions(ui, state, card, outbox);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let (title, detail) = card_words(state, card);
                    let response = ui.label(text::strong(title));
                    ui.ctx().accesskit_node_builder(response.id, |node| {
                        node.set_live(egui::accesskit::Live::Polite);
                    });
                    ui.add(egui::Label::new(text::weak_label(detail)).truncate());
                });
            });
        });
    });
}

fn card_actions(ui: &mut Ui, state: &AppState, card: u8, outbox: &Outbox) {
    use crate::app::command::{GoCommand, ProjectCommand};
    use crate::app::state::{PathPurpose, SettingsPage};
    match card {
        2 if state.area != Area::Compare
            && Button::secondary("Open Compare").compact().show(ui).clicked() =>
        {
            outbox.send(GoCommand::Area(Area::Compare));
        }
        3 => {
            if Button::secondary("Import prompts…").compact().show(ui).clicked() {
                outbox.send(ProjectCommand::AskPath(PathPurpose::Import));
            }
            if Button::secondary("Connect a model…").compact().show(ui).clicked() {
                outbox.send(HomeCommand::Page(SettingsPage::Models));
            }
        }
        _ => {}
    }
}

/// What dropping does, while files are dragged over the window.
pub(super) fn dropping(ctx: &egui::Context, state: &AppState) {
    let count = ctx.input(|input| input.raw.hovered_files.len()) as u64;
    if count == 0 {
        return;
    }
    egui::Area::new(Id::unique("dropping"))
        .order(Order::Tooltip)
        .anchor(Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(ctx, |ui| {
            Frame::popup(ui.style()).inner_margin(Margin::same(24)).show(ui, |ui| {
                ui.label(text::title(format!("Drop {}", number::counted(count, "file", "files"))));
                ui.add_space(space::XS);
                let words = if state.project.is_some() {
                    "What is in it is shown before anything is imported"
                } else {
                    "A project folder is opened; anything else needs an open project first"
                };
                ui.label(words);
            });
        });
}
