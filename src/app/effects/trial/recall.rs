//! Chains from the journal: what was tried or run before is shown again without any call.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::effects::desk::{Desk, failure_of};
use crate::app::effects::trial::TryEvent;
use crate::app::message::{Event, Failure};
use crate::app::state::cases;
use crate::app::state::trial::{
    CallState, LiveCall, PromptKey, RecalledChains, Recorded, Trial, TrialStatus, arranged,
};
use crate::domain::{CallFailure, FailureKind, ModelEntry, ModelKind, PromptId, Row, RunId};
use crate::engine::{Origin, roles};
use crate::store::journal::{CallState as Stored, RunKind, RunRecord, StoredCall};
use crate::store::{Journal, Project};

/// The newest so many runs are looked at.
const MOST_RUNS: usize = 400;
/// At most so many rows are kept in memory, the newest first.
const MOST_ROWS: usize = 2_000;
/// The name of runs that are no chains but principles from reactions.
pub(super) const REACT: &str = "react";

/// Reads the newest chains of each prompt.
pub(super) async fn recall(desk: Arc<Desk>) {
    let (root, result) = match desk.project() {
        Ok((project, journal)) => {
            let result = chains(&project, &journal).await;
            (project.root, result)
        }
        Err(failure) => (std::path::PathBuf::new(), Err(failure)),
    };
    desk.link.send(Event::Try(TryEvent::Recalled { root, result }));
}

async fn chains(project: &Project, journal: &Journal) -> Result<Vec<RecalledChains>, Failure> {
    let unread = |error| failure_of("earlier chains can't be read", &error);
    let mut records = journal.runs().await.map_err(unread)?;
    records.sort_by_key(|record| std::cmp::Reverse((record.started_ms, record.id.clone())));
    let places = Places::of(project);
    let mut found: Vec<(PromptKey, Trial)> = Vec::new();
    for record in records.into_iter().filter(is_of_chains).take(MOST_RUNS) {
        let room = MOST_ROWS.saturating_sub(found.len());
        if room == 0 {
            break;
        }
        let rows = journal.rows(&record.id, None, room).await.map_err(unread)?;
        if !rows.iter().any(|entry| entry.row.chain.is_some() || entry.row.failure.is_some()) {
            continue;
        }
        let frozen = journal.frozen(&record.id).await.map_err(unread)?;
        let Some(made) = frozen.and_then(Origin::of).and_then(|o| Made::of(&record, o)) else {
            continue;
        };
        for entry in rows {
            let row = Arc::new(entry.row);
            for set in places.of_row(&row, made.set.as_deref()) {
                found.push(((set, row.prompt.id.clone()), made.trial(&row)));
            }
        }
    }
    Ok(arranged(found))
}

fn is_of_chains(record: &RunRecord) -> bool {
    let is_kind = match record.kind {
        RunKind::Run | RunKind::Pilot | RunKind::Try => true,
        RunKind::Score | RunKind::Judge | RunKind::Compare | RunKind::Probe => false,
    };
    is_kind && record.recipe != REACT && record.recipe != cases::RECIPE
}

/// The project's prompts by id, set by set.
struct Places<'a>(Vec<(&'a str, BTreeMap<&'a str, &'a str>)>);

impl<'a> Places<'a> {
    fn of(project: &'a Project) -> Self {
        let sets = project.prompt_sets.iter();
        Self(
            sets.map(|(stem, set)| {
                let ids = set.prompts.iter().map(|p| (p.id.as_str(), p.text())).collect();
                (stem.as_str(), ids)
            })
            .collect(),
        )
    }

    /// The sets that have a row's prompt: the one named, else those where it reads the same.
    fn of_row(&self, row: &Row, named: Option<&str>) -> Vec<String> {
        let (id, text) = (row.prompt.id.as_str(), row.prompt.text());
        let has = |(stem, ids): &&(&str, BTreeMap<&str, &str>)| {
            ids.get(id).is_some_and(|now| named == Some(*stem) || named.is_none() && *now == text)
        };
        self.0.iter().filter(has).map(|(stem, _)| (*stem).to_owned()).collect()
    }
}

/// What the rows of a run have in common.
struct Made {
    recorded: Recorded,
    constitution: Option<Arc<crate::domain::Constitution>>,
    rubric: Option<Arc<crate::domain::Rubric>>,
    seed: u64,
    on_this_computer: bool,
    /// The prompt set, where a chain was tried: a run may have been given another.
    set: Option<String>,
}

impl Made {
    fn of(record: &RunRecord, origin: Origin) -> Option<Self> {
        if !roles::makes_chains(origin.recipe.method) {
            return None;
        }
        let mut models = Vec::new();
        let mut on_this_computer = true;
        for role in roles::roles_of(origin.recipe.method) {
            let Some(entry) = origin.model(*role) else { continue };
            on_this_computer &= entry.kind == ModelKind::Embedded;
            let name = name_of(entry);
            if !models.contains(&name) {
                models.push(name);
            }
        }
        let set = (record.kind == RunKind::Try).then(|| origin.recipe.prompts.clone());
        Some(Self {
            recorded: Recorded {
                run: record.id.clone(),
                at_ms: record.started_ms,
                models,
                calls_read: false,
            },
            constitution: origin.constitution.map(Arc::new),
            rubric: origin.rubric.map(Arc::new),
            seed: origin.seed,
            on_this_computer,
            set: set.filter(|set| !set.is_empty()),
        })
    }

    fn trial(&self, row: &Arc<Row>) -> Trial {
        let status = match &row.failure {
            Some(failure) => {
                TrialStatus::Failed { at: failure.at.clone(), failure: failure.failure.clone() }
            }
            None => TrialStatus::Done,
        };
        Trial {
            number: 0,
            seed: self.seed,
            prompt: Some(Arc::new(row.prompt.clone())),
            constitution: self.constitution.clone(),
            rubric: self.rubric.clone(),
            variant: row.provenance.variant.clone(),
            by_hand: row.provenance.by_hand.clone(),
            of: None,
            on_this_computer: self.on_this_computer,
            recorded: Some(self.recorded.clone()),
            calls: Vec::new(),
            row: Some(Arc::clone(row)),
            status,
        }
    }
}

fn name_of(entry: &ModelEntry) -> String {
    if entry.kind == ModelKind::Embedded && entry.model.is_empty() {
        "the starter model".to_owned()
    } else {
        entry.name.clone()
    }
}

/// Reads what was asked and answered behind a recorded chain.
pub(super) async fn read_calls(desk: Arc<Desk>, number: u64, run: RunId, prompt: PromptId) {
    let result = match desk.project() {
        Ok((_, journal)) => journal
            .calls(&run, &prompt)
            .await
            .map(|calls| calls.into_iter().map(live).collect())
            .map_err(|error| failure_of("what was sent can't be read", &error)),
        Err(failure) => Err(failure),
    };
    desk.link.send(Event::Try(TryEvent::Calls { number, result }));
}

fn live(stored: StoredCall) -> LiveCall {
    let StoredCall { purpose, state, call, reply, failure, replayed, .. } = stored;
    let call = Arc::new(call);
    let text = reply.as_ref().map(|reply| reply.text.clone()).unwrap_or_default();
    let state = match (reply, failure) {
        (Some(reply), _) => CallState::Done { call, reply: Arc::new(reply), replayed },
        (None, Some(failure)) => CallState::Failed { call: Some(call), failure },
        (None, None) => {
            let what = match state {
                Stored::Sent => "its answer was not there when this was read",
                Stored::Replied | Stored::Failed | Stored::Unknown => {
                    "the program ended before its answer was there"
                }
            };
            let failure = CallFailure::new(FailureKind::Cancelled, what, "run the prompt again");
            CallState::Failed { call: Some(call), failure }
        }
    };
    LiveCall { purpose, text, state }
}
