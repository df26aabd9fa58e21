//! The sheets of a judge: running it on a set, and making one.

use egui::{Checkbox, Label, RichText, Ui};
use strum::IntoEnumIterator as _;

use super::report::command;
use crate::app::command::ReportCommand;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::judges::{Price, RunDraft, Takes};
use crate::app::theme::{self, space, text};
use crate::app::update::judges::{can_run, may_label};
use crate::app::views::sheets::sheet;
use crate::app::widgets::button::segments;
use crate::app::widgets::number::{count, counted, small_money};
use crate::app::widgets::{Button, Field, NoticeKind, aligned_choice, card, notice};
use crate::domain::Split;
use crate::engine::judging::AGAIN;
use crate::methods::perturb::Perturbation;

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
            let judge = state.judge(&draft.judge);
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
            once_more(ui, &mut changed);
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
            let words = "A judge is a model and the way it is asked. Several models, votes, the \
                         Prometheus form and more are on its page of settings, which comes next.";
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

/// The ways of asking some items once more, each with what it takes.
fn once_more(ui: &mut Ui, draft: &mut RunDraft) {
    let takes = draft.takes.as_ref().and_then(|takes| takes.as_ref().ok());
    let again = takes.map(|takes| takes.again.clone()).unwrap_or_default();
    let words = format!("Ask about {AGAIN} of them once more, to see whether the verdict stays");
    ui.add(Label::new(text::weak_label(words)).wrap());
    for change in Perturbation::iter() {
        let (name, tip) = named(change);
        let mut on = draft.changes.contains(&change);
        ui.horizontal_wrapped(|ui| {
            if ui.add(Checkbox::new(&mut on, name)).on_hover_text(tip).changed() {
                if on {
                    draft.changes.insert(change);
                } else {
                    draft.changes.remove(&change);
                }
            }
            if let Some((_, price)) = again.iter().find(|(one, _)| *one == change) {
                let words = match price.most {
                    0 => "in the journal".to_owned(),
                    _ => format!("+ {}", calls(*price)),
                };
                ui.label(text::weak_label(words));
            }
        });
    }
}

/// A way of asking once more, and what it shows.
fn named(change: Perturbation) -> (&'static str, &'static str) {
    match change {
        Perturbation::Again => {
            ("The same anew", "Nothing is changed: does the judge agree with itself?")
        }
        Perturbation::Markdown => {
            ("With headings, bold and lists", "In one answer: they say nothing more")
        }
        Perturbation::Padding => {
            ("With padding", "A closing sentence without content at the end of one answer")
        }
        Perturbation::Flattery => {
            ("With flattery", "One answer begins with a sentence that flatters whoever asked")
        }
    }
}

/// `8–16 calls`.
fn calls(price: Price) -> String {
    if price.least == price.most {
        counted(price.most, "call", "calls")
    } else {
        format!("{}–{} calls", count(price.least), count(price.most))
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
            Some(Ok(takes)) => told(ui, takes, takes.with(&draft.changes)),
        }
    });
}

fn told(ui: &mut Ui, takes: &Takes, price: Price) {
    let t = theme::tokens(ui);
    let rows = counted(price.rows, "question", "questions");
    if price.most == 0 {
        let words = format!("{rows}, all of them answered by the journal: it costs nothing");
        ui.add(Label::new(text::strong(words)).wrap());
        return;
    }
    ui.label(text::strong(format!("{rows}: {}", calls(price))));
    if price.found > 0 {
        let words = format!("{} more are in the journal and cost nothing", count(price.found));
        ui.label(text::weak_label(words));
    }
    if takes.is_local {
        ui.label("Free: nothing leaves this computer");
        return;
    }
    if takes.is_priced {
        let words = format!(
            "The first calls of each cost at most {}; what follows them comes on top",
            small_money(price.cost_micros as f64 / 1e6)
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
