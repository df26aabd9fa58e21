//! What weights and aggregation do to the responses of the prompt shown in Try, at once and
//! without asking a judge again.

use std::sync::Arc;

use egui::Ui;
use strum::IntoEnumIterator as _;

use crate::app::command::GoCommand;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Area, Trial};
use crate::app::theme::{self, text};
use crate::app::widgets::{Button, Measure, meter, section};
use crate::domain::{Aggregation, CriterionId, Rubric, Score, ScoredResponse};
use crate::methods::aggregate;

pub(super) fn show(ui: &mut Ui, state: &AppState, rubric: &Arc<Rubric>, outbox: &Outbox) {
    section(ui, "Rewards of the prompt in Try");
    let Some((trial, scores)) = judged(state) else {
        let words = "Run a prompt in Try with scores, and its draft and revisions are ranked here as \
                     you change weights";
        ui.add(egui::Label::new(text::weak_label(words)).wrap());
        let go = ui.horizontal(|ui| Button::secondary("Go to Try").compact().show(ui).clicked());
        if go.inner {
            outbox.send(GoCommand::Area(Area::Try));
        }
        return;
    };
    let stale = asked_otherwise(trial, rubric);
    if let Some(why) = stale {
        let t = theme::tokens(ui);
        ui.add(egui::Label::new(text::label(why).color(t.warning)).wrap());
    }
    let ranked = rank(rubric, scores);
    let t = theme::tokens(ui);
    for (place, (response, score)) in ranked.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.spacing_mut().interact_size.y = 20.0;
            let words = match score.reward {
                Some(_) => format!("{}. {}", place + 1, response.name),
                None => response.name.clone(),
            };
            let room = egui::vec2(112.0, 20.0);
            let left = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(room, left, |ui| {
                ui.set_min_width(room.x);
                ui.add(egui::Label::new(words).truncate());
            });
            let measure = match score.reward {
                Some(reward) => Measure::Score(reward),
                None if score.unparsed.is_empty() => Measure::Without("no verdict"),
                None => Measure::Without("unparsed"),
            };
            let name = format!("Reward of {}", response.name);
            let before = response.score.reward;
            let response = meter(ui, &name, measure, t.accent);
            if let (Some(before), Some(now)) = (before, score.reward)
                && (before - now).abs() > 0.005
            {
                let was = crate::app::widgets::number::score(before);
                response.on_hover_text(format!("{was} when it was run"));
            }
        });
        if !score.gates_failed.is_empty() {
            let gates: Vec<&str> = score.gates_failed.iter().map(CriterionId::as_str).collect();
            ui.label(text::weak_label(format!("Gate failed: {}", gates.join(", "))));
        }
        if !score.unparsed.is_empty() {
            let ids: Vec<&str> = score.unparsed.iter().map(CriterionId::as_str).collect();
            ui.label(text::weak_label(format!("Could not be read: {}", ids.join(", "))));
        }
    }
    ui.add(egui::Label::new(text::weak_label(agreement(rubric, scores))).wrap());
}

fn judged(state: &AppState) -> Option<(&Trial, &[ScoredResponse])> {
    let key = (state.selection.prompts.clone(), state.selection.prompt.clone()?);
    let trial = state.trial.trials.get(&key)?;
    let scores = &trial.row.as_ref()?.scores;
    (!scores.is_empty()).then_some((trial, scores.as_slice()))
}

/// Why the judge's verdicts are not about the criteria as they are now; weights, gates and
/// aggregation are not asked about, so they may differ.
fn asked_otherwise(trial: &Trial, rubric: &Rubric) -> Option<&'static str> {
    let Some(then) = &trial.rubric else { return None };
    if then.name != rubric.name && then.criteria.iter().all(|c| rubric.criterion(&c.id).is_none()) {
        return Some("These were scored by another rubric: run the prompt again");
    }
    let same = then.criteria.len() == rubric.criteria.len()
        && then.criteria.iter().zip(&rubric.criteria).all(|(then, now)| {
            let same_scale = match (then.scale.range(), now.scale.range()) {
                // Points count at aggregation only, except for their sign.
                (None, None) => true,
                _ => then.scale == now.scale,
            };
            then.id == now.id
                && then.name == now.name
                && then.description == now.description
                && same_scale
        });
    (!same).then_some("Criteria have changed since: run the prompt again to score by them")
}

/// The responses, best first; those without a reward last.
fn rank<'a>(rubric: &Rubric, scores: &'a [ScoredResponse]) -> Vec<(&'a ScoredResponse, Score)> {
    let mut ranked: Vec<_> = scores
        .iter()
        .map(|response| (response, aggregate::reward(rubric, &response.score.criteria)))
        .collect();
    ranked.sort_by(|(_, a), (_, b)| {
        let (a, b) = (a.reward.unwrap_or(f64::NEG_INFINITY), b.reward.unwrap_or(f64::NEG_INFINITY));
        b.total_cmp(&a)
    });
    ranked
}

/// Whether the choice of aggregation decides who is first.
fn agreement(rubric: &Rubric, scores: &[ScoredResponse]) -> String {
    let mut others = Vec::new();
    let first = |rubric: &Rubric| {
        rank(rubric, scores)
            .first()
            .filter(|(_, score)| score.reward.is_some())
            .map(|(response, _)| response.name.clone())
    };
    let Some(winner) = first(rubric) else {
        return "No reward: some verdict could not be read".to_owned();
    };
    for aggregation in Aggregation::iter().filter(|one| *one != rubric.aggregation) {
        let other = Rubric { aggregation, ..rubric.clone() };
        if let Some(other) = first(&other).filter(|other| *other != winner) {
            others.push(format!("{aggregation} would put {other} first"));
        }
    }
    if others.is_empty() {
        format!("However the criteria are combined, {winner} comes first")
    } else {
        others.join("; ")
    }
}
