//! Calibration against scikit-learn and scipy, and where there is none.

use serde_json::Value;

use super::super::bootstrap::{Clusters, Draws};
use super::super::estimate::Unknown;
use super::super::logistic::sigmoid;
use super::super::tests::{fixture, near, near_interval, numbers, seed};
use super::*;

fn file() -> Value {
    fixture(include_str!("../../../tests/fixtures/stats/calibration.json"))
}

fn cases(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn forecasts(said: Vec<f64>, was: Vec<f64>) -> Forecasts {
    let clusters = Clusters::each(said.len());
    Forecasts::new(said, was, clusters).unwrap()
}

fn of_case(case: &Value) -> Forecasts {
    forecasts(numbers(&case["said"]), numbers(&case["was"]))
}

#[test]
fn scores_are_those_of_scikit_learn() {
    for case in cases(&file()["cases"]) {
        let all = of_case(case);
        let (brier, log_loss) = (brier(&all, seed(case)), log_loss(&all, seed(case)));
        near(brier.unwrap().value, &case["brier"]);
        near_interval(brier.unwrap().interval, &case["brier_interval"]);
        near(log_loss.unwrap().value, &case["log_loss"]);
        near_interval(log_loss.unwrap().interval, &case["log_loss_interval"]);
    }
}

#[test]
fn the_curve_is_that_of_scikit_learn() {
    for case in cases(&file()["cases"]) {
        let all = of_case(case);
        for (name, binning) in [
            ("uniform10", Binning::EqualWidth(10)),
            ("quantile10", Binning::EqualMass(10)),
            ("quantile3", Binning::EqualMass(3)),
        ] {
            let theirs = &case[name];
            let curve = bins(&all, binning).unwrap();
            assert_eq!(curve.len(), cases(&theirs["was"]).len());
            for (place, bin) in curve.iter().enumerate() {
                near(bin.said, &theirs["said"][place]);
                near(bin.was, &theirs["was"][place]);
                assert_eq!(Some(bin.n), theirs["n"][place].as_u64());
            }
            let error = ece(&all, binning, seed(case)).unwrap();
            near(error.value, &theirs["ece"]);
            near_interval(error.interval, &theirs["interval"]);
            let parts = decomposition(&all, binning).unwrap();
            let whole = parts.reliability - parts.resolution + parts.uncertainty + parts.within;
            near(whole, &case["brier"]);
            assert!(parts.within.abs() < 0.03, "{parts:?}");
        }
    }
}

#[test]
fn a_decomposition_of_few_values_has_no_remainder() {
    let said = [0.2, 0.2, 0.2, 0.8, 0.8];
    let all = forecasts(said.to_vec(), vec![0.0, 1.0, 0.0, 1.0, 1.0]);
    let parts = decomposition(&all, Binning::EqualWidth(10)).unwrap();
    assert!(parts.within.abs() < 1e-12);
    assert!((parts.uncertainty - 0.24).abs() < 1e-12);
    assert!((parts.resolution - (0.6 * (1.0 / 3.0 - 0.6_f64).powi(2) + 0.4 * 0.16)).abs() < 1e-12);
}

#[test]
fn maps_are_those_of_scikit_learn_and_scipy() {
    for case in cases(&file()["cases"]) {
        let all = of_case(case);
        let Map::Temperature { temperature: found } = fit(&all, Kind::Temperature).unwrap() else {
            panic!("a temperature");
        };
        near(found, &case["temperature"]);
        let measured = temperature(&all, seed(case)).unwrap();
        near(measured.value, &case["temperature"]);
        near_interval(measured.interval, &case["temperature_interval"]);
        let platt = fit(&all, Kind::Platt).unwrap();
        let Map::Platt { slope, shift } = &platt else { panic!("a line") };
        near(*slope, &case["platt"][0]);
        near(*shift, &case["platt"][1]);
        let isotonic = fit(&all, Kind::Isotonic).unwrap();
        for (place, asked) in numbers(&case["asked"]).into_iter().enumerate() {
            near(platt.apply(asked), &case["platt_says"][place]);
            near(isotonic.apply(asked), &case["isotonic_says"][place]);
        }
    }
}

#[test]
fn pooling_is_that_of_scikit_learn_with_ties_and_falls() {
    for case in cases(&file()["isotonic"]) {
        let corners = super::isotonic::fit(&numbers(&case["said"]), &numbers(&case["was"]));
        for (place, asked) in numbers(&case["asked"]).into_iter().enumerate() {
            near(corners.apply(asked), &case["says"][place]);
        }
    }
}

#[test]
fn a_rate_is_corrected_as_by_its_authors() {
    for case in cases(&file()["corrected"]) {
        let count = |place: usize| case["gold"][place].as_u64().unwrap();
        let gold =
            Gold { passing: count(0), passed: count(1), failing: count(2), failed: count(3) };
        let (passed, n) = (case["passed"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        let ours = corrected_rate(passed, n, gold).unwrap();
        near(ours.rate, &case["rate"]);
        near(ours.interval.low, &case["low"]);
        near(ours.interval.high, &case["high"]);
    }
    let gold = Gold { passing: 100, passed: 90, failing: 100, failed: 85 };
    let ours = corrected_rate(800, 1000, gold).unwrap();
    assert!((ours.rate - 0.866_667).abs() < 1e-6);
    assert!((ours.interval.low - 0.798).abs() < 5e-4 && (ours.interval.high - 0.958).abs() < 5e-4);
    assert!(share_to_label_failing(&ours) < 0.5, "most pass, so passing items say more");
    let guessing = Gold { passed: 60, failed: 50, ..gold };
    assert_eq!(corrected_rate(800, 1000, guessing), Err(Unknown::NearChance));
    let few = Gold { passing: 9, passed: 9, ..gold };
    assert_eq!(corrected_rate(8, 10, few), Err(Unknown::TooFew { n: 9, least: 10 }));
    assert_eq!(corrected_rate(8, 0, gold), Err(Unknown::TooFew { n: 0, least: 1 }));
    assert_eq!(corrected_rate(8, 7, gold), Err(Unknown::OutOfRange { row: 0 }));
}

/// A judge whose log-odds are `temperature` times too far from 0 for preferences.
fn overconfident(n: usize, temperature: f64, seed: u64) -> Forecasts {
    let mut draws = Draws::new(seed);
    let (mut said, mut was) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let odds = 6.0 * (draws.share() - 0.5);
        said.push(sigmoid(temperature * odds));
        was.push(f64::from(u8::from(draws.share() < sigmoid(odds))));
    }
    forecasts(said, was)
}

#[test]
fn what_is_fitted_on_one_half_is_shown_on_the_other() {
    let all = overconfident(1200, 3.0, 1);
    for kind in [Kind::Temperature, Kind::Platt, Kind::Isotonic] {
        let fitted = fit_and_show(&all, kind, Sides::Alike, 5).unwrap();
        assert!(fitted.helps(), "{kind:?}: {fitted:?}");
        assert!(fitted.after.ece.value < fitted.before.ece.value);
        let map = &fitted.recalibration.map;
        assert_eq!(fitted.recalibration.labels, 600);
        for p in [0.0, 0.03, 0.2, 0.5, 0.77, 1.0] {
            let (there, back) = (map.apply(p), map.apply(1.0 - p));
            assert!((0.0..=1.0).contains(&there));
            assert!((there + back - 1.0).abs() < 1e-6, "both sides add up: {kind:?} {p}");
        }
        let kept = serde_json::to_string(&fitted.recalibration).unwrap();
        let again: Recalibration = serde_json::from_str(&kept).unwrap();
        assert_eq!(again, fitted.recalibration, "a map survives being kept");
        assert!(again.map.is_sound());
        assert_eq!(fit_and_show(&all, kind, Sides::Alike, 5).unwrap(), fitted, "by the seed");
    }
    let own = fit_and_show(&all, Kind::Platt, Sides::Own, 5).unwrap();
    assert!(!own.recalibration.mirrored);
}

#[test]
fn a_map_from_a_file_may_be_none() {
    for text in [
        r#"{"kind":"temperature","temperature":0.0}"#,
        r#"{"kind":"platt","slope":-1.0,"shift":0.0}"#,
        r#"{"kind":"isotonic","said":[0.1,0.9],"was":[0.4]}"#,
        r#"{"kind":"isotonic","said":[0.1,0.9],"was":[0.4,0.3]}"#,
        r#"{"kind":"isotonic","said":[0.9,0.1],"was":[0.3,0.4]}"#,
        r#"{"kind":"isotonic","said":[0.1,0.9],"was":[0.3,1.4]}"#,
    ] {
        let map: Map = serde_json::from_str(text).unwrap();
        assert!(!map.is_sound(), "{text}");
    }
    assert!(Map::Identity.is_sound());
}

#[test]
fn halves_part_prompts_and_not_rows() {
    let keys: Vec<usize> = (0..90).map(|row| row / 3).collect();
    let clusters = Clusters::by(keys.iter());
    let (one, other) = clusters.halves(3);
    assert_eq!((one.len(), other.len()), (45, 45));
    assert!(one.iter().all(|row| !other.iter().any(|far| keys[*far] == keys[*row])));
    assert_ne!(clusters.halves(4).0, one);
    assert_eq!(clusters.halves(3).0, one);
}

#[test]
fn what_can_not_be_repaired_has_a_name() {
    let few = overconfident(198, 2.0, 1);
    let too_few = fit_and_show(&few, Kind::Temperature, Sides::Own, 0).unwrap_err();
    assert_eq!(too_few, Unknown::TooFew { n: 99, least: 100 });
    assert_eq!(
        fit_and_show(&overconfident(900, 2.0, 1), Kind::Isotonic, Sides::Own, 0).unwrap_err(),
        Unknown::TooFew { n: 450, least: 500 }
    );
    assert_eq!(
        temperature(&forecasts(vec![], vec![]), 0),
        Err(Unknown::TooFew { n: 0, least: 100 })
    );
    let constant = forecasts(vec![0.7; 4], vec![1.0, 0.0, 1.0, 1.0]);
    assert_eq!(fit(&constant, Kind::Platt), Err(Unknown::Constant));
    let one_class = forecasts(vec![0.1, 0.9], vec![1.0, 1.0]);
    assert_eq!(fit(&one_class, Kind::Isotonic), Err(Unknown::Constant));
    let always_right = forecasts(vec![0.1, 0.2, 0.9], vec![0.0, 0.0, 1.0]);
    assert_eq!(fit(&always_right, Kind::Temperature), Err(Unknown::Separated));
    assert!(fit(&always_right, Kind::Platt).is_ok(), "Platt’s targets keep it finite");
    let backwards = forecasts(vec![0.9, 0.8, 0.1, 0.6], vec![0.0, 0.0, 1.0, 1.0]);
    assert_eq!(fit(&backwards, Kind::Temperature), Err(Unknown::NearChance));
    assert_eq!(fit(&backwards, Kind::Platt), Err(Unknown::NearChance));
    let clusters = || Clusters::each(1);
    assert_eq!(
        Forecasts::new(vec![1.1], vec![0.0], clusters()),
        Err(Unknown::OutOfRange { row: 0 })
    );
    assert_eq!(
        Forecasts::new(vec![f64::NAN], vec![0.0], clusters()),
        Err(Unknown::OutOfRange { row: 0 })
    );
    let empty = forecasts(vec![], vec![]);
    assert!(brier(&empty, 0).is_err() && bins(&empty, usual_bins(0)).is_err());
    assert!(bins(&overconfident(9, 1.0, 0), Binning::EqualMass(0)).is_err());
    assert!(Map::default().apply(0.3) > 0.29 && Map::default().apply(f64::NAN).is_nan());
}

#[test]
fn a_preference_is_seen_from_the_side_that_the_judge_takes() {
    let all = forecasts(vec![0.1, 0.8, 0.4], vec![0.0, 0.0, 0.5]).folded();
    let expected = [0.9, 0.8, 0.6];
    assert!(all.said().iter().zip(expected).all(|(p, q)| (p - q).abs() < 1e-12));
    assert_eq!(all.was(), [1.0, 0.0, 0.5]);
    assert_eq!(usual_bins(199), Binning::EqualMass(3));
    assert_eq!(usual_bins(200), Binning::EqualMass(10));
}
