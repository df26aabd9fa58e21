//! What servers there are and which models they have, by asking `/models`.

use std::time::Duration;

use futures::future::join_all;
use secrecy::SecretString;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::http::{self, KeyHeader, Timeouts};
use super::url::BaseUrl;
use super::{anthropic, lenient, openai};
use crate::domain::{CallFailure, FailureKind, ModelEntry, ModelKind};

/// A model server that answers on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalServer {
    /// The program that usually has this port.
    pub program: &'static str,
    /// The base address for a model's entry, dialect openai.
    pub base_url: String,
    /// The models it lists, sorted.
    pub models: Vec<String>,
}

/// The ports that model servers use when nobody says otherwise (each program's documentation).
pub const USUAL_PORTS: [(&str, u16); 4] =
    [("Ollama", 11434), ("LM Studio", 1234), ("llama.cpp", 8080), ("vLLM", 8000)];

/// How long a port gets to answer: a server on this machine needs a fraction of it.
const PATIENCE: Duration = Duration::from_millis(300);

/// The largest list of models that is read, in bytes.
const LIST_LIMIT: usize = 4 << 20;

/// Looks at the usual ports of this machine, all at once; takes 0.3 s at most.
pub async fn local_servers() -> Vec<LocalServer> {
    servers_at(&USUAL_PORTS).await
}

/// Looks at the given ports of this machine; a port that does not list models is left out.
pub async fn servers_at(ports: &[(&'static str, u16)]) -> Vec<LocalServer> {
    let timeouts = Timeouts { connect: PATIENCE, ..Timeouts::default() };
    let Ok(client) = http::client(&timeouts, true) else { return Vec::new() };
    let looks = ports.iter().map(|&(program, port)| {
        let client = client.clone();
        async move {
            let base_url = format!("http://127.0.0.1:{port}/v1");
            let request = client.get(format!("{base_url}/models"));
            let models = list(request, Instant::now() + PATIENCE).await.ok()?;
            Some(LocalServer { program, base_url, models })
        }
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// Lists the models that an entry's server has; the entry's own model need not be named yet.
///
/// # Errors
///
/// Why there is no list; a server without one may well answer calls.
pub async fn models_of(
    entry: &ModelEntry,
    key: Option<&SecretString>,
) -> Result<Vec<String>, CallFailure> {
    let rejected = |what: String, hint: &str| CallFailure::new(FailureKind::Rejected, what, hint);
    let (home, place) = match entry.kind {
        ModelKind::OpenAi => (openai::BASE_URL, KeyHeader::Bearer),
        ModelKind::Anthropic => (anthropic::BASE_URL, KeyHeader::XApiKey),
        ModelKind::Embedded => {
            return Err(rejected("an embedded model has no server".to_owned(), ""));
        }
    };
    let address = if entry.base_url.is_empty() { home } else { &entry.base_url };
    let base =
        BaseUrl::parse(address).map_err(|error| rejected(error.to_string(), error.hint()))?;
    let timeouts = Timeouts::default();
    let client = http::client(&timeouts, base.is_loopback())
        .map_err(|error| rejected(error.to_string(), ""))?;
    let path = match entry.kind {
        ModelKind::Anthropic if !base.path().ends_with("/v1") => "/v1/models",
        _ => "/models",
    };
    let mut headers = reqwest::header::HeaderMap::new();
    if entry.kind == ModelKind::Anthropic {
        let version = reqwest::header::HeaderValue::from_static(anthropic::VERSION);
        headers.insert("anthropic-version", version);
    }
    if let Some(key) = key {
        let place = if openai::is_azure(base.host()) { KeyHeader::ApiKey } else { place };
        http::put_key(&mut headers, place, key)
            .map_err(|error| CallFailure::new(FailureKind::Auth, error.to_string(), ""))?;
    }
    let request = client.get(base.join(path)).headers(headers);
    list(request, Instant::now() + Duration::from_secs(20)).await.map_err(|why| {
        CallFailure::new(
            FailureKind::Unreachable,
            http::redacted(&format!("no list of models from {}: {why}", base.as_str()), key),
            "check the base URL and the key, or give the model's name by hand",
        )
    })
}

/// Asks for a list and reads it.
async fn list(request: reqwest::RequestBuilder, deadline: Instant) -> Result<Vec<String>, String> {
    let work = async {
        let mut response = request.send().await.map_err(|error| error.to_string())?;
        if !response.status().is_success() {
            return Err(format!("it answers {}", response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(bytes) = response.chunk().await.map_err(|error| error.to_string())? {
            if body.len() + bytes.len() > LIST_LIMIT {
                return Err("the list is too long".to_owned());
            }
            body.extend_from_slice(&bytes);
        }
        names(&body).ok_or_else(|| "what it answers is no list of models".to_owned())
    };
    timeout_at(deadline, work).await.unwrap_or_else(|_elapsed| Err("no answer in time".to_owned()))
}

/// The names in a list of models: `{"data": [{"id": …}]}`.
fn names(body: &[u8]) -> Option<Vec<String>> {
    let value = lenient::parse(body).ok()?;
    let models = value.get("data")?.as_array()?;
    let mut names: Vec<String> = models
        .iter()
        .filter_map(|model| model.get("id").and_then(Value::as_str).map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::super::loopback::{Script, Server};
    use super::*;

    #[tokio::test]
    async fn finds_servers_that_list_models_and_no_others() {
        let list = r#"{"data":[{"id":"b"},{"id":"a"}]}"#;
        let good = Server::start(vec![Script::json(200, list)]).await;
        let page = Server::start(vec![Script::json(200, "<html>a web page</html>")]).await;
        let hang = Server::start(vec![Script::Hang]).await;
        let start = std::time::Instant::now();
        let ports = [("x", good.port()), ("y", page.port()), ("z", hang.port())];
        let found = servers_at(&ports).await;
        assert!(start.elapsed() < Duration::from_secs(5));
        assert_eq!(
            found,
            [LocalServer {
                program: "x",
                base_url: format!("http://127.0.0.1:{}/v1", good.port()),
                models: vec!["a".to_owned(), "b".to_owned()],
            }]
        );
    }

    #[tokio::test]
    async fn lists_the_models_of_an_entry_with_its_key() {
        let server = Server::start(vec![Script::json(200, r#"{"data":[{"id":"m"}]}"#)]).await;
        let entry = server.entry(ModelKind::Anthropic, true);
        let key = SecretString::from("secret-secret-1");
        assert_eq!(models_of(&entry, Some(&key)).await, Ok(vec!["m".to_owned()]));
        let request = server.requests().remove(0);
        assert!(request.head.starts_with("GET /v1/models "), "{}", request.head);
        assert!(request.head.contains("x-api-key: secret-secret-1"));
    }
}
