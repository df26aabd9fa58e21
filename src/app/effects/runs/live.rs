//! What a run tells while it is on, gathered so that the window hears of it five times a second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use super::super::desk::{Desk, unpoisoned};
use super::{Progress, RunsEvent};
use crate::app::message::Event;
use crate::app::state::Moment;
use crate::app::state::runs::{FailureGroup, Marks, SAMPLE, SampleRow, Slept, Wait};
use crate::app::window::now;
use crate::domain::{FailureKind, Row};
use crate::engine::pulse::Hold;
use crate::engine::{Controls, EngineEvent, Events, Plan};

/// The window hears of a run this often at most.
const EVERY: Duration = Duration::from_millis(200);
/// A wait for the provider's limit is told from this length on.
const WORTH_SAYING: Duration = Duration::from_secs(2);
/// Prompts that a group of failures names.
const NAMED: usize = 5;

/// The computer slept where its two clocks went apart by this much: one of them stops meanwhile.
const ASLEEP: Duration = Duration::from_secs(20);

/// What a run told since the window was last told.
pub(super) struct Live {
    news: Progress,
    failures: Failures,
    marks: Marks,
    seen: u64,
    /// What the provider said with its last “slow down”.
    told: String,
    controls: Controls,
    is_news: bool,
}

/// Failed rows by what they say.
#[derive(Default)]
pub(super) struct Failures(BTreeMap<(String, String), FailureGroup>);

impl Failures {
    pub(super) fn add(&mut self, row: &Row) {
        let Some(failure) = &row.failure else { return };
        let (kind, message) = (failure.failure.kind.to_string(), failure.failure.message.clone());
        let group = self.0.entry((kind.clone(), message.clone())).or_insert_with(|| FailureGroup {
            kind,
            message,
            hint: failure.failure.hint.clone(),
            rows: 0,
            prompts: Vec::new(),
        });
        group.rows += 1;
        if group.prompts.len() < NAMED {
            group.prompts.push(row.prompt.id.to_string());
        }
    }

    /// The most frequent first.
    pub(super) fn groups(&self) -> Vec<FailureGroup> {
        let mut all: Vec<FailureGroup> = self.0.values().cloned().collect();
        all.sort_by_key(|group| std::cmp::Reverse(group.rows));
        all
    }
}

impl Live {
    /// Nothing told yet, of a run that has so many rows already.
    pub(super) fn of(kept: u64, plan: &Plan) -> Self {
        let every = every(plan.prompts.len() as u64);
        Self {
            news: Progress { kept, every, ..Progress::default() },
            failures: Failures::default(),
            marks: Marks::default(),
            seen: 0,
            told: String::new(),
            controls: plan.controls.clone(),
            is_news: false,
        }
    }

    fn take_in(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::RunStarted { run } => self.news.run = Some(run),
            EngineEvent::Retrying { failure, .. } => {
                if failure.kind == FailureKind::RateLimited {
                    self.told.clone_from(&failure.message);
                }
                *self.news.retries.entry(failure.message).or_default() += 1;
            }
            EngineEvent::RowDone { position, row } => {
                self.failures.add(&row);
                self.marks.add(&row);
                self.seen += 1;
                if (self.seen - 1).is_multiple_of(self.news.every.max(1)) {
                    self.news.rows.push(SampleRow::of(position, &row));
                }
                if self.news.rows.len() > SAMPLE {
                    self.news.rows.remove(0);
                }
            }
            EngineEvent::Progress(sums) => self.news.sums = sums,
            EngineEvent::Pulse(pulse) => {
                self.news.wait = self.wait_of(pulse.hold.as_ref());
                self.news.pulse = Some(pulse);
            }
            EngineEvent::CallStarted { .. }
            | EngineEvent::Text { .. }
            | EngineEvent::CallDone { .. } => return,
        }
        self.is_news = true;
    }

    /// What the engine says that nothing goes on for.
    fn wait_of(&self, hold: Option<&Hold>) -> Option<Wait> {
        match hold? {
            // Even pacing makes each call wait a little; that is no news.
            Hold::RateLimit { wait } if *wait < WORTH_SAYING => None,
            Hold::RateLimit { wait } => {
                let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
                let why = self.told.clone();
                Some(Wait { until: Some(now().plus_millis(millis)), why, hint: String::new() })
            }
            Hold::Closed { failure } => {
                let (why, hint) = (failure.message.clone(), failure.hint.clone());
                Some(Wait { until: None, why, hint })
            }
            // The window knows that itself.
            Hold::Paused => None,
        }
    }

    /// A wait that is over is told, too, though nothing happened.
    fn forget_waits(&mut self, at: Moment) {
        let is_over = |wait: &mut Wait| wait.until.is_some_and(|until| until <= at);
        if self.news.wait.take_if(is_over).is_some() {
            self.is_news = true;
        }
    }
}

/// One row in so many is shown of a run of so many: a hundred in all, at a round distance.
fn every(rows: u64) -> u64 {
    let wanted = rows / 100;
    let mut step = 1;
    loop {
        for round in [step, step * 2, step * 5] {
            if round >= wanted {
                return round;
            }
        }
        step *= 10;
    }
}

/// The engine's events, gathered.
pub(super) fn events(live: &Arc<Mutex<Live>>) -> Events {
    let live = Arc::clone(live);
    Arc::new(move |event| unpoisoned(&live).take_in(event))
}

/// Tells the window what is new until it is dropped; notes when the computer slept.
pub(super) async fn tell(desk: Arc<Desk>, number: u64, live: Arc<Mutex<Live>>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut awake, mut wall) = (Instant::now(), SystemTime::now());
    loop {
        ticks.tick().await;
        let went = wall.elapsed().unwrap_or_default();
        let slept = went.saturating_sub(awake.elapsed());
        (awake, wall) = (Instant::now(), SystemTime::now());
        if slept > ASLEEP {
            let millis = u64::try_from(slept.as_millis()).unwrap_or(u64::MAX);
            tracing::info!("the computer slept {} s while a run was on", slept.as_secs());
            let mut live = unpoisoned(&live);
            live.news.slept = Some(Slept { woke: now(), millis });
            live.is_news = true;
        }
        unpoisoned(&live).forget_waits(now());
        flush(&desk, number, &live);
    }
}

/// Tells the window what is new now.
pub(super) fn flush(desk: &Desk, number: u64, live: &Mutex<Live>) {
    let news = {
        let mut live = unpoisoned(live);
        if live.news.limits != Some(live.controls.limits()) {
            live.news.limits = Some(live.controls.limits());
            live.is_news = true;
        }
        if !std::mem::take(&mut live.is_news) {
            return;
        }
        let mut news = live.news.clone();
        live.news.rows.clear();
        news.failures = live.failures.groups();
        news.trends = live.marks.trends();
        news
    };
    desk.link.send(Event::Runs(RunsEvent::Progress { number, news: Box::new(news) }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_rows_are_shown_of_a_long_run_and_all_of_a_short_one() {
        for (rows, step) in [(0, 1), (10, 1), (199, 1), (200, 2), (900, 10), (10_214, 200)] {
            assert_eq!(every(rows), step, "{rows}");
        }
    }
}
