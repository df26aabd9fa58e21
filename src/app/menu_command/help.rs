//! The Help menu.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::Key;

use super::{Entry, Menu, MenuCommand, N};
use crate::app::command::GoCommand;
use crate::app::state::Sheet;

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::Keys,
        menu: Menu::Help,
        title: "Keys of this screen",
        tip: "All keys that work here",
        keys: &[(N, Key::F1), (N, Key::Questionmark)],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(GoCommand::Open(Sheet::Keys).into()),
    },
    Entry {
        command: MenuCommand::About,
        menu: Menu::Help,
        title: "About Preamble",
        tip: "Version, licence and where the files are",
        keys: &[],
        areas: &[],
        begins_group: true,
        resolve: |_| Ok(GoCommand::Open(Sheet::About).into()),
    },
];
