//! The question before the first send to a host: what commands send, and where.
//!
//! Every command is named here, so that a new one that has models asked can't be forgotten. What
//! slips through all the same (a model frozen in an old run) is refused by the effects'
//! [`may_send`](crate::app::effects::desk::Desk::may_send).

use crate::app::command::{
    CasesCommand, Command, CompareCommand, JudgesCommand, ReactCommand, ReportCommand, RunsCommand,
    TryCommand,
};
use crate::app::effects::Effect;
use crate::app::state::home::Held;
use crate::app::state::models::remote_host;
use crate::app::state::{AppState, Moment, OwnJudge, Sheet};
use crate::domain::{Method, ModelEntry, ModelRole, Recipe};
use crate::engine::roles::{has_judge_of_its_own, roles_for, roles_of};
use crate::providers::spec;

/// Whether a command has to wait until the user has said whether its hosts may be sent to; then
/// the sheet that asks is open.
pub(in crate::app::update) fn hold(state: &mut AppState, command: &Command) -> bool {
    super::steps::note_command(state, command);
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

/// Does what was held back, and remembers that its hosts may be sent to.
pub(super) fn allow(state: &mut AppState, at: Moment) -> Vec<Effect> {
    let Some(Held { command, hosts }) = state.home.held.take() else { return Vec::new() };
    state.sheet = None;
    state.settings.hosts.extend(hosts);
    let mut effects = super::save_settings(state);
    effects.extend(crate::app::update::carry_out(state, *command, at));
    effects
}

/// Whom a command has asked.
enum Asked {
    /// Nobody.
    Nobody,
    /// The models of a method's roles.
    Method(Method),
    /// The models that a recipe names or needs.
    Recipe(Box<Recipe>),
    /// Whoever was frozen in an earlier run: that may be any model of the project.
    Frozen,
}

fn of_score(score: bool) -> Asked {
    Asked::Method(if score { Method::ChainScore } else { Method::Critique })
}

/// Whom a command has asked; exhaustive on purpose.
fn asked(state: &AppState, command: &Command) -> Asked {
    match command {
        Command::Try(command) => tried(state, command),
        Command::Cases(CasesCommand::RunStale | CasesCommand::Run(_)) => {
            of_score(state.cases.score)
        }
        Command::Runs(RunsCommand::Pilot | RunsCommand::Start) => {
            let (Some(draft), Some(project)) = (&state.runs.draft, &state.project) else {
                return Asked::Nobody;
            };
            match crate::app::update::runs::draft::recipe_of(project, &draft.settings) {
                Some(recipe) => Asked::Recipe(Box::new(recipe)),
                None => Asked::Method(Method::ChainScore),
            }
        }
        Command::Compare(CompareCommand::Run) => Asked::Method(Method::ChainScore),
        // What waited when the window was closed may go on with a run of any models.
        Command::Runs(RunsCommand::Resume { .. } | RunsCommand::BeginLeft(_))
        | Command::Compare(CompareCommand::GoOn)
        // A judge names models of its own.
        | Command::Judges(JudgesCommand::Report(ReportCommand::Run)) => Asked::Frozen,
        Command::Judges(_)
        | Command::Cases(
            CasesCommand::Stop
            | CasesCommand::RerunOnEdit(_)
            | CasesCommand::Score(_)
            | CasesCommand::Pin(..)
            | CasesCommand::Unpin(..)
            | CasesCommand::Move(..),
        )
        | Command::Runs(
            RunsCommand::Refresh
            | RunsCommand::Select(_)
            | RunsCommand::Kinds(_)
            | RunsCommand::Filter(_)
            | RunsCommand::BeginNew
            | RunsCommand::Choose(_)
            | RunsCommand::Pause
            | RunsCommand::GoOn
            | RunsCommand::Stop
            | RunsCommand::TakeOut(_)
            | RunsCommand::Raise(_)
            | RunsCommand::Wish(..)
            | RunsCommand::Against(_)
            | RunsCommand::Adjust(_)
            | RunsCommand::Limits(_)
            | RunsCommand::ForgetLeft(_)
            | RunsCommand::LetBe(_)
            | RunsCommand::HideLeft
            | RunsCommand::CopyText
            | RunsCommand::CopyCommandLine
            | RunsCommand::ShowFailed(_)
            | RunsCommand::ShowRows(_),
        )
        | Command::Compare(
            CompareCommand::New
            | CompareCommand::Begin { .. }
            | CompareCommand::Ablate { .. }
            | CompareCommand::Change(_)
            | CompareCommand::Cancel
            | CompareCommand::Stop
            | CompareCommand::Show(_)
            | CompareCommand::Rows(_)
            | CompareCommand::CopySummary
            | CompareCommand::CopyTable(_)
            | CompareCommand::CopyChart(_),
        )
        | Command::Go(_)
        | Command::Constitution(_)
        | Command::Rubric(_)
        | Command::Lists(_)
        | Command::Undo
        | Command::Redo
        | Command::EndEdit
        | Command::Project(_)
        | Command::Export(_)
        // A test of a model is asked for by name, and sends nothing of the user's.
        | Command::Models(_)
        | Command::Look(_)
        | Command::Home(_)
        | Command::Data(_)
        | Command::Library(_)
        | Command::Copy(_) => Asked::Nobody,
    }
}

fn tried(state: &AppState, command: &TryCommand) -> Asked {
    match command {
        TryCommand::Run
        | TryCommand::RunOtherSeed
        | TryCommand::Samples
        | TryCommand::Ablate(_)
        | TryCommand::Branch { .. }
        | TryCommand::React(ReactCommand::Try) => {
            // What can't run says why; a question before that would be in the way.
            match crate::app::menu_command::runnable(state) {
                Ok(()) => of_score(state.trial.score),
                Err(_) => Asked::Nobody,
            }
        }
        TryCommand::RefreshStale => of_score(state.trial.score),
        TryCommand::React(ReactCommand::Suggest) => Asked::Method(Method::Critique),
        TryCommand::React(
            ReactCommand::Begin(_)
            | ReactCommand::Reopen
            | ReactCommand::Said(_)
            | ReactCommand::Rewrite(_)
            | ReactCommand::StopSuggesting
            | ReactCommand::Choose(_)
            | ReactCommand::Candidate(..)
            | ReactCommand::Add
            | ReactCommand::EditNearest(_)
            | ReactCommand::Drop,
        )
        | TryCommand::Stop
        | TryCommand::Score(_)
        | TryCommand::Rounds(_)
        | TryCommand::Seed(_)
        | TryCommand::LockSeed(_)
        | TryCommand::Show(_)
        | TryCommand::StepChain(_)
        | TryCommand::Forget(_)
        | TryCommand::FetchCalls(_)
        | TryCommand::Mode(_)
        | TryCommand::NextMode
        | TryCommand::ChangesOnly(_)
        | TryCommand::GreyShared(_)
        | TryCommand::Edit(_)
        | TryCommand::StepEdit(_)
        | TryCommand::Copy(_)
        | TryCommand::Pin(_)
        | TryCommand::AddPrompt(_)
        | TryCommand::AddPrompts(_)
        | TryCommand::EditPrompt(..)
        | TryCommand::DeletePrompt(_) => Asked::Nobody,
    }
}

/// The models of the judge that a recipe names, by name or specification.
fn judges_of(state: &AppState, recipe: &Recipe) -> Vec<String> {
    if !has_judge_of_its_own(recipe) {
        return Vec::new();
    }
    OwnJudge::of(state, &recipe.judge, recipe.method).map(models_of).unwrap_or_default()
}

/// A judge's models, by name or specification.
fn models_of(judge: OwnJudge) -> Vec<String> {
    match judge.setup.models.as_slice() {
        [] => judge.models.into_iter().map(|model| model.name).collect(),
        named => named.to_vec(),
    }
}

/// The hosts beyond this computer that a command would send texts to, sorted.
fn hosts_of(state: &AppState, command: &Command) -> Vec<String> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let models = documents.setup.all_models();
    let mut players = documents.setup.roles.clone();
    // Models that are asked beside those of the roles, by name.
    let mut others: Vec<String> = Vec::new();
    let roles = match asked(state, command) {
        Asked::Nobody => return Vec::new(),
        Asked::Frozen => {
            others.extend(models.iter().map(|model| model.name.clone()));
            roles_of(Method::ChainScore)
        }
        Asked::Method(method) => roles_of(method),
        Asked::Recipe(recipe) => {
            others.clone_from(&recipe.candidates);
            others.extend(judges_of(state, &recipe));
            roles_for(&recipe)
        }
    };
    if let Command::Runs(RunsCommand::Pilot | RunsCommand::Start) = command
        && let Some(draft) = &state.runs.draft
    {
        players.extend(draft.settings.models.clone());
    }
    if let Command::Compare(_) = command {
        let setup = &state.compare.setup;
        if let Some(judge) = &setup.judge {
            players.insert(ModelRole::Judge, judge.clone());
        }
        others.extend(OwnJudge::of_comparison(state, setup).map(models_of).unwrap_or_default());
        let sides = [&setup.a, &setup.b];
        others.extend(sides.iter().filter_map(|side| side.model.clone()));
    }
    let mut hosts: Vec<String> = roles
        .iter()
        .map(|role| players.get(role).map_or(ModelEntry::EMBEDDED, String::as_str))
        .chain(others.iter().map(String::as_str))
        // A recipe may name a model by its address.
        .filter_map(|name| remote_host(&spec::parse(name, &models).ok()?))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}
