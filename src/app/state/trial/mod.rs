//! The Try area: one prompt, its chains, live or from the journal; and reactions to them.

mod react;
mod recalled;
mod stale;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use react::{About, ReactState, Suggesting};
pub use recalled::{RecalledChains, arranged, is_repeated};
pub use stale::{stale, stale_prompts};

use crate::app::effects::TrialPlan;
use crate::domain::{
    Call, CallFailure, Chain, Constitution, Prompt, PromptId, Purpose, Reply, Row, Rubric, RunId,
    Variant,
};

/// Names the chains of a prompt: the prompt set's stem and the prompt's id.
pub type PromptKey = (String, PromptId);

/// The most chains of one prompt that are kept beside the one shown.
pub const MOST_OTHERS: usize = 7;

/// The Try area's own state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TryState {
    /// Whether draft and revisions are scored by the rubric, too.
    pub score: bool,
    /// Critique–revision rounds, 1..=6; 0 means the default (2).
    pub rounds: u32,
    /// The seed of the next chain; the project's, until the user asks for another.
    pub seed: Option<u64>,
    /// Whether every run takes the next seed instead of keeping it.
    pub seed_free: bool,
    /// The chain shown of each prompt, by prompt set and id: the newest, until another is chosen.
    pub trials: BTreeMap<PromptKey, Trial>,
    /// The other chains of each prompt, in no order that matters.
    pub others: BTreeMap<PromptKey, Vec<Trial>>,
    /// The chain on its way: its number, and where its trial is.
    pub running: Option<(u64, PromptKey)>,
    /// Chains that wait for the one on its way, first come first.
    pub waiting: Vec<(PromptKey, Box<TrialPlan>)>,
    /// How chains are looked at.
    pub look: TryLook,
    /// The reaction being written, if any.
    pub react: Option<ReactState>,
}

/// How chains are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TryLook {
    /// Which view.
    pub mode: TryMode,
    /// Whether long unchanged stretches are left out of diffs.
    pub changes_only: bool,
    /// Whether what all answers share is grey.
    pub grey_shared: bool,
    /// The edit of the final diff that is explained: the chain's number, and which, from 0.
    pub edit: Option<(u64, usize)>,
}

/// A way to look at a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, strum::EnumIter)]
pub enum TryMode {
    /// The draft against the last revision, as one text.
    #[default]
    Final,
    /// Every draft, critique and revision.
    Steps,
    /// The draft and the last revision, beside each other.
    SideBySide,
    /// The last answers of all chains of the prompt, beside each other.
    Answers,
    /// Exactly what was sent and came back.
    Raw,
}

/// What of a chain a person can write anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepPart {
    /// The first answer.
    Draft,
    /// The critique of a round, counted from 1.
    Critique(u32),
    /// The answer after a round, counted from 1.
    Revision(u32),
}

impl std::fmt::Display for StepPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Draft => f.write_str("draft"),
            Self::Critique(round) => write!(f, "critique {round}"),
            Self::Revision(round) => write!(f, "revision {round}"),
        }
    }
}

/// As what a chain is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyForm {
    /// For people: headings, quotes, rewards.
    Markdown,
    /// The row as the journal has it.
    Json,
    /// Every message sent and every reply.
    Raw,
}

impl TryState {
    /// The rounds asked for.
    pub fn rounds(&self) -> u32 {
        if self.rounds == 0 { 2 } else { self.rounds }
    }

    /// All chains of a prompt, oldest first.
    pub fn chains(&self, key: &PromptKey) -> Vec<&Trial> {
        let mut all: Vec<&Trial> = self
            .trials
            .get(key)
            .into_iter()
            .chain(self.others.get(key).into_iter().flatten())
            .collect();
        all.sort_by_key(|trial| trial.order());
        all
    }

    /// The chain of that number.
    pub fn find(&self, number: u64) -> Option<&Trial> {
        self.trials
            .values()
            .chain(self.others.values().flatten())
            .find(|trial| trial.number == number)
    }

    /// The chain of that number, to be changed.
    pub fn find_mut(&mut self, number: u64) -> Option<&mut Trial> {
        self.trials
            .values_mut()
            .chain(self.others.values_mut().flatten())
            .find(|trial| trial.number == number)
    }

    /// Puts a chain in the place of the one shown, which stays beside it.
    pub fn put(&mut self, key: PromptKey, trial: Trial) {
        if let Some(before) = self.trials.insert(key.clone(), trial) {
            self.put_beside(key, before);
        }
    }

    /// Keeps a chain beside the one shown; the oldest goes where there are too many.
    pub fn put_beside(&mut self, key: PromptKey, trial: Trial) {
        let others = self.others.entry(key).or_default();
        others.push(trial);
        if others.len() > MOST_OTHERS
            && let Some(oldest) = (0..others.len()).min_by_key(|place| others[*place].order())
        {
            others.remove(oldest);
        }
    }

    /// Shows a chain that stands beside the one shown.
    pub fn show(&mut self, number: u64) {
        for (key, others) in &mut self.others {
            if let Some(place) = others.iter().position(|trial| trial.number == number)
                && let Some(shown) = self.trials.get_mut(key)
            {
                std::mem::swap(&mut others[place], shown);
                return;
            }
        }
    }
}

/// One chain, as it comes or as it was recorded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Trial {
    /// Names it; events of older ones are left aside.
    pub number: u64,
    /// The seed it runs with.
    pub seed: u64,
    /// The prompt as it was.
    pub prompt: Option<Arc<Prompt>>,
    /// The constitution it runs under, frozen.
    pub constitution: Option<Arc<Constitution>>,
    /// The rubric it is scored by, frozen.
    pub rubric: Option<Arc<Rubric>>,
    /// How it differs from what the documents ask for.
    pub variant: Variant,
    /// What of it a person wrote: `draft`, `critique 2`.
    pub by_hand: Vec<String>,
    /// The chain that it is to be compared with, by number.
    pub of: Option<u64>,
    /// Whether every model asked runs inside the program.
    pub on_this_computer: bool,
    /// Where it was read from, where it was not made in this sitting.
    pub recorded: Option<Recorded>,
    /// The calls in the order they were started.
    pub calls: Vec<LiveCall>,
    /// The row, once there is one (a failed chain has one, too: with what it got).
    pub row: Option<Arc<Row>>,
    /// How far it is.
    pub status: TrialStatus,
}

impl Trial {
    /// The chain of its row, whole or as far as it went.
    pub fn chain(&self) -> Option<&Chain> {
        self.row.as_ref()?.chain.as_ref()
    }

    /// The texts of its answers in order, the draft first; none before it has ended.
    pub fn texts(&self) -> Vec<&str> {
        let Some(chain) = self.chain() else { return Vec::new() };
        std::iter::once(chain.draft.as_str())
            .chain(chain.steps.iter().map(|step| step.revision.as_str()))
            .collect()
    }

    /// What tells it apart from the prompt's other chains, in a few words.
    pub fn label(&self) -> String {
        match &self.variant {
            Variant::Plain | Variant::Sample => format!("Seed {}", self.seed),
            Variant::Branch => match self.by_hand.first() {
                Some(part) => format!("Edited {part}"),
                None => "Edited by hand".to_owned(),
            },
            Variant::Without { principle } => format!("Without {principle}"),
            Variant::With { .. } => "With candidate".to_owned(),
        }
    }

    /// Recorded ones by their time before those of this sitting by their number.
    fn order(&self) -> (bool, i64, u64) {
        (self.recorded.is_none(), self.recorded.as_ref().map_or(0, |r| r.at_ms), self.number)
    }
}

/// Where a [`Trial`] was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The run that made it.
    pub run: RunId,
    /// When that began: milliseconds since 1970.
    pub at_ms: i64,
    /// The models that made it, each once; `the starter model` for the embedded one.
    pub models: Vec<String>,
    /// Whether its calls were asked for already.
    pub calls_read: bool,
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

impl Default for TrialStatus {
    fn default() -> Self {
        Self::Running(String::new())
    }
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
