//! Comparisons of two sides on the same prompts: what the window knows of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::message::Failure;
use crate::domain::{LabelAnswer, PromptId, Row, RunId};
use crate::engine::RunProgress;
use crate::engine::compare::{About, ComparisonWishes};
use crate::stats::compare::TIE_BAND;
use crate::stats::win_rate::{Outcome, PairedDifference};
use crate::stats::{Judgement, Measures, Pair};
use crate::store::journal::RunState;

/// Comparisons of two sides on the same prompts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CompareState {
    /// What the next comparison shall be.
    pub setup: ComparisonWishes,
    /// Whether the next comparison is being set up.
    pub is_setting_up: bool,
    /// Comparisons that the project has, newest first; `None` before they were read.
    pub past: Option<Vec<PastComparison>>,
    /// Why they could not be read.
    pub failure: Option<Failure>,
    /// Kept versions of constitutions, by stem, newest first.
    pub versions: BTreeMap<String, Vec<VersionLine>>,
    /// The comparison on its way.
    pub running: Option<Running>,
    /// The comparison shown.
    pub shown: Option<Shown>,
    /// The run that is being read, to be shown.
    pub reading: Option<RunId>,
    /// How it is looked at.
    pub look: Look,
    /// Patterns that answers are searched for.
    pub tests: Vec<TextTest>,
}

/// A comparison that was run.
#[derive(Debug, Clone, PartialEq)]
pub struct PastComparison {
    /// Its run.
    pub run: RunId,
    /// What was compared.
    pub about: Arc<About>,
    /// How far it came.
    pub state: RunState,
    /// Why it stopped; may be empty.
    pub message: String,
    /// Prompts that it has when done.
    pub rows_total: u64,
    /// When it was begun, milliseconds since 1970.
    pub started_ms: i64,
}

/// A kept version of a constitution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionLine {
    /// Names it in a [`SideChoice`](crate::engine::SideChoice).
    pub hash: String,
    /// What people call it, with the day where it has no name.
    pub words: String,
}

/// A comparison on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Names it in its events.
    pub number: u64,
    /// Its run, once it is in the journal.
    pub run: Option<RunId>,
    /// Its sums.
    pub progress: RunProgress,
    /// Calls that it takes at most, once that is known.
    pub most_calls: u64,
    /// Whether it was told to stop, and calls on their way still land.
    pub is_stopping: bool,
}

/// One prompt's answers and what the judge made of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its place among the prompts, from 0.
    pub position: u64,
    /// The row as the journal has it.
    pub row: Arc<Row>,
    /// The same as numbers.
    pub pair: Pair,
}

impl Record {
    /// A record of a row.
    pub fn of(position: u64, row: Arc<Row>) -> Self {
        let pair = Pair::of_row(&row);
        Self { position, row, pair }
    }

    /// A's answer, or B's; empty where it is missing.
    pub fn answer(&self, is_b: bool) -> &str {
        match &self.row.pair {
            Some(pair) if is_b => &pair.b,
            Some(pair) => &pair.a,
            None => "",
        }
    }
}

/// The comparison shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// What it is.
    pub past: PastComparison,
    /// Its rows that are there, by position.
    pub records: Arc<Vec<Arc<Record>>>,
    /// Grows with every change of records, band or tests.
    pub revision: u64,
    /// Its numbers, of the revision measured last.
    pub measures: Arc<Measures>,
    /// What the text tests found, in their order.
    pub texts: Vec<TextShare>,
    /// The revision being measured.
    pub measuring: Option<u64>,
    /// Places among the records that pass the filters, sorted.
    pub order: Vec<usize>,
    /// The row selected, by its position.
    pub selected: Option<u64>,
    /// Whether the row selected is shown side by side.
    pub is_open: bool,
    /// What the reader prefers, by prompt.
    pub own: BTreeMap<PromptId, Own>,
}

/// What a reader prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::EnumString, strum::EnumIter)]
#[strum(serialize_all = "lowercase")]
pub enum Own {
    /// A.
    A,
    /// Neither.
    Tie,
    /// B.
    B,
    /// Neither is good.
    #[strum(serialize = "both bad")]
    BothBad,
    /// Can't tell.
    Unsure,
}

impl Own {
    /// As people's labels have it.
    pub fn answer(self) -> LabelAnswer {
        match self {
            Self::A => LabelAnswer::A,
            Self::Tie => LabelAnswer::Tie,
            Self::B => LabelAnswer::B,
            Self::BothBad => LabelAnswer::BothBad,
            Self::Unsure => LabelAnswer::Unsure,
        }
    }

    /// What it says in a table.
    pub fn word(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Tie => "tie",
            Self::B => "B",
            Self::BothBad => "bad",
            Self::Unsure => "?",
        }
    }

    /// Whether a judge's outcome is the same.
    pub fn is(self, outcome: Outcome) -> bool {
        matches!(
            (self, outcome),
            (Self::A, Outcome::A)
                | (Self::Tie | Self::BothBad, Outcome::Tie)
                | (Self::B, Outcome::B)
        )
    }
}

impl Shown {
    /// A comparison without rows yet.
    pub fn new(past: PastComparison) -> Self {
        Self {
            past,
            records: Arc::default(),
            revision: 0,
            measures: Arc::default(),
            texts: Vec::new(),
            measuring: None,
            order: Vec::new(),
            selected: None,
            is_open: false,
            own: BTreeMap::new(),
        }
    }

    /// On how many pairs the reader decided and the judge has a verdict, and on how many of these
    /// both say the same.
    pub fn agreement(&self, band: f64) -> (u64, u64) {
        let (mut both, mut same) = (0, 0);
        if self.own.is_empty() {
            return (both, same);
        }
        for record in self.records.iter() {
            if let (Some(own), Some(p_b)) =
                (self.own.get(&record.pair.prompt), record.pair.judgement.p_b())
                && *own != Own::Unsure
            {
                both += 1;
                same += u64::from(own.is(Outcome::of(p_b, band)));
            }
        }
        (both, same)
    }

    /// Whether its rows were measured at all yet.
    pub fn is_measured(&self) -> bool {
        self.measures.counts.rows > 0
    }

    /// The row selected, where it passes the filters: its place in the order, and itself.
    pub fn current(&self) -> Option<(usize, &Arc<Record>)> {
        let position = self.selected?;
        let found =
            self.order.iter().enumerate().find(|(_, place)| {
                self.records.get(**place).is_some_and(|r| r.position == position)
            });
        let (nth, place) = found?;
        Some((nth, &self.records[*place]))
    }

    /// The nth row that passes the filters.
    pub fn nth(&self, nth: usize) -> Option<&Arc<Record>> {
        self.records.get(*self.order.get(nth)?)
    }
}

/// How the comparison shown is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Within this of one half a verdict is a tie, 0..=0.45.
    pub band: f64,
    /// Which slices are listed.
    pub by: SliceBy,
    /// Only rows of this slice.
    pub slice: Option<(SliceBy, String)>,
    /// Only rows in this state.
    pub only: Only,
    /// Only rows with this text.
    pub search: String,
    /// In which order.
    pub sort: Sort,
    /// Side by side: B at the left.
    pub swapped: bool,
    /// Side by side: what both share is greyed.
    pub greyed: bool,
    /// Verdicts are hidden, so that a reader decides first.
    pub judge_hidden: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            band: TIE_BAND,
            by: SliceBy::Tag,
            slice: None,
            only: Only::All,
            search: String::new(),
            sort: Sort::Regressions,
            swapped: false,
            greyed: true,
            judge_hidden: false,
        }
    }
}

/// What prompts are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SliceBy {
    /// The prompt's tags.
    Tag,
    /// The principle that the judge was asked about.
    Principle,
}

/// Which rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter, strum::Display)]
pub enum Only {
    /// All.
    #[strum(to_string = "All pairs")]
    All,
    /// A won.
    #[strum(to_string = "A preferred")]
    A,
    /// B won.
    #[strum(to_string = "B preferred")]
    B,
    /// Neither won.
    #[strum(to_string = "Ties")]
    Ties,
    /// The order changes the winner.
    #[strum(to_string = "Order flips")]
    Flips,
    /// No verdict: unparsed or failed.
    #[strum(to_string = "No verdict")]
    NoVerdict,
}

/// In which order rows are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumIter, strum::Display)]
pub enum Sort {
    /// Where A is preferred most.
    #[strum(to_string = "Regressions first")]
    Regressions,
    /// Where B is preferred most.
    #[strum(to_string = "Improvements first")]
    Improvements,
    /// Nearest to one half.
    #[strum(to_string = "Closest first")]
    Closest,
    /// Where B became longest.
    #[strum(to_string = "Grown most first")]
    Growth,
    /// As the prompts are.
    #[strum(to_string = "As in the set")]
    AsPrompts,
}

/// A pattern that answers are searched for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TextTest {
    /// A regular expression; upper and lower case count as the same.
    pub pattern: String,
}

/// What a text test found.
#[derive(Debug, Clone, PartialEq)]
pub struct TextShare {
    /// The pattern.
    pub pattern: String,
    /// Shares of A's and B's answers that match; `None` where there are none.
    pub share: Option<PairedDifference>,
}

impl Running {
    /// How much of it is done, 0..=1: by rows, and before the first of them by calls, of which it
    /// may need fewer than planned.
    pub fn part(&self) -> f32 {
        let sums = &self.progress;
        let by_rows = sums.rows_done as f32 / sums.rows_total.max(1) as f32;
        let by_calls = (sums.calls + sums.replayed) as f32 / self.most_calls.max(1) as f32;
        if self.most_calls == 0 { by_rows } else { by_rows.max(by_calls.min(0.99)) }
    }
}

impl CompareState {
    /// The past comparison of a run.
    pub fn past_of(&self, run: &RunId) -> Option<&PastComparison> {
        self.past.as_ref()?.iter().find(|past| past.run == *run)
    }

    /// Whether the comparison shown is the one on its way.
    pub fn shows_running(&self) -> bool {
        match (&self.running, &self.shown) {
            (Some(running), Some(shown)) => running.run.as_ref() == Some(&shown.past.run),
            _ => false,
        }
    }
}

/// Sorts and filters anew: the places of records that pass, in the order asked for.
pub fn ordered(records: &[Arc<Record>], look: &Look) -> Vec<usize> {
    let search = look.search.trim().to_lowercase();
    let mut order: Vec<usize> = (0..records.len())
        .filter(|place| passes(&records[*place], look) && has_text(&records[*place], &search))
        .collect();
    // Without a verdict a row stands at the end, in the prompts' order.
    let p_b = |place: &usize| records[*place].pair.judgement.p_b();
    let key = |place: &usize| -> Option<f64> {
        match look.sort {
            Sort::Regressions => p_b(place),
            Sort::Improvements => p_b(place).map(|p| -p),
            Sort::Closest => p_b(place).map(|p| (p - 0.5).abs()),
            Sort::Growth => records[*place].pair.words.map(|(a, b)| f64::from(a) - f64::from(b)),
            Sort::AsPrompts => None,
        }
    };
    order.sort_by(|x, y| match (key(x), key(y)) {
        (Some(x), Some(y)) => x.total_cmp(&y),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => std::cmp::Ordering::Equal,
    });
    order
}

fn passes(record: &Record, look: &Look) -> bool {
    let pair = &record.pair;
    let in_slice = match &look.slice {
        None => true,
        Some((SliceBy::Tag, tag)) => pair.tags.contains(tag),
        Some((SliceBy::Principle, id)) => pair.principles.iter().any(|(one, _)| one.0 == *id),
    };
    let outcome = pair.judgement.p_b().map(|p_b| Outcome::of(p_b, look.band));
    in_slice
        && match look.only {
            Only::All => true,
            Only::A => outcome == Some(Outcome::A),
            Only::B => outcome == Some(Outcome::B),
            Only::Ties => outcome == Some(Outcome::Tie),
            Only::Flips => pair.judgement.is_flipped(),
            Only::NoVerdict => {
                matches!(pair.judgement, Judgement::Unparsed | Judgement::Failed)
            }
        }
}

fn has_text(record: &Record, search: &str) -> bool {
    search.is_empty()
        || [record.row.prompt.text(), record.answer(false), record.answer(true)]
            .iter()
            .any(|text| text.to_lowercase().contains(search))
}
