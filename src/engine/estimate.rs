//! What a run will take, said before it is paid for: calls, dollars and time as ranges, what a kept
//! row costs, and what people would ask for the same labels. Pure functions over a pilot's rows.
//!
//! **Method.** A pilot's `k` rows stand for the `n` rows to come. Two things make the total
//! uncertain: the pilot's mean is not the true one, and the rows to come scatter. So each of
//! [`RESAMPLES`] draws takes `k` rows of the pilot with repetition (Efron and Tibshirani 1993,
//! chapter 6), widens its mean's distance from the pilot's by √(k/(k−1)) (the bootstrap's own
//! spread is too small by that) and by 1 + (z² + 1)/4(k−1), which is what Student's t adds to the
//! normal at these percentiles (Cornish and Fisher's first term), and adds the scatter of `n`
//! rows, normal with the pilot's spread. The range is the 10th to the 90th percentile of the
//! totals, the middle their median. Seeded, so that the same pilot always says the same.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::price::Price;
use crate::domain::{LabelRates, Method, ModelEntry, Prompt, Recipe, Row};
use crate::methods::CallsPlanned;
use crate::methods::calls_planned::answers_of;

/// How often the pilot's rows are drawn anew.
pub const RESAMPLES: usize = 2_000;

/// Seeds the estimate wherever it is shown, so that the same pilot says the same everywhere.
pub const SEED: u64 = 0;

/// The normal distribution's 90th percentile.
const Z90: f64 = 1.281_551_565_544_600_4;

/// A range: the 10th percentile, the median, the 90th percentile.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Range {
    /// Nine times in ten it is more.
    pub low: f64,
    /// As often more as less.
    pub mid: f64,
    /// Nine times in ten it is less.
    pub high: f64,
}

impl Range {
    fn scaled(self, by: f64) -> Self {
        Self { low: self.low * by, mid: self.mid * by, high: self.high * by }
    }
}

/// One row of a pilot.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PilotRow {
    /// US dollars of all calls behind it: failed attempts, and those it found paid for already.
    pub cost: f64,
    /// Calls behind it, likewise.
    pub calls: u64,
    /// Whether it would be exported: it has not failed, and nobody dropped it.
    pub is_kept: bool,
    /// What people would have been asked for it.
    pub labels: LabelCounts,
}

/// How fast a pilot went, and how fast the run may.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pace {
    /// Requests that the pilot sent; those answered from the journal took no time.
    pub calls: u64,
    /// Seconds that it took.
    pub seconds: f64,
    /// Rows that it had at work at once, 1 or more.
    pub rows_at_once: u64,
    /// Requests that the run may have in flight, 1 or more.
    pub at_once: u64,
    /// Requests a minute that it may send; `None`: any.
    pub per_minute: Option<u32>,
}

/// What a run of so many more rows will take.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// Rows that are still to be made.
    pub rows: u64,
    /// Calls.
    pub calls: Range,
    /// US dollars, of the models whose price is known.
    pub cost: Range,
    /// Seconds; `None` where the pilot sent nothing that could be timed.
    pub seconds: Option<Range>,
    /// US dollars a row.
    pub cost_per_row: Range,
    /// US dollars a row that is kept; `None` where too few are.
    pub cost_per_kept: Option<Range>,
    /// The share of the pilot's rows that are kept, 0..=1.
    pub kept: f64,
    /// What people would be asked for all these rows.
    pub labels: LabelCounts,
}

/// Labels, by what people are paid for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct LabelCounts {
    /// Answers written.
    pub completions: u64,
    /// Judgements: which of two answers is better, or how good one is.
    pub preferences: u64,
}

impl LabelCounts {
    /// What people would be asked for a row as it came out: an answer where it has a chain, a
    /// judgement for its pair, and one for each response scored. A row that failed has none.
    pub fn of_row(row: &Row) -> Self {
        if row.failure.is_some() {
            return Self::default();
        }
        Self {
            completions: u64::from(row.chain.is_some()),
            preferences: match &row.ranked {
                Some(ranked) => ranked.games.len() as u64,
                None => u64::from(row.pair.is_some()),
            } + row.scores.len() as u64,
        }
    }

    /// What people would be asked for so many rows of a recipe, every chain at its full length.
    pub fn planned(recipe: &Recipe, rows: u64) -> Self {
        let writes = !matches!(recipe.method, Method::Preference | Method::Score | Method::Votes);
        let judgements = match recipe.method {
            Method::Critique => 0,
            Method::ChainScore => 1 + u64::from(recipe.rounds),
            Method::Rank => recipe.pairing.games(answers_of(recipe), recipe.games),
            // Whatever else a recipe makes, it judges once.
            _ => 1,
        };
        Self { completions: if writes { rows } else { 0 }, preferences: judgements * rows }
    }
}

impl std::iter::Sum for LabelCounts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |all, one| Self {
            completions: all.completions + one.completions,
            preferences: all.preferences + one.preferences,
        })
    }
}

/// What people would be paid for these labels, lowest and highest, in US dollars.
pub fn people_cost(counts: LabelCounts, rates: LabelRates) -> (f64, f64) {
    let (completions, preferences) = (counts.completions as f64, counts.preferences as f64);
    (
        completions * rates.completion.0 + preferences * rates.preference.0,
        completions * rates.completion.1 + preferences * rates.preference.1,
    )
}

/// US dollars a kept row; `None` where none is kept.
pub fn per_kept(cost: f64, kept: u64) -> Option<f64> {
    (kept > 0).then(|| cost / kept as f64)
}

/// What `rows` more rows will take, from the rows of a pilot; see the module's head for how.
///
/// `None` where the pilot has fewer than two rows: one row says nothing of how rows differ.
pub fn from_pilot(pilot: &[PilotRow], rows: u64, pace: Pace, seed: u64) -> Option<Estimate> {
    let k = pilot.len();
    if k < 2 {
        return None;
    }
    let measured: Vec<[f64; 3]> = pilot
        .iter()
        .map(|row| [row.cost, row.calls as f64, f64::from(u8::from(row.is_kept))])
        .collect();
    let mean = means(&measured, 0..k);
    let spread = spreads(&measured, mean);
    let n = rows as f64;
    let rest = k as f64 - 1.0;
    let widened = (k as f64 / rest).sqrt() * (1.0 + (Z90 * Z90 + 1.0) / (4.0 * rest));
    let mut draws = Draws::new(seed);
    let (mut costs, mut calls, mut per_kept) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RESAMPLES {
        let drawn: Vec<usize> = (0..k).map(|_| draws.below(k)).collect();
        let drawn = means(&measured, drawn.into_iter());
        let mut total = |what: usize| {
            let middle = mean[what] + widened * (drawn[what] - mean[what]);
            (n * middle + n.sqrt() * spread[what] * draws.normal()).max(0.0)
        };
        let cost = total(0);
        costs.push(cost);
        calls.push(total(1));
        let kept = (n * drawn[2]).min(n);
        if kept > 0.0 {
            per_kept.push(cost / kept);
        }
    }
    let cost = range(costs)?;
    let calls = range(calls)?;
    let labels: LabelCounts = pilot.iter().map(|row| row.labels).sum();
    let scaled = |count: u64| (count as f64 * n / k as f64).round() as u64;
    Some(Estimate {
        rows,
        calls,
        cost,
        seconds: seconds(calls, pace),
        cost_per_row: if rows > 0 { cost.scaled(1.0 / n) } else { Range::default() },
        // A draw without any kept row has no price a row; with many of those there is no range.
        cost_per_kept: range(per_kept).filter(|_| mean[2] > 0.25 && rows > 0),
        kept: mean[2],
        labels: LabelCounts {
            completions: scaled(labels.completions),
            preferences: scaled(labels.preferences),
        },
    })
}

/// Seconds for so many calls. Slowest: as fast as the pilot went. Fastest: faster by as much as
/// more may be in flight. In any case no faster than the limit.
fn seconds(calls: Range, pace: Pace) -> Option<Range> {
    if pace.calls == 0 || pace.seconds <= 0.0 {
        return None;
    }
    let slow = pace.calls as f64 / pace.seconds;
    let fast = slow * (pace.at_once as f64 / pace.rows_at_once.max(1) as f64).max(1.0);
    let limit = pace.per_minute.map_or(f64::INFINITY, |calls| f64::from(calls) / 60.0);
    let (slow, fast) = (slow.min(limit), fast.min(limit));
    Some(Range {
        low: calls.low / fast,
        mid: calls.mid / (slow * fast).sqrt(),
        high: calls.high / slow,
    })
}

/// What a run takes at least and at most, before anything was asked.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Rough {
    /// Calls, failures and retries apart.
    pub calls: (u64, u64),
    /// US dollars; `None` where a model's price is unknown.
    pub cost: Option<(f64, f64)>,
}

/// Bounds from the prompts' lengths, the recipe and the price lists alone.
///
/// Least: every call reads little more than its prompt and answers with one token of the cheapest
/// model. Most: each answer has the greatest length, and each request holds the prompt, the
/// recipe's texts and three such answers, at the dearest model's price. That is an upper bound in
/// all but strange cases, and often ten times too high: a pilot says better.
pub fn rough(
    prompts: &[Prompt],
    recipe: &Recipe,
    per_row: CallsPlanned,
    models: &[&ModelEntry],
) -> Rough {
    /// Bytes of the longest words around a prompt: template, principle, criteria (by eye).
    const TEXTS: u64 = 8_192;
    /// Bytes of a token at most, for a least cost; English has about four.
    const MOST_BYTES: u64 = 8;
    let rows = prompts.len() as u64;
    let bytes: u64 = prompts
        .iter()
        .flat_map(|prompt| &prompt.messages)
        .map(|message| message.content.len() as u64)
        .sum();
    let calls = (per_row.least * rows, per_row.most * rows);
    let longest = u64::from(recipe.sampling.max_tokens);
    let prices: Option<Vec<Price>> = models.iter().map(|entry| Price::of(entry)).collect();
    let cost = prices.map(|prices| {
        let least = |price: &Price| {
            let usage = crate::domain::Usage {
                prompt_tokens: bytes.div_ceil(MOST_BYTES) / rows.max(1),
                completion_tokens: 1,
                ..crate::domain::Usage::default()
            };
            price.cost(usage)
        };
        let mean = bytes.div_ceil(rows.max(1));
        let most = |price: &Price| price.most(mean + TEXTS + 3 * longest, longest);
        let low = prices.iter().map(least).min().unwrap_or_default();
        let high = prices.iter().map(most).max().unwrap_or_default();
        (low.usd() * calls.0 as f64, high.usd() * calls.1 as f64)
    });
    Rough { calls, cost }
}

fn means(rows: &[[f64; 3]], places: impl Iterator<Item = usize>) -> [f64; 3] {
    let mut sums = [0.0; 3];
    let mut count = 0.0;
    for row in places.filter_map(|place| rows.get(place)) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
        count += 1.0;
    }
    sums.map(|sum| sum / f64::max(count, 1.0))
}

/// The sample's standard deviations.
fn spreads(rows: &[[f64; 3]], mean: [f64; 3]) -> [f64; 3] {
    let mut squares = [0.0; 3];
    for row in rows {
        for ((square, value), mean) in squares.iter_mut().zip(row).zip(mean) {
            *square += (value - mean).powi(2);
        }
    }
    squares.map(|square| (square / (rows.len() as f64 - 1.0)).sqrt())
}

/// The percentiles of values in any order, between neighbours by linear interpolation; `None`
/// where there are too few.
fn range(mut values: Vec<f64>) -> Option<Range> {
    if values.len() * 2 < RESAMPLES {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let at = share * (values.len() - 1) as f64;
        let (below, part) = (at.floor() as usize, at.fract());
        let above = (below + 1).min(values.len() - 1);
        values[below] + part * (values[above] - values[below])
    };
    Some(Range { low: at(0.1), mid: at(0.5), high: at(0.9) })
}

/// Seeded draws, by this file's own mapping, so that no library's change changes an estimate.
struct Draws(ChaCha8Rng);

impl Draws {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A whole number below `n`, evenly.
    fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// A number in 0..1, never 0.
    fn even(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A standard normal number (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let (a, b) = (self.even(), self.even());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::calls_planned;

    const PACE: Pace =
        Pace { calls: 40, seconds: 20.0, rows_at_once: 10, at_once: 40, per_minute: None };

    fn row(cost: f64) -> PilotRow {
        let labels = LabelCounts { completions: 1, preferences: 0 };
        PilotRow { cost, calls: 4, is_kept: true, labels }
    }

    #[test]
    fn the_range_holds_the_true_total_about_four_times_in_five() {
        // Costs as they are: skewed, some rows several times as dear as others.
        for (sigma, least, most) in [(0.2, 0.70, 0.92), (0.7, 0.66, 0.92)] {
            let mut draws = Draws::new(11);
            let mut held = 0;
            let trials = 100;
            for trial in 0..trials {
                let mut cost = || (sigma * draws.normal()).exp() / 100.0;
                let pilot: Vec<PilotRow> = (0..10).map(|_| row(cost())).collect();
                let truth: f64 = (0..2_000).map(|_| cost()).sum();
                let estimate = from_pilot(&pilot, 2_000, PACE, trial).unwrap();
                let Range { low, mid, high } = estimate.cost;
                assert!(low <= mid && mid <= high && low > 0.0);
                held += u32::from(low <= truth && truth <= high);
            }
            let share = f64::from(held) / trials as f64;
            assert!((least..most).contains(&share), "{sigma}: {share}");
        }
    }

    #[test]
    fn equal_rows_give_a_point_and_the_same_seed_the_same_range() {
        let pilot = [row(0.01); 10];
        let estimate = from_pilot(&pilot, 1_000, PACE, 1).unwrap();
        assert!(
            (estimate.cost.low - 10.0).abs() < 1e-9 && (estimate.cost.high - 10.0).abs() < 1e-9
        );
        assert!((estimate.calls.mid - 4_000.0).abs() < 1e-6);
        // 2 calls a second with 10 rows at work; with 40 in flight up to 8.
        let seconds = estimate.seconds.unwrap();
        assert!((seconds.low - 500.0).abs() < 1e-6 && (seconds.high - 2_000.0).abs() < 1e-6);
        assert_eq!(estimate.labels, LabelCounts { completions: 1_000, preferences: 0 });
        assert!((estimate.cost_per_kept.unwrap().mid - 0.01).abs() < 1e-9);
        let uneven: Vec<PilotRow> = (1..=10).map(|n| row(f64::from(n))).collect();
        let once = from_pilot(&uneven, 500, PACE, 3);
        assert_eq!(once, from_pilot(&uneven, 500, PACE, 3));
        assert!(once.unwrap().cost.high > once.unwrap().cost.low * 1.1);
        assert_eq!(from_pilot(&uneven[..1], 500, PACE, 3), None);
        assert!(from_pilot(&uneven, 0, PACE, 3).unwrap().cost.high <= 0.0);
    }

    #[test]
    fn limits_bound_the_pace_and_a_replayed_pilot_has_none() {
        let pilot = [row(0.01); 10];
        let slow = Pace { per_minute: Some(60), ..PACE };
        let estimate = from_pilot(&pilot, 100, slow, 1).unwrap();
        assert!((estimate.seconds.unwrap().low - 400.0).abs() < 1e-6);
        let replayed = Pace { calls: 0, ..PACE };
        assert_eq!(from_pilot(&pilot, 100, replayed, 1).unwrap().seconds, None);
    }

    #[test]
    fn rows_that_are_not_kept_make_the_others_dearer() {
        let mut pilot = [row(0.01); 10];
        for row in &mut pilot[..5] {
            row.is_kept = false;
        }
        let estimate = from_pilot(&pilot, 1_000, PACE, 1).unwrap();
        assert!((estimate.kept - 0.5).abs() < 1e-9);
        let kept = estimate.cost_per_kept.unwrap();
        assert!(kept.low < 0.02 && kept.high > 0.02 && kept.low > 0.01, "{kept:?}");
        let none = pilot.map(|row| PilotRow { is_kept: false, ..row });
        assert_eq!(from_pilot(&none, 1_000, PACE, 1).unwrap().cost_per_kept, None);
        assert_eq!(per_kept(3.0, 0), None);
        assert_eq!(per_kept(3.0, 2), Some(1.5));
    }

    #[test]
    fn people_are_paid_by_the_label() {
        let counts = LabelCounts { completions: 10, preferences: 100 };
        assert_eq!(people_cost(counts, LabelRates::default()), (150.0, 1_500.0));
        let rates = LabelRates { completion: (0.0, 0.0), preference: (2.0, 2.0) };
        assert_eq!(people_cost(counts, rates), (200.0, 200.0));
        let planned = |method| LabelCounts::planned(&Recipe::built_in(method), 10);
        let counts = |completions, preferences| LabelCounts { completions, preferences };
        assert_eq!(planned(Method::Critique), counts(10, 0));
        assert_eq!(planned(Method::Preference), counts(0, 10));
        assert_eq!(planned(Method::Score), counts(0, 10));
        assert_eq!(planned(Method::ChainScore), counts(10, 30));
        assert_eq!(LabelCounts::of_row(&Row::empty(&Prompt::of_text("p", "x"))), counts(0, 0));
    }

    #[test]
    fn bounds_without_a_pilot_hold_and_an_unknown_price_has_none() {
        let prompts = [Prompt::of_text("a", "x".repeat(800)), Prompt::of_text("b", "y")];
        let recipe = Recipe::built_in(Method::Critique);
        let planned = calls_planned(&recipe, None, None);
        let mut model = ModelEntry {
            kind: crate::domain::ModelKind::OpenAi,
            price_in: Some(1.0),
            price_out: Some(4.0),
            ..ModelEntry::embedded()
        };
        let bounds = rough(&prompts, &recipe, planned, &[&model]);
        assert_eq!(bounds.calls, (2, 2));
        let (low, high) = bounds.cost.unwrap();
        assert!(low > 0.0 && low < high && high < 1.0, "{low} {high}");
        let free = ModelEntry::embedded();
        assert_eq!(rough(&prompts, &recipe, planned, &[&free]).cost, Some((0.0, 0.0)));
        model.price_in = None;
        assert_eq!(rough(&prompts, &recipe, planned, &[&model, &free]).cost, None);
    }
}
