//! Judges at work: their reports, what a judging takes, and running one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use strum::IntoEnumIterator as _;

use super::super::desk::{Desk, failure_of, unpoisoned};
use super::super::files::file_of;
use super::{CallsPlan, JudgesEvent, Setups, on_disk};
use crate::app::message::{Event, Failure};
use crate::app::state::documents::Documents;
use crate::app::state::judges::{Line, Part, Price, RunDraft, ShownReport, Takes, Wanted};
use crate::domain::{ModelKind, Prompt};
use crate::engine::judging::{self, Judging, JudgingWishes};
use crate::engine::{
    self, DryCount, EngineEvent, Plan, PlanError, RunEnd, RunProgress, dry_counts,
};
use crate::methods::CallsPlanned;
use crate::methods::perturb::Perturbation;
use crate::stats::judge_report::{JudgesCompared, compare_judges, compare_models};
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
    /// The documents.
    pub documents: Documents,
}

impl JudgingPlan {
    /// A judging of documents as they are in the window, saved or not.
    pub fn new(number: u64, draft: RunDraft, documents: &Documents) -> Self {
        Self { number, draft, documents: documents.clone() }
    }
}

fn of_plan(tried: &str, error: &PlanError) -> Failure {
    Failure::new(format!("{tried}: {error}"), error.hint())
}

/// Reads each judge's line on a set's dev part.
pub(super) async fn lines(desk: &Desk, set: String, of: Vec<String>, judges: Setups) {
    for judge in of {
        let read = judged(desk, (&judge, &set), Part::Dev, &judges).await;
        let result = read.map(|(_, judging)| Line {
            kappa: judging.report.agreement.kappa,
            judged: judging.report.counts.judged,
            cost: judging.cost_per_row,
            more: judging.report.more_labels.first().copied(),
        });
        let event = JudgesEvent::Line { set: set.clone(), judge, result };
        desk.link.send(Event::Judges(event));
    }
}

/// What a judge said of a part of a set, with the project as it is in the window.
async fn judged(
    desk: &Desk,
    names: (&str, &str),
    part: Part,
    judges: &Setups,
) -> Result<(Project, Judging), Failure> {
    let (mut project, journal) = desk.project()?;
    project.judges.clone_from(judges);
    let judging = judging::report(&project, &journal, names, Some(part.split()))
        .await
        .map_err(|error| of_plan(&format!("the report on {} can’t be made", names.0), &error))?;
    Ok((project, judging))
}

/// Reads a report; one with gold items is a look, and counted before it is shown.
pub(super) async fn read(
    desk: &Desk,
    wanted: &Wanted,
    judges: &Setups,
) -> Result<ShownReport, Failure> {
    let (judge, set) = (wanted.judge.clone(), wanted.set.clone());
    let (project, judging) = judged(desk, (&judge, &set), wanted.part, judges).await?;
    // What can't be read of the other one is no reason to show nothing of this one.
    let mut other = None;
    if let Some(beside) = &wanted.beside {
        let read = judged(desk, (beside, &set), wanted.part, judges).await;
        other = Some((beside.clone(), read.map(|(_, judging)| judging)));
    }
    let shown = wanted.clone();
    on_disk(desk, move |root| {
        if shown.part == Part::Gold && !project.read_only {
            let at = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            judging::look(root, &set, &judge, &judging, &at)
                .map_err(|error| failure_of("the look at gold could not be counted", &error))?;
            if let Some((other, Ok(seen))) = &other
                && seen.about.is_some()
            {
                judging::look(root, &set, other, seen, &at)
                    .map_err(|error| failure_of("the look at gold could not be counted", &error))?;
            }
        }
        let causes = causes::read(root, &judge, &set)
            .map_err(|error| failure_of("the causes can’t be read", &error))?;
        let beside = other.map(|(other, read)| {
            read.map(|read| side_by_side(&project, (&judge, &judging), (&other, &read)))
        });
        let members = compare_models(&judging.items, 0);
        Ok(ShownReport { wanted: shown, judging: Arc::new(judging), causes, beside, members })
    })
    .await
}

/// Two judges on the same items, by what people call them.
fn side_by_side(
    project: &Project,
    one: (&str, &Judging),
    other: (&str, &Judging),
) -> JudgesCompared {
    let name = |stem: &str| project.judges.get(stem).map(|judge| judge.name.clone());
    let (mut first, mut second) =
        (name(one.0).unwrap_or_default(), name(other.0).unwrap_or_default());
    if first == second || first.is_empty() || second.is_empty() {
        (first, second) = (one.0.to_owned(), other.0.to_owned());
    }
    compare_judges(&[(&first, &one.1.items), (&second, &other.1.items)], 0)
}

/// How many calls a judge's pair takes; `None`: something else was changed meanwhile.
pub(super) async fn calls(desk: &Desk, plan: CallsPlan) -> Option<Result<CallsPlanned, Failure>> {
    let cancel = desk.jobs.begin(plan.number);
    tokio::time::sleep(PATIENCE).await;
    let counted = async {
        let (mut project, _) = desk.project()?;
        as_in_window(&mut project, &plan.documents);
        judging::calls_a_pair(&project, &plan.judge, &desk.models)
            .await
            .map_err(|error| of_plan("the calls can’t be counted", &error))
    };
    let result = if cancel.is_cancelled() { None } else { Some(counted.await) };
    desk.jobs.end(plan.number);
    result
}

/// The project with the window's documents, saved or not.
fn as_in_window(project: &mut Project, documents: &Documents) {
    project.file = file_of(&documents.setup);
    project.constitutions.clone_from(&documents.constitutions);
    project.judges.clone_from(&documents.judges);
}

async fn planned(
    desk: &Desk,
    plan: &JudgingPlan,
    changes: &BTreeSet<Perturbation>,
) -> Result<(Plan, Journal), Failure> {
    let (mut project, journal): (Project, Journal) = desk.project()?;
    as_in_window(&mut project, &plan.documents);
    let draft = &plan.draft;
    let mut wishes = JudgingWishes::of(&draft.judge, &draft.set);
    wishes.split = draft.split;
    wishes.max_cost = draft.cap;
    wishes.changes.clone_from(changes);
    let made = Plan::of_judging(&project, &wishes, &desk.models).await;
    made.map(|plan| (plan, journal)).map_err(|error| of_plan("the judge can’t be asked", &error))
}

/// Counts what it takes; `None`: something else was chosen meanwhile.
pub(super) async fn count(desk: &Desk, plan: JudgingPlan) -> Option<Result<Takes, Failure>> {
    let cancel = desk.jobs.begin(plan.number);
    tokio::time::sleep(PATIENCE).await;
    let counted = async {
        // All ways of asking once more, so that each has its price before it is chosen.
        let all: BTreeSet<Perturbation> = Perturbation::iter().collect();
        let (made, journal) = planned(desk, &plan, &all).await?;
        let is_priced = made.all_models().all(|model| model.entry.is_priced());
        let is_local = made.all_models().all(|model| model.entry.kind == ModelKind::Embedded);
        let group = |prompt: &Prompt| {
            let change = judging::asked_again(prompt);
            change
                .and_then(|one| all.iter().position(|change| *change == one))
                .map_or(0, |at| at + 1)
        };
        let counted = dry_counts(&made, &journal, &cancel, (&group, 1 + all.len()))
            .await
            .map_err(|error| failure_of("the journal can’t be read", &error))?;
        Ok(counted.map(|counted| {
            let mut counted = counted.iter().map(price);
            let first = counted.next().unwrap_or_default();
            let again = all.iter().copied().zip(counted).collect();
            Takes { first, again, is_priced, is_local }
        }))
    };
    let result = if cancel.is_cancelled() { None } else { counted.await.transpose() };
    desk.jobs.end(plan.number);
    result
}

fn price(counted: &DryCount) -> Price {
    Price {
        rows: counted.rows,
        found: counted.found,
        least: counted.new_least,
        most: counted.new_most,
        cost_micros: (counted.cost_at_worst.usd() * 1e6).ceil().max(0.0) as u64,
    }
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
    let (made, journal) = planned(desk, plan, &plan.draft.changes).await?;
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

/// Writes down why judge and people differ on an item.
pub(super) async fn keep(desk: &Desk, judge: String, line: CauseLine) -> Result<(), Failure> {
    on_disk(desk, move |root| {
        causes::append(root, &judge, &line)
            .map_err(|error| failure_of("the cause was not written down", &error))
    })
    .await
}
