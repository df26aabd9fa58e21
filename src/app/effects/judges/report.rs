//! Judges at work: their reports, what a judging takes, and running one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::desk::{Desk, failure_of, unpoisoned};
use super::super::files::file_of;
use super::{JudgesEvent, on_disk};
use crate::app::message::{Event, Failure};
use crate::app::state::documents::{Documents, Setup};
use crate::app::state::judges::{Line, Part, RunDraft, ShownReport, Takes, Wanted};
use crate::domain::{Constitution, JudgeSetup, ModelKind};
use crate::engine::judging::{self, JudgingWishes};
use crate::engine::{self, EngineEvent, Plan, PlanError, RunEnd, RunProgress, dry_count};
use crate::store::causes::{self, CauseLine};
use crate::store::{Journal, Project};

/// News of a judging are told at most this often.
const NEWS_EVERY: Duration = Duration::from_millis(200);
/// While somebody still chooses, nothing is counted.
const PATIENCE: Duration = Duration::from_millis(300);

/// A judging, with the documents as they are in the window.
#[derive(Debug, Clone)]
pub struct JudgingPlan {
    /// Names it in its events.
    pub number: u64,
    /// What it shall be.
    pub draft: RunDraft,
    /// The project's models and roles.
    pub setup: Arc<Setup>,
    /// The constitutions.
    pub constitutions: BTreeMap<String, Arc<Constitution>>,
}

impl JudgingPlan {
    /// A judging of documents as they are in the window, saved or not.
    pub fn new(number: u64, draft: RunDraft, documents: &Documents) -> Self {
        Self {
            number,
            draft,
            setup: Arc::clone(&documents.setup),
            constitutions: documents.constitutions.clone(),
        }
    }
}

fn of_plan(tried: &str, error: &PlanError) -> Failure {
    Failure::new(format!("{tried}: {error}"), error.hint())
}

/// Reads each judge's line on a set's dev part.
pub(super) async fn lines(desk: &Desk, set: String, judges: Vec<String>) {
    for judge in judges {
        let wanted = Wanted { judge: judge.clone(), set: set.clone(), part: Part::Dev };
        let result = read(desk, &wanted).await.map(|shown| Line {
            kappa: shown.judging.report.agreement.kappa,
            judged: shown.judging.report.counts.judged,
            cost: shown.judging.cost_per_row,
            more: shown.judging.report.more_labels.first().copied(),
        });
        let event = JudgesEvent::Line { set: set.clone(), judge, result };
        desk.link.send(Event::Judges(event));
    }
}

/// Reads a report; one with gold items is a look, and counted before it is shown.
pub(super) async fn read(desk: &Desk, wanted: &Wanted) -> Result<ShownReport, Failure> {
    let (project, journal) = desk.project()?;
    let tried = "the report can’t be made";
    let (judge, set) = (wanted.judge.clone(), wanted.set.clone());
    let split = Some(wanted.part.split());
    let judging = judging::report(&project, &journal, (&judge, &set), split)
        .await
        .map_err(|error| of_plan(tried, &error))?;
    let is_gold = wanted.part == Part::Gold;
    let read_only = project.read_only;
    let (judging, causes) = on_disk(desk, move |root| {
        if is_gold && !read_only {
            let at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            judging::look(root, &set, &judge, &judging, &at)
                .map_err(|error| failure_of("the look at gold could not be counted", &error))?;
        }
        let causes = causes::read(root, &judge, &set)
            .map_err(|error| failure_of("the causes can’t be read", &error))?;
        Ok((judging, causes))
    })
    .await?;
    Ok(ShownReport { wanted: wanted.clone(), judging: Arc::new(judging), causes })
}

async fn planned(desk: &Desk, plan: &JudgingPlan) -> Result<(Plan, Journal), Failure> {
    let (mut project, journal): (Project, Journal) = desk.project()?;
    project.file = file_of(&plan.setup);
    project.constitutions.clone_from(&plan.constitutions);
    let draft = &plan.draft;
    let mut wishes = JudgingWishes::of(&draft.judge, &draft.set);
    wishes.split = draft.split;
    wishes.max_cost = draft.cap;
    if !draft.again {
        wishes.again = 0;
    }
    let made = Plan::of_judging(&project, &wishes, &desk.models).await;
    made.map(|plan| (plan, journal)).map_err(|error| of_plan("the judge can’t be asked", &error))
}

/// Counts what it takes; `None`: something else was chosen meanwhile.
pub(super) async fn count(desk: &Desk, plan: JudgingPlan) -> Option<Result<Takes, Failure>> {
    let cancel = desk.jobs.begin(plan.number);
    tokio::time::sleep(PATIENCE).await;
    let counted = async {
        let (made, journal) = planned(desk, &plan).await?;
        let is_priced = made.all_models().all(|model| model.entry.is_priced());
        let is_local = made.all_models().all(|model| model.entry.kind == ModelKind::Embedded);
        let counted = dry_count(&made, &journal, &cancel)
            .await
            .map_err(|error| failure_of("the journal can’t be read", &error))?;
        Ok(counted.map(|counted| Takes {
            rows: counted.rows,
            found: counted.found,
            least: counted.new_least,
            most: counted.new_most,
            cost_micros: is_priced
                .then(|| (counted.cost_at_worst.usd() * 1e6).ceil().max(0.0) as u64),
            is_local,
        }))
    };
    let result = if cancel.is_cancelled() { None } else { counted.await.transpose() };
    desk.jobs.end(plan.number);
    result
}

/// Runs to the end and tells on the way; gives why it stopped, where it did.
pub(super) async fn run(desk: &Desk, plan: JudgingPlan) -> Result<Option<Failure>, Failure> {
    let number = plan.number;
    let cancel = desk.jobs.begin(number);
    let ended = run_to_the_end(desk, &plan, cancel).await;
    desk.jobs.end(number);
    ended
}

async fn run_to_the_end(
    desk: &Desk,
    plan: &JudgingPlan,
    cancel: engine::Cancel,
) -> Result<Option<Failure>, Failure> {
    let (made, journal) = planned(desk, plan).await?;
    desk.may_send(&made)?;
    desk.jobs.control(plan.number, &made.controls);
    let newest: Arc<Mutex<Option<RunProgress>>> = Arc::default();
    let events: engine::Events = {
        let newest = Arc::clone(&newest);
        Arc::new(move |event| {
            if let EngineEvent::Progress(progress) = event {
                *unpoisoned(&newest) = Some(progress);
            }
        })
    };
    let (link, number) = (desk.link.clone(), plan.number);
    let told = tokio::spawn(async move {
        loop {
            tokio::time::sleep(NEWS_EVERY).await;
            let progress = unpoisoned(&newest).take();
            if let Some(progress) = progress {
                let progress = Box::new(progress);
                link.send(Event::Judges(JudgesEvent::Progress { number, progress }));
            }
        }
    });
    let ended = engine::run(made, journal, events, cancel).await;
    told.abort();
    match ended {
        Ok(summary) => Ok(match &summary.end {
            RunEnd::Done | RunEnd::Stopped(engine::StopReason::Cancelled) => None,
            RunEnd::Stopped(reason) => Some(Failure::new(reason.message(), reason.hint())),
        }),
        Err(error) => Err(Failure::new(error.to_string(), "")),
    }
}

/// Writes a judge's file; the reports that follow go by it.
pub(super) async fn save(desk: &Desk, stem: String, setup: JudgeSetup) -> Result<(), Failure> {
    let (project, _) = desk.project()?;
    let value = setup.clone();
    let name = stem.clone();
    on_disk(desk, move |_| {
        project
            .save_judge(&name, &value)
            .map_err(|error| failure_of("the judge was not saved", &error))
    })
    .await?;
    desk.put_judge(&stem, setup);
    Ok(())
}

/// Writes down why judge and people differ on an item.
pub(super) async fn keep(desk: &Desk, judge: String, line: CauseLine) -> Result<(), Failure> {
    on_disk(desk, move |root| {
        causes::append(root, &judge, &line)
            .map_err(|error| failure_of("the cause was not written down", &error))
    })
    .await
}
