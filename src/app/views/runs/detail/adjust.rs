//! Fields for what the run that is on keeps to, while it is on.

use egui::{Checkbox, DragValue, Ui};

use crate::app::command::RunsCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::runs::{ActiveRun, Adjusting};
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, card};
use crate::engine::Limits;

/// Requests at once that may be chosen.
pub(in crate::app::views::runs) const AT_ONCE: std::ops::RangeInclusive<usize> = 1..=256;
/// Requests a minute that may be chosen.
pub(in crate::app::views::runs) const PER_MINUTE: std::ops::RangeInclusive<u32> = 1..=60_000;

/// What is being chosen, until it is applied.
#[derive(Debug, Default)]
pub(super) struct AdjustPane {
    /// For which job and what, with the limits as they are chosen.
    chosen: Option<(u64, Adjusting, Limits)>,
}

impl AdjustPane {
    /// Draws the fields where they were asked for.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        active: &ActiveRun,
        outbox: &Outbox,
    ) {
        let (Some(what), Some(now)) = (state.runs.adjusting, active.limits) else {
            self.chosen = None;
            return;
        };
        if self.chosen.is_none_or(|(of, which, _)| (of, which) != (active.number, what)) {
            self.chosen = Some((active.number, what, now));
        }
        let Some((_, _, limits)) = &mut self.chosen else { return };
        ui.add_space(space::XS);
        card(ui, |ui| {
            match what {
                Adjusting::Rate => rate(ui, limits),
                Adjusting::Limits => stops(ui, limits),
            }
            ui.horizontal(|ui| {
                let same = (*limits == now).then_some("Nothing was changed");
                let apply = Button::primary("Apply").disabled_because(same);
                if apply.tip("Holds from the next call on").show(ui).clicked() {
                    outbox.send(RunsCommand::Limits(*limits));
                    outbox.send(RunsCommand::Adjust(None));
                }
                if Button::quiet("Close").name("Close without a change").show(ui).clicked() {
                    outbox.send(RunsCommand::Adjust(None));
                }
                if what == Adjusting::Limits
                    && limits.max_cost.is_some_and(|cap| cap <= active.progress.cost)
                {
                    ui.label(text::weak_label("More than that is spent: it would stop at once"));
                }
            });
        });
    }
}

fn rate(ui: &mut Ui, limits: &mut Limits) {
    ui.horizontal_wrapped(|ui| {
        let label = ui.label("Requests at once");
        ui.add(DragValue::new(&mut limits.at_once).range(AT_ONCE).speed(0.2))
            .labelled_by(label.id)
            .on_hover_text("Each model has a limit of its own besides, under Settings");
        ui.add_space(space::S);
        per_minute(ui, &mut limits.per_minute);
    });
}

/// A limit of requests a minute that may be left out.
pub(in crate::app::views::runs) fn per_minute(ui: &mut Ui, value: &mut Option<u32>) {
    let mut is_limited = value.is_some();
    if ui.add(Checkbox::new(&mut is_limited, "Requests a minute at most")).changed() {
        *value = is_limited.then_some(500);
    }
    if let Some(number) = value {
        ui.add(DragValue::new(number).range(PER_MINUTE).speed(1.0))
            .widget_info(|| named("Requests a minute"));
    }
}

fn stops(ui: &mut Ui, limits: &mut Limits) {
    ui.horizontal_wrapped(|ui| {
        dollars(ui, "Spend at most", &mut limits.max_cost);
        dollars(ui, "All runs a day at most", &mut limits.max_cost_per_day);
    });
    ui.horizontal_wrapped(|ui| {
        share(ui, "Stop when failures pass", &mut limits.max_failures);
        share(ui, "Stop when refusals pass", &mut limits.max_refusals);
    });
}

/// A sum that may be left out.
pub(in crate::app::views::runs) fn dollars(ui: &mut Ui, words: &str, value: &mut Option<f64>) {
    let mut is_limited = value.is_some();
    if ui.add(Checkbox::new(&mut is_limited, words)).changed() {
        *value = is_limited.then_some(5.0);
    }
    if let Some(cap) = value {
        let field = DragValue::new(cap).prefix("$").range(0.0..=1_000_000.0).fixed_decimals(2);
        ui.add(field.speed(0.1)).widget_info(|| named(&format!("{words}, US dollars")));
    }
}

fn share(ui: &mut Ui, words: &str, value: &mut Option<f64>) {
    let mut percent = value.map(|share| (share * 100.0).round() as u32);
    per_cent(ui, words, &mut percent);
    *value = percent.map(|percent| f64::from(percent) / 100.0);
}

/// A share of the rows that may be left out.
pub(in crate::app::views::runs) fn per_cent(ui: &mut Ui, words: &str, value: &mut Option<u32>) {
    let mut is_strict = value.is_some();
    if ui.add(Checkbox::new(&mut is_strict, words)).changed() {
        *value = is_strict.then_some(if words.contains("refusals") { 25 } else { 5 });
    }
    if let Some(percent) = value {
        let field = DragValue::new(percent).suffix(" %").range(0..=100).speed(0.2);
        ui.add(field).widget_info(|| named(&format!("{words}, per cent")));
    }
}

/// A number field's name for screen readers.
pub(in crate::app::views::runs) fn named(name: &str) -> egui::WidgetInfo {
    egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name)
}

/// A sum of a limit that a run has; nothing where it has none.
pub(super) fn sum(ui: &mut Ui, words: &str, value: &mut Option<f64>) {
    let Some(cap) = value else { return };
    let label = ui.label(text::weak_label(words));
    let field = DragValue::new(cap).prefix("$").range(0.0..=1_000_000.0).fixed_decimals(2);
    ui.add(field.speed(0.1))
        .labelled_by(label.id)
        .on_hover_text("In all, earlier sittings included");
}

/// A share of a limit that a run has; nothing where it has none.
pub(super) fn part(ui: &mut Ui, words: &str, value: &mut Option<f64>) {
    let Some(share) = value else { return };
    let mut percent = (*share * 100.0).round() as u32;
    let label = ui.label(text::weak_label(words));
    let field = DragValue::new(&mut percent).suffix(" %").range(0..=100).speed(0.2);
    if ui.add(field).labelled_by(label.id).changed() {
        *share = f64::from(percent) / 100.0;
    }
}
