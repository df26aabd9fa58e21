//! Judges side by side on the same items: which agrees more with people, and whether they err
//! alike.

use egui::{Grid, Label, Ui};

use super::agreement::{measured, why_not};
use super::report::command;
use crate::app::command::ReportCommand;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Part, ShownReport};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::{Button, NoticeKind, card, choice, notice, term};
use crate::stats::judge_report::JudgesCompared;
use crate::stats::words::two;

/// Errors that go together by more than this are shown as such (judgement: three judges are then
/// worth fewer than two).
const ALIKE: f64 = 0.5;

/// A name that leaves room for the numbers.
fn short(name: &str) -> String {
    /// Letters shown.
    const LETTERS: usize = 30;
    let mut short: String = name.chars().take(LETTERS).collect();
    if name.chars().count() > LETTERS {
        short.push('…');
    }
    short
}

/// Draws it, where there is anybody to hold beside the judge.
pub(super) fn show(ui: &mut Ui, state: &AppState, shown: &ShownReport, outbox: &Outbox) {
    let own = shown.wanted.judge.as_str();
    let others: Vec<(&String, &str)> = state
        .all_judges()
        .filter(|(stem, _)| *stem != own)
        .map(|(stem, judge)| (stem, judge.name.as_str()))
        .collect();
    if others.is_empty() && shown.members.is_none() {
        return;
    }
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::S;
        ui.horizontal_wrapped(|ui| {
            ui.label(text::strong("Side by side"));
            term(ui, "panel of judges");
            if !others.is_empty() {
                pick(ui, state, &others, outbox);
            }
        });
        if state.judges.report.beside.is_none() && shown.members.is_none() {
            let words = "Choose another judge: both are held against the same labels";
            ui.label(text::weak_label(words));
        }
        match &shown.beside {
            Some(Ok(compared)) => compared_ui(ui, "Judges", compared),
            Some(Err(failure)) => {
                notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |_| {});
            }
            None if state.judges.report.reading.is_some() => {
                ui.label(text::weak_label("Reading what both said…"));
            }
            None => {}
        }
        if let Some(members) = &shown.members {
            if shown.beside.is_some() {
                ui.separator();
            }
            ui.label(text::weak_label("Its models, each by itself"));
            compared_ui(ui, "Models", members);
            let weigh = Button::secondary("Weigh them by κ").compact();
            let weigh = weigh.tip("Each counts by how well it does against people on dev");
            let gold = (shown.wanted.part == Part::Gold).then_some("Weights come from dev");
            if weigh.disabled_because(editable(state).err().or(gold)).show(ui).clicked() {
                outbox.send(command(ReportCommand::Weigh));
            }
        }
    });
}

/// Whom to hold beside it.
fn pick(ui: &mut Ui, state: &AppState, others: &[(&String, &str)], outbox: &Outbox) {
    let report = &state.judges.report;
    let mut names = vec!["Nobody"];
    names.extend(others.iter().map(|(_, name)| *name));
    let now =
        report.beside.as_ref().and_then(|stem| others.iter().position(|(one, _)| *one == stem));
    let now = now.map_or(0, |place| place + 1);
    if let Some(place) = choice(ui, "Beside", Some(now), &names, 180.0) {
        let beside = place.checked_sub(1).map(|place| others[place].0.clone());
        outbox.send(command(ReportCommand::Beside(beside)));
    }
    if report.part == Part::Gold {
        ui.label(text::weak_label("another one is another look at gold"));
    }
}

/// Differences in sentences, and the errors' correlations as a table.
fn compared_ui(ui: &mut Ui, name: &str, compared: &JudgesCompared) {
    let t = theme::tokens(ui);
    for one in &compared.differences {
        let is_clear = one.difference.as_ref().is_ok_and(|difference| difference.excludes(0.0));
        let words = egui::RichText::new(one.to_string());
        let words = if is_clear { words.strong() } else { words };
        ui.add(Label::new(words).wrap()).on_hover_text(
            "The difference of their κ on the items that both judged, with its 95 % interval: \
             the same items are drawn for both",
        );
    }
    let independence = match &compared.independence {
        Ok(independence) => independence,
        Err(why) => {
            let words = format!("How they err together: {}", why_not(why));
            ui.label(text::weak_label(words));
            return;
        }
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(text::weak_label("Correlation of their errors"));
    });
    let all = &compared.judges;
    let grid = Grid::new(("errors together", name)).spacing([space::L, space::XS]);
    grid.show(ui, |ui| {
        ui.spacing_mut().interact_size.y = size::LINE;
        ui.label("");
        for nth in 1..=all.len() {
            ui.label(text::weak_label(nth.to_string()));
        }
        ui.end_row();
        for (row, judge) in all.iter().enumerate() {
            let label = ui.label(format!("{}  {}", row + 1, short(judge)));
            label.on_hover_text(judge);
            for (column, other) in all.iter().enumerate() {
                let found = independence.correlations.get(row).and_then(|line| line.get(column));
                let value = found.copied().flatten();
                if row == column {
                    ui.label(text::weak_label("—"));
                    continue;
                }
                let words = value.map_or_else(|| "none".to_owned(), two);
                let colour = match value {
                    Some(value) if value > ALIKE => t.warning,
                    Some(_) => t.text,
                    None => t.weak,
                };
                let label = ui.label(egui::RichText::new(&words).color(colour));
                label.accessible_name(format!("Errors of {judge} and {other}: {words}"));
            }
            ui.end_row();
        }
    });
    let words =
        format!("Together worth {} of {} judges", measured(&Ok(independence.effective)), all.len());
    ui.label(words).on_hover_text(
        "J judges whose errors correlate by ρ on average are worth J / (1 + (J − 1) ρ) that err \
         independently",
    );
}
