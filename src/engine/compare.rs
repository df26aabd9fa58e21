//! A comparison as a run: one row a prompt, in which both sides answer and the judge compares.
//!
//! It is one run like any other, so it resumes, replays, stops and counts as they do; window and
//! command line make it by [`Plan::of_comparison`]. Start with [`SideChoice`].

mod kinship;
mod side;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::{BoxFuture, join};
use serde::{Deserialize, Serialize};

use super::ask::{Cast, RunAsk};
use super::control::{Controls, Limits};
use super::manner::decide_delimiters;
use super::models::{Model, Models};
use super::panel::{self, Panel};
use super::plan::{self, CONCURRENCY, GRACE, Overrides, Plan, decide_protocol};
use super::plan_error::{self, PlanError, first_error};
use super::retry::RetryPolicy;
use super::run::RowMethod;
use crate::domain::{
    CallFailure, Constitution, FailureKind, Method, ModelEntry, ModelRole, PrincipleId, Prompt,
    Recipe, Row, RowFailure, RunId, Variant,
};
use crate::methods::compare::{CompareTask, both_sides, compare_sides, overall};
use crate::methods::template::Templates;
use crate::store::journal::{RowEntry, RunKind};
use crate::store::{Journal, Project, StoreError};

pub use kinship::{Kinship, kinship, kinship_of_names, warning_of};
pub use side::shown_version;
use side::{is_same, side};

/// The name that a comparison's recipe has in the journal.
pub const RECIPE: &str = "compare";

/// The kind under which constitutions' versions are kept in the journal.
pub const VERSION_KIND: &str = "constitution";

/// What a side is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SideChoice {
    /// A constitution, by file stem or name; `None`: plain drafts.
    pub constitution: Option<String>,
    /// One of its kept versions, by name or hash; `None`: as it is now.
    pub version: Option<String>,
    /// Principles that are switched off on this side.
    pub without: Vec<PrincipleId>,
    /// The model that writes, criticises and revises on this side, by name or specification;
    /// `None`: those of the project's roles.
    pub model: Option<String>,
}

impl SideChoice {
    /// A constitution as it is now.
    pub fn of(stem: impl Into<String>) -> Self {
        Self { constitution: Some(stem.into()), ..Self::default() }
    }
}

/// What the judge goes by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Yardstick {
    /// The principles of both sides.
    #[default]
    BothSides,
    /// One plain question: which is better, all in all.
    Overall,
    /// The principles of a constitution, by file stem or name.
    Constitution(String),
}

/// What a comparison shall be; what is left out is the project's.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ComparisonWishes {
    /// The one side.
    pub a: SideChoice,
    /// The other.
    pub b: SideChoice,
    /// The prompt set, by file stem.
    pub prompts: Option<String>,
    /// Only the first so many prompts.
    pub limit: Option<usize>,
    /// The seed.
    pub seed: Option<u64>,
    /// The judge's model, by name or specification.
    pub judge: Option<String>,
    /// One of the project's judges in its place, by file stem or name; an empty one: the model.
    /// `None`, with no model named: as the project's recipe for preferences says.
    pub panel: Option<String>,
    /// What the judge goes by.
    pub yardstick: Yardstick,
    /// Principles that each pair is judged by.
    pub principles_per_pair: Option<u32>,
    /// Rounds of critique and revision.
    pub rounds: Option<u32>,
    /// The environment variable that holds the key of a one-off model.
    pub key_env: Option<String>,
    /// Rows at work at once.
    pub concurrency: Option<usize>,
    /// US dollars at most.
    pub max_cost: Option<f64>,
    /// Whether nothing is sent.
    pub replay_only: bool,
}

/// One side, ready to answer.
#[derive(Debug, Clone)]
pub struct Side {
    /// Its constitution; `None`: plain drafts.
    pub constitution: Option<Arc<Constitution>>,
    /// Who writes, criticises and revises.
    pub models: Cast,
}

/// Two sides, ready to answer.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// What is told of it.
    pub about: About,
    /// The one side.
    pub a: Side,
    /// The other.
    pub b: Side,
}

/// What is told of a comparison, as it is kept with its run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The one side.
    pub a: SideAbout,
    /// The other.
    pub b: SideAbout,
    /// The prompt set's file stem.
    pub prompts: String,
    /// What the project calls the judge.
    pub judge: String,
    /// What the judge is, with its provider.
    pub judge_identity: String,
    /// What it goes by, in words.
    pub judged_by: String,
    /// Principles that each pair is judged by at most.
    pub principles_per_pair: u32,
    /// What the principles are about that it may be asked about.
    #[serde(default)]
    pub principles: BTreeMap<PrincipleId, String>,
    /// Rounds of critique and revision.
    pub rounds: u32,
    /// The seed.
    pub seed: u64,
    /// How near the judge is to who is judged.
    pub kinship: Kinship,
}

/// What is told of a side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideAbout {
    /// What people call it: `General · v12`, `General without P3`, `Plain drafts`.
    pub label: String,
    /// What was chosen.
    pub choice: SideChoice,
    /// What the project calls its writer.
    pub writer: String,
    /// What its writer is, with its provider.
    pub writer_identity: String,
}

impl About {
    /// The judge in words: its name, and its provider's where that tells more.
    pub fn judge_in_words(&self) -> String {
        let (name, identity) = (&self.judge, &self.judge_identity);
        if name == ModelEntry::EMBEDDED {
            "the starter model".to_owned()
        } else if name == identity {
            name.clone()
        } else {
            format!("{name} ({identity})")
        }
    }
}

impl Plan {
    /// A plan that compares two sides on the same prompts.
    ///
    /// # Errors
    ///
    /// What is missing or wrong, with what there is to choose from; or both sides are the same.
    pub async fn of_comparison(
        project: &Project,
        journal: &Journal,
        wishes: &ComparisonWishes,
        models: &Models,
    ) -> Result<Self, PlanError> {
        let mut recipe = recipe_of(project, wishes);
        let (a, a_about) = side(project, journal, wishes, &wishes.a, models).await?;
        let (b, b_about) = side(project, journal, wishes, &wishes.b, models).await?;
        if is_same(&a, &b) {
            return Err(PlanError::SameSides);
        }
        let (yardstick, judged_by) = yardstick(project, wishes, &a, &b)?;
        let by_list = Overrides {
            prompts: wishes.prompts.clone(),
            limit: wishes.limit,
            ..Overrides::default()
        };
        let prompts = plan::prompts(project, &recipe, &by_list)?;
        let (templates, problems) = Templates::with_overrides(project.templates.clone());
        if let Some(problem) = first_error(&problems) {
            return Err(plan_error::faulty("template", &problem.place, problem));
        }
        let with_judge = Overrides { key_env: wishes.key_env.clone(), ..Overrides::default() };
        let panel = panel::of_recipe(project, &mut recipe, &with_judge, models, &templates).await?;
        if let (Some(_), Some(principles)) = (&panel, wishes.principles_per_pair) {
            return Err(PlanError::Faulty {
                what: "judge",
                name: recipe.judge,
                problem: format!(
                    "it says itself how many principles a pair is judged by, and {principles} are \
                     wished for"
                ),
                hint: "leave the number of principles out, or change it in the judge".to_owned(),
            });
        }
        let mut by_role = BTreeMap::new();
        if panel.is_none() {
            let role = || project.file.role(ModelRole::Judge);
            let spec = wishes.judge.as_deref().unwrap_or_else(role);
            let key_env = wishes.key_env.as_deref();
            let judge = models.resolve(&project.file.models, spec, key_env).await?;
            by_role.insert(ModelRole::Judge, judge);
        }
        decide_protocol(&mut recipe, &by_role);
        decide_delimiters(&mut recipe, &by_role, &templates);
        let judges: Vec<Arc<Model>> = match &panel {
            Some(panel) => panel.models().cloned().collect(),
            None => by_role.values().cloned().collect(),
        };
        let writers: Vec<&ModelEntry> = [&a, &b]
            .into_iter()
            .flat_map(|side| side.models.values().map(|model| &model.entry))
            .collect();
        let seed = wishes.seed.unwrap_or(project.file.seed);
        let eligible = u32::try_from(yardstick.eligible().len()).unwrap_or(u32::MAX);
        let set = wishes.prompts.as_deref().filter(|name| !name.is_empty());
        let about = About {
            a: a_about,
            b: b_about,
            prompts: set.unwrap_or(&project.file.prompts).to_owned(),
            judge: match &panel {
                Some(panel) => panel.setup().name.clone(),
                None => judges.iter().map(|judge| judge.name.clone()).collect(),
            },
            judge_identity: identities(&judges, panel.as_ref()),
            judged_by,
            principles_per_pair: recipe.principles_per_pair.min(eligible),
            principles: yardstick
                .eligible()
                .into_iter()
                .map(|principle| (principle.id.clone(), principle.label()))
                .collect(),
            rounds: recipe.rounds,
            seed,
            kinship: judges
                .iter()
                .map(|judge| kinship(&judge.entry, &writers))
                .max()
                .unwrap_or_default(),
        };
        Self {
            kind: RunKind::Compare,
            run: None,
            recipe: Arc::new(recipe),
            constitution: Some(Arc::new(yardstick)),
            rubric: None,
            prompts: prompts.into(),
            only: None,
            templates: Arc::new(templates),
            models: by_role,
            candidates: None,
            compare: Some(Arc::new(Comparison { about, a, b })),
            panel: panel.map(Arc::new),
            judging: None,
            variant: Variant::default(),
            start: None,
            seed,
            controls: Controls::new(Limits {
                at_once: wishes.concurrency.unwrap_or(CONCURRENCY),
                max_cost: wishes.max_cost.or(project.file.spending.per_run),
                ..Limits::of_project(&project.file)
            }),
            retry: RetryPolicy::default(),
            replay_only: wishes.replay_only,
            grace: GRACE,
        }
        .checked()
    }
}

/// What judges, with the providers; several with what makes one of them.
fn identities(judges: &[Arc<Model>], panel: Option<&Panel>) -> String {
    let all: Vec<&str> = judges.iter().map(|judge| judge.provider.identity()).collect();
    let words = all.join(" + ");
    match panel.filter(|_| all.len() > 1) {
        Some(panel) => format!("{words}, {}", panel.setup().rule),
        None => words,
    }
}

/// What is told of a comparison that was run before; `None` where the run is none.
///
/// # Errors
///
/// The journal can't be read.
pub async fn about(journal: &Journal, run: &RunId) -> Result<Option<About>, StoreError> {
    let frozen = journal.frozen(run).await?;
    let about =
        frozen.and_then(|mut frozen| Some(frozen.get_mut("compare")?.get_mut("about")?.take()));
    Ok(about.and_then(|about| serde_json::from_value(about).ok()))
}

/// All rows of a run, in the order of its prompts.
///
/// # Errors
///
/// The journal can't be read.
pub async fn all_rows(journal: &Journal, run: &RunId) -> Result<Vec<RowEntry>, StoreError> {
    /// Rows read at once.
    const PAGE: usize = 512;
    let mut all: Vec<RowEntry> = Vec::new();
    loop {
        let page = journal.rows(run, all.last().map(|last| last.position), PAGE).await?;
        let is_last = page.len() < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all);
        }
    }
}

/// How answers are made as the project's recipe for critique says, and judged as that for
/// preferences says.
pub fn recipe_of(project: &Project, wishes: &ComparisonWishes) -> Recipe {
    let of = |method: Method| {
        project
            .recipes
            .values()
            .find(|recipe| recipe.method == method)
            .map_or_else(|| Recipe::built_in(method), |recipe| Recipe::clone(recipe))
    };
    recipe_from(&of(Method::Critique), &of(Method::Preference), wishes)
}

/// The recipe of a comparison, from one for critique and one for preferences.
pub fn recipe_from(writing: &Recipe, judging: &Recipe, wishes: &ComparisonWishes) -> Recipe {
    Recipe {
        name: RECIPE.to_owned(),
        method: Method::Preference,
        rounds: wishes.rounds.unwrap_or(writing.rounds),
        principles_per_pair: wishes
            .principles_per_pair
            .unwrap_or(judging.principles_per_pair)
            .max(1),
        votes: judging.votes,
        protocol: judging.protocol,
        delimiters: judging.delimiters,
        judge: match (&wishes.panel, &wishes.judge) {
            (Some(judge), _) => judge.clone(),
            // A model is named in place of whatever judges otherwise.
            (None, Some(_)) => String::new(),
            (None, None) => judging.judge.clone(),
        },
        canaries: 0.0,
        reason_first: judging.reason_first,
        constitution: String::new(),
        prompts: wishes.prompts.clone().unwrap_or_default(),
        candidates: Vec::new(),
        ..writing.clone()
    }
}

fn yardstick(
    project: &Project,
    wishes: &ComparisonWishes,
    a: &Side,
    b: &Side,
) -> Result<(Constitution, String), PlanError> {
    let (a, b) = (a.constitution.as_deref(), b.constitution.as_deref());
    Ok(match &wishes.yardstick {
        Yardstick::Overall => (overall(), "which is better all in all".to_owned()),
        Yardstick::BothSides if a.is_none() && b.is_none() => {
            (overall(), "which is better all in all".to_owned())
        }
        Yardstick::BothSides => (both_sides(a, b), "the principles of both sides".to_owned()),
        Yardstick::Constitution(stem) => {
            let found = plan::constitution(project, stem)?;
            if found.eligible().is_empty() {
                return Err(PlanError::Faulty {
                    what: "constitution",
                    name: stem.clone(),
                    problem: "no principle can be drawn".to_owned(),
                    hint: "judge by another, or by one plain question".to_owned(),
                });
            }
            let name = if found.name.trim().is_empty() { stem } else { &found.name };
            let words = format!("the principles of {name}");
            (Constitution::clone(&found), words)
        }
    })
}

/// Has both sides answer and the judge compare.
pub struct CompareMethod;

impl RowMethod for CompareMethod {
    fn row<'a>(
        &'a self,
        plan: &'a Plan,
        ask: &'a RunAsk,
        prompt: &'a Prompt,
    ) -> BoxFuture<'a, Row> {
        Box::pin(async move {
            let (Some(compare), Some(yardstick)) = (&plan.compare, &plan.constitution) else {
                let failure = CallFailure::new(FailureKind::Method, "there are no two sides", "");
                let failure = Some(RowFailure { at: RECIPE.to_owned(), failure });
                return Row { failure, ..Row::empty(prompt) };
            };
            let task = CompareTask {
                prompt,
                a: compare.a.constitution.as_deref(),
                b: compare.b.constitution.as_deref(),
                yardstick,
                templates: &plan.templates,
                recipe: &plan.recipe,
                protocol: plan.recipe.protocol,
                seed: plan.seed,
            };
            let sides = (&ask.with_models(&compare.a.models), &ask.with_models(&compare.b.models));
            let asks = plan.panel.as_ref().map(|panel| panel.asks(ask)).unwrap_or_default();
            let jury = plan.panel.as_ref().map(|panel| panel.jury(&asks));
            let canary = async { plan.panel.as_ref()?.canary(ask, plan, prompt).await };
            let (parts, canary) =
                join(compare_sides(sides, (ask, jury.as_ref()), &task), canary).await;
            Row { pair: parts.pair, failure: parts.failure, canary, ..Row::empty(prompt) }
        })
    }
}
