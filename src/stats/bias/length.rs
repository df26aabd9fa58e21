//! Whether the longer answer wins more often than it does with people.

use super::super::MIN_ITEMS;
use super::super::bootstrap::{Clusters, bootstrap_clusters};
use super::super::estimate::{Estimate, Flag, Measured, enough, same_rows};
use super::super::length::{LengthControlled, length_controlled_by};
use super::position::mean;
use super::self_preference::{Kind, two_rates};

/// A judged pair with the lengths of its answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LengthRow {
    /// P(B is better) by the judge, 0..=1.
    pub judge_b: f64,
    /// The same by people: 0, ½ or 1, or a share; `None` without a label.
    pub human_b: Option<f64>,
    /// A's length, in any unit.
    pub len_a: f64,
    /// B's length, in the same unit.
    pub len_b: f64,
}

impl LengthRow {
    /// How often the longer one wins by a probability: 0, ½ or 1.
    fn longer_wins(&self, p_b: f64) -> f64 {
        let b_wins = if (p_b - 0.5).abs() < 1e-9 { 0.5 } else { f64::from(u8::from(p_b > 0.5)) };
        if self.len_b > self.len_a { b_wins } else { 1.0 - b_wins }
    }
}

/// What length does.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LengthBias {
    /// How often the judge prefers the longer answer, ties counting half; pairs of equal length
    /// are left out.
    pub judge: Measured,
    /// How often people do, where they labelled.
    pub people: Measured,
    /// Judge − people on the same pairs, −1..=1. Noise draws it against the people's own liking.
    pub excess: Measured,
    /// P(judge picks the longer | people do) − P(judge picks the shorter | people do), −1..=1, on
    /// the pairs that both decided: neither taste nor noise moves it.
    pub bias: Measured,
    /// The win rate of B as the judge's verdicts have it.
    pub raw: Option<f64>,
    /// The win rate of B at equal length; `None` under 100 prompts.
    pub controlled: Option<LengthControlled>,
    /// Flagged where the interval of `bias` leaves out 0, or length moves the win rate by more
    /// than 10 points and a quarter of the room it has (AlpacaEval's rule).
    pub flag: Flag,
}

/// Length bias of a judge, where `bias` is the difference in equal opportunity that
/// [`self_preference`](super::self_preference::self_preference) is; under [`MIN_ITEMS`] prompts each number is “too few”.
///
/// # Errors
///
/// [`super::super::Unknown::Uneven`] where the clusters are of another number of rows.
pub fn length_bias(rows: &[LengthRow], clusters: &Clusters, seed: u64) -> Measured<LengthBias> {
    same_rows(rows.len(), clusters.rows())?;
    let differ: Vec<usize> =
        (0..rows.len()).filter(|row| (rows[*row].len_a - rows[*row].len_b).abs() > 0.0).collect();
    let by_judge: Vec<f64> =
        differ.iter().map(|row| rows[*row].longer_wins(rows[*row].judge_b)).collect();
    let labelled: Vec<(usize, f64)> = differ
        .iter()
        .filter_map(|row| Some((*row, rows[*row].longer_wins(rows[*row].human_b?))))
        .collect();
    let places: Vec<usize> = labelled.iter().map(|(row, _)| *row).collect();
    let by_people: Vec<f64> = labelled.iter().map(|(_, longer)| *longer).collect();
    let both = clusters.only(&places);
    let differences: Vec<f64> = labelled
        .iter()
        .map(|(row, people)| rows[*row].longer_wins(rows[*row].judge_b) - people)
        .collect();
    let excess = excess(&differences, &both, seed);
    let bias = bias(rows, &labelled, clusters, seed);
    let outcomes: Vec<f64> = rows.iter().map(|row| row.judge_b).collect();
    let lengths: Vec<(f64, f64)> = rows.iter().map(|row| (row.len_a, row.len_b)).collect();
    let controlled = length_controlled_by(&outcomes, &lengths, clusters, seed);
    let raw = (!outcomes.is_empty()).then(|| outcomes.iter().sum::<f64>() / outcomes.len() as f64);
    let moves = controlled.zip(raw).is_some_and(|(controlled, raw)| controlled.matters_to(raw));
    let judge = mean(&by_judge, &clusters.only(&differ), seed);
    let flag = if moves || bias.is_ok_and(|bias| bias.excludes(0.0)) {
        Flag::Flagged
    } else {
        Flag::of(&judge, |_| false)
    };
    Ok(LengthBias {
        judge,
        people: mean(&by_people, &both, seed),
        excess,
        bias,
        raw,
        controlled,
        flag,
    })
}

fn bias(rows: &[LengthRow], labelled: &[(usize, f64)], clusters: &Clusters, seed: u64) -> Measured {
    let is_decided = |longer: f64| (longer - 0.5).abs() > 1e-9;
    let (places, decided): (Vec<usize>, Vec<Kind>) = labelled
        .iter()
        .map(|(row, people)| (*row, rows[*row].longer_wins(rows[*row].judge_b), *people))
        .filter(|(_, judge, people)| is_decided(*judge) && is_decided(*people))
        .map(|(row, judge, people)| {
            (row, Kind { own: people > 0.5, hit: (judge > 0.5) == (people > 0.5) })
        })
        .unzip();
    two_rates(&decided, &clusters.only(&places), seed).difference
}

fn excess(differences: &[f64], clusters: &Clusters, seed: u64) -> Measured {
    enough(clusters.len(), MIN_ITEMS)?;
    let mean = |rows: &[usize]| {
        Some(rows.iter().map(|row| differences[*row]).sum::<f64>() / rows.len() as f64)
    };
    let value = differences.iter().sum::<f64>() / differences.len() as f64;
    let interval = bootstrap_clusters(clusters, seed, mean);
    Ok(Estimate { value, interval, n: differences.len() as u64 })
}
