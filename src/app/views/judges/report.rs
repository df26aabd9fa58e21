//! A judge's report: agreement, where it goes wrong, what its probabilities mean, and the items
//! behind each number.

use std::fmt::Write as _;

use egui::{Label, RichText, ScrollArea, Ui};

use super::rows::Rows;
use super::settings::{SettingsPage, pages};
use super::{agreement, beside, faults};
use crate::app::command::{JudgesCommand, LabelCommand, ReportCommand};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{JudgePage, Part, ReportState, Running, ShownReport};
use crate::app::theme::{space, text};
use crate::app::update::judges::{can_run, may_label};
use crate::app::widgets::button::segments;
use crate::app::widgets::layout::fit;
use crate::app::widgets::meter::progress;
use crate::app::widgets::number::{count, counted, money};
use crate::app::widgets::{Button, NoticeKind, announce, card, choice, notice, term};
use crate::domain::{JudgeForm, JudgeSetup, PanelRule, Split};

/// Below this width the panels stand one above the other, in points.
const BESIDE: f32 = 760.0;
/// The faults' share of the width; their lines are the longer ones.
const FAULTS: f32 = 0.54;

/// What the page remembers for itself.
#[derive(Default)]
pub(super) struct ReportPage {
    rows: Rows,
    settings: SettingsPage,
}

impl ReportPage {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, stem: &str, outbox: &Outbox) {
        let report = &state.judges.report;
        let Some(setup) = state.judge(stem) else { return };
        ScrollArea::vertical()
            .id_salt(("judge", stem, report.page == JudgePage::Settings))
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = space::S;
                title(ui, state, setup);
                if report.page == JudgePage::Settings {
                    self.settings.show(ui, state, (stem, setup), outbox);
                    ui.add_space(space::XL);
                    return;
                }
                head(ui, state, outbox);
                if let Some(running) = &report.running {
                    running_strip(ui, running, outbox);
                }
                if let Some(failure) = &report.failure {
                    notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |_| {});
                }
                let shown = report.shown.as_ref().filter(|shown| {
                    let wanted = &shown.wanted;
                    wanted.judge == stem
                        && wanted.set == report.against
                        && wanted.part == report.part
                });
                match shown {
                    Some(shown) if shown.judging.report.counts.judged > 0 => {
                        self.told(ui, state, shown, outbox);
                    }
                    Some(shown) => nothing_judged(ui, state, shown, outbox),
                    None => waiting(ui, state, outbox),
                }
                ui.add_space(space::XL);
            });
    }

    fn told(&mut self, ui: &mut Ui, state: &AppState, shown: &ShownReport, outbox: &Outbox) {
        agreement::show(ui, state, shown, outbox);
        beside::show(ui, state, shown, outbox);
        if ui.available_width() >= BESIDE {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = space::S;
                let room = ui.available_width() - space::S;
                let plain = egui::Layout::top_down(egui::Align::Min);
                let column = |ui: &mut Ui, width: f32, draw: &mut dyn FnMut(&mut Ui)| {
                    ui.allocate_ui_with_layout(egui::vec2(width, 0.0), plain, |ui| {
                        ui.set_width(width);
                        draw(ui);
                    });
                };
                column(ui, room * FAULTS, &mut |ui| faults::bias(ui, shown, outbox));
                column(ui, room * (1.0 - FAULTS), &mut |ui| {
                    faults::calibration(ui, state, shown, outbox);
                });
            });
        } else {
            faults::bias(ui, shown, outbox);
            faults::calibration(ui, state, shown, outbox);
        }
        self.rows.show(ui, state, shown, outbox);
    }
}

/// Who judges.
fn title(ui: &mut Ui, state: &AppState, setup: &JudgeSetup) {
    let name = if setup.name.trim().is_empty() { "A judge without a name" } else { &setup.name };
    ui.add(Label::new(text::title(name)).truncate());
    ui.add(Label::new(text::weak_label(in_words(state, setup))).wrap());
}

/// Held against what, and what can be done.
fn head(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let report = &state.judges.report;
    let sets: Vec<(&String, String)> = state
        .judges
        .all()
        .map(|(stem, book)| {
            let words = counted(book.sums.labels, "label", "labels");
            (stem, format!("{} · {words}", book.set.name))
        })
        .collect();
    ui.horizontal_wrapped(|ui| {
        pages(ui, JudgePage::Report, outbox);
        let names: Vec<&str> = sets.iter().map(|(_, words)| words.as_str()).collect();
        let chosen = sets.iter().position(|(stem, _)| **stem == report.against);
        let width = (ui.available_width() * 0.4).clamp(160.0, 320.0);
        if let Some(place) = choice(ui, "Against", chosen, &names, width) {
            outbox.send(command(ReportCommand::Against(sets[place].0.clone())));
        }
        fit(ui, 130.0);
        let parts = [
            (Part::Dev, "Dev", "For reading, examples and fits"),
            (Part::Gold, "Gold", "Locked: only reported on, and each look is counted"),
        ];
        if let Some(part) = segments(ui, report.part, &parts) {
            outbox.send(command(ReportCommand::Part(part)));
        }
        term(ui, "gold");
        let words = format!("Run on {}…", report.part.split());
        let run = Button::primary(&words).name("Run the judge…").shortcut("Ctrl+Enter");
        let run = run.tip("Says first how many calls it takes, and what they cost");
        if run.disabled_because(can_run(state).err()).show(ui).clicked() {
            outbox.send(command(ReportCommand::BeginRun(Some(report.part.split()))));
        }
        if report.shown.is_some() {
            let copy = Button::quiet("Copy summary").tip("The agreement in sentences, with runs");
            if copy.show(ui).clicked() {
                outbox.send(command(ReportCommand::CopySummary));
            }
        }
    });
}

pub(super) fn command(command: ReportCommand) -> JudgesCommand {
    JudgesCommand::Report(command)
}

/// A judge in a line.
fn in_words(state: &AppState, setup: &JudgeSetup) -> String {
    let own = state
        .documents()
        .map(|documents| documents.setup.model_of(crate::domain::ModelRole::Judge).to_owned());
    let models = match setup.models.as_slice() {
        [] => format!("the project’s judge ({})", own.unwrap_or_default()),
        [one] => one.clone(),
        some => {
            let rule = match setup.rule {
                PanelRule::Mean => "their mean",
                PanelRule::Majority => "majority",
                PanelRule::Unanimous => "unanimous",
                PanelRule::Any => "any",
                PanelRule::Weighted => "weighted mean",
            };
            format!("{} ({rule})", some.join(" + "))
        }
    };
    let mut parts = vec![models, setup.protocol.to_string().to_lowercase()];
    if setup.form == JudgeForm::Prometheus {
        parts.push("Prometheus form".to_owned());
    }
    parts.push(if setup.reason_first { "reason first" } else { "verdict only" }.to_owned());
    if setup.refine {
        parts.push("reads itself again".to_owned());
    }
    if setup.ties {
        parts.push("may call a tie".to_owned());
    }
    let examples = setup.examples.len() as u64;
    if examples > 0 {
        parts.push(format!("shown {}", counted(examples, "example", "examples")));
    }
    if setup.recalibration.is_some() {
        parts.push("has a map for exports".to_owned());
    }
    parts.join(" · ")
}

fn running_strip(ui: &mut Ui, running: &Running, outbox: &Outbox) {
    let sums = &running.progress;
    let part = sums.rows_done as f32 / sums.rows_total.max(1) as f32;
    let mut words = if running.is_stopping {
        "Stopping: calls on their way may still land".to_owned()
    } else {
        format!("{} of {} asked", count(sums.rows_done), count(sums.rows_total))
    };
    write!(words, " · {} sent", counted(sums.calls, "call", "calls")).ok();
    if sums.replayed > 0 {
        write!(words, " · {} from the journal", count(sums.replayed)).ok();
    }
    if sums.rows_failed > 0 {
        write!(words, " · {} failed", count(sums.rows_failed)).ok();
    }
    if sums.cost > 0.0 {
        write!(words, " · {}", money(sums.cost)).ok();
    }
    card(ui, |ui| {
        let part = (sums.rows_total > 0).then_some(part);
        progress(ui, "Judging", part, &words);
        announce(ui, &words);
        let why = running.is_stopping.then_some("It is stopping already");
        let stop = Button::secondary("Stop").name("Stop the judge").shortcut("Ctrl+.");
        if stop.disabled_because(why).show(ui).clicked() {
            outbox.send(command(ReportCommand::Stop));
        }
    });
}

/// Before the report is there.
fn waiting(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let report = &state.judges.report;
    if state.judges.book(&report.against).is_none() {
        card(ui, |ui| {
            ui.label(text::strong("No label set yet"));
            let words = "A judge is held against what people say. Make a label set from the \
                         answers of a run or comparison, or import labels from a file.";
            ui.add(Label::new(words).wrap());
            let make = Button::primary("New label set…");
            if make.disabled_because(may_label(state).err()).show(ui).clicked() {
                outbox.send(JudgesCommand::BeginSet(None));
            }
        });
        return;
    }
    if report.reading.is_some() {
        ui.label(text::weak_label("Reading verdicts and labels…"));
        return;
    }
    if report.part == Part::Gold {
        gold(ui, state, report, outbox);
    }
}

/// Gold waits until somebody says that they want to look.
fn gold(ui: &mut Ui, state: &AppState, report: &ReportState, outbox: &Outbox) {
    let Some(book) = state.judges.book(&report.against) else { return };
    card(ui, |ui| {
        ui.label(text::strong("Gold is locked"));
        let looks = book.looks.len() as u64;
        let words = format!(
            "It is there for the number that you report. Who looks often enough tunes to it without \
             wanting to, so each look is counted: {} so far. For reading and mending there is dev.",
            counted(looks, "look", "looks")
        );
        ui.add(Label::new(words).wrap());
        let look = Button::secondary("Look at gold").tip("Counted, and said in the set’s files");
        if look.disabled_because(may_label(state).err()).show(ui).clicked() {
            outbox.send(command(ReportCommand::LookAtGold));
        }
    });
}

/// There are labels or items, but no verdict.
fn nothing_judged(ui: &mut Ui, state: &AppState, shown: &ShownReport, outbox: &Outbox) {
    let counts = &shown.judging.report.counts;
    let part = shown.wanted.part.split();
    card(ui, |ui| {
        if counts.labelled == 0 {
            ui.label(text::strong(format!("No labels on {part} yet")));
            let words = "Without what people say there is nothing to hold the judge against. \
                         Twenty labels are enough for a first number.";
            ui.add(Label::new(words).wrap());
            let label = Button::primary("Label it now");
            if label.disabled_because(may_label(state).err()).show(ui).clicked() {
                let set = shown.wanted.set.clone();
                outbox.send(JudgesCommand::Label(LabelCommand::Begin(set)));
            }
            return;
        }
        ui.label(text::strong(format!("The judge was not asked about {part} yet")));
        let mut words = format!(
            "{} labelled there. Run the judge, and see where it says something else than people.",
            counted(counts.labelled, "item is", "items are")
        );
        if counts.failed > 0 {
            words = format!(
                "{} failed. What went wrong is in Runs; try again when it is mended.",
                counted(counts.failed, "question", "questions")
            );
        } else if counts.unread > 0 {
            words = format!(
                "{} could not be read: the judge answered in another form than it was asked for.",
                counted(counts.unread, "verdict", "verdicts")
            );
        }
        ui.add(Label::new(RichText::new(words)).wrap());
        let words = format!("Run on {part}…");
        let run = Button::secondary(&words).name("Run the judge on this part…");
        if run.disabled_because(can_run(state).err()).show(ui).clicked() {
            outbox.send(command(ReportCommand::BeginRun(Some(part))));
        }
        if part == Split::Dev {
            ui.label(text::weak_label("Dev first: gold is for the number that you report."));
        }
    });
}
