//! Compare: is B better than A, where, and how do they differ?
//!
//! On top the comparison and what came out, in words. Below where it holds (by score, by tag, by
//! principle) and how the answers differ, then the pairs themselves, worst for B first. A pair
//! opens side by side. Nothing here computes: numbers and the order of rows are in the state.

mod pair;
mod panels;
mod result;
mod setup;
mod table;

use egui::{CentralPanel, ScrollArea, Ui};

use crate::app::command::CompareCommand;
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::compare::{PastComparison, Running, Shown};
use crate::app::state::{AppState, Area, Target};
use crate::app::theme::{self, size, space, text};
use crate::app::update::compare::runnable;
use crate::app::views::chrome::keys_of;
use crate::app::widgets::choice::rest_of_line;
use crate::app::widgets::layout::fit;
use crate::app::widgets::meter::progress;
use crate::app::widgets::{Button, EmptyState, NoticeKind, announce, choice, notice, number};
use crate::store::journal::RunState;

/// The room that a button with its keys takes, in points.
const BUTTON: f32 = 212.0;
/// The least height of the table, in points; below it all of the screen scrolls.
const TABLE: f32 = 260.0;

/// What the screen remembers for itself.
#[derive(Default)]
pub struct CompareView {
    search: table::Search,
    pair: pair::PairView,
    panels: panels::Panels,
    /// The newest focus request that was followed.
    focused: u64,
}

impl CompareView {
    /// Draws the screen.
    pub fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        self.follow_focus(state);
        let frame = theme::area_frame(theme::tokens(ui));
        CentralPanel::default().frame(frame).show(ui, |ui| {
            if state.compare.is_setting_up {
                setup::show(ui, state, outbox);
                return;
            }
            let Some(shown) = &state.compare.shown else {
                nothing(ui, state, outbox);
                return;
            };
            if shown.is_open
                && let Some((nth, record)) = shown.current()
            {
                self.pair.show(ui, state, shown, (nth, record), outbox);
                return;
            }
            head(ui, state, shown, outbox);
            self.comparison(ui, state, shown, outbox);
        });
    }

    fn comparison(&mut self, ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
        ScrollArea::vertical()
            .id_salt(("comparison", &shown.past.run.0))
            .auto_shrink([false, false])
            .show_viewport(ui, |ui, viewport| {
                let top = ui.cursor().top();
                status(ui, state, shown, outbox);
                result::show(ui, state, shown, outbox);
                if shown.records.is_empty() {
                    return;
                }
                ui.add_space(space::XS);
                self.panels.show(ui, state, shown, outbox);
                ui.add_space(space::S);
                let used = ui.cursor().top() - top;
                let left = (viewport.height() - used).max(TABLE);
                ui.allocate_ui(egui::vec2(ui.available_width(), left), |ui| {
                    self.search.show(ui, state, shown, outbox);
                });
            });
    }

    fn follow_focus(&mut self, state: &AppState) {
        let Some(request) = state.focus.as_ref().filter(|one| one.number > self.focused) else {
            return;
        };
        if request.target == Target::Filter(Area::Compare) {
            self.focused = request.number;
            self.search.focus();
        }
    }
}

/// Which comparison, and what can be done with all of it.
fn head(ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
    ui.horizontal_wrapped(|ui| {
        let past = state.compare.past.as_deref().unwrap_or_default();
        let names: Vec<String> = past.iter().map(named).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let chosen = past.iter().position(|one| one.run == shown.past.run);
        // A drop-down grows with its text up to the room that it has: this is its room.
        let room = (ui.available_width() - 3.0 * BUTTON).clamp(360.0, 640.0);
        let size = egui::vec2(room, size::CONTROL);
        let line = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(size, line, |ui| {
            let width = rest_of_line(ui, "Comparison");
            if let Some(place) = choice(ui, "Comparison", chosen, &names, width) {
                outbox.send(CompareCommand::Show(past[place].run.clone()));
            }
        });
        fit(ui, BUTTON);
        let why_not = runnable(state).err();
        let new = Button::secondary("New comparison…").shortcut("Ctrl+N");
        let no_project = state.project.is_none().then_some("No project is open");
        if new.disabled_because(no_project).show(ui).clicked() {
            outbox.send(CompareCommand::New);
        }
        if state.compare.shows_running() {
            let stopping = state.compare.running.as_ref().is_some_and(|one| one.is_stopping);
            let keeps = format!("Stop (keeps {} done)", number::count(shown.records.len() as u64));
            fit(ui, BUTTON);
            let stop = Button::secondary(&keeps).name("Stop comparison").shortcut("Ctrl+.");
            let why = stopping.then_some("Calls on their way may still land");
            if stop.disabled_because(why).show(ui).clicked() {
                outbox.send(CompareCommand::Stop);
            }
        } else if shown.past.state.is_resumable() {
            let again = Button::primary("Go on").tip("What is there already costs nothing");
            if again.disabled_because(why_not).show(ui).clicked() {
                outbox.send(CompareCommand::GoOn);
            }
        }
        if !shown.records.is_empty() {
            fit(ui, BUTTON);
            let keys = keys_of(ui, MenuCommand::CompareCopySummary).unwrap_or_default();
            let copy = Button::secondary("Copy summary").shortcut(&keys);
            let tip = "The result in sentences, with interval, judge, seed and run";
            if copy.tip(tip).show(ui).clicked() {
                outbox.send(CompareCommand::CopySummary);
            }
        }
    });
    ui.add_space(space::XS);
}

/// A past comparison in one line.
fn named(past: &PastComparison) -> String {
    let day = chrono::DateTime::from_timestamp_millis(past.started_ms)
        .map(|at| at.with_timezone(&chrono::Local).format("%d %b, %H:%M").to_string())
        .unwrap_or_default();
    let (a, b) = (short(&past.about.a.label), short(&past.about.b.label));
    format!("{a} vs {b} · n {} · {day}", past.rows_total)
}

/// The beginning of a side's name: a drop-down grows with its text.
fn short(label: &str) -> String {
    /// Letters of a name that are shown (chosen by eye).
    const LONGEST: usize = 24;
    if label.chars().count() <= LONGEST + 2 {
        return label.to_owned();
    }
    let begin: String = label.chars().take(LONGEST).collect();
    format!("{}…", begin.trim_end())
}

/// How far it is, and what a reader must know before the numbers.
fn status(ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
    if let Some(running) = state.compare.running.as_ref().filter(|_| state.compare.shows_running())
    {
        let words = running_in_words(running);
        progress(ui, "Comparing", Some(running.part()), &words);
        announce(ui, &words);
        return;
    }
    if state.compare.running.is_some() {
        let words = "Another comparison is running; it is first in the list";
        notice(ui, NoticeKind::Info, words, "", |_| {});
    }
    let past = &shown.past;
    let missing = past.rows_total.saturating_sub(shown.records.len() as u64);
    match past.state {
        RunState::Cancelled | RunState::Interrupted | RunState::Stopped if missing > 0 => {
            let title = match past.state {
                RunState::Interrupted => "Interrupted: the program ended while it ran".to_owned(),
                _ if past.message.is_empty() => "Stopped".to_owned(),
                _ => format!("Stopped: {}", past.message.trim_start_matches("stopped ")),
            };
            let done = number::count(shown.records.len() as u64);
            let detail = format!(
                "{done} of {} prompts are there. Going on costs only what is missing.",
                number::count(past.rows_total)
            );
            notice(ui, NoticeKind::Warning, &title, &detail, |_| {});
        }
        _ => {}
    }
    failures(ui, state, shown, outbox);
}

/// How far a comparison is, in words.
fn running_in_words(running: &Running) -> String {
    let sums = &running.progress;
    let done = if running.is_stopping {
        "Stopping: calls on their way may still land".to_owned()
    } else {
        let total = number::count(sums.rows_total.max(1));
        format!("{} of {total} prompts", number::count(sums.rows_done))
    };
    let mut parts = vec![done];
    parts.push(match running.most_calls {
        0 => number::counted(sums.calls, "call", "calls"),
        most => format!("{} of up to {} calls", number::count(sums.calls), number::count(most)),
    });
    if sums.replayed > 0 {
        parts.push(format!("{} from the journal", number::count(sums.replayed)));
    }
    if sums.rows_failed > 0 {
        parts.push(format!("{} failed", number::count(sums.rows_failed)));
    }
    if sums.cost > 0.0 {
        parts.push(format!("${:.2}", sums.cost));
    }
    parts.join(" · ")
}

/// Failed pairs by name, with a way to try them again.
fn failures(ui: &mut Ui, state: &AppState, shown: &Shown, outbox: &Outbox) {
    let counts = &shown.measures.counts;
    let n = counts.failures();
    if n == 0 {
        return;
    }
    let names: Vec<String> = counts
        .failed
        .iter()
        .map(|(name, n)| format!("{} {}", name.replace('_', " "), number::count(*n)))
        .collect();
    let title = format!("{} failed: {}", number::counted(n, "pair", "pairs"), names.join(", "));
    let first = shown.records.iter().find_map(|record| record.row.failure.as_ref());
    let detail = first.map_or_else(String::new, |failure| {
        format!("At {}: {}. {}", failure.at, failure.failure.message, failure.failure.hint)
    });
    notice(ui, NoticeKind::Failure, &title, &detail, |ui| {
        let why_not = runnable(state).err();
        let again = Button::secondary("Try the failed ones again");
        if again.disabled_because(why_not).show(ui).clicked() {
            outbox.send(CompareCommand::GoOn);
        }
    });
}

/// Before the first comparison, while one is read, and while one begins.
fn nothing(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    if state.compare.running.is_some() {
        ui.add_space(space::L);
        progress(ui, "Comparing", None, "Getting models and documents ready");
        let stop = Button::secondary("Stop").name("Stop comparison").shortcut("Ctrl+.");
        if stop.show(ui).clicked() {
            outbox.send(CompareCommand::Stop);
        }
        return;
    }
    if let Some(failure) = &state.compare.failure {
        notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |_| {});
        return;
    }
    if state.compare.past.is_none() || state.compare.reading.is_some() {
        ui.label(text::weak_label("Reading the journal…"));
        return;
    }
    let read_only = state.project.as_ref().is_some_and(|project| project.read_only);
    let empty = EmptyState {
        title: "No comparison yet",
        text: "A comparison has two constitutions, versions or models answer the same prompts, \
               and a judge say which answer is better. It shows where B wins, where it loses, and \
               whether the difference is more than chance.",
        action: (!read_only).then_some("Set up a comparison…"),
        shortcut: Some("Ctrl+N"),
    };
    if empty.show(ui) {
        outbox.send(CompareCommand::New);
    }
}
