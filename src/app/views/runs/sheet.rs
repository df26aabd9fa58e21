//! The sheet of a new run: what on what, with which models, within which limits.

mod estimate;

use std::collections::BTreeMap;

use egui::{Align, Checkbox, DragValue, Id, Key, Label, Layout, Modal, ScrollArea, Ui};

use super::pens::{judge, kin, pens};
use super::rules::{self, Rules, named, per_minute};
use crate::app::command::{GoCommand, RunsCommand};
use crate::app::outbox::Outbox;
use crate::app::state::runs::{LEAST_PILOT, NewRun, PilotFacts, PilotState, RunSettings};
use crate::app::state::{AppState, ProjectState};
use crate::app::theme::{self, size, space, text};
use crate::app::update::runs::draft::{
    needs_constitution, needs_rubric, recipe_names, recipe_of, startable,
};
use crate::app::views::chrome::host;
use crate::app::widgets::meter::progress;
use crate::app::widgets::number::{count, counted, money};
use crate::app::widgets::{Button, NoticeKind, aligned_choice, aligned_label, notice, stepper};
use crate::domain::{ModelEntry, ModelKind, ModelRole, Recipe};
use crate::engine::roles::{judges, makes_chains, makes_pairs, roles_for};
use crate::methods::METHODS;

/// Where controls begin, in points.
pub(super) const LABEL: f32 = 78.0;
/// The least width of a second label in a line, in points.
pub(super) const SECOND: f32 = 50.0;
/// Requests at once that may be chosen.
const AT_ONCE: std::ops::RangeInclusive<u32> = 1..=256;
/// Points that title, buttons and margins of the sheet take (by eye).
const AROUND: f32 = 176.0;
/// Points of the estimate before it was drawn, and of the choices at least.
const LEAST_BELOW: f32 = 150.0;
const LEAST_ROOM: f32 = 120.0;
/// Below this height of the window, in points, a pilot shows fewer rows.
const LOW: f32 = 800.0;

/// Draws the sheet over everything.
pub(super) fn show(ctx: &egui::Context, state: &AppState, outbox: &Outbox) {
    let (Some(draft), Some(project)) = (&state.runs.draft, &state.project) else { return };
    let screen = ctx.content_rect().size();
    // Before anything is drawn: a field gives its focus up with the Enter that ends it.
    let is_free = ctx.memory(|memory| memory.focused().is_none()) && !egui::Popup::is_any_open(ctx);
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(16);
    let modal = Modal::new(Id::unique("new run")).frame(frame).show(ctx, |ui| {
        ui.set_width(780.0_f32.min(screen.x - 80.0));
        ui.spacing_mut().item_spacing.y = space::S;
        ui.label(text::title("New run"));
        // What it takes is always in view: where the window is low, the choices scroll.
        let below = Id::unique("new run, below the choices");
        let height = ui.data(|data| data.get_temp::<f32>(below)).unwrap_or(LEAST_BELOW);
        let room = (screen.y - AROUND - height).max(LEAST_ROOM);
        ScrollArea::vertical().auto_shrink([false, true]).max_height(room).show(ui, |ui| {
            let mut settings = draft.settings.clone();
            choices(ui, state, project, &mut settings);
            if settings != draft.settings {
                outbox.send(RunsCommand::Choose(Box::new(settings)));
            }
        });
        let shown = ui.scope(|ui| {
            estimate::show(ui, state, project, draft);
            pilot(ui, state, draft, screen.y);
        });
        let height = shown.response.rect.height();
        if ui.data_mut(|data| data.get_temp::<f32>(below)) != Some(height) {
            ui.data_mut(|data| data.insert_temp(below, height));
            ui.ctx().request_repaint();
        }
        ui.separator();
        let (enter, with_command) = keys(ui, is_free);
        buttons(ui, state, draft, (enter, with_command), outbox);
    });
    if modal.should_close() {
        outbox.send(GoCommand::CloseSheet);
    }
}

fn choices(ui: &mut Ui, state: &AppState, project: &ProjectState, settings: &mut RunSettings) {
    let documents = &project.documents;
    let recipes = recipe_names(project);
    let recipe = recipe_of(project, settings);
    let method = recipe.as_ref().map(|recipe| recipe.method);
    let shown: Vec<String> = recipes.iter().map(|name| recipe_title(project, name)).collect();
    pick(ui, "Recipe", &recipes, &shown, &mut settings.recipe, (LABEL, 420.0));
    if let Some(info) = METHODS.iter().find(|info| Some(info.method) == method) {
        ui.scope(|ui| {
            ui.spacing_mut().interact_size.y = size::LINE;
            ui.horizontal(|ui| {
                ui.add_space(LABEL + space::S);
                let frozen =
                    "Documents are frozen when it begins: later edits change nothing in it";
                ui.add(Label::new(text::weak_label(info.line)).wrap()).on_hover_text(frozen);
            });
        });
    }
    ui.horizontal_wrapped(|ui| {
        let stems: Vec<String> = documents.prompt_sets.keys().cloned().collect();
        let shown: Vec<String> = documents
            .prompt_sets
            .iter()
            .map(|(stem, set)| format!("{stem} ({})", count(set.prompts.len() as u64)))
            .collect();
        pick(ui, "Prompts", &stems, &shown, &mut settings.prompts, (LABEL, 260.0));
        let all = documents.prompt_sets.get(&settings.prompts).map_or(0, |set| set.prompts.len());
        let mut is_limited = settings.limit > 0;
        if ui.add(Checkbox::new(&mut is_limited, "Only the first")).changed() {
            settings.limit = if is_limited { (all as u32).clamp(1, 50) } else { 0 };
        }
        if settings.limit > 0 {
            let most = (all as u32).max(1);
            let field = DragValue::new(&mut settings.limit).range(1..=most).speed(0.5);
            let response = ui.add(field);
            response.widget_info(|| named("Only the first so many prompts"));
        }
    });
    ui.horizontal_wrapped(|ui| {
        if method.is_some_and(needs_constitution) {
            let (stems, shown) = named_stems(&documents.constitutions, |one| &one.name);
            pick(ui, "Constitution", &stems, &shown, &mut settings.constitution, (LABEL, 230.0));
        }
        let rubric_label = if method.is_some_and(needs_constitution) { SECOND } else { LABEL };
        if method.is_some_and(needs_rubric) {
            let (stems, shown) = named_stems(&documents.rubrics, |one| &one.name);
            pick(ui, "Rubric", &stems, &shown, &mut settings.rubric, (rubric_label, 230.0));
        }
    });
    models(ui, state, project, recipe.as_ref(), settings);
    draws(ui, recipe.as_ref(), settings);
    speed(ui, settings);
    limits(ui, settings);
}

/// Who does what, with price and place.
fn models(
    ui: &mut Ui,
    state: &AppState,
    project: &ProjectState,
    recipe: Option<&Recipe>,
    settings: &mut RunSettings,
) {
    let setup = &project.documents.setup;
    let entries = setup.all_models();
    let all: Vec<String> = entries.iter().map(|model| model.name.clone()).collect();
    let shown: Vec<String> = all
        .iter()
        .map(|name| match name.as_str() {
            // Everywhere in words it is called so; its name in files is another.
            ModelEntry::EMBEDDED => "Starter model".to_owned(),
            name => name.to_owned(),
        })
        .collect();
    let roles = recipe.map(roles_for).unwrap_or_default();
    for role in roles.iter().filter(|role| **role != ModelRole::Judge) {
        let usual = setup.model_of(*role).to_owned();
        let mut chosen = settings.models.get(role).unwrap_or(&usual).clone();
        let label = crate::app::widgets::notice::capitalised(&role.to_string());
        ui.horizontal(|ui| {
            pick(ui, &label, &all, &shown, &mut chosen, (LABEL, 230.0));
            if let Some(model) = entries.iter().find(|model| model.name == chosen) {
                ui.add(Label::new(text::weak_label(price_and_place(model))).truncate());
            }
        });
        if chosen == usual {
            settings.models.remove(role);
        } else {
            settings.models.insert(*role, chosen);
        }
    }
    let Some(recipe) = recipe else { return };
    if makes_pairs(recipe.method) {
        pens(ui, recipe, settings, (&all, &shown));
    }
    if judges(recipe.method) {
        judge(ui, state, recipe, settings, (&all, &shown));
    }
    if let Some(warning) = kin(state, project, settings, recipe) {
        notice(ui, NoticeKind::Warning, "", &warning, |_| {});
    }
}

/// What a model costs and where it is.
pub(super) fn price_and_place(model: &ModelEntry) -> String {
    if model.kind == ModelKind::Embedded {
        return "this computer, free".to_owned();
    }
    let price = match (model.price_in, model.price_out) {
        (None, None) => "no price".to_owned(),
        (read, written) => format!(
            "{} in, {} out per M tokens",
            money(read.unwrap_or_default()),
            money(written.unwrap_or_default())
        ),
    };
    format!("{}, {price}", host(model))
}

/// What the draws depend on.
fn draws(ui: &mut Ui, recipe: Option<&Recipe>, settings: &mut RunSettings) {
    let method = recipe.map(|recipe| recipe.method);
    // A judge of its own says itself how many principles a pair is judged by.
    let is_model_alone = recipe.is_some_and(|recipe| recipe.judge.is_empty());
    ui.horizontal_wrapped(|ui| {
        let label = aligned_label(ui, "Seed", LABEL);
        ui.add(DragValue::new(&mut settings.seed).speed(0.2))
            .labelled_by(label.id)
            .on_hover_text("The same seed draws the same principles and words again");
        if method.is_some_and(makes_chains)
            && let Some(rounds) = stepper(ui, "Revisions", settings.rounds, 1..=6)
        {
            settings.rounds = rounds;
        }
        if method.is_some_and(makes_pairs)
            && is_model_alone
            && let Some(principles) =
                stepper(ui, "Principles per pair", settings.principles_per_pair, 1..=8)
        {
            settings.principles_per_pair = principles;
        }
    });
}

/// How fast it goes, and how often a failed call is tried again.
fn speed(ui: &mut Ui, settings: &mut RunSettings) {
    ui.horizontal_wrapped(|ui| {
        aligned_label(ui, "Speed", LABEL);
        let label = ui.label(text::weak_label("Requests at once"));
        ui.add(DragValue::new(&mut settings.at_once).range(AT_ONCE).speed(0.2))
            .labelled_by(label.id)
            .on_hover_text("Each model has a limit of its own besides, under Settings");
        ui.add_space(space::S);
        per_minute(ui, &mut settings.per_minute);
        ui.add_space(space::S);
        let label = ui.label(text::weak_label("Retries"));
        ui.add(DragValue::new(&mut settings.retries).range(0..=20).speed(0.1))
            .labelled_by(label.id)
            .on_hover_text(
                "How often a failed call is tried again. Being told to slow down does not count",
            );
    });
}

fn limits(ui: &mut Ui, settings: &mut RunSettings) {
    ui.horizontal_top(|ui| {
        let place = egui::vec2(LABEL, size::CONTROL);
        ui.allocate_ui_with_layout(place, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_size(place);
            ui.label(text::weak_label("Limits"));
        });
        let chosen = Rules {
            cap: &mut settings.cap,
            cap_per_day: &mut settings.cap_per_day,
            failures: &mut settings.failures,
            refusals: &mut settings.refusals,
        };
        rules::show(ui, "limits of a new run", chosen);
    });
}

/// The model that plays a role in what is chosen.
pub(super) fn entry(
    project: &ProjectState,
    settings: &RunSettings,
    role: ModelRole,
) -> Option<ModelEntry> {
    let setup = &project.documents.setup;
    let name = settings.models.get(&role).map_or_else(|| setup.model_of(role), String::as_str);
    setup.all_models().into_iter().find(|model| model.name == name)
}

/// How the pilot goes, or what it found.
fn pilot(ui: &mut Ui, state: &AppState, draft: &NewRun, height: f32) {
    let Some(pilot) = &draft.pilot else { return };
    let most = if height < LOW { 1 } else { 4 };
    match &pilot.state {
        PilotState::Running => {
            let active = state.runs.active.as_ref().filter(|on| on.number == pilot.number);
            match active {
                Some(active) if active.progress.rows_total > 0 => {
                    let sums = &active.progress;
                    let words = format!("Pilot: {} of {} rows", sums.rows_done, sums.rows_total);
                    let part = sums.rows_done as f32 / sums.rows_total as f32;
                    progress(ui, "Pilot", Some(part), &words);
                    samples(ui, active.sample.iter().take(most));
                }
                Some(_) => {
                    progress(ui, "Pilot", None, "Pilot: preparing");
                }
                None => {
                    ui.label(text::weak_label("The pilot waits until the run before it is over"));
                }
            }
        }
        PilotState::Failed(failure) => {
            let title = format!("The pilot did not end: {}", failure.message);
            notice(ui, NoticeKind::Failure, &title, &failure.hint, |_| {});
        }
        PilotState::Done(facts) => {
            let is_stale = draft.facts().is_none();
            let (kind, title) = found(facts);
            let words = if is_stale {
                "Something else is chosen now: run another pilot to see what that gives.".to_owned()
            } else {
                format!(
                    "{} made, kept as {}. All of them run again from the journal for nothing.",
                    counted(facts.rows, "row", "rows"),
                    facts.run
                )
            };
            notice(ui, kind, &title, &words, |_| {});
            samples(ui, facts.sample.iter().take(most));
        }
    }
}

/// What a pilot found, in a line.
fn found(facts: &PilotFacts) -> (NoticeKind, String) {
    let mut parts = Vec::new();
    if facts.failed > 0 {
        parts.push(format!("{} failed", counted(facts.failed, "row", "rows")));
    }
    if facts.unparsed > 0 {
        parts.push(format!("{} unparsed", counted(facts.unparsed, "verdict", "verdicts")));
    }
    if facts.cut_off > 0 {
        let rows = counted(facts.cut_off, "answer", "answers");
        parts.push(format!("{rows} cut off at the longest length"));
    }
    match parts.is_empty() {
        true => (NoticeKind::Done, "The pilot is done: nothing failed, all was read".to_owned()),
        false => (NoticeKind::Warning, format!("The pilot is done: {}", parts.join(", "))),
    }
}

fn samples<'a>(ui: &mut Ui, rows: impl Iterator<Item = &'a crate::app::state::runs::SampleRow>) {
    let t = theme::tokens(ui);
    for row in rows {
        let colour = if row.is_failed { t.worse } else { t.weak };
        let words = format!("{} → {}  {}", row.prompt, row.answer, row.note);
        ui.add(Label::new(text::label(words).color(colour)).truncate());
    }
}

fn buttons(
    ui: &mut Ui,
    state: &AppState,
    draft: &NewRun,
    (enter, with_command): (bool, bool),
    outbox: &Outbox,
) {
    let why_not = startable(state).err();
    let documents = state.documents();
    let set = documents.and_then(|all| all.prompt_sets.get(&draft.settings.prompts));
    let rows = draft.settings.rows(set.map_or(0, |set| set.prompts.len()));
    let is_piloted = draft.facts().is_some();
    let is_running = draft.pilot.as_ref().is_some_and(|one| one.state == PilotState::Running);
    let few = (rows <= u64::from(LEAST_PILOT)).then_some("There are no more rows than a pilot has");
    let on = is_running.then_some("The pilot is under way");
    let no_pilot = why_not.or(on).or(few);
    ui.horizontal_wrapped(|ui| {
        let words = format!("Pilot {LEAST_PILOT} first");
        let is_main = !is_piloted && no_pilot.is_none();
        let pilot = if is_main { Button::primary(&words) } else { Button::secondary(&words) };
        let pilot = pilot.shortcut("Enter").disabled_because(no_pilot);
        let pilot_clicked = pilot.show(ui).clicked();
        let words = format!("Run all {}", count(rows));
        let all = if is_main { Button::secondary(&words) } else { Button::primary(&words) };
        let all = all.shortcut("Ctrl+Enter").disabled_because(why_not);
        let all_clicked = all.show(ui).clicked();
        if Button::quiet("Cancel").show(ui).clicked() {
            outbox.send(GoCommand::CloseSheet);
        }
        if all_clicked || (with_command && why_not.is_none()) {
            outbox.send(RunsCommand::Start);
        } else if pilot_clicked || (enter && no_pilot.is_none()) {
            outbox.send(RunsCommand::Pilot);
        }
    });
    let note = match (why_not, state.runs.active.is_some()) {
        (Some(why), _) => why.to_owned(),
        (None, true) if !is_running => {
            "Another run is on: this one waits until that is over".to_owned()
        }
        _ => String::new(),
    };
    if !note.is_empty() {
        ui.label(text::weak_label(note));
    }
}

/// Whether Enter and Ctrl+Enter were pressed; Enter on a control that has the focus is its own.
fn keys(ui: &Ui, is_free: bool) -> (bool, bool) {
    ui.input_mut(|input| {
        let with_command = input.consume_key(egui::Modifiers::COMMAND, Key::Enter);
        let enter = is_free && input.consume_key(egui::Modifiers::NONE, Key::Enter);
        (enter, with_command)
    })
}

/// What people call a recipe: the project's own by name, the built-in ones by what they make.
fn recipe_title(project: &ProjectState, name: &str) -> String {
    let own = project.recipes.get(name);
    let method = own.map(|recipe| recipe.method).or_else(|| name.parse().ok());
    let info = METHODS.iter().find(|info| Some(info.method) == method);
    match (own, info) {
        (Some(_), Some(info)) => format!("{name} ({})", info.title.to_lowercase()),
        (None, Some(info)) => format!("{} ({name})", info.title),
        (_, None) => name.to_owned(),
    }
}

fn named_stems<T>(
    all: &BTreeMap<String, T>,
    name: impl Fn(&T) -> &String,
) -> (Vec<String>, Vec<String>) {
    all.iter()
        .map(|(stem, value)| {
            let name = name(value);
            let shown = if name.trim().is_empty() { stem } else { name };
            (stem.clone(), shown.clone())
        })
        .unzip()
}

/// A drop-down over names, of which the one with that value is chosen.
pub(super) fn pick(
    ui: &mut Ui,
    label: &str,
    values: &[String],
    shown: &[String],
    value: &mut String,
    (label_width, width): (f32, f32),
) {
    let chosen = values.iter().position(|one| one == value);
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    if let Some(place) = aligned_choice(ui, label, label_width, chosen, &shown, width) {
        value.clone_from(&values[place]);
    }
}
