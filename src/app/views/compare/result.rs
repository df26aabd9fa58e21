//! What came out, in words.

use egui::Ui;

use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::compare::Shown;
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::notice::capitalised;
use crate::app::widgets::{badge, card, number};
use crate::stats::win_rate::Difference;
use crate::stats::words;
use crate::store::journal::RunState;

pub(super) fn show(ui: &mut Ui, _state: &AppState, shown: &Shown, _outbox: &Outbox) {
    let t = theme::tokens(ui);
    let measures = &shown.measures;
    let about = &shown.past.about;
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        // Lines of words, not of controls.
        ui.spacing_mut().interact_size.y = size::LINE;
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong("A").color(t.before));
            ui.label(text::strong(&about.a.label));
            ui.label(text::weak_label("vs"));
            ui.label(text::strong("B").color(t.after));
            ui.label(text::strong(&about.b.label));
        });
        match &measures.overall {
            Some(rate) => {
                let is_clear = matches!(rate.difference(), Difference::A | Difference::B);
                let line = text::heading(words::result(rate));
                let line = if is_clear { line } else { line.color(t.weak) };
                let response = ui.add(egui::Label::new(line).wrap());
                if let Some(p) = rate.p_value {
                    response.on_hover_text(format!(
                        "95 % interval: the prompts drawn anew 1000 times. Two-sided sign test \
                         without ties: {}. A tie is within ±{} of one half and counts as half.",
                        words::p_value(p),
                        words::two(measures.band)
                    ));
                }
                ui.add(egui::Label::new(verdict(shown)).wrap());
            }
            None if shown.records.is_empty() => {
                let words = match shown.past.state {
                    RunState::Running => "The answers are being written; pairs come one by one",
                    _ => "No pair is there yet",
                };
                ui.label(text::heading(words).color(t.weak));
            }
            None if !shown.is_measured() => {
                ui.label(text::heading("Measuring…").color(t.weak));
            }
            None => {
                ui.label(text::heading("No pair has a verdict").color(t.weak));
            }
        }
        marks(ui, shown);
    });
}

/// What can be said of it, with length taken out and how much longer.
fn verdict(shown: &Shown) -> String {
    let measures = &shown.measures;
    let mut parts = Vec::new();
    if let Some(rate) = &measures.overall {
        parts.push(words::difference(rate.difference()).to_owned());
    }
    let (both, same) = shown.agreement(measures.band);
    if let Some(controlled) = words::length_controlled(measures) {
        match words::stands_at_equal_length(measures) {
            Some(false) => parts.push(format!("{controlled}: not clear once length is removed")),
            Some(true) | None => parts.push(controlled),
        }
    }
    parts.extend(words::longer(measures));
    if both > 0 {
        parts.push(format!("you and the judge agree on {same} of {both}"));
    }
    let parts: Vec<String> = parts.iter().map(|part| capitalised(part)).collect();
    parts.join(" · ")
}

/// How it was made, and what is to be known of the numbers.
fn marks(ui: &mut Ui, shown: &Shown) {
    let t = theme::tokens(ui);
    let about = &shown.past.about;
    let counts = &shown.measures.counts;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        let how = format!(
            "{} · judged by {}, asked about {} · seed {} · {}",
            about.prompts,
            about.judge_in_words(),
            about.judged_by,
            about.seed,
            shown.past.run
        );
        ui.add(egui::Label::new(text::weak_label(how)).wrap());
        let mut mark = |n: u64, one: &str, many: &str, colour, tip: &str| {
            if n > 0 {
                badge(ui, &number::counted(n, one, many), colour, tip);
            }
        };
        let tip = "Both answers are the same, word for word: a tie, and no judge was asked";
        mark(counts.same_text, "same text", "same texts", t.weak, tip);
        let tip =
            "The judge’s answer was none of those asked for; these are no number and left out";
        mark(counts.unparsed, "unparsed", "unparsed", t.warning, tip);
        mark(counts.failures(), "failed", "failed", t.worse, "Left out of all numbers");
    });
    if let Some(warning) = about.kinship.warning() {
        ui.add(egui::Label::new(text::label(format!("! {warning}")).color(t.warning)).wrap());
    }
}
