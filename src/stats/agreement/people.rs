//! People among themselves: the ceiling of what a judge can reach, what most of them say, and
//! whether one says the same again.

use super::super::MIN_ITEMS;
use super::super::bootstrap::{Clusters, bootstrap_clusters};
use super::super::estimate::{Estimate, Measured, Unknown, enough};
use super::cohen::{Table, TwoRaters, Weights, cohen_kappa, share_of};
use super::krippendorff::krippendorff_alpha;
use super::ratings::Ratings;
use super::report::Scale;

/// Cohen's κ between people: the mean over all pairs of labellers, each weighted by how many
/// items both labelled, with its interval over prompts.
///
/// That mean is Light's κ (Light 1971, *Measures of response agreement for qualitative data*,
/// Psychological Bulletin 76); the weights make it bear labellers who share few items
/// (judgement). `n` counts the items with two labels or more.
///
/// # Errors
///
/// [`Unknown::TooFew`] where no two people labelled the same item; [`Unknown::Constant`] where no
/// pair's κ can be computed.
pub fn ceiling(ratings: &Ratings, weights: Weights, seed: u64) -> Measured {
    let labels = ratings.labels();
    let n = labels.iter().filter(|row| row.iter().flatten().count() >= 2).count();
    enough(n, 1)?;
    let all: Vec<usize> = (0..labels.len()).collect();
    let value = mean_kappa(ratings, &all, weights).ok_or(Unknown::Constant)?;
    let interval =
        bootstrap_clusters(ratings.clusters(), seed, |rows| mean_kappa(ratings, rows, weights));
    Ok(Estimate { value, interval, n: n as u64 })
}

/// What is said of people among themselves, wherever it is: [`ceiling`] and Krippendorff's α over
/// the items that two or more labelled.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Among {
    /// Items with judgments of two people or more.
    pub shared: u64,
    /// Mean Cohen's κ over pairs of people, with the scale's weights; too few under [`MIN_ITEMS`]
    /// prompts.
    pub kappa: Measured,
    /// Krippendorff's α, nominal or ordinal by the scale; the same.
    pub alpha: Measured,
}

/// How far people agree with each other.
pub fn among(ratings: &Ratings, scale: Scale, seed: u64) -> Among {
    let shared = ratings.shared();
    let shown = enough(shared.clusters().len(), MIN_ITEMS);
    Among {
        shared: shared.labels().len() as u64,
        kappa: shown.and_then(|()| ceiling(&shared, scale.weights(), seed)),
        alpha: shown.and_then(|()| krippendorff_alpha(&shared, scale.level(), seed)),
    }
}

fn mean_kappa(ratings: &Ratings, rows: &[usize], weights: Weights) -> Option<f64> {
    let (mut sum, mut shared) = (0.0, 0.0);
    for first in 0..ratings.raters() {
        for second in first + 1..ratings.raters() {
            let both = rows.iter().filter_map(|row| {
                let labels = &ratings.labels()[*row];
                Some((labels[first]?, labels[second]?))
            });
            let table = Table::of(ratings.levels().len(), both);
            if let Ok(kappa) = table.kappa(weights) {
                sum += table.n() * kappa.value;
                shared += table.n();
            }
        }
    }
    (shared > 0.0).then(|| sum / shared)
}

/// What most people say of each item; `None` without a label and where two labels are equally
/// frequent.
pub fn consensus(ratings: &Ratings) -> Vec<Option<usize>> {
    let most = |counts: &Vec<f64>| {
        let most = counts.iter().copied().fold(0.0, f64::max);
        let mut with_most = (0..counts.len()).filter(|level| counts[*level] >= most);
        let first = with_most.next()?;
        (most > 0.5 && with_most.next().is_none()).then_some(first)
    };
    ratings.counts().iter().map(most).collect()
}

/// Whether a labeller says the same of an item that comes again, hidden.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Repeats {
    /// The share of items labelled the same again, 0..=1.
    pub same: Estimate,
    /// κ of the first labels and those given again.
    pub kappa: Measured,
}

/// Self-consistency of items labelled twice: `(first, again)`.
///
/// # Errors
///
/// [`Unknown::TooFew`] under [`MIN_ITEMS`] prompts.
pub fn repeats(raters: &TwoRaters, seed: u64) -> Measured<Repeats> {
    enough(raters.clusters().len(), MIN_ITEMS)?;
    let same = super::cohen::raw_agreement(raters, seed)?;
    Ok(Repeats { same, kappa: cohen_kappa(raters, Weights::Equal, seed) })
}

/// Repetition stability: the mean share of the most frequent verdict over an item's repeats,
/// 0..=1, with its interval over prompts.
///
/// Shi et al. 2024, *Judging the judges: position bias in LLM-as-a-judge* (arXiv:2406.07791).
/// `repeats` has, for each item, how often each verdict was given; items asked once say nothing
/// and are left out.
///
/// # Errors
///
/// [`Unknown::TooFew`] where no item was asked twice.
pub fn stability(repeats: &[Vec<u64>], seed: u64) -> Measured {
    let shares: Vec<f64> = repeats
        .iter()
        .filter_map(|votes| {
            let all: u64 = votes.iter().sum();
            let most = votes.iter().max()?;
            (all >= 2).then(|| *most as f64 / all as f64)
        })
        .collect();
    enough(shares.len(), 1)?;
    Ok(share_of(&shares, &Clusters::each(shares.len()), seed))
}
