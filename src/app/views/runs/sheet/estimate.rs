//! What a new run takes: rows, calls, money, time, and who gets to see the prompts.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Label, Ui};

use super::super::pens::asked;
use super::entry;
use crate::app::state::runs::{Estimate, Forecast, NewRun, RunSettings};
use crate::app::state::{AppState, OwnJudge, ProjectState};
use crate::app::theme::{space, text};
use crate::app::update::runs::draft::recipe_of;
use crate::app::views::chrome::host;
use crate::app::widgets::card;
use crate::app::widgets::number::{count, counted, money, small_money};
use crate::domain::{ModelEntry, ModelKind, ModelRole, Recipe};
use crate::engine::Range;
use crate::engine::estimate::{LabelCounts, people_cost, rough};
use crate::methods::{CallsPlanned, calls_planned_by};

/// What it takes: rows, calls, money, and who gets to see the prompts.
pub(super) fn show(ui: &mut Ui, state: &AppState, project: &ProjectState, draft: &NewRun) {
    let settings = &draft.settings;
    let Some(recipe) = recipe_of(project, settings) else { return };
    let documents = &project.documents;
    let prompts = documents.prompt_sets.get(&settings.prompts).map_or(0, |set| set.prompts.len());
    let rows = settings.rows(prompts);
    let sheet = Sheet { state, project, settings, recipe: &recipe };
    if sheet.is_judge_unknown() {
        // Whom it would ask is not known, so neither is what that costs or where it goes.
        card(ui, |ui| {
            ui.label(text::heading("Estimate"));
            ui.label("What it takes is known once its judge can be asked");
        });
        return;
    }
    card(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::XS;
        // One line: in a low window every one counts.
        ui.horizontal_wrapped(|ui| {
            ui.label(text::heading("Estimate"));
            ui.label(calls(&sheet, draft, rows));
        });
        if let Some(words) = paid_already(draft) {
            ui.add(Label::new(words).wrap());
        }
        // What is all there costs nothing, whatever it would cost without the journal.
        let is_all_there = matches!(
            draft.counted(),
            Some(Ok(counted)) if counted.found > 0 && counted.rows_whole == counted.rows
        );
        if !is_all_there {
            let mut parts = vec![money_and_time(&sheet, draft, rows)];
            parts.extend(draft.forecast.as_ref().and_then(a_kept_row));
            ui.add(Label::new(parts.join(" · ")).wrap());
        }
        ui.label(text::weak_label(by_people(project, &recipe, rows)))
            .on_hover_text("At the rates under Settings > Models");
        ui.add(Label::new(where_it_goes(&sheet)).wrap());
    });
}

/// What is chosen, of which project.
struct Sheet<'a> {
    state: &'a AppState,
    project: &'a ProjectState,
    settings: &'a RunSettings,
    recipe: &'a Recipe,
}

impl Sheet<'_> {
    /// Who is asked, as what.
    fn asked(&self) -> Vec<(String, ModelEntry)> {
        asked(self.state, self.project, self.settings, self.recipe)
    }

    /// Whether it has a judge of its own whose models are not all known.
    fn is_judge_unknown(&self) -> bool {
        let judge = OwnJudge::of(self.state, &self.recipe.judge, self.recipe.method);
        !self.recipe.judge.is_empty() && judge.is_none_or(|judge| !judge.unknown.is_empty())
    }

    /// How many calls a row takes.
    fn planned(&self) -> CallsPlanned {
        let documents = &self.project.documents;
        let constitution = documents.constitutions.get(&self.recipe.constitution).map(|c| &**c);
        let rubric = documents.rubrics.get(&self.recipe.rubric).map(|r| &**r);
        let mut recipe = self.recipe.clone();
        let judge = OwnJudge::of(self.state, &recipe.judge, recipe.method);
        if let Some(judge) = &judge {
            recipe.canaries = judge.setup.canaries;
        } else if entry(self.project, self.settings, ModelRole::Judge)
            .is_some_and(|model| model.kind == ModelKind::Embedded)
        {
            // It is never asked for a reason.
            recipe.reason_first = false;
        }
        let calls = judge.as_ref().map(OwnJudge::calls);
        calls_planned_by(&recipe, calls, constitution, rubric)
    }
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
    let is_all = counted.rows_whole == counted.rows;
    // The pilot says better what the others take.
    if counted.found == 0 || (draft.forecast.is_some() && !is_all) {
        return None;
    }
    let found = counted_calls(counted.found, counted.found);
    if is_all {
        return Some(format!("All of it is in the journal ({found}): it costs nothing"));
    }
    Some(format!(
        "{found} of it are in the journal and cost nothing; {} are new",
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

/// How many calls: by the pilot where there is one, else by the recipe.
fn calls(sheet: &Sheet<'_>, draft: &NewRun, rows: u64) -> String {
    let words = counted(rows, "row", "rows");
    if let Some(forecast) = &draft.forecast {
        let to_come = match forecast.rows {
            all if all == rows => words,
            0 => return format!("{words}, all there already"),
            some => format!("{words}, {} still to make", count(some)),
        };
        let whole = |calls: f64| calls.round() as u64;
        let calls = counted_calls(whole(forecast.calls.low), whole(forecast.calls.high));
        return format!("{to_come}: {calls} by the pilot");
    }
    let planned = sheet.planned();
    format!("{words}, {}", counted_calls(planned.least * rows, planned.most * rows))
}

/// What it costs and how long it takes.
fn money_and_time(sheet: &Sheet<'_>, draft: &NewRun, rows: u64) -> String {
    let entries: Vec<_> = sheet.asked().into_iter().map(|(_, model)| model).collect();
    let is_free = entries.iter().all(|model| model.kind == ModelKind::Embedded);
    let unknown: BTreeSet<&str> = entries
        .iter()
        .filter(|model| !model.is_priced())
        .map(|model| model.name.as_str())
        .collect();
    let cost = if is_free {
        "Costs nothing: the model runs inside the program".to_owned()
    } else if !unknown.is_empty() {
        let names: Vec<&str> = unknown.into_iter().collect();
        format!("Cost unknown: {} has no price. Set it under Settings", names.join(" and "))
    } else if let Some(forecast) = &draft.forecast {
        if forecast.cost.high > 0.0 { dollars(forecast.cost) } else { money(0.0) }
    } else {
        let most = at_most(sheet, rows, &entries);
        most.map_or_else(
            || "Cost: a pilot says".to_owned(),
            |most| format!("At most {}, likely far less: a pilot says", money(most)),
        )
    };
    let Some(forecast) = draft.forecast.as_ref().filter(|forecast| forecast.rows > 0) else {
        return cost;
    };
    let mut words = cost;
    if let Some(seconds) = forecast.seconds {
        let (least_secs, most_secs) = (seconds.low, seconds.high);
        let time = Estimate { rows_per_second: 0.0, least_secs, most_secs };
        words = format!("{words} · {}", time.in_words());
    }
    format!("{words} (8 times in 10)")
}

/// What a row costs that is kept, where that can be said.
fn a_kept_row(forecast: &Forecast) -> Option<String> {
    let kept = forecast.cost_per_kept.filter(|range| range.high > 0.0)?;
    let percent = (forecast.kept * 100.0).round();
    Some(format!("{} a kept row, {percent} % of the pilot’s being kept", dollars(kept)))
}

/// A range in US dollars, one number where both ends read the same.
fn dollars(range: Range) -> String {
    let (low, high) = (small_money(range.low), small_money(range.high));
    if low == high { format!("~{high}") } else { format!("{low}–{high}") }
}

/// US dollars that it costs at most, from the prompts' lengths and the prices alone.
fn at_most(sheet: &Sheet<'_>, rows: u64, entries: &[ModelEntry]) -> Option<f64> {
    let sets = &sheet.project.documents.prompt_sets;
    let prompts = &sets.get(&sheet.settings.prompts)?.prompts;
    let prompts = prompts.get(..usize::try_from(rows).ok()?)?;
    let models: Vec<&ModelEntry> = entries.iter().collect();
    rough(prompts, sheet.recipe, sheet.planned(), &models).cost.map(|(_, most)| most)
}

/// What people would be paid for the same labels.
fn by_people(project: &ProjectState, recipe: &Recipe, rows: u64) -> String {
    let rates = project.documents.setup.spending.people;
    let (low, high) = people_cost(LabelCounts::planned(recipe, rows), rates);
    if low.to_bits() == high.to_bits() {
        format!("The same labels by people: {}", whole(high))
    } else {
        format!("The same labels by people: {}–{}", whole(low), whole(high))
    }
}

/// A rough sum without cents.
fn whole(dollars: f64) -> String {
    format!("${}", count(dollars.round() as u64))
}

/// Who gets to see the prompts, by host.
fn where_it_goes(sheet: &Sheet<'_>) -> String {
    let mut hosts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (role, model) in sheet.asked() {
        let place = match model.kind {
            ModelKind::Embedded => "this computer".to_owned(),
            ModelKind::OpenAi | ModelKind::Anthropic => host(&model),
        };
        let roles = hosts.entry(place).or_default();
        // Several judges at one place are told of once.
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let places: Vec<String> =
        hosts.into_iter().map(|(place, roles)| format!("{place} ({})", roles.join(", "))).collect();
    if places.len() == 1 && places[0].starts_with("this computer") {
        return "Nothing leaves this computer".to_owned();
    }
    format!("Prompts and answers go to {}", places.join(" and "))
}
