//! From a project, a recipe's name and a user's wishes to all that a run needs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::candidates::{self, Pens};
use super::compare::Comparison;
use super::control::{Controls, Limits};
use super::judging::About;
use super::manner::decide_delimiters;
use super::models::{Model, Models};
use super::panel::{self, Panel};
use super::plan_error::{PlanError, faulty, first_error, missing, unreadable};
use super::retry::RetryPolicy;
use super::roles::{makes_chains, roles_for};
use crate::domain::{
    ChainStart, Constitution, JudgeProtocol, Method, ModelRole, Pairing, Prompt, PromptSet,
    Provenance, Recipe, Rubric, RunId, Variant, problem,
};
use crate::formats;
use crate::methods::METHODS;
use crate::methods::named;
use crate::methods::template::Templates;
use crate::store::Project;
use crate::store::journal::RunKind;
use crate::store::project::DocumentKind;

/// Requests in flight at most unless told otherwise; each model has a limit of its own besides.
pub const CONCURRENCY: usize = 32;

/// How long calls in flight may still take after a stop (reliability: drained within
/// 10 s, of which some are for keeping what landed).
pub const GRACE: Duration = Duration::from_secs(8);

/// All that a run needs.
#[derive(Clone)]
pub struct Plan {
    /// What it is for.
    pub kind: RunKind,
    /// The run to go on with; `None`: a new one is made.
    pub run: Option<RunId>,
    /// What is done, the judge's protocol decided.
    pub recipe: Arc<Recipe>,
    /// The principles, where the method uses any.
    pub constitution: Option<Arc<Constitution>>,
    /// The criteria, where the method uses any.
    pub rubric: Option<Arc<Rubric>>,
    /// One row each.
    pub prompts: Arc<[Prompt]>,
    /// Which of them are made, by position in ascending order; `None`: all.
    pub only: Option<Arc<[u64]>>,
    /// The built-in templates with the project's overrides.
    pub templates: Arc<Templates>,
    /// Who does what; only the roles that the method needs.
    pub models: BTreeMap<ModelRole, Arc<Model>>,
    /// Who writes the pairs' answers, where the recipe names models for them.
    pub candidates: Option<Arc<Pens>>,
    /// The two sides, where it is a comparison; then `constitution` is what the judge goes by.
    pub compare: Option<Arc<Comparison>>,
    /// The judge, where it is one of its own and not the model of that role.
    pub panel: Option<Arc<Panel>>,
    /// What is told of it, where it has a judge judge a label set's items.
    pub judging: Option<Arc<About>>,
    /// Seeds every draw.
    pub seed: u64,
    /// How failed calls are tried again.
    pub retry: RetryPolicy,
    /// Whether nothing is sent: every reply must be in the journal.
    pub replay_only: bool,
    /// What it keeps to; may be changed while it is on.
    pub controls: Controls,
    /// How long calls in flight may still take after a stop.
    pub grace: Duration,
    /// How its rows differ from what the documents ask for, where it is tried.
    pub variant: Variant,
    /// What its chains go on from; `None`: they begin with a draft.
    pub start: Option<Arc<ChainStart>>,
}

/// What the user wants otherwise than project and recipe say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// What the run is for; `None`: [`RunKind::Run`].
    pub kind: Option<RunKind>,
    /// Another constitution, by file stem or name.
    pub constitution: Option<String>,
    /// Another rubric, by file stem or name.
    pub rubric: Option<String>,
    /// Another prompt set, by file stem.
    pub prompts: Option<String>,
    /// These prompts instead of any set.
    pub prompt_list: Option<Vec<Prompt>>,
    /// Only the first so many prompts.
    pub limit: Option<usize>,
    /// Another seed.
    pub seed: Option<u64>,
    /// Other models: a name of the project or a specification such as `openai:MODEL@URL`.
    pub models: BTreeMap<ModelRole, String>,
    /// Another judge of the project's, by file stem or name; an empty one: the model of that role.
    pub judge: Option<String>,
    /// Other models for the pairs' two answers, named as in [`Self::models`]; empty: the recipe's.
    pub candidates: Vec<String>,
    /// Who meets whom in a tournament, instead of as the recipe says.
    pub pairing: Option<Pairing>,
    /// How many games a tournament has, instead of as the recipe says; see [`Pairing::games`].
    pub games: Option<u32>,
    /// The environment variable that holds the key of a one-off model.
    pub key_env: Option<String>,
    /// Requests in flight at most.
    pub concurrency: Option<usize>,
    /// Requests a minute at most.
    pub per_minute: Option<u32>,
    /// US dollars at most.
    pub max_cost: Option<f64>,
    /// US dollars that all runs may cost on one day.
    pub max_cost_per_day: Option<f64>,
    /// The share of rows, 0..=1, that may fail.
    pub max_failures: Option<f64>,
    /// The share of rows, 0..=1, whose answer may be a refusal.
    pub max_refusals: Option<f64>,
    /// Whether nothing is sent.
    pub replay_only: bool,
    /// How the rows differ from what the documents ask for, where they are tried.
    pub variant: Variant,
    /// What chains go on from.
    pub start: Option<Arc<ChainStart>>,
}

impl Overrides {
    /// These wishes with the limit per day that a project has, unless another is wished for: for
    /// [`Plan::resume`], which does not know the project.
    pub fn in_project(mut self, file: &crate::store::project::ProjectFile) -> Self {
        self.max_cost_per_day = self.max_cost_per_day.or(file.spending.per_day);
        self
    }

    /// The limits wished for, over others.
    pub fn limits(&self, under: Limits) -> Limits {
        Limits {
            at_once: self.concurrency.unwrap_or(under.at_once),
            per_minute: self.per_minute.or(under.per_minute),
            max_cost: self.max_cost.or(under.max_cost),
            max_cost_per_day: self.max_cost_per_day.or(under.max_cost_per_day),
            max_failures: self.max_failures.or(under.max_failures),
            max_refusals: self.max_refusals.or(under.max_refusals),
        }
    }
}

impl Plan {
    /// A plan of a project's recipe (its own or a built-in one) with the user's wishes.
    ///
    /// # Errors
    ///
    /// What is missing or wrong, with what there is to choose from.
    pub async fn of_project(
        project: &Project,
        recipe: &str,
        wishes: &Overrides,
        models: &Models,
    ) -> Result<Self, PlanError> {
        let mut recipe =
            Recipe::clone(&*project.recipe(recipe).ok_or_else(|| PlanError::Missing {
                what: "recipe",
                name: recipe.to_owned(),
                known: project.recipe_names(),
                unreadable: unreadable(project, DocumentKind::Recipe, recipe),
            })?);
        if !wishes.candidates.is_empty() {
            recipe.candidates.clone_from(&wishes.candidates);
        }
        set_tournament(&mut recipe, wishes)?;
        let info = METHODS.iter().find(|info| info.method == recipe.method);
        let needs_constitution = info.is_some_and(|info| info.needs_constitution);
        let needs_rubric = info.is_some_and(|info| info.needs_rubric);
        let constitution = match needs_constitution {
            true => {
                let wanted = [wishes.constitution.as_deref(), Some(&recipe.constitution)];
                let name = first_of(wanted, &project.file.constitution);
                Some(constitution(project, name)?)
            }
            false => None,
        };
        let rubric = match needs_rubric {
            true => {
                let wanted = [wishes.rubric.as_deref(), Some(&recipe.rubric)];
                Some(rubric(project, first_of(wanted, &project.file.rubric))?)
            }
            false => None,
        };
        let prompts = prompts(project, &recipe, wishes)?;
        if let Some(constitution) = &constitution
            && makes_chains(recipe.method)
        {
            named::check(constitution, &prompts)
                .map_err(|problem| faulty("prompt", &problem.place, &problem))?;
        }
        let (templates, problems) = Templates::with_overrides(project.templates.clone());
        if let Some(problem) = first_error(&problems) {
            return Err(faulty("template", &problem.place, problem));
        }
        if let Some(judge) = &wishes.judge {
            recipe.judge.clone_from(judge);
        }
        let panel = panel::of_recipe(project, &mut recipe, wishes, models, &templates).await?;
        let mut by_role = BTreeMap::new();
        for role in roles_for(&recipe) {
            let wish = wishes.models.get(role).map(String::as_str);
            let spec = wish.unwrap_or_else(|| project.file.role(*role));
            let key_env = wishes.key_env.as_deref();
            let model = models.resolve(&project.file.models, spec, key_env).await?;
            by_role.insert(*role, model);
        }
        let key_env = wishes.key_env.as_deref();
        let pens = candidates::of_recipe(project, &recipe, key_env, models).await?;
        decide_protocol(&mut recipe, &by_role);
        decide_delimiters(&mut recipe, &by_role, &templates);
        Self {
            kind: wishes.kind.unwrap_or(RunKind::Run),
            run: None,
            recipe: Arc::new(recipe),
            constitution,
            rubric,
            prompts: prompts.into(),
            only: None,
            templates: Arc::new(templates),
            models: by_role,
            candidates: pens.map(Arc::new),
            compare: None,
            panel: panel.map(Arc::new),
            judging: None,
            seed: wishes.seed.unwrap_or(project.file.seed),
            controls: Controls::new(wishes.limits(Limits::of_project(&project.file))),
            retry: RetryPolicy::default(),
            replay_only: wishes.replay_only,
            grace: GRACE,
            variant: wishes.variant.clone(),
            start: wishes.start.clone(),
        }
        .checked()
    }

    /// Hashes and names of all that makes this plan's rows.
    pub fn provenance(&self) -> Provenance {
        let mut recipe = format!("{}\n{}", text_of(&*self.recipe), self.templates.hash());
        let mut models: Vec<(String, String)> = self
            .models
            .iter()
            .map(|(role, model)| (role.to_string(), model.provider.identity().to_owned()))
            .collect();
        if let Some(pens) = &self.candidates {
            let identities = pens.models().map(|model| model.provider.identity().to_owned());
            models.extend(identities.enumerate().map(|(place, identity)| {
                (format!("writer of {}", candidates::letter(place)), identity)
            }));
        }
        if let Some(panel) = &self.panel {
            recipe = format!("{recipe}\njudge {}", text_of(&**panel.setup()));
            let judges = panel.models().map(|model| model.provider.identity().to_owned());
            models.extend(judges.map(|identity| ("judge".to_owned(), identity)));
        }
        if let Some(compare) = &self.compare {
            for (name, side) in [("A", &compare.a), ("B", &compare.b)] {
                let constitution = side.constitution.as_deref().map(hash_of);
                recipe = format!("{recipe}\n{name} {}", constitution.unwrap_or_default());
                models.extend(side.models.iter().map(|(role, model)| {
                    (format!("{role} of {name}"), model.provider.identity().to_owned())
                }));
            }
        }
        Provenance {
            constitution: self.constitution.as_deref().map(hash_of),
            rubric: self.rubric.as_deref().map(hash_of),
            recipe: blake3::hash(recipe.as_bytes()).to_hex().to_string(),
            models,
            seed: self.seed,
            variant: self.variant.clone(),
            by_hand: self.start.as_ref().map(|start| start.by_hand.clone()).unwrap_or_default(),
            judge: self.asked_as().map(|asked| asked.hash()),
        }
    }

    /// The models whose price is unknown.
    pub fn unpriced(&self) -> impl Iterator<Item = &Arc<Model>> {
        self.all_models().filter(|model| model.price.is_none())
    }

    /// The models that the plan asks, one for each limiter.
    pub(super) fn lanes(&self) -> Vec<Arc<Model>> {
        let mut lanes: Vec<Arc<Model>> = Vec::new();
        for model in self.all_models() {
            if !lanes.iter().any(|known| Arc::ptr_eq(&known.limiter, &model.limiter)) {
                lanes.push(Arc::clone(model));
            }
        }
        lanes
    }

    /// Tells the models how many requests at once are wished for.
    pub(super) fn prepare_models(&self) {
        let at_once = self.controls.limits().at_once;
        for model in self.lanes() {
            model.prepare(at_once);
        }
    }

    pub(super) fn checked(self) -> Result<Self, PlanError> {
        let number = |what, value: String, hint| Err(PlanError::Number { what, value, hint });
        if self.prompts.is_empty() {
            return Err(PlanError::NoPrompts);
        }
        let limits = self.controls.limits();
        if limits.at_once == 0 {
            return number("the concurrency", "0".to_owned(), "use 1 or more");
        }
        if limits.per_minute == Some(0) {
            return number("the rate", "0 requests a minute".to_owned(), "use 1 or more");
        }
        for (what, share) in [
            ("the share of failures", limits.max_failures),
            ("the share of refusals", limits.max_refusals),
        ] {
            if let Some(share) = share
                && !(0.0..=1.0).contains(&share)
            {
                let hint = "give a share of the rows from 0 to 1 (0 to 100 %)";
                return number(what, share.to_string(), hint);
            }
        }
        for (what, cost) in [
            ("the cost limit", limits.max_cost),
            ("the cost limit per day", limits.max_cost_per_day),
        ] {
            if let Some(cost) = cost
                && !(cost.is_finite() && cost >= 0.0)
            {
                return number(what, cost.to_string(), "give US dollars, 0 or more");
            }
        }
        let is_capped = limits.max_cost.is_some() || limits.max_cost_per_day.is_some();
        if is_capped
            && !self.replay_only
            && let Some(model) = self.unpriced().next()
        {
            return Err(PlanError::Unpriced { model: model.name.clone() });
        }
        Ok(self)
    }
}

/// Puts the wishes for a tournament into its recipe.
fn set_tournament(recipe: &mut Recipe, wishes: &Overrides) -> Result<(), PlanError> {
    let is_wished = wishes.pairing.is_some() || wishes.games.is_some();
    if recipe.method != Method::Rank {
        return match is_wished {
            true => Err(PlanError::Faulty {
                what: "recipe",
                name: recipe.name.clone(),
                problem: "it is no tournament, so nobody meets anybody".to_owned(),
                hint: "use the recipe rank, or leave --pairing and --games out".to_owned(),
            }),
            false => Ok(()),
        };
    }
    recipe.pairing = wishes.pairing.unwrap_or(recipe.pairing);
    recipe.games = wishes.games.unwrap_or(recipe.games);
    // A number of games that nothing goes by was meant otherwise.
    if wishes.games.is_some() && recipe.pairing != Pairing::Informative {
        return Err(PlanError::Number {
            what: "the number of games",
            value: format!("{} in a tournament that has its own", recipe.games),
            hint: "add --pairing informative, or leave --games out",
        });
    }
    match first_error(&recipe.problems()) {
        Some(problem) => Err(faulty("recipe", &recipe.name, problem)),
        None => Ok(()),
    }
}

/// Settles [`JudgeProtocol::Auto`] by what the judge's model is, and with it whether it reasons.
pub(super) fn decide_protocol(recipe: &mut Recipe, models: &BTreeMap<ModelRole, Arc<Model>>) {
    if recipe.protocol == JudgeProtocol::Auto
        && let Some(judge) = models.get(&ModelRole::Judge)
    {
        recipe.protocol = judge.protocol();
        recipe.reason_first &= judge.reasons();
    }
}

/// The first name that says something.
fn first_of<'a>(wanted: [Option<&'a str>; 2], default: &'a str) -> &'a str {
    wanted.into_iter().flatten().find(|name| !name.is_empty()).unwrap_or(default)
}

pub(super) fn constitution(project: &Project, name: &str) -> Result<Arc<Constitution>, PlanError> {
    let all = &project.constitutions;
    let found = all.get(name).or_else(|| all.values().find(|document| document.name == name));
    let found = found.ok_or_else(|| {
        missing(project, DocumentKind::Constitution, name, all.keys().cloned().collect())
    })?;
    if let Some(problem) = first_error(&found.problems()) {
        return Err(faulty("constitution", name, problem));
    }
    Ok(Arc::clone(found))
}

fn rubric(project: &Project, name: &str) -> Result<Arc<Rubric>, PlanError> {
    let all = &project.rubrics;
    let found = all.get(name).or_else(|| all.values().find(|document| document.name == name));
    let found = found.ok_or_else(|| {
        missing(project, DocumentKind::Rubric, name, all.keys().cloned().collect())
    })?;
    if let Some(problem) = first_error(&found.problems()) {
        return Err(faulty("rubric", name, problem));
    }
    Ok(Arc::clone(found))
}

pub(super) fn prompts(
    project: &Project,
    recipe: &Recipe,
    wishes: &Overrides,
) -> Result<Vec<Prompt>, PlanError> {
    let mut prompts = if let Some(list) = &wishes.prompt_list {
        list.clone()
    } else {
        let wanted = [wishes.prompts.as_deref(), Some(recipe.prompts.as_str())];
        let name = first_of(wanted, &project.file.prompts);
        let all = &project.prompt_sets;
        let set = all.get(name).ok_or_else(|| {
            missing(project, DocumentKind::PromptSet, name, all.keys().cloned().collect())
        })?;
        set.prompts.clone()
    };
    prompts.truncate(wishes.limit.unwrap_or(usize::MAX));
    let set = PromptSet { name: String::new(), prompts };
    if let Some(problem) = first_error(&problem::of_prompts(&set)) {
        return Err(faulty("prompt set", &problem.place, problem));
    }
    Ok(set.prompts)
}

/// BLAKE3 of a document as it is written: the same as of its saved file and kept version.
pub fn hash_of<T: Serialize>(document: &T) -> String {
    blake3::hash(text_of(document).as_bytes()).to_hex().to_string()
}

fn text_of<T: Serialize>(document: &T) -> String {
    // What can't be written can't be saved either, so this text is as good a name as any.
    formats::document::to_ron(document).unwrap_or_else(|problem| problem.what)
}
