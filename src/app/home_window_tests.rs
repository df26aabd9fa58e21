//! Home in the whole window, without a display.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::effects::home::HomeEvent;
use super::message::{Body, Event};
use super::state::Area;
use super::state::home::Recent;
use super::state::import::{ImportReview, Large, Refused};
use super::window_tests::Desk;
use crate::store::settings::Known;

/// A window whose project is remembered.
fn desk() -> Desk {
    let mut desk = Desk::new();
    let ctx = desk.harness.ctx.clone();
    let recent =
        |root: &str, is_there| Recent { root: root.into(), known: Known::default(), is_there };
    for event in [
        HomeEvent::Remembered { root: "/p".into(), known: None, recovered: None },
        HomeEvent::Recents(vec![recent("/p", true), recent("/gone", false)]),
    ] {
        let body = Body::Event(Box::new(Event::Home(event)));
        desk.harness.state_mut().dispatch(&ctx, body);
    }
    desk.harness.run_steps(3);
    desk
}

#[test]
fn enter_goes_on_where_work_stopped() {
    let mut desk = desk();
    desk.go(Area::Rubric);
    desk.press(Modifiers::COMMAND, Key::Num1);
    assert_eq!(desk.harness.state().state.area, Area::Home);
    desk.press(Modifiers::NONE, Key::Enter);
    assert_eq!(desk.harness.state().state.area, Area::Rubric);
}

#[test]
fn a_missing_project_can_be_located_or_removed() {
    let mut desk = desk();
    desk.go(Area::Home);
    desk.harness.get_by_label("gone, missing").click();
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::Button, "Remove from list").click();
    desk.harness.run_steps(3);
    assert!(desk.harness.query_by_label("gone, missing").is_none());
}

#[test]
fn of_a_file_that_is_too_large_a_part_can_be_asked_for() {
    let mut desk = desk();
    let refused = Refused {
        source: "huge.jsonl".to_owned(),
        path: Some("/far/huge.jsonl".into()),
        why: "it has 10,000,000 rows".to_owned(),
        hint: "take a part of its rows, or split it".to_owned(),
        large: Some(Large::default()),
    };
    let review = ImportReview { items: Vec::new(), refused: vec![refused] };
    let ctx = desk.harness.ctx.clone();
    let body = Body::Event(Box::new(Event::Home(HomeEvent::Read(Box::new(review)))));
    desk.harness.state_mut().dispatch(&ctx, body);
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::Button, "Take the first");
    desk.harness.get_by_role_and_label(Role::Button, "Draw at random").click();
    desk.harness.run_steps(3);
    let large = |desk: &Desk| {
        desk.harness.state().state.home.import.as_ref().unwrap().refused[0].large.unwrap()
    };
    assert!(large(&desk).is_reading);
    desk.harness.get_by_label("They are being read");
}
