//! Where a judge goes wrong, and what its probabilities are worth.

use egui::{Grid, Label, Ui};

use super::agreement::{measured, share, why_not};
use super::report::command;
use crate::app::command::ReportCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{RowsOf, ShownReport};
use crate::app::theme::{self, space, text};
use crate::app::widgets::{Button, Point, card, reliability, term};
use crate::domain::LabelTask;
use crate::stats::calibration::Bin;
use crate::stats::estimate::{Flag, Measured};
use crate::stats::judge_report::{Calibration, CorrectedOf};
use crate::stats::words::{percent, two};

/// Points of the curve.
const CURVE: f32 = 170.0;

/// Draws place, length, kin, style, form and robustness.
pub(super) fn bias(ui: &mut Ui, shown: &ShownReport, outbox: &Outbox) {
    let report = &shown.judging.report;
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            ui.label(text::strong("Where it goes wrong"));
            term(ui, "position bias");
        });
        let grid = Grid::new("bias").num_columns(3).spacing([space::S, space::XS]);
        grid.show(ui, |ui| {
            if let Some(panel) = &report.panel {
                match &panel.position {
                    Ok(position) => {
                        line(ui, "Picks the first", &ranged_share(&position.first), position.flag);
                        if row(
                            ui,
                            "Same when swapped",
                            &share(&position.consistency),
                            position.flag,
                        ) {
                            outbox.send(command(ReportCommand::Rows(RowsOf::Flips)));
                        }
                    }
                    Err(why) => line(ui, "Picks the first", &why_not(why), Flag::TooFew),
                }
                match &panel.length {
                    Ok(length) => {
                        let words =
                            format!("{}, people {}", share(&length.judge), share(&length.people));
                        line(ui, "Longer wins", &words, length.flag);
                    }
                    Err(why) => line(ui, "Longer wins", &why_not(why), Flag::TooFew),
                }
                match &panel.self_preference {
                    Ok(own) => line(ui, "Own family", &points(&own.difference), own.flag),
                    Err(why) => line(ui, "Own family", &why_not(why), Flag::TooFew),
                }
                if let Ok(style) = &panel.style {
                    for pull in style.coefficients.iter().filter(|one| one.flag == Flag::Flagged) {
                        let words = format!("pulls by {}", two(pull.judge.value));
                        line(ui, &super::capital(&pull.name), &words, pull.flag);
                    }
                }
            }
            if let Some(passes) = &report.false_passes {
                match passes {
                    Ok(own) => line(ui, "Passes its own", &points(&own.difference), own.flag),
                    Err(why) => line(ui, "Passes its own", &why_not(why), Flag::TooFew),
                }
            }
            line(ui, "Unreadable", &share(&report.format.unread), report.format.flag);
            if let Some(mass) = report.format.mass {
                line(ui, "Answer mass", &two(mass), report.format.flag);
            }
            if let Some(canaries) = &report.canaries {
                line(
                    ui,
                    "Passes canaries",
                    &share(canaries),
                    Flag::of(canaries, |one| one.value > 0.1),
                );
            }
            let robust = &report.robustness;
            if robust.consistency.is_ok() {
                line(ui, "Same when asked again", &share(&robust.consistency), Flag::Fine);
            }
            for one in &robust.perturbations {
                let name = format!("Robust to {}", one.name.replace('_', " "));
                line(ui, &name, &share(&one.rate), one.flag);
            }
        });
        if report.task == LabelTask::Pairwise && report.robustness.perturbations.is_empty() {
            let words = "Run it with changed answers, too, to see whether padding or flattery \
                         moves it";
            ui.add(Label::new(text::weak_label(words)).wrap());
        }
    });
}

/// `52 % (46–58)`.
fn ranged_share(value: &Measured) -> String {
    match value {
        Ok(one) => {
            let range = one.interval.map_or_else(String::new, |range| {
                format!(" ({}–{})", percent(range.low), percent(range.high))
            });
            format!("{} %{range}", percent(one.value))
        }
        Err(why) => why_not(why),
    }
}

/// A difference of shares: `+6 points (1 to 11)`.
fn points(value: &Measured) -> String {
    let signed = |value: f64| {
        let points = (value * 100.0).round();
        if points < 0.0 { format!("−{:.0}", points.abs()) } else { format!("+{points:.0}") }
    };
    match value {
        Ok(one) => {
            let range = one.interval.map_or_else(String::new, |range| {
                format!(" ({} to {})", signed(range.low), signed(range.high))
            });
            format!("{} points{range}", signed(one.value))
        }
        Err(why) => why_not(why),
    }
}

fn line(ui: &mut Ui, name: &str, words: &str, flag: Flag) {
    row(ui, name, words, flag);
}

/// One line; gives whether its rows were asked for, which only flips have.
fn row(ui: &mut Ui, name: &str, words: &str, flag: Flag) -> bool {
    let t = theme::tokens(ui);
    ui.label(name);
    let colour = match flag {
        Flag::TooFew => t.weak,
        Flag::Fine | Flag::Flagged => t.text,
    };
    ui.label(egui::RichText::new(words).color(colour));
    let mut asked = false;
    ui.horizontal(|ui| {
        match flag {
            Flag::TooFew => {}
            Flag::Fine => {
                ui.label(text::weak_label("ok"));
            }
            Flag::Flagged => {
                ui.label(text::label("! look").color(t.warning));
            }
        }
        if name == "Same when swapped" {
            let see = Button::quiet("See").name("See the pairs that flip").compact();
            asked = see.show(ui).clicked();
        }
    });
    ui.end_row();
    asked
}

/// Draws the curve, the numbers, what mends them, and the corrected rate.
pub(super) fn calibration(ui: &mut Ui, state: &AppState, shown: &ShownReport, outbox: &Outbox) {
    let report = &shown.judging.report;
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.horizontal(|ui| {
            ui.label(text::strong("What its probabilities are worth"));
            term(ui, "calibration");
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let is_there = report.calibration.as_ref().is_some_and(|one| one.curve.is_ok());
                let why = (!is_there).then_some("There is no curve yet");
                let copy =
                    Button::quiet("Copy as table").name("Copy the calibration curve as table");
                if copy.compact().disabled_because(why).show(ui).clicked() {
                    outbox.send(command(ReportCommand::CopyCurve));
                }
            });
        });
        match &report.calibration {
            Some(calibration) => {
                curve(ui, report.task, calibration, outbox);
                super::maps::show(ui, state, shown, calibration, outbox);
            }
            None => {
                ui.label(text::weak_label("Levels have no probabilities to check"));
            }
        }
        if let Some(corrected) = &report.corrected {
            let what = match corrected.of {
                CorrectedOf::Pass => "Corrected pass rate",
                CorrectedOf::SecondBetter => "Corrected win rate of the second writer",
            };
            ui.horizontal_wrapped(|ui| {
                ui.label(what);
                term(ui, "corrected rate");
                match &corrected.rate {
                    Ok(rate) => {
                        let words = format!(
                            "{} % ({}–{}), the judge alone says {} %",
                            percent(rate.rate),
                            percent(rate.interval.low),
                            percent(rate.interval.high),
                            percent(rate.raw)
                        );
                        ui.label(words);
                    }
                    Err(why) => {
                        ui.label(text::weak_label(why_not(why)));
                    }
                }
            });
        }
    });
}

fn curve(ui: &mut Ui, task: LabelTask, calibration: &Calibration, outbox: &Outbox) {
    let from = if task == LabelTask::Pairwise { 0.5 } else { 0.0 };
    match &calibration.curve {
        Ok(bins) => {
            let points: Vec<Point> = bins
                .iter()
                .map(|bin| Point {
                    said: bin.said,
                    was: bin.was,
                    interval: bin.interval.map(|range| (range.low, range.high)),
                })
                .collect();
            reliability(ui, &points, from, CURVE, &sentence(bins));
            ui.label(text::weak_label("across: what it said; up: how often people agreed"));
        }
        Err(why) => {
            let words = format!("No curve: {}", why_not(why));
            ui.label(text::weak_label(words));
        }
    }
    if let Ok(quality) = &calibration.quality {
        ui.label(format!(
            "Brier {} · ECE {}",
            measured(&Ok(quality.brier)),
            measured(&Ok(quality.ece))
        ));
    }
    let t = theme::tokens(ui);
    if calibration.flag == Flag::Flagged
        && let Ok(temperature) = &calibration.temperature
    {
        let words = if temperature.value > 1.0 {
            "It is too sure of itself"
        } else {
            "It is less sure than it could be"
        };
        let words = format!("{words}: temperature {}", measured(&Ok(*temperature)));
        ui.label(text::label(words).color(t.warning));
    }
    ui.horizontal_wrapped(|ui| {
        ui.label(text::weak_label("Items where it is"));
        for (low, high) in [(50, 70), (70, 90), (90, 100)] {
            let words = format!("{low}–{high} % sure");
            let button = Button::quiet(&words).compact();
            if button.show(ui).clicked() {
                outbox.send(command(ReportCommand::Rows(RowsOf::Sure(low, high))));
            }
        }
    });
}

/// The curve in a sentence.
fn sentence(bins: &[Bin]) -> String {
    let parts: Vec<String> = bins
        .iter()
        .map(|bin| format!("of {} said at {} {} came true", bin.n, two(bin.said), two(bin.was)))
        .collect();
    format!("Calibration: {}", parts.join("; "))
}
