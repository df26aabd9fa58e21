//! One person labelling one set.

use super::Book;
use crate::app::state::Moment;
use crate::domain::{Certainty, FirstShown, Label, LabelAnswer, LabelItem, WorkedExample};
use crate::methods::labelling::Turn;

/// One person labelling one set.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// The set, by stem.
    pub stem: String,
    /// Who labels.
    pub labeller: String,
    /// What is on screen.
    pub page: Page,
    /// Whether it waits while something else is looked at.
    pub is_paused: bool,
    /// What is asked, in order; frozen when it begins.
    pub turns: Vec<Turn>,
    /// The turn on screen; as many as there are: none is left.
    pub place: usize,
    /// How many labels this person had in the set before.
    pub before: usize,
    /// Labels of this sitting, the newest last.
    pub given: Vec<Given>,
    /// How sure they are of the label to come, where they said so.
    pub sure: Option<Certainty>,
    /// What they remark with the label to come.
    pub comment: String,
    /// Whether the remark is being typed.
    pub is_commenting: bool,
    /// Since when the item is on screen; `None` while something else is.
    pub since: Option<Moment>,
    /// The button that shows that its label was taken.
    pub flash: Option<Flash>,
    /// Labels that could not be written.
    pub unkept: Vec<Label>,
}

/// What is on screen while somebody labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The guide.
    Guide,
    /// Items whose right answer is told after each.
    Practice(Practice),
    /// The queue.
    Queue,
    /// What came of it.
    Done,
}

/// How far the practice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Practice {
    /// The item, by its place.
    pub place: usize,
    /// What was said of it.
    pub said: Option<Shown>,
    /// How many were right so far.
    pub right: u32,
}

/// What a key or button says, by where things are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shown {
    /// The left answer is better.
    Left,
    /// The right one is.
    Right,
    /// Neither is better.
    Tie,
    /// Neither is good.
    BothBad,
    /// It passes.
    Pass,
    /// It doesn't.
    Fail,
    /// It reaches this level.
    Level(u32),
    /// Can't tell.
    Unsure,
    /// What is asked about says nothing of it.
    NotApplicable,
}

impl Shown {
    /// What it says of the item, given where its first answer is shown.
    pub fn answer(self, first: FirstShown) -> LabelAnswer {
        match (self, first) {
            (Self::Left, FirstShown::Left) | (Self::Right, FirstShown::Right) => LabelAnswer::A,
            (Self::Left, FirstShown::Right) | (Self::Right, FirstShown::Left) => LabelAnswer::B,
            (Self::Tie, _) => LabelAnswer::Tie,
            (Self::BothBad, _) => LabelAnswer::BothBad,
            (Self::Pass, _) => LabelAnswer::Pass,
            (Self::Fail, _) => LabelAnswer::Fail,
            (Self::Level(level), _) => LabelAnswer::Level(level),
            (Self::Unsure, _) => LabelAnswer::Unsure,
            (Self::NotApplicable, _) => LabelAnswer::NotApplicable,
        }
    }

    /// The key or button that says it, given where the item's first answer is shown.
    pub fn of(answer: LabelAnswer, first: FirstShown) -> Self {
        match (answer, first) {
            (LabelAnswer::A, FirstShown::Left) | (LabelAnswer::B, FirstShown::Right) => Self::Left,
            (LabelAnswer::A, FirstShown::Right) | (LabelAnswer::B, FirstShown::Left) => Self::Right,
            (LabelAnswer::Tie, _) => Self::Tie,
            (LabelAnswer::BothBad, _) => Self::BothBad,
            (LabelAnswer::Pass, _) => Self::Pass,
            (LabelAnswer::Fail, _) => Self::Fail,
            (LabelAnswer::Level(level), _) => Self::Level(level),
            (LabelAnswer::Unsure, _) => Self::Unsure,
            (LabelAnswer::NotApplicable, _) => Self::NotApplicable,
        }
    }

    /// What it says, in words.
    pub fn words(self) -> String {
        match self {
            Self::Left => "left better".to_owned(),
            Self::Right => "right better".to_owned(),
            Self::Tie => "tie".to_owned(),
            Self::BothBad => "both bad".to_owned(),
            Self::Pass => "pass".to_owned(),
            Self::Fail => "fail".to_owned(),
            Self::Level(level) => format!("level {level}"),
            Self::Unsure => "unsure".to_owned(),
            Self::NotApplicable => "does not apply".to_owned(),
        }
    }
}

/// A label of this sitting.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The turn that it answered.
    pub turn: usize,
    /// The label.
    pub label: Label,
}

/// A button that shows that its label was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flash {
    /// Which.
    pub shown: Shown,
    /// Since when.
    pub at: Moment,
}

impl Session {
    /// The turn on screen.
    pub fn turn(&self) -> Option<&Turn> {
        self.turns.get(self.place)
    }

    /// The item on screen, with where its first answer is shown; in practice, the practice's.
    pub fn on_screen<'a>(&self, book: &'a Book) -> Option<(&'a LabelItem, FirstShown)> {
        match self.page {
            Page::Practice(practice) => {
                let example = Self::example(book, practice.place)?;
                Some((&example.item, practice_side(practice.place)))
            }
            Page::Queue => {
                let turn = self.turn()?;
                Some((book.items.get(turn.item)?, turn.first))
            }
            Page::Guide | Page::Done => None,
        }
    }

    /// An item of the practice.
    pub fn example(book: &Book, place: usize) -> Option<&WorkedExample> {
        book.set.guide.practice.get(place)
    }

    /// Labels that this person has now, and how many there will be.
    pub fn progress(&self) -> (usize, usize) {
        (self.before + self.place, self.before + self.turns.len())
    }

    /// The name of the page, which tells its texts from those of others.
    pub fn page_name(&self) -> &'static str {
        match self.page {
            Page::Guide => "guide",
            Page::Practice(_) => "practice",
            Page::Queue => "queue",
            Page::Done => "done",
        }
    }

    /// Whether a break is due.
    pub fn break_is_due(&self) -> bool {
        !self.given.is_empty() && self.given.len().is_multiple_of(super::BREAK_AFTER)
    }
}

/// Practice shows the first answer left and right in turns.
fn practice_side(place: usize) -> FirstShown {
    if place.is_multiple_of(2) { FirstShown::Left } else { FirstShown::Right }
}
