//! State and message in, state and effects out.

mod random;

use std::sync::Arc;

use super::edit::SAVE_AFTER_MILLIS;
use super::update;
use crate::app::command::{
    Command, ConstitutionCommand, CriterionChange, GoCommand, ModelsCommand, PrincipleChange,
    ProjectCommand, RubricChange, RubricCommand, TryCommand,
};
use crate::app::effects::Effect;
use crate::app::menu_command::MenuCommand;
use crate::app::message::{Body, Event, Failure, Message, SaveOutcome, SavedDocument, TrialNews};
use crate::app::state::documents::Setup;
use crate::app::state::{
    AppState, Area, CallState, Closing, Document, DocumentId, Moment, ProjectState, SaveState,
    Sheet, Target, TrialStatus,
};
use crate::domain::{
    Aggregation, Call, CallFailure, Constitution, Criterion, FailureKind, Finish, Gate, ModelRole,
    Principle, Prompt, PromptSet, Purpose, Reply, Rubric, Sampling, Scale, Usage, Want,
};

fn project() -> ProjectState {
    let mut project = ProjectState { root: "/p".into(), ..ProjectState::default() };
    let principle = |id: &str, text: &str| Principle {
        id: id.into(),
        text: text.to_owned(),
        ..Principle::default()
    };
    let mut constitution = Constitution::named("General");
    constitution.principles = vec![
        principle("P1", "Be honest."),
        principle("P2", "Be kind."),
        principle("P3", "Be brief."),
    ];
    let mut rubric = Rubric::named("Quality");
    for n in 1..=3 {
        rubric.criteria.push(Criterion {
            id: format!("C{n}").as_str().into(),
            name: format!("Criterion {n}"),
            ..Criterion::default()
        });
    }
    let set = PromptSet {
        name: "sample".to_owned(),
        prompts: vec![Prompt::of_text("a", "Why?"), Prompt::of_text("b", "How?")],
    };
    let documents = &mut project.documents;
    documents.setup = Arc::new(Setup { name: "Test".to_owned(), seed: 7, ..Setup::default() });
    documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
    documents.rubrics.insert("quality".to_owned(), Arc::new(rubric));
    documents.prompt_sets.insert("sample".to_owned(), Arc::new(set));
    project
}

/// A window with the project open, and a clock that goes when told.
struct Bench {
    state: AppState,
    now: Moment,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self { state: AppState::default(), now: Moment(1_000_000) };
        let effects = bench.event(Event::Opened {
            root: "/p".into(),
            result: Ok(Box::new(project())),
            first_time: true,
        });
        assert!(effects.iter().any(|effect| matches!(effect, Effect::LookForEmbedded)));
        assert!(effects.iter().any(|effect| matches!(effect, Effect::LookForKeys(_))));
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

    fn wait(&mut self, millis: u64) {
        self.now = self.now.plus_millis(millis);
    }

    fn text(&mut self, id: &str, text: &str) -> Vec<Effect> {
        let change = PrincipleChange::Text(text.to_owned());
        self.command(ConstitutionCommand::Principle { id: id.into(), change })
    }

    fn principle_text(&self, id: &str) -> String {
        self.state.constitution().unwrap().principle(&id.into()).unwrap().text.clone()
    }

    fn saved(&mut self, id: DocumentId, outcome: SaveOutcome) -> Vec<Effect> {
        self.event(Event::Saved(vec![SavedDocument { id, outcome }]))
    }
}

fn general() -> DocumentId {
    DocumentId::Constitution("general".to_owned())
}

#[test]
fn opening_selects_what_is_there() {
    let bench = Bench::new();
    assert_eq!(bench.state.area, Area::Try);
    assert_eq!(bench.state.selection.constitution, "general");
    assert_eq!(bench.state.selection.rubric, "quality");
    assert_eq!(bench.state.selection.prompt, Some("a".into()));
}

#[test]
fn typing_is_one_entry_until_half_a_minute_and_a_pause_are_over() {
    let mut bench = Bench::new();
    for text in ["B", "Be", "Be t"] {
        bench.text("P1", text);
        bench.command(Command::EndEdit);
        bench.wait(300);
    }
    assert_eq!(bench.state.history.depth(), 1);
    bench.wait(31_000);
    bench.text("P1", "Be true.");
    assert_eq!(bench.state.history.depth(), 2);
    bench.text("P2", "Be nice.");
    assert_eq!(bench.state.history.depth(), 3, "another field is another entry");
    bench.command(Command::Undo);
    bench.command(Command::Undo);
    assert_eq!(bench.principle_text("P1"), "Be t");
    bench.command(Command::Undo);
    assert_eq!(bench.principle_text("P1"), "Be honest.");
}

#[test]
fn the_fields_own_undo_is_the_documents_undo() {
    let mut bench = Bench::new();
    bench.text("P1", "Be true.");
    bench.wait(5_000);
    bench.text("P1", "Be honest.");
    assert_eq!(bench.state.history.depth(), 0, "what was typed was taken back");
    bench.command(Command::Redo);
    assert_eq!(bench.principle_text("P1"), "Be true.");
}

#[test]
fn undo_goes_there_and_flashes() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Area(Area::Constitution));
    bench.text("P2", "Be nice.");
    bench.command(GoCommand::Area(Area::Try));
    let effects = bench.command(Command::Undo);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::ForgetFieldUndo)));
    assert_eq!(bench.state.area, Area::Constitution);
    assert_eq!(bench.state.selection.principle, Some("P2".into()));
    let flash = bench.state.flash.clone().unwrap();
    assert!(matches!(flash.target, Target::Principle { id, .. } if id == "P2".into()));
    assert_eq!(bench.state.history.redo_label(), Some("Edit text of P2"));
}

#[test]
fn a_change_is_saved_within_a_second() {
    let mut bench = Bench::new();
    let effects = bench.text("P1", "Be true.");
    let [Effect::WakeAt(at)] = effects.as_slice() else { panic!("no wake: {effects:?}") };
    assert!(at.millis_since(bench.now) <= 1_000);
    bench.wait(400);
    assert!(bench.text("P1", "Be true!").is_empty(), "one wake is enough");
    bench.now = *at;
    let effects = bench.event(Event::Tick);
    let [Effect::Save { documents, force: false }] = effects.as_slice() else {
        panic!("not saved: {effects:?}")
    };
    assert_eq!(documents[0].0, general());
    assert_eq!(bench.state.save, SaveState::Saving);
    // What is typed meanwhile follows.
    bench.text("P1", "Be true, please.");
    let effects = bench.saved(general(), SaveOutcome::Saved(None));
    assert!(matches!(effects.as_slice(), [Effect::WakeAt(_)]));
    bench.wait(SAVE_AFTER_MILLIS);
    assert!(matches!(bench.event(Event::Tick).as_slice(), [Effect::Save { .. }]));
    bench.saved(general(), SaveOutcome::Saved(None));
    assert_eq!(bench.state.save, SaveState::Saved { at: bench.now });
}

#[test]
fn leaving_a_field_and_running_save_at_once() {
    let mut bench = Bench::new();
    bench.text("P1", "Be true.");
    assert!(matches!(bench.command(Command::EndEdit).as_slice(), [Effect::Save { .. }]));
    bench.saved(general(), SaveOutcome::Saved(None));
    bench.text("P1", "Be truer.");
    let effects = bench.command(TryCommand::Run);
    assert!(matches!(effects.as_slice(), [Effect::Save { .. }, Effect::RunTrial(_)]));
}

#[test]
fn a_failed_save_keeps_the_change_and_says_so() {
    let mut bench = Bench::new();
    bench.text("P1", "Be true.");
    bench.command(ProjectCommand::Save);
    bench.saved(general(), SaveOutcome::Failed(Failure::new("disk full", "free some space")));
    assert!(matches!(bench.state.save, SaveState::Failed { .. }));
    assert_eq!(bench.state.notices.last().unwrap().hint, "free some space");
    assert!(matches!(bench.command(ProjectCommand::Save).as_slice(), [Effect::Save { .. }]));
}

#[test]
fn a_conflict_waits_for_a_choice() {
    let theirs = Document::Constitution(Some(Arc::new(Constitution::named("Theirs"))));
    let conflict = || {
        let mut bench = Bench::new();
        bench.text("P1", "Be true.");
        bench.command(ProjectCommand::Save);
        bench.saved(general(), SaveOutcome::Conflict(theirs.clone()));
        assert_eq!(bench.state.sheet, Some(Sheet::Conflict));
        bench.wait(2_000);
        assert!(
            !bench.event(Event::Tick).iter().any(|e| matches!(e, Effect::Save { .. })),
            "nothing is written over it"
        );
        bench
    };
    let mut bench = conflict();
    let effects = bench.command(ProjectCommand::KeepMine);
    assert!(matches!(effects.as_slice(), [Effect::Save { force: true, .. }]));
    let mut bench = conflict();
    bench.command(ProjectCommand::TakeTheirs);
    assert_eq!(bench.state.constitution().unwrap().name, "Theirs");
    assert_eq!(bench.state.history.depth(), 0, "undo would bring back what was not theirs");
}

#[test]
fn closing_waits_for_the_save() {
    let mut bench = Bench::new();
    assert!(matches!(bench.command(ProjectCommand::Quit).as_slice(), [Effect::Close]));
    let mut bench = Bench::new();
    bench.text("P1", "Be true.");
    assert!(matches!(bench.command(ProjectCommand::Quit).as_slice(), [Effect::Save { .. }]));
    assert_eq!(bench.state.closing, Closing::Saving);
    let effects = bench.saved(general(), SaveOutcome::Saved(None));
    assert!(matches!(effects.as_slice(), [Effect::Close]));
    assert_eq!(bench.state.closing, Closing::Now);
}

#[test]
fn another_project_opens_only_when_all_is_saved() {
    let mut bench = Bench::new();
    bench.text("P1", "Be true.");
    let open = || ProjectCommand::Open("/other".into());
    assert!(matches!(bench.command(open()).as_slice(), [Effect::Save { .. }]));
    let effects = bench.saved(general(), SaveOutcome::Failed(Failure::new("disk full", "")));
    let left = effects.iter().any(|effect| matches!(effect, Effect::Open(_)));
    assert!(!left, "what is not saved is not left behind");
    assert!(matches!(bench.command(open()).as_slice(), [Effect::Save { .. }]));
    let effects = bench.saved(general(), SaveOutcome::Saved(None));
    assert!(matches!(effects.as_slice(), [Effect::Open(_)]));
}

#[test]
fn moving_keeps_selection_and_says_where() {
    let mut bench = Bench::new();
    bench.command(GoCommand::To(Target::Principle {
        stem: "general".to_owned(),
        id: "P1".into(),
        field: None,
    }));
    bench.command(ConstitutionCommand::MovePrinciple("P1".into(), 1));
    assert_eq!(bench.state.announcement.1, "P1 moved to position 2 of 3");
    assert_eq!(bench.state.selection.principle, Some("P1".into()));
    let ids: Vec<String> = bench
        .state
        .constitution()
        .unwrap()
        .principles
        .iter()
        .map(|principle| principle.id.to_string())
        .collect();
    assert_eq!(ids, ["P2", "P1", "P3"]);
    bench.command(ConstitutionCommand::MovePrinciple("P1".into(), 5));
    bench.command(ConstitutionCommand::MovePrinciple("P1".into(), 1));
    assert_eq!(bench.state.announcement.1, "It is the last");
}

#[test]
fn adding_and_deleting_keep_something_selected() {
    let mut bench = Bench::new();
    bench.command(GoCommand::Principle(Some("P1".into())));
    bench.command(ConstitutionCommand::AddPrinciple);
    assert_eq!(bench.state.selection.principle, Some("P4".into()));
    assert_eq!(bench.state.constitution().unwrap().principles[1].id, "P4".into());
    bench.command(ConstitutionCommand::DeletePrinciple("P4".into()));
    assert_eq!(bench.state.selection.principle, Some("P2".into()));
    bench.command(Command::Undo);
    assert_eq!(bench.state.selection.principle, Some("P4".into()));
}

#[test]
fn deleting_a_document_is_undone() {
    let mut bench = Bench::new();
    bench.command(RubricCommand::Delete("quality".to_owned()));
    assert!(bench.state.rubric().is_none());
    bench.command(ProjectCommand::Save);
    bench.command(Command::Undo);
    assert_eq!(bench.state.rubric().unwrap().name, "Quality");
}

#[test]
fn a_gate_follows_the_kind_of_scale() {
    let mut bench = Bench::new();
    let mut change = |change| {
        bench.command(RubricCommand::Criterion { id: "C1".into(), change });
        bench.state.rubric().unwrap().criteria[0].gate
    };
    assert_eq!(change(CriterionChange::Gate(Gate::AtLeast(3))), Gate::AtLeast(3));
    assert_eq!(change(CriterionChange::Scale(Scale::Points(2.0))), Gate::Met);
    assert_eq!(change(CriterionChange::Scale(Scale::default())), Gate::AtLeast(5));
}

#[test]
fn nothing_changes_in_a_read_only_project() {
    let mut bench = Bench::new();
    bench.state.project.as_mut().unwrap().read_only = true;
    let effects = bench.text("P1", "Be true.");
    assert!(effects.iter().all(|effect| matches!(effect, Effect::WakeAt(_))), "{effects:?}");
    assert_eq!(bench.principle_text("P1"), "Be honest.");
    assert!(MenuCommand::Add.resolve(&bench.state).is_err());
    assert!(MenuCommand::Run.resolve(&bench.state).is_err());
}

fn draft() -> Purpose {
    Purpose::Draft { candidate: 0 }
}

fn call() -> Arc<Call> {
    Arc::new(Call {
        purpose: draft(),
        prompt: "a".into(),
        role: ModelRole::Writer,
        messages: Vec::new(),
        sampling: Sampling::default(),
        want: Want::Text,
        sample: 0,
    })
}

fn reply(text: &str) -> Arc<Reply> {
    Arc::new(Reply {
        text: text.to_owned(),
        reasoning: None,
        finish: Finish::Stop,
        usage: Usage::default(),
        choice: None,
        model: String::new(),
        marks: Vec::new(),
    })
}

#[test]
fn a_chain_streams_retries_and_ends() {
    let mut bench = Bench::new();
    let effects = bench.command(TryCommand::Run);
    let [Effect::RunTrial(plan)] = effects.as_slice() else { panic!("not run: {effects:?}") };
    assert_eq!((plan.seed, plan.prompt.id.as_str()), (7, "a"));
    let number = plan.number;
    assert!(MenuCommand::Run.resolve(&bench.state).is_err(), "one at a time");
    let mut news = |news| {
        bench.event(Event::Trial { number, news });
    };
    news(TrialNews::CallStarted(draft()));
    news(TrialNews::Text(draft(), "Bec".to_owned()));
    news(TrialNews::Retrying { purpose: draft(), why: "broke off".to_owned() });
    news(TrialNews::Text(draft(), "Because".to_owned()));
    let key = ("sample".to_owned(), "a".into());
    assert_eq!(bench.state.trial.trials[&key].calls[0].text, "Because");
    let outcome = Ok(reply("Because."));
    bench.event(Event::Trial {
        number,
        news: TrialNews::CallDone { call: call(), outcome, replayed: false },
    });
    bench.event(Event::Trial { number, news: TrialNews::Finished(None) });
    let trial = &bench.state.trial.trials[&key];
    assert_eq!(trial.calls.len(), 1);
    assert!(matches!(trial.calls[0].state, CallState::Done { .. }));
    assert_eq!(trial.status, TrialStatus::Done);
    assert!(bench.state.trial.running.is_none());
    let effects = bench.command(TryCommand::RunOtherSeed);
    assert!(matches!(effects.as_slice(), [Effect::RunTrial(plan)] if plan.seed == 8));
}

#[test]
fn news_of_an_older_chain_is_left_aside() {
    let mut bench = Bench::new();
    bench.command(TryCommand::Run);
    let (older, key) = bench.state.trial.running.clone().unwrap();
    bench.command(TryCommand::Stop);
    assert_eq!(bench.state.trial.trials[&key].status, TrialStatus::Stopped);
    bench.command(TryCommand::Run);
    bench.event(Event::Trial { number: older, news: TrialNews::Text(draft(), "late".to_owned()) });
    assert!(bench.state.trial.trials[&key].calls.is_empty());
}

#[test]
fn a_chain_that_can_not_run_says_why() {
    let mut bench = Bench::new();
    bench.command(TryCommand::Run);
    let number = bench.state.trial.running.as_ref().unwrap().0;
    let failure = CallFailure::new(FailureKind::Auth, "no key", "keep one in Models");
    bench.event(Event::Trial { number, news: TrialNews::Failed(failure) });
    assert!(bench.state.trial.running.is_none());
    assert_eq!(bench.state.notices.last().unwrap().hint, "keep one in Models");
}

#[test]
fn a_deleted_models_roles_go_to_the_embedded_one() {
    let mut bench = Bench::new();
    bench.command(ModelsCommand::BeginNew);
    let mut draft = bench.state.models.draft.clone().unwrap().1;
    draft.name = "big".to_owned();
    draft.model = "big-1".to_owned();
    bench.command(ModelsCommand::Draft(draft));
    bench.command(ModelsCommand::KeepDraft);
    bench.command(ModelsCommand::Role(ModelRole::Judge, "big".to_owned()));
    let setup = || Arc::clone(&bench.state.documents().unwrap().setup);
    assert_eq!(setup().model_of(ModelRole::Judge), "big");
    bench.command(ModelsCommand::Delete("big".to_owned()));
    let setup = Arc::clone(&bench.state.documents().unwrap().setup);
    assert_eq!(setup.model_of(ModelRole::Judge), "embedded");
}
