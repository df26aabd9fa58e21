//! What begins, from which choices, and what waits for it.

use super::*;

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
fn a_judge_of_the_project_judges_what_is_chosen_and_must_be_there() {
    let mut bench = Bench::new();
    bench.state.judges.books = Some(BTreeMap::new());
    bench.state.settings.ask_before_hosts = true;
    let setup = JudgeSetup {
        models: vec!["embedded".to_owned(), "openai:m@https://judge.example/v1".to_owned()],
        ..JudgeSetup::named("Two readers")
    };
    let project = bench.state.project.as_mut().unwrap();
    project.documents.judges.insert("two".to_owned(), Arc::new(setup));
    bench.command(RunsCommand::BeginNew);
    let chosen = bench.state.runs.draft.as_ref().unwrap().settings.clone();
    let with = |recipe: &str, judge: &str| RunSettings {
        recipe: recipe.to_owned(),
        judge: Some(judge.to_owned()),
        ..chosen.clone()
    };
    let begun = |bench: &mut Bench, settings: RunSettings| {
        bench.command(RunsCommand::BeginNew);
        bench.command(RunsCommand::Choose(Box::new(settings)));
        let effects = bench.command(RunsCommand::Start);
        begins(&effects).iter().find_map(|work| match work {
            RunWork::New(plan) => Some(plan.recipe.judge.clone()),
            RunWork::Resume { .. } => None,
        })
    };
    // Nobody is asked before the user has said that the judge's host may be.
    assert_eq!(begun(&mut bench, with("preference", "two")), None);
    assert_eq!(bench.state.home.held.as_ref().unwrap().hosts, ["judge.example"]);
    bench.state.home.held = None;
    bench.state.settings.ask_before_hosts = false;
    assert_eq!(begun(&mut bench, with("preference", "two")).as_deref(), Some("two"));
    bench.state.runs.active = None;
    assert_eq!(
        begun(&mut bench, with("critique", "two")).as_deref(),
        Some(""),
        "nothing is judged"
    );
    bench.state.runs.active = None;
    assert_eq!(begun(&mut bench, with("preference", "three")), None);
    let said = &bench.state.notices.last().unwrap().text;
    assert!(said.contains("is not in the project"), "{said}");
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
        measured: measured(),
        sent: 45,
        seconds: 9.0,
        rows_at_once: 10,
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

/// Ten rows of a pilot: one failed, and some are dearer than others.
fn measured() -> Vec<PilotRow> {
    let row = |n: u32| PilotRow {
        cost: 0.01 + f64::from(n % 3) / 100.0,
        calls: 4 + u64::from(n % 2),
        is_kept: n != 4,
        labels: LabelCounts { completions: 1, preferences: 0 },
    };
    (0..10).map(row).collect()
}

#[test]
fn the_sheet_says_what_the_command_line_says_of_the_rows_to_come() {
    let mut bench = Bench::new();
    bench.command(RunsCommand::BeginNew);
    bench.command(RunsCommand::Pilot);
    let number = bench.active();
    let facts = PilotFacts {
        run: RunId::new("R-0003"),
        rows: 10,
        failed: 1,
        unparsed: 0,
        cut_off: 0,
        measured: measured(),
        sent: 45,
        seconds: 9.0,
        rows_at_once: 10,
        is_price_unknown: false,
        sample: Vec::new(),
    };
    let ending = Ending { pilot: Some(facts), ..done(10, 1) };
    let effects = bench.ended(number, Ok(ending));
    let asked = effects.iter().find_map(|effect| {
        let Effect::Runs(RunsEffect::Dry { number, .. }) = effect else { return None };
        Some(*number)
    });
    let pace =
        |at_once| Pace { calls: 45, seconds: 9.0, rows_at_once: 10, at_once, per_minute: None };
    let forecast = |bench: &Bench| bench.state.runs.draft.as_ref().unwrap().forecast;
    assert_eq!(
        forecast(&bench),
        from_pilot(&measured(), 31, pace(16), SEED),
        "before it is counted: all but the pilot’s good rows"
    );
    let count = DryCount {
        rows: 40,
        rows_whole: 12,
        found: 50,
        new_least: 100,
        new_most: 140,
        ..DryCount::default()
    };
    bench.runs(RunsEvent::Counted { number: asked.unwrap(), result: Some(Ok(count)) });
    let known = forecast(&bench).unwrap();
    assert_eq!(Some(known), from_pilot(&measured(), 28, pace(16), SEED));
    assert!(known.cost.low < known.cost.high && known.cost_per_kept.is_some());

    // Faster, and fewer rows: no other pilot is needed.
    let mut settings = bench.state.runs.draft.as_ref().unwrap().settings.clone();
    settings.at_once = 40;
    bench.command(RunsCommand::Choose(Box::new(settings.clone())));
    assert_eq!(forecast(&bench), from_pilot(&measured(), 28, pace(40), SEED));
    settings.rounds = 5;
    bench.command(RunsCommand::Choose(Box::new(settings)));
    assert_eq!(forecast(&bench), None, "of something else it says nothing");
}
