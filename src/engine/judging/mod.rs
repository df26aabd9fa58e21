//! A judging as a run: one row an item of a label set, which a judge is asked about, and some of
//! them once more, changed in ways that should not matter.
//!
//! It is one run like any other, so it resumes, replays, stops and counts as they do; window and
//! command line make it by [`Plan::of_judging`] and read it by [`report`]. Labels are never part of
//! it: the judge is asked without them, and they are joined afterwards.

mod asked;
mod join;
mod row;
mod weigh;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strum::IntoEnumIterator as _;

use super::compare::{Kinship, kinship};
use super::control::{Controls, Limits};
use super::manner::Shown;
use super::models::Models;
use super::panel::Panel;
use super::plan::{self, CONCURRENCY, GRACE, Plan, hash_of};
use super::plan_error::{self, PlanError, first_error};
use super::retry::RetryPolicy;
use crate::domain::{
    Constitution, JudgeProtocol, JudgeSetup, LabelItem, LabelTask, Method, ModelEntry, ModelRole,
    Prompt, Recipe, Split, Variant,
};
use crate::methods::compare::overall;
use crate::methods::labelling;
use crate::methods::perturb::Perturbation;
use crate::methods::template::Templates;
use crate::methods::{CallsPlanned, JudgeCalls};
use crate::store::Project;
use crate::store::journal::RunKind;
use crate::store::labels::{self, LabelBook};

pub use join::{Judging, JudgingRun, judgings, look, report};
pub use row::JudgingMethod;
pub use weigh::{NotWeighed, weighed};

pub(super) use row::{judge_item, planned};

/// The name that a judging's recipe has in the journal.
pub const RECIPE: &str = "judging";

/// Items that are asked about once more where nothing else is wished for: as many as it takes
/// before a share is shown.
pub const AGAIN: usize = 20;

/// What a judging shall be; what is left out is the project's.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgingWishes {
    /// The judge, by file stem or name.
    pub judge: String,
    /// The label set, by file stem.
    pub set: String,
    /// Which part of it; `None`: all.
    pub split: Option<Split>,
    /// Only so many items of it, drawn by the set's seed; `None`: all.
    pub limit: Option<usize>,
    /// So many items are asked about once more, in each of [`Self::changes`]; 0: none.
    pub again: usize,
    /// The ways in which they are asked about once more.
    pub changes: BTreeSet<Perturbation>,
    /// The constitution whose principles are drawn for items that name none, by file stem or name;
    /// `None`: the project's, or one plain question where it has none.
    pub constitution: Option<String>,
    /// Seeds the draw of principles; `None`: the project's seed.
    pub seed: Option<u64>,
    /// The environment variable that holds the key of a one-off model.
    pub key_env: Option<String>,
    /// Rows at work at once.
    pub concurrency: Option<usize>,
    /// US dollars at most.
    pub max_cost: Option<f64>,
    /// Whether nothing is sent.
    pub replay_only: bool,
}

impl JudgingWishes {
    /// All of a set, by a judge.
    pub fn of(judge: impl Into<String>, set: impl Into<String>) -> Self {
        Self {
            judge: judge.into(),
            set: set.into(),
            split: None,
            limit: None,
            again: AGAIN,
            changes: Perturbation::iter().collect(),
            constitution: None,
            seed: None,
            key_env: None,
            concurrency: None,
            max_cost: None,
            replay_only: false,
        }
    }
}

/// What is told of a judging, as it is kept with its run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The judge's file stem.
    pub judge: String,
    /// What people call it.
    pub name: String,
    /// What it was, without its map: another form, protocol or example is another judge.
    pub hash: String,
    /// What its models are, with their providers, in order.
    pub identities: Vec<String>,
    /// How they are asked; the first's, where they differ.
    pub protocol: JudgeProtocol,
    /// All else that decides what they say, as a hash; see [`crate::domain::AskedAs`]. Empty in
    /// runs of versions that did not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub asked: String,
    /// The label set's file stem.
    pub set: String,
    /// What is asked of it.
    pub task: LabelTask,
    /// The guide's version at the time.
    pub guide: u32,
    /// Which part of it; `None`: all.
    pub split: Option<Split>,
    /// Items.
    pub items: u64,
    /// Of them, those asked about once more.
    pub again: u64,
    /// Whose principles are drawn for items that name none; empty: there is no such item.
    pub constitution: String,
    /// The seed.
    pub seed: u64,
    /// How near the judge is to who wrote the answers, as far as the items say.
    pub kinship: Kinship,
}

impl About {
    /// Which judge it is, as a hash: the same settings, whatever was fitted to it since.
    pub fn hash_of(setup: &JudgeSetup) -> String {
        hash_of(&JudgeSetup { recalibration: None, ..setup.clone() })
    }
}

impl Plan {
    /// A plan that has a judge judge the items of a label set.
    ///
    /// # Errors
    ///
    /// What is missing or wrong, with what there is to choose from.
    pub async fn of_judging(
        project: &Project,
        wishes: &JudgingWishes,
        models: &Models,
    ) -> Result<Self, PlanError> {
        let (stem, setup) = judge_of(project, &wishes.judge)?;
        let book = book_of(project, &wishes.set)?;
        // What was fitted to a judge is none of how it judges.
        let setup = Arc::new(JudgeSetup { recalibration: None, ..JudgeSetup::clone(&setup) });
        let seed = wishes.seed.unwrap_or(project.file.seed);
        let items = items_of(&book, wishes);
        asked::check(&book, &items)?;
        let (templates, problems) = Templates::with_overrides(project.templates.clone());
        if let Some(problem) = first_error(&problems) {
            return Err(plan_error::faulty("template", &problem.place, problem));
        }
        let known = (project.file.models.as_slice(), project.file.role(ModelRole::Judge));
        let key_env = wishes.key_env.as_deref();
        let shown = match book.set.task {
            LabelTask::Pairwise => Shown::Pairs,
            LabelTask::PassFail | LabelTask::Scores => Shown::Answers,
        };
        let shown = (shown, &templates);
        let panel = Panel::of(Arc::clone(&setup), known, key_env, models, shown).await?;
        let constitution = constitution_of(project, wishes, &items)?;
        let again = if wishes.changes.is_empty() { 0 } else { wishes.again.min(items.len()) };
        let prompts = asked::prompts(&items, again, &wishes.changes, book.set.seed);
        let manner = panel.manners().next().map(|(_, manner)| manner);
        let about = About {
            judge: stem,
            name: setup.name.clone(),
            hash: About::hash_of(&setup),
            identities: panel.models().map(|m| m.provider.identity().to_owned()).collect(),
            protocol: manner.map_or(JudgeProtocol::Auto, |manner| manner.protocol),
            asked: String::new(),
            set: book.stem.clone(),
            task: book.set.task,
            guide: book.set.guide.version,
            split: wishes.split,
            items: items.len() as u64,
            again: again as u64,
            constitution: constitution.as_ref().map(|one| one.name.clone()).unwrap_or_default(),
            seed,
            kinship: kinship_of(project, &panel, &items),
        };
        let recipe = recipe_of(&setup, book.set.task, about.protocol);
        let max_cost = wishes.max_cost.or(project.file.spending.per_run);
        let mut plan = Self {
            kind: RunKind::Judge,
            run: None,
            recipe: Arc::new(recipe),
            constitution: constitution.map(Arc::new),
            rubric: None,
            prompts: prompts.into(),
            only: None,
            templates: Arc::new(templates),
            models: BTreeMap::new(),
            candidates: None,
            compare: None,
            panel: Some(Arc::new(panel)),
            judging: None,
            variant: Variant::default(),
            start: None,
            seed,
            controls: Controls::new(Limits {
                at_once: wishes.concurrency.unwrap_or(CONCURRENCY),
                max_cost,
                ..Limits::of_project(&project.file)
            }),
            retry: RetryPolicy::default(),
            replay_only: wishes.replay_only,
            grace: GRACE,
        };
        let asked = plan.asked_as().map(|asked| asked.hash()).unwrap_or_default();
        plan.judging = Some(Arc::new(About { asked, ..about }));
        plan.checked()
    }
}

/// How many calls a judge takes for one pair that names no principle, canaries, failures and
/// retries apart.
///
/// # Errors
///
/// There is no such judge, it is faulty, or a model of it can't be had.
pub async fn calls_a_pair(
    project: &Project,
    judge: &str,
    models: &Models,
) -> Result<CallsPlanned, PlanError> {
    let (_, setup) = judge_of(project, judge)?;
    let (templates, problems) = Templates::with_overrides(project.templates.clone());
    if let Some(problem) = first_error(&problems) {
        return Err(plan_error::faulty("template", &problem.place, problem));
    }
    let known = (project.file.models.as_slice(), project.file.role(ModelRole::Judge));
    let own = project.constitutions.get(&project.file.constitution);
    let eligible = own.map_or(1, |one| one.eligible().len().max(1) as u64);
    let panel = Panel::of(setup, known, None, models, (Shown::Pairs, &templates)).await?;
    let reasons = panel.reasons();
    let judge = JudgeCalls { setup: panel.setup(), reasons: &reasons };
    Ok(judge.pair(judge.drawn_of(eligible)))
}

/// How a row of a judging asks about its item once more; `None`: for the first time, or it is no
/// row of a judging.
pub fn asked_again(prompt: &Prompt) -> Option<Perturbation> {
    asked::Asked::of(prompt)?.again
}

/// A judge of the project with its file stem.
///
/// # Errors
///
/// There is none of that name.
pub fn judge_of(project: &Project, name: &str) -> Result<(String, Arc<JudgeSetup>), PlanError> {
    let all = &project.judges;
    let found =
        all.get_key_value(name).or_else(|| all.iter().find(|(_, judge)| judge.name == name));
    let found = found.map(|(stem, judge)| (stem.clone(), Arc::clone(judge)));
    let kind = crate::store::project::DocumentKind::Judge;
    let (stem, judge) = found
        .ok_or_else(|| plan_error::missing(project, kind, name, all.keys().cloned().collect()))?;
    if let Some(problem) = first_error(&judge.problems()) {
        return Err(plan_error::faulty("judge", name, problem));
    }
    Ok((stem, judge))
}

/// A label set of the project.
///
/// # Errors
///
/// There is none of that name, or it can't be read.
pub fn book_of(project: &Project, stem: &str) -> Result<LabelBook, PlanError> {
    let known = labels::stems(&project.root)?;
    if !known.iter().any(|one| one == stem) {
        let name = stem.to_owned();
        return Err(PlanError::Missing { what: "label set", name, known, unreadable: None });
    }
    Ok(labels::read(&project.root, stem)?)
}

/// The items that are wished for, in the set's order.
fn items_of(book: &LabelBook, wishes: &JudgingWishes) -> Vec<LabelItem> {
    let is_wanted = |item: &&LabelItem| {
        wishes.split.is_none_or(|split| labelling::split(&book.set, &item.prompt.id) == split)
    };
    let items: Vec<LabelItem> = book.items.iter().filter(is_wanted).cloned().collect();
    match wishes.limit {
        Some(limit) => {
            let drawn = asked::drawn(&items, limit, book.set.seed, "limit");
            items.into_iter().filter(|item| drawn.contains(&item.id)).collect()
        }
        None => items,
    }
}

/// What items that name no principle are judged by; `None` where each names one, and for single
/// answers, which are asked about as a whole.
fn constitution_of(
    project: &Project,
    wishes: &JudgingWishes,
    items: &[LabelItem],
) -> Result<Option<Constitution>, PlanError> {
    if items.iter().all(|item| item.aspect.is_some() || item.b.is_none()) {
        return Ok(None);
    }
    let own = project.file.constitution.as_str();
    let found = match &wishes.constitution {
        Some(name) => plan::constitution(project, name)?,
        None if project.constitutions.contains_key(own) => plan::constitution(project, own)?,
        None => return Ok(Some(overall())),
    };
    if found.eligible().is_empty() {
        return Err(PlanError::Faulty {
            what: "constitution",
            name: found.name.clone(),
            problem: "no principle can be drawn".to_owned(),
            hint: "enable one that has text and a weight above 0, or name another".to_owned(),
        });
    }
    Ok(Some(Constitution::clone(&found)))
}

/// The judge's settings as the recipe that its rows are made by.
fn recipe_of(setup: &JudgeSetup, task: LabelTask, protocol: JudgeProtocol) -> Recipe {
    let method = match task {
        LabelTask::Pairwise => Method::Preference,
        LabelTask::PassFail | LabelTask::Scores => Method::Score,
    };
    Recipe {
        name: RECIPE.to_owned(),
        principles_per_pair: setup.principles_per_pair,
        votes: setup.votes,
        protocol,
        reason_first: setup.reason_first,
        ..Recipe::built_in(method)
    }
}

/// A writer's name as a model: the project's of that name, else one that is called so.
fn writer(known: &[ModelEntry], name: &str) -> Option<ModelEntry> {
    if name.trim().is_empty() {
        return None;
    }
    let known = known.iter().find(|model| model.name == name).cloned();
    let known = known.or_else(|| (name == ModelEntry::EMBEDDED).then(ModelEntry::embedded));
    Some(known.unwrap_or_else(|| ModelEntry {
        name: name.to_owned(),
        model: name.to_owned(),
        kind: crate::domain::ModelKind::OpenAi,
        ..ModelEntry::embedded()
    }))
}

fn kinship_of(project: &Project, panel: &Panel, items: &[LabelItem]) -> Kinship {
    let names: std::collections::BTreeSet<&str> =
        items.iter().flat_map(|item| [item.a_model.as_str(), item.b_model.as_str()]).collect();
    let writers: Vec<ModelEntry> =
        names.into_iter().filter_map(|name| writer(&project.file.models, name)).collect();
    let writers: Vec<&ModelEntry> = writers.iter().collect();
    panel.models().map(|judge| kinship(&judge.entry, &writers)).max().unwrap_or_default()
}
