//! Ranking against choix and scikit-learn, and where there is no order.

use serde_json::Value;

use super::super::bootstrap::{Clusters, Draws};
use super::super::estimate::Unknown;
use super::super::logistic::sigmoid;
use super::super::tests::{fixture, near, near_interval, number, numbers, seed};
use super::bradley_terry::fit_with;
use super::*;

fn file() -> Value {
    fixture(include_str!("../../../tests/fixtures/stats/ranking.json"))
}

fn cases(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn games_of(case: &Value) -> Games {
    let games: Vec<Game> = cases(&case["games"])
        .iter()
        .map(|game| Game {
            a: game[0].as_u64().unwrap() as usize,
            b: game[1].as_u64().unwrap() as usize,
            p_a: number(&game[2]),
            tie: game.get(3).map_or(0.0, number),
        })
        .collect();
    let clusters = Clusters::each(games.len());
    Games::new(case["players"].as_u64().unwrap() as usize, games, clusters).unwrap()
}

fn games(players: usize, all: &[(usize, usize, f64)]) -> Games {
    let games: Vec<Game> = all.iter().map(|(a, b, p_a)| Game::new(*a, *b, *p_a)).collect();
    let clusters = Clusters::each(games.len());
    Games::new(players, games, clusters).unwrap()
}

#[test]
fn strengths_are_those_of_choix() {
    for case in cases(&file()["exact"]) {
        let all = games_of(case);
        let ours = strengths(&all).unwrap();
        assert_eq!(ours.fit, Fit::Exact);
        for (player, value) in ours.values.iter().enumerate() {
            near(*value, &case["strengths"][player]);
        }
        let ranking = rank(&all, None, seed(case)).unwrap();
        assert_eq!(ranking.standings.len(), all.players());
        let sorted = ranking.standings.windows(2).all(|two| two[0].strength >= two[1].strength);
        assert!(sorted);
        for standing in &ranking.standings {
            near(standing.strength, &case["strengths"][standing.player]);
            let (best, worst) = standing.ranks.unwrap();
            assert!(best <= worst && worst <= all.players() as u64);
            if let Some(intervals) = case["intervals"].as_array() {
                assert_eq!(ranking.regularised_draws, 0);
                near_interval(standing.interval, &intervals[standing.player]);
            }
        }
    }
}

#[test]
fn a_ridge_is_that_of_choix() {
    for case in cases(&file()["ridge"]) {
        let ours = fit_with(&games_of(case), number(&case["ridge"])).unwrap();
        for (player, value) in ours.iter().enumerate() {
            near(*value, &case["strengths"][player]);
        }
    }
}

#[test]
fn style_is_taken_out_as_by_scikit_learn() {
    let case = &file()["styled"];
    let all = games_of(case);
    let differences: Vec<[f64; 4]> =
        cases(&case["differences"]).iter().map(|row| numbers(row).try_into().unwrap()).collect();
    let ours = rank_at_equal_style(&all, &differences, None, 0).unwrap();
    assert_eq!(ours.fit, Fit::Exact);
    for standing in &ours.standings {
        near(standing.strength, &case["strengths"][standing.player]);
        assert!(standing.interval.unwrap().contains(standing.strength));
    }
    for (k, coefficient) in ours.coefficients.iter().enumerate() {
        near(coefficient.judge.value, &case["coefficients"][k]);
    }
    assert!(ours.coefficients[0].judge.is_above(0.0), "length was planted: {ours:?}");
    assert!(!ours.coefficients[2].judge.excludes(0.0), "bold was not");
}

#[test]
fn games_that_leave_strengths_open_are_named() {
    // 0 beats 1 always; 2 plays nobody.
    let one_way = strengths(&games(3, &[(0, 1, 1.0), (0, 1, 1.0)])).unwrap();
    assert_eq!(one_way.fit, Fit::Regularised { ridge: 0.1, groups: 3 });
    assert!(one_way.values[0] > one_way.values[2] && one_way.values[2] > one_way.values[1]);
    // Two pairs that never meet.
    let apart = strengths(&games(4, &[(0, 1, 0.5), (2, 3, 0.5)])).unwrap();
    assert_eq!(apart.fit, Fit::Regularised { ridge: 0.1, groups: 2 });
    assert!(apart.values.iter().all(|t| t.abs() < 1e-9));
    assert!(apart.variances.iter().all(|variance| *variance > 0.0));
    // Wins both ways, so lopsided that nothing finite is left of them.
    let lopsided = strengths(&games(2, &[(0, 1, 1.0), (1, 0, 1e-40)])).unwrap();
    assert!(matches!(lopsided.fit, Fit::Regularised { groups: 1, .. }), "{lopsided:?}");
    let circle = strengths(&games(3, &[(0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0)])).unwrap();
    assert_eq!(circle.fit, Fit::Exact);
    assert!(circle.values.iter().all(|t| t.abs() < 1e-9));
}

#[test]
fn what_is_no_game_is_refused() {
    let tied = |a, b, p_a, tie| Games::new(2, vec![Game { a, b, p_a, tie }], Clusters::each(1));
    let one = |a, b, p_a| tied(a, b, p_a, 0.0);
    for wrong in [
        one(0, 0, 1.0),
        one(0, 2, 1.0),
        one(0, 1, 1.5),
        one(0, 1, f64::NAN),
        tied(0, 1, 0.8, 0.5),
        tied(0, 1, 0.5, -0.1),
        tied(0, 1, 0.5, f64::NAN),
    ] {
        assert_eq!(wrong, Err(Unknown::OutOfRange { row: 0 }));
    }
    let few = games(2, &[(0, 1, 1.0); 19]);
    assert_eq!(rank(&few, None, 0), Err(Unknown::TooFew { n: 19, least: 20 }));
    assert_eq!(
        rank(&games(2, &[(0, 1, 1.0); 30]), Some(2), 0),
        Err(Unknown::OutOfRange { row: 0 })
    );
    assert_eq!(strengths(&games(2, &[])), Err(Unknown::TooFew { n: 0, least: 1 }));
    assert!(strengths(&games(1, &[])).is_err());
}

/// Games of players of known strength.
fn played(strength: &[f64], n: usize, seed: u64) -> Games {
    let mut draws = Draws::new(seed);
    let all: Vec<(usize, usize, f64)> = (0..n)
        .map(|_| {
            let a = draws.below(strength.len());
            let b = (a + 1 + draws.below(strength.len() - 1)) % strength.len();
            let p = sigmoid(strength[a] - strength[b]);
            (a, b, f64::from(u8::from(draws.share() < p)))
        })
        .collect();
    games(strength.len(), &all)
}

#[test]
fn ranks_come_as_ranges_and_elo_from_the_baseline() {
    let ranking = rank(&played(&[2.0, 0.05, 0.0, -2.0], 300, 1), Some(3), 0).unwrap();
    let ranks: Vec<_> = ranking.standings.iter().map(|one| one.ranks.unwrap()).collect();
    assert_eq!((ranks[0], ranks[3]), ((1, 1), (4, 4)));
    assert_eq!((ranks[1], ranks[2]), ((2, 3), (2, 3)), "two that are alike share their ranks");
    let last = ranking.standings[3];
    assert!(last.player == 3 && (last.elo() - 1000.0).abs() < 1e-9);
    assert!(last.elo_interval().unwrap().half_width() < 1e-9, "the baseline is 1000 by definition");
    assert!((elo(10.0_f64.ln()) - 1400.0).abs() < 1e-9);
}

#[test]
fn the_next_pair_is_near_even_and_little_known() {
    // 0 and 1 are even and well known; 2 is even with them and has played but once.
    let mut all = [(0, 1, 1.0), (1, 0, 1.0)].repeat(20);
    all.extend([(0, 2, 1.0), (2, 1, 1.0)]);
    let all = games(3, &all);
    let (a, b) = next_pair(&all).unwrap();
    assert!(b == 2 && a < 2);
    let found = strengths(&all).unwrap();
    assert!(found.variances[2] > found.variances[0]);
    assert_eq!(next_pair(&games(1, &[])), None);
    // What chooses is the ridge fit, to the last digit that Newton's method gives.
    let belief = crate::domain::Belief::of(3, all.games()).unwrap();
    let ridged = fit_with(&all, bradley_terry::RIDGE).unwrap();
    for (ours, theirs) in belief.strengths().iter().zip(ridged) {
        assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
    }
}

#[test]
fn ties_are_davidson_s() {
    let file = fixture(include_str!("../../../tests/fixtures/stats/davidson.json"));
    for case in cases(&file["cases"]) {
        let all = games_of(case);
        let ranking = rank(&all, None, seed(case)).unwrap();
        assert_eq!(ranking.fit, Fit::Exact);
        let ties = ranking.ties.unwrap();
        near(ties.nu, &case["nu"]);
        let share = all.games().iter().map(|game| game.tie).sum::<f64>();
        assert!((ties.share * all.games().len() as f64 - share).abs() < 1e-9);
        for standing in &ranking.standings {
            near(standing.strength, &case["strengths"][standing.player]);
            if let Some(intervals) = case["intervals"].as_array() {
                near_interval(standing.interval, &intervals[standing.player]);
            }
        }
        if !case["nu_interval"].is_null() {
            near_interval(ties.interval, &case["nu_interval"]);
        }
    }
    let case = &file["styled"];
    let differences: Vec<[f64; 4]> =
        cases(&case["differences"]).iter().map(|row| numbers(row).try_into().unwrap()).collect();
    let ours = rank_at_equal_style(&games_of(case), &differences, None, 0).unwrap();
    near(ours.ties.unwrap().nu, &case["nu"]);
    for standing in &ours.standings {
        near(standing.strength, &case["strengths"][standing.player]);
    }
    for (k, coefficient) in ours.coefficients.iter().enumerate() {
        near(coefficient.judge.value, &case["coefficients"][k]);
    }
}

#[test]
fn ties_are_taken_as_such_only_where_they_were_said() {
    let of = |ends: &[(usize, usize, f64, f64)]| {
        let game = |(a, b, p_a, tie): &(usize, usize, f64, f64)| Game {
            a: *a,
            b: *b,
            p_a: *p_a,
            tie: *tie,
        };
        let all: Vec<Game> = ends.iter().cycle().take(ends.len() * 20).map(game).collect();
        let clusters = Clusters::each(all.len());
        rank(&Games::new(3, all, clusters).unwrap(), Some(2), 0).unwrap()
    };
    // By hand: 6 wins, 2 losses, 2 ties of two players are odds of 3 and ν = 2 / √(6 · 2).
    let mut two = vec![(0, 1, 1.0, 0.0); 6];
    two.extend([(0, 1, 0.0, 0.0), (0, 1, 0.0, 0.0), (0, 1, 0.5, 1.0), (1, 0, 0.5, 1.0)]);
    two.extend([(1, 2, 1.0, 0.0), (1, 2, 0.0, 0.0)]);
    let said = of(&two);
    let strength = |ranking: &Ranking, player: usize| {
        ranking.standings.iter().find(|one| one.player == player).unwrap().strength
    };
    assert!((strength(&said, 0) - strength(&said, 1) - 3.0_f64.ln()).abs() < 0.2, "{said:?}");
    let ties = said.ties.unwrap();
    assert!((ties.between_equals() - ties.nu / (2.0 + ties.nu)).abs() < 1e-12);
    assert!(ties.interval.unwrap().contains(ties.nu));
    // The same as halves that nobody called ties: plain, and the two come nearer.
    let halves: Vec<_> = two.iter().map(|(a, b, p, _)| (*a, *b, *p, 0.0)).collect();
    let plain = of(&halves);
    assert_eq!(plain.ties, None);
    let gap = |ranking: &Ranking| strength(ranking, 0) - strength(ranking, 1);
    assert!((gap(&plain) - (7.0_f64 / 3.0).ln()).abs() < 1e-6, "{plain:?}");
    assert!(gap(&said) > gap(&plain));
    // Nothing but ties: all are equal, and ν has no value.
    let all = of(&[(0, 1, 0.5, 1.0), (1, 2, 0.5, 1.0)]);
    assert_eq!((all.ties, all.fit), (None, Fit::Exact));
    assert!(all.standings.iter().all(|one| one.strength.abs() < 1e-9));
    // Ties beside wins that go one way: a ridge, and said so.
    let open = of(&[(0, 1, 1.0, 0.0), (0, 1, 1.0, 0.0), (1, 2, 0.5, 1.0)]);
    assert!(matches!(open.fit, Fit::Regularised { groups: 2, .. }), "{:?}", open.fit);
    assert!(open.ties.is_some() && open.standings[0].player == 0);
}
