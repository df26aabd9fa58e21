//! A judge's settings: who judges, how they are asked, and what it is shown before its questions.

use std::sync::Arc;

use egui::{Checkbox, DragValue, Label, Response, Ui};
use strum::IntoEnumIterator as _;

use super::report::command;
use crate::app::command::{JudgeChange, JudgesCommand, ReportCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::judges::JudgePage;
use crate::app::state::{AppState, JudgeField, Target};
use crate::app::theme::{self, space, text};
use crate::app::update::judges::{field_of, project_problems};
use crate::app::views::attention::Attention;
use crate::app::widgets::button::segments;
use crate::app::widgets::notice::capitalised;
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{Button, Field, aligned_choice, aligned_label, card, stepper, term};
use crate::domain::{JudgeForm, JudgeProtocol, JudgeSetup, Problem, Severity};

/// Below this width the cards stand one above the other, in points.
const BESIDE: f32 = 760.0;
/// The labels' column.
const LABELS: f32 = 62.0;
/// The most votes that the buttons go to.
const VOTES: u32 = 32;
/// The most principles that the buttons go to.
const PRINCIPLES: u32 = 16;

/// What the page remembers for itself.
#[derive(Default)]
pub(super) struct SettingsPage {
    pub(super) attention: Attention,
}

/// What the page's parts share.
pub(super) struct Editing<'a> {
    pub(super) state: &'a AppState,
    pub(super) stem: &'a str,
    pub(super) judge: &'a Arc<JudgeSetup>,
    pub(super) problems: &'a [Problem],
    pub(super) outbox: &'a Outbox,
}

impl Editing<'_> {
    pub(super) fn send(&self, change: JudgeChange) {
        self.outbox.send(JudgesCommand::Judge { stem: self.stem.to_owned(), change });
    }

    /// Why nothing can be changed, if so.
    pub(super) fn locked(&self) -> Option<&'static str> {
        editable(self.state).err()
    }

    pub(super) fn target(&self, field: JudgeField) -> Target {
        Target::Judge { stem: self.stem.to_owned(), field }
    }

    /// What is wrong with a field, or with one of several of its kind, each with how to mend it.
    pub(super) fn problems(&self, ui: &mut Ui, field: JudgeField, nth: Option<usize>) {
        let t = theme::tokens(ui);
        for problem in self.problems.iter().filter(|one| field_of(one) == (field, nth)) {
            let colour = match problem.severity {
                Severity::Error => t.worse,
                Severity::Warning => t.warning,
            };
            let words = format!("{}: {}", capitalised(&problem.what), problem.hint);
            ui.add(Label::new(text::label(words).color(colour)).wrap());
        }
    }
}

impl SettingsPage {
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        (stem, judge): (&str, &Arc<JudgeSetup>),
        outbox: &Outbox,
    ) {
        let Some(documents) = state.documents() else { return };
        let problems = project_problems(judge, documents);
        let edit = Editing { state, stem, judge, problems: &problems, outbox };
        head(ui, &edit);
        calls(ui, &edit);
        if ui.available_width() >= BESIDE {
            ui.columns(2, |columns| {
                let plain = egui::Layout::top_down(egui::Align::Min);
                columns[0].with_layout(plain, |ui| self.who(ui, &edit));
                columns[1].with_layout(plain, |ui| self.how(ui, &edit));
            });
        } else {
            self.who(ui, &edit);
            self.how(ui, &edit);
        }
        self.examples(ui, &edit);
    }

    /// Name and models.
    fn who(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        ui.spacing_mut().item_spacing.y = space::S;
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            let mut name = edit.judge.name.clone();
            let file = format!("judges/{}.ron", edit.stem);
            let wrong = edit.problems.iter().find(|one| field_of(one).0 == JudgeField::Name);
            let wrong = wrong.map(|one| format!("{}: {}", capitalised(&one.what), one.hint));
            let response = Field::new("Name")
                .id_salt(edit.stem)
                .help(&file)
                .error(wrong.as_deref())
                .enabled(edit.locked().is_none())
                .show(ui, &mut name);
            self.marks(ui, edit, JudgeField::Name, &response);
            if response.changed() {
                edit.send(JudgeChange::Name(name));
            }
        });
        self.models(ui, edit);
    }

    /// Protocol, form, and what it does beside its verdict.
    fn how(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let judge = edit.judge;
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.label(text::strong("How it is asked"));
            ui.add_enabled_ui(edit.locked().is_none(), |ui| self.form(ui, edit));
            self.tick(
                ui,
                edit,
                JudgeField::ReasonFirst,
                ("Reason before its verdict", judge.reason_first),
                "The verdict then follows from what it wrote. Small models that reasons mislead \
                 are not asked for any",
            );
            self.tick(
                ui,
                edit,
                JudgeField::Refine,
                ("Second look: reads its verdict again, and may change it", judge.refine),
                "Two calls more for each vote: a reason and a verdict about its own verdict",
            );
            self.tick(
                ui,
                edit,
                JudgeField::Ties,
                ("May say that neither is better", judge.ties),
                "For pairs shown side by side; without it a judge in doubt is near one half",
            );
            ui.add_enabled_ui(edit.locked().is_none(), |ui| self.numbers(ui, edit));
        });
    }

    fn form(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let judge = edit.judge;
        let all: Vec<JudgeProtocol> = JudgeProtocol::iter().collect();
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let now = all.iter().position(|one| *one == judge.protocol);
        let width = (ui.available_width() - LABELS - space::M).min(320.0);
        let drawn = ui.scope(|ui| {
            if let Some(place) = aligned_choice(ui, "Protocol", LABELS, now, &names, width) {
                edit.send(JudgeChange::Protocol(all[place]));
            }
        });
        self.marks(ui, edit, JudgeField::Protocol, &drawn.response);
        edit.problems(ui, JudgeField::Protocol, None);
        let drawn = ui.horizontal_wrapped(|ui| {
            aligned_label(ui, "Form", LABELS);
            let forms = [
                (JudgeForm::Usual, "Usual", "The project’s own templates"),
                (
                    JudgeForm::Prometheus,
                    "Prometheus",
                    "The prompt and answer format that Prometheus models were trained on",
                ),
            ];
            if let Some(form) = segments(ui, judge.form, &forms) {
                edit.send(JudgeChange::Form(form));
            }
        });
        self.marks(ui, edit, JudgeField::Form, &drawn.response);
    }

    fn tick(
        &mut self,
        ui: &mut Ui,
        edit: &Editing<'_>,
        field: JudgeField,
        (words, now): (&str, bool),
        tip: &str,
    ) {
        let mut on = now;
        let tick = Checkbox::new(&mut on, words);
        let response = ui.add_enabled(edit.locked().is_none(), tick).on_hover_text(tip);
        self.marks(ui, edit, field, &response);
        if response.changed() {
            edit.send(match field {
                JudgeField::Refine => JudgeChange::Refine(on),
                JudgeField::Ties => JudgeChange::Ties(on),
                _ => JudgeChange::ReasonFirst(on),
            });
        }
        edit.problems(ui, field, None);
    }

    /// Votes, principles and canaries.
    fn numbers(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let judge = edit.judge;
        let drawn = ui.horizontal_wrapped(|ui| {
            if let Some(votes) = stepper(ui, "Votes", judge.votes, 1..=VOTES) {
                edit.send(JudgeChange::Votes(votes));
            }
            ui.label(text::weak_label("in each order, without probabilities"));
        });
        self.marks(ui, edit, JudgeField::Votes, &drawn.response);
        edit.problems(ui, JudgeField::Votes, None);
        let drawn = ui.horizontal_wrapped(|ui| {
            let now = judge.principles_per_pair;
            if let Some(n) = stepper(ui, "Principles", now, 1..=PRINCIPLES) {
                edit.send(JudgeChange::Principles(n));
            }
            ui.label(text::weak_label("drawn for each pair that names none"));
        });
        self.marks(ui, edit, JudgeField::Principles, &drawn.response);
        edit.problems(ui, JudgeField::Principles, None);
        let drawn = ui.horizontal_wrapped(|ui| {
            let label = ui.label(text::weak_label("Canaries"));
            let mut share = judge.canaries * 100.0;
            let field = DragValue::new(&mut share).range(0.0..=100.0).speed(0.2).max_decimals(1);
            let response = ui.add(field.suffix(" %")).labelled_by(label.id);
            if response.changed() {
                edit.send(JudgeChange::Canaries(share / 100.0));
            }
            ui.label(text::weak_label("of pairs, judged beside them"));
            term(ui, "canary");
        });
        self.marks(ui, edit, JudgeField::Canaries, &drawn.response);
        edit.problems(ui, JudgeField::Canaries, None);
    }

    pub(super) fn marks(
        &mut self,
        ui: &Ui,
        edit: &Editing<'_>,
        field: JudgeField,
        response: &Response,
    ) {
        let target = edit.target(field);
        self.attention.focus(edit.state, &target, response);
        if self.attention.flash(ui, edit.state, &target, response.rect) {
            response.scroll_to_me(None);
        }
    }

    /// What it is shown before its questions, each with a way out.
    fn examples(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let all = &edit.judge.examples;
        let drawn = card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.label(text::strong(format!("Worked examples ({})", all.len())));
            if all.is_empty() {
                let words = "None. In the report, “Show it to the judge” makes one of a \
                             disagreement on the dev part: with what people said, before its \
                             questions.";
                ui.add(Label::new(text::weak_label(words)).wrap());
            }
            edit.problems(ui, JudgeField::Examples, None);
            for (place, example) in all.iter().enumerate() {
                let title = super::examples::title(place, example);
                egui::CollapsingHeader::new(title)
                    .id_salt(("example of a judge", edit.stem, place))
                    .show(ui, |ui| super::examples::show(ui, (edit.stem, place), example));
                edit.problems(ui, JudgeField::Examples, Some(place));
                let name = format!("Remove example {}", place + 1);
                let button = Button::quiet("Remove").name(&name).compact();
                let button = button.tip("Undo brings it back");
                if button.disabled_because(edit.locked()).show(ui).clicked() {
                    edit.send(JudgeChange::RemoveExample(place));
                }
            }
        });
        self.marks(ui, edit, JudgeField::Examples, &drawn.response);
    }
}

/// Pages and what can be done with the whole judge.
fn head(ui: &mut Ui, edit: &Editing<'_>) {
    ui.horizontal_wrapped(|ui| {
        pages(ui, JudgePage::Settings, edit.outbox);
        let copy = Button::secondary("Duplicate").name("Duplicate this judge");
        if copy.disabled_because(edit.locked()).show(ui).clicked() {
            edit.outbox.send(JudgesCommand::CopyJudge(edit.stem.to_owned()));
        }
        let delete = Button::quiet("Delete").name("Delete this judge");
        let delete = delete.tip("What it said stays in the journal; Undo brings it back");
        if delete.disabled_because(edit.locked()).show(ui).clicked() {
            edit.outbox.send(JudgesCommand::DeleteJudge(edit.stem.to_owned()));
        }
    });
}

/// Between a judge's pages.
pub(super) fn pages(ui: &mut Ui, now: JudgePage, outbox: &Outbox) {
    let all = [
        (JudgePage::Report, "Report", "How it does against people"),
        (JudgePage::Settings, "Settings", "Its models, and how they are asked"),
    ];
    if let Some(page) = segments(ui, now, &all) {
        outbox.send(command(ReportCommand::Page(page)));
    }
}

/// What a pair takes.
fn calls(ui: &mut Ui, edit: &Editing<'_>) {
    let t = theme::tokens(ui);
    let shown = edit.state.judges.report.calls.as_ref().filter(|one| one.judge == edit.stem);
    let calls = shown.and_then(|shown| shown.calls.as_ref());
    match calls {
        None => {
            ui.label(text::weak_label("Counting what a pair takes…"));
        }
        Some(Err(failure)) => {
            let words = format!("{}. {}", capitalised(&failure.message), failure.hint);
            ui.add(Label::new(text::label(words).color(t.warning)).wrap());
        }
        Some(Ok(calls)) => {
            let n = if calls.least == calls.most {
                counted(calls.most, "call", "calls")
            } else {
                format!("{} to {} calls", count(calls.least), count(calls.most))
            };
            let judge = edit.judge;
            let mut why = vec!["both orders".to_owned()];
            why.push(counted(judge.principles_per_pair.into(), "principle", "principles"));
            if judge.models.len() > 1 {
                why.push(counted(judge.models.len() as u64, "model", "models"));
            }
            let words = format!("A pair takes {n}: {}", why.join(", "));
            ui.add(Label::new(text::label(words)).wrap()).on_hover_text(
                "Fewer where a model shows probabilities, or agrees with itself early; what is in \
                 the journal costs nothing. A run says first what it takes",
            );
        }
    }
}
