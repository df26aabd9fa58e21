//! Who is asked in a new run: the roles' models, and those that write a pair's answers.

use egui::Ui;

use super::sheet::{LABEL, SECOND, entry, pick};
use crate::app::state::ProjectState;
use crate::app::state::runs::RunSettings;
use crate::domain::{ModelEntry, ModelRole, Recipe};
use crate::engine::compare::kinship;
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

/// Who is asked, as what.
pub(super) fn asked(
    project: &ProjectState,
    settings: &RunSettings,
    recipe: &Recipe,
) -> Vec<(String, ModelEntry)> {
    let roles = roles_for(recipe).iter();
    let by_role =
        roles.filter_map(|role| Some((role.to_string(), entry(project, settings, *role)?)));
    by_role.chain(candidates(project, recipe)).collect()
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

/// A warning where the judge is near to those whose answers it compares.
pub(super) fn kin(
    project: &ProjectState,
    settings: &RunSettings,
    recipe: &Recipe,
) -> Option<&'static str> {
    if !makes_pairs(recipe.method) {
        return None;
    }
    let judge = entry(project, settings, ModelRole::Judge)?;
    let mut judged: Vec<ModelEntry> =
        candidates(project, recipe).into_iter().map(|(_, model)| model).collect();
    if judged.is_empty() {
        judged.extend(entry(project, settings, ModelRole::Writer));
    }
    let judged: Vec<&ModelEntry> = judged.iter().collect();
    kinship(&judge, &judged).warning()
}
