//! How often B is preferred, and differences of what both sides did on the same prompts.

use super::MIN_ITEMS;
use super::agreement::cohen::share_of;
use super::binomial::sign_test;
use super::bootstrap::{Clusters, Interval, bootstrap_mean};

/// Who won on one prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A.
    A,
    /// Neither: within the tie band, or the same text.
    Tie,
    /// B.
    B,
}

impl Outcome {
    /// By P(B is better): a tie where it is no further than `band` from one half.
    pub fn of(p_b: f64, band: f64) -> Self {
        // A hair of slack, so that a band of .05 holds .55 as written.
        let slack = 1e-9;
        if p_b > 0.5 + band + slack {
            Self::B
        } else if p_b < 0.5 - band - slack {
            Self::A
        } else {
            Self::Tie
        }
    }

    /// B's share of the win: 0, ½ or 1.
    pub fn value(self) -> f64 {
        match self {
            Self::A => 0.0,
            Self::Tie => 0.5,
            Self::B => 1.0,
        }
    }
}

/// What can be said of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub enum Difference {
    /// Too few prompts to say anything.
    TooFew,
    /// It may as well be none.
    NotClear,
    /// A is preferred.
    A,
    /// B is preferred.
    B,
}

/// How often B is preferred to A, ties counting half.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct WinRate {
    /// Prompts with an outcome.
    pub n: u64,
    /// Prompts that A won.
    pub a: u64,
    /// Prompts that neither won.
    pub ties: u64,
    /// Prompts that B won.
    pub b: u64,
    /// (b + ½ ties) / n.
    pub rate: f64,
    /// Its interval, by drawing the prompts anew; Wilson's where but a few outcomes differ, which
    /// no drawing can tell from certainty.
    pub interval: Interval,
    /// The two-sided sign test's p-value, ties left out; `None` where all are ties.
    pub p_value: Option<f64>,
}

impl WinRate {
    /// What can be said of it: the interval must leave out one half, and the sign test agree at
    /// 5 %. `p_value` is the one to go by, adjusted where several were looked at.
    pub fn difference_at(&self, p_value: Option<f64>) -> Difference {
        if (self.n as usize) < MIN_ITEMS {
            return Difference::TooFew;
        }
        let is_clear = !self.interval.contains(0.5) && p_value.is_some_and(|p| p < 0.05);
        match (is_clear, self.rate > 0.5) {
            (false, _) => Difference::NotClear,
            (true, true) => Difference::B,
            (true, false) => Difference::A,
        }
    }

    /// What can be said of it by itself.
    pub fn difference(&self) -> Difference {
        self.difference_at(self.p_value)
    }
}

/// The win rate of outcomes, one a prompt; `None` where there is none.
pub fn win_rate(outcomes: &[Outcome], seed: u64) -> Option<WinRate> {
    win_rate_by(outcomes, &Clusters::each(outcomes.len()), seed)
}

/// As [`win_rate`], with several outcomes of one prompt: they are drawn together, and in the sign
/// test are one win, of the side that has more of them.
///
/// `None` without an outcome, or where there are not as many rows in clusters.
pub fn win_rate_by(outcomes: &[Outcome], clusters: &Clusters, seed: u64) -> Option<WinRate> {
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count() as u64;
    let (a, ties, b) = (count(Outcome::A), count(Outcome::Tie), count(Outcome::B));
    let n = outcomes.len() as u64;
    if n == 0 || clusters.rows() != outcomes.len() {
        return None;
    }
    let rate = (b as f64 + 0.5 * ties as f64) / n as f64;
    let values: Vec<f64> = outcomes.iter().map(|outcome| outcome.value()).collect();
    let interval = share_of(&values, clusters, seed).interval?;
    let lead = |rows: &Vec<usize>| {
        let sum = rows.iter().map(|row| outcomes[*row].value()).sum::<f64>();
        sum - rows.len() as f64 / 2.0
    };
    let leads: Vec<f64> = clusters.groups().iter().map(lead).collect();
    let won = |is_won: fn(f64) -> bool| leads.iter().filter(|lead| is_won(**lead)).count() as u64;
    let p_value = sign_test(won(|lead| lead > 0.25), won(|lead| lead < -0.25));
    Some(WinRate { n, a, ties, b, rate, interval, p_value })
}

/// A mean on both sides, and how much more it is for B.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct PairedDifference {
    /// Prompts with both sides.
    pub n: u64,
    /// A's mean.
    pub a: f64,
    /// B's mean.
    pub b: f64,
    /// The interval of B's mean − A's, prompts drawn anew with both sides together.
    pub interval: Option<Interval>,
}

impl PairedDifference {
    /// B's mean − A's.
    pub fn difference(&self) -> f64 {
        self.b - self.a
    }

    /// Whether the interval leaves out 0, with enough prompts.
    pub fn is_clear(&self) -> bool {
        self.n as usize >= MIN_ITEMS
            && self.interval.is_some_and(|interval| !interval.contains(0.0))
    }
}

/// The difference of means of something measured on both sides; `None` where there is no prompt.
pub fn paired_difference(values: &[(f64, f64)], seed: u64) -> Option<PairedDifference> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let differences: Vec<f64> = values.iter().map(|(a, b)| b - a).collect();
    Some(PairedDifference {
        n: values.len() as u64,
        a: values.iter().map(|(a, _)| a).sum::<f64>() / n,
        b: values.iter().map(|(_, b)| b).sum::<f64>() / n,
        interval: bootstrap_mean(&differences, seed),
    })
}
