//! What a run is frozen with, so that it can go on as it began whatever became of its documents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::candidates::{self, Pens};
use super::compare::{About, Comparison, Side};
use super::control::{Controls, Limits};
use super::judging;
use super::models::{Model, Models};
use super::panel::Panel;
use super::plan::{GRACE, Overrides, Plan};
use super::plan_error::PlanError;
use super::retry::RetryPolicy;
use super::terms::{self, PriceList, Terms};
use crate::domain::{
    ChainStart, Constitution, JudgeForm, JudgeSetup, Manner, ModelEntry, ModelRole, PanelRule,
    Prompt, Provenance, Recipe, Rubric, RunId, Variant,
};
use crate::methods::template::{TEMPLATES, Templates};
use crate::store::Journal;
use crate::store::journal::NewRun;

/// What a run is frozen with, as the journal keeps it: enough to run it again on another day,
/// after its documents were edited.
#[derive(Debug, Serialize, Deserialize)]
struct Frozen {
    /// The version of this shape.
    format: u32,
    /// The program's version.
    app: String,
    recipe: Recipe,
    constitution: Option<Constitution>,
    rubric: Option<Rubric>,
    /// Name → source in use.
    templates: BTreeMap<String, String>,
    /// Role → entry (never a key) and identity.
    models: BTreeMap<ModelRole, FrozenModel>,
    seed: u64,
    provenance: Provenance,
    #[serde(flatten)]
    limits: Limits,
    /// How often a failed call is tried again; runs of older versions do not say.
    #[serde(default = "terms::usual_retries")]
    retries: u32,
    prompts: Vec<Prompt>,
    #[serde(default, skip_serializing_if = "Variant::is_plain")]
    variant: Variant,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<ChainStart>,
    /// Who writes the pairs' answers, where the recipe names models for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<FrozenModel>>,
    /// The two sides, where it is a comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compare: Option<FrozenComparison>,
    /// The judge, where it is one of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    panel: Option<FrozenPanel>,
    /// What is told of it, where a judge judges a label set's items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    judging: Option<judging::About>,
}

/// Of what a run is frozen with, what says by which terms it began.
#[derive(Debug, Deserialize)]
pub(super) struct FrozenTerms {
    #[serde(flatten)]
    limits: Limits,
    #[serde(default = "terms::usual_retries")]
    retries: u32,
    #[serde(default)]
    models: BTreeMap<ModelRole, FrozenModel>,
    #[serde(default)]
    candidates: Option<Vec<FrozenModel>>,
    #[serde(default)]
    compare: Option<FrozenSides>,
    #[serde(default)]
    panel: Option<FrozenPanel>,
}

#[derive(Debug, Deserialize)]
struct FrozenSides {
    a: FrozenCast,
    b: FrozenCast,
}

#[derive(Debug, Deserialize)]
struct FrozenCast {
    models: BTreeMap<ModelRole, FrozenModel>,
}

impl FrozenTerms {
    /// What the journal's [`frozen`](Journal::frozen) says; `None` where it does not.
    pub(super) fn of(frozen: &serde_json::Value) -> Option<Self> {
        Self::deserialize(frozen).ok()
    }

    /// All models that it asks.
    pub(super) fn entries(&self) -> impl Iterator<Item = &ModelEntry> {
        let sides = self.compare.iter().flat_map(|compare| [&compare.a, &compare.b]);
        let by_side = sides.flat_map(|side| side.models.values());
        let pens = self.candidates.iter().flatten();
        let judges = self.panel.iter().flat_map(|panel| &panel.models).map(|(model, _)| model);
        let all = self.models.values().chain(pens).chain(by_side).chain(judges);
        all.map(|model| &model.entry)
    }

    pub(super) fn terms(&self) -> Terms {
        let price = |entry: &ModelEntry| Some((entry.name.clone(), PriceList::of(entry)?));
        Terms {
            limits: self.limits,
            retries: self.retries,
            prices: self.entries().filter_map(price).collect(),
        }
    }
}

/// What a run was made with, as far as a reader of its rows wants to know.
#[derive(Debug, Clone, Deserialize)]
pub struct Origin {
    /// What was done.
    pub recipe: Recipe,
    /// The principles.
    pub constitution: Option<Constitution>,
    /// The criteria.
    pub rubric: Option<Rubric>,
    /// The seed.
    pub seed: u64,
    models: BTreeMap<ModelRole, FrozenModel>,
}

impl Origin {
    /// What the journal's [`frozen`](Journal::frozen) says; `None` where it can't be understood.
    pub fn of(frozen: serde_json::Value) -> Option<Self> {
        serde_json::from_value(frozen).ok()
    }

    /// Who did what.
    pub fn model(&self, role: ModelRole) -> Option<&ModelEntry> {
        self.models.get(&role).map(|model| &model.entry)
    }
}

/// A model as it was.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FrozenModel {
    identity: String,
    entry: ModelEntry,
}

#[derive(Debug, Serialize, Deserialize)]
struct FrozenComparison {
    about: About,
    a: FrozenSide,
    b: FrozenSide,
}

/// A judge as it was, with how each of its models is asked.
#[derive(Debug, Serialize, Deserialize)]
struct FrozenPanel {
    setup: JudgeSetup,
    models: Vec<(FrozenModel, Manner)>,
}

impl FrozenPanel {
    fn of(panel: &Panel) -> Self {
        let manners = panel.manners().map(|(_, manner)| manner);
        let models = panel.models().map(|model| FrozenModel::of(model)).zip(manners).collect();
        Self { setup: JudgeSetup::clone(panel.setup()), models }
    }
}

/// The judge of its own that a run was frozen with, for whoever reads its rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FrozenJudge {
    /// Its file stem; empty where the run does not say.
    pub judge: String,
    /// What people call it.
    pub name: String,
    /// Which judge it is; see [`judging::About::hash_of`].
    pub hash: String,
    /// How its models' answers become one.
    pub rule: PanelRule,
    /// What its models are, with their providers and how each is asked, in its order.
    pub models: Vec<(String, Manner)>,
    /// All its settings.
    pub setup: JudgeSetup,
}

impl FrozenJudge {
    /// What the journal's [`frozen`](Journal::frozen) says; `None` where the judge is the model of
    /// that role.
    pub fn of(frozen: &serde_json::Value) -> Option<Self> {
        let FrozenPanel { setup, models } =
            FrozenPanel::deserialize(frozen.get("panel").filter(|panel| !panel.is_null())?).ok()?;
        let stem = ["/recipe/judge", "/judging/judge"]
            .iter()
            .find_map(|place| frozen.pointer(place).and_then(serde_json::Value::as_str));
        Some(Self {
            judge: stem.unwrap_or_default().to_owned(),
            name: setup.name.clone(),
            hash: judging::About::hash_of(&setup),
            rule: setup.rule,
            models: models.into_iter().map(|(model, manner)| (model.identity, manner)).collect(),
            setup,
        })
    }

    /// It in a line: `Two readers: openai:a + openai:b, Mean`.
    pub fn words(&self) -> String {
        let models: Vec<&str> = self.models.iter().map(|(model, _)| model.as_str()).collect();
        let mut words = format!("{}: {}", self.name, models.join(" + "));
        if models.len() > 1 {
            words = format!("{words}, {}", self.rule);
        }
        if let Some(band) = self.setup.first_alone.filter(|_| models.len() > 1) {
            words = format!("{words}, the first alone unless within {band} of one half");
        }
        if self.setup.form != JudgeForm::Usual {
            words = format!("{words}, {} form", self.setup.form);
        }
        if self.setup.votes > 1 {
            words =
                format!("{words}, {} votes where there are no log-probabilities", self.setup.votes);
        }
        if self.setup.refine {
            words.push_str(", read again by itself");
        }
        if !self.setup.examples.is_empty() {
            words = format!("{words}, {} examples shown", self.setup.examples.len());
        }
        words
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct FrozenSide {
    constitution: Option<Constitution>,
    models: BTreeMap<ModelRole, FrozenModel>,
}

impl FrozenSide {
    fn of(side: &Side) -> Self {
        Self {
            constitution: side.constitution.as_deref().cloned(),
            models: side.models.iter().map(|(role, m)| (*role, FrozenModel::of(m))).collect(),
        }
    }
}

impl FrozenModel {
    pub(super) fn of(model: &Model) -> Self {
        Self { identity: model.provider.identity().to_owned(), entry: model.entry.clone() }
    }
}

/// The models of the process, and the project's as they are now.
type Thawing<'a> = (&'a Models, &'a [ModelEntry]);

/// The models that were frozen, if they still are what they were.
async fn thawed(
    frozen: &BTreeMap<ModelRole, FrozenModel>,
    of: Thawing<'_>,
    fail: &impl Fn(String) -> PlanError,
) -> Result<BTreeMap<ModelRole, Arc<Model>>, PlanError> {
    let mut by_role = BTreeMap::new();
    for (role, frozen) in frozen {
        by_role.insert(*role, thawed_one(&role.to_string(), frozen, of, fail).await?);
    }
    Ok(by_role)
}

async fn thawed_one(
    role: &str,
    frozen: &FrozenModel,
    (models, known): Thawing<'_>,
    fail: &impl Fn(String) -> PlanError,
) -> Result<Arc<Model>, PlanError> {
    let model = models.of_entry(&terms::as_now(&frozen.entry, known)).await?;
    if model.provider.identity() != frozen.identity {
        return Err(fail(format!(
            "the {role}’s model was {} and is now {}",
            frozen.identity,
            model.provider.identity()
        )));
    }
    Ok(model)
}

impl Plan {
    /// The plan of a run that stopped, exactly as it was frozen, by the terms that it went by
    /// last; `wishes` may change what does not change its rows: concurrency, limits, replay only.
    /// The limit per day is the project's, as it is now: who resumes gives it among the wishes
    /// ([`Overrides::in_project`]); a run with one of its own keeps it where the project has none.
    /// Prices are those of `known`, the project's models as they are now, since that is what the
    /// provider bills.
    ///
    /// # Errors
    ///
    /// There is no such run, it can't be understood, or a model is not the one that it was.
    pub async fn resume(
        journal: &Journal,
        run: &RunId,
        wishes: &Overrides,
        models: &Models,
        known: &[ModelEntry],
    ) -> Result<Self, PlanError> {
        let fail = |reason: String| PlanError::Frozen { run: run.clone(), reason };
        let record =
            journal.run(run).await?.ok_or_else(|| fail("there is no such run".to_owned()))?;
        let value =
            journal.frozen(run).await?.ok_or_else(|| fail("its plan is not there".to_owned()))?;
        let changes = journal.changes(run).await?;
        let last = Terms::last(&value, &changes);
        let frozen: Frozen = serde_json::from_value(value)
            .map_err(|error| fail(format!("its plan can't be understood: {error}")))?;
        let of = (models, known);
        let by_role = thawed(&frozen.models, of, &fail).await?;
        let (limits, retries) =
            last.map_or((frozen.limits, frozen.retries), |last| (last.limits, last.retries));
        let candidates = match &frozen.candidates {
            None => None,
            Some(frozen) => {
                let mut pens = Vec::new();
                for (place, model) in frozen.iter().enumerate() {
                    let role = format!("writer of {}", candidates::letter(place));
                    pens.push(thawed_one(&role, model, of, &fail).await?);
                }
                Some(Arc::new(Pens::new(pens)))
            }
        };
        let compare = match frozen.compare {
            None => None,
            Some(FrozenComparison { about, a, b }) => Some(Arc::new(Comparison {
                about,
                a: Side {
                    models: thawed(&a.models, of, &fail).await?,
                    constitution: a.constitution.map(Arc::new),
                },
                b: Side {
                    models: thawed(&b.models, of, &fail).await?,
                    constitution: b.constitution.map(Arc::new),
                },
            })),
        };
        let panel = match frozen.panel {
            None => None,
            Some(FrozenPanel { setup, models }) => {
                let mut seats = Vec::new();
                for (model, manner) in &models {
                    seats.push((thawed_one("judge", model, of, &fail).await?, *manner));
                }
                Some(Arc::new(Panel::thawed(setup, seats)))
            }
        };
        // Those that came with a later version are none of what it was made with.
        let known: BTreeSet<String> = frozen.templates.keys().cloned().collect();
        let (templates, _) = Templates::with_overrides(frozen.templates);
        let templates = templates.only(|name| known.contains(name));
        let plan = Self {
            kind: record.kind,
            run: Some(run.clone()),
            recipe: Arc::new(frozen.recipe),
            constitution: frozen.constitution.map(Arc::new),
            rubric: frozen.rubric.map(Arc::new),
            prompts: frozen.prompts.into(),
            only: None,
            templates: Arc::new(templates),
            models: by_role,
            candidates,
            compare,
            panel,
            judging: frozen.judging.map(Arc::new),
            seed: frozen.seed,
            controls: Controls::new(wishes.limits(limits)),
            retry: RetryPolicy::of_retries(retries),
            replay_only: wishes.replay_only,
            grace: GRACE,
            variant: frozen.variant,
            start: frozen.start.map(Arc::new),
        };
        let mut now = plan.provenance();
        // It follows from what else is frozen, and runs of before did not say it. Of a later
        // version's templates the frozen ones are some of its own.
        now.judge.clone_from(&frozen.provenance.judge);
        if now != frozen.provenance {
            return Err(fail(
                "this version of Preamble would do it differently (a built-in template changed)"
                    .to_owned(),
            ));
        }
        plan.checked()
    }

    /// What the journal keeps of a new run of this plan.
    pub fn new_run(&self) -> NewRun {
        let templates = TEMPLATES
            .iter()
            .filter_map(|info| {
                Some((info.name.to_owned(), self.templates.source(info.name)?.to_owned()))
            })
            .collect();
        let frozen = Frozen {
            format: crate::domain::FORMAT,
            app: env!("CARGO_PKG_VERSION").to_owned(),
            recipe: Recipe::clone(&self.recipe),
            constitution: self.constitution.as_deref().cloned(),
            rubric: self.rubric.as_deref().cloned(),
            templates,
            models: self.models.iter().map(|(role, m)| (*role, FrozenModel::of(m))).collect(),
            seed: self.seed,
            provenance: self.provenance(),
            limits: self.controls.limits(),
            retries: self.retry.max_attempts.saturating_sub(1),
            prompts: self.prompts.to_vec(),
            variant: self.variant.clone(),
            start: self.start.as_deref().cloned(),
            candidates: self
                .candidates
                .as_ref()
                .map(|pens| pens.models().map(|model| FrozenModel::of(model)).collect()),
            compare: self.compare.as_deref().map(|compare| FrozenComparison {
                about: compare.about.clone(),
                a: FrozenSide::of(&compare.a),
                b: FrozenSide::of(&compare.b),
            }),
            panel: self.panel.as_deref().map(FrozenPanel::of),
            judging: self.judging.as_deref().cloned(),
        };
        NewRun {
            kind: self.kind,
            recipe: self.recipe.name.clone(),
            rows_total: self.prompts.len() as u64,
            // Only maps with keys that are no text can't be written, and there is none.
            frozen: serde_json::to_value(&frozen).unwrap_or_default(),
        }
    }
}
