//! Models, keys, roles, probes.

use std::sync::Arc;

use super::edit::{self, What};
use crate::app::command::ModelsCommand;
use crate::app::effects::Effect;
use crate::app::message::Failure;
use crate::app::state::documents::{Document, DocumentId};
use crate::app::state::models::{FoundServer, ProbeLine, ServersState};
use crate::app::state::{
    AppState, EmbeddedState, KeySource, Moment, NoticeKind, ProbeState, Target,
};
use crate::domain::{JudgeProtocol, ModelEntry, ModelKind, Spending};

/// The area was entered: what may have changed outside is looked up again.
pub(super) fn look(state: &mut AppState) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let models = documents.setup.all_models();
    vec![Effect::LookForEmbedded, Effect::LookForKeys(models)]
}

pub(super) fn carry_out(state: &mut AppState, command: ModelsCommand, at: Moment) -> Vec<Effect> {
    match command {
        ModelsCommand::BeginNew => {
            state.models.draft = Some((None, blank()));
            Vec::new()
        }
        ModelsCommand::BeginFrom(entry) => {
            state.models.draft = Some((None, entry));
            Vec::new()
        }
        ModelsCommand::FindServers => {
            state.models.servers = ServersState::Looking;
            vec![Effect::FindServers]
        }
        ModelsCommand::BeginEdit(name) => {
            if let Some(entry) = find(state, &name) {
                state.models.draft = Some((Some(name), entry));
            }
            Vec::new()
        }
        ModelsCommand::Draft(entry) => {
            if let Some((_, draft)) = &mut state.models.draft {
                *draft = entry;
            }
            Vec::new()
        }
        ModelsCommand::KeepDraft => keep_draft(state, at),
        ModelsCommand::DropDraft => {
            state.models.draft = None;
            Vec::new()
        }
        ModelsCommand::Delete(name) => delete(state, &name, at),
        ModelsCommand::Role(role, name) => {
            let shown = if name == ModelEntry::EMBEDDED { "the starter model" } else { &name };
            let label = format!("Let {shown} be the {role}");
            super::project::change_setup(state, label, Target::Models, at, |setup| {
                setup.roles.insert(role, name);
            })
        }
        ModelsCommand::Spending(spending) => change_spending(state, spending, at),
        ModelsCommand::KeepKey { model, key, in_keychain } => match find(state, &model) {
            Some(model) => vec![Effect::KeepKey { model, key, in_keychain }],
            None => Vec::new(),
        },
        ModelsCommand::ForgetKey(name) => match find(state, &name) {
            Some(model) => vec![Effect::ForgetKey(model)],
            None => Vec::new(),
        },
        ModelsCommand::Probe(name) => match find(state, &name) {
            Some(model) => {
                state.models.probes.insert(name, ProbeState::Running);
                vec![Effect::Probe(model)]
            }
            None => Vec::new(),
        },
        ModelsCommand::Fetch => {
            if matches!(state.models.embedded, EmbeddedState::Fetching { .. }) {
                return Vec::new();
            }
            vec![Effect::FetchEmbedded]
        }
        ModelsCommand::StopFetch => vec![Effect::StopFetch],
    }
}

fn change_spending(state: &mut AppState, spending: Spending, at: Moment) -> Vec<Effect> {
    let Some(documents) = state.documents() else { return Vec::new() };
    let mut setup = (*documents.setup).clone();
    let before = std::mem::replace(&mut setup.spending, spending);
    let now = &setup.spending;
    let label = what_changed(&before, now).to_owned();
    // Dragging a number is one change, setting a limit or taking it away is one of its own.
    let joins = before.per_day.is_some() == now.per_day.is_some()
        && before.per_run.is_some() == now.per_run.is_some();
    let what = What { label, target: Target::Models, joins };
    edit::put(state, DocumentId::Setup, Document::Setup(Arc::new(setup)), what, at)
}

/// What changed, as the history calls it.
fn what_changed(before: &Spending, now: &Spending) -> &'static str {
    match (before.per_day == now.per_day, before.per_run == now.per_run) {
        (false, _) => "Change the limit per day",
        (true, false) => "Change the limit per run",
        (true, true) => "Change what people would be paid",
    }
}

fn blank() -> ModelEntry {
    ModelEntry {
        name: String::new(),
        kind: ModelKind::OpenAi,
        max_in_flight: 8,
        judge_protocol: JudgeProtocol::Auto,
        ..ModelEntry::embedded()
    }
}

fn find(state: &AppState, name: &str) -> Option<ModelEntry> {
    state.documents()?.setup.all_models().into_iter().find(|model| model.name == name)
}

/// What is wrong with a model being added or changed; `None` when it can be kept.
pub fn draft_problem(state: &AppState) -> Option<&'static str> {
    let (old, draft) = state.models.draft.as_ref()?;
    let setup = &state.documents()?.setup;
    if draft.name.trim().is_empty() {
        return Some("Give it a name");
    }
    let taken = setup.all_models().iter().any(|model| model.name == draft.name);
    if taken && old.as_deref() != Some(draft.name.as_str()) {
        return Some("Another model has this name");
    }
    if draft.kind != ModelKind::Embedded && draft.model.trim().is_empty() {
        return Some("Say which model, by the provider's name for it");
    }
    let address = draft.base_url.trim();
    if !address.is_empty() && !address.starts_with("http://") && !address.starts_with("https://") {
        return Some("The address begins with http:// or https://");
    }
    if draft.max_in_flight == 0 {
        return Some("At least one request at once");
    }
    None
}

fn keep_draft(state: &mut AppState, at: Moment) -> Vec<Effect> {
    if let Some(problem) = draft_problem(state) {
        state.notify(NoticeKind::Warning, problem, at);
        return Vec::new();
    }
    let Some((old, entry)) = state.models.draft.take() else { return Vec::new() };
    let name = entry.name.clone();
    let verb = if old.is_some() { "Change" } else { "Add" };
    let mut effects = super::project::change_setup(
        state,
        format!("{verb} model {name}"),
        Target::Models,
        at,
        |setup| {
            let place = old
                .as_ref()
                .and_then(|old| setup.models.iter().position(|model| &model.name == old));
            match place {
                Some(place) => setup.models[place] = entry,
                None => setup.models.push(entry),
            }
            if let Some(old) = &old {
                for player in setup.roles.values_mut().filter(|player| *player == old) {
                    player.clone_from(&name);
                }
            }
        },
    );
    state.selection.model = Some(name);
    effects.extend(look(state));
    effects
}

fn delete(state: &mut AppState, name: &str, at: Moment) -> Vec<Effect> {
    state.selection.model = None;
    state.models.probes.remove(name);
    super::project::change_setup(
        state,
        format!("Delete model {name}"),
        Target::Models,
        at,
        |setup| {
            setup.models.retain(|model| model.name != name);
            // Its roles fall back to the embedded model, which is always there.
            setup.roles.retain(|_, player| player != name);
        },
    )
}

pub(super) fn embedded(state: &mut AppState, embedded: EmbeddedState) {
    if let EmbeddedState::Ready { .. } = embedded
        && matches!(state.models.embedded, EmbeddedState::Fetching { .. })
    {
        state.announce("The starter model is there");
    }
    state.models.embedded = embedded;
}

pub(super) fn servers(state: &mut AppState, found: Vec<FoundServer>) {
    state.announce(match found.len() {
        0 => "No model server answers".to_owned(),
        n => format!("{n} model servers found"),
    });
    state.models.servers = ServersState::Found(found);
}

pub(super) fn key_kept(
    state: &mut AppState,
    model: String,
    result: Result<KeySource, Failure>,
    at: Moment,
) {
    match result {
        Ok(source) => {
            state.models.keys.insert(model, source);
        }
        Err(failure) => state.fail(failure.message, failure.hint, at),
    }
}

pub(super) fn probed(state: &mut AppState, model: String, result: Result<Vec<ProbeLine>, Failure>) {
    let probe = match result {
        Ok(lines) => ProbeState::Done(lines),
        Err(failure) => ProbeState::Failed { message: failure.message, hint: failure.hint },
    };
    state.announce(format!("{model} was tested"));
    state.models.probes.insert(model, probe);
}
