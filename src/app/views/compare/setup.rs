//! What the next comparison shall be.

use std::sync::Arc;

use egui::{DragValue, ScrollArea, Ui};

use crate::app::command::CompareCommand;
use crate::app::menu_command::MenuCommand;
use crate::app::outbox::Outbox;
use crate::app::state::documents::{Documents, Setup};
use crate::app::state::{AppState, EmbeddedState, OwnJudge};
use crate::app::theme::{self, space, text};
use crate::app::views::models;
use crate::app::widgets::{
    Button, NoticeKind, aligned_choice, aligned_label, card, notice, number, stepper,
};
use crate::domain::{Constitution, JudgeSetup, Method, ModelEntry, ModelRole, PrincipleId, Recipe};
use crate::engine::compare::{ComparisonWishes, SideChoice, Yardstick, recipe_from, warning_of};
use crate::methods::compare::{both_sides, compare_calls_planned, overall};

/// The widest that the form is, in points.
const FORM: f32 = 920.0;
/// Below this the sides stand one above the other.
const BESIDE: f32 = 680.0;
/// The column of labels.
const LABELS: f32 = 116.0;

pub(super) fn show(ui: &mut Ui, state: &AppState, outbox: &Outbox) {
    let Some(documents) = state.documents() else { return };
    let mut wishes = state.compare.setup.clone();
    // What begins it stays in sight, however low the window is.
    let margin = egui::Margin { left: 0, right: 0, top: 8, bottom: 4 };
    let frame = egui::Frame::new().inner_margin(margin);
    egui::Panel::bottom("comparison begins").frame(frame).show(ui, |ui| {
        let planned = estimate(state, documents, &wishes);
        ui.add(egui::Label::new(text::weak_label(planned)).wrap());
        ui.horizontal_wrapped(|ui| {
            let resolved = MenuCommand::Run.resolve(state);
            let begin = Button::primary("Compare").name("Run comparison").shortcut("Ctrl+Enter");
            let why_not = resolved.as_ref().err().copied();
            if begin.disabled_because(why_not).show(ui).clicked() {
                outbox.send(CompareCommand::Run);
            }
            if Button::secondary("Cancel").show(ui).clicked() {
                outbox.send(CompareCommand::Cancel);
            }
        });
    });
    ScrollArea::vertical().id_salt("comparison setup").auto_shrink([false, false]).show(ui, |ui| {
        ui.set_max_width(ui.available_width().min(FORM));
        ui.label(text::title("New comparison"));
        let words = "Both sides answer the same prompts from the same seeds. A judge then says which \
                     answer is better, without knowing whose it is.";
        ui.add(egui::Label::new(egui::RichText::new(words).weak()).wrap());
        ui.add_space(space::XS);
        if ui.available_width() >= BESIDE {
            ui.columns(2, |columns| {
                side(&mut columns[0], state, documents, &mut wishes.a, false);
                side(&mut columns[1], state, documents, &mut wishes.b, true);
            });
        } else {
            side(ui, state, documents, &mut wishes.a, false);
            side(ui, state, documents, &mut wishes.b, true);
        }
        card(ui, |ui| {
            ui.label(text::strong("Prompts"));
            prompts(ui, documents, &mut wishes);
        });
        card(ui, |ui| {
            ui.label(text::strong("Judge"));
            judge(ui, state, documents, &mut wishes);
        });
        embedded(ui, state, &documents.setup, &wishes, outbox);
        ui.add_space(space::L);
    });
    if wishes != state.compare.setup {
        outbox.send(CompareCommand::Change(Box::new(wishes)));
    }
}

/// A drop-down as a line of the form: its label in a column of its own, the rest for the names.
fn choice_line(ui: &mut Ui, label: &str, chosen: Option<usize>, names: &[&str]) -> Option<usize> {
    let width = ui.available_width() - LABELS - ui.spacing().item_spacing.x - 2.0;
    aligned_choice(ui, label, LABELS, chosen, names, width.max(80.0))
}

/// A line of the form: a label in its column, then a control, which gets the label's id.
fn form_line(ui: &mut Ui, label: &str, control: impl FnOnce(&mut Ui, egui::Id)) {
    ui.horizontal(|ui| {
        let label_id = aligned_label(ui, label, LABELS).id;
        control(ui, label_id);
    });
}

fn side(ui: &mut Ui, state: &AppState, documents: &Documents, choice: &mut SideChoice, is_b: bool) {
    let t = theme::tokens(ui);
    let letter = if is_b { "B" } else { "A" };
    let colour = if is_b { t.after } else { t.before };
    let card = card(ui, |ui| {
        ui.label(text::heading(letter).color(colour));
        constitution(ui, documents, choice, letter);
        if let Some(stem) = choice.constitution.clone() {
            version(ui, state, &stem, choice, letter);
            without(ui, documents, &stem, choice, letter);
        }
        model(ui, documents, choice, letter);
    });
    let rect = card.response.rect;
    let stripe = egui::Rect::from_min_size(rect.min, egui::vec2(3.0, rect.height()));
    ui.painter().rect_filled(stripe.shrink2(egui::vec2(0.0, 6.0)), 1, colour);
}

fn constitution(ui: &mut Ui, documents: &Documents, choice: &mut SideChoice, letter: &str) {
    let stems: Vec<&String> = documents.constitutions.keys().collect();
    let mut names = vec!["None: plain drafts".to_owned()];
    names.extend(stems.iter().map(|stem| shown_name(documents, stem)));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let chosen = match &choice.constitution {
        None => Some(0),
        Some(stem) => stems.iter().position(|one| *one == stem).map(|place| place + 1),
    };
    let label = format!("Constitution {letter}");
    if let Some(place) = choice_line(ui, &label, chosen, &names) {
        let stem = place.checked_sub(1).map(|place| stems[place].clone());
        // A version or principle of another constitution means nothing here.
        *choice =
            SideChoice { constitution: stem, model: choice.model.clone(), ..Default::default() };
    }
}

fn version(ui: &mut Ui, state: &AppState, stem: &str, choice: &mut SideChoice, letter: &str) {
    let label = format!("Version {letter}");
    let versions = state.compare.versions.get(stem).map_or(&[][..], Vec::as_slice);
    if versions.is_empty() && choice.version.is_none() {
        form_line(ui, &label, |ui, _| {
            ui.label(text::weak_label("As it is now; no version is kept yet"));
        });
        return;
    }
    let mut names = vec!["As it is now"];
    names.extend(versions.iter().map(|version| version.words.as_str()));
    let chosen = match &choice.version {
        None => Some(0),
        Some(hash) => versions.iter().position(|one| one.hash == *hash).map(|place| place + 1),
    };
    if let Some(place) = choice_line(ui, &label, chosen, &names) {
        choice.version = place.checked_sub(1).map(|place| versions[place].hash.clone());
    }
}

fn without(ui: &mut Ui, documents: &Documents, stem: &str, choice: &mut SideChoice, letter: &str) {
    let Some(constitution) = documents.constitutions.get(stem) else { return };
    let mut eligible: Vec<(PrincipleId, String)> = constitution
        .eligible()
        .into_iter()
        .map(|principle| (principle.id.clone(), principle.label()))
        .collect();
    // A kept version may have principles that are gone by now.
    for id in &choice.without {
        if !eligible.iter().any(|(one, _)| one == id) {
            eligible.push((id.clone(), "of a kept version".to_owned()));
        }
    }
    let mut names = vec!["No principle".to_owned()];
    names.extend(eligible.iter().map(|(id, label)| format!("{id}  {label}")));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let chosen = match choice.without.first() {
        None => Some(0),
        Some(id) => eligible.iter().position(|(one, _)| one == id).map(|place| place + 1),
    };
    let label = format!("Switched off {letter}");
    if let Some(place) = choice_line(ui, &label, chosen, &names) {
        choice.without =
            place.checked_sub(1).map(|place| eligible[place].0.clone()).into_iter().collect();
    }
}

fn model(ui: &mut Ui, documents: &Documents, choice: &mut SideChoice, letter: &str) {
    let all = documents.setup.all_models();
    let own = format!(
        "As in the project: {}",
        crate::app::views::models::shown(documents.setup.model_of(ModelRole::Writer))
    );
    let mut names = vec![own.as_str()];
    names.extend(all.iter().map(|model| model.name.as_str()));
    let chosen = match &choice.model {
        None => Some(0),
        Some(name) => all.iter().position(|one| one.name == *name).map(|place| place + 1),
    };
    let label = format!("Model {letter}");
    if let Some(place) = choice_line(ui, &label, chosen, &names) {
        choice.model = place.checked_sub(1).map(|place| all[place].name.clone());
    }
}

fn prompts(ui: &mut Ui, documents: &Documents, wishes: &mut ComparisonWishes) {
    let stems: Vec<&String> = documents.prompt_sets.keys().collect();
    let names: Vec<String> = documents
        .prompt_sets
        .iter()
        .map(|(stem, set)| {
            let n = number::counted(set.prompts.len() as u64, "prompt", "prompts");
            format!("{stem} ({n})")
        })
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let set = chosen_set(documents, wishes);
    let chosen = set.and_then(|set| stems.iter().position(|stem| stem.as_str() == set));
    if let Some(place) = choice_line(ui, "Prompt set", chosen, &names) {
        wishes.prompts = Some(stems[place].clone());
    }
    let most = set_size(documents, wishes);
    form_line(ui, "How many", |ui, label| {
        let mut n = wishes.limit.unwrap_or(most).min(most);
        let field = DragValue::new(&mut n).range(1..=most.max(1)).speed(0.5);
        if ui.add(field).labelled_by(label).changed() {
            wishes.limit = Some(n);
        }
        ui.label(text::weak_label(format!("of {}", number::count(most as u64))));
        let all = wishes.limit.is_none_or(|limit| limit >= most);
        if Button::quiet("All").name("All prompts").compact().selected(all).show(ui).clicked() {
            wishes.limit = None;
        }
    });
    form_line(ui, "Seed", |ui, label| {
        let mut seed = wishes.seed.unwrap_or(documents.setup.seed);
        let response = ui.add(DragValue::new(&mut seed).speed(0.2)).labelled_by(label);
        if response.on_hover_text("The same seed draws the same principles again").changed() {
            wishes.seed = Some(seed);
        }
        ui.add_space(space::S);
        let rounds = wishes.rounds.unwrap_or(2);
        if let Some(rounds) = stepper(ui, "Rounds", rounds, 1..=6) {
            wishes.rounds = Some(rounds);
        }
    });
}

fn judge(ui: &mut Ui, state: &AppState, documents: &Documents, wishes: &mut ComparisonWishes) {
    let all = documents.setup.all_models();
    let judges: Vec<(&String, &Arc<JudgeSetup>)> = documents.judges.iter().collect();
    let by_recipe = ComparisonWishes { judge: None, panel: None, ..wishes.clone() };
    let own = match OwnJudge::of_comparison(state, &by_recipe) {
        Some(judge) => format!("As in the project: {}", judge.name()),
        None => format!(
            "As in the project: {}",
            crate::app::views::models::shown(documents.setup.model_of(ModelRole::Judge))
        ),
    };
    let mut names = vec![own];
    names.extend(all.iter().map(|model| model.name.clone()));
    names.extend(judges.iter().map(|(stem, setup)| OwnJudge::listed(stem, setup)));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let chosen = match (&wishes.panel, &wishes.judge) {
        (Some(stem), _) => {
            judges.iter().position(|(one, _)| *one == stem).map(|place| place + 1 + all.len())
        }
        (None, None) => Some(0),
        (None, Some(name)) => all.iter().position(|one| one.name == *name).map(|place| place + 1),
    };
    if let Some(place) = choice_line(ui, "Judge", chosen, &names) {
        let of_models = place.checked_sub(1).filter(|place| *place < all.len());
        let of_judges = place.checked_sub(1 + all.len());
        wishes.judge = of_models.map(|place| all[place].name.clone());
        wishes.panel = of_judges.map(|place| judges[place].0.clone());
    }
    let own = OwnJudge::of_comparison(state, wishes);
    if let Some(judge) = &own {
        // It says itself how many principles a pair is judged by.
        wishes.principles_per_pair = None;
        form_line(ui, "", |ui, _| {
            ui.add(egui::Label::new(text::weak_label(judge.words())).truncate());
        });
    }
    let stems: Vec<&String> = documents.constitutions.keys().collect();
    let mut names =
        vec!["The principles of both sides".to_owned(), "One question: which is better".to_owned()];
    names.extend(stems.iter().map(|s| format!("The principles of {}", shown_name(documents, s))));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let chosen = match &wishes.yardstick {
        Yardstick::BothSides => Some(0),
        Yardstick::Overall => Some(1),
        Yardstick::Constitution(stem) => {
            stems.iter().position(|one| *one == stem).map(|place| place + 2)
        }
    };
    if let Some(place) = choice_line(ui, "Judged by", chosen, &names) {
        wishes.yardstick = match place {
            0 => Yardstick::BothSides,
            1 => Yardstick::Overall,
            place => Yardstick::Constitution(stems[place - 2].clone()),
        };
    }
    if wishes.yardstick != Yardstick::Overall && own.is_none() {
        form_line(ui, "Asked about", |ui, _| {
            let n = wishes
                .principles_per_pair
                .unwrap_or_else(|| recipe(state, Method::Preference).principles_per_pair);
            if let Some(n) = stepper(ui, "principles a pair", n, 1..=12) {
                wishes.principles_per_pair = Some(n);
            }
        });
    }
    if let Some(warning) = kin(state, &documents.setup, wishes) {
        notice(ui, NoticeKind::Warning, "", &warning, |_| {});
    }
}

/// The starter model's card where a side or the judge needs it and it is not there yet.
fn embedded(
    ui: &mut Ui,
    state: &AppState,
    setup: &Setup,
    wishes: &ComparisonWishes,
    outbox: &Outbox,
) {
    let asked = asked(state, setup, wishes);
    let uses = asked.iter().any(|model| model.name == ModelEntry::EMBEDDED);
    if uses && !matches!(state.models.embedded, EmbeddedState::Ready { .. }) {
        models::embedded_card(ui, &state.models.embedded, outbox);
    }
}

/// The models that would be asked: both writers, then who judges.
fn asked(state: &AppState, setup: &Setup, wishes: &ComparisonWishes) -> Vec<ModelEntry> {
    let all = setup.all_models();
    let named = |name: &str| all.iter().find(|model| model.name == name).cloned();
    let writer = |side: &SideChoice| {
        named(side.model.as_deref().unwrap_or_else(|| setup.model_of(ModelRole::Writer)))
    };
    let usual = || setup.model_of(ModelRole::Judge);
    let judges = match OwnJudge::of_comparison(state, wishes) {
        Some(judge) => judge.models,
        None => named(wishes.judge.as_deref().unwrap_or_else(usual)).into_iter().collect(),
    };
    [writer(&wishes.a), writer(&wishes.b)].into_iter().flatten().chain(judges).collect()
}

fn kin(state: &AppState, setup: &Setup, wishes: &ComparisonWishes) -> Option<String> {
    let asked: Vec<ModelEntry> = asked(state, setup, wishes);
    let asked: Vec<&ModelEntry> = asked.iter().collect();
    match asked.as_slice() {
        [a, b, judges @ ..] => warning_of(judges, &[a, b]),
        _ => None,
    }
}

fn recipe(state: &AppState, method: Method) -> Recipe {
    state
        .project
        .as_ref()
        .and_then(|project| project.recipes.values().find(|recipe| recipe.method == method))
        .map_or_else(|| Recipe::built_in(method), |recipe| (**recipe).clone())
}

fn chosen_set<'a>(documents: &'a Documents, wishes: &'a ComparisonWishes) -> Option<&'a str> {
    let wanted = wishes.prompts.as_deref().unwrap_or(&documents.setup.prompts);
    documents.prompt_sets.get_key_value(wanted).map(|(stem, _)| stem.as_str())
}

fn set_size(documents: &Documents, wishes: &ComparisonWishes) -> usize {
    let set = chosen_set(documents, wishes).and_then(|set| documents.prompt_sets.get(set));
    set.map_or(0, |set| set.prompts.len())
}

fn shown_name(documents: &Documents, stem: &str) -> String {
    let name = documents.constitutions.get(stem).map_or("", |c| c.name.trim());
    if name.is_empty() { stem.to_owned() } else { name.to_owned() }
}

/// What it takes, in words.
fn estimate(state: &AppState, documents: &Documents, wishes: &ComparisonWishes) -> String {
    let most = set_size(documents, wishes);
    let n = wishes.limit.unwrap_or(most).min(most) as u64;
    if n == 0 {
        return "Choose a prompt set with prompts".to_owned();
    }
    let writing = recipe(state, Method::Critique);
    let mut made = recipe_from(&writing, &recipe(state, Method::Preference), wishes);
    let models = asked(state, &documents.setup, wishes);
    let judge = OwnJudge::of_comparison(state, wishes);
    // The starter model is never asked for a reason, which misleads it.
    made.reason_first &= models.last().is_none_or(|judge| judge.name != ModelEntry::EMBEDDED);
    let of = |side: &SideChoice| -> Option<&Constitution> {
        documents.constitutions.get(side.constitution.as_ref()?).map(|one| &**one)
    };
    let sides = [of(&wishes.a), of(&wishes.b)];
    let yardstick = match &wishes.yardstick {
        Yardstick::Overall => overall(),
        Yardstick::BothSides => both_sides(sides[0], sides[1]),
        Yardstick::Constitution(stem) => {
            documents.constitutions.get(stem).map_or_else(overall, |one| (**one).clone())
        }
    };
    let planned = compare_calls_planned(
        (&made, judge.as_ref().map(OwnJudge::calls)),
        sides,
        &yardstick,
        wishes.a.model == wishes.b.model,
    );
    let few = if (n as usize) < crate::stats::MIN_ITEMS {
        format!("; under {} prompts there are counts and no rate", crate::stats::MIN_ITEMS)
    } else {
        String::new()
    };
    format!(
        "{} prompts, {} to {} calls{few}. What the journal has already costs nothing.",
        number::count(n),
        number::count(planned.least * n),
        number::count(planned.most * n)
    )
}
