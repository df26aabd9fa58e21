//! Pinned cases of a principle: prompts on which it matters, and what it does to their answers.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Checkbox, Ui};

use super::case_card;
use super::pin::Picker;
use crate::app::command::CasesCommand;
use crate::app::menu_command::{MenuCommand, editable};
use crate::app::outbox::Outbox;
use crate::app::state::cases::{Standing, Sums, mark_of, may_run_unasked};
use crate::app::state::{AppState, PrincipleField, Target};
use crate::app::theme::{self, space, text};
use crate::app::views::attention::Attention;
use crate::app::views::chrome::keys_of;
use crate::app::widgets::Button;
use crate::domain::{Constitution, Principle, PrincipleId};
use crate::methods::diff::{DiffSpan, word_diff};

/// The pane's own state.
#[derive(Debug, Default)]
pub(super) struct CasesPane {
    marked: Option<(Arc<Constitution>, PrincipleId, String)>,
    pub(super) picker: Picker,
    /// The case whose words are being edited.
    pub(super) editing: Option<(PrincipleId, usize)>,
    /// Whether the field of that case shall take the focus.
    pub(super) takes_focus: bool,
    pub(super) diffs: Diffs,
}

/// Diffs made so far, by the hash of both texts.
#[derive(Debug, Default)]
pub(super) struct Diffs(BTreeMap<u64, Rc<Vec<DiffSpan>>>);

impl Diffs {
    pub(super) fn of(&mut self, before: &str, after: &str) -> Rc<Vec<DiffSpan>> {
        /// More than are ever seen at once.
        const KEPT: usize = 200;
        if self.0.len() > KEPT {
            self.0.clear();
        }
        let key = egui::util::hash((before, after));
        Rc::clone(self.0.entry(key).or_insert_with(|| Rc::new(word_diff(before, after))))
    }
}

impl CasesPane {
    /// What can be done with all cases, and how they stand together.
    pub(super) fn head(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        constitution: &Arc<Constitution>,
        principle: &Principle,
        outbox: &Outbox,
    ) {
        let mark = self.mark(constitution, principle);
        let sums = state.cases.sums(&state.selection.constitution, principle, &mark);
        ui.spacing_mut().item_spacing.y = space::S;
        ui.horizontal(|ui| {
            let title = ui.label(text::heading("Cases"));
            title.on_hover_text(format!(
                "Prompts on which {} matters, run under it alone: draft, critique, revision",
                principle.id
            ));
            if !principle.cases.is_empty() {
                ui.label(text::weak_label(principle.cases.len().to_string()));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                run_button(ui, state, principle, sums, outbox);
            });
        });
        if !principle.cases.is_empty() {
            summary(ui, state, sums);
            toggles(ui, state, outbox);
        }
    }

    /// The cases, and a way to pin another.
    pub(super) fn list(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        principle: &Principle,
        attention: &mut Attention,
        outbox: &Outbox,
    ) {
        let Some(constitution) = state.constitution() else { return };
        let mark = self.mark(constitution, principle);
        if self.editing.as_ref().is_some_and(|(id, _)| id != &principle.id) {
            self.editing = None;
        }
        let inner = ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            // Opened in this frame, it is drawn from the next one on, where it keeps its place.
            let is_open = self.picker.is_open();
            if principle.cases.is_empty() && !is_open {
                self.empty(ui, state, principle);
            }
            for place in 0..principle.cases.len() {
                let key = (
                    state.selection.constitution.clone(),
                    principle.id.clone(),
                    principle.cases[place].prompt.clone(),
                );
                let standing = state.cases.standing(&key, &mark);
                let outcomes = state.cases.outcomes.get(&key);
                let shown =
                    case_card::Shown { state, principle, place, standing, outcomes, outbox };
                case_card::show(ui, self, &shown);
            }
            self.pin(ui, state, principle, is_open, outbox);
        });
        let stem = state.selection.constitution.clone();
        let field = Some(PrincipleField::Cases);
        let target = Target::Principle { stem, id: principle.id.clone(), field };
        attention.flash(ui, state, &target, inner.response.rect);
    }

    fn mark(&mut self, constitution: &Arc<Constitution>, principle: &Principle) -> String {
        if let Some((of, id, mark)) = &self.marked
            && Arc::ptr_eq(of, constitution)
            && id == &principle.id
        {
            return mark.clone();
        }
        let mark = mark_of(constitution, principle);
        self.marked = Some((Arc::clone(constitution), principle.id.clone(), mark.clone()));
        mark
    }

    fn empty(&mut self, ui: &mut Ui, state: &AppState, principle: &Principle) {
        let words = format!(
            "Pin a prompt on which {} matters: you see its answer before and after each edit of \
             the principle.",
            principle.id
        );
        ui.label(text::strong("No pinned cases"));
        ui.add(egui::Label::new(egui::RichText::new(words).weak()).wrap());
        let button = Button::secondary("Pin a prompt…").disabled_because(editable(state).err());
        if ui.horizontal(|ui| button.show(ui).clicked()).inner {
            self.picker.open();
        }
    }

    fn pin(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        principle: &Principle,
        is_open: bool,
        outbox: &Outbox,
    ) {
        let locked = editable(state).err();
        if is_open {
            if let Some(prompt) = self.picker.show(ui, state, principle) {
                if prompt.is_empty() {
                    self.editing = Some((principle.id.clone(), principle.cases.len()));
                    self.takes_focus = true;
                }
                outbox.send(CasesCommand::Pin(principle.id.clone(), prompt));
            }
        } else if !principle.cases.is_empty() {
            let button = Button::secondary("Pin a prompt…").compact().disabled_because(locked);
            if ui.horizontal(|ui| button.show(ui).clicked()).inner {
                self.picker.open();
            }
        }
    }
}

fn run_button(ui: &mut Ui, state: &AppState, principle: &Principle, sums: Sums, outbox: &Outbox) {
    if principle.cases.is_empty() {
        return;
    }
    if state.cases.running.is_some() {
        let keys = keys_of(ui, MenuCommand::Stop).unwrap_or_default();
        let stop = Button::secondary("Stop").name("Stop cases").shortcut(&keys).compact();
        if stop.show(ui).clicked() {
            outbox.send(CasesCommand::Stop);
        }
        return;
    }
    let resolved = MenuCommand::RunCases.resolve(state);
    let keys = keys_of(ui, MenuCommand::RunCases).unwrap_or_default();
    if sums.to_run == 0 {
        let tip = "All are up to date; what the journal has is replayed and costs nothing";
        let again = Button::quiet("Run all again").tip(tip).compact();
        let reason = resolved.as_ref().err().copied();
        if again.disabled_because(reason).show(ui).clicked() {
            outbox.send(CasesCommand::Run(None));
        }
        return;
    }
    let words = if sums.to_run == sums.stale {
        format!("Run {} stale", sums.to_run)
    } else {
        format!("Run {}", sums.to_run)
    };
    let run = Button::primary(&words)
        .name("Run stale cases")
        .tip("Run the cases that are new, stale or failed")
        .shortcut(&keys)
        .compact()
        .disabled_because(resolved.as_ref().err().copied());
    if run.show(ui).clicked()
        && let Ok(command) = resolved
    {
        outbox.send(command);
    }
}

/// How the cases stand, or how far they are.
fn summary(ui: &mut Ui, state: &AppState, sums: Sums) {
    let words = match &state.cases.running {
        Some(running) => {
            let done = running.total - running.left.len();
            format!("{} · {done} of {} done", running.doing, running.total)
        }
        None => sums.to_string(),
    };
    if !words.is_empty() {
        ui.add(egui::Label::new(text::label(words)).wrap());
    }
    if state.cases.due.is_some() {
        ui.label(text::weak_label("Runs by itself when you pause"));
    }
}

fn toggles(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        let mut on = state.cases.rerun_on_edit;
        let reason = may_run_unasked(state).err();
        let check =
            ui.add_enabled(reason.is_none() || on, Checkbox::new(&mut on, "Re-run on edit"));
        let check = check.on_hover_text("Run stale cases 2 seconds after the last keystroke");
        if let Some(reason) = reason {
            check.clone().on_disabled_hover_text(reason);
        }
        if check.changed() {
            outbox.send(CasesCommand::RerunOnEdit(on));
        }
        let mut score = state.cases.score;
        let rubric = state.rubric().map(|rubric| rubric.name.as_str());
        let check = ui.add_enabled(rubric.is_some(), Checkbox::new(&mut score, "Score"));
        let tip = rubric.map_or_else(
            || "The project has no rubric to score by".to_owned(),
            |name| format!("Score drafts and revisions by “{name}”, to say better or worse"),
        );
        if check.on_hover_text(&tip).on_disabled_hover_text(&tip).changed() {
            outbox.send(CasesCommand::Score(score));
        }
    });
}

/// The words of a standing and their colour.
pub(super) fn standing_words(
    ui: &Ui,
    standing: &Standing,
    principle: &Principle,
) -> (String, egui::Color32) {
    let t = theme::tokens(ui);
    match standing {
        Standing::New => ("not run".to_owned(), t.weak),
        Standing::Running => ("running".to_owned(), t.accent),
        Standing::Failed(_) => ("failed".to_owned(), t.worse),
        Standing::Stale => (format!("stale: {} changed", principle.id), t.warning),
        Standing::First => ("first outcome".to_owned(), t.weak),
        Standing::Same => ("no change".to_owned(), t.weak),
        Standing::Changed(None) => ("changed".to_owned(), t.after),
        Standing::Changed(Some(gain)) => {
            let same = crate::app::state::cases::SAME_REWARD;
            let by = crate::app::widgets::number::score(gain.abs());
            if *gain >= same {
                (format!("▲ better by {by}"), t.better)
            } else if *gain <= -same {
                (format!("▼ worse by {by}"), t.worse)
            } else {
                ("changed, same reward".to_owned(), t.after)
            }
        }
    }
}
