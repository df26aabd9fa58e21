//! Two raters of the same items: raw agreement, what a constant guess would reach, and Cohen's κ.

use super::super::binomial::wilson;
use super::super::bootstrap::{Clusters, Interval, drawn_anew};
use super::super::estimate::{Estimate, Measured, Unknown, enough};
use super::super::expansion::FEW;

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// How much two categories differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// Not at all or fully: for categories without an order.
    Equal,
    /// By how many categories lie between.
    Linear,
    /// By the square of that: for ordinal scales.
    Quadratic,
}

impl Weights {
    /// How much two of `k` categories agree, 0..=1.
    pub(super) fn agreement(self, a: usize, b: usize, k: usize) -> f64 {
        let apart = a.abs_diff(b) as f64 / k.saturating_sub(1).max(1) as f64;
        match self {
            Self::Equal => f64::from(u8::from(a == b)),
            Self::Linear => 1.0 - apart,
            Self::Quadratic => 1.0 - apart * apart,
        }
    }
}

/// Two raters' labels of the same rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwoRaters {
    labels: Vec<(usize, usize)>,
    categories: usize,
    clusters: Clusters,
}

impl TwoRaters {
    /// Labels `(a, b)`, each below `categories`; `clusters` say which rows are of one prompt.
    ///
    /// # Errors
    ///
    /// [`Unknown::OutOfRange`] for a label that is no category, [`Unknown::Uneven`] where the
    /// clusters are of another number of rows.
    pub fn new(
        categories: usize,
        labels: Vec<(usize, usize)>,
        clusters: Clusters,
    ) -> Measured<Self> {
        super::super::estimate::same_rows(labels.len(), clusters.rows())?;
        if let Some(row) = labels.iter().position(|(a, b)| *a.max(b) >= categories) {
            return Err(Unknown::OutOfRange { row: row as u64 });
        }
        Ok(Self { labels, categories, clusters })
    }

    /// Labels `(a, b)` with the prompt of each; a label beyond the categories adds to them.
    pub fn by_prompt<K: Ord>(
        categories: usize,
        rows: impl IntoIterator<Item = (K, (usize, usize))>,
    ) -> Self {
        let (prompts, labels): (Vec<K>, Vec<(usize, usize)>) = rows.into_iter().unzip();
        let highest = labels.iter().map(|(a, b)| a.max(b) + 1).max().unwrap_or(0);
        Self { labels, categories: categories.max(highest), clusters: Clusters::by(prompts) }
    }

    /// The labels.
    pub fn labels(&self) -> &[(usize, usize)] {
        &self.labels
    }

    /// How many categories there are.
    pub fn categories(&self) -> usize {
        self.categories
    }

    /// Which rows are of one prompt.
    pub fn clusters(&self) -> &Clusters {
        &self.clusters
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// All rows, counted.
    pub fn table(&self) -> Table {
        Table::of(self.categories, self.labels.iter().copied())
    }

    /// Some of the rows, counted; a row named twice counts twice.
    pub(super) fn table_of(&self, rows: &[usize]) -> Table {
        Table::of(self.categories, rows.iter().map(|row| self.labels[*row]))
    }

    /// Some of the rows, by themselves.
    pub(super) fn only(&self, rows: &[usize]) -> Self {
        Self {
            labels: rows.iter().map(|row| self.labels[*row]).collect(),
            categories: self.categories,
            clusters: self.clusters.only(rows),
        }
    }

    /// The share of rows that hold, with its interval over prompts.
    fn share(&self, seed: u64, holds: impl Fn(&(usize, usize)) -> bool) -> Measured {
        enough(self.len(), 1)?;
        let hits: Vec<f64> =
            self.labels.iter().map(|row| f64::from(u8::from(holds(row)))).collect();
        Ok(share_of(&hits, &self.clusters, seed))
    }
}

/// The mean of values of 0..=1 with its interval over clusters; Wilson's where they are the same in
/// all clusters but a few, which no drawing can tell from certainty. There is at least one value.
pub(in crate::stats) fn share_of(values: &[f64], clusters: &Clusters, seed: u64) -> Estimate {
    let n = values.len() as f64;
    let value = values.iter().sum::<f64>() / n;
    let drawn = drawn_anew(clusters, seed, |rows| {
        Some(rows.iter().map(|row| values[*row]).sum::<f64>() / rows.len() as f64)
    });
    // Rows of one prompt are one piece of evidence, where Wilson knows of no clusters.
    let by_formula = || wilson(value, clusters.len() as u64);
    let interval = drawn.interval.filter(|_| drawn.effective >= FEW).or_else(by_formula);
    Estimate { value, interval, n: values.len() as u64 }
}

/// How often each pair of labels was given.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Table {
    /// Row by row: the first rater's category, then the second's.
    counts: Vec<f64>,
    categories: usize,
}

/// Cohen's κ of a table.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Kappa {
    /// κ, −1..=1.
    pub value: f64,
    /// Its asymptotic standard error.
    pub standard_error: f64,
}

impl Kappa {
    /// κ ± 1.96 standard errors, as `statsmodels` gives it (it may leave −1..=1).
    pub fn interval(&self) -> Interval {
        let spread = Z * self.standard_error;
        Interval { low: self.value - spread, high: self.value + spread }
    }
}

impl Table {
    /// Counts pairs of labels below `categories`.
    pub fn of(categories: usize, labels: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let mut counts = vec![0.0; categories * categories];
        for (a, b) in labels {
            counts[a * categories + b] += 1.0;
        }
        Self { counts, categories }
    }

    /// How often the raters said `(a, b)`.
    pub fn count(&self, a: usize, b: usize) -> u64 {
        self.counts.get(a * self.categories + b).copied().unwrap_or(0.0) as u64
    }

    /// All rows.
    pub fn n(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// The share of rows on which both say the same, 0..=1.
    pub fn raw_agreement(&self) -> f64 {
        (0..self.categories).map(|k| self.counts[k * self.categories + k]).sum::<f64>() / self.n()
    }

    /// Each rater's share of each category.
    fn margins(&self) -> (Vec<f64>, Vec<f64>) {
        let (k, n) = (self.categories, self.n());
        let first = (0..k).map(|a| self.counts[a * k..(a + 1) * k].iter().sum::<f64>() / n);
        let second = (0..k).map(|b| (0..k).map(|a| self.counts[a * k + b]).sum::<f64>() / n);
        (first.collect(), second.collect())
    }

    /// κ = (pₒ − pₑ) / (1 − pₑ) with weighted agreements.
    ///
    /// Cohen 1960 and 1968; the standard error is that of Fleiss, Cohen and Everitt 1969 (*Large
    /// sample standard errors of kappa and weighted kappa*, Psychological Bulletin 72), which
    /// `statsmodels.stats.inter_rater.cohens_kappa` gives, too.
    ///
    /// # Errors
    ///
    /// [`Unknown::TooFew`] without a row; [`Unknown::Constant`] where both gave one and the same
    /// category throughout, so that chance agrees as often.
    pub fn kappa(&self, weights: Weights) -> Measured<Kappa> {
        let (k, n) = (self.categories, self.n());
        if n < 1.0 {
            return Err(Unknown::TooFew { n: 0, least: 1 });
        }
        let (first, second) = self.margins();
        let weight = |a, b| weights.agreement(a, b, k);
        let row: Vec<f64> =
            (0..k).map(|a| (0..k).map(|b| weight(a, b) * second[b]).sum()).collect();
        let column: Vec<f64> =
            (0..k).map(|b| (0..k).map(|a| weight(a, b) * first[a]).sum()).collect();
        let expected: f64 = (0..k).map(|a| first[a] * row[a]).sum();
        if expected >= 1.0 - 1e-12 {
            return Err(Unknown::Constant);
        }
        let cells = || (0..k).flat_map(|a| (0..k).map(move |b| (a, b)));
        let share = |a: usize, b: usize| self.counts[a * k + b] / n;
        let observed: f64 = cells().map(|(a, b)| weight(a, b) * share(a, b)).sum();
        let value = (observed - expected) / (1.0 - expected);
        let spread: f64 = cells()
            .map(|(a, b)| {
                share(a, b) * (weight(a, b) - (row[a] + column[b]) * (1.0 - value)).powi(2)
            })
            .sum();
        let variance =
            (spread - (value - expected * (1.0 - value)).powi(2)) / ((1.0 - expected).powi(2) * n);
        Ok(Kappa { value, standard_error: variance.max(0.0).sqrt() })
    }
}

/// Cohen's κ of two raters, its interval by drawing the prompts anew; see [`Table::kappa`].
///
/// Where both agree on every row no drawing can tell luck from certainty: the interval's ends are
/// then κ at those of Wilson's interval of the raw agreement; so they are for categories without an
/// order where but a few prompts differ.
///
/// # Errors
///
/// Those of [`Table::kappa`].
pub fn cohen_kappa(raters: &TwoRaters, weights: Weights, seed: u64) -> Measured {
    let table = raters.table();
    let value = table.kappa(weights)?.value;
    let drawn = drawn_anew(&raters.clusters, seed, |rows| {
        Some(raters.table_of(rows).kappa(weights).ok()?.value)
    });
    let agree = raters.labels.iter().all(|(a, b)| a == b);
    let few = weights == Weights::Equal && drawn.effective < FEW;
    let interval = if agree || few {
        let raw = table.raw_agreement();
        wilson(raw, raters.clusters.len() as u64).map(|agreed| {
            let (first, second) = table.margins();
            let expected: f64 = first.iter().zip(&second).map(|(a, b)| a * b).sum();
            let kappa = |agreed: f64| ((agreed - expected) / (1.0 - expected)).max(-1.0);
            Interval { low: kappa(agreed.low), high: kappa(agreed.high) }
        })
    } else {
        drawn.interval
    };
    Ok(Estimate { value, interval, n: raters.len() as u64 })
}

/// The share of rows on which both say the same, 0..=1, with its interval over prompts.
///
/// # Errors
///
/// [`Unknown::TooFew`] without a row.
pub fn raw_agreement(raters: &TwoRaters, seed: u64) -> Measured {
    raters.share(seed, |(a, b)| a == b)
}

/// How often one would be right who always said the second rater's (the people's) most frequent
/// category, 0..=1: what a judge must beat.
///
/// # Errors
///
/// [`Unknown::TooFew`] without a row.
pub fn constant_guess(raters: &TwoRaters) -> Measured<f64> {
    enough(raters.len(), 1)?;
    let (_, second) = raters.table().margins();
    Ok(second.into_iter().fold(0.0, f64::max))
}

/// κ with chance held at one in `categories`: (k pₒ − 1) / (k − 1), −1..=1.
///
/// Byrt, Bishop and Carlin 1993, *Bias, prevalence and kappa*: 2pₒ − 1 for two categories. The
/// right one where sides were shown in random order, since a rater who always said “left” has
/// κ = 0 by construction otherwise (as Feedback Forensics does), and the one to read beside κ
/// where the base rate is beyond 80/20.
///
/// # Errors
///
/// [`Unknown::TooFew`] without a row, [`Unknown::Constant`] for fewer than two categories.
pub fn pabak(raters: &TwoRaters, seed: u64) -> Measured {
    let raw = raw_agreement(raters, seed)?;
    if raters.categories < 2 {
        return Err(Unknown::Constant);
    }
    let k = raters.categories as f64;
    let of = |agreed: f64| (k * agreed - 1.0) / (k - 1.0);
    let interval = raw.interval.map(|i| Interval { low: of(i.low), high: of(i.high) });
    Ok(Estimate { value: of(raw.value), interval, n: raw.n })
}
