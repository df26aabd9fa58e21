//! The aggregations side by side: how each ranks the tried responses, and choosing one.

use std::sync::Arc;

use egui::{Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

use strum::IntoEnumIterator as _;

use super::RubricView;
use super::tried::Tried;
use crate::app::command::{RubricChange, RubricCommand};
use crate::app::menu_command::editable;
use crate::app::outbox::Outbox;
use crate::app::state::AppState;
use crate::app::theme::{self, space, text};
use crate::app::widgets::{list::focus_ring, notice::capitalised, number, section};
use crate::domain::{Aggregation, Rubric};
use crate::methods::aggregate::Ranking;

/// What an aggregation does, in words.
pub(super) fn explain(aggregation: Aggregation) -> &'static str {
    match aggregation {
        Aggregation::WeightedMean => "The mean of the scores, each counted by its weight",
        Aggregation::Points => "Points met over points to be had; faults subtract",
        Aggregation::Minimum => "The lowest score: one bad criterion can't be made up for",
        Aggregation::Geometric => "Between mean and minimum: a score near 0 pulls everything down",
    }
}

/// The width of a reward, in points.
const REWARD: f32 = 58.0;

impl RubricView {
    pub(super) fn strip(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        outbox: &Outbox,
    ) {
        ui.add_space(space::S);
        section(ui, "One reward from all criteria");
        let tried = self.tried.shown(state);
        let ranked = tried.as_ref().map(|tried| self.tried.rankings(rubric, tried));
        let pair = tried.as_ref().and_then(Tried::pair);
        if let (Some(tried), Some(pair)) = (&tried, pair) {
            heads(ui, tried, pair);
        }
        let locked = editable(state).err();
        let all: Vec<Ranking> = if let Some((rankings, _)) = &ranked {
            rankings.to_vec()
        } else {
            let none = |aggregation| Ranking { aggregation, rewards: Vec::new() };
            Aggregation::iter().map(none).collect()
        };
        ui.spacing_mut().item_spacing.y = 2.0;
        for ranking in &all {
            let chosen = ranking.aggregation == rubric.aggregation;
            if row(ui, ranking, chosen, tried.as_ref().zip(pair), locked) && !chosen {
                let stem = state.selection.rubric.clone();
                let change = RubricChange::Aggregation(ranking.aggregation);
                outbox.send(RubricCommand::Change { stem, change });
            }
        }
        ui.spacing_mut().item_spacing.y = space::S;
        ui.add(egui::Label::new(text::weak_label(explain(rubric.aggregation))).wrap());
        if let (Some(tried), Some((rankings, decides))) = (&tried, &ranked) {
            let words = agreement(rankings, tried, rubric.aggregation);
            ui.add(egui::Label::new(text::label(words)).wrap());
            if decides.1 > 1 {
                let words = match decides.0 {
                    0 => {
                        format!("Over all {} tried prompts the choice changes no winner", decides.1)
                    }
                    n => format!(
                        "The choice decides who is first in {n} of {} tried prompts",
                        decides.1
                    ),
                };
                ui.add(egui::Label::new(text::weak_label(words)).wrap());
            }
        }
    }
}

/// The names of the two responses, A in orange and B in blue.
fn heads(ui: &mut Ui, tried: &Tried, (a, b): (usize, usize)) {
    let t = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    for (place, letter, colour, left) in
        [(a, "A", t.before, columns(rect).0), (b, "B", t.after, columns(rect).1)]
    {
        let words = format!("{letter} {}", tried.scores()[place].name);
        let font = TextStyle::Small.resolve(ui.style());
        let at = pos2(left + REWARD, rect.center().y);
        let clip = egui::Rect::from_min_max(
            pos2(left - 30.0, rect.top()),
            pos2(left + REWARD, rect.bottom()),
        );
        let painter = ui.painter().with_clip_rect(clip.intersect(ui.clip_rect()));
        painter.text(at, egui::Align2::RIGHT_CENTER, words, font, colour);
    }
}

/// Where the columns of A and B begin.
fn columns(rect: egui::Rect) -> (f32, f32) {
    let right = rect.right() - 8.0;
    (right - 2.0 * REWARD - 34.0, right - REWARD)
}

/// One aggregation; whether it was chosen.
fn row(
    ui: &mut Ui,
    ranking: &Ranking,
    chosen: bool,
    shown: Option<(&Tried, (usize, usize))>,
    locked: Option<&str>,
) -> bool {
    let t = theme::tokens(ui);
    let label = ranking.aggregation.to_string();
    let sense = if locked.is_some() { Sense::hover() } else { Sense::click() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), sense);
    let said = |place: usize| match ranking.rewards.get(place).copied().flatten() {
        Some(reward) => number::score(reward),
        None => "—".to_owned(),
    };
    let name = shown.map_or_else(
        || format!("Aggregation: {label}"),
        |(tried, (a, b))| {
            let (first, last) = (&tried.scores()[a].name, &tried.scores()[b].name);
            format!("Aggregation: {label}, {first} {}, {last} {}", said(a), said(b))
        },
    );
    response
        .widget_info(|| WidgetInfo::selected(Role::RadioButton, locked.is_none(), chosen, &name));
    if ui.is_rect_visible(rect) {
        if chosen {
            ui.painter().rect_filled(rect, 4, t.selected);
        } else if response.hovered() && locked.is_none() {
            ui.painter().rect_filled(rect, 4, t.raised);
        }
        let centre = pos2(rect.left() + 14.0, rect.center().y);
        ui.painter().circle(centre, 6.0, t.surface, Stroke::new(1.0, t.border));
        if chosen {
            ui.painter().circle_filled(centre, 3.5, t.accent);
        }
        let font = TextStyle::Body.resolve(ui.style());
        let at = pos2(rect.left() + 28.0, rect.center().y);
        ui.painter().text(at, egui::Align2::LEFT_CENTER, &label, font.clone(), t.text);
        if let Some((_, (a, b))) = shown {
            let (left, right) = columns(rect);
            let before = ranking.is_before(a, b);
            for (place, left, is_first) in
                [(a, left, before == Some(true)), (b, right, before == Some(false))]
            {
                let style = if is_first { text::strong_style() } else { TextStyle::Body };
                let colour = if is_first { t.text } else { t.weak };
                let at = pos2(left + REWARD, rect.center().y);
                let font = style.resolve(ui.style());
                ui.painter().text(at, egui::Align2::RIGHT_CENTER, said(place), font, colour);
            }
        }
        if response.has_focus() {
            focus_ring(ui, rect, 4);
        }
    }
    let response = response.on_hover_text(locked.unwrap_or(explain(ranking.aggregation)));
    response.clicked()
}

/// Whether the aggregations agree on the two responses, and which don't.
fn agreement(rankings: &[Ranking], tried: &Tried, chosen: Aggregation) -> String {
    let Some((a, b)) = tried.pair() else {
        return "There is one response, so there is nothing to rank".to_owned();
    };
    let name = |place: usize| tried.scores()[place].name.clone();
    let Some(of_chosen) = rankings.iter().find(|one| one.aggregation == chosen) else {
        return String::new();
    };
    let Some(before) = of_chosen.is_before(a, b) else {
        let is_read = |place: usize| of_chosen.rewards.get(place).copied().flatten().is_some();
        return if is_read(a) && is_read(b) {
            format!("{} and {} come out level", capitalised(&name(a)), name(b))
        } else {
            "No ranking: a verdict is missing or could not be read".to_owned()
        };
    };
    let (first, second) = if before { (name(a), name(b)) } else { (name(b), name(a)) };
    let others: Vec<String> = rankings
        .iter()
        .filter(|one| one.is_before(a, b) == Some(!before))
        .map(|one| one.aggregation.to_string().to_lowercase())
        .collect();
    let all = rankings.iter().all(|one| one.is_before(a, b) == Some(before));
    if all {
        format!("All agree: {first} before {second}")
    } else if others.is_empty() {
        format!("{} before {second}; no other choice says otherwise", capitalised(&first))
    } else {
        let verb = if others.len() == 1 { "disagrees" } else { "disagree" };
        let who = others.join(", ");
        format!("{} before {second}; {who} {verb}", capitalised(&first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Prompt, Row, Score, ScoredResponse};

    fn tried() -> Tried {
        let mut row = Row::empty(&Prompt::of_text("p", "?"));
        for name in ["draft", "revision 1"] {
            row.scores.push(ScoredResponse {
                name: name.to_owned(),
                text: String::new(),
                score: Score {
                    reward: None,
                    criteria: Vec::new(),
                    gates_failed: Vec::new(),
                    unparsed: Vec::new(),
                },
                cut_off: false,
                judges: Vec::new(),
            });
        }
        let rubric = None;
        Tried { prompt: "?".to_owned(), row: Arc::new(row), rubric, source: "Try".to_owned() }
    }

    #[test]
    fn agreement_names_who_is_first_and_who_disagrees() {
        let ranking =
            |aggregation, a: f64, b: f64| Ranking { aggregation, rewards: vec![Some(a), Some(b)] };
        let mean = ranking(Aggregation::WeightedMean, 0.4, 0.8);
        let minimum = ranking(Aggregation::Minimum, 0.3, 0.1);
        let chosen = Aggregation::WeightedMean;
        let said = |all: &[Ranking]| agreement(all, &tried(), chosen);
        assert_eq!(said(std::slice::from_ref(&mean)), "All agree: revision 1 before draft");
        assert_eq!(said(&[mean, minimum]), "Revision 1 before draft; minimum disagrees");
        let level = ranking(Aggregation::WeightedMean, 0.4, 0.4);
        assert_eq!(said(&[level]), "Draft and revision 1 come out level");
        let unread = Ranking { aggregation: chosen, rewards: vec![Some(0.4), None] };
        assert!(said(&[unread]).starts_with("No ranking"));
    }
}
