//! The Run menu: chains on one prompt.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::items::runnable;
use super::{C, CS, Entry, Menu, MenuCommand};
use crate::app::command::TryCommand;

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::Run,
        menu: Menu::Run,
        title: "Run",
        tip: "Draft, critique and revise an answer to the prompt shown",
        keys: &[(C, Key::Enter)],
        areas: &[],
        begins_group: false,
        resolve: |state| {
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
        tip: "Stop the chain; what is there is kept",
        keys: &[(C, Key::Period)],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            state.trial.running.as_ref().ok_or("Nothing is running")?;
            Ok(TryCommand::Stop.into())
        },
    },
];
