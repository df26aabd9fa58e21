//! The rubric tried on responses that were judged before: rewards anew with every change of a
//! weight, and each criterion's verdict with the judge's own words.

use std::sync::Arc;

use egui::{RichText, Ui};

use super::RubricView;
use super::tried::Tried;
use crate::app::command::GoCommand;
use crate::app::outbox::Outbox;
use crate::app::state::{AppState, Area};
use crate::app::theme::{self, size, space, text};
use crate::app::widgets::prose::{folded_quote, quote};
use crate::app::widgets::{Button, List, Measure, choice, meter, notice, number};
use crate::domain::{Criterion, CriterionId, CriterionVerdict, Reading, Rubric, Score};
use crate::methods::aggregate;

impl RubricView {
    pub(super) fn try_on(
        &mut self,
        ui: &mut Ui,
        state: &AppState,
        rubric: &Arc<Rubric>,
        outbox: &Outbox,
    ) {
        ui.spacing_mut().item_spacing.y = space::S;
        ui.label(text::heading("Try on"));
        let Some(tried) = self.tried.shown(state) else {
            nothing(ui, outbox);
            return;
        };
        self.which(ui, state, &tried);
        if let Some(why) = tried.asked_otherwise(rubric) {
            let t = theme::tokens(ui);
            ui.add(egui::Label::new(text::label(why).color(t.warning)).wrap());
        }
        let last = tried.scores().len() - 1;
        let place = self.response.unwrap_or(last).min(last);
        // Arithmetic only: no judge is asked again.
        let scores: Vec<Score> = (0..=last)
            .map(|place| aggregate::reward(rubric, &tried.verdicts(place, rubric)))
            .collect();
        self.responses(ui, &tried, &scores, place);
        gates_and_unread(ui, &scores[place]);
        ui.add_space(space::XS);
        let name = &tried.scores()[place].name;
        ui.label(text::strong(format!("{}, by criterion", notice::capitalised(name))));
        verdicts(ui, state, rubric, &scores[place], outbox);
        let chosen = state.selection.criterion.as_ref().and_then(|id| rubric.criterion(id));
        match chosen {
            Some(criterion) => detail(ui, &tried, place, &scores[place], criterion),
            None => {
                ui.label(text::weak_label("Select a criterion to read the judge's verdict"));
            }
        }
    }

    /// Which prompt's responses.
    fn which(&mut self, ui: &mut Ui, state: &AppState, tried: &Tried) {
        let rows = self.tried.rows(state);
        let names: Vec<String> = rows.iter().map(|row| one_line(&row.prompt)).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let shown = rows.iter().position(|row| Arc::ptr_eq(&row.row, &tried.row));
        let width = crate::app::widgets::choice::rest_of_line(ui, "Prompt");
        if let Some(picked) = choice(ui, "Prompt", shown, &names, width) {
            self.tried.chosen = rows.get(picked).map(|row| row.prompt.clone());
            self.response = None;
        }
        if tried.source != "Try" {
            let words = format!("Scored in {}", tried.source);
            ui.label(text::weak_label(words));
        }
    }

    /// The responses with their rewards under the rubric as it is now.
    fn responses(&mut self, ui: &mut Ui, tried: &Tried, scores: &[Score], place: usize) {
        let measure = |place: usize| match &scores[place] {
            Score { reward: Some(reward), .. } => Measure::Score(*reward),
            Score { unparsed, .. } if unparsed.is_empty() => Measure::Without("no verdict"),
            Score { .. } => Measure::Without("unparsed"),
        };
        let list = List::new("Tried responses", scores.len())
            .row_height(size::ROW)
            .selected(Some(place))
            .max_height(140.0);
        let happened = list.show(
            ui,
            |row| {
                let words = match measure(row) {
                    Measure::Score(reward) => format!("reward {}", number::score(reward)),
                    Measure::Without(why) => why.to_owned(),
                };
                format!("{}, {words}", tried.scores()[row].name)
            },
            |ui, row| {
                let t = theme::tokens(ui);
                let name = &tried.scores()[row.index].name;
                let room = egui::vec2(86.0, 20.0);
                ui.allocate_ui_with_layout(
                    room,
                    egui::Layout::left_to_right(egui::Align::Center),
                    |ui| {
                        ui.set_min_width(room.x);
                        ui.add(egui::Label::new(notice::capitalised(name)).truncate());
                    },
                );
                let fill = if row.index == 0 { t.before } else { t.after };
                let before = tried.scores()[row.index].score.reward;
                let response = meter(ui, &format!("Reward of {name}"), measure(row.index), fill);
                if let (Some(before), Some(now)) = (before, scores[row.index].reward)
                    && (before - now).abs() > 0.005
                {
                    response.on_hover_text(format!("{} when it was run", number::score(before)));
                }
            },
        );
        if happened.selected.is_some() {
            self.response = happened.selected;
        }
    }
}

fn nothing(ui: &mut Ui, outbox: &Outbox) {
    ui.label(text::strong("Nothing scored yet"));
    let words = "Run a prompt in Try with scores: its draft and revisions are ranked here anew as \
                 you change weights, without asking a judge again.";
    ui.add(egui::Label::new(RichText::new(words).weak()).wrap());
    if ui.horizontal(|ui| Button::secondary("Go to Try").show(ui).clicked()).inner {
        outbox.send(GoCommand::Area(Area::Try));
    }
}

fn gates_and_unread(ui: &mut Ui, score: &Score) {
    let t = theme::tokens(ui);
    let joined =
        |ids: &[CriterionId]| ids.iter().map(CriterionId::as_str).collect::<Vec<_>>().join(", ");
    if !score.gates_failed.is_empty() {
        let words = format!("Gate failed, so the reward is 0: {}", joined(&score.gates_failed));
        ui.add(egui::Label::new(text::label(words).color(t.worse)).wrap());
    }
    if !score.unparsed.is_empty() {
        let words = format!("Could not be read: {}", joined(&score.unparsed));
        ui.add(egui::Label::new(text::label(words).color(t.warning)).wrap());
    }
}

/// One line a criterion; choosing one chooses it in the table, too.
fn verdicts(ui: &mut Ui, state: &AppState, rubric: &Rubric, score: &Score, outbox: &Outbox) {
    let of = |criterion: &Criterion| score.criteria.iter().find(|v| v.criterion == criterion.id);
    let selected = state.selection.criterion.as_ref();
    let place = rubric.criteria.iter().position(|one| Some(&one.id) == selected);
    let height = (ui.available_height() * 0.45).clamp(96.0, 320.0);
    let list = List::new("Verdicts", rubric.criteria.len()).selected(place).max_height(height);
    let happened = list.show(
        ui,
        |row| {
            let criterion = &rubric.criteria[row];
            format!("{} {}, {}", criterion.id, criterion.name, words(criterion, of(criterion)))
        },
        |ui, row| {
            let t = theme::tokens(ui);
            let criterion = &rubric.criteria[row.index];
            let verdict = of(criterion);
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.label(text::label(criterion.id.as_str()));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let unit = verdict.and_then(|verdict| verdict.unit);
                let colour = if unit.is_some() { t.text } else { t.weak };
                ui.label(text::label(words(criterion, verdict)).color(colour));
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(criterion.name.as_str()).truncate());
                });
            });
        },
    );
    if let Some(row) = happened.selected {
        outbox.send(GoCommand::Criterion(Some(rubric.criteria[row].id.clone())));
    }
}

/// A verdict in a few words: `met .91`, `3.4 of 5`, `not judged`.
fn words(criterion: &Criterion, verdict: Option<&CriterionVerdict>) -> String {
    let Some(verdict) = verdict else { return "not judged".to_owned() };
    let Some(value) = verdict.reading.value() else { return "unparsed".to_owned() };
    if let Some((_, highest)) = criterion.scale.range() {
        return format!("{value:.1} of {highest}");
    }
    let met = if value >= 0.5 { "met" } else { "not met" };
    match verdict.reading {
        Reading::Parsed { .. } => met.to_owned(),
        Reading::Expected { .. } | Reading::Sampled { .. } | Reading::Unparsed { .. } => {
            format!("{met}, P {}", number::score(value))
        }
    }
}

/// The verdict on the criterion chosen: the judge's reason, and what it quotes.
fn detail(ui: &mut Ui, tried: &Tried, place: usize, score: &Score, criterion: &Criterion) {
    let t = theme::tokens(ui);
    ui.add_space(space::XS);
    ui.label(text::strong(format!("{} {}", criterion.id, criterion.name)));
    let verdict = score.criteria.iter().find(|verdict| verdict.criterion == criterion.id);
    let Some(verdict) = verdict else {
        let words = "This criterion was not judged: run the prompt again in Try";
        ui.add(egui::Label::new(text::weak_label(words)).wrap());
        return;
    };
    ui.label(text::weak_label(words(criterion, Some(verdict))));
    let salt = (&tried.prompt, place, criterion.id.as_str());
    if let Reading::Unparsed { text: wrote } = &verdict.reading {
        ui.label(text::label("The judge wrote"));
        let wrote = if wrote.trim().is_empty() { "(nothing)" } else { wrote.as_str() };
        quote(ui, ("wrote", salt), wrote, t.warning);
    }
    let reason = verdict.reason.trim();
    if reason.is_empty() {
        ui.label(text::weak_label("The judge gave no reason"));
        return;
    }
    ui.label(text::label("The judge's reason"));
    folded_quote(ui, ("reason", salt), "the judge's reason", reason, t.border);
    for span in quoted(reason, &tried.scores()[place].text) {
        let words = RichText::new(format!("“{span}”"))
            .color(t.evidence_text)
            .background_color(t.evidence_bg);
        ui.add(egui::Label::new(words).wrap()).on_hover_text("Quoted from the response");
    }
}

/// What a reason quotes that is in the response word for word.
fn quoted<'a>(reason: &'a str, response: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = reason;
    while let Some(open) = rest.find(['“', '"', '«', '「']) {
        let mut letters = rest[open..].chars();
        let close = match letters.next() {
            Some('“') => '”',
            Some('«') => '»',
            Some('「') => '」',
            _ => '"',
        };
        let inner = letters.as_str();
        let Some(end) = inner.find(close) else { break };
        let span = inner[..end].trim();
        if span.chars().count() > 2 && response.contains(span) && !found.contains(&span) {
            found.push(span);
        }
        rest = &inner[end + close.len_utf8()..];
    }
    found
}

fn one_line(text: &str) -> String {
    let line: String = text.chars().take(120).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Scale;

    #[test]
    fn only_what_is_in_the_response_is_evidence() {
        let response = "See a doctor within two weeks. 请看医生。";
        let reason =
            "It says \"See a doctor\" and “within two weeks”, not “at once”; 「请看医生」。 \"open";
        assert_eq!(quoted(reason, response), ["See a doctor", "within two weeks", "请看医生"]);
        assert!(quoted("no quotes at all", response).is_empty());
    }

    #[test]
    fn a_verdict_is_said_in_a_few_words() {
        let verdict = |reading| CriterionVerdict {
            criterion: "C1".into(),
            reading,
            unit: None,
            reason: String::new(),
        };
        let levels = Criterion::default();
        let points = Criterion { scale: Scale::Points(2.0), ..Criterion::default() };
        let parsed = verdict(Reading::Parsed { value: 3.0 });
        assert_eq!(words(&levels, Some(&parsed)), "3.0 of 5");
        let sure = Reading::Expected { value: 0.91, distribution: Vec::new(), mass: 1.0 };
        assert_eq!(words(&points, Some(&verdict(sure))), "met, P .91");
        let unread = verdict(Reading::Unparsed { text: String::new() });
        assert_eq!(words(&points, Some(&unread)), "unparsed");
        assert_eq!(words(&points, None), "not judged");
    }
}
