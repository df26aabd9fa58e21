//! Running one chain: the same engine as a run of a million rows, with one prompt.

mod react;
mod recall;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::TrialPlan;
use super::desk::Desk;
use crate::app::message::{Event, Failure, TrialNews};
use crate::app::state::trial::{LiveCall, RecalledChains};
use crate::domain::{CallFailure, Constitution, FailureKind, Prompt, PromptId, Recipe, RunId};
use crate::engine::{self, Cancel, EngineEvent, Overrides, Plan, RunEnd};
use crate::methods::react::{Reaction, Suggested};
use crate::store::Project;
use crate::store::journal::RunKind;

/// Streamed text is drawn at most this often: ten times a second.
const TEXT_EVERY: Duration = Duration::from_millis(100);

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum TryEffect {
    /// Read the newest chains of each prompt from the journal.
    Recall,
    /// Read the calls behind a recorded chain.
    ReadCalls {
        /// The chain.
        number: u64,
        /// The run that made it.
        run: RunId,
        /// Its prompt.
        prompt: PromptId,
    },
    /// Have the critic's model write principles that answer a reaction.
    Suggest(Box<SuggestPlan>),
    /// Stop that.
    StopSuggesting(u64),
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum TryEvent {
    /// The journal's chains were read.
    Recalled {
        /// The project's folder.
        root: PathBuf,
        /// The chains.
        result: Result<Vec<RecalledChains>, Failure>,
    },
    /// The calls behind a recorded chain were read.
    Calls {
        /// The chain.
        number: u64,
        /// The calls.
        result: Result<Vec<LiveCall>, Failure>,
    },
    /// The model wrote principles, or could not be asked.
    Suggested {
        /// Which request.
        number: u64,
        /// What it wrote.
        result: Result<Suggested, CallFailure>,
    },
}

/// All that suggesting principles takes.
#[derive(Debug, Clone)]
pub struct SuggestPlan {
    /// Names the request.
    pub number: u64,
    /// The recipe whose models are asked.
    pub recipe: Recipe,
    /// The prompt that the response answers.
    pub prompt: Prompt,
    /// The constitution shown.
    pub constitution: Arc<Constitution>,
    /// The response.
    pub response: String,
    /// Praise, complaint or rewrite.
    pub reaction: Reaction,
    /// What is said of it.
    pub said: String,
    /// How it should read.
    pub rewrite: String,
    /// The seed.
    pub seed: u64,
    /// The project's models and roles.
    pub setup: Arc<crate::app::state::documents::Setup>,
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: TryEffect) {
    match effect {
        TryEffect::Recall => recall::recall(desk).await,
        TryEffect::ReadCalls { number, run, prompt } => {
            recall::read_calls(desk, number, run, prompt).await;
        }
        TryEffect::Suggest(plan) => react::suggest(desk, *plan).await,
        TryEffect::StopSuggesting(number) => desk.jobs.cancel(number),
    }
}

/// Runs a chain and tells what happens.
pub async fn run(desk: Arc<Desk>, plan: TrialPlan, cancel: Cancel) {
    let number = plan.number;
    let news = match run_inner(&desk, plan, cancel).await {
        Ok(news) => news,
        Err(failure) => TrialNews::Failed(failure),
    };
    // A newer chain may have begun meanwhile; its number stays.
    let stored = desk.trial.compare_exchange(number, 0, Ordering::Relaxed, Ordering::Relaxed);
    if stored.is_err() {
        tracing::debug!("chain {number} ended after a newer one had begun");
    }
    desk.link.send(Event::Trial { number, news });
}

async fn run_inner(
    desk: &Arc<Desk>,
    plan: TrialPlan,
    cancel: Cancel,
) -> Result<TrialNews, CallFailure> {
    let method = |message: String, hint: &str| CallFailure::new(FailureKind::Method, message, hint);
    let (project, journal) =
        desk.project().map_err(|failure| method(failure.message, &failure.hint))?;
    let number = plan.number;
    let (project, wishes) = as_edited(project, &plan);
    let plan = Plan::of_project(&project, &plan.recipe.name, &wishes, &desk.models)
        .await
        .map_err(|error| method(error.to_string(), &error.hint()))?;
    desk.may_send(&plan).map_err(|failure| method(failure.message, &failure.hint))?;
    let link = desk.link.clone();
    let events: engine::Events = Arc::new(move |event| {
        let patience = match event {
            EngineEvent::Text { .. } => TEXT_EVERY,
            _ => Duration::ZERO,
        };
        if let Some(news) = news_of(event) {
            link.send_within(Event::Trial { number, news }, patience);
        }
    });
    let summary = engine::run(plan, journal, events, cancel)
        .await
        .map_err(|error| CallFailure::new(FailureKind::Storage, error.to_string(), ""))?;
    match summary.end {
        // A run that stopped for another reason than its row has not told it yet.
        RunEnd::Stopped(ref reason) if summary.progress.rows_done == 0 => match reason {
            engine::StopReason::Cancelled => Ok(TrialNews::Finished(Some(summary.run))),
            other => Err(method(other.message(), other.hint())),
        },
        RunEnd::Done | RunEnd::Stopped(_) => Ok(TrialNews::Finished(Some(summary.run))),
    }
}

/// The project with the documents as they are in the window, saved or not.
fn as_edited(mut project: Project, plan: &TrialPlan) -> (Project, Overrides) {
    project.file = super::files::file_of(&plan.setup);
    let recipe = &plan.recipe;
    project.constitutions.insert(recipe.constitution.clone(), Arc::clone(&plan.constitution));
    if let Some(rubric) = &plan.rubric {
        project.rubrics.insert(recipe.rubric.clone(), Arc::clone(rubric));
    }
    project.recipes.insert(recipe.name.clone(), Arc::new(recipe.clone()));
    let wishes = Overrides {
        kind: Some(RunKind::Try),
        prompt_list: Some(vec![plan.prompt.clone()]),
        seed: Some(plan.seed),
        variant: plan.variant.clone(),
        start: plan.start.clone(),
        ..Overrides::default()
    };
    (project, wishes)
}

fn news_of(event: EngineEvent) -> Option<TrialNews> {
    match event {
        EngineEvent::CallStarted { purpose, .. } => Some(TrialNews::CallStarted(purpose)),
        EngineEvent::Text { purpose, piece, .. } => Some(TrialNews::Text(purpose, piece)),
        EngineEvent::Retrying { purpose, failure, wait, .. } => {
            let why = format!("{}; again in {:.1} s", failure.message, wait.as_secs_f32());
            Some(TrialNews::Retrying { purpose, why })
        }
        EngineEvent::CallDone { call, outcome, replayed, .. } => {
            Some(TrialNews::CallDone { call, outcome, replayed })
        }
        EngineEvent::RowDone { row, .. } => Some(TrialNews::Row(row)),
        EngineEvent::RunStarted { .. } | EngineEvent::Progress(_) | EngineEvent::Pulse(_) => None,
    }
}
