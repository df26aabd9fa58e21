//! Reports as the window sees them, without any I/O.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::update;
use super::tests::{book, hear, project_with, read_all};
use crate::app::command::{Command, JudgesCommand, LabelCommand, ReportCommand};
use crate::app::effects::Effect;
use crate::app::effects::judges::{Everything, JudgesEffect, JudgesEvent};
use crate::app::menu_command::MenuCommand;
use crate::app::message::{Body, Message};
use crate::app::state::judges::{
    JudgePage, Line, NewJudge, Part, Price, RowsOf, Selected, ShownReport, Takes, Wanted,
};
use crate::app::state::{AppState, Area, Moment, Sheet};
use crate::domain::{JudgeSetup, LabelAnswer, LabelSet, LabelTask, Principle, Split};
use crate::engine::judging::Judging;
use crate::methods::perturb::Perturbation;
use crate::stats::judge_report::{ItemJudged, ReportItem, Said, judge_report};
use crate::store::causes::Cause;

fn send(state: &mut AppState, command: ReportCommand) -> Vec<Effect> {
    let body = Body::Command(Command::Judges(JudgesCommand::Report(command)));
    update(state, Message { at: Moment(1_000), body })
}

fn press(state: &mut AppState, command: MenuCommand) -> Vec<Effect> {
    let command = command.resolve(state).unwrap();
    update(state, Message { at: Moment(1_000), body: Body::Command(command) })
}

fn item(n: usize, people: LabelAnswer, p_a: Option<f64>) -> ReportItem {
    ReportItem {
        item: format!("i{n}"),
        prompt: format!("p{n}").as_str().into(),
        aspect: Some("P1".to_owned()),
        tags: vec!["medical".to_owned()],
        split: Split::Dev,
        levels: 0,
        people: vec![("Ada".to_owned(), people, None)],
        twice: Vec::new(),
        stale: false,
        is_example: false,
        judge: Some(ItemJudged::of(Said::Apart { p_a })),
        styles: None,
        own: None,
        writers: (String::new(), String::new()),
        prompt_text: format!("Question {n}?"),
        a: "a".to_owned(),
        b: Some("b".to_owned()),
    }
}

fn shown(wanted: Wanted, items: Vec<ReportItem>) -> ShownReport {
    let judging = Judging {
        about: None,
        runs: Vec::new(),
        report: judge_report(&items, 1),
        items,
        cost_per_row: None,
        looks: 0,
    };
    let (causes, judging) = (BTreeMap::new(), Arc::new(judging));
    ShownReport { wanted, judging, causes, beside: None, members: None }
}

/// A state that shows the report of a judge: two disagreements, one agreement, one unread.
pub(super) fn reported() -> AppState {
    let mut state = project_with(vec![book("s", LabelTask::Pairwise, 4)]);
    let constitution = state.project.as_mut().unwrap().documents.constitutions.get_mut("general");
    Arc::make_mut(constitution.unwrap()).principles.push(Principle {
        id: "P1".into(),
        text: "Say what you do not know.".to_owned(),
        ..Principle::default()
    });
    let documents = &mut state.project.as_mut().unwrap().documents;
    documents.judges.insert("strict".to_owned(), Arc::new(JudgeSetup::named("Strict")));
    let all =
        Everything { books: vec![book("s", LabelTask::Pairwise, 4)], ..Everything::default() };
    let effects = hear(&mut state, read_all(all));
    assert!(
        effects.iter().any(|effect| matches!(effect, Effect::Judges(JudgesEffect::Lines { .. })))
    );
    let body =
        Body::Command(Command::Judges(JudgesCommand::Select(Selected::Judge("strict".to_owned()))));
    let effects = update(&mut state, Message { at: Moment(1), body });
    let (judge, set) = ("strict".to_owned(), "s".to_owned());
    let wanted = Wanted { judge, set, part: Part::Dev, beside: None };
    assert!(matches!(&effects[..],
        [Effect::Judges(JudgesEffect::Report { wanted: asked, .. })] if *asked == wanted));
    let items = vec![
        item(0, LabelAnswer::A, Some(0.9)),
        item(1, LabelAnswer::A, Some(0.4)),
        item(2, LabelAnswer::B, Some(0.95)),
        item(3, LabelAnswer::B, None),
    ];
    let result = Ok(Box::new(shown(wanted.clone(), items)));
    hear(&mut state, JudgesEvent::Report { wanted, result });
    state
}

fn listed(state: &AppState) -> Vec<String> {
    let report = &state.judges.report;
    let shown = report.shown.as_ref().unwrap();
    shown.listed(&report.rows).into_iter().map(|item| item.item.clone()).collect()
}

#[test]
fn every_number_opens_its_rows() {
    let mut state = reported();
    assert_eq!(listed(&state), ["i2", "i1"], "the most telling first");
    for (rows, items) in [
        (RowsOf::Agreed, vec!["i0"]),
        (RowsOf::Unread, vec!["i3"]),
        (RowsOf::Both, vec!["i0", "i1", "i2"]),
        (RowsOf::Sure(90, 100), vec!["i0", "i2"]),
        (RowsOf::Sure(50, 70), vec!["i1"]),
        (RowsOf::Aspect("P1".to_owned()), vec!["i0", "i1", "i2"]),
        (RowsOf::Tag("other".to_owned()), vec![]),
        (RowsOf::Failed, vec![]),
    ] {
        send(&mut state, ReportCommand::Rows(rows.clone()));
        assert_eq!(listed(&state), items, "{rows:?}");
    }
}

#[test]
fn one_key_says_why_they_differ_and_goes_on() {
    let mut state = reported();
    assert!(MenuCommand::LabelTwo.resolve(&state).is_err(), "no item is looked at");
    send(&mut state, ReportCommand::Item("i2".to_owned()));
    let effects = press(&mut state, MenuCommand::LabelTwo);
    let [Effect::Judges(JudgesEffect::KeepCause { judge, line })] = &effects[..] else {
        panic!("{effects:?}");
    };
    assert_eq!((judge.as_str(), line.item.as_str()), ("strict", "i2"));
    assert_eq!(line.cause, Some(Cause::JudgeWrong));
    assert_eq!(state.judges.report.item.as_deref(), Some("i1"), "on to the next");
    send(&mut state, ReportCommand::Item("i2".to_owned()));
    let effects = press(&mut state, MenuCommand::LabelTwo);
    let taken_back = matches!(&effects[..],
        [Effect::Judges(JudgesEffect::KeepCause { line, .. })] if line.cause.is_none());
    assert!(taken_back, "the same again takes it back");
    assert!(MenuCommand::LabelFive.resolve(&state).is_err());
    send(&mut state, ReportCommand::Rows(RowsOf::Cause(Some(Cause::JudgeWrong))));
    assert!(listed(&state).is_empty());
}

#[test]
fn a_disagreement_leads_to_the_principle_or_becomes_an_example() {
    let mut state = reported();
    let before = state.judges.report.shown.clone().unwrap();
    let again = (before.wanted.clone(), before.judging.items.clone());
    send(&mut state, ReportCommand::Item("i2".to_owned()));
    let effects = press(&mut state, MenuCommand::JudgeExample);
    let example = &state.judge("strict").unwrap().examples[0];
    assert_eq!(example.from, "s/i2");
    assert_eq!(example.answer, LabelAnswer::B, "what people said");
    let reads = |effect: &Effect| matches!(effect, Effect::Judges(JudgesEffect::Report { .. }));
    assert!(effects.iter().any(reads), "it is another judge now: {effects:?}");
    let (wanted, items) = again;
    hear(
        &mut state,
        JudgesEvent::Report { wanted: wanted.clone(), result: Ok(Box::new(shown(wanted, items))) },
    );
    send(&mut state, ReportCommand::Item("i2".to_owned()));
    assert!(MenuCommand::JudgeExample.resolve(&state).is_err(), "not twice");
    press(&mut state, MenuCommand::JudgeEditPrinciple);
    assert_eq!(state.area, Area::Constitution);
    assert_eq!(state.selection.principle, Some("P1".into()));
}

#[test]
fn gold_items_are_no_examples() {
    let mut state = reported();
    let report = state.judges.report.shown.as_mut().unwrap();
    let judging = Arc::make_mut(&mut report.judging);
    judging.items.iter_mut().for_each(|item| item.split = Split::Gold);
    send(&mut state, ReportCommand::Item("i2".to_owned()));
    let why = MenuCommand::JudgeExample.resolve(&state).unwrap_err();
    assert!(why.contains("Gold"), "{why}");
}

#[test]
fn gold_is_read_only_when_somebody_asks_for_it_and_not_by_itself_again() {
    let mut state = reported();
    let gold = |effects: &[Effect]| {
        effects.iter().any(|effect| {
            matches!(effect, Effect::Judges(JudgesEffect::Report { wanted, .. })
                if wanted.part == Part::Gold)
        })
    };
    assert!(!gold(&send(&mut state, ReportCommand::Part(Part::Gold))));
    assert!(gold(&send(&mut state, ReportCommand::LookAtGold)));
    let body = Body::Command(crate::app::command::GoCommand::Area(Area::Home).into());
    drop(update(&mut state, Message { at: Moment(1), body }));
    let body = Body::Command(crate::app::command::GoCommand::Area(Area::Judges).into());
    let effects = update(&mut state, Message { at: Moment(1), body });
    assert!(!gold(&effects), "coming back is no look");
    assert_eq!(state.judges.report.part, Part::Dev);
}

#[test]
fn running_a_judge_says_first_what_it_takes() {
    let mut state = reported();
    let effects = press(&mut state, MenuCommand::Run);
    assert_eq!(state.sheet, Some(Sheet::Judging));
    let [Effect::Judges(JudgesEffect::Count(plan))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(plan.draft.split, Some(Split::Dev));
    let price = Price { rows: 4, found: 0, least: 8, most: 8, cost_micros: 1 };
    let again = vec![(Perturbation::Again, price), (Perturbation::Padding, price)];
    let takes = Takes { first: price, again, is_priced: true, is_local: false };
    hear(&mut state, JudgesEvent::Counted { number: plan.number + 99, result: Ok(takes.clone()) });
    assert!(state.judges.report.draft.as_ref().unwrap().takes.is_none(), "of another count");
    hear(&mut state, JudgesEvent::Counted { number: plan.number, result: Ok(takes) });
    let mut draft = state.judges.report.draft.clone().unwrap();
    draft.changes.insert(Perturbation::Padding);
    let effects = send(&mut state, ReportCommand::Draft(Box::new(draft)));
    assert!(effects.is_empty(), "what each way of asking takes is counted already: {effects:?}");
    let draft = state.judges.report.draft.as_ref().unwrap();
    let takes = draft.takes.clone().unwrap().unwrap();
    assert_eq!((takes.with(&draft.changes).most, takes.with(&draft.changes).rows), (16, 8));
    let effects = send(&mut state, ReportCommand::Run);
    let [Effect::Judges(JudgesEffect::Run(plan))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(plan.draft.changes, BTreeSet::from([Perturbation::Padding]));
    assert!(state.judges.report.running.is_some());
    assert!(MenuCommand::RunJudge.resolve(&state).is_err(), "one at a time");
    let effects = press(&mut state, MenuCommand::Stop);
    assert!(matches!(&effects[..], [Effect::Judges(JudgesEffect::Stop(_))]));
    let number = plan.number;
    let effects = hear(&mut state, JudgesEvent::Ended { number, result: Ok(None) });
    assert!(state.judges.report.running.is_none());
    let read_again =
        effects.iter().any(|effect| matches!(effect, Effect::Judges(JudgesEffect::Report { .. })));
    assert!(read_again, "what is there is shown");
}

#[test]
fn a_judge_is_made_of_its_name_and_model() {
    let mut state = reported();
    send(&mut state, ReportCommand::MakeJudge);
    assert_eq!(state.all_judges().count(), 1, "it has no name yet");
    let new = NewJudge { name: "Strict".to_owned(), model: "m".to_owned(), ..NewJudge::default() };
    send(&mut state, ReportCommand::NewJudge(Box::new(new)));
    send(&mut state, ReportCommand::MakeJudge);
    assert_eq!(state.judge("strict-2").unwrap().models, ["m"], "no judge is written over");
    assert_eq!(state.judges.report.page, JudgePage::Settings, "what more there is comes next");
    assert_eq!(state.judges.selected, Selected::Judge("strict-2".to_owned()));
}

#[test]
fn a_line_of_another_set_is_left_aside() {
    let mut state = reported();
    let line = Line {
        kappa: Err(crate::stats::estimate::Unknown::Constant),
        judged: 1,
        cost: None,
        more: None,
    };
    let event = |set: &str| JudgesEvent::Line {
        set: set.to_owned(),
        judge: "strict".to_owned(),
        result: Ok(line.clone()),
    };
    hear(&mut state, event("t"));
    assert!(state.judges.report.lines.is_empty());
    hear(&mut state, event("s"));
    assert_eq!(state.judges.report.lines.len(), 1);
}

#[test]
fn the_most_useful_items_come_first_and_nothing_says_what_the_judge_said() {
    let mut state = reported();
    let book = state.judges.books.as_mut().unwrap().get_mut("s").unwrap();
    let mut set = LabelSet::clone(&book.set);
    // All of it dev: what is reported on is never chosen by the judge.
    set.gold = 0.0;
    book.put_set(set);
    let body = Body::Command(Command::Judges(JudgesCommand::Label(LabelCommand::Useful)));
    drop(update(&mut state, Message { at: Moment(1_000), body }));
    let (session, book) = state.judges.labelling().unwrap();
    let asked: Vec<&str> =
        session.turns.iter().map(|turn| book.items[turn.item].id.as_str()).collect();
    assert_eq!(asked.len(), 4, "all of them are asked in the end");
    // Judged .9, .4 and .95: nearest to one half first.
    let judged: Vec<&str> = asked.into_iter().filter(|item| *item != "i3").collect();
    assert_eq!(judged, ["i1", "i0", "i2"]);
    let seen = format!("{session:?}");
    assert!(!seen.contains("0.95"), "{seen}");
}
