//! How often each principle speaks, and how often people agree when it does.

use super::super::MIN_ITEMS;
use super::super::binomial::sign_test;
use super::super::bootstrap::bootstrap_clusters;
use super::super::estimate::{Estimate, Measured, Unknown, enough};
use super::super::false_discovery::benjamini_hochberg;
use super::matrix::VoteMatrix;

/// A principle that speaks on less than this share is dead (judgement).
const DEAD: f64 = 0.02;
/// One that speaks on more than this share tells pairs apart by little more than the judge's
/// general taste (judgement).
const ALWAYS_ON: f64 = 0.95;

/// A principle's health.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PrincipleHealth {
    /// Its name.
    pub name: String,
    /// Pairs on which its vote could be read.
    pub read: u64,
    /// Pairs on which it could not.
    pub unread: u64,
    /// Pairs on which it takes a side.
    pub speaks: u64,
    /// Of these with a label: those where people take the same side.
    pub agrees: u64,
    /// Those where people take the other.
    pub disagrees: u64,
    /// The share of read pairs on which it takes a side, 0..=1.
    pub relevance: Measured,
    /// agree / (agree + disagree), 0..=1.
    pub accuracy: Measured,
    /// 2 (accuracy − ½): κ with chance held even, −1..=1.
    pub kappa: Measured,
    /// Relevance on labelled pairs × κ, −1..=1.
    pub strength: Measured,
    /// The two-sided sign test's p of accuracy ½, adjusted for the number of principles
    /// (Benjamini and Hochberg 1995); `None` where it never speaks on a labelled pair.
    pub p: Option<f64>,
    /// Whether it speaks on less than 2 % of at least [`MIN_ITEMS`] prompts.
    pub is_dead: bool,
    /// Whether it speaks on more than 95 % of them.
    pub is_always_on: bool,
}

/// The health of a set of principles.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Health {
    /// Pairs.
    pub pairs: u64,
    /// Pairs on which people take a side.
    pub labelled: u64,
    /// The share of pairs on which at least one principle takes a side, 0..=1.
    pub coverage: Measured,
    /// Each principle's, in their order.
    pub principles: Vec<PrincipleHealth>,
}

/// Measures principles; intervals by drawing prompts anew. Under [`MIN_ITEMS`] prompts with what a
/// number needs, it is “too few”.
pub fn health(matrix: &VoteMatrix, seed: u64) -> Health {
    let rows: Vec<usize> = (0..matrix.rows.len()).collect();
    let is_covered = |row: usize| (0..matrix.principles.len()).any(|p| speaks(matrix, row, p));
    let mut principles: Vec<PrincipleHealth> =
        (0..matrix.principles.len()).map(|p| of_one(matrix, p, seed)).collect();
    let tested: Vec<f64> = principles.iter().filter_map(|one| one.p).collect();
    let mut adjusted = benjamini_hochberg(&tested).into_iter();
    for one in &mut principles {
        if one.p.is_some() {
            one.p = adjusted.next();
        }
    }
    Health {
        pairs: rows.len() as u64,
        labelled: matrix.rows.iter().filter(|row| row.human.is_some()).count() as u64,
        coverage: share(matrix, &rows, seed, is_covered),
        principles,
    }
}

fn speaks(matrix: &VoteMatrix, row: usize, principle: usize) -> bool {
    matrix.sign(row, principle).is_some_and(|sign| sign != 0)
}

fn of_one(matrix: &VoteMatrix, principle: usize, seed: u64) -> PrincipleHealth {
    let all = 0..matrix.rows.len();
    let read: Vec<usize> =
        all.clone().filter(|row| matrix.sign(*row, principle).is_some()).collect();
    let decided: Vec<usize> =
        read.iter().copied().filter(|row| matrix.agrees(*row, principle).is_some()).collect();
    let labelled: Vec<usize> =
        read.iter().copied().filter(|row| matrix.rows[*row].human.is_some()).collect();
    let agrees = |row: usize| matrix.agrees(row, principle) == Some(true);
    let n_agrees = decided.iter().filter(|row| agrees(**row)).count() as u64;
    let n_disagrees = decided.len() as u64 - n_agrees;
    let relevance = share(matrix, &read, seed, |row| speaks(matrix, row, principle));
    let accuracy = share(matrix, &decided, seed, agrees);
    let by_kappa = |share: f64| 2.0 * (share - 0.5);
    let kappa = accuracy.map(|accuracy| Estimate {
        value: by_kappa(accuracy.value),
        interval: accuracy.interval.map(|ends| super::super::bootstrap::Interval {
            low: by_kappa(ends.low),
            high: by_kappa(ends.high),
        }),
        n: accuracy.n,
    });
    let speaks_on = read.iter().filter(|row| speaks(matrix, **row, principle)).count() as u64;
    let is_known = relevance.is_ok();
    let spoken = if read.is_empty() { 0.0 } else { speaks_on as f64 / read.len() as f64 };
    PrincipleHealth {
        name: matrix.principles[principle].clone(),
        read: read.len() as u64,
        unread: (matrix.rows.len() - read.len()) as u64,
        speaks: speaks_on,
        agrees: n_agrees,
        disagrees: n_disagrees,
        relevance,
        accuracy,
        kappa,
        strength: strength(matrix, principle, &labelled, &decided, seed),
        p: sign_test(n_agrees, n_disagrees),
        is_dead: is_known && spoken < DEAD,
        is_always_on: is_known && spoken > ALWAYS_ON,
    }
}

/// (agree + disagree) / labelled × 2 (accuracy − ½) = (agree − disagree) / labelled.
fn strength(
    matrix: &VoteMatrix,
    principle: usize,
    labelled: &[usize],
    decided: &[usize],
    seed: u64,
) -> Measured {
    enough(matrix.clusters.only(decided).len(), MIN_ITEMS)?;
    let value = |rows: &[usize]| {
        let sum: f64 = rows
            .iter()
            .filter_map(|row| matrix.agrees(*row, principle))
            .map(|agrees| if agrees { 1.0 } else { -1.0 })
            .sum();
        (!rows.is_empty()).then(|| sum / rows.len() as f64)
    };
    estimate(matrix, labelled, seed, value)
}

fn share(
    matrix: &VoteMatrix,
    rows: &[usize],
    seed: u64,
    is_so: impl Fn(usize) -> bool,
) -> Measured {
    enough(matrix.clusters.only(rows).len(), MIN_ITEMS)?;
    estimate(matrix, rows, seed, |rows| {
        let n = rows.iter().filter(|row| is_so(**row)).count();
        (!rows.is_empty()).then(|| n as f64 / rows.len() as f64)
    })
}

/// A value of some rows, with its interval by drawing their prompts anew.
fn estimate(
    matrix: &VoteMatrix,
    rows: &[usize],
    seed: u64,
    value: impl Fn(&[usize]) -> Option<f64>,
) -> Measured {
    let clusters = matrix.clusters.only(rows);
    let interval = bootstrap_clusters(&clusters, seed, |drawn| {
        let drawn: Vec<usize> = drawn.iter().map(|place| rows[*place]).collect();
        value(&drawn)
    });
    let value = value(rows).ok_or(Unknown::TooFew { n: 0, least: MIN_ITEMS as u64 })?;
    Ok(Estimate { value, interval, n: rows.len() as u64 })
}
