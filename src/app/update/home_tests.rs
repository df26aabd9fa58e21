//! Home, session, recovery and import: state and message in, state and effects out.

mod import;

use std::sync::Arc;

use super::recover::DRAFT_AFTER_MILLIS;
use super::update;
use crate::app::command::{
    CasesCommand, Command, CompareCommand, ConstitutionCommand, GoCommand, HomeCommand,
    LookCommand, PrincipleChange, ProjectCommand, ReactCommand, RunsCommand, TryCommand,
};
use crate::app::effects::Effect;
use crate::app::effects::home::{HomeEffect, HomeEvent};
use crate::app::effects::runs::ResumeWishes;
use crate::app::menu_command::MenuCommand;
use crate::app::message::{Body, Event, Failure, Message, SaveOutcome, SavedDocument};
use crate::app::state::documents::Setup;
use crate::app::state::home::{CARDS, Facts, NextStep, Recent, Recovered, SettingsPage, next_step};
use crate::app::state::{
    AppState, Area, Closing, Document, DocumentId, Moment, PathPurpose, ProjectState, Sheet,
};
use crate::domain::{
    Constitution, ModelEntry, ModelKind, ModelRole, Principle, Prompt, PromptSet, RunId,
};
use crate::store::settings::{Known, Place, Step};

fn constitution(text: &str) -> Arc<Constitution> {
    let mut value = Constitution::named("General");
    let (id, text) = ("P1".into(), text.to_owned());
    value.principles.push(Principle { id, text, ..Principle::default() });
    Arc::new(value)
}

fn set(texts: &[&str]) -> Arc<PromptSet> {
    let prompts = texts.iter().enumerate();
    let prompts = prompts.map(|(n, text)| Prompt::of_text(format!("p{}", n + 1), *text));
    Arc::new(PromptSet { name: "sample".to_owned(), prompts: prompts.collect() })
}

struct Bench {
    state: AppState,
    now: Moment,
}

impl Bench {
    /// A window with a project open, whose place is remembered as `known`.
    fn new(known: Option<Known>, recovered: Option<Recovered>) -> Self {
        let mut project = ProjectState { root: "/p".into(), ..ProjectState::default() };
        let documents = &mut project.documents;
        documents.setup = Arc::new(Setup { name: "Test".to_owned(), ..Setup::default() });
        documents.constitutions.insert("general".to_owned(), constitution("Be honest."));
        documents.prompt_sets.insert("sample".to_owned(), set(&["Why?"]));
        let mut bench = Self { state: AppState::default(), now: Moment(1_000_000) };
        bench.event(Event::Opened {
            root: "/p".into(),
            result: Ok(Box::new(project)),
            first_time: false,
        });
        let known = known.map(Box::new);
        bench.home(HomeEvent::Remembered { root: "/p".into(), known, recovered });
        bench
    }

    fn send(&mut self, command: impl Into<Command>) -> Vec<Effect> {
        let body = Body::Command(command.into());
        update(&mut self.state, Message { at: self.now, body })
    }

    fn event(&mut self, event: Event) -> Vec<Effect> {
        update(&mut self.state, Message { at: self.now, body: Body::Event(Box::new(event)) })
    }

    fn home(&mut self, event: HomeEvent) -> Vec<Effect> {
        self.event(Event::Home(event))
    }

    fn wait(&mut self, millis: u64) -> Vec<Effect> {
        self.now = self.now.plus_millis(millis);
        self.event(Event::Tick)
    }

    fn edit(&mut self, text: &str) -> Vec<Effect> {
        self.send(ConstitutionCommand::Principle {
            id: "P1".into(),
            change: PrincipleChange::Text(text.to_owned()),
        })
    }

    fn text(&self) -> &str {
        &self.state.documents().unwrap().constitutions["general"].principles[0].text
    }

    fn saved(&mut self, outcome: SaveOutcome) -> Vec<Effect> {
        let id = DocumentId::Constitution("general".to_owned());
        self.event(Event::Saved(vec![SavedDocument { id, outcome }]))
    }
}

fn drafts(effects: &[Effect]) -> Option<usize> {
    effects.iter().find_map(|effect| {
        let Effect::Home(HomeEffect::KeepDrafts { documents, .. }) = effect else { return None };
        Some(documents.len())
    })
}

fn place(effects: &[Effect]) -> Option<Known> {
    effects.iter().find_map(|effect| {
        let Effect::Home(HomeEffect::KeepPlace { known, .. }) = effect else { return None };
        Some((**known).clone())
    })
}

#[test]
fn typing_is_kept_as_a_draft_and_goes_when_it_is_saved() {
    let mut bench = Bench::new(None, None);
    assert_eq!(drafts(&bench.edit("Be very honest.")), None, "not with every keystroke");
    let effects = bench.wait(DRAFT_AFTER_MILLIS);
    assert_eq!(drafts(&effects), Some(1));
    assert_eq!(drafts(&bench.wait(100)), None, "nothing new was typed");
    let effects = bench.wait(600);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Save { .. })));
    let effects = bench.saved(SaveOutcome::Saved(None));
    assert_eq!(drafts(&effects), Some(0), "what is saved needs no draft");
    assert_eq!(drafts(&bench.wait(2_000)), None);
}

#[test]
fn what_can_not_be_saved_is_kept_at_once_and_the_window_can_still_be_closed() {
    let mut bench = Bench::new(None, None);
    bench.edit("Be very honest.");
    bench.send(ProjectCommand::Quit);
    assert_eq!(bench.state.closing, Closing::Saving);
    let effects = bench.saved(SaveOutcome::Failed(Failure::new("the disk is full", "")));
    assert_eq!(drafts(&effects), Some(1), "{effects:?}");
    assert_eq!(bench.state.closing, Closing::No);
    assert!(bench.state.notices.last().unwrap().hint.contains("quit again"));
    let effects = bench.send(ProjectCommand::Quit);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Close)));
}

#[test]
fn recovered_edits_come_back_only_when_kept_and_can_be_undone() {
    let id = DocumentId::Constitution("general".to_owned());
    let document = Document::Constitution(Some(constitution("Be honest, and brief.")));
    let found = Recovered { at: Moment(5), documents: vec![(id, document)] };
    let mut bench = Bench::new(None, Some(found.clone()));
    assert_eq!(bench.state.sheet, Some(Sheet::Recovered));
    assert_eq!(bench.text(), "Be honest.");
    assert_eq!(next_step(&bench.state), Some(NextStep::Recovered));
    // Put off, they stay in the file of drafts beside what is typed meanwhile.
    bench.send(GoCommand::CloseSheet);
    assert_eq!(drafts(&bench.wait(5_000)), None);
    let effects = bench.send(HomeCommand::KeepRecovered);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Save { .. })));
    assert_eq!(bench.text(), "Be honest, and brief.");
    assert_eq!(drafts(&bench.saved(SaveOutcome::Saved(None))), Some(0));
    bench.send(Command::Undo);
    assert_eq!(bench.text(), "Be honest.");

    let mut bench = Bench::new(None, Some(found));
    let effects = bench.send(HomeCommand::DiscardRecovered);
    assert_eq!(drafts(&effects), Some(0));
    assert_eq!((bench.text(), bench.state.sheet.clone()), ("Be honest.", None));
}

#[test]
fn a_project_shows_what_it_showed_when_it_was_left() {
    let left = Place {
        area: "Settings".to_owned(),
        work: "Constitution".to_owned(),
        constitution: "general".to_owned(),
        principle: "P1".to_owned(),
        prompts: "gone".to_owned(),
        ..Place::default()
    };
    let known = Known { place: left, edited_ms: 7, ..Known::default() };
    let bench = Bench::new(Some(known.clone()), None);
    assert_eq!(bench.state.area, Area::Settings);
    assert_eq!(bench.state.selection.principle, Some("P1".into()));
    assert_eq!(bench.state.selection.prompts, "sample", "what is gone is mended");
    // From Home one goes back to work.
    let mut bench = Bench::new(None, None);
    bench.send(GoCommand::Area(Area::Home));
    bench.home(HomeEvent::Remembered {
        root: "/p".into(),
        known: Some(Box::new(known)),
        recovered: None,
    });
    assert_eq!(bench.state.area, Area::Constitution);
}

#[test]
fn where_the_user_is_is_kept_within_a_second() {
    let mut bench = Bench::new(None, None);
    bench.wait(1_000);
    bench.send(GoCommand::Area(Area::Rubric));
    let kept = place(&bench.wait(700)).unwrap();
    assert_eq!((kept.place.area.as_str(), kept.place.work.as_str()), ("Rubric", "Rubric"));
    assert_eq!((kept.principles, kept.prompts), (1, 1));
    assert_eq!(place(&bench.wait(5_000)), None, "once is enough");
    // At the end there is no time to wait.
    bench.send(GoCommand::Area(Area::Home));
    let effects = bench.send(ProjectCommand::Quit);
    let kept = place(&effects).unwrap();
    assert_eq!((kept.place.area.as_str(), kept.place.work.as_str()), ("Home", "Rubric"));
}

#[test]
fn the_next_step_comes_from_what_is_there() {
    let mut bench = Bench::new(None, None);
    let facts = |bench: &mut Bench, facts| {
        bench.home(HomeEvent::Facts { root: "/p".into(), facts });
        next_step(&bench.state)
    };
    assert_eq!(facts(&mut bench, Facts::default()), Some(NextStep::RunPrompt));
    let ran = Facts { runs: 1, rows: 3, last_run_ms: 9, ..Facts::default() };
    assert_eq!(facts(&mut bench, ran), Some(NextStep::ImportPrompts));
    bench.send(HomeCommand::Skip(NextStep::ImportPrompts));
    assert_eq!(next_step(&bench.state), Some(NextStep::ConnectModel));
    bench.send(HomeCommand::Skip(NextStep::ConnectModel));
    assert_eq!(next_step(&bench.state), Some(NextStep::Export));
    assert_eq!(facts(&mut bench, Facts { last_export_ms: 10, ..ran }), None);
    assert!(bench.state.settings.started.contains(&Step::Export));
    assert_eq!(next_step(&AppState::default()), Some(NextStep::OpenProject));
}

/// Gives the critic's part to a model on another host.
fn far(bench: &mut Bench) {
    let mut setup = (*bench.state.documents().unwrap().setup).clone();
    setup.models.push(ModelEntry {
        name: "far".to_owned(),
        kind: ModelKind::OpenAi,
        base_url: "https://api.example.com/v1".to_owned(),
        ..ModelEntry::embedded()
    });
    setup.roles.insert(ModelRole::Critic, "far".to_owned());
    bench.state.project.as_mut().unwrap().documents.setup = Arc::new(setup);
}

#[test]
fn nothing_goes_to_a_new_host_before_the_user_has_said_so() {
    let mut bench = Bench::new(None, None);
    far(&mut bench);
    bench.state.trial.score = false;
    let runs = |effects: &[Effect]| effects.iter().any(|one| matches!(one, Effect::RunTrial(_)));
    assert!(!runs(&bench.send(TryCommand::Run)));
    assert_eq!(bench.state.sheet, Some(Sheet::FirstSend));
    assert_eq!(bench.state.home.held.as_ref().unwrap().hosts, ["api.example.com"]);
    bench.send(HomeCommand::RefuseHosts);
    assert!(bench.state.home.held.is_none() && bench.state.trial.running.is_none());
    assert!(!runs(&bench.send(TryCommand::Run)));
    let effects = bench.send(HomeCommand::AllowHosts);
    assert!(runs(&effects), "it goes on where it was held");
    assert!(effects.iter().any(|one| matches!(one, Effect::SaveSettings(_))), "remembered");
    bench.send(TryCommand::Stop);
    assert!(runs(&bench.send(TryCommand::Run)), "it is asked once");
    bench.send(HomeCommand::ForgetHost("api.example.com".to_owned()));
    bench.send(TryCommand::Stop);
    assert!(!runs(&bench.send(TryCommand::Run)));
    bench.send(HomeCommand::AskBeforeHosts(false));
    assert!(runs(&bench.send(TryCommand::Run)));
}

#[test]
fn every_command_that_has_models_asked_is_held_until_its_host_is_allowed() {
    let resume =
        RunsCommand::Resume { run: RunId("R-0001".to_owned()), wishes: ResumeWishes::default() };
    let commands: Vec<Command> = vec![
        TryCommand::Run.into(),
        TryCommand::RunOtherSeed.into(),
        TryCommand::RefreshStale.into(),
        TryCommand::Samples.into(),
        TryCommand::Ablate("P1".into()).into(),
        TryCommand::React(ReactCommand::Try).into(),
        TryCommand::React(ReactCommand::Suggest).into(),
        CasesCommand::RunStale.into(),
        CasesCommand::Run(None).into(),
        RunsCommand::Pilot.into(),
        RunsCommand::Start.into(),
        resume.into(),
        RunsCommand::BeginLeft(0).into(),
        CompareCommand::Run.into(),
        CompareCommand::GoOn.into(),
    ];
    for command in commands {
        let mut bench = Bench::new(None, None);
        far(&mut bench);
        // Its rubric has nothing to score by, so that a try with scores can't run at all.
        bench.state.trial.score = false;
        bench.send(RunsCommand::BeginNew);
        let effects = bench.send(command.clone());
        assert_eq!(bench.state.sheet, Some(Sheet::FirstSend), "{command:?}");
        assert_eq!(bench.state.home.held.as_ref().unwrap().hosts, ["api.example.com"]);
        let asks = effects.iter().any(|effect| {
            matches!(effect, Effect::RunTrial(_) | Effect::Cases(_) | Effect::Compare(_))
        });
        assert!(!asks, "{command:?}: {effects:?}");
    }
}

#[test]
fn settings_are_kept_with_every_change() {
    let mut bench = Bench::new(None, None);
    for command in [
        Command::from(LookCommand::ReducedMotion(true)),
        LookCommand::SingleKeys(false).into(),
        HomeCommand::NextCard.into(),
        HomeCommand::HideCards.into(),
        HomeCommand::ResetWindow.into(),
    ] {
        let effects = bench.send(command.clone());
        let kept = effects.iter().any(|effect| matches!(effect, Effect::SaveSettings(_)));
        assert!(kept, "{command:?}");
    }
    let settings = &bench.state.settings;
    assert!(settings.reduced_motion && !settings.single_keys && settings.cards == CARDS);
}

#[test]
fn a_project_that_was_moved_is_found_again() {
    let mut bench = Bench::new(None, None);
    bench.send(HomeCommand::Locate("/old".into()));
    let chosen =
        Event::PathChosen { purpose: PathPurpose::Locate, path: Some("/new".into()), dialog: true };
    assert!(bench.event(chosen).iter().any(|one| matches!(one, Effect::Open(_))));
    let effects =
        bench.home(HomeEvent::Remembered { root: "/new".into(), known: None, recovered: None });
    assert!(effects.iter().any(|one| matches!(one, Effect::Home(HomeEffect::Moved { .. }))));
    // A dialog that was cancelled moves nothing later.
    bench.send(HomeCommand::Locate("/old".into()));
    bench.event(Event::PathChosen { purpose: PathPurpose::Locate, path: None, dialog: true });
    assert_eq!(bench.state.home.locating, None);
    let recent = Recent { root: "/old".into(), known: Known::default(), is_there: false };
    bench.home(HomeEvent::Recents(vec![recent]));
    bench.send(HomeCommand::Forget("/old".into()));
    assert!(bench.state.home.recents.is_empty());
}

#[test]
fn a_damaged_journal_is_salvaged_from_its_message_and_the_project_opened_again() {
    let salvages = |effects: &[Effect]| {
        effects.iter().any(|one| matches!(one, Effect::Home(HomeEffect::SalvageJournal(_))))
    };
    let mut bench = Bench::new(None, None);
    assert!(MenuCommand::SalvageJournal.resolve(&bench.state).is_err(), "nothing is damaged");
    let damaged = || HomeEvent::JournalDamaged { root: "/p".into(), what: "page 7".to_owned() };
    bench.home(damaged());
    let notice = bench.state.notices.last().unwrap();
    assert_eq!(notice.action, Some(MenuCommand::SalvageJournal));
    assert!(notice.text.contains("page 7"), "{}", notice.text);
    assert!(MenuCommand::SalvageJournal.resolve(&bench.state).is_ok());
    assert!(salvages(&bench.send(HomeCommand::SalvageJournal)));
    assert!(!salvages(&bench.send(HomeCommand::SalvageJournal)), "once");
    let failed = Err(Failure::new("nothing was salvaged", "close the other program"));
    bench.home(HomeEvent::Salvaged { root: "/p".into(), result: failed });
    assert!(salvages(&bench.send(HomeCommand::SalvageJournal)), "it can be tried again");
    let done = Ok("Salvaged 3 runs".to_owned());
    let effects = bench.home(HomeEvent::Salvaged { root: "/p".into(), result: done });
    assert!(effects.iter().any(|one| matches!(one, Effect::Open(_))));
    assert_eq!(bench.state.home.damaged, None);
    bench.home(HomeEvent::Doubt(Failure::new("a network drive", "move it")));
    assert_eq!(bench.state.notices.last().unwrap().text, "a network drive; move it");
}

#[test]
fn the_log_is_watched_only_while_it_is_shown() {
    let watches = |effects: &[Effect]| {
        effects.iter().any(|one| matches!(one, Effect::Home(HomeEffect::WatchLog(_))))
    };
    let mut bench = Bench::new(None, None);
    assert!(watches(&bench.send(HomeCommand::Page(SettingsPage::Logs))));
    assert!(!watches(&bench.wait(10)), "one watch at a time");
    let lines = || HomeEvent::Log { seen: 3, lines: Arc::new(Vec::new()) };
    assert!(watches(&bench.home(lines())));
    bench.send(HomeCommand::Page(SettingsPage::Keys));
    assert!(!watches(&bench.home(lines())));
}

#[test]
fn a_newcomers_steps_are_noted_as_they_are_done() {
    let mut bench = Bench::new(None, None);
    let effects = bench.send(ConstitutionCommand::AddPrinciple);
    let saves =
        |effects: &[Effect]| effects.iter().any(|one| matches!(one, Effect::SaveSettings(_)));
    assert!(saves(&effects), "a step done is kept");
    assert!(bench.state.settings.started.contains(&Step::Principle));
    bench.state.settings.cards = 1;
    bench.send(TryCommand::React(ReactCommand::Add));
    assert!(bench.state.settings.started.contains(&Step::React));
    assert_eq!(bench.state.settings.cards, 2, "the card follows");
}
