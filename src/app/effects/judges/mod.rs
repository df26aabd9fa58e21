//! Label sets on disk: reading them, making one from a run's rows, and writing labels down.

mod report;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure};
use crate::app::state::documents::Documents;
use crate::app::state::judges::{Line, ShownReport, Takes, Wanted};
use crate::domain::label::misfit;
use crate::domain::{Aspect, JudgeSetup, Label, LabelSet, LabelTask, PromptId, RunId};
use crate::engine::RunProgress;
use crate::engine::compare::{about, all_rows};
use crate::formats::import::ImportedLabels;
use crate::methods::CallsPlanned;
use crate::methods::labelling::make::{self, By, Made, Which};
use crate::store::causes::CauseLine;
use crate::store::labels::{self, LabelBook};

pub use report::JudgingPlan;

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
    /// Label a pair of a comparison in the set that is named after it, made where it is not
    /// there.
    LabelPair(Box<PairLabel>),
    /// Take in what a file holds.
    TakeIn {
        /// The set, by stem; `None`: one of its own.
        into: Option<String>,
        /// What a new one is called.
        name: String,
        /// The labels with what they are of.
        labels: Arc<ImportedLabels>,
    },
    /// Write a set's guide and settings.
    SaveSet {
        /// The set, by stem.
        stem: String,
        /// Its value.
        set: Box<LabelSet>,
    },
    /// Read each judge's line on a set's dev part.
    Lines {
        /// The set, by stem.
        set: String,
        /// Of which judges, by stem.
        of: Vec<String>,
        /// All judges as they are in the window, by stem.
        judges: Setups,
    },
    /// Read a report.
    Report {
        /// Which.
        wanted: Wanted,
        /// All judges as they are in the window, by stem.
        judges: Setups,
    },
    /// Find out how many calls a judge's pair takes.
    Calls(Box<CallsPlan>),
    /// Find out what a judging takes.
    Count(Box<JudgingPlan>),
    /// Have a judge judge a set.
    Run(Box<JudgingPlan>),
    /// Stop a judging or a count.
    Stop(u64),
    /// Write down why judge and people differ on an item.
    KeepCause {
        /// The judge, by stem.
        judge: String,
        /// The line.
        line: CauseLine,
    },
}

/// Judges by stem.
pub type Setups = BTreeMap<String, Arc<JudgeSetup>>;

/// A count of a judge's calls, with the documents as they are in the window.
#[derive(Debug, Clone)]
pub struct CallsPlan {
    /// Names it in its event.
    pub number: u64,
    /// The judge, by stem.
    pub judge: String,
    /// What else it goes by.
    pub documents: Documents,
}

impl CallsPlan {
    /// A count of documents as they are in the window, saved or not.
    pub fn new(number: u64, judge: String, documents: &Documents) -> Self {
        Self { number, judge, documents: documents.clone() }
    }
}

/// A label of a pair of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct PairLabel {
    /// The set, where it is to be made.
    pub plan: MakePlan,
    /// The pair's prompt.
    pub prompt: PromptId,
    /// The label; item, guide and mark are those of the set.
    pub label: Label,
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
    /// By what they are judged, one item for each; empty: all in all.
    pub aspects: Vec<Aspect>,
    /// The most items; 0: all.
    pub limit: usize,
}

impl JudgesEffect {
    /// Whether it writes: such effects keep their order.
    pub fn is_write(&self) -> bool {
        match self {
            Self::Append { .. }
            | Self::SaveSet { .. }
            | Self::Make(_)
            | Self::LabelPair(_)
            | Self::TakeIn { .. }
            | Self::KeepCause { .. } => true,
            Self::Read
            | Self::Lines { .. }
            | Self::Report { .. }
            | Self::Calls(_)
            | Self::Count(_)
            | Self::Run(_)
            | Self::Stop(_) => false,
        }
    }
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum JudgesEvent {
    /// All label sets and judges.
    Read(Result<Box<Everything>, Failure>),
    /// A label set was made.
    Made(Result<Box<MadeSet>, Failure>),
    /// A pair of a comparison was labelled in this set.
    PairLabelled(Result<Box<LabelBook>, Failure>),
    /// A set's guide and settings were written.
    SetSaved {
        /// The set, by stem.
        stem: String,
        /// What became of it.
        result: Result<Box<LabelSet>, Failure>,
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
    /// A judge in a line.
    Line {
        /// The set that it is held against, by stem.
        set: String,
        /// The judge, by stem.
        judge: String,
        /// The line.
        result: Result<Line, Failure>,
    },
    /// A report.
    Report {
        /// Which.
        wanted: Wanted,
        /// What it says.
        result: Result<Box<ShownReport>, Failure>,
    },
    /// What a judging takes.
    Counted {
        /// Which count.
        number: u64,
        /// What it takes.
        result: Result<Takes, Failure>,
    },
    /// How far a judging is.
    Progress {
        /// Which.
        number: u64,
        /// Its sums.
        progress: Box<RunProgress>,
    },
    /// A judging ended.
    Ended {
        /// Which.
        number: u64,
        /// Why it stopped, where it did.
        result: Result<Option<Failure>, Failure>,
    },
    /// How many calls a judge's pair takes.
    Calls {
        /// Which count.
        number: u64,
        /// The calls.
        result: Result<CallsPlanned, Failure>,
    },
}

/// All label sets and judges.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Everything {
    /// The label sets that can be read.
    pub books: Vec<LabelBook>,
    /// Those that can't, by stem.
    pub unreadable: Vec<(String, Failure)>,
}

/// A label set that was made.
#[derive(Debug, Clone, PartialEq)]
pub struct MadeSet {
    /// The set.
    pub book: LabelBook,
    /// What made no item: the reason, and how many.
    pub left_out: Vec<(String, u64)>,
}

/// Carries an effect out; its events go through the desk's link.
pub async fn carry(desk: Arc<Desk>, effect: JudgesEffect) {
    let tell = |event| desk.link.send(Event::Judges(event));
    match effect {
        JudgesEffect::Read => tell(JudgesEvent::Read(everything(&desk).await)),
        JudgesEffect::Make(plan) => tell(JudgesEvent::Made(make(&desk, *plan).await)),
        JudgesEffect::TakeIn { into, name, labels } => {
            let made = on_disk(&desk, move |root| take_in(root, into, &name, &labels)).await;
            tell(JudgesEvent::Made(made.map(Box::new)));
        }
        JudgesEffect::LabelPair(pair) => {
            let result = label_pair(&desk, *pair).await.map(Box::new);
            tell(JudgesEvent::PairLabelled(result));
        }
        JudgesEffect::Append { stem, labels } => {
            let (to, of) = (stem.clone(), labels.clone());
            let done = on_disk(&desk, move |root| {
                labels::append_all(root, &to, &of)
                    .map_err(|error| failure_of("the label was not written down", &error))
            });
            if let Err(failure) = done.await {
                tell(JudgesEvent::NotKept { stem, labels, failure });
            }
        }
        JudgesEffect::SaveSet { stem, set } => {
            let to = stem.clone();
            let saved = on_disk(&desk, move |root| {
                labels::save_set(root, &to, &set)
                    .map(Box::new)
                    .map_err(|error| failure_of("the guide was not written", &error))
            });
            let result = saved.await;
            tell(JudgesEvent::SetSaved { stem, result });
        }
        JudgesEffect::Lines { set, of, judges } => report::lines(&desk, set, of, judges).await,
        JudgesEffect::Report { wanted, judges } => {
            let result = report::read(&desk, &wanted, &judges).await.map(Box::new);
            tell(JudgesEvent::Report { wanted, result });
        }
        JudgesEffect::Calls(plan) => {
            let number = plan.number;
            if let Some(result) = report::calls(&desk, *plan).await {
                tell(JudgesEvent::Calls { number, result });
            }
        }
        JudgesEffect::Count(plan) => {
            let number = plan.number;
            if let Some(result) = report::count(&desk, *plan).await {
                tell(JudgesEvent::Counted { number, result });
            }
        }
        JudgesEffect::Run(plan) => {
            let number = plan.number;
            let result = report::run(&desk, *plan).await;
            tell(JudgesEvent::Ended { number, result });
        }
        JudgesEffect::Stop(number) => desk.jobs.cancel(number),
        JudgesEffect::KeepCause { judge, line } => {
            if let Err(failure) = report::keep(&desk, judge, line).await {
                desk.link.send(Event::Failed(failure));
            }
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

async fn everything(desk: &Desk) -> Result<Box<Everything>, Failure> {
    on_disk(desk, move |root| {
        let stems = labels::stems(root)
            .map_err(|error| failure_of("the label sets can’t be read", &error))?;
        let mut all = Everything::default();
        for stem in stems {
            match labels::read(root, &stem) {
                Ok(book) => all.books.push(book),
                Err(error) => {
                    let tried = format!("the label set {stem} can’t be read");
                    all.unreadable.push((stem, failure_of(&tried, &error)));
                }
            }
        }
        Ok(Box::new(all))
    })
    .await
}

/// Takes labels of a file in, all of them or none.
fn take_in(
    root: &std::path::Path,
    into: Option<String>,
    name: &str,
    found: &ImportedLabels,
) -> Result<MadeSet, Failure> {
    let failed = |error| failure_of("the labels were not imported", &error);
    let stem = match into {
        Some(stem) => stem,
        None if found.items.is_empty() => {
            let hint = "choose the set that they belong to under “Goes into”";
            return Err(Failure::new("the file holds labels without their items", hint));
        }
        None => {
            let mut set = found.set();
            name.clone_into(&mut set.name);
            if let Some(label) = misfit(set.task, &found.items, &found.labels) {
                let what = format!("the label of {} is no answer to its item", label.item);
                return Err(Failure::new(what, "mend the label, or take it out"));
            }
            let stem = labels::free_stem(root, &set.name);
            labels::create(root, &stem, &set, &found.items).map_err(failed)?;
            stem
        }
    };
    let incoming = labels::Incoming {
        task: found.task,
        items: &found.items,
        labels: &found.labels,
        models: &found.models,
    };
    let taken = labels::take_in(root, &stem, &incoming).map_err(failed)?;
    let book = labels::read(root, &stem).map_err(failed)?;
    let left_out = match taken.strays {
        0 => Vec::new(),
        n => vec![("labels of items that the set has not; they wait for them".to_owned(), n)],
    };
    Ok(MadeSet { book, left_out })
}

async fn label_pair(desk: &Desk, pair: PairLabel) -> Result<LabelBook, Failure> {
    let stem = pair.plan.stem.clone();
    let (project, _) = desk.project()?;
    let is_there = labels::folder_of(&project.root, &stem).join("set.ron").is_file();
    if !is_there {
        make(desk, pair.plan.clone()).await?;
    }
    on_disk(desk, move |root| {
        let tried = "your verdict was not kept as a label";
        let failed = |error| failure_of(tried, &error);
        let book = labels::read(root, &stem).map_err(failed)?;
        let Some(item) = book.items.iter().find(|item| item.prompt.id == pair.prompt) else {
            let why = format!("{tried}: the pair is not in the set {stem}");
            return Err(Failure::new(why, "pairs with the same answer twice are not"));
        };
        let mut label = pair.label;
        label.item.clone_from(&item.id);
        label.aspect = item.aspect_mark();
        label.guide = book.set.guide.version;
        labels::append(root, &stem, &label).map_err(failed)?;
        labels::read(root, &stem).map_err(failed)
    })
    .await
}

async fn make(desk: &Desk, plan: MakePlan) -> Result<Box<MadeSet>, Failure> {
    let unread = |error| failure_of("the run’s rows can’t be read", &error);
    let (_, journal) = desk.project()?;
    let rows = all_rows(&journal, &plan.run).await.map_err(unread)?;
    let sides = about(&journal, &plan.run).await.map_err(unread)?;
    on_disk(desk, move |root| {
        let names = sides.as_ref().map(|about| (about.a.writer.as_str(), about.b.writer.as_str()));
        let wanted = rows
            .iter()
            .map(|entry| &entry.row)
            .filter(|row| plan.only.is_empty() || plan.only.contains(&row.prompt.id));
        let by = match plan.aspects.as_slice() {
            [] => By::AllInAll,
            some => By::Each(some),
        };
        let mut made = match plan.set.task {
            LabelTask::Pairwise => make::pairs(wanted, by, names),
            LabelTask::PassFail | LabelTask::Scores => make::responses(wanted, Which::Last, by),
        };
        if made.items.is_empty() {
            return Err(nothing(&plan, &made));
        }
        if plan.limit > 0 {
            made.limit(plan.limit, plan.set.seed);
        }
        labels::create(root, &plan.stem, &plan.set, &made.items)
            .map_err(|error| failure_of("the label set was not made", &error))?;
        let book = labels::read(root, &plan.stem)
            .map_err(|error| failure_of("the label set can’t be read again", &error))?;
        Ok(Box::new(MadeSet { book, left_out: left_out(&made) }))
    })
    .await
}

/// What made no item, most first.
fn left_out(made: &Made) -> Vec<(String, u64)> {
    let mut all: Vec<(String, u64)> =
        made.counts().into_iter().map(|(why, n)| (why.to_string(), n as u64)).collect();
    all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    all
}

/// Why no item came of a run.
fn nothing(plan: &MakePlan, made: &Made) -> Failure {
    let why = left_out(made).into_iter().map(|(why, n)| format!("{why} ({n})"));
    let why: Vec<String> = why.collect();
    let why = if why.is_empty() { "it has no rows".to_owned() } else { why.join(", ") };
    let hint = match plan.set.task {
        LabelTask::Pairwise => {
            "choose a comparison or a preference run: they have two answers each"
        }
        LabelTask::PassFail | LabelTask::Scores => "choose another run",
    };
    Failure::new(format!("nothing of {} can be labelled: {why}", plan.run), hint)
}
