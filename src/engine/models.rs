//! Models by name: a project's entries and one-off specifications, resolved to providers and kept
//! for the process, so that an embedded model is loaded once and a limiter knows all its calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use secrecy::ExposeSecret as _;

use super::endpoint::Endpoint;
use super::limiter::{self, Limiter};
use super::manner;
use super::patience;
use super::plan::CONCURRENCY;
use super::price::{Price, pays_to_mark};
use super::pulse::{Hold, LaneState};
use crate::domain::{JudgeProtocol, ModelEntry, ModelKind, Problem};
use crate::providers::embedded_provider::EmbeddedProvider;
use crate::providers::{
    BaseUrl, Caching, Provider, RemoteModel, Timeouts, anthropic, openai, spec,
};
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
    /// How many calls may be in flight; shared by all who have this model with this key.
    pub limiter: Arc<Limiter>,
    /// The door of its address and key.
    pub endpoint: Endpoint,
    /// Nobody chose how many requests at once it may have: as many as the run.
    is_one_off: bool,
}

impl Model {
    /// A model of an entry, answered by a provider.
    pub fn new(entry: ModelEntry, provider: Arc<dyn Provider>) -> Self {
        let price = Price::of(&entry);
        let endpoint = Endpoint::default();
        let company = Arc::clone(&endpoint.company);
        let limiter = Limiter::beside(entry.max_in_flight, start_of(&entry), company);
        Self {
            name: entry.name.clone(),
            entry,
            provider,
            price,
            limiter,
            endpoint,
            is_one_off: false,
        }
    }

    /// Takes a run's number of requests at once to heart: a model that only the command line named
    /// may have all of them; and where the user chose the number, it starts with it.
    pub fn prepare(&self, at_once: usize) {
        let at_once = u32::try_from(at_once).unwrap_or(u32::MAX).max(1);
        if self.is_one_off {
            self.limiter.widen(at_once);
        }
        // The number that a run has when nobody says anything is nobody's choice.
        if at_once as usize != CONCURRENCY {
            self.limiter.begin_at(at_once);
        }
    }

    /// What it does now, over all runs of the process.
    pub fn state(&self) -> LaneState {
        let mut state = self.limiter.snapshot(self.provider.identity());
        if let Some(failure) = self.endpoint.closed() {
            state.hold = Some(Hold::Closed { failure });
        }
        state
    }

    /// Whether asking it may cost money: the embedded model never does.
    pub fn can_cost(&self) -> bool {
        self.entry.kind != ModelKind::Embedded
    }

    /// How it keeps what requests begin with, as far as that pays by its price list.
    pub fn caching(&self) -> Caching {
        match self.provider.caching() {
            Caching::Marked if !pays_to_mark(&self.entry) => Caching::Own,
            caching => caching,
        }
    }

    /// How it is asked as a judge; see [`manner::protocol_of`].
    pub fn protocol(&self) -> JudgeProtocol {
        manner::protocol_of(&self.entry)
    }

    /// Whether a reason before its verdict helps it as a judge; see [`manner::reasons`].
    pub fn reasons(&self) -> bool {
        manner::reasons(&self.entry)
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
    lanes: Arc<Mutex<Lanes>>,
}

/// What entries share that lead to one address with one key. Named by a hash of the key, never by
/// the key.
#[derive(Default)]
struct Lanes {
    /// By model, address and key.
    limiters: BTreeMap<String, Arc<Limiter>>,
    /// By address and key.
    endpoints: BTreeMap<String, Endpoint>,
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
        Self { secrets, loader, ready: Arc::default(), lanes: Arc::default() }
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
        self.made(&entry, is_one_off).await
    }

    /// The model of an entry.
    ///
    /// # Errors
    ///
    /// What is wrong with the entry, or why it can't be loaded.
    pub async fn of_entry(&self, entry: &ModelEntry) -> Result<Arc<Model>, ModelError> {
        self.made(entry, false).await
    }

    async fn made(&self, entry: &ModelEntry, is_one_off: bool) -> Result<Arc<Model>, ModelError> {
        let fail = |problem| ModelError { name: entry.name.clone(), problem: Box::new(problem) };
        let changes = self.secrets.changes();
        let name = format!("{is_one_off} {entry:?}");
        if let Some((when, model)) = unpoisoned(&self.ready).get(&name)
            && *when == changes
        {
            return Ok(Arc::clone(model));
        }
        let mut key_hash = String::new();
        let provider: Arc<dyn Provider> = match entry.kind {
            ModelKind::Embedded => (self.loader)(entry.clone()).await.map_err(fail)?,
            ModelKind::OpenAi | ModelKind::Anthropic => {
                let key = self.secrets.key(key_name(entry)).await.map(|(key, _)| key);
                if let Some(key) = &key {
                    key_hash = blake3::hash(key.expose_secret().as_bytes()).to_string();
                }
                let timeouts = patience::timeouts(Timeouts::default(), patience::factor());
                let remote = RemoteModel::new(entry, key, timeouts).map_err(fail)?;
                Arc::new(remote)
            }
        };
        let mut model = Model::new(entry.clone(), provider);
        model.is_one_off = is_one_off;
        self.share(&mut model, &key_hash);
        let model = Arc::new(model);
        unpoisoned(&self.ready).insert(name, (changes, Arc::clone(&model)));
        Ok(model)
    }

    /// Gives a model the limiter and the door that others with its address and key have.
    fn share(&self, model: &mut Model, key_hash: &str) {
        let identity = model.provider.identity().to_owned();
        // An identity ends with the address: `openai:MODEL@ADDRESS`.
        let address = identity.rsplit_once('@').map_or(identity.as_str(), |(_, address)| address);
        let mut lanes = unpoisoned(&self.lanes);
        let door = lanes.endpoints.entry(format!("{address} {key_hash}")).or_default();
        model.endpoint = door.clone();
        let limiter = lanes.limiters.entry(format!("{identity} {key_hash}"));
        let (bound, start) = (model.entry.max_in_flight, start_of(&model.entry));
        let company = Arc::clone(&model.endpoint.company);
        let shared = limiter.or_insert_with(|| Limiter::beside(bound, start, company));
        let shared = Arc::clone(shared);
        if !model.is_one_off {
            shared.bind(model.entry.max_in_flight);
        }
        model.limiter = shared;
    }
}

/// How many requests at once a model starts with: what its entry says where it is on this machine
/// or in a private network, whose owner knows what it bears.
fn start_of(entry: &ModelEntry) -> u32 {
    let is_own = entry.kind == ModelKind::Embedded
        || BaseUrl::parse(&entry.base_url).is_ok_and(|base| base.is_private());
    if is_own { entry.max_in_flight } else { limiter::START }
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
