//! Several answers to a prompt, compared pair by pair.
//!
//! All pairs of up to five answers; of more, the rounds of a Swiss tournament, in which answers of
//! like points meet; or, where the recipe says so, always the pair whose order the games so far
//! tell least about (see [`crate::domain::belief`]). Each game is a preference as in [`super::preference`]: sampled principles,
//! both orders. What the games say of models across prompts is measured in `stats::ranking`
//! (Bradley and Terry 1952, with rank ranges); one prompt's games are too few for more than points.

use futures::future::join_all;
use rand::seq::SliceRandom as _;
use serde_json::Value;

use crate::domain::{
    Constitution, JudgeProtocol, PairVerdict, Pairing, Prompt, Ranked, RankedAnswer, RankedGame,
    Recipe, Round, RowFailure, all_pairs, informative_game, swiss_round, swiss_rounds, tying_round,
};

use super::ask::Ask;
use super::draw;
use super::failure::MethodFailure;
use super::panel::{Jury, judge_pair_of};
use super::preference::{PairTask, mean_verdict, verdict_on_equals};
use super::template::Templates;

/// The column of a prompt that holds the answers of a tournament: texts, or objects with `text` (or
/// `response`) and, where it is known, `model`.
pub const ANSWERS_COLUMN: &str = "responses";

/// What a tournament needs.
#[derive(Debug, Clone, Copy)]
pub struct TournamentTask<'a> {
    /// The prompt that all answer.
    pub prompt: &'a Prompt,
    /// Where principles are drawn from.
    pub constitution: &'a Constitution,
    /// What the judge is told.
    pub templates: &'a Templates,
    /// Principles a pair, votes, who meets whom.
    pub recipe: &'a Recipe,
    /// How the judge is asked.
    pub protocol: JudgeProtocol,
    /// The run's seed.
    pub seed: u64,
}

/// The answers that a prompt brings in its column `responses`; `None` unless there are two or more
/// with text.
pub fn given_answers(prompt: &Prompt) -> Option<Vec<RankedAnswer>> {
    let listed = prompt.extra.get(ANSWERS_COLUMN)?.as_array()?;
    let answers: Option<Vec<RankedAnswer>> = listed.iter().map(answer).collect();
    answers.filter(|answers| answers.len() >= 2)
}

fn answer(value: &Value) -> Option<RankedAnswer> {
    let text = match value {
        Value::String(text) => text,
        value => value.get("text").or_else(|| value.get("response"))?.as_str()?,
    };
    let model = value.get("model").and_then(Value::as_str).unwrap_or_default();
    let (model, text) = (model.to_owned(), text.trim().to_owned());
    (!text.is_empty()).then_some(RankedAnswer { model, text, cut_off: false })
}

/// Has the answers meet. Answers that are word for word the same are a tie, about which nobody is
/// asked.
///
/// # Errors
///
/// The first game in which a call failed, with all games that were played.
pub async fn tournament<A: Ask>(
    ask: &A,
    task: &TournamentTask<'_>,
    answers: Vec<RankedAnswer>,
) -> Result<Ranked, MethodFailure<Box<Ranked>>> {
    tournament_by::<A, A>(ask, None, task, answers).await
}

/// The same, where a judge of its own judges the games.
///
/// # Errors
///
/// As [`tournament`].
pub(super) async fn tournament_by<A: Ask, J: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, J>>,
    task: &TournamentTask<'_>,
    answers: Vec<RankedAnswer>,
) -> Result<Ranked, MethodFailure<Box<Ranked>>> {
    let mut ranked = Ranked { answers, games: Vec::new() };
    let n = ranked.answers.len();
    let failed = match task.recipe.pairing.settled(n, task.recipe.games) {
        Pairing::Swiss => in_swiss_rounds(ask, jury, task, &mut ranked).await,
        Pairing::Informative => by_what_tells_most(ask, jury, task, &mut ranked).await,
        Pairing::AllPairs | Pairing::Auto => {
            play(ask, jury, task, &mut ranked, &all_pairs(n)).await
        }
    };
    ended(ranked, failed)
}

/// The answers' places in an order drawn for the prompt.
fn drawn(task: &TournamentTask<'_>, n: usize) -> Vec<usize> {
    let mut drawn: Vec<usize> = (0..n).collect();
    drawn.shuffle(&mut draw::generator(task.seed, &task.prompt.id, &["tournament"]));
    drawn
}

async fn in_swiss_rounds<A: Ask, J: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, J>>,
    task: &TournamentTask<'_>,
    ranked: &mut Ranked,
) -> Option<RowFailure> {
    let n = ranked.answers.len();
    let drawn = drawn(task, n);
    let mut rounds: Vec<Round> = Vec::new();
    for _ in 0..swiss_rounds(n) {
        let round = swiss_round(&drawn, &rounds, &ranked.outcomes());
        let failed = play(ask, jury, task, ranked, &round.pairs).await;
        if failed.is_some() {
            // Who meets next hangs on this round.
            return failed;
        }
        rounds.push(round);
    }
    None
}

/// A round that ties all together, then game after game. A game that could not be read is played:
/// the same question would bring the same answer.
async fn by_what_tells_most<A: Ask, J: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, J>>,
    task: &TournamentTask<'_>,
    ranked: &mut Ranked,
) -> Option<RowFailure> {
    let n = ranked.answers.len();
    let drawn = drawn(task, n);
    let games = Pairing::Informative.games(n, task.recipe.games);
    let mut next = tying_round(&drawn);
    while !next.is_empty() {
        let failed = play(ask, jury, task, ranked, &next).await;
        if failed.is_some() {
            // Who meets next hangs on this game.
            return failed;
        }
        let met: Vec<(usize, usize)> = ranked.games.iter().map(|game| (game.a, game.b)).collect();
        let is_over = met.len() as u64 >= games;
        next = match informative_game(&drawn, &met, &ranked.outcomes()) {
            Some(pair) if !is_over => vec![pair],
            _ => Vec::new(),
        };
    }
    None
}

fn ended(ranked: Ranked, failed: Option<RowFailure>) -> Result<Ranked, MethodFailure<Box<Ranked>>> {
    match failed {
        None => Ok(ranked),
        Some(RowFailure { at, failure }) => {
            Err(MethodFailure::new(at, failure).keeping(Box::new(ranked)))
        }
    }
}

/// Plays games side by side and adds them in their order; the first failure.
async fn play<A: Ask, J: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, J>>,
    task: &TournamentTask<'_>,
    ranked: &mut Ranked,
    pairs: &[(usize, usize)],
) -> Option<RowFailure> {
    let answers = &ranked.answers;
    let played = join_all(pairs.iter().map(|(a, b)| async move {
        let (one, other) = (&answers[*a].text, &answers[*b].text);
        let found = verdict(ask, jury, task, (one, other)).await;
        (*a, *b, found)
    }))
    .await;
    let mut first = None;
    for (a, b, (verdict, failure)) in played {
        ranked.games.push(RankedGame { a, b, verdict });
        if let Some(RowFailure { at, failure }) = failure {
            let at = format!("answers {} and {}, {at}", a + 1, b + 1);
            first.get_or_insert(RowFailure { at, failure });
        }
    }
    first
}

async fn verdict<A: Ask, J: Ask>(
    ask: &A,
    jury: Option<&Jury<'_, J>>,
    task: &TournamentTask<'_>,
    (a, b): (&str, &str),
) -> (PairVerdict, Option<RowFailure>) {
    if a == b {
        return (verdict_on_equals(task.protocol), None);
    }
    let TournamentTask { prompt, constitution, templates, recipe, protocol, seed } = *task;
    let pair = PairTask { prompt, a, b, constitution, templates, recipe, protocol, seed };
    match judge_pair_of(ask, jury, &pair).await {
        Ok(verdict) => (verdict, None),
        Err(failure) => {
            let (failure, partial) = failure.split();
            (partial.unwrap_or_else(|| mean_verdict(protocol, Vec::new())), Some(failure))
        }
    }
}

#[cfg(test)]
mod tests;
