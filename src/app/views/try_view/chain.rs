//! The chain itself: draft → critique → revision, live or done.

use egui::Ui;

use super::diffs::{Diff, Diffs, words};
use super::shown::{Piece, PieceState, Round, Shown, judged};
use crate::app::Outbox;
use crate::app::command::{GoCommand, TryCommand};
use crate::app::menu_command::runnable;
use crate::app::state::trial::{StepPart, Trial, TryMode};
use crate::app::state::{AppState, Area};
use crate::app::theme::{self, Hue, size, space, text};
use crate::app::widgets::prose::quote;
use crate::app::widgets::{
    Button, Field, NoticeKind, Prose, badge, card, chip, diff_view, notice, number,
};
use crate::domain::{Constitution, PrincipleId, Variant};

/// A step being written by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Writing {
    trial: u64,
    part: StepPart,
    text: String,
    focused: bool,
}

/// What the steps are drawn with.
pub(super) struct Steps<'a> {
    pub(super) state: &'a AppState,
    pub(super) trial: &'a Trial,
    pub(super) diffs: &'a mut Diffs,
    pub(super) writing: &'a mut Option<Writing>,
    pub(super) outbox: &'a Outbox,
}

/// Every step in order.
pub(super) fn steps(ui: &mut Ui, mut steps: Steps<'_>) {
    let trial = steps.trial;
    let shown = Shown::of(trial);
    if let Some(draft) = shown.draft {
        card(ui, |ui| {
            tighten(ui);
            ui.horizontal(|ui| {
                ui.label(text::strong("Draft"));
                if draft.is_done() {
                    let count = words(draft.text) as u64;
                    ui.label(text::weak_label(number::counted(count, "word", "words")));
                }
                state_marks(ui, draft);
                hand_mark(ui, trial, StepPart::Draft);
                edit_button(ui, &mut steps, StepPart::Draft, draft);
                reward(ui, trial, "draft");
            });
            if !by_hand(ui, &mut steps, StepPart::Draft, draft) {
                streamed(ui, ("draft", trial.number), draft);
            }
        });
    }
    for round in &shown.rounds {
        round_card(ui, &mut steps, &shown, round);
    }
}

fn round_card(ui: &mut Ui, steps: &mut Steps<'_>, shown: &Shown<'_>, round: &Round<'_>) {
    let t = theme::tokens(ui);
    let trial = steps.trial;
    let constitution = trial.constitution.as_deref();
    card(ui, |ui| {
        tighten(ui);
        let (hue, meaning) = principle_of(constitution, round.principle);
        ui.horizontal(|ui| {
            ui.label(text::strong(format!("Round {}", round.round)));
            if chip(ui, &round.principle.0, &meaning, hue).clicked() {
                steps.outbox.send(GoCommand::Principle(Some(round.principle.clone())));
                steps.outbox.send(GoCommand::Area(Area::Constitution));
            }
            let named = trial.row.as_ref().is_some_and(|row| !row.scores.is_empty());
            let ablate = trial.row.is_some() && !trial.variant.is_experiment();
            let kept = if named { 130.0 } else { 0.0 } + if ablate { 96.0 } else { 0.0 };
            let room = ui.available_width() - kept;
            ui.allocate_ui(egui::vec2(room.max(40.0), size::LINE), |ui| {
                ui.add(egui::Label::new(&meaning).truncate());
            });
            if ablate {
                let words = format!("Ablate {}", round.principle);
                let name = format!("Ablate {} of round {}", round.principle, round.round);
                let button = Button::quiet(&words).name(&name).compact();
                let button =
                    button.tip("Runs this prompt without the principle and compares the outcomes");
                if button.disabled_because(runnable(steps.state).err()).show(ui).clicked() {
                    steps.outbox.send(TryCommand::Ablate(round.principle.clone()));
                }
            }
            reward(ui, trial, &format!("revision {}", round.round));
        });
        if let Some(why) = why_drawn(trial, round.principle) {
            ui.label(text::weak_label(why));
        }
        if let Some(critique) = round.critique {
            ui.add_space(space::XS);
            let part = StepPart::Critique(round.round);
            ui.horizontal(|ui| {
                ui.label(text::weak_label("Critique"));
                if round.found_nothing {
                    badge(
                        ui,
                        "found nothing",
                        t.weak,
                        "The critic found nothing to mend, so the \
                        answer stays as it was and no reviser was asked",
                    );
                }
                state_marks(ui, critique);
                hand_mark(ui, trial, part);
                edit_button(ui, steps, part, critique);
            });
            let salt = ("critique", trial.number, round.round);
            if critique.state == PieceState::Streaming {
                Prose::new(salt, critique.text).body().streaming(true).show(ui);
            } else if !by_hand(ui, steps, part, critique) {
                quote(ui, salt, critique.text, t.hue(hue));
            }
            failure(ui, critique);
        }
        if let Some(revision) = round.revision {
            ui.add_space(space::XS);
            let before = shown.before(round.round);
            let diff = before
                .filter(|_| revision.is_done())
                .map(|before| steps.diffs.of(trial.number, round.round, before, revision.text));
            let part = StepPart::Revision(round.round);
            ui.horizontal(|ui| {
                ui.label(text::weak_label("Revision"));
                if let Some(diff) = &diff {
                    ui.label(text::weak_label(change_in_words(diff)));
                }
                state_marks(ui, revision);
                hand_mark(ui, trial, part);
                edit_button(ui, steps, part, revision);
            });
            let salt = ("revision", trial.number, round.round);
            if !by_hand(ui, steps, part, revision) {
                match &diff {
                    Some(diff) => drawn(ui, salt, diff, steps.state.trial.look.changes_only),
                    None => streamed(ui, salt, revision),
                }
            }
        }
    });
}

/// The button that begins writing a step by hand.
fn edit_button(ui: &mut Ui, steps: &mut Steps<'_>, part: StepPart, piece: Piece<'_>) {
    let trial = steps.trial;
    let is_open = steps.writing.as_ref().is_some_and(|w| w.trial == trial.number && w.part == part);
    if trial.row.is_none() || !piece.is_done() || is_open {
        return;
    }
    let name = format!("Edit {part} by hand");
    let tip = "Write it anew and go on from there, beside this chain";
    let button = Button::quiet("Edit").name(&name).tip(tip).compact();
    if button.disabled_because(runnable(steps.state).err()).show(ui).clicked() {
        let text = piece.text.to_owned();
        *steps.writing = Some(Writing { trial: trial.number, part, text, focused: false });
    }
}

/// The field in which a step is written by hand; whether it is shown in the text's stead.
fn by_hand(ui: &mut Ui, steps: &mut Steps<'_>, part: StepPart, piece: Piece<'_>) -> bool {
    let number = steps.trial.number;
    let is_this = |writing: &&mut Writing| writing.trial == number && writing.part == part;
    let Some(writing) = steps.writing.as_mut().filter(is_this) else { return false };
    let label = format!("Text of {part}");
    let field = Field::new(&label).hide_label().rows(4).reading();
    let response = field.show(ui, &mut writing.text);
    if !std::mem::replace(&mut writing.focused, true) {
        response.request_focus();
    }
    let same = writing.text.trim() == piece.text.trim();
    let reason = if writing.text.trim().is_empty() {
        Some("It is empty")
    } else if same {
        Some("Nothing was changed yet")
    } else {
        runnable(steps.state).err()
    };
    let (mut done, mut dropped) = (false, false);
    ui.horizontal(|ui| {
        let go = Button::primary("Go on from here").compact().disabled_because(reason);
        let tip = "Keeps this chain and adds a branch: what follows is asked anew";
        done = go.tip(tip).show(ui).clicked();
        dropped = Button::quiet("Cancel").name("Cancel editing").compact().show(ui).clicked();
    });
    if done {
        steps.outbox.send(TryCommand::Branch { part, text: writing.text.clone() });
        steps.outbox.send(TryCommand::Mode(TryMode::Steps));
    }
    if done || dropped {
        *steps.writing = None;
    }
    true
}

/// Says that a person wrote a step.
fn hand_mark(ui: &mut Ui, trial: &Trial, part: StepPart) {
    if trial.by_hand.contains(&part.to_string()) {
        let t = theme::tokens(ui);
        badge(ui, "edited by hand", t.warning, "A person wrote this; no model was asked");
    }
}

/// Lines of labels close together: a card reads as one thing.
fn tighten(ui: &mut Ui) {
    let spacing = ui.spacing_mut();
    spacing.item_spacing.y = space::XS;
    // Lines with a button in them, and those without, are of one height.
    spacing.interact_size.y = size::COMPACT;
}

/// A response's reward at the right of its line, once it is there.
fn reward(ui: &mut Ui, trial: &Trial, name: &str) {
    let t = theme::tokens(ui);
    let Some(scored) = judged(trial, name).scored else {
        return;
    };
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        match scored.score.reward {
            Some(reward) => ui.label(text::strong(number::score(reward))),
            None => badge(ui, "unparsed", t.warning, "The judge's verdict could not be read"),
        };
        ui.label(text::weak_label("reward"));
    });
}

/// The way from the draft to the last answer on one line.
pub(super) fn strip(ui: &mut Ui, trial: &Trial, diffs: &mut Diffs, outbox: &Outbox) {
    let t = theme::tokens(ui);
    let shown = Shown::of(trial);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.label(text::label("Draft"));
        if let Some(draft) = shown.draft.filter(Piece::is_done) {
            let count = words(draft.text) as u64;
            ui.label(text::weak_label(number::counted(count, "word", "words")));
        }
        for round in &shown.rounds {
            ui.label(text::label("→").color(t.weak));
            super::final_diff::principle_chip(ui, trial, round.principle, outbox);
            let words = if round.found_nothing {
                "found nothing".to_owned()
            } else {
                match (shown.before(round.round), round.revision.filter(Piece::is_done)) {
                    (Some(before), Some(after)) => {
                        change_in_words(&diffs.of(trial.number, round.round, before, after.text))
                    }
                    _ => "…".to_owned(),
                }
            };
            ui.label(text::weak_label(words));
        }
    });
}

fn drawn(ui: &mut Ui, salt: (&'static str, u64, u32), diff: &Diff, changes_only: bool) {
    if diff.by_lines {
        let words = "These texts are long, so they are compared line by line";
        ui.label(text::weak_label(words));
    }
    let spans = if changes_only { &diff.cut } else { &diff.spans };
    diff_view(ui, (salt, changes_only), spans);
}

/// `+21 words`, `no change`.
pub(super) fn change_in_words(diff: &Diff) -> String {
    if diff.same {
        return "no change".to_owned();
    }
    let (before, after) = (diff.words_before as i64, diff.words_after as i64);
    match after - before {
        0 => "same length, reworded".to_owned(),
        1 => "+1 word".to_owned(),
        -1 => "−1 word".to_owned(),
        n if n > 0 => format!("+{} words", number::count(n as u64)),
        n => format!("−{} words", number::count(n.unsigned_abs())),
    }
}

/// What a principle is about, and its group's colour.
pub(super) fn principle_of(constitution: Option<&Constitution>, id: &PrincipleId) -> (Hue, String) {
    let Some(constitution) = constitution else {
        return (Hue::Grey, String::new());
    };
    let Some(principle) = constitution.principle(id) else {
        return (Hue::Grey, "Not in this constitution".to_owned());
    };
    let groups: std::collections::BTreeSet<&str> = constitution
        .principles
        .iter()
        .filter_map(|principle| principle.tags.first().map(String::as_str))
        .collect();
    let groups: Vec<&str> = groups.into_iter().collect();
    let group = principle.tags.first().map_or("", String::as_str);
    (Hue::of_group_in(group, &groups), principle.label())
}

/// How a principle came to be used in a round.
fn why_drawn(trial: &Trial, id: &PrincipleId) -> Option<String> {
    let constitution = trial.constitution.as_deref()?;
    if let Variant::With { text } = &trial.variant
        && constitution.principle(id)?.text == *text
    {
        return Some("The candidate goes first".to_owned());
    }
    drawn_by(constitution, id, trial.seed)
}

fn drawn_by(constitution: &Constitution, id: &PrincipleId, seed: u64) -> Option<String> {
    let weight = constitution.principle(id)?.weight;
    let eligible = constitution.eligible();
    let sum: f64 = eligible.iter().map(|principle| principle.weight).sum();
    if eligible.len() < 2 || sum <= 0.0 {
        return Some("Drawn: it is the only principle that can be".to_owned());
    }
    let share = weight / sum * 100.0;
    Some(format!(
        "Drawn by seed {seed} from {} principles; its weight of {weight} gives it {share:.0} % of \
         first draws",
        eligible.len()
    ))
}

/// Text as it comes, with what became of it.
fn streamed(ui: &mut Ui, salt: impl std::hash::Hash + std::fmt::Debug, piece: Piece<'_>) {
    let t = theme::tokens(ui);
    let streaming = piece.state == PieceState::Streaming;
    if piece.text.trim().is_empty() && !streaming {
        if piece.is_done() {
            ui.label(text::weak_label("The model answered with nothing").color(t.warning));
        }
    } else {
        Prose::new(salt, piece.text).streaming(streaming).show(ui);
    }
    failure(ui, piece);
}

fn failure(ui: &mut Ui, piece: Piece<'_>) {
    if let PieceState::Failed(failure) = piece.state {
        let name = failure.kind.to_string().replace('_', " ");
        let title =
            format!("{}: {}", crate::app::widgets::notice::capitalised(&name), failure.message);
        notice(ui, NoticeKind::Failure, &title, &failure.hint, |_| {});
    }
}

fn state_marks(ui: &mut Ui, piece: Piece<'_>) {
    let t = theme::tokens(ui);
    match piece.state {
        PieceState::Streaming => {
            ui.label(text::label("writing…").color(t.accent));
        }
        PieceState::Done { replayed, cut_off } => {
            if replayed {
                badge(
                    ui,
                    "replayed",
                    t.weak,
                    "This reply was already in the journal, so no model \
                    was asked and it cost nothing",
                );
            }
            if cut_off {
                badge(
                    ui,
                    "cut off",
                    t.warning,
                    "The model reached the longest length that it is \
                    allowed (max tokens)",
                );
            }
        }
        PieceState::Retrying(why) => {
            badge(ui, "trying again", t.warning, why);
        }
        PieceState::Failed(_) => {
            badge(ui, "failed", t.worse, "");
        }
        PieceState::Stopped => {
            badge(ui, "stopped", t.warning, "You stopped it here");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Principle;

    #[test]
    fn a_change_is_said_in_words() {
        let diff = |before, after, same| Diff {
            spans: Vec::new(),
            cut: Vec::new(),
            words_before: before,
            words_after: after,
            same,
            by_lines: false,
        };
        assert_eq!(change_in_words(&diff(3, 3, true)), "no change");
        assert_eq!(change_in_words(&diff(3, 24, false)), "+21 words");
        assert_eq!(change_in_words(&diff(3, 2, false)), "−1 word");
        assert_eq!(change_in_words(&diff(3, 3, false)), "same length, reworded");
    }

    #[test]
    fn a_draw_is_explained_by_its_weight() {
        let mut constitution = Constitution::named("c");
        for (id, weight) in [("P1", 3.0), ("P2", 1.0)] {
            constitution.principles.push(Principle {
                id: id.into(),
                text: "Be kind.".to_owned(),
                weight,
                ..Principle::default()
            });
        }
        let why = drawn_by(&constitution, &"P1".into(), 7).unwrap();
        assert!(why.contains("seed 7 from 2 principles"), "{why}");
        assert!(why.contains("75 %"), "{why}");
        constitution.principles[1].enabled = false;
        let why = drawn_by(&constitution, &"P1".into(), 7).unwrap();
        assert!(why.contains("only principle"), "{why}");
    }
}
