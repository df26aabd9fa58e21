//! How every aggregation ranks the same verdicts, and at which weight a ranking turns.

use strum::IntoEnumIterator as _;

use super::reward;
use crate::domain::{Aggregation, CriterionId, CriterionVerdict, Reading, Rubric};

/// Rewards nearer to each other than this are a tie.
const TIE: f64 = 1e-9;

/// What one aggregation makes of some responses.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Which.
    pub aggregation: Aggregation,
    /// A reward for each response, in the order given; `None` where a verdict could not be read.
    pub rewards: Vec<Option<f64>>,
}

impl Ranking {
    /// The best response, where there is one alone.
    pub fn best(&self) -> Option<usize> {
        let known = || self.rewards.iter().enumerate().filter_map(|(n, r)| r.map(|r| (n, r)));
        let (best, most) = known().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
        (known().filter(|(_, r)| most - r < TIE).count() == 1).then_some(best)
    }

    /// Whether the first response comes before the second; `None` for a tie or an unread one.
    pub fn is_before(&self, first: usize, second: usize) -> Option<bool> {
        let difference = (*self.rewards.get(first)?)? - (*self.rewards.get(second)?)?;
        (difference.abs() >= TIE).then_some(difference > 0.0)
    }
}

/// What every aggregation makes of the same verdicts, without asking anybody.
pub fn by_every_aggregation(rubric: &Rubric, responses: &[&[CriterionVerdict]]) -> Vec<Ranking> {
    let bare: Vec<Vec<CriterionVerdict>> = responses.iter().map(|all| bare(all)).collect();
    let mut rubric = rubric.clone();
    Aggregation::iter()
        .map(|aggregation| {
            rubric.aggregation = aggregation;
            let rewards = bare.iter().map(|verdicts| reward(&rubric, verdicts).reward).collect();
            Ranking { aggregation, rewards }
        })
        .collect()
}

/// The weight of a criterion at which the ranking of two responses turns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// The weight; 0 where leaving the criterion out is what turns it.
    pub at: f64,
    /// Whether the first response comes first below it (at 0: without the criterion).
    pub first_below: bool,
}

/// The weight of a criterion, up to `top`, at which the ranking of two responses turns.
///
/// For every aggregation the sign of the difference of two rewards changes at most once as one
/// weight above 0 grows (means and points are linear in it over the same divisor, the geometric
/// mean is linear in its logarithm, the minimum does not know weights), so the place is found by
/// halving. Leaving a criterion out altogether can turn a minimum.
pub fn turn(
    rubric: &Rubric,
    criterion: &CriterionId,
    first: &[CriterionVerdict],
    second: &[CriterionVerdict],
    top: f64,
) -> Option<Turn> {
    const LEAST: f64 = 1e-6;
    let place = rubric.criteria.iter().position(|one| &one.id == criterion)?;
    let (first, second) = (bare(first), bare(second));
    let mut rubric = rubric.clone();
    let mut sign = |weight: f64| {
        rubric.criteria[place].weight = weight;
        let first = reward(&rubric, &first).reward?;
        let second = reward(&rubric, &second).reward?;
        let difference = first - second;
        Some(match difference {
            tie if tie.abs() < TIE => 0,
            more if more > 0.0 => 1,
            _ => -1,
        })
    };
    let (without, low, high) = (sign(0.0)?, sign(LEAST)?, sign(top)?);
    let turns = |a: i8, b: i8| a * b < 0;
    if turns(without, low) || (low == 0 && turns(without, high)) {
        return Some(Turn { at: 0.0, first_below: without > 0 });
    }
    if !turns(low, high) {
        return None;
    }
    let (mut below, mut above) = (LEAST, top);
    for _ in 0..50 {
        let middle = f64::midpoint(below, above);
        if sign(middle)? == high {
            above = middle;
        } else {
            below = middle;
        }
    }
    Some(Turn { at: above, first_below: low > 0 })
}

/// The verdicts without words, which arithmetic does not need and copying would cost.
fn bare(verdicts: &[CriterionVerdict]) -> Vec<CriterionVerdict> {
    verdicts
        .iter()
        .map(|verdict| CriterionVerdict {
            criterion: verdict.criterion.clone(),
            reading: match &verdict.reading {
                Reading::Unparsed { .. } => Reading::Unparsed { text: String::new() },
                read => read.clone(),
            },
            unit: verdict.unit,
            reason: String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Criterion, Gate, Scale};

    fn rubric(aggregation: Aggregation, weights: &[f64]) -> Rubric {
        let mut rubric = Rubric { aggregation, ..Rubric::named("r") };
        for (n, weight) in weights.iter().enumerate() {
            rubric.criteria.push(Criterion {
                id: CriterionId(format!("C{}", n + 1)),
                scale: Scale::Points(1.0),
                weight: *weight,
                ..Criterion::default()
            });
        }
        rubric
    }

    fn verdicts(values: &[f64]) -> Vec<CriterionVerdict> {
        values
            .iter()
            .enumerate()
            .map(|(n, value)| CriterionVerdict {
                criterion: CriterionId(format!("C{}", n + 1)),
                reading: Reading::Parsed { value: *value },
                unit: None,
                reason: "because".to_owned(),
            })
            .collect()
    }

    #[test]
    fn a_planted_turn_is_found() {
        // A is better by .3 on C1 (weight 2), B by .2 on C2: they are level at weight 3.
        let (a, b) = (verdicts(&[0.8, 0.4]), verdicts(&[0.5, 0.6]));
        for aggregation in [Aggregation::WeightedMean, Aggregation::Points] {
            let rubric = rubric(aggregation, &[2.0, 1.0]);
            let found = turn(&rubric, &"C2".into(), &a, &b, 5.0).unwrap();
            assert!((found.at - 3.0).abs() < 1e-6, "{aggregation}: {}", found.at);
            assert!(found.first_below);
            let other = turn(&rubric, &"C2".into(), &b, &a, 5.0).unwrap();
            assert!(!other.first_below);
            assert_eq!(turn(&rubric, &"C2".into(), &a, &b, 2.9), None, "beyond the rail");
            assert_eq!(turn(&rubric, &"C1".into(), &a, &b, 0.6), None, "before it");
        }
        // Geometric: 2·ln(.8/.5) = w·ln(.6/.4).
        let geometric = rubric(Aggregation::Geometric, &[2.0, 1.0]);
        let expected = 2.0 * (0.8_f64 / 0.5).ln() / (0.6_f64 / 0.4).ln();
        let found = turn(&geometric, &"C2".into(), &a, &b, 5.0).unwrap();
        assert!((found.at - expected).abs() < 1e-6);
    }

    #[test]
    fn leaving_a_criterion_out_can_turn_a_minimum() {
        let (a, b) = (verdicts(&[0.9, 0.1]), verdicts(&[0.5, 0.6]));
        let rubric = rubric(Aggregation::Minimum, &[1.0, 1.0]);
        let found = turn(&rubric, &"C2".into(), &a, &b, 5.0);
        assert_eq!(found, Some(Turn { at: 0.0, first_below: true }));
        assert_eq!(turn(&rubric, &"C1".into(), &a, &b, 5.0), None);
    }

    #[test]
    fn nothing_turns_where_one_is_better_throughout_or_unread() {
        let (a, b) = (verdicts(&[0.8, 0.7]), verdicts(&[0.5, 0.6]));
        for aggregation in Aggregation::iter() {
            let rubric = rubric(aggregation, &[1.0, 1.0]);
            assert_eq!(turn(&rubric, &"C1".into(), &a, &b, 5.0), None);
            assert_eq!(turn(&rubric, &"C1".into(), &a, &a, 5.0), None, "a tie is no turn");
            assert_eq!(turn(&rubric, &"C9".into(), &a, &b, 5.0), None);
        }
        let mut unread = b.clone();
        unread[1].reading = Reading::Unparsed { text: "?".to_owned() };
        let mean = rubric(Aggregation::WeightedMean, &[1.0, 1.0]);
        assert_eq!(turn(&mean, &"C1".into(), &a, &unread, 5.0), None);
    }

    #[test]
    fn a_failed_gate_keeps_the_order_whatever_the_weight() {
        let mut rubric = rubric(Aggregation::WeightedMean, &[1.0, 1.0]);
        rubric.criteria[0].gate = Gate::Met;
        let (a, b) = (verdicts(&[0.4, 1.0]), verdicts(&[0.6, 0.1]));
        assert_eq!(turn(&rubric, &"C2".into(), &a, &b, 5.0), None);
    }

    #[test]
    fn every_aggregation_says_who_is_first() {
        let rubric = rubric(Aggregation::WeightedMean, &[1.0, 1.0]);
        let (a, b) = (verdicts(&[1.0, 0.2]), verdicts(&[0.5, 0.5]));
        let all = by_every_aggregation(&rubric, &[&a, &b]);
        assert_eq!(all.len(), Aggregation::iter().count());
        let of = |aggregation| all.iter().find(|one| one.aggregation == aggregation).unwrap();
        assert_eq!(of(Aggregation::WeightedMean).best(), Some(0));
        assert_eq!(of(Aggregation::Minimum).best(), Some(1));
        assert_eq!(of(Aggregation::Minimum).is_before(0, 1), Some(false));
        let same = by_every_aggregation(&rubric, &[&a, &a]);
        assert_eq!(same[0].best(), None);
        assert_eq!(same[0].is_before(0, 1), None);
    }
}
