//! Runs and Data in the whole window: every control has a name, keys do what they say, and a
//! hundred thousand rows cost no more than what is seen of them.

use std::time::Instant;

use super::*;
use crate::app::effects::data::{DataEffect, DataEvent};
use crate::app::effects::runs::{Progress, RunsEffect, RunsEvent};
use crate::app::state::data::{Flags, RowFacts};
use crate::app::state::runs::{FailureGroup, Hold, SampleRow, Wait};
use crate::domain::{Chain, Row, RunId};
use crate::engine::{DryCount, Limits, RunProgress};
use crate::store::journal::{RunKind, RunOverview, RunRecord, RunState};
use crate::store::waiting::{RunChoices, Waiting, WaitingRun, WaitingWork};

fn runs() -> Vec<RunOverview> {
    let one = |number: u64, state, failed| RunOverview {
        record: RunRecord {
            id: RunId(format!("R-{number:04}")),
            kind: RunKind::Run,
            recipe: "critique".to_owned(),
            title: "General".to_owned(),
            state,
            message: "the limit of 1 USD is reached".to_owned(),
            rows_total: 9,
            started_ms: 1,
            finished_ms: Some(70_000),
        },
        rows: 9,
        rows_failed: failed,
        calls: 40,
        cost: 0.41,
    };
    vec![one(3, RunState::Stopped, 0), one(2, RunState::Interrupted, 1), one(1, RunState::Done, 2)]
}

fn facts(n: u64) -> RowFacts {
    let mut row = Row::empty(&Prompt::of_text(format!("p{n}"), format!("Why {n}?")));
    let draft = format!("because of {n}");
    row.chain = Some(Chain { draft, draft_cut_off: false, steps: Vec::new() });
    RowFacts::of(n, &row)
}

impl Desk {
    fn event(&mut self, event: Event) {
        self.events.send(event).unwrap();
        self.harness.run_steps(3);
    }

    fn rows(&mut self, n: u64) {
        self.go(Area::Data);
        self.event(Event::Runs(RunsEvent::Listed(Ok(runs()))));
        let number = self.harness.state().state.data.number;
        let rows = (0..n).map(facts).collect();
        self.event(Event::Data(DataEvent::Rows { number, rows, is_last: true }));
    }

    fn is_dropped(&self, row: usize) -> bool {
        self.harness.state().state.data.facts[row].flags.has(Flags::DROPPED)
    }
}

#[test]
fn runs_are_listed_with_what_can_be_done() {
    let mut desk = Desk::new();
    desk.go(Area::Runs);
    desk.harness.get_by_label("Reading the runs…");
    desk.event(Event::Runs(RunsEvent::Listed(Ok(runs()))));
    desk.harness.get_by_label("R-0003 critique · General, cap reached");
    desk.harness.get_by_label("R-0002 critique · General, interrupted").click();
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::Button, "Resume");
    desk.press(Modifiers::NONE, Key::J);
    desk.harness.get_by_role_and_label(Role::Button, "Retry 2 failed").click();
    desk.harness.run_steps(3);
    let begun = desk
        .effects
        .lock()
        .unwrap()
        .iter()
        .any(|effect| matches!(effect, Effect::Runs(RunsEffect::Begin { .. })));
    assert!(begun);
    desk.press(Modifiers::NONE, Key::N);
    desk.harness.get_by_role_and_label(Role::Button, "Pilot 10 first");
    desk.harness.get_by_label("Another run is on: this one waits until that is over");
}

fn on(n: u64) -> Progress {
    let row = |position, is_failed| SampleRow {
        position,
        prompt: "Can I fast".to_owned(),
        answer: "It depends".to_owned(),
        note: "+12 words".to_owned(),
        principles: "P4".to_owned(),
        is_failed,
    };
    Progress {
        run: Some(RunId::new("R-0003")),
        sums: RunProgress {
            rows_total: 9,
            rows_done: n,
            rows_failed: 1,
            calls: 30,
            cost: 0.2,
            ..RunProgress::default()
        },
        rows: vec![row(0, false), row(1, true)],
        limits: Some(Limits { max_cost: Some(2.0), ..Limits::default() }),
        failures: vec![FailureGroup {
            kind: "timeout".to_owned(),
            message: "no answer in time".to_owned(),
            hint: "try again".to_owned(),
            rows: 1,
            prompts: vec!["p7".to_owned()],
        }],
        every: 5,
        wait: Some(Wait {
            until: Some(Moment(1_010_000)),
            why: "429".to_owned(),
            hint: String::new(),
        }),
        ..Progress::default()
    }
}

#[test]
fn the_run_that_is_on_shows_what_it_does_and_takes_other_limits() {
    let mut desk = Desk::new();
    desk.go(Area::Runs);
    desk.event(Event::Runs(RunsEvent::Listed(Ok(runs()))));
    desk.harness.get_by_label("R-0002 critique · General, interrupted").click();
    desk.harness.run_steps(3);
    desk.press(Modifiers::NONE, Key::R);
    let number = desk.harness.state().state.runs.active.as_ref().unwrap().number;
    desk.event(Event::Runs(RunsEvent::Progress { number, news: Box::new(on(4)) }));
    desk.event(Event::Runs(RunsEvent::Listed(Ok(runs()))));
    let select = |desk: &mut Desk| {
        desk.harness.get_by_label("R-0003 critique · General, 44 %").click();
        desk.harness.run_steps(3);
    };
    select(&mut desk);
    for words in ["Rows as they come, one in 5", "Errors"] {
        desk.harness.get_by_label(words);
    }
    // The words and the notice around them.
    assert_eq!(desk.harness.query_all_by_label_contains("Told to slow down, until").count(), 2);
    desk.harness.get_by_role_and_label(Role::Button, "Lower the rate: no answer in time");
    // By its key, then by its field.
    desk.press(Modifiers::NONE, Key::L);
    desk.harness.get_by_role_and_label(Role::Button, "Apply");
    desk.harness.get_by_label("Failures at most").click();
    desk.harness.run_steps(3);
    desk.harness.get_by_role_and_label(Role::Button, "Apply").click();
    desk.harness.run_steps(3);
    let changed = desk.effects.lock().unwrap().iter().any(|effect| {
        let Effect::Runs(RunsEffect::Change { limits, .. }) = effect else { return false };
        limits.max_failures == Some(0.05)
    });
    assert!(changed);
    desk.press(Modifiers::NONE, Key::P);
    desk.harness.get_by_role_and_label(Role::Button, "Go on");
    desk.press(Modifiers::NONE, Key::S);
    let hold = desk.harness.state().state.runs.active.as_ref().unwrap().hold;
    assert_eq!(hold, Hold::Stopping);
}

#[test]
fn what_the_last_sitting_left_is_offered_over_every_screen() {
    let mut desk = Desk::new();
    let mut waiting = Waiting::none("/p".into());
    let work = WaitingWork::New(Box::new(RunChoices {
        recipe: "critique".to_owned(),
        prompts: "sample".to_owned(),
        constitution: "general".to_owned(),
        rounds: 2,
        ..RunChoices::default()
    }));
    waiting.runs.push(WaitingRun { name: "critique · General".to_owned(), work });
    desk.event(Event::Runs(RunsEvent::Left(Box::new(waiting))));
    desk.event(Event::Runs(RunsEvent::Listed(Ok(runs()))));
    desk.harness.get_by_label("R-0002 stopped at 8 of 9, and 1 more in Runs");
    desk.harness.get_by_role_and_label(Role::Button, "Resume R-0002");
    desk.harness.get_by_role_and_label(Role::Button, "Show left runs").click();
    desk.harness.run_steps(3);
    assert!(desk.harness.query_by_label("Show left runs").is_none());
    desk.harness.get_by_role_and_label(Role::Button, "Run critique · General now").click();
    desk.harness.run_steps(3);
    assert!(desk.harness.state().state.runs.active.is_some());
}

#[test]
fn the_sheet_has_every_choice_by_name() {
    let mut desk = Desk::new();
    desk.go(Area::Runs);
    desk.press(Modifiers::NONE, Key::N);
    for name in [
        "Requests a minute at most",
        "Spend at most",
        "All runs a day at most",
        "Failures at most",
        "Refusals at most",
        "More revisions",
        "Looking how much of it the journal has…",
    ] {
        desk.harness.get_by_label(name);
    }
    let number =
        desk.harness.state().state.runs.draft.as_ref().unwrap().dry.as_ref().unwrap().number;
    let count = DryCount { rows: 1, found: 2, new_least: 1, new_most: 3, ..DryCount::default() };
    desk.event(Event::Runs(RunsEvent::Counted { number, result: Some(Ok(count)) }));
    let words = "2 calls of it are in the journal and cost nothing; 1–3 calls are new";
    desk.harness.get_by_label(words);
    desk.press(Modifiers::COMMAND, Key::Enter);
    assert!(desk.harness.state().state.runs.active.is_some());
}

#[test]
fn rows_are_kept_and_dropped_by_keys_and_boxes() {
    let mut desk = Desk::new();
    desk.rows(20);
    desk.harness.get_by_label("Row 2: Why 1?, unchanged").click();
    desk.harness.run_steps(3);
    desk.press(Modifiers::NONE, Key::Space);
    assert!(desk.is_dropped(1));
    desk.press(Modifiers::NONE, Key::X);
    assert!(!desk.is_dropped(1));
    desk.harness.get_by_label("Keep row 3").click();
    desk.harness.run_steps(3);
    assert!(desk.is_dropped(2));
    desk.press(Modifiers::COMMAND, Key::A);
    assert!(desk.is_dropped(0) && desk.is_dropped(19));
    desk.press(Modifiers::COMMAND, Key::A);
    assert!(desk.is_dropped(2) && !desk.is_dropped(0), "just what it changed is taken back");
    let drops = desk
        .effects
        .lock()
        .unwrap()
        .iter()
        .filter(|effect| matches!(effect, Effect::Data(DataEffect::Drop { .. })))
        .count();
    assert_eq!(drops, 5);
}

#[test]
fn a_hundred_thousand_rows_cost_what_is_seen_of_them() {
    let mut desk = Desk::new();
    desk.rows(100_000);
    desk.harness.run_steps(5);
    let few = {
        let mut few = Desk::new();
        few.rows(50);
        few.harness.run_steps(5);
        let begun = Instant::now();
        few.harness.run_steps(20);
        begun.elapsed()
    };
    let begun = Instant::now();
    desk.harness.run_steps(20);
    let many = begun.elapsed();
    // Twice and a little: a busy machine, not a hundred thousand rows.
    assert!(many < few * 3 + std::time::Duration::from_millis(50), "{many:?} against {few:?}");
}
