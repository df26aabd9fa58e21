//! The chain itself: draft → critique → revision, live or done.

use egui::Ui;

use super::diffs::{Diff, Diffs, words};
use super::shown::{Piece, PieceState, Round, Shown, judged};
use crate::app::state::trial::Trial;
use crate::app::theme::{self, Hue, size, space, text};
use crate::app::widgets::prose::quote;
use crate::app::widgets::{NoticeKind, Prose, badge, card, chip, diff_view, notice, number, prose};
use crate::domain::{Constitution, PrincipleId};

/// The diff of draft and last revision; rounds count from 1.
const FINAL: u32 = u32::MAX;

/// Every step in order.
pub(super) fn steps(ui: &mut Ui, trial: &Trial, diffs: &mut Diffs) {
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
                reward(ui, trial, "draft");
            });
            streamed(ui, ("draft", trial.number), draft);
        });
    }
    for round in &shown.rounds {
        round_card(ui, trial, &shown, round, diffs);
    }
}

fn round_card(ui: &mut Ui, trial: &Trial, shown: &Shown<'_>, round: &Round<'_>, diffs: &mut Diffs) {
    let t = theme::tokens(ui);
    let constitution = trial.constitution.as_deref();
    card(ui, |ui| {
        tighten(ui);
        let (hue, meaning) = principle_of(constitution, round.principle);
        ui.horizontal(|ui| {
            ui.label(text::strong(format!("Round {}", round.round)));
            chip(ui, &round.principle.0, &meaning, hue);
            let named = trial.row.as_ref().is_some_and(|row| !row.scores.is_empty());
            let room = ui.available_width() - if named { 130.0 } else { 0.0 };
            ui.allocate_ui(egui::vec2(room.max(40.0), size::LINE), |ui| {
                ui.add(egui::Label::new(&meaning).truncate());
            });
            reward(ui, trial, &format!("revision {}", round.round));
        });
        if let Some(why) = why_drawn(constitution, round.principle, trial.seed) {
            ui.label(text::weak_label(why));
        }
        if let Some(critique) = round.critique {
            ui.add_space(space::XS);
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
            });
            let salt = ("critique", trial.number, round.round);
            if critique.state == PieceState::Streaming {
                Prose::new(salt, critique.text).body().streaming(true).show(ui);
            } else {
                quote(ui, salt, critique.text, t.hue(hue));
            }
            failure(ui, critique);
        }
        if let Some(revision) = round.revision {
            ui.add_space(space::XS);
            let before = shown.before(round.round);
            let diff = before
                .filter(|_| revision.is_done())
                .map(|before| diffs.of(round.round, before, revision.text));
            ui.horizontal(|ui| {
                ui.label(text::weak_label("Revision"));
                if let Some(diff) = &diff {
                    ui.label(text::weak_label(change_in_words(diff)));
                }
                state_marks(ui, revision);
            });
            let salt = ("revision", trial.number, round.round);
            match &diff {
                Some(diff) => drawn(ui, salt, diff),
                None => streamed(ui, salt, revision),
            }
        }
    });
}

/// Lines of labels close together: a card reads as one thing.
fn tighten(ui: &mut Ui) {
    let spacing = ui.spacing_mut();
    // Between a label and its text; the grid's 4 is too close, its 8 too far (chosen by eye).
    spacing.item_spacing.y = 6.0;
    spacing.interact_size.y = size::LINE;
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

/// The draft against the last revision that is there.
pub(super) fn last_against_first(ui: &mut Ui, trial: &Trial, diffs: &mut Diffs) {
    let shown = Shown::of(trial);
    let Some(draft) = shown.draft else {
        return;
    };
    card(ui, |ui| {
        trail(ui, trial, &shown, diffs);
        ui.add_space(space::XS);
        match shown.last_done() {
            Some(last) if draft.is_done() => {
                let diff = diffs.of(FINAL, draft.text, last);
                if diff.same {
                    ui.label(text::weak_label("The last answer is the draft, word for word"));
                    prose(ui, ("final", trial.number), last);
                } else {
                    drawn(ui, ("final", trial.number, FINAL), &diff);
                }
            }
            _ => streamed(ui, ("final draft", trial.number), draft),
        }
    });
}

/// The way from the draft to the last answer on one line.
fn trail(ui: &mut Ui, trial: &Trial, shown: &Shown<'_>, diffs: &mut Diffs) {
    let t = theme::tokens(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.label(text::label("Draft"));
        if let Some(draft) = shown.draft.filter(Piece::is_done) {
            let count = words(draft.text) as u64;
            ui.label(text::weak_label(number::counted(count, "word", "words")));
        }
        for round in &shown.rounds {
            ui.label(text::label("→").color(t.weak));
            let (hue, meaning) = principle_of(trial.constitution.as_deref(), round.principle);
            chip(ui, &round.principle.0, &meaning, hue);
            let words = if round.found_nothing {
                "found nothing".to_owned()
            } else {
                match (shown.before(round.round), round.revision.filter(Piece::is_done)) {
                    (Some(before), Some(after)) => {
                        change_in_words(&diffs.of(round.round, before, after.text))
                    }
                    _ => "…".to_owned(),
                }
            };
            ui.label(text::weak_label(words));
        }
    });
}

fn drawn(ui: &mut Ui, salt: (&'static str, u64, u32), diff: &Diff) {
    if diff.by_lines {
        let words = "These texts are long, so they are compared line by line";
        ui.label(text::weak_label(words));
    }
    diff_view(ui, salt, &diff.spans);
}

/// `+21 words`, `no change`.
fn change_in_words(diff: &Diff) -> String {
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
fn why_drawn(constitution: Option<&Constitution>, id: &PrincipleId, seed: u64) -> Option<String> {
    let constitution = constitution?;
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
        let why = why_drawn(Some(&constitution), &"P1".into(), 7).unwrap();
        assert!(why.contains("seed 7 from 2 principles"), "{why}");
        assert!(why.contains("75 %"), "{why}");
        constitution.principles[1].enabled = false;
        let why = why_drawn(Some(&constitution), &"P1".into(), 7).unwrap();
        assert!(why.contains("only principle"), "{why}");
    }
}
