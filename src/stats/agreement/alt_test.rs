//! The alternative annotator test: may a judge take the place of a labeller?

use super::super::estimate::{Measured, Unknown, enough, same_rows};
use super::super::student::student;
use super::ratings::Ratings;
use super::report::Scale;

/// Items that a labeller must share with others before the test says something of them (the
/// authors' own bound).
pub const MIN_SHARED: usize = 30;

/// The false discovery rate that the tests are held to together.
const FALSE_DISCOVERIES: f64 = 0.05;

/// What a judge's cheapness counts for, as a share of wins: .2 beside experts (Calderon et al. 2025,
/// section 3.3).
pub const EPSILON: f64 = 0.2;

/// The test against one labeller.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Rival {
    /// The labeller's place among the raters.
    pub rater: usize,
    /// Items of theirs that others labelled, too, and the judge judged.
    pub n: u64,
    /// How often the judge agrees with the others at least as much as they do, 0..=1.
    pub advantage: f64,
    /// P that they win by this much or less, if they were better by ε.
    pub p: f64,
    /// Whether the judge won, all tests taken together.
    pub won: bool,
}

/// What the test says.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AltTest {
    /// The labellers with enough items, in their order.
    pub rivals: Vec<Rival>,
    /// The share of them that the judge won against, 0..=1.
    pub winning_rate: f64,
    /// The mean of the advantages.
    pub advantage: f64,
}

impl AltTest {
    /// Whether the judge may take a labeller's place: it won against half of them or more.
    pub fn passes(&self) -> bool {
        self.winning_rate >= 0.5
    }
}

impl std::fmt::Display for AltTest {
    /// `This judge may replace one of your 4 labellers: 3 of 4 tests won`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let all = self.rivals.len();
        let won = self.rivals.iter().filter(|rival| rival.won).count();
        let may = if self.passes() { "may replace" } else { "may not yet replace" };
        write!(f, "This judge {may} one of your {all} labellers: {won} of {all} tests won")
    }
}

/// Leaves each labeller out in turn, and asks whether the judge agrees with the others at least as
/// well as they did, less ε.
///
/// Calderon, Reichart and Dror 2025, *The alternative annotator test for LLM-as-a-judge*
/// (arXiv:2501.10970), section 3: a one-sided t-test of (labeller wins) − (judge wins) against ε
/// for each, and the procedure of Benjamini and Yekutieli 2001 over all of them. Agreement with
/// the others is the share of them who said the same, or for an order the negative root mean square
/// distance. `judge` has its level of each item; items with fewer than two labels or no verdict are
/// left out, and labellers with fewer than [`MIN_SHARED`].
///
/// # Errors
///
/// [`Unknown::Uneven`] for a judge of another number of items, [`Unknown::OutOfRange`] for a level
/// that is none, [`Unknown::TooFew`] where fewer than two labellers have enough items.
pub fn alt_test(
    judge: &[Option<usize>],
    people: &Ratings,
    scale: Scale,
    epsilon: f64,
) -> Measured<AltTest> {
    same_rows(judge.len(), people.labels().len())?;
    let levels = people.levels();
    if let Some(row) = judge.iter().position(|one| one.is_some_and(|level| level >= levels.len())) {
        return Err(Unknown::OutOfRange { row: row as u64 });
    }
    let mut rivals = Vec::new();
    let mut most = 0;
    for rater in 0..people.raters() {
        let (mut differences, mut wins) = (Vec::new(), 0.0);
        for (row, labels) in people.labels().iter().enumerate() {
            let (Some(judge), Some(own)) = (judge[row], labels[rater]) else { continue };
            let others: Vec<usize> = labels
                .iter()
                .enumerate()
                .filter(|(place, _)| *place != rater)
                .filter_map(|(_, label)| *label)
                .collect();
            if others.is_empty() {
                continue;
            }
            let ours = aligned(judge, &others, levels, scale);
            let theirs = aligned(own, &others, levels, scale);
            let is_at_least = |a: f64, b: f64| f64::from(u8::from(a >= b));
            wins += is_at_least(ours, theirs);
            differences.push(is_at_least(theirs, ours) - is_at_least(ours, theirs));
        }
        most = most.max(differences.len());
        if differences.len() < MIN_SHARED {
            continue;
        }
        let n = differences.len();
        let (p, advantage) = (p_below(&differences, epsilon), wins / n as f64);
        rivals.push(Rival { rater, n: n as u64, advantage, p, won: false });
    }
    if rivals.len() < 2 {
        enough(most, MIN_SHARED)?;
        return Err(Unknown::TooFew { n: rivals.len() as u64, least: 2 });
    }
    let all: Vec<f64> = rivals.iter().map(|rival| rival.p).collect();
    for (rival, won) in rivals.iter_mut().zip(discoveries(&all, FALSE_DISCOVERIES)) {
        rival.won = won;
    }
    let n = rivals.len() as f64;
    Ok(AltTest {
        winning_rate: rivals.iter().filter(|rival| rival.won).count() as f64 / n,
        advantage: rivals.iter().map(|rival| rival.advantage).sum::<f64>() / n,
        rivals,
    })
}

/// How well a label fits others' of the same item; more is better.
fn aligned(said: usize, others: &[usize], levels: &[f64], scale: Scale) -> f64 {
    let n = others.len() as f64;
    match scale {
        Scale::Nominal => others.iter().filter(|other| **other == said).count() as f64 / n,
        Scale::Ordinal => {
            let squares =
                others.iter().map(|other| (levels[said] - levels[*other]).powi(2)).sum::<f64>();
            -(squares / n).sqrt()
        }
    }
}

/// The p-value of a mean below `bound`: Student's one-sided t-test, as `scipy.stats.ttest_1samp`.
fn p_below(values: &[f64], bound: f64) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let error = (variance / n).sqrt();
    // All the same: the mean is what it is.
    if error <= 0.0 {
        return if mean < bound { 0.0 } else { 1.0 };
    }
    student((mean - bound) / error, n - 1.0)
}

/// Which p-values are discoveries by the procedure of Benjamini and Yekutieli 2001, which bears any
/// dependence: p₍ᵢ₎ ≤ i q / (m Σ 1/j), up to the last i for which that holds.
fn discoveries(p: &[f64], q: f64) -> Vec<bool> {
    let m = p.len();
    let harmonic: f64 = (1..=m).map(|j| 1.0 / j as f64).sum();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let last = (0..m)
        .rev()
        .find(|place| p[order[*place]] <= (place + 1) as f64 * q / (m as f64 * harmonic));
    let mut found = vec![false; m];
    if let Some(last) = last {
        for row in &order[..=last] {
            found[*row] = true;
        }
    }
    found
}
