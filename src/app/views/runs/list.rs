//! All runs, newest first, and those that wait.

use egui::{Align, Color32, Label, Layout, Rect, Ui, UiBuilder, pos2, vec2};

use crate::app::command::{HomeCommand, RunsCommand};
use crate::app::effects::runs::ResumeWishes;
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::runs::{
    ActiveRun, Hold, Kinds, Remedy, RunList, WhyStopped, duration, name_of,
};
use crate::app::state::{AppState, SettingsPage};
use crate::app::theme::{self, Tokens, size, space, text};
use crate::app::widgets::button::segments;
use crate::app::widgets::number::{count, counted, money};
use crate::app::widgets::{Button, Field, List, NoticeKind, notice};
use crate::store::journal::{RunOverview, RunState};

/// The list's own state.
#[derive(Debug, Default)]
pub(super) struct ListPane {
    filter: String,
    wants_focus: bool,
}

impl ListPane {
    /// Has the search field take the focus in the next frame.
    pub(super) fn focus_filter(&mut self) {
        self.wants_focus = true;
    }

    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let runs = &state.runs;
        ui.horizontal(|ui| {
            ui.label(text::heading("Runs"));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let button = Button::primary("New run").shortcut("N");
                if button.disabled_because(editable(state).err()).show(ui).clicked() {
                    outbox.send(RunsCommand::BeginNew);
                }
            });
        });
        let search = Field::new("Search runs").hide_label().hint("Search  Ctrl+F");
        self.filter.clone_from(&runs.filter);
        let response = search.show(ui, &mut self.filter);
        if response.changed() {
            outbox.send(RunsCommand::Filter(self.filter.clone()));
        }
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        ui.horizontal(|ui| {
            let kinds = [
                (Kinds::Sets, "Prompt sets", "Runs over many rows, and their pilots"),
                (Kinds::Tries, "Tries", "Prompts tried one by one, and tests of models"),
                (Kinds::All, "All", "Everything that the journal has"),
            ];
            if let Some(kinds) = segments(ui, runs.kinds, &kinds) {
                outbox.send(RunsCommand::Kinds(kinds));
            }
            let shown = runs.shown.len() as u64;
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.label(text::weak_label(counted(shown, "run", "runs")));
            });
        });
        waiting(ui, state, outbox);
        left(ui, state, outbox);
        match &runs.list {
            RunList::Unknown | RunList::Reading => {
                ui.label(text::weak_label("Reading the runs…"));
            }
            RunList::Failed(failure) => {
                notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |ui| {
                    if Button::secondary("Read again").show(ui).clicked() {
                        outbox.send(RunsCommand::Refresh);
                    }
                });
            }
            RunList::There(_) => self.rows(ui, state, outbox),
        }
    }

    fn rows(&self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let runs = &state.runs;
        let all = runs.all();
        if runs.shown.is_empty() {
            ui.add_space(space::S);
            let words = if !self.filter.trim().is_empty() {
                "No run matches. Clear the search."
            } else if runs.kinds == Kinds::Sets {
                "No prompt set was run yet. Prompts tried one by one are under Tries."
            } else {
                "None of this kind yet."
            };
            ui.add(Label::new(egui::RichText::new(words).weak()).wrap());
            return;
        }
        let run_at = |row: usize| &all[runs.shown[row]];
        let selected = runs
            .selected
            .as_ref()
            .and_then(|id| runs.shown.iter().position(|place| &all[*place].record.id == id));
        let active = |run: &RunOverview| {
            runs.active.as_ref().filter(|active| active.run.as_ref() == Some(&run.record.id))
        };
        let happened = List::new("Runs", runs.shown.len())
            .row_height(size::ROW_TWO_LINES)
            .selected(selected)
            .max_height(ui.available_height())
            .show(
                ui,
                |row| {
                    let run = run_at(row);
                    let (word, _) = state_of(run, active(run), theme_of());
                    format!("{} {}, {word}", run.record.id, name_of(&run.record))
                },
                |ui, row| {
                    let run = run_at(row.index);
                    line(ui, state, run, active(run), outbox);
                },
            );
        if let Some(row) = happened.selected {
            outbox.send(RunsCommand::Select(run_at(row).record.id.clone()));
        }
        if let Some(row) = happened.activated {
            outbox.send(RunsCommand::ShowRows(run_at(row).record.id.clone()));
        }
    }
}

/// Colours do not matter to a name.
fn theme_of() -> &'static Tokens {
    &theme::LIGHT
}

/// A run's state as a word with its colour.
pub(super) fn state_of(
    run: &RunOverview,
    active: Option<&ActiveRun>,
    t: &Tokens,
) -> (String, Color32) {
    if let Some(active) = active {
        return match active.hold {
            Hold::Going => (format!("{} %", active.percent()), t.accent),
            Hold::Paused => (format!("paused at {} %", active.percent()), t.warning),
            Hold::Stopping => ("stopping".to_owned(), t.warning),
        };
    }
    match run.record.state {
        // Another process has it, or it began a moment ago.
        RunState::Running => ("running".to_owned(), t.accent),
        RunState::Done if run.rows_failed > 0 => {
            (format!("done, {} failed", count(run.rows_failed)), t.warning)
        }
        RunState::Done => ("done".to_owned(), t.better),
        RunState::Cancelled | RunState::Stopped | RunState::Interrupted => {
            let why = WhyStopped::of(run).unwrap_or(WhyStopped::Other);
            let colour = match why {
                WhyStopped::User => t.weak,
                WhyStopped::Interrupted => t.warning,
                _ => t.worse,
            };
            (why.in_words().to_owned(), colour)
        }
    }
}

/// What mends a run or goes on with it, in one button; nothing where nothing is to be done.
fn mend(ui: &mut Ui, state: &AppState, run: &RunOverview, outbox: &Outbox) {
    if editable(state).is_err() {
        return;
    }
    let id = &run.record.id;
    let remedy = WhyStopped::of(run).and_then(WhyStopped::remedy);
    let words = match remedy {
        Some(remedy) => Some(remedy.in_words().to_owned()),
        None => state.runs.resumable(run),
    };
    let Some(words) = words.filter(|_| !state.runs.is_active(id)) else { return };
    let name = format!("{words}, {id}");
    // How many are left, the line says anyway.
    let short = words.split(" (").next().unwrap_or_default();
    if !Button::secondary(short).name(&name).compact().show(ui).clicked() {
        return;
    }
    match remedy {
        Some(Remedy::FixKey | Remedy::OpenModels) => {
            outbox.send(RunsCommand::Select(id.clone()));
            outbox.send(HomeCommand::Page(SettingsPage::Models));
        }
        Some(Remedy::RaiseCap | Remedy::AllowMore) => outbox.send(RunsCommand::Raise(id.clone())),
        None => {
            outbox.send(RunsCommand::Select(id.clone()));
            let wishes = ResumeWishes::default();
            outbox.send(RunsCommand::Resume { run: id.clone(), wishes });
        }
    }
}

fn line(
    ui: &mut Ui,
    state: &AppState,
    run: &RunOverview,
    active: Option<&ActiveRun>,
    outbox: &Outbox,
) {
    let t = theme::tokens(ui);
    let full = ui.available_rect_before_wrap();
    let part = |ui: &mut Ui, rect: Rect| {
        let layout = Layout::right_to_left(Align::Center);
        ui.new_child(UiBuilder::new().max_rect(rect).layout(layout))
    };
    // The button beside both lines: in one of them it would be cut off.
    let mut beside = part(ui, full);
    mend(&mut beside, state, run, outbox);
    let button = beside.min_rect();
    let right = if button.width() > 1.0 { button.left() - space::S } else { full.right() };
    let middle = full.center().y;
    let first = Rect::from_min_max(pos2(full.left(), middle - size::LINE), pos2(right, middle));
    let mut above = part(ui, first);
    let (word, colour) = state_of(run, active, t);
    above.label(text::label(word).color(colour));
    above.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.label(text::mono(run.record.id.as_str()).color(t.weak));
        ui.add(Label::new(name_of(&run.record)).truncate());
    });
    let mut below = part(ui, first.translate(vec2(0.0, size::LINE)));
    if let Some(active) = active {
        let part = active.progress.rows_done as f32 / active.progress.rows_total.max(1) as f32;
        small_bar(&mut below, part);
    }
    below.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(Label::new(text::weak_label(under(run, active))).truncate());
    });
}

/// How far the run that is on is, in its line.
fn small_bar(ui: &mut Ui, part: f32) {
    let t = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(96.0, 6.0), egui::Sense::hover());
    ui.painter().rect(rect, 3, t.raised, t.edge(), egui::StrokeKind::Inside);
    let mut done = rect;
    done.set_width(rect.width() * part.clamp(0.0, 1.0));
    ui.painter().rect_filled(done, 3, t.accent);
}

/// Rows, time, cost; of a run that a limit stopped, why.
fn under(run: &RunOverview, active: Option<&ActiveRun>) -> String {
    let record = &run.record;
    let (rows, cost) = match active {
        Some(active) => (active.progress.rows_done, active.progress.cost),
        None => (run.rows, run.cost),
    };
    let mut parts = vec![match rows {
        rows if rows == record.rows_total => counted(rows, "row", "rows"),
        rows => format!("{} of {}", count(rows), counted(record.rows_total, "row", "rows")),
    }];
    if let Some(estimate) = active.and_then(ActiveRun::estimate) {
        parts.push(format!("{} left", estimate.in_words()));
    }
    if let Some(finished) = record.finished_ms.filter(|_| active.is_none()) {
        parts.push(duration(finished.saturating_sub(record.started_ms).max(0) as u64));
    }
    if cost > 0.0 {
        parts.push(money(cost));
    }
    if record.state == RunState::Stopped && active.is_none() {
        parts.push(record.message.clone());
    }
    parts.push(started(record.started_ms));
    parts.join(" · ")
}

/// The user's date and time of day, as `2026-11-22 13:45`.
pub(super) fn started(ms: i64) -> String {
    let utc = chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    utc.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M").to_string()
}

/// The runs that wait for the one that is on.
fn waiting(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    for waiting in &state.runs.waiting {
        ui.horizontal(|ui| {
            let name = format!("Take out {}", waiting.name);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let button = Button::quiet("Take out").name(&name).compact();
                if button.tip("It has not begun, so nothing is lost").show(ui).clicked() {
                    outbox.send(RunsCommand::TakeOut(waiting.number));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let words = format!("Waits for the run that is on: {}", waiting.name);
                    ui.add(Label::new(text::weak_label(words)).truncate());
                });
            });
        });
    }
}

/// The runs that waited when the window was closed: nothing begins by itself.
fn left(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    for (place, waiting) in state.runs.left.waiting.iter().enumerate() {
        let words = "It has not begun. It takes documents and prompts as they are now.";
        let title = format!("Waited when the window was closed: {}", waiting.name);
        notice(ui, NoticeKind::Info, &title, words, |ui| {
            let name = format!("Run {} now", waiting.name);
            let begin = Button::secondary("Run it").name(&name).compact();
            if begin.disabled_because(editable(state).err()).show(ui).clicked() {
                outbox.send(RunsCommand::BeginLeft(place));
            }
            let name = format!("Forget {}", waiting.name);
            if Button::quiet("Forget it").name(&name).compact().show(ui).clicked() {
                outbox.send(RunsCommand::ForgetLeft(place));
            }
        });
    }
}
