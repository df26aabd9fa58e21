//! Fields for when a run stops by itself: what it may cost, how much of it may fail. The same for
//! a new run and for the one that is on.

use egui::{Checkbox, DragValue, Grid, Sense, Ui, vec2};

use crate::app::theme::space;

/// Below this many points two rules do not fit beside each other.
const WIDE: f32 = 500.0;
/// What is proposed where a limit is switched on: US dollars, and per cent of the rows.
const CAP: f64 = 5.0;
const FAILURES: u32 = 5;
const REFUSALS: u32 = 25;

/// What is being chosen; `None`: no limit.
pub(super) struct Rules<'a> {
    /// US dollars that the run may cost.
    pub(super) cap: &'a mut Option<f64>,
    /// US dollars that all runs may cost on a day.
    pub(super) cap_per_day: &'a mut Option<f64>,
    /// Per cent of the rows that may fail.
    pub(super) failures: &'a mut Option<u32>,
    /// Per cent of the rows whose answer may be a refusal.
    pub(super) refusals: &'a mut Option<u32>,
}

/// Draws them, each field right beside its own words.
pub(super) fn show(ui: &mut Ui, salt: &str, rules: Rules<'_>) {
    let Rules { cap, cap_per_day, failures, refusals } = rules;
    let is_wide = ui.available_width() >= WIDE;
    let grid = Grid::new(salt).spacing([space::S, space::S]).min_col_width(0.0);
    grid.show(ui, |ui| {
        dollars(ui, "Spend at most", "It stops before a call could pass that", cap);
        next(ui, is_wide);
        let tip = "It stops before a call could have all of today’s runs pass that";
        dollars(ui, "All runs a day at most", tip, cap_per_day);
        ui.end_row();
        let tip = "It stops once more of its rows than that have failed";
        per_cent(ui, "Failures at most", tip, FAILURES, failures);
        next(ui, is_wide);
        let tip = "It stops once more of its answers than that are refusals";
        per_cent(ui, "Refusals at most", tip, REFUSALS, refusals);
        ui.end_row();
    });
}

fn next(ui: &mut Ui, is_wide: bool) {
    if is_wide {
        // A column of its own keeps the pairs apart.
        ui.allocate_exact_size(vec2(space::S, 0.0), Sense::hover());
    } else {
        ui.end_row();
    }
}

fn dollars(ui: &mut Ui, words: &str, tip: &str, value: &mut Option<f64>) {
    let mut is_limited = value.is_some();
    if ui.add(Checkbox::new(&mut is_limited, words)).on_hover_text(tip).changed() {
        *value = is_limited.then_some(CAP);
    }
    match value {
        Some(cap) => {
            money_field(ui, cap).widget_info(|| named(&format!("{words}, US dollars")));
        }
        None => {
            ui.label("");
        }
    }
}

fn per_cent(ui: &mut Ui, words: &str, tip: &str, usual: u32, value: &mut Option<u32>) {
    let mut is_strict = value.is_some();
    if ui.add(Checkbox::new(&mut is_strict, words)).on_hover_text(tip).changed() {
        *value = is_strict.then_some(usual);
    }
    match value {
        Some(percent) => {
            percent_field(ui, percent).widget_info(|| named(&format!("{words}, per cent")));
        }
        None => {
            ui.label("");
        }
    }
}

/// A field for US dollars.
pub(super) fn money_field(ui: &mut Ui, value: &mut f64) -> egui::Response {
    let field = DragValue::new(value).prefix("$").range(0.0..=1_000_000.0).fixed_decimals(2);
    ui.add(field.speed(0.1))
}

/// A field for a share of the rows.
pub(super) fn percent_field(ui: &mut Ui, value: &mut u32) -> egui::Response {
    ui.add(DragValue::new(value).suffix(" %").range(0..=100).speed(0.2))
}

/// A limit of requests a minute that may be left out.
pub(super) fn per_minute(ui: &mut Ui, value: &mut Option<u32>) {
    /// What may be chosen.
    const RANGE: std::ops::RangeInclusive<u32> = 1..=60_000;
    let mut is_limited = value.is_some();
    if ui.add(Checkbox::new(&mut is_limited, "Requests a minute at most")).changed() {
        *value = is_limited.then_some(500);
    }
    if let Some(number) = value {
        ui.add(DragValue::new(number).range(RANGE).speed(1.0))
            .widget_info(|| named("Requests a minute"));
    }
}

/// A number field's name for screen readers.
pub(super) fn named(name: &str) -> egui::WidgetInfo {
    egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name)
}
