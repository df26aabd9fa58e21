//! The only code that changes the state.
//!
//! No I/O, no egui, no clock: what comes out depends on state and message alone, and what is to
//! be done outside is returned as effects. One file a topic; [`edit`] holds what all document
//! edits share (undo, autosave).
#![warn(clippy::wildcard_enum_match_arm)]

mod cases;
pub mod compare;
pub mod constitution;
mod copying;
mod data;
mod edit;
mod export;
mod go;
pub mod home;
mod import;
mod items;
pub mod judges;
pub mod library;
mod lists;
mod look;
pub mod models;
mod project;
mod recover;
mod rubric;
pub mod runs;
pub(in crate::app) mod trial;

#[cfg(test)]
mod home_tests;
#[cfg(test)]
mod items_tests;
#[cfg(test)]
mod tests;

use super::command::{Command, LibraryCommand};
use super::effects::Effect;
use super::effects::library::LibraryEffect;
use super::message::{Body, Event, Message};
use super::state::{AppState, Moment};

/// Changes the state by a message and says what is to be done outside.
#[must_use]
pub fn update(state: &mut AppState, message: Message) -> Vec<Effect> {
    let at = message.at;
    let newest = state.notices.last().map(|notice| notice.number);
    let number = state.next_number;
    let area = state.area;
    let mut effects = match message.body {
        Body::Command(command) if home::hold(state, &command) => Vec::new(),
        Body::Command(command) => {
            // Going back and forward keep their own books.
            let moves =
                matches!(command, Command::Library(LibraryCommand::Back | LibraryCommand::Forward));
            let before = if moves { None } else { library::leave(state) };
            let effects = carry_out(state, command, at);
            library::left(state, before, at);
            effects
        }
        Body::Event(event) => {
            let paid = library::ends_calls(&event);
            let mut effects = take_in(state, *event, at);
            if paid {
                effects.push(Effect::Library(LibraryEffect::AddUpCost));
            }
            effects
        }
    };
    for request in [state.focus.clone(), state.flash.clone()] {
        if let Some(request) = request.filter(|request| request.number > number) {
            lists::uncover(state, &request.target);
        }
    }
    judges::looked_away(state, at);
    effects.extend(cases::read_past(state, area));
    effects.extend(home::after(state, at));
    library::count_changes(state);
    let added = state.notices.last().filter(|notice| Some(notice.number) != newest);
    if let Some(kind) = added.map(|notice| notice.kind) {
        effects.push(Effect::WakeAt(at.plus_millis(kind.shown_millis())));
    }
    effects
}

fn carry_out(state: &mut AppState, command: Command, at: Moment) -> Vec<Effect> {
    match command {
        Command::Go(command) => go::carry_out(state, command),
        Command::Constitution(command) => {
            let mut effects = constitution::carry_out(state, command, at);
            effects.extend(cases::after_edit(state, at));
            effects
        }
        Command::Rubric(command) => rubric::carry_out(state, command, at),
        Command::Lists(command) => lists::carry_out(state, command),
        Command::Cases(command) => cases::carry_out(state, command, at),
        Command::Undo => {
            let mut effects = edit::undo(state, at);
            effects.extend(cases::after_edit(state, at));
            effects
        }
        Command::Redo => {
            let mut effects = edit::redo(state, at);
            effects.extend(cases::after_edit(state, at));
            effects
        }
        Command::EndEdit => {
            state.history.pause();
            edit::save_unsaved(state)
        }
        Command::Project(command) => project::carry_out(state, command, at),
        Command::Try(command) => trial::carry_out(state, command, at),
        Command::Export(command) => export::carry_out(state, command),
        Command::Models(command) => models::carry_out(state, command, at),
        Command::Look(command) => look::carry_out(state, command),
        Command::Home(command) => home::carry_out(state, command, at),
        Command::Compare(command) => compare::carry_out(state, command, at),
        Command::Judges(command) => judges::carry_out(state, command, at),
        Command::Runs(command) => runs::carry_out(state, command, at),
        Command::Data(command) => data::carry_out(state, command, at),
        Command::Library(command) => library::carry_out(state, command, at),
        Command::Copy(text) => {
            state.announce("Copied");
            vec![Effect::Copy(text)]
        }
    }
}

fn take_in(state: &mut AppState, event: Event, at: Moment) -> Vec<Effect> {
    match event {
        Event::Tick => {
            project::let_notices_go(state, at);
            let mut effects = edit::save_if_due(state, at);
            effects.extend(cases::run_if_due(state, at));
            judges::tick(state, at);
            effects
        }
        Event::Opened { root, result, first_time } => {
            if result.is_ok() {
                home::another_project(state, first_time);
            }
            project::opened(state, &root, result, first_time, at)
        }
        Event::Saved(documents) => {
            let judges = judges::saved(state, &documents);
            let mut effects = edit::saved(state, documents, at);
            effects.extend(judges);
            effects
        }
        Event::PathChosen { purpose, path, dialog } => {
            project::path_chosen(state, purpose, path, dialog)
        }
        Event::Trial { number, news } => trial::news(state, number, news, at),
        Event::Try(event) => trial::take_in(state, event, at),
        Event::RunList(result) => export::runs(state, result, at),
        Event::ExportPreview { number, result } => {
            export::preview(state, number, result);
            Vec::new()
        }
        Event::Exported(result) => {
            export::exported(state, result);
            Vec::new()
        }
        Event::Embedded(embedded) => {
            models::embedded(state, embedded);
            Vec::new()
        }
        Event::Servers(servers) => {
            models::servers(state, servers);
            Vec::new()
        }
        Event::Keys(keys) => {
            state.models.keys = keys.into_iter().collect();
            Vec::new()
        }
        Event::KeyKept { model, result } => {
            models::key_kept(state, model, result, at);
            Vec::new()
        }
        Event::Probed { model, result } => {
            models::probed(state, model, result);
            Vec::new()
        }
        Event::Home(event) => home::take_in(state, event, at),
        Event::Cases(event) => cases::take_in(state, event, at),
        Event::Compare(event) => compare::take_in(state, event, at),
        Event::Judges(event) => judges::take_in(state, event, at),
        Event::Runs(event) => runs::take_in(state, event, at),
        Event::Data(event) => data::take_in(state, event, at),
        Event::Library(event) => library::take_in(state, event, at),
        Event::Note(text) => project::note(state, text, at),
        Event::Failed(failure) => {
            state.fail(failure.message, failure.hint, at);
            Vec::new()
        }
    }
}
