//! A judge's models: which, in which order, and how several become one.

use egui::{Checkbox, DragValue, Label, Ui};
use strum::IntoEnumIterator as _;

use super::settings::{Editing, SettingsPage};
use crate::app::command::JudgeChange;
use crate::app::state::JudgeField;
use crate::app::theme::{space, text};
use crate::app::widgets::{Button, aligned_choice, card, choice, term};
use crate::domain::{ModelRole, PanelRule};
use crate::stats::words::two;

/// The labels' column, in points.
const LABELS: f32 = 52.0;
/// For the buttons behind a model, in points.
const BUTTONS: f32 = 108.0;
/// For a weight, in points.
const WEIGHT: f32 = 64.0;
/// Asked alone: the others are asked within this of one half, unless told otherwise (judgement:
/// between .3 and .7 a judge is in doubt).
const BAND: f64 = 0.2;

impl SettingsPage {
    pub(super) fn models(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let drawn = card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = space::S;
            ui.horizontal(|ui| {
                ui.label(text::strong("Models"));
                term(ui, "panel of judges");
            });
            for place in 0..edit.judge.models.len().max(1) {
                self.model(ui, edit, place);
            }
            add(ui, edit);
            if edit.judge.models.len() > 1 {
                self.rule(ui, edit);
            } else {
                // A rule or weights of several are of no use to one: what is wrong is said.
                edit.problems(ui, JudgeField::Rule, None);
            }
            self.first_alone(ui, edit);
        });
        self.marks(ui, edit, JudgeField::Models, &drawn.response);
    }

    /// One model in its place.
    fn model(&mut self, ui: &mut Ui, edit: &Editing<'_>, place: usize) {
        let judge = edit.judge;
        let n = judge.models.len();
        let own = own_of(edit);
        let now = judge.models.get(place);
        // Nobody is there twice; who is there stays choosable, known to the project or not.
        let mut names: Vec<Option<String>> = Vec::new();
        if n < 2 {
            names.push(None);
        }
        if let Some(now) = now.filter(|now| !known(edit).contains(now)) {
            names.push(Some(now.clone()));
        }
        let is_other = |name: &String| judge.models.contains(name) && Some(name) != now;
        names.extend(known(edit).into_iter().filter(|name| !is_other(name)).map(Some));
        let words: Vec<String> = names
            .iter()
            .map(|name| name.clone().unwrap_or_else(|| format!("The project’s judge ({own})")))
            .collect();
        let chosen = names.iter().position(|name| name.as_ref() == now);
        let label = if n < 2 { "Model".to_owned() } else { format!("Model {}", place + 1) };
        let is_weighted = judge.rule == PanelRule::Weighted && n > 1;
        ui.horizontal(|ui| {
            ui.add_enabled_ui(edit.locked().is_none(), |ui| {
                let beside = if n > 1 { BUTTONS } else { 0.0 };
                let beside = beside + if is_weighted { WEIGHT } else { 0.0 };
                let width = (ui.available_width() - LABELS - beside - space::M).clamp(90.0, 320.0);
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let new = aligned_choice(ui, &label, LABELS, chosen, &words, width);
                if let Some(new) = new {
                    edit.send(JudgeChange::Model(place, names[new].clone()));
                }
            });
            if is_weighted {
                self.weight(ui, edit, place);
            }
            if n > 1 {
                moves(ui, edit, place);
            }
        });
        edit.problems(ui, JudgeField::Models, Some(place));
        edit.problems(ui, JudgeField::Weight(place), Some(place));
    }

    fn weight(&mut self, ui: &mut Ui, edit: &Editing<'_>, place: usize) {
        let Some(mut weight) = edit.judge.weights.get(place).copied() else { return };
        let field = DragValue::new(&mut weight).range(0.0..=1000.0).speed(0.02).max_decimals(2);
        let response = ui.add_enabled(edit.locked().is_none(), field);
        let name = format!("Weight of model {}", place + 1);
        let response = response.accessible_name(&name).on_hover_text(name);
        self.marks(ui, edit, JudgeField::Weight(place), &response);
        if response.changed() {
            edit.send(JudgeChange::Weight(place, weight));
        }
    }

    /// How several become one.
    fn rule(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let all: Vec<PanelRule> = PanelRule::iter().collect();
        let names: Vec<String> = all.iter().map(ToString::to_string).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let now = all.iter().position(|rule| *rule == edit.judge.rule);
        let drawn = ui.horizontal_wrapped(|ui| {
            ui.add_enabled_ui(edit.locked().is_none(), |ui| {
                if let Some(place) = choice(ui, "Together", now, &names, 120.0) {
                    edit.send(JudgeChange::Rule(all[place]));
                }
            });
            ui.label(text::weak_label(says(edit.judge.rule)));
        });
        self.marks(ui, edit, JudgeField::Rule, &drawn.response);
        edit.problems(ui, JudgeField::Rule, None);
    }

    /// A cheap one first.
    fn first_alone(&mut self, ui: &mut Ui, edit: &Editing<'_>) {
        let judge = edit.judge;
        let alone = (judge.models.len() < 2).then_some("Add a second model first");
        let first = judge.models.first().cloned().unwrap_or_else(|| own_of(edit));
        let mut on = judge.first_alone.is_some();
        let words =
            format!("A cheap one first: {first} alone, the others only where it is in doubt");
        // What is set can always be switched off.
        let why_not = edit.locked().or(alone.filter(|_| !on));
        let tick = Checkbox::new(&mut on, words);
        let response = ui.add_enabled(why_not.is_none(), tick);
        let response = response.on_disabled_hover_text(why_not.unwrap_or_default());
        self.marks(ui, edit, JudgeField::FirstAlone, &response);
        if response.changed() {
            edit.send(JudgeChange::FirstAlone(on.then_some(BAND)));
        }
        if let Some(mut band) = judge.first_alone {
            ui.horizontal_wrapped(|ui| {
                let label = ui.label(text::weak_label("In doubt within"));
                let field = DragValue::new(&mut band).range(0.0..=0.5).speed(0.005).max_decimals(2);
                let response = ui.add_enabled(edit.locked().is_none(), field).labelled_by(label.id);
                if response.changed() {
                    edit.send(JudgeChange::FirstAlone(Some(band)));
                }
                let (low, high) = (two((0.5 - band).max(0.0)), two((0.5 + band).min(1.0)));
                let words = format!("of one half: the others are asked from {low} to {high}");
                ui.add(Label::new(text::weak_label(words)).wrap());
            });
        }
        edit.problems(ui, JudgeField::FirstAlone, None);
    }
}

/// The project's judge.
fn own_of(edit: &Editing<'_>) -> String {
    let documents = edit.state.documents();
    documents.map(|one| one.setup.model_of(ModelRole::Judge).to_owned()).unwrap_or_default()
}

/// The models that the project knows.
fn known(edit: &Editing<'_>) -> Vec<String> {
    let documents = edit.state.documents();
    let all = documents.map(|documents| documents.setup.all_models()).unwrap_or_default();
    all.into_iter().map(|model| model.name).collect()
}

/// Earlier, later, out.
fn moves(ui: &mut Ui, edit: &Editing<'_>, place: usize) {
    let last = edit.judge.models.len().saturating_sub(1);
    let nth = place + 1;
    ui.spacing_mut().item_spacing.x = 2.0;
    let buttons = [
        ("↑", format!("Move model {nth} up"), (place == 0).then_some("It is the first"), -1),
        ("↓", format!("Move model {nth} down"), (place == last).then_some("It is the last"), 1),
    ];
    for (sign, name, why_not, by) in buttons {
        let button = Button::quiet(sign).name(&name).compact();
        if button.disabled_because(edit.locked().or(why_not)).show(ui).clicked() {
            edit.send(JudgeChange::MoveModel(place, by));
        }
    }
    let name = format!("Remove model {nth}");
    let button = Button::quiet("×").name(&name).compact();
    if button.disabled_because(edit.locked()).show(ui).clicked() {
        edit.send(JudgeChange::RemoveModel(place));
    }
}

/// One model more.
fn add(ui: &mut Ui, edit: &Editing<'_>) {
    let own = own_of(edit);
    let is_there = |name: &String| match edit.judge.models.as_slice() {
        [] => *name == own,
        some => some.contains(name),
    };
    let others: Vec<String> = known(edit).into_iter().filter(|name| !is_there(name)).collect();
    let none = others.is_empty().then_some("The project has no other model; Settings has models");
    if let Some(why_not) = edit.locked().or(none) {
        Button::quiet("Add a model").compact().disabled_because(Some(why_not)).show(ui);
        return;
    }
    let menu = ui.menu_button("Add a model", |ui| {
        for name in others {
            if Button::quiet(&name).show(ui).clicked() {
                edit.send(JudgeChange::AddModel(name.clone()));
                ui.close();
            }
        }
    });
    menu.response.on_hover_text("Several models judge as one, each by itself");
}

/// What a rule does, in a few words.
fn says(rule: PanelRule) -> &'static str {
    match rule {
        PanelRule::Mean => "the mean of what they say",
        PanelRule::Majority => "the side of more than half, else one half",
        PanelRule::Unanimous => "a side that all take, else one half",
        PanelRule::Any => "a side that one takes and none opposes",
        PanelRule::Weighted => "their mean, each by its weight",
    }
}
