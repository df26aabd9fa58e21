//! The sheets of a judge: running it on a set, and making one.

use egui::{Checkbox, Label, RichText, Ui};

use super::report::command;
use crate::app::command::ReportCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{RunDraft, Takes};
use crate::app::theme::{self, space, text};
use crate::app::update::judges::{can_run, may_label};
use crate::app::views::sheets::sheet;
use crate::app::widgets::button::segments;
use crate::app::widgets::number::{count, counted, small_money};
use crate::app::widgets::{Button, Field, NoticeKind, aligned_choice, card, notice};
use crate::domain::Split;

/// The labels' column.
const LABELS: f32 = 60.0;

/// The sheets' own state.
#[derive(Default)]
pub(super) struct JudgeSheets {
    is_open: bool,
}

impl JudgeSheets {
    /// None of these is open.
    pub(super) fn closed(&mut self) {
        self.is_open = false;
    }

    /// Running a judge.
    #[expect(clippy::unused_self, reason = "sheets are drawn alike")]
    pub(super) fn judging(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        let Some(draft) = &state.judges.report.draft else { return };
        sheet(ui, "Run the judge", outbox, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            let judge = state.judges.report.judges.get(&draft.judge);
            let judge = judge.map_or(draft.judge.as_str(), |one| one.name.as_str());
            let set = state.judges.book(&draft.set);
            let set = set.map_or(draft.set.as_str(), |book| book.set.name.as_str());
            ui.add(Label::new(format!("{judge} on “{set}”. Labels are not shown to it.")).wrap());
            let mut changed = draft.clone();
            ui.horizontal_wrapped(|ui| {
                ui.label(text::weak_label("Part"));
                let all = [
                    (Some(Split::Dev), "Dev", "For reading and mending"),
                    (Some(Split::Gold), "Gold", "For the number that you report"),
                    (None, "All", "Both"),
                ];
                if let Some(split) = segments(ui, changed.split, &all) {
                    changed.split = split;
                }
            });
            let again = Checkbox::new(
                &mut changed.again,
                "Ask about 20 of them once more, changed in ways that should not matter",
            );
            ui.add(again).on_hover_text(
                "Padding, flattery and the like: shows whether verdicts stay when they should",
            );
            takes(ui, &changed);
            if changed != *draft {
                outbox.send(command(ReportCommand::Draft(Box::new(changed))));
            }
            let failed = matches!(draft.takes, Some(Err(_))).then_some("It can’t be run like this");
            let why = can_run(state).err().or(failed);
            let run = Button::primary("Run").shortcut("Ctrl+Enter").disabled_because(why).show(ui);
            crate::app::views::focus_keeper::offer(ui.ctx(), run.id);
            let keys = egui::KeyboardShortcut::new(egui::Modifiers::COMMAND, egui::Key::Enter);
            let pressed = ui.input_mut(|input| input.consume_shortcut(&keys));
            if run.clicked() || (pressed && why.is_none()) {
                outbox.send(command(ReportCommand::Run));
            }
        });
    }

    /// Making a judge.
    pub(super) fn new_judge(&mut self, ui: &mut Ui, state: &AppState, outbox: &Outbox) {
        sheet(ui, "New judge", outbox, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            let mut new = state.judges.report.new.clone();
            let words = "A judge is a model and the way it is asked. Its file in judges/ has more: \
                         several models, votes, examples, the Prometheus form.";
            ui.add(Label::new(RichText::new(words).weak()).wrap());
            let field = Field::new("Name").hint("Strict");
            let response = field.show(ui, &mut new.name);
            if !self.is_open {
                self.is_open = true;
                response.request_focus();
                ui.ctx().request_repaint();
            }
            model(ui, state, &mut new.model);
            let reason = Checkbox::new(&mut new.reason_first, "Writes a reason before its verdict");
            ui.add(reason);
            ui.add(Checkbox::new(
                &mut new.refine,
                "Reads its own verdict again, and may change it",
            ));
            ui.add(Checkbox::new(&mut new.ties, "May say that neither is better"));
            let empty = new.name.trim().is_empty().then_some("Name the judge first");
            if new != state.judges.report.new {
                outbox.send(command(ReportCommand::NewJudge(Box::new(new))));
            }
            let why = may_label(state).err().or(empty);
            let make = Button::primary("Make").disabled_because(why).show(ui);
            let entered =
                response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            if make.clicked() || (entered && why.is_none()) {
                outbox.send(command(ReportCommand::MakeJudge));
            }
        });
    }
}

fn model(ui: &mut Ui, state: &AppState, chosen: &mut String) {
    let Some(documents) = state.documents() else { return };
    let own = documents.setup.model_of(crate::domain::ModelRole::Judge);
    let mut all = vec![(String::new(), format!("The project’s judge ({own})"))];
    all.extend(documents.setup.all_models().into_iter().map(|one| (one.name.clone(), one.name)));
    let names: Vec<&str> = all.iter().map(|(_, words)| words.as_str()).collect();
    let now = all.iter().position(|(name, _)| name == chosen);
    let width = ui.available_width() - LABELS - space::M;
    if let Some(place) = aligned_choice(ui, "Model", LABELS, now, &names, width) {
        chosen.clone_from(&all[place].0);
    }
}

/// What it takes, before anything is sent.
fn takes(ui: &mut Ui, draft: &RunDraft) {
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        match &draft.takes {
            None => {
                ui.label(text::weak_label("Counting what the journal has…"));
            }
            Some(Err(failure)) => {
                notice(ui, NoticeKind::Failure, &failure.message, &failure.hint, |_| {});
            }
            Some(Ok(takes)) => told(ui, *takes),
        }
    });
}

fn told(ui: &mut Ui, takes: Takes) {
    let t = theme::tokens(ui);
    let rows = counted(takes.rows, "question", "questions");
    if takes.most == 0 {
        let words = format!("{rows}, all of them answered by the journal: it costs nothing");
        ui.add(Label::new(text::strong(words)).wrap());
        return;
    }
    let calls = if takes.least == takes.most {
        counted(takes.most, "call", "calls")
    } else {
        format!("{}–{} calls", count(takes.least), count(takes.most))
    };
    ui.label(text::strong(format!("{rows}: {calls}")));
    if takes.found > 0 {
        let words = format!("{} more are in the journal and cost nothing", count(takes.found));
        ui.label(text::weak_label(words));
    }
    if takes.is_local {
        ui.label("Free: nothing leaves this computer");
        return;
    }
    if let Some(micros) = takes.cost_micros {
        let words = format!(
            "The first calls of each cost at most {}; what follows them comes on top",
            small_money(micros as f64 / 1e6)
        );
        ui.add(Label::new(words).wrap());
    } else {
        let words = "A model has no price, so what it costs is not known; give it one in \
                     Settings > Models";
        ui.add(Label::new(text::label(words).color(t.warning)).wrap());
    }
    let cap = "The project’s limits on spending hold";
    ui.label(text::weak_label(cap));
}
