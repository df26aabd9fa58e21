//! The Run menu: chains on one prompt.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::items::runnable;
use super::{C, CS, Entry, Menu, MenuCommand};
use crate::app::command::{CasesCommand, TryCommand};
use crate::app::state::{Area, cases};

/// Where Ctrl+Enter runs the prompt of Try; in Constitution it runs the cases.
const ELSEWHERE: &[Area] =
    &[Area::Home, Area::Rubric, Area::Try, Area::Compare, Area::Runs, Area::Data, Area::Settings];

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::Run,
        menu: Menu::Run,
        title: "Run",
        tip: "Draft, critique and revise an answer to the prompt shown",
        keys: &[(C, Key::Enter)],
        areas: ELSEWHERE,
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
        command: MenuCommand::RunCases,
        menu: Menu::Run,
        title: "Run stale cases",
        tip: "Run the pinned cases of the principle shown that are new, stale or failed",
        keys: &[(C, Key::Enter)],
        areas: &[Area::Constitution],
        begins_group: true,
        resolve: |state| {
            cases::runnable(state)?;
            Ok(CasesCommand::RunStale.into())
        },
    },
    Entry {
        command: MenuCommand::RunAllCases,
        menu: Menu::Run,
        title: "Run all cases again",
        tip: "Run all pinned cases of the principle shown",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            cases::runnable(state)?;
            Ok(CasesCommand::Run(None).into())
        },
    },
    Entry {
        command: MenuCommand::Stop,
        menu: Menu::Run,
        title: "Stop",
        tip: "Stop the chain or the cases; what is there is kept",
        keys: &[(C, Key::Period)],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            if state.cases.running.is_some()
                && (state.area == Area::Constitution || state.trial.running.is_none())
            {
                return Ok(CasesCommand::Stop.into());
            }
            state.trial.running.as_ref().ok_or("Nothing is running")?;
            Ok(TryCommand::Stop.into())
        },
    },
];
