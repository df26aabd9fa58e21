//! Whether the place at which an answer is shown decides.

use super::super::MIN_ITEMS;
use super::super::agreement::cohen::share_of;
use super::super::bootstrap::{Clusters, Interval};
use super::super::estimate::{Estimate, Flag, Measured, enough, same_rows};

/// Under this share of pairs with the same winner in both orders a judge is flagged (Shi et al.
/// 2024, who call a judge with more consistent enough).
const CONSISTENT: f64 = 0.8;

/// Beyond this the order moves a probability so far that it is shown.
const WIDE_GAP: f64 = 0.2;

/// A pair judged in both orders.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BothOrders {
    /// P(A is better) with A shown first, 0..=1.
    pub p_ab: f64,
    /// P(A is better) with B shown first, 0..=1.
    pub p_ba: f64,
}

/// Which answer a probability is for; `None` at one half.
fn side(p: f64) -> Option<bool> {
    ((p - 0.5).abs() >= 1e-9).then_some(p > 0.5)
}

/// What the order does.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Position {
    /// How often the answer shown first is chosen, of both orders: ½ without a liking for a place.
    pub first: Measured,
    /// The share of pairs with the same winner in both orders.
    pub consistency: Measured,
    /// Pairs in which the first answer won in both orders.
    pub primacy: u64,
    /// Pairs in which the second answer won in both orders.
    pub recency: u64,
    /// The mean of p_ab − p_ba: how much probability being shown first brings, −1..=1.
    pub gap: Measured,
    /// The share of pairs whose probability moves by more than .2.
    pub wide: Measured,
    /// Flagged where the interval of `first` leaves out ½, or `consistency` is below .8.
    pub flag: Flag,
}

/// Position bias over pairs judged in both orders; a pair that is undecided in an order counts for
/// the gap only. Under [`MIN_ITEMS`] prompts each number is “too few”.
///
/// Shi et al. 2024, *Judging the judges: a systematic study of position bias in LLM-as-a-judge*
/// (arXiv:2406.07791): position consistency, primacy and recency. Both orders of a pair are one
/// draw of the bootstrap, since they are not independent.
///
/// # Errors
///
/// [`super::super::Unknown::Uneven`] where the clusters are of another number of rows.
pub fn position(pairs: &[BothOrders], clusters: &Clusters, seed: u64) -> Measured<Position> {
    same_rows(pairs.len(), clusters.rows())?;
    let decided: Vec<usize> = (0..pairs.len())
        .filter(|row| side(pairs[*row].p_ab).is_some() && side(pairs[*row].p_ba).is_some())
        .collect();
    let of_decided = clusters.only(&decided);
    let (mut first, mut same) = (Vec::new(), Vec::new());
    let (mut primacy, mut recency) = (0, 0);
    for row in &decided {
        let (a_first, a_second) = (pairs[*row].p_ab > 0.5, pairs[*row].p_ba > 0.5);
        first.push(f64::midpoint(f64::from(u8::from(a_first)), f64::from(u8::from(!a_second))));
        same.push(f64::from(u8::from(a_first == a_second)));
        primacy += u64::from(a_first && !a_second);
        recency += u64::from(!a_first && a_second);
    }
    let gaps: Vec<f64> = pairs.iter().map(|pair| pair.p_ab - pair.p_ba).collect();
    let wide: Vec<f64> = gaps.iter().map(|gap| f64::from(u8::from(gap.abs() > WIDE_GAP))).collect();
    let consistency = mean(&same, &of_decided, seed);
    let first = mean(&first, &of_decided, seed).map(|first| bounded(first, &consistency));
    let flag = match (&first, &consistency) {
        (Ok(first), Ok(same)) if first.excludes(0.5) || same.value < CONSISTENT => Flag::Flagged,
        (Ok(_), Ok(_)) => Flag::Fine,
        _ => Flag::TooFew,
    };
    Ok(Position {
        first,
        consistency,
        primacy,
        recency,
        gap: gap(&gaps, clusters, seed),
        wide: mean(&wide, clusters, seed),
        flag,
    })
}

/// How often the first is chosen can't be further from ½ than half the share of pairs that differ:
/// where so few do that drawing anew says nothing, this says how far at most.
fn bounded(first: Estimate, consistency: &Measured) -> Estimate {
    let same = consistency.ok().and_then(|same| same.interval);
    let interval = first.interval.zip(same).map(|(first, same)| {
        let most = (1.0 - same.low) / 2.0;
        Interval { low: first.low.max(0.5 - most), high: first.high.min(0.5 + most) }
    });
    Estimate { interval: interval.or(first.interval), ..first }
}

/// The mean of shares with its interval; “too few” under [`MIN_ITEMS`] prompts.
pub(super) fn mean(shares: &[f64], clusters: &Clusters, seed: u64) -> Measured {
    enough(clusters.len(), MIN_ITEMS)?;
    Ok(share_of(shares, clusters, seed))
}

fn gap(gaps: &[f64], clusters: &Clusters, seed: u64) -> Measured {
    enough(clusters.len(), MIN_ITEMS)?;
    let mean =
        |rows: &[usize]| Some(rows.iter().map(|row| gaps[*row]).sum::<f64>() / rows.len() as f64);
    let all: Vec<usize> = (0..gaps.len()).collect();
    let value = mean(&all).unwrap_or_default();
    let interval = super::super::bootstrap::bootstrap_clusters(clusters, seed, mean);
    Ok(Estimate { value, interval, n: gaps.len() as u64 })
}
