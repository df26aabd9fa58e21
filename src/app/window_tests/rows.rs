//! Runs and Data in the whole window: every control has a name, keys do what they say, and a
//! hundred thousand rows cost no more than what is seen of them.

use std::time::Instant;

use super::*;
use crate::app::effects::data::{DataEffect, DataEvent};
use crate::app::effects::runs::{RunsEffect, RunsEvent};
use crate::app::state::data::{Flags, RowFacts};
use crate::domain::{Chain, Row, RunId};
use crate::store::journal::{RunKind, RunOverview, RunRecord, RunState};

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
