//! A judge of one model or several, ready to be asked by a run's rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ask::{Cast, RunAsk, SideAsk};
use super::manner::manner;
use super::models::{Model, ModelError, Models};
use super::plan::Plan;
use crate::domain::{CanaryResult, JudgeSetup, Manner, ModelEntry, ModelRole, PairVerdict, Prompt};
use crate::methods::template::Templates;
use crate::methods::{Ask, MethodFailure, PairTask, canary, judge_pair_by};

/// A judge's models, each playing the judge in a [`Cast`] of its own, and how each is asked.
#[derive(Debug, Clone)]
pub struct Panel {
    setup: Arc<JudgeSetup>,
    seats: Vec<Seat>,
}

#[derive(Debug, Clone)]
struct Seat {
    name: String,
    cast: Cast,
    manner: Manner,
}

impl Panel {
    /// A judge with these models, in its order; how each is asked is settled here.
    pub fn new(setup: Arc<JudgeSetup>, models: Vec<Arc<Model>>, templates: &Templates) -> Self {
        let seats = models
            .into_iter()
            .map(|model| Seat {
                name: model.name.clone(),
                manner: manner(&model, &setup, templates),
                cast: BTreeMap::from([(ModelRole::Judge, model)]),
            })
            .collect();
        Self { setup, seats }
    }

    /// The same with the models that the judge names, else the one called `default`; `known` are
    /// the project's, `key_env` the variable with a one-off model's key.
    ///
    /// # Errors
    ///
    /// A model can't be had.
    pub async fn of(
        setup: Arc<JudgeSetup>,
        (known, default): (&[ModelEntry], &str),
        key_env: Option<&str>,
        models: &Models,
        templates: &Templates,
    ) -> Result<Self, ModelError> {
        let mut found = Vec::new();
        for name in setup.models.iter().map(String::as_str) {
            found.push(models.resolve(known, name, key_env).await?);
        }
        if found.is_empty() {
            found.push(models.resolve(known, default, key_env).await?);
        }
        Ok(Self::new(setup, found, templates))
    }

    /// The same as it was frozen: how each is asked is not settled anew.
    pub(super) fn thawed(setup: JudgeSetup, seats: Vec<(Arc<Model>, Manner)>) -> Self {
        let seats = seats
            .into_iter()
            .map(|(model, manner)| Seat {
                name: model.name.clone(),
                manner,
                cast: BTreeMap::from([(ModelRole::Judge, model)]),
            })
            .collect();
        Self { setup: Arc::new(setup), seats }
    }

    /// The judge's settings.
    pub fn setup(&self) -> &Arc<JudgeSetup> {
        &self.setup
    }

    /// Its models, in its order.
    pub fn models(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.seats.iter().flat_map(|seat| seat.cast.values())
    }

    /// Its models' names and how each is asked, in its order.
    pub fn manners(&self) -> impl Iterator<Item = (&str, Manner)> {
        self.seats.iter().map(|seat| (seat.name.as_str(), seat.manner))
    }

    /// Who plays the judge, in its order: one cast for each model.
    pub(super) fn casts(&self) -> impl Iterator<Item = &Cast> {
        self.seats.iter().map(|seat| &seat.cast)
    }

    /// Judges a pair, whoever answers: `asks` has one for each model, in its order.
    ///
    /// # Errors
    ///
    /// As [`judge_pair_by`].
    pub(super) async fn judge_by<A: Ask>(
        &self,
        asks: &[A],
        task: &PairTask<'_>,
    ) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
        let asks: Vec<(&A, &str, Manner)> = asks
            .iter()
            .zip(&self.seats)
            .map(|(ask, seat)| (ask, seat.name.as_str(), seat.manner))
            .collect();
        judge_pair_by(&asks, task, &self.setup).await
    }

    /// The same with a reason asked of every model, those that it misleads, too.
    pub fn reasoning(mut self) -> Self {
        for seat in &mut self.seats {
            seat.manner.reasons = true;
        }
        self
    }

    /// The canary beside a prompt's pair, judged as the pair is; `None`: it has none. Where a call
    /// of it fails the row does not.
    pub async fn canary(&self, ask: &RunAsk, plan: &Plan, prompt: &Prompt) -> Option<CanaryResult> {
        let drawn = canary::drawn(plan.seed, &prompt.id, self.setup.canaries)?;
        let (own, yardstick, (a, b)) = (drawn.prompt(), canary::yardstick(), drawn.answers());
        let task = PairTask {
            prompt: &own,
            a,
            b,
            constitution: &yardstick,
            templates: &plan.templates,
            recipe: &plan.recipe,
            protocol: plan.recipe.protocol,
            seed: plan.seed,
        };
        let judged = self.judge(ask, &task).await;
        Some(drawn.result(judged.as_ref().map_err(|failure| failure.clone().split().0)))
    }

    /// Judges a pair for a row.
    ///
    /// # Errors
    ///
    /// As [`judge_pair_by`].
    pub async fn judge(
        &self,
        ask: &RunAsk,
        task: &PairTask<'_>,
    ) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
        let asks: Vec<SideAsk<'_>> = self.casts().map(|cast| ask.with_models(cast)).collect();
        self.judge_by(&asks, task).await
    }
}
