//! Palette, panes, keys, history, notices and glossary in the whole window, by accessible names.

use egui::accesskit::Role;
use egui::{Event as InputEvent, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::Desk;
use crate::app::message::{Event, Failure};
use crate::app::state::{Area, Sheet};

impl Desk {
    fn typed(&mut self, text: &str) {
        self.harness.event(InputEvent::Text(text.to_owned()));
        self.harness.run_steps(3);
    }

    fn sheet(&self) -> Option<Sheet> {
        self.harness.state().state.sheet.clone()
    }

    fn focused(&self) -> Option<egui::Id> {
        self.harness.ctx.memory(egui::Memory::focused)
    }
}

#[test]
fn the_palette_takes_what_is_typed_and_gives_the_focus_back() {
    let mut desk = Desk::new();
    desk.go(Area::Constitution);
    desk.harness.get_by_label("P2 Say what is unsure., 2 of 3").click();
    desk.harness.run_steps(3);
    let before = desk.focused();
    desk.press(Modifiers::COMMAND, Key::K);
    assert_eq!(desk.sheet(), Some(Sheet::Palette));
    desk.typed(">undo");
    assert!(desk.harness.query_by_label("Command: Undo, Nothing to undo").is_some());
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.sheet(), None);
    assert_eq!(desk.focused(), before, "back where it was");
    desk.press(Modifiers::COMMAND, Key::P);
    desk.typed("clear");
    desk.press(Modifiers::NONE, Key::Enter);
    let state = &desk.harness.state().state;
    assert_eq!((state.sheet.clone(), state.area), (None, Area::Rubric));
    assert_eq!(state.selection.criterion, Some("C1".into()));
}

#[test]
fn f6_goes_round_the_panes() {
    let mut desk = Desk::new();
    desk.go(Area::Constitution);
    let mut seen = Vec::new();
    for _ in 0..6 {
        desk.press(Modifiers::NONE, Key::F6);
        seen.push(desk.focused().unwrap());
    }
    assert_eq!(seen[0], seen[3], "three panes: rail, list, main");
    assert_ne!(seen[0], seen[1]);
    assert_ne!(seen[1], seen[2]);
    desk.press(Modifiers::SHIFT, Key::F6);
    assert_eq!(desk.focused(), Some(seen[4]));
}

#[test]
fn the_keys_of_the_screen_come_first() {
    let mut desk = Desk::new();
    desk.press(Modifiers::NONE, Key::F1);
    assert!(desk.harness.query_by_label("On this screen: Try").is_some());
    assert!(desk.harness.query_by_label("Find here").is_some());
    desk.press(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.sheet(), None);
}

#[test]
fn a_failure_is_counted_at_the_bell_until_it_is_dismissed() {
    let mut desk = Desk::new();
    let failure = Failure::new("the key was rejected", "look at the model in Settings");
    desk.events.send(Event::Failed(failure)).unwrap();
    desk.harness.run_steps(4);
    desk.harness.get_by_label("Notices, 1 to look at").click();
    desk.harness.run_steps(3);
    assert_eq!(desk.sheet(), Some(Sheet::Notices));
    desk.harness.get_by_label("Dismiss: The key was rejected").click();
    desk.harness.run_steps(3);
    assert!(desk.harness.query_by_label("Nothing happened yet").is_some());
}

#[test]
fn history_lists_an_edit_and_goes_back_before_it() {
    let mut desk = Desk::new();
    desk.go(Area::Constitution);
    desk.press(Modifiers::NONE, Key::N);
    desk.go(Area::Constitution);
    desk.press(Modifiers::COMMAND, Key::K);
    desk.typed(">history");
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.sheet(), Some(Sheet::History));
    desk.harness.get_by_label("Before the first edit").click();
    desk.harness.run_steps(3);
    assert_eq!(desk.harness.state().state.constitution().unwrap().principles.len(), 3);
    desk.press(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(desk.harness.state().state.constitution().unwrap().principles.len(), 4);
}

#[test]
fn ctrl_s_asks_for_a_name_and_keeps_the_document() {
    use crate::app::effects::Effect;
    use crate::app::effects::library::LibraryEffect;

    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::S);
    assert_eq!(desk.sheet(), Some(Sheet::SaveVersion));
    desk.typed("softer");
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.sheet(), None);
    let effects = desk.effects.lock().unwrap();
    let kept = |effect: &Effect| {
        matches!(effect, Effect::Library(LibraryEffect::KeepVersions { documents, name, .. })
            if documents.len() == 1 && name == "softer")
    };
    assert!(effects.iter().any(kept), "{effects:?}");
}

#[test]
fn the_glossary_shows_a_term_and_leads_to_others() {
    let mut desk = Desk::new();
    desk.press(Modifiers::COMMAND, Key::K);
    desk.typed("win rate");
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.sheet(), Some(Sheet::Glossary("win rate".to_owned())));
    desk.harness.get_by_role_and_label(Role::Button, "Tie").click();
    desk.harness.run_steps(3);
    assert_eq!(desk.sheet(), Some(Sheet::Glossary("tie".to_owned())));
}

#[test]
fn every_sheet_shows_and_then_rests() {
    let mut desk = Desk::new();
    for sheet in [
        Sheet::Palette,
        Sheet::FindEverywhere,
        Sheet::History,
        Sheet::Versions,
        Sheet::SaveVersion,
        Sheet::Notices,
        Sheet::Keys,
        Sheet::Glossary(String::new()),
    ] {
        desk.harness.state_mut().state.sheet = Some(sheet.clone());
        desk.harness.run_steps(20);
        // A text field's caret blinks.
        let types = desk.harness.ctx.text_edit_focused();
        let wants = !types && desk.harness.ctx.has_requested_repaint();
        assert!(!wants, "{sheet:?} keeps repainting: {:?}", desk.harness.ctx.repaint_causes());
        assert!(desk.focused().is_some(), "{sheet:?} takes the focus");
        desk.press(Modifiers::NONE, Key::Escape);
        assert_eq!(desk.sheet(), None, "{sheet:?} closes with Esc");
    }
}
