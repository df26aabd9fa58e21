//! The items behind a number, and the one looked at: what people said, what the judge said, why
//! they differ, and what comes of it.

use std::fmt::Write as _;

use egui::{Id, Label, Ui, vec2};
use strum::IntoEnumIterator as _;

use super::item;
use super::report::command;
use crate::app::command::{GoCommand, ReportCommand};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Part, RowsOf, ShownReport, words_of};
use crate::app::theme::{self, size, space, text};
use crate::app::update::judges::{can_judge, example_of, principle_of};
use crate::app::widgets::layout::fit;
use crate::app::widgets::number::counted;
use crate::app::widgets::prose::folded_quote;
use crate::app::widgets::{Button, List, badge, card};
use crate::stats::judge_report::{ReportItem, Said};
use crate::stats::words::two;
use crate::store::causes::Cause;

/// Rows that are seen without scrolling.
const SEEN: usize = 8;
/// Points of an item's answers.
const ANSWERS: f32 = 240.0;

/// What the list remembers for itself.
#[derive(Default)]
pub(super) struct Rows {
    /// The item that was scrolled to.
    seen: Option<String>,
}

impl Rows {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        shown: &ShownReport,
        outbox: &Outbox,
    ) {
        let report = &state.judges.report;
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            let listed = shown.listed(&report.rows);
            title(ui, state, shown, listed.len(), outbox);
            if listed.is_empty() {
                ui.label(text::weak_label("None"));
                return;
            }
            if shown.wanted.part == Part::Gold {
                let words = "Gold items can be read, and are no examples: what is mended by them \
                             can’t be reported on them any more.";
                ui.add(Label::new(text::weak_label(words)).wrap());
            }
            let selected =
                report.item.as_ref().and_then(|id| listed.iter().position(|item| item.item == *id));
            let happened = List::new("Items of the report", listed.len())
                .row_height(size::ROW)
                .selected(selected)
                .max_height(size::ROW * listed.len().min(SEEN) as f32)
                .show(
                    ui,
                    |row| {
                        let item = listed[row];
                        format!("{}: {}", beginning(item), verdicts(item))
                    },
                    |ui, row| line(ui, shown, listed[row.index]),
                );
            if let Some(row) = happened.selected.or(happened.activated) {
                outbox.send(command(ReportCommand::Item(listed[row].item.clone())));
            }
        });
        let looked_at = report.item.as_ref().and_then(|id| shown.item(id));
        let Some(item) = looked_at else {
            self.seen = None;
            return;
        };
        let drawn = card(ui, |ui| one(ui, state, shown, item, outbox));
        if self.seen.as_ref() != Some(&item.item) {
            self.seen = Some(item.item.clone());
            drawn.response.scroll_to_me(None);
        }
    }
}

/// What is listed, and by which cause.
fn title(ui: &mut Ui, state: &AppState, shown: &ShownReport, n: usize, outbox: &Outbox) {
    let rows = &state.judges.report.rows;
    let words = match rows {
        RowsOf::Disagreements | RowsOf::Cause(_) => "Disagreements".to_owned(),
        RowsOf::Agreed => "Agreed".to_owned(),
        RowsOf::Both => "Labelled and judged".to_owned(),
        RowsOf::Flips => "The order changes the winner".to_owned(),
        RowsOf::Unread => "Could not be read".to_owned(),
        RowsOf::Failed => "Failed".to_owned(),
        RowsOf::NotAsked => "Not asked".to_owned(),
        RowsOf::Stale => "Stale labels".to_owned(),
        RowsOf::Aspect(id) => format!("Under {id}"),
        RowsOf::Tag(tag) => format!("Tagged {tag}"),
        RowsOf::Sure(low, high) => format!("The judge is {low}–{high} % sure"),
    };
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong(format!("{words} ({n})")));
        if *rows != RowsOf::Disagreements {
            let back = Button::quiet("Disagreements").compact();
            if back.show(ui).clicked() {
                outbox.send(command(ReportCommand::Rows(RowsOf::Disagreements)));
            }
        }
        if !matches!(rows, RowsOf::Disagreements | RowsOf::Cause(_)) {
            return;
        }
        for cause in Cause::iter() {
            let of_it = RowsOf::Cause(Some(cause));
            let n = shown.listed(&of_it).len();
            if n == 0 {
                continue;
            }
            let words = format!("{cause} {n}");
            let button = Button::quiet(&words).compact().selected(*rows == of_it);
            if button.show(ui).clicked() {
                outbox.send(command(ReportCommand::Rows(of_it)));
            }
        }
    });
}

fn beginning(item: &ReportItem) -> String {
    /// Letters shown.
    const LETTERS: usize = 70;
    let words = item.prompt_text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = words.chars().take(LETTERS).collect();
    if words.chars().count() > LETTERS {
        short.push('…');
    }
    short
}

/// What people and the judge come to: `you A (certain) · judge B .93`.
fn verdicts(item: &ReportItem) -> String {
    format!("{} · {}", people(item), judge(item))
}

fn people(item: &ReportItem) -> String {
    let short = |answer| match words_of(answer) {
        words if words == "A is better" => "A".to_owned(),
        words if words == "B is better" => "B".to_owned(),
        words => words,
    };
    match item.people.as_slice() {
        [] => "no label".to_owned(),
        [(who, answer, sure)] => {
            let sure = sure.map_or_else(String::new, |sure| format!(" ({sure})"));
            format!("{who} {}{sure}", short(*answer))
        }
        some => {
            let said = item.people_answer().map_or_else(|| "undecided".to_owned(), short);
            format!("{} people: {said}", some.len())
        }
    }
}

fn judge(item: &ReportItem) -> String {
    let Some(judged) = &item.judge else { return "judge not asked".to_owned() };
    if judged.failed.is_some() {
        return "judge failed".to_owned();
    }
    let Some(value) = judged.said.value() else { return "judge unread".to_owned() };
    match judged.said {
        Said::Level { .. } => format!("judge level {}", two(value)),
        Said::Pass { .. } => {
            let words = if value >= 0.5 { "pass" } else { "fail" };
            format!("judge {words} {}", two(value.max(1.0 - value)))
        }
        Said::Pair { .. } | Said::Apart { .. } => {
            if (value - 0.5).abs() < 1e-9 {
                return "judge even".to_owned();
            }
            let side = if value > 0.5 { "A" } else { "B" };
            format!("judge {side} {}", two(value.max(1.0 - value)))
        }
    }
}

fn line(ui: &mut Ui, shown: &ShownReport, item: &ReportItem) {
    /// The verdicts' column.
    const VERDICTS: f32 = 250.0;
    /// The cause's.
    const CAUSE: f32 = 120.0;
    let t = theme::tokens(ui);
    let width = (ui.available_width() - VERDICTS - CAUSE - 2.0 * space::S).max(80.0);
    let left = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(vec2(width, size::ROW), left, |ui| {
        ui.set_min_width(width);
        if let Some(aspect) = &item.aspect {
            ui.add(Label::new(text::mono(aspect).color(t.weak)).selectable(false));
        }
        ui.add(Label::new(beginning(item)).truncate().selectable(false));
    });
    ui.allocate_ui_with_layout(vec2(VERDICTS, size::ROW), left, |ui| {
        ui.set_min_width(VERDICTS);
        ui.add(Label::new(text::label(verdicts(item))).truncate().selectable(false));
    });
    if let Some(cause) = shown.causes.get(&item.item) {
        let words = text::label(cause.to_string()).color(t.weak);
        ui.add(Label::new(words).truncate().selectable(false));
    }
}

/// The item looked at.
fn one(ui: &mut Ui, state: &AppState, shown: &ShownReport, item: &ReportItem, outbox: &Outbox) {
    let t = theme::tokens(ui);
    ui.spacing_mut().item_spacing.y = space::S;
    let book = state.judges.book(&shown.wanted.set);
    let whole = book.and_then(|book| book.items.get(book.place_of(&item.item)?));
    ui.horizontal_wrapped(|ui| {
        ui.label(text::mono(&item.item));
        badge(ui, &item.split.to_string(), t.weak, "The part of the set that it is in");
        if let Some(aspect) = whole.and_then(|one| one.aspect.as_ref()) {
            ui.label(text::weak_label(format!("under {}: {}", aspect.id, aspect.text)));
        }
        if item.stale {
            badge(ui, "stale", t.warning, "Labelled under an older guide or text");
        }
        if Button::quiet("Previous")
            .name("Previous item")
            .shortcut("K")
            .compact()
            .show(ui)
            .clicked()
        {
            outbox.send(GoCommand::Step(-1));
        }
        if Button::quiet("Next").name("Next item").shortcut("J").compact().show(ui).clicked() {
            outbox.send(GoCommand::Step(1));
        }
    });
    causes(ui, state, shown, item, outbox);
    let salt = Id::unique(("item of a report", &shown.wanted.set, &item.item));
    if let Some(whole) = whole {
        item::prompt(ui, salt, &whole.prompt, 110.0);
        let mut sides = item::sides(whole, crate::domain::FirstShown::Left);
        if sides.len() == 2 {
            sides[0].name = "A";
            sides[1].name = "B";
        }
        item::answers(ui, salt, &sides, ANSWERS, 0.0);
    }
    said(ui, shown, item, salt);
}

/// Why they differ, one key each, and what comes of it.
fn causes(ui: &mut Ui, state: &AppState, shown: &ShownReport, item: &ReportItem, outbox: &Outbox) {
    let now = shown.causes.get(&item.item);
    let why_not = can_judge(state).err();
    let differs = RowsOf::Disagreements.has(item, &shown.causes);
    ui.horizontal_wrapped(|ui| {
        if !differs {
            return;
        }
        ui.label(text::weak_label("Why?"));
        for (nth, cause) in Cause::iter().enumerate() {
            let key = (nth + 1).to_string();
            let words = super::capital(&cause.to_string());
            let button = Button::secondary(&words).shortcut(&key).selected(now == Some(&cause));
            if button.disabled_because(why_not).show(ui).clicked() {
                outbox.send(command(ReportCommand::Cause(cause)));
            }
        }
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(text::weak_label("Then"));
        let words = item
            .aspect
            .as_ref()
            .map_or_else(|| "Edit the principle".to_owned(), |id| format!("Edit {id}"));
        let edit = Button::secondary(&words).shortcut("E").name("Edit the principle");
        if edit.disabled_because(principle_of(state).err()).show(ui).clicked() {
            outbox.send(command(ReportCommand::EditPrinciple));
        }
        fit(ui, 200.0);
        let example = Button::secondary("Show it to the judge").shortcut("L");
        let example = example.tip("As an example before its questions, with what people said");
        if example.disabled_because(example_of(state).err()).show(ui).clicked() {
            outbox.send(command(ReportCommand::ToExample));
        }
    });
}

/// What everybody said.
fn said(ui: &mut Ui, shown: &ShownReport, item: &ReportItem, salt: Id) {
    let t = theme::tokens(ui);
    for (who, answer, sure) in &item.people {
        let sure = sure.map_or_else(String::new, |sure| format!(" · {sure}"));
        ui.label(format!("{who}: {}{sure}", words_of(*answer)));
    }
    let Some(judged) = &item.judge else {
        ui.label(text::weak_label("The judge was not asked about it"));
        return;
    };
    if let Some(failed) = &judged.failed {
        ui.add(Label::new(text::label(format!("Judge failed: {failed}")).color(t.worse)).wrap());
        return;
    }
    let mut words = super::capital(&judge(item));
    if let Said::Pair { p_ab: Some(ab), p_ba: Some(ba), .. } = judged.said {
        write!(words, " · P(A) {} with A first, {} with B first", two(ab), two(ba)).ok();
    }
    ui.label(words);
    for (model, said) in &judged.models {
        let value = said.value().map_or_else(|| "unread".to_owned(), two);
        ui.label(text::weak_label(format!("{model}: {value}")));
    }
    for unread in &judged.unparsed {
        let words = format!("The judge wrote: {unread}");
        ui.add(Label::new(text::label(words).color(t.warning)).wrap());
    }
    if !judged.reason.trim().is_empty() {
        let name = format!("the judge’s reason on {}", item.item);
        folded_quote(ui, (salt, "reason"), &name, judged.reason.trim(), t.border);
    }
    let runs = shown.judging.runs.len() as u64;
    if runs > 1 {
        ui.label(text::weak_label(format!("The newest of {}", counted(runs, "run", "runs"))));
    }
}
