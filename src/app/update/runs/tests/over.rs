//! What is told when a run is over, and going on with it.

use super::*;

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

#[test]
fn raising_a_limit_leads_to_its_field() {
    for (message, limit) in [
        ("the run’s limit of 5 USD is reached (4.9990 USD spent)", Some(RunLimit::Cap)),
        (
            "the project’s limit of 9 USD a day is reached (9.0000 USD spent today)",
            Some(RunLimit::CapPerDay),
        ),
        ("7 of 40 rows failed", Some(RunLimit::Failures)),
        ("9 of 40 rows hold a refusal instead of an answer", Some(RunLimit::Refusals)),
        ("the provider refused: no such key", None),
    ] {
        let mut bench = Bench::new();
        bench.command(GoCommand::Area(Area::Data));
        let mut stopped = run(3, RunKind::Run, RunState::Stopped, 0);
        stopped.record.message = message.to_owned();
        bench.listed(vec![run(4, RunKind::Run, RunState::Done, 0), stopped]);
        let effects = bench.command(RunsCommand::Raise(RunId::new("R-0003")));
        assert!(effects.iter().any(|one| matches!(one, Effect::Runs(RunsEffect::Look(_)))));
        assert_eq!(bench.state.runs.selected, Some(RunId::new("R-0003")));
        assert_eq!(bench.state.area, Area::Runs);
        let focus = bench.state.focus.as_ref().map(|request| request.target.clone());
        assert_eq!(focus, limit.map(Target::RunLimit), "{message}");
    }
}

#[test]
fn tests_of_models_are_listed_with_the_tries() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Area(Area::Runs));
    let probe = run(2, RunKind::Probe, RunState::Stopped, 0);
    bench.listed(vec![probe.clone(), run(1, RunKind::Run, RunState::Done, 0)]);
    assert_eq!(bench.state.runs.shown[..], [1]);
    bench.command(RunsCommand::Kinds(Kinds::Tries));
    assert_eq!(bench.state.runs.shown[..], [0]);
    assert_eq!(bench.state.runs.resumable(&probe), None, "it is tested again under Models");
}

#[test]
fn what_is_chosen_beside_a_run_holds_whichever_button_or_key_goes_on_with_it() {
    let mut bench = Bench::new();
    let stopped = |n| run(n, RunKind::Run, RunState::Stopped, 0);
    bench.listed(vec![stopped(4), stopped(3)]);
    let more = ResumeWishes { cap: Some(9.0), ..ResumeWishes::default() };
    bench.command(RunsCommand::Wish(RunId::new("R-0003"), more));
    let resume = |bench: &mut Bench, run: &str| {
        let wishes = ResumeWishes::default();
        let effects = bench.command(RunsCommand::Resume { run: RunId::new(run), wishes });
        let [RunWork::Resume { wishes, .. }] = begins(&effects)[..] else { panic!("{effects:?}") };
        let wishes = *wishes;
        let number = bench.active();
        bench.ended(number, Err(Failure::new("no key", "")));
        wishes
    };
    assert_eq!(resume(&mut bench, "R-0004"), ResumeWishes::default(), "another run’s");
    assert_eq!(resume(&mut bench, "R-0003"), more);
    assert_eq!(resume(&mut bench, "R-0003"), ResumeWishes::default(), "once; the run remembers it");
}
