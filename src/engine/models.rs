//! Models by name: a project's entries and one-off specifications, resolved to providers and kept
//! for the process, so that an embedded model is loaded once and a limiter knows all its calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::limiter::Limiter;
use crate::domain::{JudgeProtocol, ModelEntry, ModelKind};
use crate::providers::Provider;
use crate::store::secrets::Secrets;

/// What a model costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// US dollars per million tokens read.
    pub input: f64,
    /// US dollars per million tokens written.
    pub output: f64,
}

/// A model ready to be asked.
pub struct Model {
    /// What the project calls it, or its specification.
    pub name: String,
    /// How it was described; never a key.
    pub entry: ModelEntry,
    /// Who answers.
    pub provider: Arc<dyn Provider>,
    /// What it costs; `None`: unknown.
    pub price: Option<Price>,
    /// How many calls may be in flight.
    pub limiter: Limiter,
}

/// Why a model can't be had.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no such name, and it is no specification.
    #[error("there is no model called “{name}”")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A specification can't be read.
    #[error("the model “{spec}” can't be understood: {reason}")]
    Spec {
        /// What was given.
        spec: String,
        /// Why.
        reason: &'static str,
    },
    /// The model can't be set up.
    #[error("the model “{name}” can't be used: {reason}")]
    Setup {
        /// Which.
        name: String,
        /// Why, without keys.
        reason: String,
        /// How to mend it.
        hint: String,
    },
}

/// The models of a process.
#[derive(Clone)]
pub struct Models {
    pub(super) secrets: Arc<Secrets>,
    pub(super) ready: Arc<Mutex<BTreeMap<String, Arc<Model>>>>,
}
