//! The one entry that runs call for each prompt, and what they say about methods beforehand.

use crate::domain::{
    CallFailure, CanaryResult, Chain, ChainStart, Constitution, FailureKind, Half, JudgeProtocol,
    JudgedPair, Method, PairSource, PrincipleVote, Prompt, Ranked, RankedAnswer, Recipe,
    RowFailure, Rubric, ScoredResponse,
};

use futures::future::{join, join_all};

use super::ask::Ask;
use super::calls_planned::answers_of;
use super::canary;
use super::critique::{ChainTask, Draft, critique_revise, draft};
use super::given::{GivenPair, given_pair};
use super::judging::cannot;
use super::panel::{Jury, judge_pair_of};
use super::preference::{Candidates, PairTask, draw_by, draw_two, mean_verdict, verdict_on_equals};
use super::template::Templates;
use super::tournament::{TournamentTask, given_answers, tournament_by};
use super::votes::{vote, vote_by};

pub use scores::has_own_response;
use scores::{chain_and_scores, score};

mod scores;

/// The column of a prompt that holds a response to be scored.
pub const RESPONSE_COLUMN: &str = "response";

/// What one row needs.
#[derive(Debug, Clone, Copy)]
pub struct RowTask<'a> {
    /// The prompt.
    pub prompt: &'a Prompt,
    /// What is done with it.
    pub recipe: &'a Recipe,
    /// The constitution, where the method needs one.
    pub constitution: Option<&'a Constitution>,
    /// The rubric, where the method needs one.
    pub rubric: Option<&'a Rubric>,
    /// What the models are told.
    pub templates: &'a Templates,
    /// The run's seed.
    pub seed: u64,
    /// How the judge is asked, as the recipe or the judge's model says; used for pairs.
    pub protocol: JudgeProtocol,
    /// What a chain goes on from; `None`: it begins with a draft.
    pub start: Option<&'a ChainStart>,
}

/// What a method made of one prompt; the engine adds usage and provenance.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowParts {
    /// The chain, or its beginning where a call failed.
    pub chain: Option<Chain>,
    /// The pair; where a comparison failed, with the verdicts that are there.
    pub pair: Option<JudgedPair>,
    /// The scores, in the responses' order.
    pub scores: Vec<ScoredResponse>,
    /// The answers of a tournament.
    pub ranked: Option<Ranked>,
    /// What each principle says of the pair.
    pub votes: Vec<PrincipleVote>,
    /// Where and why it stopped.
    pub failure: Option<RowFailure>,
    /// Of a chain and a pair, the one that is whole although the other failed.
    pub whole: Option<Half>,
    /// What the judge made of the canary beside the pair, where there was one.
    pub canary: Option<CanaryResult>,
}

/// Who is asked for a row beside its own models; see [`run_row_by`].
#[derive(Debug)]
pub struct Beside<'a, C> {
    /// Who writes the pair's answers; `None`: the writer.
    pub candidates: Option<Candidates<'a, C>>,
    /// Who judges; `None`: the model of that role, as the recipe says.
    pub jury: Option<&'a Jury<'a, C>>,
}

impl<C> Clone for Beside<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Beside<'_, C> {}

/// Runs a recipe's method on one prompt. Never fails as a whole: what could be made is there, and
/// where it stopped is named.
pub async fn run_row<A: Ask>(ask: &A, task: &RowTask<'_>) -> RowParts {
    run_row_by::<A, A>(ask, Beside { candidates: None, jury: None }, task).await
}

/// The same, where others than the row's own models write the pair's answers or judge.
pub async fn run_row_by<A: Ask, C: Ask>(
    ask: &A,
    beside: Beside<'_, C>,
    task: &RowTask<'_>,
) -> RowParts {
    let mut parts = RowParts::default();
    let done = match task.recipe.method {
        Method::Critique => chain(ask, task, &mut parts).await,
        Method::Preference => pair(ask, beside, task, &mut parts).await,
        Method::ChainPreference => chain_and_pair(ask, beside, task, &mut parts).await,
        Method::Rank => rank(ask, beside, task, &mut parts).await,
        Method::Votes => votes(ask, beside.jury, task, &mut parts).await,
        Method::Score => score(ask, beside.jury, task, &mut parts).await,
        Method::ChainScore => chain_and_scores(ask, beside.jury, task, &mut parts).await,
    };
    parts.failure = done.err();
    parts
}

async fn chain(ask: &impl Ask, task: &RowTask<'_>, parts: &mut RowParts) -> Result<(), RowFailure> {
    let chain_task = ChainTask {
        prompt: task.prompt,
        constitution: constitution(task)?,
        templates: task.templates,
        recipe: task.recipe,
        seed: task.seed,
        start: task.start,
    };
    match critique_revise(ask, &chain_task).await {
        Ok(chain) => {
            parts.chain = Some(chain);
            Ok(())
        }
        Err(failure) => {
            let (failure, partial) = failure.split();
            parts.chain = partial;
            Err(failure)
        }
    }
}

/// Neither waits for the other, and neither loses what the other has.
async fn chain_and_pair<A: Ask, C: Ask>(
    ask: &A,
    beside: Beside<'_, C>,
    task: &RowTask<'_>,
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    constitution(task)?;
    if task.recipe.pair_of == PairSource::DraftAndRevision {
        return chain_then_pair(ask, beside.jury, task, parts).await;
    }
    let mut other = RowParts::default();
    let (chained, paired) =
        join(chain(ask, task, parts), pair(ask, beside, task, &mut other)).await;
    parts.pair = other.pair;
    parts.canary = other.canary;
    match (chained, paired) {
        (Ok(()), Ok(())) => Ok(()),
        (Err(failure), Ok(())) => {
            parts.whole = Some(Half::Pair);
            Err(failure)
        }
        (Ok(()), Err(failure)) => {
            parts.whole = Some(Half::Chain);
            Err(failure)
        }
        (Err(chained), Err(paired)) => Err(both(chained, paired)),
    }
}

/// The chain, then its draft and its last revision compared: one step waits for the other. A chain
/// in which nothing was changed makes a pair of equals, about which nobody is asked.
async fn chain_then_pair<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &RowTask<'_>,
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    chain(ask, task, parts).await?;
    let Some(chain) = &parts.chain else { return Ok(()) };
    let last_step = chain.steps.iter().rfind(|step| !step.found_nothing);
    let (a_cut_off, b_cut_off) =
        (chain.draft_cut_off, last_step.map_or(chain.draft_cut_off, |step| step.cut_off));
    let given = GivenPair {
        a: chain.draft.clone(),
        b: chain.last().to_owned(),
        a_model: String::new(),
        b_model: String::new(),
    };
    let judged = given_judged(ask, jury, task, given, parts).await;
    if let Some(pair) = &mut parts.pair {
        (pair.a_cut_off, pair.b_cut_off) = (a_cut_off, b_cut_off);
    }
    if judged.is_err() {
        parts.whole = Some(Half::Chain);
    }
    judged
}

/// What every principle says of the two answers that the prompt brings.
async fn votes<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &RowTask<'_>,
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    let constitution = constitution(task)?;
    let Some(pair) = given_pair(task.prompt) else {
        let failure = cannot(
            "the prompt has no two answers to vote on",
            "give each prompt two columns, a and b, with one answer each",
        );
        return Err(RowFailure { at: "votes".to_owned(), failure });
    };
    let recipe = Recipe { principles_per_pair: u32::MAX, ..task.recipe.clone() };
    let pair_task = PairTask {
        prompt: task.prompt,
        a: &pair.a,
        b: &pair.b,
        constitution,
        templates: task.templates,
        recipe: &recipe,
        protocol: task.protocol,
        seed: task.seed,
    };
    let voted = match jury {
        Some(jury) => {
            let beside = canary(ask, Some(jury), task);
            let (voted, canary) = join(vote_by(jury, &pair_task), beside).await;
            parts.canary = canary;
            voted
        }
        None => vote(ask, &pair_task, recipe.votes, recipe.times_rule).await,
    };
    parts.votes = voted.map_err(|failure| failure.split().0)?;
    Ok(())
}

/// Two failures as one: the first that a resumed run mends by itself gives it its name.
fn both(chained: RowFailure, paired: RowFailure) -> RowFailure {
    let is_open = |failure: &RowFailure| {
        matches!(
            failure.failure.kind,
            FailureKind::Cancelled | FailureKind::Storage | FailureKind::Budget | FailureKind::Auth
        )
    };
    let (mut first, second) = match is_open(&paired) && !is_open(&chained) {
        true => (paired, chained),
        false => (chained, paired),
    };
    // The draft that both begin with is one call.
    if first.failure.message != second.failure.message {
        let message = &mut first.failure.message;
        *message = format!("{message}; and {}: {}", second.at, second.failure.message);
    }
    first
}

async fn pair<A: Ask, C: Ask>(
    ask: &A,
    beside: Beside<'_, C>,
    task: &RowTask<'_>,
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    if let Some(given) =
        given_pair(task.prompt).filter(|_| task.recipe.method == Method::Preference)
    {
        return given_judged(ask, beside.jury, task, given, parts).await;
    }
    constitution(task)?;
    let RowTask { prompt, templates, recipe, seed, .. } = *task;
    let (a, b, [a_model, b_model]) = if let Some(candidates) = &beside.candidates {
        // A chain beside it has its own draft, which is the row's first.
        let first = u32::from(recipe.method == Method::ChainPreference);
        let drawn = draw_by(candidates, prompt, templates, recipe, seed, first).await;
        let mut drafts = drawn.map_err(|failure| failure.split().0)?.into_iter();
        let (Some(a), Some(b)) = (drafts.next(), drafts.next()) else {
            return Err(lacks(recipe, "second candidate"));
        };
        let name = |place: usize| candidates.names.get(place).cloned().unwrap_or_default();
        (a, b, [name(0), name(1)])
    } else {
        let drawn = draw_two(ask, prompt, templates, recipe, seed).await;
        let (a, b) = drawn.map_err(|failure| failure.split().0)?;
        (a, b, [String::new(), String::new()])
    };
    let given = GivenPair { a: a.text, b: b.text, a_model, b_model };
    let judged = given_judged(ask, beside.jury, task, given, parts).await;
    if let Some(pair) = &mut parts.pair {
        (pair.a_cut_off, pair.b_cut_off) = (a.cut_off, b.cut_off);
    }
    judged
}

/// A tournament of the prompt's own answers, of the candidates', or of several by the writer; the two
/// that lie furthest apart are the row's pair.
async fn rank<A: Ask, C: Ask>(
    ask: &A,
    beside: Beside<'_, C>,
    task: &RowTask<'_>,
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    let constitution = constitution(task)?;
    let RowTask { prompt, templates, recipe, seed, protocol, .. } = *task;
    let answers = match (given_answers(prompt), &beside.candidates) {
        (Some(given), _) => given,
        (None, Some(candidates)) => {
            let drawn = draw_by(candidates, prompt, templates, recipe, seed, 0).await;
            let drafts = drawn.map_err(|failure| failure.split().0)?;
            let named = drafts.into_iter().zip(candidates.names);
            named.map(|(draft, model)| ranked_answer(draft, model.clone())).collect()
        }
        (None, None) => {
            let n = u32::try_from(answers_of(recipe)).unwrap_or(u32::MAX);
            let drafts = (0..n).map(|nth| draft(ask, prompt, templates, recipe, seed, nth));
            let mut answers = Vec::new();
            for (place, draft) in join_all(drafts).await.into_iter().enumerate() {
                let at = format!("draft {}", place + 1);
                let draft = draft.map_err(|failure| RowFailure { at, failure })?;
                answers.push(ranked_answer(draft, String::new()));
            }
            answers
        }
    };
    let tournament_task =
        TournamentTask { prompt, constitution, templates, recipe, protocol, seed };
    let games = tournament_by(ask, beside.jury, &tournament_task, answers);
    let (ranked, canary) = join(games, canary(ask, beside.jury, task)).await;
    parts.canary = canary;
    let (ranked, failure) = match ranked {
        Ok(ranked) => (Some(ranked), None),
        Err(failure) => {
            let (failure, partial) = failure.split();
            (partial.map(|ranked| *ranked), Some(failure))
        }
    };
    parts.pair = ranked.as_ref().filter(|_| failure.is_none()).and_then(widest_pair);
    parts.ranked = ranked;
    failure.map_or(Ok(()), Err)
}

fn ranked_answer(draft: Draft, model: String) -> RankedAnswer {
    RankedAnswer { model, text: draft.text, cut_off: draft.cut_off }
}

fn widest_pair(ranked: &Ranked) -> Option<JudgedPair> {
    let game = ranked.widest()?;
    let (a, b) = (ranked.answers.get(game.a)?.clone(), ranked.answers.get(game.b)?.clone());
    Some(JudgedPair {
        a: a.text,
        b: b.text,
        a_cut_off: a.cut_off,
        b_cut_off: b.cut_off,
        a_model: a.model,
        b_model: b.model,
        verdict: game.verdict.clone(),
    })
}

/// Two answers that are there, compared; both are kept, even where nothing was said about them.
async fn given_judged<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &RowTask<'_>,
    given: GivenPair,
    parts: &mut RowParts,
) -> Result<(), RowFailure> {
    let constitution = constitution(task)?;
    let pair_task = PairTask {
        prompt: task.prompt,
        a: &given.a,
        b: &given.b,
        constitution,
        templates: task.templates,
        recipe: task.recipe,
        protocol: task.protocol,
        seed: task.seed,
    };
    let (verdict, failure) = if given.a == given.b {
        (verdict_on_equals(task.protocol), None)
    } else {
        let (judged, canary) =
            join(judge_pair_of(ask, jury, &pair_task), canary(ask, jury, task)).await;
        parts.canary = canary;
        match judged {
            Ok(verdict) => (verdict, None),
            Err(failure) => {
                let (failure, partial) = failure.split();
                let verdict = partial.unwrap_or_else(|| mean_verdict(task.protocol, Vec::new()));
                (verdict, Some(failure))
            }
        }
    };
    let GivenPair { a, b, a_model, b_model } = given;
    let (a_cut_off, b_cut_off) = (false, false);
    parts.pair = Some(JudgedPair { a, b, a_cut_off, b_cut_off, a_model, b_model, verdict });
    failure.map_or(Ok(()), Err)
}

/// The canary beside a pair, judged as the pair is; where a call of it fails, the row does not.
async fn canary<A: Ask, C: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, C>>,
    task: &RowTask<'_>,
) -> Option<CanaryResult> {
    let drawn = canary::drawn(task.seed, &task.prompt.id, task.recipe.canaries)?;
    let (prompt, yardstick, (a, b)) = (drawn.prompt(), canary::yardstick(), drawn.answers());
    let pair_task = PairTask {
        prompt: &prompt,
        a,
        b,
        constitution: &yardstick,
        templates: task.templates,
        recipe: task.recipe,
        protocol: task.protocol,
        seed: task.seed,
    };
    let judged = judge_pair_of(ask, jury, &pair_task).await;
    Some(drawn.result(judged.as_ref().map_err(|failure| failure.clone().split().0)))
}

fn constitution<'a>(task: &RowTask<'a>) -> Result<&'a Constitution, RowFailure> {
    task.constitution.ok_or_else(|| lacks(task.recipe, "constitution"))
}

fn rubric<'a>(task: &RowTask<'a>) -> Result<&'a Rubric, RowFailure> {
    task.rubric.ok_or_else(|| lacks(task.recipe, "rubric"))
}

fn lacks(recipe: &Recipe, what: &str) -> RowFailure {
    let failure: CallFailure = cannot(
        format!("the recipe “{}” needs a {what}, and there is none", recipe.name),
        "name one in the recipe or in the project",
    );
    RowFailure { at: what.to_owned(), failure }
}

#[cfg(test)]
mod tests;
