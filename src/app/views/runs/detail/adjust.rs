//! Fields for what the run that is on keeps to, while it is on.

use egui::{DragValue, Ui};

use super::super::rules::{self, Rules};
use crate::app::command::RunsCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::runs::{ActiveRun, Adjusting};
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, card};
use crate::engine::Limits;

/// Requests at once that may be chosen.
const AT_ONCE: std::ops::RangeInclusive<usize> = 1..=256;

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
        rules::per_minute(ui, &mut limits.per_minute);
    });
}

fn stops(ui: &mut Ui, limits: &mut Limits) {
    let percent = |share: f64| (share * 100.0).round() as u32;
    let was = (limits.max_failures.map(percent), limits.max_refusals.map(percent));
    let (mut failures, mut refusals) = was;
    let chosen = Rules {
        cap: &mut limits.max_cost,
        cap_per_day: &mut limits.max_cost_per_day,
        failures: &mut failures,
        refusals: &mut refusals,
    };
    rules::show(ui, "limits of the run", chosen);
    // A share that is no whole per cent stays as it is until it is changed.
    let share = |percent: u32| f64::from(percent) / 100.0;
    if failures != was.0 {
        limits.max_failures = failures.map(share);
    }
    if refusals != was.1 {
        limits.max_refusals = refusals.map(share);
    }
}
