//! Rows of a run as a dataset, in the Edit menu.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::{CS, Entry, Menu, MenuCommand, N, editable, open};
use crate::app::command::{CopyAs, DataCommand};
use crate::app::state::data::{Flags, RowDetail, RowFacts};
use crate::app::state::{AppState, Area};

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::KeepRow,
        menu: Menu::Edit,
        title: "Keep or drop the row",
        tip: "Whether exports take the row shown in Data; Space in the table does the same",
        keys: &[(N, Key::X)],
        areas: &[Area::Data],
        begins_group: true,
        resolve: |state| {
            editable(state)?;
            let row = row(state)?;
            let is_kept = row.flags.has(Flags::DROPPED);
            Ok(DataCommand::Keep { position: row.position, is_kept }.into())
        },
    },
    Entry {
        command: MenuCommand::KeepAllRows,
        menu: Menu::Edit,
        title: "Keep or drop all rows shown",
        tip: "Drop all rows that the filter lets through; again takes that back",
        keys: &[(CS, Key::A)],
        areas: &[Area::Data],
        begins_group: false,
        resolve: |state| {
            editable(state)?;
            if state.data.view.is_empty() {
                return Err("No row is shown");
            }
            Ok(DataCommand::KeepAll.into())
        },
    },
    Entry {
        command: MenuCommand::EditRow,
        menu: Menu::Edit,
        title: "Edit the exported text",
        tip: "Write a text over the model's; the model's stays in the journal",
        keys: &[(N, Key::E)],
        areas: &[Area::Data],
        begins_group: false,
        resolve: |state| {
            editable(state)?;
            let part = detail(state)?.first_part().ok_or("The row has no text to export")?;
            Ok(DataCommand::BeginEdit(part).into())
        },
    },
    Entry {
        command: MenuCommand::OpenRowPrompt,
        menu: Menu::Edit,
        title: "Open the row's prompt",
        tip: "Show the prompt of the row in Try",
        keys: &[(N, Key::O)],
        areas: &[Area::Data],
        begins_group: false,
        resolve: |state| {
            row(state)?;
            Ok(DataCommand::OpenPrompt.into())
        },
    },
    Entry {
        command: MenuCommand::CopyRowMarkdown,
        menu: Menu::Edit,
        title: "Copy the row as Markdown",
        tip: "Prompt, answers and rewards of the row shown, for a document",
        keys: &[],
        areas: &[Area::Data],
        begins_group: false,
        resolve: |state| copy(state, CopyAs::Markdown),
    },
    Entry {
        command: MenuCommand::CopyRowJson,
        menu: Menu::Edit,
        title: "Copy the row as JSON",
        tip: "All of the row shown, as it is kept",
        keys: &[],
        areas: &[Area::Data],
        begins_group: false,
        resolve: |state| copy(state, CopyAs::Json),
    },
    Entry {
        command: MenuCommand::CopyRowCsv,
        menu: Menu::Edit,
        title: "Copy the row as CSV",
        tip: "Prompt, answers and value of the row shown, for a table",
        keys: &[],
        areas: &[Area::Data],
        begins_group: false,
        resolve: |state| copy(state, CopyAs::Csv),
    },
];

fn row(state: &AppState) -> Result<&RowFacts, &'static str> {
    open(state)?;
    if state.area != Area::Data {
        return Err("Select a row in Data first");
    }
    state.data.selected_facts().ok_or("Select a row in Data first")
}

fn detail(state: &AppState) -> Result<&RowDetail, &'static str> {
    row(state)?;
    Ok(state.data.shown().ok_or("The row is still being read")?)
}

fn copy(state: &AppState, form: CopyAs) -> Result<crate::app::Command, &'static str> {
    detail(state)?;
    Ok(DataCommand::Copy(form).into())
}
