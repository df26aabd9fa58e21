//! Runs in the window: one at a time, the others wait; what is told when one ends.

use std::sync::Arc;

use crate::app::command::{Command, GoCommand, RunsCommand};
use crate::app::effects::Effect;
use crate::app::effects::runs::{Ending, Progress, ResumeWishes, RunWork, RunsEffect, RunsEvent};
use crate::app::message::{Body, Event, Failure, Message};
use crate::app::state::documents::Setup;
use crate::app::state::runs::{Adjusting, Hold, Kinds, PilotFacts, PilotState, RunList, Slept};
use crate::app::state::{AppState, Area, Moment, NoticeKind, ProjectState, Sheet};
use crate::app::update::update;
use crate::domain::{Constitution, Principle, Prompt, PromptSet, RunId};
use crate::engine::{DryCount, Limits, RunProgress};
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
    assert_eq!((plan.recipe.rounds, plan.limit, plan.limits.max_cost), (3, 12, Some(2.5)));
    assert_eq!((plan.limits.max_failures, plan.retries), (Some(0.05), 5));
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
    assert!(effects.iter().any(|effect| matches!(effect, Effect::TellAway { .. })));
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
        rows_per_second: None,
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
    let resume = |n: u64, cap| RunsCommand::Resume {
        run: RunId(format!("R-{n:04}")),
        wishes: ResumeWishes { cap, ..ResumeWishes::default() },
    };
    assert!(bench.command(resume(1, None)).is_empty(), "nothing is left to do");
    let effects = bench.command(resume(3, Some(9.0)));
    let [RunWork::Resume { wishes, .. }] = begins(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!(wishes.cap, Some(9.0));
    let active = bench.state.runs.active.as_ref().unwrap();
    assert_eq!(active.kept(), 11, "the bar starts where it was, failed rows not counted");
    bench.command(resume(2, None));
    bench.command(resume(2, None));
    assert_eq!(bench.state.runs.waiting.len(), 1, "it waits once");
}

fn kept(effects: &[Effect]) -> Option<&Waiting> {
    effects.iter().rev().find_map(|effect| {
        let Effect::Runs(RunsEffect::Keep(waiting)) = effect else { return None };
        Some(&**waiting)
    })
}

#[test]
fn what_waits_is_kept_asked_about_and_never_begins_by_itself() {
    let mut bench = Bench::new();
    let found = Waiting::none("/p".into());
    assert!(kept(&bench.start().1).is_none(), "nothing is kept before it was looked for");
    bench.runs(RunsEvent::Left(Box::new(found)));
    let first = bench.active();
    let effects = bench.progress(first, 4);
    assert_eq!(kept(&effects).unwrap().on, Some(RunId::new("R-0003")));
    let (_, effects) = bench.start();
    let waiting = kept(&effects).unwrap().clone();
    assert_eq!(waiting.runs.len(), 1);
    assert!(kept(&bench.progress(first, 5)).is_none(), "written when it changes, not each time");

    // The next start.
    let mut bench = Bench::new();
    let effects = bench.runs(RunsEvent::Left(Box::new(waiting)));
    assert!(begins(&effects).is_empty() && bench.state.runs.active.is_none());
    bench.listed(vec![run(3, RunKind::Run, RunState::Cancelled, 0)]);
    let asked = |bench: &Bench| bench.state.runs.interrupted().len();
    assert_eq!(asked(&bench), 1, "closing the window stopped it");
    let effects = bench.command(RunsCommand::LetBe(RunId::new("R-0003")));
    assert_eq!((asked(&bench), kept(&effects).unwrap().on.clone()), (0, None));
    let effects = bench.command(RunsCommand::BeginLeft(0));
    let [RunWork::New(plan)] = begins(&effects)[..] else { panic!("{effects:?}") };
    assert_eq!((plan.recipe.name.as_str(), plan.retries), ("critique", 5));
    assert!(kept(&effects).unwrap().runs.is_empty());
}

#[test]
fn an_interrupted_run_is_asked_about_until_it_is_done() {
    let mut bench = Bench::new();
    bench.runs(RunsEvent::Left(Box::new(Waiting::none("/p".into()))));
    bench.listed(vec![
        run(2, RunKind::Run, RunState::Interrupted, 0),
        run(1, RunKind::Run, RunState::Cancelled, 0),
    ]);
    let asked: Vec<&str> =
        bench.state.runs.interrupted().iter().map(|run| run.record.id.as_str()).collect();
    assert_eq!(asked, ["R-0002"], "what the user stopped is not asked about");
    bench.listed(vec![run(2, RunKind::Run, RunState::Done, 0)]);
    assert!(bench.state.runs.interrupted().is_empty());
}

#[test]
fn rate_and_cap_change_while_it_is_on_and_not_before() {
    let mut bench = Bench::new();
    bench.start();
    let number = bench.active();
    bench.command(RunsCommand::Adjust(Some(Adjusting::Rate)));
    assert_eq!(bench.state.runs.adjusting, None, "it is being prepared");
    let limits = Limits { at_once: 8, ..Limits::default() };
    let news = Progress {
        run: Some(RunId::new("R-0003")),
        sums: RunProgress { rows_total: 40, ..RunProgress::default() },
        limits: Some(limits),
        ..Progress::default()
    };
    bench.runs(RunsEvent::Progress { number, news: Box::new(news) });
    bench.command(RunsCommand::Adjust(Some(Adjusting::Rate)));
    assert_eq!(bench.state.runs.adjusting, Some(Adjusting::Rate));
    assert_eq!(bench.state.area, Area::Runs);
    let more = Limits { at_once: 24, max_cost: Some(3.0), ..limits };
    let effects = bench.command(RunsCommand::Limits(more));
    assert!(matches!(
        effects[..],
        [Effect::Runs(RunsEffect::Change { number: n, limits })] if n == number && limits == more
    ));
    assert_eq!(bench.state.runs.active.as_ref().unwrap().cap(), Some(3.0));
    assert!(bench.command(RunsCommand::Limits(more)).is_empty());
    bench.command(RunsCommand::Adjust(Some(Adjusting::Rate)));
    assert_eq!(bench.state.runs.adjusting, None, "again hides it");
}

#[test]
fn the_sheet_asks_the_journal_once_for_each_choice() {
    let asks = |effects: &[Effect]| {
        effects
            .iter()
            .filter_map(|effect| {
                let Effect::Runs(RunsEffect::Dry { number, .. }) = effect else { return None };
                Some(*number)
            })
            .next_back()
    };
    let mut bench = Bench::new();
    let first = asks(&bench.command(RunsCommand::BeginNew)).unwrap();
    let draft = bench.state.runs.draft.as_ref().unwrap();
    assert!(draft.is_counting());
    let mut settings = draft.settings.clone();
    settings.cap = Some(4.0);
    settings.at_once = 3;
    let effects = bench.command(RunsCommand::Choose(Box::new(settings.clone())));
    assert_eq!(asks(&effects), None, "no call depends on it");
    settings.rounds = 4;
    let effects = bench.command(RunsCommand::Choose(Box::new(settings)));
    let second = asks(&effects).unwrap();
    assert!(
        effects.iter().any(|one| matches!(one, Effect::Runs(RunsEffect::Stop(n)) if *n == first))
    );
    let count = DryCount { rows: 40, new_least: 74, new_most: 333, ..DryCount::default() };
    bench.runs(RunsEvent::Counted { number: first, result: None });
    bench.runs(RunsEvent::Counted { number: second, result: Some(Ok(count)) });
    let draft = bench.state.runs.draft.as_ref().unwrap();
    assert_eq!(draft.counted().unwrap().as_ref().unwrap(), &count);
}

#[test]
fn who_looks_away_is_told_names_and_counts() {
    let mut bench = Bench::new();
    bench.start();
    let number = bench.active();
    let effects = bench.ended(number, Ok(done(40, 3)));
    let told = effects.iter().find_map(|effect| {
        let Effect::TellAway { title, body, by_desktop } = effect else { return None };
        Some((title, body, *by_desktop))
    });
    let (title, body, by_desktop) = told.unwrap();
    assert_eq!(title, "R-0003 is done");
    assert_eq!(body, "critique · General: 37 of 40 done, 3 failed");
    assert!(by_desktop);
}

#[test]
fn a_sleep_says_nothing_of_how_fast_it_goes() {
    let mut bench = Bench::new();
    bench.start();
    let number = bench.active();
    let mut step = |done: u64, at: u64, slept: Option<Slept>| {
        let sums = RunProgress { rows_total: 400, rows_done: done, ..RunProgress::default() };
        let news = Progress { sums, slept, ..Progress::default() };
        bench.now = Moment(at);
        bench.runs(RunsEvent::Progress { number, news: Box::new(news) });
        bench.state.runs.active.as_ref().unwrap().estimate()
    };
    let mut before = None;
    for second in 0..20 {
        before = step(second * 2, second * 1_000, None);
    }
    let woke = Slept { woke: Moment(9_000_000), millis: 8_900_000 };
    step(40, 9_000_000, Some(woke));
    let after = step(42, 9_001_000, Some(woke)).unwrap();
    let before = before.unwrap();
    assert!((after.rows_per_second - before.rows_per_second).abs() < 0.2, "{after:?}");
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
