//! Judges: label sets, the labelling in hand, and how judges do against people.
//!
//! A [`Book`] is a label set as the window knows it. A [`Session`] is one person labelling one of
//! them; its queue is frozen when it begins, so that a label never moves what comes next.

mod draft;
mod session;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use draft::{AspectChoice, ItemSource, SetDraft};
pub use session::{Flash, Given, Page, Practice, Session, Shown};

use crate::app::message::Failure;
use crate::domain::{Label, LabelAnswer, LabelItem, LabelSet, LabelTask, Split};
use crate::methods::labelling;
use crate::store::labels::{LabelBook, Look};

/// Labels in a row after which a break is suggested.
pub const BREAK_AFTER: usize = 40;
/// How long a button shows that its label was taken, in milliseconds.
pub const FLASH_MILLIS: u64 = 350;

/// Label sets, the labelling in hand, and how judges do against people.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct JudgesState {
    /// The project's label sets, by stem; `None` before they were read.
    pub books: Option<BTreeMap<String, Book>>,
    /// Why they could not be read.
    pub failure: Option<Failure>,
    /// What is looked at.
    pub selected: Selected,
    /// The item of the set shown that is looked at, by its place.
    pub item: Option<usize>,
    /// The labelling in hand, paused or not.
    pub session: Option<Session>,
    /// The set that is being made.
    pub draft: SetDraft,
    /// The set that is labelled as soon as it is known who labels.
    pub waiting: Option<String>,
    /// The set that is labelled as soon as it was made.
    pub then_label: bool,
}

/// What is looked at in Judges.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Selected {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A label set, by stem.
    Set(String),
    /// A judge, by stem.
    Judge(String),
}

/// A label set as the window knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// What is asked, and how.
    pub set: Arc<LabelSet>,
    /// The items, in the order of their file.
    pub items: Arc<Vec<LabelItem>>,
    /// The labels that hold.
    pub labels: Vec<Label>,
    /// Looks at the gold part, oldest first.
    pub looks: Vec<Look>,
    /// What is wrong with its files, in words.
    pub problems: Vec<String>,
    /// Place of an item, by id.
    places: Arc<BTreeMap<String, usize>>,
}

impl Book {
    /// What the store read.
    pub fn of(book: LabelBook) -> Self {
        let places = book.items.iter().enumerate().map(|(at, item)| (item.id.clone(), at));
        Self {
            places: Arc::new(places.collect()),
            set: Arc::new(book.set),
            items: Arc::new(book.items),
            labels: book.labels,
            looks: book.looks,
            problems: book.problems.iter().map(ToString::to_string).collect(),
        }
    }

    /// The place of an item.
    pub fn place_of(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// Lays a label over those that hold: the last one of an item, labeller and turn counts, and
    /// one without an answer takes it back.
    pub fn put(&mut self, label: Label) {
        let same = |one: &Label| {
            one.item == label.item && one.labeller == label.labeller && one.again == label.again
        };
        self.labels.retain(|one| !same(one));
        if label.answer.is_some() {
            self.labels.push(label);
        }
    }

    /// A label that holds.
    pub fn label(&self, item: &str, labeller: &str, again: bool) -> Option<&Label> {
        let same =
            |one: &&Label| one.item == item && one.labeller == labeller && one.again == again;
        self.labels.iter().find(same)
    }

    /// How many levels an item has: those named, else five.
    pub fn levels(item: &LabelItem) -> u32 {
        /// Scores without names go from 1 to 5.
        const UNNAMED: u32 = 5;
        let named = item.aspect.as_ref().map_or(0, |aspect| aspect.levels.len() as u32);
        if named == 0 { UNNAMED } else { named.min(9) }
    }

    /// Which part an item belongs to.
    pub fn split(&self, item: &LabelItem) -> Split {
        labelling::split(&self.set, &item.prompt.id)
    }

    /// Whether a label was made under an older guide or another text of what is asked about.
    pub fn is_stale(&self, label: &Label) -> bool {
        let item = self.place_of(&label.item).and_then(|at| self.items.get(at));
        item.is_some_and(|item| labelling::stale(&self.set, item, label))
    }

    /// What each labeller has done, by name.
    pub fn labellers(&self) -> BTreeMap<&str, Sums> {
        let mut all: BTreeMap<&str, Sums> = BTreeMap::new();
        for label in &self.labels {
            let sums = all.entry(label.labeller.as_str()).or_default();
            if !label.again {
                sums.labels += 1;
                sums.stale += u64::from(self.is_stale(label));
                let judges = label.answer.is_some_and(LabelAnswer::is_judgment);
                sums.undecided += u64::from(!judges);
            }
            sums.seconds.extend(label.seconds);
        }
        for (labeller, sums) in &mut all {
            (sums.same, sums.repeated) = self.with_oneself(labeller);
            sums.seconds.sort_by(f64::total_cmp);
        }
        all
    }

    /// On how many of the hidden repeats somebody said the same again, and how many there are;
    /// only those count on which both times something was decided.
    pub fn with_oneself(&self, labeller: &str) -> (u64, u64) {
        let (mut same, mut both) = (0, 0);
        for again in self.labels.iter().filter(|one| one.again && one.labeller == labeller) {
            let first = self.label(&again.item, labeller, false).and_then(|one| one.answer);
            let decided = |answer: &LabelAnswer| answer.is_judgment();
            if let (Some(first), Some(second)) =
                (first.filter(decided), again.answer.filter(decided))
            {
                both += 1;
                same += u64::from(first == second);
            }
        }
        (same, both)
    }

    /// Items with at least one label, and labels that are stale.
    pub fn sums(&self) -> Sums {
        let mut items: Vec<&str> = Vec::new();
        let mut sums = Sums::default();
        for label in self.labels.iter().filter(|one| !one.again) {
            items.push(&label.item);
            sums.stale += u64::from(self.is_stale(label));
        }
        items.sort_unstable();
        items.dedup();
        sums.labels = items.len() as u64;
        sums
    }
}

/// What was done of a set.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    /// Items with a label.
    pub labels: u64,
    /// Labels made under an older guide or text.
    pub stale: u64,
    /// Labels that decide nothing: unsure, does not apply.
    pub undecided: u64,
    /// Hidden repeats with the same answer.
    pub same: u64,
    /// Hidden repeats decided both times.
    pub repeated: u64,
    /// How long each label took, in seconds, shortest first.
    pub seconds: Vec<f64>,
}

impl Sums {
    /// The middle one of the times, in seconds.
    pub fn median(&self) -> Option<f64> {
        let n = self.seconds.len();
        let upper = *self.seconds.get(n / 2)?;
        let lower = if n.is_multiple_of(2) { self.seconds[n / 2 - 1] } else { upper };
        Some(f64::midpoint(lower, upper))
    }
}

/// The words on a button for an answer to an item shown in that way.
pub fn words_of(answer: LabelAnswer) -> String {
    match answer {
        LabelAnswer::A => "A is better".to_owned(),
        LabelAnswer::B => "B is better".to_owned(),
        LabelAnswer::Tie => "tie".to_owned(),
        LabelAnswer::BothBad => "both bad".to_owned(),
        LabelAnswer::Pass => "pass".to_owned(),
        LabelAnswer::Fail => "fail".to_owned(),
        LabelAnswer::Level(level) => format!("level {level}"),
        LabelAnswer::Unsure => "unsure".to_owned(),
        LabelAnswer::NotApplicable => "does not apply".to_owned(),
    }
}

/// What is asked, in a few words.
pub fn task_words(task: LabelTask) -> &'static str {
    match task {
        LabelTask::Pairwise => "which of two answers is better",
        LabelTask::PassFail => "whether an answer passes",
        LabelTask::Scores => "which level an answer reaches",
    }
}

impl JudgesState {
    /// The label set looked at.
    pub fn shown(&self) -> Option<(&str, &Book)> {
        let Selected::Set(stem) = &self.selected else { return None };
        let (stem, book) = self.books.as_ref()?.get_key_value(stem)?;
        Some((stem, book))
    }

    /// A label set.
    pub fn book(&self, stem: &str) -> Option<&Book> {
        self.books.as_ref()?.get(stem)
    }

    /// The labelling that is on screen.
    pub fn labelling(&self) -> Option<(&Session, &Book)> {
        let session = self.session.as_ref().filter(|session| !session.is_paused)?;
        Some((session, self.book(&session.stem)?))
    }

    /// All sets by stem, none before they were read.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Book)> {
        self.books.iter().flatten()
    }
}
