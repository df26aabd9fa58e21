//! Pinned cases: runs them through the engine, and reads past outcomes from the journal.

use std::path::PathBuf;
use std::sync::Arc;

use super::desk::Desk;
use crate::app::message::Event;
use crate::app::state::cases::{RECIPE, Scored, key_of};
use crate::app::state::documents::Setup;
use crate::domain::{CallFailure, Constitution, FailureKind, Prompt, Purpose, Recipe, Row, Rubric};
use crate::engine::{self, EngineEvent, Overrides, Plan, RunEnd, StopReason};
use crate::store::journal::{RunKind, RunRecord};
use crate::store::{Journal, StoreError};

/// The newest runs that are looked through for past outcomes.
const RUNS: usize = 200;
/// The newest rows with scores that are kept.
const SCORED: usize = 20;

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum CasesEffect {
    /// Run cases.
    Run(Box<CasesPlan>),
    /// Stop the cases of that number.
    Stop(u64),
    /// Read past outcomes, and the newest rows with scores, from the journal.
    Read,
}

/// All that running cases takes.
#[derive(Debug, Clone)]
pub struct CasesPlan {
    /// Names the job.
    pub number: u64,
    /// What is done with each.
    pub recipe: Recipe,
    /// The cases.
    pub prompts: Vec<Prompt>,
    /// The principle alone.
    pub constitution: Arc<Constitution>,
    /// Scored by what, where scored.
    pub rubric: Option<Arc<Rubric>>,
    /// The seed.
    pub seed: u64,
    /// The project's models and roles.
    pub setup: Arc<Setup>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum CasesEvent {
    /// What is waited for before the first call.
    Preparing {
        /// The job.
        number: u64,
        /// In words.
        what: String,
    },
    /// A call was sent.
    Doing {
        /// The job.
        number: u64,
        /// For what.
        purpose: Purpose,
    },
    /// A case's row is in the journal, failed or not.
    Row {
        /// The job.
        number: u64,
        /// The row.
        row: Arc<Row>,
    },
    /// All is over.
    Finished {
        /// The job.
        number: u64,
    },
    /// The job could not be done.
    Failed {
        /// The job.
        number: u64,
        /// Why.
        failure: CallFailure,
    },
    /// What the journal has.
    Read {
        /// The project that it is of.
        root: PathBuf,
        /// Rows of cases, oldest first.
        outcomes: Vec<Arc<Row>>,
        /// Rows with scores, newest first.
        scored: Vec<Scored>,
    },
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: CasesEffect) {
    match effect {
        CasesEffect::Run(plan) => {
            let number = plan.number;
            let event = match run(&desk, *plan).await {
                Ok(()) => CasesEvent::Finished { number },
                Err(failure) => CasesEvent::Failed { number, failure },
            };
            desk.jobs.end(number);
            desk.link.send(Event::Cases(event));
        }
        CasesEffect::Stop(number) => desk.jobs.cancel(number),
        CasesEffect::Read => {
            let Ok((project, journal)) = desk.project() else { return };
            match read(&journal).await {
                Ok((outcomes, scored)) => {
                    let root = project.root.clone();
                    desk.link.send(Event::Cases(CasesEvent::Read { root, outcomes, scored }));
                }
                Err(error) => {
                    let failure =
                        super::desk::failure_of("past outcomes of cases can't be read", &error);
                    desk.link.send(Event::Failed(failure));
                }
            }
        }
    }
}

async fn run(desk: &Arc<Desk>, plan: CasesPlan) -> Result<(), CallFailure> {
    let method = |message: String, hint: &str| CallFailure::new(FailureKind::Method, message, hint);
    let number = plan.number;
    let cancel = desk.jobs.begin(number);
    let (mut project, journal) =
        desk.project().map_err(|failure| method(failure.message, &failure.hint))?;
    project.file = super::files::file_of(&plan.setup);
    let mut recipe = plan.recipe;
    // Documents as they are in the window, under names that nothing else has.
    RECIPE.clone_into(&mut recipe.constitution);
    RECIPE.clone_into(&mut recipe.rubric);
    project.constitutions.insert(RECIPE.to_owned(), plan.constitution);
    if let Some(rubric) = plan.rubric {
        project.rubrics.insert(RECIPE.to_owned(), rubric);
    }
    project.recipes.insert(RECIPE.to_owned(), Arc::new(recipe));
    let wishes = Overrides {
        kind: Some(RunKind::Try),
        prompt_list: Some(plan.prompts),
        seed: Some(plan.seed),
        // One after the other: on a small machine the first answer comes sooner.
        concurrency: Some(1),
        ..Overrides::default()
    };
    let plan = Plan::of_project(&project, RECIPE, &wishes, &desk.models)
        .await
        .map_err(|error| method(error.to_string(), &error.hint()))?;
    desk.may_send(&plan).map_err(|failure| method(failure.message, &failure.hint))?;
    let link = desk.link.clone();
    let events: engine::Events = Arc::new(move |event| {
        let event = match event {
            EngineEvent::CallStarted { purpose, .. } => CasesEvent::Doing { number, purpose },
            EngineEvent::Retrying { failure, wait, .. } => CasesEvent::Preparing {
                number,
                what: format!("{}; again in {:.1} s", failure.message, wait.as_secs_f32()),
            },
            EngineEvent::RowDone { row, .. } => CasesEvent::Row { number, row },
            _ => return,
        };
        link.send(Event::Cases(event));
    });
    let summary = engine::run(plan, journal, events, cancel)
        .await
        .map_err(|error| CallFailure::new(FailureKind::Storage, error.to_string(), ""))?;
    match summary.end {
        RunEnd::Done | RunEnd::Stopped(StopReason::Cancelled) => Ok(()),
        RunEnd::Stopped(reason) => Err(method(reason.message(), reason.hint())),
    }
}

/// Rows of cases, oldest first, and the newest rows with scores.
async fn read(journal: &Journal) -> Result<(Vec<Arc<Row>>, Vec<Scored>), StoreError> {
    let mut outcomes = Vec::new();
    let mut scored: Vec<Scored> = Vec::new();
    for record in journal.runs().await?.into_iter().take(RUNS) {
        let is_case = record.recipe == RECIPE;
        if !is_case && scored.len() >= SCORED {
            continue;
        }
        let rows = journal.rows(&record.id, None, SCORED).await?;
        if is_case {
            // Newest run first; within a run the order does not matter: one row a case.
            outcomes.extend(rows.into_iter().map(|entry| Arc::new(entry.row)));
            continue;
        }
        let with_scores: Vec<Arc<Row>> = rows
            .into_iter()
            .filter(|entry| !entry.row.scores.is_empty())
            .map(|entry| Arc::new(entry.row))
            .collect();
        if with_scores.is_empty() {
            continue;
        }
        let rubric = rubric_of(journal, &record).await?;
        for row in with_scores {
            let is_known = scored.iter().any(|known| known.row.prompt.text() == row.prompt.text());
            if !is_known && scored.len() < SCORED {
                scored.push(Scored { run: record.id.clone(), row, rubric: rubric.clone() });
            }
        }
    }
    outcomes.retain(|row| key_of(row).is_some());
    outcomes.reverse();
    Ok((outcomes, scored))
}

/// The rubric that a run was started with.
async fn rubric_of(
    journal: &Journal,
    record: &RunRecord,
) -> Result<Option<Arc<Rubric>>, StoreError> {
    let frozen = journal.frozen(&record.id).await?;
    let rubric =
        frozen.and_then(|mut frozen| frozen.get_mut("rubric").map(serde_json::Value::take));
    Ok(rubric.and_then(|rubric| serde_json::from_value(rubric).ok()).map(Arc::new))
}
