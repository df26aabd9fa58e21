//! Try in a whole window, by accessible names.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::app::state::trial::{Recorded, Trial, TrialStatus, TryMode};
use crate::app::state::{Area, Sheet};
use crate::app::window_tests::Desk;
use crate::domain::{Chain, Prompt, Row, Step, Variant};

fn row() -> Row {
    let step = |round: u32, principle: &str, revision: &str| Step {
        round,
        principle: principle.into(),
        critique_request: "What is wrong?".to_owned(),
        critique: format!("It says too much in round {round}."),
        found_nothing: false,
        revision_request: "Mend it.".to_owned(),
        revision: revision.to_owned(),
        cut_off: false,
        critique_cut_off: false,
    };
    let chain = Chain {
        draft: "This is almost certainly harmless. Most moles are fine.".to_owned(),
        draft_cut_off: false,
        steps: vec![
            step(1, "P1", "I can't judge a mole from text. Most moles are fine."),
            step(2, "P3", "I can't judge a mole from text. Most moles are nothing bad at all."),
        ],
    };
    Row { chain: Some(chain), ..Row::empty(&Prompt::of_text("a", "Why is it so?")) }
}

fn trial(number: u64, variant: Variant) -> Trial {
    let recorded = Recorded {
        run: "R-0001".into(),
        at_ms: 1_000_000,
        models: vec!["the starter model".to_owned()],
        calls_read: true,
    };
    Trial {
        number,
        variant,
        on_this_computer: true,
        recorded: Some(recorded),
        row: Some(Arc::new(row())),
        status: TrialStatus::Done,
        ..Trial::default()
    }
}

/// A window that shows a recorded chain and an experiment beside it.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.go(Area::Try);
    let state = &mut desk.harness.state_mut().state;
    let key = ("sample".to_owned(), "a".into());
    let mut shown = trial(90, Variant::Plain);
    shown.constitution = state.constitution().cloned();
    state.trial.put(key.clone(), trial(91, Variant::Without { principle: "P2".into() }));
    state.trial.put(key, shown);
    desk.harness.run_steps(4);
    desk
}

#[test]
fn every_view_of_a_chain_draws_with_named_controls_and_rests() {
    let mut desk = desk();
    for mode in
        [TryMode::Steps, TryMode::SideBySide, TryMode::Answers, TryMode::Raw, TryMode::Final]
    {
        desk.harness.state_mut().state.trial.look.mode = mode;
        desk.harness.run_steps(20);
        let wants = desk.harness.ctx.has_requested_repaint();
        assert!(!wants, "{mode:?} keeps repainting: {:?}", desk.harness.ctx.repaint_causes());
    }
}

#[test]
fn an_edit_is_explained_by_keyboard() {
    let mut desk = desk();
    desk.press(Modifiers::NONE, Key::W);
    assert_eq!(desk.harness.state().state.trial.look.edit, Some((90, 0)));
    desk.harness.get_by_label("It says too much in round 1.");
    desk.press(Modifiers::NONE, Key::W);
    desk.harness.get_by_label("It says too much in round 2.");
    desk.harness.get_by_role_and_label(Role::Button, "Ablate P3");
}

#[test]
fn a_reaction_is_one_key_away() {
    let mut desk = desk();
    desk.press(Modifiers::NONE, Key::Num2);
    assert_eq!(desk.harness.state().state.sheet, Some(Sheet::React));
    desk.harness.run_steps(4);
    desk.harness.get_by_role_and_label(Role::MultilineTextInput, "What is wrong?").type_text("Too");
    desk.harness.run_steps(4);
    let react = desk.harness.state().state.trial.react.clone().unwrap();
    assert_eq!((react.said.as_str(), react.candidate()), ("Too", "Too"));
    desk.press(Modifiers::COMMAND, Key::Enter);
    let constitution = desk.harness.state().state.constitution().unwrap().clone();
    assert!(constitution.principles.iter().any(|principle| principle.text == "Too"));
    assert_eq!(desk.harness.state().state.sheet, None);
}

#[test]
fn many_prompts_are_pasted() {
    let mut desk = desk();
    desk.harness.get_by_label("Paste many prompts").click();
    desk.harness.run_steps(4);
    desk.harness.get_by_role_and_label(Role::MultilineTextInput, "Prompts").type_text("One?\nTwo?");
    desk.harness.run_steps(4);
    desk.harness.get_by_label("Add 2 prompts").click();
    desk.harness.run_steps(4);
    assert_eq!(desk.harness.state().state.prompts().unwrap().prompts.len(), 3);
}
