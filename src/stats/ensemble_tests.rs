//! Ensembles and votes against scipy, and where there is no verdict.

use super::bootstrap::Clusters;
use super::ensemble::{Question, Rule, Weighing, combine, independence, weights};
use super::estimate::Unknown;
use super::tests::{fixture, near, near_interval, number, numbers, seed};
use super::votes::{Count, count, mode, posterior_above_half};

#[test]
fn rules_say_what_they_are_called() {
    let met = |p: &[Option<f64>], rule| combine(p, rule, Question::Met, &[3.0, 1.0, 0.0]);
    let better = |p: &[Option<f64>], rule| combine(p, rule, Question::Better, &[3.0, 1.0, 0.0]);
    let split = [Some(0.9), Some(0.2), Some(0.7)];
    assert!((met(&split, Rule::Mean).unwrap() - 0.6).abs() < 1e-12);
    assert_eq!(met(&split, Rule::Majority), Some(1.0));
    assert_eq!(met(&split, Rule::Unanimous), Some(0.0));
    assert_eq!(met(&split, Rule::Any), Some(1.0));
    assert!((met(&split, Rule::Weighted).unwrap() - 0.725).abs() < 1e-12);
    assert_eq!(better(&split, Rule::Unanimous), Some(0.5));
    assert_eq!(better(&split, Rule::Any), Some(0.5));
    assert_eq!(better(&[Some(0.1), None, Some(0.5)], Rule::Any), Some(0.0));
    assert_eq!(better(&[Some(0.1), None, Some(0.3)], Rule::Unanimous), Some(0.0));
    assert_eq!(better(&[Some(0.1), Some(0.9)], Rule::Majority), Some(0.5), "split evenly");
    for rule in [Rule::Mean, Rule::Majority, Rule::Unanimous, Rule::Any, Rule::Weighted] {
        assert_eq!(met(&[None, None], rule), None);
        assert_eq!(met(&[], rule), None);
    }
    assert_eq!(met(&[None, None, Some(0.9)], Rule::Weighted), None, "its weight is 0");
}

#[test]
fn weights_are_drawn_towards_equal_ones_while_labels_are_few() {
    let sure = weights(&[0.6, 0.3, -0.2], 100, Weighing::Kappa).unwrap();
    assert!((sure[0] - 2.0 / 3.0).abs() < 1e-12 && sure[2].abs() < 1e-12);
    let few = weights(&[0.6, 0.3, -0.2], 50, Weighing::Kappa).unwrap();
    // Half the weight, half the mean of .3.
    assert!((few[0] - 0.45 / 0.9).abs() < 1e-12 && (few[2] - 0.15 / 0.9).abs() < 1e-12);
    let odds = weights(&[0.9, 0.75, 0.4], 400, Weighing::LogOdds).unwrap();
    assert!((odds[0] / odds[1] - 2.0).abs() < 1e-12, "ln 9 is twice ln 3");
    assert!(odds[2].abs() < 1e-12);
    let perfect = weights(&[1.0, 0.9], 400, Weighing::LogOdds).unwrap();
    assert!(perfect[1] > 0.2 && perfect[0] < 0.8, "nobody outweighs all others: {perfect:?}");
    assert_eq!(weights(&[0.0, -0.1], 200, Weighing::Kappa).unwrap(), [0.5, 0.5]);
    assert_eq!(weights(&[], 10, Weighing::Kappa), Err(Unknown::TooFew { n: 0, least: 1 }));
    assert_eq!(weights(&[0.5], 0, Weighing::Kappa), Err(Unknown::TooFew { n: 0, least: 1 }));
    assert_eq!(weights(&[f64::NAN], 9, Weighing::Kappa), Err(Unknown::OutOfRange { row: 0 }));
}

#[test]
fn judges_that_err_together_are_fewer() {
    let file = fixture(include_str!("../../tests/fixtures/stats/bias.json"));
    let case = &file["judges"];
    let said: Vec<Vec<Option<f64>>> = case["said"]
        .as_array()
        .unwrap()
        .iter()
        .map(|judge| judge.as_array().unwrap().iter().map(serde_json::Value::as_f64).collect())
        .collect();
    let was = numbers(&case["was"]);
    let ours = independence(&said, &was, &Clusters::each(was.len()), seed(case)).unwrap();
    for (i, row) in ours.correlations.iter().enumerate() {
        for (j, correlation) in row.iter().enumerate() {
            near(correlation.unwrap(), &case["correlations"][i][j]);
        }
    }
    near(ours.effective.value, &case["effective"]);
    near_interval(ours.effective.interval, &case["interval"]);
    let clusters = Clusters::each(30);
    let same = vec![(0..30).map(|n| Some(f64::from(n % 7) / 7.0)).collect::<Vec<_>>(); 4];
    let labels: Vec<f64> = (0..30).map(|n| f64::from(n % 2)).collect();
    let twins = independence(&same, &labels, &clusters, 0).unwrap();
    assert!((twins.effective.value - 1.0).abs() < 1e-9, "four of one opinion are one judge");
    let silent = vec![vec![None; 30]; 2];
    assert_eq!(independence(&silent, &labels, &clusters, 0).unwrap_err(), Unknown::Constant);
    assert!(independence(&same[..1], &labels, &clusters, 0).is_err());
    assert!(independence(&same, &labels[..29], &Clusters::each(29), 0).is_err());
}

#[test]
fn voting_stops_when_the_posterior_is_sure() {
    let file = fixture(include_str!("../../tests/fixtures/stats/bias.json"));
    for case in file["votes"].as_array().unwrap() {
        let (wins, losses) = (case["wins"].as_u64().unwrap(), case["losses"].as_u64().unwrap());
        near(posterior_above_half(wins, losses), &case["above"]);
        assert!((posterior_above_half(losses, wins) + number(&case["above"]) - 1.0).abs() < 1e-9);
    }
    assert_eq!((count(0, 0), count(3, 0), count(4, 0)), (Count::Open, Count::Open, Count::First));
    assert_eq!((count(0, 4), count(1, 5)), (Count::Second, Count::Open));
    assert_eq!(count(1, 6), Count::Second);
}

#[test]
fn the_mode_is_no_verdict_where_two_are_even() {
    let found = mode(&[1, 5, 2]).unwrap();
    assert!(found.verdict == 1 && (found.share.value - 0.625).abs() < 1e-12);
    assert!(found.share.interval.unwrap().contains(0.625));
    assert_eq!((mode(&[2, 2]), mode(&[]), mode(&[0, 0])), (None, None, None));
}
