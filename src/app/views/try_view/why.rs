//! Why the answer reads as it does: the edit chosen, its step, principle and critique.

use egui::Ui;

use super::chain::principle_of;
use super::diffs::{Diffs, Traced};
use super::final_diff::{by_hand, principle_chip};
use crate::app::Outbox;
use crate::app::command::TryCommand;
use crate::app::state::{AppState, Trial};
use crate::app::theme::{self, space, text};
use crate::app::widgets::prose::folded_quote;
use crate::app::widgets::{Button, List, badge, number};
use crate::domain::{Chain, Step};
use crate::methods::attribution::Edit;

/// The height of one edit's line, in points.
const EDIT_ROW: f32 = 28.0;
/// The most edits listed before the list scrolls.
const MOST_ROWS: usize = 7;

/// Draws the edits and what caused the one chosen.
pub(super) fn show(
    ui: &mut Ui,
    state: &AppState,
    trial: Option<&Trial>,
    diffs: &mut Diffs,
    outbox: &Outbox,
) {
    ui.add_space(space::XS);
    ui.label(text::heading("Why"));
    let traced = trial.and_then(|trial| Some((trial, trial.chain()?, diffs.traced(trial)?)));
    let Some((trial, chain, traced)) = traced else {
        ui.add(weak("Once the prompt was run, every edit is traced to its step here."));
        return;
    };
    if traced.found.edits.is_empty() {
        ui.add(weak("Nothing to explain: the last answer is the draft, word for word."));
        return;
    }
    let chosen = state.trial.look.edit.filter(|(of, _)| *of == trial.number).map(|(_, edit)| edit);
    edits(ui, trial, chain, &traced, chosen, outbox);
    match chosen.and_then(|chosen| traced.found.edits.get(chosen)) {
        Some(edit) => explained(ui, state, trial, chain, edit, outbox),
        None => {
            ui.add(weak("Choose an edit, here or in the final diff, to see what caused it."));
        }
    }
}

fn weak(words: &str) -> egui::Label {
    egui::Label::new(egui::RichText::new(words).weak()).wrap()
}

/// The edits in reading order: by keyboard what clicks in the diff do.
fn edits(
    ui: &mut Ui,
    trial: &Trial,
    chain: &Chain,
    traced: &Traced,
    chosen: Option<usize>,
    outbox: &Outbox,
) {
    let all = &traced.found.edits;
    let cause = |edit: &Edit| cause_of(trial, chain, edit);
    let height = EDIT_ROW * all.len().min(MOST_ROWS) as f32;
    let list = List::new("Edits", all.len()).row_height(EDIT_ROW).max_height(height);
    let happened = list.selected(chosen).show(
        ui,
        |place| format!("Edit {}, {}: {}", place + 1, cause(&all[place]), in_words(&all[place])),
        |ui, row| {
            let t = theme::tokens(ui);
            let edit = &all[row.index];
            let layout = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(egui::vec2(30.0, EDIT_ROW), layout, |ui| {
                ui.set_min_width(30.0);
                ui.add(egui::Label::new(text::label(cause(edit)).color(t.weak)).truncate());
            });
            ui.add(egui::Label::new(job(ui, edit)).truncate());
        },
    );
    if let Some(row) = happened.selected {
        outbox.send(TryCommand::Edit(Some(row)));
    }
}

/// `P3`, `you`, `unexplained`.
fn cause_of(trial: &Trial, chain: &Chain, edit: &Edit) -> String {
    let step = edit.causes.first().and_then(|cause| chain.steps.get(cause.step));
    match step {
        Some(step) if by_hand(trial, step.round) => "you".to_owned(),
        Some(step) => step.principle.0.clone(),
        None => "none".to_owned(),
    }
}

/// What was taken out and what stands there instead, in one line.
fn job(ui: &Ui, edit: &Edit) -> egui::text::LayoutJob {
    let t = theme::tokens(ui);
    let font_id = egui::TextStyle::Small.resolve(ui.style());
    let mut job = egui::text::LayoutJob::default();
    let format = |color, struck: bool, lined: bool| {
        let line = |on: bool| if on { egui::Stroke::new(1.0, color) } else { egui::Stroke::NONE };
        egui::text::TextFormat {
            font_id: font_id.clone(),
            color,
            strikethrough: line(struck),
            underline: line(lined),
            ..Default::default()
        }
    };
    let (removed, added) = (one_line(&edit.removed), one_line(&edit.added));
    if !removed.is_empty() {
        job.append(&removed, 0.0, format(t.delete_text, true, false));
    }
    if !added.is_empty() {
        let space = if removed.is_empty() { 0.0 } else { 6.0 };
        job.append(&added, space, format(t.insert_text, false, true));
    }
    if job.text.is_empty() {
        job.append("(white space)", 0.0, format(t.weak, false, false));
    }
    job
}

fn in_words(edit: &Edit) -> String {
    match (one_line(&edit.removed), one_line(&edit.added)) {
        (removed, added) if removed.is_empty() => format!("added “{added}”"),
        (removed, added) if added.is_empty() => format!("removed “{removed}”"),
        (removed, added) => format!("“{removed}” became “{added}”"),
    }
}

fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > 80 {
            line.truncate(line.floor_char_boundary(80));
            line.push('…');
            break;
        }
    }
    line
}

/// The step, the principle and the critique behind an edit.
fn explained(
    ui: &mut Ui,
    state: &AppState,
    trial: &Trial,
    chain: &Chain,
    edit: &Edit,
    outbox: &Outbox,
) {
    ui.add_space(space::XS);
    if edit.causes.is_empty() {
        ui.add(weak(
            "Unexplained: no single step put these words in or took them out. They were moved, or \
             went and came back.",
        ));
        return;
    }
    for cause in &edit.causes {
        let Some(step) = chain.steps.get(cause.step) else { continue };
        one_cause(ui, state, trial, step, cause.share, outbox);
    }
}

fn one_cause(
    ui: &mut Ui,
    state: &AppState,
    trial: &Trial,
    step: &Step,
    share: f64,
    outbox: &Outbox,
) {
    let t = theme::tokens(ui);
    let (hue, meaning) = principle_of(trial.constitution.as_deref(), &step.principle);
    ui.horizontal_wrapped(|ui| {
        ui.label(text::strong(format!("Step {}", step.round)));
        principle_chip(ui, trial, &step.principle, outbox);
        if share < 0.995 {
            let share = text::weak_label(format!("{} of these words", number::score(share)));
            ui.label(share);
        }
        if by_hand(trial, step.round) {
            badge(ui, "edited by hand", t.warning, "You wrote this revision yourself");
        }
    });
    let principle = trial.constitution.as_deref().and_then(|c| c.principle(&step.principle));
    let words = principle.map_or(meaning.as_str(), |principle| principle.text.as_str());
    ui.add(egui::Label::new(words).wrap());
    ui.label(text::weak_label("Critique"));
    let salt = ("why critique", trial.number, step.round);
    folded_quote(ui, salt, "the critique", &step.critique, t.hue(hue));
    ui.horizontal_wrapped(|ui| {
        let words = format!("Ablate {}", step.principle);
        let reason = crate::app::menu_command::runnable(state).err();
        let button = Button::secondary(&words).compact().shortcut("A");
        let button = button.tip("Runs this prompt without the principle and compares the outcomes");
        if button.disabled_because(reason).show(ui).clicked() {
            outbox.send(TryCommand::Ablate(step.principle.clone()));
        }
    });
}
