//! Models by name: a project's entries and one-off specifications, resolved to providers and kept
//! for the process, so that an embedded model is loaded once and a limiter knows all its calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;

use super::limiter::Limiter;
use super::patience;
use super::price::Price;
use crate::domain::{JudgeProtocol, ModelEntry, ModelKind, Problem};
use crate::providers::embedded_provider::EmbeddedProvider;
use crate::providers::{Provider, RemoteModel, Timeouts, anthropic, openai, spec};
use crate::store::secrets::Secrets;
use crate::store::unpoisoned;

/// A model ready to be asked.
pub struct Model {
    /// What the project calls it, or its specification.
    pub name: String,
    /// How it was described; never a key.
    pub entry: ModelEntry,
    /// Who answers.
    pub provider: Arc<dyn Provider>,
    /// What it costs; `None`: unknown. The embedded model is free.
    pub price: Option<Price>,
    /// How many calls may be in flight.
    pub limiter: Limiter,
}

impl Model {
    /// A model of an entry, answered by a provider.
    pub fn new(entry: ModelEntry, provider: Arc<dyn Provider>) -> Self {
        let price = Price::of(&entry);
        let is_embedded = entry.kind == ModelKind::Embedded;
        let limiter = Limiter::new(entry.max_in_flight, is_embedded);
        Self { name: entry.name.clone(), entry, provider, price, limiter }
    }

    /// Whether asking it may cost money: the embedded model never does.
    pub fn can_cost(&self) -> bool {
        self.entry.kind != ModelKind::Embedded
    }

    /// How it is asked as a judge: as its entry says, else as suits its kind. A model inside the
    /// program is small and reads two responses at once badly.
    pub fn protocol(&self) -> JudgeProtocol {
        match (self.entry.judge_protocol, self.entry.kind) {
            (JudgeProtocol::Auto, ModelKind::Embedded) => JudgeProtocol::PointwiseYesNo,
            (JudgeProtocol::Auto, ModelKind::OpenAi | ModelKind::Anthropic) => {
                JudgeProtocol::Pairwise
            }
            (chosen, _) => chosen,
        }
    }

    /// Whether a reason before its verdict helps it as a judge. The starter model is misled by
    /// its own: of 40 plain decisions it took 16 rightly after a reason, about 30 without.
    pub fn reasons(&self) -> bool {
        self.entry.kind != ModelKind::Embedded
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Model")
            .field("name", &self.name)
            .field("identity", &self.provider.identity())
            .finish_non_exhaustive()
    }
}

/// A model can't be had: no such name, a faulty entry, or it can't be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the model “{name}” can't be used: {}", problem.what)]
pub struct ModelError {
    /// What was asked for.
    pub name: String,
    /// What is wrong and how to mend it, without keys.
    pub problem: Box<Problem>,
}

/// Finds an embedded model; its weights are opened once for the process, see
/// [`EmbeddedProvider`].
pub type Loader = Arc<dyn Fn(ModelEntry) -> BoxFuture<'static, Loaded> + Send + Sync>;

/// What a [`Loader`] finds.
pub type Loaded = Result<Arc<dyn Provider>, Problem>;

/// The models of a process; cheap to clone.
#[derive(Clone)]
pub struct Models {
    secrets: Arc<Secrets>,
    loader: Loader,
    /// By entry.
    ready: Arc<Mutex<BTreeMap<String, Ready>>>,
}

/// A model, and what [`Secrets::changes`] was when its key was found.
type Ready = (u64, Arc<Model>);

impl Models {
    /// Models whose keys are found among the secrets.
    pub fn new(secrets: Arc<Secrets>) -> Self {
        Self::with_loader(secrets, Arc::new(|entry| Box::pin(load_embedded(entry))))
    }

    /// The same with another way to load embedded models.
    pub fn with_loader(secrets: Arc<Secrets>, loader: Loader) -> Self {
        Self { secrets, loader, ready: Arc::default() }
    }

    /// Where keys come from.
    pub fn secrets(&self) -> &Arc<Secrets> {
        &self.secrets
    }

    /// The model of a name among `known`, of `embedded`, or of a specification such as
    /// `openai:MODEL@URL`; `key_env` names the variable that holds a one-off model's key.
    ///
    /// # Errors
    ///
    /// What is wrong and how to mend it.
    pub async fn resolve(
        &self,
        known: &[ModelEntry],
        spec: &str,
        key_env: Option<&str>,
    ) -> Result<Arc<Model>, ModelError> {
        let fail = |problem: Problem| ModelError {
            name: problem.place.clone(),
            problem: Box::new(problem),
        };
        let mut entry = spec::parse(spec, known).map_err(fail)?;
        let is_one_off = !known.iter().any(|other| other.name == entry.name);
        if let Some(key_env) = key_env
            && is_one_off
        {
            key_env.clone_into(&mut entry.key_env);
        }
        self.of_entry(&entry).await
    }

    /// The model of an entry.
    ///
    /// # Errors
    ///
    /// What is wrong with the entry, or why it can't be loaded.
    pub async fn of_entry(&self, entry: &ModelEntry) -> Result<Arc<Model>, ModelError> {
        let fail = |problem| ModelError { name: entry.name.clone(), problem: Box::new(problem) };
        let changes = self.secrets.changes();
        let name = format!("{entry:?}");
        if let Some((when, model)) = unpoisoned(&self.ready).get(&name)
            && *when == changes
        {
            return Ok(Arc::clone(model));
        }
        let provider: Arc<dyn Provider> = match entry.kind {
            ModelKind::Embedded => (self.loader)(entry.clone()).await.map_err(fail)?,
            ModelKind::OpenAi | ModelKind::Anthropic => {
                let key = self.secrets.key(key_name(entry)).await.map(|(key, _)| key);
                let timeouts = patience::timeouts(Timeouts::default(), patience::factor());
                let remote = RemoteModel::new(entry, key, timeouts).map_err(fail)?;
                Arc::new(remote)
            }
        };
        let model = Arc::new(Model::new(entry.clone(), provider));
        unpoisoned(&self.ready).insert(name, (changes, Arc::clone(&model)));
        Ok(model)
    }
}

/// The environment variable that holds an entry's key; empty for an embedded model, which has none.
pub fn key_name(entry: &ModelEntry) -> &str {
    match entry.kind {
        _ if !entry.key_env.is_empty() => &entry.key_env,
        ModelKind::OpenAi => openai::KEY_ENV,
        ModelKind::Anthropic => anthropic::KEY_ENV,
        ModelKind::Embedded => "",
    }
}

/// Names the model's weights; they are opened with the first call, and shared by the process.
async fn load_embedded(entry: ModelEntry) -> Loaded {
    let name = entry.name.clone();
    // A file whose checksum is not known yet is read once, which may take seconds.
    let made = tokio::task::spawn_blocking(move || EmbeddedProvider::new(&entry.model)).await;
    match made {
        Ok(Ok(provider)) => Ok(Arc::new(provider)),
        Ok(Err(failure)) => Err(Problem::error(name, failure.message, &failure.hint)),
        Err(broken) => Err(Problem::error(name, broken.to_string(), "try again")),
    }
}
