//! The next step that Home offers, and the newcomer's steps as they are done.

use crate::app::command::{
    Command, ConstitutionCommand, GoCommand, JudgesCommand, LabelCommand, ModelsCommand,
    ProjectCommand, ReactCommand, TryCommand,
};
use crate::app::effects::Effect;
use crate::app::state::home::{NextStep, SettingsPage, begun_set, next_step};
use crate::app::state::{
    AppState, Area, ExportOutcome, Moment, PathPurpose, Settings, Sheet, TrialStatus,
};
use crate::store::settings::Step;

/// Labels after which a newcomer knows how it is done: as many as a first number takes.
const LABELS: u64 = crate::stats::MIN_ITEMS as u64;

/// Goes on where work stopped: in the open project, else in the one open last.
pub(super) fn go_on(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if state.project.is_some() {
        let area = state.home.work.unwrap_or_default();
        return crate::app::update::go::carry_out(state, GoCommand::Area(area));
    }
    let last = state.home.recents.iter().find(|recent| recent.is_there);
    let Some(root) = last.map(|recent| recent.root.clone()) else {
        return crate::app::update::project::carry_out(state, ProjectCommand::OpenSample, at);
    };
    crate::app::update::project::carry_out(state, ProjectCommand::Open(root), at)
}

pub(super) fn do_step(state: &mut AppState, step: NextStep, at: Moment) -> Vec<Effect> {
    match step {
        NextStep::OpenProject => go_on(state, at),
        NextStep::Recovered => {
            state.sheet = state.home.recovered.is_some().then_some(Sheet::Recovered);
            Vec::new()
        }
        NextStep::RunPrompt => {
            state.area = Area::Try;
            if super::hold(state, &TryCommand::Run.into()) {
                return Vec::new();
            }
            crate::app::update::trial::carry_out(state, TryCommand::Run, at)
        }
        NextStep::ImportPrompts => vec![Effect::AskPath(PathPurpose::Import)],
        NextStep::ConnectModel => {
            state.area = Area::Settings;
            state.home.page = SettingsPage::Models;
            crate::app::update::models::carry_out(state, ModelsCommand::BeginNew, at)
        }
        NextStep::Label => {
            let Some((stem, ..)) = begun_set(state) else { return Vec::new() };
            let begin = LabelCommand::Begin(stem.to_owned());
            crate::app::update::judges::carry_out(state, JudgesCommand::Label(begin), at)
        }
        NextStep::Export => {
            crate::app::update::go::carry_out(state, GoCommand::Open(Sheet::Export))
        }
    }
}

/// Notes what a newcomer has done, and lets the cards follow.
pub(super) fn note_steps(state: &mut AppState) -> Vec<Effect> {
    let mut done = &state.settings.started | &state.home.done;
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
    let labeller = state.settings.labeller.as_str();
    let labels = state.judges.all().filter_map(|(_, book)| book.labellers.get(labeller));
    if labels.map(|sums| sums.labels).sum::<u64>() >= LABELS {
        done.insert(Step::Label);
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
    super::save_settings(state)
}

/// Whether a step is offered that the state can't do now, and why.
pub fn step_problem(state: &AppState) -> Option<&'static str> {
    match next_step(state)? {
        NextStep::RunPrompt => crate::app::menu_command::runnable(state).err(),
        NextStep::Label => crate::app::update::judges::may_label(state).err(),
        NextStep::ImportPrompts | NextStep::ConnectModel => {
            crate::app::menu_command::editable(state).err()
        }
        NextStep::OpenProject | NextStep::Recovered | NextStep::Export => None,
    }
}

/// Notes a newcomer's step that a command does; [`note_steps`] keeps it.
pub(super) fn note_command(state: &mut AppState, command: &Command) {
    let adds = matches!(
        command,
        Command::Constitution(ConstitutionCommand::AddPrinciple | ConstitutionCommand::AddLines(_))
    );
    let reacts = matches!(command, Command::Try(TryCommand::React(ReactCommand::Add)));
    if adds || reacts {
        state.home.done.insert(Step::Principle);
    }
    if reacts {
        state.home.done.insert(Step::React);
    }
}
