//! What a new run takes: rows, calls, money, time, and who gets to see the prompts.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Label, Ui};

use super::super::list::money;
use super::super::pens::asked;
use super::entry;
use crate::app::state::ProjectState;
use crate::app::state::runs::{Estimate, LEAST_PILOT, NewRun, PilotFacts, RunSettings};
use crate::app::theme::text;
use crate::app::update::runs::draft::recipe_of;
use crate::app::views::chrome::host;
use crate::app::widgets::card;
use crate::app::widgets::number::{count, counted};
use crate::domain::{ModelEntry, ModelKind, ModelRole, Recipe};
use crate::engine::estimate::{LabelCounts, people_cost, rough};
use crate::methods::calls_planned;

/// What it takes: rows, calls, money, and who gets to see the prompts.
pub(super) fn show(ui: &mut Ui, project: &ProjectState, draft: &NewRun) {
    let settings = &draft.settings;
    let Some(recipe) = recipe_of(project, settings) else { return };
    let documents = &project.documents;
    let prompts = documents.prompt_sets.get(&settings.prompts).map_or(0, |set| set.prompts.len());
    let rows = settings.rows(prompts);
    let facts = draft.facts();
    card(ui, |ui| {
        ui.label(text::heading("Estimate"));
        ui.label(calls(project, settings, &recipe, rows, facts));
        if let Some(words) = paid_already(draft) {
            ui.add(Label::new(words).wrap());
        }
        let mut parts = vec![cost(project, settings, &recipe, rows, facts)];
        parts.extend(time(settings, facts, rows_left(draft, rows)));
        ui.add(Label::new(parts.join(" · ")).wrap());
        ui.label(text::weak_label(by_people(project, &recipe, rows)))
            .on_hover_text("At the rates under Settings > Models");
        ui.add(Label::new(where_it_goes(project, settings, &recipe)).wrap());
    });
}

/// How much of it the journal answers, in words: that part costs nothing.
fn paid_already(draft: &NewRun) -> Option<String> {
    if draft.is_counting() {
        return Some("Looking how much of it the journal has…".to_owned());
    }
    let counted = match draft.counted()? {
        Ok(counted) => counted,
        Err(failure) => return Some(format!("Not counted: {}", failure.message)),
    };
    if counted.found == 0 {
        return None;
    }
    let found = counted_calls(counted.found, counted.found);
    if counted.rows_whole == counted.rows {
        return Some(format!("All of it is in the journal ({found}): it costs nothing"));
    }
    Some(format!(
        "{found} of it are in the journal and cost nothing; {} new",
        counted_calls(counted.new_least, counted.new_most)
    ))
}

fn counted_calls(least: u64, most: u64) -> String {
    if least == most {
        counted(most, "call", "calls")
    } else {
        format!("{}–{} calls", count(least), count(most))
    }
}

/// Rows that are not wholly in the journal, as far as that was counted.
fn rows_left(draft: &NewRun, rows: u64) -> u64 {
    match draft.counted() {
        Some(Ok(counted)) => rows.saturating_sub(counted.rows_whole),
        Some(Err(_)) | None => rows,
    }
}

/// How long it takes, from how fast the pilot went: at its pace row by row up to as much faster
/// as more requests at once may make it.
fn time(settings: &RunSettings, facts: Option<&PilotFacts>, rows: u64) -> Option<String> {
    let facts = facts?;
    let each = facts.rows_per_second.filter(|pace| *pace > 0.0)?;
    let rows = rows as f64;
    let pilot = f64::from(settings.at_once.min(LEAST_PILOT));
    let mut least = rows / (each * f64::from(settings.at_once.max(1)));
    let mut most = rows / (each * pilot.max(1.0)) * 1.2;
    if let Some(per_minute) = settings.per_minute {
        let bound = rows * facts.calls_per_row * 60.0 / f64::from(per_minute);
        (least, most) = (least.max(bound), most.max(bound));
    }
    let range = Estimate { rows_per_second: each, least_secs: least, most_secs: most };
    (rows > 0.0).then(|| range.in_words())
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
    if let Some(facts) = facts {
        let (low, high) = facts.cost_per_row;
        let (low, high) = (money(low * rows as f64), money(high * rows as f64));
        if low == high { format!("~{high}") } else { format!("~{low}–{high}") }
    } else {
        let most = at_most(project, settings, recipe, rows, &entries);
        most.map_or_else(
            || "Cost: a pilot says".to_owned(),
            |most| format!("At most {}, likely far less: a pilot says", money(most)),
        )
    }
}

/// US dollars that it costs at most, from the prompts' lengths and the prices alone.
fn at_most(
    project: &ProjectState,
    settings: &RunSettings,
    recipe: &Recipe,
    rows: u64,
    entries: &[ModelEntry],
) -> Option<f64> {
    let documents = &project.documents;
    let prompts = &documents.prompt_sets.get(&settings.prompts)?.prompts;
    let prompts = prompts.get(..usize::try_from(rows).ok()?)?;
    let constitution = documents.constitutions.get(&recipe.constitution);
    let rubric = documents.rubrics.get(&recipe.rubric);
    let planned = calls_planned(recipe, constitution.map(|c| &**c), rubric.map(|r| &**r));
    let models: Vec<&ModelEntry> = entries.iter().collect();
    rough(prompts, recipe, planned, &models).cost.map(|(_, most)| most)
}

/// What people would be paid for the same labels.
fn by_people(project: &ProjectState, recipe: &Recipe, rows: u64) -> String {
    let rates = project.documents.setup.spending.people;
    let (low, high) = people_cost(LabelCounts::planned(recipe, rows), rates);
    if low.to_bits() == high.to_bits() {
        format!("The same labels by people: {}", money(high))
    } else {
        format!("The same labels by people: {}–{}", money(low), money(high))
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

fn model_kind(
    project: &ProjectState,
    settings: &RunSettings,
    role: ModelRole,
) -> Option<ModelKind> {
    entry(project, settings, role).map(|model| model.kind)
}
