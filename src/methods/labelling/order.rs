//! In which order items come: what a label tells most of, first.

use crate::domain::{LabelItem, LabelSet, Split};

use super::{split, uniform};

/// In which order items come.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// As the file has them.
    AsIs,
    /// Drawn by the set's seed, the labeller and the item.
    Random,
    /// Development items by how much a label of them tells about the judge, then gold at random.
    ///
    /// Gold is left in a random order on purpose: what is reported on may not be chosen by the
    /// judge that it reports on, or agreement comes out lower than it is. One entry for each item.
    MostUseful(Vec<Usefulness>),
    /// For a corrected pass rate: items that the judge fails come with this share, those that it
    /// passes with the rest, each drawn at random, then those that it did not judge.
    ///
    /// The share is `stats::calibration::share_to_label_failing`'s (Lee et al. 2025,
    /// arXiv:2511.21140). One entry for each item.
    Allocated {
        /// What the judge said of each item.
        items: Vec<Usefulness>,
        /// The share of failing items among those labelled, 0..=1.
        failing: f64,
    },
}

/// What judges said of one item, as far as it matters for what to label next. All probabilities
/// are 0..=1 and of the same thing: that the second answer is better, or that the answer passes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    /// What all in all came out.
    pub p: Option<f64>,
    /// With the answers in their order.
    pub p_ab: Option<f64>,
    /// With the answers swapped, turned back to mean the same.
    pub p_ba: Option<f64>,
    /// By each judge of several.
    pub judges: Vec<f64>,
}

/// Why a label of an item tells much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The judge says another thing when the answers are swapped.
    OrdersDisagree,
    /// Several judges are split.
    JudgesSplit,
    /// The judge is near one half.
    NearHalf,
}

/// How much a label of an item tells about the judge.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Usefulness {
    /// 0..=1, the most useful highest; `None` where no judge said anything.
    pub score: Option<f64>,
    /// What makes it so; `None` under a score of one half.
    pub why: Option<Why>,
    /// Whether the judge passes it (p above one half); `None` where it did not say.
    pub passes: Option<bool>,
}

impl Usefulness {
    /// The largest of three doubts, each 0..=1 (judgement): the distance of the two orders; four
    /// times the variance between judges, which is 1 where half of them are sure of either; and
    /// 1 − 2 |p − ½|.
    pub fn of(said: &Said) -> Self {
        let orders = said.p_ab.zip(said.p_ba);
        let gap = orders.map(|(ab, ba)| (ab - ba).abs().min(1.0));
        let split = (said.judges.len() >= 2).then(|| {
            let n = said.judges.len() as f64;
            let mean = said.judges.iter().sum::<f64>() / n;
            let variance = said.judges.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / n;
            (4.0 * variance).min(1.0)
        });
        let mean_of = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let p = said
            .p
            .or_else(|| orders.map(|(ab, ba)| f64::midpoint(ab, ba)))
            .or_else(|| (!said.judges.is_empty()).then(|| mean_of(&said.judges)));
        let near = p.map(|p| 1.0 - 2.0 * (p - 0.5).abs());
        let doubts = [(gap, Why::OrdersDisagree), (split, Why::JudgesSplit), (near, Why::NearHalf)];
        let most = doubts
            .into_iter()
            .filter_map(|(doubt, why)| Some((doubt.filter(|doubt| doubt.is_finite())?, why)))
            // The first of equals: a flip says more than a number near one half.
            .reduce(|most, next| if next.0 > most.0 { next } else { most });
        Self {
            score: most.map(|(doubt, _)| doubt),
            why: most.filter(|(doubt, _)| *doubt >= 0.5).map(|(_, why)| why),
            passes: p.map(|p| p > 0.5),
        }
    }
}

/// The places of all items in the order wished for.
pub(super) fn places(
    set: &LabelSet,
    items: &[LabelItem],
    labeller: &str,
    order: &Order,
) -> Vec<usize> {
    let random = |index: usize| {
        let item = &items[index];
        uniform(set.seed, &item.prompt.id, &["order", &item.id, labeller])
    };
    let mut drawn: Vec<(f64, usize)> = (0..items.len()).map(|at| (random(at), at)).collect();
    drawn.sort_by(|one, other| one.0.total_cmp(&other.0));
    let drawn = drawn.into_iter().map(|(_, at)| at);
    match order {
        Order::AsIs => (0..items.len()).collect(),
        Order::Random => drawn.collect(),
        Order::MostUseful(useful) => {
            let score = |at: usize| useful.get(at).and_then(|one| one.score).unwrap_or(-1.0);
            let (mut dev, gold): (Vec<usize>, Vec<usize>) =
                drawn.partition(|at| split(set, &items[*at].prompt.id) == Split::Dev);
            dev.sort_by(|one, other| score(*other).total_cmp(&score(*one)));
            dev.into_iter().chain(gold).collect()
        }
        Order::Allocated { items: judged, failing } => {
            let passes = |at: &usize| judged.get(*at).and_then(|one| one.passes);
            let drawn: Vec<usize> = drawn.collect();
            let of = |wanted: Option<bool>| {
                drawn.iter().copied().filter(move |at| passes(at) == wanted).collect::<Vec<_>>()
            };
            let mut all = mixed(&of(Some(false)), &of(Some(true)), failing.clamp(0.0, 1.0));
            all.extend(of(None));
            all
        }
    }
}

/// Both lists in their order, so that after each item the share of the first list's is as near to
/// `share` as can be, while there are some of both.
fn mixed(first: &[usize], second: &[usize], share: f64) -> Vec<usize> {
    let mut all = Vec::with_capacity(first.len() + second.len());
    let (mut taken, mut other) = (0, 0);
    while taken < first.len() || other < second.len() {
        let wanted = share * (all.len() + 1) as f64;
        let is_first = other == second.len()
            || (taken < first.len() && (taken as f64 + 0.5 < wanted || share >= 1.0));
        if is_first {
            all.push(first[taken]);
            taken += 1;
        } else {
            all.push(second[other]);
            other += 1;
        }
    }
    all
}
