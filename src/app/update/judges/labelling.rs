//! One person labelling one set: an answer, and on to the next.

mod begin;

pub(super) use begin::{begin, named};

use self::begin::Which;
use super::{may_label, refuse};
use crate::app::command::{ConstitutionCommand, GoCommand, LabelCommand, RubricCommand};
use crate::app::effects::Effect;
use crate::app::effects::judges::JudgesEffect;
use crate::app::message::Failure;
use crate::app::state::judges::{Book, FLASH_MILLIS, Flash, Given, Page, Practice, Session, Shown};
use crate::app::state::{AppState, Area, Moment};
use crate::domain::{Certainty, FirstShown, Label, LabelAnswer, LabelTask, PrincipleId};
use crate::methods::labelling::Turn;

pub(super) fn carry_out(state: &mut AppState, command: LabelCommand, at: Moment) -> Vec<Effect> {
    match command {
        LabelCommand::Begin(stem) => return begin(state, &stem, at),
        LabelCommand::Part(split) => return begin::shown(state, &Which::Part(split), at),
        LabelCommand::Recheck => return begin::shown(state, &Which::Stale, at),
        LabelCommand::Useful => return begin::useful(state, at),
        LabelCommand::Say(shown) => return say(state, shown, at),
        LabelCommand::TakeBack => return take_back(state, at),
        LabelCommand::Pause => pause(state),
        LabelCommand::AddCriterion => return add_criterion(state, at),
        LabelCommand::WriteAgain => return write_again(state),
        LabelCommand::Finish => {
            let session = state.judges.session.take();
            let stem = session.map(|session| session.stem).unwrap_or_default();
            return super::report::labelled(state, &stem);
        }
        LabelCommand::Practise
        | LabelCommand::Start
        | LabelCommand::Sure(_)
        | LabelCommand::Comment(_)
        | LabelCommand::CommentText(_)
        | LabelCommand::NextPractice
        | LabelCommand::Guide => look(state, command),
    }
    Vec::new()
}

/// What changes the screen only.
fn look(state: &mut AppState, command: LabelCommand) {
    let judges = &mut state.judges;
    let Some(session) = &mut judges.session else { return };
    let Some(book) = judges.books.as_ref().and_then(|books| books.get(&session.stem)) else {
        return;
    };
    let mut words = None;
    match command {
        LabelCommand::Practise => {
            session.page = Page::Practice(Practice::default());
            words = Some("Practice".to_owned());
        }
        LabelCommand::Start => {
            session.page = if session.turn().is_some() { Page::Queue } else { Page::Done };
            words = Some(on_screen(session, book));
        }
        LabelCommand::Sure(sure) => {
            session.sure = (session.sure != Some(sure)).then_some(sure);
            words = Some(match session.sure {
                Some(sure) => format!("How sure: {sure}"),
                None => "How sure: not said".to_owned(),
            });
        }
        LabelCommand::Comment(is_on) => session.is_commenting = is_on,
        LabelCommand::CommentText(text) => session.comment = text,
        LabelCommand::NextPractice => {
            if let Page::Practice(practice) = &mut session.page {
                practice.place += 1;
                practice.said = None;
            }
        }
        LabelCommand::Guide => {
            session.page = match session.page {
                Page::Guide if session.turn().is_some() => Page::Queue,
                Page::Guide | Page::Practice(_) | Page::Queue | Page::Done => Page::Guide,
            };
            session.is_commenting = false;
        }
        LabelCommand::Begin(_)
        | LabelCommand::Part(_)
        | LabelCommand::Recheck
        | LabelCommand::Useful
        | LabelCommand::Say(_)
        | LabelCommand::TakeBack
        | LabelCommand::Pause
        | LabelCommand::AddCriterion
        | LabelCommand::WriteAgain
        | LabelCommand::Finish => {}
    }
    if let Some(words) = words {
        state.announce(words);
    }
}

/// What a screen reader hears of the item on screen: where it is in the queue, and the prompt.
fn on_screen(session: &Session, book: &Book) -> String {
    match session.page {
        Page::Guide => "The guide".to_owned(),
        Page::Done => "All labelled".to_owned(),
        Page::Practice(_) | Page::Queue => {
            let (done, total) = session.progress();
            let prompt = session.on_screen(book).map_or("", |(item, _)| item.prompt.text());
            let end = prompt.floor_char_boundary(120);
            format!("{} of {total}: {}", done + 1, &prompt[..end])
        }
    }
}

fn say(state: &mut AppState, shown: Shown, at: Moment) -> Vec<Effect> {
    if let Err(reason) = may_label(state) {
        return refuse(state, reason, at);
    }
    let judges = &mut state.judges;
    let Some(session) = judges.session.as_mut().filter(|session| !session.is_paused) else {
        return Vec::new();
    };
    let Some(book) = judges.books.as_mut().and_then(|books| books.get_mut(&session.stem)) else {
        return Vec::new();
    };
    let Some((item, first)) = session.on_screen(book) else { return Vec::new() };
    let answer = shown.answer(first);
    if !answer.fits(book.set.task, item.level_count()) {
        return Vec::new();
    }
    if let Page::Practice(practice) = session.page {
        let words = practise(session, book, practice, shown);
        state.announce(words);
        return Vec::new();
    }
    let Some(turn) = session.turn().copied() else { return Vec::new() };
    let is_pair = book.set.task == LabelTask::Pairwise;
    let seconds = session.since.map(|since| at.millis_since(since) as f64 / 1_000.0);
    let label = Label {
        item: item.id.clone(),
        labeller: session.labeller.clone(),
        answer: Some(answer),
        sure: session.sure.take(),
        comment: std::mem::take(&mut session.comment).trim().to_owned(),
        first: is_pair.then_some(turn.first),
        again: turn.again,
        guide: book.set.guide.version,
        aspect: item.aspect_mark(),
        seconds,
        at: time_of(at),
    };
    book.put(label.clone());
    session.given.push(Given { turn: session.place, label: label.clone() });
    session.place += 1;
    session.is_commenting = false;
    session.flash = Some(Flash { shown, at });
    session.since = None;
    if session.turn().is_none() {
        session.page = Page::Done;
    }
    let words = format!("{}. {}", shown.words(), on_screen(session, book));
    let stem = session.stem.clone();
    state.announce(words);
    vec![
        Effect::Judges(JudgesEffect::Append { stem, labels: vec![label] }),
        Effect::WakeAt(at.plus_millis(FLASH_MILLIS)),
    ]
}

/// Says whether the answer to a practice item is right.
fn practise(session: &mut Session, book: &Book, practice: Practice, shown: Shown) -> String {
    if practice.said.is_some() {
        return String::new();
    }
    let Some(example) = Session::example(book, practice.place) else { return String::new() };
    let first = session.on_screen(book).map_or(FirstShown::Left, |(_, first)| first);
    let is_right = shown.answer(first) == example.answer;
    let right = Shown::of(example.answer, first).words();
    let words = match is_right {
        true => format!("Right. {}", example.why),
        false => format!("The guide says {right}. {}", example.why),
    };
    session.page = Page::Practice(Practice {
        said: Some(shown),
        right: practice.right + u32::from(is_right),
        ..practice
    });
    words
}

/// Takes the last label back and asks its item again; beyond this sitting's the newest of the
/// labeller's.
fn take_back(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if let Err(reason) = may_label(state) {
        return refuse(state, reason, at);
    }
    let judges = &mut state.judges;
    let Some(session) = judges.session.as_mut().filter(|session| !session.is_paused) else {
        return Vec::new();
    };
    let Some(book) = judges.books.as_mut().and_then(|books| books.get_mut(&session.stem)) else {
        return Vec::new();
    };
    let label = match session.given.pop() {
        Some(given) => {
            session.place = given.turn;
            given.label
        }
        None => match earlier(session, book) {
            Some(label) => label,
            None => return refuse(state, "No label is left to take back", at),
        },
    };
    let back = Label {
        answer: None,
        sure: None,
        comment: String::new(),
        seconds: None,
        at: time_of(at),
        ..label.clone()
    };
    book.put(back.clone());
    session.page = Page::Queue;
    session.sure = label.sure;
    session.comment = label.comment;
    session.flash = None;
    session.since = None;
    let words = format!("Taken back. {}", on_screen(session, book));
    let stem = session.stem.clone();
    state.announce(words);
    vec![Effect::Judges(JudgesEffect::Append { stem, labels: vec![back] })]
}

/// The newest label from before this sitting; its item is asked again now.
fn earlier(session: &mut Session, book: &Book) -> Option<Label> {
    let mine = book.labels.iter().filter(|one| one.labeller == session.labeller);
    let newest = mine.max_by(|a, b| a.at.cmp(&b.at))?.clone();
    let item = book.place_of(&newest.item)?;
    let turn = Turn { item, again: newest.again, first: newest.first.unwrap_or(FirstShown::Left) };
    session.turns.insert(session.place, turn);
    session.before = session.before.saturating_sub(1);
    Some(newest)
}

/// A time as labels have it.
pub(super) fn time_of(at: Moment) -> String {
    i64::try_from(at.0)
        .ok()
        .and_then(chrono::DateTime::from_timestamp_millis)
        .map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true))
        .unwrap_or_default()
}

/// The day of a moment, in UTC, as `2026-11-22`.
pub(super) fn day_of(at: Moment) -> String {
    time_of(at).chars().take(10).collect()
}

fn pause(state: &mut AppState) {
    let Some(session) = &mut state.judges.session else { return };
    session.is_commenting = false;
    session.flash = None;
    if session.page == Page::Done {
        state.judges.session = None;
        return;
    }
    session.is_paused = true;
    state.announce("Paused; every label is kept");
}

/// A principle or criterion is missing: its editor is shown with a new one, the labelling waits.
fn add_criterion(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let in_rubric = state
        .judges
        .labelling()
        .and_then(|(session, book)| {
            let (item, _) = session.on_screen(book)?;
            let id = item.aspect.as_ref().map(|aspect| aspect.id.as_str());
            let is_criterion = id.is_some_and(|id| is_criterion(state, id));
            Some(book.set.task == LabelTask::Scores || is_criterion)
        })
        .unwrap_or(false);
    let stem = state.judges.session.as_ref().map(|session| session.stem.clone());
    if let Some(session) = &mut state.judges.session {
        session.is_paused = true;
        session.is_commenting = false;
    }
    let (area, command) = if in_rubric && state.rubric().is_some() {
        (Area::Rubric, RubricCommand::AddCriterion.into())
    } else {
        (Area::Constitution, ConstitutionCommand::AddPrinciple.into())
    };
    let mut effects = super::super::go::carry_out(state, GoCommand::Area(area));
    effects.extend(super::super::carry_out(state, command, at));
    if stem.is_some() {
        state.notify(
            crate::app::state::NoticeKind::Done,
            "The labelling waits in Judges (Ctrl+6); go on when the new one is written",
            at,
        );
    }
    effects
}

fn is_criterion(state: &AppState, id: &str) -> bool {
    let principle: PrincipleId = id.into();
    let is_principle = state.constitution().is_some_and(|one| one.principle(&principle).is_some());
    !is_principle && state.rubric().is_some_and(|one| one.criterion(&id.into()).is_some())
}

/// Labels could not be written: they stay on screen, and can be written again.
pub(super) fn not_kept(
    state: &mut AppState,
    stem: &str,
    labels: Vec<Label>,
    failure: Failure,
    at: Moment,
) {
    if let Some(session) = state.judges.session.as_mut().filter(|one| one.stem == stem) {
        session.unkept.extend(labels);
    }
    state.fail(failure.message, failure.hint, at);
}

fn write_again(state: &mut AppState) -> Vec<Effect> {
    let Some(session) = &mut state.judges.session else { return Vec::new() };
    let labels = std::mem::take(&mut session.unkept);
    if labels.is_empty() {
        return Vec::new();
    }
    let stem = session.stem.clone();
    vec![Effect::Judges(JudgesEffect::Append { stem, labels })]
}

/// Whether an answer can be given to what is on screen.
///
/// # Errors
///
/// Why not, in words.
pub fn can_say(state: &AppState, shown: Shown) -> Result<(), &'static str> {
    may_label(state)?;
    let (session, book) = state.judges.labelling().ok_or("Begin to label a set in Judges first")?;
    if let Page::Practice(practice) = session.page
        && practice.said.is_some()
    {
        return Err("Go on to the next one first");
    }
    let (item, first) = session.on_screen(book).ok_or("No item is on screen")?;
    if !shown.answer(first).fits(book.set.task, item.level_count()) {
        return Err("This set does not ask for that");
    }
    Ok(())
}

/// How sure a digit says that somebody is.
pub fn certainty_of(digit: u32) -> Option<Certainty> {
    match digit {
        1 => Some(Certainty::Guess),
        2 => Some(Certainty::Fairly),
        3 => Some(Certainty::Certain),
        _ => None,
    }
}

/// What the answers of a labeller come to: each with how often it was given, in the order of
/// keys.
pub fn tally(book: &Book, labeller: &str) -> Vec<(String, u64)> {
    let mut all: Vec<(LabelAnswer, u64)> = Vec::new();
    for label in book.labels.iter().filter(|one| one.labeller == labeller && !one.again) {
        let Some(answer) = label.answer else { continue };
        match all.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, n)) => *n += 1,
            None => all.push((answer, 1)),
        }
    }
    let mut named: Vec<(u32, String, u64)> = all
        .into_iter()
        .map(|(answer, n)| (rank(answer), crate::app::state::judges::words_of(answer), n))
        .collect();
    named.sort();
    named.into_iter().map(|(_, words, n)| (words, n)).collect()
}

fn rank(answer: LabelAnswer) -> u32 {
    match answer {
        LabelAnswer::A | LabelAnswer::Pass => 0,
        LabelAnswer::Tie | LabelAnswer::Fail => 1,
        LabelAnswer::B => 2,
        LabelAnswer::BothBad => 3,
        LabelAnswer::Level(level) => 10 + level,
        LabelAnswer::Unsure => 100,
        LabelAnswer::NotApplicable => 101,
    }
}
