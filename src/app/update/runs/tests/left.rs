//! What the last sitting left.

use super::*;

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
