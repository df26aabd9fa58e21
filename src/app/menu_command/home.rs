//! Home, settings, recovery, logs.
#![warn(clippy::wildcard_enum_match_arm)]

use super::{Entry, Menu, MenuCommand};
use crate::app::command::{GoCommand, HomeCommand, LookCommand};
use crate::app::state::{SettingsPage, Sheet, ThemeChoice};

/// An entry without keys.
const fn entry(
    command: MenuCommand,
    menu: Menu,
    title: &'static str,
    tip: &'static str,
    resolve: fn(&super::AppState) -> Result<super::Command, &'static str>,
) -> Entry {
    Entry { command, menu, title, tip, keys: &[], areas: &[], begins_group: false, resolve }
}

/// The same, with a line above it.
const fn group(mut entry: Entry) -> Entry {
    entry.begins_group = true;
    entry
}

/// Its entries.
pub(super) const ENTRIES: &[Entry] = &[
    group(entry(
        MenuCommand::Continue,
        Menu::File,
        "Continue where you stopped",
        "Show what you worked on last",
        |state| {
            if state.project.is_none() && state.home.recents.is_empty() {
                return Err("No project was opened yet");
            }
            Ok(HomeCommand::Continue.into())
        },
    )),
    entry(
        MenuCommand::Recovered,
        Menu::File,
        "Recovered changes…",
        "Keep or discard what was not yet in its file when the program ended",
        |state| match state.home.recovered {
            Some(_) => Ok(GoCommand::Open(Sheet::Recovered).into()),
            None => Err("Nothing was recovered: all edits are in their files"),
        },
    ),
    entry(
        MenuCommand::SalvageJournal,
        Menu::File,
        "Salvage into a new journal",
        "Take what is whole out of a damaged journal; the damaged one is kept beside it",
        |state| match state.home.damaged {
            Some(_) => Ok(HomeCommand::SalvageJournal.into()),
            None => Err("No journal is known to be damaged"),
        },
    ),
    entry(
        MenuCommand::ThemeHighContrast,
        Menu::View,
        "High contrast",
        "White on black, thick edges, patterns beside colours",
        |_| Ok(LookCommand::Theme(ThemeChoice::HighContrast).into()),
    ),
    entry(
        MenuCommand::ThemeHighContrastLight,
        Menu::View,
        "High contrast, light",
        "Black on white, thick edges, patterns beside colours",
        |_| Ok(LookCommand::Theme(ThemeChoice::HighContrastLight).into()),
    ),
    group(entry(
        MenuCommand::ReducedMotion,
        Menu::View,
        "Reduce motion",
        "Nothing fades or glides",
        |state| Ok(LookCommand::ReducedMotion(!state.settings.reduced_motion).into()),
    )),
    entry(
        MenuCommand::SingleKeys,
        Menu::View,
        "Single-letter keys",
        "Single letters are shortcuts while no text is being typed",
        |state| Ok(LookCommand::SingleKeys(!state.settings.single_keys).into()),
    ),
    entry(
        MenuCommand::ResetWindow,
        Menu::View,
        "Reset window layout",
        "Size, panels and zoom as at first",
        |_| Ok(HomeCommand::ResetWindow.into()),
    ),
    group(entry(
        MenuCommand::ShowAppearance,
        Menu::View,
        "Settings: appearance",
        "Theme, sizes, motion",
        |_| Ok(HomeCommand::Page(SettingsPage::Appearance).into()),
    )),
    entry(
        MenuCommand::ShowPrivacy,
        Menu::View,
        "Settings: privacy",
        "What leaves this machine",
        |_| Ok(HomeCommand::Page(SettingsPage::Privacy).into()),
    ),
    entry(
        MenuCommand::ShowStorage,
        Menu::View,
        "Settings: storage",
        "What is kept where, and how large it is",
        |_| Ok(HomeCommand::Page(SettingsPage::Storage).into()),
    ),
    entry(
        MenuCommand::FirstSteps,
        Menu::Help,
        "First steps",
        "The four cards over the sample project",
        |_| Ok(HomeCommand::ShowCards.into()),
    ),
    entry(
        MenuCommand::ShowKeys,
        Menu::Help,
        "All shortcuts",
        "Every command that has keys",
        |_| Ok(HomeCommand::Page(SettingsPage::Keys).into()),
    ),
    entry(MenuCommand::ShowLogs, Menu::Help, "Logs", "What the program did", |_| {
        Ok(HomeCommand::Page(SettingsPage::Logs).into())
    }),
    entry(
        MenuCommand::CopyDiagnostics,
        Menu::Help,
        "Copy diagnostics",
        "Version, system and log as text, without keys and without your texts",
        |_| Ok(HomeCommand::CopyDiagnostics.into()),
    ),
];
