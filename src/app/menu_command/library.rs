//! Palette, find everywhere, history, versions, places and panes, notices, glossary.
#![warn(clippy::wildcard_enum_match_arm)]

use egui::{Key, Modifiers};

use super::{A, C, CS, Entry, Menu, MenuCommand, N, open};
use crate::app::command::{GoCommand, LibraryCommand};
use crate::app::state::{Area, Sheet};

/// Option and an arrow move by a word in a Mac's text fields.
const BACK: (Modifiers, Key) =
    if cfg!(target_os = "macos") { (C, Key::OpenBracket) } else { (A, Key::ArrowLeft) };
const FORWARD: (Modifiers, Key) =
    if cfg!(target_os = "macos") { (C, Key::CloseBracket) } else { (A, Key::ArrowRight) };

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        command: MenuCommand::Palette,
        menu: Menu::View,
        title: "Search everything…",
        tip: "Commands, principles, prompts, documents, runs and help by a few letters",
        keys: &[(C, Key::K), (C, Key::P)],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(GoCommand::Open(Sheet::Palette).into()),
    },
    Entry {
        command: MenuCommand::FindEverywhere,
        menu: Menu::Edit,
        title: "Find everywhere…",
        tip: "A text or expression in all documents, answers and critiques",
        keys: &[(CS, Key::F)],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            open(state)?;
            Ok(GoCommand::Open(Sheet::FindEverywhere).into())
        },
    },
    Entry {
        command: MenuCommand::CopyAs,
        menu: Menu::Edit,
        title: "Copy as…",
        tip: "What this screen shows as Markdown, JSON or CSV",
        keys: &[(CS, Key::C)],
        // In Constitution and Rubric the key copies what is picked in the list, in Try the chain, in Compare the summary.
        areas: &[Area::Home, Area::Runs, Area::Data, Area::Settings],
        begins_group: false,
        resolve: |state| {
            open(state)?;
            Ok(LibraryCommand::CopyAs.into())
        },
    },
    Entry {
        command: MenuCommand::History,
        menu: Menu::Edit,
        title: "History…",
        tip: "All edits of this sitting, to go back to one",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            open(state)?;
            Ok(GoCommand::Open(Sheet::History).into())
        },
    },
    Entry {
        command: MenuCommand::Back,
        menu: Menu::View,
        title: "Back",
        tip: "To the place looked at before",
        keys: &[BACK],
        areas: &[],
        begins_group: true,
        resolve: |state| {
            state.library.places.back.last().ok_or("No place was looked at before this one")?;
            Ok(LibraryCommand::Back.into())
        },
    },
    Entry {
        command: MenuCommand::Forward,
        menu: Menu::View,
        title: "Forward",
        tip: "To the place that going back left",
        keys: &[FORWARD],
        areas: &[],
        begins_group: false,
        resolve: |state| {
            state.library.places.forward.last().ok_or("Nobody went back from another place")?;
            Ok(LibraryCommand::Forward.into())
        },
    },
    Entry {
        command: MenuCommand::NextPane,
        menu: Menu::View,
        title: "Next pane",
        tip: "From the rail to the list, the main part and the side, and round again",
        keys: &[(N, Key::F6)],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(LibraryCommand::Pane(1).into()),
    },
    Entry {
        command: MenuCommand::PreviousPane,
        menu: Menu::View,
        title: "Previous pane",
        tip: "The other way round",
        keys: &[(Modifiers::SHIFT, Key::F6)],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(LibraryCommand::Pane(-1).into()),
    },
    Entry {
        command: MenuCommand::Notices,
        menu: Menu::View,
        title: "Notices…",
        tip: "What happened and what failed, with what can be done about it",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(GoCommand::Open(Sheet::Notices).into()),
    },
    Entry {
        command: MenuCommand::Glossary,
        menu: Menu::Help,
        title: "Guide and glossary",
        tip: "How things are done, and what the words and numbers mean",
        keys: &[],
        areas: &[],
        begins_group: false,
        resolve: |_| Ok(GoCommand::Open(Sheet::Glossary(String::new())).into()),
    },
];
