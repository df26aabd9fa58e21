//! The bootstrap over prompts, seeded.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::expansion::{effective, tail};

/// How often the prompts are drawn anew.
pub const RESAMPLES: usize = 1_000;

/// A 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies in it, its ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half its width.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The 95 % interval of a statistic over resampled items.
///
/// For each of [`RESAMPLES`] draws the statistic gets the places of the items drawn, with
/// repetition, as many as there are items; see [`bootstrap_clusters`].
pub fn bootstrap(
    items: usize,
    seed: u64,
    statistic: impl FnMut(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    bootstrap_clusters(&Clusters::each(items), seed, statistic)
}

/// The expanded percentile interval of a statistic over resampled clusters: what is drawn is the
/// prompt, and with it all its rows, whose places the statistic gets.
///
/// Davison and Hinkley 1997, *Bootstrap Methods and their Application*, section 3.8 (the first of
/// the two schemes), for the draws. The middle 95 % of these (Efron and Tibshirani 1993, section
/// 13.3) are too narrow where the data are few, and are expanded, see [`tail`]. Draws for which
/// there is no value are left out; `None` where there are fewer than two clusters or fewer than
/// half the draws have a value.
pub fn bootstrap_clusters(
    clusters: &Clusters,
    seed: u64,
    statistic: impl FnMut(&[usize]) -> Option<f64>,
) -> Option<Interval> {
    drawn_anew(clusters, seed, statistic).interval
}

/// An interval, and how much evidence there is for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DrawnAnew {
    /// That of [`bootstrap_clusters`].
    pub(super) interval: Option<Interval>,
    /// How many clusters carry the statistic's variance, see [`effective`].
    pub(super) effective: f64,
}

/// As [`bootstrap_clusters`]. Where [`DrawnAnew::effective`] is below
/// [`FEW`](super::expansion::FEW) another way is better, for those statistics that have one.
pub(super) fn drawn_anew(
    clusters: &Clusters,
    seed: u64,
    mut statistic: impl FnMut(&[usize]) -> Option<f64>,
) -> DrawnAnew {
    let mut values = Vec::with_capacity(RESAMPLES);
    resample(clusters, seed, |rows| values.extend(statistic(rows)));
    let mut left = Vec::with_capacity(BLOCKS);
    leave_out(clusters, |rows| left.extend(statistic(rows)));
    let effective = effective(&left);
    DrawnAnew { interval: interval_between(values, tail(effective, clusters.len())), effective }
}

/// The expanded percentile interval of a statistic's values over [`RESAMPLES`] draws of clusters.
///
/// So many as there are carry its variance alike. Values that are no number are left out, and
/// `None` is given where fewer than half are left.
pub fn interval_of(values: Vec<f64>, clusters: usize) -> Option<Interval> {
    interval_between(values, tail(clusters as f64, clusters))
}

/// The values from one tail of so much to the other.
fn interval_between(mut values: Vec<f64>, tail: f64) -> Option<Interval> {
    values.retain(|value| value.is_finite());
    if values.len() * 2 < RESAMPLES {
        return None;
    }
    values.sort_by(f64::total_cmp);
    Some(Interval { low: percentile(&values, tail), high: percentile(&values, 1.0 - tail) })
}

/// So many parts at most are left out in turn: each costs as much as a draw, and with more of them
/// an interval hardly changes.
const BLOCKS: usize = 200;

/// Calls `visit` with the rows of all clusters but one, for each, or but every two-hundredth where
/// there are more; not at all where there are fewer than two.
fn leave_out(clusters: &Clusters, mut visit: impl FnMut(&[usize])) {
    let groups = clusters.len();
    if groups < 2 {
        return;
    }
    let blocks = groups.min(BLOCKS);
    let mut rows = Vec::with_capacity(clusters.rows);
    for block in 0..blocks {
        clusters.fill(&mut rows, (0..groups).filter(|group| group % blocks != block));
        visit(&rows);
    }
}

/// Calls `visit` with the rows of each of [`RESAMPLES`] draws of the clusters; not at all where
/// there are fewer than two.
pub fn resample(clusters: &Clusters, seed: u64, mut visit: impl FnMut(&[usize])) {
    let groups = clusters.len();
    if groups < 2 {
        return;
    }
    let mut rows = Vec::with_capacity(clusters.rows);
    if RESAMPLES * groups <= KEPT {
        for draw in drawn(groups, seed).chunks_exact(groups) {
            clusters.fill(&mut rows, draw.iter().map(|group| *group as usize));
            visit(&rows);
        }
        return;
    }
    // The same draws, one at a time: all of a million prompts' would fill 4 GB.
    let mut draws = Draws::new(seed);
    for _ in 0..RESAMPLES {
        clusters.fill(&mut rows, (0..groups).map(|_| draws.below(groups)));
        visit(&rows);
    }
}

/// So many draws are kept, of 4 bytes each; those of more prompts are made again each time.
const KEPT: usize = 1_000_000;

/// Draws by how many clusters there are, and by the seed.
type Kept = BTreeMap<(usize, u64), Rc<[u32]>>;

thread_local! {
    /// The last draws. All numbers of a report draw the same prompts by the same seed, and drawing
    /// takes longer than most statistics of what was drawn.
    static LAST: RefCell<Kept> = const { RefCell::new(BTreeMap::new()) };
}

/// The clusters that each of [`RESAMPLES`] draws takes, one draw after the other; for no more of
/// them than are kept.
fn drawn(groups: usize, seed: u64) -> Rc<[u32]> {
    let known = LAST.with_borrow(|last| last.get(&(groups, seed)).cloned());
    known.unwrap_or_else(|| {
        let mut draws = Draws::new(seed);
        let drawn: Rc<[u32]> =
            (0..RESAMPLES * groups).map(|_| draws.below(groups) as u32).collect();
        LAST.with_borrow_mut(|last| {
            let kept: usize = last.values().map(|one| one.len()).sum();
            if kept + drawn.len() > KEPT {
                last.clear();
            }
            last.insert((groups, seed), Rc::clone(&drawn));
        });
        drawn
    })
}

/// Which rows belong to one prompt, so that they are drawn together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clusters {
    groups: Vec<Vec<usize>>,
    rows: usize,
}

impl Clusters {
    /// Each row by itself.
    pub fn each(rows: usize) -> Self {
        Self { groups: (0..rows).map(|row| vec![row]).collect(), rows }
    }

    /// Rows of the same key together, keys in their order.
    pub fn by<K: Ord>(keys: impl IntoIterator<Item = K>) -> Self {
        let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        let mut rows = 0;
        for key in keys {
            groups.entry(key).or_default().push(rows);
            rows += 1;
        }
        Self { groups: groups.into_values().collect(), rows }
    }

    /// How many clusters there are.
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// The rows of each cluster.
    pub fn groups(&self) -> &[Vec<usize>] {
        &self.groups
    }

    /// How many rows there are in all.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Puts the rows of the clusters drawn in the place of what is there.
    fn fill(&self, rows: &mut Vec<usize>, draw: impl Iterator<Item = usize>) {
        rows.clear();
        for group in draw {
            match self.groups[group].as_slice() {
                [row] => rows.push(*row),
                many => rows.extend_from_slice(many),
            }
        }
    }

    /// The rows of two halves of the clusters (the first has the odd one), drawn by a seed; each
    /// half in the rows' order. A prompt is never in both.
    pub fn halves(&self, seed: u64) -> (Vec<usize>, Vec<usize>) {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        let mut draws = Draws::new(seed);
        // Fisher and Yates, from the end.
        for place in (1..order.len()).rev() {
            order.swap(place, draws.below(place + 1));
        }
        let half = order.len().div_ceil(2);
        let rows = |part: &[usize]| {
            let mut rows: Vec<usize> =
                part.iter().flat_map(|group| self.groups[*group].iter().copied()).collect();
            rows.sort_unstable();
            rows
        };
        (rows(&order[..half]), rows(&order[half..]))
    }

    /// The clusters of some of the rows only, numbered anew in the order given.
    pub fn only(&self, rows: &[usize]) -> Self {
        let mut group_of = vec![usize::MAX; self.rows];
        for (group, members) in self.groups.iter().enumerate() {
            for row in members {
                group_of[*row] = group;
            }
        }
        Self::by(rows.iter().map(|row| group_of.get(*row).copied().unwrap_or(usize::MAX)))
    }
}

/// The interval of a mean.
pub fn bootstrap_mean(values: &[f64], seed: u64) -> Option<Interval> {
    bootstrap(values.len(), seed, |places| {
        Some(places.iter().map(|place| values[*place]).sum::<f64>() / places.len() as f64)
    })
}

/// A percentile of sorted values, between neighbours by linear interpolation, as numpy's default
/// (Hyndman and Fan 1996, definition 7); `share` is 0..=1, and there is at least one value.
pub(super) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = share * (sorted.len() - 1) as f64;
    let (below, part) = (at.floor() as usize, at.fract());
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + part * (sorted[above] - sorted[below])
}

/// Whole numbers and shares drawn evenly.
pub(super) struct Draws(ChaCha8Rng);

impl Draws {
    pub(super) fn new(seed: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number below `n`: the high half of a product, so that no library's change of its own
    /// mapping changes what was drawn (the bias is below n / 2⁶⁴).
    pub(super) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.0.next_u64()) * n as u128) >> 64) as usize
    }

    /// A number of 0..1.
    #[cfg(test)]
    pub(super) fn share(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
