//! A model as a project knows it: where it is and what it costs, never its key.

use serde::{Deserialize, Serialize};

use super::price::PriceDetails;
use super::recipe::JudgeProtocol;

/// How a model is spoken to.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::EnumIter,
    strum::Display,
    strum::EnumString,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ModelKind {
    /// Runs inside the program.
    Embedded,
    /// OpenAI-compatible chat completions: OpenAI, vLLM, llama.cpp, Ollama, LM Studio, ….
    OpenAi,
    /// Anthropic Messages.
    Anthropic,
}

/// One model of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// What the project calls it; unique within the project.
    pub name: String,
    /// How it is spoken to.
    pub kind: ModelKind,
    /// The provider's name for it; for an embedded one, a known model's name or a GGUF file's
    /// path; empty: the starter model.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub model: String,
    /// The API's base address, such as `https://api.example.com/v1`; empty: the dialect's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub base_url: String,
    /// The environment variable that holds the key; empty: the dialect's usual one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub key_env: String,
    /// US dollars per million tokens read, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_in: Option<f64>,
    /// US dollars per million tokens written, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_out: Option<f64>,
    /// What else its price list says.
    #[serde(default, skip_serializing_if = "PriceDetails::is_plain")]
    pub prices: Box<PriceDetails>,
    /// Whether answers are streamed.
    #[serde(default = "yes")]
    pub stream: bool,
    /// Whether seeds are sent: some servers refuse a request that has one. The journal tells draws
    /// apart by their seeds all the same.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub send_seed: bool,
    /// Whether a judge is asked for log-probabilities; else its verdict is read from its text.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub logprobs: bool,
    /// The most requests at once.
    #[serde(default = "eight")]
    pub max_in_flight: u32,
    /// How it is asked as a judge, where its probe said so.
    #[serde(default)]
    pub judge_protocol: JudgeProtocol,
}

impl ModelEntry {
    /// The name under which every project has the embedded starter model.
    pub const EMBEDDED: &'static str = "embedded";

    /// The embedded starter model.
    pub fn embedded() -> Self {
        Self {
            name: Self::EMBEDDED.to_owned(),
            kind: ModelKind::Embedded,
            model: String::new(),
            base_url: String::new(),
            key_env: String::new(),
            price_in: None,
            price_out: None,
            prices: Box::default(),
            stream: true,
            send_seed: true,
            logprobs: true,
            max_in_flight: 16,
            judge_protocol: JudgeProtocol::PointwiseYesNo,
        }
    }
}

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
fn is_yes(flag: &bool) -> bool {
    *flag
}

fn eight() -> u32 {
    8
}
