//! Label sets on disk: reading them, making one from a run's rows, and writing labels down.

mod items;

use std::sync::Arc;

use super::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure};
use crate::domain::{Aspect, Label, LabelSet, PromptId, RunId};
use crate::engine::compare::all_rows;
use crate::store::labels::{self, LabelBook};

/// Something to be done outside the state.
#[derive(Debug, Clone)]
pub enum JudgesEffect {
    /// Read all label sets.
    Read,
    /// Make a label set from a run's rows.
    Make(Box<MakePlan>),
    /// Write labels down, one line each.
    Append {
        /// The set, by stem.
        stem: String,
        /// The labels, oldest first.
        labels: Vec<Label>,
    },
    /// Write a set's guide and settings.
    SaveSet {
        /// The set, by stem.
        stem: String,
        /// Its value.
        set: Box<LabelSet>,
    },
}

/// All that a new label set takes.
#[derive(Debug, Clone, PartialEq)]
pub struct MakePlan {
    /// Names its folder.
    pub stem: String,
    /// What is asked.
    pub set: LabelSet,
    /// The run whose rows become items.
    pub run: RunId,
    /// Only these prompts; empty: all.
    pub only: Vec<PromptId>,
    /// By what they are judged.
    pub aspect: Option<Aspect>,
    /// The most items; 0: all.
    pub limit: usize,
}

impl JudgesEffect {
    /// Whether it writes: such effects keep their order.
    pub fn is_write(&self) -> bool {
        match self {
            Self::Append { .. } | Self::SaveSet { .. } | Self::Make(_) => true,
            Self::Read => false,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum JudgesEvent {
    /// All label sets.
    Read(Result<Vec<LabelBook>, Failure>),
    /// A label set was made.
    Made(Result<Box<LabelBook>, Failure>),
    /// A set's guide and settings were written.
    SetSaved {
        /// The set, by stem.
        stem: String,
        /// What became of it.
        result: Result<(), Failure>,
    },
    /// Labels could not be written.
    NotKept {
        /// The set, by stem.
        stem: String,
        /// Those that are not on disk.
        labels: Vec<Label>,
        /// What happened.
        failure: Failure,
    },
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: JudgesEffect) {
    let tell = |event| desk.link.send(Event::Judges(event));
    match effect {
        JudgesEffect::Read => tell(JudgesEvent::Read(on_disk(&desk, read_all).await)),
        JudgesEffect::Make(plan) => tell(JudgesEvent::Made(make(&desk, *plan).await)),
        JudgesEffect::Append { stem, labels } => {
            let (to, of) = (stem.clone(), labels.clone());
            // Which of several were written is known only by their order.
            let done = on_disk(&desk, move |root| {
                for (nth, label) in of.iter().enumerate() {
                    if let Err(error) = labels::append(root, &to, label) {
                        let tried = "the label was not written down";
                        return Ok(Some((nth, failure_of(tried, &error))));
                    }
                }
                Ok(None)
            });
            let failed = match done.await {
                Ok(None) => return,
                Ok(Some(failed)) => failed,
                Err(failure) => (0, failure),
            };
            let (written, failure) = failed;
            let labels = labels.into_iter().skip(written).collect();
            tell(JudgesEvent::NotKept { stem, labels, failure });
        }
        JudgesEffect::SaveSet { stem, set } => {
            let to = stem.clone();
            let saved = on_disk(&desk, move |root| {
                labels::save_set(root, &to, &set)
                    .map_err(|error| failure_of("the guide was not written", &error))
            });
            let result = saved.await;
            tell(JudgesEvent::SetSaved { stem, result });
        }
    }
}

/// Does something in the open project's folder, on a thread where waiting is no harm.
async fn on_disk<T: Send + 'static>(
    desk: &Desk,
    work: impl FnOnce(&std::path::Path) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let (project, _) = desk.project()?;
    tokio::task::spawn_blocking(move || work(&project.root)).await.unwrap_or_else(|error| {
        Err(Failure::new(format!("work on the label sets ended badly: {error}"), ""))
    })
}

fn read_all(root: &std::path::Path) -> Result<Vec<LabelBook>, Failure> {
    let failed = |error| failure_of("the label sets can’t be read", &error);
    let stems = labels::stems(root).map_err(failed)?;
    stems.iter().map(|stem| labels::read(root, stem).map_err(failed)).collect()
}

async fn make(desk: &Desk, plan: MakePlan) -> Result<Box<LabelBook>, Failure> {
    let (_, journal) = desk.project()?;
    let rows = all_rows(&journal, &plan.run)
        .await
        .map_err(|error| failure_of("the run’s rows can’t be read", &error))?;
    on_disk(desk, move |root| {
        let items = items::of_rows(&plan, rows.iter().map(|entry| &entry.row));
        if items.is_empty() {
            return Err(items::nothing(&plan));
        }
        labels::create(root, &plan.stem, &plan.set, &items)
            .map_err(|error| failure_of("the label set was not made", &error))?;
        labels::read(root, &plan.stem)
            .map(Box::new)
            .map_err(|error| failure_of("the label set can’t be read again", &error))
    })
    .await
}
