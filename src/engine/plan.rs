//! From a project, a recipe's name and a user's wishes to all that a run needs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::models::{Model, ModelError, Models};
use super::retry::RetryPolicy;
use crate::domain::{
    Constitution, JudgeProtocol, Method, ModelEntry, ModelRole, Prompt, Provenance, Recipe, Rubric,
    RunId,
};
use crate::methods::template::Templates;
use crate::store::journal::{NewRun, RunKind};
use crate::store::{Project, StoreError};

/// Rows at work at once unless told otherwise; each model has a limit of its own besides.
pub const CONCURRENCY: usize = 32;

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
    /// The built-in templates with the project's overrides.
    pub templates: Arc<Templates>,
    /// Who does what; only the roles that the method needs.
    pub models: BTreeMap<ModelRole, Arc<Model>>,
    /// Seeds every draw.
    pub seed: u64,
    /// Rows at work at once, 1 or more.
    pub concurrency: usize,
    /// How failed calls are tried again.
    pub retry: RetryPolicy,
    /// Whether nothing is sent: every reply must be in the journal.
    pub replay_only: bool,
    /// The share of rows, 0..=1, that may fail before the run stops.
    pub max_failures: Option<f64>,
    /// US dollars that the run may cost at most, earlier sessions of it included.
    pub max_cost: Option<f64>,
    /// How long calls in flight may still take after a stop.
    pub grace: Duration,
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
    /// The environment variable that holds the key of a one-off model.
    pub key_env: Option<String>,
    /// Rows at work at once.
    pub concurrency: Option<usize>,
    /// US dollars at most.
    pub max_cost: Option<f64>,
    /// The share of rows, 0..=1, that may fail.
    pub max_failures: Option<f64>,
    /// Whether nothing is sent.
    pub replay_only: bool,
}

/// Why a run can't begin.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A document is not there.
    #[error("there is no {what} called “{name}”")]
    Missing {
        /// `recipe`, `constitution`, `rubric`, `prompt set`.
        what: &'static str,
        /// What was asked for.
        name: String,
        /// What there is, to choose from.
        known: Vec<String>,
        /// Why it is not there, where its file could not be read.
        unreadable: Option<String>,
    },
    /// A document has errors.
    #[error("the {what} “{name}” can't be used: {problem}")]
    Faulty {
        /// Which kind.
        what: &'static str,
        /// Its name.
        name: String,
        /// The first error.
        problem: String,
        /// How to mend it.
        hint: String,
    },
    /// There is nothing to do.
    #[error("there is no prompt to run")]
    NoPrompts,
    /// A number makes no sense.
    #[error("{what} is {value}")]
    Number {
        /// Which.
        what: &'static str,
        /// What was given.
        value: String,
        /// How to mend it.
        hint: &'static str,
    },
    /// A model can't be had.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The run to resume can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run to resume was frozen in another shape.
    #[error("the run {run} can't be resumed: {reason}")]
    Frozen {
        /// Which.
        run: RunId,
        /// Why.
        reason: String,
    },
}
