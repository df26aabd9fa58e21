//! Several answers to a prompt, compared pair by pair.
//!
//! All pairs of up to five answers; of more, the rounds of a Swiss tournament, in which answers of
//! like points meet. Each game is a preference as in [`super::preference`]: sampled principles,
//! both orders. What the games say of models across prompts is measured in `stats::ranking`
//! (Bradley and Terry 1952, with rank ranges); one prompt's games are too few for more than points.

use futures::future::join_all;
use rand::seq::SliceRandom as _;
use serde_json::Value;

use crate::domain::{
    Constitution, JudgeProtocol, PairVerdict, Prompt, Ranked, RankedAnswer, RankedGame, Recipe,
    Round, RowFailure, all_pairs, swiss_round, swiss_rounds,
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
    if !task.recipe.pairing.is_swiss(n) {
        let failed = play(ask, jury, task, &mut ranked, &all_pairs(n)).await;
        return ended(ranked, failed);
    }
    let mut drawn: Vec<usize> = (0..n).collect();
    drawn.shuffle(&mut draw::generator(task.seed, &task.prompt.id, &["tournament"]));
    let mut rounds: Vec<Round> = Vec::new();
    for _ in 0..swiss_rounds(n) {
        let round = swiss_round(&drawn, &rounds, &ranked.outcomes());
        let failed = play(ask, jury, task, &mut ranked, &round.pairs).await;
        if failed.is_some() {
            // Who meets next hangs on this round.
            return ended(ranked, failed);
        }
        rounds.push(round);
    }
    Ok(ranked)
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
mod tests {
    use futures::executor::block_on;
    use serde_json::json;

    use super::*;
    use crate::domain::{
        Call, CallFailure, ChoiceReading, FailureKind, Finish, Method, Pairing, Principle, Reply,
        Usage,
    };
    use crate::methods::ask::FromFn;

    fn answers(n: usize) -> Vec<RankedAnswer> {
        let one = |i| RankedAnswer {
            model: format!("m{i}"),
            text: format!("answer of worth {i}."),
            cut_off: false,
        };
        (0..n).map(one).collect()
    }

    fn constitution() -> Constitution {
        let principle =
            Principle { id: "P1".into(), text: "Be good.".to_owned(), ..Principle::default() };
        Constitution { principles: vec![principle], ..Constitution::default() }
    }

    /// The answer of more worth is better.
    fn by_worth(call: &Call) -> Reply {
        let text = &call.messages[0].content;
        let worth = |part: &str| -> u32 {
            let number = part.split("worth ").nth(1).unwrap();
            number.split('.').next().unwrap().parse().unwrap()
        };
        let (_, both) = text.split_once("Response A").unwrap();
        let (a, b) = both.split_once("Response B").unwrap();
        let p = if worth(a) > worth(b) { 0.9 } else { 0.1 };
        Reply {
            text: "A".to_owned(),
            reasoning: None,
            finish: Finish::Stop,
            usage: Usage::default(),
            choice: Some(ChoiceReading { probabilities: vec![p, 1.0 - p] }),
            model: String::new(),
            marks: Vec::new(),
        }
    }

    fn played(
        n: usize,
        pairing: Pairing,
        answer: impl Fn(&Call) -> Result<Reply, CallFailure> + Sync,
    ) -> Result<Ranked, MethodFailure<Box<Ranked>>> {
        let (prompt, constitution) = (Prompt::of_text("p", "Hello?"), constitution());
        let templates = Templates::default();
        let recipe = Recipe { pairing, reason_first: false, ..Recipe::built_in(Method::Rank) };
        let task = TournamentTask {
            prompt: &prompt,
            constitution: &constitution,
            templates: &templates,
            recipe: &recipe,
            protocol: JudgeProtocol::Pairwise,
            seed: 5,
        };
        let ask = FromFn(|call: Call| answer(&call));
        block_on(tournament(&ask, &task, answers(n)))
    }

    #[test]
    fn the_best_answer_has_most_points_either_way() {
        for (n, pairing, games) in
            [(4, Pairing::Auto, 6), (9, Pairing::Auto, 24), (6, Pairing::AllPairs, 15)]
        {
            let ranked = played(n, pairing, |call| Ok(by_worth(call))).unwrap();
            assert_eq!((ranked.games.len(), pairing.games(n)), (games, games as u64));
            let points = ranked.points();
            let best = (0..n).max_by(|a, b| points[*a].partial_cmp(&points[*b]).unwrap());
            assert_eq!(best, Some(n - 1), "{points:?}");
            let widest = ranked.widest().unwrap();
            assert!(widest.a.max(widest.b) == n - 1, "{widest:?}");
        }
    }

    #[test]
    fn a_failed_game_is_named_and_the_others_are_kept() {
        let failed = played(3, Pairing::AllPairs, |call| {
            let text = &call.messages[0].content;
            match text.contains("worth 0.") && text.contains("worth 2.") {
                true => Err(CallFailure::new(FailureKind::Timeout, "slow", "")),
                false => Ok(by_worth(call)),
            }
        })
        .unwrap_err();
        assert!(failed.at.starts_with("answers 1 and 3"), "{}", failed.at);
        let partial = failed.partial.unwrap();
        assert_eq!((partial.games.len(), partial.outcomes().len()), (3, 2));
    }

    #[test]
    fn a_prompt_may_bring_its_answers() {
        let mut prompt = Prompt::of_text("p", "Hello?");
        let given = json!(["one", {"text": " two ", "model": "m"}, {"response": "three"}]);
        prompt.extra.insert(ANSWERS_COLUMN.to_owned(), given);
        let answers = given_answers(&prompt).unwrap();
        let texts: Vec<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
        assert_eq!((texts, answers[1].model.as_str()), (vec!["one", "two", "three"], "m"));
        for bad in [json!(["one"]), json!(["one", 2]), json!("one"), json!(["one", ""])] {
            prompt.extra.insert(ANSWERS_COLUMN.to_owned(), bad.clone());
            assert_eq!(given_answers(&prompt), None, "{bad}");
        }
    }
}
