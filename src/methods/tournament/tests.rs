//! Tournaments by judges whose mind is known.

use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::domain::{
    Belief, Call, CallFailure, ChoiceReading, FailureKind, Finish, Method, Pairing, Principle,
    Reply, Usage,
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
    by_distance(call, |distance| if distance > 0.0 { 0.9 } else { 0.1 })
}

/// P(A) by how much more worth A has than B.
fn by_distance(call: &Call, p: impl Fn(f64) -> f64) -> Reply {
    let text = &call.messages[0].content;
    let worth = |part: &str| -> u32 {
        let number = part.split("worth ").nth(1).unwrap();
        number.split('.').next().unwrap().parse().unwrap()
    };
    let (_, both) = text.split_once("Response A").unwrap();
    let (a, b) = both.split_once("Response B").unwrap();
    let p = p(f64::from(worth(a)) - f64::from(worth(b)));
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
    played_by(&recipe(pairing, 0), 5, answers(n), answer)
}

fn recipe(pairing: Pairing, games: u32) -> Recipe {
    Recipe { pairing, games, reason_first: false, ..Recipe::built_in(Method::Rank) }
}

fn played_by(
    recipe: &Recipe,
    seed: u64,
    answers: Vec<RankedAnswer>,
    answer: impl Fn(&Call) -> Result<Reply, CallFailure> + Sync,
) -> Result<Ranked, MethodFailure<Box<Ranked>>> {
    let (prompt, constitution) = (Prompt::of_text("p", "Hello?"), constitution());
    let templates = Templates::default();
    let task = TournamentTask {
        prompt: &prompt,
        constitution: &constitution,
        templates: &templates,
        recipe,
        protocol: JudgeProtocol::Pairwise,
        seed,
    };
    let ask = FromFn(|call: Call| answer(&call));
    block_on(tournament(&ask, &task, answers))
}

/// The answers' places, weakest first.
fn order(ranked: &Ranked) -> Vec<usize> {
    let belief = Belief::of(ranked.answers.len(), &ranked.outcomes()).unwrap();
    let mut places: Vec<usize> = (0..ranked.answers.len()).collect();
    places.sort_by(|a, b| belief.strengths()[*a].total_cmp(&belief.strengths()[*b]));
    places
}

fn pairs(ranked: &Ranked) -> Vec<(usize, usize)> {
    ranked.games.iter().map(|game| (game.a, game.b)).collect()
}

#[test]
fn the_best_answer_has_most_points_either_way() {
    for (n, pairing, games) in [
        (4, Pairing::Auto, 6),
        (9, Pairing::Auto, 24),
        (6, Pairing::AllPairs, 15),
        (9, Pairing::Informative, 24),
    ] {
        let ranked = played(n, pairing, |call| Ok(by_worth(call))).unwrap();
        assert_eq!((ranked.games.len(), pairing.games(n, 0)), (games, games as u64));
        let points = ranked.points();
        let most = points.iter().flatten().copied().fold(0.0, f64::max);
        assert!((points[n - 1].unwrap() - most).abs() < 1e-12, "{points:?}");
        assert_eq!(order(&ranked).last(), Some(&(n - 1)));
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

#[test]
fn informative_games_find_the_order_with_fewer_than_all_pairs() {
    // A judge that is sure of every game, and one that is the less sure the nearer two are.
    let sure = |distance: f64| if distance > 0.0 { 0.9 } else { 0.1 };
    let soft = |distance: f64| 1.0 / (1.0 + (-0.8 * distance).exp());
    for (n, games) in [(8, 20), (12, 36)] {
        assert!(games < n * (n - 1) / 2);
        let right: Vec<usize> = (0..n).collect();
        let found = |pairing, p: &(dyn Fn(f64) -> f64 + Sync)| {
            let is_right = |seed: &u64| {
                let recipe = recipe(pairing, games as u32);
                let judge = |call: &Call| Ok(by_distance(call, p));
                let ranked = played_by(&recipe, *seed, answers(n), judge).unwrap();
                if pairing == Pairing::Informative {
                    assert_eq!(ranked.games.len(), games);
                }
                order(&ranked) == right
            };
            (0..40).filter(is_right).count()
        };
        // By all pairs the order is right each time; so it is here in at least 95 of 100.
        assert_eq!(found(Pairing::AllPairs, &sure), 40);
        assert!(found(Pairing::Informative, &sure) >= 38, "{n}");
        assert!(found(Pairing::Informative, &soft) >= 38, "{n}");
    }
}

#[test]
fn the_same_answers_give_the_same_games_and_each_is_asked_in_both_orders() {
    let calls = std::sync::Mutex::new(Vec::new());
    let judge = |call: &Call| {
        calls.lock().unwrap().push(call.messages[0].content.clone());
        Ok(by_worth(call))
    };
    let recipe = recipe(Pairing::Informative, 12);
    let ranked = played_by(&recipe, 7, answers(8), judge).unwrap();
    assert_eq!(ranked.games.len(), 12);
    assert_eq!(calls.lock().unwrap().len(), 24, "one principle, two orders");
    let mut met: Vec<(usize, usize)> =
        pairs(&ranked).into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
    met.sort_unstable();
    met.dedup();
    assert_eq!(met.len(), 12, "no pair meets twice");
    let tied: std::collections::BTreeSet<usize> =
        ranked.games[..7].iter().flat_map(|game| [game.a, game.b]).collect();
    assert_eq!(tied.len(), 8, "the first round has all of them");
    let again = played_by(&recipe, 7, answers(8), |call| Ok(by_worth(call))).unwrap();
    assert_eq!(ranked, again);
    let other = played_by(&recipe, 8, answers(8), |call| Ok(by_worth(call))).unwrap();
    assert_ne!(pairs(&ranked), pairs(&other));
}

#[test]
fn informative_games_end_whatever_the_judge_says() {
    let way = recipe(Pairing::Informative, 0);
    // Two answers, or one: nothing to choose.
    let two = played_by(&way, 1, answers(2), |call| Ok(by_worth(call))).unwrap();
    assert_eq!((two.games.len(), two.widest().map(|game| (game.a, game.b))), (1, Some((0, 1))));
    assert!(played_by(&way, 1, answers(1), |call| Ok(by_worth(call))).unwrap().games.is_empty());
    // All alike: nobody is asked.
    let alike: Vec<RankedAnswer> =
        answers(8).into_iter().map(|one| RankedAnswer { text: "so".to_owned(), ..one }).collect();
    let nobody = |_: &Call| -> Result<Reply, CallFailure> { panic!("equals are a tie") };
    let ties = played_by(&way, 1, alike, nobody).unwrap();
    assert!(ties.games.len() == 20 && ties.games.iter().all(|game| game.verdict.p_a == Some(0.5)));
    // A judge that finds all of them equally good.
    let even = played_by(&way, 1, answers(8), |call| Ok(by_distance(call, |_| 0.5))).unwrap();
    assert_eq!(even.games.len(), 20);
    // One whose answers can't be read: each pair is asked about once, and there is no number.
    let unread = played_by(&way, 1, answers(8), |call| {
        Ok(Reply { text: "Hm.".to_owned(), choice: None, ..by_worth(call) })
    })
    .unwrap();
    assert_eq!((unread.games.len(), unread.outcomes().len(), unread.widest()), (20, 0, None));
    // One that fails after the first round.
    let asked = std::sync::atomic::AtomicU32::new(0);
    let failed = played_by(&way, 1, answers(8), |call| {
        match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 16 {
            true => Ok(by_worth(call)),
            false => Err(CallFailure::new(FailureKind::Timeout, "slow", "")),
        }
    })
    .unwrap_err();
    assert!(failed.at.starts_with("answers "), "{}", failed.at);
    let partial = failed.partial.unwrap();
    assert_eq!((partial.games.len(), partial.outcomes().len()), (9, 8), "it stops there");
}
