//! Palette, find everywhere, history, versions and glossary.

mod find;
mod palette;
mod places;
#[cfg(test)]
mod tests;
mod versions;

use super::edit;
use crate::app::command::LibraryCommand;
use crate::app::effects::Effect;
use crate::app::effects::library::{LibraryEffect, LibraryEvent};
use crate::app::effects::runs::RunsEvent;
use crate::app::message::{Event, TrialNews};
use crate::app::state::library::LibraryState;
use crate::app::state::{AppState, Moment, NoticeKind, Sheet};

pub(super) use places::{leave, left};
pub use versions::changes_between;
pub(super) use versions::count_changes;

pub(super) fn carry_out(state: &mut AppState, command: LibraryCommand, at: Moment) -> Vec<Effect> {
    match command {
        LibraryCommand::Typed(typed) => palette::typed(state, typed),
        LibraryCommand::Choose(item) => palette::choose(state, item, at),
        LibraryCommand::Find(wanted) => find::find(state, &wanted),
        LibraryCommand::StopFind => find::stop(state),
        LibraryCommand::OpenFound(found) => find::open(state, *found, at),
        LibraryCommand::GoToEdit(number) => {
            let mut effects = edit::go_to(state, number, at);
            effects.extend(super::cases::after_edit(state, at));
            effects
        }
        LibraryCommand::SaveVersion { documents, name, note } => {
            versions::save(state, documents, name, note)
        }
        LibraryCommand::RestoreVersion { document, hash } => {
            let mut effects = versions::restore(state, document, &hash, at);
            effects.extend(super::cases::after_edit(state, at));
            effects
        }
        LibraryCommand::Back => places::back(state),
        LibraryCommand::Forward => places::forward(state),
        LibraryCommand::Pane(by) => {
            state.library.pane = (state.number(), by);
            Vec::new()
        }
        LibraryCommand::CopyAs => {
            state.library.copy = state.number();
            Vec::new()
        }
        LibraryCommand::NothingToCopy => {
            state.notify(NoticeKind::Done, "Nothing on this screen can be copied as a whole", at);
            Vec::new()
        }
        LibraryCommand::HideToast(number) => {
            hide_toast(state, number);
            Vec::new()
        }
        LibraryCommand::DismissAll => {
            state.notices.clear();
            state.announce("All notices dismissed");
            Vec::new()
        }
    }
}

pub(super) fn take_in(state: &mut AppState, event: LibraryEvent, at: Moment) -> Vec<Effect> {
    match event {
        LibraryEvent::Runs(runs) => palette::runs(state, runs),
        LibraryEvent::PromptsFound { number, hits, total } => {
            palette::prompts(state, number, hits, total);
        }
        LibraryEvent::Found { number, page, counts, rows, done, failed } => {
            let find = &mut state.library.find;
            if find.number == number {
                find.found.extend(page);
                find.counts = counts;
                find.rows = rows;
                find.failed = failed;
                if done {
                    find.job = None;
                    let words = find.words();
                    state.announce(words);
                }
            }
        }
        LibraryEvent::Versions(kept) => versions::read(state, kept),
        LibraryEvent::VersionsKept { result, name } => versions::kept(state, result, &name, at),
        LibraryEvent::Cost(cost) => {
            state.library.spent = Some(cost);
            if let Some(active) = &mut state.runs.active {
                // The sum has what its calls cost until now.
                active.added_up = active.added_up.max(active.progress.cost);
            }
        }
    }
    Vec::new()
}

/// What opening one of these sheets begins.
pub(super) fn opened_sheet(state: &mut AppState, sheet: &Sheet) -> Vec<Effect> {
    if *sheet == Sheet::Palette {
        palette::open(state)
    } else if *sheet == Sheet::FindEverywhere {
        // The texts may have changed since the last time.
        find::again(state)
    } else {
        Vec::new()
    }
}

/// Another project is open: what was known of the one before is forgotten.
pub(super) fn project_opened(state: &mut AppState) -> Vec<Effect> {
    let old = std::mem::take(&mut state.library);
    // Commands, models and terms are the same everywhere; the others are of the project.
    let recents = old.recents.into_iter().filter(palette::is_everywhere).collect();
    state.library = LibraryState { recents, ..LibraryState::default() };
    let ids = versions::all_documents(state);
    vec![
        Effect::Library(LibraryEffect::ReadVersions(ids)),
        Effect::Library(LibraryEffect::AddUpCost),
    ]
}

/// Whether calls may have been paid for by now.
pub(super) fn ends_calls(event: &Event) -> bool {
    matches!(
        event,
        Event::Trial { news: TrialNews::Finished(_) | TrialNews::Failed(_), .. }
            | Event::Runs(RunsEvent::Ended { .. })
    )
}

/// Takes a notice off the screen. The list keeps what somebody should still look at, and what
/// was done until newer notices take its place.
fn hide_toast(state: &mut AppState, number: u64) {
    for notice in &mut state.notices {
        if notice.number == number {
            notice.shown = false;
        }
    }
}
