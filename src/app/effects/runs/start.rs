//! Beginning a run or going on with one: the project as edited, the plan, the engine.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::desk::{Desk, failure_of};
use super::super::files::file_of;
use super::live::{self, Live};
use super::{Ending, RunPlan, RunWork};
use crate::app::message::Failure;
use crate::app::state::runs::{LEAST_PILOT, PilotFacts, SampleRow};
use crate::engine::{
    self, EngineError, Overrides, Plan, PlanError, RetryPolicy, RunEnd, RunSummary, StopReason,
};
use crate::store::journal::{RowEntry, RunKind};
use crate::store::{Journal, Project};

/// Runs to the end and tells on the way.
pub(super) async fn begin(desk: &Arc<Desk>, number: u64, work: RunWork) -> Result<Ending, Failure> {
    let cancel = desk.jobs.begin(number);
    let result = run(desk, number, work, cancel).await;
    desk.jobs.end(number);
    result
}

async fn run(
    desk: &Arc<Desk>,
    number: u64,
    work: RunWork,
    cancel: engine::Cancel,
) -> Result<Ending, Failure> {
    let (project, journal) = desk.project()?;
    if project.read_only {
        return Err(Failure::new(
            "the project is open in another window, which alone may run it",
            "run it there, or close that window and open the project again",
        ));
    }
    let (plan, kept) = match work {
        RunWork::New(plan) => (new_plan(desk, project, *plan).await?, 0),
        RunWork::Resume { run, wishes } => {
            let wishes = Overrides {
                max_cost: wishes.cap,
                max_cost_per_day: wishes.cap_per_day,
                max_failures: wishes.failures,
                max_refusals: wishes.refusals,
                ..Overrides::default()
            };
            let wishes = wishes.in_project(&project.file);
            let plan = Plan::resume(&journal, &run, &wishes, &desk.models, &project.file.models)
                .await
                .map_err(|error| of_plan(&error))?;
            let counts = journal
                .counts(&run)
                .await
                .map_err(|error| failure_of("the run can't be read", &error))?;
            (plan, counts.rows)
        }
    };
    desk.may_send(&plan)?;
    let is_pilot = plan.kind == RunKind::Pilot;
    let at_once = plan.controls.limits().at_once;
    desk.jobs.control(number, &plan.controls);
    let live = Arc::new(Mutex::new(Live::of(kept, &plan)));
    let begun = std::time::Instant::now();
    let teller = tokio::spawn(live::tell(Arc::clone(desk), number, Arc::clone(&live)));
    let ran = engine::run(plan, journal.clone(), live::events(&live), cancel).await;
    teller.abort();
    live::flush(desk, number, &live);
    let summary = ran.map_err(|error| match &error {
        EngineError::Store(store) => Failure::new(error.to_string(), store.hint()),
    })?;
    let (stopped, by_user) = match &summary.end {
        RunEnd::Done => (None, false),
        RunEnd::Stopped(reason) => {
            (Some(Failure::new(reason.message(), reason.hint())), *reason == StopReason::Cancelled)
        }
    };
    let pilot = match is_pilot && stopped.is_none() {
        true => Some(facts(&journal, &summary, begun.elapsed(), at_once).await?),
        false => None,
    };
    Ok(Ending { run: summary.run, stopped, by_user, sums: summary.progress, pilot })
}

/// The plan of a new run.
pub(super) async fn new_plan(
    desk: &Desk,
    project: Project,
    plan: RunPlan,
) -> Result<Plan, Failure> {
    let (project, wishes) = as_edited(project, &plan);
    let mut made = Plan::of_project(&project, &plan.recipe.name, &wishes, &desk.models)
        .await
        .map_err(|error| of_plan(&error))?;
    made.retry = RetryPolicy::of_retries(plan.retries);
    Ok(made)
}

/// The project with the documents as they are in the window, saved or not, and what was chosen.
fn as_edited(mut project: Project, plan: &RunPlan) -> (Project, Overrides) {
    project.file = file_of(&plan.setup);
    let recipe = &plan.recipe;
    if let Some(constitution) = &plan.constitution {
        project.constitutions.insert(recipe.constitution.clone(), Arc::clone(constitution));
    }
    if let Some(rubric) = &plan.rubric {
        project.rubrics.insert(recipe.rubric.clone(), Arc::clone(rubric));
    }
    project.recipes.insert(recipe.name.clone(), Arc::new(recipe.clone()));
    let rows = if plan.limit == 0 { usize::MAX } else { plan.limit as usize };
    let rows = if plan.is_pilot { rows.min(LEAST_PILOT as usize) } else { rows };
    let wishes = Overrides {
        kind: Some(if plan.is_pilot { RunKind::Pilot } else { RunKind::Run }),
        prompt_list: Some(plan.prompts.prompts.iter().take(rows).cloned().collect()),
        seed: Some(plan.seed),
        concurrency: Some(plan.limits.at_once.max(1)),
        per_minute: plan.limits.per_minute,
        max_cost: plan.limits.max_cost,
        max_cost_per_day: plan.limits.max_cost_per_day,
        max_failures: plan.limits.max_failures,
        max_refusals: plan.limits.max_refusals,
        ..Overrides::default()
    };
    (project, wishes)
}

fn of_plan(error: &PlanError) -> Failure {
    Failure::new(error.to_string(), error.hint())
}

/// What a pilot found, from its rows and the calls behind them.
async fn facts(
    journal: &Journal,
    summary: &RunSummary,
    took: Duration,
    at_once: usize,
) -> Result<PilotFacts, Failure> {
    let (run, sums) = (&summary.run, &summary.progress);
    let unread = |error: crate::store::StoreError| failure_of("the pilot can't be read", &error);
    let counts = journal.counts(run).await.map_err(unread)?;
    let most = LEAST_PILOT as usize;
    let measured = engine::pilot_rows(journal, run, most).await.map_err(unread)?;
    let rows = journal.rows(run, None, most).await.map_err(unread)?;
    let is_cut_off = |row: &&RowEntry| crate::app::state::data::is_cut_off(&row.row);
    Ok(PilotFacts {
        run: run.clone(),
        rows: counts.rows,
        failed: counts.rows_failed,
        unparsed: counts.unparsed,
        cut_off: rows.iter().filter(is_cut_off).count() as u64,
        measured,
        sent: sums.calls,
        seconds: took.as_secs_f64(),
        rows_at_once: sums.rows_total.min(at_once as u64).max(1),
        is_price_unknown: sums.price_unknown,
        sample: rows.iter().map(|entry| SampleRow::of(entry.position, &entry.row)).collect(),
    })
}
