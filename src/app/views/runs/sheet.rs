//! The sheet of a new run: what on what, with which models, within which limits.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Checkbox, DragValue, Id, Key, Label, Modal, ScrollArea, Ui};

use super::list::money;
use super::pens::{asked, kin, pens};
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
use crate::app::widgets::number::{count, counted};
use crate::app::widgets::{
    Button, NoticeKind, aligned_choice, aligned_label, card, notice, stepper,
};
use crate::domain::{Method, ModelEntry, ModelKind, ModelRole, Recipe};
use crate::engine::roles::{makes_chains, makes_pairs, roles_for};
use crate::methods::{METHODS, calls_planned};

/// Where controls begin, in points.
pub(super) const LABEL: f32 = 78.0;
/// The least width of a second label in a line, in points.
pub(super) const SECOND: f32 = 50.0;

/// Draws the sheet over everything.
pub(super) fn show(ctx: &egui::Context, state: &AppState, outbox: &Outbox) {
    let (Some(draft), Some(project)) = (&state.runs.draft, &state.project) else { return };
    let screen = ctx.content_rect().size();
    // Before anything is drawn: a field gives its focus up with the Enter that ends it.
    let is_free = ctx.memory(|memory| memory.focused().is_none()) && !egui::Popup::is_any_open(ctx);
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(16);
    let modal = Modal::new(Id::unique("new run")).frame(frame).show(ctx, |ui| {
        ui.set_width(720.0_f32.min(screen.x - 80.0));
        ui.spacing_mut().item_spacing.y = space::S;
        ui.label(text::title("New run"));
        let room = screen.y - 190.0;
        ScrollArea::vertical().auto_shrink([false, true]).max_height(room).show(ui, |ui| {
            let mut settings = draft.settings.clone();
            choices(ui, project, &mut settings);
            if settings != draft.settings {
                outbox.send(RunsCommand::Choose(Box::new(settings)));
            }
            ui.add_space(space::S);
            estimate(ui, project, draft);
            pilot(ui, state, draft);
        });
        ui.separator();
        let (enter, with_command) = keys(ui, is_free);
        buttons(ui, state, draft, (enter, with_command), outbox);
    });
    if modal.should_close() {
        outbox.send(GoCommand::CloseSheet);
    }
}

fn choices(ui: &mut Ui, project: &ProjectState, settings: &mut RunSettings) {
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
                ui.add(Label::new(text::weak_label(info.line)).wrap());
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
    models(ui, project, recipe.as_ref(), settings);
    draws(ui, method, settings);
    limits(ui, settings);
}

fn models(
    ui: &mut Ui,
    project: &ProjectState,
    recipe: Option<&Recipe>,
    settings: &mut RunSettings,
) {
    let setup = &project.documents.setup;
    let all: Vec<String> = setup.all_models().into_iter().map(|model| model.name).collect();
    let shown: Vec<String> = all
        .iter()
        .map(|name| match name.as_str() {
            // Everywhere in words it is called so; its name in files is another.
            ModelEntry::EMBEDDED => "Starter model".to_owned(),
            name => name.to_owned(),
        })
        .collect();
    let roles = recipe.map(roles_for).unwrap_or_default();
    // Two beside each other.
    for pair in roles.chunks(2) {
        ui.horizontal(|ui| {
            for (place, role) in pair.iter().enumerate() {
                let usual = setup.model_of(*role).to_owned();
                let mut chosen = settings.models.get(role).unwrap_or(&usual).clone();
                let label = crate::app::widgets::notice::capitalised(&role.to_string());
                let label_width = if place == 0 { LABEL } else { SECOND };
                pick(ui, &label, &all, &shown, &mut chosen, (label_width, 230.0));
                if chosen == usual {
                    settings.models.remove(role);
                } else {
                    settings.models.insert(*role, chosen);
                }
            }
        });
    }
    if let Some(recipe) = recipe.filter(|recipe| makes_pairs(recipe.method)) {
        pens(ui, recipe, settings, (&all, &shown));
    }
}

/// What the draws depend on, and how many rows are at work.
fn draws(ui: &mut Ui, method: Option<Method>, settings: &mut RunSettings) {
    ui.horizontal_wrapped(|ui| {
        let label = aligned_label(ui, "Seed", LABEL);
        ui.add(DragValue::new(&mut settings.seed).speed(0.2))
            .labelled_by(label.id)
            .on_hover_text("The same seed draws the same principles and words again");
        let label = ui.label(text::weak_label("Rows at once"));
        ui.add(DragValue::new(&mut settings.at_once).range(1..=64).speed(0.1))
            .labelled_by(label.id)
            .on_hover_text("Each model has a limit of its own besides, under Settings");
        if method.is_some_and(makes_chains)
            && let Some(rounds) = stepper(ui, "Rounds", settings.rounds, 1..=6)
        {
            settings.rounds = rounds;
        }
    });
}

fn limits(ui: &mut Ui, settings: &mut RunSettings) {
    ui.horizontal_wrapped(|ui| {
        aligned_label(ui, "Limits", LABEL);
        let mut is_capped = settings.cap.is_some();
        if ui.add(Checkbox::new(&mut is_capped, "Spend at most")).changed() {
            settings.cap = is_capped.then_some(5.0);
        }
        if let Some(cap) = &mut settings.cap {
            let field = DragValue::new(cap).prefix("$").range(0.0..=1_000_000.0).fixed_decimals(2);
            ui.add(field.speed(0.1)).widget_info(|| named("Spend at most, US dollars"));
        }
        let mut is_strict = settings.failures.is_some();
        if ui.add(Checkbox::new(&mut is_strict, "Stop when failures pass")).changed() {
            settings.failures = is_strict.then_some(5);
        }
        if let Some(percent) = &mut settings.failures {
            let field = DragValue::new(percent).suffix(" %").range(0..=100).speed(0.2);
            ui.add(field).widget_info(|| named("Stop when failures pass, per cent"));
        }
    });
}

fn named(name: &str) -> egui::WidgetInfo {
    egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name)
}

/// What it takes: rows, calls, money, and who gets to see the prompts.
fn estimate(ui: &mut Ui, project: &ProjectState, draft: &NewRun) {
    let settings = &draft.settings;
    let Some(recipe) = recipe_of(project, settings) else { return };
    let documents = &project.documents;
    let prompts = documents.prompt_sets.get(&settings.prompts).map_or(0, |set| set.prompts.len());
    let rows = settings.rows(prompts);
    let facts = draft.facts();
    card(ui, |ui| {
        ui.label(text::heading("Estimate"));
        ui.label(calls(project, settings, &recipe, rows, facts));
        ui.label(cost(project, settings, &recipe, rows, facts));
        ui.add(Label::new(where_it_goes(project, settings, &recipe)).wrap());
        if let Some(warning) = kin(project, settings, &recipe) {
            let t = theme::tokens(ui);
            ui.add(Label::new(text::label(warning).color(t.warning)).wrap());
        }
    });
}

fn calls(
    project: &ProjectState,
    settings: &RunSettings,
    recipe: &Recipe,
    rows: u64,
    facts: Option<&PilotFacts>,
) -> String {
    let words = counted(rows, "row", "rows");
    if let Some(facts) = facts {
        let all = (facts.calls_per_row * rows as f64).round() as u64;
        return format!(
            "{words}, ~{} calls ({:.1} a row in the pilot)",
            count(all),
            facts.calls_per_row
        );
    }
    let documents = &project.documents;
    let constitution = documents.constitutions.get(&recipe.constitution);
    let rubric = documents.rubrics.get(&recipe.rubric);
    let mut asked = recipe.clone();
    if model_kind(project, settings, ModelRole::Judge) == Some(ModelKind::Embedded) {
        // It is never asked for a reason.
        asked.reason_first = false;
    }
    let planned = calls_planned(&asked, constitution.map(|c| &**c), rubric.map(|r| &**r));
    match (planned.least * rows, planned.most * rows) {
        (least, most) if least == most => format!("{words}, {} calls", count(most)),
        (least, most) => format!("{words}, {}–{} calls", count(least), count(most)),
    }
}

fn cost(
    project: &ProjectState,
    settings: &RunSettings,
    recipe: &Recipe,
    rows: u64,
    facts: Option<&PilotFacts>,
) -> String {
    let entries: Vec<_> =
        asked(project, settings, recipe).into_iter().map(|(_, model)| model).collect();
    if entries.iter().all(|model| model.kind == ModelKind::Embedded) {
        return "Costs nothing: the model runs inside the program".to_owned();
    }
    let unknown: BTreeSet<&str> = entries
        .iter()
        .filter(|model| !model.is_priced())
        .map(|model| model.name.as_str())
        .collect();
    if !unknown.is_empty() {
        let names: Vec<&str> = unknown.into_iter().collect();
        return format!(
            "Cost unknown: {} has no price. Set it under Settings",
            names.join(" and ")
        );
    }
    match facts {
        Some(facts) => {
            let (low, high) = facts.cost_per_row;
            let (low, high) = (money(low * rows as f64), money(high * rows as f64));
            if low == high { format!("~{high}") } else { format!("~{low}–{high}") }
        }
        None => "Cost: a pilot says, from the tokens that ten rows take".to_owned(),
    }
}

/// Who gets to see the prompts, by host.
fn where_it_goes(project: &ProjectState, settings: &RunSettings, recipe: &Recipe) -> String {
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (role, model) in asked(project, settings, recipe) {
        let place = match model.kind {
            ModelKind::Embedded => "this computer".to_owned(),
            ModelKind::OpenAi | ModelKind::Anthropic => host(&model),
        };
        hosts.entry(place).or_default().push(role);
    }
    let places: Vec<String> =
        hosts.into_iter().map(|(place, roles)| format!("{place} ({})", roles.join(", "))).collect();
    if places.len() == 1 && places[0].starts_with("this computer") {
        return "Nothing leaves this computer".to_owned();
    }
    format!("Prompts and answers go to {}", places.join(" and "))
}

pub(super) fn entry(
    project: &ProjectState,
    settings: &RunSettings,
    role: ModelRole,
) -> Option<ModelEntry> {
    let setup = &project.documents.setup;
    let name = settings.models.get(&role).map_or_else(|| setup.model_of(role), String::as_str);
    setup.all_models().into_iter().find(|model| model.name == name)
}

fn model_kind(
    project: &ProjectState,
    settings: &RunSettings,
    role: ModelRole,
) -> Option<ModelKind> {
    entry(project, settings, role).map(|model| model.kind)
}

/// How the pilot goes, or what it found.
fn pilot(ui: &mut Ui, state: &AppState, draft: &NewRun) {
    let Some(pilot) = &draft.pilot else { return };
    match &pilot.state {
        PilotState::Running => {
            let active = state.runs.active.as_ref().filter(|on| on.number == pilot.number);
            match active {
                Some(active) if active.progress.rows_total > 0 => {
                    let sums = &active.progress;
                    let words = format!("Pilot: {} of {} rows", sums.rows_done, sums.rows_total);
                    let part = sums.rows_done as f32 / sums.rows_total as f32;
                    progress(ui, "Pilot", Some(part), &words);
                    samples(ui, active.sample.iter());
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
            samples(ui, facts.sample.iter());
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
    for row in rows.take(4) {
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

/// What people call a recipe: the project's own by name, the built-in ones by what they are for.
fn recipe_title(project: &ProjectState, name: &str) -> String {
    let own = project.recipes.get(name);
    let method = own.map(|recipe| recipe.method).or_else(|| name.parse().ok());
    let purpose = match method {
        Some(Method::Critique) => "revisions for SFT",
        Some(Method::Preference) => "preference pairs",
        Some(Method::ChainPreference) => "revisions for SFT with preference pairs",
        Some(Method::Score) => "rubric scores",
        Some(Method::ChainScore) => "revisions with rubric scores",
        None => return name.to_owned(),
    };
    match own {
        Some(_) => format!("{name} ({purpose})"),
        None => format!("{} ({name})", crate::app::widgets::notice::capitalised(purpose)),
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
