//! Whether a verdict stays when the answer is changed in a way that should not matter.

use std::collections::BTreeMap;

use super::super::MIN_ITEMS;
use super::super::bootstrap::{Clusters, bootstrap_clusters};
use super::super::estimate::{Estimate, Flag, Measured, enough};
use super::position::mean;

/// A robustness so much below plain consistency is flagged: 5 points.
const FALL: f64 = 0.05;

/// A verdict asked for once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The prompt.
    pub item: String,
    /// What was changed: `padding`, `flattery`; `None` where the same was asked again.
    pub perturbation: Option<String>,
    /// Whether the verdict stayed.
    pub unchanged: bool,
}

/// One perturbation's effect.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Perturbation {
    /// What was changed.
    pub name: String,
    /// Robustness rate: the share of verdicts that stayed, 0..=1.
    pub rate: Measured,
    /// rate − the plain consistency, on the prompts that have both, −1..=1.
    pub fall: Measured,
    /// Flagged where `fall` is below −5 points and its interval below 0.
    pub flag: Flag,
}

/// How robust a judge is.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Robustness {
    /// Consistency rate: the share of verdicts that stayed on a plain second asking, 0..=1.
    pub consistency: Measured,
    /// Each perturbation, by name.
    pub perturbations: Vec<Perturbation>,
}

/// Robustness by perturbation; under [`MIN_ITEMS`] prompts each number is “too few”.
///
/// Ye et al. 2024, *Justice or prejudice? Quantifying biases in LLM-as-a-judge* (CALM,
/// arXiv:2410.02736): robustness rate beside consistency rate, since a judge that is not even
/// consistent can't be robust.
pub fn robustness(asked: &[Asked], seed: u64) -> Robustness {
    let mut by_name: BTreeMap<Option<&str>, Vec<&Asked>> = BTreeMap::new();
    for one in asked {
        by_name.entry(one.perturbation.as_deref()).or_default().push(one);
    }
    let plain = by_name.remove(&None).unwrap_or_default();
    let perturbations = by_name
        .into_iter()
        .filter_map(|(name, rows)| Some((name?, rows)))
        .map(|(name, rows)| {
            let fall = fall(&rows, &plain, seed);
            Perturbation {
                name: name.to_owned(),
                rate: rate(&rows, seed),
                fall,
                flag: Flag::of(&fall, |fall| fall.value < -FALL && fall.is_below(0.0)),
            }
        })
        .collect();
    Robustness { consistency: rate(&plain, seed), perturbations }
}

fn stayed(one: &Asked) -> f64 {
    f64::from(u8::from(one.unchanged))
}

fn rate(rows: &[&Asked], seed: u64) -> Measured {
    let values: Vec<f64> = rows.iter().map(|one| stayed(one)).collect();
    mean(&values, &Clusters::by(rows.iter().map(|one| &one.item)), seed)
}

/// The mean over prompts of how much less the verdict stayed than when plainly asked again.
fn fall(changed: &[&Asked], plain: &[&Asked], seed: u64) -> Measured {
    let by_item = |rows: &[&Asked]| {
        let mut sums: BTreeMap<String, (f64, f64)> = BTreeMap::new();
        for one in rows {
            let sum = sums.entry(one.item.clone()).or_default();
            *sum = (sum.0 + stayed(one), sum.1 + 1.0);
        }
        sums
    };
    let plain = by_item(plain);
    let differences: Vec<f64> = by_item(changed)
        .into_iter()
        .filter_map(|(item, (sum, n))| {
            let (plain_sum, plain_n) = plain.get(&item)?;
            Some(sum / n - plain_sum / plain_n)
        })
        .collect();
    enough(differences.len(), MIN_ITEMS)?;
    let mean = |rows: &[usize]| {
        Some(rows.iter().map(|row| differences[*row]).sum::<f64>() / rows.len() as f64)
    };
    let n = differences.len();
    let value = differences.iter().sum::<f64>() / n as f64;
    Ok(Estimate {
        value,
        interval: bootstrap_clusters(&Clusters::each(n), seed, mean),
        n: n as u64,
    })
}
