//! Judges as documents: each change is one edit, undone like any other, and what is known of a
//! judge's verdicts goes when it becomes another judge.

use std::sync::Arc;

use super::super::update;
use super::report_tests::reported;
use super::tests::hear;
use super::{field_of, project_problems};
use crate::app::command::{Command, JudgeChange, JudgesCommand, ReportCommand};
use crate::app::effects::Effect;
use crate::app::effects::judges::{JudgesEffect, JudgesEvent};
use crate::app::message::{Body, Event, Message, SaveOutcome, SavedDocument};
use crate::app::state::judges::{JudgePage, Line, Selected};
use crate::app::state::{AppState, DocumentId, JudgeField, Moment, Target};
use crate::domain::{JudgeForm, JudgeProtocol, JudgeSetup, Map, PanelRule, Recalibration};
use crate::methods::CallsPlanned;
use crate::stats::estimate::Unknown;

fn at(state: &mut AppState, command: impl Into<Command>, at: u64) -> Vec<Effect> {
    update(state, Message { at: Moment(at), body: Body::Command(command.into()) })
}

fn change(state: &mut AppState, change: JudgeChange) -> Vec<Effect> {
    let stem = "strict".to_owned();
    // Far apart, so that no edit joins another.
    let time = 1_000_000 * (1 + state.history.len() as u64);
    at(state, JudgesCommand::Judge { stem, change }, time)
}

fn judge(state: &AppState) -> JudgeSetup {
    JudgeSetup::clone(state.judge("strict").unwrap())
}

fn settings() -> AppState {
    let mut state = reported();
    let page = ReportCommand::Page(JudgePage::Settings);
    at(&mut state, JudgesCommand::Report(page), 5);
    state
}

fn line() -> Line {
    Line { kappa: Err(Unknown::Constant), judged: 3, cost: None, more: None }
}

#[test]
fn each_change_is_one_edit_that_undo_takes_back() {
    let changes = [
        JudgeChange::Name("Stern".to_owned()),
        JudgeChange::Model(0, Some("small".to_owned())),
        JudgeChange::AddModel("large".to_owned()),
        JudgeChange::Rule(PanelRule::Weighted),
        JudgeChange::Weight(1, 3.0),
        JudgeChange::MoveModel(0, 1),
        JudgeChange::FirstAlone(Some(0.2)),
        JudgeChange::Protocol(JudgeProtocol::PointwiseScale),
        JudgeChange::Form(JudgeForm::Prometheus),
        JudgeChange::ReasonFirst(false),
        JudgeChange::Refine(true),
        JudgeChange::Ties(true),
        JudgeChange::Votes(5),
        JudgeChange::Principles(3),
        JudgeChange::Canaries(0.1),
        JudgeChange::RemoveModel(0),
    ];
    let mut state = settings();
    let mut before = vec![judge(&state)];
    for one in changes {
        let effects = change(&mut state, one.clone());
        assert_ne!(Some(&judge(&state)), before.last(), "{one:?} changes something");
        let is_saved = state.project.as_ref().unwrap().unsaved.contains(&id());
        assert!(is_saved, "{one:?} is saved by itself: {effects:?}");
        before.push(judge(&state));
    }
    let last = before.pop().unwrap();
    assert_eq!(
        (last.models.as_slice(), last.weights.as_slice()),
        (&["small".to_owned()][..], &[1.0][..])
    );
    assert_eq!(last.first_alone, None, "nobody is left to be asked after the first");
    for one in before.into_iter().rev() {
        at(&mut state, Command::Undo, 1);
        assert_eq!(judge(&state), one);
        assert_eq!(state.judges.report.page, JudgePage::Settings, "undo shows what it did");
    }
}

fn id() -> DocumentId {
    DocumentId::Judge("strict".to_owned())
}

#[test]
fn a_second_model_names_the_first_and_weights_keep_in_step() {
    let mut state = settings();
    change(&mut state, JudgeChange::AddModel("large".to_owned()));
    assert_eq!(judge(&state).models, ["embedded", "large"], "the project's judge was meant");
    change(&mut state, JudgeChange::Rule(PanelRule::Weighted));
    change(&mut state, JudgeChange::Weight(0, 0.5));
    change(&mut state, JudgeChange::AddModel("third".to_owned()));
    assert_eq!(judge(&state).weights, [0.5, 1.0, 1.0]);
    change(&mut state, JudgeChange::MoveModel(0, 1));
    assert_eq!(judge(&state).models, ["large", "embedded", "third"]);
    assert_eq!(judge(&state).weights, [1.0, 0.5, 1.0], "a weight goes with its model");
    change(&mut state, JudgeChange::MoveModel(2, 1));
    assert_eq!(judge(&state).models[2], "third", "nothing is after the last");
    change(&mut state, JudgeChange::RemoveModel(1));
    assert_eq!(judge(&state).weights, [1.0, 1.0]);
    change(&mut state, JudgeChange::Rule(PanelRule::Mean));
    assert!(judge(&state).weights.is_empty(), "a rule without weights has none");
    change(&mut state, JudgeChange::Model(0, None));
    assert!(judge(&state).models.is_empty());
}

#[test]
fn another_judge_has_no_verdicts_of_before_and_a_new_name_keeps_them() {
    let mut state = reported();
    state.judges.report.lines.insert("strict".to_owned(), Ok(line()));
    change(&mut state, JudgeChange::Name("Stern".to_owned()));
    assert!(state.judges.report.shown.is_some() && state.judges.report.lines.len() == 1);
    change(&mut state, JudgeChange::Votes(9));
    assert!(state.judges.report.shown.is_none() && state.judges.report.lines.is_empty());
    // Once it is on disk, what is known of it as it is now is read.
    let saved = SavedDocument { id: id(), outcome: SaveOutcome::Saved(None) };
    let body = Body::Event(Box::new(Event::Saved(vec![saved])));
    let effects = update(&mut state, Message { at: Moment(9), body });
    let is_read = effects.iter().any(|effect| {
        matches!(effect, Effect::Judges(JudgesEffect::Lines { of, judges, .. })
            if of == &["strict"] && judges["strict"].votes == 9)
    });
    assert!(is_read, "{effects:?}");
}

#[test]
fn the_calls_of_a_pair_are_counted_anew_and_old_counts_left_aside() {
    let mut state = settings();
    let first = state.judges.report.calls.clone().unwrap();
    let effects = change(&mut state, JudgeChange::Votes(3));
    let stopped = effects.iter().any(|effect| {
        matches!(effect, Effect::Judges(JudgesEffect::Stop(number)) if *number == first.number)
    });
    assert!(stopped, "{effects:?}");
    let now = state.judges.report.calls.clone().unwrap();
    let counted = CallsPlanned { least: 8, most: 24 };
    hear(&mut state, JudgesEvent::Calls { number: first.number, result: Ok(counted) });
    assert_eq!(state.judges.report.calls.as_ref().unwrap().calls, None);
    hear(&mut state, JudgesEvent::Calls { number: now.number, result: Ok(counted) });
    assert_eq!(state.judges.report.calls.as_ref().unwrap().calls, Some(Ok(counted)));
}

#[test]
fn a_judge_is_copied_deleted_and_brought_back() {
    let mut state = settings();
    at(&mut state, JudgesCommand::CopyJudge("strict".to_owned()), 10);
    let copy = Selected::Judge("strict-copy".to_owned());
    assert_eq!(state.judges.selected, copy);
    at(&mut state, JudgesCommand::DeleteJudge("strict-copy".to_owned()), 20);
    assert!(state.judge("strict-copy").is_none());
    assert_ne!(state.judges.selected, copy, "something is selected that is there");
    at(&mut state, Command::Undo, 30);
    assert!(state.judge("strict-copy").is_some());
    assert_eq!(state.judges.selected, copy);
    assert!(matches!(&state.flash, Some(one)
        if one.target == Target::Judge { stem: "strict-copy".to_owned(), field: JudgeField::Name }));
}

#[test]
fn a_map_goes_and_comes_back_where_it_is_shown() {
    let mut state = settings();
    let documents = &mut state.project.as_mut().unwrap().documents;
    let strict = Arc::make_mut(documents.judges.get_mut("strict").unwrap());
    let map = Map::Temperature { temperature: 1.4 };
    strict.recalibration = Some(Recalibration { map, labels: 120, ..Recalibration::default() });
    change(&mut state, JudgeChange::Name("Stern".to_owned()));
    assert!(judge(&state).recalibration.is_some(), "a name changes nothing that it says");
    change(&mut state, JudgeChange::Votes(7));
    assert!(judge(&state).recalibration.is_none(), "the map was another judge's");
    assert!(state.notices.iter().any(|notice| notice.text.contains("Undo brings both back")));
    at(&mut state, Command::Undo, 30);
    assert_eq!((judge(&state).votes, judge(&state).recalibration.is_some()), (2, true));
    change(&mut state, JudgeChange::RemoveMap);
    assert!(judge(&state).recalibration.is_none());
    at(&mut state, Command::Undo, 30);
    assert_eq!(judge(&state).recalibration.unwrap().labels, 120);
    assert_eq!(state.judges.report.page, JudgePage::Report);
}

#[test]
fn a_map_is_kept_only_where_one_was_fitted() {
    let mut state = reported();
    let kind = crate::stats::calibration::Kind::Temperature;
    at(&mut state, JudgesCommand::Report(ReportCommand::KeepMap(kind)), 10);
    assert!(judge(&state).recalibration.is_none(), "four items are too few");
    let said = &state.notices.last().unwrap().text;
    assert!(said.contains("too few"), "{said}");
}

#[test]
fn another_judge_beside_it_is_read_on_dev_and_a_look_of_its_own_on_gold() {
    let mut state = reported();
    let documents = &mut state.project.as_mut().unwrap().documents;
    documents.judges.insert("quick".to_owned(), Arc::new(JudgeSetup::named("Quick")));
    let beside = || ReportCommand::Beside(Some("quick".to_owned()));
    let effects = at(&mut state, JudgesCommand::Report(beside()), 10);
    let is_read = effects.iter().any(|effect| {
        matches!(effect, Effect::Judges(JudgesEffect::Report { wanted, .. })
            if wanted.beside.as_deref() == Some("quick"))
    });
    assert!(is_read, "{effects:?}");
    state.judges.report.part = crate::app::state::judges::Part::Gold;
    let effects = at(&mut state, JudgesCommand::Report(beside()), 20);
    assert!(effects.is_empty() && state.judges.report.shown.is_none(), "{effects:?}");
}

#[test]
fn each_problem_stands_beside_its_field() {
    let state = settings();
    let mut setup = judge(&state);
    setup.name.clear();
    setup.models = vec!["embedded".to_owned(), "nobody".to_owned()];
    setup.rule = PanelRule::Weighted;
    setup.weights = vec![1.0, f64::NAN];
    setup.votes = 0;
    let found = project_problems(&setup, state.documents().unwrap());
    let mut places: Vec<_> = found.iter().map(field_of).collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            (JudgeField::Name, None),
            (JudgeField::Models, Some(1)),
            (JudgeField::Weight(1), Some(1)),
            (JudgeField::Votes, None),
        ]
    );
}
