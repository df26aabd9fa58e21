//! Constitution and Rubric through the real window: picking, moving, pasting, folding, and how
//! much is drawn of a long list.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Event as InputEvent, Key, Modifiers, PointerButton, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::state::{Area, Document, DocumentId};
use super::window_tests::Desk;
use crate::domain::{Constitution, Principle, PrincipleId};

fn order(desk: &Desk) -> String {
    let all = &desk.harness.state().state.constitution().unwrap().principles;
    all.iter().map(|one| one.id.0.as_str()).collect::<Vec<_>>().join(" ")
}

fn picked(desk: &Desk) -> usize {
    desk.harness.state().state.chosen_principles().len()
}

fn click(desk: &mut Desk, name: &str) {
    desk.harness.get_by_label(name).click();
    desk.harness.run_steps(3);
}

/// A window with so many principles in two groups.
fn with_principles(count: usize) -> Desk {
    let mut desk = Desk::new();
    let mut constitution = Constitution::named("General");
    for n in 1..=count {
        constitution.principles.push(Principle {
            id: PrincipleId(format!("P{n}")),
            text: format!("Rule {n}."),
            tags: vec![if n <= count / 2 { "honesty" } else { "care" }.to_owned()],
            ..Principle::default()
        });
    }
    if let Some(project) = &mut desk.harness.state_mut().state.project {
        let id = DocumentId::Constitution("general".to_owned());
        let value = Document::Constitution(Some(Arc::new(constitution)));
        project.documents.put(&id, value);
    }
    desk.go(Area::Constitution);
    desk
}

#[test]
fn shift_and_arrows_pick_and_space_disables_them() {
    let mut desk = with_principles(6);
    click(&mut desk, "P1 Rule 1., 1 of 6");
    desk.press(Modifiers::SHIFT, Key::ArrowDown);
    desk.press(Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(picked(&desk), 3);
    desk.press(Modifiers::SHIFT, Key::ArrowUp);
    assert_eq!(picked(&desk), 2);
    desk.press(Modifiers::NONE, Key::Space);
    let enabled = |desk: &Desk| {
        let constitution = desk.harness.state().state.constitution().unwrap();
        constitution.principles.iter().filter(|one| one.enabled).count()
    };
    assert_eq!(enabled(&desk), 4);
    desk.press(Modifiers::COMMAND, Key::A);
    assert_eq!(picked(&desk), 6);
    desk.press(Modifiers::NONE, Key::Space);
    assert_eq!(enabled(&desk), 6, "of several that differ, all are enabled first");
    desk.press(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(picked(&desk), 1);
    desk.press(Modifiers::NONE, Key::Delete);
    assert_eq!(order(&desk).split(' ').count(), 5);
}

#[test]
fn a_list_pasted_on_the_list_becomes_principles() {
    let mut desk = with_principles(2);
    click(&mut desk, "P1 Rule 1., 1 of 2");
    desk.harness.event(InputEvent::Paste("- One\n- Two\n".to_owned()));
    desk.harness.run_steps(3);
    assert_eq!(order(&desk), "P1 P3 P4 P2");
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(order(&desk), "P1 P2");
    // In a field, a paste is the field's.
    click(&mut desk, "P1 Rule 1., 1 of 2");
    desk.harness.get_by_role_and_label(Role::MultilineTextInput, "Text").focus();
    desk.harness.run_steps(2);
    desk.harness.event(InputEvent::Paste("- One\n- Two\n".to_owned()));
    desk.harness.run_steps(3);
    assert_eq!(order(&desk), "P1 P2");
}

#[test]
fn a_row_is_dragged_to_another_place_and_escape_leaves_it() {
    let mut desk = with_principles(6);
    let centre = |desk: &Desk, name: &str| {
        let node = desk.harness.get_by_label(name);
        let bounds = node.accesskit_node().bounding_box().unwrap();
        pos2(bounds.x0 as f32 + 90.0, f64::midpoint(bounds.y0, bounds.y1) as f32)
    };
    let drag = |desk: &mut Desk, is_left: bool| {
        let from = centre(desk, "P1 Rule 1., 1 of 6");
        let to = centre(desk, "P3 Rule 3., 3 of 6") + vec2(0.0, 12.0);
        let press = |pressed, pos| InputEvent::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        desk.harness.event(InputEvent::PointerMoved(from));
        desk.harness.run_steps(1);
        desk.harness.event(press(true, from));
        desk.harness.run_steps(1);
        for step in 1..=6_u8 {
            let part = f32::from(step) / 6.0;
            desk.harness.event(InputEvent::PointerMoved(from + (to - from) * part));
            desk.harness.run_steps(1);
        }
        if is_left {
            desk.press(Modifiers::NONE, Key::Escape);
        }
        desk.harness.event(press(false, to));
        desk.harness.run_steps(4);
    };
    drag(&mut desk, true);
    assert_eq!(order(&desk), "P1 P2 P3 P4 P5 P6");
    drag(&mut desk, false);
    assert_eq!(order(&desk), "P2 P3 P1 P4 P5 P6");
    assert_eq!(desk.harness.state().state.announcement.1, "P1 moved to position 3 of 6");
}

#[test]
fn a_group_folds_by_click_and_by_arrow_keys() {
    let mut desk = with_principles(4);
    click(&mut desk, "Group Honesty, 2");
    assert!(desk.harness.query_by_label("P1 Rule 1., 1 of 4").is_none());
    click(&mut desk, "Group Honesty, 2, folded");
    click(&mut desk, "P3 Rule 3., 3 of 4");
    desk.press(Modifiers::NONE, Key::ArrowLeft);
    assert!(desk.harness.query_by_label("P3 Rule 3., 3 of 4").is_none());
    desk.press(Modifiers::NONE, Key::ArrowRight);
    assert!(desk.harness.query_by_label("P3 Rule 3., 3 of 4").is_some());
}

#[test]
fn of_a_thousand_principles_only_the_visible_ones_are_drawn() {
    let mut desk = with_principles(1_000);
    desk.harness.run_steps(3);
    let rows = |desk: &Desk| {
        let root = desk.harness.root();
        let is_row = |node: &egui_kittest::Node<'_>| node.accesskit_node().role() == Role::ListItem;
        root.children_recursive().filter(is_row).count()
    };
    assert!(rows(&desk) < 40, "{}", rows(&desk));
    click(&mut desk, "P1 Rule 1., 1 of 1000");
    desk.press(Modifiers::NONE, Key::End);
    assert!(desk.harness.query_by_label("P1000 Rule 1000., 1000 of 1000").is_some());
    assert!(rows(&desk) < 40, "{}", rows(&desk));
    // What is drawn does not grow with the list: a frame costs as much as one of a short list.
    let mut few = with_principles(30);
    click(&mut few, "P1 Rule 1., 1 of 30");
    few.press(Modifiers::NONE, Key::End);
    let nodes = |desk: &Desk| desk.harness.root().children_recursive().count();
    assert!(nodes(&desk) < nodes(&few) + 20, "{} nodes, {} of thirty", nodes(&desk), nodes(&few));
}

#[test]
fn a_long_prompt_list_is_searched_to_pin_one() {
    let mut desk = with_principles(2);
    click(&mut desk, "P1 Rule 1., 1 of 2");
    click(&mut desk, "Pin a prompt…");
    desk.harness.get_by_role_and_label(Role::TextInput, "Search prompts").type_text("why is");
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::ListItem, "Why is it so?").click();
    desk.harness.run_steps(3);
    let state = &desk.harness.state().state;
    assert_eq!(state.constitution().unwrap().principles[0].cases[0].prompt, "Why is it so?");
    // Ctrl+Enter runs it: what is asked for is an effect.
    desk.press(Modifiers::COMMAND, Key::Enter);
    assert!(desk.harness.state().state.cases.running.is_some());
    assert!(desk.harness.query_by_label("Stop cases").is_some());
}

#[test]
fn an_aggregation_is_chosen_in_the_strip() {
    let mut desk = Desk::new();
    desk.go(Area::Rubric);
    click(&mut desk, "Aggregation: Minimum");
    let rubric = desk.harness.state().state.rubric().unwrap().clone();
    assert_eq!(rubric.aggregation, crate::domain::Aggregation::Minimum);
    desk.press(Modifiers::COMMAND, Key::Z);
    let rubric = desk.harness.state().state.rubric().unwrap().clone();
    assert_eq!(rubric.aggregation, crate::domain::Aggregation::WeightedMean);
}
