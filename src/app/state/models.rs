//! Models: where they are, whether there is a key, and what a probe found.

use std::collections::BTreeMap;

use crate::domain::ModelEntry;

/// The Models area's own state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelsState {
    /// The starter model on this computer.
    pub embedded: EmbeddedState,
    /// Where each model's key comes from, by model name; never the key.
    pub keys: BTreeMap<String, KeySource>,
    /// What each model's last probe found, by model name.
    pub probes: BTreeMap<String, ProbeState>,
    /// Model servers on this computer, once they were looked for.
    pub servers: ServersState,
    /// A model being added or changed: the name it had (`None`: new) and its values.
    pub draft: Option<(Option<String>, ModelEntry)>,
}

/// The starter model on this computer.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum EmbeddedState {
    /// Not looked yet.
    #[default]
    Unknown,
    /// Not there; it is fetched on first use.
    Missing {
        /// How much there is to fetch, in bytes.
        bytes: u64,
    },
    /// Being fetched.
    Fetching {
        /// Bytes so far.
        done: u64,
        /// Bytes in all; 0 when not known.
        total: u64,
        /// From where.
        from: String,
    },
    /// There.
    Ready {
        /// Where it is, for the curious.
        place: String,
    },
    /// Could not be fetched or read.
    Failed {
        /// What happened.
        message: String,
        /// How to mend it.
        hint: String,
    },
}

/// Model servers on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ServersState {
    /// Not looked for.
    #[default]
    Unknown,
    /// Being looked for.
    Looking,
    /// These answer.
    Found(Vec<FoundServer>),
}

/// A model server on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundServer {
    /// The program that usually has this port: `Ollama`.
    pub program: String,
    /// The address for a model of the OpenAI dialect.
    pub base_url: String,
    /// The models that it lists.
    pub models: Vec<String>,
}

/// Where a model's key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// None is needed.
    NotNeeded,
    /// The environment variable of this name.
    Environment(String),
    /// The system's keychain.
    Keychain,
    /// Typed in; forgotten when the window closes.
    Session,
    /// There is none.
    Missing,
}

/// A probe of what a model can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeState {
    /// Under way.
    Running,
    /// Done: each thing tried, in plain words.
    Done(Vec<ProbeLine>),
    /// It could not be asked at all.
    Failed {
        /// What happened.
        message: String,
        /// How to mend it.
        hint: String,
    },
}

/// One thing that a probe tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeLine {
    /// What was tried: `Answers`, `Log-probabilities`.
    pub what: String,
    /// Whether it works.
    pub works: bool,
    /// In plain words: `20 alternatives a token`, `0.8 s`.
    pub says: String,
}
