//! Runs in the window: one at a time, the others wait; what is told when one ends.

mod begin;
mod left;
mod live;
mod over;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::command::{Command, GoCommand, RunsCommand};
use crate::app::effects::Effect;
use crate::app::effects::library::LibraryEvent;
use crate::app::effects::runs::{Ending, Progress, ResumeWishes, RunWork, RunsEffect, RunsEvent};
use crate::app::message::{Body, Event, Failure, Message};
use crate::app::state::documents::Setup;
use crate::app::state::runs::{
    Adjusting, Hold, Kinds, PilotFacts, PilotState, RunList, RunSettings, Slept,
};
use crate::app::state::{
    AppState, Area, Moment, NoticeKind, ProjectState, RunLimit, Sheet, Target,
};
use crate::app::update::update;
use crate::domain::{Constitution, JudgeSetup, Principle, Prompt, PromptSet, RunId};
use crate::engine::estimate::SEED;
use crate::engine::{DryCount, LabelCounts, Limits, Pace, PilotRow, RunProgress, from_pilot};
use crate::store::journal::{RunKind, RunOverview, RunRecord, RunState};
use crate::store::waiting::Waiting;

fn project() -> ProjectState {
    let mut project = ProjectState { root: "/p".into(), ..ProjectState::default() };
    let mut constitution = Constitution::named("General");
    constitution.principles.push(Principle {
        id: "P1".into(),
        text: "Be kind.".to_owned(),
        ..Principle::default()
    });
    let prompts = (0..40).map(|n| Prompt::of_text(format!("p{n}"), "Why?")).collect();
    let set = PromptSet { name: "sample".to_owned(), prompts };
    let documents = &mut project.documents;
    documents.setup = Arc::new(Setup { name: "Test".to_owned(), seed: 7, ..Setup::default() });
    documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
    documents.prompt_sets.insert("sample".to_owned(), Arc::new(set));
    project
}

fn run(number: u64, kind: RunKind, state: RunState, failed: u64) -> RunOverview {
    RunOverview {
        record: RunRecord {
            id: RunId(format!("R-{number:04}")),
            kind,
            recipe: "critique".to_owned(),
            title: "General".to_owned(),
            state,
            message: String::new(),
            rows_total: 40,
            started_ms: 1,
            finished_ms: None,
        },
        rows: 12,
        rows_failed: failed,
        calls: 20,
        cost: 0.0,
    }
}

struct Bench {
    state: AppState,
    now: Moment,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self { state: AppState::default(), now: Moment(1_000_000) };
        bench.event(Event::Opened {
            root: "/p".into(),
            result: Ok(Box::new(project())),
            first_time: false,
        });
        bench
    }

    fn body(&mut self, body: Body) -> Vec<Effect> {
        update(&mut self.state, Message { at: self.now, body })
    }

    fn command(&mut self, command: impl Into<Command>) -> Vec<Effect> {
        self.body(Body::Command(command.into()))
    }

    fn event(&mut self, event: Event) -> Vec<Effect> {
        self.body(Body::Event(Box::new(event)))
    }

    fn runs(&mut self, event: RunsEvent) -> Vec<Effect> {
        self.event(Event::Runs(event))
    }

    fn listed(&mut self, all: Vec<RunOverview>) -> Vec<Effect> {
        self.runs(RunsEvent::Listed(Ok(all)))
    }

    /// Starts the run of the sheet; gives its number.
    fn start(&mut self) -> (u64, Vec<Effect>) {
        self.command(RunsCommand::BeginNew);
        let effects = self.command(RunsCommand::Start);
        (self.state.next_number, effects)
    }

    fn progress(&mut self, number: u64, done: u64) -> Vec<Effect> {
        let sums = RunProgress { rows_total: 40, rows_done: done, ..RunProgress::default() };
        let run = Some(RunId::new("R-0003"));
        let news = Progress { run, sums, ..Progress::default() };
        self.runs(RunsEvent::Progress { number, news: Box::new(news) })
    }

    fn active(&self) -> u64 {
        self.state.runs.active.as_ref().unwrap().number
    }

    fn ended(&mut self, number: u64, ending: Result<Ending, Failure>) -> Vec<Effect> {
        self.runs(RunsEvent::Ended { number, result: Box::new(ending) })
    }
}

fn done(rows: u64, failed: u64) -> Ending {
    let sums = RunProgress {
        rows_total: rows,
        rows_done: rows,
        rows_failed: failed,
        ..RunProgress::default()
    };
    Ending { run: RunId::new("R-0003"), stopped: None, by_user: false, sums, pilot: None }
}

fn begins(effects: &[Effect]) -> Vec<&RunWork> {
    effects
        .iter()
        .filter_map(|effect| {
            let Effect::Runs(RunsEffect::Begin { work, .. }) = effect else { return None };
            Some(work)
        })
        .collect()
}
