//! The export sheet: which rows, in which format, with the first record's exact bytes.

use egui::{Checkbox, Id, Key, Label, Modal, RichText, ScrollArea, Ui, vec2};
use strum::IntoEnumIterator as _;

use crate::app::command::{ExportCommand, GoCommand, ProjectCommand};
use crate::app::state::export::{ExportPreview, RunLine};
use crate::app::state::{AppState, ExportOutcome, ExportState, FileKind, PathPurpose};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::button::segments;
use crate::app::widgets::number;
use crate::app::widgets::{Button, List, NoticeKind, PathField, Prose, announce, notice, section};
use crate::app::{Command, Outbox};
use crate::domain::LabelForm;
use crate::formats::export::{CUT_OFF, Container, FORMATS, Format, has_probabilities};

/// What is left of the window around the sheet, in points.
const AROUND: f32 = 48.0;

/// The sheet's own state.
#[derive(Debug, Default)]
pub struct ExportSheet {
    /// The folder being typed, and the one it was typed over.
    folder: (String, String),
    /// Whether the first record is shown line by line instead of as it is.
    wrapped: bool,
}

impl ExportSheet {
    /// Draws the sheet over everything.
    pub fn show(&mut self, ctx: &egui::Context, state: &AppState, outbox: &Outbox) {
        let screen = ctx.content_rect().size();
        let wanted = vec2(920.0_f32.min(screen.x - AROUND), 800.0_f32.min(screen.y - AROUND));
        let modal = Modal::new(Id::unique("export sheet"));
        let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(16);
        let modal = modal.frame(frame).show(ctx, |ui| {
            ui.set_width(wanted.x - 32.0);
            ui.set_height(wanted.y - 32.0);
            self.contents(ui, state, outbox);
        });
        if modal.should_close() {
            outbox.send(GoCommand::CloseSheet);
        }
    }

    fn contents(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let export = &state.export;
        ui.horizontal(|ui| {
            ui.label(text::title("Export"));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if Button::quiet("×").name("Close export").compact().show(ui).clicked() {
                    outbox.send(GoCommand::CloseSheet);
                }
            });
        });
        let Some(runs) = &export.runs else {
            ui.label(text::weak_label("Looking for runs…"));
            return;
        };
        if runs.is_empty() {
            let empty = crate::app::widgets::EmptyState {
                title: "Nothing to export yet",
                text: "Rows come from runs: run a prompt in Try or a whole set in Runs, and export \
                       what came of it.",
                action: Some("Close"),
                shortcut: Some("Esc"),
            };
            if empty.show(ui) {
                outbox.send(GoCommand::CloseSheet);
            }
            return;
        }
        let footer = match export.outcome {
            ExportOutcome::Written { .. } | ExportOutcome::Failed { .. } => 206.0,
            ExportOutcome::None | ExportOutcome::Writing => 116.0,
        };
        let height = (ui.available_height() - footer).max(160.0);
        let left = (ui.available_width() * 0.46).min(420.0);
        ui.horizontal_top(|ui| {
            ui.allocate_ui(vec2(left, height), |ui| {
                ui.vertical(|ui| {
                    ui.set_width(left);
                    let area = ScrollArea::vertical().id_salt("export choices");
                    area.max_height(height).auto_shrink([false, false]).show(ui, |ui| {
                        choices(ui, export, runs, outbox);
                    });
                });
            });
            ui.add_space(space::S);
            ui.vertical(|ui| self.preview(ui, export, height, outbox));
        });
        ui.separator();
        self.footer(ui, state, outbox);
    }

    /// What would be written, to the byte.
    fn preview(&mut self, ui: &mut Ui, export: &ExportState, height: f32, outbox: &Outbox) {
        let t = theme::tokens(ui);
        section(ui, "First record, exact bytes");
        match &export.preview {
            None => {
                ui.label(text::weak_label("Looking at the rows…"));
            }
            Some(Err(message)) => {
                notice(ui, NoticeKind::Failure, message, "", |_| {});
            }
            Some(Ok(preview)) => {
                let first = preview.first.as_deref().unwrap_or_default();
                if first.is_empty() {
                    nothing(ui, preview, outbox);
                    return;
                }
                let room = (height - 120.0).max(80.0);
                egui::Frame::new().fill(t.raised).corner_radius(size::RADIUS).inner_margin(8).show(
                    ui,
                    |ui| {
                        let area = ScrollArea::vertical().id_salt("first record");
                        area.max_height(room).auto_shrink([false, true]).show(ui, |ui| {
                            if self.wrapped {
                                let shown = by_lines(first);
                                Prose::new("record by lines", &shown).mono().show(ui);
                            } else {
                                Prose::new("record", first).mono().show(ui);
                            }
                        });
                    },
                );
                ui.horizontal_wrapped(|ui| {
                    ui.add(Checkbox::new(&mut self.wrapped, "Show indented"))
                        .on_hover_text("The file holds each record on one line");
                    if Button::quiet("Copy").name("Copy record").compact().show(ui).clicked() {
                        outbox.send(Command::Copy(first.to_owned()));
                    }
                    if !preview.command_line.is_empty() {
                        let copy = Button::quiet("Copy command line").compact();
                        if copy.tip(&preview.command_line).show(ui).clicked() {
                            outbox.send(Command::Copy(preview.command_line.clone()));
                        }
                    }
                });
            }
        }
    }

    fn footer(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let export = &state.export;
        counts(ui, export);
        outcome(ui, state, outbox);
        if self.folder.1 != export.folder || self.folder.0.is_empty() {
            // Chosen elsewhere (a dialog), or first seen.
            self.folder = (export.folder.clone(), export.folder.clone());
            if self.folder.0.is_empty() {
                self.folder.0 = standard_folder(state);
            }
        }
        ui.horizontal_top(|ui| {
            let width = (ui.available_width() - 230.0).max(160.0);
            ui.allocate_ui(vec2(width, 0.0), |ui| {
                ui.set_width(width);
                let target = match &export.preview {
                    Some(Ok(preview)) if preview.records > 0 => {
                        format!("The files go to {}", preview.target.display())
                    }
                    _ => "Made if it is not there yet".to_owned(),
                };
                let field =
                    PathField { label: "Folder", help: &target, error: None, browsing: false };
                let asked = field.show(ui, &mut self.folder.0);
                if asked.changed {
                    self.folder.1.clone_from(&self.folder.0);
                    outbox.send(ExportCommand::Folder(self.folder.0.trim().to_owned()));
                }
                if asked.browse {
                    outbox.send(ProjectCommand::AskPath(PathPurpose::Export));
                }
            });
            ui.vertical(|ui| {
                // Level with the path, below its label.
                ui.add_space(20.0);
                ui.horizontal(|ui| {
                    let why_not = why_not(export);
                    let button = Button::primary("Export").shortcut("Ctrl+Enter");
                    let clicked = button.disabled_because(why_not).show(ui).clicked();
                    let pressed = why_not.is_none()
                        && ui.input_mut(|input| {
                            input.consume_key(egui::Modifiers::COMMAND, Key::Enter)
                        });
                    if clicked || pressed {
                        outbox.send(ExportCommand::Write);
                    }
                    let done = matches!(export.outcome, ExportOutcome::Written { .. });
                    let words = if done { "Close" } else { "Cancel" };
                    if Button::quiet(words).show(ui).clicked() {
                        outbox.send(GoCommand::CloseSheet);
                    }
                });
            });
        });
    }
}

fn choices(ui: &mut Ui, export: &ExportState, runs: &[RunLine], outbox: &Outbox) {
    let t = theme::tokens(ui);
    section(ui, "Rows");
    let selected = runs.iter().position(|line| Some(&line.source) == export.source.as_ref());
    let happened = List::new("Rows to export", runs.len())
        .row_height(40.0)
        .selected(selected)
        .max_height(124.0)
        .show(
            ui,
            |row| format!("{}, {}", runs[row].title, row_count(&runs[row])),
            |ui, row| {
                let line = &runs[row.index];
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.add_space(2.0);
                    ui.add(Label::new(&line.title).truncate());
                    let mut detail = row_count(line);
                    if !line.started.is_empty() {
                        detail.push_str(" · ");
                        detail.push_str(&line.started);
                    }
                    ui.add(Label::new(text::weak_label(detail)).truncate());
                });
            },
        );
    if let Some(line) = happened.selected.and_then(|row| runs.get(row)) {
        outbox.send(ExportCommand::Source(line.source.clone()));
    }
    ui.add_space(space::S);
    section(ui, "Format");
    let chosen = chosen_format(export);
    ui.spacing_mut().interact_size.y = size::COMPACT;
    ui.spacing_mut().item_spacing.y = 2.0;
    for format in FORMATS {
        let selected = chosen.is_some_and(|chosen| chosen.id() == format.id());
        let response = ui.radio(selected, format.title());
        if response.on_hover_text(format.doc()).clicked() && !selected {
            outbox.send(ExportCommand::Format(format.id().to_owned()));
        }
        if selected {
            ui.indent(format.id(), |ui| {
                let doc = format.doc().split("\n\n").next().unwrap_or_default();
                ui.add(Label::new(text::label(doc.trim()).color(t.weak)).wrap());
            });
        }
    }
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.add_space(space::S);
    section(ui, "File");
    let kinds: Vec<(FileKind, &str, &str)> = FileKind::iter()
        .filter(|kind| chosen.is_none_or(|format| can_hold(format, *kind)))
        .map(|kind| match kind {
            FileKind::Jsonl => (kind, "JSONL", "One JSON object a line: any program reads it"),
            FileKind::Parquet => (kind, "Parquet", "Columns, compressed: quick for large data"),
        })
        .collect();
    if let Some(kind) = segments(ui, export.kind, &kinds) {
        outbox.send(ExportCommand::Kind(kind));
    }
    if chosen.is_some_and(|format| format.id() == "trl-preference") {
        section(ui, "Label");
        let forms = [
            (LabelForm::Soft, "Soft", "The probability as it is"),
            (LabelForm::Clamped, "Clamped .4–.6", "For judges that reason first"),
            (LabelForm::Hard, "Hard", "1 above one half, else 0"),
        ];
        if let Some(form) = segments(ui, export.labels, &forms) {
            outbox.send(ExportCommand::Labels(form));
        }
    }
    recalibrate(ui, export, outbox);
    ui.add_space(space::S);
    section(ui, "Also");
    let mut with = export.with_configuration;
    let configuration = Checkbox::new(&mut with, "Include constitution, rubric and recipe");
    let tip = "As they were when the rows were made, so that others can check and repeat it. A \
               data card is always written.";
    if ui.add(configuration).on_hover_text(tip).changed() {
        outbox.send(ExportCommand::WithConfiguration(with));
    }
    let mut keep = export.keep_cut_off;
    let cut_off = Checkbox::new(&mut keep, "Include answers that were cut off");
    let tip = "Answers that reached their longest length before their end. A model trained on \
               them learns to stop in the middle.";
    if ui.add(cut_off).on_hover_text(tip).changed() {
        outbox.send(ExportCommand::KeepCutOff(keep));
    }
}

/// Judges' maps, where the format writes probabilities.
fn recalibrate(ui: &mut Ui, export: &ExportState, outbox: &Outbox) {
    if !chosen_format(export).is_some_and(has_probabilities) {
        return;
    }
    ui.add_space(space::S);
    section(ui, "Judge’s probabilities");
    let Some(Ok(preview)) = &export.preview else {
        ui.label(text::weak_label("Looking at the rows…"));
        return;
    };
    if preview.maps.is_empty() {
        let mut off = false;
        let tick = Checkbox::new(&mut off, "Recalibrate by people’s labels");
        ui.add_enabled(false, tick);
        let words = "No judge has a map yet: its report in Judges fits one";
        ui.add(Label::new(text::weak_label(words)).wrap());
        return;
    }
    for map in &preview.maps {
        let mut on = export.recalibrate.as_ref() == Some(&map.judge);
        let words = format!("Recalibrate with {}’s map", map.name);
        let tick = Checkbox::new(&mut on, words);
        let response = ui.add_enabled(map.why_not.is_none(), tick);
        let tip = "Labels then mean what people’s labels say they mean. The map is written into \
                   the data card; the journal keeps what the judge said";
        if response.on_hover_text(tip).changed() {
            outbox.send(ExportCommand::Recalibrate(on.then(|| map.judge.clone())));
        }
        let detail = match &map.why_not {
            Some(why) => format!("Not here: {why}"),
            None => map.words.clone(),
        };
        ui.add(Label::new(text::weak_label(detail)).wrap());
    }
}

/// The format chosen, else the first.
fn chosen_format(export: &ExportState) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|format| format.id() == export.format).or_else(|| FORMATS.first()).copied()
}

fn can_hold(format: &dyn Format, kind: FileKind) -> bool {
    let wanted = match kind {
        FileKind::Jsonl => Container::Jsonl,
        FileKind::Parquet => Container::Parquet,
    };
    format.containers().contains(&wanted)
}

fn row_count(line: &RunLine) -> String {
    number::counted(line.rows, "row", "rows")
}

fn why_not(export: &ExportState) -> Option<&'static str> {
    if export.outcome == ExportOutcome::Writing {
        return Some("It is being written");
    }
    match &export.preview {
        None => Some("Still looking at the rows"),
        Some(Err(_)) => Some("The rows can't be read"),
        Some(Ok(preview)) if preview.records == 0 => Some("No row gives a record in this format"),
        Some(Ok(_)) => None,
    }
}

/// Why there is no record to show, and what would give one.
fn nothing(ui: &mut Ui, preview: &ExportPreview, outbox: &Outbox) {
    let mut reasons: Vec<String> = preview
        .left_out
        .iter()
        .filter(|(why, _)| preview.cut_off == 0 || why != CUT_OFF)
        .map(|(why, n)| format!("{} left out: {why}.", number::count(*n)))
        .collect();
    if preview.cut_off > 0 {
        reasons.push(format!(
            "{} left out: an answer reached its longest length before its end.",
            number::count(preview.cut_off)
        ));
    }
    if reasons.is_empty() {
        reasons.push("These rows have nothing that this format needs. Choose another.".to_owned());
    }
    let reasons = reasons.join("\n");
    notice(ui, NoticeKind::Warning, "Nothing to export in this format", &reasons, |ui| {
        if preview.cut_off > 0 {
            ui.add_space(space::XS);
            let keep = Button::secondary("Include answers that were cut off");
            if keep.show(ui).clicked() {
                outbox.send(ExportCommand::KeepCutOff(true));
            }
        }
    });
}

/// How many records, and what is left out and why.
fn counts(ui: &mut Ui, export: &ExportState) {
    let Some(Ok(preview)) = &export.preview else {
        return;
    };
    let mut words = number::counted(preview.records, "record", "records");
    if preview.edited > 0 {
        words.push_str(" (edited by hand: ");
        words.push_str(&number::count(preview.edited));
        words.push(')');
    }
    for (why, n) in &preview.left_out {
        words.push_str(" · ");
        words.push_str(&number::count(*n));
        words.push_str(" left out: ");
        words.push_str(why);
    }
    let shown = Label::new(RichText::new(words)).truncate();
    ui.add(shown);
}

fn outcome(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    match &state.export.outcome {
        ExportOutcome::None => {}
        ExportOutcome::Writing => {
            announce(ui, "Writing");
            ui.label(text::weak_label("Writing…"));
        }
        ExportOutcome::Written { files, records } => {
            let place = files.first().map(|file| file.display().to_string()).unwrap_or_default();
            let title = format!("{} written", number::counted(*records, "record", "records"));
            notice(ui, NoticeKind::Done, &title, &place, |ui| {
                if Button::quiet("Copy path").compact().show(ui).clicked() {
                    outbox.send(Command::Copy(place.clone()));
                }
                if files.len() > 1 {
                    ui.label(text::weak_label(format!("and {} more files", files.len() - 1)));
                }
            });
        }
        ExportOutcome::Failed { message, hint } => {
            notice(ui, NoticeKind::Failure, message, hint, |_| {});
        }
    }
}

fn standard_folder(state: &AppState) -> String {
    state
        .project
        .as_ref()
        .map(|project| project.root.join("exports").display().to_string())
        .unwrap_or_default()
}

/// A record indented, for reading; the record itself where it is not JSON.
fn by_lines(record: &str) -> String {
    serde_json::from_str::<serde_json::Value>(record)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| record.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_keeps_its_order_when_indented() {
        assert_eq!(by_lines(r#"{"b":1,"a":2}"#), "{\n  \"b\": 1,\n  \"a\": 2\n}");
        assert_eq!(by_lines("not json"), "not json");
    }

    #[test]
    fn it_is_said_why_nothing_can_be_written() {
        let mut export = ExportState::default();
        assert_eq!(why_not(&export), Some("Still looking at the rows"));
        let mut preview = ExportPreview {
            records: 0,
            edited: 0,
            left_out: Vec::new(),
            cut_off: 0,
            target: std::path::PathBuf::new(),
            first: None,
            command_line: String::new(),
            maps: Vec::new(),
        };
        export.preview = Some(Ok(preview.clone()));
        assert!(why_not(&export).unwrap().contains("No row"));
        preview.records = 3;
        export.preview = Some(Ok(preview));
        assert_eq!(why_not(&export), None);
        export.outcome = ExportOutcome::Writing;
        assert!(why_not(&export).is_some());
    }
}
