//! How judges do against people: what the window knows of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::app::message::Failure;
use crate::domain::{LabelAnswer, Split};
use crate::engine::RunProgress;
use crate::engine::judging::Judging;
use crate::methods::CallsPlanned;
use crate::methods::perturb::Perturbation;
use crate::stats::estimate::Measured;
use crate::stats::judge_report::{JudgesCompared, MoreLabels, ReportItem};
use crate::store::causes::Cause;

/// How judges do against people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReportState {
    /// Which page of the judge selected is shown.
    pub page: JudgePage,
    /// How many calls a pair takes, of the judge whose settings are shown.
    pub calls: Option<CallsShown>,
    /// The judge that is held beside the one selected, by stem.
    pub beside: Option<String>,
    /// The label set that they are held against, by stem.
    pub against: String,
    /// Which part of it is looked at.
    pub part: Part,
    /// Each judge in a line, by stem.
    pub lines: BTreeMap<String, Result<Line, Failure>>,
    /// The report on screen.
    pub shown: Option<ShownReport>,
    /// The report that is being read.
    pub reading: Option<Wanted>,
    /// Why it could not be read.
    pub failure: Option<Failure>,
    /// Which items are listed.
    pub rows: RowsOf,
    /// The item looked at, by id.
    pub item: Option<String>,
    /// The judging on its way.
    pub running: Option<Running>,
    /// The judging that is being set up.
    pub draft: Option<RunDraft>,
    /// The judge that is being made.
    pub new: NewJudge,
}

/// A page of a judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum JudgePage {
    /// How it does against people.
    #[default]
    Report,
    /// What it is and how it is asked.
    Settings,
}

/// How many calls a judge's pair takes.
#[derive(Debug, Clone, PartialEq)]
pub struct CallsShown {
    /// Names the count; that of an older one is left aside.
    pub number: u64,
    /// The judge, by stem.
    pub judge: String,
    /// The calls; `None` while they are being counted.
    pub calls: Option<Result<CallsPlanned, Failure>>,
}

/// Which part of a label set is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Part {
    /// For reading and mending.
    #[default]
    Dev,
    /// Locked: a look is counted, and asked for each time.
    Gold,
}

impl Part {
    /// As the engine has it.
    pub fn split(self) -> Split {
        match self {
            Self::Dev => Split::Dev,
            Self::Gold => Split::Gold,
        }
    }
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The judge, by stem.
    pub judge: String,
    /// The label set, by stem.
    pub set: String,
    /// Which part.
    pub part: Part,
    /// The judge that is held beside it, by stem.
    pub beside: Option<String>,
}

/// A judge in a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// κ with people on the dev part.
    pub kappa: Measured,
    /// Items judged there.
    pub judged: u64,
    /// US dollars an item.
    pub cost: Option<f64>,
    /// What more labels would bring.
    pub more: Option<MoreLabels>,
}

/// The report on screen.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownReport {
    /// Which.
    pub wanted: Wanted,
    /// Verdicts, labels and numbers.
    pub judging: Arc<Judging>,
    /// Why they differ, by item.
    pub causes: BTreeMap<String, Cause>,
    /// It and the one beside it on the same items.
    pub beside: Option<Result<JudgesCompared, Failure>>,
    /// Its models among themselves, where it has several.
    pub members: Option<JudgesCompared>,
}

/// Which items are listed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum RowsOf {
    /// Those on which judge and people take different sides, the most telling first.
    #[default]
    Disagreements,
    /// Disagreements with a cause; `None`: without one yet.
    Cause(Option<Cause>),
    /// Those on which they take the same.
    Agreed,
    /// Labelled and judged.
    Both,
    /// The order changes the winner.
    Flips,
    /// The verdict could not be read.
    Unread,
    /// A call failed.
    Failed,
    /// The judge was not asked.
    NotAsked,
    /// Labels of an older guide or text.
    Stale,
    /// Under a principle or criterion.
    Aspect(String),
    /// With a tag.
    Tag(String),
    /// The judge gives its side a probability in this range, in percent.
    Sure(u32, u32),
}

impl RowsOf {
    /// Whether an item is among them.
    pub fn has(&self, item: &ReportItem, causes: &BTreeMap<String, Cause>) -> bool {
        let judged = item.judge.as_ref().filter(|judged| judged.failed.is_none());
        let both = item.judge_value().is_some() && item.people_value().is_some();
        match self {
            Self::Disagreements => differs(item) == Some(true) && !item.stale,
            Self::Cause(cause) => {
                let is_one = differs(item) == Some(true) && !item.stale;
                is_one && causes.get(&item.item) == cause.as_ref()
            }
            Self::Agreed => differs(item) == Some(false) && !item.stale,
            Self::Both => both && !item.stale,
            Self::Flips => judged.is_some_and(|judged| flips(judged.said)),
            Self::Unread => judged.is_some_and(|judged| judged.said.value().is_none()),
            Self::Failed => item.judge.as_ref().is_some_and(|judged| judged.failed.is_some()),
            Self::NotAsked => item.judge.is_none(),
            Self::Stale => item.stale && !item.people.is_empty(),
            Self::Aspect(id) => item.aspect.as_ref() == Some(id) && both,
            Self::Tag(tag) => item.tags.contains(tag) && both,
            Self::Sure(low, high) => {
                let sure = item.judge_value().map(|p| p.max(1.0 - p) * 100.0);
                let is_last = *high >= 100;
                let within =
                    |sure: f64| sure >= f64::from(*low) && (sure < f64::from(*high) || is_last);
                both && !item.stale && sure.is_some_and(within)
            }
        }
    }
}

fn flips(said: crate::stats::judge_report::Said) -> bool {
    use crate::stats::judge_report::Said;
    match said {
        Said::Pair { p_ab: Some(ab), p_ba: Some(ba), .. } => (ab - 0.5) * (ba - 0.5) < -1e-9,
        Said::Pair { .. } | Said::Apart { .. } | Said::Pass { .. } | Said::Level { .. } => false,
    }
}

/// Whether judge and people take different sides; `None` where one of them takes none.
fn differs(item: &ReportItem) -> Option<bool> {
    let judge = item.judge_value().and(item.judge.as_ref())?.said.answer()?;
    let people = item.people_answer()?;
    (judge != LabelAnswer::Tie && people != LabelAnswer::Tie).then_some(judge != people)
}

impl ShownReport {
    /// The items listed, in order: disagreements the most telling first, others as in the set.
    pub fn listed(&self, rows: &RowsOf) -> Vec<&ReportItem> {
        let mut all: Vec<&ReportItem> =
            self.judging.items.iter().filter(|item| rows.has(item, &self.causes)).collect();
        if matches!(rows, RowsOf::Disagreements | RowsOf::Cause(_)) {
            let order: BTreeMap<&str, usize> = self
                .judging
                .report
                .disagreements
                .iter()
                .enumerate()
                .map(|(at, one)| (one.item.as_str(), at))
                .collect();
            all.sort_by_key(|item| order.get(item.item.as_str()).copied().unwrap_or(usize::MAX));
        }
        all
    }

    /// An item of the report.
    pub fn item(&self, id: &str) -> Option<&ReportItem> {
        self.judging.items.iter().find(|item| item.item == id)
    }
}

/// A judging that is being set up.
#[derive(Debug, Clone, PartialEq)]
pub struct RunDraft {
    /// Names its count.
    pub number: u64,
    /// The judge, by stem.
    pub judge: String,
    /// The label set, by stem.
    pub set: String,
    /// Which part; `None`: all.
    pub split: Option<Split>,
    /// How some items are asked about once more.
    pub changes: BTreeSet<Perturbation>,
    /// US dollars at most; `None`: the project's limit.
    pub cap: Option<f64>,
    /// What it takes, once that is counted.
    pub takes: Option<Result<Takes, Failure>>,
}

/// What a judging takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Takes {
    /// The items, asked about for the first time.
    pub first: Price,
    /// Those asked about once more, in each of the ways that there are.
    pub again: Vec<(Perturbation, Price)>,
    /// Whether every model has a price.
    pub is_priced: bool,
    /// Whether nothing leaves this computer.
    pub is_local: bool,
}

impl Takes {
    /// What the items take with these ways of asking once more.
    pub fn with(&self, changes: &BTreeSet<Perturbation>) -> Price {
        let more = self.again.iter().filter(|(change, _)| changes.contains(change));
        more.fold(self.first, |sum, (_, price)| Price {
            rows: sum.rows + price.rows,
            found: sum.found + price.found,
            least: sum.least + price.least,
            most: sum.most + price.most,
            cost_micros: sum.cost_micros + price.cost_micros,
        })
    }
}

/// What some questions take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Price {
    /// Questions.
    pub rows: u64,
    /// Calls that the journal has.
    pub found: u64,
    /// Calls that would be sent, at least.
    pub least: u64,
    /// And at most.
    pub most: u64,
    /// What the calls known to be missing cost at worst, in millionths of a US dollar; those of a
    /// model without a price are not in it.
    pub cost_micros: u64,
}

/// A judging on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Names it in its events.
    pub number: u64,
    /// The judge, by stem.
    pub judge: String,
    /// The label set, by stem.
    pub set: String,
    /// Its sums.
    pub progress: RunProgress,
    /// Whether it was told to stop.
    pub is_stopping: bool,
}

/// A judge that is being made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJudge {
    /// What it is called.
    pub name: String,
    /// Its model; empty: the project's judge.
    pub model: String,
    /// Whether it writes a reason before its verdict.
    pub reason_first: bool,
    /// Whether it reads its own verdict again.
    pub refine: bool,
    /// Whether it may call a tie.
    pub ties: bool,
}

impl Default for NewJudge {
    fn default() -> Self {
        Self {
            name: String::new(),
            model: String::new(),
            reason_first: true,
            refine: false,
            ties: false,
        }
    }
}
