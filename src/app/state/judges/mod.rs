//! Judges: label sets, the labelling in hand, and how judges do against people.
//!
//! A [`Book`] is a label set as the window knows it. A [`Session`] is one person labelling one of
//! them; its queue is frozen when it begins, so that a label never moves what comes next.

mod book;
mod draft;
mod report;
mod session;

use std::collections::BTreeMap;

pub use book::{Book, Sums};
pub use draft::{AspectChoice, ItemSource, SetDraft};
pub use report::{
    CallsShown, JudgePage, Line, NewJudge, Part, Price, ReportState, RowsOf, RunDraft, Running,
    ShownReport, Takes, Wanted,
};
pub use session::{Flash, Given, Page, Practice, Session, Shown};

use crate::app::message::Failure;
use crate::domain::{LabelAnswer, LabelTask};

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
    /// Sets that can't be read, by stem.
    pub unreadable: Vec<(String, Failure)>,
    /// How judges do against people.
    pub report: ReportState,
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

/// An answer in words.
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
