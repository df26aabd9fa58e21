//! The alternative annotator test and the Dawid and Skene model against their references.

use serde_json::Value;

use super::super::bootstrap::Clusters;
use super::super::estimate::Unknown;
use super::super::student::student;
use super::super::tests::{fixture, near};
use super::*;

fn file() -> Value {
    fixture(include_str!("../../../tests/fixtures/stats/people.json"))
}

fn levels(value: &Value) -> Vec<Option<usize>> {
    let of = |level: &Value| usize::try_from(level.as_i64().unwrap()).ok();
    value.as_array().unwrap().iter().map(of).collect()
}

fn ratings(case: &Value) -> Ratings {
    let labels: Vec<_> = case["labels"].as_array().unwrap().iter().map(levels).collect();
    let clusters = Clusters::each(labels.len());
    let categories = case["levels"].as_u64().unwrap() as usize;
    Ratings::of_categories(categories, labels, clusters).unwrap()
}

#[test]
fn students_distribution_is_that_of_scipy() {
    for case in file()["student"].as_array().unwrap() {
        let (t, df) = (case["t"].as_f64().unwrap(), case["df"].as_f64().unwrap());
        let (found, expected) = (student(t, df), case["p"].as_f64().unwrap());
        assert!((found - expected).abs() < 1e-12, "{t} {df}: {found} {expected}");
    }
    assert!(student(f64::NEG_INFINITY, 3.0) < 1e-300 && student(f64::INFINITY, 3.0) > 0.5);
}

#[test]
fn the_alternative_annotator_test_is_that_of_scipy_and_statsmodels() {
    for case in file()["alt_test"].as_array().unwrap() {
        let scale =
            if case["ordinal"].as_bool().unwrap() { Scale::Ordinal } else { Scale::Nominal };
        let epsilon = case["epsilon"].as_f64().unwrap();
        let found = alt_test(&levels(&case["judge"]), &ratings(case), scale, epsilon).unwrap();
        near(found.winning_rate, &case["winning_rate"]);
        near(found.advantage, &case["advantage"]);
        let tested = case["tested"].as_array().unwrap();
        assert_eq!(found.rivals.len(), tested.len());
        for (rival, theirs) in found.rivals.iter().zip(tested) {
            assert_eq!(Some(rival.rater as u64), theirs["rater"].as_u64());
            assert_eq!(Some(rival.n), theirs["n"].as_u64());
            near(rival.advantage, &theirs["advantage"]);
            near(rival.p, &theirs["p"]);
            assert_eq!(Some(rival.won), theirs["won"].as_bool());
        }
    }
}

#[test]
fn a_judge_as_good_as_people_may_replace_one_and_a_coin_may_not() {
    let people: Vec<Vec<Option<usize>>> =
        (0..60).map(|n| vec![Some(n % 2), Some(n % 2), Some((n / 2) % 2)]).collect();
    let ratings = Ratings::of_categories(2, people, Clusters::each(60)).unwrap();
    let good: Vec<Option<usize>> = (0..60).map(|n| Some(n % 2)).collect();
    let coin: Vec<Option<usize>> = (0..60).map(|n| Some((n / 3) % 2)).collect();
    let test = |judge: &[Option<usize>]| alt_test(judge, &ratings, Scale::Nominal, EPSILON);
    let passed = test(&good).unwrap();
    assert!(passed.passes());
    let words = passed.to_string();
    assert!(words.starts_with("This judge may replace one of your 3 labellers: "), "{words}");
    assert!(!test(&coin).unwrap().passes());
    let few =
        Ratings::of_categories(2, vec![vec![Some(0), Some(1)]; 8], Clusters::each(8)).unwrap();
    let few = alt_test(&[Some(0); 8], &few, Scale::Nominal, EPSILON);
    assert_eq!(few, Err(Unknown::TooFew { n: 8, least: 30 }));
}

#[test]
fn the_dawid_and_skene_model_is_the_likelihoods_maximum() {
    for case in file()["dawid_skene"].as_array().unwrap() {
        let found = dawid_skene(&ratings(case)).unwrap();
        near(found.log_likelihood, &case["log_likelihood"]);
        for (share, theirs) in found.shares.iter().zip(case["classes"].as_array().unwrap()) {
            near(*share, theirs);
        }
        for (row, theirs) in found.levels.iter().zip(case["weights"].as_array().unwrap()) {
            for (p, theirs) in row.iter().zip(theirs.as_array().unwrap()) {
                near(*p, theirs);
            }
        }
        for (rater, theirs) in found.errors.iter().zip(case["errors"].as_array().unwrap()) {
            for (level, theirs) in rater.iter().zip(theirs.as_array().unwrap()) {
                for (p, theirs) in level.iter().zip(theirs.as_array().unwrap()) {
                    near(*p, theirs);
                }
            }
        }
    }
}

#[test]
fn who_is_right_more_often_is_known_without_the_truth() {
    // Two good raters who err on different items, and one who is a coin.
    let labels: Vec<Vec<Option<usize>>> = (0..90)
        .map(|n| {
            let truth = n % 2;
            let err = |errs: bool| Some(if errs { 1 - truth } else { truth });
            vec![err(n % 10 == 3), err(n % 10 == 6), Some((n / 2) % 2)]
        })
        .collect();
    let ratings = Ratings::of_categories(2, labels, Clusters::each(90)).unwrap();
    let found = dawid_skene(&ratings).unwrap();
    let accuracy = |rater| found.accuracy(rater).unwrap();
    assert!(accuracy(0) > 0.8 && accuracy(1) > 0.8 && accuracy(2) < 0.65, "{found:?}");
    assert_eq!(found.accuracy(3), None);
    let alone = Ratings::of_categories(2, vec![vec![Some(0)]; 5], Clusters::each(5)).unwrap();
    assert_eq!(dawid_skene(&alone), Err(Unknown::TooFew { n: 1, least: 2 }));
}
