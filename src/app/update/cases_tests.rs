use std::sync::Arc;

use super::super::update;
use super::*;
use crate::app::command::Command;
use crate::app::message::{Body, Event, Message};
use crate::app::state::documents::Setup;
use crate::app::state::{Document, DocumentId, ProjectState};
use crate::domain::{
    CallFailure, Chain, Constitution, FailureKind, ModelEntry, ModelKind, ModelRole, Provenance,
    RowFailure, Score, ScoredResponse,
};

struct Bench {
    state: AppState,
    now: Moment,
}

impl Bench {
    fn new() -> Self {
        let mut project = ProjectState { root: "/p".into(), ..ProjectState::default() };
        let mut constitution = Constitution::named("General");
        for n in 1..=2 {
            constitution.principles.push(Principle {
                id: format!("P{n}").as_str().into(),
                text: format!("Rule {n}."),
                cases: ["Why?", "How?", ""]
                    .map(|prompt| Case { prompt: prompt.to_owned(), expect: String::new() })
                    .into(),
                ..Principle::default()
            });
        }
        project.documents.setup = Arc::new(Setup { seed: 7, ..Setup::default() });
        project.documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
        let mut bench = Self { state: AppState::default(), now: Moment(1_000_000) };
        bench.event(Event::Opened {
            root: "/p".into(),
            result: Ok(Box::new(project)),
            first_time: true,
        });
        bench.state.area = Area::Constitution;
        bench.state.selection.principle = Some("P1".into());
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

    fn cases(&mut self, event: CasesEvent) -> Vec<Effect> {
        self.event(Event::Cases(event))
    }

    fn write(&mut self, text: &str) -> Vec<Effect> {
        let change = PrincipleChange::Text(text.to_owned());
        self.command(ConstitutionCommand::Principle { id: "P1".into(), change })
    }

    fn run(&mut self, command: CasesCommand) -> Option<CasesPlan> {
        plan_in(self.command(command))
    }

    fn mark(&self) -> String {
        let constitution = self.state.constitution().unwrap();
        cases::mark_of(constitution, &constitution.principles[0])
    }

    fn sums(&self) -> cases::Sums {
        let constitution = self.state.constitution().unwrap();
        let mark = self.mark();
        self.state.cases.sums("general", &constitution.principles[0], &mark)
    }

    /// What the engine would bring for a plan.
    fn answer(&mut self, plan: &CasesPlan, answers: &[(&str, Option<f64>)]) {
        for (prompt, (answer, reward)) in plan.prompts.iter().zip(answers) {
            let row = row(plan, prompt, answer, *reward);
            self.cases(CasesEvent::Row { number: plan.number, row });
        }
        self.cases(CasesEvent::Finished { number: plan.number });
    }
}

fn plan_in(effects: Vec<Effect>) -> Option<CasesPlan> {
    effects.into_iter().find_map(|effect| {
        if let Effect::Cases(CasesEffect::Run(plan)) = effect { Some(*plan) } else { None }
    })
}

fn row(
    plan: &CasesPlan,
    prompt: &crate::domain::Prompt,
    answer: &str,
    reward: Option<f64>,
) -> Arc<Row> {
    let mut row = Row::empty(prompt);
    row.provenance = Provenance {
        constitution: Some(crate::engine::plan::hash_of(&*plan.constitution)),
        ..Provenance::default()
    };
    if answer.is_empty() {
        row.failure = Some(RowFailure {
            at: "draft".to_owned(),
            failure: CallFailure::new(FailureKind::Method, "no answer", ""),
        });
    } else {
        row.chain =
            Some(Chain { draft: answer.to_owned(), draft_cut_off: false, steps: Vec::new() });
    }
    if let Some(reward) = reward {
        row.scores.push(ScoredResponse {
            name: "draft".to_owned(),
            text: answer.to_owned(),
            score: Score {
                reward: Some(reward),
                criteria: Vec::new(),
                gates_failed: Vec::new(),
                unparsed: Vec::new(),
            },
            cut_off: false,
            judges: Vec::new(),
        });
    }
    Arc::new(row)
}

#[test]
fn an_edit_makes_cases_stale_and_a_run_says_what_changed() {
    let mut bench = Bench::new();
    assert_eq!(bench.sums().to_run, 2, "an empty case is not run");
    let plan = bench.run(CasesCommand::RunStale).unwrap();
    assert_eq!(plan.prompts.len(), 2);
    assert_eq!(plan.recipe.rounds, 1);
    assert_eq!(plan.constitution.principles.len(), 1, "under its principle alone");
    assert!(bench.run(CasesCommand::RunStale).is_none(), "one job at a time");
    bench.answer(&plan, &[("Because.", None), ("So.", None)]);
    assert_eq!(bench.sums(), cases::Sums::default(), "a first outcome has nothing to compare with");
    assert!(bench.run(CasesCommand::RunStale).is_none(), "nothing is stale");

    bench.write("Rule 1, and briefly.");
    assert_eq!((bench.sums().stale, bench.sums().to_run), (2, 2));
    let plan = bench.run(CasesCommand::RunStale).unwrap();
    bench.answer(&plan, &[("Because of it.", None), ("So.", None)]);
    let sums = bench.sums();
    assert_eq!((sums.changed, sums.same, sums.stale), (1, 1, 0));
    assert_eq!(bench.state.announcement.1, "1 changed, 1 same");
    let ids: Vec<_> = plan.prompts.iter().map(|prompt| prompt.id.clone()).collect();

    // What does not reach the model changes nothing.
    let change = PrincipleChange::Notes("For us.".to_owned());
    bench.command(ConstitutionCommand::Principle { id: "P1".into(), change });
    let change = PrincipleChange::Text("Another rule.".to_owned());
    bench.command(ConstitutionCommand::Principle { id: "P2".into(), change });
    assert_eq!(bench.sums().stale, 0);
    bench.command(Command::Undo);
    bench.command(Command::Undo);
    bench.command(Command::Undo);
    bench.state.selection.principle = Some("P1".into());
    assert_eq!(bench.sums().stale, 2, "taking the edit back is an edit, too");
    let again = bench.run(CasesCommand::RunStale).unwrap();
    let again: Vec<_> = again.prompts.iter().map(|prompt| prompt.id.clone()).collect();
    assert_eq!(ids, again, "the draft is asked for in the same words, so it costs nothing");
}

#[test]
fn better_and_worse_are_said_only_of_rewards() {
    let mut bench = Bench::new();
    let plan = bench.run(CasesCommand::RunStale).unwrap();
    bench.answer(&plan, &[("a", Some(0.5)), ("b", Some(0.5))]);
    bench.write("New words.");
    let plan = bench.run(CasesCommand::RunStale).unwrap();
    bench.answer(&plan, &[("c", Some(0.8)), ("", None)]);
    let sums = bench.sums();
    assert_eq!((sums.changed, sums.better, sums.worse, sums.failed), (1, 1, 0, 1));
    assert_eq!(sums.to_string(), "1 changed (1 better), 1 failed");
    assert_eq!(sums.to_run, 1, "a failed one is tried again");
    let plan = bench.run(CasesCommand::RunStale).unwrap();
    bench.answer(&plan, &[("d", Some(0.2))]);
    assert_eq!(bench.sums().to_string(), "2 changed (1 better, 1 worse)");
}

#[test]
fn cases_run_by_themselves_after_a_pause_and_never_on_paid_models() {
    let mut bench = Bench::new();
    bench.command(CasesCommand::RerunOnEdit(true));
    bench.now = bench.now.plus_millis(100);
    let effects = bench.write("One");
    assert!(effects.iter().any(|effect| matches!(effect, Effect::WakeAt(_))));
    bench.now = bench.now.plus_millis(1_500);
    bench.write("One two");
    bench.now = bench.now.plus_millis(1_500);
    assert!(plan_in(bench.event(Event::Tick)).is_none(), "two seconds after the last stroke");
    bench.now = bench.now.plus_millis(600);
    let plan = plan_in(bench.event(Event::Tick)).expect("it runs by itself");
    // The next edit stops it and begins anew.
    let effects = bench.write("One two three");
    let stopped = |effect: &Effect| matches!(effect, Effect::Cases(CasesEffect::Stop(number)) if *number == plan.number);
    assert!(effects.iter().any(stopped));
    assert!(bench.state.cases.running.is_none());
    // A row that lands late is kept, for older words.
    bench.cases(CasesEvent::Row {
        number: plan.number,
        row: row(&plan, &plan.prompts[0], "late", None),
    });
    assert_eq!(bench.sums().stale, 1);
    bench.now = bench.now.plus_millis(2_100);
    assert!(plan_in(bench.event(Event::Tick)).is_some());

    let mut bench = Bench::new();
    let mut setup = Setup::default();
    let paid = ModelEntry {
        name: "paid".to_owned(),
        kind: ModelKind::OpenAi,
        price_in: Some(1.0),
        ..ModelEntry::embedded()
    };
    setup.models.push(paid);
    setup.roles.insert(ModelRole::Writer, "paid".to_owned());
    if let Some(project) = &mut bench.state.project {
        project.documents.put(&DocumentId::Setup, Document::Setup(Arc::new(setup)));
    }
    bench.command(CasesCommand::RerunOnEdit(true));
    bench.write("One");
    bench.now = bench.now.plus_millis(5_000);
    assert!(plan_in(bench.event(Event::Tick)).is_none());
    // Whether a new host may be sent to is asked before, and tested elsewhere.
    bench.state.settings.ask_before_hosts = false;
    assert!(bench.run(CasesCommand::RunStale).is_some(), "asked for, it runs");
}

#[test]
fn the_journal_gives_the_last_two_outcomes_back() {
    let mut bench = Bench::new();
    let first = bench.run(CasesCommand::RunStale).unwrap();
    bench.write("New words.");
    bench.command(CasesCommand::Stop);
    let second = bench.run(CasesCommand::RunStale).unwrap();
    bench.command(CasesCommand::Stop);
    let past = |plan: &CasesPlan, answer: &str| row(plan, &plan.prompts[0], answer, None);
    let read = CasesEvent::Read {
        root: "/p".into(),
        outcomes: vec![past(&first, "old"), past(&second, "new")],
        scored: Vec::new(),
    };
    bench.cases(read);
    let key = ("general".to_owned(), "P1".into(), "Why?".to_owned());
    assert_eq!(bench.state.cases.standing(&key, &bench.mark()), Standing::Changed(None));
    let outcomes = &bench.state.cases.outcomes[&key];
    assert_eq!(outcomes.before.as_ref().and_then(|row| cases::answer(row)), Some("old"));
    let other = CasesEvent::Read { root: "/q".into(), outcomes: Vec::new(), scored: Vec::new() };
    bench.cases(other);
    assert_eq!(bench.state.cases.outcomes.len(), 1, "another project's are not taken");
}

#[test]
fn pinning_is_an_edit_that_can_be_undone() {
    let mut bench = Bench::new();
    let count = |bench: &Bench| bench.state.constitution().unwrap().principles[0].cases.len();
    bench.command(CasesCommand::Pin("P1".into(), "When?".to_owned()));
    assert_eq!(count(&bench), 4);
    bench.command(CasesCommand::Pin("P1".into(), "When?".to_owned()));
    assert_eq!(count(&bench), 4, "pinned already");
    bench.command(CasesCommand::Move("P1".into(), 3, -3));
    let first = bench.state.constitution().unwrap().principles[0].cases[0].prompt.clone();
    assert_eq!(first, "When?");
    bench.command(CasesCommand::Unpin("P1".into(), 0));
    assert_eq!(count(&bench), 3);
    bench.command(Command::Undo);
    bench.command(Command::Undo);
    bench.command(Command::Undo);
    assert_eq!(count(&bench), 3);
    assert_eq!(bench.state.constitution().unwrap().principles[0].cases[0].prompt, "Why?");
}

#[test]
fn a_case_is_known_by_its_row() {
    let case = Case { prompt: "Wie geht das? 怎么".to_owned(), expect: String::new() };
    let prompt = cases::prompt_of("general", &"P1".into(), &case);
    let row = Row::empty(&prompt);
    let key = cases::key_of(&row).unwrap();
    assert_eq!(key, ("general".to_owned(), "P1".into(), case.prompt));
    assert!(cases::key_of(&Row::empty(&crate::domain::Prompt::of_text("a", "b"))).is_none());
}
