//! The window by keyboard and through the accessibility tree alone.
//!
//! The harness itself fails on a control without a name; these walk the areas and sheets so that
//! it sees them all, and hold what it does not: that Tab reaches every control, that Escape closes
//! every sheet, that nothing is too small to hit.

use std::collections::BTreeSet;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::NodeT as _;
use strum::IntoEnumIterator as _;

use super::command::GoCommand;
use super::message::Body;
use super::state::{Area, PathPurpose, Sheet};
use super::window_tests::Desk;

/// More stops than any screen has.
const MOST_STOPS: usize = 150;
/// The least size of what is clicked, in points (WCAG 2.2, 2.5.8); menus and links in text may
/// be lower.
const LEAST: f64 = 24.0;

/// What a key must reach.
const CONTROLS: &[Role] = &[
    Role::Button,
    Role::CheckBox,
    Role::RadioButton,
    Role::ComboBox,
    Role::Slider,
    Role::SpinButton,
    Role::TextInput,
    Role::MultilineTextInput,
    Role::SearchInput,
    Role::Tab,
    Role::Switch,
];

fn sheets() -> Vec<Sheet> {
    vec![
        Sheet::Export,
        Sheet::Keys,
        Sheet::About,
        Sheet::Path(PathPurpose::Import),
        Sheet::Palette,
        Sheet::FindEverywhere,
        Sheet::History,
        Sheet::Notices,
        Sheet::Versions,
        Sheet::Glossary(String::new()),
        Sheet::React,
        Sheet::NewRun,
    ]
}

/// The enabled controls on screen: role and name.
fn controls(desk: &Desk) -> BTreeSet<String> {
    let root = desk.harness.root();
    root.children_recursive()
        .filter_map(|node| {
            let node = node.accesskit_node();
            let wanted = CONTROLS.contains(&node.role()) && !node.is_disabled();
            (wanted && !node.is_hidden()).then(|| named(&node))
        })
        .collect()
}

fn named(node: &egui_kittest::kittest::AccessKitNode<'_>) -> String {
    format!("{:?} {}", node.role(), node.label().or_else(|| node.value()).unwrap_or_default())
}

/// What has the focus, after each Tab, until nothing new comes.
fn by_tab(desk: &mut Desk) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut nothing_new = 0;
    for _ in 0..MOST_STOPS {
        desk.harness.key_press_modifiers(Modifiers::NONE, Key::Tab);
        desk.harness.run_steps(2);
        let root = desk.harness.root();
        let focused = root.children_recursive().find(|node| node.accesskit_node().is_focused());
        let new = focused.is_some_and(|node| reached.insert(named(&node.accesskit_node())));
        nothing_new = if new { 0 } else { nothing_new + 1 };
        if nothing_new > 25 {
            break;
        }
    }
    reached
}

#[test]
fn tab_reaches_every_control_of_every_area() {
    for area in Area::iter() {
        let mut desk = Desk::new();
        desk.go(area);
        desk.harness.run_steps(5);
        let there = controls(&desk);
        let reached = by_tab(&mut desk);
        // One tab of a row of tabs is enough: the arrows go on from there.
        let missed: Vec<_> = there.difference(&reached).collect();
        assert!(missed.is_empty(), "{area}: Tab never comes to {missed:?}");
    }
}

#[test]
fn nothing_that_is_clicked_is_too_small() {
    for area in Area::iter() {
        let mut desk = Desk::new();
        desk.go(area);
        desk.harness.run_steps(5);
        for node in desk.harness.root().children_recursive() {
            let node = node.accesskit_node();
            let wanted = matches!(node.role(), Role::Button | Role::CheckBox | Role::Tab);
            let Some(bounds) = node.bounding_box().filter(|_| wanted) else { continue };
            // What is scrolled half out of sight is cut there.
            let inside = bounds.x0 >= 0.0 && bounds.y0 >= 60.0 && bounds.y1 < 760.0;
            let fits = bounds.width() >= LEAST && bounds.height() >= LEAST;
            assert!(
                fits || !inside,
                "{area}: {} is {:.0} × {:.0}",
                named(&node),
                bounds.width(),
                bounds.height()
            );
        }
    }
}

#[test]
fn every_area_stands_without_a_project() {
    for area in Area::iter() {
        let mut desk = Desk::empty();
        desk.go(area);
        desk.harness.run_steps(5);
        assert_eq!(desk.harness.state().state.area, area);
    }
}

#[test]
fn escape_closes_every_sheet_and_its_controls_are_reached() {
    for sheet in sheets() {
        let mut desk = Desk::new();
        let ctx = desk.harness.ctx.clone();
        let open = Body::Command(GoCommand::Open(sheet.clone()).into());
        desk.harness.state_mut().dispatch(&ctx, open);
        desk.harness.run_steps(5);
        let title = format!("{sheet:?}");
        assert_eq!(desk.harness.state().state.sheet.as_ref(), Some(&sheet), "{title} stays open");
        let reached = by_tab(&mut desk);
        assert!(!reached.is_empty(), "{title}: Tab comes to nothing");
        // The first Escape may leave a field or clear it.
        for _ in 0..3 {
            desk.press(Modifiers::NONE, Key::Escape);
        }
        assert_eq!(desk.harness.state().state.sheet, None, "{title} is closed by Escape");
    }
}
