//! One pinned case: its prompt, what is expected, and what the principle did before and now.

use egui::Ui;

use super::cases::{CasesPane, standing_words};
use crate::app::command::{CasesCommand, ConstitutionCommand, PrincipleChange};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::state::cases::{Outcomes, Standing, answer, reward, runnable};
use crate::app::theme::{self, space, text};
use crate::app::widgets::prose::folded_quote;
use crate::app::widgets::{Button, Field, badge, card, diff_view, number};
use crate::domain::{Principle, Row};

/// What a card is drawn of.
pub(super) struct Shown<'a> {
    pub(super) state: &'a AppState,
    pub(super) principle: &'a Principle,
    pub(super) place: usize,
    pub(super) standing: Standing,
    pub(super) outcomes: Option<&'a Outcomes>,
    pub(super) outbox: &'a Outbox,
}

pub(super) fn show(ui: &mut Ui, pane: &mut CasesPane, shown: &Shown<'_>) {
    let case = &shown.principle.cases[shown.place];
    let is_empty = case.prompt.trim().is_empty();
    let editing = pane.editing.as_ref().is_some_and(|(_, place)| *place == shown.place);
    ui.push_id(("case", shown.principle.id.as_str(), shown.place), |ui| {
        card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            head(ui, shown, is_empty);
            if editing {
                fields(ui, pane, shown);
            } else if !case.expect.trim().is_empty() {
                let words = format!("A good answer: {}", case.expect.trim());
                ui.add(egui::Label::new(text::weak_label(words)).wrap());
            }
            let key = critique_key(ui, shown);
            outcome(ui, pane, shown, key);
            actions(ui, pane, shown, key);
        });
    });
}

fn head(ui: &mut Ui, shown: &Shown<'_>, is_empty: bool) {
    let case = &shown.principle.cases[shown.place];
    let one_line = case.prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    ui.horizontal(|ui| {
        ui.label(text::weak_label((shown.place + 1).to_string()));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if !is_empty {
                let (words, colour) = standing_words(ui, &shown.standing, shown.principle);
                badge(ui, &words, colour, "");
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let words = if is_empty { "(no prompt yet)" } else { &one_line };
                let label = egui::Label::new(text::strong(words)).truncate();
                ui.add(label).on_hover_text(&case.prompt);
            });
        });
    });
}

fn fields(ui: &mut Ui, pane: &mut CasesPane, shown: &Shown<'_>) {
    let Shown { state, principle, place, outbox, .. } = shown;
    let enabled = editable(state).is_ok();
    let salt = format!("{} case {place}", principle.id);
    let mut new = principle.cases[*place].clone();
    let prompt = Field::new("Prompt")
        .rows(2)
        .hint("What a person would ask")
        .id_salt(&salt)
        .enabled(enabled)
        .show(ui, &mut new.prompt);
    if std::mem::take(&mut pane.takes_focus) {
        prompt.request_focus();
        prompt.scroll_to_me(None);
    }
    let expect = Field::new("A good answer")
        .rows(2)
        .hint("What it does or avoids; for people to check against")
        .id_salt(&salt)
        .enabled(enabled)
        .show(ui, &mut new.expect);
    if prompt.changed() || expect.changed() {
        let mut all = principle.cases.clone();
        all[*place] = new;
        let change = PrincipleChange::Cases(all);
        outbox.send(ConstitutionCommand::Principle { id: principle.id.clone(), change });
    }
}

/// What the principle did: before the edit and now, or draft and revision.
fn outcome(ui: &mut Ui, pane: &mut CasesPane, shown: &Shown<'_>, key: egui::Id) {
    let t = theme::tokens(ui);
    if let Standing::Failed(why) = &shown.standing {
        ui.add(egui::Label::new(text::label(why).color(t.worse)).wrap());
    }
    let Some(last) = shown.outcomes.and_then(|outcomes| outcomes.last.as_deref()) else { return };
    let Some(now) = answer(last) else { return };
    let before = shown.outcomes.and_then(|outcomes| outcomes.before.as_deref());
    let with_before = before.and_then(|row| answer(row).map(|text| (row, text)));
    if let Some((row, text_before)) = with_before {
        caption(ui, shown, "Before the edit → now", Some(row), last);
        if text_before == now {
            quoted(ui, "The same answer as before", now);
        } else {
            let spans = pane.diffs.of(text_before, now);
            diff_view(ui, "before and now", &spans);
        }
    } else {
        let draft = last.chain.as_ref().map_or(now, |chain| chain.draft.as_str());
        caption(ui, shown, "Draft → revision", None, last);
        if draft == now {
            let said = if found_nothing(last) {
                "The critic found nothing to mend, so the draft stands"
            } else {
                "The revision is the draft, word for word"
            };
            quoted(ui, said, now);
        } else {
            let spans = pane.diffs.of(draft, now);
            diff_view(ui, "draft and revision", &spans);
        }
    }
    critique(ui, last, key);
}

fn caption(ui: &mut Ui, shown: &Shown<'_>, words: &str, before: Option<&Row>, now: &Row) {
    let mut words = words.to_owned();
    match (before.and_then(reward), reward(now)) {
        (Some(before), Some(now)) => {
            let rewards = format!(" · reward {} → {}", number::score(before), number::score(now));
            words.push_str(&rewards);
        }
        (None, Some(now)) => {
            words.push_str(" · reward ");
            words.push_str(&number::score(now));
        }
        (_, None) => {}
    }
    if shown.standing == Standing::Stale {
        words.push_str(" · under older words");
    }
    ui.add(egui::Label::new(text::weak_label(words)).wrap());
}

fn quoted(ui: &mut Ui, said: &str, answer: &str) {
    ui.add(egui::Label::new(text::label(said)).wrap());
    let edge = theme::tokens(ui).border;
    folded_quote(ui, "answer", "the answer", answer, edge);
}

fn found_nothing(row: &Row) -> bool {
    row.chain.as_ref().is_some_and(|chain| chain.steps.iter().all(|step| step.found_nothing))
}

/// Where the card remembers whether its critique is shown.
fn critique_key(ui: &Ui, shown: &Shown<'_>) -> egui::Id {
    ui.scope_id().with(("critique of", shown.principle.id.as_str(), shown.place))
}

/// The critique that led to the answer, once asked for.
fn critique(ui: &mut Ui, row: &Row, key: egui::Id) {
    let Some(step) = row.chain.as_ref().and_then(|chain| chain.steps.last()) else { return };
    if ui.data(|data| data.get_temp::<bool>(key)).unwrap_or(false) {
        ui.label(text::weak_label("Critique"));
        let edge = theme::tokens(ui).border;
        folded_quote(ui, "critique", "the critique", &step.critique, edge);
    }
}

fn actions(ui: &mut Ui, pane: &mut CasesPane, shown: &Shown<'_>, key: egui::Id) {
    let editing = pane.editing.as_ref().is_some_and(|(_, place)| *place == shown.place);
    let is_empty = shown.principle.cases[shown.place].prompt.trim().is_empty();
    let Shown { state, principle, place, outbox, .. } = shown;
    let (place, count) = (*place, principle.cases.len());
    let locked = editable(state).err();
    let n = place + 1;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        ui.style_mut().wrap_mode = Some(egui::TextWrapMode::Extend);
        let reason = is_empty.then_some("The prompt is empty").or(runnable(state).err());
        let name = format!("Run case {n}");
        let run = Button::quiet("Run").name(&name).compact().disabled_because(reason);
        if run.show(ui).clicked() {
            outbox.send(CasesCommand::Run(Some(place)));
        }
        let has_critique = shown
            .outcomes
            .and_then(|outcomes| outcomes.last.as_ref())
            .and_then(|row| row.chain.as_ref())
            .is_some_and(|chain| !chain.steps.is_empty());
        if has_critique {
            let open = ui.data(|data| data.get_temp::<bool>(key)).unwrap_or(false);
            let name = format!("Critique of case {n}");
            let button = Button::quiet("Critique").name(&name).selected(open).compact();
            if button.tip("What the critic said of the draft").show(ui).clicked() {
                ui.data_mut(|data| data.insert_temp(key, !open));
            }
        }
        let (words, name) = if editing {
            ("Done", format!("Done editing case {n}"))
        } else {
            ("Edit", format!("Edit case {n}"))
        };
        let edit = Button::quiet(words).name(&name).compact().disabled_because(locked);
        if edit.show(ui).clicked() {
            pane.editing = (!editing).then(|| (principle.id.clone(), place));
            pane.takes_focus = !editing;
        }
        for (words, by, at_end) in [
            ("Up", -1, (place == 0).then_some("It is the first")),
            ("Down", 1, (n == count).then_some("It is the last")),
        ] {
            let name = format!("Move case {n} {}", words.to_lowercase());
            let button = Button::quiet(words).name(&name).compact();
            if button.disabled_because(locked.or(at_end)).show(ui).clicked() {
                pane.editing = None;
                outbox.send(CasesCommand::Move(principle.id.clone(), place, by));
            }
        }
        let name = format!("Unpin case {n}");
        let unpin = Button::quiet("Unpin").name(&name).tip("Undo brings it back").compact();
        if unpin.disabled_because(locked).show(ui).clicked() {
            pane.editing = None;
            outbox.send(CasesCommand::Unpin(principle.id.clone(), place));
        }
    });
}
