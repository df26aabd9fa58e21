//! The run that is on: holding it, changing it, how fast it goes.

use super::*;

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
fn the_project_s_sum_has_what_the_run_that_is_on_costs_once() {
    let mut bench = Bench::new();
    let cost = |bench: &mut Bench, number, cost| {
        let sums = RunProgress { rows_total: 40, cost, ..RunProgress::default() };
        let news = Progress { run: Some(RunId::new("R-0003")), sums, ..Progress::default() };
        bench.runs(RunsEvent::Progress { number, news: Box::new(news) });
    };
    let mut before = run(3, RunKind::Run, RunState::Interrupted, 0);
    before.cost = 2.0;
    bench.listed(vec![before]);
    bench.event(Event::Library(LibraryEvent::Cost(10.0)));
    let wishes = ResumeWishes::default();
    bench.command(RunsCommand::Resume { run: RunId::new("R-0003"), wishes });
    let spent = |bench: &Bench| bench.state.spent().unwrap();
    assert!((spent(&bench) - 10.0).abs() < 1e-9, "what it cost before is in the sum");
    let number = bench.active();
    cost(&mut bench, number, 2.5);
    assert!((spent(&bench) - 10.5).abs() < 1e-9);
    // Something else ends, and the sum is read anew.
    bench.event(Event::Library(LibraryEvent::Cost(10.6)));
    cost(&mut bench, number, 3.0);
    assert!((spent(&bench) - 11.1).abs() < 1e-9);
}

#[test]
fn what_an_earlier_sitting_made_is_no_pace_of_this_one() {
    let mut bench = Bench::new();
    bench.start();
    let number = bench.active();
    let mut step = |second: u64, total, done, cost| {
        let sums =
            RunProgress { rows_total: total, rows_done: done, cost, ..RunProgress::default() };
        bench.now = Moment(second * 1_000);
        let news = Progress { sums, ..Progress::default() };
        bench.runs(RunsEvent::Progress { number, news: Box::new(news) });
    };
    step(0, 0, 0, 0.0);
    for second in 1..20 {
        step(second, 2_000, 800 + second, 0.9 + second as f64 / 100.0);
    }
    let active = bench.state.runs.active.as_ref().unwrap();
    assert!((active.estimate().unwrap().rows_per_second - 1.0).abs() < 0.01);
    assert!((active.pace.burn().unwrap() - 36.0).abs() < 0.1, "a cent a second");
}
