//! What a run tells while it is on, gathered so that the window hears of it five times a second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::desk::{Desk, unpoisoned};
use super::{Progress, RunsEvent};
use crate::app::message::Event;
use crate::app::state::runs::{FailureGroup, SAMPLE, SampleRow};
use crate::domain::Row;
use crate::engine::{EngineEvent, Events};

/// The window hears of a run this often at most.
const EVERY: Duration = Duration::from_millis(200);
/// Prompts that a group of failures names.
const NAMED: usize = 5;

/// What a run told since the window was last told.
#[derive(Default)]
pub(super) struct Live {
    news: Progress,
    failures: Failures,
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
    pub(super) fn of(kept: u64) -> Self {
        Self { news: Progress { kept, ..Progress::default() }, ..Self::default() }
    }

    fn take_in(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::RunStarted { run } => self.news.run = Some(run),
            EngineEvent::Retrying { failure, .. } => {
                *self.news.retries.entry(failure.message).or_default() += 1;
            }
            EngineEvent::RowDone { position, row } => {
                self.failures.add(&row);
                self.news.rows.push(SampleRow::of(position, &row));
                if self.news.rows.len() > SAMPLE {
                    self.news.rows.remove(0);
                }
            }
            EngineEvent::Progress(sums) => self.news.sums = sums,
            EngineEvent::CallStarted { .. }
            | EngineEvent::Text { .. }
            | EngineEvent::CallDone { .. }
            | EngineEvent::Pulse(_) => return,
        }
        self.is_news = true;
    }
}

/// The engine's events, gathered.
pub(super) fn events(live: &Arc<Mutex<Live>>) -> Events {
    let live = Arc::clone(live);
    Arc::new(move |event| unpoisoned(&live).take_in(event))
}

/// Tells the window what is new until it is dropped.
pub(super) async fn tell(desk: Arc<Desk>, number: u64, live: Arc<Mutex<Live>>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        flush(&desk, number, &live);
    }
}

/// Tells the window what is new now.
pub(super) fn flush(desk: &Desk, number: u64, live: &Mutex<Live>) {
    let news = {
        let mut live = unpoisoned(live);
        if !std::mem::take(&mut live.is_news) {
            return;
        }
        let mut news = live.news.clone();
        live.news.rows.clear();
        news.failures = live.failures.groups();
        news
    };
    desk.link.send(Event::Runs(RunsEvent::Progress { number, news: Box::new(news) }));
}
