//! Comparisons as the window sees them: set up, run, filtered, copied, without any I/O.

use std::sync::Arc;

use super::super::update;
use crate::app::command::{Chart, Command, CompareCommand, CompareRows, TableForm};
use crate::app::effects::Effect;
use crate::app::effects::compare::{CompareEffect, CompareEvent};
use crate::app::menu_command::MenuCommand;
use crate::app::message::{Body, Event, Failure, Message};
use crate::app::state::compare::{Only, Own, PastComparison, Record, SliceBy, Sort};
use crate::app::state::documents::Setup;
use crate::app::state::{AppState, Area, Moment, ProjectState};
use crate::domain::{
    CallFailure, Constitution, FailureKind, JudgeProtocol, JudgedPair, PairVerdict, Principle,
    Prompt, PromptSet, Row, RowFailure,
};
use crate::engine::RunProgress;
use crate::engine::compare::{About, Kinship, SideAbout, SideChoice};
use crate::stats::{Measures, measure};
use crate::store::journal::RunState;

fn send(state: &mut AppState, command: CompareCommand) -> Vec<Effect> {
    let body = Body::Command(Command::Compare(command));
    update(state, Message { at: Moment(1), body })
}

fn hear(state: &mut AppState, event: CompareEvent) -> Vec<Effect> {
    let body = Body::Event(Box::new(Event::Compare(event)));
    update(state, Message { at: Moment(1), body })
}

fn project() -> AppState {
    let mut project = ProjectState { root: "/p".into(), ..Default::default() };
    let documents = &mut project.documents;
    documents.setup = Arc::new(Setup { seed: 7, ..Setup::default() });
    for stem in ["general", "tiny"] {
        let mut constitution = Constitution::named(stem);
        for id in ["P1", "P2"] {
            constitution.principles.push(Principle {
                id: id.into(),
                text: format!("{id} of {stem}"),
                ..Principle::default()
            });
        }
        documents.constitutions.insert(stem.to_owned(), Arc::new(constitution));
    }
    let set = PromptSet { name: "s".to_owned(), prompts: vec![Prompt::of_text("p0", "Why?")] };
    documents.prompt_sets.insert("s".to_owned(), Arc::new(set));
    let mut state = AppState { project: Some(project), area: Area::Compare, ..Default::default() };
    state.selection.constitution = "general".to_owned();
    state.selection.prompts = "s".to_owned();
    state
}

fn past(run: &str) -> PastComparison {
    let side = |label: &str| SideAbout {
        label: label.to_owned(),
        choice: SideChoice::default(),
        writer: "w".to_owned(),
        writer_identity: "w".to_owned(),
    };
    PastComparison {
        run: run.into(),
        about: Arc::new(About {
            a: side("General"),
            b: side("Tiny"),
            prompts: "s".to_owned(),
            judge: "j".to_owned(),
            judge_identity: "j:1".to_owned(),
            judged_by: "the principles of both sides".to_owned(),
            principles_per_pair: 2,
            principles: std::collections::BTreeMap::new(),
            rounds: 2,
            seed: 7,
            kinship: Kinship::None,
        }),
        state: RunState::Running,
        message: String::new(),
        rows_total: 3,
        started_ms: 0,
    }
}

fn record(position: u64, tag: &str, p_a: Option<f64>, b: &str) -> Arc<Record> {
    let mut prompt = Prompt::of_text(format!("p{position}"), format!("Question {position}?"));
    prompt.tags = vec![tag.to_owned()];
    let verdict = PairVerdict {
        p_a,
        p_ab: p_a.map(|p| p + 0.2),
        p_ba: p_a.map(|p| p - 0.2),
        protocol: JudgeProtocol::Pairwise,
        principles: Vec::new(),
        judges: Vec::new(),
    };
    let pair = JudgedPair {
        a: "an answer, \"quoted\"".to_owned(),
        b: b.to_owned(),
        a_cut_off: false,
        b_cut_off: false,
        a_model: String::new(),
        b_model: String::new(),
        verdict,
    };
    let mut row = Row { pair: Some(pair), ..Row::empty(&prompt) };
    if p_a.is_none() {
        row.failure = Some(RowFailure {
            at: "comparison P1 ab".to_owned(),
            failure: CallFailure::new(FailureKind::Timeout, "slow", ""),
        });
    }
    Arc::new(Record::of(position, Arc::new(row)))
}

/// A state in which a comparison runs and three of its rows are there.
fn compared() -> AppState {
    let mut state = project();
    send(&mut state, CompareCommand::New);
    let effects = send(&mut state, CompareCommand::Run);
    let number = state.compare.running.as_ref().unwrap().number;
    assert!(
        matches!(effects.last(), Some(Effect::Compare(CompareEffect::Run(plan))) if plan.number == number)
    );
    hear(
        &mut state,
        CompareEvent::Started { number, past: Box::new(past("R-0001")), most_calls: 30 },
    );
    let records = vec![
        record(2, "b", None, "nothing"),
        record(0, "a", Some(0.2), "a longer answer | here"),
        record(1, "b", Some(0.9), "no"),
    ];
    let progress = Box::new(RunProgress { rows_total: 3, rows_done: 3, ..Default::default() });
    let effects = hear(&mut state, CompareEvent::Rows { number, records, progress });
    let [Effect::Compare(CompareEffect::Measure(plan))] = effects.as_slice() else {
        panic!("{effects:?}");
    };
    let measures = measure(plan.records.iter().map(|one| &one.pair), plan.band, plan.seed);
    let event = CompareEvent::Measured {
        run: plan.run.clone(),
        revision: plan.revision,
        measures: Arc::new(measures),
        texts: Vec::new(),
    };
    assert!(hear(&mut state, event).is_empty(), "nothing changed meanwhile");
    hear(
        &mut state,
        CompareEvent::Ended { number, result: Ok((RunState::Done, Failure::new("", ""))) },
    );
    state
}

fn listed(state: &AppState) -> Vec<u64> {
    let shown = state.compare.shown.as_ref().unwrap();
    shown.order.iter().map(|place| shown.records[*place].position).collect()
}

fn text(effects: &[Effect]) -> &str {
    match effects {
        [Effect::Copy(text)] => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_comparison_is_set_up_from_what_is_selected() {
    let mut state = project();
    assert!(MenuCommand::Run.resolve(&state).is_err(), "nothing is set up");
    let effects = send(&mut state, CompareCommand::New);
    assert_eq!(effects.len(), 2, "versions of both are read");
    let setup = &state.compare.setup;
    assert_eq!(setup.a, SideChoice::of("general"));
    assert_eq!(setup.b, SideChoice::of("tiny"));
    assert_eq!(setup.prompts.as_deref(), Some("s"));
    assert!(MenuCommand::Run.resolve(&state).is_ok());
    let mut same = setup.clone();
    same.b = same.a.clone();
    send(&mut state, CompareCommand::Change(Box::new(same)));
    assert!(MenuCommand::Run.resolve(&state).is_err());
    assert!(send(&mut state, CompareCommand::Run).iter().all(|e| !matches!(e, Effect::Compare(_))));
}

#[test]
fn an_ablation_switches_one_principle_off_in_b() {
    let mut state = project();
    state.area = Area::Constitution;
    state.selection.principle = Some("P2".into());
    let Ok(command) = MenuCommand::CompareWithout.resolve(&state) else { panic!("it can") };
    drop(update(&mut state, Message { at: Moment(1), body: Body::Command(command) }));
    assert_eq!((state.area, state.compare.is_setting_up), (Area::Compare, true));
    assert_eq!(state.compare.setup.a, SideChoice::of("general"));
    assert_eq!(state.compare.setup.b.without, ["P2".into()]);
    assert_eq!(state.compare.setup.b.constitution.as_deref(), Some("general"));
}

#[test]
fn rows_come_as_they_are_done_and_are_listed_regressions_first() {
    let mut state = compared();
    assert!(state.compare.running.is_none());
    let shown = state.compare.shown.as_ref().unwrap();
    assert_eq!((shown.past.state, shown.records.len()), (RunState::Done, 3));
    assert_eq!(shown.measures.counts.failures(), 1);
    assert_eq!(listed(&state), [1, 0, 2], "without a verdict last");
    for (sort, order) in [
        (Sort::Improvements, [0, 1, 2]),
        (Sort::Closest, [0, 1, 2]),
        (Sort::AsPrompts, [0, 1, 2]),
        (Sort::Growth, [0, 1, 2]),
    ] {
        send(&mut state, CompareCommand::Rows(CompareRows::Sort(sort)));
        assert_eq!(listed(&state), order, "{sort}");
    }
}

#[test]
fn filters_narrow_the_list_and_are_taken_away_together() {
    let mut state = compared();
    let slice = Some((SliceBy::Tag, "b".to_owned()));
    send(&mut state, CompareCommand::Rows(CompareRows::Slice(slice)));
    assert_eq!(listed(&state), [1, 2]);
    send(&mut state, CompareCommand::Rows(CompareRows::Only(Only::NoVerdict)));
    assert_eq!(listed(&state), [2]);
    send(&mut state, CompareCommand::Rows(CompareRows::Search("QUESTION 1".to_owned())));
    assert!(listed(&state).is_empty());
    send(&mut state, CompareCommand::Rows(CompareRows::ClearFilters));
    assert_eq!(listed(&state).len(), 3);
    for (only, order) in [
        (Only::A, &[1][..]),
        (Only::B, &[0]),
        (Only::Ties, &[]),
        (Only::Flips, &[]),
        (Only::All, &[1, 0, 2]),
    ] {
        send(&mut state, CompareCommand::Rows(CompareRows::Only(only)));
        assert_eq!(listed(&state), order, "{only}");
    }
}

#[test]
fn a_pair_is_opened_walked_and_left() {
    let mut state = compared();
    send(&mut state, CompareCommand::Rows(CompareRows::Open));
    let current = |state: &AppState| {
        state.compare.shown.as_ref().unwrap().current().map(|(nth, one)| (nth, one.position))
    };
    assert_eq!(current(&state), Some((0, 1)));
    let step = |state: &mut AppState, by| {
        let command = Command::Go(crate::app::command::GoCommand::Step(by));
        drop(update(state, Message { at: Moment(1), body: Body::Command(command) }));
    };
    step(&mut state, 1);
    step(&mut state, 1);
    step(&mut state, 1);
    assert_eq!(current(&state), Some((2, 2)), "the last stays");
    assert!(MenuCommand::CompareSwap.resolve(&state).is_ok());
    send(&mut state, CompareCommand::Rows(CompareRows::Close));
    assert!(MenuCommand::CompareSwap.resolve(&state).is_err());
    assert_eq!(current(&state), Some((2, 2)), "it stays selected");
}

#[test]
fn a_readers_own_verdict_is_kept_and_taken_back() {
    let mut state = compared();
    assert!(MenuCommand::CompareOwnA.resolve(&state).is_err(), "no pair is open");
    send(&mut state, CompareCommand::Rows(CompareRows::Open));
    let effects = send(&mut state, CompareCommand::Rows(CompareRows::Own(Own::A)));
    assert!(matches!(
        &effects[..],
        [Effect::Compare(CompareEffect::KeepOwn { prompt, own: Some(Own::A), .. })]
            if prompt.as_str() == "p1"
    ));
    assert_eq!(state.compare.shown.as_ref().unwrap().agreement(0.05), (1, 1));
    send(&mut state, CompareCommand::Rows(CompareRows::Own(Own::B)));
    assert_eq!(state.compare.shown.as_ref().unwrap().agreement(0.05), (1, 0));
    let effects = send(&mut state, CompareCommand::Rows(CompareRows::Own(Own::B)));
    assert!(matches!(&effects[..], [Effect::Compare(CompareEffect::KeepOwn { own: None, .. })]));
    assert!(state.compare.shown.as_ref().unwrap().own.is_empty());
}

#[test]
fn a_wider_band_is_measured_anew_once_at_a_time() {
    let mut state = compared();
    let first = send(&mut state, CompareCommand::Rows(CompareRows::Band(0.35)));
    assert_eq!(first.len(), 1);
    assert!(
        send(&mut state, CompareCommand::Rows(CompareRows::Band(9.0))).is_empty(),
        "one at a time"
    );
    assert!((state.compare.look.band - 0.45).abs() < 1e-12);
    let shown = state.compare.shown.as_ref().unwrap();
    let event = CompareEvent::Measured {
        run: shown.past.run.clone(),
        revision: shown.measuring.unwrap(),
        measures: Arc::new(Measures::default()),
        texts: Vec::new(),
    };
    assert_eq!(hear(&mut state, event).len(), 1, "the newest band is still to be measured");
}

#[test]
fn what_is_copied_can_be_pasted_into_a_paper_or_a_sheet() {
    let mut state = compared();
    let summary = send(&mut state, CompareCommand::CopySummary);
    let words = text(&summary);
    for part in ["A (General) and B (Tiny)", "too few (2)", "timeout 1", "Seed 7, run R-0001"] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let csv = send(&mut state, CompareCommand::CopyTable(TableForm::Csv));
    assert!(text(&csv).starts_with("id,prompt,A,B,verdict,"));
    assert!(text(&csv).contains("\"an answer, \"\"quoted\"\"\""), "{}", text(&csv));
    let table = send(&mut state, CompareCommand::CopyTable(TableForm::Markdown));
    assert_eq!(text(&table).lines().count(), 5);
    assert!(text(&table).contains("a longer answer \\| here"));
    let json = send(&mut state, CompareCommand::CopyTable(TableForm::Json));
    let rows: Vec<serde_json::Value> = serde_json::from_str(text(&json)).unwrap();
    assert_eq!(rows[2]["verdict"], "failed: timeout");
    for chart in [Chart::Histogram, Chart::Slices, Chart::Style] {
        assert!(text(&send(&mut state, CompareCommand::CopyChart(chart))).contains("| --- |"));
    }
}

#[test]
fn a_comparison_that_can_not_begin_shows_its_set_up_again() {
    let mut state = project();
    send(&mut state, CompareCommand::New);
    send(&mut state, CompareCommand::Run);
    let number = state.compare.running.as_ref().unwrap().number;
    let result = Err(Failure::new("no such model", "choose another"));
    hear(&mut state, CompareEvent::Ended { number, result });
    assert!(state.compare.is_setting_up && state.compare.running.is_none());
    assert!(state.notices.iter().any(|notice| notice.hint == "choose another"));
}

#[test]
fn past_comparisons_are_shown_at_once_and_text_tests_are_kept() {
    let mut state = project();
    let done = PastComparison { state: RunState::Cancelled, ..past("R-0003") };
    let effects = hear(&mut state, CompareEvent::Listed(Ok((vec![done], Vec::new()))));
    assert!(effects.iter().any(
        |effect| matches!(effect, Effect::Compare(CompareEffect::Read(run)) if run.0 == "R-0003")
    ));
    let records = vec![record(0, "a", Some(0.5), "b")];
    let run = "R-0003".into();
    hear(
        &mut state,
        CompareEvent::Read { run, result: Ok((records, std::collections::BTreeMap::new())) },
    );
    assert_eq!(listed(&state), [0]);
    assert!(MenuCommand::CompareGoOn.resolve(&state).is_ok());
    let broken = send(&mut state, CompareCommand::Rows(CompareRows::AddTest("(".to_owned())));
    assert!(broken.is_empty() && state.compare.tests.is_empty());
    let effects =
        send(&mut state, CompareCommand::Rows(CompareRows::AddTest("I can.t".to_owned())));
    assert!(
        effects
            .iter()
            .any(|e| matches!(e, Effect::Compare(CompareEffect::KeepTests(all)) if all.len() == 1))
    );
}
