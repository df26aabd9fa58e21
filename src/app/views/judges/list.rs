//! The label sets, at the left.

use egui::{Align, Label, Layout, Ui, vec2};

use super::agreement::{measured, why_not};
use crate::app::command::{JudgesCommand, ReportCommand};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Book, Selected};
use crate::app::theme::{self, size, space, text};
use crate::app::update::judges::may_label;
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{Button, List, pane};

/// Draws them.
pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    pane::mark(ui, pane::Pane::List);
    ui.label(text::heading("Judges"));
    ui.add_space(space::XS);
    judges(ui, state, outbox);
    ui.add_space(space::S);
    sets(ui, state, outbox);
}

/// Judges that are seen without scrolling.
const JUDGES_SEEN: usize = 5;
/// Above a row's first line, in points, so that both lines stand in its middle.
const ABOVE: f32 = 3.0;

fn judges(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal(|ui| {
        ui.label(text::weak_label("Judges"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let new = Button::quiet("New…").name("New judge…").compact();
            let new = new.tip("A model and the way it is asked");
            if new.disabled_because(may_label(state).err()).show(ui).clicked() {
                outbox.send(JudgesCommand::Report(ReportCommand::BeginJudge));
            }
        });
    });
    let all: Vec<_> = state.all_judges().collect();
    if all.is_empty() {
        let words = "None yet: make one to hold against your labels";
        ui.add(Label::new(text::weak_label(words)).wrap());
        return;
    }
    let selected = all.iter().position(
        |(stem, _)| matches!(&state.judges.selected, Selected::Judge(one) if one == *stem),
    );
    let happened = List::new("Judges", all.len())
        .row_height(size::ROW_TWO_LINES)
        .selected(selected)
        .max_height(size::ROW_TWO_LINES * all.len().min(JUDGES_SEEN) as f32)
        .show(
            ui,
            |row| format!("{}, {}", all[row].1.name, kappa_of(state, all[row].0)),
            |ui, row| {
                let (stem, setup) = all[row.index];
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.add_space(ABOVE);
                    let name = if setup.name.trim().is_empty() { stem } else { &setup.name };
                    ui.add(Label::new(name).truncate().selectable(false));
                    let words = text::weak_label(kappa_of(state, stem));
                    ui.add(Label::new(words).truncate().selectable(false));
                });
            },
        );
    if let Some(row) = happened.selected.or(happened.activated) {
        outbox.send(JudgesCommand::Select(Selected::Judge(all[row].0.clone())));
    }
}

/// A judge in a line: κ on the dev part of the set that judges are held against.
fn kappa_of(state: &AppState, stem: &str) -> String {
    let report = &state.judges.report;
    if report.running.as_ref().is_some_and(|running| running.judge == stem) {
        return "running".to_owned();
    }
    match report.lines.get(stem) {
        None if report.against.is_empty() => "no labels yet".to_owned(),
        None => "…".to_owned(),
        Some(Err(_)) => "can’t be read".to_owned(),
        Some(Ok(line)) if line.judged == 0 => "not run yet".to_owned(),
        Some(Ok(line)) => match &line.kappa {
            Ok(_) => format!("κ {}", measured(&line.kappa)),
            Err(why) => why_not(why),
        },
    }
}

fn sets(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal(|ui| {
        ui.label(text::weak_label("Label sets"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let new = Button::quiet("New…").name("New label set…").compact();
            let new = new.tip("From the answers of a run or comparison");
            if new.disabled_because(may_label(state).err()).show(ui).clicked() {
                outbox.send(JudgesCommand::BeginSet(None));
            }
        });
    });
    let all: Vec<(&String, &Book)> = state.judges.all().collect();
    let selected = all
        .iter()
        .position(|(stem, _)| matches!(&state.judges.selected, Selected::Set(one) if one == *stem));
    for (stem, failure) in &state.judges.unreadable {
        let t = theme::tokens(ui);
        let words = format!("{stem} can’t be read");
        let why = format!("{} {}", failure.message, failure.hint);
        ui.add(Label::new(text::label(words).color(t.worse)).wrap()).on_hover_text(why);
    }
    let happened = List::new("Label sets", all.len())
        .row_height(size::ROW_TWO_LINES)
        .selected(selected)
        .max_height(ui.available_height())
        .show(
            ui,
            |row| {
                let (_, book) = all[row];
                format!("{}, {}", book.set.name, in_words(book))
            },
            |ui, row| line(ui, all[row.index].1),
        );
    if let Some(row) = happened.selected.or(happened.activated) {
        outbox.send(JudgesCommand::Select(Selected::Set(all[row].0.clone())));
    }
    if let Some(row) = happened.activated {
        let stem = all[row].0.clone();
        outbox.send(JudgesCommand::Label(crate::app::command::LabelCommand::Begin(stem)));
    }
}

/// How far a set is labelled.
fn in_words(book: &Book) -> String {
    let sums = &book.sums;
    let all = book.items.len() as u64;
    let stale = match sums.stale {
        0 => String::new(),
        n => format!(", {} stale", count(n)),
    };
    format!("{} of {} labelled{stale}", count(sums.labels), counted(all, "item", "items"))
}

fn line(ui: &mut Ui, book: &Book) {
    let t = theme::tokens(ui);
    let sums = &book.sums;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(ABOVE);
        ui.add(Label::new(&book.set.name).truncate().selectable(false));
        ui.horizontal(|ui| {
            let all = book.items.len() as u64;
            let words = format!("{} of {}", count(sums.labels), count(all));
            ui.add(Label::new(text::weak_label(words)).selectable(false));
            if sums.stale > 0 {
                let stale = format!("^{}", count(sums.stale));
                let tip = "Labels made under an older guide or another text";
                let label = Label::new(text::label(stale).color(t.warning)).selectable(false);
                ui.add(label).on_hover_text(tip);
            }
            let part = if all == 0 { 0.0 } else { sums.labels as f32 / all as f32 };
            let room = vec2((ui.available_width() - space::S).max(0.0), 6.0);
            let (rect, _) = ui.allocate_exact_size(room, egui::Sense::hover());
            ui.painter().rect_filled(rect, 3, t.raised);
            let done = egui::Rect::from_min_size(rect.min, vec2(rect.width() * part, 6.0));
            ui.painter().rect_filled(done, 3, t.accent);
        });
    });
}
