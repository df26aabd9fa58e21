//! Chains, branches, samples, recalled ones and reactions: state and message in, effects out.

use std::sync::Arc;

use crate::app::command::{
    Command, ConstitutionCommand, PrincipleChange, ReactCommand, TryCommand,
};
use crate::app::effects::trial::{TryEffect, TryEvent};
use crate::app::effects::{Effect, TrialPlan};
use crate::app::menu_command::MenuCommand;
use crate::app::message::{Body, Event, Message, TrialNews};
use crate::app::state::trial::{
    CopyForm, PromptKey, RecalledChains, Recorded, StepPart, Suggesting, TryMode, stale,
};
use crate::app::state::{AppState, Area, Moment, ProjectState, Sheet, Target, Trial, TrialStatus};
use crate::app::update::update;
use crate::domain::{Chain, Constitution, Principle, Prompt, PromptSet, Row, Step, Variant};
use crate::methods::react::{Reaction, Suggested};

fn project() -> ProjectState {
    let mut project = ProjectState { root: "/p".into(), ..ProjectState::default() };
    let mut constitution = Constitution::named("General");
    for (id, text) in [("P1", "Be honest."), ("P2", "Be kind."), ("P3", "Be brief.")] {
        constitution.principles.push(Principle {
            id: id.into(),
            text: text.to_owned(),
            ..Principle::default()
        });
    }
    let set = PromptSet {
        name: "sample".to_owned(),
        prompts: vec![Prompt::of_text("a", "Why?"), Prompt::of_text("b", "How?")],
    };
    project.documents.constitutions.insert("general".to_owned(), Arc::new(constitution));
    project.documents.prompt_sets.insert("sample".to_owned(), Arc::new(set));
    project
}

fn chain() -> Chain {
    let step = |round: u32, principle: &str, revision: &str| Step {
        round,
        principle: principle.into(),
        critique_request: "What is wrong?".to_owned(),
        critique: format!("Fault {round}."),
        found_nothing: false,
        revision_request: "Mend it.".to_owned(),
        revision: revision.to_owned(),
        cut_off: false,
        critique_cut_off: false,
    };
    Chain {
        draft: "It is certainly harmless. Keep it dry.".to_owned(),
        draft_cut_off: false,
        steps: vec![
            step(1, "P1", "I can't tell from here. Keep it dry."),
            step(2, "P2", "I can't tell from here. Please keep it dry and warm."),
        ],
    }
}

fn row(prompt: &str) -> Row {
    Row { chain: Some(chain()), ..Row::empty(&Prompt::of_text(prompt, "Why?")) }
}

fn key() -> PromptKey {
    ("sample".to_owned(), "a".into())
}

struct Bench {
    state: AppState,
}

impl Bench {
    fn new() -> Self {
        let mut bench = Self { state: AppState::default() };
        bench.event(Event::Opened {
            root: "/p".into(),
            result: Ok(Box::new(project())),
            first_time: true,
        });
        bench.state.trial.score = false;
        bench
    }

    fn body(&mut self, body: Body) -> Vec<Effect> {
        update(&mut self.state, Message { at: Moment(1_000), body })
    }

    fn command(&mut self, command: impl Into<Command>) -> Vec<Effect> {
        self.body(Body::Command(command.into()))
    }

    fn event(&mut self, event: Event) -> Vec<Effect> {
        self.body(Body::Event(Box::new(event)))
    }

    fn react(&mut self, command: ReactCommand) -> Vec<Effect> {
        self.command(TryCommand::React(command))
    }

    /// Runs the prompt shown to its end.
    fn run(&mut self) -> u64 {
        self.command(TryCommand::Run);
        self.finish(row("a"))
    }

    /// Ends the chain on its way.
    fn finish(&mut self, row: Row) -> u64 {
        let number = self.state.trial.running.as_ref().unwrap().0;
        self.event(Event::Trial { number, news: TrialNews::Row(Arc::new(row)) });
        self.event(Event::Trial { number, news: TrialNews::Finished(None) });
        number
    }

    fn shown(&self) -> &Trial {
        &self.state.trial.trials[&key()]
    }

    fn plan(effects: &[Effect]) -> &TrialPlan {
        let plan = effects
            .iter()
            .find_map(|effect| if let Effect::RunTrial(plan) = effect { Some(plan) } else { None });
        plan.unwrap_or_else(|| panic!("nothing runs: {effects:?}"))
    }

    fn recalled(&mut self, trial: Trial) {
        let chains = RecalledChains { key: key(), shown: trial, others: Vec::new() };
        let result = Ok(vec![chains]);
        self.event(Event::Try(TryEvent::Recalled { root: "/p".into(), result }));
    }
}

fn recorded() -> Trial {
    let recorded = Recorded {
        run: "R-0001".into(),
        at_ms: 5,
        models: vec!["the starter model".to_owned()],
        calls_read: false,
    };
    let constitution = project().documents.constitutions["general"].clone();
    Trial {
        seed: 0,
        prompt: Some(Arc::new(Prompt::of_text("a", "Why?"))),
        constitution: Some(constitution),
        recorded: Some(recorded),
        row: Some(Arc::new(row("a"))),
        status: TrialStatus::Done,
        ..Trial::default()
    }
}

#[test]
fn the_journals_chains_come_back_when_a_project_opens() {
    let mut bench = Bench::new();
    bench.recalled(recorded());
    assert_eq!(bench.shown().chain().unwrap(), &chain());
    assert_eq!(bench.state.trial.look.mode, TryMode::Final);
    let number = bench.shown().number;
    // What was sent is read only when it is looked at, and once.
    let effects = bench.command(TryCommand::Mode(TryMode::Raw));
    assert!(
        matches!(effects.as_slice(), [Effect::Try(TryEffect::ReadCalls { number: n, .. })] if *n == number)
    );
    assert!(bench.command(TryCommand::FetchCalls(number)).is_empty());
    // Another project's chains are nothing to this one.
    let mut bench = Bench::new();
    let chains = RecalledChains { key: key(), shown: recorded(), others: Vec::new() };
    let result = Ok(vec![chains]);
    bench.event(Event::Try(TryEvent::Recalled { root: "/other".into(), result }));
    assert!(bench.state.trial.trials.is_empty());
}

#[test]
fn what_was_run_meanwhile_stays_in_front() {
    let mut bench = Bench::new();
    let number = bench.run();
    bench.recalled(recorded());
    assert_eq!(bench.shown().number, number);
    assert_eq!(bench.state.trial.chains(&key()).len(), 2);
    // Recorded ones are older.
    assert!(bench.state.trial.chains(&key())[0].recorded.is_some());
}

#[test]
fn a_chain_is_stale_when_what_made_it_has_changed() {
    let mut bench = Bench::new();
    bench.recalled(recorded());
    let why = |bench: &Bench| stale(&bench.state, bench.state.prompt().unwrap(), bench.shown());
    assert_eq!(why(&bench), None);
    let change = |bench: &mut Bench, change: &dyn Fn(&mut Constitution)| {
        let documents = &mut bench.state.project.as_mut().unwrap().documents;
        let mut value = (*documents.constitutions["general"]).clone();
        change(&mut value);
        documents.constitutions.insert("general".to_owned(), Arc::new(value));
    };
    // P3 was not used: its words don't matter, but leaving it out changes the draw.
    change(&mut bench, &|c| c.principles[2].text = "Be short.".to_owned());
    assert_eq!(why(&bench), None);
    change(&mut bench, &|c| c.principles[1].notes = "for reviewers".to_owned());
    assert_eq!(why(&bench), None);
    change(&mut bench, &|c| c.principles[2].enabled = false);
    assert_eq!(why(&bench).as_deref(), Some("P3 changed"));
    change(&mut bench, &|c| c.principles[0].text = "Be true.".to_owned());
    assert_eq!(why(&bench).as_deref(), Some("P1 changed"));
    let mut bench = Bench::new();
    bench.recalled(recorded());
    bench.command(TryCommand::EditPrompt("a".into(), "Why not?".to_owned()));
    assert_eq!(why(&bench).as_deref(), Some("the prompt changed"));
    let mut bench = Bench::new();
    bench.recalled(recorded());
    change(&mut bench, &|c| c.principles.truncate(2));
    assert_eq!(why(&bench).as_deref(), Some("P3 is gone"));
}

#[test]
fn three_samples_run_one_after_the_other() {
    let mut bench = Bench::new();
    let effects = bench.command(TryCommand::Samples);
    assert_eq!(Bench::plan(&effects).seed, 0);
    assert_eq!(bench.state.trial.waiting.len(), 2);
    let first = bench.shown().number;
    bench.finish(row("a"));
    assert_eq!(bench.shown().number, first, "the first is looked at");
    let running = bench.state.trial.running.clone().unwrap().0;
    let second = bench.state.trial.find(running).unwrap();
    assert_eq!((second.seed, &second.variant), (1, &Variant::Sample));
    bench.command(TryCommand::Stop);
    assert!(bench.state.trial.waiting.is_empty());
    let chains = bench.state.trial.chains(&key());
    assert_eq!(chains.len(), 2, "what waited is gone, what ran is kept");
}

#[test]
fn a_step_written_by_hand_is_a_branch_beside_its_chain() {
    let mut bench = Bench::new();
    let first = bench.run();
    let part = StepPart::Critique(2);
    let effects = bench.command(TryCommand::Branch { part, text: "My fault.".to_owned() });
    let plan = Bench::plan(&effects);
    let start = plan.start.as_ref().unwrap();
    assert_eq!(start.steps.len(), 1);
    assert_eq!(start.critique, Some(("P2".into(), "My fault.".to_owned())));
    assert_eq!(start.by_hand, ["critique 2"]);
    assert_eq!(plan.variant, Variant::Branch);
    let branch = bench.finish(row("a"));
    assert_eq!(bench.shown().number, branch);
    assert_eq!(bench.shown().of, Some(first));
    assert!(bench.state.trial.find(first).is_some(), "the original is there");
    // A branch of the branch keeps what was written before the place of the edit.
    let part = StepPart::Revision(2);
    let effects = bench.command(TryCommand::Branch { part, text: "All mine.".to_owned() });
    let start = Bench::plan(&effects).start.clone().unwrap();
    assert_eq!(start.by_hand, ["critique 2", "revision 2"]);
    assert_eq!(start.steps[1].revision, "All mine.");
    bench.command(TryCommand::Stop);
    bench.command(TryCommand::Show(branch));
    let part = StepPart::Draft;
    let effects = bench.command(TryCommand::Branch { part, text: "New.".to_owned() });
    assert_eq!(Bench::plan(&effects).start.as_ref().unwrap().by_hand, ["draft"]);
}

#[test]
fn a_branch_that_changes_nothing_is_not_run() {
    let mut bench = Bench::new();
    bench.run();
    let text = chain().draft;
    assert!(
        !bench
            .command(TryCommand::Branch { part: StepPart::Draft, text })
            .iter()
            .any(|effect| matches!(effect, Effect::RunTrial(_)))
    );
}

#[test]
fn an_ablation_leaves_the_document_alone() {
    let mut bench = Bench::new();
    let first = bench.run();
    let effects = bench.command(TryCommand::Ablate("P1".into()));
    let plan = Bench::plan(&effects);
    assert!(!plan.constitution.principle(&"P1".into()).unwrap().enabled);
    assert_eq!(plan.variant, Variant::Without { principle: "P1".into() });
    bench.finish(row("a"));
    assert_eq!(bench.shown().of, Some(first));
    assert!(bench.state.constitution().unwrap().principle(&"P1".into()).unwrap().enabled);
    assert_eq!(stale(&bench.state, bench.state.prompt().unwrap(), bench.shown()), None);
}

#[test]
fn the_same_again_takes_the_older_ones_place() {
    let mut bench = Bench::new();
    bench.run();
    bench.run();
    assert_eq!(bench.state.trial.chains(&key()).len(), 1);
    bench.command(TryCommand::RunOtherSeed);
    let mut other = row("a");
    other.chain.as_mut().unwrap().draft = "Other.".to_owned();
    bench.finish(other);
    let chains = bench.state.trial.chains(&key());
    assert_eq!(chains.iter().map(|trial| trial.label()).collect::<Vec<_>>(), ["Seed 0", "Seed 1"]);
    bench.command(TryCommand::StepChain(-1));
    assert_eq!(bench.shown().seed, 0);
    let number = bench.shown().number;
    bench.command(TryCommand::Forget(number));
    assert_eq!(bench.shown().seed, 1);
}

#[test]
fn a_free_seed_goes_on_with_every_run() {
    let mut bench = Bench::new();
    bench.command(TryCommand::LockSeed(false));
    bench.run();
    assert_eq!(bench.shown().seed, 0, "the first has the seed asked for");
    bench.run();
    assert_eq!(bench.shown().seed, 1);
}

#[test]
fn edits_are_chosen_by_key_and_name_their_principle() {
    let mut bench = Bench::new();
    let number = bench.run();
    bench.command(TryCommand::StepEdit(1));
    assert_eq!(bench.state.trial.look.edit, Some((number, 0)));
    bench.command(TryCommand::StepEdit(-1));
    let last = bench.state.trial.look.edit.unwrap().1;
    assert!(last > 0);
    let Ok(Command::Try(TryCommand::Ablate(id))) = MenuCommand::Ablate.resolve(&bench.state) else {
        panic!("nothing to ablate")
    };
    assert_eq!(id, "P2".into());
    bench.command(TryCommand::Edit(Some(0)));
    let Ok(Command::Try(TryCommand::Ablate(id))) = MenuCommand::Ablate.resolve(&bench.state) else {
        panic!("nothing to ablate")
    };
    assert_eq!(id, "P1".into());
}

#[test]
fn a_prompt_is_pinned_once() {
    let mut bench = Bench::new();
    bench.command(TryCommand::Pin("P2".into()));
    bench.command(TryCommand::Pin("P2".into()));
    let cases = |bench: &Bench| {
        bench.state.constitution().unwrap().principle(&"P2".into()).unwrap().cases.clone()
    };
    assert_eq!(cases(&bench).len(), 1);
    assert_eq!(cases(&bench)[0].prompt, "Why?");
    bench.command(Command::Undo);
    assert!(cases(&bench).is_empty());
}

#[test]
fn pasted_prompts_are_one_entry_of_the_history() {
    let mut bench = Bench::new();
    bench.state.sheet = Some(Sheet::PastePrompts);
    let texts = ["One?", "Two?", "Three?"].map(str::to_owned).to_vec();
    bench.command(TryCommand::AddPrompts(texts));
    assert_eq!(bench.state.sheet, None);
    let set = bench.state.prompts().unwrap();
    assert_eq!(set.prompts.len(), 5);
    assert_eq!(set.prompts[1].text(), "One?");
    assert_eq!(bench.state.prompt().unwrap().text(), "One?");
    bench.command(Command::Undo);
    assert_eq!(bench.state.prompts().unwrap().prompts.len(), 2);
}

#[test]
fn the_chain_is_copied_in_three_forms() {
    let mut bench = Bench::new();
    bench.run();
    let copied = |effects: Vec<Effect>| {
        effects
            .into_iter()
            .find_map(|effect| if let Effect::Copy(text) = effect { Some(text) } else { None })
    };
    let text = copied(bench.command(TryCommand::Copy(CopyForm::Markdown))).unwrap();
    assert!(text.contains("> Why?"), "{text}");
    assert!(text.contains("## Round 2: P2"), "{text}");
    assert!(text.contains("constitution “General”"), "{text}");
    let text = copied(bench.command(TryCommand::Copy(CopyForm::Json))).unwrap();
    assert_eq!(serde_json::from_str::<Row>(&text).unwrap(), row("a"));
    assert_eq!(copied(bench.command(TryCommand::Copy(CopyForm::Raw))), None);
}

#[test]
fn a_reaction_becomes_a_principle() {
    let mut bench = Bench::new();
    bench.run();
    bench.react(ReactCommand::Begin(Reaction::Complaint));
    assert_eq!(bench.state.sheet, Some(Sheet::React));
    assert!(bench.react(ReactCommand::Suggest).iter().all(|e| !matches!(e, Effect::Try(_))));
    bench.react(ReactCommand::Said("too preachy".to_owned()));
    let effects = bench.react(ReactCommand::Suggest);
    let [Effect::Try(TryEffect::Suggest(plan))] = effects.as_slice() else {
        panic!("not asked: {effects:?}")
    };
    assert_eq!((plan.said.as_str(), plan.recipe.name.as_str()), ("too preachy", "react"));
    let number = plan.number;
    let candidates = vec!["Give advice without a moral.".to_owned()];
    let result = Ok(Suggested { candidates, raw: String::new() });
    bench.event(Event::Try(TryEvent::Suggested { number: number + 9, result: result.clone() }));
    let react = |bench: &Bench| bench.state.trial.react.clone().unwrap();
    assert_eq!(react(&bench).candidates, ["too preachy"], "another's answer is left aside");
    bench.event(Event::Try(TryEvent::Suggested { number, result }));
    assert_eq!(react(&bench).candidates, ["too preachy", "Give advice without a moral."]);
    assert_eq!(react(&bench).chosen, 1);
    // It is tried without touching the document.
    let effects = bench.react(ReactCommand::Try);
    let plan = Bench::plan(&effects);
    assert_eq!(plan.constitution.principles.len(), 4);
    assert_eq!(bench.state.constitution().unwrap().principles.len(), 3);
    assert_eq!(bench.state.sheet, None);
    let number = bench.finish(row("a"));
    assert_eq!(react(&bench).tried, Some(number));
    // Then edited and added, and taken back.
    bench.react(ReactCommand::Reopen);
    bench.react(ReactCommand::Candidate(1, "Advise without a moral.".to_owned()));
    bench.react(ReactCommand::Add);
    assert_eq!(bench.state.sheet, None);
    let texts: Vec<_> =
        bench.state.constitution().unwrap().principles.iter().map(|p| p.text.clone()).collect();
    assert_eq!(texts.last().unwrap(), "Advise without a moral.");
    bench.command(Command::Undo);
    assert_eq!(bench.state.constitution().unwrap().principles.len(), 3);
}

#[test]
fn an_unreadable_reply_leaves_the_users_own_words() {
    let mut bench = Bench::new();
    bench.run();
    bench.react(ReactCommand::Begin(Reaction::Complaint));
    bench.react(ReactCommand::Said("too long".to_owned()));
    bench.react(ReactCommand::Suggest);
    let Suggesting::Running(number) = bench.state.trial.react.as_ref().unwrap().suggesting else {
        panic!("not asked")
    };
    let result = Ok(Suggested { candidates: Vec::new(), raw: "Sure!".to_owned() });
    bench.event(Event::Try(TryEvent::Suggested { number, result }));
    let react = bench.state.trial.react.clone().unwrap();
    assert_eq!((react.chosen, react.candidate()), (0, "too long"));
    assert!(matches!(react.suggesting, Suggesting::Done(suggested) if suggested.raw == "Sure!"));
    // Editing a principle there is goes there, with the words to paste.
    let effects = bench.react(ReactCommand::EditNearest("P3".into()));
    assert!(effects.iter().any(|e| matches!(e, Effect::Copy(text) if text == "too long")));
    assert_eq!(bench.state.area, Area::Constitution);
    let focus = bench.state.focus.clone().unwrap();
    assert!(matches!(focus.target, Target::Principle { id, .. } if id == "P3".into()));
    assert!(bench.state.trial.react.is_none());
}

#[test]
fn a_rewrite_is_no_principle_by_itself() {
    let mut bench = Bench::new();
    bench.run();
    bench.react(ReactCommand::Begin(Reaction::Rewrite));
    let react = bench.state.trial.react.clone().unwrap();
    assert_eq!(react.rewrite, chain().last());
    bench.react(ReactCommand::Said("shorter".to_owned()));
    assert_eq!(bench.state.trial.react.as_ref().unwrap().candidates, [""]);
    assert!(crate::app::update::trial::react::can_suggest(&bench.state).is_err());
    bench.react(ReactCommand::Rewrite("Keep it dry.".to_owned()));
    assert!(crate::app::update::trial::react::can_suggest(&bench.state).is_ok());
    bench.react(ReactCommand::Add);
    assert_eq!(bench.state.constitution().unwrap().principles.len(), 3, "it is empty");
}

#[test]
fn all_stale_chains_are_refreshed_in_turn() {
    let mut bench = Bench::new();
    bench.run();
    bench.state.selection.prompt = Some("b".into());
    bench.command(TryCommand::Run);
    bench.finish(row("b"));
    assert!(MenuCommand::RefreshStale.resolve(&bench.state).is_err());
    let change = PrincipleChange::Text("Be true.".to_owned());
    bench.command(ConstitutionCommand::Principle { id: "P1".into(), change });
    bench.state.area = Area::Try;
    assert!(MenuCommand::RefreshStale.resolve(&bench.state).is_ok());
    let effects = bench.command(TryCommand::RefreshStale);
    assert_eq!(Bench::plan(&effects).prompt.id, "a".into());
    bench.finish(row("a"));
    assert_eq!(bench.state.trial.running.as_ref().unwrap().1.1, "b".into());
    bench.finish(row("b"));
    assert!(MenuCommand::RefreshStale.resolve(&bench.state).is_err());
}
