//! A row: what a run yields for one prompt.

use serde::{Deserialize, Serialize};

use super::call::{CallFailure, Usage};
use super::hand::ByHand;
use super::ids::PrincipleId;
use super::prompt::Prompt;
use super::tournament::Ranked;
use super::verdict::{JudgeScore, PairVerdict, Score};
use super::vote::PrincipleVote;

/// One critique and revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Counts from 1.
    pub round: u32,
    /// The principle drawn.
    pub principle: PrincipleId,
    /// What the critic was asked.
    pub critique_request: String,
    /// What the critic wrote.
    pub critique: String,
    /// Whether the critic found nothing to mend; then `revision` is the answer before, and
    /// no reviser was asked.
    pub found_nothing: bool,
    /// What the reviser was asked; empty when it was not asked.
    pub revision_request: String,
    /// The answer after.
    pub revision: String,
    /// Whether the revision was cut off at its longest length.
    #[serde(default)]
    pub cut_off: bool,
    /// Whether the critique was.
    #[serde(default)]
    pub critique_cut_off: bool,
}

/// Draft → critique → revision …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chain {
    /// The first answer.
    pub draft: String,
    /// Whether the draft was cut off at its longest length.
    #[serde(default)]
    pub draft_cut_off: bool,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

impl Chain {
    /// The last answer: the draft where there is no step.
    pub fn last(&self) -> &str {
        self.steps.last().map_or(self.draft.as_str(), |step| step.revision.as_str())
    }

    /// Draft and revisions with their names: `draft`, `revision 1`, ….
    pub fn responses(&self) -> Vec<(String, &str)> {
        let mut all = vec![("draft".to_owned(), self.draft.as_str())];
        all.extend(
            self.steps.iter().map(|s| (format!("revision {}", s.round), s.revision.as_str())),
        );
        all
    }
}

/// What a chain goes on from instead of asking for it: steps of another chain, some written by
/// hand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChainStart {
    /// The first answer.
    pub draft: String,
    /// Whether it was cut off at its longest length.
    #[serde(default)]
    pub draft_cut_off: bool,
    /// The whole rounds that are there, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Principle and critique of the round after them, where only its revision is asked.
    #[serde(default)]
    pub critique: Option<(PrincipleId, String)>,
    /// What of it a person wrote: `draft`, `critique 2`, `revision 1`.
    #[serde(default)]
    pub by_hand: Vec<String>,
}

/// How a tried chain differs from what the project's documents ask for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Variant {
    /// It doesn't.
    #[default]
    Plain,
    /// One of several drawn with consecutive seeds.
    Sample,
    /// It goes on from steps that were given; see [`Provenance::by_hand`].
    Branch,
    /// Without a principle that the constitution has.
    Without {
        /// The one left out.
        principle: PrincipleId,
    },
    /// With a principle that the constitution doesn't have, drawn first.
    With {
        /// Its text.
        text: String,
    },
}

/// A response with its score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoredResponse {
    /// `draft`, `revision 2`, `response`.
    pub name: String,
    /// The response.
    pub text: String,
    /// What the judge made of it.
    pub score: Score,
    /// Whether it was cut off at its longest length, as far as is known.
    #[serde(default)]
    pub cut_off: bool,
    /// Where several models judge: what each said, in the judge's order; the score above is then
    /// what the judge's rule makes of them. Empty where one model judges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judges: Vec<JudgeScore>,
}

/// Two responses and what the judge made of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedPair {
    /// The first response.
    pub a: String,
    /// The second response.
    pub b: String,
    /// Whether the first was cut off at its longest length, as far as is known.
    #[serde(default)]
    pub a_cut_off: bool,
    /// Whether the second was.
    #[serde(default)]
    pub b_cut_off: bool,
    /// Which model wrote the first, where the recipe names one for it; empty: the writer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub a_model: String,
    /// Which wrote the second.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub b_model: String,
    /// The verdict; P(A is better).
    pub verdict: PairVerdict,
}

/// What a judge made of a pair of which everybody knows which is better, or of an answer of which
/// everybody knows that it fails; never data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CanaryResult {
    /// Its name.
    pub id: String,
    /// P(the better answer is better), or P(the answer fails), 0..=1; `None` where it could not be
    /// read.
    pub p_good: Option<f64>,
    /// Why it could not be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<RowFailure>,
}

/// One of the two things that a row of `critique+preference` has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Half {
    /// The chain.
    Chain,
    /// The judged pair.
    Pair,
}

/// Where a row failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFailure {
    /// What was being done: `draft`, `critique 2`, `comparison P3 ab`.
    pub at: String,
    /// The call's failure.
    pub failure: CallFailure,
}

/// Hashes and names of all that made a row.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Provenance {
    /// Content hash of the constitution, where one was used.
    pub constitution: Option<String>,
    /// Content hash of the rubric, where one was used.
    pub rubric: Option<String>,
    /// Content hash of recipe and templates.
    pub recipe: String,
    /// Role and model identity.
    pub models: Vec<(String, String)>,
    /// The run's seed.
    pub seed: u64,
    /// How it differs from what the documents ask for, where it was tried.
    #[serde(default, skip_serializing_if = "Variant::is_plain")]
    pub variant: Variant,
    /// What of it a person wrote: `draft`, `critique 2`, `revision 1`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_hand: Vec<String>,
    /// How its judge was asked, as a hash ([`crate::domain::AskedAs`]); `None` where nothing was
    /// judged, and in rows of versions that did not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<String>,
}

impl Variant {
    /// Whether it is what the documents ask for, with the seed asked for.
    pub fn is_plain(&self) -> bool {
        *self == Self::Plain
    }

    /// Whether it was made under other principles than the documents have: an experiment, not
    /// data.
    pub fn is_experiment(&self) -> bool {
        matches!(self, Self::Without { .. } | Self::With { .. })
    }
}

/// What a run yields for one prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The prompt as it was.
    pub prompt: Prompt,
    /// The chain, for `critique`, `critique+preference` and `chain+score`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Chain>,
    /// The pair, for `preference` and `critique+preference`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<JudgedPair>,
    /// The scores, for `score` and `chain+score`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<ScoredResponse>,
    /// The answers of a tournament, for `rank`; its pair is the one that lies furthest apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranked: Option<Ranked>,
    /// What each principle says of two responses that it was given, for a run of votes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub votes: Vec<PrincipleVote>,
    /// Why it has not all of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<RowFailure>,
    /// Which of its texts refuse to answer: `draft`, `revision 2`, `critique 1`, `a`, `b`,
    /// `answer 3`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// Of a chain and a pair, the one that is whole although the other failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Half>,
    /// What its judge made of the canary beside its pair, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<CanaryResult>,
    /// Tokens of all calls that it was made of, paid for now or before: the same when it is made
    /// again from the journal.
    #[serde(default)]
    pub usage: Usage,
    /// What made it.
    #[serde(default)]
    pub provenance: Provenance,
    /// What a person changed about it; never part of what the journal keeps as the row.
    #[serde(default, skip_serializing_if = "ByHand::is_none")]
    pub by_hand: ByHand,
}

impl Row {
    /// Whether its chain (or its pair) broke off: the row failed, and not only in the other half.
    pub fn has_failed(&self, half: Half) -> bool {
        self.failure.is_some() && self.whole != Some(half)
    }

    /// A row of a prompt with nothing in it yet.
    pub fn empty(prompt: &Prompt) -> Self {
        Self {
            prompt: prompt.clone(),
            chain: None,
            pair: None,
            scores: Vec::new(),
            ranked: None,
            votes: Vec::new(),
            failure: None,
            refused: Vec::new(),
            whole: None,
            canary: None,
            usage: Usage::default(),
            provenance: Provenance::default(),
            by_hand: ByHand::default(),
        }
    }
}
