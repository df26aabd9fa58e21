//! The pairs: which are listed, in which order, and what became of each.

use egui::Ui;
use strum::IntoEnumIterator as _;

use crate::app::command::{CompareCommand, CompareRows, TableForm};
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::compare::{Only, Record, Shown, SliceBy, Sort};
use crate::app::theme::{self, text};
use crate::app::widgets::{Button, Column, Field, Table, badge, choice, number};
use crate::stats::win_rate::Outcome;
use crate::stats::{Judgement, words};

/// Letters of a text that a cell is given: more never fits.
const CELL: usize = 160;

/// The filter's field.
#[derive(Default)]
pub(super) struct Search {
    text: String,
    wants_focus: bool,
}

impl Search {
    pub(super) fn focus(&mut self) {
        self.wants_focus = true;
    }

    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
        self.filters(ui, state, shown, outbox);
        if shown.order.is_empty() {
            ui.label(text::weak_label("No pair passes the filters"));
            if Button::secondary("List all pairs").show(ui).clicked() {
                outbox.send(CompareCommand::Rows(CompareRows::ClearFilters));
            }
            return;
        }
        rows(ui, state, shown, outbox);
    }

    fn filters(&mut self, ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
        let look = &state.compare.look;
        ui.horizontal_wrapped(|ui| {
            if self.text != look.search && !ui.ctx().text_edit_focused() {
                self.text.clone_from(&look.search);
            }
            let field = Field::new("Find in pairs").hide_label().hint("Find in pairs").width(150.0);
            let response = field.show(ui, &mut self.text);
            if response.changed() {
                outbox.send(CompareCommand::Rows(CompareRows::Search(self.text.clone())));
            }
            if std::mem::take(&mut self.wants_focus) {
                response.request_focus();
            }
            let all: Vec<Only> = Only::iter().collect();
            let names: Vec<String> = all.iter().map(ToString::to_string).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let chosen = all.iter().position(|one| *one == look.only);
            if let Some(place) = choice(ui, "Show", chosen, &names, 120.0) {
                outbox.send(CompareCommand::Rows(CompareRows::Only(all[place])));
            }
            let all: Vec<Sort> = Sort::iter().collect();
            let names: Vec<String> = all.iter().map(ToString::to_string).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let chosen = all.iter().position(|one| *one == look.sort);
            if let Some(place) = choice(ui, "Order", chosen, &names, 150.0) {
                outbox.send(CompareCommand::Rows(CompareRows::Sort(all[place])));
            }
            if let Some((by, name)) = &look.slice {
                let what = if *by == SliceBy::Tag { "tag" } else { "principle" };
                let words = format!("{what} {name} ×");
                let button = Button::secondary(&words).compact().tip("Take this filter away");
                if button.show(ui).clicked() {
                    outbox.send(CompareCommand::Rows(CompareRows::Slice(None)));
                }
            }
            let n = number::counted(shown.order.len() as u64, "pair", "pairs");
            ui.label(text::weak_label(&n));
            copy(ui, outbox);
            let words = format!("Send {n} to labelling…");
            let send = Button::quiet(&words).name("Send the pairs listed to labelling…");
            let resolved = MenuCommand::CompareLabel.resolve(state);
            let send = send.disabled_because(resolved.as_ref().err().copied());
            if send.tip(MenuCommand::CompareLabel.title_and_tip().1).show(ui).clicked()
                && let Ok(command) = resolved
            {
                outbox.send(command);
            }
        });
    }
}

fn copy(ui: &mut Ui, outbox: &Outbox) {
    let response = ui.menu_button("Copy table", |ui| {
        for (form, words) in [
            (TableForm::Markdown, "As Markdown"),
            (TableForm::Csv, "As CSV"),
            (TableForm::Json, "As JSON"),
        ] {
            if ui.button(words).clicked() {
                outbox.send(CompareCommand::CopyTable(form));
            }
        }
    });
    response.response.on_hover_text("The pairs listed, with both answers in full");
}

fn rows(ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
    let look = &state.compare.look;
    let mut columns = vec![
        Column::new("Prompt", 150.0).grow(1.0),
        Column::new("A", 140.0).grow(1.2),
        Column::new("B", 140.0).grow(1.2),
        Column::new("Judge", 92.0),
        Column::new("You", 48.0),
    ];
    // A judge of single answers has no order.
    if shown.measures.counts.in_both_orders > 0 {
        columns.push(Column::new("Order", 64.0));
    }
    let selected = shown.current().map(|(nth, _)| nth);
    let happened = Table::new("Pairs", &columns, shown.order.len()).selected(selected).show(
        ui,
        |nth| {
            let Some(record) = shown.nth(nth) else { return String::new() };
            let verdict = if look.judge_hidden {
                "verdict hidden".to_owned()
            } else {
                verdict(record, look.band).0
            };
            let flips = if record.pair.judgement.is_flipped() { ", order flips" } else { "" };
            format!("{}, {verdict}{flips}", first_words(record.row.prompt.text()))
        },
        |ui, row, column| {
            let Some(record) = shown.nth(row.index) else { return };
            cell(ui, state, shown, record, column);
        },
    );
    if let Some(record) = happened.selected.and_then(|nth| shown.nth(nth)) {
        outbox.send(CompareCommand::Rows(CompareRows::Select(record.position)));
    }
    if let Some(record) = happened.activated.and_then(|nth| shown.nth(nth)) {
        outbox.send(CompareCommand::Rows(CompareRows::Select(record.position)));
        outbox.send(CompareCommand::Rows(CompareRows::Open));
    }
}

fn cell(ui: &mut Ui, state: &AppState, shown: &Shown, record: &Record, column: usize) {
    let t = theme::tokens(ui);
    let look = &state.compare.look;
    let short = |ui: &mut Ui, text: &str| {
        ui.add(egui::Label::new(first_words(text)).truncate());
    };
    match column {
        0 => short(ui, record.row.prompt.text()),
        1 | 2 => match (&record.row.pair, &record.row.failure) {
            (Some(_), _) => short(ui, record.answer(column == 2)),
            (None, failure) => {
                let at = failure.as_ref().map_or("", |failure| failure.at.as_str());
                ui.add(egui::Label::new(text::weak_label(format!("no answer ({at})"))).truncate());
            }
        },
        3 if look.judge_hidden => {
            ui.label(text::weak_label("hidden"));
        }
        3 => {
            let (words, kind) = verdict(record, look.band);
            let colour = match kind {
                Kind::A => t.before,
                Kind::B => t.after,
                Kind::Tie => t.weak,
                Kind::Unparsed => t.warning,
                Kind::Failed => t.worse,
            };
            ui.label(egui::RichText::new(words).color(colour));
        }
        4 => {
            let own = shown.own.get(&record.pair.prompt).map_or("–", |own| own.word());
            ui.label(text::label(own).color(if own == "–" { t.weak } else { t.text }));
        }
        _ => {
            if record.pair.judgement.is_flipped() && !look.judge_hidden {
                let tip = "The winner changes with the order in which the answers are shown";
                badge(ui, "flips", t.warning, tip);
            }
        }
    }
}

/// How a verdict is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    A,
    B,
    Tie,
    Unparsed,
    Failed,
}

/// A verdict in words: `B .82`, `tie .52`, `same text`, `unparsed`, `failed`; the number is the
/// probability of the one named, B's for a tie.
pub(super) fn verdict(record: &Record, band: f64) -> (String, Kind) {
    match &record.pair.judgement {
        Judgement::Judged { p_b, .. } => match Outcome::of(*p_b, band) {
            Outcome::A => (format!("A {}", words::two(1.0 - p_b)), Kind::A),
            Outcome::B => (format!("B {}", words::two(*p_b)), Kind::B),
            Outcome::Tie => (format!("tie {}", words::two(*p_b)), Kind::Tie),
        },
        Judgement::SameText => ("same text".to_owned(), Kind::Tie),
        Judgement::Unparsed => ("unparsed".to_owned(), Kind::Unparsed),
        Judgement::Failed => ("failed".to_owned(), Kind::Failed),
    }
}

/// The beginning of a text in one line.
fn first_words(text: &str) -> String {
    let end = text.floor_char_boundary(CELL);
    text[..end].split_whitespace().collect::<Vec<_>>().join(" ")
}
