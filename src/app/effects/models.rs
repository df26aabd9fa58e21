//! Models: the starter model's file, keys, probes.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use secrecy::SecretString;

use super::desk::{Desk, failure_of};
use crate::app::message::{Event, Failure, TrialNews};
use crate::app::state::models::{FoundServer, ProbeLine};
use crate::app::state::{EmbeddedState, KeySource};
use crate::app::widgets::number::{counted, money};
use crate::domain::{ModelEntry, ModelKind};
use crate::engine::models::key_name;
use crate::engine::{self, Model, Probed};
use crate::providers::embedded::catalog::STARTER;
use crate::providers::embedded::fetch;
use crate::providers::{EmbeddedProvider, LoadState, Outcome, Report, local_servers, probe};
use crate::store::secrets;

/// Tells how far the starter model is, for as long as the program runs.
pub async fn watch_starter(desk: Arc<Desk>) {
    let Ok(starter) = EmbeddedProvider::new("") else { return };
    let mut states = starter.load_state();
    while states.changed().await.is_ok() {
        let state = states.borrow_and_update().clone();
        tell(&desk, state).await;
    }
}

async fn tell(desk: &Arc<Desk>, state: LoadState) {
    let words = match &state {
        LoadState::Fetching { done, total, what } => {
            let embedded =
                EmbeddedState::Fetching { done: *done, total: *total, from: what.clone() };
            desk.link.send_within(Event::Embedded(embedded), std::time::Duration::from_millis(100));
            Some(format!(
                "Fetching the starter model: {} of {} MB",
                done / 1_000_000,
                total / 1_000_000
            ))
        }
        LoadState::Opening => {
            look_for_starter(Arc::clone(desk)).await;
            Some("Loading the starter model".to_owned())
        }
        LoadState::Ready => {
            look_for_starter(Arc::clone(desk)).await;
            Some("The starter model is ready".to_owned())
        }
        LoadState::Failed(message) => {
            desk.link.send(Event::Embedded(EmbeddedState::Failed {
                message: message.clone(),
                hint: String::new(),
            }));
            None
        }
        LoadState::Idle => None,
    };
    let number = desk.trial.load(Ordering::Relaxed);
    if let Some(words) = words
        && number != 0
    {
        desk.link.send(Event::Trial { number, news: TrialNews::Preparing(words) });
    }
}

/// Looks whether the starter model is on this computer.
pub async fn look_for_starter(desk: Arc<Desk>) {
    // The whole file is read for its checksum.
    let found = tokio::task::spawn_blocking(|| fetch::installed(&STARTER)).await;
    let state = match found {
        Ok(Some(path)) => EmbeddedState::Ready { place: path.display().to_string() },
        Ok(None) => EmbeddedState::Missing { bytes: STARTER.n_bytes },
        Err(error) => EmbeddedState::Failed { message: error.to_string(), hint: String::new() },
    };
    desk.link.send(Event::Embedded(state));
}

/// Fetches the starter model and opens it; its progress is told by [`watch_starter`]. Aborted,
/// what came is kept.
pub async fn fetch_starter(desk: Arc<Desk>) {
    let opened = match EmbeddedProvider::new("") {
        Ok(starter) => starter.open().await.map(|_| ()),
        Err(failure) => Err(failure),
    };
    match opened {
        Ok(()) => look_for_starter(desk).await,
        Err(failure) => desk.link.send(Event::Embedded(EmbeddedState::Failed {
            message: failure.message,
            hint: failure.hint,
        })),
    }
}

/// Looks for model servers on this computer.
pub async fn find_servers(desk: Arc<Desk>) {
    let found = local_servers().await.into_iter().map(|server| FoundServer {
        program: server.program.to_owned(),
        base_url: server.base_url,
        models: server.models,
    });
    desk.link.send(Event::Servers(found.collect()));
}

/// Looks where each model's key comes from.
pub async fn look_for_keys(desk: Arc<Desk>, entries: Vec<ModelEntry>) {
    let mut keys = Vec::new();
    for entry in entries {
        let source = source_of(&desk, &entry).await;
        keys.push((entry.name, source));
    }
    desk.link.send(Event::Keys(keys));
}

async fn source_of(desk: &Desk, entry: &ModelEntry) -> KeySource {
    if entry.kind == ModelKind::Embedded {
        return KeySource::NotNeeded;
    }
    let name = key_name(entry);
    match desk.models.secrets().key(name).await {
        Some((_, secrets::KeySource::Environment)) => KeySource::Environment(name.to_owned()),
        Some((_, secrets::KeySource::Keychain)) => KeySource::Keychain,
        Some((_, secrets::KeySource::Session)) => KeySource::Session,
        None if is_local(&entry.base_url) => KeySource::NotNeeded,
        None => KeySource::Missing,
    }
}

/// Whether an address is this computer's: servers there ask for no key.
fn is_local(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    ["localhost", "127.", "[::1]", "0.0.0.0"].iter().any(|local| host.starts_with(local))
}

/// Keeps a key in keychain or session.
pub async fn keep_key(desk: Arc<Desk>, entry: ModelEntry, key: SecretString, in_keychain: bool) {
    let name = key_name(&entry);
    let result = if in_keychain {
        let kept = desk.models.secrets().set_in_keychain(name, key).await;
        kept.map(|()| KeySource::Keychain).map_err(|error| {
            let mut failure = failure_of("the key was not kept", &error);
            if failure.hint.is_empty() {
                "keep it until you close instead".clone_into(&mut failure.hint);
            }
            failure
        })
    } else {
        desk.models.secrets().set_for_session(name, key);
        Ok(KeySource::Session)
    };
    desk.link.send(Event::KeyKept { model: entry.name, result });
}

/// Forgets a key in keychain and session.
pub async fn forget_key(desk: Arc<Desk>, entry: ModelEntry) {
    let forgotten = desk.models.secrets().forget(key_name(&entry)).await;
    let result = match forgotten {
        Ok(()) => Ok(source_of(&desk, &entry).await),
        Err(error) => Err(failure_of("the key was not forgotten", &error)),
    };
    desk.link.send(Event::KeyKept { model: entry.name, result });
}

/// Asks a model what it can do; what costs is kept in the journal and within the day's limit.
/// Gives what was found, and what it cost in words.
async fn probed(desk: &Desk, model: &Arc<Model>) -> Result<(Report, Option<String>), Failure> {
    if !model.can_cost() {
        return Ok((probe(&*model.provider).await, None));
    }
    let (project, journal) = desk.project()?;
    let per_day = project.file.spending.per_day;
    let probed = engine::probe(model, &journal, per_day)
        .await
        .map_err(|error| Failure::new(error.to_string(), error.0.hint()))?;
    Ok((probed.report.clone(), Some(cost_of(&probed))))
}

/// What a probe cost, in words.
fn cost_of(probed: &Probed) -> String {
    let usage = probed.report.usage;
    let tokens = usage.prompt_tokens + usage.completion_tokens;
    let tokens = counted(tokens, "token", "tokens");
    let run = &probed.run;
    if probed.is_price_unknown {
        return format!("{tokens}, at a price that is not known; kept as {run}");
    }
    let cost = money(probed.cost);
    format!("{tokens}, {cost}; kept as {run} and counted in what today has cost")
}

/// Finds out what a model can do.
pub async fn probe_model(desk: Arc<Desk>, entry: ModelEntry) {
    let name = entry.name.clone();
    let result = match desk.models.of_entry(&entry).await {
        Ok(model) => {
            let (report, cost) = match probed(&desk, &model).await {
                Ok(probed) => probed,
                Err(failure) => {
                    let result = Err(failure);
                    return desk.link.send(Event::Probed { model: name, result });
                }
            };
            let mut lines: Vec<ProbeLine> = report
                .findings
                .iter()
                .map(|finding| ProbeLine {
                    what: finding.title.to_owned(),
                    works: Some(finding.outcome == Outcome::Yes),
                    says: match &finding.answer {
                        Ok(_) => finding.words.clone(),
                        Err(failure) => format!("{} {}", finding.words, failure.message),
                    },
                })
                .collect();
            if let Some(protocol) = report.protocol {
                lines.push(ProbeLine {
                    what: format!("As a judge: {protocol}"),
                    works: Some(true),
                    says: report.because,
                });
            }
            lines.extend(cost.map(|says| ProbeLine { what: "Cost".to_owned(), works: None, says }));
            Ok(lines)
        }
        Err(error) => Err(Failure::new(error.to_string(), error.problem.hint)),
    };
    desk.link.send(Event::Probed { model: name, result });
}
