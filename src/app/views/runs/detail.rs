//! One run: how far, how fast, what it cost, what failed, what it was made with.

use egui::{DragValue, Label, ScrollArea, Ui};

use super::list::{money, started, state_of};
use crate::app::Command;
use crate::app::command::{GoCommand, RunsCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::runs::{
    ActiveRun, FailureGroup, Hold, Kinds, RunDetail, SampleRow, name_of,
};
use crate::app::state::{AppState, Area};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::meter::progress;
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{
    Button, Column, EmptyState, NoticeKind, Prose, Table, announce, badge, choice, diff_view,
    notice, section,
};
use crate::domain::RunId;
use crate::store::journal::{RunOverview, RunState};

/// The detail's own state.
#[derive(Debug, Default)]
pub(super) struct DetailPane {
    /// Another spending limit being chosen, and for which run.
    cap: Option<(RunId, f64)>,
    shows_configuration: bool,
    sampled: Option<usize>,
}

impl DetailPane {
    pub(super) fn show(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let runs = &state.runs;
        let active = runs.active.as_ref();
        let Some(run) = runs.selected() else {
            match active {
                // It has no name in the journal yet.
                Some(active) => on(ui, active, outbox),
                None => nothing(ui),
            }
            return;
        };
        let active = active.filter(|active| active.run.as_ref() == Some(&run.record.id));
        let detail = runs.detail.as_deref().filter(|seen| seen.record.id == run.record.id);
        ScrollArea::vertical()
            .id_salt(("run", run.record.id.as_str()))
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.set_max_width(ui.available_width().min(size::READING_WIDTH + 240.0));
                title(ui, run, active);
                if let Some(active) = active {
                    on(ui, active, outbox);
                } else {
                    self.over(ui, state, run, detail, outbox);
                }
                failures(ui, active, detail, outbox);
                self.sample(ui, run, active, detail, outbox);
                self.configuration(ui, state, detail, outbox);
                ui.add_space(space::XL);
            });
    }

    /// A run that is not on: why it ended so, its sums, what can be done with it.
    fn over(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        run: &RunOverview,
        detail: Option<&RunDetail>,
        outbox: &Outbox,
    ) {
        let record = &run.record;
        why_it_ended(ui, run);
        if let Some(detail) = detail {
            sums(ui, run, detail);
        }
        ui.add_space(space::XS);
        ui.horizontal_wrapped(|ui| {
            if let Some(words) = state.runs.resumable(run) {
                let cap = self.cap_wish(run, detail);
                let tip = "Only what is missing is asked; what was paid for is not paid again";
                let button = Button::secondary(&words).shortcut("R").tip(tip);
                if button.disabled_because(editable(state).err()).show(ui).clicked() {
                    outbox.send(RunsCommand::Resume { run: record.id.clone(), cap });
                }
                self.cap_field(ui, run, detail);
            }
            let none = (run.rows == 0).then_some("It has no rows");
            let rows = Button::secondary("Show rows").shortcut("O").disabled_because(none);
            if rows.show(ui).clicked() {
                outbox.send(RunsCommand::ShowRows(record.id.clone()));
            }
        });
    }

    /// The limit to resume with, where another one was chosen.
    fn cap_wish(&self, run: &RunOverview, detail: Option<&RunDetail>) -> Option<f64> {
        let known = detail?.cap?;
        let (of, cap) = self.cap.as_ref()?;
        (of == &run.record.id && (*cap - known).abs() > f64::EPSILON).then_some(*cap)
    }

    /// A field for another spending limit, of a run that has one.
    fn cap_field(&mut self, ui: &mut Ui, run: &RunOverview, detail: Option<&RunDetail>) {
        let Some(known) = detail.and_then(|detail| detail.cap) else { return };
        if self.cap.as_ref().is_none_or(|(of, _)| of != &run.record.id) {
            self.cap = Some((run.record.id.clone(), known));
        }
        let Some((_, cap)) = &mut self.cap else { return };
        let label = ui.label(text::weak_label("Spend cap"));
        let field = DragValue::new(cap).prefix("$").range(0.0..=1_000_000.0).fixed_decimals(2);
        ui.add(field.speed(0.1))
            .labelled_by(label.id)
            .on_hover_text("What the run may cost in all, earlier sittings included");
    }

    fn sample(
        &mut self,
        ui: &mut Ui,
        run: &RunOverview,
        active: Option<&ActiveRun>,
        detail: Option<&RunDetail>,
        outbox: &Outbox,
    ) {
        let rows: Vec<&SampleRow> = match (active, detail) {
            (Some(active), _) => active.sample.iter().collect(),
            (None, Some(detail)) => detail.sample.iter().collect(),
            (None, None) => return,
        };
        section(ui, if active.is_some() { "Rows as they come" } else { "Last rows" });
        if rows.is_empty() {
            let words = if active.is_some() { "The first row is under way" } else { "None" };
            ui.label(text::weak_label(words));
            return;
        }
        const COLUMNS: [Column<'_>; 4] = [
            Column::new("#", 52.0),
            Column::new("Prompt", 120.0).grow(2.0),
            Column::new("Answer", 160.0).grow(3.0),
            Column::new("", 96.0),
        ];
        let t = theme::tokens(ui);
        let height = size::ROW * rows.len() as f32 + 2.0;
        let table = Table::new("Rows as they come", &COLUMNS, rows.len())
            .max_height(height)
            .selected(self.sampled.filter(|row| *row < rows.len()));
        let happened = table.show(
            ui,
            |row| format!("Row {}: {}", rows[row].position + 1, rows[row].prompt),
            |ui, row, column| {
                let sample = rows[row.index];
                let colour = if sample.is_failed { t.worse } else { t.text };
                let words = match column {
                    0 => text::mono((sample.position + 1).to_string()).color(t.weak),
                    1 => egui::RichText::new(&sample.prompt),
                    2 => egui::RichText::new(&sample.answer).color(colour),
                    _ => text::label(&sample.note).color(if sample.is_failed {
                        t.worse
                    } else {
                        t.weak
                    }),
                };
                ui.add(Label::new(words).truncate());
            },
        );
        self.sampled = happened.selected.or(self.sampled);
        if let Some(row) = happened.activated.and_then(|row| rows.get(row)) {
            outbox.send(RunsCommand::ShowRows(run.record.id.clone()));
            outbox.send(crate::app::command::DataCommand::Select(row.position));
        }
    }

    fn configuration(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        detail: Option<&RunDetail>,
        outbox: &Outbox,
    ) {
        let Some(detail) = detail else { return };
        section(ui, "Configuration, frozen when it began");
        if detail.configuration.is_empty() {
            ui.label(text::weak_label("The journal has none"));
            return;
        }
        ui.horizontal_wrapped(|ui| {
            let words = if self.shows_configuration { "Hide" } else { "Show" };
            let name = format!("{words} configuration");
            if Button::secondary(words).name(&name).compact().show(ui).clicked() {
                self.shows_configuration = !self.shows_configuration;
            }
            let copy = Button::quiet("Copy").name("Copy configuration").compact();
            if copy.show(ui).clicked() {
                outbox.send(Command::Copy(detail.configuration.clone()));
            }
            against(ui, state, &detail.record.id, outbox);
        });
        if let Some(diff) = state.runs.diff.as_ref().filter(|diff| diff.run == detail.record.id) {
            match &diff.spans {
                None => {
                    ui.label(text::weak_label("Comparing…"));
                }
                Some(Err(failure)) => {
                    notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |_| {});
                }
                Some(Ok(spans)) if spans.is_empty() => {
                    ui.label(format!("Nothing differs from {}", diff.other));
                }
                Some(Ok(spans)) => {
                    let words = format!(
                        "Orange: only in {}. Blue: only in {}, shown here",
                        diff.other, diff.run
                    );
                    ui.label(text::weak_label(words));
                    diff_view(ui, ("configuration", diff.other.as_str()), spans);
                }
            }
        }
        if self.shows_configuration {
            let t = theme::tokens(ui);
            egui::Frame::new().fill(t.raised).corner_radius(size::RADIUS).inner_margin(8).show(
                ui,
                |ui| {
                    Prose::new("configuration", &detail.configuration).mono().show(ui);
                },
            );
        }
    }
}

/// Which run to hold the configuration against.
fn against(ui: &mut Ui, state: &AppState, run: &RunId, outbox: &Outbox) {
    /// More than these nobody looks through.
    const MOST: usize = 60;
    let others: Vec<&RunOverview> = state
        .runs
        .all()
        .iter()
        .filter(|other| &other.record.id != run && Kinds::Sets.has(other.record.kind))
        .take(MOST)
        .collect();
    if others.is_empty() {
        return;
    }
    let mut names = vec!["Nothing".to_owned()];
    names.extend(others.iter().map(|o| format!("{} {}", o.record.id, name_of(&o.record))));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let now = state.runs.diff.as_ref().filter(|diff| &diff.run == run);
    let chosen = now
        .and_then(|diff| others.iter().position(|other| other.record.id == diff.other))
        .map_or(0, |place| place + 1);
    if let Some(place) = choice(ui, "Diff against", Some(chosen), &names, 220.0) {
        let other = place.checked_sub(1).map(|place| others[place].record.id.clone());
        outbox.send(RunsCommand::Against(other));
    }
}

fn nothing(ui: &mut Ui) {
    EmptyState {
        title: "No run is selected",
        text: "Select one in the list to see how it went, what it cost and what failed.",
        action: None,
        shortcut: None,
    }
    .show(ui);
}

fn title(ui: &mut Ui, run: &RunOverview, active: Option<&ActiveRun>) {
    let t = theme::tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(text::title(run.record.id.as_str()));
        ui.add(Label::new(text::heading(name_of(&run.record))).wrap());
        let (word, colour) = state_of(run, active, t);
        if active.is_none() {
            badge(ui, &word, colour, "");
        }
    });
    let mut words = format!("Begun {}", started(run.record.started_ms));
    if let Some(ended) = run.record.finished_ms.filter(|_| active.is_none()) {
        words.push_str(", ended ");
        words.push_str(&started(ended));
    }
    ui.label(text::weak_label(words));
}

/// The run that is on: how far, how fast, and the buttons that hold it.
fn on(ui: &mut Ui, active: &ActiveRun, outbox: &Outbox) {
    let sums = &active.progress;
    ui.add_space(space::XS);
    if sums.rows_total == 0 {
        progress(ui, "Run", None, "Preparing: reading documents and finding the models");
    } else {
        let part = sums.rows_done as f32 / sums.rows_total as f32;
        let words = format!(
            "{} of {} · {} %",
            count(sums.rows_done),
            counted(sums.rows_total, "row", "rows"),
            active.percent()
        );
        progress(ui, "Run", Some(part), &words);
        announce(ui, &format!("{} per cent", active.percent() / 10 * 10));
    }
    let mut parts = Vec::new();
    match (active.hold, active.estimate()) {
        (Hold::Paused, _) => {
            parts.push("Paused: calls in flight still land, no new one is sent".to_owned());
        }
        (Hold::Stopping, _) => parts.push("Stopping: waiting for calls in flight".to_owned()),
        (Hold::Going, Some(estimate)) => {
            parts.push(estimate.rate());
            parts.push(format!("{} left", estimate.in_words()));
        }
        (Hold::Going, None) => parts.push("Too early to say how long".to_owned()),
    }
    parts.push(spent(sums.cost, active.cap, sums.price_unknown));
    parts.push(format!("{} sent", counted(sums.calls, "call", "calls")));
    if sums.replayed > 0 {
        parts.push(format!("{} from the journal", count(sums.replayed)));
    }
    parts.push(failed(sums.rows_failed, sums.rows_done));
    if sums.unparsed > 0 {
        parts.push(format!("{} unparsed", counted(sums.unparsed, "verdict", "verdicts")));
    }
    ui.add(Label::new(parts.join(" · ")).wrap());
    for (message, times) in &active.retries {
        let words = format!("{} tried again: {message}", counted(*times, "call", "calls"));
        ui.add(Label::new(text::weak_label(words)).wrap());
    }
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        let stopping = (active.hold == Hold::Stopping).then_some("It is stopping already");
        if active.hold == Hold::Paused {
            if Button::primary("Go on").shortcut("P").show(ui).clicked() {
                outbox.send(RunsCommand::GoOn);
            }
        } else {
            let pause = Button::secondary("Pause").shortcut("P");
            let pause = pause.tip("Sends no new call until you go on; calls in flight land");
            if pause.disabled_because(stopping).show(ui).clicked() {
                outbox.send(RunsCommand::Pause);
            }
        }
        let words = format!("Stop (keeps {} done)", count(active.kept()));
        let stop = Button::secondary(&words).shortcut("S");
        let stop = stop.tip("Sends no new call; it can be resumed where it stopped");
        if stop.disabled_because(stopping).show(ui).clicked() {
            outbox.send(RunsCommand::Stop);
        }
    });
}

fn failed(failed: u64, done: u64) -> String {
    if failed == 0 {
        return "none failed".to_owned();
    }
    let share = failed as f64 * 100.0 / done.max(1) as f64;
    format!("{} failed ({share:.1} %)", counted(failed, "row", "rows"))
}

/// What was spent, of what limit; a price that is not known makes it too low, and says so.
fn spent(cost: f64, cap: Option<f64>, is_price_unknown: bool) -> String {
    let mut words = match cap {
        Some(cap) => format!("{} of {} cap", money(cost), money(cap)),
        None => money(cost),
    };
    if is_price_unknown {
        words.push_str(" (a model has no price, so it is more)");
    }
    words
}

/// Why a run that is not done ended, and what to do.
fn why_it_ended(ui: &mut Ui, run: &RunOverview) {
    let record = &run.record;
    let kept = format!("{} kept", counted(run.rows, "row is", "rows are"));
    match record.state {
        RunState::Done => {}
        RunState::Running => {
            notice(
                ui,
                NoticeKind::Info,
                "It is on elsewhere",
                "Another program runs it, such as the command line. Read the runs again (F5) to \
                 see how far it is.",
                |_| {},
            );
        }
        RunState::Cancelled => {
            let words = format!("{kept}. Resume it and it goes on where it stopped.");
            notice(ui, NoticeKind::Warning, "Stopped by you", &words, |_| {});
        }
        RunState::Interrupted => {
            let words = format!(
                "The program ended while it ran. {kept}. Resume it: replies that came are not \
                 asked again."
            );
            notice(ui, NoticeKind::Warning, "Interrupted", &words, |_| {});
        }
        RunState::Stopped => {
            let title = format!("Stopped: {}", record.message);
            let hint = if record.message.starts_with("the limit") {
                "Raise the spend cap and resume it"
            } else if record.message.contains("rows failed") {
                "See below what failed; mend that, then resume it"
            } else {
                "Mend what it names, under Settings where it is a key or a model, then resume it"
            };
            notice(ui, NoticeKind::Failure, &title, &format!("{kept}. {hint}."), |_| {});
        }
    }
}

fn sums(ui: &mut Ui, run: &RunOverview, detail: &RunDetail) {
    let counts = &detail.counts;
    let record = &run.record;
    let mut parts =
        vec![format!("{} of {}", count(counts.rows), counted(record.rows_total, "row", "rows"))];
    parts.push(spent(counts.cost, detail.cap, detail.is_price_unknown && counts.calls > 0));
    parts.push(format!("{} sent", counted(counts.calls, "call", "calls")));
    if counts.replayed > 0 {
        parts.push(format!("{} from the journal", count(counts.replayed)));
    }
    if counts.calls_failed > 0 {
        parts.push(format!("{} failed", counted(counts.calls_failed, "call", "calls")));
    }
    if counts.calls_unknown > 0 {
        parts.push(format!("{} of unknown outcome", count(counts.calls_unknown)));
    }
    parts.push(failed(counts.rows_failed, counts.rows));
    if counts.unparsed > 0 {
        parts.push(format!("{} unparsed", counted(counts.unparsed, "verdict", "verdicts")));
    }
    let usage = counts.usage;
    parts.push(format!(
        "{} tokens read, {} written",
        count(usage.prompt_tokens),
        count(usage.completion_tokens)
    ));
    ui.add(Label::new(parts.join(" · ")).wrap());
}

/// What failed, by what it says, with what to do.
fn failures(ui: &mut Ui, active: Option<&ActiveRun>, detail: Option<&RunDetail>, outbox: &Outbox) {
    let groups: &[FailureGroup] = match (active, detail) {
        (Some(active), _) => &active.failures,
        (None, Some(detail)) => &detail.failures,
        (None, None) => return,
    };
    if groups.is_empty() {
        return;
    }
    /// The most frequent ones say enough.
    const MOST: usize = 8;
    section(ui, "What failed");
    for group in groups.iter().take(MOST) {
        let title = format!("{}: {}", counted(group.rows, "row", "rows"), group.message);
        let mut words = crate::app::widgets::notice::capitalised(&group.hint);
        if !words.is_empty() {
            words.push_str(". ");
        }
        words.push_str("Prompts ");
        words.push_str(&group.prompts.join(", "));
        if group.rows > group.prompts.len() as u64 {
            words.push_str(", …");
        }
        let is_about_models =
            matches!(group.kind.as_str(), "auth" | "unreachable" | "rejected" | "rate_limited");
        notice(ui, NoticeKind::Failure, &title, &words, |ui| {
            if is_about_models && Button::quiet("Open models").compact().show(ui).clicked() {
                outbox.send(GoCommand::Area(Area::Settings));
            }
        });
    }
    if groups.len() > MOST {
        let more = groups.len() - MOST;
        ui.label(text::weak_label(format!("and {more} more kinds of failure")));
    }
}
