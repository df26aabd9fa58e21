//! Every widget once.

use egui::{ScrollArea, Ui};
use preamble::app::theme::{self, Hue, text};
use preamble::app::widgets::meter::progress;
use preamble::app::widgets::prose::quote;
use preamble::app::widgets::{
    Button, Column, EmptyState, Field, List, Measure, NoticeKind, PathField, Prose, Table, badge,
    card, chip, choice, diff_view, meter, notice, problem_list, prose, section, stepper, toast,
};
use preamble::domain::Problem;
use preamble::methods::diff::word_diff;
use strum::IntoEnumIterator as _;

#[derive(Default)]
pub(crate) struct WidgetsPage {
    name: String,
    long: String,
    path: String,
    selected: Option<usize>,
    chosen: usize,
    rounds: u32,
}

impl WidgetsPage {
    pub(crate) fn show(&mut self, ui: &mut Ui) {
        egui::CentralPanel::default().show(ui, |ui| {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                ui.columns(2, |columns| {
                    self.left(&mut columns[0]);
                    Self::right(&mut columns[1]);
                });
            });
        });
        toast(ui.ctx(), 0, 44.0, NoticeKind::Done, "Exported 128 records", Some("Show"));
    }

    fn left(&mut self, ui: &mut Ui) {
        ui.label(text::title("Title 20 semibold"));
        ui.label(text::heading("Heading 16 semibold"));
        ui.label("Body 14 regular");
        ui.label(text::label("Label 12 medium"));
        ui.label(text::mono("Mono 13: R-0142 {\"prompt\": 1}"));
        prose(
            ui,
            "sample",
            "Reading 15: Most moles are harmless, but see a doctor within two \
            weeks if it grew, bleeds, or has uneven colour. Keep it covered from the sun.",
        );
        section(ui, "Buttons");
        ui.horizontal_wrapped(|ui| {
            let _r = Button::primary("Run").shortcut("Ctrl+Enter").show(ui);
            let _r = Button::secondary("Other seed").show(ui);
            let _r = Button::quiet("Edit").show(ui);
            let _r = Button::secondary("Stop").disabled_because(Some("Nothing runs")).show(ui);
            let _r = Button::primary("Export").disabled_because(Some("No rows")).show(ui);
            let _r = Button::secondary("Compact").compact().show(ui);
        });
        section(ui, "Fields");
        Field::new("Name")
            .hint("What people call it")
            .help("Also its file's name")
            .show(ui, &mut self.name);
        Field::new("Principle")
            .rows(3)
            .reading()
            .error(Some("It has no text"))
            .show(ui, &mut self.long);
        let field = PathField {
            label: "Folder",
            help: "Made when it is not there",
            error: None,
            browsing: false,
        };
        field.show(ui, &mut self.path);
        ui.horizontal(|ui| {
            if let Some(place) = choice(ui, "Set", Some(self.chosen), &["dev", "test"], 120.0) {
                self.chosen = place;
            }
            if let Some(rounds) = stepper(ui, "Rounds", self.rounds, 0..=6) {
                self.rounds = rounds;
            }
        });
        section(ui, "List");
        let rows = List::new("Sample list", 1_000).selected(self.selected).max_height(120.0).show(
            ui,
            |row| format!("Row {row}"),
            |ui, row| {
                ui.label(format!("Row {}", row.index));
            },
        );
        self.selected = rows.selected.or(self.selected);
        section(ui, "Table");
        let columns = [Column::new("Name", 100.0).grow(1.0), Column::new("Weight", 60.0).right()];
        Table::new("Sample table", &columns, 3).selected(Some(1)).show(
            ui,
            |row| format!("Row {row}"),
            |ui, row, column| {
                ui.label(if column == 0 {
                    "Do not invent facts".to_owned()
                } else {
                    format!("{}.0", row.index)
                });
            },
        );
    }

    fn right(ui: &mut Ui) {
        let t = theme::tokens(ui);
        section(ui, "Chips and badges");
        ui.horizontal_wrapped(|ui| {
            for (n, hue) in Hue::iter().enumerate() {
                chip(ui, &format!("P{}", n + 1), &hue.to_string(), hue);
            }
            badge(ui, "replayed", t.weak, "From the journal");
            badge(ui, "cut off", t.warning, "Too long");
        });
        section(ui, "Meters");
        meter(ui, "Draft", Measure::Score(0.41), t.before);
        meter(ui, "Revision", Measure::Score(0.78), t.after);
        meter(ui, "Full", Measure::Score(1.0), t.after);
        meter(ui, "Unread", Measure::Without("unparsed"), t.after);
        progress(ui, "Fetching", Some(0.42), "41.2 MB of 98.1 MB, 3.2 MB a second");
        progress(ui, "Fetching", None, "41.2 MB so far");
        section(ui, "Diff");
        card(ui, |ui| {
            let spans = word_diff(
                "This is almost certainly harmless. Most moles are harmless. Keep it covered.",
                "I can't judge a mole from text. Most moles are harmless, but see a doctor within \
                 two weeks if it grew. Keep it covered.",
            );
            diff_view(ui, "diff", &spans);
        });
        section(ui, "Quote and streaming");
        quote(ui, "quote", "It states the mole is harmless without seeing it.", t.hue(Hue::Blue));
        Prose::new("stream", "I can't judge a mole from").streaming(true).show(ui);
        section(ui, "Notices");
        for (kind, title) in [
            (NoticeKind::Info, "Nothing leaves this machine"),
            (NoticeKind::Done, "Saved"),
            (NoticeKind::Warning, "Writer and judge share a family"),
            (NoticeKind::Failure, "Key rejected by api.example.com (401)"),
        ] {
            notice(ui, kind, title, "Check the key or pick another model.", |ui| {
                let _r = Button::quiet("Open models").compact().show(ui);
            });
        }
        section(ui, "Problems");
        problem_list(
            ui,
            &[
                Problem::error(
                    "P3.weight",
                    "the weight is -1",
                    "use a number of 0 or more; 1 is usual",
                ),
                Problem::warning(
                    "P4.text",
                    "it has no text, so runs leave it out",
                    "write what a \
                response should do, or delete the principle",
                ),
            ],
        );
        section(ui, "Empty state");
        card(ui, |ui| {
            ui.set_height(180.0);
            let _chosen = EmptyState {
                title: "No prompts yet",
                text: "A prompt is what a person \
                says to the model.",
                action: Some("Add a prompt"),
                shortcut: Some("Ctrl+N"),
            }
            .show(ui);
        });
    }
}
