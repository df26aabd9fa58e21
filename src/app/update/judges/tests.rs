//! Labelling as the window sees it, without any I/O.

use std::sync::Arc;

use super::super::update;
use crate::app::command::{Command, GuideChange, JudgesCommand, LabelCommand};
use crate::app::effects::Effect;
use crate::app::effects::judges::{Everything, JudgesEffect, JudgesEvent};
use crate::app::menu_command::MenuCommand;
use crate::app::message::{Body, Event, Failure, Message};
use crate::app::state::judges::{FLASH_MILLIS, Page, Selected, Session, Shown};
use crate::app::state::{AppState, Area, Moment, ProjectState, Sheet};
use crate::domain::{
    Aspect, Certainty, Constitution, FirstShown, Label, LabelAnswer, LabelItem, LabelSet,
    LabelTask, Prompt, WorkedExample,
};
use crate::store::labels::LabelBook;

fn send_at(state: &mut AppState, command: JudgesCommand, at: u64) -> Vec<Effect> {
    let body = Body::Command(Command::Judges(command));
    update(state, Message { at: Moment(at), body })
}

fn send(state: &mut AppState, command: JudgesCommand) -> Vec<Effect> {
    send_at(state, command, 1_000)
}

fn label(state: &mut AppState, command: LabelCommand) -> Vec<Effect> {
    send(state, JudgesCommand::Label(command))
}

pub(super) fn hear(state: &mut AppState, event: JudgesEvent) -> Vec<Effect> {
    let body = Body::Event(Box::new(Event::Judges(event)));
    update(state, Message { at: Moment(2_000), body })
}

/// What the menu's command would do, done.
fn press(state: &mut AppState, command: MenuCommand, at: u64) -> Vec<Effect> {
    let command = command.resolve(state).unwrap();
    update(state, Message { at: Moment(at), body: Body::Command(command) })
}

fn item(n: usize, task: LabelTask) -> LabelItem {
    LabelItem {
        id: format!("i{n}"),
        prompt: Prompt::of_text(format!("p{n}"), format!("Question {n}?")),
        a: format!("answer a{n}"),
        b: (task == LabelTask::Pairwise).then(|| format!("answer b{n}")),
        a_model: String::new(),
        b_model: String::new(),
        aspect: None,
    }
}

pub(super) fn book(stem: &str, task: LabelTask, n: usize) -> LabelBook {
    let mut set = LabelSet::named(stem, task);
    set.repeats = 0.0;
    LabelBook { items: (0..n).map(|n| item(n, task)).collect(), ..empty(stem, set) }
}

fn empty(stem: &str, set: LabelSet) -> LabelBook {
    LabelBook {
        stem: stem.to_owned(),
        set,
        items: Vec::new(),
        labels: Vec::new(),
        by_models: Vec::new(),
        strays: Vec::new(),
        looks: Vec::new(),
        problems: Vec::new(),
    }
}

fn read(books: Vec<LabelBook>) -> JudgesEvent {
    JudgesEvent::Read(Ok(Box::new(Everything { books, ..Everything::default() })))
}

pub(super) fn read_all(all: Everything) -> JudgesEvent {
    JudgesEvent::Read(Ok(Box::new(all)))
}

pub(super) fn project_with(books: Vec<LabelBook>) -> AppState {
    with(books)
}

fn with(books: Vec<LabelBook>) -> AppState {
    let mut project = ProjectState { root: "/p".into(), ..Default::default() };
    let constitution = Arc::new(Constitution::named("General"));
    project.documents.constitutions.insert("general".to_owned(), constitution);
    let mut state = AppState { project: Some(project), area: Area::Judges, ..Default::default() };
    state.selection.constitution = "general".to_owned();
    state.settings.labeller = "Ada".to_owned();
    hear(&mut state, read(books));
    state
}

/// A state in which the queue of a set of `n` is on screen.
fn labelling(task: LabelTask, n: usize) -> AppState {
    let mut state = with(vec![book("s", task, n)]);
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    assert_eq!(session(&state).page, Page::Guide, "the guide comes first");
    label(&mut state, LabelCommand::Start);
    assert_eq!(session(&state).page, Page::Queue);
    state
}

fn session(state: &AppState) -> &Session {
    state.judges.session.as_ref().unwrap()
}

/// The labels that effects write.
fn written(effects: &[Effect]) -> Vec<Label> {
    effects
        .iter()
        .flat_map(|effect| {
            let Effect::Judges(JudgesEffect::Append { labels, .. }) = effect else {
                return Vec::new();
            };
            labels.clone()
        })
        .collect()
}

#[test]
fn who_labels_is_asked_once_and_kept() {
    let mut state = with(vec![book("s", LabelTask::Pairwise, 3)]);
    state.settings.labeller = String::new();
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    assert_eq!(state.sheet, Some(Sheet::Labeller));
    assert!(state.judges.session.is_none());
    let effects = send(&mut state, JudgesCommand::Labeller("  Ada  Lovelace ".to_owned()));
    assert!(matches!(&effects[0], Effect::SaveSettings(one) if one.labeller == "Ada Lovelace"));
    assert_eq!(state.sheet, None);
    assert_eq!(session(&state).labeller, "Ada Lovelace");
    label(&mut state, LabelCommand::Pause);
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    assert_eq!(state.sheet, None, "asked once");
}

#[test]
fn one_key_labels_and_goes_on_and_says_which_answer_is_meant_wherever_it_was_shown() {
    let mut state = labelling(LabelTask::Pairwise, 30);
    let mut sides = std::collections::BTreeSet::new();
    for nth in 0..30 {
        let turn = *session(&state).turn().unwrap();
        sides.insert(turn.first);
        let left = turn.first == FirstShown::Left;
        let effects = press(&mut state, MenuCommand::LabelLeft, 5_000 + 1_000 * nth);
        let labels = written(&effects);
        assert_eq!(labels.len(), 1);
        assert_eq!(labels[0].answer, Some(if left { LabelAnswer::A } else { LabelAnswer::B }));
        assert_eq!(labels[0].first, Some(turn.first));
        assert_eq!((labels[0].guide, labels[0].labeller.as_str()), (1, "Ada"));
        assert!(labels[0].at.starts_with("1970-01-01T00:00:"), "{}", labels[0].at);
        assert_eq!(session(&state).place as u64, nth + 1);
    }
    assert_eq!(sides.len(), 2, "sides are random");
    assert_eq!(session(&state).page, Page::Done);
    assert_eq!(state.judges.book("s").unwrap().labels.len(), 30);
}

#[test]
fn a_label_says_how_long_its_item_was_looked_at() {
    let mut state = labelling(LabelTask::Pairwise, 3);
    let effects = press(&mut state, MenuCommand::LabelTie, 9_000);
    assert_eq!(written(&effects)[0].seconds, Some(8.0));
    // While the guide is read, the time does not run.
    press(&mut state, MenuCommand::LabelGuide, 10_000);
    press(&mut state, MenuCommand::LabelGuide, 70_000);
    let effects = press(&mut state, MenuCommand::LabelTie, 72_500);
    assert_eq!(written(&effects)[0].seconds, Some(2.5));
}

#[test]
fn certainty_and_comment_go_with_the_label_to_come_only() {
    let mut state = labelling(LabelTask::Pairwise, 3);
    press(&mut state, MenuCommand::LabelThree, 1);
    assert_eq!(session(&state).sure, Some(Certainty::Certain));
    press(&mut state, MenuCommand::LabelThree, 1);
    assert_eq!(session(&state).sure, None, "the same again takes it back");
    press(&mut state, MenuCommand::LabelTwo, 1);
    label(&mut state, LabelCommand::CommentText(" too long ".to_owned()));
    let first = written(&press(&mut state, MenuCommand::LabelRight, 1));
    assert_eq!(first[0].sure, Some(Certainty::Fairly));
    assert_eq!(first[0].comment, "too long");
    let second = written(&press(&mut state, MenuCommand::LabelRight, 1));
    assert_eq!((second[0].sure, second[0].comment.as_str()), (None, ""));
}

#[test]
fn take_back_asks_the_item_again_and_writes_so() {
    let mut state = labelling(LabelTask::Pairwise, 3);
    press(&mut state, MenuCommand::LabelOne, 1);
    let given = written(&press(&mut state, MenuCommand::LabelLeft, 1));
    let effects = press(&mut state, MenuCommand::LabelTakeBack, 2);
    let back = written(&effects);
    assert_eq!((back[0].item.clone(), back[0].answer), (given[0].item.clone(), None));
    assert_eq!(session(&state).place, 0);
    assert_eq!(
        session(&state).sure,
        Some(Certainty::Guess),
        "what was said with it is there again"
    );
    assert!(state.judges.book("s").unwrap().labels.is_empty());
    let effects = press(&mut state, MenuCommand::LabelTakeBack, 2);
    assert!(written(&effects).is_empty(), "nothing is left");
    assert!(state.history.current().is_none(), "labels are no document edits");
}

#[test]
fn after_a_restart_the_queue_goes_on_and_the_last_label_can_be_taken_back() {
    let mut state = labelling(LabelTask::Pairwise, 5);
    let first = written(&press(&mut state, MenuCommand::LabelLeft, 1_000));
    let second = written(&press(&mut state, MenuCommand::LabelTie, 2_000));
    let mut there = book("s", LabelTask::Pairwise, 5);
    there.labels = [first, second.clone()].concat();
    let mut state = with(vec![there]);
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    assert_eq!(session(&state).page, Page::Queue, "who labelled has read the guide");
    assert_eq!(session(&state).progress(), (2, 5));
    let back = written(&press(&mut state, MenuCommand::LabelTakeBack, 3_000));
    assert_eq!(back[0].item, second[0].item, "the newest one");
    assert_eq!(session(&state).progress(), (1, 5));
    let turn = session(&state).turn().unwrap();
    assert_eq!(state.judges.book("s").unwrap().items[turn.item].id, second[0].item);
}

#[test]
fn a_pause_keeps_the_place_and_a_missing_criterion_loses_nothing() {
    let mut state = labelling(LabelTask::Pairwise, 4);
    press(&mut state, MenuCommand::LabelLeft, 1);
    press(&mut state, MenuCommand::LabelTwo, 1);
    press(&mut state, MenuCommand::LabelPause, 1);
    assert!(state.judges.labelling().is_none());
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    assert_eq!((session(&state).place, session(&state).sure), (1, Some(Certainty::Fairly)));
    press(&mut state, MenuCommand::LabelAddCriterion, 1);
    assert_eq!(state.area, Area::Constitution);
    assert_eq!(state.constitution().unwrap().principles.len(), 1, "a new one is there");
    assert!(session(&state).is_paused);
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    assert_eq!((state.area, session(&state).place), (Area::Judges, 1));
}

#[test]
fn keys_that_a_set_does_not_ask_for_do_nothing() {
    let mut state = labelling(LabelTask::PassFail, 3);
    assert!(MenuCommand::LabelLeft.resolve(&state).is_err());
    assert!(MenuCommand::LabelTie.resolve(&state).is_err());
    assert!(label(&mut state, LabelCommand::Say(Shown::Left)).is_empty());
    let labels = written(&press(&mut state, MenuCommand::LabelFail, 1));
    assert_eq!((labels[0].answer, labels[0].first), (Some(LabelAnswer::Fail), None));

    let mut there = book("s", LabelTask::Scores, 3);
    for one in &mut there.items {
        let levels = vec!["bad".to_owned(), "fair".to_owned(), "good".to_owned()];
        one.aspect = Some(Aspect { id: "C1".to_owned(), text: "Clear".to_owned(), levels });
    }
    let mut state = with(vec![there]);
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    label(&mut state, LabelCommand::Start);
    assert!(MenuCommand::LabelFour.resolve(&state).is_err(), "there are three levels");
    let labels = written(&press(&mut state, MenuCommand::LabelTwo, 1));
    assert_eq!(labels[0].answer, Some(LabelAnswer::Level(2)));
    assert!(!labels[0].aspect.is_empty(), "it says under which text it was given");
}

#[test]
fn practice_tells_what_is_right_and_keeps_nothing() {
    let mut there = book("s", LabelTask::Pairwise, 3);
    for n in 0..2 {
        there.set.guide.practice.push(WorkedExample {
            item: item(100 + n, LabelTask::Pairwise),
            answer: LabelAnswer::A,
            why: "It is shorter.".to_owned(),
        });
    }
    let mut state = with(vec![there]);
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    label(&mut state, LabelCommand::Practise);
    assert!(written(&press(&mut state, MenuCommand::LabelLeft, 1)).is_empty());
    assert!(state.announcement.1.starts_with("Right. It is shorter"), "{:?}", state.announcement);
    assert!(MenuCommand::LabelLeft.resolve(&state).is_err(), "one answer each");
    press(&mut state, MenuCommand::Run, 1);
    // The second shows its first answer at the right.
    press(&mut state, MenuCommand::LabelLeft, 1);
    assert!(state.announcement.1.starts_with("The guide says right better"));
    let Page::Practice(practice) = session(&state).page else { panic!("still practice") };
    assert_eq!(practice.right, 1);
    label(&mut state, LabelCommand::Start);
    assert_eq!(session(&state).page, Page::Queue);
    assert!(state.judges.book("s").unwrap().labels.is_empty());
}

#[test]
fn a_changed_guide_is_a_new_version() {
    let mut state = labelling(LabelTask::Pairwise, 3);
    press(&mut state, MenuCommand::LabelLeft, 1);
    press(&mut state, MenuCommand::LabelPause, 1);
    let text = GuideChange::Text("Shorter is better.".to_owned());
    let effects = send(&mut state, JudgesCommand::Guide(text.clone()));
    let saved = effects.iter().any(|effect| {
        matches!(effect, Effect::Judges(JudgesEffect::SaveSet { set, .. }) if set.guide.version == 2)
    });
    assert!(saved, "{effects:?}");
    assert!(send(&mut state, JudgesCommand::Guide(text)).is_empty(), "the same is no change");
    assert_eq!(state.judges.book("s").unwrap().sums.stale, 1);
}

#[test]
fn labels_that_could_not_be_written_are_offered_again() {
    let mut state = labelling(LabelTask::Pairwise, 3);
    let labels = written(&press(&mut state, MenuCommand::LabelLeft, 1));
    let failure = Failure::new("the label was not written down: no room", "make room");
    hear(
        &mut state,
        JudgesEvent::NotKept { stem: "s".to_owned(), labels: labels.clone(), failure },
    );
    assert_eq!(session(&state).unkept, labels);
    let again = written(&label(&mut state, LabelCommand::WriteAgain));
    assert_eq!(again, labels);
    assert!(session(&state).unkept.is_empty());
}

#[test]
fn the_flash_of_a_button_ends_by_one_tick() {
    let mut state = labelling(LabelTask::Pairwise, 3);
    let effects = press(&mut state, MenuCommand::LabelLeft, 1_000);
    let wake = Moment(1_000 + FLASH_MILLIS);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::WakeAt(at) if *at == wake)));
    let tick = |at| Message { at, body: Body::Event(Box::new(Event::Tick)) };
    drop(update(&mut state, tick(Moment(1_100))));
    assert!(session(&state).flash.is_some());
    drop(update(&mut state, tick(wake)));
    assert!(session(&state).flash.is_none());
}

#[test]
fn a_project_of_another_window_can_be_read_and_not_labelled() {
    let mut state = with(vec![book("s", LabelTask::Pairwise, 3)]);
    state.project.as_mut().unwrap().read_only = true;
    label(&mut state, LabelCommand::Begin("s".to_owned()));
    assert!(state.judges.session.is_none());
    let notice = &state.notices.last().unwrap().text;
    assert!(notice.contains("another window"), "{notice}");
    assert!(MenuCommand::NewLabelSet.resolve(&state).is_err());
}

#[test]
fn a_set_that_is_gone_takes_its_labelling_with_it() {
    let mut state = labelling(LabelTask::Pairwise, 3);
    hear(&mut state, read(vec![book("t", LabelTask::Pairwise, 1)]));
    assert!(state.judges.session.is_none());
    assert_eq!(state.judges.selected, Selected::Set("t".to_owned()));
}
