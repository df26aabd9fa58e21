//! Data: what do I ship?
//!
//! On top which run, sums over its rows and what is let through; then the rows, and beside them
//! (below, where the window is narrow) all of the one looked at.

mod detail;
mod filter;
mod table;

use egui::{Align, CentralPanel, Label, Layout, Panel, Ui};

use crate::app::command::{DataCommand, RunsCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::data::{Quality, Reading};
use crate::app::state::runs::{Kinds, RunList, name_of};
use crate::app::state::{AppState, Area, Target};
use crate::app::theme::{self, space, text};
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{Button, EmptyState, NoticeKind, choice, notice};
use crate::domain::RunId;
use crate::store::journal::RunOverview;

/// Below this width the row looked at moves under the table, in points.
const WIDE_ENOUGH: f32 = 980.0;

/// The screen's own state.
#[derive(Debug, Default)]
pub struct DataView {
    filter: filter::FilterBar,
    detail: detail::RowPane,
    /// The newest focus request that was followed.
    focused: u64,
}

impl DataView {
    /// Draws the area.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let t = theme::tokens(ui);
        let request = state.focus.as_ref().filter(|request| request.number > self.focused);
        if let Some(request) = request
            && request.target == Target::Filter(Area::Data)
        {
            self.focused = request.number;
            self.filter.focus();
        }
        if state.data.run.is_none() {
            CentralPanel::default().frame(theme::area_frame(t)).show(ui, |ui| {
                empty(ui, state, outbox);
            });
            return;
        }
        Panel::top("data head").frame(theme::panel_frame(t)).show(ui, |ui| {
            head(ui, state, outbox);
            facts(ui, state, outbox);
            self.filter.show(ui, state, outbox);
        });
        if state.data.selected.is_some() {
            if ui.available_width() >= WIDE_ENOUGH {
                Panel::right("data row")
                    .resizable(true)
                    .default_size(430.0)
                    .size_range(300.0..=720.0)
                    .frame(theme::panel_frame(t))
                    .show(ui, |ui| self.detail.show(ui, state, outbox));
            } else {
                Panel::bottom("data row below")
                    .resizable(true)
                    .default_size((ui.available_height() * 0.5).max(140.0))
                    .size_range(100.0..=500.0)
                    .frame(theme::panel_frame(t))
                    .show(ui, |ui| self.detail.show(ui, state, outbox));
            }
        }
        CentralPanel::default().frame(theme::panel_frame(t)).show(ui, |ui| {
            if let Reading::Failed(failure) = &state.data.reading {
                notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |_| {});
                return;
            }
            table::show(ui, state, outbox);
        });
    }
}

/// Which run, and the way out.
fn head(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let none = (state.data.quality.kept == 0 && state.data.reading == Reading::Done)
                .then_some("No row is kept");
            let export = Button::primary("Export…").shortcut("Ctrl+E").disabled_because(none);
            if export.show(ui).clicked() {
                outbox.send(DataCommand::Export);
            }
            let run = state.data.run.clone();
            if Button::secondary("Show run").show(ui).clicked()
                && let Some(run) = run
            {
                outbox.send(RunsCommand::Select(run));
                outbox.send(crate::app::command::GoCommand::Area(Area::Runs));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                runs(ui, state, outbox);
            });
        });
    });
}

fn runs(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    /// More than these nobody looks through; all others are in Runs.
    const MOST: usize = 80;
    let current = state.data.run.as_ref();
    let is_current = |run: &RunOverview| Some(&run.record.id) == current;
    let all: Vec<&RunOverview> = state
        .runs
        .all()
        .iter()
        .filter(|run| is_current(run) || (run.rows > 0 && Kinds::Sets.has(run.record.kind)))
        .take(MOST)
        .collect();
    let names: Vec<String> = all
        .iter()
        .map(|run| {
            let rows = counted(run.rows, "row", "rows");
            format!("{} {} · {rows}", run.record.id, name_of(&run.record))
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let chosen = all.iter().position(|run| is_current(run));
    let width = (ui.available_width() - 90.0).clamp(120.0, 520.0);
    if let Some(place) = choice(ui, "Rows of run", chosen, &names, width) {
        let run: &RunId = &all[place].record.id;
        outbox.send(DataCommand::Run(run.clone()));
    }
}

/// Sums over all rows, as plain facts.
fn facts(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    if state.data.reading == Reading::On {
        ui.label(text::weak_label("Reading the rows…"));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = 0.0;
        ui.add(Label::new(in_words(&state.data.quality)).wrap());
        let on = state.runs.active.as_ref().filter(|on| on.run == state.data.run);
        let more = on.map_or(0, |on| on.kept().saturating_sub(state.data.facts.len() as u64));
        if more > 0 {
            let words = format!("Read {} more", count(more));
            let button = Button::quiet(&words).shortcut("F5").compact();
            if button.tip("The run is on and has made more rows").show(ui).clicked() {
                outbox.send(RunsCommand::Refresh);
            }
        }
    });
    ui.add_space(space::XS);
}

fn in_words(sums: &Quality) -> String {
    let mut parts = vec![
        counted(sums.rows, "row", "rows"),
        format!("{} kept", count(sums.kept)),
        format!("{} failed", count(sums.failed)),
    ];
    let mut some = |n: u64, words: &str| {
        if n > 0 {
            parts.push(format!("{} {words}", count(n)));
        }
    };
    some(sums.dropped, "dropped by hand");
    some(sums.edited, "edited by hand");
    some(sums.cut_off, "cut off");
    some(sums.unparsed, "unparsed");
    some(sums.duplicates, "with the prompt of an earlier row");
    if sums.answers > 0 {
        parts.push(if sums.pairs > 0 {
            let (chosen, rejected) = sums.mean_words;
            let share = sums.chosen_longer as f64 * 100.0 / sums.pairs as f64;
            format!(
                "mean words {chosen:.0} chosen, {rejected:.0} rejected · chosen is longer in \
                 {share:.0} % of {}",
                counted(sums.pairs, "pair", "pairs")
            )
        } else {
            format!("mean words {:.0}", sums.mean_words.0)
        });
    }
    parts.join(" · ")
}

fn empty(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    match &state.runs.list {
        RunList::Unknown | RunList::Reading => {
            ui.label(text::weak_label("Looking for rows…"));
            return;
        }
        RunList::Failed(failure) => {
            notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |_| {});
            return;
        }
        RunList::There(_) => {}
    }
    let can = editable(state).is_ok();
    let words = EmptyState {
        title: "No rows yet",
        text: "Every row that a run makes comes here, to be searched, kept or dropped, and \
               exported for training. Run a prompt set, and look through what came of it.",
        action: can.then_some("New run"),
        shortcut: None,
    };
    if words.show(ui) {
        outbox.send(RunsCommand::BeginNew);
    }
}
