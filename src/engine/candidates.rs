//! The models that write a pair's two answers, where a recipe names some.
//!
//! Each plays the writer in a [`Cast`] of its own, as the sides of a comparison do, so that a
//! method asks for a draft and need not know by whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ask::{Cast, RunAsk, SideAsk};
use super::compare::{Kinship, kinship};
use super::models::{Model, Models};
use super::plan::Plan;
use super::plan_error::PlanError;
use super::roles::makes_pairs;
use crate::domain::{ModelEntry, ModelRole, Recipe};
use crate::methods::Candidates;
use crate::store::Project;

/// Who writes a pair's two answers.
#[derive(Debug, Clone)]
pub struct Pens {
    casts: [Cast; 2],
    names: [String; 2],
    is_one: bool,
}

impl Pens {
    /// Two models, or twice one.
    pub(super) fn new(a: Arc<Model>, b: Arc<Model>) -> Self {
        let is_one = a.provider.identity() == b.provider.identity();
        let mut names = [called(&a.entry), called(&b.entry)];
        if !is_one && names[0] == names[1] {
            // The same name at two hosts.
            names = [a.name.clone(), b.name.clone()];
        }
        let cast = |model| BTreeMap::from([(ModelRole::Writer, model)]);
        Self { casts: [cast(a), cast(b)], names, is_one }
    }

    /// The models, in the pair's order.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.casts.iter().flat_map(BTreeMap::values)
    }

    /// Who answers as each.
    pub(super) fn casts(&self) -> &[Cast; 2] {
        &self.casts
    }

    /// How a row asks them.
    pub(super) fn asks<'a>(&'a self, ask: &'a RunAsk) -> [SideAsk<'a>; 2] {
        [ask.with_models(&self.casts[0]), ask.with_models(&self.casts[1])]
    }

    /// The same, as methods know it, by whatever answers for each.
    pub(super) fn candidates<'a, A>(&'a self, asks: &'a [A; 2]) -> Candidates<'a, A> {
        Candidates {
            asks: [&asks[0], &asks[1]],
            names: [&self.names[0], &self.names[1]],
            is_one: self.is_one,
        }
    }
}

/// What data sets call a model: the provider's name for it.
fn called(entry: &ModelEntry) -> String {
    if entry.model.trim().is_empty() { entry.name.clone() } else { entry.model.trim().to_owned() }
}

/// The models that a recipe names for its pairs; `None` where it names none or makes no pairs.
///
/// # Errors
///
/// It names another number than two, or one that can't be had.
pub(super) async fn of_recipe(
    project: &Project,
    recipe: &Recipe,
    key_env: Option<&str>,
    models: &Models,
) -> Result<Option<Pens>, PlanError> {
    if !makes_pairs(recipe.method) || recipe.candidates.is_empty() {
        return Ok(None);
    }
    let [a, b] = recipe.candidates.as_slice() else {
        let n = recipe.candidates.len();
        return Err(PlanError::Faulty {
            what: "recipe",
            name: recipe.name.clone(),
            problem: format!("it names {n} candidates for its pairs"),
            hint: "name two models (twice the same for two samples of it), or none for the writer"
                .to_owned(),
        });
    };
    let known = &project.file.models;
    let a = models.resolve(known, a, key_env).await?;
    let b = models.resolve(known, b, key_env).await?;
    Ok(Some(Pens::new(a, b)))
}

impl Plan {
    /// Every model that may be asked: those of the roles, of the candidates, of both sides, of the
    /// judge.
    pub fn all_models(&self) -> impl Iterator<Item = &Arc<Model>> {
        let pens = self.candidates.iter().flat_map(|pens| pens.models());
        let sides = self.compare.iter().flat_map(|compare| [&compare.a, &compare.b]);
        let judges = self.panel.iter().flat_map(|panel| panel.models());
        let by_side = sides.flat_map(|side| side.models.values());
        self.models.values().chain(pens).chain(by_side).chain(judges)
    }

    /// How near the judge is to those whose answers it compares; see [`Kinship::warning`].
    pub fn kinship(&self) -> Kinship {
        if let Some(compare) = &self.compare {
            return compare.about.kinship;
        }
        let judges: Vec<&ModelEntry> = match &self.panel {
            Some(panel) => panel.models().map(|model| &model.entry).collect(),
            None => {
                self.models.get(&ModelRole::Judge).map(|judge| &judge.entry).into_iter().collect()
            }
        };
        let judged: Vec<&ModelEntry> = match &self.candidates {
            Some(pens) => pens.models().map(|model| &model.entry).collect(),
            None => {
                self.models.get(&ModelRole::Writer).map(|model| &model.entry).into_iter().collect()
            }
        };
        match makes_pairs(self.recipe.method) {
            true => {
                judges.into_iter().map(|judge| kinship(judge, &judged)).max().unwrap_or_default()
            }
            false => Kinship::None,
        }
    }
}
