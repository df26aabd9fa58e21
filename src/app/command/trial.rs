//! Chains on one prompt, and reactions to them.

use crate::app::state::trial::{CopyForm, StepPart, TryMode};
use crate::domain::{PrincipleId, PromptId};
use crate::methods::react::Reaction;

/// Run chains on one prompt, look at them, react to them.
#[derive(Debug, Clone, PartialEq)]
pub enum TryCommand {
    /// Run the prompt shown.
    Run,
    /// Run it again with another seed.
    RunOtherSeed,
    /// Run every prompt of the set whose chain is stale.
    RefreshStale,
    /// Run it three times, with this seed and the two after it.
    Samples,
    /// Run it without a principle.
    Ablate(PrincipleId),
    /// Go on from a step written by hand, beside the chain shown.
    Branch {
        /// What was written anew.
        part: StepPart,
        /// What it says now.
        text: String,
    },
    /// Stop the chain on its way, and those that wait; what is there is kept.
    Stop,
    /// Whether draft and revisions are scored, too.
    Score(bool),
    /// Critique–revision rounds, 1..=6.
    Rounds(u32),
    /// The seed of the next chain.
    Seed(u64),
    /// Whether every run keeps the seed; else each takes the next one.
    LockSeed(bool),
    /// Show one of the chains of the prompt, by number.
    Show(u64),
    /// Show the next (1) or previous (-1) chain of the prompt.
    StepChain(i32),
    /// Take a chain off the screen, by number; the journal keeps it.
    Forget(u64),
    /// Read the calls of a recorded chain, by number.
    FetchCalls(u64),
    /// How the chain is looked at.
    Mode(TryMode),
    /// Look at it in the next way.
    NextMode,
    /// Whether only what changed is shown.
    ChangesOnly(bool),
    /// Whether what all answers share is grey.
    GreyShared(bool),
    /// Choose an edit of the final diff, from 0.
    Edit(Option<usize>),
    /// Choose the next (1) or previous (-1) edit of the final diff.
    StepEdit(i32),
    /// Copy the chain shown.
    Copy(CopyForm),
    /// Pin the prompt shown to the cases of a principle.
    Pin(PrincipleId),
    /// Add a prompt of this text to the set shown, and select it.
    AddPrompt(String),
    /// Add prompts of these texts to the set shown, and select the first.
    AddPrompts(Vec<String>),
    /// Change the text of a prompt of the set shown.
    EditPrompt(PromptId, String),
    /// Delete a prompt of the set shown (undoable).
    DeletePrompt(PromptId),
    /// React to the chain shown.
    React(ReactCommand),
}

/// React to a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReactCommand {
    /// Open the sheet.
    Begin(Reaction),
    /// Open it again as it was left.
    Reopen,
    /// What is said of the response.
    Said(String),
    /// How the response should read.
    Rewrite(String),
    /// Have the critic's model write candidates.
    Suggest,
    /// Stop waiting for them.
    StopSuggesting,
    /// Choose a candidate: 0 is the user's own.
    Choose(usize),
    /// Change the text of a candidate.
    Candidate(usize, String),
    /// Run the prompt with the chosen candidate, the document untouched.
    Try,
    /// Add the chosen candidate to the constitution.
    Add,
    /// Go to the principle that is nearest to the candidate instead.
    EditNearest(PrincipleId),
    /// Leave the reaction.
    Drop,
}
