//! The Try area: one prompt, one chain, live.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::{Call, CallFailure, PromptId, Purpose, Reply, Row};

/// The Try area's own state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TryState {
    /// Whether draft and revisions are scored by the rubric, too.
    pub score: bool,
    /// Critique–revision rounds, 1..=6; 0 means the default (2).
    pub rounds: u32,
    /// The seed of the next chain; the project's, until the user asks for another.
    pub seed: Option<u64>,
    /// The newest chain of each prompt, by prompt set and id.
    pub trials: BTreeMap<(String, PromptId), Trial>,
    /// The chain on its way: its number, and where its trial is.
    pub running: Option<(u64, (String, PromptId))>,
}

impl TryState {
    /// The rounds asked for.
    pub fn rounds(&self) -> u32 {
        if self.rounds == 0 { 2 } else { self.rounds }
    }
}

/// One chain as it comes.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Names it; events of older ones are left aside.
    pub number: u64,
    /// The seed it runs with.
    pub seed: u64,
    /// The constitution it runs under, frozen.
    pub constitution: Option<Arc<crate::domain::Constitution>>,
    /// The rubric it is scored by, frozen.
    pub rubric: Option<Arc<crate::domain::Rubric>>,
    /// The calls in the order they were started.
    pub calls: Vec<LiveCall>,
    /// The row, once there is one (a failed chain has one, too: with what it got).
    pub row: Option<Arc<Row>>,
    /// How far it is.
    pub status: TrialStatus,
}

/// How far a [`Trial`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum TrialStatus {
    /// Calls are being made; the text says what is waited for before the first, such as
    /// “Loading the starter model”.
    Running(String),
    /// All is there.
    Done,
    /// It stopped short.
    Failed {
        /// What was being done, such as `critique 2`.
        at: String,
        /// Why.
        failure: CallFailure,
    },
    /// The user stopped it; what is there is kept.
    Stopped,
}

/// One model call of a trial.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveCall {
    /// What it is for.
    pub purpose: Purpose,
    /// What came so far; the whole reply once done.
    pub text: String,
    /// How far it is.
    pub state: CallState,
}

/// How far a [`LiveCall`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum CallState {
    /// Under way.
    Running,
    /// An attempt failed; another follows, says the text.
    Retrying(String),
    /// Answered.
    Done {
        /// Exactly what was asked.
        call: Arc<Call>,
        /// Exactly what came back.
        reply: Arc<Reply>,
        /// Whether the reply came from the journal instead of a model.
        replayed: bool,
    },
    /// Failed.
    Failed {
        /// Exactly what was asked, where it got that far.
        call: Option<Arc<Call>>,
        /// Why.
        failure: CallFailure,
    },
}
