//! What each of a judge's models should weigh, by how well it does against people.

use super::super::agreement::{Table, Weights};
use super::super::ensemble::{Weighing, weights};
use super::super::estimate::{Measured, Unknown, enough};
use super::super::{MIN_ITEMS, bootstrap::Clusters};
use super::item::{ReportItem, Unit};
use super::measured::unit_of;
use crate::domain::Split;

/// Weights of a judge's models.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ModelWeights {
    /// Their names, in the judge's order.
    pub models: Vec<String>,
    /// What each weight comes from.
    pub weighing: Weighing,
    /// Each model's κ or share of labels that it agrees with.
    pub quality: Vec<f64>,
    /// Their weights, which sum to 1; see [`weights`].
    pub weights: Vec<f64>,
    /// Development labels that they were measured on.
    pub labels: u64,
}

/// Weighs a judge's models by development items; gold ones are for the last look, and items whose
/// prompt the judge was shown, or that were labelled under an older guide, are left out.
///
/// Scores are weighed by quadratically weighted κ. Where a model takes no side it counts as one that
/// guesses; so does one that says the same of every item, which has no κ.
///
/// # Errors
///
/// [`Unknown::TooFew`] under [`MIN_ITEMS`] prompts that people take a side on and every model has a
/// readable verdict on, and for a judge of one model (of at least 2); [`Unknown::NoFit`] for
/// log-odds of scores, which are no votes on two sides.
pub fn model_weights(items: &[ReportItem], weighing: Weighing) -> Measured<ModelWeights> {
    let usable: Vec<&ReportItem> = items
        .iter()
        .filter(|item| item.split == Split::Dev && !item.stale && !item.is_example)
        .collect();
    let unit = unit_of(&usable);
    if weighing == Weighing::LogOdds && matches!(unit, Unit::Levels(_)) {
        return Err(Unknown::NoFit);
    }
    let said = |item: &&ReportItem| item.judge.as_ref().map_or(0, |judged| judged.models.len());
    let Some(fullest) = usable.iter().max_by_key(|item| said(item)) else {
        return Err(Unknown::TooFew { n: 0, least: MIN_ITEMS as u64 });
    };
    let names: Vec<String> = fullest
        .judge
        .iter()
        .flat_map(|judged| judged.models.iter().map(|(name, _)| name.clone()))
        .collect();
    enough(names.len(), 2)?;
    // Of each item the people's side and each model's, if it takes one.
    let rows: Vec<(&ReportItem, usize, Vec<Option<usize>>)> = usable
        .into_iter()
        .filter_map(|item| {
            let judged = item.judge.as_ref().filter(|judged| judged.failed.is_none())?;
            let people = unit.category(item.people_value()?)?;
            let by_model = names.iter().map(|name| {
                let (_, said) = judged.models.iter().find(|(model, _)| model == name)?;
                Some(unit.category(said.value()?))
            });
            Some((item, people, by_model.collect::<Option<_>>()?))
        })
        .collect();
    enough(Clusters::by(rows.iter().map(|(item, _, _)| &item.prompt)).len(), MIN_ITEMS)?;
    let quality: Vec<f64> = (0..names.len())
        .map(|model| {
            let pairs = rows.iter().filter_map(|(_, people, said)| Some((said[model]?, *people)));
            let table = Table::of(unit.categories(), pairs);
            let taken = table.n() / rows.len() as f64;
            match (weighing, unit) {
                _ if taken == 0.0 => Ok(guessing(weighing)),
                (Weighing::LogOdds, _) => Ok(taken * table.raw_agreement() + (1.0 - taken) / 2.0),
                (Weighing::Kappa, Unit::Probability) => Ok(taken * kappa(&table, Weights::Equal)?),
                (Weighing::Kappa, Unit::Levels(_)) => {
                    Ok(taken * kappa(&table, Weights::Quadratic)?)
                }
            }
        })
        .collect::<Measured<_>>()?;
    let labels = rows.len() as u64;
    let weights = weights(&quality, labels, weighing)?;
    Ok(ModelWeights { models: names, weighing, quality, weights, labels })
}

/// The quality of a model that guesses.
fn guessing(weighing: Weighing) -> f64 {
    match weighing {
        Weighing::Kappa => 0.0,
        Weighing::LogOdds => 0.5,
    }
}

fn kappa(table: &Table, weights: Weights) -> Measured<f64> {
    match table.kappa(weights) {
        Ok(kappa) => Ok(kappa.value),
        Err(Unknown::Constant) => Ok(0.0),
        Err(other) => Err(other),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{item, pair};
    use super::super::{ItemJudged, Said};
    use super::*;
    use crate::domain::LabelAnswer;

    /// 40 pairs, of which people say A and B in turn; each model is right but on every `n`th, and
    /// one that is right on none takes no side.
    fn judged(wrong_every: &[usize]) -> Vec<ReportItem> {
        let one = |n: usize| {
            let people = if n.is_multiple_of(2) { LabelAnswer::A } else { LabelAnswer::B };
            let right = if n.is_multiple_of(2) { 0.9 } else { 0.1 };
            let models = wrong_every.iter().enumerate().map(|(place, every)| {
                let p = match *every {
                    0 => 0.5,
                    every if n % every == 1 => 1.0 - right,
                    _ => right,
                };
                (format!("model {place}"), pair(p))
            });
            let mut one = item(n, Some(people), None);
            one.judge =
                Some(ItemJudged { models: models.collect(), ..ItemJudged::of(pair(right)) });
            one
        };
        (0..40).map(one).collect()
    }

    #[test]
    fn models_weigh_what_they_get_right() {
        let found = model_weights(&judged(&[10, 4, 0]), Weighing::Kappa).unwrap();
        assert_eq!(found.models, ["model 0", "model 1", "model 2"]);
        assert_eq!(found.labels, 40);
        // Every tenth B, and every fourth item, which are all B's, taken for an A.
        let kappa = |raw: f64, a: f64| {
            let chance = 0.5 * a + 0.5 * (1.0 - a);
            (raw - chance) / (1.0 - chance)
        };
        for (found, is) in found.quality.iter().zip([kappa(0.9, 0.6), kappa(0.75, 0.75), 0.0]) {
            assert!((found - is).abs() < 1e-12, "{found} {is}");
        }
        let expected = weights(&[0.8, 0.5, 0.0], 40, Weighing::Kappa).unwrap();
        assert_eq!(found.weights.len(), 3);
        for (found, is) in found.weights.iter().zip(expected) {
            assert!((found - is).abs() < 1e-12, "{found} {is}");
        }
        let odds = model_weights(&judged(&[10, 4, 0]), Weighing::LogOdds).unwrap();
        for (found, is) in odds.quality.iter().zip([0.9, 0.75, 0.5]) {
            assert!((found - is).abs() < 1e-12, "{found} {is}");
        }
        assert!(odds.weights[0] > odds.weights[1] && odds.weights[1] > odds.weights[2]);
    }

    #[test]
    fn only_development_items_that_all_answered_count() {
        let mut items = judged(&[10, 4]);
        for item in &mut items[..10] {
            item.split = Split::Gold;
        }
        items[10].stale = true;
        items[11].is_example = true;
        items[12].people.clear();
        let judge = items[13].judge.as_mut().unwrap();
        judge.models[1].1 = Said::in_orders(Some(0.9), None);
        assert_eq!(model_weights(&items, Weighing::Kappa).unwrap().labels, 26);
        let few = model_weights(&items[20..], Weighing::Kappa).map(|found| found.labels);
        assert_eq!(few, Ok(20));
        let few = model_weights(&items[21..], Weighing::Kappa);
        assert_eq!(few, Err(Unknown::TooFew { n: 19, least: 20 }));
        let alone = model_weights(&judged(&[10]), Weighing::Kappa);
        assert_eq!(alone, Err(Unknown::TooFew { n: 1, least: 2 }));
    }
}
