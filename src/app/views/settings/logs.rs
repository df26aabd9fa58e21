//! What the program did: kept in memory, without keys and without anybody's texts.

use std::sync::Arc;

use egui::{CentralPanel, Label, Ui};

use crate::app::command::HomeCommand;
use crate::app::log::line_words;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::home::{LogLevel, LogLine};
use crate::app::theme::{self, space, text};
use crate::app::widgets::button::segments;
use crate::app::widgets::{Button, EmptyState, Field, List, number};
use crate::app::{Command, theme::Tokens};

/// Room for the chosen line in full, in points.
const DETAIL: f32 = 84.0;

/// The page's own state.
#[derive(Debug)]
pub(super) struct LogsPage {
    filter: String,
    least: LogLevel,
    chosen: Option<usize>,
    /// The lines that fit, newest first, and what they were chosen from.
    fitting: (u64, String, LogLevel, Vec<usize>),
}

impl Default for LogsPage {
    fn default() -> Self {
        Self {
            filter: String::new(),
            least: LogLevel::Debug,
            chosen: None,
            fitting: (u64::MAX, String::new(), LogLevel::Debug, Vec::new()),
        }
    }
}

impl LogsPage {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let frame = theme::area_frame(theme::tokens(ui));
        CentralPanel::default().frame(frame).show(ui, |ui| self.contents(ui, state, outbox));
    }

    fn contents(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let log = &state.home.log;
        let lines = Arc::clone(&log.lines);
        self.choose(log.seen, &lines);
        ui.horizontal(|ui| {
            ui.label(text::title("Logs"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let tip = "Version, system and log as text, without keys and without your texts";
                if Button::secondary("Copy diagnostics").tip(tip).show(ui).clicked() {
                    outbox.send(HomeCommand::CopyDiagnostics);
                }
                let none = self.fitting.3.is_empty().then_some("No line is shown");
                let copy = Button::quiet("Copy lines").disabled_because(none);
                if copy.tip("The lines shown, oldest first").show(ui).clicked() {
                    let shown = self.fitting.3.iter().rev().filter_map(|at| lines.get(*at));
                    let text: Vec<String> = shown.map(line_words).collect();
                    outbox.send(Command::Copy(text.join("\n")));
                }
            });
        });
        ui.horizontal_wrapped(|ui| {
            let field = Field::new("Filter lines").hide_label().hint("Filter by text").width(240.0);
            field.show(ui, &mut self.filter);
            let levels = [
                (LogLevel::Error, "Errors", "Only what failed"),
                (LogLevel::Warning, "Warnings", "What failed and what needs a look"),
                (LogLevel::Debug, "All", "Every line"),
            ];
            if let Some(least) = segments(ui, self.least, &levels) {
                self.least = least;
            }
            let n = self.fitting.3.len() as u64;
            ui.label(text::weak_label(number::counted(n, "line", "lines")));
        });
        if self.fitting.3.is_empty() {
            let title = if lines.is_empty() { "Nothing was logged yet" } else { "No line fits" };
            let text = "What the program does is noted here until it is closed: files opened and \
                        saved, calls and their tokens, failures. Never a text of yours, never a key.";
            let _shown = EmptyState { title, text, action: None, shortcut: None }.show(ui);
            return;
        }
        ui.add_space(space::XS);
        self.list(ui, &lines);
    }

    fn choose(&mut self, seen: u64, lines: &[LogLine]) {
        let (of, filter, least, fitting) = &mut self.fitting;
        if *of == seen && *filter == self.filter && *least == self.least {
            return;
        }
        let wanted = self.filter.trim().to_lowercase();
        *fitting = (0..lines.len())
            .rev()
            .filter(|at| {
                let line = &lines[*at];
                line.level <= self.least
                    && (wanted.is_empty()
                        || line.text.to_lowercase().contains(&wanted)
                        || line.place.to_lowercase().contains(&wanted))
            })
            .collect();
        (*of, *least) = (seen, self.least);
        filter.clone_from(&self.filter);
    }

    fn list(&mut self, ui: &mut Ui, lines: &[LogLine]) {
        let fitting = &self.fitting.3;
        let chosen = self.chosen.filter(|row| *row < fitting.len());
        let room = if chosen.is_some() { DETAIL } else { 0.0 };
        let height = (ui.available_height() - room).max(120.0);
        let happened =
            List::new("Log lines", fitting.len()).selected(chosen).max_height(height).show(
                ui,
                |row| lines.get(fitting[row]).map(line_words).unwrap_or_default(),
                |ui, row| {
                    if let Some(one) = lines.get(fitting[row.index]) {
                        line(ui, one);
                    }
                },
            );
        if happened.selected.is_some() {
            self.chosen = happened.selected;
        }
        if let Some(one) = chosen.and_then(|row| lines.get(fitting[row])) {
            ui.separator();
            egui::ScrollArea::vertical().id_salt("log line").show(ui, |ui| {
                ui.add(Label::new(text::mono(line_words(one))).wrap());
            });
        }
    }
}

fn colour(t: &Tokens, level: LogLevel) -> egui::Color32 {
    match level {
        LogLevel::Error => t.worse,
        LogLevel::Warning => t.warning,
        LogLevel::Info | LogLevel::Debug => t.weak,
    }
}

fn line(ui: &mut Ui, line: &LogLine) {
    let t = theme::tokens(ui);
    let words = line_words(line);
    // Time and level, then the text; the part of the program is in the line's detail.
    let head: String = words.split_whitespace().take(2).collect::<Vec<_>>().join("  ");
    ui.label(text::mono(format!("{head:22}")).color(colour(t, line.level)));
    ui.add(Label::new(text::mono(&line.text)).truncate());
}
