//! One run: how far, how fast, what it cost, what failed, what it was made with.

mod adjust;
mod configuration;
mod live;
mod over;
mod problems;

use egui::{Label, ScrollArea, Ui};

use super::list::{started, state_of};
use crate::app::command::{DataCommand, RunsCommand};
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::runs::{ActiveRun, RunDetail, SampleRow, Series, Trends, name_of};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::number::count;
use crate::app::widgets::{Button, Column, EmptyState, Table, badge, section, spark};
use crate::store::journal::RunOverview;

/// Points that a trend takes with its name and curve (by eye).
const TREND: f32 = 260.0;

/// The detail's own state.
#[derive(Debug, Default)]
pub(super) struct DetailPane {
    over: over::OverPane,
    adjust: adjust::AdjustPane,
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
                Some(active) => live::show(ui, state, active, &mut self.adjust, outbox),
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
                title(ui, run, active, outbox);
                if let Some(active) = active {
                    live::show(ui, state, active, &mut self.adjust, outbox);
                } else {
                    self.over.show(ui, state, run, detail, outbox);
                }
                trends(ui, state, run, active);
                problems::show(ui, state, run, active, detail, outbox);
                self.sample(ui, run, active, detail, outbox);
                configuration::show(ui, state, detail, &mut self.shows_configuration, outbox);
                ui.add_space(space::XL);
            });
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
        let heading = match active {
            Some(active) if active.every > 1 => {
                format!("Rows as they come, one in {}", count(active.every))
            }
            Some(_) => "Rows as they come".to_owned(),
            None => "Last rows".to_owned(),
        };
        ui.add_space(space::S);
        section(ui, &heading);
        if rows.is_empty() {
            let words = if active.is_some() { "The first row is under way" } else { "None" };
            ui.label(text::weak_label(words));
            return;
        }
        const COLUMNS: [Column<'_>; 5] = [
            Column::new("#", 52.0),
            Column::new("Prompt", 110.0).grow(2.0),
            Column::new("Answer", 140.0).grow(3.0),
            Column::new("Principles", 72.0),
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
                    3 => text::label(&sample.principles).color(t.weak),
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
            outbox.send(DataCommand::Select(row.position));
        }
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

fn title(ui: &mut Ui, run: &RunOverview, active: Option<&ActiveRun>, outbox: &Outbox) {
    let t = theme::tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.label(text::title(run.record.id.as_str()));
        ui.add(Label::new(text::heading(name_of(&run.record))).wrap());
        let (word, colour) = state_of(run, active, t);
        if active.is_none() {
            badge(ui, &word, colour, "");
        }
        let copy = Button::quiet("Copy").name("Copy the run as text").shortcut("Y").compact();
        if copy.show(ui).clicked() {
            outbox.send(RunsCommand::CopyText);
        }
    });
    let mut words = format!("Begun {}", started(run.record.started_ms));
    if let Some(ended) = run.record.finished_ms.filter(|_| active.is_none()) {
        words.push_str(", ended ");
        words.push_str(&started(ended));
    }
    ui.label(text::weak_label(words));
}

/// What the rows show over time: of a run that is on, those of this sitting.
fn trends(ui: &mut Ui, state: &AppState, run: &RunOverview, active: Option<&ActiveRun>) {
    let of = &run.record.id;
    let read = state.runs.trends.as_ref().filter(|(read, _)| read == of);
    let trends: &Trends = match (active, read) {
        (Some(active), _) => &active.trends,
        (None, Some((_, read))) => read,
        (None, None) => return,
    };
    let share = |name, series: &Option<Series>| {
        series.as_ref().map(|series| (name, series.share_in_words(), series.bars.clone()))
    };
    let longer = trends
        .longer
        .as_ref()
        .map(|series| ("Length", series.change_in_words(), series.bars.clone()));
    let failed = trends.failed.as_ref().filter(|series| series.all > 0.0).cloned();
    let all = [
        share("Left as they were", &trends.unchanged),
        longer,
        share("Refused", &trends.refused),
        share("Unparsed", &trends.unparsed),
        share("Failed", &failed),
    ];
    let all: Vec<_> = all.into_iter().flatten().collect();
    if all.is_empty() {
        return;
    }
    ui.add_space(space::S);
    section(ui, "Trends, the last tenth of the rows against those before");
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        for (name, words, bars) in all {
            // Name, words and curve stay on one line.
            if ui.available_size_before_wrap().x < TREND {
                ui.end_row();
            }
            ui.label(text::weak_label(name));
            ui.label(&words);
            spark(ui, &format!("{name} over the run: {words}"), &bars);
            ui.add_space(space::S);
        }
    });
}
