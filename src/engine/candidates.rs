//! The models that write a pair's two answers, where a recipe names some.
//!
//! Each plays the writer in a [`Cast`] of its own, as the sides of a comparison do, so that a
//! method asks for a draft and need not know by whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ask::{Cast, RunAsk, SideAsk};
use super::compare::{Kinship, kinship, warning_of};
use super::models::{Model, Models};
use super::plan::Plan;
use super::plan_error::PlanError;
use super::roles::makes_pairs;
use crate::domain::{Method, ModelEntry, ModelRole, Recipe};
use crate::methods::Candidates;
use crate::store::Project;

/// Who writes a pair's two answers, or those of a tournament.
#[derive(Debug, Clone)]
pub struct Pens {
    casts: Vec<Cast>,
    names: Vec<String>,
    samples: Vec<u32>,
}

impl Pens {
    /// Models, some of which may be the same.
    pub(super) fn new(models: Vec<Arc<Model>>) -> Self {
        let identity = |model: &Arc<Model>| model.provider.identity().to_owned();
        let names = models.iter().map(|model| {
            let name = called(&model.entry);
            // The same name at two hosts.
            let is_shared = models
                .iter()
                .any(|other| called(&other.entry) == name && identity(other) != identity(model));
            if is_shared { model.name.clone() } else { name }
        });
        let names = names.collect();
        let before = |place: usize| {
            models[..place].iter().filter(|one| identity(one) == identity(&models[place])).count()
        };
        let samples = (0..models.len()).map(|place| before(place) as u32).collect();
        let cast = |model| BTreeMap::from([(ModelRole::Writer, model)]);
        Self { casts: models.into_iter().map(cast).collect(), names, samples }
    }

    /// The models, in the answers' order.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.casts.iter().flat_map(BTreeMap::values)
    }

    /// Who answers as each.
    pub(super) fn casts(&self) -> &[Cast] {
        &self.casts
    }

    /// How a row asks them.
    pub(super) fn asks<'a>(&'a self, ask: &'a RunAsk) -> Vec<SideAsk<'a>> {
        self.casts.iter().map(|cast| ask.with_models(cast)).collect()
    }

    /// The same, as methods know it, by whatever answers for each.
    pub(super) fn candidates<'a, A>(&'a self, asks: &'a [A]) -> Candidates<'a, A> {
        Candidates { asks, names: &self.names, samples: &self.samples }
    }
}

/// What the answer at a place is called, from 0: `A` to `Z`, then `27`.
pub(super) fn letter(place: usize) -> String {
    let letter = u8::try_from(place).ok().filter(|place| *place < 26).map(|place| b'A' + place);
    letter.map_or_else(|| (place + 1).to_string(), |letter| char::from(letter).to_string())
}

/// What data sets call a model: the provider's name for it.
fn called(entry: &ModelEntry) -> String {
    if entry.model.trim().is_empty() { entry.name.clone() } else { entry.model.trim().to_owned() }
}

/// The models that a recipe names for its pairs; `None` where it names none or makes no pairs.
///
/// # Errors
///
/// It names another number than two (for a tournament fewer), or one that can't be had.
pub(super) async fn of_recipe(
    project: &Project,
    recipe: &Recipe,
    key_env: Option<&str>,
    models: &Models,
) -> Result<Option<Pens>, PlanError> {
    if !makes_pairs(recipe.method) || recipe.candidates.is_empty() {
        return Ok(None);
    }
    let n = recipe.candidates.len();
    let (is_wrong, hint) = match recipe.method {
        Method::Rank => (
            n < 2,
            "name two models or more (one may stand there several times), or none for the writer",
        ),
        _ => (
            n != 2,
            "name two models (twice the same for two samples of it), or none for the writer",
        ),
    };
    if is_wrong {
        return Err(PlanError::Faulty {
            what: "recipe",
            name: recipe.name.clone(),
            problem: format!("it names {n} candidates for its pairs"),
            hint: hint.to_owned(),
        });
    }
    let known = &project.file.models;
    let mut pens = Vec::new();
    for name in &recipe.candidates {
        pens.push(models.resolve(known, name, key_env).await?);
    }
    Ok(Some(Pens::new(pens)))
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

    /// How near the judge is to those whose answers it compares; of several the nearest.
    pub fn kinship(&self) -> Kinship {
        if let Some(compare) = &self.compare {
            return compare.about.kinship;
        }
        let (judges, judged) = self.judges_and_judged();
        judges.into_iter().map(|judge| kinship(judge, &judged)).max().unwrap_or_default()
    }

    /// A warning where a judge is near to those whose answers it compares; see [`warning_of`].
    pub fn kinship_warning(&self) -> Option<String> {
        let (judges, judged) = self.judges_and_judged();
        warning_of(&judges, &judged)
    }

    /// Who compares, and who wrote what is compared; nobody where nothing is.
    fn judges_and_judged(&self) -> (Vec<&ModelEntry>, Vec<&ModelEntry>) {
        if !makes_pairs(self.recipe.method) {
            return (Vec::new(), Vec::new());
        }
        let of_role = |role| self.models.get(&role).map(|model| &model.entry);
        let judges = match &self.panel {
            Some(panel) => panel.models().map(|model| &model.entry).collect(),
            None => of_role(ModelRole::Judge).into_iter().collect(),
        };
        let judged = match (&self.compare, &self.candidates) {
            (Some(compare), _) => [&compare.a, &compare.b]
                .into_iter()
                .flat_map(|side| side.models.values().map(|model| &model.entry))
                .collect(),
            (None, Some(pens)) => pens.models().map(|model| &model.entry).collect(),
            (None, None) => of_role(ModelRole::Writer).into_iter().collect(),
        };
        (judges, judged)
    }
}
