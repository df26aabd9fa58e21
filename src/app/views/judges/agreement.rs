//! How far a judge agrees with people: all in all, by principle and by tag.

use std::fmt::Write as _;

use egui::{Label, Ui, vec2};

use super::report::command;
use crate::app::command::{JudgesCommand, LabelCommand, ReportCommand};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Part, RowsOf, ShownReport};
use crate::app::theme::{self, size, space, text};
use crate::app::update::judges::may_label;
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{Button, List, card, term, whisker};
use crate::domain::LabelTask;
use crate::stats::agreement::Group;
use crate::stats::estimate::{Measured, Unknown};
use crate::stats::words::{percent, too_few, two};

/// Groups that are seen without scrolling.
const SEEN: usize = 6;
/// Below this κ a judge is flagged under a principle (judgement: “fair” at best).
const LOW: f64 = 0.4;

/// `.71 (.52–.88)`, or why there is no number.
pub(super) fn measured(value: &Measured) -> String {
    match value {
        Ok(one) => {
            let range = one.interval.map_or_else(String::new, |range| {
                format!(" ({}–{})", two(range.low), two(range.high))
            });
            format!("{}{range}", two(one.value))
        }
        Err(why) => why_not(why),
    }
}

/// Why there is no number, in a few words.
pub(super) fn why_not(why: &Unknown) -> String {
    match why {
        Unknown::TooFew { n, .. } => too_few(*n),
        Unknown::Constant => "all the same".to_owned(),
        Unknown::Separated => "told apart completely".to_owned(),
        Unknown::NearChance => "near chance".to_owned(),
        Unknown::NoFit | Unknown::Uneven { .. } | Unknown::OutOfRange { .. } => "no fit".to_owned(),
    }
}

/// A share in per cent, or why there is none.
pub(super) fn share(value: &Measured) -> String {
    value.as_ref().map_or_else(why_not, |one| format!("{} %", percent(one.value)))
}

/// Draws it.
pub(super) fn show(ui: &mut Ui, state: &AppState, shown: &ShownReport, outbox: &Outbox) {
    let report = &shown.judging.report;
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        numbers(ui, shown);
        counts(ui, state, shown, outbox);
        for more in &report.more_labels {
            ui.label(text::weak_label(more.to_string()));
        }
        if let Some(cost) = shown.judging.cost_per_row.filter(|cost| *cost > 0.0) {
            let words = format!("{} an item", crate::app::widgets::number::small_money(cost));
            ui.label(text::weak_label(words));
        }
    });
    groups(ui, "By principle", &report.by_principle, RowsOf::Aspect, outbox);
    groups(ui, "By tag", &report.by_tag, RowsOf::Tag, outbox);
}

/// κ with what it must be read beside.
fn numbers(ui: &mut Ui, shown: &ShownReport) {
    let t = theme::tokens(ui);
    let report = &shown.judging.report;
    let agreement = &report.agreement;
    let number = |ui: &mut Ui, name: &str, words: String, tip: &str| {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.label(text::weak_label(name));
            ui.label(text::heading(words));
        })
        .response
        .on_hover_text(tip);
        ui.add_space(space::L);
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong("Agreement with people"));
        term(ui, "agreement");
    });
    ui.horizontal_wrapped(|ui| {
        number(
            ui,
            "κ",
            measured(&agreement.kappa),
            "Beyond chance: 0 is guessing, 1 the same on all",
        );
        number(
            ui,
            "says the same",
            share(&agreement.raw),
            "The share of items on which both agree",
        );
        let guess = agreement
            .constant_guess
            .as_ref()
            .map_or_else(why_not, |value| format!("{} %", percent(*value)));
        number(ui, "constant guess", guess, "Who always says what people say most reaches this");
        let people = match &agreement.ceiling {
            Some(ceiling) => measured(ceiling),
            None => "one labeller".to_owned(),
        };
        number(
            ui,
            "people among themselves",
            people,
            "κ of people: no judge can be asked for more",
        );
        if report.task == LabelTask::Scores
            && let Some(scores) = &report.scores
        {
            number(
                ui,
                "ρ",
                measured(&scores.spearman),
                "Spearman’s rank correlation of the levels",
            );
            number(ui, "levels apart", measured(&scores.apart), "The mean distance");
        }
    });
    let is_no_better = agreement.raw.as_ref().ok().zip(agreement.constant_guess.as_ref().ok());
    if let Some((raw, guess)) = is_no_better
        && !raw.is_above(*guess)
    {
        let words = "Not clearly better than always guessing the most frequent label";
        ui.label(text::label(words).color(t.warning));
    }
}

/// How many of which kind; each opens its rows.
fn counts(ui: &mut Ui, state: &AppState, shown: &ShownReport, outbox: &Outbox) {
    let report = &shown.judging.report;
    let counts = &report.counts;
    let rows = &state.judges.report.rows;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let differ = shown.listed(&RowsOf::Disagreements).len() as u64;
        let all = [
            (counts.judged, "judged", RowsOf::Both),
            (differ, "disagree", RowsOf::Disagreements),
            (counts.unread, "unread", RowsOf::Unread),
            (counts.failed, "failed", RowsOf::Failed),
            (counts.not_asked, "not asked", RowsOf::NotAsked),
            (counts.stale, "stale", RowsOf::Stale),
        ];
        for (n, words, of) in all {
            if n == 0 && of != RowsOf::Disagreements {
                continue;
            }
            let words = format!("{} {words}", count(n));
            let button = Button::quiet(&words).compact().selected(*rows == of);
            if button.tip("Lists them below").show(ui).clicked() {
                outbox.send(command(ReportCommand::Rows(of)));
            }
        }
        let waits = state
            .judges
            .book(&shown.wanted.set)
            .is_some_and(|book| book.sums.labels < book.items.len() as u64);
        if waits && shown.wanted.part == Part::Dev {
            let next = Button::quiet("Label the most useful next").compact();
            let tip = "First what the judge is least sure of, then gold at random; you don’t see \
                       what it said";
            if next.tip(tip).disabled_because(may_label(state).err()).show(ui).clicked() {
                outbox.send(JudgesCommand::Label(LabelCommand::Useful));
            }
        }
        if counts.stale > 0 {
            let again = Button::quiet("Re-check stale labels").compact();
            let again = again.tip("Asks you again under the guide and text of now");
            if again.disabled_because(may_label(state).err()).show(ui).clicked() {
                let set = shown.wanted.set.clone();
                outbox.send(JudgesCommand::Select(crate::app::state::judges::Selected::Set(set)));
                outbox.send(JudgesCommand::Label(LabelCommand::Recheck));
            }
        }
    });
    let left = [
        (counts.people_even, "on which people take no side"),
        (counts.judge_even, "on which the judge takes none"),
        (counts.unsure, "on which people are unsure, or that do not apply"),
        (counts.examples, "that the judge is shown as examples"),
    ];
    let left: Vec<String> = left
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{} {what}", count(*n)))
        .collect();
    if !left.is_empty() {
        let words = format!("Left out of κ: {}", left.join(", "));
        ui.add(Label::new(text::weak_label(words)).wrap());
    }
}

/// Agreement by principle or by tag; each opens its rows.
fn groups(
    ui: &mut Ui,
    name: &str,
    all: &[Group],
    rows: impl Fn(String) -> RowsOf,
    outbox: &Outbox,
) {
    if all.is_empty() {
        return;
    }
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        ui.label(text::strong(name));
        let height = size::COMPACT * all.len().min(SEEN) as f32;
        let list = List::new(name, all.len()).row_height(size::COMPACT).max_height(height);
        let happened = list.show(
            ui,
            |row| {
                let group = &all[row];
                let n = counted(group.agreement.n, "item", "items");
                format!("{}: κ {}, {n}", group.name, measured(&group.agreement.kappa))
            },
            |ui, row| group(ui, &all[row.index]),
        );
        if let Some(row) = happened.selected.or(happened.activated) {
            outbox.send(command(ReportCommand::Rows(rows(all[row].name.clone()))));
        }
    });
}

fn group(ui: &mut Ui, group: &Group) {
    /// For `.71 (.52–.88) · n 180`.
    const NUMBERS: f32 = 210.0;
    let t = theme::tokens(ui);
    let whole = ui.available_width();
    let dots = (whole * 0.25).clamp(50.0, 180.0);
    let width = (whole - dots - NUMBERS - 2.0 * space::S).max(60.0);
    ui.allocate_ui_with_layout(
        vec2(width, size::COMPACT),
        egui::Layout::left_to_right(egui::Align::Center),
        |ui| {
            ui.set_min_width(width);
            ui.add(Label::new(&group.name).truncate().selectable(false));
        },
    );
    let kappa = &group.agreement.kappa;
    let is_low = kappa.as_ref().is_ok_and(|one| one.value < LOW);
    let colour = match kappa {
        Err(_) => t.weak,
        Ok(_) if is_low => t.warning,
        Ok(_) => t.text,
    };
    match kappa {
        Ok(one) => {
            // −1..=1 over the line, 0 in its middle.
            let at = |value: f64| f64::midpoint(value, 1.0);
            let range = one.interval.map(|range| (at(range.low), at(range.high)));
            whisker(ui, at(one.value), range, dots, colour);
        }
        Err(_) => {
            ui.add_space(dots);
        }
    }
    let mut words = measured(kappa);
    if kappa.is_ok() {
        write!(words, " · n {}", group.agreement.n).ok();
    }
    if is_low {
        words.push_str(" !");
    }
    ui.add(Label::new(text::label(words).color(colour)).selectable(false));
}
