//! Runs in the window: one at a time, the others wait; what is told when one ends.

use std::sync::Arc;

use crate::app::command::{Command, GoCommand, RunsCommand};
use crate::app::effects::Effect;
use crate::app::effects::runs::{Ending, Progress, RunWork, RunsEffect, RunsEvent};
use crate::app::message::{Body, Event, Failure, Message};
use crate::app::state::documents::Setup;
use crate::app::state::runs::{Hold, Kinds, PilotFacts, PilotState, RunList};
use crate::app::state::{AppState, Area, Moment, NoticeKind, ProjectState, Sheet};
use crate::app::update::update;
use crate::domain::{Constitution, Principle, Prompt, PromptSet, RunId};
use crate::engine::RunProgress;
use crate::store::journal::{RunKind, RunOverview, RunRecord, RunState};

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
        self.runs(RunsEvent::Ended { number, result: ending })
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

#[test]
fn a_run_takes_what_was_chosen_and_the_documents_as_they_are_in_the_window() {
    let mut bench = Bench::new();
    bench.command(RunsCommand::BeginNew);
    assert_eq!(bench.state.sheet, Some(Sheet::NewRun));
    let mut settings = bench.state.runs.draft.as_ref().unwrap().settings.clone();
    assert_eq!((settings.recipe.as_str(), settings.seed), ("critique", 7));
    settings.limit = 12;
    settings.rounds = 3;
    settings.cap = Some(2.5);
    settings.failures = Some(5);
    bench.command(RunsCommand::Choose(Box::new(settings)));
    let effects = bench.command(RunsCommand::Start);
    assert_eq!(bench.state.sheet, None);
    let [RunWork::New(plan)] = begins(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((plan.recipe.rounds, plan.limit, plan.cap), (3, 12, Some(2.5)));
    assert_eq!(plan.failures, Some(0.05));
    assert_eq!(plan.constitution.as_ref().unwrap().name, "General");
    assert!(plan.rubric.is_none() && !plan.is_pilot);
    assert!(bench.state.runs.in_words().unwrap().contains("preparing"));
}

#[test]
fn what_cannot_run_says_why_and_starts_nothing() {
    let mut bench = Bench::new();
    bench.command(RunsCommand::BeginNew);
    let mut settings = bench.state.runs.draft.as_ref().unwrap().settings.clone();
    settings.recipe = "score".to_owned();
    bench.command(RunsCommand::Choose(Box::new(settings)));
    let effects = bench.command(RunsCommand::Start);
    assert!(begins(&effects).is_empty());
    assert_eq!(bench.state.notices.last().unwrap().text, "Choose a rubric");
}

#[test]
fn a_second_run_waits_says_so_and_begins_when_the_first_is_over() {
    let mut bench = Bench::new();
    bench.start();
    let first = bench.active();
    bench.progress(first, 4);
    let (_, effects) = bench.start();
    assert!(begins(&effects).is_empty());
    assert_eq!(bench.state.runs.waiting.len(), 1);
    assert!(bench.state.notices.last().unwrap().text.contains("waits"));
    assert!(bench.state.runs.in_words().unwrap().contains("waiting: 1"));
    let effects = bench.ended(first, Ok(done(40, 0)));
    assert_eq!(begins(&effects).len(), 1);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::AskAttention)));
    assert!(bench.state.runs.waiting.is_empty());
    let second = bench.active();
    assert_ne!(first, second);
    bench.start();
    let waiting = bench.state.runs.waiting[0].number;
    bench.command(RunsCommand::TakeOut(waiting));
    let effects = bench.ended(second, Ok(done(40, 0)));
    assert!(begins(&effects).is_empty() && bench.state.runs.active.is_none());
}

#[test]
fn a_run_is_paused_goes_on_and_stops_once() {
    let mut bench = Bench::new();
    bench.start();
    let number = bench.active();
    bench.progress(number, 10);
    assert_eq!(bench.state.runs.percent(), Some(25));
    let hold = |bench: &Bench| bench.state.runs.active.as_ref().unwrap().hold;
    let effects = bench.command(RunsCommand::Pause);
    assert!(matches!(effects[..], [Effect::Runs(RunsEffect::Pause(n))] if n == number));
    assert!(bench.state.runs.in_words().unwrap().ends_with("paused"));
    assert!(bench.command(RunsCommand::Pause).is_empty(), "once is enough");
    let effects = bench.command(RunsCommand::GoOn);
    assert!(matches!(effects[..], [Effect::Runs(RunsEffect::GoOn(_))]));
    bench.command(RunsCommand::Stop);
    assert_eq!(hold(&bench), Hold::Stopping);
    assert!(bench.command(RunsCommand::GoOn).is_empty(), "what stops stays so");
    let stopped = Ending {
        stopped: Some(Failure::new("stopped by the user", "")),
        by_user: true,
        ..done(40, 0)
    };
    bench.ended(number, Ok(stopped));
    let notice = bench.state.notices.last().unwrap();
    assert!(notice.text.contains("kept") && notice.kind == NoticeKind::Done, "{notice:?}");
}

#[test]
fn the_end_is_told_as_it_was() {
    let mut bench = Bench::new();
    for (ending, kind, words) in [
        (Ok(done(40, 3)), NoticeKind::Warning, "37 of 40 rows, 3 failed"),
        (Ok(done(40, 0)), NoticeKind::Done, "is done: 40 rows"),
        (Err(Failure::new("no key", "set one")), NoticeKind::Error, "did not run: no key"),
    ] {
        bench.start();
        let number = bench.active();
        let effects = bench.ended(number, ending);
        let notice = bench.state.notices.last().unwrap();
        assert!(notice.kind == kind && notice.text.contains(words), "{notice:?}");
        assert!(effects.iter().any(|one| matches!(one, Effect::Runs(RunsEffect::List))));
        let told = bench.state.runs.in_words().unwrap();
        assert!(told.contains("critique"), "the status bar says so until somebody looks: {told}");
        assert!(bench.state.runs.active.is_none());
    }
    bench.command(GoCommand::Area(Area::Runs));
    assert_eq!(bench.state.runs.in_words(), None);
    let effects = bench.ended(99_999, Ok(done(1, 0)));
    // What was paid is added up all the same.
    assert!(effects.iter().all(|one| matches!(one, Effect::Library(_))), "nobody waits for it");
}

#[test]
fn a_pilot_tells_the_sheet_and_another_choice_makes_it_stale() {
    let mut bench = Bench::new();
    bench.command(RunsCommand::BeginNew);
    let effects = bench.command(RunsCommand::Pilot);
    let [RunWork::New(plan)] = begins(&effects)[..] else { panic!("{effects:?}") };
    assert!(plan.is_pilot);
    assert_eq!(bench.state.sheet, Some(Sheet::NewRun), "the sheet stays");
    assert!(begins(&bench.command(RunsCommand::Pilot)).is_empty(), "one at a time");
    let number = bench.active();
    let facts = PilotFacts {
        run: RunId::new("R-0003"),
        rows: 10,
        failed: 0,
        unparsed: 0,
        cut_off: 1,
        calls_per_row: 4.5,
        cost_per_row: (0.1, 0.2),
        is_price_unknown: false,
        sample: Vec::new(),
    };
    let ending = Ending { pilot: Some(facts.clone()), ..done(10, 0) };
    bench.ended(number, Ok(ending));
    let draft = bench.state.runs.draft.as_ref().unwrap();
    assert_eq!(draft.facts(), Some(&facts));
    let mut settings = draft.settings.clone();
    settings.limit = 30;
    settings.cap = Some(1.0);
    bench.command(RunsCommand::Choose(Box::new(settings.clone())));
    let draft = bench.state.runs.draft.as_ref().unwrap();
    assert!(draft.facts().is_some(), "how many rows does not matter");
    settings.rounds = 5;
    bench.command(RunsCommand::Choose(Box::new(settings)));
    let draft = bench.state.runs.draft.as_ref().unwrap();
    assert!(draft.facts().is_none());
    assert!(matches!(draft.pilot.as_ref().unwrap().state, PilotState::Done(_)));
}

#[test]
fn the_list_is_sifted_and_steps_through_what_is_shown() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Area(Area::Runs));
    assert_eq!(bench.state.runs.list, RunList::Reading);
    let effects = bench.listed(vec![
        run(4, RunKind::Try, RunState::Done, 0),
        run(3, RunKind::Run, RunState::Stopped, 0),
        run(2, RunKind::Pilot, RunState::Done, 2),
        run(1, RunKind::Run, RunState::Done, 0),
    ]);
    assert!(
        matches!(&effects[..], [Effect::Runs(RunsEffect::Look(id))] if id.as_str() == "R-0003")
    );
    assert_eq!(bench.state.runs.shown[..], [1, 2, 3]);
    bench.command(GoCommand::Step(1));
    assert_eq!(bench.state.runs.selected, Some(RunId::new("R-0002")));
    bench.command(RunsCommand::Filter("pilot".to_owned()));
    assert_eq!(bench.state.runs.shown[..], [2]);
    bench.command(RunsCommand::Filter(String::new()));
    bench.command(RunsCommand::Kinds(Kinds::Tries));
    assert_eq!(bench.state.runs.shown[..], [0]);
}

#[test]
fn a_stopped_run_goes_on_and_failed_rows_are_tried_again() {
    let mut bench = Bench::new();
    bench.listed(vec![
        run(3, RunKind::Run, RunState::Interrupted, 1),
        run(2, RunKind::Run, RunState::Done, 4),
        run(1, RunKind::Run, RunState::Done, 0),
        run(9, RunKind::Judge, RunState::Interrupted, 0),
    ]);
    let words =
        |bench: &Bench, place: usize| bench.state.runs.resumable(&bench.state.runs.all()[place]);
    assert_eq!(words(&bench, 0).as_deref(), Some("Resume (28 left)"));
    assert_eq!(words(&bench, 1).as_deref(), Some("Retry 4 failed"));
    assert_eq!(words(&bench, 2), None);
    assert_eq!(words(&bench, 3), None, "no recipe over prompts made it");
    let resume = |n: u64, cap| RunsCommand::Resume { run: RunId(format!("R-{n:04}")), cap };
    assert!(bench.command(resume(1, None)).is_empty(), "nothing is left to do");
    let effects = bench.command(resume(3, Some(9.0)));
    let [RunWork::Resume { cap, .. }] = begins(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(*cap, Some(9.0));
    bench.command(resume(2, None));
    bench.command(resume(2, None));
    assert_eq!(bench.state.runs.waiting.len(), 1, "it waits once");
}

#[test]
fn another_project_stops_what_is_on() {
    let mut bench = Bench::new();
    bench.start();
    let number = bench.active();
    let effects = bench.event(Event::Opened {
        root: "/other".into(),
        result: Ok(Box::new(project())),
        first_time: false,
    });
    assert!(
        effects.iter().any(|one| matches!(one, Effect::Runs(RunsEffect::Stop(n)) if *n == number))
    );
    assert_eq!(bench.state.runs.percent(), None);
    assert!(bench.progress(number, 4).is_empty());
}

#[test]
fn a_pair_is_by_the_writer_or_by_two() {
    use crate::app::state::runs::RunSettings;
    use crate::app::update::runs::draft::recipe_of;
    let project = project();
    let recipe = |name: &str, candidates: Option<[&str; 2]>| {
        let candidates = candidates.map(|pens| pens.map(str::to_owned));
        let recipe = name.to_owned();
        let settings = RunSettings { recipe, rounds: 2, candidates, ..RunSettings::default() };
        recipe_of(&project, &settings).unwrap().candidates
    };
    assert!(recipe("preference", None).is_empty());
    assert!(recipe("critique+preference", Some(["", ""])).is_empty());
    assert_eq!(recipe("preference", Some(["small", "large"])), ["small", "large"]);
    // One of them is the writer, by name.
    assert_eq!(recipe("critique+preference", Some(["", "large"])), ["embedded", "large"]);
    assert!(recipe("critique", Some(["small", "large"])).is_empty(), "it makes no pair");
}
