use proptest::prelude::*;

use super::*;

fn points(id: &str, points: f64) -> Criterion {
    Criterion {
        id: id.into(),
        name: id.into(),
        scale: Scale::Points(points),
        ..Criterion::default()
    }
}

fn levels(id: &str, weight: f64) -> Criterion {
    Criterion { id: id.into(), name: id.into(), weight, ..Criterion::default() }
}

fn rubric(aggregation: Aggregation, criteria: Vec<Criterion>) -> Rubric {
    Rubric { aggregation, criteria, ..Rubric::named("test") }
}

fn said(id: &str, value: f64) -> CriterionVerdict {
    CriterionVerdict {
        criterion: id.into(),
        reading: Reading::Parsed { value },
        unit: None,
        reason: String::new(),
    }
}

fn unread(id: &str) -> CriterionVerdict {
    CriterionVerdict { reading: Reading::Unparsed { text: "?".into() }, ..said(id, 0.0) }
}

fn close(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-12,
        (a, b) => a == b,
    }
}

#[test]
fn rewards() {
    use Aggregation::{Geometric, Minimum, Points, WeightedMean};
    let two_levels = || vec![levels("C1", 3.0), levels("C2", 1.0)];
    let health = || vec![points("C1", 5.0), points("C2", 3.0), points("C3", -4.0)];
    for (aggregation, criteria, verdicts, expected) in [
        (WeightedMean, two_levels(), vec![said("C1", 5.0), said("C2", 1.0)], Some(0.75)),
        (WeightedMean, two_levels(), vec![said("C2", 1.0), said("C1", 5.0)], Some(0.75)),
        (Minimum, two_levels(), vec![said("C1", 4.0), said("C2", 2.0)], Some(0.25)),
        (
            Geometric,
            two_levels(),
            vec![said("C1", 5.0), said("C2", 2.0)],
            Some(0.25_f64.powf(0.25)),
        ),
        (Geometric, two_levels(), vec![said("C1", 5.0), said("C2", 1.0)], Some(0.0)),
        // Points: (5 + 0 − 4) / 8, and below 0 where only the fault is there.
        (
            Points,
            health(),
            vec![said("C1", 1.0), said("C2", 0.0), said("C3", 1.0)],
            Some(1.0 / 8.0),
        ),
        (Points, health(), vec![said("C1", 0.0), said("C2", 0.0), said("C3", 1.0)], Some(-0.5)),
        (Points, health(), vec![said("C1", 1.0), said("C2", 1.0), said("C3", 0.0)], Some(1.0)),
        (
            Points,
            health(),
            vec![said("C1", 0.5), said("C2", 0.0), said("C3", 0.25)],
            Some(1.5 / 8.0),
        ),
        // A fault under a mean: not being met is good.
        (
            WeightedMean,
            health(),
            vec![said("C1", 1.0), said("C2", 1.0), said("C3", 0.0)],
            Some(1.0),
        ),
        (
            WeightedMean,
            health(),
            vec![said("C1", 0.0), said("C2", 0.0), said("C3", 1.0)],
            Some(0.0),
        ),
        // Nothing to divide by, nothing there, something unread.
        (Points, vec![points("C1", -1.0)], vec![said("C1", 0.0)], None),
        (WeightedMean, two_levels(), vec![said("C1", 5.0)], None),
        (WeightedMean, two_levels(), vec![said("C1", 5.0), unread("C2")], None),
        (WeightedMean, Vec::new(), Vec::new(), None),
        (WeightedMean, vec![levels("C1", 0.0)], vec![said("C1", 5.0)], None),
        (WeightedMean, vec![levels("C1", f64::NAN)], vec![said("C1", 5.0)], None),
        (WeightedMean, two_levels(), vec![said("C1", f64::NAN), said("C2", 1.0)], None),
        // A criterion without weight or gate may be unread.
        (
            WeightedMean,
            vec![levels("C1", 1.0), levels("C2", 0.0)],
            vec![said("C1", 3.0), unread("C2")],
            Some(0.5),
        ),
    ] {
        let score = reward(&rubric(aggregation, criteria.clone()), &verdicts);
        assert!(close(score.reward, expected), "{aggregation:?} {verdicts:?}: {score:?}");
    }
}

#[test]
fn unread_criteria_are_named_and_missing_ones_are_not() {
    let rubric = rubric(
        Aggregation::WeightedMean,
        vec![levels("C1", 1.0), levels("C2", 0.0), levels("C3", 1.0)],
    );
    let score = reward(&rubric, &[unread("C1"), unread("C2")]);
    assert_eq!(score.unparsed, vec![CriterionId::from("C1"), CriterionId::from("C2")]);
    assert_eq!(score.reward, None);
    assert_eq!(missing(&rubric, &score.criteria), vec![CriterionId::from("C3")]);
}

#[test]
fn gates() {
    let expected = |value, distribution: &[(f64, f64)]| Reading::Expected {
        value,
        distribution: distribution.to_vec(),
        mass: 1.0,
    };
    let level_gate = Criterion { gate: Gate::AtLeast(3), ..levels("C1", 1.0) };
    let merit = Criterion { gate: Gate::Met, ..points("C1", 2.0) };
    let fault = Criterion { gate: Gate::Met, ..points("C1", -2.0) };
    for (criterion, reading, fails) in [
        (&level_gate, Reading::Parsed { value: 2.0 }, true),
        (&level_gate, Reading::Parsed { value: 3.0 }, false),
        // The mean is below 3, but 3 or more is the likelier verdict.
        (&level_gate, expected(2.8, &[(1.0, 0.3), (3.0, 0.5), (4.0, 0.2)]), false),
        (&level_gate, expected(3.2, &[(2.0, 0.6), (5.0, 0.4)]), true),
        (&merit, Reading::Parsed { value: 0.0 }, true),
        (&merit, expected(0.51, &[]), false),
        (&merit, expected(0.49, &[]), true),
        (&fault, Reading::Parsed { value: 1.0 }, true),
        (&fault, Reading::Parsed { value: 0.0 }, false),
        (&fault, expected(0.51, &[]), true),
        (&fault, Reading::Unparsed { text: String::new() }, false),
    ] {
        assert_eq!(gate_fails(criterion, &reading), fails, "{criterion:?} {reading:?}");
    }
}

#[test]
fn a_failed_gate_makes_the_reward_0_and_is_named() {
    // A gate counts even without a weight.
    let gate = Criterion { gate: Gate::AtLeast(3), ..levels("C2", 0.0) };
    let rubric = rubric(Aggregation::WeightedMean, vec![levels("C1", 1.0), gate]);
    let score = reward(&rubric, &[said("C1", 5.0), said("C2", 2.0)]);
    assert_eq!(score.reward, Some(0.0));
    assert_eq!(score.gates_failed, vec![CriterionId::from("C2")]);
    assert_eq!(reward(&rubric, &[said("C1", 5.0), said("C2", 3.0)]).reward, Some(1.0));
    assert_eq!(reward(&rubric, &[said("C1", 5.0), unread("C2")]).reward, None, "a gate unread");
}

fn any_criteria() -> impl Strategy<Value = Vec<(Criterion, f64)>> {
    let one = (any::<bool>(), 0.01_f64..10.0, -10.0_f64..10.0, 0.0_f64..=1.0);
    prop::collection::vec(one, 1..8).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(|(i, (is_levels, weight, value, share))| {
                let id = format!("C{i}");
                if is_levels {
                    (levels(&id, weight), 1.0 + 4.0 * share)
                } else {
                    let worth = if value.abs() < 0.1 { 1.0 } else { value };
                    (Criterion { weight, ..points(&id, worth) }, share)
                }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn means_stay_between_their_units(criteria in any_criteria()) {
        let verdicts: Vec<_> = criteria.iter().map(|(c, v)| said(c.id.as_str(), *v)).collect();
        let criteria: Vec<_> = criteria.into_iter().map(|(c, _)| c).collect();
        let of = |aggregation| reward(&rubric(aggregation, criteria.clone()), &verdicts);
        let mean = of(Aggregation::WeightedMean);
        let units: Vec<f64> = mean.criteria.iter().filter_map(|v| v.unit).collect();
        let lowest = units.iter().copied().fold(1.0, f64::min);
        let highest = units.iter().copied().fold(0.0, f64::max);
        let [mean, minimum, geometric] = [
            mean.reward, of(Aggregation::Minimum).reward, of(Aggregation::Geometric).reward,
        ].map(Option::unwrap);
        prop_assert!((lowest - 1e-9..=highest + 1e-9).contains(&mean));
        prop_assert!((minimum - lowest).abs() < 1e-12);
        prop_assert!(geometric <= mean + 1e-9, "AM–GM: {geometric} > {mean}");
        prop_assert!(geometric >= minimum - 1e-9);
    }

    #[test]
    fn a_merit_never_lowers_and_a_fault_never_raises_points(
        criteria in any_criteria(), which: prop::sample::Index
    ) {
        let i = which.index(criteria.len());
        let rubric = rubric(Aggregation::Points, criteria.iter().map(|(c, _)| c.clone()).collect());
        let mut verdicts: Vec<_> = criteria.iter().map(|(c, v)| said(c.id.as_str(), *v)).collect();
        let best = rubric.criteria[i].scale.range().map_or(1.0, |(_, highest)| f64::from(highest));
        let before = reward(&rubric, &verdicts).reward;
        verdicts[i] = said(rubric.criteria[i].id.as_str(), best);
        let after = reward(&rubric, &verdicts).reward;
        if let (Some(before), Some(after)) = (before, after) {
            let fault = matches!(rubric.criteria[i].scale, Scale::Points(p) if p < 0.0);
            let gained = if fault { before - after } else { after - before };
            prop_assert!(gained >= -1e-12);
        } else {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn scaling_all_weights_changes_nothing(criteria in any_criteria(), factor in 0.1_f64..10.0) {
        let verdicts: Vec<_> = criteria.iter().map(|(c, v)| said(c.id.as_str(), *v)).collect();
        let criteria: Vec<_> = criteria.into_iter().map(|(c, _)| c).collect();
        let scaled: Vec<_> =
            criteria.iter().map(|c| Criterion { weight: c.weight * factor, ..c.clone() }).collect();
        for aggregation in [Aggregation::WeightedMean, Aggregation::Points, Aggregation::Minimum, Aggregation::Geometric] {
            let one = reward(&rubric(aggregation, criteria.clone()), &verdicts).reward;
            let two = reward(&rubric(aggregation, scaled.clone()), &verdicts).reward;
            match (one, two) {
                (Some(one), Some(two)) => prop_assert!((one - two).abs() < 1e-9),
                (one, two) => prop_assert_eq!(one, two),
            }
        }
    }

    #[test]
    fn any_unread_verdict_that_counts_leaves_no_reward(criteria in any_criteria(), which: prop::sample::Index) {
        let mut verdicts: Vec<_> = criteria.iter().map(|(c, v)| said(c.id.as_str(), *v)).collect();
        let i = which.index(criteria.len());
        verdicts[i] = unread(criteria[i].0.id.as_str());
        let rubric = rubric(Aggregation::WeightedMean, criteria.into_iter().map(|(c, _)| c).collect());
        let score = reward(&rubric, &verdicts);
        prop_assert_eq!(score.reward, None);
        prop_assert_eq!(score.unparsed, vec![rubric.criteria[i].id.clone()]);
    }
}
