//! Which pair to ask about next.

use super::super::logistic::sigmoid;
use super::bradley_terry::Strengths;
use crate::domain::all_pairs;

/// The pair whose outcome says most: the largest p (1 − p) · (varᵢ + varⱼ), the least known of
/// those that are near even; the first by number among equals. `None` for fewer than two players.
pub fn next_pair(strengths: &Strengths) -> Option<(usize, usize)> {
    let mut best: Option<((usize, usize), f64)> = None;
    for (a, b) in all_pairs(strengths.values.len()) {
        let p = sigmoid(strengths.values[a] - strengths.values[b]);
        let variance = |player: usize| strengths.variances.get(player).copied().unwrap_or(0.0);
        let gain = p * (1.0 - p) * (variance(a) + variance(b));
        if best.is_none_or(|(_, most)| gain > most + 1e-12) {
            best = Some(((a, b), gain));
        }
    }
    best.map(|(pair, _)| pair)
}
