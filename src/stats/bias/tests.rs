//! The bias measures on small cases, and style against scikit-learn.

use super::super::bootstrap::Clusters;
use super::super::estimate::{Flag, Unknown};
use super::super::tests::{fixture, near, near_interval, numbers, seed};
use super::*;

#[test]
fn style_is_that_of_scikit_learn() {
    let file = fixture(include_str!("../../../tests/fixtures/stats/bias.json"));
    let case = &file["style"];
    let differences: Vec<[f64; 4]> = case["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| numbers(row).try_into().unwrap())
        .collect();
    let (judge, people) = (numbers(&case["judge"]), numbers(&case["people"]));
    let clusters = Clusters::each(judge.len());
    let ours = style_bias(&differences, &judge, Some(&people), &clusters, seed(case)).unwrap();
    near(ours.intercept, &case["intercept"]);
    let names: Vec<&str> = ours.coefficients.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["length", "bold", "lists"], "no answer has a header");
    for (k, one) in ours.coefficients.iter().enumerate() {
        near(one.judge.value, &case["coefficients"][k]);
        near_interval(one.judge.interval, &case["intervals"][k]);
        near(one.people.unwrap().value, &case["people_coefficients"][k]);
        near_interval(one.excess.unwrap().interval, &case["excess_intervals"][k]);
    }
    let alone = style_bias(&differences, &judge, None, &clusters, seed(case)).unwrap();
    near_interval(alone.coefficients[0].judge.interval, &case["intervals"][0]);
    assert!(alone.coefficients.iter().all(|one| one.flag == Flag::Fine && one.people.is_none()));
    let few = Clusters::each(99);
    assert_eq!(
        style_bias(&differences[..99], &judge[..99], None, &few, 0),
        Err(Unknown::TooFew { n: 99, least: 100 })
    );
}

#[test]
fn style_is_counted_from_markdown() {
    let text = "# Moles\n\n**Most** are *fine*.\n- one\n- __two__\n#hashtag\n";
    let style = Style::of(text);
    assert_eq!(style, Style { words: 7, headers: 1, bold: 2, items: 2 });
    let plain = Style::of("Most are fine.");
    let near = |ours: [f64; 4], expected: [f64; 4]| {
        ours.iter().zip(expected).all(|(ours, expected)| (ours - expected).abs() < 1e-12)
    };
    assert!(near(plain.difference(&style), [0.4, 1.0, 1.0, 1.0]));
    assert!(near(Style::default().difference(&Style::default()), [0.0; 4]));
}

fn orders(first: usize, second: usize, same: usize) -> Vec<BothOrders> {
    let mut pairs = vec![BothOrders { p_ab: 0.9, p_ba: 0.2 }; first];
    pairs.extend(vec![BothOrders { p_ab: 0.4, p_ba: 0.6 }; second]);
    pairs.extend((0..same).map(|n| {
        let p = if n % 2 == 0 { 0.8 } else { 0.2 };
        BothOrders { p_ab: p, p_ba: p }
    }));
    pairs
}

#[test]
fn position_tells_primacy_from_recency() {
    let pairs = orders(20, 4, 76);
    let found = position(&pairs, &Clusters::each(100), 0).unwrap();
    assert!((found.first.unwrap().value - 0.58).abs() < 1e-12);
    assert!((found.consistency.unwrap().value - 0.76).abs() < 1e-12);
    assert_eq!((found.primacy, found.recency, found.flag), (20, 4, Flag::Flagged));
    assert!((found.gap.unwrap().value - (20.0 * 0.7 - 4.0 * 0.2) / 100.0).abs() < 1e-12);
    assert!((found.wide.unwrap().value - 0.2).abs() < 1e-12);
    let fine = position(&orders(2, 2, 96), &Clusters::each(100), 0).unwrap();
    assert_eq!(fine.flag, Flag::Fine);
    let undecided = vec![BothOrders { p_ab: 0.5, p_ba: 0.7 }; 40];
    let found = position(&undecided, &Clusters::each(40), 0).unwrap();
    assert_eq!(found.first, Err(Unknown::TooFew { n: 0, least: 20 }));
    assert!(found.gap.is_ok() && found.flag == Flag::TooFew);
    let never = position(&orders(0, 0, 30), &Clusters::each(30), 0).unwrap();
    assert!(never.consistency.unwrap().interval.unwrap().low < 0.95, "thirty are not certain");
    assert!(position(&pairs, &Clusters::each(3), 0).is_err());
    let empty = position(&[], &Clusters::each(0), 0).unwrap();
    assert_eq!(empty.gap, Err(Unknown::TooFew { n: 0, least: 20 }));
}

#[test]
fn length_is_bias_only_beyond_peoples_own() {
    let row = |n: usize, judge_longer: bool, human_longer: bool| {
        let (len_a, len_b) = if n.is_multiple_of(2) { (10.0, 20.0) } else { (20.0, 10.0) };
        let b = |longer: bool| f64::from(u8::from(longer == n.is_multiple_of(2)));
        LengthRow { judge_b: b(judge_longer), human_b: Some(b(human_longer)), len_a, len_b }
    };
    let clusters = Clusters::each(60);
    let same: Vec<LengthRow> = (0..60).map(|n| row(n, n % 3 > 0, n % 3 > 0)).collect();
    let found = length_bias(&same, &clusters, 0).unwrap();
    assert!((found.judge.unwrap().value - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!((found.excess.unwrap().value, found.flag), (0.0, Flag::Fine));
    assert!(found.bias.unwrap().value.abs() < 1e-12);
    let more: Vec<LengthRow> = (0..60).map(|n| row(n, n % 10 > 0, n % 2 > 0)).collect();
    let found = length_bias(&more, &clusters, 0).unwrap();
    assert!((found.excess.unwrap().value - 0.4).abs() < 1e-12);
    // It is for the longer wherever people are, and for the shorter on 6 of their 30.
    assert!((found.bias.unwrap().value - 0.8).abs() < 1e-12);
    assert_eq!(found.flag, Flag::Flagged);
    let unlabelled: Vec<LengthRow> =
        more.iter().map(|row| LengthRow { human_b: None, ..*row }).collect();
    let found = length_bias(&unlabelled, &clusters, 0).unwrap();
    assert_eq!(found.people, Err(Unknown::TooFew { n: 0, least: 20 }));
    assert_eq!(found.flag, Flag::Fine, "a liking alone is no bias");
    let even = [LengthRow { judge_b: 1.0, human_b: None, len_a: 5.0, len_b: 5.0 }; 30];
    let found = length_bias(&even, &Clusters::each(30), 0).unwrap();
    assert_eq!((found.judge.is_err(), found.flag), (true, Flag::TooFew));
}

#[test]
fn liking_what_people_like_is_no_self_preference() {
    let pair = |judge_own, human_own| OwnPair { judge_own, human_own };
    let mut fair = vec![pair(true, true); 36];
    fair.extend([pair(false, true); 4]);
    fair.extend([pair(false, false); 18]);
    fair.extend([pair(true, false); 2]);
    let found = self_preference(&fair, &Clusters::each(60), 0).unwrap();
    assert!(found.difference.unwrap().value.abs() < 1e-12);
    assert_eq!(found.flag, Flag::Fine);
    let mut own = vec![pair(true, true); 40];
    own.extend([pair(false, false); 8]);
    own.extend([pair(true, false); 12]);
    let found = self_preference(&own, &Clusters::each(60), 0).unwrap();
    assert!((found.difference.unwrap().value - 0.6).abs() < 1e-12);
    assert_eq!(found.flag, Flag::Flagged);
    let one_sided = self_preference(&own[..40], &Clusters::each(40), 0).unwrap();
    assert_eq!(one_sided.others, Err(Unknown::TooFew { n: 0, least: 10 }));
    assert_eq!(one_sided.flag, Flag::TooFew);
    let failures: Vec<TrueFailure> =
        (0..80).map(|n| TrueFailure { own: n < 40, met: n % 4 == 0 || n < 20 }).collect();
    let found = false_passes(&failures, &Clusters::each(80), 0).unwrap();
    assert!((found.difference.unwrap().value - 0.375).abs() < 1e-12);
    assert_eq!(found.flag, Flag::Flagged);
}

#[test]
fn format_failures_count_what_could_not_be_read() {
    let found = format_failures(200, 3, &[0.99; 50]);
    assert_eq!(found.flag, Flag::Fine);
    assert!((found.unread.unwrap().value - 0.015).abs() < 1e-12);
    assert_eq!(format_failures(200, 5, &[]).flag, Flag::Flagged);
    let mut masses = vec![0.99; 48];
    masses.extend([0.4; 2]);
    assert_eq!(format_failures(200, 0, &masses).flag, Flag::Flagged);
    let none = format_failures(0, 0, &[]);
    assert_eq!((none.mass, none.flag), (None, Flag::TooFew));
}

#[test]
fn a_judge_that_is_not_consistent_can_not_be_robust() {
    let ask = |n: usize, perturbation: Option<&str>, unchanged| Asked {
        item: format!("p{n}"),
        perturbation: perturbation.map(str::to_owned),
        unchanged,
    };
    let mut asked: Vec<Asked> = (0..60).map(|n| ask(n, None, n % 20 != 0)).collect();
    asked.extend((0..60).map(|n| ask(n, Some("flattery"), n % 4 != 0)));
    asked.extend((0..60).map(|n| ask(n, Some("padding"), n % 20 != 1)));
    asked.extend((0..5).map(|n| ask(n, Some("rare"), false)));
    let found = robustness(&asked, 0);
    assert!((found.consistency.unwrap().value - 0.95).abs() < 1e-12);
    let [flattery, padding, rare] = found.perturbations.as_slice() else { panic!("three") };
    assert!((flattery.rate.unwrap().value - 0.75).abs() < 1e-12);
    assert!((flattery.fall.unwrap().value + 0.2).abs() < 1e-12);
    assert_eq!((flattery.flag, padding.flag, rare.flag), (Flag::Flagged, Flag::Fine, Flag::TooFew));
    assert!(robustness(&[], 0).consistency.is_err());
}

#[test]
fn the_panel_takes_the_rows_that_have_what_a_part_needs() {
    let row = |n: usize| PanelRow {
        item: format!("p{}", n / 2),
        p_ab: Some(if n.is_multiple_of(2) { 0.9 } else { 0.2 }),
        p_ba: (n != 3).then_some(if n.is_multiple_of(2) { 0.7 } else { 0.1 }),
        mass: Some(0.98),
        human_b: Some(f64::from(u8::from(n.is_multiple_of(5)))),
        styles: Some((
            Style { words: 10, ..Style::default() },
            Style { words: 11, ..Style::default() },
        )),
        own: n.is_multiple_of(3).then_some(Side::A),
    };
    let rows: Vec<PanelRow> = (0..60).map(row).collect();
    let found = panel(&rows, 0);
    let position = found.position.unwrap();
    assert_eq!(position.gap.unwrap().n, 59, "one could not be read");
    assert_eq!(position.flag, Flag::Fine);
    assert_eq!(found.format.unread.unwrap().n, 120);
    assert!(found.length.unwrap().people.is_ok());
    assert!(matches!(found.style, Err(Unknown::TooFew { n: 30, least: 100 })));
    assert_eq!(found.self_preference.unwrap().flag, Flag::TooFew, "of 20 pairs in 10 prompts");
    let empty = panel(&[], 0);
    assert_eq!(empty.position.unwrap().flag, Flag::TooFew);
}
