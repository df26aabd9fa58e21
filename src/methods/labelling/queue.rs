//! What one labeller still has to do, and how far they are.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::order::{Order, places};
use super::{side, stale, uniform};
use crate::domain::{FirstShown, Label, LabelItem, LabelSet};

/// A hidden repeat comes at least so many turns after its first, where there are enough
/// (judgement: more than anybody holds in mind).
const LEAST_GAP: usize = 8;

/// One item in front of a labeller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Its place in the list of items.
    pub item: usize,
    /// Whether it is the hidden repeat; nothing on the screen may say so.
    pub again: bool,
    /// Where its first answer is to be shown; [`FirstShown::Left`] where there is one answer.
    pub first: FirstShown,
}

/// How far a labeller is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Turns done, hidden repeats among them.
    pub done: usize,
    /// Turns in all.
    pub total: usize,
    /// The median time of a turn, in seconds; `None` until one is known.
    pub seconds: Option<f64>,
    /// What is left at that pace, in minutes.
    pub minutes_left: Option<f64>,
}

/// What a labeller still has to do, in order: items without a label of theirs, and the hidden
/// repeats of a share of the items.
///
/// `labels` may be those of all; they are to be in the order in which they were made, as
/// `LabelBook::labels` are. A repeat comes [`LEAST_GAP`] turns or more after its item where there
/// are so many, and never right after it: where nothing can come between, it is left out until
/// something does. The queue does not change by being worked off: what is second now is first
/// after the next label.
pub fn queue(
    set: &LabelSet,
    items: &[LabelItem],
    labels: &[Label],
    labeller: &str,
    order: &Order,
) -> Vec<Turn> {
    let at: BTreeMap<&str, usize> =
        items.iter().enumerate().map(|(at, item)| (item.id.as_str(), at)).collect();
    let done: Vec<(usize, bool)> = labels
        .iter()
        .filter(|label| label.labeller == labeller && label.answer.is_some())
        .filter_map(|label| Some((*at.get(label.item.as_str())?, label.again)))
        .collect();
    let repeated = repeated(set, items, labeller);
    let is_done: BTreeSet<(usize, bool)> = done.iter().copied().collect();
    let open: VecDeque<usize> = places(set, items, labeller, order)
        .into_iter()
        .filter(|at| !is_done.contains(&(*at, false)))
        .collect();
    let gap = |at: usize| {
        let least = LEAST_GAP.min(items.len() / 2).max(1);
        let spread = uniform(set.seed, &items[at].prompt.id, &["gap", &items[at].id, labeller]);
        least + (spread * (least + 1) as f64) as usize
    };
    let mut plan = Plan { turns: 0, last: None, waiting: VecDeque::new(), out: Vec::new() };
    for (item, again) in done {
        plan.turns += 1;
        plan.last = Some(item);
        if !again && repeated.contains(&item) && !is_done.contains(&(item, true)) {
            plan.waiting.push_back((plan.turns + gap(item), item));
        }
    }
    plan.fill(open, |item| repeated.contains(&item) && !is_done.contains(&(item, true)), gap);
    let turn = |(item, again): (usize, bool)| Turn {
        item,
        again,
        first: side(set, &items[item], labeller, again),
    };
    plan.out.into_iter().map(turn).collect()
}

/// A queue in the making.
struct Plan {
    /// Turns so far, those that are done included.
    turns: usize,
    /// The item of the last one.
    last: Option<usize>,
    /// Repeats with the turn before which they don't come.
    waiting: VecDeque<(usize, usize)>,
    out: Vec<(usize, bool)>,
}

impl Plan {
    fn fill(
        &mut self,
        mut open: VecDeque<usize>,
        comes_again: impl Fn(usize) -> bool,
        gap: impl Fn(usize) -> usize,
    ) {
        while let Some(next) = open.pop_front() {
            if let Some(due) = self.due(self.turns) {
                self.push(due, true);
                open.push_front(next);
                continue;
            }
            // Its own repeat would come right after the last item, so the turn before it does.
            let is_tight = comes_again(next) && open.is_empty() && self.waiting.is_empty();
            match self.out.len().checked_sub(1) {
                Some(before) if is_tight => {
                    self.out.insert(before, (next, false));
                    self.turns += 1;
                }
                _ => self.push(next, false),
            }
            if comes_again(next) {
                self.waiting.push_back((self.turns + gap(next), next));
            }
        }
        while let Some(late) = self.due(usize::MAX) {
            self.push(late, true);
        }
    }

    /// The next repeat that may come now.
    fn due(&mut self, now: usize) -> Option<usize> {
        let last = self.last;
        let may = |(due, item): &(usize, usize)| *due <= now && Some(*item) != last;
        let at = self.waiting.iter().position(may)?;
        self.waiting.remove(at).map(|(_, item)| item)
    }

    fn push(&mut self, item: usize, again: bool) {
        self.turns += 1;
        self.last = Some(item);
        self.out.push((item, again));
    }
}

/// The items that come to a labeller a second time: the set's share, rounded, drawn by the seed.
fn repeated(set: &LabelSet, items: &[LabelItem], labeller: &str) -> BTreeSet<usize> {
    let share = if set.repeats.is_finite() { set.repeats.clamp(0.0, 1.0) } else { 0.0 };
    let many = (share * items.len() as f64).round() as usize;
    let draw = |at: usize| {
        let item = &items[at];
        uniform(set.seed, &item.prompt.id, &["again", &item.id, labeller])
    };
    let mut drawn: Vec<(f64, usize)> = (0..items.len()).map(|at| (draw(at), at)).collect();
    drawn.sort_by(|one, other| one.0.total_cmp(&other.0));
    drawn.into_iter().take(many).map(|(_, at)| at).collect()
}

/// The items whose label by this labeller is stale, in the file's order, to be looked at again: a
/// new label takes the old one's place.
pub fn recheck(set: &LabelSet, items: &[LabelItem], labels: &[Label], labeller: &str) -> Vec<Turn> {
    let is_stale = |item: &LabelItem| {
        labels.iter().any(|label| {
            label.labeller == labeller
                && label.item == item.id
                && !label.again
                && label.answer.is_some()
                && stale(set, item, label)
        })
    };
    let turn =
        |(at, item)| Turn { item: at, again: false, first: side(set, item, labeller, false) };
    items.iter().enumerate().filter(|(_, item)| is_stale(item)).map(turn).collect()
}

/// How far a labeller is with a queue of which `left` turns are left.
///
/// The time of a turn is the median over their labels of the set: a coffee between two labels
/// does not count.
pub fn progress(items: &[LabelItem], labels: &[Label], labeller: &str, left: usize) -> Progress {
    let known: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let own: Vec<&Label> = labels
        .iter()
        .filter(|label| label.labeller == labeller && label.answer.is_some())
        .filter(|label| known.contains(label.item.as_str()))
        .collect();
    let mut times: Vec<f64> = own
        .iter()
        .filter_map(|label| label.seconds)
        .filter(|seconds| seconds.is_finite() && *seconds > 0.0)
        .collect();
    times.sort_by(f64::total_cmp);
    let seconds = match times.len() {
        0 => None,
        n if n % 2 == 1 => Some(times[n / 2]),
        n => Some(f64::midpoint(times[n / 2 - 1], times[n / 2])),
    };
    let minutes_left = seconds.map(|seconds| seconds * left as f64 / 60.0);
    Progress { done: own.len(), total: own.len() + left, seconds, minutes_left }
}
