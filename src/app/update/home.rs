//! Home, settings, session and the newcomer's steps.

use strum::IntoEnumIterator as _;

use super::{import, recover};
use crate::app::command::{
    CasesCommand, Command, CompareCommand, ConstitutionCommand, HomeCommand, ReactCommand,
    RunsCommand, TryCommand,
};
use crate::app::effects::Effect;
use crate::app::effects::home::{HomeEffect, HomeEvent};
use crate::app::state::home::{
    CARDS, DraftState, Held, Keeping, LogState, NextStep, SettingsPage, next_step,
};
use crate::app::state::models::remote_host;
use crate::app::state::{
    AppState, Area, Closing, ExportOutcome, Moment, NoticeKind, PathPurpose, SaveState, Settings,
    Sheet, TrialStatus,
};
use crate::domain::{Method, ModelEntry, ModelRole};
use crate::engine::plan::roles_of;
use crate::store::settings::{Known, Place, Step};
use crate::store::waiting::WaitingWork;

/// From a change of where the user is to its being kept.
const PLACE_AFTER_MILLIS: u64 = 600;

pub(super) fn carry_out(state: &mut AppState, command: HomeCommand, at: Moment) -> Vec<Effect> {
    match command {
        HomeCommand::Page(page) => {
            state.area = Area::Settings;
            state.home.page = page;
            Vec::new()
        }
        HomeCommand::Continue => go_on(state, at),
        HomeCommand::Do(step) => do_step(state, step, at),
        HomeCommand::Skip(step) => {
            state.home.skipped.insert(step);
            Vec::new()
        }
        HomeCommand::Locate(root) => {
            state.home.locating = Some(root);
            vec![Effect::AskPath(PathPurpose::Locate)]
        }
        HomeCommand::Forget(root) => {
            state.home.recents.retain(|recent| recent.root != root);
            vec![Effect::Home(HomeEffect::Forget(root))]
        }
        HomeCommand::NextCard => {
            state.settings.cards = (state.settings.cards + 1).min(CARDS);
            save_settings(state)
        }
        HomeCommand::HideCards => {
            state.settings.cards = CARDS;
            save_settings(state)
        }
        HomeCommand::ShowCards => {
            state.settings.cards = 0;
            state.area = Area::Try;
            save_settings(state)
        }
        HomeCommand::Review(paths) => {
            vec![Effect::Home(HomeEffect::Read { paths, area: state.area })]
        }
        HomeCommand::ReviewText(text) => {
            if text.trim().is_empty() {
                return Vec::new();
            }
            vec![Effect::Home(HomeEffect::ReadText { text, area: state.area })]
        }
        HomeCommand::ImportKind(place, kind) => {
            import::kind(state, place, kind);
            Vec::new()
        }
        HomeCommand::ImportTarget(place, target) => {
            import::target(state, place, target);
            Vec::new()
        }
        HomeCommand::ImportTake(place, take) => {
            import::take(state, place, take);
            Vec::new()
        }
        HomeCommand::Import => import::import(state, at),
        HomeCommand::KeepRecovered => recover::keep(state, at),
        HomeCommand::DiscardRecovered => recover::discard(state, at),
        HomeCommand::AllowHosts => allow_hosts(state, at),
        HomeCommand::RefuseHosts => {
            state.home.held = None;
            state.sheet = None;
            state.announce("Nothing was sent");
            Vec::new()
        }
        HomeCommand::AskBeforeHosts(ask) => {
            state.settings.ask_before_hosts = ask;
            save_settings(state)
        }
        HomeCommand::TellWhenAway(tell) => {
            state.settings.tell_when_away = tell;
            save_settings(state)
        }
        HomeCommand::ForgetHost(host) => {
            state.settings.hosts.remove(&host);
            save_settings(state)
        }
        HomeCommand::WindowAt(place) => {
            state.settings.window = Some(place);
            save_settings(state)
        }
        HomeCommand::ResetWindow => {
            state.settings.window = None;
            state.settings.zoom = 1.0;
            state.announce("The window is as at first");
            let mut effects = save_settings(state);
            effects.push(Effect::ResetWindow);
            effects
        }
        HomeCommand::CopyDiagnostics => vec![Effect::Home(HomeEffect::Diagnose)],
        HomeCommand::OpenFolder(path) => vec![Effect::Home(HomeEffect::OpenFolder(path))],
        HomeCommand::DismissCrash => match state.home.crash.take() {
            Some(report) => vec![Effect::Home(HomeEffect::SawCrash(report.path))],
            None => Vec::new(),
        },
    }
}

pub(super) fn take_in(state: &mut AppState, event: HomeEvent, at: Moment) -> Vec<Effect> {
    match event {
        HomeEvent::Recents(recents) => state.home.recents = recents,
        HomeEvent::Facts { root, facts } => {
            if state.project.as_ref().is_some_and(|project| project.root == root) {
                state.home.facts = Some(facts);
            }
        }
        HomeEvent::Remembered { root, known, recovered } => {
            return remembered(state, root, known, recovered, at);
        }
        HomeEvent::DraftsKept(Err(failure)) => {
            // Said once: a full disk would say it with every keystroke.
            state.notify(NoticeKind::Warning, failure.message, at);
        }
        HomeEvent::DraftsKept(Ok(())) => {}
        HomeEvent::Read(review) => import::read(state, *review, at),
        HomeEvent::Measured(storage) => state.home.storage = Some(storage),
        HomeEvent::Log { seen, lines } => {
            state.home.log = LogState { seen, lines, is_watched: false };
        }
        HomeEvent::Diagnosed(text) => {
            state.notify(NoticeKind::Done, "Diagnostics are on the clipboard, without keys", at);
            return vec![Effect::Copy(text)];
        }
        HomeEvent::Crash(report) => state.home.crash = Some(report),
    }
    Vec::new()
}

fn save_settings(state: &AppState) -> Vec<Effect> {
    vec![Effect::SaveSettings(Box::new(state.settings.clone()))]
}

/// What follows from every message: where the user is and what is unsaved are kept soon, steps
/// that were done are noted, and what a screen shows is looked up when it is entered.
pub(super) fn after(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if state.sheet != Some(Sheet::ImportReview) {
        state.home.import = None;
    }
    if state.sheet != Some(Sheet::FirstSend) {
        state.home.held = None;
    }
    if !matches!(state.area, Area::Home | Area::Settings) {
        state.home.work = Some(state.area);
    }
    let mut effects = keep_place(state, at);
    effects.extend(recover::keep_drafts(state, at));
    effects.extend(note_steps(state));
    effects.extend(look(state));
    effects
}

/// Looks up what the screen shows, when it is entered.
fn look(state: &mut AppState) -> Vec<Effect> {
    let now = (state.area, state.home.page);
    let entered = state.home.looked_at != Some(now);
    state.home.looked_at = Some(now);
    let mut effects = Vec::new();
    match now {
        (Area::Home, _) if entered => effects.push(Effect::Home(HomeEffect::Look)),
        (Area::Settings, SettingsPage::Models) if entered => {
            effects.extend(super::models::look(state));
        }
        (Area::Settings, SettingsPage::Storage) if entered => {
            effects.push(Effect::Home(HomeEffect::Measure));
        }
        (Area::Settings, SettingsPage::Logs) if !state.home.log.is_watched => {
            state.home.log.is_watched = true;
            let seen = (!entered).then_some(state.home.log.seen);
            effects.push(Effect::Home(HomeEffect::WatchLog(seen)));
        }
        _ => {}
    }
    effects
}

/// Another project is about to take the place of the one that was open.
pub(super) fn another_project(state: &mut AppState, first_time: bool) {
    let home = &mut state.home;
    home.facts = None;
    home.skipped.clear();
    home.keeping = Keeping::default();
    home.drafts = DraftState::default();
    home.recovered = None;
    home.work = None;
    home.storage = None;
    home.quit_refused = false;
    home.looked_at = None;
    if first_time {
        state.area = Area::Try;
    }
}

fn remembered(
    state: &mut AppState,
    root: std::path::PathBuf,
    known: Option<Box<Known>>,
    recovered: Option<crate::app::state::home::Recovered>,
    at: Moment,
) -> Vec<Effect> {
    let mut effects = vec![Effect::Home(HomeEffect::Look)];
    if let Some(from) = state.home.locating.take()
        && from != root
    {
        effects.push(Effect::Home(HomeEffect::Moved { from, to: root.clone() }));
    }
    let keeping = &mut state.home.keeping;
    keeping.root = Some(root);
    keeping.opened = at;
    if let Some(known) = known {
        keeping.edited = Moment(known.edited_ms);
        let place = known.place.clone();
        keeping.kept = *known;
        restore(state, &place);
    } else if state.area == Area::Home {
        state.area = Area::Try;
    }
    if let Some(recovered) = recovered {
        let count = recovered.documents.len();
        state.home.recovered = Some(recovered);
        state.home.drafts.is_there = true;
        state.sheet = Some(Sheet::Recovered);
        state.announce(format!("{count} unsaved changes were found"));
    }
    effects
}

/// Shows what was shown when the project was left; from Home, where work was.
fn restore(state: &mut AppState, place: &Place) {
    let area_of = |name: &str| Area::iter().find(|area| area.to_string() == name);
    let work = area_of(&place.work);
    let from_home = state.area == Area::Home;
    let area = if from_home { work.or(Some(Area::Try)) } else { area_of(&place.area) };
    state.area = area.unwrap_or(state.area);
    state.home.work = work;
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let selection = &mut state.selection;
    selection.constitution.clone_from(&place.constitution);
    selection.principle = some(&place.principle).map(|id| id.as_str().into());
    selection.rubric.clone_from(&place.rubric);
    selection.criterion = some(&place.criterion).map(|id| id.as_str().into());
    selection.prompts.clone_from(&place.prompts);
    selection.prompt = some(&place.prompt).map(crate::domain::PromptId);
    super::go::mend_selection(state);
}

fn known_of(state: &AppState) -> Option<Known> {
    let documents = state.documents()?;
    let selection = &state.selection;
    let keeping = &state.home.keeping;
    let sum = |counts: &mut dyn Iterator<Item = usize>| counts.sum::<usize>() as u64;
    let id = |id: Option<String>| id.unwrap_or_default();
    Some(Known {
        name: documents.setup.name.clone(),
        place: Place {
            area: state.area.to_string(),
            work: state.home.work.unwrap_or_default().to_string(),
            constitution: selection.constitution.clone(),
            principle: id(selection.principle.as_ref().map(ToString::to_string)),
            rubric: selection.rubric.clone(),
            criterion: id(selection.criterion.as_ref().map(ToString::to_string)),
            prompts: selection.prompts.clone(),
            prompt: id(selection.prompt.as_ref().map(ToString::to_string)),
        },
        edited_ms: keeping.edited.0,
        opened_ms: keeping.opened.0,
        principles: sum(&mut documents.constitutions.values().map(|one| one.principles.len())),
        criteria: sum(&mut documents.rubrics.values().map(|one| one.criteria.len())),
        prompts: sum(&mut documents.prompt_sets.values().map(|one| one.prompts.len())),
        runs: state.home.facts.map_or(keeping.kept.runs, |facts| facts.runs),
    })
}

fn keep_place(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(root) = state.home.keeping.root.clone() else { return Vec::new() };
    let edited = match state.save {
        SaveState::Dirty { since } => since,
        SaveState::Saving => at,
        SaveState::Clean | SaveState::Saved { .. } | SaveState::Failed { .. } => Moment::default(),
    };
    state.home.keeping.edited = state.home.keeping.edited.max(edited);
    let Some(known) = known_of(state) else { return Vec::new() };
    let keeping = &mut state.home.keeping;
    if keeping.kept == known {
        keeping.due = None;
        return Vec::new();
    }
    let when = keeping.due.as_ref().map(|(_, when)| *when);
    match when {
        Some(when) if at < when && state.closing != Closing::Now => {
            keeping.due = Some((known, when));
            Vec::new()
        }
        None if state.closing != Closing::Now => {
            let when = at.plus_millis(PLACE_AFTER_MILLIS);
            keeping.due = Some((known, when));
            vec![Effect::WakeAt(when)]
        }
        Some(_) | None => {
            keeping.due = None;
            keeping.kept = known.clone();
            if let Some(line) = state.home.recents.iter_mut().find(|line| line.root == root) {
                line.known = known.clone();
            }
            vec![Effect::Home(HomeEffect::KeepPlace { root, known: Box::new(known) })]
        }
    }
}

/// Goes on where work stopped: in the open project, else in the one open last.
fn go_on(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if state.project.is_some() {
        let area = state.home.work.unwrap_or_default();
        return super::go::carry_out(state, crate::app::command::GoCommand::Area(area));
    }
    let last = state.home.recents.iter().find(|recent| recent.is_there);
    let Some(root) = last.map(|recent| recent.root.clone()) else {
        return super::project::carry_out(
            state,
            crate::app::command::ProjectCommand::OpenSample,
            at,
        );
    };
    super::project::carry_out(state, crate::app::command::ProjectCommand::Open(root), at)
}

fn do_step(state: &mut AppState, step: NextStep, at: Moment) -> Vec<Effect> {
    match step {
        NextStep::OpenProject => go_on(state, at),
        NextStep::Recovered => {
            state.sheet = state.home.recovered.is_some().then_some(Sheet::Recovered);
            Vec::new()
        }
        NextStep::RunPrompt => {
            state.area = Area::Try;
            if hold(state, &TryCommand::Run.into()) {
                return Vec::new();
            }
            super::trial::carry_out(state, TryCommand::Run, at)
        }
        NextStep::ImportPrompts => vec![Effect::AskPath(PathPurpose::Import)],
        NextStep::ConnectModel => {
            state.area = Area::Settings;
            state.home.page = SettingsPage::Models;
            super::models::carry_out(state, crate::app::command::ModelsCommand::BeginNew, at)
        }
        NextStep::Export => {
            super::go::carry_out(state, crate::app::command::GoCommand::Open(Sheet::Export))
        }
    }
}

/// Notes what a newcomer has done, and lets the cards follow.
fn note_steps(state: &mut AppState) -> Vec<Effect> {
    let mut done = state.settings.started.clone();
    if state.trial.trials.values().any(|trial| trial.status == TrialStatus::Done) {
        done.insert(Step::Chain);
    }
    if state.documents().is_some_and(|documents| !documents.setup.models.is_empty()) {
        done.insert(Step::Model);
    }
    let exported = matches!(state.export.outcome, ExportOutcome::Written { .. });
    if exported || state.home.facts.is_some_and(|facts| facts.last_export_ms > 0) {
        done.insert(Step::Export);
    }
    if state.compare.shown.is_some()
        || state.compare.past.as_ref().is_some_and(|all| !all.is_empty())
    {
        done.insert(Step::Compare);
    }
    let mut cards = state.settings.cards;
    let follows = match cards {
        0 => state.trial.look.edit.is_some(),
        1 => done.contains(&Step::React),
        2 => done.contains(&Step::Compare),
        3 => done.contains(&Step::Model),
        _ => false,
    };
    if follows {
        cards += 1;
    }
    if done == state.settings.started && cards == state.settings.cards {
        return Vec::new();
    }
    state.settings = Settings { started: done, cards, ..state.settings.clone() };
    save_settings(state)
}

/// Notes a step done by a command, and says whether the command has to wait until the user has
/// said whether its hosts may be sent to; then the sheet that asks is open.
pub(super) fn hold(state: &mut AppState, command: &Command) -> bool {
    let adds = matches!(
        command,
        Command::Constitution(ConstitutionCommand::AddPrinciple | ConstitutionCommand::AddLines(_))
    );
    let reacts = matches!(command, Command::Try(TryCommand::React(ReactCommand::Add)));
    if adds || reacts {
        state.settings.started.insert(Step::Principle);
    }
    if reacts {
        state.settings.started.insert(Step::React);
    }
    if !state.settings.ask_before_hosts {
        return false;
    }
    let hosts: Vec<String> = hosts_of(state, command)
        .into_iter()
        .filter(|host| !state.settings.hosts.contains(host))
        .collect();
    if hosts.is_empty() {
        return false;
    }
    state.announce(format!("May {} be sent to?", hosts.join(", ")));
    state.home.held = Some(Held { command: Box::new(command.clone()), hosts });
    state.sheet = Some(Sheet::FirstSend);
    true
}

/// The hosts beyond this computer that a command would send texts to, sorted. Every command that
/// has models asked belongs here.
fn hosts_of(state: &AppState, command: &Command) -> Vec<String> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let mut players = documents.setup.roles.clone();
    // Models that are asked beside those of the roles, by name.
    let mut others: Vec<&str> = Vec::new();
    let method = match command {
        Command::Try(
            TryCommand::Run
            | TryCommand::RunOtherSeed
            | TryCommand::Samples
            | TryCommand::Ablate(_)
            | TryCommand::Branch { .. }
            | TryCommand::React(ReactCommand::Try),
        ) if crate::app::menu_command::runnable(state).is_ok() => {
            if state.trial.score {
                Method::ChainScore
            } else {
                Method::Critique
            }
        }
        Command::Try(TryCommand::React(ReactCommand::Suggest)) => Method::Critique,
        Command::Cases(CasesCommand::RunStale | CasesCommand::Run(_)) => {
            if state.cases.score {
                Method::ChainScore
            } else {
                Method::Critique
            }
        }
        Command::Runs(RunsCommand::Pilot | RunsCommand::Start) => {
            let (Some(draft), Some(project)) = (&state.runs.draft, &state.project) else {
                return Vec::new();
            };
            players.extend(draft.settings.models.clone());
            let recipe = super::runs::draft::recipe_of(project, &draft.settings);
            recipe.map_or(Method::ChainScore, |recipe| recipe.method)
        }
        Command::Compare(CompareCommand::Run | CompareCommand::GoOn) => {
            let setup = &state.compare.setup;
            if let Some(judge) = &setup.judge {
                players.insert(ModelRole::Judge, judge.clone());
            }
            let sides = [&setup.a, &setup.b];
            others.extend(sides.iter().filter_map(|side| side.model.as_deref()));
            Method::ChainScore
        }
        // The recipe of a run that goes on is not known here: all that could be asked.
        Command::Runs(RunsCommand::Resume { .. }) => Method::ChainScore,
        Command::Runs(RunsCommand::BeginLeft(place)) => {
            if let Some(WaitingWork::New(choices)) =
                state.runs.left.waiting.get(*place).map(|waiting| &waiting.work)
            {
                players.extend(choices.models.clone());
            }
            Method::ChainScore
        }
        Command::Try(_)
        | Command::Runs(_)
        | Command::Cases(_)
        | Command::Go(_)
        | Command::Constitution(_)
        | Command::Rubric(_)
        | Command::Lists(_)
        | Command::Undo
        | Command::Redo
        | Command::EndEdit
        | Command::Project(_)
        | Command::Export(_)
        | Command::Models(_)
        | Command::Look(_)
        | Command::Home(_)
        | Command::Compare(_)
        | Command::Data(_)
        | Command::Library(_)
        | Command::Copy(_) => return Vec::new(),
    };
    let models = documents.setup.all_models();
    let mut hosts: Vec<String> = roles_of(method)
        .iter()
        .map(|role| players.get(role).map_or(ModelEntry::EMBEDDED, String::as_str))
        .chain(others)
        .filter_map(|name| remote_host(models.iter().find(|model| model.name == name)?))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

fn allow_hosts(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(Held { command, hosts }) = state.home.held.take() else { return Vec::new() };
    state.sheet = None;
    state.settings.hosts.extend(hosts);
    let mut effects = save_settings(state);
    effects.extend(super::carry_out(state, *command, at));
    effects
}

/// Whether a step is offered that the state can't do now, and why.
pub fn step_problem(state: &AppState) -> Option<&'static str> {
    match next_step(state)? {
        NextStep::RunPrompt => crate::app::menu_command::runnable(state).err(),
        NextStep::ImportPrompts | NextStep::ConnectModel => {
            crate::app::menu_command::editable(state).err()
        }
        NextStep::OpenProject | NextStep::Recovered | NextStep::Export => None,
    }
}
