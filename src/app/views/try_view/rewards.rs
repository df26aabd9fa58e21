//! Rewards of the draft and every revision, criterion by criterion, with what could not be read.

use egui::Ui;

use super::shown::{Judged, Shown, judged};
use crate::app::Outbox;
use crate::app::command::TryCommand;
use crate::app::state::AppState;
use crate::app::state::trial::{Trial, TrialStatus};
use crate::app::theme::{self, Hue, size, space, text};
use crate::app::widgets::notice::capitalised;
use crate::app::widgets::prose::{folded_quote, quote};
use crate::app::widgets::{Button, List, Measure, NoticeKind, chip, meter, notice, number};
use crate::domain::{CriterionId, CriterionVerdict, Reading, Rubric, Scale, ScoredResponse};

/// The height of one response's line, in points.
const RESPONSE_ROW: f32 = 46.0;

/// Draws rewards; `chosen` is the response whose criteria are shown.
pub(super) fn show(
    ui: &mut Ui,
    state: &AppState,
    trial: Option<&Trial>,
    chosen: &mut Option<usize>,
    outbox: &Outbox,
) {
    ui.add_space(space::XS);
    ui.label(text::heading("Rewards"));
    let Some(trial) = trial else {
        ui.add(weak("Draft and revisions are scored here once the prompt was run."));
        return;
    };
    let Some(rubric) = trial.rubric.as_deref() else {
        ui.add(weak("This chain was not scored. Scored, it shows what each revision gained."));
        if !state.trial.score {
            let tip = "The next run scores the draft and every revision";
            if Button::secondary("Score the next run").tip(tip).show(ui).clicked() {
                outbox.send(TryCommand::Score(true));
            }
        }
        return;
    };
    ui.label(text::weak_label(format!("{} · {}", rubric.name, rubric.aggregation)));
    let names = Shown::of(trial).response_names();
    if names.is_empty() {
        ui.add(weak("Waiting for the draft."));
        return;
    }
    let all: Vec<Judged<'_>> = names.iter().map(|name| judged(trial, name)).collect();
    let running = matches!(trial.status, TrialStatus::Running(_));
    let place = chosen.unwrap_or(usize::MAX).min(names.len() - 1);
    responses(ui, &names, &all, rubric, running, place, chosen);
    ui.add_space(space::S);
    match all[place].scored {
        Some(scored) => criteria(ui, trial.number, &names[place], scored, rubric),
        None if running => {
            ui.add(weak("The judge has not finished with this answer."));
        }
        None => {
            ui.add(weak("This answer has no score: the chain ended before it was judged."));
        }
    }
}

fn weak(words: &str) -> egui::Label {
    egui::Label::new(egui::RichText::new(words).weak()).wrap()
}

/// One line a response: its name, its reward, and what it gained on the draft.
fn responses(
    ui: &mut Ui,
    names: &[String],
    all: &[Judged<'_>],
    rubric: &Rubric,
    running: bool,
    place: usize,
    chosen: &mut Option<usize>,
) {
    let measure = |place: usize| match all[place].scored {
        Some(scored) => reward_of(scored),
        None if running => Measure::Without("judging"),
        None => Measure::Without("no score"),
    };
    let first = all.first().and_then(|draft| draft.scored).and_then(|s| s.score.reward);
    // All of them, whatever the height that is left: rewards are compared with each other.
    let height = RESPONSE_ROW * names.len() as f32;
    let list = List::new("Rewards", names.len()).row_height(RESPONSE_ROW).max_height(height);
    let happened = list.selected(Some(place)).show(
        ui,
        |place| {
            let words = match measure(place) {
                Measure::Score(reward) => format!("reward {}", number::score(reward)),
                Measure::Without(why) => why.to_owned(),
            };
            format!("{}, {words}", names[place])
        },
        |ui, row| {
            let t = theme::tokens(ui);
            let fill = if row.index == 0 { t.before } else { t.after };
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.spacing_mut().interact_size.y = 18.0;
                ui.add_space(5.0);
                ui.horizontal(|ui| {
                    ui.label(text::label(capitalised(&names[row.index])));
                    let now = all[row.index].scored.and_then(|scored| scored.score.reward);
                    if let (Some(now), Some(first), true) = (now, first, row.index > 0) {
                        gained(ui, number::as_shown(now) - number::as_shown(first));
                    } else if all[row.index].scored.is_none() && running {
                        ui.label(text::weak_label(format!(
                            "{} of {} verdicts",
                            all[row.index].verdicts,
                            rubric.criteria.len()
                        )));
                    }
                });
                let name = format!("Reward of {}", names[row.index]);
                meter(ui, &name, measure(row.index), fill);
            });
        },
    );
    if happened.selected.is_some() {
        *chosen = happened.selected;
    }
}

fn gained(ui: &mut Ui, gain: f64) {
    let t = theme::tokens(ui);
    let (glyph, colour) = if gain >= 0.005 {
        ("▲", t.better)
    } else if gain <= -0.005 {
        ("▼", t.worse)
    } else {
        ("", t.weak)
    };
    let words = if glyph.is_empty() {
        "within .01 of the draft".to_owned()
    } else {
        format!("{glyph} {} over the draft", number::difference(gain))
    };
    ui.label(text::label(words.trim()).color(colour));
}

fn reward_of(scored: &ScoredResponse) -> Measure<'static> {
    match scored.score.reward {
        Some(reward) => Measure::Score(reward),
        None => Measure::Without("unparsed"),
    }
}

/// Every criterion of one response.
fn criteria(ui: &mut Ui, trial: u64, name: &str, scored: &ScoredResponse, rubric: &Rubric) {
    let t = theme::tokens(ui);
    ui.label(text::strong(format!("{}, by criterion", capitalised(name))));
    if !scored.score.gates_failed.is_empty() {
        let failed: Vec<&str> = scored.score.gates_failed.iter().map(CriterionId::as_str).collect();
        let title = format!("Gate failed: {}", failed.join(", "));
        notice(ui, NoticeKind::Warning, &title, "A failed gate makes the whole reward 0.", |_| {});
    }
    if !scored.score.unparsed.is_empty() {
        let unread: Vec<&str> = scored.score.unparsed.iter().map(CriterionId::as_str).collect();
        let title = format!("Could not be read: {}", unread.join(", "));
        let detail = "The judge answered in a form that holds no verdict, so there is no reward. \
                      What it wrote is shown below.";
        notice(ui, NoticeKind::Warning, &title, detail, |_| {});
    }
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.spacing_mut().interact_size.y = size::LINE;
    for verdict in &scored.score.criteria {
        ui.add_space(space::S);
        let place = rubric.criteria.iter().position(|c| c.id == verdict.criterion);
        let criterion = place.map(|place| &rubric.criteria[place]);
        let label = criterion.map_or("not in this rubric", |criterion| criterion.name.as_str());
        let meaning = criterion.map_or(label, |criterion| criterion.description.as_str());
        ui.horizontal(|ui| {
            chip(ui, &verdict.criterion.0, meaning, place.map_or(Hue::Grey, Hue::nth));
            ui.add(egui::Label::new(label).truncate());
        });
        let measure = match (&verdict.reading, verdict.unit) {
            (Reading::Unparsed { .. }, _) | (_, None) => Measure::Without("unparsed"),
            (_, Some(unit)) => Measure::Score(unit),
        };
        ui.horizontal(|ui| {
            ui.set_max_width(ui.available_width().min(300.0));
            meter(ui, label, measure, t.weak);
        });
        let scale = criterion.map(|criterion| &criterion.scale);
        let read = ui.add(egui::Label::new(text::weak_label(how_read(verdict, scale))).wrap());
        if matches!(verdict.reading, Reading::Expected { .. }) {
            read.on_hover_text(
                "The mean of all verdicts the judge could have given, each counted by how likely \
                 the judge made it (its log-probabilities)",
            );
        }
        let salt = (trial, name, &verdict.criterion.0);
        if let Reading::Unparsed { text: wrote } = &verdict.reading {
            let wrote = if wrote.trim().is_empty() { "(nothing)" } else { wrote.as_str() };
            quote(ui, ("unparsed", salt), wrote, t.warning);
        }
        if !verdict.reason.trim().is_empty() {
            let name = format!("the reason for {}", verdict.criterion);
            folded_quote(ui, ("reason", salt), &name, verdict.reason.trim(), t.border);
        }
    }
}

/// Where a number came from, in words.
fn how_read(verdict: &CriterionVerdict, scale: Option<&Scale>) -> String {
    let of = |value: f64| match scale.and_then(Scale::range) {
        Some((_, highest)) => format!("{value:.2} of {highest}"),
        None => format!("met with probability {}", number::score(value)),
    };
    match &verdict.reading {
        Reading::Expected { value, mass, .. } => {
            let sure = if *mass < 0.5 {
                format!("; only {} of the judge's answer was a verdict", number::score(*mass))
            } else {
                String::new()
            };
            format!("{}, by the judge's probabilities{sure}", of(*value))
        }
        Reading::Parsed { value } => format!("{}, read from the judge's text", of(*value)),
        Reading::Sampled { value, votes, unread } => {
            let lost =
                if *unread > 0 { format!(", {unread} could not be read") } else { String::new() };
            format!("{}, mean of {votes} votes{lost}", of(*value))
        }
        Reading::Unparsed { .. } => "Unparsed. The judge wrote".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_where_it_came_from() {
        let verdict = |reading| CriterionVerdict {
            criterion: "C1".into(),
            reading,
            unit: None,
            reason: String::new(),
        };
        let levels = Scale::default();
        let expected = Reading::Expected { value: 3.456, distribution: Vec::new(), mass: 0.97 };
        assert_eq!(
            how_read(&verdict(expected), Some(&levels)),
            "3.46 of 5, by the judge's probabilities"
        );
        let vague = Reading::Expected { value: 3.0, distribution: Vec::new(), mass: 0.12 };
        assert!(how_read(&verdict(vague), Some(&levels)).contains("only .12"));
        let votes = Reading::Sampled { value: 0.5, votes: 4, unread: 1 };
        assert_eq!(
            how_read(&verdict(votes), Some(&Scale::Points(2.0))),
            "met with probability .50, mean of 4 votes, 1 could not be read"
        );
    }
}
