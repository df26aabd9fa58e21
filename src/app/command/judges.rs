//! Commands: label sets, labelling, and how judges do against people.

use crate::app::state::judges::{
    JudgePage, NewJudge, Part, RowsOf, RunDraft, Selected, SetDraft, Shown,
};
use crate::domain::{
    Certainty, JudgeForm, JudgeProtocol, LabelAnswer, PanelRule, PromptId, RunId, Split,
};
use crate::stats::calibration::Kind;
use crate::store::causes::Cause;

/// Label sets, labelling, and how judges do against people.
#[derive(Debug, Clone, PartialEq)]
pub enum JudgesCommand {
    /// Read label sets and judges again.
    Refresh,
    /// Look at a set or a judge.
    Select(Selected),
    /// Look at an item of the set shown, by its place.
    Item(usize),
    /// Begin to make a label set; of these prompts of a run, where there are any.
    BeginSet(Option<(RunId, Vec<PromptId>)>),
    /// Change the set that is being made.
    Draft(Box<SetDraft>),
    /// Make it; label it at once, or not.
    MakeSet {
        /// Whether its labelling begins as soon as it is there.
        label: bool,
    },
    /// Who labels on this computer.
    Labeller(String),
    /// Change the guide of the set shown.
    Guide(GuideChange),
    /// The labelling in hand.
    Label(LabelCommand),
    /// How judges do against people.
    Report(ReportCommand),
    /// Change a judge.
    Judge {
        /// The judge, by stem.
        stem: String,
        /// What changes.
        change: JudgeChange,
    },
    /// Make another judge with the same settings.
    CopyJudge(String),
    /// Take a judge out of the project.
    DeleteJudge(String),
}

/// A change of a judge.
#[derive(Debug, Clone, PartialEq)]
pub enum JudgeChange {
    /// What people call it.
    Name(String),
    /// Another model in this place; `None`: the project's judge, alone.
    Model(usize, Option<String>),
    /// One model more, which is asked last.
    AddModel(String),
    /// The model in this place goes, and its weight with it.
    RemoveModel(usize),
    /// The model in this place moves, and its weight with it.
    MoveModel(usize, i32),
    /// How several become one.
    Rule(PanelRule),
    /// The weight of the model in this place.
    Weight(usize, f64),
    /// The others are asked only where the first one's probability is within this of one half.
    FirstAlone(Option<f64>),
    /// The form of its question.
    Protocol(JudgeProtocol),
    /// What it is told.
    Form(JudgeForm),
    /// Whether it gives a reason before its verdict.
    ReasonFirst(bool),
    /// Whether it reads its own verdict again.
    Refine(bool),
    /// Whether it may call a tie.
    Ties(bool),
    /// Votes in each order where there are no log-probabilities.
    Votes(u32),
    /// Principles drawn for a pair that names none.
    Principles(u32),
    /// The share of pairs with a canary beside them, 0..=1.
    Canaries(f64),
    /// The example in this place goes.
    RemoveExample(usize),
    /// The map that is kept with it goes.
    RemoveMap,
}

/// A change of a guide; each counts as a new version.
#[derive(Debug, Clone, PartialEq)]
pub enum GuideChange {
    /// Another text.
    Text(String),
    /// An item becomes a worked example with its right answer.
    Example {
        /// The item, by id.
        item: String,
        /// The right answer.
        answer: LabelAnswer,
        /// Why.
        why: String,
        /// Whether it is for practice.
        is_practice: bool,
    },
    /// An example goes.
    Remove {
        /// By its place.
        place: usize,
        /// Whether it is one for practice.
        is_practice: bool,
    },
}

/// The labelling in hand.
#[derive(Debug, Clone, PartialEq)]
pub enum LabelCommand {
    /// Begin to label a set, or go on with it.
    Begin(String),
    /// Begin to label only the gold or the dev part of the set shown.
    Part(Split),
    /// Label the stale items of the set shown again.
    Recheck,
    /// Label the set of the report shown, first what tells most about its judge.
    Useful,
    /// From the guide on to practice.
    Practise,
    /// From the guide or practice on to the queue.
    Start,
    /// Give the item on screen an answer, and go on.
    Say(Shown),
    /// How sure the label to come is; the same again takes it back.
    Sure(Certainty),
    /// Type a remark for the label to come, or stop typing.
    Comment(bool),
    /// The remark typed so far.
    CommentText(String),
    /// From a practice item to the next.
    NextPractice,
    /// Take the last label back.
    TakeBack,
    /// Show the guide, or go back from it.
    Guide,
    /// Leave the screen; what was labelled is kept.
    Pause,
    /// Add a principle or criterion that is missing; the labelling waits.
    AddCriterion,
    /// Write the labels again that could not be written.
    WriteAgain,
    /// It is over.
    Finish,
}

/// How judges do against people.
#[derive(Debug, Clone, PartialEq)]
pub enum ReportCommand {
    /// Show a page of the judge selected.
    Page(JudgePage),
    /// Hold another judge beside it, by stem; `None`: no longer.
    Beside(Option<String>),
    /// Keep a map of this kind, fitted to the report shown, with the judge.
    KeepMap(Kind),
    /// Weigh the models of the judge shown by their κ with people.
    Weigh,
    /// Hold judges against this label set, by stem.
    Against(String),
    /// Look at a part of it; gold is shown only when [`Self::LookAtGold`] is said.
    Part(Part),
    /// Look at gold; that is counted.
    LookAtGold,
    /// List these items.
    Rows(RowsOf),
    /// Look at an item, by id.
    Item(String),
    /// Say why judge and people differ on it; the same again takes it back.
    Cause(Cause),
    /// Show it to the judge before its questions from now on.
    ToExample,
    /// Edit the principle or criterion that it was judged by.
    EditPrinciple,
    /// Set up a judging of the judge shown on a part of the set; `None`: on all of it.
    BeginRun(Option<Split>),
    /// Change what is being set up.
    Draft(Box<RunDraft>),
    /// Run it.
    Run,
    /// Stop the judging on its way; what is there is kept.
    Stop,
    /// Make a judge.
    BeginJudge,
    /// Change the judge that is being made.
    NewJudge(Box<NewJudge>),
    /// Write it.
    MakeJudge,
    /// Copy the calibration curve as a table.
    CopyCurve,
    /// Copy the report in sentences.
    CopySummary,
}
