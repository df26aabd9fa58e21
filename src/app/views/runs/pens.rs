//! Who is asked in a new run: the roles' models, and those that write a pair's answers.

use egui::{Label, Ui};

use super::sheet::{LABEL, SECOND, entry, pick, price_and_place};
use crate::app::state::runs::RunSettings;
use crate::app::state::{AppState, OwnJudge, ProjectState};
use crate::app::theme::text;
use crate::domain::{ModelEntry, ModelRole, Recipe};
use crate::engine::compare::warning_of;
use crate::engine::roles::{makes_pairs, roles_for};
use crate::providers::spec;

/// Who writes the pairs' two answers, where the method makes pairs.
pub(super) fn pens(
    ui: &mut Ui,
    recipe: &Recipe,
    settings: &mut RunSettings,
    (all, shown): (&[String], &[String]),
) {
    /// Stands for no model of its own.
    const WRITER: &str = "";
    let mut values = vec![WRITER.to_owned()];
    values.extend(all.iter().cloned());
    let mut words = vec!["The writer".to_owned()];
    words.extend(shown.iter().cloned());
    // What a recipe's file names may be a specification.
    for name in &recipe.candidates {
        if !values.contains(name) {
            values.push(name.clone());
            words.push(name.clone());
        }
    }
    let usual: [String; 2] = settings.candidates.clone().unwrap_or_else(|| {
        let of_recipe = |place: usize| recipe.candidates.get(place).cloned().unwrap_or_default();
        [of_recipe(0), of_recipe(1)]
    });
    let mut chosen = usual.clone();
    ui.horizontal(|ui| {
        let [a, b] = &mut chosen;
        pick(ui, "Answer A", &values, &words, a, (LABEL, 230.0));
        pick(ui, "Answer B", &values, &words, b, (SECOND, 230.0));
    });
    if chosen != usual {
        settings.candidates = Some(chosen);
    }
}

/// Who judges: a model, or one of the project's judges.
pub(super) fn judge(
    ui: &mut Ui,
    state: &AppState,
    recipe: &Recipe,
    settings: &mut RunSettings,
    (all, shown): (&[String], &[String]),
) {
    /// Stands before a judge's stem, which may be a model's name, too.
    const JUDGE: &str = "judges/";
    let Some(project) = &state.project else { return };
    let usual = project.documents.setup.model_of(ModelRole::Judge).to_owned();
    let own = OwnJudge::of(state, &recipe.judge, recipe.method);
    let mut values = all.to_vec();
    let mut words = shown.to_vec();
    for (stem, setup) in &project.documents.judges {
        values.push(format!("{JUDGE}{stem}"));
        words.push(OwnJudge::listed(stem, setup));
    }
    let before = match (recipe.judge.as_str(), &own) {
        ("", _) => settings.models.get(&ModelRole::Judge).unwrap_or(&usual).clone(),
        (_, Some(judge)) => format!("{JUDGE}{}", judge.stem),
        (missing, None) => format!("{JUDGE}{missing}"),
    };
    if !values.contains(&before) {
        // Named in the recipe's file, and not in the project.
        values.push(before.clone());
        words.push(format!("{} (not there)", recipe.judge));
    }
    let mut chosen = before.clone();
    ui.horizontal(|ui| {
        pick(ui, "Judge", &values, &words, &mut chosen, (LABEL, 230.0));
        let entry = || entry(project, settings, ModelRole::Judge);
        let beside = match (recipe.judge.is_empty(), &own) {
            (false, Some(judge)) => judge.words(),
            (false, None) => String::new(),
            (true, _) => entry().map(|model| price_and_place(&model)).unwrap_or_default(),
        };
        let tip = own.as_ref().map(hint).unwrap_or_default();
        let label = ui.add(Label::new(text::weak_label(beside)).truncate());
        if !tip.is_empty() {
            label.on_hover_text(tip);
        }
    });
    if chosen == before {
        return;
    }
    if let Some(stem) = chosen.strip_prefix(JUDGE) {
        settings.judge = Some(stem.to_owned());
        settings.models.remove(&ModelRole::Judge);
        return;
    }
    settings.judge = Some(String::new());
    if chosen == usual {
        settings.models.remove(&ModelRole::Judge);
    } else {
        settings.models.insert(ModelRole::Judge, chosen);
    }
}

/// What a judge of its own brings along, for who points at it.
fn hint(judge: &OwnJudge) -> String {
    let setup = &judge.setup;
    format!(
        "{}: {}. Votes ({}), principles a pair ({}) and canaries ({} %) are the judge’s, and not \
         the recipe’s",
        judge.name(),
        judge.words(),
        setup.votes,
        setup.principles_per_pair,
        (setup.canaries * 100.0).round()
    )
}

/// Who is asked, as what.
pub(super) fn asked(
    state: &AppState,
    project: &ProjectState,
    settings: &RunSettings,
    recipe: &Recipe,
) -> Vec<(String, ModelEntry)> {
    let roles = roles_for(recipe).iter();
    let by_role =
        roles.filter_map(|role| Some((role.to_string(), entry(project, settings, *role)?)));
    let judges = OwnJudge::of(state, &recipe.judge, recipe.method)
        .map(|judge| judge.models)
        .unwrap_or_default();
    let judges = judges.into_iter().map(|model| (ModelRole::Judge.to_string(), model));
    by_role.chain(candidates(project, recipe)).chain(judges).collect()
}

/// Who writes the pairs' answers, where the recipe names models for them.
fn candidates(project: &ProjectState, recipe: &Recipe) -> Vec<(String, ModelEntry)> {
    if !makes_pairs(recipe.method) {
        return Vec::new();
    }
    let known = project.documents.setup.all_models();
    let named = ["answer A", "answer B"].into_iter().zip(&recipe.candidates);
    named
        .filter_map(|(what, name)| Some((what.to_owned(), spec::parse(name, &known).ok()?)))
        .collect()
}

/// A warning where a judge is near to those whose answers it compares.
pub(super) fn kin(
    state: &AppState,
    project: &ProjectState,
    settings: &RunSettings,
    recipe: &Recipe,
) -> Option<String> {
    if !makes_pairs(recipe.method) {
        return None;
    }
    let judges = match recipe.judge.as_str() {
        "" => vec![entry(project, settings, ModelRole::Judge)?],
        name => OwnJudge::of(state, name, recipe.method)?.models,
    };
    let mut judged: Vec<ModelEntry> =
        candidates(project, recipe).into_iter().map(|(_, model)| model).collect();
    if judged.is_empty() {
        judged.extend(entry(project, settings, ModelRole::Writer));
    }
    let judges: Vec<&ModelEntry> = judges.iter().collect();
    let judged: Vec<&ModelEntry> = judged.iter().collect();
    warning_of(&judges, &judged)
}
