//! Models: where they are, whether there is a key, and what a probe found.

use std::collections::BTreeMap;

use crate::domain::{ModelEntry, ModelKind};

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
    /// Whether it works; `None`: it is nothing that can.
    pub works: Option<bool>,
    /// In plain words: `20 alternatives a token`, `0.8 s`.
    pub says: String,
}

/// The host that a model's requests go to; `None`: they stay on this computer.
pub fn remote_host(model: &ModelEntry) -> Option<String> {
    let address = match (model.base_url.trim(), model.kind) {
        (_, ModelKind::Embedded) => return None,
        ("", ModelKind::Anthropic) => "api.anthropic.com",
        ("", ModelKind::OpenAi) => "api.openai.com",
        (address, _) => address,
    };
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A user's name and password are no part of the host.
    let host = host.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let is_here = match name.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback() || address.is_unspecified(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    };
    (!is_here).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_this_computer_has_a_host() {
        let host = |kind, address: &str| {
            let base_url = address.to_owned();
            remote_host(&ModelEntry { kind, base_url, ..ModelEntry::embedded() })
        };
        for here in [
            "http://127.0.0.1:11434/v1",
            "http://localhost:1234",
            "http://[::1]:8000/v1",
            "http://0.0.0.0:80",
            "http://127.8.8.8",
        ] {
            assert_eq!(host(ModelKind::OpenAi, here), None, "{here}");
        }
        assert_eq!(host(ModelKind::Embedded, "https://x.example"), None);
        assert_eq!(host(ModelKind::Anthropic, "").unwrap(), "api.anthropic.com");
        assert_eq!(host(ModelKind::OpenAi, " ").unwrap(), "api.openai.com");
        for (address, there) in [
            ("https://me:secret@Box.example:8443/v1", "box.example:8443"),
            // A name that only begins like this computer's.
            ("https://localhost.evil.example/v1", "localhost.evil.example"),
            ("https://127.0.0.1.evil.example", "127.0.0.1.evil.example"),
        ] {
            assert_eq!(host(ModelKind::OpenAi, address).unwrap(), there);
        }
    }
}
