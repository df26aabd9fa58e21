//! Runs of many rows, in the Run menu.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::{CS, Entry, Menu, MenuCommand, N, open};
use crate::app::command::RunsCommand;
use crate::app::effects::runs::ResumeWishes;
use crate::app::state::runs::{Adjusting, Hold};
use crate::app::state::{AppState, Area};
use crate::store::journal::RunOverview;

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::NewRun,
        menu: Menu::Run,
        title: "New run…",
        tip: "Run a recipe over a whole prompt set, with a pilot first if you like",
        keys: &[(CS, Key::R)],
        areas: &[],
        begins_group: true,
        resolve: new_run,
    },
    Entry {
        command: MenuCommand::PauseRun,
        menu: Menu::Run,
        title: "Pause or go on",
        tip: "Hold the run that is on, or let it go on; calls in flight land",
        keys: &[(N, Key::P)],
        areas: &[Area::Runs],
        begins_group: false,
        resolve: |state| {
            let active = state.runs.active.as_ref().ok_or("No run is on")?;
            match active.hold {
                Hold::Going => Ok(RunsCommand::Pause.into()),
                Hold::Paused => Ok(RunsCommand::GoOn.into()),
                Hold::Stopping => Err("The run is stopping already"),
            }
        },
    },
    Entry {
        command: MenuCommand::StopRun,
        menu: Menu::Run,
        title: "Stop the run",
        tip: "Send no new call; what is done is kept and can be resumed",
        keys: &[(N, Key::S)],
        areas: &[Area::Runs],
        begins_group: false,
        resolve: |state| {
            let active = state.runs.active.as_ref().ok_or("No run is on")?;
            match active.hold {
                Hold::Going | Hold::Paused => Ok(RunsCommand::Stop.into()),
                Hold::Stopping => Err("The run is stopping already"),
            }
        },
    },
    Entry {
        command: MenuCommand::ResumeRun,
        menu: Menu::Run,
        title: "Resume, or retry what failed",
        tip: "Go on with the run shown; what was paid for is not asked again",
        keys: &[(N, Key::R)],
        areas: &[Area::Runs],
        begins_group: false,
        resolve: |state| {
            super::editable(state)?;
            let run = selected(state)?;
            state.runs.resumable(run).ok_or("The run shown has nothing left to do")?;
            let (run, wishes) = (run.record.id.clone(), ResumeWishes::default());
            Ok(RunsCommand::Resume { run, wishes }.into())
        },
    },
    Entry {
        command: MenuCommand::ShowRows,
        menu: Menu::Run,
        title: "Show the run's rows",
        tip: "Look through the rows of the run shown in Data",
        keys: &[(N, Key::O)],
        areas: &[Area::Runs],
        begins_group: false,
        resolve: |state| {
            let run = selected(state)?;
            Ok(RunsCommand::ShowRows(run.record.id.clone()).into())
        },
    },
    Entry {
        command: MenuCommand::ShowFailedRows,
        menu: Menu::Run,
        title: "Show the run's failed rows",
        tip: "Only the rows of the run shown that ended with a failure",
        keys: &[(N, Key::F)],
        areas: &[Area::Runs],
        begins_group: false,
        resolve: |state| {
            let run = selected(state)?;
            if run.rows_failed == 0 {
                return Err("No row of the run shown failed");
            }
            Ok(RunsCommand::ShowFailed(run.record.id.clone()).into())
        },
    },
    Entry {
        command: MenuCommand::RunRate,
        menu: Menu::Run,
        title: "Change the rate…",
        tip: "How fast the run that is on goes: requests at once and a minute",
        keys: &[(N, Key::T)],
        areas: &[Area::Runs],
        begins_group: false,
        resolve: |state| {
            adjustable(state)?;
            Ok(RunsCommand::Adjust(Some(Adjusting::Rate)).into())
        },
    },
    Entry {
        command: MenuCommand::RunLimits,
        menu: Menu::Run,
        title: "Change cap and stop rules…",
        tip: "What the run that is on may cost, and how many rows may fail",
        keys: &[(N, Key::L)],
        areas: &[Area::Runs],
        begins_group: false,
        resolve: |state| {
            adjustable(state)?;
            Ok(RunsCommand::Adjust(Some(Adjusting::Limits)).into())
        },
    },
    Entry {
        command: MenuCommand::CopyRun,
        menu: Menu::Run,
        title: "Copy the run as text",
        tip: "Name, state, counts, cost, what failed and the configuration",
        keys: &[(N, Key::Y)],
        areas: &[Area::Runs],
        begins_group: false,
        resolve: |state| {
            selected(state)?;
            Ok(RunsCommand::CopyText.into())
        },
    },
    Entry {
        command: MenuCommand::CopyRunCommand,
        menu: Menu::Run,
        title: "Copy the run's command line",
        tip: "The command that goes on with the run shown in a terminal",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            selected(state)?;
            Ok(RunsCommand::CopyCommandLine.into())
        },
    },
    Entry {
        command: MenuCommand::RefreshRuns,
        menu: Menu::Run,
        title: "Read the runs again",
        tip: "Show runs that the command line made meanwhile",
        keys: &[(N, Key::F5)],
        areas: &[Area::Runs, Area::Data],
        begins_group: false,
        resolve: |state| {
            open(state)?;
            Ok(RunsCommand::Refresh.into())
        },
    },
];

/// Whether a new run can be chosen.
pub(super) fn new_run(state: &AppState) -> Result<crate::app::Command, &'static str> {
    super::editable(state)?;
    Ok(RunsCommand::BeginNew.into())
}

fn adjustable(state: &AppState) -> Result<(), &'static str> {
    let active = state.runs.active.as_ref().ok_or("No run is on")?;
    match (active.hold, active.limits) {
        (Hold::Stopping, _) => Err("The run is stopping already"),
        (_, None) => Err("The run is being prepared"),
        _ => Ok(()),
    }
}

fn selected(state: &AppState) -> Result<&RunOverview, &'static str> {
    open(state)?;
    state.runs.selected().ok_or("Select a run in Runs first")
}
