//! A judge of one model or several, ready to be asked by a run's rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ask::{Cast, RunAsk, SideAsk};
use super::judging::judge_of;
use super::manner::{Shown, manner};
use super::models::{Model, ModelError, Models};
use super::plan::{Overrides, Plan};
use super::plan_error::{PlanError, faulty, first_error};
use super::roles::has_judge_of_its_own;
use crate::domain::{
    AskedAs, CanaryResult, JudgeSetup, Manner, ModelEntry, ModelRole, PairVerdict, Prompt, Recipe,
};
use crate::methods::canary::answers::{self, answer_yardstick, drawn_answer};
use crate::methods::template::{TEMPLATES, Templates};
use crate::methods::{Ask, Jury, MethodFailure, PairTask, ScoreTask, canary, score_response_by};
use crate::store::Project;

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

/// The judge of its own that a recipe names, where its method has anything judged; how the first
/// of its models is asked, its votes, principles and canaries are then the recipe's, too, and it is
/// named by its file stem.
///
/// # Errors
///
/// There is no such judge, it can't do what the recipe asks for, or a model can't be had.
pub(super) async fn of_recipe(
    project: &Project,
    recipe: &mut Recipe,
    wishes: &Overrides,
    models: &Models,
    templates: &Templates,
) -> Result<Option<Panel>, PlanError> {
    if !has_judge_of_its_own(recipe) {
        recipe.judge.clear();
        return match wishes.judge.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => Err(PlanError::Faulty {
                what: "judge",
                name: name.to_owned(),
                problem: format!("the recipe {} has nothing judged", recipe.name),
                hint: "leave the judge out, or run another recipe".to_owned(),
            }),
            None => Ok(None),
        };
    }
    let (stem, setup) = judge_of(project, &recipe.judge)?;
    if let Some(problem) = first_error(&setup.problems_in(recipe.method)) {
        return Err(faulty("judge", &stem, problem));
    }
    let wished = wishes.models.get(&ModelRole::Judge);
    if let Some(wished) = wished.filter(|_| !setup.models.is_empty()) {
        return Err(PlanError::Faulty {
            what: "judge",
            name: stem,
            problem: format!("it names its own models, and {wished} is wished for as judge"),
            hint: "name models for the other roles only (writer=MODEL), or judge without it"
                .to_owned(),
        });
    }
    // What was fitted to a judge is none of how it judges.
    let setup = Arc::new(JudgeSetup { recalibration: None, ..JudgeSetup::clone(&setup) });
    let default = wished.map_or_else(|| project.file.role(ModelRole::Judge), String::as_str);
    let known = (project.file.models.as_slice(), default);
    let shown = (Shown::of(recipe.method), templates);
    let panel = Panel::of(setup, known, wishes.key_env.as_deref(), models, shown).await?;
    recipe.judge = stem;
    *recipe = panel.settled(recipe);
    Ok(Some(panel))
}

impl Panel {
    /// A recipe whose judge this is: asked as the first of its models is, with its votes,
    /// principles and canaries.
    pub fn settled(&self, recipe: &Recipe) -> Recipe {
        let usual = Manner::from(recipe.protocol);
        let manner = self.seats.first().map_or(usual, |seat| seat.manner);
        Recipe {
            protocol: manner.protocol,
            delimiters: manner.delimiters,
            reason_first: manner.reasons && self.setup.reason_first,
            votes: self.setup.votes,
            principles_per_pair: self.setup.principles_per_pair,
            canaries: self.setup.canaries,
            ..recipe.clone()
        }
    }

    /// A judge with these models, in its order; how each is asked is settled here.
    pub fn new(
        setup: Arc<JudgeSetup>,
        models: Vec<Arc<Model>>,
        shown: Shown,
        templates: &Templates,
    ) -> Self {
        let seats = models
            .into_iter()
            .map(|model| Seat {
                name: model.name.clone(),
                manner: manner(&model.entry, &setup, shown, templates),
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
        (shown, templates): (Shown, &Templates),
    ) -> Result<Self, ModelError> {
        let mut found = Vec::new();
        for name in setup.models.iter().map(String::as_str) {
            found.push(models.resolve(known, name, key_env).await?);
        }
        if found.is_empty() {
            found.push(models.resolve(known, default, key_env).await?);
        }
        Ok(Self::new(setup, found, shown, templates))
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

    /// The same, as methods know it, whoever answers: `asks` has one for each model, in its order.
    pub(super) fn jury<'a, A: Ask>(&'a self, asks: &'a [A]) -> Jury<'a, A> {
        let seats = asks.iter().zip(&self.seats);
        Jury {
            seats: seats.map(|(ask, seat)| (ask, seat.name.as_str(), seat.manner)).collect(),
            setup: &self.setup,
        }
    }

    /// How a row asks its models.
    pub(super) fn asks<'a>(&'a self, ask: &'a RunAsk) -> Vec<SideAsk<'a>> {
        self.casts().map(|cast| ask.with_models(cast)).collect()
    }

    /// Whether each of its models is asked for a reason, in its order.
    pub fn reasons(&self) -> Vec<bool> {
        self.seats.iter().map(|seat| seat.manner.reasons && self.setup.reason_first).collect()
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

    /// The same beside a prompt's answer, scored as the answer is.
    pub(super) async fn answer_canary(
        &self,
        ask: &RunAsk,
        plan: &Plan,
        prompt: &Prompt,
    ) -> Option<CanaryResult> {
        let drawn = drawn_answer(plan.seed, &prompt.id, self.setup.canaries)?;
        let (own, rubric) = (drawn.prompt(), answer_yardstick());
        let task = ScoreTask {
            prompt: &own,
            response: drawn.canary.answer,
            name: answers::NAME,
            rubric: &rubric,
            templates: &plan.templates,
            recipe: &plan.recipe,
        };
        let scored = score_response_by(&self.jury(&self.asks(ask)), &task).await;
        Some(drawn.result(scored.score.as_ref(), scored.failure))
    }

    /// Judges a pair for a row.
    ///
    /// # Errors
    ///
    /// As [`crate::methods::judge_pair_by`].
    pub async fn judge(
        &self,
        ask: &RunAsk,
        task: &PairTask<'_>,
    ) -> Result<PairVerdict, MethodFailure<PairVerdict>> {
        self.jury(&self.asks(ask)).judge_pair(task).await
    }
}

impl Plan {
    /// How its judge is asked; `None` where it has nothing judged.
    pub fn asked_as(&self) -> Option<AskedAs> {
        let asked = if let Some(panel) = &self.panel {
            let asked = AskedAs::of(panel.setup(), panel.manners().map(|(_, manner)| manner));
            if self.recipe.batch_criteria { asked.in_one_call() } else { asked }
        } else {
            self.models.get(&ModelRole::Judge)?;
            AskedAs::of_recipe(&self.recipe)
        };
        let is_judges = |name: &str| {
            ["judge_", "prometheus_", "score_", "comparison_question"]
                .iter()
                .any(|part| name.starts_with(part))
        };
        let own = TEMPLATES
            .iter()
            .filter(|info| is_judges(info.name) && self.templates.is_overridden(info.name))
            .filter_map(|info| {
                Some((info.name.to_owned(), self.templates.source(info.name)?.to_owned()))
            });
        Some(asked.with_templates(own.collect()))
    }
}
