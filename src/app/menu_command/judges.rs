//! The Label menu: label sets and the keys of labelling.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::{C, CS, Entry, Menu, MenuCommand, N};
use strum::IntoEnumIterator as _;

use crate::app::command::{Command, JudgesCommand, LabelCommand, ReportCommand};
use crate::app::state::judges::{Page, Selected, Shown};
use crate::app::state::{AppState, Area};
use crate::app::update::judges::{
    can_judge, can_run, can_say, certainty_of, example_of, may_label, principle_of,
};
use crate::domain::LabelTask;
use crate::store::causes::Cause;

const JUDGES: &[Area] = &[Area::Judges];

macro_rules! said {
    ($command:ident, $title:literal, $tip:literal, $keys:expr, $shown:expr, $group:literal) => {
        Entry {
            command: MenuCommand::$command,
            menu: Menu::Label,
            title: $title,
            tip: $tip,
            keys: $keys,
            areas: JUDGES,
            begins_group: $group,
            resolve: |state| say(state, $shown),
        }
    };
}

macro_rules! digit {
    ($command:ident, $title:literal, $tip:literal, $key:ident, $digit:literal, $group:literal) => {
        Entry {
            command: MenuCommand::$command,
            menu: Menu::Label,
            title: $title,
            tip: $tip,
            keys: &[(N, Key::$key)],
            areas: JUDGES,
            begins_group: $group,
            resolve: |state| digit(state, $digit),
        }
    };
}

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::NewLabelSet,
        menu: Menu::Label,
        title: "New label set…",
        tip: "Have people say which answers of a run are better, to check a judge against",
        keys: &[(C, Key::N)],
        areas: JUDGES,
        begins_group: false,
        resolve: |state| {
            may_label(state)?;
            Ok(JudgesCommand::BeginSet(None).into())
        },
    },
    Entry {
        command: MenuCommand::LabelSet,
        menu: Menu::Label,
        title: "Label this set",
        tip: "Begin to label the set shown in Judges, or go on with it",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            may_label(state)?;
            let (stem, _) = state.judges.shown().ok_or("Choose a label set in Judges first")?;
            Ok(JudgesCommand::Label(LabelCommand::Begin(stem.to_owned())).into())
        },
    },
    said!(
        LabelLeft,
        "Left is better",
        "Label the pair on screen, and go on to the next",
        &[(N, Key::A), (N, Key::ArrowLeft)],
        Shown::Left,
        true
    ),
    said!(
        LabelTie,
        "Tie",
        "Neither answer is better, and at least one is good",
        &[(N, Key::T)],
        Shown::Tie,
        false
    ),
    said!(
        LabelRight,
        "Right is better",
        "Label the pair on screen, and go on to the next",
        &[(N, Key::B), (N, Key::ArrowRight)],
        Shown::Right,
        false
    ),
    said!(
        LabelBothBad,
        "Both bad",
        "Neither answer is good enough to be preferred",
        &[(N, Key::X)],
        Shown::BothBad,
        false
    ),
    said!(
        LabelPass,
        "Pass",
        "The answer does what is asked about",
        &[(N, Key::P)],
        Shown::Pass,
        true
    ),
    said!(
        LabelFail,
        "Fail",
        "The answer does not do what is asked about",
        &[(N, Key::F)],
        Shown::Fail,
        false
    ),
    said!(
        LabelUnsure,
        "Unsure",
        "You can’t tell; that is worth knowing, too",
        &[(N, Key::U)],
        Shown::Unsure,
        true
    ),
    said!(
        LabelNotApplicable,
        "Does not apply",
        "What is asked about says nothing of this item",
        &[(N, Key::N)],
        Shown::NotApplicable,
        false
    ),
    digit!(
        LabelOne,
        "1: guess, or level 1",
        "How sure you are of the label to come",
        Num1,
        1,
        true
    ),
    digit!(
        LabelTwo,
        "2: fairly sure, or level 2",
        "How sure you are, or the level",
        Num2,
        2,
        false
    ),
    digit!(LabelThree, "3: certain, or level 3", "How sure you are, or the level", Num3, 3, false),
    digit!(LabelFour, "4: level 4", "The answer reaches the fourth level", Num4, 4, false),
    digit!(LabelFive, "5: level 5", "The answer reaches the fifth level", Num5, 5, false),
    digit!(LabelSix, "6: level 6", "The answer reaches the sixth level", Num6, 6, false),
    digit!(LabelSeven, "7: level 7", "The answer reaches the seventh level", Num7, 7, false),
    digit!(LabelEight, "8: level 8", "The answer reaches the eighth level", Num8, 8, false),
    digit!(LabelNine, "9: level 9", "The answer reaches the ninth level", Num9, 9, false),
    Entry {
        command: MenuCommand::LabelComment,
        menu: Menu::Label,
        title: "Comment on this item",
        tip: "A remark that is kept with the label to come",
        keys: &[(N, Key::C)],
        areas: JUDGES,
        begins_group: true,
        resolve: |state| in_queue(state, LabelCommand::Comment(true)),
    },
    Entry {
        command: MenuCommand::LabelTakeBack,
        menu: Menu::Label,
        title: "Take the last label back",
        tip: "Its item is asked again; the file keeps both lines",
        keys: &[(N, Key::Z), (N, Key::Backspace)],
        areas: JUDGES,
        begins_group: false,
        resolve: |state| {
            may_label(state)?;
            labelling(state, LabelCommand::TakeBack)
        },
    },
    Entry {
        command: MenuCommand::LabelGuide,
        menu: Menu::Label,
        title: "The guide",
        tip: "How to decide, with worked examples; again goes back to the item",
        keys: &[(N, Key::G)],
        areas: JUDGES,
        begins_group: false,
        resolve: |state| labelling(state, LabelCommand::Guide),
    },
    Entry {
        command: MenuCommand::LabelAddCriterion,
        menu: Menu::Label,
        title: "Add a criterion while labelling",
        tip: "A principle or criterion that is missing; the labelling waits and nothing is lost",
        keys: &[(N, Key::M)],
        areas: JUDGES,
        begins_group: false,
        resolve: |state| {
            may_label(state)?;
            labelling(state, LabelCommand::AddCriterion)
        },
    },
    Entry {
        command: MenuCommand::JudgeEditPrinciple,
        menu: Menu::Label,
        title: "Edit the principle of this item",
        tip: "The principle or criterion that judge and people differ on",
        keys: &[(N, Key::E)],
        areas: JUDGES,
        begins_group: true,
        resolve: |state| {
            principle_of(state)?;
            Ok(JudgesCommand::Report(ReportCommand::EditPrinciple).into())
        },
    },
    Entry {
        command: MenuCommand::JudgeExample,
        menu: Menu::Label,
        title: "Show this item to the judge",
        tip: "As an example before its questions; dev items only",
        keys: &[(N, Key::L)],
        areas: JUDGES,
        begins_group: false,
        resolve: |state| {
            example_of(state)?;
            Ok(JudgesCommand::Report(ReportCommand::ToExample).into())
        },
    },
    Entry {
        command: MenuCommand::RunJudge,
        menu: Menu::Label,
        title: "Run the judge…",
        tip: "Ask the judge shown about the label set that it is held against",
        keys: &[],
        areas: JUDGES,
        begins_group: true,
        resolve: begin_run,
    },
    Entry {
        command: MenuCommand::NewJudge,
        menu: Menu::Label,
        title: "New judge…",
        tip: "A model and the way it is asked",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            may_label(state)?;
            Ok(JudgesCommand::Report(ReportCommand::BeginJudge).into())
        },
    },
    Entry {
        command: MenuCommand::CopyJudgeReport,
        menu: Menu::Label,
        title: "Copy the judge’s report",
        tip: "The agreement in sentences, with part, guide version and runs",
        keys: &[(CS, Key::C)],
        areas: JUDGES,
        begins_group: false,
        resolve: |state| {
            state.judges.report.shown.as_ref().ok_or("Look at a judge’s report first")?;
            Ok(JudgesCommand::Report(ReportCommand::CopySummary).into())
        },
    },
    Entry {
        command: MenuCommand::LabelPause,
        menu: Menu::Label,
        title: "Pause labelling",
        tip: "Leave it for now with Esc; every label is kept",
        keys: &[],
        areas: JUDGES,
        begins_group: false,
        resolve: |state| labelling(state, LabelCommand::Pause),
    },
];

fn say(state: &AppState, shown: Shown) -> Result<Command, &'static str> {
    can_say(state, shown)?;
    Ok(JudgesCommand::Label(LabelCommand::Say(shown)).into())
}

/// A level where levels are asked for, else how sure somebody is; in a report why judge and people
/// differ.
fn digit(state: &AppState, digit: u32) -> Result<Command, &'static str> {
    if state.judges.labelling().is_none() && can_judge(state).is_ok() {
        let cause = Cause::iter().nth(digit as usize - 1);
        let cause = cause.ok_or("Causes go from 1, principle unclear, to 4, both fine")?;
        return Ok(JudgesCommand::Report(ReportCommand::Cause(cause)).into());
    }
    let (_, book) = state.judges.labelling().ok_or("Begin to label a set in Judges first")?;
    if book.set.task == LabelTask::Scores {
        return say(state, Shown::Level(digit));
    }
    let sure = certainty_of(digit).ok_or("How sure goes from 1, a guess, to 3, certain")?;
    in_queue(state, LabelCommand::Sure(sure))
}

fn labelling(state: &AppState, command: LabelCommand) -> Result<Command, &'static str> {
    if state.area != Area::Judges {
        return Err("Go to Judges first");
    }
    state.judges.labelling().ok_or("Begin to label a set in Judges first")?;
    Ok(JudgesCommand::Label(command).into())
}

fn in_queue(state: &AppState, command: LabelCommand) -> Result<Command, &'static str> {
    may_label(state)?;
    let (session, _) = state.judges.labelling().ok_or("Begin to label a set in Judges first")?;
    if session.page != Page::Queue {
        return Err("No item of the queue is on screen");
    }
    labelling(state, command)
}

fn begin_run(state: &AppState) -> Result<Command, &'static str> {
    can_run(state)?;
    let split = Some(state.judges.report.part.split());
    Ok(JudgesCommand::Report(ReportCommand::BeginRun(split)).into())
}

/// What Stop does while a judge runs.
pub(super) fn stop(state: &AppState) -> Result<Command, &'static str> {
    let running = state.judges.report.running.as_ref().ok_or("Nothing is running")?;
    if running.is_stopping {
        return Err("It is stopping already");
    }
    Ok(JudgesCommand::Report(ReportCommand::Stop).into())
}

/// What Run does in Judges: the next thing that labelling needs.
pub(super) fn run(state: &AppState) -> Result<Command, &'static str> {
    may_label(state)?;
    let command = match state.judges.labelling() {
        None if matches!(state.judges.selected, Selected::Judge(_)) => return begin_run(state),
        None => {
            let (stem, _) = state.judges.shown().ok_or("Make a label set first")?;
            LabelCommand::Begin(stem.to_owned())
        }
        Some((session, book)) => match session.page {
            Page::Guide => LabelCommand::Start,
            Page::Practice(practice) if practice.place >= book.set.guide.practice.len() => {
                LabelCommand::Start
            }
            Page::Practice(practice) if practice.said.is_some() => LabelCommand::NextPractice,
            Page::Practice(_) => return Err("Say which answer is better first"),
            Page::Queue => return Err("Give the item a label; each goes on by itself"),
            Page::Done => LabelCommand::Finish,
        },
    };
    Ok(JudgesCommand::Label(command).into())
}
