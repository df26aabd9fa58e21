//! The Edit menu: documents.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::items::{ALL_THE_WAY, add, copy, delete, duplicate, fold, step, toggle};
use super::{A, C, CS, Entry, Menu, MenuCommand, N, editable, open};
use crate::app::command::{Command, ConstitutionCommand, CopyAs, GoCommand, RubricCommand};
use crate::app::state::{Area, Sheet};

/// Where N adds something; in Judges it says that a question does not apply.
const BUT_JUDGES: &[Area] = &[
    Area::Home,
    Area::Constitution,
    Area::Rubric,
    Area::Try,
    Area::Compare,
    Area::Runs,
    Area::Data,
    Area::Settings,
];

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::Undo,
        menu: Menu::Edit,
        title: "Undo",
        tip: "Take back the last edit of a document",
        keys: &[(C, Key::Z)],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            state.history.undo_label().ok_or("Nothing to undo")?;
            Ok(Command::Undo)
        },
    },
    Entry {
        command: MenuCommand::Redo,
        menu: Menu::Edit,
        title: "Redo",
        tip: "Do the edit again that was taken back",
        keys: &[(CS, Key::Z), (C, Key::Y)],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            state.history.redo_label().ok_or("Nothing to redo")?;
            Ok(Command::Redo)
        },
    },
    Entry {
        command: MenuCommand::Find,
        menu: Menu::Edit,
        title: "Find here",
        tip: "Filter the list of this screen",
        keys: &[(C, Key::F), (N, Key::Slash)],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            open(state)?;
            if matches!(state.area, Area::Home | Area::Settings) {
                return Err("Nothing to filter on this screen");
            }
            Ok(GoCommand::Filter.into())
        },
    },
    Entry {
        command: MenuCommand::Add,
        menu: Menu::Edit,
        title: "Add",
        tip: "Add a principle, criterion or prompt after the one selected",
        keys: &[(C, Key::N), (N, Key::N)],
        areas: BUT_JUDGES,
        begins_group: true,
        resolve: add,
    },
    Entry {
        command: MenuCommand::Duplicate,
        menu: Menu::Edit,
        title: "Duplicate",
        tip: "Copy the ones picked",
        keys: &[(C, Key::D), (N, Key::D)],
        areas: &[],
        begins_group: false,
        resolve: duplicate,
    },
    Entry {
        command: MenuCommand::Delete,
        menu: Menu::Edit,
        title: "Delete",
        tip: "Delete the ones picked; Undo brings them back",
        keys: &[(N, Key::Delete)],
        areas: &[],
        begins_group: false,
        resolve: delete,
    },
    Entry {
        command: MenuCommand::MoveUp,
        menu: Menu::Edit,
        title: "Move up",
        tip: "Move the one selected up in its list",
        keys: &[(A, Key::ArrowUp)],
        areas: &[],
        begins_group: false,
        resolve: |state| step(state, -1),
    },
    Entry {
        command: MenuCommand::MoveDown,
        menu: Menu::Edit,
        title: "Move down",
        tip: "Move the one selected down in its list",
        keys: &[(A, Key::ArrowDown)],
        areas: &[],
        begins_group: false,
        resolve: |state| step(state, 1),
    },
    Entry {
        command: MenuCommand::MoveFirst,
        menu: Menu::Edit,
        title: "Move to the top",
        tip: "Move the one selected to the beginning of its list",
        keys: &[(A, Key::Home)],
        areas: &[],
        begins_group: false,
        resolve: |state| step(state, -ALL_THE_WAY),
    },
    Entry {
        command: MenuCommand::MoveLast,
        menu: Menu::Edit,
        title: "Move to the bottom",
        tip: "Move the one selected to the end of its list",
        keys: &[(A, Key::End)],
        areas: &[],
        begins_group: false,
        resolve: |state| step(state, ALL_THE_WAY),
    },
    Entry {
        command: MenuCommand::ToggleEnabled,
        menu: Menu::Edit,
        title: "Enable or disable",
        tip: "Whether runs use the principles picked",
        keys: &[(N, Key::E)],
        areas: &[Area::Constitution],
        begins_group: false,
        resolve: toggle,
    },
    Entry {
        command: MenuCommand::PasteLines,
        menu: Menu::Edit,
        title: "Paste lines…",
        tip: "Add one principle for each line of a list",
        keys: &[(CS, Key::V)],
        areas: &[Area::Constitution],
        begins_group: false,
        resolve: |state| {
            editable(state)?;
            state.constitution().ok_or("The project has no constitution")?;
            Ok(GoCommand::Open(Sheet::PasteLines).into())
        },
    },
    Entry {
        command: MenuCommand::CopyMarkdown,
        menu: Menu::Edit,
        title: "Copy as Markdown",
        tip: "Copy what is picked in the list, or all of it",
        keys: &[(CS, Key::C)],
        areas: &[Area::Constitution, Area::Rubric],
        begins_group: true,
        resolve: |state| copy(state, CopyAs::Markdown),
    },
    Entry {
        command: MenuCommand::CopyJson,
        menu: Menu::Edit,
        title: "Copy as JSON",
        tip: "Copy what is picked in the list for a program",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| copy(state, CopyAs::Json),
    },
    Entry {
        command: MenuCommand::CopyCsv,
        menu: Menu::Edit,
        title: "Copy as CSV",
        tip: "Copy what is picked in the list for a spreadsheet",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| copy(state, CopyAs::Csv),
    },
    Entry {
        command: MenuCommand::FoldGroups,
        menu: Menu::Edit,
        title: "Fold all groups",
        tip: "Show the groups of principles without what is in them",
        keys: &[],
        areas: &[],
        begins_group: true,
        resolve: |state| fold(state, true),
    },
    Entry {
        command: MenuCommand::UnfoldGroups,
        menu: Menu::Edit,
        title: "Unfold all groups",
        tip: "Show the principles of all groups",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| fold(state, false),
    },
    Entry {
        command: MenuCommand::NewConstitution,
        menu: Menu::Edit,
        title: "New constitution",
        tip: "Add an empty constitution to the project",
        keys: &[],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            editable(state)?;
            Ok(ConstitutionCommand::New("New constitution".to_owned()).into())
        },
    },
    Entry {
        command: MenuCommand::NewRubric,
        menu: Menu::Edit,
        title: "New rubric",
        tip: "Add an empty rubric to the project",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            editable(state)?;
            Ok(RubricCommand::New("New rubric".to_owned()).into())
        },
    },
];
