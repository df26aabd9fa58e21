//! What people are asked, in which order, and what has become of it.
//!
//! - [`split`]: whether a prompt is gold or for development;
//! - [`queue`]: what one labeller still has to do, with random sides and hidden repeats;
//! - [`progress`], [`stale`], [`p_b_by_people`];
//! - [`make`]: items from rows, prompts and rubrics.
//!
//! All of it is a function of the set's seed, so that each window and machine shows the same.

pub mod make;
mod order;
mod queue;

#[cfg(test)]
mod make_tests;
#[cfg(test)]
mod tests;

pub use order::{Order, Said, Usefulness, Why};
pub use queue::{Progress, Turn, progress, queue, recheck};

use rand_chacha::rand_core::RngCore as _;

use super::draw;
use crate::domain::{FirstShown, Label, LabelItem, LabelSet, PromptId, Split};

/// Whether a prompt's items are gold or for development.
///
/// It is drawn by seed and prompt alone, with the set's share of gold as its probability: all
/// items of a prompt are on one side, adding items moves none, and several sets of one seed share
/// their gold. The share that comes out is near the one asked for, ±1.96 √(g (1 − g) / prompts).
pub fn split(set: &LabelSet, prompt: &PromptId) -> Split {
    if uniform(set.seed, prompt, &["gold"]) < set.gold { Split::Gold } else { Split::Dev }
}

/// On which side an item's first answer is shown to a labeller; drawn anew for the hidden repeat.
pub fn side(set: &LabelSet, item: &LabelItem, labeller: &str, again: bool) -> FirstShown {
    if item.b.is_none() {
        return FirstShown::Left;
    }
    let time = if again { "again" } else { "first" };
    match uniform(set.seed, &item.prompt.id, &["side", &item.id, labeller, time]) < 0.5 {
        true => FirstShown::Left,
        false => FirstShown::Right,
    }
}

/// P(the second answer is better) by people: the mean over those who said which, or that neither
/// is; `None` where nobody did. `labels` are those of one item; repeats and labels taken back are
/// left out, so that each labeller counts once.
pub fn p_b_by_people<'l>(labels: impl IntoIterator<Item = &'l Label>) -> Option<f64> {
    let said: Vec<f64> = labels
        .into_iter()
        .filter(|label| !label.again)
        .filter_map(|label| label.answer?.p_b())
        .collect();
    (!said.is_empty()).then(|| said.iter().sum::<f64>() / said.len() as f64)
}

/// Whether a label was made under an older guide, or under another text of what the item is judged
/// by.
///
/// A label that does not say which guide was read (version 0, as imported ones) is not stale by
/// that; one that has no mark of a text, of an item that is judged by one, is.
pub fn stale(set: &LabelSet, item: &LabelItem, label: &Label) -> bool {
    (label.guide != 0 && label.guide < set.guide.version) || label.aspect != item.aspect_mark()
}

/// A number in 0..1 for one purpose of one prompt.
fn uniform(seed: u64, prompt: &PromptId, parts: &[&str]) -> f64 {
    let mut parts_of = vec!["labelling"];
    parts_of.extend(parts);
    // 53 bits, as many as an f64 holds.
    (draw::generator(seed, prompt, &parts_of).next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}
