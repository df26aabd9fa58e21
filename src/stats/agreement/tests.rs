//! Agreement against statsmodels, krippendorff, irrCAC and scipy, and where there is none.

use serde_json::Value;

use super::super::MIN_ITEMS;
use super::super::bootstrap::Clusters;
use super::super::estimate::Unknown;
use super::super::tests::{fixture, near, near_interval, numbers, places, seed};
use super::*;

fn file() -> Value {
    fixture(include_str!("../../../tests/fixtures/stats/agreement.json"))
}

fn cases(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn raters(categories: usize, a: &[usize], b: &[usize]) -> TwoRaters {
    let labels: Vec<(usize, usize)> = a.iter().copied().zip(b.iter().copied()).collect();
    let clusters = Clusters::each(labels.len());
    TwoRaters::new(categories, labels, clusters).unwrap()
}

fn labels(value: &Value) -> Vec<Vec<Option<usize>>> {
    let row = |row: &Value| {
        cases(row).iter().map(|label| label.as_u64().map(|label| label as usize)).collect()
    };
    cases(value).iter().map(row).collect()
}

fn ratings(levels: Vec<f64>, labels: Vec<Vec<Option<usize>>>) -> Ratings {
    let clusters = Clusters::each(labels.len());
    Ratings::new(levels, labels, clusters).unwrap()
}

fn of_names(categories: usize, labels: Vec<Vec<Option<usize>>>) -> Ratings {
    ratings((0..categories).map(|level| level as f64).collect(), labels)
}

#[test]
fn kappa_is_that_of_statsmodels() {
    let file = file();
    for case in cases(&file["cohen"]["cases"]) {
        let categories = case["categories"].as_u64().unwrap() as usize;
        let both = raters(categories, &places(&case["a"]), &places(&case["b"]));
        let raw = raw_agreement(&both, 0).unwrap();
        near(raw.value, &case["raw"]);
        near(constant_guess(&both).unwrap(), &case["constant_guess"]);
        let k = categories as f64;
        let even = pabak(&both, 0).unwrap();
        assert!((even.value - (k * raw.value - 1.0) / (k - 1.0)).abs() < 1e-12);
        for (name, weights) in [
            ("equal", Weights::Equal),
            ("linear", Weights::Linear),
            ("quadratic", Weights::Quadratic),
        ] {
            let theirs = &case[name];
            let kappa = both.table().kappa(weights).unwrap();
            near(kappa.value, &theirs["kappa"]);
            near(kappa.standard_error, &theirs["se"]);
            near(kappa.interval().low, &theirs["low"]);
            near(kappa.interval().high, &theirs["high"]);
            let drawn = cohen_kappa(&both, weights, seed(case)).unwrap();
            near(drawn.value, &theirs["kappa"]);
            near_interval(drawn.interval, &theirs["interval"]);
        }
    }
}

#[test]
fn what_is_drawn_is_the_prompt() {
    let case = &file()["cohen"]["clustered"];
    let clusters = Clusters::by(places(&case["items"]));
    let rows = places(&case["a"]).into_iter().zip(places(&case["b"])).collect();
    let both = TwoRaters::new(2, rows, clusters).unwrap();
    let kappa = cohen_kappa(&both, Weights::Equal, seed(case)).unwrap();
    near_interval(kappa.interval, &case["interval"]);
}

#[test]
fn fleiss_is_that_of_statsmodels() {
    for case in cases(&file()["fleiss"]) {
        let categories = case["categories"].as_u64().unwrap() as usize;
        let ours =
            fleiss_kappa(&of_names(categories, labels(&case["labels"])), seed(case)).unwrap();
        near(ours.value, &case["kappa"]);
        near_interval(ours.interval, &case["interval"]);
    }
}

#[test]
fn alpha_is_that_of_krippendorff() {
    for case in cases(&file()["krippendorff"]) {
        let all = ratings(numbers(&case["levels"]), labels(&case["labels"]));
        for (name, level) in [
            ("nominal", Level::Nominal),
            ("ordinal", Level::Ordinal),
            ("interval", Level::Interval),
        ] {
            let ours = krippendorff_alpha(&all, level, seed(case)).unwrap();
            near(ours.value, &case[name]["alpha"]);
            near_interval(ours.interval, &case[name]["interval"]);
        }
    }
}

#[test]
fn gwet_is_that_of_irrcac() {
    for case in cases(&file()["gwet"]) {
        let categories = case["categories"].as_u64().unwrap() as usize;
        let all = of_names(categories, labels(&case["labels"]));
        for (name, weights) in [
            ("identity", Weights::Equal),
            ("linear", Weights::Linear),
            ("quadratic", Weights::Quadratic),
        ] {
            let ours = gwet(&all, weights, 0).unwrap();
            near(ours.estimate.value, &case[name]["value"]);
            near(ours.standard_error, &case[name]["se"]);
            near(ours.chance, &case[name]["chance"]);
            // Two ways to the same interval: they agree to within what 1,000 draws and the normal
            // approximation leave.
            let half = ours.estimate.interval.unwrap().half_width();
            assert!((half / (1.96 * ours.standard_error) - 1.0).abs() < 0.25, "{half} {ours:?}");
        }
    }
}

#[test]
fn correlations_and_errors_are_those_of_scipy_and_scikit_learn() {
    for case in cases(&file()["scores"]) {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let clusters = Clusters::each(a.len());
        for (name, kind) in [
            ("pearson", Correlation::Pearson),
            ("spearman", Correlation::Spearman),
            ("kendall", Correlation::KendallTauB),
        ] {
            let ours = correlation(&a, &b, &clusters, kind, seed(case)).unwrap();
            near(ours.value, &case[name]["value"]);
            near_interval(ours.interval, &case[name]["interval"]);
        }
        let ours = mean_absolute_error(&a, &b, &clusters, seed(case)).unwrap();
        near(ours.value, &case["mae"]["value"]);
        near_interval(ours.interval, &case["mae"]["interval"]);
    }
}

#[test]
fn the_ceiling_is_the_mean_kappa_between_people() {
    let case = &file()["ceiling"];
    let people = of_names(3, labels(&case["labels"]));
    let ours = ceiling(&people, Weights::Equal, seed(case)).unwrap();
    near(ours.value, &case["value"]);
    near_interval(ours.interval, &case["interval"]);
}

#[test]
fn what_can_not_be_computed_has_a_name() {
    let none = raters(2, &[], &[]);
    assert_eq!(raw_agreement(&none, 0), Err(Unknown::TooFew { n: 0, least: 1 }));
    assert_eq!(constant_guess(&none), Err(Unknown::TooFew { n: 0, least: 1 }));
    assert_eq!(cohen_kappa(&none, Weights::Equal, 0), Err(Unknown::TooFew { n: 0, least: 1 }));
    let constant = raters(2, &[1, 1, 1], &[1, 1, 1]);
    assert_eq!(cohen_kappa(&constant, Weights::Quadratic, 0), Err(Unknown::Constant));
    assert_eq!(pabak(&raters(1, &[0], &[0]), 0), Err(Unknown::Constant));
    assert_eq!(
        TwoRaters::new(2, vec![(0, 1), (2, 0)], Clusters::each(2)),
        Err(Unknown::OutOfRange { row: 1 })
    );
    assert_eq!(
        TwoRaters::new(2, vec![(0, 1)], Clusters::each(2)),
        Err(Unknown::Uneven { left: 1, right: 2 })
    );
    let alone = of_names(2, vec![vec![Some(0), None], vec![None, Some(1)]]);
    let too_few = Err(Unknown::TooFew { n: 0, least: 1 });
    assert_eq!(krippendorff_alpha(&alone, Level::Nominal, 0), too_few);
    assert_eq!(ceiling(&alone, Weights::Equal, 0), too_few);
    assert_eq!(gwet(&alone, Weights::Equal, 0).unwrap_err(), Unknown::TooFew { n: 0, least: 1 });
    assert_eq!(fleiss_kappa(&alone, 0), Err(Unknown::Uneven { left: 1, right: 2 }));
    let same = of_names(2, vec![vec![Some(1), Some(1)]; 5]);
    for level in [Level::Nominal, Level::Ordinal, Level::Interval] {
        assert_eq!(krippendorff_alpha(&same, level, 0), Err(Unknown::Constant));
    }
    assert_eq!(fleiss_kappa(&same, 0), Err(Unknown::Constant));
    assert!((gwet(&same, Weights::Equal, 0).unwrap().estimate.value - 1.0).abs() < 1e-12);
    let uneven = of_names(2, vec![vec![Some(1), Some(0)], vec![Some(1), None]]);
    assert_eq!(fleiss_kappa(&uneven, 0), Err(Unknown::Uneven { left: 2, right: 1 }));
    assert_eq!(
        Ratings::new(vec![1.0, 1.0], Vec::new(), Clusters::each(0)),
        Err(Unknown::OutOfRange { row: 0 })
    );
    for kind in [Correlation::Pearson, Correlation::Spearman, Correlation::KendallTauB] {
        let two = Clusters::each(2);
        assert_eq!(correlation(&[0.1, 0.1], &[1.0, 2.0], &two, kind, 0), Err(Unknown::Constant));
        let nan = correlation(&[0.1, f64::NAN], &[1.0, 2.0], &two, kind, 0);
        assert_eq!(nan, Err(Unknown::OutOfRange { row: 1 }));
    }
    assert_eq!(
        Unknown::TooFew { n: 7, least: 20 }.to_string(),
        "too few to tell: 7 of at least 20"
    );
}

#[test]
fn perfect_agreement_is_not_certain() {
    let a: Vec<usize> = (0..30).map(|n| n % 2).collect();
    let kappa = cohen_kappa(&raters(2, &a, &a), Weights::Equal, 0).unwrap();
    let interval = kappa.interval.unwrap();
    assert!((kappa.value - 1.0).abs() < 1e-12 && (interval.high - 1.0).abs() < 1e-12);
    assert!((0.7..0.8).contains(&interval.low), "κ at Wilson’s .887 of 30: {interval:?}");
}

#[test]
fn under_twenty_prompts_there_is_a_count_and_no_number() {
    let a: Vec<usize> = (0..19).map(|n| n % 2).collect();
    let few = judge_agreement(&raters(2, &a, &a), None, Scale::Nominal, 0);
    let too_few = Unknown::TooFew { n: 19, least: MIN_ITEMS as u64 };
    assert_eq!((few.kappa, few.raw), (Err(too_few), Err(too_few)));
    assert_eq!(few.constant_guess, Err(too_few));
    // Forty rows of nineteen prompts are no more.
    let rows: Vec<(usize, usize)> = (0..40).map(|n| (n % 2, n % 2)).collect();
    let clustered = TwoRaters::new(2, rows, Clusters::by((0..40).map(|n| n % 19))).unwrap();
    assert_eq!(judge_agreement(&clustered, None, Scale::Nominal, 0).kappa, Err(too_few));
}

#[test]
fn the_report_reads_the_four_numbers_together() {
    // A judge that is right on 50 of 60, people nine tenths of one mind.
    let human: Vec<usize> = (0..60).map(|n| usize::from(n % 10 != 0)).collect();
    let judge: Vec<usize> = human
        .iter()
        .enumerate()
        .map(|(n, label)| if n % 6 == 1 { 1 - label } else { *label })
        .collect();
    let both = raters(2, &judge, &human);
    let people: Vec<Vec<Option<usize>>> =
        human.iter().map(|label| vec![Some(*label), Some(*label)]).collect();
    let report = judge_agreement(
        &both,
        Some(&among(&of_names(2, people), Scale::Nominal, 1)),
        Scale::Nominal,
        1,
    );
    assert!((report.raw.unwrap().value - 50.0 / 60.0).abs() < 1e-12);
    assert!((report.constant_guess.unwrap() - 0.9).abs() < 1e-12, "guessing does better");
    assert!((report.ceiling.unwrap().unwrap().value - 1.0).abs() < 1e-12);
    let gwet = report.gwet.unwrap().unwrap().value;
    assert!(gwet > report.kappa.unwrap().value + 0.2, "κ is low for the base rate alone: {gwet}");
    let even = raters(2, &(0..60).map(|n| n % 2).collect::<Vec<_>>(), &judge);
    assert!(judge_agreement(&even, None, Scale::Nominal, 1).ceiling.is_none());
}

#[test]
fn groups_and_paired_judges() {
    let human: Vec<usize> = (0..80).map(|n| n % 2).collect();
    let wrong = |every: usize| -> Vec<usize> {
        human.iter().enumerate().map(|(n, l)| if n % every == 0 { 1 - l } else { *l }).collect()
    };
    let (good, poor) = (raters(2, &wrong(11), &human), raters(2, &wrong(3), &human));
    let difference = kappa_difference(&good, &poor, Scale::Nominal, 0).unwrap();
    assert!(difference.is_above(0.0), "{difference:?}");
    let same = kappa_difference(&good, &good, Scale::Nominal, 0).unwrap();
    assert!(!same.excludes(0.0) && same.value.abs() < 1e-12);
    let names: Vec<Vec<String>> = (0..80)
        .map(|n| match n {
            0..60 => vec!["P1".to_owned()],
            60..75 => vec!["P2".to_owned(), "P1".to_owned(), "P1".to_owned()],
            _ => Vec::new(),
        })
        .collect();
    let groups = by_group(&poor, &names, Scale::Nominal, 0).unwrap();
    assert_eq!(
        groups.iter().map(|g| (g.name.as_str(), g.agreement.n)).collect::<Vec<_>>(),
        [("P1", 75), ("P2", 15)]
    );
    assert!(groups[0].agreement.kappa.is_ok());
    assert!(matches!(groups[1].agreement.kappa, Err(Unknown::TooFew { n: 15, least: 20 })));
}

#[test]
fn people_among_themselves() {
    let people = of_names(
        3,
        vec![vec![Some(2), Some(2), Some(0)], vec![Some(1), Some(0), None], vec![None, None, None]],
    );
    assert_eq!(consensus(&people), [Some(2), None, None]);
    let again = raters(2, &[0, 1, 1, 0].repeat(6), &[0, 1, 0, 0].repeat(6));
    let few = raters(2, &[0, 1, 1, 0], &[0, 1, 0, 0]);
    assert_eq!(repeats(&few, 0), Err(Unknown::TooFew { n: 4, least: 20 }));
    let found = repeats(&again, 0).unwrap();
    assert!((found.same.value - 0.75).abs() < 1e-12);
    assert!((found.kappa.unwrap().value - 0.5).abs() < 1e-12);
    let stable = stability(&[vec![3, 1], vec![1, 0], vec![2, 2]], 0).unwrap();
    assert!((stable.value - 0.625).abs() < 1e-12 && stable.n == 2);
}

#[test]
fn more_labels_narrow_the_interval() {
    let human: Vec<usize> = (0..50).map(|n| n % 2).collect();
    let judge: Vec<usize> =
        human.iter().enumerate().map(|(n, l)| if n % 7 == 0 { 1 - l } else { *l }).collect();
    let kappa = cohen_kappa(&raters(2, &judge, &human), Weights::Equal, 0).unwrap();
    let (now, then) = (kappa.interval.unwrap(), kappa.with_more(150, -1.0, 1.0).unwrap());
    assert!((then.half_width() * 2.0 - now.half_width()).abs() < 1e-9, "four times as many");
    assert!(then.contains(kappa.value));
}
