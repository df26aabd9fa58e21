//! Judges: label sets, the labelling in hand, and how judges do against people.

mod editing;
#[cfg(test)]
mod editing_tests;
mod guide;
mod labelling;
mod making;
mod report;
#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod tests;

use crate::app::command::{JudgesCommand, LabelCommand};
use crate::app::effects::Effect;
use crate::app::effects::judges::{JudgesEffect, JudgesEvent};
use crate::app::state::judges::{Book, FLASH_MILLIS, JudgePage, JudgesState, Selected};
use crate::app::state::{AppState, Moment, NoticeKind};

pub use editing::{field_of, project_problems};
pub(super) use editing::{restored, saved, show};
pub use labelling::{can_say, certainty_of, tally};
pub use making::can_make;
pub(super) use making::{import, label_pair};
pub use report::{can_judge, can_run, example_of, principle_of};

pub(super) fn carry_out(state: &mut AppState, command: JudgesCommand, at: Moment) -> Vec<Effect> {
    match command {
        JudgesCommand::Refresh => read(state),
        JudgesCommand::Select(selected) => select(state, selected),
        JudgesCommand::Item(place) => {
            state.judges.item = Some(place);
            Vec::new()
        }
        JudgesCommand::BeginSet(source) => making::begin(state, source, at),
        JudgesCommand::Draft(draft) => {
            state.judges.draft = *draft;
            Vec::new()
        }
        JudgesCommand::MakeSet { label } => making::make(state, label, at),
        JudgesCommand::Labeller(name) => labelling::named(state, &name, at),
        JudgesCommand::Guide(change) => guide::change(state, change, at),
        JudgesCommand::Label(LabelCommand::Begin(stem)) => labelling::begin(state, &stem, at),
        JudgesCommand::Label(command) => labelling::carry_out(state, command, at),
        JudgesCommand::Report(command) => report::carry_out(state, command, at),
        JudgesCommand::Judge { stem, change } => editing::change(state, &stem, change, at),
        JudgesCommand::CopyJudge(stem) => editing::copy(state, &stem, at),
        JudgesCommand::DeleteJudge(stem) => editing::delete(state, &stem, at),
    }
}

pub(super) fn take_in(state: &mut AppState, event: JudgesEvent, at: Moment) -> Vec<Effect> {
    match event {
        JudgesEvent::Read(Ok(all)) => {
            let books = all.books.into_iter().map(|book| (book.stem.clone(), Book::of(book)));
            let judges = &mut state.judges;
            judges.books = Some(books.collect());
            judges.unreadable.clone_from(&all.unreadable);
            judges.failure = None;
            mend(state);
            for (_, failure) in all.unreadable {
                state.fail(failure.message, failure.hint, at);
            }
            return report::all_read(state);
        }
        JudgesEvent::Read(Err(failure)) => state.judges.failure = Some(failure),
        JudgesEvent::PairLabelled(Ok(book)) => {
            let stem = book.stem.clone();
            state.judges.books.get_or_insert_default().insert(stem, Book::of(*book));
        }
        JudgesEvent::PairLabelled(Err(failure)) => {
            state.fail(failure.message, failure.hint, at);
        }
        JudgesEvent::Made(Ok(book)) => return making::made(state, *book, at),
        JudgesEvent::Made(Err(failure)) => {
            state.fail(failure.message, failure.hint, at);
            return making::failed(state);
        }
        JudgesEvent::SetSaved { stem, result } => guide::saved(state, &stem, result, at),
        JudgesEvent::NotKept { stem, labels, failure } => {
            labelling::not_kept(state, &stem, labels, failure, at);
        }
        event @ (JudgesEvent::Line { .. }
        | JudgesEvent::Report { .. }
        | JudgesEvent::Counted { .. }
        | JudgesEvent::Progress { .. }
        | JudgesEvent::Ended { .. }
        | JudgesEvent::Calls { .. }) => return report::take_in(state, event, at),
    }
    Vec::new()
}

/// Another project is there.
pub(super) fn opened(state: &mut AppState) -> Vec<Effect> {
    state.judges = JudgesState::default();
    read(state)
}

/// Judges is shown.
pub(super) fn enter(state: &mut AppState) -> Vec<Effect> {
    if state.judges.books.is_none() || state.judges.failure.is_some() {
        return read(state);
    }
    report::enter(state)
}

fn select(state: &mut AppState, selected: Selected) -> Vec<Effect> {
    if state.judges.selected == selected {
        return Vec::new();
    }
    let set = match &selected {
        Selected::Set(stem) => Some(stem.clone()),
        Selected::Judge(_) | Selected::Nothing => None,
    };
    state.judges.selected = selected;
    state.judges.item = None;
    state.judges.report.page = JudgePage::Report;
    match set {
        // Judges are held against the set that was looked at last.
        Some(stem) => report::hold_against(state, stem),
        None => report::enter(state),
    }
}

fn read(state: &AppState) -> Vec<Effect> {
    if state.project.is_none() {
        return Vec::new();
    }
    vec![Effect::Judges(JudgesEffect::Read)]
}

/// Selects something that is there where what was selected is not, and lets a labelling go whose
/// set is gone.
fn mend(state: &mut AppState) {
    let setups: Vec<String> = state.all_judges().map(|(stem, _)| stem.clone()).collect();
    let judges = &mut state.judges;
    let Some(books) = &judges.books else { return };
    if judges.session.as_ref().is_some_and(|session| !books.contains_key(&session.stem)) {
        judges.session = None;
    }
    let is_there = match &judges.selected {
        Selected::Nothing => false,
        Selected::Set(stem) => books.contains_key(stem),
        Selected::Judge(stem) => setups.contains(stem),
    };
    if !is_there {
        judges.item = None;
        let set = books.keys().next().map(|stem| Selected::Set(stem.clone()));
        let judge = || setups.into_iter().next().map(Selected::Judge);
        judges.selected = set.or_else(judge).unwrap_or_default();
    }
}

/// The next (1) or previous (-1) of what is listed.
pub(super) fn step(state: &mut AppState, by: i32) -> Vec<Effect> {
    let judges = &mut state.judges;
    if judges.labelling().is_some() {
        return Vec::new();
    }
    if let Selected::Judge(_) = &judges.selected
        && judges.report.item.is_some()
        && judges.report.page == JudgePage::Report
    {
        report::step(&mut judges.report, by);
        return Vec::new();
    }
    let sets = state.judges.all().map(|(stem, _)| Selected::Set(stem.clone()));
    let all: Vec<Selected> =
        state.all_judges().map(|(one, _)| Selected::Judge(one.clone())).chain(sets).collect();
    match super::go::neighbour(&all, Some(&state.judges.selected), by) {
        Some(next) => select(state, next),
        None => Vec::new(),
    }
}

/// Time has passed: a button has shown for long enough that its label was taken.
pub(super) fn tick(state: &mut AppState, at: Moment) {
    if let Some(session) = &mut state.judges.session
        && session.flash.is_some_and(|flash| at.millis_since(flash.at) >= FLASH_MILLIS)
    {
        session.flash = None;
    }
}

/// Every message but a tick of the clock: while the labelling is not what is looked at, the time
/// that an item takes does not run.
pub(super) fn looked_away(state: &mut AppState, at: Moment) {
    let is_on_screen = state.area == crate::app::state::Area::Judges && state.sheet.is_none();
    let Some(session) = &mut state.judges.session else { return };
    let is_asked = is_on_screen
        && !session.is_paused
        && session.page == crate::app::state::judges::Page::Queue
        && session.turn().is_some();
    if !is_asked {
        session.since = None;
    } else if session.since.is_none() {
        session.since = Some(at);
    }
}

/// Why labels can't be given now.
///
/// # Errors
///
/// The reason, in words.
pub fn may_label(state: &AppState) -> Result<(), &'static str> {
    let project = state.project.as_ref().ok_or("No project is open")?;
    if project.read_only {
        return Err("The project is open in another window; label there");
    }
    Ok(())
}

fn refuse(state: &mut AppState, reason: &str, at: Moment) -> Vec<Effect> {
    state.notify(NoticeKind::Warning, reason, at);
    Vec::new()
}
