//! The Run menu: chains on one prompt.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::items::runnable;
use super::{C, CS, Entry, Menu, MenuCommand, compare};
use crate::app::command::TryCommand;
use crate::app::state::Area;

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::Run,
        menu: Menu::Run,
        title: "Run",
        tip: "Draft, critique and revise an answer to the prompt shown; in Compare, run what is set up",
        keys: &[(C, Key::Enter)],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            if state.area == Area::Compare {
                return compare::run(state);
            }
            runnable(state)?;
            Ok(TryCommand::Run.into())
        },
    },
    Entry {
        command: MenuCommand::RunOtherSeed,
        menu: Menu::Run,
        title: "Run with another seed",
        tip: "The same prompt, other draws",
        keys: &[(CS, Key::Enter)],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            runnable(state)?;
            Ok(TryCommand::RunOtherSeed.into())
        },
    },
    Entry {
        command: MenuCommand::Stop,
        menu: Menu::Run,
        title: "Stop",
        tip: "Stop what is running; what is there is kept",
        keys: &[(C, Key::Period)],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            let compares = state.compare.running.is_some();
            if compares && (state.area == Area::Compare || state.trial.running.is_none()) {
                return compare::stop(state);
            }
            state.trial.running.as_ref().ok_or("Nothing is running")?;
            Ok(TryCommand::Stop.into())
        },
    },
];
