//! The whole window without a display: by accessible names, with effects only remembered.

mod library;
mod money;

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::effects::Effect;
use super::message::Event;
use super::state::documents::{Setup, free_stem};
use super::state::{Area, Moment, ProjectState};
use super::window::{Carry, Window};
use crate::domain::{Constitution, Criterion, Principle, Prompt, PromptSet, Rubric};

mod rows;

struct Remember(Arc<Mutex<Vec<Effect>>>);

impl Carry for Remember {
    fn carry(&mut self, effect: Effect) {
        self.0.lock().unwrap().push(effect);
    }
}

/// A window with a small project.
pub(super) struct Desk {
    pub(super) harness: Harness<'static, Window>,
    effects: Arc<Mutex<Vec<Effect>>>,
    events: SyncSender<Event>,
}

fn project() -> ProjectState {
    let mut project = ProjectState { root: Path::new("/p").to_owned(), ..Default::default() };
    let mut constitution = Constitution::named("General");
    for (n, (tag, text)) in
        [("honesty", "Say what is true."), ("honesty", "Say what is unsure."), ("care", "Be kind.")]
            .into_iter()
            .enumerate()
    {
        constitution.principles.push(Principle {
            id: format!("P{}", n + 1).as_str().into(),
            text: text.to_owned(),
            tags: vec![tag.to_owned()],
            ..Principle::default()
        });
    }
    let mut rubric = Rubric::named("Quality");
    rubric.criteria.push(Criterion {
        id: "C1".into(),
        name: "Clear".to_owned(),
        ..Criterion::default()
    });
    let set = PromptSet {
        name: "sample".to_owned(),
        prompts: vec![Prompt::of_text("a", "Why is it so?")],
    };
    let documents = &mut project.documents;
    documents.setup = Arc::new(Setup { name: "Test".to_owned(), ..Setup::default() });
    documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
    documents.rubrics.insert("quality".to_owned(), Arc::new(rubric));
    documents.prompt_sets.insert("sample".to_owned(), Arc::new(set));
    project
}

impl Desk {
    /// With the project open.
    pub(super) fn new() -> Self {
        let mut desk = Self::empty();
        desk.events
            .send(Event::Opened {
                root: "/p".into(),
                result: Ok(Box::new(project())),
                first_time: true,
            })
            .unwrap();
        desk.harness.run_steps(4);
        desk
    }

    /// Without a project.
    pub(super) fn empty() -> Self {
        let effects = Arc::new(Mutex::new(Vec::new()));
        let (sender, events) = sync_channel(16);
        let runner = Box::new(Remember(Arc::clone(&effects)));
        let window = Window::new(runner, events, || Moment(1_000_000));
        let mut prepared = false;
        let mut harness = Harness::builder().with_size([1280.0, 800.0]).build_ui_state(
            move |ui, window: &mut Window| {
                if !prepared {
                    prepared = true;
                    window.apply_settings(ui.ctx());
                    // Fonts and styles are there from the next frame on.
                    return;
                }
                let ctx = ui.ctx().clone();
                window.take_events(&ctx);
                window.draw(ui);
            },
            window,
        );
        harness.run_steps(4);
        Self { harness, effects, events: sender }
    }

    /// Shows an area.
    pub(super) fn go(&mut self, area: Area) {
        self.harness.get_by_role_and_label(Role::Tab, &area.to_string()).click();
        self.harness.run_steps(3);
    }

    /// Presses a key.
    pub(super) fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(3);
    }

    fn text(&self, n: usize) -> String {
        self.harness.state().state.constitution().unwrap().principles[n].text.clone()
    }
}

#[test]
fn every_area_shows_and_every_control_has_a_name() {
    // The harness itself fails on a control without a name.
    let mut desk = Desk::new();
    for area in
        [Area::Constitution, Area::Rubric, Area::Runs, Area::Data, Area::Settings, Area::Try]
    {
        desk.go(area);
        assert_eq!(desk.harness.state().state.area, area);
    }
}

#[test]
fn a_principle_is_edited_and_undone_by_name() {
    let mut desk = Desk::new();
    desk.go(Area::Constitution);
    desk.harness.get_by_label("P2 Say what is unsure., 2 of 3").click();
    desk.harness.run_steps(3);
    let field = desk.harness.get_by_role_and_label(Role::MultilineTextInput, "Text");
    field.focus();
    desk.harness.run_steps(2);
    desk.harness.get_by_role_and_label(Role::MultilineTextInput, "Text").type_text("Really: ");
    desk.harness.run_steps(3);
    assert!(desk.text(1).contains("Really: "), "{}", desk.text(1));
    // Another area: now Ctrl+Z is the document's.
    desk.go(Area::Try);
    desk.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(desk.text(1), "Say what is unsure.");
    assert_eq!(desk.harness.state().state.area, Area::Constitution);
    let saves = desk.effects.lock().unwrap();
    assert!(saves.iter().any(|effect| matches!(effect, Effect::Save { .. })), "saved on blur");
}

#[test]
fn single_keys_rest_while_typing() {
    let mut desk = Desk::new();
    desk.go(Area::Constitution);
    let count = |desk: &Desk| desk.harness.state().state.constitution().unwrap().principles.len();
    desk.press(Modifiers::NONE, Key::N);
    assert_eq!(count(&desk), 4);
    // The new principle's text has the focus.
    desk.press(Modifiers::NONE, Key::N);
    assert_eq!(count(&desk), 4);
    desk.press(Modifiers::COMMAND, Key::N);
    assert_eq!(count(&desk), 5);
}

#[test]
fn alt_and_arrows_move_a_principle() {
    let mut desk = Desk::new();
    desk.go(Area::Constitution);
    desk.harness.get_by_label("P1 Say what is true., 1 of 3").click();
    desk.harness.run_steps(3);
    desk.press(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(desk.text(1), "Say what is true.");
    desk.press(Modifiers::ALT, Key::ArrowUp);
    assert_eq!(desk.text(0), "Say what is true.");
    assert_eq!(desk.harness.state().state.announcement.1, "P1 moved to position 1 of 3");
}

#[test]
fn an_idle_window_does_not_repaint() {
    let mut desk = Desk::new();
    desk.harness.run_steps(10);
    for area in
        [Area::Constitution, Area::Rubric, Area::Runs, Area::Data, Area::Settings, Area::Try]
    {
        desk.go(area);
        desk.harness.run_steps(20);
        let wants = desk.harness.ctx.has_requested_repaint();
        assert!(!wants, "{area} keeps repainting: {:?}", desk.harness.ctx.repaint_causes());
    }
}

#[test]
fn a_stem_is_made_from_a_name() {
    let taken = [("my-rules".to_owned(), ())].into();
    assert_eq!(free_stem(&taken, "My rules!"), "my-rules-2");
    assert_eq!(free_stem(&taken, "…"), "unnamed");
    assert_eq!(free_stem(&taken, "Größe / 2"), "größe-2");
}
