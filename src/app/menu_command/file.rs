//! The File menu.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::{C, CS, Entry, Menu, MenuCommand, editable, open};
use crate::app::command::{GoCommand, ProjectCommand};
use crate::app::state::{PathPurpose, Sheet};

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::NewProject,
        menu: Menu::File,
        title: "New project…",
        tip: "Make a project folder with the sample's documents",
        keys: &[(CS, Key::N)],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(ProjectCommand::AskPath(PathPurpose::NewProject).into()),
    },
    Entry {
        command: MenuCommand::OpenProject,
        menu: Menu::File,
        title: "Open project…",
        tip: "Open a project folder",
        keys: &[(C, Key::O)],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(ProjectCommand::AskPath(PathPurpose::OpenProject).into()),
    },
    Entry {
        command: MenuCommand::OpenSample,
        menu: Menu::File,
        title: "Open the sample project",
        tip: "Constitutions, rubrics and prompts to begin with",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(ProjectCommand::OpenSample.into()),
    },
    Entry {
        command: MenuCommand::Import,
        menu: Menu::File,
        title: "Import…",
        tip: "Add a constitution, rubric or prompts from a file",
        keys: &[(C, Key::I)],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            editable(state)?;
            Ok(ProjectCommand::AskPath(PathPurpose::Import).into())
        },
    },
    Entry {
        command: MenuCommand::Export,
        menu: Menu::File,
        title: "Export…",
        tip: "Write rows and pairs for training, with the configuration",
        keys: &[(C, Key::E)],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            open(state)?;
            Ok(GoCommand::Open(Sheet::Export).into())
        },
    },
    Entry {
        command: MenuCommand::SaveVersion,
        menu: Menu::File,
        title: "Save a named version…",
        tip: "Keep constitutions and rubrics as they are now, to compare with and come back to",
        keys: &[(C, Key::S)],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            editable(state)?;
            Ok(GoCommand::Open(Sheet::SaveVersion).into())
        },
    },
    Entry {
        command: MenuCommand::Versions,
        menu: Menu::File,
        title: "Versions…",
        tip: "Compare the named versions of a document, or bring one back",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            open(state)?;
            Ok(GoCommand::Open(Sheet::Versions).into())
        },
    },
    Entry {
        command: MenuCommand::Save,
        menu: Menu::File,
        title: "Save now",
        tip: "Everything is saved by itself within a second; this does it at once",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            editable(state)?;
            Ok(ProjectCommand::Save.into())
        },
    },
    Entry {
        command: MenuCommand::Quit,
        menu: Menu::File,
        title: "Quit",
        tip: "Save and close the window",
        keys: &[(C, Key::Q)],
        areas: &[],
        begins_group: true,
        resolve: |_| Ok(ProjectCommand::Quit.into()),
    },
];
