//! From verdicts on criteria to one reward, without asking anybody: moving a weight re-ranks at
//! once.

use crate::domain::{
    Aggregation, Criterion, CriterionId, CriterionVerdict, Gate, Reading, Rubric, Scale, Score,
};

/// The reward of one response, from a judge's verdicts under a rubric.
///
/// - [`Aggregation::WeightedMean`]: Σ w·s / Σ w over unit scores s in 0..=1.
/// - [`Aggregation::Points`]: Σ w·points·met / Σ w·points over the positive points, as in
///   `HealthBench` (Arora et al. 2025, section 3; `simple-evals`, `healthbench_eval.py`): faults
///   count when they are met, and one response's reward is *not* clipped, so it can be below 0.
///   Where probabilities are known, `met` is the probability. A criterion with levels counts as
///   one positive point times its unit score.
/// - [`Aggregation::Minimum`]: the lowest unit score.
/// - [`Aggregation::Geometric`]: Π s^(w/Σw).
///
/// A gate that fails makes it 0 (see [`gate_fails`]). It is `None` where a verdict that counts
/// (weight above 0, or a gate) is missing or unread, or where there is nothing to divide by: no
/// number is better than one that stands for something else. `unparsed` names every criterion
/// whose verdict is there and can't be read. Unit scores are computed anew from the readings.
pub fn reward(rubric: &Rubric, verdicts: &[CriterionVerdict]) -> Score {
    let mut criteria = Vec::new();
    let mut unparsed = Vec::new();
    let mut gates_failed = Vec::new();
    let mut terms: Option<Vec<Term>> = Some(Vec::new());
    for (place, criterion) in rubric.criteria.iter().enumerate() {
        let weight = weight_of(criterion);
        let counts = weight > 0.0 || !criterion.gate.is_off();
        // A judge's verdicts are in the rubric's order, unless it was changed since.
        let in_order = verdicts.get(place).filter(|v| v.criterion == criterion.id);
        let found = in_order.or_else(|| verdicts.iter().find(|v| v.criterion == criterion.id));
        let Some(verdict) = found else {
            if counts {
                terms = None;
            }
            continue;
        };
        let unit = verdict.reading.value().and_then(|value| unit_score(&criterion.scale, value));
        criteria.push(CriterionVerdict { unit, ..verdict.clone() });
        if let (Some(unit), Some(value)) = (unit, verdict.reading.value()) {
            if gate_fails(criterion, &verdict.reading) {
                gates_failed.push(criterion.id.clone());
            }
            if weight > 0.0
                && let Some(terms) = &mut terms
            {
                terms.push(Term { weight, unit, points: points(&criterion.scale, value) });
            }
        } else {
            unparsed.push(criterion.id.clone());
            if counts {
                terms = None;
            }
        }
    }
    let whole = terms.and_then(|terms| combined(rubric.aggregation, &terms));
    let reward = if gates_failed.is_empty() { whole } else { whole.map(|_| 0.0) };
    Score { reward, criteria, gates_failed, unparsed }
}

/// A reading's value as a unit score 0..=1, higher is better.
///
/// That is a level's place between the lowest and the highest, the probability of being met, or
/// for a fault that of not being met. `None` where the scale has fewer than two levels or the
/// value is not finite.
pub fn unit_score(scale: &Scale, value: f64) -> Option<f64> {
    if !value.is_finite() {
        return None;
    }
    match scale {
        Scale::Levels { .. } => {
            let (lowest, highest) = scale.range()?;
            let span = f64::from(highest) - f64::from(lowest);
            (span > 0.0).then(|| ((value - f64::from(lowest)) / span).clamp(0.0, 1.0))
        }
        Scale::Points(points) if *points < 0.0 => Some(1.0 - value.clamp(0.0, 1.0)),
        Scale::Points(_) => Some(value.clamp(0.0, 1.0)),
    }
}

/// Whether a criterion's gate fails under this reading; never for an unread one.
///
/// For levels: the level is below the gate's, which for probabilities means that P(level at or
/// above the gate) is below one half. For points: not met, or with negative points met, both with
/// one half as the border. A border of one half is a judgement: it is the verdict that a single
/// answer would most likely have been.
pub fn gate_fails(criterion: &Criterion, reading: &Reading) -> bool {
    let Some(value) = reading.value() else { return false };
    match criterion.gate {
        Gate::Off => false,
        Gate::AtLeast(level) => {
            let level = f64::from(level);
            match reading {
                Reading::Expected { distribution, .. } if !distribution.is_empty() => {
                    let at_least: f64 =
                        distribution.iter().filter(|(s, _)| *s >= level).map(|(_, p)| p).sum();
                    at_least < 0.5
                }
                Reading::Expected { .. }
                | Reading::Parsed { .. }
                | Reading::Sampled { .. }
                | Reading::Unparsed { .. } => value < level,
            }
        }
        Gate::Met => match criterion.scale {
            Scale::Points(points) if points < 0.0 => value > 0.5,
            Scale::Points(_) | Scale::Levels { .. } => value < 0.5,
        },
    }
}

/// The criteria without a verdict: those whose call failed, or that are new in the rubric.
pub fn missing(rubric: &Rubric, verdicts: &[CriterionVerdict]) -> Vec<CriterionId> {
    rubric
        .criteria
        .iter()
        .filter(|criterion| verdicts.iter().all(|verdict| verdict.criterion != criterion.id))
        .map(|criterion| criterion.id.clone())
        .collect()
}

struct Term {
    weight: f64,
    unit: f64,
    points: Points,
}

/// Points earned and points that could be earned.
struct Points {
    earned: f64,
    possible: f64,
}

fn points(scale: &Scale, value: f64) -> Points {
    match scale {
        Scale::Points(points) => {
            Points { earned: points * value.clamp(0.0, 1.0), possible: points.max(0.0) }
        }
        Scale::Levels { .. } => {
            Points { earned: unit_score(scale, value).unwrap_or_default(), possible: 1.0 }
        }
    }
}

fn weight_of(criterion: &Criterion) -> f64 {
    if criterion.weight.is_finite() { criterion.weight.max(0.0) } else { 0.0 }
}

fn combined(aggregation: Aggregation, terms: &[Term]) -> Option<f64> {
    let total: f64 = terms.iter().map(|term| term.weight).sum();
    if terms.is_empty() || !total.is_finite() || total <= 0.0 {
        return None;
    }
    let reward = match aggregation {
        Aggregation::WeightedMean => {
            terms.iter().map(|term| term.weight * term.unit).sum::<f64>() / total
        }
        Aggregation::Points => {
            let possible: f64 = terms.iter().map(|term| term.weight * term.points.possible).sum();
            let earned: f64 = terms.iter().map(|term| term.weight * term.points.earned).sum();
            if possible <= 0.0 {
                return None;
            }
            earned / possible
        }
        Aggregation::Minimum => terms.iter().map(|term| term.unit).fold(1.0, f64::min),
        Aggregation::Geometric => {
            terms.iter().map(|term| term.unit.powf(term.weight / total)).product()
        }
    };
    reward.is_finite().then_some(reward)
}

mod turn;

pub use turn::{Ranking, Turn, by_every_aggregation, turn};

#[cfg(test)]
mod tests;
