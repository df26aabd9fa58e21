//! That the table is whole, and its keys and words are fit.

use std::collections::BTreeMap;

use strum::IntoEnumIterator as _;

use super::*;
use crate::app::shortcuts::is_single;

#[test]
fn no_two_commands_share_a_key_in_an_area() {
    for area in Area::iter() {
        let mut known: BTreeMap<String, MenuCommand> = BTreeMap::new();
        for command in MenuCommand::all().filter(|command| command.works_in(area)) {
            for keys in command.shortcuts() {
                let name = format!("{:?}", (keys.modifiers, keys.logical_key));
                if let Some(other) = known.insert(name.clone(), command) {
                    panic!("{name} is both {other:?} and {command:?} in {area}");
                }
            }
        }
    }
}

#[test]
fn every_command_has_one_entry() {
    for command in MenuCommand::iter() {
        let entries = MenuCommand::all().filter(|one| *one == command).count();
        assert_eq!(entries, 1, "{command:?}");
    }
}

#[test]
fn no_command_takes_a_key_that_egui_keeps() {
    for command in MenuCommand::all() {
        for keys in command.shortcuts() {
            assert!(!matches!(keys.logical_key, Key::Tab | Key::Escape), "{command:?}");
            // Copy, cut, paste and select all are the text fields' own.
            let text = [Key::C, Key::X, Key::V, Key::A];
            let is_text = keys.modifiers == Modifiers::COMMAND && text.contains(&keys.logical_key);
            assert!(!is_text, "{command:?}");
            let is_function = Key::F1 <= keys.logical_key && keys.logical_key <= Key::F35;
            let is_typed = keys.modifiers == Modifiers::SHIFT && !is_function;
            assert!(!is_typed, "{command:?} takes a capital letter that is typed");
            if is_single(keys) {
                assert!(!matches!(keys.logical_key, Key::Space | Key::Enter), "{command:?}");
            }
        }
    }
}

#[test]
fn every_command_has_a_menu_a_title_and_a_tip() {
    let mut titles = std::collections::BTreeSet::new();
    for command in MenuCommand::all() {
        let (title, tip) = command.title_and_tip();
        assert!(!title.is_empty() && !tip.is_empty(), "{command:?}");
        assert!(!tip.ends_with('.'), "{command:?}: no period on one sentence");
        assert!(titles.insert((command.menu(), title)), "two {title} in {}", command.menu());
    }
    for menu in Menu::iter() {
        let first = MenuCommand::all().find(|command| command.menu() == menu);
        assert!(first.is_some_and(|first| !first.begins_group()), "{menu} begins with a line");
    }
}

#[test]
fn without_a_project_each_command_works_or_says_why_not() {
    let state = AppState::default();
    for command in MenuCommand::all() {
        if let Err(reason) = command.resolve(&state) {
            assert!(reason.len() > 8, "{command:?}: {reason}");
        }
    }
}
